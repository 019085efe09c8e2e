use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;

/// What plugins are compiled to: no operating system, so nothing to import but the contract.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler, its cargo, std's source and a linker: 816 MB, and there where rustup can't download.
pub(crate) const APT_PACKAGES: &str = "rustc-web cargo-web rust-web-src lld-22";

/// A compiler that builds for WebAssembly, and the way in which it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// The compiler, by absolute path wherever it can be told: no proxy decides anew in between.
    pub rustc: PathBuf,
    /// The cargo that belongs to it.
    pub cargo: PathBuf,
    /// Where the standard library comes from.
    pub std: Source,
    /// Folders whose names may end up inside of what this compiler builds, and what is to stand there
    /// instead.
    pub(crate) remap: Vec<(PathBuf, String)>,
}

/// Where the standard library for WebAssembly comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is installed beside the compiler (`rustup target add`, or a distribution's package).
    Installed,
    /// It is built from the compiler's own source, and linked with this linker.
    Built {
        /// Absolute path. None: the linker that the compiler brings.
        linker: Option<PathBuf>,
    },
}

impl Toolchain {
    /// The first of: the compiler of this build, the system's; each with std installed before any with std
    /// built.
    ///
    /// # Errors
    ///
    /// [`Error::NoToolchain`] where there is none.
    pub fn find() -> Result<Self, Error> {
        let current = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let compilers: Vec<_> = [current.as_os_str(), OsStr::new("/usr/bin/rustc")]
            .into_iter()
            .filter_map(Compiler::ask)
            .collect();
        choose(&compilers, wasm_ld())
            .ok_or_else(|| Error::NoToolchain { rustup: env::var("RUSTUP_TOOLCHAIN").ok() })
    }
}

/// Says which way was taken, for people.
impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rustc.display())?;
        match &self.std {
            Source::Installed => write!(f, ", which has {TARGET} installed"),
            Source::Built { linker: None } => write!(f, ", std built from its source"),
            Source::Built { linker: Some(linker) } => {
                write!(f, ", std built from its source, linked by {}", linker.display())
            }
        }
    }
}

/// What is known of one compiler.
#[derive(Clone, Debug)]
struct Compiler {
    rustc: PathBuf,
    cargo: PathBuf,
    commit: String,
    sysroot: PathBuf,
    /// Std for WebAssembly is installed.
    has_target: bool,
    /// Std's source is installed; it is the compiler's own, or it would not build.
    has_source: bool,
    /// The compiler brings a linker for WebAssembly.
    has_linker: bool,
}

/// The decision alone, so that it can be tried on machines that are not there.
fn choose(compilers: &[Compiler], wasm_ld: Option<PathBuf>) -> Option<Toolchain> {
    let installed = compilers.iter().find(|compiler| compiler.has_target);
    if let Some(compiler) = installed {
        return Some(compiler.toolchain(Source::Installed));
    }
    let built = compilers
        .iter()
        .find(|compiler| compiler.has_source && (compiler.has_linker || wasm_ld.is_some()))?;
    let linker = if built.has_linker { None } else { wasm_ld };
    Some(built.toolchain(Source::Built { linker }))
}

