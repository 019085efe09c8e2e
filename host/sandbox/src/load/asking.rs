//! A loaded plugin is asked: each call of the contract, and what it used.

use portolan_plan::{
    Amendment, Choice, Dependency, Fault, Health, Manifest, MemberStatus, Outcome, Patch, Plugin, Reading,
    Refusal, Revision, Size, Stage, Terms,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use wasmtime::Store;
use wasmtime::component::Instance;

use super::LoadedPlugin;
use crate::answers;
use crate::bindings::exports::portolan::policy as exports;
use crate::bindings::portolan::policy::types;
use crate::budgets::Budgets;
use crate::call::{Call, Figures, call};
use crate::engine;
use crate::log::Log;
use crate::text::one_line;

impl LoadedPlugin {
    /// Any stage, by its name, and what it used. An interpreter's config is what its operation takes beside the object.
    pub fn ask_measured(&self, stage: Stage, config: &str, reading: &mut Reading) -> (Outcome, Figures) {
        match stage {
            Stage::Filter => outcome(self.filter_measured(config, reading)),
            Stage::Scorer => outcome(self.score_measured(config, reading)),
            Stage::Estimator => outcome(self.estimate_measured(config, reading)),
            Stage::Selector => outcome(self.select_measured(config, reading)),
            Stage::Assigner => outcome(self.assign_measured(config, reading)),
            Stage::Overrider => outcome(self.patch_measured(config, reading)),
            Stage::Replicas => outcome(self.replicas_measured(reading)),
            Stage::Revise => match argument(config) {
                Ok(revision) => outcome(self.revise_measured(revision, reading)),
                Err(fault) => (fault, Figures::default()),
            },
            Stage::Prune => outcome(self.prune_measured(reading)),
            Stage::Dependencies => outcome(self.dependencies_measured(reading)),
            Stage::Retain => outcome(self.retain_measured(reading)),
            Stage::Health => outcome(self.health_measured(reading)),
            Stage::Reflect => outcome(self.reflect_measured(reading)),
            Stage::Aggregate => match argument::<Vec<MemberStatus>>(config) {
                Ok(members) => outcome(self.aggregate_measured(&members, reading)),
                Err(fault) => (fault, Figures::default()),
            },
        }
    }

    /// Asks a stage and checks its answer.
    fn ask<S, A, T>(
        &self,
        stage: Stage,
        found: Option<&S>,
        reading: &mut Reading,
        ask: impl FnOnce(&S, &mut Store<Call>, &Instance) -> wasmtime::Result<Result<A, types::Fault>>,
        check: impl FnOnce(A, &mut Reading, &Budgets) -> Result<T, Fault>,
    ) -> (Result<T, Fault>, Figures) {
        let Some(found) = found else {
            return (Err(self.manifest.stands_not_as(stage)), Figures::default());
        };
        let (answer, figures) =
            call(&self.component, &self.budgets, reading, |store, instance| ask(found, store, instance));
        if let Some(sink) = &self.shared.log
            && !(figures.log.lines.is_empty() && figures.log.cut == 0)
        {
            if reading.looked_into_a_secret() {
                // Logs are read by more people than Secrets are. That something was said may be known.
                let cut = figures.log.cut.saturating_add(figures.log.lines.len() as u64);
                sink(&self.manifest.name, &Log { lines: Vec::new(), cut });
            } else {
                sink(&self.manifest.name, &figures.log);
            }
        }
        (answer.and_then(|answer| check(answer, reading, &self.budgets)), figures)
    }
}

/// Each call of the contract, twice: measured, and as plan makes it. A row has the stage, plan's method with what it
/// takes and gives, the interface with the generated function and what that is given, and the check of the answer.
macro_rules! calls {
    ($(
        $stage:ident: $plain:ident / $measured:ident ($($argument:ident: $of:ty),*) -> $answer:ty,
        $interface:ident . $function:ident ($($given:expr),*), $check:path;
    )*) => {
        impl LoadedPlugin {
            $(
                #[doc = concat!("`Plugin::", stringify!($plain), "`, and what it used.")]
                pub fn $measured(
                    &self,
                    $($argument: $of,)*
                    reading: &mut Reading,
                ) -> (Result<$answer, Fault>, Figures) {
                    let ask = |found: &exports::$interface::GuestIndices,
                               store: &mut Store<Call>,
                               instance: &Instance| {
                        found.load(&mut *store, instance)?.$function(store $(, $given)*)
                    };
                    self.ask(Stage::$stage, self.stages.$interface.as_ref(), reading, ask, $check)
                }
            )*
        }

        impl Plugin for LoadedPlugin {
            fn manifest(&self) -> &Manifest {
                &self.manifest
            }

            fn terms(&self) -> Terms {
                Terms { engine: engine::NAME.into(), budget: self.budgets.listed() }
            }

            fn check(&self, config: &Value) -> Result<(), String> {
                self.schema.check(config)
            }

            $(
                fn $plain(&self, $($argument: $of,)* reading: &mut Reading) -> Result<$answer, Fault> {
                    self.$measured($($argument,)* reading).0
                }
            )*
        }
    };
}

// The generated functions take a `String` because the contract names the type of its texts.
calls! {
    Filter: filter / filter_measured(config: &str) -> Vec<Refusal>,
        filter.call_filter(&config.to_owned()), answers::refusals;
    Scorer: score / score_measured(config: &str) -> Vec<u8>,
        scorer.call_score(&config.to_owned()), answers::scores;
    Estimator: estimate / estimate_measured(config: &str) -> Vec<Option<u32>>,
        estimator.call_estimate(&config.to_owned()), answers::estimates;
    Selector: select / select_measured(config: &str) -> Choice,
        selector.call_select(&config.to_owned()), answers::choice;
    Assigner: assign / assign_measured(config: &str) -> Vec<u32>,
        assigner.call_assign(&config.to_owned()), answers::replicas;
    Overrider: patch / patch_measured(config: &str) -> Vec<Amendment>,
        overrider.call_patch(&config.to_owned()), answers::amendments;
    Replicas: replicas / replicas_measured() -> Option<Size>,
        workload.call_replicas(), answers::size;
    Revise: revise / revise_measured(revision: Revision) -> Patch,
        workload.call_revise(revision.replicas, revision.completions), answers::patch_of_object;
    Prune: prune / prune_measured() -> Patch,
        prune.call_prune(), answers::patch_of_object;
    Dependencies: dependencies / dependencies_measured() -> Vec<Dependency>,
        dependencies.call_dependencies(), answers::dependencies;
    Retain: retain / retain_measured() -> Patch,
        retain.call_retain(), answers::patch_of_object;
    Health: health / health_measured() -> Health,
        health.call_health(), answers::health;
    Reflect: reflect / reflect_measured() -> Option<Value>,
        reflect.call_reflect(), answers::status;
    Aggregate: aggregate / aggregate_measured(members: &[MemberStatus]) -> Option<Value>,
        aggregate.call_aggregate(&self::members(members)), answers::status;
}

/// What an interpreter's operation takes beside the object, from JSON.
fn argument<T: DeserializeOwned>(json: &str) -> Result<T, Outcome> {
    serde_json::from_str(json).map_err(|error| {
        Outcome::Fault(Fault::Config(one_line(&format!("the operation's arguments: {error}"))))
    })
}

/// What is known of members, as the contract says it.
fn members(members: &[MemberStatus]) -> Vec<exports::aggregate::Member> {
    let member = |member: &MemberStatus| exports::aggregate::Member {
        name: member.name.clone(),
        status: member.status.as_ref().map(Value::to_string),
        applied: member.applied,
        health: member.health.name().into(),
    };
    members.iter().map(member).collect()
}

fn outcome<T: Into<Outcome>>((answer, figures): (Result<T, Fault>, Figures)) -> (Outcome, Figures) {
    (answer.into(), figures)
}
