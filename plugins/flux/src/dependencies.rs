use portolan_plugin::{Dependencies, Dependency, Fault, Questions, Which};
use serde_json::Value;

use crate::Flux;
use crate::kinds::of_template;

impl Dependencies for Flux {
    /// Secrets, ConfigMaps and the ServiceAccount that the object names, each once.
    fn dependencies(questions: &dyn Questions) -> Result<Vec<Dependency>, Fault> {
        let known = of_template(questions);
        let text = |at: &str| questions.template_get(at).and_then(|value| value.as_str().map(str::to_owned));
        let mut named: Vec<(String, String)> = Vec::new();
        for (kind, places) in [("Secret", known.secrets), ("ConfigMap", known.config_maps)] {
            named.extend(places.iter().filter_map(|at| Some((kind.to_owned(), text(at)?))));
        }
        for at in known.values {
            let list = questions.template_get(at).unwrap_or_default();
            for entry in list.as_array().into_iter().flatten() {
                let field = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
                named.extend(field("kind").zip(field("name")));
            }
        }
        if known.account {
            named.extend(text("/spec/serviceAccountName").map(|name| ("ServiceAccount".to_owned(), name)));
        }
        let namespace = text("/metadata/namespace").filter(|namespace| !namespace.is_empty());
        let mut found: Vec<Dependency> = Vec::new();
        for (kind, name) in named {
            let ours = ["ConfigMap", "Secret", "ServiceAccount"].contains(&kind.as_str());
            let dependency = Dependency {
                api_version: "v1".to_owned(),
                kind,
                namespace: namespace.clone(),
                which: Which::Name(name.clone()),
            };
            if ours && !name.is_empty() && !found.contains(&dependency) {
                found.push(dependency);
            }
        }
        Ok(found)
    }
}