impl Compiler {
    /// Asks the compiler about itself. None where it can't be run, or is older than the workspace allows: then it
    /// builds nothing either.
    fn ask(rustc: &OsStr) -> Option<Self> {
        let sysroot = PathBuf::from(printed(rustc, &["--print", "sysroot"])?);
        let version = printed(rustc, &["--version", "--verbose"])?;
        let field =
            |name: &str| version.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
        if minor(field("release:"))? < minor(env!("CARGO_PKG_RUST_VERSION"))? {
            return None;
        }
        let libraries = sysroot.join("lib/rustlib");
        // The program behind rustup's proxy, so that the nested cargo uses this compiler and not the default
        // one.
        let own = |tool: &str| {
            let program = sysroot.join("bin").join(format!("{tool}{}", env::consts::EXE_SUFFIX));
            program.is_file().then_some(program)
        };
        let cargo = || PathBuf::from(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        Some(Self {
            rustc: own("rustc").unwrap_or_else(|| PathBuf::from(rustc)),
            cargo: own("cargo").unwrap_or_else(cargo),
            commit: field("commit-hash:").to_owned(),
            has_target: printed(rustc, &["--print", "target-libdir", "--target", TARGET])
                .is_some_and(|folder| holds_std(Path::new(&folder))),
            has_source: libraries.join("src/rust/library/std/Cargo.toml").is_file(),
            has_linker: libraries
                .join(field("host:"))
                .join(format!("bin/rust-lld{}", env::consts::EXE_SUFFIX))
                .is_file(),
            sysroot,
        })
    }

    fn toolchain(&self, std: Source) -> Toolchain {
        let source = self.sysroot.join("lib/rustlib/src/rust");
        // What the compiler itself writes for std's files where their source is not installed.
        let name = format!("/rustc/{}", self.commit);
        let resolved = fs::canonicalize(&source).ok().filter(|resolved| *resolved != source);
        let remap =
            [Some(source), resolved].into_iter().flatten().map(|folder| (folder, name.clone())).collect();
        Toolchain { rustc: self.rustc.clone(), cargo: self.cargo.clone(), std, remap }
    }
}

/// The number that tells one release of Rust 1 from the next.
fn minor(release: &str) -> Option<u32> {
    release.strip_prefix("1.")?.split('.').next()?.parse().ok()
}

fn holds_std(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

/// The newest `wasm-ld` among those that the system has; Debian puts the version into the name.
fn wasm_ld() -> Option<PathBuf> {
    let folders = env::split_paths(&env::var_os("PATH")?)
        .filter_map(|folder| fs::read_dir(folder).ok())
        .collect::<Vec<_>>();
    let programs = folders.into_iter().flat_map(Iterator::flatten).map(|entry| entry.path());
    programs
        .filter_map(|path| Some((linker_version(path.file_name()?.to_str()?)?, path)))
        .max()
        .map(|(_, path)| path)
}

fn linker_version(program: &str) -> Option<u32> {
    match program.strip_prefix("wasm-ld")? {
        "" => Some(0),
        versioned => versioned.strip_prefix('-')?.parse().ok(),
    }
}

fn printed(program: &OsStr, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(name: &str) -> Compiler {
        Compiler {
            rustc: PathBuf::from(format!("/{name}/bin/rustc")),
            cargo: PathBuf::from(format!("/{name}/bin/cargo")),
            commit: "c0ffee".to_owned(),
            sysroot: PathBuf::from(format!("/{name}")),
            has_target: false,
            has_source: false,
            has_linker: true,
        }
    }

    fn debian() -> Compiler {
        Compiler { has_source: true, has_linker: false, ..bare("usr") }
    }

    fn linker() -> Option<PathBuf> {
        Some(PathBuf::from("/usr/bin/wasm-ld-22"))
    }

    #[test]
    fn an_installed_target_wins_over_one_to_be_built() {
        let here = Compiler { has_target: true, ..bare("home") };
        for compilers in [[here.clone(), debian()], [debian(), here]] {
            let chosen = choose(&compilers, linker()).expect("one of them can");
            assert_eq!(chosen.std, Source::Installed);
            assert_eq!(chosen.cargo, Path::new("/home/bin/cargo"));
        }
    }

    #[test]
    fn of_two_that_have_the_target_the_one_of_this_build_is_taken() {
        let both = [Compiler { has_target: true, ..bare("home") }, Compiler { has_target: true, ..debian() }];
        assert_eq!(choose(&both, None).expect("both can").rustc, Path::new("/home/bin/rustc"));
    }

    #[test]
    fn without_the_target_the_one_with_the_source_builds_it() {
        let chosen = choose(&[bare("home"), debian()], linker()).expect("Debian's can");
        assert_eq!(chosen.rustc, Path::new("/usr/bin/rustc"));
        assert_eq!(chosen.std, Source::Built { linker: linker() });
        assert_eq!(
            chosen.to_string(),
            "/usr/bin/rustc, std built from its source, linked by /usr/bin/wasm-ld-22"
        );
    }

    #[test]
    fn a_linker_of_its_own_needs_no_other() {
        let chosen = choose(&[Compiler { has_source: true, ..bare("home") }], linker()).expect("it can");
        assert_eq!(chosen.std, Source::Built { linker: None });
    }

    /// `cargo xtask` reads the commands from this text: they are the lines that are indented.
    #[test]
    fn nothing_that_can_is_one_error_with_both_commands() {
        assert_eq!(choose(&[bare("home"), debian()], None), None, "a source without a linker builds nothing");
        assert_eq!(choose(&[], linker()), None);
        let text = |rustup| Error::NoToolchain { rustup }.to_string();
        assert_eq!(
            text(None),
            "no Rust compiler here builds for WebAssembly; type one of these two, then build again:\n  \
             rustup target add wasm32-unknown-unknown\n  \
             apt-get install -y --no-install-recommends rustc-web cargo-web rust-web-src lld-22"
        );
        let beta = text(Some("beta".to_owned()));
        assert!(beta.contains("rustup target add --toolchain beta wasm32-unknown-unknown\n"), "{beta}");
    }

    #[test]
    fn the_newest_linker_is_told_by_its_name() {
        assert_eq!(linker_version("wasm-ld"), Some(0));
        assert_eq!(linker_version("wasm-ld-22"), Some(22));
        assert_eq!(linker_version("wasm-ld-old"), None);
        assert_eq!(linker_version("wasm-ldd"), None);
        assert_eq!(linker_version("ld"), None);
    }

    #[test]
    fn releases_are_compared_as_numbers() {
        assert_eq!(minor("1.95"), Some(95));
        assert_eq!(minor("1.100.0-nightly"), Some(100));
        assert_eq!(minor("2.0.0"), None, "what that will need is not known");
        assert!(minor(env!("CARGO_PKG_RUST_VERSION")).is_some());
    }

    #[test]
    fn a_compiler_that_does_not_run_is_passed_over() {
        assert!(Compiler::ask(OsStr::new("/nonexistent/rustc")).is_none());
    }
}
