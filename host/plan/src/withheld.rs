//! What nobody is shown: words of a plugin that looked into a Secret may tell what is in it.

use crate::fault::Fault;
use crate::plugin::{Amendment, Refusal};

/// What stands where they would.
pub(crate) const WITHHELD: &str = "what it says is withheld, because it looked into the Secret";

/// The same fault without the plugin's words. Which budget it went over and what the host says for itself stay.
pub(crate) fn fault(fault: Fault) -> Fault {
    let words = || WITHHELD.to_owned();
    match fault {
        Fault::Config(_) => Fault::Config(words()),
        Fault::Template(_) => Fault::Template(words()),
        Fault::Unschedulable(_) => Fault::Unschedulable(words()),
        Fault::Internal(_) => Fault::Internal(words()),
        Fault::Trap(_) => Fault::Trap(words()),
        Fault::Answer(_) => Fault::Answer(words()),
        own @ (Fault::Budget(_) | Fault::World(_)) => own,
    }
}

/// The same refusals without their reasons.
pub(crate) fn refusals(refusals: Vec<Refusal>) -> Vec<Refusal> {
    let without = |refusal: Refusal| Refusal { reason: WITHHELD.into(), ..refusal };
    refusals.into_iter().map(without).collect()
}

/// The same amendments without words for people. The patches stay, since they are to be applied; nobody is shown them.
pub(crate) fn amendments(amendments: Vec<Amendment>) -> Vec<Amendment> {
    let without = |Amendment { clusters, patch, mut warnings }: Amendment| {
        // That there was something to say is no secret.
        warnings.truncate(1);
        warnings.iter_mut().for_each(|warning| *warning = WITHHELD.into());
        Amendment { clusters, patch: patch.map_err(fault), warnings }
    };
    amendments.into_iter().map(without).collect()
}
