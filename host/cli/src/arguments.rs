//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use portolan_plan::Stage;

/// Decides which clusters a Kubernetes object goes to and how it differs there. Policies are Karmada's; every decision
/// is made by a sandboxed WebAssembly plugin.
///
/// Exit codes: 0 done; 1 the input is wrong; 2 the command line is wrong; 3 a plugin faulted. With 1 and 3 everything
/// else was still done, and what is concerned stays as it was. For `replay`, 3 also: a decision came out different.
/// For `test`, 1 also: a test failed.
#[derive(Debug, Parser)]
#[command(name = "portolan", version, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what would change on each member, and the difference to what is there
    Plan(PlanArguments),
    /// Write what each member gets
    Apply(ApplyArguments),
    /// Show why an object goes where it goes, and what each override changes
    Explain(ExplainArguments),
    /// Make recorded decisions again, and say whether they come out the same
    Replay(ReplayArguments),
    /// Hold policies to their test files: what goes where, how it differs there, and why
    Test(TestArguments),
    /// Run the controller: watch a control plane, decide, and see to it that its members have what was decided
    Run(RunArguments),
    /// Join a member to a control plane, or repair what joins them
    Join(JoinArguments),
    /// Take a member from its control plane, and what was carried to it from the member
    Unjoin(UnjoinArguments),
    /// Start a control plane and members on this machine, to try Portolan with
    LocalUp(LocalUpArguments),
    /// Take away all that local-up started
    LocalDown(LocalDownArguments),
    /// Print the CustomResourceDefinitions that a control plane needs
    Crds,
    /// Write plugins, build them, look at them and try them
    Plugin {
        /// What to do with it.
        #[command(subcommand)]
        command: PluginCommand,
    },
}

/// What to do with a plugin.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Write the crate of a new plugin, with its tests and something to try it with
    New(NewArguments),
    /// Build the crate of a plugin into a component
    Build(BuildArguments),
    /// Show who a plugin is, where it can stand and what it may use
    Inspect(InspectArguments),
    /// Ask a plugin once: its answer, what it asked, what it used
    Run(TrialArguments),
    /// Ask a plugin many times: what a call costs
    Bench(TrialArguments),
}

/// What every command that decides is told.
#[derive(Args, Debug)]
pub struct InputArguments {
    /// Templates, policies, clusters and plugins: a file, a directory, or - for standard input
    #[arg(short = 'f', long = "filename", value_name = "PATH", required = true)]
    pub sources: Vec<PathBuf>,

    /// Where objects live that need a namespace and name none
    #[arg(short, long, default_value = "default", value_parser = namespace)]
    pub namespace: String,

    /// A plugin that policies may name; one of a default plugin's name stands in for it
    #[arg(long = "plugin", value_name = "NAME=FILE", value_parser = named_file)]
    pub plugins: Vec<(String, PathBuf)>,

    /// How many threads plan [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = workers)]
    pub workers: Option<NonZeroUsize>,

    /// Carry out also a decision that takes an object from all of its clusters
    #[arg(long)]
    pub allow_empty: bool,

    /// Place and divide anew, without regard to the last decision
    #[arg(long)]
    pub fresh: bool,

    #[command(flatten)]
    pub cache: CacheArguments,
}

/// Where compiled plugins are kept.
#[derive(Args, Clone, Debug)]
pub struct CacheArguments {
    /// Where compiled plugins are kept, in a directory for this alone [default: portolan in the user's cache directory]
    #[arg(long, value_name = "DIR", env = "PORTOLAN_PLUGIN_CACHE", hide_env_values = true)]
    pub plugin_cache: Option<PathBuf>,

    /// Keep no compiled plugins: each start compiles anew
    #[arg(long)]
    pub no_plugin_cache: bool,
}

/// Whether to go on.
#[derive(Args, Debug)]
pub struct WatchArguments {
    /// Go on: run again whenever an input changes, until Ctrl-C ends it
    ///
    /// Whatever goes wrong meanwhile is said, keeps things as they are, and ends nothing. Printed is what is new; with
    /// -o json each run that has news is one line, with -o yaml one document.
    #[arg(short, long)]
    pub watch: bool,
}

/// How to print.
#[derive(Args, Debug)]
pub struct OutputArguments {
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Table,
    /// For programs and people
    Yaml,
    /// For programs
    Json,
}

