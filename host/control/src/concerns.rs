//! Which templates a change of what Worlds are made of may make a difference to.

use std::collections::BTreeSet;

use portolan_api::{
    ObjectKey, OverrideSpec, Policy, PolicyKind, PolicyRef, PropagationSpec, ResourceSelector,
};
use portolan_plan::Kind;

/// Which templates changes may make a difference to: rather too many than too few, for whoever is decided about in vain comes
/// out as before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concerns {
    /// Every one.
    all: bool,
    /// Those that these policies have claimed.
    claimed: BTreeSet<PolicyRef>,
    /// Those that no policy has claimed.
    unclaimed: BTreeSet<Group>,
    /// Whoever has claimed them.
    any: BTreeSet<Group>,
    /// Those that wait for an override policy to be there.
    waiting: bool,
}

/// Templates of a kind in a namespace; none: of every kind, in every namespace.
type Group = (Option<Kind>, Option<String>);

impl Concerns {
    /// A cluster, a plugin, or nobody knows what.
    pub fn all() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// A policy that places, as it was or is: those that it has claimed, and those that it may claim.
    pub fn placed_by(policy: &Policy<PropagationSpec>) -> Self {
        let groups = groups(&policy.reference, &policy.spec.resource_selectors);
        let mut concerns = Self { claimed: BTreeSet::from([policy.reference.clone()]), ..Self::default() };
        // One that preempts takes templates from others.
        match policy.spec.preemption.as_deref() {
            Some("Always") => concerns.any = groups,
            _ => concerns.unclaimed = groups,
        }
        concerns
    }

    /// A policy that overrides, as it was or is: those that it selects.
    pub fn overridden_by(policy: &Policy<OverrideSpec>) -> Self {
        let any = groups(&policy.reference, &policy.spec.resource_selectors);
        Self { any, waiting: true, ..Self::default() }
    }

    /// A policy that can't be read: those that it may have claimed or selected.
    pub fn reached_by(policy: &PolicyRef, selectors: &[ResourceSelector]) -> Self {
        Self {
            any: groups(policy, selectors),
            claimed: BTreeSet::from([policy.clone()]),
            waiting: true,
            ..Self::default()
        }
    }

    /// These too.
    pub fn add(&mut self, more: Self) {
        let Self { all, claimed, unclaimed, any, waiting } = more;
        self.all |= all;
        self.claimed.extend(claimed);
        self.unclaimed.extend(unclaimed);
        self.any.extend(any);
        self.waiting |= waiting;
    }

    /// The kinds of the templates that it may be.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.unclaimed.iter().chain(&self.any).filter_map(|(kind, _)| kind.as_ref())
    }

    /// Whether it concerns every template.
    pub fn concern_all(&self) -> bool {
        self.all
    }

    /// Whether it concerns a template that stands so.
    pub fn concern(&self, standing: &Standing<'_>) -> bool {
        let Standing { template, claim, free, waits } = standing;
        let kind = || Some(Kind { api_version: template.api_version.clone(), kind: template.kind.clone() });
        let of = |groups: &BTreeSet<Group>| {
            !groups.is_empty()
                && [
                    (kind(), template.namespace.clone()),
                    (kind(), None),
                    (None, template.namespace.clone()),
                    (None, None),
                ]
                .iter()
                .any(|group| groups.contains(group))
        };
        self.all
            || (self.waiting && *waits)
            || claim.is_some_and(|claim| self.claimed.contains(claim))
            || (*free && of(&self.unclaimed))
            || of(&self.any)
    }
}

/// How a template stands, as far as it tells what concerns it.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Which it is.
    pub template: &'a ObjectKey,
    /// Which policy has claimed it.
    pub claim: Option<&'a PolicyRef>,
    /// Whether any policy may claim it.
    pub free: bool,
    /// Whether it waits for an override policy to be there.
    pub waits: bool,
}

/// What a policy with these selectors may select.
fn groups(policy: &PolicyRef, selectors: &[ResourceSelector]) -> BTreeSet<Group> {
    let namespace = match policy.kind {
        PolicyKind::PropagationPolicy | PolicyKind::OverridePolicy => policy.namespace.clone(),
        PolicyKind::ClusterPropagationPolicy | PolicyKind::ClusterOverridePolicy => None,
    };
    if selectors.is_empty() {
        return BTreeSet::from([(None, namespace)]);
    }
    let kind = |selector: &ResourceSelector| Kind {
        api_version: selector.api_version.clone(),
        kind: selector.kind.clone(),
    };
    selectors.iter().map(|selector| (Some(kind(selector)), namespace.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(kind: &str, namespace: &str) -> ObjectKey {
        let (api_version, kind, name) = ("v1".into(), kind.into(), "web".into());
        ObjectKey { api_version, kind, namespace: Some(namespace.into()), name }
    }

    fn policy(kind: PolicyKind, namespace: Option<&str>) -> PolicyRef {
        PolicyRef { kind, namespace: namespace.map(Into::into), name: "p".into() }
    }

    fn concern(concerns: &Concerns, template: &ObjectKey, claim: Option<&PolicyRef>, waits: bool) -> bool {
        concerns.concern(&Standing { template, claim, free: claim.is_none(), waits })
    }

    fn selectors() -> Vec<ResourceSelector> {
        serde_json::from_str(r#"[{"apiVersion": "v1", "kind": "ConfigMap"}]"#).expect("a selector")
    }

    #[test]
    fn a_policy_concerns_what_it_claimed_and_what_it_may_claim() {
        let reference = policy(PolicyKind::PropagationPolicy, Some("shop"));
        let spec = r#"{"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap"}]}"#;
        let mut spec: PropagationSpec = serde_json::from_str(spec).expect("a spec");
        let read = |spec: &PropagationSpec| Policy {
            reference: reference.clone(),
            spec: spec.clone(),
            written: serde_json::Value::Null,
        };
        let concerns = Concerns::placed_by(&read(&spec));
        let (here, other) =
            (template("ConfigMap", "shop"), policy(PolicyKind::PropagationPolicy, Some("other")));
        assert!(concern(&concerns, &here, None, false));
        assert!(
            concern(&concerns, &template("Secret", "shop"), Some(&reference), false),
            "it had claimed it"
        );
        assert!(!concern(&concerns, &here, Some(&other), false));
        assert!(!concern(&concerns, &template("ConfigMap", "other"), None, false));
        assert!(!concern(&concerns, &template("Secret", "shop"), None, false));
        spec.preemption = Some("Always".into());
        assert!(concern(&Concerns::placed_by(&read(&spec)), &here, Some(&other), false), "it takes it away");
    }

    #[test]
    fn a_policy_that_overrides_concerns_what_it_selects_and_what_waits() {
        let reference = policy(PolicyKind::ClusterOverridePolicy, None);
        let claim = policy(PolicyKind::PropagationPolicy, Some("shop"));
        let some = Concerns::reached_by(&reference, &selectors());
        assert!(concern(&some, &template("ConfigMap", "shop"), Some(&claim), false));
        assert!(!concern(&some, &template("Secret", "shop"), Some(&claim), false));
        assert!(concern(&some, &template("Secret", "shop"), Some(&claim), true));
        assert!(concern(
            &Concerns::reached_by(&reference, &[]),
            &template("Secret", "shop"),
            Some(&claim),
            false
        ));
        let mut both = Concerns::default();
        both.add(some);
        both.add(Concerns::all());
        assert!(concern(&both, &template("Secret", "elsewhere"), None, false));
    }
}
