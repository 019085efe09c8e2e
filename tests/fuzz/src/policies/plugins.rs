//! Plugins as plain functions of their config, hostile ones among them.

use std::collections::BTreeMap;
use std::sync::Arc;

use portolan_plan::{
    Amendment, Choice, Digest, Fault, Kind, Manifest, Patch, Place, Plugin, Plugins, Reading, Refusal,
    Revision, Size, Stage, Terms, Unanswered, Verb,
};
use serde_json::{Value, json};

struct Native(Manifest);

/// A name, where the plugin of that name stands, and the kinds that it speaks for.
type Standing = (&'static str, &'static [Stage], &'static [(&'static str, &'static str)]);

/// One under each name of a default plugin, and some that policies may name.
pub(super) fn all() -> Plugins {
    let both: &[Stage] = &[Stage::Filter, Stage::Overrider];
    let names: [Standing; 19] = [
        ("cluster-affinity", both, &[]),
        ("taint-toleration", both, &[]),
        ("api-enablement", both, &[]),
        ("cluster-eviction", both, &[]),
        ("cluster-locality", &[Stage::Scorer], &[]),
        ("capacity", &[Stage::Estimator], &[]),
        ("spread", &[Stage::Filter, Stage::Selector], &[]),
        ("division", &[Stage::Assigner], &[]),
        ("image", both, &[]),
        ("command", both, &[]),
        ("args", both, &[]),
        ("labels", both, &[]),
        ("annotations", both, &[]),
        ("field", both, &[]),
        ("plaintext", both, &[]),
        ("kubernetes", &[Stage::Replicas, Stage::Revise], &[("apps/v1", "Deployment")]),
        (
            "custom",
            &[Stage::Filter, Stage::Scorer, Stage::Estimator, Stage::Overrider, Stage::Prune],
            &[("apps/v1", "Deployment"), ("v1", "ConfigMap"), ("v1", "Secret")],
        ),
        ("selects", &[Stage::Selector], &[]),
        ("assigns", &[Stage::Assigner], &[]),
    ];
    let plugin = |(name, stages, kinds): (&str, &[Stage], &[(&str, &str)])| {
        (name.to_owned(), Arc::new(Native::new(name, stages, kinds)) as Arc<dyn Plugin>)
    };
    names.into_iter().map(plugin).collect()
}

impl Native {
    fn new(name: &str, stages: &[Stage], kinds: &[(&str, &str)]) -> Self {
        let kind = |(api_version, kind): &(&str, &str)| Kind {
            api_version: (*api_version).to_owned(),
            kind: (*kind).to_owned(),
        };
        Self(Manifest {
            name: name.into(),
            version: "0".into(),
            summary: String::new(),
            config_schema: json!({}),
            digest: Digest::of(name.as_bytes()),
            stages: stages.iter().copied().collect(),
            kinds: kinds.iter().map(kind).collect(),
        })
    }
}

/// A number that is found anywhere in a config, if there is one.
fn number(config: &str, key: &str) -> Option<u32> {
    let config: Value = serde_json::from_str(config).expect("plan writes JSON");
    u32::try_from(config.get(key)?.as_u64()?).ok()
}

impl Plugin for Native {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn terms(&self) -> Terms {
        Terms { engine: "native".into(), budget: BTreeMap::new() }
    }

    fn check(&self, config: &Value) -> Result<(), String> {
        if config.get("scope").is_some() { Err("scope: not here".into()) } else { Ok(()) }
    }

    /// Refuses who is excluded, and, where there are names, who is not among them.
    fn filter(&self, config: &str, reading: &mut Reading) -> Result<Vec<Refusal>, Fault> {
        let config: Value = serde_json::from_str(config).expect("plan writes JSON");
        if config.get("fuel").is_some() {
            return Err(Fault::Config("no fuel here".into()));
        }
        if config.get("key").is_some() {
            reading
                .template("/metadata/labels/env")
                .map_err(unasked)?
                .ok_or_else(|| Fault::Unschedulable("no env".into()))?;
        }
        let listed = |key: &str| -> Vec<&str> {
            config
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        };
        let (names, exclude) = (listed("clusterNames"), listed("exclude"));
        let refused: Vec<Place> = (reading.names().map_err(unasked)?.iter().map(String::as_str).zip(0..))
            .filter(|(name, _)| exclude.contains(name) || (!names.is_empty() && !names.contains(name)))
            .map(|(_, place)| place)
            .collect();
        Ok(if refused.is_empty() {
            Vec::new()
        } else {
            vec![Refusal { reason: "not meant".into(), clusters: refused }]
        })
    }

    /// As far as the config has a priority, which may be too high.
    fn score(&self, config: &str, reading: &mut Reading) -> Result<Vec<u8>, Fault> {
        let score = number(config, "priority").unwrap_or_default();
        let score = u8::try_from(score).ok().filter(|score| *score <= 100);
        let score = score.ok_or_else(|| Fault::Answer("too high".into()))?;
        Ok(vec![score; reading.size().map_err(unasked)? as usize])
    }

    fn estimate(&self, config: &str, reading: &mut Reading) -> Result<Vec<Option<u32>>, Fault> {
        Ok(vec![number(config, "replicas"); reading.size().map_err(unasked)? as usize])
    }

    /// The last first, as many as the config says.
    fn select(&self, config: &str, reading: &mut Reading) -> Result<Choice, Fault> {
        let size = reading.size().map_err(unasked)?;
        let chosen = (0..size).rev().take(number(config, "maxGroups").unwrap_or(size) as usize);
        Ok(Choice { chosen: chosen.collect(), refused: Vec::new() })
    }

    /// Evenly, and what is left to the first of the ranking, where there is no weight; as much as the config's to each, be it
    /// nothing, where there is one. Weights of the policy count for nothing here.
    fn assign(&self, config: &str, reading: &mut Reading) -> Result<Vec<u32>, Fault> {
        let ranking = reading.ranking().map_err(unasked)?;
        let all = reading.replicas().map_err(unasked)?.unwrap_or_default();
        let size = u32::try_from(ranking.len()).unwrap_or(u32::MAX);
        if let Some(weight) = number(config, "weight") {
            return Ok(vec![weight.min(1_000); ranking.len()]);
        }
        if size > all {
            return Err(Fault::Unschedulable("more clusters than replicas".into()));
        }
        let mut given = vec![all / size.max(1); ranking.len()];
        if let Some(first) = ranking.first() {
            given[*first as usize] += all % size.max(1);
        }
        Ok(given)
    }

    fn replicas(&self, reading: &mut Reading) -> Result<Option<Size>, Fault> {
        let Some(replicas) = reading.template("/spec/replicas").map_err(unasked)? else { return Ok(None) };
        let replicas: u32 = replicas.parse().map_err(|_| Fault::Template("no number".into()))?;
        if replicas > 2_147_483_647 {
            return Err(Fault::Answer("too many".into()));
        }
        Ok(Some(Size { replicas, ..Size::default() }))
    }

    fn revise(&self, revision: Revision, _: &mut Reading) -> Result<Patch, Fault> {
        let mut patch = Patch::default();
        patch.push(Verb::Replace, "/spec/replicas", json!(revision.replicas)).expect("a pointer");
        Ok(patch)
    }

    /// Takes away what the object names itself, and that may be anything.
    fn prune(&self, reading: &mut Reading) -> Result<Patch, Fault> {
        let mut patch = Patch::default();
        if let Some(path) = reading.template("/data/path").map_err(unasked)? {
            let path: String = serde_json::from_str(&path).map_err(|_| Fault::Template("no text".into()))?;
            patch
                .push(Verb::Remove, &path, Value::Null)
                .map_err(|error| Fault::Template(error.to_string()))?;
        }
        Ok(patch)
    }

    /// Does what each entry says with a pointer of its own, or else what it says to each key of its map; on the first
    /// target only, where it says `priority`.
    fn patch(&self, config: &str, reading: &mut Reading) -> Result<Vec<Amendment>, Fault> {
        let config: Value = serde_json::from_str(config).expect("plan writes JSON");
        let map = if self.0.name == "annotations" { "annotations" } else { "labels" };
        let entries = config.as_array().cloned().unwrap_or_else(|| vec![config]);
        let mut clusters = reading.targets().map_err(unasked)?;
        let mut patch = Patch::default();
        for entry in &entries {
            let verb = match entry["operator"].as_str() {
                Some("replace") => Verb::Replace,
                Some("remove") => Verb::Remove,
                Some("test") => Verb::Test,
                _ => Verb::Add,
            };
            let wrong = |error: portolan_plan::PatchError| Fault::Config(error.to_string());
            if let Some(path) = entry["path"].as_str() {
                patch.push(verb, path, entry["value"].clone()).map_err(wrong)?;
            } else {
                for (key, value) in entry["value"].as_object().into_iter().flatten() {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    patch.push(verb, &format!("/metadata/{map}/{key}"), value.clone()).map_err(wrong)?;
                }
            }
            if entry.get("priority").is_some() {
                clusters.truncate(1);
            }
        }
        Ok(vec![Amendment::new(clusters, patch)])
    }
}

/// A question that has no answer. None of those above can be.
fn unasked(why: Unanswered) -> Fault {
    Fault::Answer(why.to_string())
}
