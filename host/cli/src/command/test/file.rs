//! One test file: read, run, and what came of it.

use std::num::NonZeroUsize;
use std::path::Path;

use portolan_api::ObjectKey;
use portolan_local::{Located, read_document};
use portolan_plan::{Previous, Template};
use portolan_policytest::{
    Breach, Case, Miss, NotFound, Property, Rule, Scene, Subject, Suite, breaches, check, unlike,
};
use serde_json::Value;

use crate::arguments::TestArguments;
use crate::command::test::given::{Given, Reader};
use crate::command::test::outcome::{Compared, Failure, Outcome, Outcomes, Status};
use crate::command::test::unreadable;
use crate::findings::Findings;
use crate::shelf::Shelf;

/// Runs a file's tests, and holds its inputs to the properties.
pub fn run(file: &Path, arguments: &TestArguments, workers: NonZeroUsize, shelf: &mut Shelf) -> Outcomes {
    let name = file.display().to_string();
    let broken = |at: String, what: String| Outcomes {
        file: name.clone(),
        tests: vec![Outcome::new(
            "the test file can be read".into(),
            at.clone(),
            vec![Failure::said(at, what, Vec::new())],
        )],
        warnings: Vec::new(),
    };
    let document = match read_document(file) {
        Ok(document) => document,
        Err(error) => return broken(name.clone(), unreadable(&error)),
    };
    let suite = match Suite::read(&document.value) {
        Ok(suite) => suite,
        Err(problem) => {
            let at = document.place_of(&problem.at, &problem.message).to_string();
            return broken(at, problem.to_string());
        }
    };
    let reader = Reader::new(file, &suite, &document, arguments, workers);
    let inputs = reader.read(&suite.inputs, "inputs");
    let given = reader.give(inputs.clone(), shelf);
    let mut run = Run { document: &document, tests: Vec::new(), properties: Vec::new() };
    for (index, case) in suite.tests.iter().enumerate() {
        let at = format!("tests[{index}]");
        if case.inputs.is_empty() {
            run.case(case, &at, &given, true);
        } else {
            let own = reader.read(&case.inputs, &format!("{at}.inputs"));
            let given = reader.give(inputs.clone().overlaid_with(own), shelf);
            run.case(case, &at, &given, false);
            run.hold(case.template.as_ref().and_then(|which| given.scene.template(which).ok()), case, &given);
        }
    }
    let said = given.said(None);
    let looked_at =
        |stated: fn(&Case) -> bool| suite.tests.iter().any(|case| case.inputs.is_empty() && stated(case));
    if !said.errors.is_empty() && !looked_at(|case| case.errors.is_some()) {
        let at = document.place_of("inputs", "").to_string();
        let failure = Failure::said(at.clone(), "`plan` says of it", said.errors);
        run.tests.push(Outcome::new("the input is in order".into(), at, vec![failure]));
    }
    let before: Vec<Previous> = suite.tests.iter().map(previous).collect();
    let nowhere = Previous::default();
    let mut subjects: Vec<Subject<'_>> =
        given.scene.templates.iter().map(|template| (template, &nowhere)).collect();
    subjects.extend(suite.tests.iter().zip(&before).filter_map(|(case, before)| {
        let known = case.previous.is_some() && case.inputs.is_empty();
        let template = case.template.as_ref().filter(|_| known)?;
        Some((given.scene.template(template).ok()?, before))
    }));
    run.properties(&suite, &given.scene, &subjects);
    let warnings = if looked_at(|case| case.warnings.is_some()) { Vec::new() } else { said.warnings };
    Outcomes { file: name, tests: run.tests, warnings }
}

struct Run<'a> {
    document: &'a Located<Value>,
    tests: Vec<Outcome>,
    /// What was found of tests with inputs of their own.
    properties: Vec<(Property, Vec<Breach>, usize)>,
}

