//! The binary, and what a run of it cost.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use crate::input::Input;

/// The binary that was built beside this benchmark, or that `PORTOLAN_BINARY` names.
pub(crate) struct Binary {
    file: PathBuf,
    /// For output that nobody reads, and plugins compiled for all runs.
    place: PathBuf,
    pinned: bool,
}

/// What a process cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// On all cores, in the program and in the system for it. Known to 10 ms.
    pub(crate) processor: Duration,
    /// The most memory that was ever resident, in bytes.
    pub(crate) peak: u64,
}

impl Binary {
    /// # Panics
    /// Where there is none: with the command that builds it.
    pub(crate) fn find(place: &Path) -> Self {
        let beside = || {
            let bench = std::env::current_exe().expect("this benchmark is a file");
            bench.parent().and_then(Path::parent).expect("it lies in deps").join("portolan")
        };
        let file = std::env::var_os("PORTOLAN_BINARY").map_or_else(beside, PathBuf::from);
        assert!(
            file.is_file(),
            "there is no {}; `cargo build --release --workspace` builds it, or name another by PORTOLAN_BINARY",
            file.display()
        );
        let pinned =
            Command::new("taskset").args(["-c", "0", "true"]).status().is_ok_and(|done| done.success());
        if !pinned {
            println!("  (there is no taskset here: one thread plans, on whatever core)");
        }
        Self { file, place: place.into(), pinned }
    }

    /// `apply` on one core.
    pub(crate) fn apply(&self, input: &Input, out: &Path) -> Cost {
        let mut command = if self.pinned {
            let mut command = Command::new("taskset");
            command.args(["-c", "0"]).arg(&self.file);
            command
        } else {
            Command::new(&self.file)
        };
        command.arg("apply").args(["--workers", "1", "--members"]).arg(out);
        command.arg("-f").arg(&input.directory).arg("--plugin-cache").arg(self.place.join("plugins"));
        self.run(command)
    }

    /// `plan` as it comes, with compiled plugins in that directory.
    pub(crate) fn plan(&self, manifests: &Path, plugins: &Path) -> Cost {
        let mut command = Command::new(&self.file);
        command.arg("plan").arg("-f").arg(manifests).arg("--plugin-cache").arg(plugins);
        self.run(command)
    }

    fn run(&self, mut command: Command) -> Cost {
        let said = self.place.join("said");
        let printed = File::create(&said).expect("the temporary directory can be written to");
        let before = processor_time_of_children();
        let began = Instant::now();
        let mut child = command.stdout(printed).spawn().expect("the binary can be run");
        let (status, peak) = watch(&mut child);
        let wall = began.elapsed();
        assert!(status.success(), "{command:?} ended with {status}");
        Cost { wall, processor: processor_time_of_children() - before, peak }
    }
}

/// Waits for a process, and looks at its memory until then: afterwards nobody knows it any more. The figure only ever
/// grows, and what a process does last, printing, takes no more, so nothing is missed between two looks.
fn watch(child: &mut Child) -> (ExitStatus, u64) {
    let file = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        if let Some(kilobytes) = fs::read_to_string(&file).ok().and_then(|status| peak_of(&status)) {
            peak = kilobytes << 10;
        }
        if let Some(status) = child.try_wait().expect("it is this process's child") {
            return (status, peak);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Of all children that ended and were waited for.
fn processor_time_of_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("this benchmark needs Linux");
    // The name may hold anything, but ends with the last bracket. Then the 14th and 15th are the children's user and
    // system time, in hundredths of a second on every Linux.
    let fields = stat.rsplit_once(')').expect("a name in brackets").1.split_whitespace();
    let ticks: u64 = fields.skip(13).take(2).map(|field| field.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(10 * ticks)
}

/// The median of each figure.
pub(crate) fn median(costs: Vec<Cost>) -> Cost {
    fn middle<T: Ord + Copy>(costs: &[Cost], figure: impl Fn(&Cost) -> T) -> T {
        let mut figures: Vec<T> = costs.iter().map(figure).collect();
        figures.sort_unstable();
        figures[figures.len() / 2]
    }
    Cost {
        wall: middle(&costs, |cost| cost.wall),
        processor: middle(&costs, |cost| cost.processor),
        peak: middle(&costs, |cost| cost.peak),
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wall, processor, peak } = self;
        write!(
            to,
            "{:.3} s by the clock, {:.2} s of a processor, {:.0} MB at most",
            wall.as_secs_f64(),
            processor.as_secs_f64(),
            *peak as f64 / 1e6
        )
    }
}
