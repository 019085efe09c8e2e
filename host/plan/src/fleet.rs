//! The clusters on offer, arranged so that plugins' questions about them are cheap.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use fixedbitset::FixedBitSet;
use portolan_api::{Cluster, LabelSelector, Operator};
use serde_json::Value;

use crate::served::{Served, Serving};

/// How many columns are kept as text, how long their pointers and how large they may be: 64 MiB at the most. Plugins ask
/// for few and small ones; what is larger is made anew each time, at the expense of the call's budget.
const MAX_COLUMNS: usize = 64;
const MAX_POINTER_BYTES: usize = 256;
const MAX_COLUMN_BYTES: usize = 1 << 20;

/// The same where only some of the clusters are on offer, of which there may be many lists: half a MiB for each.
const MAX_NARROWED_COLUMNS: usize = 8;
const MAX_NARROWED_COLUMN_BYTES: usize = 64 << 10;

/// A place among the clusters on offer: 0 is the first name.
pub type Place = u32;

/// Clusters on offer, in the order of their names: all of them, or those that earlier steps left.
#[derive(Debug, Default)]
pub struct Fleet {
    clusters: Vec<Arc<Cluster>>,
    /// Which clusters carry a label, by key and value; found out once somebody asks.
    by_label: OnceLock<ByLabel>,
    columns: RwLock<BTreeMap<String, Arc<str>>>,
    alike: RwLock<BTreeMap<String, AlikeAt>>,
    serving: OnceLock<Serving>,
    narrowed: bool,
}

type ByLabel = BTreeMap<String, BTreeMap<String, FixedBitSet>>;

/// Places, grouped by something that is equal there.
type Groups = Arc<[Vec<Place>]>;

/// Clusters that are alike in a field, and how many bytes were compared to tell.
type AlikeAt = (Groups, u64);

impl Fleet {
    /// Takes clusters in any order. Of two with the same name the first counts.
    pub fn new(mut clusters: Vec<Cluster>) -> Self {
        clusters.sort_by(|a, b| a.name.cmp(&b.name));
        clusters.dedup_by(|later, earlier| later.name == earlier.name);
        Self { clusters: clusters.into_iter().map(Arc::new).collect(), ..Self::default() }
    }

    /// Only some of the clusters. They have other places there.
    pub(crate) fn narrowed(&self, to: &FixedBitSet) -> Self {
        Self {
            clusters: to.ones().map(|place| Arc::clone(&self.clusters[place])).collect(),
            narrowed: true,
            ..Self::default()
        }
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        self.clusters.len()
    }

    /// The clusters in order.
    pub fn clusters(&self) -> &[Arc<Cluster>] {
        &self.clusters
    }

    /// The cluster at a place, where one was offered.
    pub fn at(&self, place: Place) -> Option<&Cluster> {
        self.clusters.get(usize::try_from(place).ok()?).map(Arc::as_ref)
    }

    /// The name at a place that is known to be on offer.
    pub fn name(&self, place: Place) -> &str {
        self.at(place).map_or("", |cluster| &cluster.name)
    }

    /// Where a name stands.
    pub fn find(&self, name: &str) -> Option<Place> {
        let at = self.clusters.binary_search_by(|cluster| cluster.name.as_str().cmp(name)).ok()?;
        Place::try_from(at).ok()
    }

    /// A set of places with nobody in it.
    pub fn none(&self) -> FixedBitSet {
        FixedBitSet::with_capacity(self.size())
    }

    /// A set of places with everybody in it.
    pub fn everybody(&self) -> FixedBitSet {
        let mut all = self.none();
        all.insert_range(..);
        all
    }

