//! Running other programs: each is said before it runs.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

/// Cargo, the same as the one that runs this program, in the user's folder.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Says the command on standard error and runs it, its output visible. An exit code other than 0 is an error.
pub(crate) fn visibly(command: &mut Command) -> Result<(), String> {
    say(command);
    // Nothing here asks anybody anything, and CI has no standard input.
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("can't run {}: {error}", command.get_program().display()))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", typed(command))) }
}

/// Says the command on standard error, as one would type it.
pub(crate) fn say(command: &Command) {
    eprintln!("$ {}", typed(command));
}

/// What the command prints on standard output, without the last line break. None where it does not run or fails.
pub(crate) fn printed(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// The command as one would type it.
fn typed(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let arguments = command.get_args().map(|argument| quoted(&argument.to_string_lossy()));
    std::iter::once(name.into_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=.,:/+@%".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{argument}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_said_as_it_is_typed() {
        let mut command = Command::new("/somewhere/bin/cargo");
        command.args(["bench", "--bench", "*", "--", "a b"]);
        assert_eq!(typed(&command), "cargo bench --bench '*' -- 'a b'");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = visibly(&mut Command::new("/nonexistent/program")).expect_err("it is not there");
        assert!(error.starts_with("can't run /nonexistent/program: "), "{error}");
    }
}
