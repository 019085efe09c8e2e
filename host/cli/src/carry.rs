//! Carries decisions to members' directories, or shows what that would do.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use portolan_api::{ConflictResolution, ObjectKey};
use portolan_local::{Alike, Change, Members, Records, Removal, Session};
use portolan_plan::{Act, Decision, Previous, Report, Tally, Template, World, plan_all, without_template};
use serde::Serialize;
use similar::TextDiff;

use crate::findings::Findings;
use crate::plugins::chain;
use crate::progress::Progress;
use crate::setting::{Remembered, Setting, unpacked};

/// Whether members are looked at or written to.
pub enum Hand {
    /// What is there is compared, if anything is; nothing changes.
    Look(Option<Members>),
    /// What differs is written.
    Write(Session),
}

/// What happened, or would happen, to one object on one member.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Carried {
    /// The member.
    pub cluster: String,
    /// The object; shared by what happened to it on other members.
    pub object: Arc<ObjectKey>,
    /// What.
    pub change: Kind,
    /// The difference to what is or was there, as a unified diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// It was not there.
    Created,
    /// It was there and differs.
    Changed,
    /// It is there no more.
    Removed,
    /// It is as it should be.
    Unchanged,
    /// It stays although something else was due.
    Held,
    /// It was to be there, and is not.
    Withheld,
    /// A file that is not ours stands in its place.
    Stranger,
}

/// Everything that a run did.
pub struct Run {
    /// What happened, but for what is unchanged; by member, then object.
    pub carried: Vec<Carried>,
    /// How many objects are as they should be.
    pub unchanged: usize,
    /// Every decision as people and programs read it, where that was wanted.
    pub reports: Vec<Report>,
}

/// What is wanted of a run beside its effect.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The difference of every object that changes.
    pub diffs: bool,
    /// Every decision's report.
    pub reports: bool,
    /// Every decision's transcript.
    pub records: Option<&'a Records>,
}

/// Plans every template and carries out what was decided.
pub fn run(
    setting: &Setting,
    mut hand: Hand,
    wanted: Wanted<'_>,
    findings: &mut Findings,
) -> anyhow::Result<Run> {
    let Setting { world, templates, options, workers, .. } = setting;
    let mut run = Run { carried: Vec::new(), unchanged: 0, reports: Vec::new() };
    let mut tally = Tally::default();
    // Looked up before anything changes, and no more than must be kept until then.
    let remembered: Vec<Remembered> = (templates.iter())
        .map(|template| {
            let members = hand.members();
            members.map(|members| Remembered::of(members, template.value.key())).unwrap_or_default()
        })
        .collect();
    let progress = Progress::new(templates.len());
    let due = templates.iter().zip(remembered);
    let due = due.map(|(template, remembered)| move || (unpacked(&template.value), remembered.previous()));
    plan_all(world, due, *options, *workers, |decision, previous| {
        tally.note(world, &decision);
        for trouble in decision.troubles(world.fleet()) {
            findings.trouble(&setting.place(&decision.template.key, &trouble), trouble);
        }
        if let Some(records) = wanted.records {
            record(records, setting, &decision, &previous, findings);
        }
        let mut carrying = Carrying { hand: &mut hand, wanted, run: &mut run, findings };
        carrying.decision(world, &decision, &previous)?;
        if wanted.reports {
            run.reports.push(decision.report(world.fleet()));
        }
        progress.step();
        anyhow::Ok(())
    })?;
    drop(progress);
    let mut carrying = Carrying { hand: &mut hand, wanted, run: &mut run, findings };
    carrying.without_template(setting)?;
    if let Hand::Write(session) = hand {
        session.finish()?;
    }
    setting.warn_of(tally.notices(world), findings);
    run.carried.sort_by(|a, b| (&a.cluster, &a.object).cmp(&(&b.cluster, &b.object)));
    Ok(run)
}

struct Carrying<'a> {
    hand: &'a mut Hand,
    wanted: Wanted<'a>,
    run: &'a mut Run,
    findings: &'a mut Findings,
}

