//! The default plugins as bytes.
//!
//! ```text
//!  plugins/<name> ──build.rs──► component ──include_bytes!──► ALL ──► whoever loads plugins
//! ```
//!
//! They are built from this repository while this crate is built, or taken from the directory that `PORTOLAN_PLUGINS`
//! names at that time (`<name>.wasm` each). Nothing is read at run time.
//!
//! It will never know what a plugin does, or how one is loaded.

/// One of the default plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// The name by which policies' own fields, and `placement.plugins`, reach it.
    pub name: &'static str,
    /// A WebAssembly component of the contract in `wit/`.
    pub component: &'static [u8],
}

/// Every default plugin, sorted by name.
pub const ALL: &[Builtin] = include!(concat!(env!("OUT_DIR"), "/all.rs"));

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn all_are_components_in_the_order_of_their_names() {
        assert!(ALL.is_sorted_by(|one, next| one.name < next.name));
        for builtin in ALL {
            assert!(builtin.component.starts_with(b"\0asm\x0d\0\x01\0"), "{}", builtin.name);
        }
    }

    #[test]
    fn no_folder_of_the_machine_that_built_them_is_inside() {
        for builtin in ALL {
            let text = String::from_utf8_lossy(builtin.component);
            for folder in
                [env!("CARGO_MANIFEST_DIR"), env!("OUT_DIR"), "/.cargo/registry", "/.rustup/", "/home/"]
            {
                assert!(!text.contains(folder), "{} contains {folder}", builtin.name);
            }
        }
    }
}