impl Run<'_> {
    fn case(&mut self, case: &Case, at: &str, given: &Given, shared: bool) {
        let mut failures = Vec::new();
        let before = previous(case);
        let found = case.template.as_ref().map(|which| given.scene.template(which));
        let template = match found {
            Some(Ok(template)) => Some(template),
            Some(Err(why)) => {
                failures.push(self.not_found(at, &why, &given.scene));
                None
            }
            None => None,
        };
        if let Some(template) = template {
            let (_, answer) = given.scene.answer(given.world(), template, &before);
            failures.extend(check(case, &answer).into_iter().map(|miss| self.missed(at, miss)));
        }
        let Case { warnings, errors, .. } = case;
        // Of inputs that several tests share, errors are said once.
        if warnings.is_some() || errors.is_some() || !shared {
            let Findings { warnings: warned, errors: wrong, .. } =
                given.said(template.map(|template| (&template.key, &before)));
            let expected = warnings.iter().map(|expected| ("warnings", expected, &warned));
            let none = Vec::new();
            let errors = if shared { errors.as_ref() } else { Some(errors.as_ref().unwrap_or(&none)) };
            let expected = expected.chain(errors.map(|expected| ("errors", expected, &wrong)));
            let misses: Vec<Miss> =
                expected.filter_map(|(field, expected, said)| unlike(field, expected, said)).collect();
            failures.extend(misses.into_iter().map(|miss| self.missed(at, miss)));
        }
        self.tests.push(Outcome::new(case.title(), self.place(at), failures));
    }

    /// Looks at the properties for a test with inputs of its own.
    fn hold(&mut self, template: Option<&Template>, case: &Case, given: &Given) {
        let before = previous(case);
        let Some(template) = template else { return };
        let subjects = [(template, &before)];
        for property in Property::ALL {
            self.properties.push((property, breaches(property, &given.scene, &subjects), subjects.len()));
        }
    }

    fn properties(&mut self, suite: &Suite, scene: &Scene, subjects: &[Subject<'_>]) {
        for (property, rule) in suite.properties.all() {
            let at = self.place(&format!("properties.{}", property.field()));
            let mut outcome = Outcome::new(property.to_string(), at.clone(), Vec::new());
            if let Rule::Skip(reason) = &rule {
                outcome.status = Status::Skipped;
                outcome.notes.push(Failure::said(at, reason.clone(), Vec::new()));
                self.tests.push(outcome);
                continue;
            }
            let mut count = subjects.len();
            let mut found = breaches(property, scene, subjects);
            for (of, breaches, subjects) in &self.properties {
                if *of == property {
                    count += subjects;
                    found.extend(breaches.iter().cloned());
                }
            }
            let (broken, beside): (Vec<_>, Vec<_>) = found.into_iter().partition(|breach| breach.broken);
            if broken.is_empty() && beside.len() == count && count > 0 {
                outcome.status = Status::Skipped;
            }
            let said = |Breach { template, text, differences, .. }: Breach| {
                Failure::said(at.clone(), format!("{template}: {text}"), differences)
            };
            if rule == Rule::Required && !broken.is_empty() {
                outcome.status = Status::Failed;
                outcome.failures = broken.into_iter().map(said).collect();
            } else {
                outcome.notes = broken.into_iter().map(said).collect();
            }
            // What a policy can't be held to is the same for every template that it places.
            for note in beside.into_iter().map(said) {
                outcome.notes.push(note);
            }
            self.tests.push(outcome);
        }
    }

    fn missed(&self, test: &str, miss: Miss) -> Failure {
        let Miss { expectation, expected, got, because } = miss;
        Failure {
            at: self.place(&format!("{test}.{expectation}")),
            what: expectation,
            compared: Some(Compared { expected, got }),
            because,
        }
    }

    fn not_found(&self, test: &str, why: &NotFound, scene: &Scene) -> Failure {
        /// Enough to see what is there. Arbitrary.
        const FEW: usize = 10;
        let what = match why {
            NotFound::Nobody => "template: the input has none of that name",
            NotFound::Several(_) => {
                "template: the input has several of that name; its group or namespace tells them apart"
            }
        };
        let all = || scene.templates.iter().map(|template| template.key.clone()).collect();
        let keys: Vec<ObjectKey> = match why {
            NotFound::Nobody => all(),
            NotFound::Several(keys) => keys.clone(),
        };
        let mut because: Vec<String> =
            keys.iter().take(FEW).map(|key| format!("there is {key} ({})", key.api_version)).collect();
        if keys.len() > FEW {
            because.push(format!("and {} more", keys.len() - FEW));
        }
        if keys.is_empty() {
            because.push("there is no template at all".into());
        }
        Failure::said(self.place(&format!("{test}.template")), what, because)
    }

    fn place(&self, at: &str) -> String {
        self.document.place_of(at, "").to_string()
    }
}

/// Where a test says that its template was before.
fn previous(case: &Case) -> Previous {
    let clusters = || case.previous.iter().flat_map(|clusters| &clusters.0);
    Previous {
        clusters: clusters().map(|(name, _)| name.clone()).collect(),
        replicas: clusters().filter_map(|(name, replicas)| Some((name.clone(), (*replicas)?))).collect(),
        ..Previous::default()
    }
}
