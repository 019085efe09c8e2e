//! The interpreters' traits: what a plugin knows of a kind of object.

use serde_json::Value;

use crate::{Fault, Operation, Questions};

/// Knows some kinds of objects. It is asked about them whatever policies say, so it has no config.
///
/// A plugin implements this and a trait for each operation that it means; `interpreter!` exports them. All of its
/// operations speak for all of its kinds, so an operation answers for a kind that it has nothing to say about with what
/// the step would do by itself: no edits, no size, healthy, the whole status, none.
pub trait Interpreter {
    /// The API version and the kind of each, compared exactly: `("apps/v1", "Deployment")`.
    const KINDS: &[(&str, &str)];
}

/// How big a workload is, and the same workload at another size.
pub trait Workload: Interpreter {
    /// How big the template is (`template_get`). None: it is no workload.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where that can't be told.
    fn replicas(questions: &dyn Questions) -> Result<Option<Size>, Fault>;

    /// Edits that give the object (`template_get`, already pruned) so many replicas; and so much to finish, where the
    /// size said so.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where there are no such edits.
    fn revise(
        replicas: u32,
        completions: Option<u32>,
        questions: &dyn Questions,
    ) -> Result<Vec<Operation>, Fault>;
}

/// What must not travel to a member.
pub trait Prune: Interpreter {
    /// Edits to the template (`template_get`). Status is gone already, and of the metadata what a server wrote.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where that can't be told.
    fn prune(questions: &dyn Questions) -> Result<Vec<Operation>, Fault>;
}

/// What the member owns.
pub trait Retain: Interpreter {
    /// Edits to the desired object (`template_get`) that keep what the member owns (`observed_get`). The host itself keeps
    /// what there is to keep of the metadata.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where that can't be told.
    fn retain(questions: &dyn Questions) -> Result<Vec<Operation>, Fault>;
}

/// Whether an object does its job.
pub trait Health: Interpreter {
    /// Whether the member's object (`observed_get`) does.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where there is no right answer. Not being able to tell is one: [`State::Unknown`].
    fn health(questions: &dyn Questions) -> Result<State, Fault>;
}

/// What the control plane is to see of a member's status.
pub trait Reflect: Interpreter {
    /// That part of the member's object (`observed_get`). None: nothing of it.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where that can't be told.
    fn reflect(questions: &dyn Questions) -> Result<Option<Value>, Fault>;
}

/// The members' statuses as one.
pub trait Aggregate: Interpreter {
    /// The template's (`template_get`) new status. None: it stays as it is.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where they can't be put together.
    fn aggregate(members: Vec<Member>, questions: &dyn Questions) -> Result<Option<Value>, Fault>;
}

/// What an object needs beside it.
pub trait Dependencies: Interpreter {
    /// What the template (`template_get`) needs, in any order.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where that can't be told.
    fn dependencies(questions: &dyn Questions) -> Result<Vec<Dependency>, Fault>;
}

/// How big a workload is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Size {
    /// How many replicas it asks for.
    pub replicas: u32,
    /// What one of them needs; none where it asks for nothing.
    pub requirements: Option<Value>,
    /// What all of them together have to finish, where that is said. It is divided among the clusters as they are.
    pub completions: Option<u32>,
}

/// Whether an object does its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Healthy,
    /// It does not.
    Unhealthy,
    /// Nobody can tell.
    Unknown,
}

impl State {
    /// Healthy where something holds, unhealthy where it does not.
    pub fn healthy_if(holds: bool) -> Self {
        if holds { Self::Healthy } else { Self::Unhealthy }
    }
}

/// What is known of an object on one member.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The member.
    pub name: String,
    /// The status that was reflected from there.
    pub status: Option<Value>,
    /// Whether the member took the object.
    pub applied: bool,
    /// Whether it does its job there.
    pub health: State,
}

/// What an object needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// Such as `v1`.
    pub api_version: String,
    /// Such as `ConfigMap`.
    pub kind: String,
    /// None: it has none.
    pub namespace: Option<String>,
    /// Which of them.
    pub which: Which,
}

/// Which objects of a kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Which {
    /// The one of this name.
    Name(String),
    /// All that this Kubernetes LabelSelector matches.
    Labels(Value),
}
