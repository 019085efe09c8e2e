//! One thing done about one template: decided and written. Only ever one at a time for each template.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::join_all;
use kube::core::ApiResource;
use portolan_api::PolicyRef;
use portolan_member::{Busy, Cause, Instant, Quiet};
use portolan_plan::{Options, World, decide_or_hold};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::binding::{self, Binding};
use crate::claim::Claim;
use crate::dispatch::{Dispatch, DueWork, Verdict, dispatch};
use crate::ledger::{self, Entry, Kept, Key};
use crate::status;
use crate::writing::Writer;

/// What every job does its work with.
#[derive(Clone)]
pub struct Tools {
    /// Writes on the control plane.
    pub writer: Writer,
    /// The uid of the control plane.
    pub owner: Arc<str>,
    /// Told while something is delivered.
    pub quiet: Quiet,
    /// As many plugins run at once as the sandbox has room for.
    pub deciders: Arc<Semaphore>,
}

/// What a job is about: the template as it was known when the job began.
pub struct About {
    /// Which one.
    pub key: Key,
    /// What is known of it.
    pub entry: Entry,
    /// The template's kind, as the API server serves it.
    pub resource: ApiResource,
    /// The clusters that it is being taken away from.
    pub withdrawing: BTreeSet<Arc<str>>,
    /// Held until everything that is due has been handed on.
    pub busy: Option<Busy>,
}

/// What came of deciding about a template and writing what was decided.
#[derive(Debug, Default)]
pub struct Dispatched {
    /// The policy that the template says has claimed it, if that was written.
    pub claimed: Option<Option<PolicyRef>>,
    /// The binding, if it was written.
    pub binding: Option<Binding>,
    /// The clusters that it leaves.
    pub leaves: Vec<Arc<str>>,
    /// When to look again.
    pub again: Option<Instant>,
    /// What to say of the decision; none: nothing was decided.
    pub verdict: Option<Verdict>,
    /// What could not be written. It is tried again.
    pub failures: Vec<String>,
}

/// A Work that is to be carried to its member now.
#[derive(Debug)]
pub struct Ready {
    /// The cluster.
    pub cluster: Arc<str>,
    /// The Work, as it was written; or, where it is not to go after all, as it was.
    pub work: ledger::Work,
    /// Whether it was written.
    pub written: bool,
    /// What it carries.
    pub manifest: Arc<Value>,
    /// Held until it is delivered.
    pub busy: Busy,
}

impl Tools {
    /// Decides about a template and writes what is to be. Each Work is handed on as soon as it is written.
    pub async fn dispatch(self, world: Arc<World>, about: About, ready: impl Fn(Ready)) -> Dispatched {
        let About { key, entry, resource, withdrawing, busy } = about;
        let Some(template) = entry.template.clone() else { return Dispatched::default() };
        let previous = binding::previous(&entry, &template);
        let decided = {
            let _permit = self.deciders.acquire().await;
            let (world, owner) = (Arc::clone(&world), Arc::clone(&self.owner));
            let (key, entry, kept) = (key.clone(), entry.clone(), Arc::clone(&template));
            tokio::task::spawn_blocking(move || {
                let template = kept.template();
                if waits_for_its_user(&world, &template, &entry, &kept) {
                    return None;
                }
                let options = Options { suspended: true, ..Options::default() };
                let decision = decide_or_hold(&world, template, &previous, options);
                let known = (&key, &entry, &*kept);
                Some(dispatch(&world, &owner, known, &previous, &decision, Instant::now()))
            })
            .await
        };
        let due = match decided {
            Ok(Some(due)) => due,
            Ok(None) => return Dispatched::default(),
            Err(error) => return Dispatched { failures: vec![error.to_string()], ..Dispatched::default() },
        };
        let Dispatch { claim, binding, works, leaves, again, verdict } = due;
        // Deployments count a new annotation as a new generation, which members are told: then the watch brings the template as
        // it is now, and that is decided about, instead of everything being delivered twice.
        let first = match template.generation {
            0 => None,
            _ => Some(self.claim(&resource, &template, claim.as_ref()).await),
        };
        if let Some(Ok(Some((policy, generation)))) = &first
            && *generation != template.generation
        {
            return Dispatched { claimed: Some(policy.clone()), ..Dispatched::default() };
        }
        let claiming = async {
            match first {
                Some(claimed) => claimed,
                None => self.claim(&resource, &template, claim.as_ref()).await,
            }
        };
        let (claim, binding, works) = tokio::join!(
            claiming,
            self.write_binding(&key, &entry, &template, binding),
            join_all(works.into_iter().map(|work| self.write_work(&entry, work, &withdrawing, &ready)))
        );
        drop(busy);
        let mut failures = Vec::new();
        let claimed = match claim {
            Ok(claimed) => claimed.map(|(policy, _)| policy),
            Err(error) => {
                failures.push(format!("the claim: {}", Cause::from(error)));
                None
            }
        };
        let binding = binding.unwrap_or_else(|error| {
            failures.push(format!("the binding: {}", Cause::from(error)));
            None
        });
        failures.extend(works.into_iter().filter_map(Result::err));
        // Nothing leaves before everything that arrives is written down.
        let leaves = if failures.is_empty() { leaves } else { Vec::new() };
        Dispatched { claimed, binding, leaves, again, verdict: Some(verdict), failures }
    }

