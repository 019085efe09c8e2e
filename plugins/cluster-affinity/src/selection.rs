use portolan_plugin::Cluster;

/// Some of the clusters on offer.
pub(crate) struct Selection {
    chosen: Vec<bool>,
}

impl Selection {
    /// Of so many on offer, these, in any order.
    pub(crate) fn of(clusters: impl IntoIterator<Item = Cluster>, size: u32) -> Self {
        let mut chosen = vec![false; size as usize];
        for cluster in clusters {
            chosen[cluster as usize] = true;
        }
        Self { chosen }
    }

    /// Cluster by cluster, whether it is one of them.
    pub(crate) fn by(chosen: impl Iterator<Item = bool>) -> Self {
        Self { chosen: chosen.collect() }
    }

    /// Ascending, each once.
    pub(crate) fn clusters(&self) -> Vec<Cluster> {
        self.that_are(true)
    }

    /// The rest of those on offer, ascending.
    pub(crate) fn others(&self) -> Vec<Cluster> {
        self.that_are(false)
    }

    fn that_are(&self, chosen: bool) -> Vec<Cluster> {
        (0..).zip(&self.chosen).filter(|(_, is)| **is == chosen).map(|(cluster, _)| cluster).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Selection;

    #[test]
    fn everything_on_offer_is_either_chosen_or_not() {
        let selection = Selection::of([2, 0, 2], 4);
        assert_eq!(selection.clusters(), [0, 2]);
        assert_eq!(selection.others(), [1, 3]);
        assert_eq!(Selection::of([], 2).others(), [0, 1]);
        assert_eq!(Selection::of([], 0).others(), [0; 0]);
    }
}
