//! `portolan local-down --dir DIR`: takes away what `local-up` started.

use std::fs;
use std::io::ErrorKind;

use anyhow::Context as _;

use super::local_up::{PID_FILE, given};
use crate::arguments::LocalDownArguments;
use crate::findings::Findings;
use crate::print;

/// Ends every process and removes every file of theirs.
pub fn run(arguments: &LocalDownArguments) -> anyhow::Result<Findings> {
    let directory = given(&arguments.dir)?;
    let shown = arguments.dir.display();
    // Its keys: the last that is taken away.
    if !directory.join("pki").is_dir() {
        print::until_closed(print::text(&format!("nothing of local-up's is in {shown}\n")))?;
        return Ok(Findings::default());
    }
    match fs::remove_file(directory.join(PID_FILE)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't remove {shown}/{PID_FILE}"))?;
        }
        _ => {}
    }
    portolan_servers::down(&directory)?;
    print::until_closed(print::text(&format!("all that ran in {shown} is gone\n")))?;
    Ok(Findings::default())
}
