//! `portolan local-up --dir DIR`: a control plane, members and the controller, on this machine.
//!
//! ```text
//!  API servers up ──► CRDs ──► members join ──► `portolan run` ──► every member Ready ──► let go
//!                                                                                     └─► what to type next
//! ```
//!
//! Whatever fails before the end, Ctrl-C and SIGTERM, takes back all that was started.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

use anyhow::{Context as _, bail};
use kube::api::{Api, ApiResource, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::GroupVersionKind;
use portolan_member::joining::{Joining, Place, Side, join};
use portolan_servers::{ClusterSetup, Controllers, Error, Life, Process, Program, Programs, Servers, Setup};
use tokio::time::{Instant, sleep};

use crate::arguments::{CacheArguments, ControlArguments, LocalUpArguments};
use crate::control_plane;
use crate::findings::Findings;
use crate::print::{self, BOLD};

/// Beside the kubeconfigs: the controller's number, for `kill`.
pub const PID_FILE: &str = "portolan.pid";

/// What the control plane is called.
const CONTROL: &str = "control";

/// The controller says within so long that every member is ready. Arbitrary: it takes seconds, of which compiling the
/// plugins on a slow machine that has never done so is the most.
const READY_WITHIN: Duration = Duration::from_secs(180);
/// And the server serves a new kind within so long. Arbitrary: it takes milliseconds.
const SERVED_WITHIN: Duration = Duration::from_secs(30);
/// How often is looked. Arbitrary.
const PAUSE: Duration = Duration::from_millis(100);

/// Starts all of it.
pub fn run(arguments: &LocalUpArguments) -> anyhow::Result<Findings> {
    let runtime = control_plane::runtime()?;
    let mut findings = Findings::default();
    let started = runtime.block_on(async {
        let stop = control_plane::told_to_stop()?;
        tokio::select! {
            servers = up(arguments) => servers,
            () = stop => bail!("interrupted; what was started is taken away again"),
        }
    });
    match started {
        Ok((servers, pid_file)) => {
            servers.let_go();
            pid_file.stays();
        }
        Err(error) => {
            // What a server said last stands in further lines.
            let text = format!("{error:#}");
            let mut lines = text.lines();
            findings.wrong_input(lines.next().unwrap_or_default().to_owned());
            lines.for_each(print::detail);
        }
    }
    Ok(findings)
}

async fn up(arguments: &LocalUpArguments) -> anyhow::Result<(Servers, PidFile)> {
    let directory = given(&arguments.dir)?;
    let programs = Programs::find()?;
    let mut servers = start(arguments, &programs, &directory).await?;
    let kubeconfig = |name: &str| directory.join(format!("{name}.kubeconfig"));
    step("the control plane and its members are up");

    let control =
        control_plane::client(&ControlArguments { kubeconfig: Some(kubeconfig(CONTROL)), context: None })
            .await?;
    define(&control).await?;
    step("the control plane knows policies and clusters");

    let members: Vec<String> = names(arguments.members).collect();
    for name in &members {
        let place = |side, name: &str| Place { side, kubeconfig: Some(kubeconfig(name)), context: None };
        let member = place(Side::Member, name);
        let joining = Joining { name: name.clone(), member, control: place(Side::Control, CONTROL) };
        // Each act is of interest to who joins a cluster that is theirs. These are new, and alike.
        join(&joining, &mut |_| {}).await.with_context(|| format!("{name} has not joined"))?;
        step(&format!("{name} has joined"));
    }

    let own = std::env::current_exe().context("this program does not know where it lies")?;
    let program = Program { path: own, arguments: vec!["run".into()] };
    let controller =
        servers.run_beside("portolan", program, controller(&kubeconfig(CONTROL), &arguments.cache))?;
    let pid_file = PidFile::write(&directory, controller.identity().pid)?;
    step("the controller runs");
    ready(&control, &members, controller).await?;
    step("every member is ready");
    next(&arguments.dir, &programs);
    Ok((servers, pid_file))
}

/// The file that says which process the controller is, taken away when this is dropped. The servers' own files go with
/// them; this one is ours, and would keep the directory.
struct PidFile(Option<PathBuf>);

impl PidFile {
    fn write(directory: &Path, pid: u32) -> anyhow::Result<Self> {
        let path = directory.join(PID_FILE);
        fs::write(&path, format!("{pid}\n")).with_context(|| format!("can't write {}", path.display()))?;
        Ok(Self(Some(path)))
    }

    fn stays(mut self) {
        self.0 = None;
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // Nobody is there to hear of it.
            let _ = fs::remove_file(path);
        }
    }
}

/// The directory as it stays right when somebody changes the current one.
pub fn given(directory: &Path) -> anyhow::Result<PathBuf> {
    absolute(directory).with_context(|| format!("--dir {}: valid: a directory", directory.display()))
}

fn names(members: u8) -> impl Iterator<Item = String> {
    (1..=members).map(|number| format!("member{number}"))
}