/// `plan`
#[derive(Args, Debug)]
pub struct PlanArguments {
    #[command(flatten)]
    pub input: InputArguments,
    /// The directory of members' directories to compare with; without it, with nothing
    #[arg(long, value_name = "DIR")]
    pub members: Option<PathBuf>,
    /// Tell of each template first why it goes where it goes, as `explain` does
    ///
    /// With -o json and -o yaml that is always there.
    #[arg(long)]
    pub reasons: bool,
    #[command(flatten)]
    pub watch: WatchArguments,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `apply`
#[derive(Args, Debug)]
pub struct ApplyArguments {
    #[command(flatten)]
    pub input: InputArguments,
    /// The directory to write members' directories into; made where it is missing
    #[arg(long, value_name = "DIR")]
    pub members: PathBuf,
    /// Keep a transcript of every decision in this directory, with the plugins that made it, for `replay` and `explain`
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    #[command(flatten)]
    pub watch: WatchArguments,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `explain`
#[derive(Args, Debug)]
#[command(mut_arg("sources", |sources| sources.required(false).required_unless_present("transcript")))]
pub struct ExplainArguments {
    /// Which template, such as HelmRelease/podinfo; the kind may be in any case
    #[arg(value_name = "KIND/NAME", value_parser = kind_and_name, required_unless_present = "transcript")]
    pub object: Option<(String, String)>,
    /// Tell the story of a recorded decision instead, with everything that plugins asked and heard
    #[arg(long, value_name = "FILE", conflicts_with_all = ["object", "sources", "members"])]
    pub transcript: Option<PathBuf>,
    #[command(flatten)]
    pub input: InputArguments,
    /// The directory of members' directories: where the object is already
    #[arg(long, value_name = "DIR")]
    pub members: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `replay`
#[derive(Args, Debug)]
pub struct ReplayArguments {
    /// Transcripts, or directories of them, as `apply --record` keeps them
    #[arg(value_name = "TRANSCRIPT", required = true)]
    pub transcripts: Vec<PathBuf>,

    /// A component that made a decision and was not kept with it; its digest says for which plugin it is
    #[arg(long = "plugin", value_name = "FILE")]
    pub components: Vec<PathBuf>,

    #[command(flatten)]
    pub cache: CacheArguments,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `test`
///
/// Nothing is written but what --output-file says, and compiled plugins where they are kept.
#[derive(Args, Debug)]
pub struct TestArguments {
    /// Test files, named portolan-test.yaml or NAME.portolan-test.yaml, or directories that hold some
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// A plugin that policies may name; it stands in for the test files' own of that name
    #[arg(long = "plugin", value_name = "NAME=FILE", value_parser = named_file)]
    pub plugins: Vec<(String, PathBuf)>,

    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    pub output: TestFormat,

    /// Where that goes; what is printed is then the text
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,

    #[command(flatten)]
    pub cache: CacheArguments,
}

/// How to print what came of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For CI systems: JUnit's XML
    Junit,
}

/// `run`
///
/// All state is in the API server: it may be ended at any moment, and goes on where it was when it is started again.
#[derive(Args, Debug)]
pub struct RunArguments {
    #[command(flatten)]
    pub control: ControlArguments,

    /// A plugin that policies may name; one of a default plugin's name stands in for it
    #[arg(long = "plugin", value_name = "NAME=FILE", value_parser = named_file)]
    pub plugins: Vec<(String, PathBuf)>,

    /// Where the files are that ClusterPlugins name
    #[arg(long, value_name = "DIR")]
    pub plugin_directory: Option<PathBuf>,

    /// How many threads plan [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = workers)]
    pub workers: Option<NonZeroUsize>,

    /// Where /healthz, /readyz and /metrics are answered; port 0 takes one that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: std::net::SocketAddr,

    /// How the log is written
    #[arg(long, value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// What is logged: error, warn, info, debug or trace, or filters such as portolan_control=debug; RUST_LOG counts more
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log_level: String,

    /// Namespaces of which nothing is propagated; a * at the end stands for any end
    #[arg(long = "skip-namespace", value_name = "PATTERN", default_value = "kube-*")]
    pub skipped_namespaces: Vec<String>,

    /// How many seconds lie between two questions to a member whether it is ready
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    pub cluster_period: u64,

    /// How many seconds a member has to be seen not to be ready before it counts as that
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub cluster_failure_threshold: u64,

