//! Everything that a command decides with: inputs read, plugins loaded, the World made.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use portolan_api::{ObjectKey, PolicyRef};
use portolan_local::{Inputs, Located, Members, Packed, Reading, Records, Source};
use portolan_plan::{Ingredients, Notice, Options, Previous, Template, Trouble, World, without_template};
use serde::Deserialize;
use serde_json::Value;

use crate::arguments::InputArguments;
use crate::findings::Findings;
use crate::plugins;
use crate::shelf::Shelf;

/// Everything that a command decides with.
pub struct Setting {
    /// Clusters, policies and plugins.
    pub world: World,
    /// What is to be placed, in the order of their identities, and where each stands.
    pub templates: Vec<Located<Packed>>,
    /// The user's choices.
    pub options: Options,
    /// How many threads plan.
    pub workers: NonZeroUsize,
    /// Where each policy stands.
    places: BTreeMap<PolicyRef, Located<()>>,
}

impl Setting {
    /// Reads and prepares everything; what is wrong is found and left out.
    ///
    /// Where decisions are to be recorded, the components are kept with them.
    pub fn new(
        arguments: &InputArguments,
        records: Option<&Records>,
        findings: &mut Findings,
    ) -> anyhow::Result<Self> {
        Self::again(arguments, records, &mut Shelf::default(), findings)
    }

    /// The same with plugins that stay loaded from one time to the next.
    pub fn again(
        arguments: &InputArguments,
        records: Option<&Records>,
        shelf: &mut Shelf,
        findings: &mut Findings,
    ) -> anyhow::Result<Self> {
        let one = NonZeroUsize::MIN;
        let workers =
            arguments.workers.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(one));
        let sources: Vec<Source> = arguments.sources.iter().map(|path| source(path)).collect();
        let reading = Reading { default_namespace: &arguments.namespace, threads: workers };
        let inputs = Inputs::read(&sources, &mut std::io::stdin().lock(), &reading);
        shelf.begin(workers.get(), &arguments.cache, findings)?;
        let prepared = Prepared::new(inputs, arguments, records, shelf, findings);
        Ok(prepared.setting(workers, findings))
    }

    /// Whether the input is taken for everything that there is, so that what is not in it goes.
    pub fn complete(&self) -> bool {
        without_template(&self.world, self.templates.len(), self.options).is_ok()
    }

    /// Where something about a template is to be put right, as the beginning of a message: the policy's field, else the
    /// template.
    pub fn place(&self, template: &ObjectKey, trouble: &Trouble) -> String {
        let of_policy = trouble.policy.as_ref().and_then(|policy| self.places.get(policy));
        let place = match of_policy {
            Some(policy) => Some(policy.place_of(&trouble.field, "")),
            None => {
                let at = self.templates.binary_search_by(|located| located.value.key().cmp(template));
                at.ok().map(|at| self.templates[at].origin.clone())
            }
        };
        place.map_or_else(String::new, |place| format!("{place}: "))
    }

    /// Says what had no effect, each with the place where it stands.
    pub fn warn_of(&self, notices: Vec<Notice>, findings: &mut Findings) {
        for Notice { policy, field, text } in notices {
            let Some(policy) = policy else {
                findings.warning(text);
                continue;
            };
            let place = self.places.get(&policy).map(|place| format!("{}: ", place.place_of(&field, "")));
            let field = if field.is_empty() { String::new() } else { format!(" {field}") };
            findings.warning(format!("{}{policy}{field} {text}", place.unwrap_or_default()));
        }
    }
}

/// Inputs and plugins, from which a World may be made.
pub struct Prepared {
    /// What the World is made of.
    pub ingredients: Ingredients,
    /// What is to be placed, and where each stands.
    pub templates: Vec<Located<Packed>>,
    options: Options,
    places: BTreeMap<PolicyRef, Located<()>>,
}

