use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::GroupVersionKind;
use kube::{Client, Config, discovery};
use portolan_servers::{ApiServer, ClusterSetup, Controllers, Etcd, Life, Programs, Servers, Setup};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;

/// One set at a time in a process: two that start side by side on a small machine are both slow, and no test gains.
static TURN: Semaphore = Semaphore::const_new(1);

/// Who owns what tests apply.
const FIELD_MANAGER: &str = "test";

/// Clusters of one test: real API servers with one etcd, each with a CA of its own. All ends when this is dropped, and
/// also when the test is killed.
///
/// A test that asks for a second set while it holds one waits for ever.
pub struct Clusters {
    clients: BTreeMap<String, Client>,
    kubectl: Option<portolan_servers::Program>,
    // In this order: servers end before their directory goes, and the next test begins last.
    servers: Arc<Servers>,
    directory: TempDir,
    _turn: SemaphorePermit<'static>,
}

impl Clusters {
    /// API servers of these names. One called `control` has a control plane's controllers (namespaces, garbage, service
    /// accounts), the others have none: what a member needs more is said with [`Clusters::start`].
    ///
    /// None, said loudly, where this machine has no API servers: then the test has not run.
    ///
    /// # Panics
    ///
    /// Where there are none and `CI` is `true`, and where they don't start.
    pub async fn up(names: &[&str]) -> Option<Self> {
        let setup = |name: &&str| match *name {
            "control" => ClusterSetup::new("control").with(Controllers::ControlPlane),
            name => ClusterSetup::new(name),
        };
        Self::start(names.iter().map(setup).collect()).await
    }

    /// Like [`Clusters::up`], with what each one is to have.
    ///
    /// # Panics
    ///
    /// As there.
    pub async fn start(clusters: Vec<ClusterSetup>) -> Option<Self> {
        let turn = TURN.acquire().await.expect("it is never closed");
        let programs = match Programs::find() {
            Ok(programs) => programs,
            Err(missing) => {
                let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
                assert!(!ci, "a test on real API servers can't run: {missing}");
                eprintln!("\nNOT RUN: a test on real API servers. {missing}\n");
                return None;
            }
        };
        let directory = tempfile::tempdir().expect("there is room");
        let setup = Setup { directory: directory.path().join("servers"), clusters, life: Life::Tied };
        let kubectl = programs.kubectl.clone();
        let servers = spawn_blocking(move || setup.start(&programs)).await.expect("starting does not panic");
        let servers = servers.unwrap_or_else(|error| panic!("{}", told(&error)));
        let mut clients = BTreeMap::new();
        for server in servers.clusters() {
            clients.insert(server.name().to_owned(), client(server.kubeconfig()).await);
        }
        Some(Self { clients, kubectl, servers: Arc::new(servers), directory, _turn: turn })
    }

    /// A client for that cluster, as its administrator.
    #[track_caller]
    pub fn client(&self, name: &str) -> Client {
        self.clients.get(name).unwrap_or_else(|| panic!("no cluster {name} was asked for")).clone()
    }

    /// That cluster's API server: its kubeconfig, its process.
    #[track_caller]
    pub fn server(&self, name: &str) -> &ApiServer {
        self.servers.cluster(name).unwrap_or_else(|| panic!("no cluster {name} was asked for"))
    }

    /// All of them.
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// What holds the data of all.
    pub fn etcd(&self) -> &Etcd {
        self.servers.etcd()
    }

    /// A place for the test's own files; it goes when the clusters do.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Ends the API server at once, as `kill -9` does; its data stay.
    pub async fn kill(&self, name: &str) {
        self.act(name, ApiServer::kill).await;
    }

    /// Stops it: it takes connections and answers nothing.
    pub async fn freeze(&self, name: &str) {
        self.act(name, ApiServer::freeze).await;
    }

    /// Lets it go on.
    pub async fn thaw(&self, name: &str) {
        self.act(name, ApiServer::thaw).await;
    }

    /// Starts it again on its port with its data, killed first where it runs, and waits until it is ready.
    pub async fn restart(&self, name: &str) {
        self.act(name, ApiServer::restart).await;
    }

