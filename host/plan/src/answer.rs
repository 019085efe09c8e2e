//! What plugins answer in the stages of placement, checked as far as plan relies on it.

use fixedbitset::FixedBitSet;

use crate::conversation::Outcome;
use crate::fault::Fault;
use crate::fleet::Place;
use crate::plugin::{Choice, Plugin, Refusal, Stage};
use crate::reading::Reading;
use crate::room::Takes;
use crate::withheld;

/// An answer in one of the stages.
pub trait StageAnswer: Sized + Takes + Send + Sync {
    /// Which.
    const STAGE: Stage;

    /// Asks a plugin.
    fn ask(plugin: &dyn Plugin, config: &str, reading: &mut Reading) -> Result<Self, Fault>;

    /// The answer as a transcript has it.
    fn outcome(&self) -> Outcome;

    /// The same answer without the plugin's words.
    fn withheld(self) -> Self {
        self
    }
}

/// A filter's answer.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Every refusal, as the plugin gave them.
    pub refusals: Vec<Refusal>,
    /// All places that any of them names.
    pub places: FixedBitSet,
}

/// One value for each cluster on offer, in their order.
#[derive(Clone, Debug)]
pub struct PerCluster<T>(pub Vec<T>);

/// A scorer's answer.
pub type Scores = PerCluster<u8>;

/// An estimator's answer.
pub type Estimates = PerCluster<Option<u32>>;

/// An assigner's answer.
pub type Replicas = PerCluster<u32>;

impl StageAnswer for Refused {
    const STAGE: Stage = Stage::Filter;

    fn ask(plugin: &dyn Plugin, config: &str, reading: &mut Reading) -> Result<Self, Fault> {
        let refusals = plugin.filter(config, reading)?;
        let mut places = FixedBitSet::with_capacity(reading.on_offer());
        for place in refusals.iter().flat_map(|refusal| &refusal.clusters) {
            offered(*place, reading)?;
            places.insert(*place as usize);
        }
        Ok(Self { refusals, places })
    }

    fn outcome(&self) -> Outcome {
        Outcome::Refusals(self.refusals.clone())
    }

    fn withheld(self) -> Self {
        Self { refusals: withheld::refusals(self.refusals), places: self.places }
    }
}

impl StageAnswer for Scores {
    const STAGE: Stage = Stage::Scorer;

    fn ask(plugin: &dyn Plugin, config: &str, reading: &mut Reading) -> Result<Self, Fault> {
        one_each(plugin.score(config, reading)?, reading)
    }

    fn outcome(&self) -> Outcome {
        Outcome::Scores(self.0.clone())
    }
}

impl StageAnswer for Estimates {
    const STAGE: Stage = Stage::Estimator;

    fn ask(plugin: &dyn Plugin, config: &str, reading: &mut Reading) -> Result<Self, Fault> {
        one_each(plugin.estimate(config, reading)?, reading)
    }

    fn outcome(&self) -> Outcome {
        Outcome::Estimates(self.0.clone())
    }
}

impl StageAnswer for Choice {
    const STAGE: Stage = Stage::Selector;

    fn ask(plugin: &dyn Plugin, config: &str, reading: &mut Reading) -> Result<Self, Fault> {
        let choice = plugin.select(config, reading)?;
        let refused = choice.refused.iter().flat_map(|refusal| &refusal.clusters);
        choice.chosen.iter().chain(refused).try_for_each(|place| offered(*place, reading))?;
        Ok(choice)
    }

    fn outcome(&self) -> Outcome {
        Outcome::Choice(self.clone())
    }

    fn withheld(self) -> Self {
        Self { chosen: self.chosen, refused: withheld::refusals(self.refused) }
    }
}

impl StageAnswer for Replicas {
    const STAGE: Stage = Stage::Assigner;

    fn ask(plugin: &dyn Plugin, config: &str, reading: &mut Reading) -> Result<Self, Fault> {
        one_each(plugin.assign(config, reading)?, reading)
    }

    fn outcome(&self) -> Outcome {
        Outcome::Replicas(self.0.clone())
    }
}

fn offered(place: Place, reading: &Reading) -> Result<(), Fault> {
    if (place as usize) < reading.on_offer() {
        Ok(())
    } else {
        Err(Fault::Answer(format!("cluster {place} is not on offer")))
    }
}

fn one_each<T>(values: Vec<T>, reading: &Reading) -> Result<PerCluster<T>, Fault> {
    if values.len() == reading.on_offer() {
        Ok(PerCluster(values))
    } else {
        let (given, due) = (values.len(), reading.on_offer());
        Err(Fault::Answer(format!("it has {given} values for {due} clusters")))
    }
}
