//! What had no effect over a whole run, and what it nearly meant. A policy that does nothing says nothing by itself.

use std::collections::{BTreeMap, BTreeSet};

use portolan_api::{ObjectKey, PolicyRef, ResourceSelector, group_version};

use crate::decision::{Decision, Hold};
use crate::idle::{idle_fields, missing, placement_notices};
use crate::placed::Attempt;
use crate::world::World;

/// Collects what had an effect, decision by decision. The order does not matter.
#[derive(Default)]
pub struct Tally {
    templates: BTreeSet<ObjectKey>,
    unclaimed: BTreeSet<ObjectKey>,
    /// Propagation policies that some template belongs to, and whether any of those fits a cluster, by index.
    placed: BTreeMap<usize, bool>,
    /// Propagation policies that divide replicas, and whether any of their templates has some, by index.
    divided: BTreeMap<usize, bool>,
    /// Clusters of which nobody can tell how much room they have, although that was asked.
    unknown_room: BTreeSet<String>,
    /// Rules that were looked at, and whether they ever targeted a cluster, by the indexes of policy and rule.
    targeted: BTreeMap<(usize, usize), bool>,
    /// Overriders that ran, and whether they ever changed anything, by the indexes of policy and rule and by field.
    changed: BTreeMap<(usize, usize, String), bool>,
    /// Override policies that select a template whose overrides did not run.
    untold: BTreeSet<usize>,
}

/// Something that had no effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The policy; none where a template or a cluster is meant.
    pub policy: Option<PolicyRef>,
    /// The field of it, "" for the whole.
    pub field: String,
    /// What had no effect, and what it nearly meant.
    pub text: String,
}

impl Tally {
    /// Takes one decision into account.
    pub fn note(&mut self, world: &World, decision: &Decision) {
        let key = &decision.template.key;
        self.templates.insert(key.clone());
        if decision.hold == Some(Hold::Unclaimed) {
            self.unclaimed.insert(key.clone());
        }
        if let Some(policy) = &decision.policy {
            // A hold says why by itself.
            let fits = !decision.selected.is_empty() || decision.hold.is_some();
            *self.placed.entry(policy.index).or_default() |= fits;
            let divides = policy.spec.placement.replica_scheduling.as_ref().is_some_and(|one| one.divides());
            if divides && decision.hold.is_none() {
                *self.divided.entry(policy.index).or_default() |=
                    decision.placed.replicas.is_some_and(|all| all > 0);
            }
        }
        let of_unknown_room = decision.placed.attempts.iter().flat_map(Attempt::of_unknown_room);
        self.unknown_room.extend(of_unknown_room.map(|place| world.fleet().name(place).to_owned()));
        if decision.hold.as_ref().is_some_and(|hold| *hold != Hold::Unclaimed) {
            self.untold.extend(world.overridden_by(&decision.template).iter().map(|policy| policy.index));
        }
        for step in &decision.rules {
            let at = (step.policy.index, step.rule);
            *self.targeted.entry(at).or_default() |= !step.targets.is_empty() || step.untold().is_some();
            for overrider in &step.overriders {
                let told = !overrider.changed.is_empty()
                    || !overrider.failed.is_empty()
                    // It has said itself why it did nothing.
                    || overrider.warnings().next().is_some()
                    || overrider.answer.outcome.is_err();
                let (policy, rule) = at;
                *self.changed.entry((policy, rule, overrider.call.call.field.clone())).or_default() |= told;
            }
        }
    }

