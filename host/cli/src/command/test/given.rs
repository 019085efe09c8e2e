//! What is given to a test: inputs read, plugins loaded, everything that a plan of it says.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use portolan_api::ObjectKey;
use portolan_local::{Inputs, Located, Reading, Source};
use portolan_plan::{Previous, Tally, World, decide};
use portolan_policytest::{Input, Scene, Suite};
use serde_json::Value;

use crate::arguments::{InputArguments, TestArguments};
use crate::findings::Findings;
use crate::setting::{Prepared, Setting, source, unpacked};
use crate::shelf::Shelf;

/// What is given to a test.
pub struct Given {
    /// What is planned with, ready to be planned with again.
    pub scene: Scene,
    setting: Setting,
    /// What was found before anything was decided.
    found: Findings,
}

/// How the inputs of a file are read.
pub struct Reader<'a> {
    arguments: InputArguments,
    directory: &'a Path,
    document: &'a Located<Value>,
    workers: NonZeroUsize,
}

impl<'a> Reader<'a> {
    /// For one test file.
    pub fn new(
        file: &'a Path,
        suite: &Suite,
        document: &'a Located<Value>,
        arguments: &TestArguments,
        workers: NonZeroUsize,
    ) -> Self {
        let directory = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let given = |name: &String| arguments.plugins.iter().any(|(other, _)| other == name);
        let own = suite.plugins.iter().filter(|(name, _)| !given(name));
        let own = own.map(|(name, component)| (name.clone(), beside(directory, component)));
        let arguments = InputArguments {
            sources: Vec::new(),
            namespace: suite.namespace.clone(),
            plugins: arguments.plugins.iter().cloned().chain(own).collect(),
            workers: Some(workers),
            allow_empty: suite.allow_empty,
            fresh: false,
            cache: arguments.cache.clone(),
        };
        Self { arguments, directory, document, workers }
    }

    /// Reads the inputs that a list in the test file names; `at` is its path there.
    pub fn read(&self, inputs: &[Input], at: &str) -> Inputs {
        let sources: Vec<Source> = (inputs.iter().enumerate())
            .map(|(index, input)| match input {
                Input::Path(path) => source(&beside(self.directory, path)),
                Input::Object(object) => {
                    let place = self.document.place_of(&format!("{at}[{index}]"), "");
                    Source::Object {
                        file: place.file.to_path_buf(),
                        line: place.line.unwrap_or(1),
                        object: object.clone(),
                    }
                }
            })
            .collect();
        let reading = Reading { default_namespace: &self.arguments.namespace, threads: self.workers };
        Inputs::read(&sources, &mut std::io::empty(), &reading)
    }

    /// Makes everything ready.
    pub fn give(&self, inputs: Inputs, shelf: &mut Shelf) -> Given {
        let mut found = Findings::unsaid();
        let prepared = Prepared::new(inputs, &self.arguments, None, shelf, &mut found);
        let ingredients = prepared.ingredients.clone();
        let setting = prepared.setting(self.workers, &mut found);
        let scene = Scene {
            ingredients,
            templates: setting.templates.iter().map(|template| unpacked(&template.value)).collect(),
            options: setting.options,
        };
        Given { scene, setting, found }
    }
}

impl Given {
    /// The World of the scene, as it was given. What plugins answered once it remembers.
    pub fn world(&self) -> &World {
        &self.setting.world
    }

    /// Everything that `plan` would say, with one template where it was before.
    pub fn said(&self, previous: Option<(&ObjectKey, &Previous)>) -> Findings {
        let Setting { world, options, .. } = &self.setting;
        let mut said = Findings::unsaid();
        said.errors.clone_from(&self.found.errors);
        said.warnings.clone_from(&self.found.warnings);
        let mut tally = Tally::default();
        let nowhere = Previous::default();
        for template in &self.scene.templates {
            let before =
                previous.filter(|(key, _)| **key == template.key).map_or(&nowhere, |(_, before)| before);
            let decision = decide(world, template.clone(), before, *options);
            tally.note(world, &decision);
            for trouble in decision.troubles(world.fleet()) {
                said.trouble(&self.setting.place(&template.key, &trouble), trouble);
            }
        }
        self.setting.warn_of(tally.notices(world), &mut said);
        said
    }
}

/// A path of the test file's, as messages name it.
fn beside(directory: &Path, path: &str) -> PathBuf {
    // What lies beside a test file in the working directory is called as people call it.
    match (directory == Path::new("."), path) {
        (_, ".") => directory.to_owned(),
        // Which would be standard input.
        (true, "-") => directory.join("-"),
        (true, path) => path.into(),
        (false, path) => directory.join(path),
    }
}