impl Prepared {
    /// Loads what policies need, on a shelf that a run has begun with; what is wrong is found and left out.
    pub fn new(
        inputs: Inputs,
        arguments: &InputArguments,
        records: Option<&Records>,
        shelf: &mut Shelf,
        findings: &mut Findings,
    ) -> Self {
        for problem in &inputs.problems {
            findings.wrong_input(problem.to_string());
        }
        for note in &inputs.notes {
            findings.warning(note.clone());
        }
        for ignored in &inputs.ignored {
            findings.warning(format!("{}: {} is left out of account", ignored.origin, ignored.value));
        }
        let plugins = plugins::load(shelf, arguments, &inputs, records, findings);
        let Inputs {
            templates,
            propagation,
            overrides,
            clusters,
            plugins: _,
            ignored: _,
            problems,
            notes: _,
        } = inputs;
        let (propagation, placing): (Vec<_>, Vec<_>) = propagation.into_iter().map(Located::apart).unzip();
        let (overrides, overriding): (Vec<_>, Vec<_>) = overrides.into_iter().map(Located::apart).unzip();
        let references = (propagation.iter().map(|policy| policy.reference.clone()))
            .chain(overrides.iter().map(|policy| policy.reference.clone()));
        let places: BTreeMap<PolicyRef, Located<()>> =
            references.zip(placing.into_iter().chain(overriding)).collect();
        let ingredients = Ingredients {
            clusters: clusters.into_iter().map(|located| located.value).collect(),
            propagation,
            overrides,
            plugins,
            unread: problems.iter().filter_map(|problem| problem.unread.clone()).collect(),
            incomplete: problems.iter().any(|problem| problem.whole_document),
            traits: None,
            forget: false,
            record: records.is_some(),
            owner: String::new(),
        };
        let options =
            Options { allow_empty: arguments.allow_empty, fresh: arguments.fresh, ..Options::default() };
        Self { ingredients, templates, options, places }
    }

    /// Makes the World; policies that can't be used are found.
    pub fn setting(self, workers: NonZeroUsize, findings: &mut Findings) -> Setting {
        let Self { ingredients, mut templates, options, places } = self;
        let (world, unusable) = World::new(ingredients);
        for found in unusable {
            let place = places
                .get(&found.policy)
                .map(|place| place.place_of(&found.problem.at, &found.problem.message));
            let place = place.map_or_else(String::new, |place| format!("{place}: "));
            findings.wrong_input(format!("{place}{}: {}", found.policy, found.problem));
        }
        templates.sort_unstable_by(|a, b| a.value.key().cmp(b.value.key()));
        if world.fleet().size() == 0 {
            findings.warning("there is no Cluster in the input, so nothing goes anywhere".into());
        }
        Setting { world, templates, options, workers, places }
    }
}

/// A template whose turn has come.
pub fn unpacked(template: &Packed) -> Template {
    Template::new(template.unpack())
}

/// What is known about a template from before, until its turn comes.
#[derive(Default)]
pub struct Remembered {
    clusters: Vec<String>,
    decision: Arc<Value>,
}

impl Remembered {
    /// Looks it up.
    pub fn of(members: &Members, key: &ObjectKey) -> Self {
        members.previous(key).map_or_else(Self::default, |entry| Self {
            clusters: entry.files.keys().cloned().collect(),
            decision: Arc::clone(&entry.decision),
        })
    }

    /// The decision before.
    pub fn previous(self) -> Previous {
        // What another version of Portolan remembered and this one can't read is forgotten; with nothing known about
        // the past, nothing is taken away. Null is nothing to begin with.
        let remembered = Previous::deserialize(&*self.decision).unwrap_or_default();
        Previous { clusters: self.clusters, ..remembered }
    }
}

/// What a path on the command line means.
pub fn source(path: &Path) -> Source {
    if path.as_os_str() == "-" {
        Source::Stdin
    } else if path.is_dir() {
        Source::Directory(path.into())
    } else {
        Source::File(path.into())
    }
}
