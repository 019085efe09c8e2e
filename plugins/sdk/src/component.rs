//! The contract as a component speaks it. Generated names end here.
//!
//! Public only because the code that `stages!` expands to, in another crate, names it.
//!
//! wit-bindgen is run once for what every plugin has and once for each stage, and wit-component adds the
//! worlds up: two runs over `filter-plugin` and `overrider-plugin` would each define the macro that exports
//! `info`, and macros have one namespace a crate.

mod answer;
mod heap;
mod host;
mod interpreting;

pub use answer::{Described, Exported};

#[global_allocator]
static HEAP: heap::Heap = heap::Heap::new();

/// Every question, and `info`.
pub mod plugin {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "portolan:policy/plugin",
        pub_export_macro: true,
        export_macro_name: "export_plugin",
        generate_all,
    });
}

/// The stage of a filter.
pub mod filter {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world filter { export portolan:policy/filter@0.1.0; }",
        world: "portolan:sdk/filter",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_filter",
    });
}

/// The stage of a scorer.
pub mod scorer {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world scorer { export portolan:policy/scorer@0.1.0; }",
        world: "portolan:sdk/scorer",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_scorer",
    });
}

/// The stage of an estimator.
pub mod estimator {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world estimator { export portolan:policy/estimator@0.1.0; }",
        world: "portolan:sdk/estimator",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_estimator",
    });
}

/// The stage of a selector.
pub mod selector {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world selector { export portolan:policy/selector@0.1.0; }",
        world: "portolan:sdk/selector",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_selector",
    });
}

/// The stage of an assigner.
pub mod assigner {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world assigner { export portolan:policy/assigner@0.1.0; }",
        world: "portolan:sdk/assigner",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_assigner",
    });
}

/// The stage of an overrider.
pub mod overrider {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world overrider { export portolan:policy/overrider@0.1.0; }",
        world: "portolan:sdk/overrider",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_overrider",
    });
}

/// An interpreter's operation: how big a workload is.
pub mod workload {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world workload { export portolan:policy/workload@0.1.0; }",
        world: "portolan:sdk/workload",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_workload",
    });
}

/// An interpreter's operation: what must not travel.
pub mod prune {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world prune { export portolan:policy/prune@0.1.0; }",
        world: "portolan:sdk/prune",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_prune",
    });
}

/// An interpreter's operation: what the member owns.
pub mod retain {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world retain { export portolan:policy/retain@0.1.0; }",
        world: "portolan:sdk/retain",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_retain",
    });
}

/// An interpreter's operation: whether an object does its job.
pub mod health {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world health { export portolan:policy/health@0.1.0; }",
        world: "portolan:sdk/health",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_health",
    });
}

/// An interpreter's operation: what is shown of a status.
pub mod reflect {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world reflect { export portolan:policy/reflect@0.1.0; }",
        world: "portolan:sdk/reflect",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_reflect",
    });
}

/// An interpreter's operation: the statuses as one.
pub mod aggregate {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world aggregate { export portolan:policy/aggregate@0.1.0; }",
        world: "portolan:sdk/aggregate",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_aggregate",
    });
}

/// An interpreter's operation: what an object needs.
pub mod dependencies {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package portolan:sdk; world dependencies { export portolan:policy/dependencies@0.1.0; }",
        world: "portolan:sdk/dependencies",
        with: { "portolan:policy/types@0.1.0": super::plugin::portolan::policy::types },
        pub_export_macro: true,
        export_macro_name: "export_dependencies",
    });
}
