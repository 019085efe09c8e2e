//! What compiling a component would take, told beforehand: compiling itself can't be interrupted, and has no limit of
//! memory.
//!
//! A component may hold components and make any number of instances of each. Twenty lines in which each makes two of
//! the one before are a million instances, and a compiler that writes them out takes all the memory that there is.

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Parser, Payload,
};

/// Types, aliases, functions, instances, imports and exports of a component, with those of the components that it
/// makes instances of counted for each instance. Arbitrary: a plugin of the SDK has 180, one of componentize-py 1,900;
/// wasmtime took 0.4 s for 260,000, and twice that with each level more.
const MAX_ITEMS: u64 = 100_000;

/// Components within components. Arbitrary: composing plugins of others adds one or two. Compiling recurses once a
/// level, and 100 levels are nothing to its stack.
const MAX_DEPTH: usize = 100;

/// Bytes of one function. Compiling one takes some 400 times as many, and each core compiles one at a time: 0.4 GB a
/// core. Without this limit wasmtime's own holds, 7.6 MB. The largest in a plugin of componentize-py has 427 kB, of
/// componentize-js 172 kB.
const MAX_FUNCTION_BYTES: usize = 1 << 20;

/// Why a component is too large, a sentence; or it can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Expands {
    #[error(transparent)]
    Malformed(#[from] BinaryReaderError),
    #[error("written out it has more than {MAX_ITEMS} items, components within it included; valid: fewer")]
    TooMuch,
    #[error(
        "one of its functions has {0} bytes, which would take too much memory to compile; valid: up to {MAX_FUNCTION_BYTES}"
    )]
    LargeFunction(usize),
    #[error("components lie within components more than {MAX_DEPTH} deep; valid: fewer")]
    TooDeep,
    #[error(
        "it makes an instance of a component that it is handed, so that nobody can tell how much that is; \
             valid: instances of components that it holds"
    )]
    Unknown,
}

/// A component or module that is being read.
#[derive(Default)]
struct Open {
    items: u64,
    /// How many items an instance of each component in its index space is; none where that can't be told.
    components: Vec<Option<u64>>,
    is_module: bool,
}

/// An error where a component is too large, or may be.
pub(crate) fn check(component: &[u8]) -> Result<(), Expands> {
    let mut open: Vec<Open> = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match payload {
            Payload::Version { encoding, .. } => {
                open.push(Open { is_module: encoding == Encoding::Module, ..Open::default() });
                if open.len() > MAX_DEPTH {
                    return Err(Expands::TooDeep);
                }
                continue;
            }
            Payload::End(_) => {
                let Some(done) = open.pop() else { continue };
                if let Some(around) = open.last_mut() {
                    around.add(1)?;
                    if !done.is_module {
                        around.components.push(Some(done.items));
                    }
                }
                continue;
            }
            Payload::CodeSectionEntry(function) if function.range().len() > MAX_FUNCTION_BYTES => {
                return Err(Expands::LargeFunction(function.range().len()));
            }
            _ => {}
        }
        let outer: Vec<&Open> = open.iter().rev().collect();
        let alias = match &payload {
            // Outer components that an alias may name are looked up before the innermost one is changed.
            Payload::ComponentAliasSection(section) => {
                let mut found = Vec::new();
                for alias in section.clone() {
                    if let ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } =
                        alias?
                    {
                        let component =
                            outer.get(count as usize).and_then(|open| open.components.get(index as usize));
                        found.push(component.copied().flatten());
                    }
                }
                found
            }
            _ => Vec::new(),
        };
        let Some(innermost) = open.last_mut().filter(|open| !open.is_module) else { continue };
        innermost.section(payload, alias)?;
    }
    Ok(())
}

impl Open {
    fn add(&mut self, items: u64) -> Result<(), Expands> {
        self.items = self.items.saturating_add(items);
        if self.items > MAX_ITEMS { Err(Expands::TooMuch) } else { Ok(()) }
    }

    /// Counts a section; `aliases` are the outer components that it names, in order.
    fn section(&mut self, payload: Payload<'_>, aliases: Vec<Option<u64>>) -> Result<(), Expands> {
        match payload {
            Payload::ComponentTypeSection(section) => self.add(section.count().into()),
            Payload::CoreTypeSection(section) => self.add(section.count().into()),
            Payload::ComponentCanonicalSection(section) => self.add(section.count().into()),
            Payload::InstanceSection(section) => {
                for instance in section {
                    self.add(
                        1 + match instance? {
                            wasmparser::Instance::Instantiate { args, .. } => args.len() as u64,
                            wasmparser::Instance::FromExports(exports) => exports.len() as u64,
                        },
                    )?;
                }
                Ok(())
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    let (made, handed) = match instance? {
                        ComponentInstance::Instantiate { component_index, args } => {
                            let made = self.components.get(component_index as usize).copied().flatten();
                            (made.ok_or(Expands::Unknown)?, args.len())
                        }
                        ComponentInstance::FromExports(exports) => (0, exports.len()),
                    };
                    self.add(made.saturating_add(1 + handed as u64))?;
                }
                Ok(())
            }
            Payload::ComponentAliasSection(section) => {
                let mut aliases = aliases.into_iter();
                for alias in section {
                    self.add(1)?;
                    match alias? {
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, .. } => {
                            self.components.push(aliases.next().flatten());
                        }
                        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                            self.components.push(None);
                        }
                        _ => {}
                    }
                }
                Ok(())
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    self.add(1)?;
                    if matches!(import?.ty, ComponentTypeRef::Component(_)) {
                        self.components.push(None);
                    }
                }
                Ok(())
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    self.add(1)?;
                    let export = export?;
                    // What is exported can be named again, as one more.
                    if export.kind == ComponentExternalKind::Component {
                        let exported = self.components.get(export.index as usize).copied().flatten();
                        self.components.push(exported);
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
