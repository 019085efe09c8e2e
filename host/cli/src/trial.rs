//! A plugin and everything for one call of it, put together by hand: what its author tries it with.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use portolan_local::{Inputs, Source};
use portolan_plan::{
    Exchange, Fleet, Outcome, Place, Plugin as _, Reading, Request, Stage, Targets, Template, strip,
};
use portolan_sandbox::{Figures, LoadedPlugin};
use serde_json::{Value, json};

use crate::arguments::TrialArguments;
use crate::findings::Findings;
use crate::plugins::{chain, component, sandbox};
use crate::setting::{source, unpacked};

/// A plugin and everything for one call of it. An overrider's rule targets every cluster.
pub struct Trial {
    /// The plugin.
    pub plugin: LoadedPlugin,
    /// Where it stands.
    pub stage: Stage,
    /// The names of the clusters on offer, in order.
    pub clusters: Vec<String>,
    /// The object as it stands before the call.
    pub object: Arc<Value>,
    config: String,
    reading: Reading,
}

impl Trial {
    /// Reads and loads everything.
    pub fn new(arguments: &TrialArguments, findings: &mut Findings) -> anyhow::Result<Self> {
        let TrialArguments { file, template, observed, clusters, config, stage, cache, output: _ } =
            arguments;
        let component = component(file)?;
        let plugin = sandbox(1, cache, findings)?
            .load(&component)
            .map_err(|error| anyhow::anyhow!("{}: {}", file.display(), chain(&error)))?;
        let stage = which(&plugin, *stage)?;
        let (place, config) = match config {
            Some(file) => {
                let value = portolan_local::read_value(file).with_context(|| file.display().to_string())?;
                (format!("{}: ", file.display()), value)
            }
            None => (String::new(), json!({})),
        };
        if stage.interprets() {
            let (template, observed) = (template.as_deref(), observed.as_deref());
            return Self::of_interpreter(plugin, stage, template, observed, &config);
        }
        plugin.check(&config).map_err(|why| anyhow::anyhow!("{place}the config does not fit: {why}"))?;

        let template = template.as_deref().map_or_else(|| Ok(example()), read_template)?;
        if template.is_secret() {
            bail!(
                "--template: it is a Secret, which a plugin under trial might print; valid: an object made up for it"
            );
        }
        if clusters.is_empty() {
            bail!("--clusters: there is none; valid: a file or a directory with the clusters on offer");
        }
        let inputs = read(clusters)?;
        let clusters: Vec<_> = inputs.clusters.into_iter().map(|located| located.value).collect();
        if clusters.is_empty() {
            bail!("--clusters: there is no Cluster in it");
        }
        let fleet = Arc::new(Fleet::new(clusters));
        let object = strip(&template.object);
        let request = Request { seed: template.uid().unwrap_or_default().to_owned(), ..Request::default() };
        let everywhere =
            Targets { clusters: (0..).take(fleet.size()).collect(), object: Arc::clone(&object) };
        let targets = if stage == Stage::Overrider { vec![everywhere] } else { Vec::new() };
        Ok(Self {
            plugin,
            stage,
            clusters: fleet.clusters().iter().map(|cluster| cluster.name.clone()).collect(),
            object,
            config: config.to_string(),
            reading: Reading::for_overrider(fleet, template.object, request, targets),
        })
    }

    /// An interpreter and everything for one call of it. Where only one object is given, it is the one that the operation
    /// asks about.
    fn of_interpreter(
        plugin: LoadedPlugin,
        stage: Stage,
        template: Option<&Path>,
        observed: Option<&Path>,
        arguments: &Value,
    ) -> anyhow::Result<Self> {
        let of_member = matches!(stage, Stage::Health | Stage::Reflect);
        if stage == Stage::Retain && (template.is_none() || observed.is_none()) {
            bail!("--template and --observed: retain needs both, what is desired and what the member has");
        }
        let wanted = if of_member { observed.or(template) } else { template };
        let object = wanted.map_or_else(|| Ok(example()), read_template)?;
        let other = observed.filter(|_| stage == Stage::Retain).map(read_template).transpose()?;
        if object.is_secret() || other.as_ref().is_some_and(Template::is_secret) {
            bail!("it is a Secret, which a plugin under trial might print; valid: an object made up for it");
        }
        let object = if stage == Stage::Prune { strip(&object.object) } else { object.object };
        let reading = match other {
            Some(other) => Reading::for_interpreter(Some(Arc::clone(&object)), Some(other.object)),
            None if of_member => Reading::for_interpreter(None, Some(Arc::clone(&object))),
            None => Reading::for_interpreter(Some(Arc::clone(&object)), None),
        };
        Ok(Self { plugin, stage, clusters: Vec::new(), object, config: arguments.to_string(), reading })
    }

    /// The plugin's own name.
    pub fn plugin_name(&self) -> &str {
        &self.plugin.manifest().name
    }

    /// Asks the plugin once, and notes what it asks.
    pub fn ask(&self) -> (Outcome, Figures, Vec<Exchange>) {
        let mut reading = self.reading.clone().noting();
        let (outcome, figures) = self.plugin.ask_measured(self.stage, &self.config, &mut reading);
        (outcome, figures, reading.take_exchanges().unwrap_or_default())
    }

    /// The names of clusters on offer.
    pub fn names(&self, places: &[Place]) -> Vec<&str> {
        places.iter().filter_map(|place| self.clusters.get(*place as usize)).map(|name| &**name).collect()
    }

    /// Asks the plugin once, as a plan does.
    pub fn ask_quickly(&self) -> (Outcome, Figures) {
        self.plugin.ask_measured(self.stage, &self.config, &mut self.reading.clone())
    }
}

/// The stage that was asked for, or the only one there is.
fn which(plugin: &LoadedPlugin, wanted: Option<Stage>) -> anyhow::Result<Stage> {
    let stages = &plugin.manifest().stages;
    let names = || stages.iter().map(|stage| stage.name()).collect::<Vec<_>>().join(", ");
    match (wanted, stages.iter().next()) {
        (_, None) => bail!("`{}` stands in no stage that is called", plugin.manifest().name),
        (Some(wanted), _) if stages.contains(&wanted) => Ok(wanted),
        (None, Some(only)) if stages.len() == 1 => Ok(*only),
        _ => bail!("--stage: `{}` can stand as: {}", plugin.manifest().name, names()),
    }
}

fn read_template(file: &Path) -> anyhow::Result<Template> {
    let templates = read(&[file.to_owned()])?.templates;
    let count = templates.len();
    match templates.into_iter().next() {
        Some(template) if count == 1 => Ok(unpacked(&template.value)),
        _ => bail!("--template {}: it holds {count} objects; valid: one", file.display()),
    }
}

/// Everything in some files; the first problem is the error.
fn read(paths: &[PathBuf]) -> anyhow::Result<Inputs> {
    let sources: Vec<Source> = paths.iter().map(|path| source(path)).collect();
    let reading = portolan_local::Reading { default_namespace: "default", threads: NonZeroUsize::MIN };
    let inputs = Inputs::read(&sources, &mut std::io::stdin().lock(), &reading);
    match inputs.problems.first() {
        Some(problem) => bail!("{problem}"),
        None => Ok(inputs),
    }
}

/// What a call is about where nobody says.
fn example() -> Template {
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "example", "namespace": "default"}});
    Template::new(portolan_api::Object::parse(object).expect("it is an object"))
}
