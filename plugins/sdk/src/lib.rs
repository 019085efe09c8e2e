//! What the author of a Portolan plugin writes against.
//!
//! ```text
//!   host ──config──► [filter!(MyFilter)] ──► MyFilter::filter(config, questions) ──► refusals ──► host
//!    ▲                                                            │
//!    └───────────────────── one question, one answer ─────────────┘
//! ```
//!
//! A plugin is a function of its config and of the answers to its [`Questions`]. It implements one trait in plain
//! Rust, that of the stage it stands in, and one line exports it:
//!
//! | stage | says | macro |
//! |---|---|---|
//! | [`Filter`] | which clusters are out of the question | [`filter!`] |
//! | [`Scorer`] | how good each cluster is | [`scorer!`] |
//! | [`Estimator`] | how many replicas each could take | [`estimator!`] |
//! | [`Selector`] | which clusters are taken | [`selector!`] |
//! | [`Assigner`] | how many replicas each gets | [`assigner!`] |
//! | [`Overrider`] | what differs on which cluster | [`overrider!`] |
//!
//! ```
//! use portolan_plugin::{Fault, Filter, Questions, Refusal};
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//!
//! /// Refuses every cluster outside of one region.
//! struct Residency;
//!
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Config {
//!     /// The region, as `spec.region` of a cluster has it.
//!     region: String,
//! }
//!
//! impl Filter for Residency {
//!     type Config = Config;
//!
//!     fn filter(config: Config, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
//!         let regions = questions.fleet_column("/spec/region");
//!         let outside = (0..).zip(regions).filter(|(_, region)| *region != config.region.as_str());
//!         let clusters: Vec<_> = outside.map(|(cluster, _)| cluster).collect();
//!         Ok(Refusal::unless_empty(format!("not in region {}", config.region), clusters).into_iter().collect())
//!     }
//! }
//!
//! portolan_plugin::filter!(Residency);
//! ```
//!
//! An interpreter knows kinds of objects. It implements [`Interpreter`] and a trait for each operation that it means:
//! [`Workload`], [`Prune`], [`Retain`], [`Health`], [`Reflect`], [`Aggregate`], [`Dependencies`]; [`interpreter!`] exports
//! them.
//!
//! The plugin's name, version and one line for people are those of its `Cargo.toml`; the schema that a config must fit
//! is made from the config's type (see [`Config`]).
//!
//! The crate is a `cdylib` (and an `rlib`, for its own tests) built for `wasm32-unknown-unknown`;
//! `portolan plugin build` makes a component of it. Natively the macros expand to nothing and `testing` (not
//! part of a WebAssembly build) answers the questions from memory. A panic reaches the host's log with its place.
//!
//! It will never know a clock, a random number, a file or a socket: the contract has none of them, so that
//! the same questions and answers give the same decision for ever.

mod assigner;
pub mod column;
mod config;
mod estimator;
mod fault;
mod filter;
mod interpreter;
mod no_config;
mod overrider;
pub mod pointer;
mod questions;
mod scorer;
mod selector;
mod served;

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod component;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use assigner::Assigner;
pub use config::Config;
pub use estimator::Estimator;
pub use fault::Fault;
pub use filter::{Filter, Refusal};
pub use interpreter::{
    Aggregate, Dependencies, Dependency, Health, Interpreter, Member, Prune, Reflect, Retain, Size, State,
    Which, Workload,
};
pub use no_config::NoConfig;
pub use overrider::{Amendment, Operation, Overrider};
pub use questions::{Cluster, Level, Questions};
pub use scorer::Scorer;
pub use selector::{Choice, Selector};
pub use served::Served;

/// Exports a plugin that stands in several stages, such as `stages!(Regions: Filter, Scorer)`. Once a crate. All of them
/// have the same type of config: a plugin has one schema. An [`Interpreter`] that stands in stages as well names its
/// operations behind them: `stages!(Widgets: Filter; Workload, Health)`.
///
/// On other targets than WebAssembly it expands to nothing, so that the crate links and is tested natively.
#[macro_export]
macro_rules! stages {
    ($plugin:ty: $first:ident $(, $more:ident)* $(,)?) => {
        $crate::stages!(@@ $plugin; &[]; $first $(, $more)*);
    };
    ($plugin:ty: $first:ident $(, $more:ident)*; $($operation:ident),+ $(,)?) => {
        $crate::stages!(@@ $plugin; <$plugin as $crate::Interpreter>::KINDS; $first $(, $more)*; $($operation),+);
    };
    (@@ $plugin:ty; $kinds:expr; $first:ident $(, $more:ident)* $(; $($operation:ident),+)?) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            impl $crate::component::Described for $plugin {
                type Config = <$plugin as $crate::$first>::Config;
                const KINDS: &[(&str, &str)] = $kinds;
                const NAME: &str = env!("CARGO_PKG_NAME");
                const VERSION: &str = env!("CARGO_PKG_VERSION");
                const SUMMARY: &str = env!("CARGO_PKG_DESCRIPTION");
            }
            $(
                const _: fn(<$plugin as $crate::$first>::Config) -> <$plugin as $crate::$more>::Config =
                    |same| same;
            )*
            type Exported = $crate::component::Exported<$plugin>;
            $crate::component::plugin::export_plugin!(Exported with_types_in $crate::component::plugin);
            $crate::stages!(@ $first Exported);
            $( $crate::stages!(@ $more Exported); )*
            $( $( $crate::stages!(@ $operation Exported); )+ )?
        };
    };
    (@ Workload $exported:ident) => {
        $crate::component::workload::export_workload!($exported with_types_in $crate::component::workload);
    };
    (@ Prune $exported:ident) => {
        $crate::component::prune::export_prune!($exported with_types_in $crate::component::prune);
    };
    (@ Retain $exported:ident) => {
        $crate::component::retain::export_retain!($exported with_types_in $crate::component::retain);
    };
    (@ Health $exported:ident) => {
        $crate::component::health::export_health!($exported with_types_in $crate::component::health);
    };
    (@ Reflect $exported:ident) => {
        $crate::component::reflect::export_reflect!($exported with_types_in $crate::component::reflect);
    };
    (@ Aggregate $exported:ident) => {
        $crate::component::aggregate::export_aggregate!($exported with_types_in $crate::component::aggregate);
    };
    (@ Dependencies $exported:ident) => {
        $crate::component::dependencies::export_dependencies!($exported with_types_in $crate::component::dependencies);
    };
    (@ Filter $exported:ident) => {
        $crate::component::filter::export_filter!($exported with_types_in $crate::component::filter);
    };
    (@ Scorer $exported:ident) => {
        $crate::component::scorer::export_scorer!($exported with_types_in $crate::component::scorer);
    };
    (@ Estimator $exported:ident) => {
        $crate::component::estimator::export_estimator!($exported with_types_in $crate::component::estimator);
    };
    (@ Selector $exported:ident) => {
        $crate::component::selector::export_selector!($exported with_types_in $crate::component::selector);
    };
    (@ Assigner $exported:ident) => {
        $crate::component::assigner::export_assigner!($exported with_types_in $crate::component::assigner);
    };
    (@ Overrider $exported:ident) => {
        $crate::component::overrider::export_overrider!($exported with_types_in $crate::component::overrider);
    };
}

