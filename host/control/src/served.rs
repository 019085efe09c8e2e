//! Whether the control plane keeps what Portolan writes and reads: its schemas beside ours.
//!
//! Where Karmada's own CustomResourceDefinitions are installed, a field that only Portolan has would be dropped without a
//! word, and with it perhaps a rule about where data may be. So that is looked at before anything is decided.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{Api, Client};
use serde_json::Value;

/// Why this control plane can't be used as it is.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotServed {
    /// Kinds are not defined there.
    #[error(
        "the control plane does not serve {}; valid: `portolan crds | kubectl apply --server-side -f -`",
        .definitions.join(", ")
    )]
    Missing {
        /// The names of their definitions.
        definitions: Vec<String>,
    },
    /// A definition lacks fields.
    #[error(
        "the control plane would drop {} of {definition} without a word, because somebody else's definition is installed; \
         valid: a control plane with Portolan's (`portolan crds`)",
        .fields.join(", ")
    )]
    Dropped {
        /// The definition.
        definition: String,
        /// The fields, as paths.
        fields: Vec<String>,
    },
    /// A version is not served.
    #[error(
        "the control plane serves {definition} in no version {version}; valid: Portolan's definition (`portolan crds`)"
    )]
    Version {
        /// The definition.
        definition: String,
        /// The version that is missing.
        version: String,
    },
}

/// Reads what is served. None for a definition that is not there.
pub async fn read(client: &Client) -> Result<Vec<(String, Option<Value>)>, kube::Error> {
    let there = Api::<CustomResourceDefinition>::all(client.clone());
    let mut served = Vec::new();
    for definition in portolan_api::definitions() {
        let name = portolan_member::body::text(&definition, "name").to_owned();
        let found = there.get_opt(&name).await?;
        let found =
            found.map(|found| serde_json::to_value(found).map_err(kube::Error::SerdeError)).transpose()?;
        served.push((name, found));
    }
    Ok(served)
}

/// Holds what is served against what is needed.
pub fn check(served: &[(String, Option<Value>)]) -> Result<(), NotServed> {
    let missing: Vec<String> =
        served.iter().filter(|(_, found)| found.is_none()).map(|(name, _)| name.clone()).collect();
    if !missing.is_empty() {
        return Err(NotServed::Missing { definitions: missing });
    }
    for definition in portolan_api::definitions() {
        let name = portolan_member::body::text(&definition, "name");
        let found = served.iter().find(|(of, _)| of == name).and_then(|(_, found)| found.as_ref());
        let Some(found) = found else { continue };
        let wanted = &definition["spec"]["versions"][0];
        let version = wanted["name"].as_str().unwrap_or_default();
        let mut versions = found["spec"]["versions"].as_array().into_iter().flatten();
        let same = versions.find(|of| of["name"] == version && of["served"] == true);
        let Some(same) = same else {
            return Err(NotServed::Version { definition: name.into(), version: version.into() });
        };
        let mut fields = Vec::new();
        dropped(&wanted["schema"]["openAPIV3Schema"], &same["schema"]["openAPIV3Schema"], "", &mut fields);
        if !fields.is_empty() {
            return Err(NotServed::Dropped { definition: name.into(), fields });
        }
    }
    Ok(())
}

/// The fields that one schema has and the other would drop.
fn dropped(wanted: &Value, served: &Value, at: &str, fields: &mut Vec<String>) {
    let keeps_all = |schema: &Value| schema["x-kubernetes-preserve-unknown-fields"] == true;
    if keeps_all(served) {
        return;
    }
    for (name, inner) in wanted["properties"].as_object().into_iter().flatten() {
        let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        match served["properties"].get(name) {
            // What every object has is described by the server itself.
            _ if ["metadata", "apiVersion", "kind"].contains(&at.as_str()) => {}
            Some(there) => dropped(inner, there, &at, fields),
            None if served["additionalProperties"].is_object() => {}
            None => fields.push(at),
        }
    }
    if wanted["items"].is_object() {
        dropped(&wanted["items"], &served["items"], &format!("{at}[]"), fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served() -> Vec<(String, Option<Value>)> {
        let definitions = portolan_api::definitions().into_iter();
        definitions
            .map(|definition| (portolan_member::body::text(&definition, "name").to_owned(), Some(definition)))
            .collect()
    }

    #[test]
    fn our_own_definitions_will_do() {
        assert_eq!(check(&served()), Ok(()));
    }

    #[test]
    fn a_field_that_would_be_dropped_is_named() {
        let mut served = served();
        let policy = served.iter_mut().find(|(name, _)| name == "propagationpolicies.policy.karmada.io");
        let (_, Some(policy)) = policy.expect("it is ours") else { panic!("it is there") };
        let at = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/placement/properties";
        let placement = policy.pointer_mut(at).and_then(Value::as_object_mut).expect("it has fields");
        placement.remove("plugins");
        let error = check(&served).expect_err("a policy's plugins would be dropped").to_string();
        assert!(error.contains("would drop spec.placement.plugins of propagationpolicies"), "{error}");
    }

    #[test]
    fn what_is_missing_is_named_with_the_command_that_brings_it() {
        let mut served = served();
        served[0].1 = None;
        let error = check(&served).expect_err("one is missing").to_string();
        assert!(error.contains("clusters.cluster.karmada.io") && error.contains("portolan crds"), "{error}");
    }
}
