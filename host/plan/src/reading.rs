//! One call's view of the world: it answers the plugin's questions, and notes what was asked.

use std::sync::Arc;

use portolan_api::LabelSelector;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::conversation::Exchange;
use crate::fleet::{Fleet, Place, places};
use crate::question::Question;
use crate::recorded::{Divergence, Recorded};
use crate::request::Request;
use crate::served::Served;
use crate::template::is_secret;

/// How long a selector may be. Each part costs the host time that no fuel counts. Arbitrary: more than anybody writes.
const MAX_SELECTOR_PARTS: usize = 1_000;

/// What one call may ask, and what it did ask. An answer is JSON as compact text with sorted keys.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    source: Source,
    asked: Asked,
    /// Every question with its answer, in order, where they are to be noted.
    notes: Option<Vec<Exchange>>,
    /// Whether what is the same for every template is left out of the notes.
    notes_differences: bool,
    /// How many bytes were compared for answers that are shorter than that.
    compared: u64,
}

/// Where answers come from.
#[derive(Clone, Debug)]
enum Source {
    /// What is known now.
    World {
        fleet: Arc<Fleet>,
        template: Option<Arc<Value>>,
        observed: Option<Arc<Value>>,
        request: Arc<Request>,
        targets: Arc<[Targets]>,
    },
    /// What was answered once.
    Transcript(Recorded),
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
    /// The template's API version and kind: no secret, whatever the template is.
    pub kind: bool,
    /// The template's content.
    pub template: bool,
    /// What is known about its placement.
    pub request: bool,
    /// The objects as they stand on the targets.
    pub objects: bool,
    /// How large these are.
    pub sizes: bool,
}

/// Why a question has no answer. It ends the call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// A place was named that is not on offer.
    #[error("cluster {place} is not on offer; valid: places below {size}")]
    NotOffered {
        /// The place.
        place: Place,
        /// How many clusters there are.
        size: usize,
    },
    /// A call that is replayed asks something else than it did.
    #[error("it asks what is not in the transcript: {0}")]
    Diverged(Divergence),
}

impl Reading {
    /// For the stages of placement: the template and the clusters on offer.
    pub fn for_placement(fleet: Arc<Fleet>, template: Arc<Value>, request: impl Into<Arc<Request>>) -> Self {
        Self::for_overrider(fleet, template, request, [])
    }

    /// For an overrider: the same, and the objects as they stand where the rule applies.
    pub fn for_overrider(
        fleet: Arc<Fleet>,
        template: Arc<Value>,
        request: impl Into<Arc<Request>>,
        targets: impl Into<Arc<[Targets]>>,
    ) -> Self {
        let source = Source::World {
            fleet,
            template: Some(template),
            observed: None,
            request: request.into(),
            targets: targets.into(),
        };
        Self { source, asked: Asked::default(), ..Self::default() }
    }

    /// For an interpreter: the template, the object as a member has it, or both. Nothing is known of clusters. What
    /// applying a patch to the template costs is told as for an object of no cluster.
    pub fn for_interpreter(template: Option<Arc<Value>>, observed: Option<Arc<Value>>) -> Self {
        let targets =
            template.iter().map(|object| Targets { clusters: Vec::new(), object: Arc::clone(object) });
        let source = Source::World {
            fleet: Arc::default(),
            targets: targets.collect(),
            template,
            observed,
            request: Arc::default(),
        };
        Self { source, asked: Asked::default(), ..Self::default() }
    }

    /// For a call that is replayed: every question gets the answer that it got, and none gets another one.
    pub(crate) fn recorded(recorded: Recorded) -> Self {
        Self { source: Source::Transcript(recorded), asked: Asked::default(), ..Self::default() }
    }

    /// The same, noting every question and answer. Once the plugin looked into a Secret any later question, too, may
    /// tell what is in it: from there on nothing is noted.
    pub fn noting(mut self) -> Self {
        self.notes = Some(Vec::new());
        self
    }

