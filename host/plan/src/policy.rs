//! Policies as plan uses them: every call for a plugin prepared, everything that can't be done found out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portolan_api::{
    OverrideRule, OverrideSpec, Overriders, PluginUse, Policy, PolicyRef, Problem, PropagationSpec,
};
use serde::Serialize;
use serde_json::Value;

use crate::call::{Call, FilterCall, Keeping, OverriderCall};
use crate::digest::Digest;
use crate::placing::{CLUSTER_AFFINITY, Placing, Shared, Traits, plugins_of};
use crate::plugin::{Plugin, Stage};

/// The plugins that policies may name, by the name under which each was loaded.
pub type Plugins = BTreeMap<String, Arc<dyn Plugin>>;

/// The default plugins behind the overriders' own fields, in the order in which they run.
const IMAGE: &str = "image";
const COMMAND: &str = "command";
const ARGS: &str = "args";
const LABELS: &str = "labels";
const ANNOTATIONS: &str = "annotations";
const FIELD: &str = "field";
const PLAINTEXT: &str = "plaintext";

/// A PropagationPolicy or ClusterPropagationPolicy.
pub struct Propagation {
    /// Who it is.
    pub reference: PolicyRef,
    /// What it says.
    pub spec: PropagationSpec,
    /// Its spec as it was written.
    pub written: Value,
    /// The digest of what was written.
    pub digest: Digest,
    /// Who decides where its templates go.
    pub placing: Placing,
    /// Override policies that it waits for and that are not there.
    pub waits_for: Vec<String>,
    /// Its place among all propagation policies of the World.
    pub index: usize,
}

/// An OverridePolicy or ClusterOverridePolicy.
pub struct Overriding {
    /// Who it is.
    pub reference: PolicyRef,
    /// What it says.
    pub spec: OverrideSpec,
    /// Its spec as it was written.
    pub written: Value,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
    /// Its place among all override policies of the World.
    pub index: usize,
}

/// A rule of an override policy.
pub struct Rule {
    /// What it says.
    pub written: OverrideRule,
    /// Decides its clusters; none: all of them.
    pub target: Option<Arc<FilterCall>>,
    /// Its overriders in the order in which they run.
    pub overriders: Vec<Arc<OverriderCall>>,
}

/// The names of all plugins that policies ask for, by their own fields or by name, where clusters have these traits. A
/// shell loads these and no others.
pub fn plugins_named<'a>(
    propagation: impl Iterator<Item = &'a Policy<PropagationSpec>>,
    overrides: impl Iterator<Item = &'a Policy<OverrideSpec>>,
    traits: Traits,
) -> BTreeSet<&'a str> {
    let mut names: BTreeSet<&str> =
        propagation.flat_map(|policy| plugins_of(&policy.spec.placement, traits)).collect();
    for Policy { spec, .. } in overrides {
        let rules = spec.override_rules.iter().map(|rule| (&rule.target_cluster, Some(&rule.overriders)));
        for (target, overriders) in rules.chain([(&spec.target_cluster, spec.overriders.as_ref())]) {
            names.extend(target.iter().map(|_| CLUSTER_AFFINITY));
            let Some(overriders) = overriders else { continue };
            names.extend(overriders.plugins.iter().map(|wanted| wanted.name.as_str()));
            let typed = [
                (IMAGE, !overriders.image_overrider.is_empty()),
                (COMMAND, !overriders.command_overrider.is_empty()),
                (ARGS, !overriders.args_overrider.is_empty()),
                (LABELS, !overriders.labels_overrider.is_empty()),
                (ANNOTATIONS, !overriders.annotations_overrider.is_empty()),
                (FIELD, !overriders.field_overrider.is_empty()),
                (PLAINTEXT, !overriders.plaintext.is_empty()),
            ];
            names.extend(typed.into_iter().filter(|(_, used)| *used).map(|(name, _)| name));
        }
    }
    names
}

/// Prepares policies. Calls that tell the same plugin the same thing share its answer, so that it is found once.
pub(crate) struct Preparing<'a> {
    pub(crate) plugins: &'a Plugins,
    pub(crate) keeping: Keeping,
    pub(crate) traits: Traits,
    pub(crate) shared: Shared,
}

/// What can't be done of a policy.
#[derive(Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn note(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// What can be done; a problem is noted.
    pub(crate) fn sift<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.note(problem)).ok()
    }

    fn none(self) -> Result<(), Vec<Problem>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

