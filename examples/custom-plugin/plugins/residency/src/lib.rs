//! Keeps data in its region. An object says in an annotation where it may be; a cluster says in `spec.region` where it is.
//!
//! No cluster affinity can do that: it never looks at the object, so each region would need a policy of its own, and an
//! object would be where somebody put it into the right one.

use std::collections::BTreeMap;

use portolan_plugin::{Cluster, Fault, Filter, Questions, Refusal, pointer};
use schemars::JsonSchema;
use serde::Deserialize;

/// The plugin.
#[derive(Debug)]
pub struct Residency;

/// What a policy tells it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The annotation that names an object's regions, separated by commas. An object without it may go anywhere.
    #[schemars(length(min = 1))]
    pub annotation: String,
}

impl Filter for Residency {
    type Config = Config;

    fn filter(config: Config, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
        let Config { annotation } = config;
        let at = format!("/metadata/annotations/{}", pointer::escape(&annotation));
        let Some(written) = questions.template_get(&at) else { return Ok(Vec::new()) };
        let written = written.as_str().unwrap_or_default();
        let allowed: Vec<&str> =
            written.split(',').map(str::trim).filter(|region| !region.is_empty()).collect();
        if allowed.is_empty() {
            return Err(Fault::Template(format!(
                "its annotation {annotation} names no region; valid: regions separated by commas, such as eu"
            )));
        }
        let mut refused: BTreeMap<String, Vec<Cluster>> = BTreeMap::new();
        for (cluster, region) in (0..).zip(questions.fleet_column("/spec/region")) {
            let reason = match region.as_str() {
                Some(region) if allowed.contains(&region) => continue,
                Some(region) => {
                    format!("its data stays in {}, and this is {region}", allowed.join(" or "))
                }
                None => format!("its data stays in {}, and this says no region", allowed.join(" or ")),
            };
            refused.entry(reason).or_default().push(cluster);
        }
        Ok(refused.into_iter().map(|(reason, clusters)| Refusal { reason, clusters }).collect())
    }
}

portolan_plugin::filter!(Residency);

#[cfg(test)]
mod tests {
    use super::Residency;
    use portolan_plugin::testing::Answers;
    use portolan_plugin::{Fault, Refusal};
    use serde_json::{Value, json};

    fn filter(annotations: Value) -> Result<Vec<Refusal>, Fault> {
        let answers = Answers::default()
            .clusters([
                json!({"metadata": {"name": "dublin"}, "spec": {"region": "eu"}}),
                json!({"metadata": {"name": "nowhere"}}),
                json!({"metadata": {"name": "oregon"}, "spec": {"region": "us"}}),
                json!({"metadata": {"name": "zurich"}, "spec": {"region": "ch"}}),
            ])
            .template(json!({"metadata": {"annotations": annotations}}));
        answers.filter::<Residency>(json!({"annotation": "example.com/region"}))
    }

    fn refusal(reason: &str, clusters: &[u32]) -> Refusal {
        Refusal { reason: reason.to_owned(), clusters: clusters.to_vec() }
    }

    #[test]
    fn data_stays_where_it_says() {
        assert_eq!(
            filter(json!({"example.com/region": "eu, ch"})),
            Ok(vec![
                refusal("its data stays in eu or ch, and this is us", &[2]),
                refusal("its data stays in eu or ch, and this says no region", &[1]),
            ])
        );
    }

    #[test]
    fn what_says_nothing_goes_anywhere() {
        assert_eq!(filter(json!({"example.com/other": "eu"})), Ok(Vec::new()));
        assert_eq!(filter(Value::Null), Ok(Vec::new()));
    }

    #[test]
    fn an_annotation_without_a_region_is_the_object_s_fault() {
        for empty in [json!(""), json!(" , ")] {
            assert!(matches!(filter(json!({"example.com/region": empty})), Err(Fault::Template(_))));
        }
    }
}
