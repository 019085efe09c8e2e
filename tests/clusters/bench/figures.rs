//! What was measured, beside the floor and beside what is aimed at.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::Failure;
use crate::floor::Floor;
use crate::script::Rows;
use crate::stage::MEMBERS;

/// One figure.
struct Figure {
    /// Its name in the JSON.
    name: &'static str,
    about: &'static str,
    unit: &'static str,
    ours: f64,
    floor: Option<f64>,
    aim: Option<Aim>,
}

/// What a figure is to stay below.
enum Aim {
    AtMost(f64),
    /// So many times the floor.
    TimesFloor(f64),
}

/// All of them.
pub struct Figures(Vec<Figure>);

impl Figures {
    pub fn of(floor: &Floor, load: &Rows, restart: &Rows, end: &Rows) -> Result<Self, Failure> {
        let fanout = load.of("fanout")?;
        let templates = number(&fanout["templates"])?;
        let probe = load.of("probe")?;
        let mut singles = numbers(&probe["all_ms"]);
        singles.sort_by(f64::total_cmp);
        let again = restart.of("probe")?;
        let mut figures = vec![
            figure(
                "fanout_s",
                "fan-out: every object right on every member",
                "s",
                number(&fanout["seconds"])?,
            )
            .floor(floor.fanout.as_secs_f64())
            .aim(Aim::TimesFloor(1.3)),
            figure("quiet_s", "quiet again, every status written", "s", number(&fanout["quiet_s"])?)
                .floor(floor.quiet.as_secs_f64())
                .aim(Aim::TimesFloor(1.3)),
            figure("single_p50_ms", "a single template, median", "ms", rank(&singles, 0.5))
                .floor(milliseconds(&floor.single, 0.5))
                .aim(Aim::AtMost(30.0)),
            figure("single_p99_ms", "a single template, 99th percentile", "ms", rank(&singles, 0.99))
                .floor(milliseconds(&floor.single, 0.99))
                .aim(Aim::AtMost(100.0)),
            figure(
                "restart_s",
                "killed and started, until the next one arrives",
                "s",
                number(&again["since_s"])?,
            )
            .aim(Aim::AtMost(3.0)),
            figure(
                "control_writes",
                "writes on the control plane, each template",
                "",
                writes(fanout, "control") / templates,
            )
            .aim(Aim::AtMost(3.0 + 2.0 * MEMBERS.len() as f64)),
        ];
        let of_members = MEMBERS.map(|member| writes(fanout, member));
        let most = of_members.into_iter().fold(0.0, f64::max);
        figures.push(
            figure("member_writes", "writes on a member, each template", "", most / templates)
                .aim(Aim::AtMost(1.0)),
        );
        let lost: f64 = [load, restart, end]
            .iter()
            .flat_map(|rows| rows.all())
            .map(conflicts)
            .fold(0.0, |sum, lost| sum + lost);
        figures.push(figure("conflicts", "writes lost to conflicts", "", lost).aim(Aim::AtMost(0.0)));
        let process = |row: &Value, what: &str| number(&row["processes"]["portolan"][what]);
        figures.push(
            figure("cpu_s", "our own processor time in the fan-out", "s", process(fanout, "cpu_s")?)
                .aim(Aim::AtMost(5.0 * templates / 1_000.0)),
        );
        let memory = process(fanout, "peak_rss_mib")?;
        figures.push(
            figure("memory_mib", "memory with all templates", "MiB", memory)
                // 150 MB.
                .aim(Aim::AtMost(143.0)),
        );
        let more = (process(fanout, "rss_mib")? - process(probe, "rss_mib")?).max(0.0) * 1_024.0 / templates;
        figures.push(
            figure("memory_template_kib", "memory of each further template", "KiB", more)
                // 40 kB.
                .aim(Aim::AtMost(39.0)),
        );
        for (name, about, rows, scenario) in [
            ("reoverride_s", "override changed", end, "reoverride"),
            ("edit_s", "every template edited", load, "edit"),
            ("move_s", "placement moved", load, "move"),
            ("back_s", "and back", load, "back"),
            ("delete_s", "every template deleted", end, "delete"),
        ] {
            figures.push(figure(name, about, "s", number(&rows.of(scenario)?["seconds"])?));
        }
        let idle = load.of("idle")?;
        let idle: f64 = ["control"].iter().chain(&MEMBERS).map(|server| writes(idle, server)).sum();
        figures.push(figure("idle_writes", "writes in 30 idle seconds", "", idle).aim(Aim::AtMost(0.0)));
        // One to make the probe's object, one to delete it.
        let restarted = MEMBERS.map(|member| writes(again, member) - 2.0).iter().sum();
        figures.push(
            figure("restart_member_writes", "writes on members after the restart", "", restarted)
                .aim(Aim::AtMost(0.0)),
        );
        Ok(Self(figures))
    }

