//! A test file as a value.

use std::collections::BTreeMap;
use std::fmt;

use portolan_api::Problem;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::property::Property;
use crate::which::Which;

/// A test file: what is given, and tests of what must come of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Suite {
    /// Templates, policies, clusters and plugins; absent, everything in the test file's own directory.
    #[serde(default = "own_directory")]
    pub inputs: Vec<Input>,
    /// Components by the names under which policies know them; each file is relative to the test file.
    #[serde(default)]
    pub plugins: BTreeMap<String, String>,
    /// Where objects live that need a namespace and name none.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// Whether a decision counts that takes an object from all of its clusters.
    #[serde(default)]
    pub allow_empty: bool,
    /// Which properties must hold.
    #[serde(default)]
    pub properties: Properties,
    /// The tests; at least one.
    pub tests: Vec<Case>,
}

/// Something that is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A file or a directory, relative to the test file.
    Path(String),
    /// An object, as it would stand in a file.
    Object(Value),
}

/// One test. What is absent is not looked at.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Case {
    /// What the test is about, in words.
    #[serde(default)]
    pub name: Option<String>,
    /// Given beside the file's inputs; an object of the same identity stands in for the file's.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// The template that the test is about; absent, the test is about the input as a whole.
    #[serde(default)]
    pub template: Option<Which>,
    /// Where the template is already, and with how many replicas.
    #[serde(default)]
    pub previous: Option<Clusters>,
    /// Exactly the clusters on which it is then; with how many replicas, where that is said. It is not called `on`, which
    /// YAML takes for a boolean.
    #[serde(default)]
    pub is_on: Option<Clusters>,
    /// Clusters that do not get it, each with a part of the reason.
    #[serde(default)]
    pub refused: BTreeMap<String, String>,
    /// What stays as it was.
    #[serde(default)]
    pub held: Option<Held>,
    /// The policy that places it; null: none does.
    #[serde(default, deserialize_with = "present")]
    pub placed_by: Option<Option<String>>,
    /// Exactly the clusters that it leaves.
    #[serde(default)]
    pub leaves: Option<Vec<String>>,
    /// Values in the object that a cluster gets, by cluster and RFC 6901 pointer; the cluster `*` is every one that gets it.
    #[serde(default)]
    pub fields: BTreeMap<String, BTreeMap<String, Value>>,
    /// Pointers at which that object has nothing, by cluster.
    #[serde(default)]
    pub absent: BTreeMap<String, Vec<String>>,
    /// All warnings: a part of each, and of each of them a part.
    #[serde(default)]
    pub warnings: Option<Vec<String>>,
    /// All errors, likewise; absent, there must be none.
    #[serde(default)]
    pub errors: Option<Vec<String>>,
}

/// Clusters, with replicas where they are said: a list of names, or a map from names to numbers or null.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clusters(pub BTreeMap<String, Option<u32>>);

/// What stays as it was.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    /// The template, everywhere; a part of why.
    Everywhere(String),
    /// What is on some clusters, each with a part of why.
    On(BTreeMap<String, String>),
}

/// How each property is taken.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Properties {
    /// See [`Property::ShuffledInput`].
    #[serde(default)]
    pub shuffled_input: Option<Rule>,
    /// See [`Property::UnrelatedCluster`].
    #[serde(default)]
    pub unrelated_cluster: Option<Rule>,
    /// See [`Property::SameAgain`].
    #[serde(default)]
    pub same_again: Option<Rule>,
    /// See [`Property::OverrideTwice`].
    #[serde(default)]
    pub override_twice: Option<Rule>,
}

/// How a property is taken.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// It must hold.
    Required,
    /// It is a warning where it does not hold.
    Warns,
    /// It is not looked at, for this reason.
    Skip(String),
}

impl Suite {
    /// Takes the one document of a test file. The error says where, and what would be valid.
    pub fn read(document: &Value) -> Result<Self, Problem> {
        let suite: Self = serde_path_to_error::deserialize(document).map_err(|error| {
            let path = error.path().to_string();
            Problem::new(if path == "." { String::new() } else { path }, error.inner().to_string())
        })?;
        if suite.tests.is_empty() {
            return Err(Problem::new("tests", "is empty; valid: a list of tests, each with what it expects"));
        }
        for (index, case) in suite.tests.iter().enumerate() {
            case.sound().map_err(|problem| Problem {
                at: format!("tests[{index}]{}{}", if problem.at.is_empty() { "" } else { "." }, problem.at),
                ..problem
            })?;
        }
        for (property, rule) in suite.properties.all() {
            if let Rule::Skip(reason) = rule
                && reason.trim().is_empty()
            {
                let message = "needs a reason; valid: {skip: why it can't hold here}";
                return Err(Problem::new(format!("properties.{}", property.field()), message));
            }
        }
        Ok(suite)
    }
}