async fn start(
    arguments: &LocalUpArguments,
    programs: &Programs,
    directory: &Path,
) -> anyhow::Result<Servers> {
    let controllers = |wanted| {
        // Said once, below: an API server alone is enough to see what arrives.
        if programs.controller_manager.is_some() { wanted } else { Controllers::None }
    };
    if programs.controller_manager.is_none() {
        print::warning(
            "no kube-controller-manager lies beside kube-apiserver: a deleted namespace stays Terminating, and \
             Deployments get no ReplicaSets",
        );
    }
    let control = ClusterSetup::new(CONTROL).with(controllers(Controllers::ControlPlane));
    let members = names(arguments.members);
    let members = members.map(|name| ClusterSetup::new(name).with(controllers(Controllers::All)));
    let clusters = std::iter::once(control).chain(members).collect();
    let setup = Setup { directory: directory.to_owned(), clusters, life: Life::Detached };
    let programs = programs.clone();
    let started = tokio::task::spawn_blocking(move || setup.start(&programs)).await;
    let started = started.context("starting the servers panicked")?;
    let shown = arguments.dir.display();
    started.map_err(|error| match error {
        Error::NotEmpty { .. } => anyhow::anyhow!(
            "{shown} is not empty; valid: a directory for this alone. `portolan local-down --dir {shown}` takes away \
             what local-up started there"
        ),
        error => error.into(),
    })
}

/// Applies our kinds to the control plane and waits until it serves them.
async fn define(control: &kube::Client) -> anyhow::Result<()> {
    let kind = GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    let api: Api<DynamicObject> = Api::all_with(control.clone(), &ApiResource::from_gvk(&kind));
    for definition in portolan_api::definitions() {
        let name = definition["metadata"]["name"].as_str().context("a definition has no name")?;
        let applied = api.patch(name, &PatchParams::apply("portolan"), &Patch::Apply(&definition)).await;
        applied.with_context(|| format!("can't define {name}"))?;
        let deadline = Instant::now() + SERVED_WITHIN;
        while !condition(&api.get(name).await.with_context(|| format!("can't see {name}"))?, "Established") {
            if Instant::now() > deadline {
                bail!("the control plane does not serve {name} after {} s", SERVED_WITHIN.as_secs());
            }
            sleep(PAUSE).await;
        }
    }
    Ok(())
}

/// Waits until `kubectl get clusters` shows READY True for each.
async fn ready(control: &kube::Client, members: &[String], controller: &Process) -> anyhow::Result<()> {
    let kind = GroupVersionKind::gvk("cluster.karmada.io", "v1alpha1", "Cluster");
    let api: Api<DynamicObject> = Api::all_with(control.clone(), &ApiResource::from_gvk(&kind));
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        controller.runs()?;
        let clusters = api.list(&ListParams::default()).await.context("can't list clusters")?;
        let is_ready = |name: &&String| {
            let named = |cluster: &&DynamicObject| cluster.metadata.name.as_ref() == Some(*name);
            clusters.iter().find(named).is_some_and(|cluster| condition(cluster, "Ready"))
        };
        let waiting: Vec<&str> = members.iter().filter(|name| !is_ready(name)).map(String::as_str).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!(
                "not ready after {} s: {}; the last lines of {}:\n{}",
                READY_WITHIN.as_secs(),
                waiting.join(", "),
                controller.log().display(),
                controller.last_lines()
            );
        }
        sleep(PAUSE).await;
    }
}

/// Whether a condition is True.
fn condition(object: &DynamicObject, kind: &str) -> bool {
    let conditions = object.data.pointer("/status/conditions").and_then(|conditions| conditions.as_array());
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition["type"] == kind && condition["status"] == "True")
}

/// What the controller is told.
fn controller(kubeconfig: &Path, cache: &CacheArguments) -> Vec<String> {
    let mut arguments = vec!["--kubeconfig".to_owned(), kubeconfig.display().to_string()];
    // Several of these may run on one machine.
    arguments.extend(["--listen".to_owned(), "127.0.0.1:0".to_owned()]);
    if let Some(cache) = &cache.plugin_cache {
        arguments.extend(["--plugin-cache".to_owned(), cache.display().to_string()]);
    }
    if cache.no_plugin_cache {
        arguments.push("--no-plugin-cache".to_owned());
    }
    arguments
}

fn step(done: &str) {
    // A closed standard output must not end what was begun.
    let _ = print::until_closed(print::text(&format!("{done}\n")));
}

/// What to type next.
fn next(directory: &Path, programs: &Programs) {
    let on_path = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("kubectl").is_file()));
    let kubectl = match &programs.kubectl {
        Some(own) if !on_path => {
            let arguments = own.arguments.iter().map(|argument| format!(" {}", argument.display()));
            format!("{}{}", own.path.display(), arguments.collect::<String>())
        }
        _ => "kubectl".to_owned(),
    };
    let directory = directory.display();
    let control = format!("{kubectl} --kubeconfig {directory}/{CONTROL}.kubeconfig");
    let text = format!(
        "\n{BOLD}next{BOLD:#}
{control} get clusters
{control} create configmap hello --from-literal=greeting=ahoy
{control} apply -f - <<'POLICY'
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {{name: hello, namespace: default}}
spec:
  resourceSelectors: [{{apiVersion: v1, kind: ConfigMap, name: hello}}]
  placement: {{clusterAffinity: {{clusterNames: [member1]}}}}
POLICY
{kubectl} --kubeconfig {directory}/member1.kubeconfig get configmap hello
portolan local-down --dir {directory}
"
    );
    // As above.
    let _ = write!(anstream::stdout(), "{text}");
}