    /// For people.
    pub fn table(&self) -> String {
        let mut table = format!("{:<48}{:>10}{:>10}{:>8}  aim\n", "", "ours", "floor", "ratio");
        for Figure { name: _, about, unit, ours, floor, aim } in &self.0 {
            let floors = floor.map(|floor| format!("{floor:.1}")).unwrap_or_default();
            let ratio = floor.map(|floor| format!("{:.2}", ours / floor)).unwrap_or_default();
            let aim = match (aim, floor) {
                (None, _) => String::new(),
                (Some(Aim::AtMost(most)), _) => verdict(*ours, *most, &format!("≤ {most} {unit}")),
                (Some(Aim::TimesFloor(times)), Some(floor)) => {
                    verdict(*ours, times * floor, &format!("≤ {times} × floor"))
                }
                (Some(Aim::TimesFloor(_)), None) => String::new(),
            };
            let about = if unit.is_empty() { about.to_string() } else { format!("{about}, {unit}") };
            // A String takes all that is written to it.
            let _ = writeln!(table, "{about:<48}{ours:>10.1}{floors:>10}{ratio:>8}  {aim}");
        }
        table
    }

    /// For programs: name to number.
    pub fn json(&self) -> String {
        let mut json = Map::new();
        for Figure { name, ours, floor, .. } in &self.0 {
            json.insert((*name).to_owned(), json!(ours));
            if let Some(floor) = floor {
                json.insert(format!("floor_{name}"), json!(floor));
            }
        }
        Value::Object(json).to_string()
    }
}

fn figure(name: &'static str, about: &'static str, unit: &'static str, ours: f64) -> Figure {
    Figure { name, about, unit, ours, floor: None, aim: None }
}

impl Figure {
    fn floor(self, floor: f64) -> Self {
        Self { floor: Some(floor), ..self }
    }

    fn aim(self, aim: Aim) -> Self {
        Self { aim: Some(aim), ..self }
    }
}

fn verdict(ours: f64, most: f64, aim: &str) -> String {
    if ours <= most { aim.to_owned() } else { format!("{aim}  MISSED") }
}

fn number(value: &Value) -> Result<f64, Failure> {
    value.as_f64().ok_or_else(|| "the script left a figure out; its process may have ended".into())
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn rank(sorted: &[f64], of: f64) -> f64 {
    // At the place of the script's own ranks.
    let place = (of * sorted.len() as f64) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

fn milliseconds(sorted: &[Duration], of: f64) -> f64 {
    rank(&sorted.iter().map(|one| one.as_secs_f64() * 1_000.0).collect::<Vec<_>>(), of)
}

fn writes(row: &Value, server: &str) -> f64 {
    row["requests"][server]["writes"].as_f64().unwrap_or(f64::NAN)
}

/// Answers of 409 to what changes something. A first try to make something is how it is found out that it is there; and the
/// binding of a template that is gone is deleted by the garbage collector too, which loses where a status was written meanwhile.
fn conflicts(row: &Value) -> f64 {
    let refused = row["requests"]["control"]["refused"].as_object();
    let conflict = |(what, count): (&String, &Value)| {
        let conflict =
            what.starts_with("409 ") && !["409 POST", "409 DELETE"].iter().any(|no| what.starts_with(no));
        conflict.then(|| count.as_f64()).flatten()
    };
    refused.into_iter().flatten().filter_map(conflict).fold(0.0, |sum, count| sum + count)
}
