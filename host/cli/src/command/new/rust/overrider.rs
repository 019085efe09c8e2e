//! Tells each object in which region it runs.

use portolan_plugin::{Amendment, Fault, Operation, Overrider, Questions, pointer};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// The plugin.
pub struct Plugin;

/// What a policy tells it. Types and comments become the schema that `portolan plugin inspect` shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The annotation that gets the region.
    #[schemars(length(min = 1))]
    annotation: String,
}

impl Overrider for Plugin {
    type Config = Config;

    fn patch(config: Config, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        let at = format!(
            "/metadata/annotations/{}",
            pointer::escape(&config.annotation)
        );
        // One question for all clusters, however many there are. A cluster without a region has null.
        let regions = questions.fleet_column("/spec/region");
        let mut amendments = Vec::new();
        for cluster in questions.target_clusters() {
            let Some(region) = regions
                .get(cluster as usize)
                .filter(|region| region.is_string())
            else {
                continue;
            };
            let mut patch = Vec::new();
            if questions
                .target_get(cluster, "/metadata/annotations")
                .is_none()
            {
                patch.push(Operation::Add {
                    at: "/metadata/annotations".to_owned(),
                    value: json!({}),
                });
            }
            patch.push(Operation::Add {
                at: at.clone(),
                value: region.clone(),
            });
            amendments.push(Amendment::new(vec![cluster], patch));
        }
        Ok(amendments)
    }
}

portolan_plugin::overrider!(Plugin);

#[cfg(test)]
mod tests {
    use super::Plugin;
    use portolan_plugin::Fault;
    use portolan_plugin::testing::{Answers, document};
    use serde_json::json;

    fn answers() -> Answers {
        Answers::default()
            .clusters([
                json!({"metadata": {"name": "dublin"}, "spec": {"region": "eu"}}),
                json!({"metadata": {"name": "somewhere"}}),
            ])
            .target("dublin", json!({"metadata": {"name": "app"}}))
            .target("somewhere", json!({"metadata": {"name": "app"}}))
    }

    #[test]
    fn an_object_learns_its_region_where_there_is_one() {
        let amendments = answers().patch::<Plugin>(json!({"annotation": "example.com/region"}));
        let amendments = amendments.expect("the config is right");
        assert_eq!(amendments.len(), 1, "somewhere has no region");
        assert_eq!(amendments[0].clusters, [0]);
        assert_eq!(
            document(amendments[0].patch.as_deref().expect("a patch")),
            json!([
                {"op": "add", "path": "/metadata/annotations", "value": {}},
                {"op": "add", "path": "/metadata/annotations/example.com~1region", "value": "eu"},
            ])
        );
    }

    #[test]
    fn a_slip_in_the_config_is_named() {
        let fault = answers()
            .patch::<Plugin>(json!({"anotation": "x"}))
            .expect_err("there is no such field");
        assert_eq!(
            fault,
            Fault::Config("there is no field \"anotation\"; valid is annotation".to_owned())
        );
    }
}