    /// Everything that had no effect: policies, rules, overriders, then templates that no policy selects.
    pub fn notices(&self, world: &World) -> Vec<Notice> {
        let mut notices = Vec::new();
        for policy in world.propagation().iter().filter(|policy| !self.placed.contains_key(&policy.index)) {
            let outdone = self.templates.iter().any(|key| selects(&policy.spec.resource_selectors, key));
            let what = if outdone {
                "places nothing: other policies win or nothing has its labels"
            } else {
                "selects no template"
            };
            let near = self.nearest(&policy.spec.resource_selectors);
            notices.push(notice(&policy.reference, "", sentence(what, near.filter(|_| !outdone))));
        }
        for policy in world.overrides() {
            if self.untold.contains(&policy.index) {
                continue;
            }
            let index = policy.index;
            if !(0..policy.rules.len()).any(|rule| self.targeted.contains_key(&(index, rule))) {
                let near = self.nearest(&policy.spec.resource_selectors);
                let what = if policy.rules.is_empty() {
                    "has no rules"
                } else {
                    "selects no template that is placed"
                };
                notices.push(notice(&policy.reference, "", sentence(what, near)));
                continue;
            }
            for (number, rule) in policy.rules.iter().enumerate() {
                if self.targeted.get(&(index, number)) == Some(&false) {
                    let field = format!("spec.overrideRules[{number}]");
                    let near =
                        rule.written.target_cluster.as_ref().and_then(|affinity| missing(world, affinity));
                    let what = "targets none of the clusters to which its templates go";
                    notices.push(notice(&policy.reference, &field, sentence(what, near)));
                }
                if rule.overriders.is_empty() {
                    let field = format!("spec.overrideRules[{number}].overriders");
                    notices.push(notice(
                        &policy.reference,
                        &field,
                        "is empty, so the rule changes nothing".into(),
                    ));
                }
                for overrider in &rule.overriders {
                    let field = &overrider.call.field;
                    if self.changed.get(&(index, number, field.clone())) == Some(&false) {
                        notices.push(notice(&policy.reference, field, "changed nothing".into()));
                    }
                }
            }
        }
        for policy in world.propagation().iter().filter(|policy| self.placed.contains_key(&policy.index)) {
            if self.placed.get(&policy.index) == Some(&false) {
                let text = "selects templates and places them nowhere, because no cluster fits; `portolan explain` \
                            says why";
                notices.push(notice(&policy.reference, "spec.placement", text.into()));
            }
            let idle = idle_fields(&policy.spec).map(|field| {
                notice(&policy.reference, field, "has no effect in this version of Portolan".into())
            });
            notices.extend(idle);
        }
        for policy in world.propagation() {
            let of_placement = placement_notices(world, &policy.spec.placement);
            notices.extend(of_placement.into_iter().map(|(at, text)| notice(&policy.reference, &at, text)));
            if self.divided.get(&policy.index) == Some(&false) {
                let text = "divides replicas, and none of its templates says that it has any";
                notices.push(notice(&policy.reference, "spec.placement.replicaScheduling", text.into()));
            }
        }
        notices.sort();
        notices.extend(self.of_unknown_room());
        let unclaimed = self.unclaimed.iter().map(|key| Notice {
            policy: None,
            field: String::new(),
            text: format!("{key}: no policy selects it"),
        });
        notices.extend(unclaimed);
        notices
    }

    /// One notice for all of them: a fleet of bare names would drown everything else.
    fn of_unknown_room(&self) -> Option<Notice> {
        /// Enough to see which ones are meant. Arbitrary.
        const FEW: usize = 5;
        let names: Vec<&str> = self.unknown_room.iter().map(String::as_str).collect();
        let text = match names.as_slice() {
            [] => return None,
            [name] => {
                format!(
                    "Cluster {name} does not say how much room it has; it counts as room for all replicas"
                )
            }
            names => {
                let mut listed = names[..names.len().min(FEW)].join(", ");
                if names.len() > FEW {
                    listed.push_str(&format!(" and {} more", names.len() - FEW));
                }
                format!(
                    "Clusters {listed} do not say how much room they have; each counts as room for all replicas"
                )
            }
        };
        Some(Notice { policy: None, field: String::new(), text })
    }

    /// The template that selectors miss by one thing, and that thing.
    fn nearest(&self, selectors: &[ResourceSelector]) -> Option<String> {
        selectors.iter().find_map(|selector| self.templates.iter().find_map(|key| near_miss(selector, key)))
    }
}

fn notice(policy: &PolicyRef, field: &str, text: String) -> Notice {
    Notice { policy: Some(policy.clone()), field: field.into(), text }
}

fn sentence(what: &str, near: Option<String>) -> String {
    near.map_or_else(|| what.to_owned(), |near| format!("{what}; {near}"))
}

/// Whether selectors mean a template as far as its identity goes.
fn selects(selectors: &[ResourceSelector], key: &ObjectKey) -> bool {
    selectors.iter().any(|selector| differences(selector, key).is_empty())
}

/// What a selector says that a template is not, where that is a single thing and easily a slip.
fn near_miss(selector: &ResourceSelector, key: &ObjectKey) -> Option<String> {
    let differences = differences(selector, key);
    let [(field, said, is)] = &differences[..] else { return None };
    let slip = match *field {
        // Another version of the same group, a kind in the wrong case, a name with a slip of the pen: 2 is arbitrary.
        "apiVersion" => selector.name.is_some() || group_version(said).0 == group_version(is).0,
        "namespace" => selector.name.is_some(),
        _ => said.eq_ignore_ascii_case(is) || strsim::osa_distance(said, is) <= 2,
    };
    slip.then(|| format!("nearly {key}, whose {field} is `{is}`, not `{said}`"))
}

fn differences<'a>(
    selector: &'a ResourceSelector,
    key: &'a ObjectKey,
) -> Vec<(&'static str, &'a str, &'a str)> {
    let ResourceSelector { api_version, kind, namespace, name, label_selector: _ } = selector;
    let of_key = key.namespace.as_deref().unwrap_or_default();
    [
        Some(("apiVersion", api_version.as_str(), key.api_version.as_str())),
        Some(("kind", kind.as_str(), key.kind.as_str())),
        namespace.as_deref().map(|namespace| ("namespace", namespace, of_key)),
        name.as_deref().map(|name| ("name", name, key.name.as_str())),
    ]
    .into_iter()
    .flatten()
    .filter(|(_, said, is)| said != is)
    .collect()
}
