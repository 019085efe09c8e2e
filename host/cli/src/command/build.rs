//! `portolan plugin build [DIR]`: a plugin's crate, made into a component.

use std::error::Error as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use portolan_plugin_builder::{CrateFolder, Error};

use crate::arguments::BuildArguments;
use crate::findings::Findings;
use crate::print;

/// Builds the crate and writes the component. Cargo says on standard error how far it is.
pub fn run(arguments: &BuildArguments) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let found = CrateFolder::find(&arguments.folder);
    let built = found.and_then(|found| Ok((found.build(arguments.locked)?, found.package)));
    let (component, package) = match built {
        Ok(built) => built,
        Err(error) => {
            tell(&arguments.folder, &error, &mut findings);
            return Ok(findings);
        }
    };
    let out = arguments.out.clone().unwrap_or_else(|| arguments.folder.join(format!("{package}.wasm")));
    let missing = out.parent().filter(|parent| !parent.as_os_str().is_empty());
    missing
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&out, &component.bytes))
        .with_context(|| format!("can't write {}", out.display()))?;
    let show = |out: &Path| -> anyhow::Result<()> {
        let mut to = anstream::stdout().lock();
        let out = print::shown(&out.display().to_string());
        writeln!(to, "{out}: {} bytes\n\nnext:\n  portolan plugin inspect {out}", component.bytes.len())?;
        Ok(())
    };
    print::until_closed(show(&out))?;
    Ok(findings)
}

/// What to type stands on lines of its own.
fn tell(folder: &Path, error: &Error, findings: &mut Findings) {
    let text = error.to_string();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    findings.wrong_input(format!("{}: {first}{cause}", folder.display()));
    rest.lines().for_each(print::detail);
}
