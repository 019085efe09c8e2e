//! `portolan plugin new NAME`: the crate of a plugin that compiles, passes its tests and can be tried.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::{env, fs, io};

use anyhow::{Context as _, bail};

use crate::arguments::{Language, NewArguments, NewStage};
use crate::findings::Findings;
use crate::print;

const MANIFEST: &str = include_str!("new/rust/Cargo.toml.template");
const README: &str = include_str!("new/rust/README.md.template");
const GITIGNORE: &str = include_str!("new/rust/gitignore");
const CLUSTERS: &str = include_str!("new/rust/clusters.yaml");
const TEMPLATE: &str = include_str!("new/rust/template.yaml");
const WORKLOAD: &str = include_str!("new/rust/workload.yaml");

/// What is different from stage to stage.
struct Story {
    /// What the plugin does, in a line.
    summary: &'static str,
    /// Where a policy names it.
    field: &'static str,
    source: &'static str,
    config: &'static str,
    policy: &'static str,
    template: &'static str,
}

/// The texts of a stage, which lie side by side.
macro_rules! story {
    ($stage:literal, $summary:literal, $field:literal, $template:ident) => {
        Story {
            summary: $summary,
            field: $field,
            source: include_str!(concat!("new/rust/", $stage, ".rs")),
            config: include_str!(concat!("new/rust/", $stage, ".config.yaml")),
            policy: include_str!(concat!("new/rust/", $stage, ".policy.yaml")),
            template: $template,
        }
    };
}

impl Story {
    fn of(stage: NewStage) -> Self {
        match stage {
            NewStage::Filter => {
                story!("filter", "Keeps objects in one region", "placement.plugins", TEMPLATE)
            }
            NewStage::Scorer => {
                story!("scorer", "Prefers clusters of one region", "placement.plugins", WORKLOAD)
            }
            NewStage::Estimator => {
                story!(
                    "estimator",
                    "Expects so many replicas to fit on each node",
                    "placement.plugins",
                    WORKLOAD
                )
            }
            NewStage::Selector => {
                story!("selector", "Takes the best clusters of each region", "placement.plugins", WORKLOAD)
            }
            NewStage::Assigner => story!(
                "assigner",
                "Divides replicas evenly, among no more clusters than are worth it",
                "placement.plugins",
                WORKLOAD
            ),
            NewStage::Overrider => story!(
                "overrider",
                "Tells each object in which region it runs",
                "overriders.plugins",
                TEMPLATE
            ),
        }
    }
}

/// Where the kit lies in a checkout of Portolan.
const SDK: &str = "plugins/sdk";

/// Writes the crate into a folder of its name, which must not be there yet.
pub fn run(arguments: &NewArguments) -> anyhow::Result<Findings> {
    let folder = Path::new(&arguments.name);
    let sdk = match &arguments.sdk {
        Some(sdk) => given(sdk)?,
        None => found(&env::current_dir().context("there is no current directory")?)?,
    };
    let files = match arguments.language {
        Language::Rust => rust(&arguments.name, arguments.stage, &sdk)?,
    };
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("`{}` is there already; valid: a name that is free", arguments.name);
        }
        made => made.with_context(|| format!("can't make the folder `{}`", arguments.name))?,
    }
    if let Err(error) = write(folder, &files) {
        // Made a moment ago, by us, and of no use to anybody.
        let _ = fs::remove_dir_all(folder);
        return Err(error).with_context(|| format!("can't write into `{}`", arguments.name));
    }
    print::until_closed(show(&arguments.name, &files))?;
    Ok(Findings::default())
}

/// What lies where, relative to the crate's folder.
fn rust(name: &str, stage: NewStage, sdk: &Path) -> anyhow::Result<Vec<(&'static str, String)>> {
    let sdk =
        sdk.to_str().context("the path to the kit is not UTF-8; valid: one that a Cargo.toml can hold")?;
    let Story { summary, field, source, config, policy, template } = Story::of(stage);
    let fill = |text: &str| {
        text.replace("{name}", name)
            .replace("{summary}", summary)
            .replace("{field}", field)
            .replace("{rust}", env!("CARGO_PKG_RUST_VERSION"))
            // A text of JSON is one of TOML.
            .replace("{sdk}", &serde_json::Value::from(sdk).to_string())
    };
    Ok(vec![
        (".gitignore", GITIGNORE.to_owned()),
        ("Cargo.toml", fill(MANIFEST)),
        ("README.md", fill(README)),
        ("example/config.yaml", config.to_owned()),
        ("example/manifests/clusters.yaml", CLUSTERS.to_owned()),
        ("example/manifests/policy.yaml", fill(policy)),
        ("example/manifests/template.yaml", template.to_owned()),
        ("src/lib.rs", source.to_owned()),
    ])
}

fn write(folder: &Path, files: &[(&str, String)]) -> io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn show(name: &str, files: &[(&str, String)]) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    for (path, _) in files {
        writeln!(out, "{name}/{path}")?;
    }
    writeln!(out, "\nnext:\n  cargo test --manifest-path {name}/Cargo.toml\n  portolan plugin build {name}")?;
    Ok(())
}

/// The path to the kit that the user named, as the new folder's manifest has to say it.
fn given(sdk: &Path) -> anyhow::Result<PathBuf> {
    if !is_sdk(sdk) {
        bail!(
            "--sdk {}: it does not hold the kit; valid: the folder {SDK} of a checkout of Portolan",
            sdk.display()
        );
    }
    // The new folder is one deeper than where we are.
    Ok(if sdk.is_absolute() { sdk.to_owned() } else { Path::new("..").join(sdk) })
}

/// The same, from the checkout that the new folder would lie in.
fn found(current: &Path) -> anyhow::Result<PathBuf> {
    let checkout = current.ancestors().position(|folder| is_sdk(&folder.join(SDK)));
    let Some(up) = checkout else {
        bail!(
            "there is no checkout of Portolan above the new folder, and its kit is on no registry yet; valid: --sdk DIR, \
             the folder {SDK} of a checkout"
        );
    };
    Ok(std::iter::repeat_n(Component::ParentDir, up + 1).collect::<PathBuf>().join(SDK))
}

fn is_sdk(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml"));
    manifest.is_ok_and(|manifest| manifest.lines().any(|line| line == "name = \"portolan-plugin\""))
}