    /// How many seconds a member has to be seen to be ready again before it counts as that
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub cluster_success_threshold: u64,

    #[command(flatten)]
    pub cache: CacheArguments,
}

/// How a log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// For programs: an object a line
    Json,
}

/// Which control plane.
#[derive(Args, Clone, Debug)]
pub struct ControlArguments {
    /// The control plane's kubeconfig [default: KUBECONFIG, else ~/.kube/config, else the pod's own service account]
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,

    /// Which context of it [default: its current one]
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
}

/// `join`
///
/// Makes an account with every right on the member, and on the control plane a Secret with its token and the Cluster.
/// What is there already is repaired.
#[derive(Args, Debug)]
pub struct JoinArguments {
    /// What the control plane will know the member as
    #[arg(value_name = "NAME")]
    pub name: String,

    #[command(flatten)]
    pub sides: SidesArguments,
}

/// `unjoin`
///
/// The Cluster goes first, then what was carried to the member, unless its policy preserves it; then the account on the
/// member, and the credentials last.
#[derive(Args, Debug)]
pub struct UnjoinArguments {
    /// What the control plane knows the member as
    #[arg(value_name = "NAME")]
    pub name: String,

    #[command(flatten)]
    pub sides: SidesArguments,

    /// The member is gone for ever: ask nothing of it, and leave there what is there
    #[arg(long, conflicts_with_all = ["kubeconfig", "cluster_kubeconfig"])]
    pub force: bool,

    /// How many seconds the member may take to let go of what was carried to it
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub timeout: u64,
}

/// `local-up`
///
/// Real API servers and etcd, on 127.0.0.1 alone, and the controller; no containers and no nodes, so pods wait for ever.
/// The programs are those of KUBEBUILDER_ASSETS, else of PATH, else of our own build, `cargo xtask clusters build`. All of
/// it stays until `local-down`.
#[derive(Args, Debug)]
pub struct LocalUpArguments {
    /// Where kubeconfigs, data and logs go: empty, or not yet there
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,

    /// How many members
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub members: u8,

    #[command(flatten)]
    pub cache: CacheArguments,
}

/// `local-down`
///
/// Done twice, it does nothing the second time. Files of somebody else's stay, and their directory with them.
#[derive(Args, Debug)]
pub struct LocalDownArguments {
    /// The directory that local-up was given
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
}

/// A member and a control plane.
#[derive(Args, Clone, Debug)]
pub struct SidesArguments {
    /// The member's kubeconfig; beside --cluster-kubeconfig, the control plane's
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,

    /// Which context of it [default: its current one]
    #[arg(long, value_name = "NAME", requires = "kubeconfig")]
    pub context: Option<String>,

    /// The control plane's kubeconfig [default: KUBECONFIG, else ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    pub control_kubeconfig: Option<PathBuf>,

    /// Which context of it [default: its current one]
    #[arg(long, value_name = "NAME")]
    pub control_context: Option<String>,

    /// The member's kubeconfig, as karmadactl has it: --kubeconfig is then the control plane's
    #[arg(long, value_name = "FILE", conflicts_with_all = ["control_kubeconfig", "control_context"])]
    pub cluster_kubeconfig: Option<PathBuf>,

    /// Which context of it [default: its current one]
    #[arg(long, value_name = "NAME", requires = "cluster_kubeconfig")]
    pub cluster_context: Option<String>,
}

/// `plugin run` and `plugin bench`
#[derive(Args, Debug)]
pub struct TrialArguments {
    /// A WebAssembly component, or the name of a default plugin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The object that the call is about; without it, an empty ConfigMap
    #[arg(long, short = 'f', value_name = "FILE")]
    pub template: Option<PathBuf>,

    /// For interpreters: the object as a member has it
    #[arg(long, value_name = "FILE")]
    pub observed: Option<PathBuf>,

    /// The clusters on offer: a file or a directory; interpreters need none
    #[arg(long, value_name = "PATH")]
    pub clusters: Vec<PathBuf>,

    /// What the policy tells the plugin, as YAML or JSON; without it, {}. For the interpreters' revise and aggregate
    /// what they are told: {replicas: 3}, or a list of {name, status, applied, health}
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Where it stands, for a plugin that can stand in several places
    #[arg(long, visible_alias = "operation", value_name = "STAGE", value_parser = stage)]
    pub stage: Option<Stage>,

