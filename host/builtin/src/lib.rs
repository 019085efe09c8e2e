//! The default plugins as bytes.
//!
//! ```text
//!  plugins/<name> ──build.rs──► component ──include_bytes!──► ALL ──► whoever loads plugins
//! ```
//!
//! They are built from this repository while this crate is built, or taken from the directory that
//! `PORTOLAN_PLUGINS` names at that time (`<name>.wasm` each; a relative path starts at the root of the
//! workspace). Nothing is read at run time.
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
    use wit_component::DecodedWasm;

    /// The interfaces that a component imports and exports, without the contract's name and version.
    fn speaks(component: &[u8]) -> (Vec<String>, Vec<String>) {
        let decoded = wit_component::decode(component).expect("it is a component");
        let DecodedWasm::Component(resolve, world) = decoded else { panic!("it is no package of WIT") };
        let world = &resolve.worlds[world];
        let short = |key| {
            let name = resolve.name_world_key(key);
            let contract = name.strip_prefix("portolan:policy/").and_then(|name| name.strip_suffix("@0.1.0"));
            contract.unwrap_or_else(|| panic!("{name} is not of the contract")).to_owned()
        };
        (world.imports.keys().map(short).collect(), world.exports.keys().map(short).collect())
    }

    #[test]
    fn all_are_in_the_order_of_their_names() {
        let names: Vec<_> = ALL.iter().map(|builtin| builtin.name).collect();
        let expected = [
            "annotations",
            "api-enablement",
            "args",
            "capacity",
            "cluster-affinity",
            "cluster-eviction",
            "cluster-locality",
            "command",
            "division",
            "field",
            "flux",
            "image",
            "kubernetes",
            "labels",
            "plaintext",
            "spread",
            "taint-toleration",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn each_speaks_the_contract_and_nothing_else() {
        for builtin in ALL {
            let (imports, mut exports) = speaks(builtin.component);
            exports.sort();
            let expected = match builtin.name {
                "api-enablement" | "cluster-affinity" | "cluster-eviction" | "taint-toleration" => {
                    &["filter", "info"][..]
                }
                "cluster-locality" => &["info", "scorer"],
                "capacity" => &["estimator", "info"],
                "division" => &["assigner", "info"],
                "spread" => &["filter", "info", "selector"],
                "flux" => &["aggregate", "dependencies", "health", "info", "reflect", "retain"],
                "kubernetes" => {
                    &["aggregate", "dependencies", "health", "info", "prune", "reflect", "retain", "workload"]
                }
                _ => &["info", "overrider"],
            };
            assert_eq!(exports, expected, "{}", builtin.name);
            assert!(!imports.is_empty(), "{}", builtin.name);
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
