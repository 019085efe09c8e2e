//! Why a member could not join or leave.

use std::path::PathBuf;

use super::Side;
use crate::access::AccessError;
use crate::cause::Cause;

/// Why a member could not join or leave. No message holds credentials.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// No cluster can be called that.
    #[error(
        "`{name}` can't be a cluster's name; valid: up to 48 of a-z 0-9 and -, beginning and ending with a letter or digit"
    )]
    Name {
        /// What it was to be called.
        name: String,
    },
    /// A kubeconfig that leads nowhere.
    #[error("{side}: can't take {} at its word", shown(file))]
    Kubeconfig {
        /// Of whom.
        side: Side,
        /// The file; none: the usual one.
        file: Option<PathBuf>,
        /// Why.
        #[source]
        source: Cause,
    },
    /// A kubeconfig that says something that a Cluster can't.
    #[error("the member: {}: {problem}; valid: {valid}", shown(file))]
    Endpoint {
        /// The file.
        file: Option<PathBuf>,
        /// What is wrong with it.
        problem: &'static str,
        /// What would be valid.
        valid: &'static str,
    },
    /// A CA file that is not there.
    #[error("the member: can't read the certificate authority {}", file.display())]
    Authority {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The control plane knows no Clusters.
    #[error(
        "the control plane serves no cluster.karmada.io/v1alpha1; first: portolan crds | kubectl apply --server-side -f -"
    )]
    NoCrds,
    /// The member is the control plane.
    #[error("the member is the control plane itself; valid: --kubeconfig of another cluster")]
    Itself,
    /// The member is there by another name.
    #[error(
        "the member has joined already, as {other}; valid: `portolan join {other}` to repair that, or `portolan unjoin {other}` first"
    )]
    Known {
        /// The name that it was to have.
        name: String,
        /// The one that it has.
        other: String,
    },
    /// The name is another member's.
    #[error(
        "{name} is another cluster, whose id is {id}; valid: a name that is free, or `portolan unjoin {name}` first"
    )]
    Another {
        /// The name.
        name: String,
        /// Who has it.
        id: String,
    },
    /// There is no such member.
    #[error("there is no cluster {name}; {}", known(clusters))]
    Unknown {
        /// The name.
        name: String,
        /// Those that are there.
        clusters: Vec<String>,
    },
    /// The member did not let go of what was carried to it.
    #[error(
        "{left} Works of {name} are left, the first of them {first}: {why}; valid: the same again once the member answers, or \
         --force where it never will"
    )]
    Left {
        /// The cluster.
        name: String,
        /// How many.
        left: usize,
        /// The name of one.
        first: String,
        /// What is known of it.
        why: String,
    },
    /// What is known of a member that is to leave does not lead there.
    #[error(
        "{name} can't be reached by what the control plane knows of it; valid: --kubeconfig of the member, or --force where it is \
         gone for ever"
    )]
    Unreached {
        /// The cluster.
        name: String,
        /// Why.
        #[source]
        source: AccessError,
    },
    /// A member that is to leave does not answer.
    #[error(
        "{name} does not answer; valid: the same again once it does, or --force where it is gone for ever"
    )]
    Silent {
        /// The cluster.
        name: String,
        /// What came instead.
        #[source]
        source: Cause,
    },
    /// What is known of a member does not lead there.
    #[error("the member can't be reached by what the control plane knows of it")]
    Access(#[from] AccessError),
    /// An object of the name is being deleted, and does not go.
    #[error(
        "{side}: {object} is being deleted and something holds it; valid: the same again once it is gone"
    )]
    Leaving {
        /// Where.
        side: Side,
        /// What.
        object: String,
    },
    /// A request was refused or not answered.
    #[error("{side}: can't {doing}")]
    Request {
        /// Of whom it was asked.
        side: Side,
        /// What was asked, as in "can't apply Secret karmada-cluster/member1".
        doing: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// An answer that makes no sense.
    #[error("{side}: {problem}")]
    Answer {
        /// Whose.
        side: Side,
        /// What is wrong with it.
        problem: &'static str,
    },
}

fn shown(file: &Option<PathBuf>) -> String {
    match file {
        Some(file) => file.display().to_string(),
        None => "KUBECONFIG or ~/.kube/config".into(),
    }
}

fn known(clusters: &[String]) -> String {
    match clusters {
        [] => "none has joined".into(),
        clusters => format!("valid: {}", clusters.join(", ")),
    }
}
