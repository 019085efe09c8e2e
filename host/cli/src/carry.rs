//! Carries decisions to members' directories, or shows what that would do.

use std::collections::BTreeSet;
use std::path::Path;

use portolan_api::{ConflictResolution, ObjectKey};
use portolan_local::{Change, Members, Removal, Session, to_yaml};
use portolan_plan::{Act, Decision, Previous, Report, Tally, Template, World, plan_all, without_template};
use serde::Serialize;
use similar::TextDiff;

use crate::findings::Findings;
use crate::progress::Progress;
use crate::setting::{Setting, previous};

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
    /// The object.
    pub object: ObjectKey,
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
pub struct Wanted {
    /// The difference of every object that changes.
    pub diffs: bool,
    /// Every decision's report.
    pub reports: bool,
}

/// Plans every template and carries out what was decided.
pub fn run(
    setting: &Setting,
    mut hand: Hand,
    wanted: Wanted,
    findings: &mut Findings,
) -> anyhow::Result<Run> {
    let Setting { world, templates, options, workers, .. } = setting;
    let mut run = Run { carried: Vec::new(), unchanged: 0, reports: Vec::new() };
    let mut tally = Tally::default();
    let known: Vec<(Template, Previous)> = templates
        .iter()
        .map(|template| {
            (
                template.clone(),
                hand.members().map_or_else(Previous::default, |members| previous(members, &template.key)),
            )
        })
        .collect();
    let progress = Progress::new(known.len());
    plan_all(world, known.into_iter(), *options, *workers, |decision, previous| {
        tally.note(world, &decision);
        for trouble in decision.troubles(world.fleet()) {
            findings.trouble(trouble);
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
    wanted: Wanted,
    run: &'a mut Run,
    findings: &'a mut Findings,
}

impl Carrying<'_> {
    fn decision(&mut self, world: &World, decision: &Decision, previous: &Previous) -> anyhow::Result<()> {
        let key = &decision.template.key;
        for (cluster, act) in decision.acts(world, previous) {
            match act {
                Act::Deliver(delivery, place) => {
                    let yaml = to_yaml(&delivery.work(world.fleet(), place).manifest)?;
                    self.deliver(cluster, key, &yaml, delivery.conflict_resolution)?;
                }
                Act::Keep => self.done(cluster, key, Kind::Held, None),
                Act::Remove => self.remove(cluster, key)?,
            }
        }
        if decision.hold.is_none()
            && let Hand::Write(session) = self.hand
        {
            session.record(key, serde_json::to_value(&decision.remember)?)?;
        }
        Ok(())
    }

    fn deliver(
        &mut self,
        cluster: &str,
        key: &ObjectKey,
        yaml: &str,
        conflict: ConflictResolution,
    ) -> anyhow::Result<()> {
        let there = if self.wanted.diffs { self.read(cluster, key)? } else { None };
        let change = match self.hand {
            Hand::Look(None) => Change::Created,
            Hand::Look(Some(members)) => match members.compare(cluster, key, yaml.as_bytes())? {
                Change::Stranger if conflict == ConflictResolution::Overwrite => Change::Changed,
                change => change,
            },
            Hand::Write(session) => session.deliver(cluster, key, yaml.as_bytes(), conflict)?,
        };
        let difference = |there: Option<String>| there.map(|there| unified(&there, yaml));
        match change {
            Change::Unchanged => self.run.unchanged += 1,
            Change::Created => self.done(cluster, key, Kind::Created, None),
            Change::Changed => self.done(cluster, key, Kind::Changed, difference(there)),
            Change::Stranger => {
                self.findings.wrong_input(format!(
                    "{key}: {cluster} already has {} from somebody else, so it stays as it is; \
                     `conflictResolution: Overwrite` in its policy takes it over",
                    Members::path(cluster, key)
                ));
                self.done(cluster, key, Kind::Stranger, None);
            }
        }
        Ok(())
    }

    fn remove(&mut self, cluster: &str, key: &ObjectKey) -> anyhow::Result<()> {
        let removed = match self.hand {
            Hand::Look(None) => false,
            Hand::Look(Some(members)) => members.read(cluster, key)?.is_some(),
            Hand::Write(session) => session.remove(cluster, key)? == Removal::Removed,
        };
        if removed {
            self.done(cluster, key, Kind::Removed, None);
        }
        Ok(())
    }

    /// What was delivered for templates that are no longer in the input.
    fn without_template(&mut self, setting: &Setting) -> anyhow::Result<()> {
        let templates: BTreeSet<&ObjectKey> =
            setting.templates.iter().map(|template| &template.key).collect();
        let entries = self.hand.members().into_iter().flat_map(Members::entries);
        let gone: Vec<(ObjectKey, Vec<String>)> = entries
            .filter(|entry| !templates.contains(&entry.key))
            .map(|entry| (entry.key.clone(), entry.files.keys().cloned().collect()))
            .collect();
        for (key, clusters) in gone {
            let goes = without_template(&setting.world, &key);
            for cluster in &clusters {
                if goes {
                    self.remove(cluster, &key)?;
                } else {
                    self.done(cluster, &key, Kind::Held, None);
                }
            }
            if !goes {
                self.findings.warning(format!(
                    "{key}: its template is not in the input, of which a part could not be read; it stays as it was"
                ));
            } else if let Hand::Write(session) = self.hand {
                session.record(&key, serde_json::Value::Null)?;
            }
        }
        Ok(())
    }

    fn read(&self, cluster: &str, key: &ObjectKey) -> anyhow::Result<Option<String>> {
        Ok(self.hand.members().map(|members| members.read(cluster, key)).transpose()?.flatten())
    }

    fn done(&mut self, cluster: &str, key: &ObjectKey, change: Kind, diff: Option<String>) {
        self.run.carried.push(Carried { cluster: cluster.into(), object: key.clone(), change, diff });
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

/// A unified diff with the usual three lines around each change, without file names.
fn unified(before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after).unified_diff().context_radius(3).to_string()
}
