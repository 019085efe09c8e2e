//! From templates, policies and clusters to each member's objects, with the reasons.
//!
//! ```text
//!  Ingredients ──► World            prepared once
//!                    │
//!  Template ──────► decide ──► Decision     which clusters, which object, why
//!                    │  ▲
//!                 ask│  │answer
//!                    ▼  │
//!                  Plugin           a trait: the sandbox implements it
//! ```
//!
//! Which policy and which rule apply, the order of steps, and safety (identity, stripping, limits) are decided here.
//! *Which clusters, and what differs there* is always asked of a plugin.
//!
//! The same input gives the same bytes, whatever its order and however many threads plan. This crate will never know
//! async, networks, files, clocks, chance or WebAssembly.

mod answer;
mod applied;
mod call;
mod conversation;
mod decision;
mod delivery;
mod digest;
mod fault;
mod fleet;
mod guard;
mod idle;
mod interpretation;
mod interpreters;
mod matching;
mod memory;
mod offer;
mod overridden_again;
mod overriding;
mod patch;
mod placed;
mod placing;
mod plugin;
mod policy;
mod previous;
mod question;
mod reading;
mod recorded;
mod replay;
mod report;
mod request;
mod retained;
mod room;
mod served;
mod stream;
mod strip;
mod tally;
mod template;
mod transcript;
mod trouble;
mod withheld;
mod world;

pub use answer::{Estimates, PerCluster, Refused, Replicas, Scores, StageAnswer};
pub use applied::Applied;
pub use call::{
    Answer, Answered, AssignerCall, Call, EstimatorCall, FilterCall, OverriderCall, ScorerCall, SelectorCall,
    StageCall,
};
pub use conversation::{Alike, Conversation, Exchange, Outcome, Terms};
pub use decision::{Act, Decision, Hold, InterpreterStep, Options, decide, without_template};
pub use delivery::{Delivery, Work, binding_id, policy_id, work_id};
pub use digest::{Digest, NotADigest};
pub use fault::{Blame, Budget, Fault};
pub use fleet::{Fleet, Place};
pub use guard::{NotAmended, amended};
pub use interpretation::{Dependency, Health, Kind, MemberStatus, Revision, Size, Which};
pub use interpreters::{Contested, Interpreted, Interpreters, interpreters_named};
pub use matching::{Rank, rank};
pub use overridden_again::{OverriddenAgain, overridden_again};
pub use overriding::{Failure, OverriderStep, RuleStep};
pub use patch::{Patch, PatchError, Verb};
pub use placed::{Attempt, FilterStep, Misfit, Placed, Step};
pub use placing::{Group, Placing, Traits};
pub use plugin::{Amendment, Choice, Manifest, Plugin, Refusal, Stage};
pub use policy::{Overriding, Plugins, Propagation, Rule, plugins_named};
pub use previous::Previous;
pub use question::Question;
pub use reading::{Asked, Reading, Targets, Unanswered};
pub use recorded::Divergence;
pub use replay::{Again, Replay, ReplayError, replay};
pub use report::{
    ClusterReport, FailureReport, GroupReport, InterpreterReport, OverriderReport, PatchReport, Reason,
    Report, RuleReport, Said, StepReport, Verdict, WarningReport,
};
pub use request::Request;
pub use served::Served;
pub use stream::{decide_or_hold, plan_all};
pub use strip::strip;
pub use tally::{Notice, Tally};
pub use template::Template;
pub use transcript::{Delivered, NotATranscript, Transcribed, Transcript, WrongForm};
pub use trouble::Trouble;
pub use world::{Ingredients, PolicyProblem, World};
