//! One call's view of the world: it answers the plugin's questions, and notes what they were about.

use std::sync::Arc;

use portolan_api::LabelSelector;
use serde_json::Value;

use crate::fleet::{Fleet, Place, places};

/// How long a selector may be. Each part costs the host time that no fuel counts. Arbitrary: more than anybody writes.
const MAX_SELECTOR_PARTS: usize = 1_000;

/// What one call may ask, and what it did ask. An answer is JSON as compact text with sorted keys.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    fleet: Arc<Fleet>,
    template: Option<Arc<Value>>,
    request: Request,
    targets: Arc<[Targets]>,
    asked: Asked,
}

/// What is known about the template's placement so far.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Where the last decision placed the template.
    pub previous: Vec<Place>,
    /// The template's UID, "" where it has none.
    pub seed: String,
}

/// Clusters that an overrider is asked about and that have the same object so far.
#[derive(Clone, Debug)]
pub struct Targets {
    /// Which; ascending.
    pub clusters: Vec<Place>,
    /// The object as it stands there.
    pub object: Arc<Value>,
}

/// What a call asked about beside the fleet and the list of clusters that its rule targets. What it did not ask about
/// can't have changed its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The template's content.
    pub template: bool,
    /// What is known about its placement.
    pub request: bool,
    /// The objects as they stand on the targets.
    pub objects: bool,
}

impl Asked {
    /// Whether the answer holds for every template with this config, this fleet and these targets.
    pub fn nothing_of_the_template(self) -> bool {
        self == Self::default()
    }
}

/// A place was named that is not on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cluster {place} is not on offer; valid: places below {size}")]
pub struct NotOffered {
    /// The place.
    pub place: Place,
    /// How many clusters there are.
    pub size: usize,
}

impl Reading {
    /// For a filter: the template and the clusters on offer.
    pub fn for_filter(fleet: Arc<Fleet>, template: Arc<Value>, request: Request) -> Self {
        Self { fleet, template: Some(template), request, ..Self::default() }
    }

    /// For an overrider: the same, and the objects as they stand where the rule applies.
    pub fn for_overrider(
        fleet: Arc<Fleet>,
        template: Arc<Value>,
        request: Request,
        targets: impl Into<Arc<[Targets]>>,
    ) -> Self {
        Self { fleet, template: Some(template), request, targets: targets.into(), asked: Asked::default() }
    }

    /// What was asked about so far.
    pub fn asked(&self) -> Asked {
        self.asked
    }

    /// How many clusters are on offer, without this being a question.
    pub fn on_offer(&self) -> usize {
        self.fleet.size()
    }

    /// The places that the rule targets, ascending, without this being a question.
    pub fn targeted(&self) -> Vec<Place> {
        let mut clusters: Vec<Place> =
            self.targets.iter().flat_map(|targets| &targets.clusters).copied().collect();
        clusters.sort_unstable();
        clusters
    }

    /// `template.get`
    pub fn template(&mut self, at: &str) -> Option<String> {
        self.asked.template = true;
        Some(self.template.as_ref()?.pointer(at)?.to_string())
    }

    /// `fleet.size`
    pub fn size(&self) -> u32 {
        u32::try_from(self.fleet.size()).unwrap_or(u32::MAX)
    }

    /// `fleet.find`
    pub fn find(&self, name: &str) -> Option<Place> {
        self.fleet.find(name)
    }

    /// `fleet.name`
    pub fn name(&self, of: Place) -> Result<&str, NotOffered> {
        self.at(of).map(|cluster| cluster.name.as_str())
    }

    /// `fleet.names`
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.fleet.clusters().iter().map(|cluster| cluster.name.as_str())
    }

    /// `fleet.label`
    pub fn label(&self, of: Place, key: &str) -> Result<Option<&str>, NotOffered> {
        self.at(of).map(|cluster| cluster.label(key))
    }

    /// `fleet.get`
    pub fn cluster(&self, of: Place, at: &str) -> Result<Option<String>, NotOffered> {
        self.at(of).map(|cluster| cluster.facts.pointer(at).map(Value::to_string))
    }

    /// `fleet.column`
    pub fn column(&self, at: &str) -> Arc<str> {
        self.fleet.column(at)
    }

    /// `fleet.matching`
    pub fn matching(&self, selector: &str) -> Result<Vec<Place>, String> {
        let selector: LabelSelector = serde_json::from_str(selector).map_err(|error| error.to_string())?;
        let values = selector.match_expressions.iter().map(|requirement| 1 + requirement.values.len());
        if selector.match_labels.len() + values.sum::<usize>() > MAX_SELECTOR_PARTS {
            return Err(format!("it has more than {MAX_SELECTOR_PARTS} labels, expressions and values"));
        }
        selector.check().map_err(|bad| format!("{}: {bad}", bad.field))?;
        Ok(places(&self.fleet.matching(&selector)))
    }

    /// `target.clusters`
    pub fn targets(&self) -> Vec<Place> {
        self.targeted()
    }

    /// `target.alike`
    pub fn alike(&mut self) -> Vec<Vec<Place>> {
        self.asked.objects = true;
        self.targets.iter().map(|targets| targets.clusters.clone()).collect()
    }

    /// `target.get`
    pub fn target(&mut self, on: Place, at: &str) -> Result<Option<String>, NotOffered> {
        self.asked.objects = true;
        self.at(on)?;
        let on = self.targets.iter().find(|targets| targets.clusters.binary_search(&on).is_ok());
        Ok(on.and_then(|targets| targets.object.pointer(at)).map(Value::to_string))
    }

    /// `request`, all of it: what is not in [`Request`] is answered with nothing by this version.
    pub fn request(&mut self) -> &Request {
        self.asked.request = true;
        &self.request
    }

    fn at(&self, place: Place) -> Result<&portolan_api::Cluster, NotOffered> {
        self.fleet.at(place).ok_or(NotOffered { place, size: self.fleet.size() })
    }
}
