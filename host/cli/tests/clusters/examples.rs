//! The examples on real clusters, with the real kubectl: members receive what the examples say.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use futures::future::join_all;
use portolan_clusters_tests::{SOON, until};
use serde_json::{Map, Value, json};

use crate::plane::{Plane, run};

/// Those that say what members receive. The guide to Flux has a test of its own.
const EXAMPLES: [&str; 6] = ["custom-plugin", "division", "overflow", "overriding", "own-assigner", "spread"];

/// As many as the most clusters that one of them has and that serve everything.
const SERVERS: usize = 7;

/// For a cluster that has no Deployments: its server has none.
const LEAN: &str = "lean";

#[tokio::test(flavor = "multi_thread")]
async fn members_receive_what_the_examples_say() {
    let servers: Vec<String> = (1..=SERVERS).map(|n| format!("server{n}")).chain([LEAN.to_owned()]).collect();
    let flags = |name: &str| match name {
        LEAN => vec!["--runtime-config=apps/v1=false".to_owned()],
        _ => Vec::new(),
    };
    let Some(plane) = Plane::bare(&servers, flags).await else { return };
    for name in EXAMPLES {
        let example = Example::of(&plane, name).await;
        example.runs(&plane).await;
    }
}

struct Example {
    folder: PathBuf,
    /// Each with the server that it is.
    clusters: Vec<(String, Value)>,
}

impl Example {
    async fn of(plane: &Plane, name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
        let file = folder.join("manifests/clusters.yaml");
        let read = ["create", "--dry-run=client", "-o", "json", "-f", file.to_str().expect("it is UTF-8")];
        let read = plane.clusters.kubectl("control", &read, "").await;
        let clusters = serde_json::Deserializer::from_str(&read).into_iter();
        let clusters = clusters.map(|cluster| cluster.expect("kubectl prints JSON"));
        let mut full = 0;
        let clusters = clusters.map(|cluster: Value| {
            if cluster["status"]["apiEnablements"].is_array() {
                return (LEAN.to_owned(), cluster);
            }
            full += 1;
            (format!("server{full}"), cluster)
        });
        Self { folder, clusters: clusters.collect() }
    }

    async fn runs(&self, plane: &Plane) {
        let plugins = plane.clusters.directory().join(self.folder.file_name().expect("it has a name"));
        fs::create_dir(&plugins).expect("there is room");
        self.build_plugins(plane, &plugins).await;
        plane.start_with(&plane.kubeconfig("control"), &["--plugin-directory".as_ref(), plugins.as_os_str()]);

        // Clusters as large as the example says they are.
        let joining = self.clusters.iter().map(async |(server, cluster)| {
            plane.clusters.kubectl(server, &["create", "-f", "-"], &nodes(cluster).to_string()).await;
            plane.join(server, name(cluster)).await;
        });
        join_all(joining).await;
        plane.clusters.apply_file("control", &self.folder.join("manifests/clusters.yaml")).await;
        for (_, cluster) in &self.clusters {
            plane.until_ready(name(cluster), "True").await;
        }
        let manifests = self.folder.join("manifests");
        plane.clusters.apply_file("control", &manifests).await;

        let all: BTreeSet<PathBuf> = self.expected().into_iter().map(|(_, path, _)| path).collect();
        for (server, cluster) in &self.clusters {
            let expected: Vec<_> =
                self.expected().into_iter().filter(|(on, _, _)| on == name(cluster)).collect();
            for (_, path, object) in &expected {
                until(&format!("{} is on {} as it says", path.display(), name(cluster)), SOON, async || {
                    let there = there(plane, server, object).await?;
                    if contains(&there, object) { Ok(()) } else { Err(format!("{there}, not {object}")) }
                })
                .await;
            }
            let here: BTreeSet<&PathBuf> = expected.iter().map(|(_, path, _)| path).collect();
            for path in all.iter().filter(|path| !here.contains(path)) {
                let (_, _, object) =
                    self.expected().into_iter().find(|(_, of, _)| of == path).expect("one is");
                until(&format!("{} is not on {}", path.display(), name(cluster)), SOON, async || {
                    there(plane, server, &object).await.map_or(Ok(()), |there| Err(there.to_string()))
                })
                .await;
            }
        }
        self.goes(plane, &manifests).await;
    }