    /// The same, noting only questions whose answers may differ from template to template.
    pub(crate) fn noting_differences(self) -> Self {
        Self { notes_differences: true, ..self.noting() }
    }

    /// How many bytes were compared since this was asked last, for answers that are shorter than that.
    pub fn take_compared(&mut self) -> u64 {
        std::mem::take(&mut self.compared)
    }

    /// What was asked about so far.
    pub fn asked(&self) -> Asked {
        self.asked
    }

    /// Whether the plugin looked into a Secret: whatever it says then may tell what is in it. That it is one, and of which API
    /// version, everybody is told.
    pub fn looked_into_a_secret(&self) -> bool {
        let Source::World { template, observed, .. } = &self.source else { return false };
        let is_secret = template.iter().chain(observed).any(|object| is_secret(object));
        is_secret && (self.asked.template || self.asked.objects)
    }

    /// What was noted, which is given away; none where nothing was to be noted.
    pub fn take_exchanges(&mut self) -> Option<Vec<Exchange>> {
        self.notes.take()
    }

    /// Where a call that is replayed left its transcript.
    pub(crate) fn divergence(&self) -> Option<&Divergence> {
        match &self.source {
            Source::World { .. } => None,
            Source::Transcript(recorded) => recorded.divergence(),
        }
    }

    /// How many questions of a transcript were not asked again.
    pub(crate) fn left(&self) -> usize {
        match &self.source {
            Source::World { .. } => 0,
            Source::Transcript(recorded) => recorded.left(),
        }
    }

    /// How many clusters are on offer, without this being a question.
    pub fn on_offer(&self) -> usize {
        match &self.source {
            Source::World { fleet, .. } => fleet.size(),
            Source::Transcript(recorded) => recorded.clusters().len(),
        }
    }

    /// The name of a place, without this being a question.
    pub fn name_of(&self, place: Place) -> Option<&str> {
        match &self.source {
            Source::World { fleet, .. } => fleet.at(place).map(|cluster| cluster.name.as_str()),
            Source::Transcript(recorded) => {
                recorded.clusters().get(usize::try_from(place).ok()?).map(String::as_str)
            }
        }
    }

    /// The places that the rule targets, ascending, without this being a question.
    pub fn targeted(&self) -> Vec<Place> {
        let mut clusters = self.groups().concat();
        clusters.sort_unstable();
        clusters
    }

    /// The targets grouped by equal object, without this being a question.
    pub fn groups(&self) -> Vec<&[Place]> {
        match &self.source {
            Source::World { targets, .. } => targets.iter().map(|targets| &targets.clusters[..]).collect(),
            Source::Transcript(recorded) => {
                recorded.targets().iter().map(|alike| &alike.clusters[..]).collect()
            }
        }
    }

    /// Says that the answer is held against the size of the objects as they stand, so that it holds for no other ones.
    pub fn weighs_objects(&mut self) {
        self.asked.sizes = true;
    }

    /// How many values are in the object of a group, without this being a question; 0 where there is no such group.
    pub fn values_in(&self, group: usize) -> u64 {
        match &self.source {
            Source::World { targets, .. } => targets.get(group).map_or(0, |targets| values(&targets.object)),
            Source::Transcript(recorded) => recorded.targets().get(group).map_or(0, |alike| alike.values),
        }
    }

