//! `portolan join NAME --kubeconfig FILE`: a member joins a control plane.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use portolan_member::joining::{self, Act, Joining, Place, Side};

use crate::arguments::{JoinArguments, SidesArguments};
use crate::control_plane;
use crate::findings::Findings;
use crate::print;

/// Joins, and prints each act.
pub fn run(arguments: &JoinArguments) -> anyhow::Result<Findings> {
    let JoinArguments { name, sides } = arguments;
    let Some(member) = member(sides) else {
        bail!("no member; valid: --kubeconfig FILE, the member's");
    };
    let joining = Joining { name: name.clone(), member, control: control(sides) };
    let joined = control_plane::runtime()?.block_on(joining::join(&joining, &mut say));
    joined.with_context(|| format!("{name} has not joined"))?;
    Ok(Findings::default())
}

/// The member, where the command line names it.
pub fn member(sides: &SidesArguments) -> Option<Place> {
    let (kubeconfig, context) = match &sides.cluster_kubeconfig {
        Some(kubeconfig) => (kubeconfig, &sides.cluster_context),
        None => (sides.kubeconfig.as_ref()?, &sides.context),
    };
    Some(Place { side: Side::Member, kubeconfig: Some(kubeconfig.clone()), context: context.clone() })
}

/// The control plane that the command line means.
pub fn control(sides: &SidesArguments) -> Place {
    let (kubeconfig, context) = match sides.cluster_kubeconfig {
        Some(_) => (&sides.kubeconfig, &sides.context),
        None => (&sides.control_kubeconfig, &sides.control_context),
    };
    Place { side: Side::Control, kubeconfig: kubeconfig.clone(), context: context.clone() }
}

/// Prints one act. A closed standard output must not end what was begun on two servers.
pub fn say(act: Act) {
    let _ = writeln!(anstream::stdout(), "{}", print::shown(&act.to_string()));
}