impl Preparing<'_> {
    /// The policy, or everything in it that can't be done.
    pub(crate) fn propagation(
        &mut self,
        policy: Policy<PropagationSpec>,
    ) -> Result<Propagation, Vec<Problem>> {
        let Policy { reference, spec, written } = policy;
        let mut problems = Problems::default();
        let placing = self.placing(&spec.placement, &mut problems);
        problems.none()?;
        let digest = Digest::of(written.to_string().as_bytes());
        Ok(Propagation { reference, spec, written, digest, placing, waits_for: Vec::new(), index: 0 })
    }

    /// The policy, or everything in it that can't be done.
    pub(crate) fn overriding(&mut self, policy: Policy<OverrideSpec>) -> Result<Overriding, Vec<Problem>> {
        let Policy { reference, spec, written: whole } = policy;
        let in_old_form = spec.override_rules.is_empty();
        let mut problems = Problems::default();
        let mut rules = Vec::new();
        for (index, written) in spec.rules().into_iter().enumerate() {
            let at = if in_old_form { "spec".to_owned() } else { format!("spec.overrideRules[{index}]") };
            let target = written.target_cluster.as_ref();
            let target = target.map(|affinity| self.affinity(affinity, &format!("{at}.targetCluster")));
            let target = target.and_then(|target| problems.sift(target));
            let overriders = self.overriders(&written.overriders, &format!("{at}.overriders"));
            let overriders = overriders.into_iter().filter_map(|call| problems.sift(call)).collect();
            rules.push(Rule { written, target, overriders });
        }
        problems.none()?;
        Ok(Overriding { reference, spec, written: whole, rules, index: 0 })
    }

    /// The overriders of one rule in the order in which they run: it is the same whatever order the YAML has.
    fn overriders(&self, overriders: &Overriders, at: &str) -> Vec<Result<Arc<OverriderCall>, Problem>> {
        let Overriders {
            plaintext,
            image_overrider,
            command_overrider,
            args_overrider,
            labels_overrider,
            annotations_overrider,
            field_overrider,
            plugins,
        } = overriders;
        let typed = [
            self.typed_overrider(IMAGE, image_overrider, format!("{at}.imageOverrider")),
            self.typed_overrider(COMMAND, command_overrider, format!("{at}.commandOverrider")),
            self.typed_overrider(ARGS, args_overrider, format!("{at}.argsOverrider")),
            self.typed_overrider(LABELS, labels_overrider, format!("{at}.labelsOverrider")),
            self.typed_overrider(ANNOTATIONS, annotations_overrider, format!("{at}.annotationsOverrider")),
            self.typed_overrider(FIELD, field_overrider, format!("{at}.fieldOverrider")),
            self.typed_overrider(PLAINTEXT, plaintext, format!("{at}.plaintext")),
        ];
        let mut calls: Vec<_> = typed.into_iter().flatten().collect();
        calls.extend(plugins.iter().enumerate().map(|(index, wanted)| {
            let at = format!("{at}.plugins[{index}]");
            let plugin = self.custom(wanted, &[Stage::Overrider], &at)?;
            let call = Call::new(&wanted.name, at, plugin, wanted.config.to_string(), self.keeping.clone());
            Ok(Arc::new(OverriderCall::new(call, true)))
        }));
        calls
    }

    /// An overrider that stands in a field of its own, where that field has entries.
    fn typed_overrider<T: Serialize>(
        &self,
        name: &str,
        entries: &[T],
        at: String,
    ) -> Option<Result<Arc<OverriderCall>, Problem>> {
        if entries.is_empty() {
            return None;
        }
        let call = self.named(name, &[Stage::Overrider], &at).and_then(|plugin| {
            let config = text(&entries, &at)?;
            let call = Call::new(name, at, plugin, config, self.keeping.clone());
            Ok(Arc::new(OverriderCall::new(call, false)))
        });
        Some(call)
    }

    /// A plugin that a policy names itself, which can stand in some of the stages: its config is held against its schema.
    pub(crate) fn custom(
        &self,
        wanted: &PluginUse,
        stages: &[Stage],
        at: &str,
    ) -> Result<Arc<dyn Plugin>, Problem> {
        let plugin = self.named(&wanted.name, stages, &format!("{at}.name"))?;
        match plugin.check(&wanted.config) {
            Ok(()) => Ok(plugin),
            Err(why) => Err(Problem::new(format!("{at}.config"), format!("plugin `{}`: {why}", wanted.name))),
        }
    }

    /// A plugin that can stand in some of the stages.
    pub(crate) fn named(&self, name: &str, stages: &[Stage], at: &str) -> Result<Arc<dyn Plugin>, Problem> {
        let fit =
            |plugin: &Arc<dyn Plugin>| stages.iter().any(|stage| plugin.manifest().stages.contains(stage));
        match self.plugins.get(name) {
            Some(plugin) if fit(plugin) => Ok(Arc::clone(plugin)),
            found => {
                let stages: Vec<&str> = stages.iter().map(|stage| stage.name()).collect();
                let what = match (found, &stages[..]) {
                    (None, _) => "is not loaded".into(),
                    (Some(_), [one]) => format!("is no {one}"),
                    (Some(_), _) => "has no part in placement".into(),
                };
                let valid: Vec<_> =
                    self.plugins.iter().filter(|(_, plugin)| fit(plugin)).map(|(name, _)| &**name).collect();
                let further = if valid.is_empty() { "one" } else { "or a further one" };
                let listed: String = valid.iter().map(|name| format!("{name}, ")).collect();
                let message = format!(
                    "plugin `{name}` {what}; valid here: {listed}{further} by --plugin NAME=FILE or a ClusterPlugin"
                );
                Err(Problem::new(at, message))
            }
        }
    }
}

fn text(config: &impl Serialize, at: &str) -> Result<String, Problem> {
    let value = serde_json::to_value(config).map_err(|error| Problem::new(at, error.to_string()))?;
    Ok(value.to_string())
}