    /// Everything is taken away again, as people take it away.
    async fn goes(&self, plane: &Plane, manifests: &Path) {
        let mut files: Vec<PathBuf> =
            fs::read_dir(manifests).expect("it is there").flatten().map(|entry| entry.path()).collect();
        files.retain(|file| {
            file.extension().is_some_and(|end| end == "yaml") && !file.ends_with("clusters.yaml")
        });
        for file in files {
            plane
                .clusters
                .kubectl("control", &["delete", "-f", file.to_str().expect("it is UTF-8")], "")
                .await;
        }
        until("every Work is gone", SOON, async || {
            let works = plane.names("control", "/apis/work.karmada.io/v1alpha1/works").await?;
            if works.is_empty() { Ok(()) } else { Err(format!("{works:?}")) }
        })
        .await;
        let leaving = self.clusters.iter().map(async |(server, cluster)| {
            plane.unjoin(server, name(cluster)).await;
            plane.clusters.kubectl(server, &["delete", "nodes", "--all", "--wait=false"], "").await;
        });
        join_all(leaving).await;
        plane.kill();
    }

    async fn build_plugins(&self, plane: &Plane, into: &Path) {
        let Ok(plugins) = fs::read_dir(self.folder.join("plugins")) else { return };
        for plugin in plugins.flatten() {
            let name = plugin.file_name().into_string().expect("it is UTF-8");
            let mut build = plane.portolan(&["plugin", "build"]);
            build.arg(plugin.path()).arg("--out").arg(into.join(format!("{name}.wasm")));
            run(build).await;
        }
    }

    /// The cluster, the path below it, and the object that it has.
    fn expected(&self) -> Vec<(String, PathBuf, Value)> {
        let mut expected = Vec::new();
        for member in fs::read_dir(self.folder.join("members")).expect("it is there").flatten() {
            let cluster = member.file_name().into_string().expect("it is UTF-8");
            let mut folders = vec![member.path()];
            while let Some(folder) = folders.pop() {
                for entry in fs::read_dir(folder).expect("it is there").flatten() {
                    if entry.path().is_dir() {
                        folders.push(entry.path());
                        continue;
                    }
                    let below = entry.path().strip_prefix(member.path()).expect("it is below").to_owned();
                    let object = portolan_local::read_document(&entry.path()).expect("it is YAML").value;
                    expected.push((cluster.clone(), below, object));
                }
            }
        }
        expected
    }
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().expect("it has a name")
}

/// As many nodes as the cluster says it has, with the room that it says is left.
fn nodes(cluster: &Value) -> Value {
    let summary = &cluster["status"]["resourceSummary"];
    let count = cluster["status"]["nodeSummary"]["totalNum"].as_u64();
    let count = count.unwrap_or(1);
    let mut room = Map::new();
    for (what, all) in summary["allocatable"].as_object().into_iter().flatten() {
        let taken = summary["allocated"][what].as_str().unwrap_or("0");
        room.insert(what.clone(), less(all.as_str().expect("a text"), taken).into());
    }
    let nodes: Vec<Value> = (0..count)
        .map(|n| {
            let room = if n == 0 { room.clone() } else { Map::new() };
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node{n}")}, "status": {
                "allocatable": room, "capacity": room, "conditions": [{"type": "Ready", "status": "True"}]}})
        })
        .collect();
    json!({"apiVersion": "v1", "kind": "List", "items": nodes})
}

/// `256Gi` less `192Gi`: the examples say both in the same unit.
fn less(all: &str, taken: &str) -> String {
    let split = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        (text[..end].parse::<u64>().expect("a number"), text[end..].to_owned())
    };
    let ((all, unit), (taken, _)) = (split(all), split(taken));
    format!("{}{unit}", all - taken)
}

async fn there(plane: &Plane, server: &str, object: &Value) -> Result<Value, String> {
    let plural = format!("{}s", object["kind"].as_str().expect("it has one").to_lowercase());
    let api_version = object["apiVersion"].as_str().expect("it has one");
    let root = if api_version.contains('/') { "/apis" } else { "/api" };
    let namespace = object["metadata"]["namespace"].as_str().expect("they all have one");
    plane.get(server, &format!("{root}/{api_version}/namespaces/{namespace}/{plural}/{}", name(object))).await
}

/// Whether all that is said is so; an API server fills in what is not said. Permanent ids are the control plane's own, and the
/// keys that name the template's uid and generation are managed too.
fn contains(there: &Value, said: &Value) -> bool {
    match (there, said) {
        (Value::Object(there), Value::Object(said)) => said.iter().all(|(key, said)| {
            let own =
                key.ends_with("/permanent-id") || key.starts_with("resourcetemplate.karmada.io/managed-");
            own || there.get(key).is_some_and(|there| contains(there, said))
        }),
        (Value::Array(there), Value::Array(said)) => {
            there.len() == said.len() && there.iter().zip(said).all(|(there, said)| contains(there, said))
        }
        (there, said) => there == said,
    }
}