    /// The answer to any question, in the form in which an exchange has it.
    pub(crate) fn put(&mut self, question: &Question) -> Result<Value, Unanswered> {
        let value = match question {
            Question::Template { at } => json!(self.template(at)?),
            Question::Size => json!(self.size()?),
            Question::Find { name } => json!(self.find(name)?),
            Question::Name { of } => json!(self.name(*of)?),
            Question::Names => json!(self.names()?),
            Question::Label { of, key } => json!(self.label(*of, key)?),
            Question::Cluster { of, at } => json!(self.cluster(*of, at)?),
            Question::Column { at } => json!(self.column(at)?),
            Question::Matching { selector } => json!(self.matching(selector)?),
            Question::Replicas => json!(self.replicas()?),
            Question::Requirements => json!(self.requirements()?),
            Question::AlikeAt { at } => json!(self.alike_at(at)?),
            Question::Serving { api_version, kind } => json!(self.serving(api_version, kind)?),
            Question::Previous => json!(self.previous()?),
            Question::Placed => json!(self.placed()?),
            Question::Fresh => json!(self.fresh()?),
            Question::Evicting => json!(self.evicting()?),
            Question::Scores => json!(self.scores()?),
            Question::Available => json!(self.available()?),
            Question::Tiers => json!(self.tiers()?),
            Question::Weights => json!(self.weights()?),
            Question::Ranking => json!(self.ranking()?),
            Question::Seed => json!(self.seed()?),
            Question::Targets => json!(self.targets()?),
            Question::Alike => json!(self.alike()?),
            Question::Target { on, at } => json!(self.target(*on, at)?),
            Question::Observed { at } => json!(self.observed(at)?),
        };
        Ok(value)
    }

    /// `template.get`
    pub fn template(&mut self, at: &str) -> Result<Option<String>, Unanswered> {
        match at {
            "/apiVersion" | "/kind" => self.asked.kind = true,
            _ => self.asked.template = true,
        }
        self.answer(
            || Question::Template { at: at.into() },
            |known| Some(known.template?.pointer(at)?.to_string()),
        )
    }

    /// `fleet.size`
    pub fn size(&mut self) -> Result<u32, Unanswered> {
        self.answer(|| Question::Size, |known| u32::try_from(known.fleet.size()).unwrap_or(u32::MAX))
    }

    /// `fleet.find`
    pub fn find(&mut self, name: &str) -> Result<Option<Place>, Unanswered> {
        self.answer(|| Question::Find { name: name.into() }, |known| known.fleet.find(name))
    }

    /// `fleet.name`
    pub fn name(&mut self, of: Place) -> Result<String, Unanswered> {
        self.offered(of)?;
        self.answer(|| Question::Name { of }, |known| known.fleet.name(of).to_owned())
    }

    /// `fleet.names`
    pub fn names(&mut self) -> Result<Vec<String>, Unanswered> {
        self.answer(
            || Question::Names,
            |known| known.fleet.clusters().iter().map(|cluster| cluster.name.clone()).collect(),
        )
    }

    /// `fleet.label`
    pub fn label(&mut self, of: Place, key: &str) -> Result<Option<String>, Unanswered> {
        self.offered(of)?;
        self.answer(
            || Question::Label { of, key: key.into() },
            |known| known.fleet.at(of)?.label(key).map(str::to_owned),
        )
    }

    /// `fleet.get`
    pub fn cluster(&mut self, of: Place, at: &str) -> Result<Option<String>, Unanswered> {
        self.offered(of)?;
        self.answer(
            || Question::Cluster { of, at: at.into() },
            |known| Some(known.fleet.at(of)?.facts.pointer(at)?.to_string()),
        )
    }

    /// `fleet.column`
    pub fn column(&mut self, at: &str) -> Result<Arc<str>, Unanswered> {
        self.answer(|| Question::Column { at: at.into() }, |known| known.fleet.column(at))
    }

    /// `fleet.matching`; the inner error says what is wrong with the selector.
    pub fn matching(&mut self, selector: &str) -> Result<Result<Vec<Place>, String>, Unanswered> {
        self.answer(
            || Question::Matching { selector: selector.into() },
            |known| matching(known.fleet, selector),
        )
    }

    /// `fleet.alike`
    pub fn alike_at(&mut self, at: &str) -> Result<Vec<Vec<Place>>, Unanswered> {
        let mut compared = 0;
        let alike = self.answer(
            || Question::AlikeAt { at: at.into() },
            |known| {
                let (groups, bytes) = known.fleet.alike(at);
                compared = bytes;
                groups.to_vec()
            },
        );
        self.compared += compared;
        alike
    }

