//! `portolan plugin inspect FILE`: who a plugin is, where it can stand and what it may use.

use std::io::Write;

use portolan_plan::Plugin as _;
use portolan_sandbox::LoadedPlugin;
use serde_json::{Value, json};

use crate::arguments::InspectArguments;
use crate::findings::Findings;
use crate::plugins::{chain, component, sandbox};
use crate::print;

/// Loads a plugin as a policy would, and shows what came of it.
pub fn run(arguments: &InspectArguments) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let component = component(&arguments.file)?;
    let sandbox = sandbox(1, &arguments.cache, &mut findings)?;
    match sandbox.load(&component) {
        Ok(plugin) => print::until_closed(show(arguments, &plugin))?,
        Err(error) => findings.wrong_input(format!("{}: {}", arguments.file.display(), chain(&error))),
    }
    Ok(findings)
}

fn show(arguments: &InspectArguments, plugin: &LoadedPlugin) -> anyhow::Result<()> {
    let manifest = plugin.manifest();
    let stages: Vec<&str> = manifest.stages.iter().map(|stage| stage.name()).collect();
    let document = json!({
        "name": manifest.name,
        "version": manifest.version,
        "summary": manifest.summary,
        "digest": manifest.digest.to_string(),
        "bytes": plugin.size(),
        "stages": stages,
        "kinds": manifest.kinds.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "exports": sorted(plugin.exports()),
        "imports": sorted(plugin.imports()),
        "budget": plugin.budgets().listed(),
        "configSchema": manifest.config_schema,
    });
    if print::value(arguments.output.output, &document)? {
        return Ok(());
    }
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    let mut rows = vec![
        ("NAME", &document["name"]),
        ("VERSION", &document["version"]),
        ("SUMMARY", &document["summary"]),
        ("DIGEST", &document["digest"]),
        ("BYTES", &document["bytes"]),
        ("STAGES", &document["stages"]),
        ("KINDS", &document["kinds"]),
        ("EXPORTS", &document["exports"]),
        ("IMPORTS", &document["imports"]),
        ("FUEL A CALL", &document["budget"]["fuel"]),
        ("MEMORY A CALL", &document["budget"]["memoryBytes"]),
        ("MILLISECONDS A CALL", &document["budget"]["wallClockMillis"]),
    ];
    if manifest.kinds.is_empty() {
        rows.retain(|(what, _)| *what != "KINDS");
    }
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(what, value)| vec![what.to_owned(), text(value)]).collect();
    let mut out = anstream::stdout().lock();
    write!(out, "{}", print::table(&rows)?)?;
    writeln!(out, "CONFIG SCHEMA\n{}", serde_json::to_string_pretty(&document["configSchema"])?)?;
    Ok(())
}

/// In which order a component has its names is its linker's affair.
fn sorted(names: &[String]) -> Vec<&String> {
    let mut names: Vec<&String> = names.iter().collect();
    names.sort();
    names
}