    async fn act(&self, name: &str, act: fn(&ApiServer) -> Result<(), portolan_servers::Error>) {
        let (servers, cluster) = (Arc::clone(&self.servers), name.to_owned());
        let done = spawn_blocking(move || {
            act(servers.cluster(&cluster).unwrap_or_else(|| panic!("no cluster {cluster} was asked for")))
        });
        done.await
            .expect("the cluster was asked for")
            .unwrap_or_else(|error| panic!("{name}: {}", told(&error)));
    }

    /// Applies one object, server-side, and hands on what the server has then. Fields that somebody else has are taken.
    ///
    /// # Panics
    ///
    /// Where the server refuses it, with what it says.
    pub async fn apply(&self, name: &str, object: &Value) -> Value {
        let client = self.client(name);
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (group, version) = text("/apiVersion").rsplit_once('/').unwrap_or(("", text("/apiVersion")));
        let gvk = GroupVersionKind::gvk(group, version, text("/kind"));
        let (resource, _) = discovery::pinned_kind(&client, &gvk)
            .await
            .unwrap_or_else(|error| panic!("{name} does not serve {gvk:?}: {error}"));
        let api: Api<DynamicObject> = match text("/metadata/namespace") {
            "" => Api::all_with(client, &resource),
            namespace => Api::namespaced_with(client, namespace, &resource),
        };
        let parameters = PatchParams::apply(FIELD_MANAGER).force();
        let applied = api.patch(text("/metadata/name"), &parameters, &Patch::Apply(object)).await;
        let applied = applied.unwrap_or_else(|error| panic!("{name} refuses {object}: {error}"));
        serde_json::to_value(applied).expect("it came as JSON")
    }

    /// Applies a file or a directory of YAML with the real kubectl, server-side.
    ///
    /// # Panics
    ///
    /// Where kubectl fails, with what it says.
    pub async fn apply_file(&self, name: &str, file: &Path) {
        let file = file.display().to_string();
        self.kubectl(name, &["apply", "--server-side", "--force-conflicts", "-f", &file], "").await;
    }

    /// Applies YAML, one document or several, with the real kubectl, server-side.
    ///
    /// # Panics
    ///
    /// Where kubectl fails, with what it says.
    pub async fn apply_yaml(&self, name: &str, yaml: &str) {
        self.kubectl(name, &["apply", "--server-side", "--force-conflicts", "-f", "-"], yaml).await;
    }

    /// Runs the real kubectl with that input and hands on what it prints.
    ///
    /// # Panics
    ///
    /// Where it fails, with what it says, and where this machine's Kubernetes came without it.
    pub async fn kubectl(&self, name: &str, arguments: &[&str], input: &str) -> String {
        let typed = format!("kubectl {}", arguments.join(" "));
        let kubectl = self.kubectl.as_ref().expect("kubectl lies beside kube-apiserver or is on PATH");
        let mut kubectl = kubectl.command();
        kubectl.arg("--kubeconfig").arg(self.server(name).kubeconfig()).args(arguments);
        // It keeps what the server serves; not in the user's folder, where ports come again.
        kubectl.arg("--cache-dir").arg(self.discovery_cache());
        kubectl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let input = input.to_owned();
        let output = spawn_blocking(move || {
            let mut child = kubectl.spawn()?;
            let mut stdin = child.stdin.take().expect("it is a pipe");
            // It may have ended before it read all: then it says why.
            let _ = stdin.write_all(input.as_bytes());
            drop(stdin);
            child.wait_with_output()
        });
        let output = output.await.expect("nothing panics there").expect("kubectl can be run");
        let [out, errors] =
            [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        assert!(output.status.success(), "{name}: `{typed}` ended with {}: {errors}{out}", output.status);
        out
    }

    fn discovery_cache(&self) -> PathBuf {
        self.directory.path().join("kubectl")
    }
}

async fn client(kubeconfig: &Path) -> Client {
    let read = Kubeconfig::read_from(kubeconfig).expect("it was written a moment ago");
    let config = Config::from_custom_kubeconfig(read, &KubeConfigOptions::default()).await;
    Client::try_from(config.expect("it names one cluster, one user, one context")).expect("keys are PEM")
}

/// An error and what it came from.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