    /// `fleet.serving`
    pub fn serving(&mut self, api_version: &str, kind: &str) -> Result<Vec<Served>, Unanswered> {
        self.answer(
            || Question::Serving { api_version: api_version.into(), kind: kind.into() },
            |known| known.fleet.serving(api_version, kind),
        )
    }

    /// `request.replicas`
    pub fn replicas(&mut self) -> Result<Option<u32>, Unanswered> {
        self.request(Question::Replicas, |request, _| request.replicas)
    }

    /// `request.requirements`
    pub fn requirements(&mut self) -> Result<Option<String>, Unanswered> {
        self.request(Question::Requirements, |request, _| request.requirements.as_ref().map(Value::to_string))
    }

    /// `request.previous`
    pub fn previous(&mut self) -> Result<Vec<Option<u32>>, Unanswered> {
        self.request(Question::Previous, |Request { previous, .. }, size| {
            (0..).take(size).map(|place: Place| previous.get(&place).copied()).collect()
        })
    }

    /// `request.placed`
    pub fn placed(&mut self) -> Result<Vec<Place>, Unanswered> {
        self.request(Question::Placed, |Request { placed, previous, .. }, _| {
            if placed.is_empty() { previous.keys().copied().collect() } else { placed.clone() }
        })
    }

    /// `request.fresh`
    pub fn fresh(&mut self) -> Result<bool, Unanswered> {
        self.request(Question::Fresh, |request, _| request.fresh)
    }

    /// `request.evicting`
    pub fn evicting(&mut self) -> Result<Vec<bool>, Unanswered> {
        self.request(Question::Evicting, |Request { evicting, .. }, size| {
            (0..).take(size).map(|place: Place| evicting.contains(&place)).collect()
        })
    }

    /// `request.scores`
    pub fn scores(&mut self) -> Result<Vec<u32>, Unanswered> {
        self.request(Question::Scores, |request, size| everywhere(&request.scores, size))
    }

    /// `request.available`
    pub fn available(&mut self) -> Result<Vec<Option<u32>>, Unanswered> {
        self.request(Question::Available, |request, size| everywhere(&request.available, size))
    }

    /// `request.tiers`
    pub fn tiers(&mut self) -> Result<Vec<u32>, Unanswered> {
        self.request(Question::Tiers, |request, size| everywhere(&request.tiers, size))
    }

    /// `request.weights`
    pub fn weights(&mut self) -> Result<Option<Vec<u64>>, Unanswered> {
        self.request(Question::Weights, |Request { weights, .. }, size| {
            (!weights.is_empty()).then(|| everywhere(weights, size))
        })
    }

    /// `request.ranking`
    pub fn ranking(&mut self) -> Result<Vec<Place>, Unanswered> {
        self.request(Question::Ranking, |Request { ranking, .. }, size| {
            if ranking.is_empty() { (0..).take(size).collect() } else { ranking.clone() }
        })
    }

    /// `request.seed`
    pub fn seed(&mut self) -> Result<String, Unanswered> {
        self.request(Question::Seed, |request, _| request.seed.clone())
    }

    /// `target.clusters`
    pub fn targets(&mut self) -> Result<Vec<Place>, Unanswered> {
        let targeted = self.targeted();
        self.answer(|| Question::Targets, |_| targeted)
    }

    /// `target.alike`
    pub fn alike(&mut self) -> Result<Vec<Vec<Place>>, Unanswered> {
        self.asked.objects = true;
        self.answer(
            || Question::Alike,
            |known| {
                let groups = known.targets.iter().map(|targets| &targets.clusters);
                groups.filter(|clusters| !clusters.is_empty()).cloned().collect()
            },
        )
    }

