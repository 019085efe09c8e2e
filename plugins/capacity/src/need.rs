//! What one replica needs: `requirements.resourceRequest`, which the template's interpreter told.

use portolan_plugin::{Fault, Questions};
use quantity::Quantity;

use crate::amounts;

/// One resource, and how much of it.
pub(crate) struct Need {
    /// Such as `cpu`, `memory` or `nvidia.com/gpu`.
    pub(crate) resource: String,
    /// More than nothing.
    pub(crate) amount: Quantity,
}

impl Need {
    /// How many times the need goes into an amount: thousandths of a processor, whole units of all else, both rounded up.
    pub(crate) fn fits_into(&self, there: Quantity) -> i64 {
        let counted = |amount: Quantity| if self.resource == "cpu" { amount.milli() } else { amount.units() };
        if there.is_positive() { counted(there) / counted(self.amount) } else { 0 }
    }
}

/// In the order of their names. Empty where nothing is needed but a pod.
pub(crate) fn of_one_replica(questions: &dyn Questions) -> Result<Vec<Need>, Fault> {
    let requirements = questions.request_requirements().unwrap_or_default();
    let mut needs = Vec::new();
    for (resource, amount) in requirements["resourceRequest"].as_object().into_iter().flatten() {
        let amount = amounts::read(amount).map_err(|wrong| {
            Fault::Template(format!(
                "what a replica needs can't be told: resourceRequest.{resource}: {wrong}"
            ))
        })?;
        if amount.is_positive() {
            needs.push(Need { resource: resource.clone(), amount });
        }
    }
    needs.sort_by(|one, other| one.resource.cmp(&other.resource));
    Ok(needs)
}