    #[command(flatten)]
    pub cache: CacheArguments,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `plugin new`
#[derive(Args, Debug)]
pub struct NewArguments {
    /// What the plugin and its folder are called
    #[arg(value_name = "NAME", value_parser = crate_name)]
    pub name: String,
    /// In which language it is written
    #[arg(long = "lang", value_name = "LANGUAGE", default_value = "rust", value_parser = language)]
    pub language: Language,
    /// Where it stands: what it decides
    #[arg(long, value_enum, default_value_t)]
    pub stage: NewStage,
    /// The kit that it is written against [default: the one of the checkout that the new folder lies in]
    #[arg(long, value_name = "DIR")]
    pub sdk: Option<PathBuf>,
}

/// In which language a new plugin is written.
#[derive(Clone, Copy, Debug)]
pub enum Language {
    /// Rust.
    Rust,
}

/// What a new plugin decides.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum NewStage {
    /// Which clusters are out of the question
    #[default]
    Filter,
    /// How good each cluster is
    Scorer,
    /// How many replicas each cluster could take
    Estimator,
    /// Which clusters are taken
    Selector,
    /// How many replicas each of them gets
    Assigner,
    /// What differs on which cluster
    Overrider,
}

/// `plugin build`
#[derive(Args, Debug)]
pub struct BuildArguments {
    /// The crate's folder
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Where the component goes [default: DIR/NAME.wasm, after the crate's name]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Insist that Cargo.lock is there and up to date
    #[arg(long)]
    pub locked: bool,
}

/// `plugin inspect`
#[derive(Args, Debug)]
pub struct InspectArguments {
    /// A WebAssembly component, or the name of a default plugin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub cache: CacheArguments,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// A name that cargo takes for a package, policies for a plugin and every file system for a folder.
fn crate_name(text: &str) -> Result<String, String> {
    // Of what is made of these letters: keywords, names of the language's own crates, and those that a new crate
    // depends on.
    const TAKEN: &str = "abstract alloc as async await become box break const continue core crate do dyn else enum extern \
                         false final fn for gen if impl in let loop macro match mod move mut override portolan-plugin priv \
                         proc-macro pub ref return schemars self serde static std struct super test trait true try type \
                         typeof unsafe unsized use virtual where while yield";
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.len() > 63
        || !text.chars().all(inner)
        || !text.starts_with(|c: char| c.is_ascii_lowercase())
        || text.ends_with('-')
    {
        return Err(
            "valid: up to 63 of a-z 0-9 and -, beginning with a letter, such as data-residency".into()
        );
    }
    if TAKEN.split_whitespace().any(|taken| taken == text) {
        return Err("the name has a meaning to Rust; valid: another one, such as data-residency".into());
    }
    Ok(text.into())
}

fn language(text: &str) -> Result<Language, String> {
    match text {
        "rust" => Ok(Language::Rust),
        _ => {
            Err("valid: rust; for JavaScript and Python there is examples/plugins-in-other-languages".into())
        }
    }
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.into(), file.into())),
        _ => Err("valid: a name, = and a file, such as region=target/region.wasm".into()),
    }
}

fn stage(text: &str) -> Result<Stage, String> {
    let names = Stage::ALL.map(Stage::name).join(", ");
    Stage::ALL.into_iter().find(|stage| stage.name() == text).ok_or_else(|| format!("valid: {names}"))
}

fn namespace(text: &str) -> Result<String, String> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=63).contains(&text.len())
        && text.chars().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
    {
        Ok(text.into())
    } else {
        Err("valid: up to 63 of a-z 0-9 and -, beginning and ending with a letter or digit".into())
    }
}

fn workers(text: &str) -> Result<NonZeroUsize, String> {
    /// Each worker reserves address space for its instances. Arbitrary: more processors than most machines have.
    const MOST: usize = 256;
    let workers = text.parse().ok().filter(|workers: &NonZeroUsize| workers.get() <= MOST);
    workers.ok_or_else(|| format!("valid: 1 to {MOST}"))
}

fn kind_and_name(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((kind, name)) if !kind.is_empty() && !name.is_empty() => Ok((kind.into(), name.into())),
        _ => Err("valid: a kind, a slash and a name, such as HelmRelease/podinfo".into()),
    }
}
