//! What a component says that it imports and exports, read before it is compiled: compiling takes up to ten seconds,
//! and most components that don't fit can be told so from the names alone.

use wasmparser::{Parser, Payload};

/// The package of the contract.
pub(crate) const PACKAGE: &str = "portolan:policy";

/// The version that this host serves; 0.1.x fits it.
pub(crate) const VERSION: &str = "0.1.0";

/// What a plugin may import. `types` only gives names to types.
pub(crate) const QUESTIONS: [&str; 7] =
    ["template", "fleet", "request", "target", "observed", "log", "types"];

/// The places where a plugin can stand; beside them it exports `info`, always.
pub(crate) const STAGES: [&str; 13] = [
    "filter",
    "scorer",
    "estimator",
    "selector",
    "assigner",
    "overrider",
    "workload",
    "prune",
    "retain",
    "health",
    "reflect",
    "aggregate",
    "dependencies",
];

/// The names at the outside of a component, in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outline {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

/// Why the names of a component don't fit the contract, or can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Misfit {
    /// Not well formed.
    #[error("it is no well-formed component")]
    Malformed(#[source] wasmparser::BinaryReaderError),
    /// Something else than questions.
    #[error("{0}")]
    Import(String),
    /// Not what a plugin must offer.
    #[error("{0}")]
    Export(String),
}

impl Outline {
    /// Reads the names of a binary component. Nothing inside is validated, only the outermost level is looked at.
    pub(crate) fn read(component: &[u8]) -> Result<Self, Misfit> {
        let mut outline = Self::default();
        // How many modules and components are open around the section that is being read, the outermost one included.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(Misfit::Malformed)? {
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 1 => {
                    for import in section {
                        outline.imports.push(import.map_err(Misfit::Malformed)?.name.name.into());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 1 => {
                    for export in section {
                        outline.exports.push(export.map_err(Misfit::Malformed)?.name.name.into());
                    }
                }
                _ => {}
            }
        }
        Ok(outline)
    }

    /// Whether a plugin may look like this.
    pub(crate) fn check(&self) -> Result<(), Misfit> {
        self.imports.iter().try_for_each(|import| check_import(import))?;
        self.exports.iter().try_for_each(|export| check_export(export))?;
        for interface in STAGES.iter().chain(&["info"]) {
            if self.exports.iter().filter(|export| is_ours(export, interface)).count() > 1 {
                return Err(Misfit::Export(format!(
                    "it exports `{PACKAGE}/{interface}` in two versions, and nobody can tell which is meant; valid: one"
                )));
            }
        }
        if !self.has("info") {
            return Err(Misfit::Export(format!(
                "it does not export `{}`, which says who it is; every plugin must",
                full_name("info")
            )));
        }
        if !STAGES.iter().any(|stage| self.has(stage)) {
            return Err(Misfit::Export(format!(
                "it exports no stage; valid: at least one of {} of `{PACKAGE}@{VERSION}`",
                STAGES.join(", ")
            )));
        }
        Ok(())
    }

    /// Whether it exports an interface of the contract.
    pub(crate) fn has(&self, interface: &str) -> bool {
        self.exports.iter().any(|export| is_ours(export, interface))
    }
}

fn is_ours(name: &str, interface: &str) -> bool {
    matches!(Name::of(name), Name::Ours(ours) if ours == interface)
}

/// The name of an interface as a component writes it.
pub(crate) fn full_name(interface: &str) -> String {
    format!("{PACKAGE}/{interface}@{VERSION}")
}

enum Name<'a> {
    /// An interface of the package at a version that is served.
    Ours(&'a str),
    /// An interface of the package at another version.
    Other(&'a str),
    /// WASI.
    Wasi,
    /// Something else.
    Foreign,
}

impl<'a> Name<'a> {
    fn of(name: &'a str) -> Self {
        if name.starts_with("wasi:") || name.starts_with("wasi_") {
            return Self::Wasi;
        }
        let Some(interface) = name.strip_prefix(PACKAGE).and_then(|rest| rest.strip_prefix('/')) else {
            return Self::Foreign;
        };
        match interface.split_once('@') {
            Some((interface, version)) if served(version) => Self::Ours(interface),
            Some((_, version)) => Self::Other(version),
            None => Self::Other("no version"),
        }
    }
}

/// 0.1.x and nothing else: no pre-releases, no builds.
fn served(version: &str) -> bool {
    let is_number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u32>().is_ok();
    version.strip_prefix("0.1.").is_some_and(is_number)
}

fn check_import(import: &str) -> Result<(), Misfit> {
    let valid = || format!("valid: {} of `{PACKAGE}@{VERSION}`", QUESTIONS.join(", "));
    let shown = crate::text::one_line(import);
    Err(Misfit::Import(match Name::of(import) {
        Name::Ours(interface) if QUESTIONS.contains(&interface) => return Ok(()),
        Name::Ours(_) => format!("it imports `{shown}`, which the contract does not have; {}", valid()),
        Name::Other(version) => format!(
            "it imports `{shown}`: it was built for {} of the contract, and this host serves {VERSION} and later 0.1.x",
            crate::text::one_line(version)
        ),
        Name::Wasi => format!(
            "it imports `{shown}`: plugins have no clock, randomness, files or network. Build it without: in Rust for \
             wasm32-unknown-unknown instead of wasm32-wasip1 or -wasip2; in JavaScript by componentize-js with \
             disableFeatures: ['stdio','random','clocks','http','fetch-event']; in Python by componentize-py with \
             --stub-wasi"
        ),
        Name::Foreign => format!("it imports `{shown}`, which no plugin is given; {}", valid()),
    }))
}

fn check_export(export: &str) -> Result<(), Misfit> {
    let shown = crate::text::one_line(export);
    match Name::of(export) {
        Name::Ours(interface) if interface == "info" || STAGES.contains(&interface) => Ok(()),
        Name::Ours(_) => Err(Misfit::Export(format!(
            "it exports `{shown}`, which the contract does not have; valid: info, {}",
            STAGES.join(", ")
        ))),
        Name::Other(version) => Err(Misfit::Export(format!(
            "it exports `{shown}`: it was built for {} of the contract, and this host serves {VERSION} and later 0.1.x",
            crate::text::one_line(version)
        ))),
        // What else a component offers is never called.
        Name::Wasi | Name::Foreign => Ok(()),
    }
}
