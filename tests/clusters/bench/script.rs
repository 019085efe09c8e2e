//! The neutral load script, and what it prints.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Failure;
use crate::stage::{MEMBERS, Stage};

/// Names the script where it lies somewhere else.
const VARIABLE: &str = "PORTOLAN_BENCH_SCRIPT";
/// Where it lies beside the repository.
const BESIDE: &str = "../../../shared/bench/propagate.py";
/// All that is measured before the controller is killed. The override is changed afterwards: each run of the script begins with
/// the first one, so that what a changed one would cost to change back would look as if the restart had cost it.
pub const LOAD: &str = "probe,fanout,edit,move,back,idle";
/// What is measured after that.
pub const END: &str = "reoverride,delete";
const IDLE_SECONDS: u32 = 30;
/// Seconds between two single templates: the statuses of the one are written before the next.
const PROBE_PAUSE: &str = "0.2";
const NAMESPACE: &str = "bench";

/// The script.
pub struct Script(PathBuf);

/// What a run of it measured, scenario by scenario.
pub struct Rows(Vec<Value>);

impl Script {
    pub fn find() -> Result<Self, Failure> {
        let script = match env::var_os(VARIABLE) {
            Some(script) => PathBuf::from(script),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join(BESIDE),
        };
        if script.is_file() {
            return Ok(Self(script));
        }
        let script = script.display();
        Err(format!("the load script is not at {script}; valid: {VARIABLE} naming propagate.py").into())
    }

    /// Runs scenarios against the control plane and its members; what it says on the way is shown.
    pub fn run(
        &self,
        stage: &Stage,
        templates: usize,
        probes: usize,
        scenarios: &str,
        since: Option<f64>,
    ) -> Result<Rows, Failure> {
        let out = stage.rows(scenarios);
        let mut script = Command::new("python3");
        script.arg(&self.0).arg("--control").arg(stage.kubeconfig("control"));
        for member in MEMBERS {
            script.arg("--member").arg(format!("{member}={}", stage.kubeconfig(member).display()));
        }
        script.args(["--scenarios", scenarios, "--namespace", NAMESPACE, "--pid", &stage.pids()]);
        script.args(["--count", &templates.to_string(), "--size", "2048", "--probes", &probes.to_string()]);
        script.args(["--probe-pause", PROBE_PAUSE]);
        script.args(["--idle-seconds", &IDLE_SECONDS.to_string()]).arg("--out").arg(&out);
        if let Some(since) = since {
            script.args(["--since", &since.to_string()]);
        }
        let status = script.status().map_err(|error| format!("can't run python3: {error}"))?;
        if !status.success() {
            return Err(
                format!("{scenarios}: the script ended with {status}: something did not arrive").into()
            );
        }
        let rows: Value = serde_json::from_slice(&std::fs::read(&out)?)?;
        let rows = rows["rows"].as_array().cloned().ok_or("the script wrote no rows")?;
        Ok(Rows(rows))
    }
}

impl Rows {
    /// One scenario.
    pub fn of(&self, scenario: &str) -> Result<&Value, Failure> {
        let row = self.0.iter().find(|row| row["scenario"].as_str() == Some(scenario));
        row.ok_or_else(|| format!("the script measured no {scenario}").into())
    }

    /// All scenarios.
    pub fn all(&self) -> &[Value] {
        &self.0
    }
}