    /// The clusters whose labels a selector matches. It must have been checked.
    pub(crate) fn matching(&self, selector: &LabelSelector) -> FixedBitSet {
        let mut matching = self.everybody();
        for (key, value) in &selector.match_labels {
            matching.intersect_with(&self.carrying(key, std::slice::from_ref(value)));
        }
        for requirement in &selector.match_expressions {
            let any = || self.by_label().get(&requirement.key).map(|values| values.values());
            let with_key = || {
                any().into_iter().flatten().fold(self.none(), |mut set, carrying| {
                    set.union_with(carrying);
                    set
                })
            };
            match requirement.operator() {
                Some(Operator::In) => {
                    matching.intersect_with(&self.carrying(&requirement.key, &requirement.values))
                }
                Some(Operator::NotIn) => {
                    matching.difference_with(&self.carrying(&requirement.key, &requirement.values));
                }
                Some(Operator::Exists) => matching.intersect_with(&with_key()),
                Some(Operator::DoesNotExist) => matching.difference_with(&with_key()),
                None => matching.clear(),
            }
        }
        matching
    }

    /// One field of every cluster as the text of a JSON array, null where it is missing.
    pub(crate) fn column(&self, at: &str) -> Arc<str> {
        let known = self.columns.read().unwrap_or_else(PoisonError::into_inner).get(at).cloned();
        known.unwrap_or_else(|| {
            let fields =
                self.clusters.iter().map(|cluster| cluster.facts.pointer(at).unwrap_or(&Value::Null));
            let text: Arc<str> = serde_json::Value::from_iter(fields.cloned()).to_string().into();
            let mut columns = self.columns.write().unwrap_or_else(PoisonError::into_inner);
            if columns.len() < self.columns_kept()
                && at.len() <= MAX_POINTER_BYTES
                && text.len() <= self.column_bytes_kept()
            {
                columns.insert(at.into(), Arc::clone(&text));
            }
            text
        })
    }

    fn columns_kept(&self) -> usize {
        if self.narrowed { MAX_NARROWED_COLUMNS } else { MAX_COLUMNS }
    }

    fn column_bytes_kept(&self) -> usize {
        if self.narrowed { MAX_NARROWED_COLUMN_BYTES } else { MAX_COLUMN_BYTES }
    }

    fn by_label(&self) -> &ByLabel {
        self.by_label.get_or_init(|| {
            let mut by_label = ByLabel::new();
            for (place, cluster) in self.clusters.iter().enumerate() {
                for (key, value) in cluster.labels() {
                    let values = by_label.entry(key.into()).or_default();
                    values.entry(value.into()).or_insert_with(|| self.none()).insert(place);
                }
            }
            by_label
        })
    }

    /// The clusters, grouped by equal value of a field; missing is equal to null.
    pub(crate) fn alike(&self, at: &str) -> AlikeAt {
        let known = self.alike.read().unwrap_or_else(PoisonError::into_inner).get(at).cloned();
        known.unwrap_or_else(|| {
            let mut groups = Vec::<Vec<Place>>::new();
            let mut group_of = BTreeMap::<String, usize>::new();
            let mut compared = 0;
            for (place, cluster) in (0..).zip(&self.clusters) {
                let value = cluster.facts.pointer(at).unwrap_or(&Value::Null).to_string();
                compared += value.len() as u64;
                match *group_of.entry(value).or_insert(groups.len()) {
                    new if new == groups.len() => groups.push(vec![place]),
                    group => groups[group].push(place),
                }
            }
            let alike_at: AlikeAt = (groups.into(), compared);
            let mut alike = self.alike.write().unwrap_or_else(PoisonError::into_inner);
            if alike.len() < self.columns_kept() && at.len() <= MAX_POINTER_BYTES {
                alike.insert(at.into(), alike_at.clone());
            }
            alike_at
        })
    }

    /// What each cluster's status says of a kind.
    pub(crate) fn serving(&self, api_version: &str, kind: &str) -> Vec<Served> {
        self.serving.get_or_init(|| Serving::of(&self.clusters)).each(api_version, kind)
    }

    fn carrying(&self, key: &str, values: &[String]) -> FixedBitSet {
        let mut carrying = self.none();
        if let Some(by_value) = self.by_label().get(key) {
            values.iter().filter_map(|value| by_value.get(value)).for_each(|set| carrying.union_with(set));
        }
        carrying
    }
}

/// The places in a set, ascending.
pub(crate) fn places(set: &FixedBitSet) -> Vec<Place> {
    set.ones().filter_map(|place| Place::try_from(place).ok()).collect()
}