impl Case {
    /// What the test is called: its name, else what it is about.
    pub fn title(&self) -> String {
        match (&self.name, &self.template) {
            (Some(name), _) => name.clone(),
            (None, Some(template)) => template.to_string(),
            (None, None) => "the input as a whole".into(),
        }
    }

    /// The fields that are about one template, as far as they stand there; first those that expect something of it.
    fn about_a_template(&self) -> Vec<&'static str> {
        let Self { previous, is_on, refused, held, placed_by, leaves, fields, absent, .. } = self;
        let all = [
            ("isOn", is_on.is_some()),
            ("refused", !refused.is_empty()),
            ("held", held.is_some()),
            ("placedBy", placed_by.is_some()),
            ("leaves", leaves.is_some()),
            ("fields", !fields.is_empty()),
            ("absent", !absent.is_empty()),
            (PREVIOUS, previous.is_some()),
        ];
        all.into_iter().filter_map(|(field, there)| there.then_some(field)).collect()
    }

    /// A test that expects nothing could never fail.
    fn sound(&self) -> Result<(), Problem> {
        let about = self.about_a_template();
        if let (Some(field), None) = (about.first(), &self.template) {
            return Err(Problem::new(
                *field,
                "needs a template beside it, such as `template: Deployment/web`",
            ));
        }
        let expects_of_all = self.warnings.is_some() || self.errors.is_some();
        if about.iter().all(|field| *field == PREVIOUS) && !expects_of_all {
            let message = "expects nothing; valid: isOn, refused, held, placedBy, leaves, fields, absent, warnings, errors";
            return Err(Problem::new("", message));
        }
        let pointers = (self.fields.iter())
            .flat_map(|(cluster, fields)| fields.keys().map(move |pointer| ("fields", cluster, pointer)))
            .chain((self.absent.iter()).flat_map(|(cluster, absent)| {
                absent.iter().map(move |pointer| ("absent", cluster, pointer))
            }));
        for (list, cluster, pointer) in pointers {
            if !(pointer.is_empty() || pointer.starts_with('/')) {
                let message = format!("`{pointer}` is no pointer; valid: RFC 6901, such as /spec/replicas");
                return Err(Problem::new(format!("{list}.{cluster}"), message));
            }
        }
        Ok(())
    }
}

impl Properties {
    /// Every property with how it is taken.
    pub fn all(&self) -> [(Property, Rule); 4] {
        let Self { shuffled_input, unrelated_cluster, same_again, override_twice } = self;
        let required = |rule: &Option<Rule>| rule.clone().unwrap_or(Rule::Required);
        [
            (Property::ShuffledInput, required(shuffled_input)),
            (Property::UnrelatedCluster, required(unrelated_cluster)),
            (Property::SameAgain, required(same_again)),
            // Templates are overridden, and never what came of it: an overrider that adds to a list does no harm.
            (Property::OverrideTwice, override_twice.clone().unwrap_or(Rule::Warns)),
        ]
    }
}

/// The one field about a template that expects nothing of it.
const PREVIOUS: &str = "previous";

fn own_directory() -> Vec<Input> {
    vec![Input::Path(".".into())]
}

fn default_namespace() -> String {
    "default".into()
}

/// Tells null from what is not there.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::String(path) if !path.is_empty() => Ok(Self::Path(path)),
            object @ Value::Object(_) => Ok(Self::Object(object)),
            _ => Err(D::Error::custom(
                "valid: a path relative to this file, or an object as it would stand in a file",
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Clusters {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Clusters;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a list of clusters, or a map from clusters to replicas")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Clusters, A::Error> {
                let mut clusters = Clusters::default();
                while let Some(name) = list.next_element()? {
                    clusters.0.insert(name, None);
                }
                Ok(clusters)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Clusters, A::Error> {
                let mut clusters = Clusters::default();
                while let Some((name, replicas)) = map.next_entry()? {
                    clusters.0.insert(name, replicas);
                }
                Ok(clusters)
            }
        }
        from.deserialize_any(Names)
    }
}

impl<'de> Deserialize<'de> for Held {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Why;
        impl<'de> Visitor<'de> for Why {
            type Value = Held;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str(
                    "a part of why the template stays as it was, or a map from clusters to such parts",
                )
            }

            fn visit_str<E>(self, why: &str) -> Result<Held, E> {
                Ok(Held::Everywhere(why.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Held, A::Error> {
                let mut held = BTreeMap::new();
                while let Some((cluster, why)) = map.next_entry()? {
                    held.insert(cluster, why);
                }
                Ok(Held::On(held))
            }
        }
        from.deserialize_any(Why)
    }
}