    /// `target.get`
    pub fn target(&mut self, on: Place, at: &str) -> Result<Option<String>, Unanswered> {
        self.asked.objects = true;
        self.offered(on)?;
        self.answer(
            || Question::Target { on, at: at.into() },
            |known| {
                let on = known.targets.iter().find(|targets| targets.clusters.binary_search(&on).is_ok());
                Some(on?.object.pointer(at)?.to_string())
            },
        )
    }

    /// `observed.get`
    pub fn observed(&mut self, at: &str) -> Result<Option<String>, Unanswered> {
        self.asked.objects = true;
        self.answer(
            || Question::Observed { at: at.into() },
            |known| Some(known.observed?.pointer(at)?.to_string()),
        )
    }

    fn request<T: Serialize + DeserializeOwned>(
        &mut self,
        question: Question,
        answer: impl FnOnce(&Request, usize) -> T,
    ) -> Result<T, Unanswered> {
        self.asked.request = true;
        self.answer(|| question, |known| answer(known.request, known.fleet.size()))
    }

    /// Every answer comes from here. A question is only put together where somebody wants to see it.
    fn answer<T: Serialize + DeserializeOwned>(
        &mut self,
        question: impl FnOnce() -> Question,
        answer: impl FnOnce(Known<'_>) -> T,
    ) -> Result<T, Unanswered> {
        let noted = self.notes.is_some() && !self.looked_into_a_secret();
        let Self { source, asked: _, notes, notes_differences, compared: _ } = self;
        let known = match source {
            Source::World { fleet, template, observed, request, targets } => {
                let (template, observed) = (template.as_deref(), observed.as_deref());
                Known { fleet, template, observed, request, targets }
            }
            Source::Transcript(recorded) => return recorded.answer(question()).map_err(Unanswered::Diverged),
        };
        let answer = answer(known);
        if let Some(notes) = notes.as_mut().filter(|_| noted) {
            let question = question();
            if !(*notes_differences && question.is_of_the_fleet()) {
                let answer =
                    serde_json::to_value(&answer).expect("numbers, texts and lists of them are JSON");
                notes.push(Exchange { question, answer });
            }
        }
        Ok(answer)
    }

    fn offered(&self, place: Place) -> Result<(), Unanswered> {
        let size = self.on_offer();
        let offered = usize::try_from(place).is_ok_and(|place| place < size);
        if offered { Ok(()) } else { Err(Unanswered::NotOffered { place, size }) }
    }
}

/// What questions are answered from.
struct Known<'a> {
    fleet: &'a Fleet,
    template: Option<&'a Value>,
    observed: Option<&'a Value>,
    request: &'a Request,
    targets: &'a [Targets],
}

impl Default for Source {
    fn default() -> Self {
        Self::World {
            fleet: Arc::default(),
            template: None,
            observed: None,
            request: Arc::default(),
            targets: Arc::default(),
        }
    }
}

fn matching(fleet: &Fleet, selector: &str) -> Result<Vec<Place>, String> {
    let selector = serde_json::from_str(selector).map_err(|error| error.to_string())?;
    Ok(places(&fleet.matching(&checked(selector)?)))
}

/// A selector that means something, and not too much. The error says what is wrong with it.
pub(crate) fn checked(selector: LabelSelector) -> Result<LabelSelector, String> {
    let values = selector.match_expressions.iter().map(|requirement| 1 + requirement.values.len());
    if selector.match_labels.len() + values.sum::<usize>() > MAX_SELECTOR_PARTS {
        return Err(format!("it has more than {MAX_SELECTOR_PARTS} labels, expressions and values"));
    }
    selector.check().map_err(|bad| format!("{}: {bad}", bad.field))?;
    Ok(selector)
}

/// One entry for each cluster, nothing where nothing is known.
fn everywhere<T: Clone + Default>(known: &[T], size: usize) -> Vec<T> {
    let mut everywhere = known.to_vec();
    everywhere.resize(size, T::default());
    everywhere
}

/// How many values are in a value, itself included.
fn values(value: &Value) -> u64 {
    1 + match value {
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(members) => members.values().map(values).sum(),
        _ => 0,
    }
}
