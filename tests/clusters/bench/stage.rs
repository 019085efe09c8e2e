//! Where it is measured: servers that nobody else uses, and the controller as a process of its own.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kube::api::{Api, DynamicObject, ListParams, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, Config};
use portolan_servers::{ClusterSetup, Controllers, Life, Programs, Servers, Setup};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::Failure;

/// The members, by the names that the control plane knows them by.
pub const MEMBERS: [&str; 3] = ["member1", "member2", "member3"];

/// Everything is ready within so long, or never will be. Arbitrary.
const READY: Duration = Duration::from_secs(120);

/// A control plane with our kinds, and three members.
pub struct Stage {
    servers: Servers,
    log: PathBuf,
    controller: Option<Child>,
    /// Where it answers how it is.
    address: SocketAddr,
}

/// A folder for all that is written down meanwhile.
pub fn place(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let ours = || std::env::temp_dir().join(format!("portolan-clusters-bench-{}", std::process::id()));
    let place = named.map_or_else(ours, Path::to_owned);
    fs::create_dir(&place).map_err(|error| format!("can't make the folder {}: {error}", place.display()))?;
    Ok(std::path::absolute(place)?)
}

impl Stage {
    /// Starts the servers.
    pub fn set(directory: &Path, runtime: &Runtime) -> Result<Self, Failure> {
        let programs = Programs::find()?;
        let controllers =
            |wanted| if programs.controller_manager.is_some() { wanted } else { Controllers::None };
        let control = ClusterSetup::new("control").with(controllers(Controllers::ControlPlane));
        // Members without controllers: what these ask is not ours, and a ConfigMap needs none.
        let clusters = std::iter::once(control).chain(MEMBERS.map(ClusterSetup::new)).collect();
        let servers =
            Setup { directory: directory.to_owned(), clusters, life: Life::Tied }.start(&programs)?;
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        let stage = Self { servers, log: directory.with_extension("log"), controller: None, address };
        runtime.block_on(stage.define())?;
        Ok(stage)
    }

    /// A client for one of the servers, as anybody makes one of a kubeconfig.
    pub async fn client(&self, name: &str) -> Result<Client, Failure> {
        let read = Kubeconfig::read_from(self.kubeconfig(name))?;
        let config = Config::from_custom_kubeconfig(read, &KubeConfigOptions::default()).await?;
        Ok(Client::try_from(config)?)
    }

    pub fn kubeconfig(&self, name: &str) -> &Path {
        self.servers.cluster(name).expect("it was started under this name").kubeconfig()
    }

    /// Joins the members as a user would.
    pub fn join(&self) -> Result<(), Failure> {
        for member in MEMBERS {
            let mut join = Command::new(portolan()?);
            join.args(["join", member, "--kubeconfig"]).arg(self.kubeconfig(member));
            join.arg("--control-kubeconfig").arg(self.kubeconfig("control")).stdout(Stdio::null());
            if !join.status()?.success() {
                return Err(format!("{member} could not join").into());
            }
        }
        Ok(())
    }

    /// Starts the controller with the flags that it has by default, and waits until every member counts as ready.
    pub fn run(&mut self, runtime: &Runtime) -> Result<(), Failure> {
        self.begin()?;
        runtime.block_on(self.ready())
    }

    /// Starts the controller.
    pub fn begin(&mut self) -> Result<(), Failure> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut run = Command::new(portolan()?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        self.address = listener.local_addr()?;
        drop(listener);
        run.args(["run", "--listen", &self.address.to_string(), "--kubeconfig"])
            .arg(self.kubeconfig("control"));
        self.controller = Some(run.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?);
        Ok(())
    }

    /// Ends the controller as a fall of the machine would.
    pub fn kill(&mut self) {
        if let Some(mut controller) = self.controller.take() {
            // One that has ended already has ended.
            let _ = controller.kill();
            let _ = controller.wait();
        }
    }

    /// Where what the script prints of some scenarios goes.
    pub fn rows(&self, scenarios: &str) -> PathBuf {
        let first = scenarios.split(',').next().unwrap_or(scenarios);
        let alone = if first == scenarios { "" } else { "-and-more" };
        self.log.with_file_name(format!("{first}{alone}.json"))
    }

    /// The processes whose use is of interest.
    pub fn pids(&self) -> String {
        let controller = self.controller.as_ref().map(|controller| format!("portolan={},", controller.id()));
        format!("{}etcd={}", controller.unwrap_or_default(), self.servers.etcd().pid())
    }

    /// Our kinds, and the namespaces that hold Works.
    async fn define(&self) -> Result<(), Failure> {
        let control = self.client("control").await?;
        let named = |group, kind| ApiResource::from_gvk(&GroupVersionKind::gvk(group, "v1", kind));
        let definitions: Api<DynamicObject> =
            Api::all_with(control, &named("apiextensions.k8s.io", "CustomResourceDefinition"));
        let apply = PatchParams::apply("bench").force();
        let all = portolan_api::definitions();
        for definition in &all {
            let name = definition["metadata"]["name"].as_str().unwrap_or_default();
            definitions.patch(name, &apply, &Patch::Apply(definition)).await?;
        }
        until("the kinds are served", async || {
            let served = definitions.list(&ListParams::default()).await?;
            Ok(served.iter().filter(|definition| says(&definition.data, "Established")).count() == all.len())
        })
        .await
    }

    async fn ready(&self) -> Result<(), Failure> {
        let kind = GroupVersionKind::gvk("cluster.karmada.io", "v1alpha1", "Cluster");
        let control = self.client("control").await?;
        let clusters: Api<DynamicObject> = Api::all_with(control, &ApiResource::from_gvk(&kind));
        until("the controller and every member are ready", async || {
            let clusters = clusters.list(&ListParams::default()).await?;
            let ready = clusters.iter().filter(|cluster| says(&cluster.data, "Ready")).count();
            Ok(ready == MEMBERS.len() && is_ready(self.address))
        })
        .await
        .map_err(|error| format!("{error}; the controller's log: {}", self.log.display()).into())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The binary that was built together with this one.
fn portolan() -> Result<PathBuf, Failure> {
    let binary = std::env::current_exe()?.with_file_name("portolan");
    match binary.is_file() {
        true => Ok(binary),
        false => Err(format!("{} is not built; valid: cargo xtask bench clusters", binary.display()).into()),
    }
}

/// Whether the controller says that it is ready, as whoever rolls it out asks.
fn is_ready(address: SocketAddr) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    // One that does not listen yet is not ready.
    ask().is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
}

/// Whether a condition holds.
fn says(object: &Value, condition: &str) -> bool {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let holds =
        |one: &Value| one["type"].as_str() == Some(condition) && one["status"].as_str() == Some("True");
    conditions.is_some_and(|conditions| conditions.iter().any(holds))
}

/// Asks until it is so.
async fn until(what: &str, mut so: impl AsyncFnMut() -> Result<bool, kube::Error>) -> Result<(), Failure> {
    let began = Instant::now();
    while !so().await? {
        if began.elapsed() > READY {
            return Err(format!("after {} seconds it is not so that {what}", READY.as_secs()).into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
