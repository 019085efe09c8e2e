//! Keeps a template away from clusters whose server does not have its kind, as their status tells.
//!
//! | the cluster | a template that is new there | one that is there already |
//! |---|---|---|
//! | lists the kind | passes | passes |
//! | does not, and its list is complete | refused | passes |
//! | does not, and its list may be incomplete | refused, and told so | passes |
//! | has no list | passes | passes |
//!
//! The reference refuses the last one too. A cluster without a list was never asked: nothing is known against it, and
//! directories are planned without anybody asking one. A list without the kind does speak against it, complete or not.
//! Where the template is already it stays: a server that could not be asked everything must not cost an object its place.

use portolan_plugin::{Fault, Filter, NoConfig, Questions, Refusal, Served};
use serde_json::Value;

/// The plugin.
#[derive(Debug)]
pub struct ApiEnablement;

impl Filter for ApiEnablement {
    type Config = NoConfig;

    fn filter(NoConfig {}: NoConfig, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
        let (api_version, kind) = (text("/apiVersion", questions)?, text("/kind", questions)?);
        let served = questions.fleet_serving(&api_version, &kind);
        if served.iter().all(|served| matches!(served, Served::Listed | Served::Unknown)) {
            return Ok(Vec::new());
        }
        let previous = questions.request_previous();
        let new_where = |wanted: Served| {
            let new = (0..).zip(served.iter().zip(&previous)).filter(|(_, (_, previous))| previous.is_none());
            new.filter(|(_, (served, _))| **served == wanted).map(|(cluster, _)| cluster).collect()
        };
        let missing = format!("its server has no {api_version} {kind}");
        let unlisted = format!(
            "its server is not known to have {api_version} {kind}: the list of its APIs may be incomplete"
        );
        let missing = Refusal::unless_empty(missing, new_where(Served::Missing));
        let unlisted = Refusal::unless_empty(unlisted, new_where(Served::Unlisted));
        Ok(missing.into_iter().chain(unlisted).collect())
    }
}

fn text(at: &str, questions: &dyn Questions) -> Result<String, Fault> {
    match questions.template_get(at) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(Fault::Template(format!("{at} must be a text"))),
    }
}

portolan_plugin::filter!(ApiEnablement);