impl Carrying<'_> {
    fn decision(&mut self, world: &World, decision: &Decision, previous: &Previous) -> anyhow::Result<()> {
        let template = &decision.template;
        let (leaving, staying): (Vec<_>, Vec<_>) =
            decision.acts(world, previous).into_iter().partition(|(_, act)| matches!(act, Act::Remove));
        // First what arrives: if that fails, the copy that would leave may be the only one.
        let mut arrived = true;
        // A text for each object of which several clusters get the same but for their names.
        let mut alike: BTreeMap<*const serde_json::Value, Alike> = BTreeMap::new();
        for (cluster, act) in staying {
            match act {
                Act::Deliver(delivery, place) => {
                    let manifest = delivery.work(world.fleet(), place).manifest;
                    let yaml = alike.entry(Arc::as_ptr(&delivery.object)).or_default().to_yaml(manifest)?;
                    arrived &= self.deliver(cluster, template, &yaml, delivery.conflict_resolution);
                }
                _ if previous.clusters.iter().any(|name| name == cluster) => {
                    self.done(cluster, &template.key, Kind::Held, None);
                }
                _ => self.done(cluster, &template.key, Kind::Withheld, None),
            }
        }
        for (cluster, _) in leaving {
            if arrived {
                self.remove(cluster, &template.key);
            } else {
                self.done(cluster, &template.key, Kind::Held, None);
            }
        }
        if decision.hold.is_none()
            && let Hand::Write(session) = self.hand
        {
            session.record(&template.key, serde_json::to_value(&decision.remember)?)?;
        }
        Ok(())
    }

    /// Whether the object is, or would be, as it should be.
    fn deliver(
        &mut self,
        cluster: &str,
        template: &Template,
        yaml: &str,
        conflict: ConflictResolution,
    ) -> bool {
        let key = &template.key;
        match self.try_deliver(cluster, key, yaml, conflict) {
            Ok((Change::Unchanged, _)) => self.run.unchanged += 1,
            Ok((Change::Created, _)) => self.done(cluster, key, Kind::Created, None),
            Ok((Change::Changed, there)) => {
                let diff = there.map(|there| {
                    if template.is_secret() {
                        "a Secret's content is not shown".into()
                    } else {
                        unified(&there, yaml)
                    }
                });
                self.done(cluster, key, Kind::Changed, diff);
            }
            Ok((Change::Stranger, _)) => {
                self.findings.wrong_input(format!(
                    "{key}: {cluster} already has {} from somebody else, so it stays as it is; \
                     `conflictResolution: Overwrite` in its policy takes it over",
                    Members::path(cluster, key)
                ));
                self.done(cluster, key, Kind::Stranger, None);
                return false;
            }
            Err(error) => {
                self.findings.wrong_input(format!("{key}: {cluster}: {}", chain(&error)));
                self.done(cluster, key, Kind::Withheld, None);
                return false;
            }
        }
        true
    }

    /// What the delivery did or would do, and what was there before where a difference is wanted.
    fn try_deliver(
        &mut self,
        cluster: &str,
        key: &ObjectKey,
        yaml: &str,
        conflict: ConflictResolution,
    ) -> Result<(Change, Option<String>), portolan_local::Error> {
        let members = self.hand.members().filter(|_| self.wanted.diffs);
        let there = members.map(|members| members.read(cluster, key)).transpose()?.flatten();
        let change = match self.hand {
            Hand::Look(None) => Change::Created,
            Hand::Look(Some(members)) => members.compare(cluster, key, yaml.as_bytes(), conflict)?,
            Hand::Write(session) => session.deliver(cluster, key, yaml.as_bytes(), conflict)?,
        };
        Ok((change, there))
    }

    fn remove(&mut self, cluster: &str, key: &ObjectKey) {
        let removed = match self.hand {
            Hand::Look(None) => Ok(false),
            Hand::Look(Some(members)) => members.read(cluster, key).map(|there| there.is_some()),
            Hand::Write(session) => session.remove(cluster, key).map(|removal| removal == Removal::Removed),
        };
        match removed {
            Ok(true) => self.done(cluster, key, Kind::Removed, None),
            Ok(false) => {}
            Err(error) => {
                self.findings.wrong_input(format!("{key}: {cluster}: {}", chain(&error)));
                self.done(cluster, key, Kind::Held, None);
            }
        }
    }

    /// What was delivered for templates that are no longer in the input.
    fn without_template(&mut self, setting: &Setting) -> anyhow::Result<()> {
        let Setting { world, templates, options, .. } = setting;
        let Some(members) = self.hand.members() else { return Ok(()) };
        let gone = members.without(templates.iter().map(|template| template.value.key()));
        let gone: Vec<(ObjectKey, Vec<String>)> = gone
            .into_iter()
            .map(|entry| (entry.key.clone(), entry.files.keys().cloned().collect()))
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        let goes = without_template(world, templates.len(), *options);
        if let Err(why) = goes {
            self.findings.warning(format!(
                "templates that are no longer in the input: {}; what was delivered for them stays, because {why}",
                gone.len()
            ));
        }
        for (key, clusters) in gone {
            for cluster in &clusters {
                match goes {
                    Ok(()) => self.remove(cluster, &key),
                    Err(_) => self.done(cluster, &key, Kind::Held, None),
                }
            }
            if let (Ok(()), Hand::Write(session)) = (goes, &mut *self.hand) {
                session.record(&key, serde_json::Value::Null)?;
            }
        }
        Ok(())
    }

    fn done(&mut self, cluster: &str, key: &ObjectKey, change: Kind, diff: Option<String>) {
        let object = match self.run.carried.last() {
            Some(last) if *last.object == *key => Arc::clone(&last.object),
            _ => Arc::new(key.clone()),
        };
        self.run.carried.push(Carried { cluster: cluster.into(), object, change, diff });
    }
}

impl Hand {
    /// Opens members to look at; none: nothing is anywhere.
    pub fn look(members: Option<&Path>) -> anyhow::Result<Self> {
        Ok(Self::Look(members.map(Members::open).transpose()?))
    }

    /// Opens members to write to, for this process alone.
    pub fn write(members: &Path) -> anyhow::Result<Self> {
        Ok(Self::Write(Session::begin(members)?))
    }

    fn members(&self) -> Option<&Members> {
        match self {
            Self::Look(members) => members.as_ref(),
            Self::Write(session) => Some(session.members()),
        }
    }
}

/// Keeps a decision's transcript, before anything is done about it. Where that fails it is said, and the work goes on.
fn record(
    records: &Records,
    setting: &Setting,
    decision: &Decision,
    previous: &Previous,
    findings: &mut Findings,
) {
    let Some(transcript) = decision.transcript(&setting.world, previous, setting.options) else { return };
    let json = serde_json::to_vec_pretty(&transcript).expect("a transcript is JSON");
    if let Err(error) = records.keep_transcript(&decision.template.key, &json) {
        findings.wrong_input(format!("{}: --record: {}", decision.template.key, chain(&error)));
    }
}

/// A unified diff with the usual three lines around each change, without file names.
fn unified(before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after).unified_diff().context_radius(3).to_string()
}