/// Exports an [`Interpreter`] with the operations that it means, such as `interpreter!(Widgets: Workload, Health)`. Once
/// a crate. It has no config: nobody names it but the kind of an object.
///
/// On other targets than WebAssembly it expands to nothing, so that the crate links and is tested natively.
#[macro_export]
macro_rules! interpreter {
    ($plugin:ty: $($operation:ident),+ $(,)?) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            impl $crate::component::Described for $plugin {
                type Config = $crate::NoConfig;
                const KINDS: &[(&str, &str)] = <$plugin as $crate::Interpreter>::KINDS;
                const NAME: &str = env!("CARGO_PKG_NAME");
                const VERSION: &str = env!("CARGO_PKG_VERSION");
                const SUMMARY: &str = env!("CARGO_PKG_DESCRIPTION");
            }
            type Exported = $crate::component::Exported<$plugin>;
            $crate::component::plugin::export_plugin!(Exported with_types_in $crate::component::plugin);
            $( $crate::stages!(@ $operation Exported); )+
        };
    };
}

/// Exports a [`Filter`] as a component. Once a crate; [`stages!`] is for more than one stage.
#[macro_export]
macro_rules! filter {
    ($plugin:ty) => {
        $crate::stages!($plugin: Filter);
    };
}

/// Exports a [`Scorer`] as a component. Once a crate; [`stages!`] is for more than one stage.
#[macro_export]
macro_rules! scorer {
    ($plugin:ty) => {
        $crate::stages!($plugin: Scorer);
    };
}

/// Exports an [`Estimator`] as a component. Once a crate; [`stages!`] is for more than one stage.
#[macro_export]
macro_rules! estimator {
    ($plugin:ty) => {
        $crate::stages!($plugin: Estimator);
    };
}

/// Exports a [`Selector`] as a component. Once a crate; [`stages!`] is for more than one stage.
#[macro_export]
macro_rules! selector {
    ($plugin:ty) => {
        $crate::stages!($plugin: Selector);
    };
}

/// Exports an [`Assigner`] as a component. Once a crate; [`stages!`] is for more than one stage.
#[macro_export]
macro_rules! assigner {
    ($plugin:ty) => {
        $crate::stages!($plugin: Assigner);
    };
}

/// Exports an [`Overrider`] as a component. Once a crate; [`stages!`] is for more than one stage.
#[macro_export]
macro_rules! overrider {
    ($plugin:ty) => {
        $crate::stages!($plugin: Overrider);
    };
}
