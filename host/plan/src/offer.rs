//! The clusters that a stage is asked about: all of them, or those that earlier stages left.

use std::sync::Arc;

use fixedbitset::FixedBitSet;

use crate::fleet::{Fleet, Place, places};

/// Clusters on offer.
#[derive(Clone)]
pub(crate) struct Offer {
    /// What plugins ask about. A place there is the number of clusters on offer before it.
    pub(crate) fleet: Arc<Fleet>,
    /// Which of all clusters they are.
    pub(crate) places: Arc<FixedBitSet>,
    /// The same, one by one, where they are not all.
    listed: Option<Arc<[Place]>>,
}

impl Offer {
    /// Every cluster.
    pub(crate) fn all(fleet: &Arc<Fleet>) -> Self {
        Self { fleet: Arc::clone(fleet), places: Arc::new(fleet.everybody()), listed: None }
    }

    /// Some of a fleet's clusters, not all.
    pub(crate) fn narrowed(fleet: &Arc<Fleet>, to: &FixedBitSet) -> Self {
        Self {
            fleet: Arc::new(fleet.narrowed(to)),
            places: Arc::new(to.clone()),
            listed: Some(places(to).into()),
        }
    }

    /// Whether they are all that there are.
    pub(crate) fn is_everybody(&self) -> bool {
        self.listed.is_none()
    }

    /// Which of all clusters they are; none: all.
    pub(crate) fn some(&self) -> Option<Vec<Place>> {
        self.listed.as_ref().map(|listed| listed.to_vec())
    }

    /// Where a cluster on offer stands among all.
    pub(crate) fn outer(&self, inner: Place) -> Place {
        self.listed.as_ref().map_or(inner, |listed| listed[inner as usize])
    }

    /// Where one of all clusters stands among those on offer; none where it is not.
    pub(crate) fn inner(&self, outer: Place) -> Option<Place> {
        match &self.listed {
            None => Some(outer),
            Some(listed) => Place::try_from(listed.binary_search(&outer).ok()?).ok(),
        }
    }

    /// The values of the clusters on offer, out of one value for each of all; nothing where there is none.
    pub(crate) fn of<T: Clone>(&self, all: &[T]) -> Vec<T> {
        match &self.listed {
            Some(listed) if !all.is_empty() => {
                listed.iter().map(|place| all[*place as usize].clone()).collect()
            }
            _ => all.to_vec(),
        }
    }

    /// All clusters on offer, by their places among all.
    pub(crate) fn outers(&self) -> impl Iterator<Item = Place> {
        places(&self.places).into_iter()
    }
}
