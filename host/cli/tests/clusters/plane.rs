//! A control plane with its members and its controller.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use kube::config::Kubeconfig;
use portolan_clusters_tests::{ClusterSetup, Clusters, Controllers, SOON, until};
use serde_json::{Value, json};

const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy");

/// A control plane with its members and its controller. All of it ends when this is dropped.
pub struct Plane {
    /// The servers: `control`, `member1` and so on.
    pub clusters: Clusters,
    controller: Mutex<Option<Child>>,
}

impl Plane {
    /// With so many members, joined; the controller runs. None where this machine has no API servers.
    pub async fn up(members: usize) -> Option<Self> {
        Self::up_with(members, |_| Vec::new()).await
    }

    /// The same, with further flags for the API server of each.
    pub async fn up_with(members: usize, flags: impl Fn(&str) -> Vec<String>) -> Option<Self> {
        let members: Vec<String> = (1..=members).map(|n| format!("member{n}")).collect();
        let plane = Self::bare(&members, flags).await?;
        futures::future::join_all(members.iter().map(|member| plane.join(member, member))).await;
        plane.start();
        for member in &members {
            plane.until_ready(member, "True").await;
        }
        plane
            .apply("control", json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}))
            .await;
        Some(plane)
    }

    /// A control plane that knows our kinds, and servers of these names that have not joined; no controller runs.
    pub async fn bare(servers: &[String], flags: impl Fn(&str) -> Vec<String>) -> Option<Self> {
        let control = ClusterSetup::new("control").with(Controllers::ControlPlane);
        let all = [control].into_iter().chain(servers.iter().map(ClusterSetup::new));
        let all = all.map(|setup| ClusterSetup { flags: flags(&setup.name), ..setup });
        let clusters = Clusters::start(all.collect()).await?;
        let plane = Self { clusters, controller: Mutex::default() };
        let definitions = run(plane.portolan(&["crds"])).await;
        plane.clusters.apply_yaml("control", &definitions).await;
        Some(plane)
    }

    /// The server joins under this name, as people have it join.
    pub async fn join(&self, server: &str, name: &str) {
        self.joins("join", server, name).await;
    }

    /// It leaves again.
    pub async fn unjoin(&self, server: &str, name: &str) {
        self.joins("unjoin", server, name).await;
    }

    async fn joins(&self, command: &str, server: &str, name: &str) {
        let mut command = self.portolan(&[command, name, "--kubeconfig"]);
        command.arg(self.kubeconfig(server)).arg("--control-kubeconfig").arg(self.kubeconfig("control"));
        run(command).await;
    }

    /// Starts the controller.
    pub fn start(&self) {
        self.start_with(&self.kubeconfig("control"), &[]);
    }

    /// Starts the controller as whoever that kubeconfig says.
    pub fn start_as(&self, kubeconfig: &Path) {
        self.start_with(kubeconfig, &[]);
    }

    /// The same, with further arguments.
    pub fn start_with(&self, kubeconfig: &Path, further: &[&OsStr]) {
        let mut run = self.portolan(&["run", "--listen", "127.0.0.1:0", "--kubeconfig"]);
        run.arg(kubeconfig).args(["--cluster-failure-threshold", "1", "--cluster-success-threshold", "1"]);
        run.args(further);
        let log = self.clusters.directory().join("controller.log");
        let log = std::fs::File::options().create(true).append(true).open(log).expect("it can be written");
        let child = run.stderr(log).stdout(Stdio::null()).spawn().expect("it was built");
        *self.controller.lock().expect("nobody panics with it") = Some(child);
    }

    /// The kubeconfig of the account that `deploy/` makes, on the control plane.
    pub async fn account(&self) -> PathBuf {
        for file in ["namespace.yaml", "access.yaml"] {
            self.clusters.apply_file("control", &Path::new(DEPLOY).join(file)).await;
        }
        let kubeconfig = self.clusters.directory().join("account.kubeconfig");
        let token = ["create", "token", "portolan", "-n", "portolan-system"];
        let token = self.clusters.kubectl("control", &token, "").await;
        let text = as_account(&self.kubeconfig("control"), token.trim());
        std::fs::write(&kubeconfig, text).expect("it can be written");
        kubeconfig
    }

    /// Stops the controller where it is, as SIGSTOP does.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let controller = self.controller.lock().expect("nobody panics with it");
        let id = controller.as_ref().expect("it runs").id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("every machine has it").success());
    }

    /// What the controller has said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.clusters.directory().join("controller.log")).unwrap_or_default()
    }

    /// How many requests an API server says that it answered with this code.
    pub async fn answered(&self, cluster: &str, code: &str) -> f64 {
        let request = http::Request::get("/metrics").body(Vec::new()).expect("it is a path");
        let metrics = self.clusters.client(cluster).request_text(request).await.expect("they are counted");
        let code = format!("code=\"{code}\"");
        metrics
            .lines()
            .filter(|line| line.starts_with("apiserver_request_total{") && line.contains(&code))
            .map(|line| line.rsplit(' ').next().and_then(|count| count.parse::<f64>().ok()))
            .map(|count| count.expect("a line ends in a number"))
            .sum()
    }

    /// Ends the controller at once, as `kill -9` does.
    pub fn kill(&self) {
        if let Some(mut controller) = self.controller.lock().expect("nobody panics with it").take() {
            controller.kill().expect("it runs");
            controller.wait().expect("it was ours");
        }
    }

    /// Applies an object, server-side.
    pub async fn apply(&self, cluster: &str, object: Value) -> Value {
        self.clusters.apply(cluster, &object).await
    }

    /// A ConfigMap template.
    pub async fn config_map(&self, name: &str, value: &str) {
        self.apply("control", config_map(name, value)).await;
    }

    /// A policy `all` that sends every ConfigMap with the label `ship` to these members, with these further fields.
    pub async fn policy(&self, members: &[&str], further: Value) {
        let mut spec = json!({
            "resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap",
                "labelSelector": {"matchLabels": {"ship": "yes"}}}],
            "placement": {"clusterAffinity": {"clusterNames": members}},
        });
        for (field, value) in further.as_object().into_iter().flatten() {
            spec[field] = value.clone();
        }
        let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
            "metadata": {"name": "all", "namespace": "shop"}, "spec": spec});
        self.apply("control", policy).await;
    }

    /// Deletes something in the namespace `shop`.
    pub async fn delete(&self, cluster: &str, what: &[&str]) {
        let arguments: Vec<&str> =
            ["delete", "-n", "shop", "--wait=false"].iter().chain(what).copied().collect();
        self.clusters.kubectl(cluster, &arguments, "").await;
    }

    /// An object, or why there is none.
    pub async fn get(&self, cluster: &str, path: &str) -> Result<Value, String> {
        let request = http::Request::get(path).body(Vec::new()).expect("it is a path");
        self.clusters.client(cluster).request(request).await.map_err(|error| error.to_string())
    }

    /// What `data.k` of a ConfigMap in `shop` is, as soon as it is so on all of these members.
    pub async fn until_data(&self, members: &[&str], name: &str, value: Option<&str>) {
        for member in members {
            let what = format!("{name} on {member} is {value:?}");
            until(&what, SOON, async || {
                let there = self.get(member, &format!("/api/v1/namespaces/shop/configmaps/{name}")).await;
                match (there, value) {
                    (Ok(there), Some(value)) if there["data"]["k"] == value => Ok(()),
                    (Err(error), None) if error.contains("not found") => Ok(()),
                    (there, _) => Err(format!("{there:?}")),
                }
            })
            .await;
        }
    }

    /// Waits until the member's condition Ready is so.
    pub async fn until_ready(&self, member: &str, status: &str) {
        until(&format!("{member} is ready: {status}"), SOON, async || {
            let cluster =
                self.get("control", &format!("/apis/cluster.karmada.io/v1alpha1/clusters/{member}")).await?;
            let conditions = cluster["status"]["conditions"].as_array().cloned().unwrap_or_default();
            let ready = conditions.into_iter().find(|condition| condition["type"] == "Ready");
            match ready {
                Some(ready) if ready["status"] == status => Ok(()),
                ready => Err(format!("{ready:?}")),
            }
        })
        .await;
    }

    /// The names of all objects of a list.
    pub async fn names(&self, cluster: &str, path: &str) -> Result<Vec<String>, String> {
        let list = self.get(cluster, path).await?;
        let items = list["items"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = |item: &Value| {
            format!("{}/{}", text(&item["metadata"]["namespace"]), text(&item["metadata"]["name"]))
        };
        Ok(items.iter().map(name).collect())
    }

    /// The binary, as people call it.
    pub fn portolan(&self, arguments: &[&str]) -> Command {
        let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
        portolan.args(arguments).stdin(Stdio::null());
        // A watch that is expired is nothing that anybody need know, but tests.
        portolan.env("RUST_LOG", "info,portolan_member::watching=debug");
        // Compiled once for all tests.
        portolan.env("PORTOLAN_PLUGIN_CACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/plugins"));
        portolan
    }

    /// The administrator's kubeconfig.
    pub fn kubeconfig(&self, cluster: &str) -> PathBuf {
        self.clusters.server(cluster).kubeconfig().to_owned()
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let last: Vec<&str> = log.lines().rev().take(40).collect();
            eprintln!("the controller said last:\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
    }
}

/// A ConfigMap template.
pub fn config_map(name: &str, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "shop", "labels": {"ship": "yes"}}, "data": {"k": value}})
}

/// The administrator's kubeconfig, with an account's token in place of his key.
fn as_account(kubeconfig: &Path, token: &str) -> String {
    let config = Kubeconfig::read_from(kubeconfig).expect("it was written when the servers started");
    let cluster = config.clusters.first().and_then(|cluster| cluster.cluster.as_ref()).expect("it names one");
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "account",
        "clusters": [{"name": "control", "cluster": {
            "server": cluster.server, "certificate-authority-data": cluster.certificate_authority_data}}],
        "users": [{"name": "account", "user": {"token": token}}],
        "contexts": [{"name": "account", "context": {"cluster": "control", "user": "account"}}],
    })
    .to_string()
}

/// Runs a program to its end and hands on what it printed.
pub async fn run(mut command: Command) -> String {
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.expect("nothing panics there").expect("it was built");
    let [out, errors] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "ended with {}: {errors}{out}", output.status);
    out
}