    /// Writes a claim; returns whose the template is now, and its generation.
    async fn claim(
        &self,
        resource: &ApiResource,
        template: &Kept,
        claim: Option<&Claim>,
    ) -> Result<Option<(Option<PolicyRef>, u64)>, kube::Error> {
        let Some(claim) = claim else { return Ok(None) };
        match self.writer.claim(resource, &template.key, &claim.apply).await {
            // The template is gone, or another one of its name is there: the watch tells which.
            Err(kube::Error::Api(status)) if status.is_conflict() => Ok(None),
            written => written.map(|written| Some((claim.policy.clone(), written.generation))),
        }
    }

    async fn write_binding(
        &self,
        key: &Key,
        entry: &Entry,
        template: &Kept,
        binding: Option<Value>,
    ) -> Result<Option<Binding>, kube::Error> {
        let Some(binding) = binding else { return Ok(None) };
        let known = entry.binding.as_deref();
        let written = self.writer.binding(key, binding.clone(), known.map(|known| &*known.version)).await?;
        let mut read = Binding::read(&binding);
        read.uid = written.uid;
        read.version = written.resource_version;
        read.generation = written.generation;
        read.owner = template.uid.clone();
        read.status = known.map(|known| known.status.clone()).unwrap_or_default();
        Ok(Some(read))
    }

    async fn write_work(
        &self,
        entry: &Entry,
        due: DueWork,
        withdrawing: &BTreeSet<Arc<str>>,
        ready: impl Fn(Ready),
    ) -> Result<(), String> {
        let DueWork { cluster, write, content, manifest, digest, suspended, preserved } = due;
        let known = entry.works.get(&cluster);
        let busy = self.quiet.disturb();
        let (work, written) = match (write, known) {
            (Some(work), known) => {
                let written = self.writer.work(&work, known.is_some()).await;
                let written =
                    written.map_err(|error| format!("the Work of {cluster}: {}", Cause::from(error)))?;
                let work = ledger::Work {
                    name: portolan_member::body::text(&work, "name").into(),
                    version: written.resource_version,
                    suspended,
                    preserved,
                    told: None,
                    delivered: None,
                    content,
                    manifest: digest,
                    applied: None,
                    status: None,
                };
                (work, true)
            }
            (None, Some(known)) if withdrawing.contains(&cluster) => (known.clone(), false),
            // The member was told of it, and sees to it.
            (None, _) => return Ok(()),
        };
        ready(Ready { cluster, work, written, manifest, busy });
        Ok(())
    }

    /// Writes what is to be told of a template: its binding's status, and its own. Returns the binding with its new status.
    pub async fn tell(
        self,
        world: Arc<World>,
        about: About,
        verdict: Verdict,
    ) -> (Option<Binding>, Vec<String>) {
        let About { key, entry, resource, .. } = about;
        let mut failures = Vec::new();
        let mut told = None;
        if let (Some(status), Some(binding)) =
            (status::of_binding(&entry, &verdict, Instant::now()), entry.binding.as_deref())
        {
            match self.writer.binding_status(&key, &binding.version, &status).await {
                Ok(written) => {
                    let version = written.resource_version;
                    told = Some(Binding { version, status, ..binding.clone() });
                }
                // It is gone, and the watch says so.
                Err(kube::Error::Api(status)) if status.is_not_found() => {}
                Err(error) => failures.push(format!("the binding's status: {}", Cause::from(error))),
            }
        }
        if let Some(template) = entry.template.clone() {
            let members = status::of_members(&entry);
            let status = {
                let _permit = self.deciders.acquire().await;
                tokio::task::spawn_blocking(move || {
                    let template = template.template();
                    let speaks =
                        world.interpreters().speaker(&template.object, portolan_plan::Stage::Aggregate);
                    if speaks.is_none() || members.is_empty() {
                        return None;
                    }
                    let aggregated = world.interpreters().aggregated(&template.object, &members);
                    let status = aggregated.outcome.ok()??;
                    (template.object.get("status") != Some(&status)).then_some((template.key, status))
                })
                .await
            };
            if let Ok(Some((template, status))) = status
                && let Err(error) = self.writer.template_status(&resource, &template, &status).await
            {
                failures.push(format!("the template's status: {}", Cause::from(error)));
            }
        }
        (told, failures)
    }
}

/// Whether a lazy policy was changed and the template was not: then nothing happens until its user changes it.
fn waits_for_its_user(world: &World, template: &portolan_plan::Template, entry: &Entry, kept: &Kept) -> bool {
    let Some(binding) = &entry.binding else { return false };
    let Some(policy) = world.keeps_or_takes(template, kept.claim.as_ref()) else { return false };
    let decided = &binding.decided;
    policy.spec.activation_preference.as_deref() == Some("Lazy")
        && decided.template == Some(kept.content)
        && decided.previous.policy.as_ref() == Some(&policy.reference)
        && decided.previous.policy_digest.as_ref().is_some_and(|before| *before != policy.digest.to_string())
}
