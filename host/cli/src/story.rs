//! The story of a decision, as `explain` and `plan --reasons` tell it: a row a cluster, a column a step.

use std::io::Write;

use anstyle::Style;
use portolan_plan::{
    ClusterReport, GroupReport, InterpreterReport, Report, RuleReport, Stage, StepReport, Verdict,
};

use crate::print::{BOLD, DIM, GREEN, RED, YELLOW, shown, table, terminal_width};

/// Up to so many clusters each has rows of its own; where there are more, those of which the same is said share theirs.
/// Arbitrary: a table that fits on a screen.
const ROWS: usize = 20;

/// One after the other, with a line between them.
pub fn print_all(out: &mut impl Write, reports: &[Report]) -> anyhow::Result<()> {
    for (index, report) in reports.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        print(out, report)?;
    }
    Ok(())
}

/// One template: who places it, what each plugin said of each cluster, what each override changed.
pub fn print(out: &mut impl Write, report: &Report) -> anyhow::Result<()> {
    let Report {
        template,
        policy,
        held,
        group,
        passed_over,
        replicas,
        interpreters,
        steps,
        weights: _,
        clusters: _,
        rules,
    } = report;
    writeln!(
        out,
        "{BOLD}{}{BOLD:#} {DIM}({}){DIM:#}",
        shown(&template.to_string()),
        shown(&template.api_version)
    )?;
    match policy {
        Some(policy) => writeln!(out, "placed by {}", shown(&policy.to_string()))?,
        None => writeln!(out, "placed by no policy")?,
    }
    for GroupReport { group, why } in passed_over {
        writeln!(out, "{DIM}not on the group `{}`: {}{DIM:#}", shown(group), shown(why))?;
    }
    if let Some(group) = group {
        writeln!(out, "on the group `{}`", shown(group))?;
    }
    if let Some(replicas) = replicas {
        let plural = if *replicas == 1 { "" } else { "s" };
        writeln!(out, "asks for {replicas} replica{plural}")?;
    }
    if let Some(held) = held {
        writeln!(out, "{YELLOW}stays as it was: {}{YELLOW:#}", shown(held))?;
    }
    writeln!(out)?;
    let (rows, shared) = verdicts(report);
    for (style, line) in laid_out(&rows, terminal_width())? {
        writeln!(out, "{style}{line}{style:#}")?;
    }
    if shared {
        let clusters = report.clusters.len();
        writeln!(
            out,
            "{DIM}of {clusters} clusters; where the same is said, they share a row, and -o yaml has each{DIM:#}"
        )?;
    }
    interpreted(out, interpreters)?;
    for StepReport { stage, plugin, field, fault } in steps {
        let style = if fault.is_some() { RED } else { DIM };
        let fault = fault.as_ref().map(|fault| format!(": {fault}")).unwrap_or_default();
        writeln!(out, "{style}{stage} {} by {}{}{style:#}", shown(plugin), shown(field), shown(&fault))?;
    }
    for rule in rules {
        print_rule(out, rule)?;
    }
    Ok(())
}

/// A table; where the terminal is narrower than that, what is said of each cluster below one another.
fn laid_out(rows: &[Vec<String>], width: Option<usize>) -> anyhow::Result<Vec<(Style, String)>> {
    let table = table(rows)?;
    if width.is_none_or(|width| table.lines().all(|line| line.chars().count() <= width)) {
        return Ok(rows.iter().map(|row| style_of(row)).zip(table.lines().map(str::to_owned)).collect());
    }
    let Some((heading, rows)) = rows.split_first() else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    for row in rows {
        // What has no column of its own has no heading either.
        let headings = heading[2..].iter().map(String::as_str).chain([""]);
        let said: Vec<(&str, String)> =
            headings.zip(&row[2..]).map(|(heading, cell)| (heading, shown(cell))).collect();
        // A row without a name goes on with the reasons of the one before.
        if !row[0].is_empty() {
            let values =
                said.iter().filter(|(_, cell)| !is_reason(cell) && !cell.is_empty() && cell != "passes");
            let values: String = values.map(|(heading, cell)| format!(", {heading} {cell}")).collect();
            lines.push((style_of(row), format!("{} {}{}", shown(&row[0]), row[1], shown(&values))));
        }
        for (heading, reason) in said.iter().filter(|(_, cell)| is_reason(cell)) {
            let by = if heading.is_empty() { String::new() } else { format!("{}: ", shown(heading)) };
            lines.push((Style::new(), format!("  {by}{reason}")));
        }
    }
    Ok(lines)
}

/// Whatever has several words; numbers, ranks and `passes` have one.
fn is_reason(cell: &str) -> bool {
    cell.contains(' ')
}

fn style_of(row: &[String]) -> Style {
    match row[1].as_str() {
        "selected" => GREEN,
        "refused" => RED,
        "held" => YELLOW,
        _ => Style::new(),
    }
}

/// A line an interpreter with all that it was asked for, then one for each answer that is missing.
fn interpreted(out: &mut impl Write, interpreters: &[InterpreterReport]) -> anyhow::Result<()> {
    let mut asked: Vec<(&str, Vec<String>)> = Vec::new();
    for InterpreterReport { operation, plugin, .. } in interpreters.iter().filter(|it| it.fault.is_none()) {
        let plugin = plugin.as_deref().unwrap_or("nobody");
        match asked.iter_mut().find(|(name, _)| *name == plugin) {
            Some((_, operations)) => operations.push(operation.to_string()),
            None => asked.push((plugin, vec![operation.to_string()])),
        }
    }
    for (plugin, operations) in asked {
        writeln!(out, "{DIM}interpreter {} for {}{DIM:#}", shown(plugin), operations.join(", "))?;
    }
    for InterpreterReport { operation, plugin, fault } in interpreters {
        if let Some(fault) = fault {
            let plugin = plugin.as_deref().unwrap_or("nobody");
            writeln!(out, "{RED}interpreter {} for {operation}: {}{RED:#}", shown(plugin), shown(fault))?;
        }
    }
    Ok(())
}

/// A row a cluster and a column a step: what each plugin said about each. Where one gives several reasons, each has a row.
/// And whether clusters share a row.
fn verdicts(report: &Report) -> (Vec<Vec<String>>, bool) {
    let mut heading = vec!["CLUSTER".to_owned(), "VERDICT".into()];
    let tiers = report.clusters.iter().any(|cluster| cluster.tier.is_some());
    let weights = report.clusters.iter().any(|cluster| cluster.weight.is_some());
    let placed = report.clusters.iter().any(|cluster| cluster.replicas.is_some());
    let completed = report.clusters.iter().any(|cluster| cluster.completions.is_some());
    heading.extend(placed.then(|| "REPLICAS".into()));
    heading.extend(completed.then(|| "COMPLETIONS".into()));
    heading.extend(tiers.then(|| "TIER".into()));
    heading.extend(weights.then(|| "WEIGHT".into()));
    heading.extend(report.steps.iter().filter(|step| shows(step)).map(|step| named(step, &report.steps)));
    // What is said of clusters, and of which ones; in the order of the first of each.
    let mut groups: Vec<(Vec<Vec<String>>, Vec<&str>)> = Vec::new();
    for of_cluster in &report.clusters {
        let ClusterReport { cluster, verdict, reasons, tier, weight, replicas, completions, .. } = of_cluster;
        let verdict = match verdict {
            Verdict::Selected => "selected",
            Verdict::Refused => "refused",
            Verdict::Held => "held",
        };
        let number = |number: Option<u64>| vec![number.map_or_else(String::new, |number| number.to_string())];
        let mut columns: Vec<Vec<String>> = vec![vec![verdict.into()]];
        columns.extend(placed.then(|| number(replicas.map(u64::from))));
        columns.extend(completed.then(|| number(completions.map(u64::from))));
        columns.extend(tiers.then(|| number(tier.map(u64::from))));
        columns.extend(weights.then(|| number(*weight)));
        columns.extend(report.steps.iter().filter(|step| shows(step)).map(|step| said(step, of_cluster)));
        // What has no column of its own stands behind all others.
        let own = reasons.iter().filter(|reason| matches!(reason.stage, None | Some(Stage::Assigner)));
        columns.push(own.map(|reason| reason.reason.clone()).collect());
        let alike = groups.iter_mut().find(|(said, _)| report.clusters.len() > ROWS && *said == columns);
        match alike {
            Some((_, clusters)) => clusters.push(cluster),
            None => groups.push((columns, vec![cluster])),
        }
    }
    let shared = groups.len() < report.clusters.len();
    let mut rows = vec![heading];
    for (mut columns, clusters) in groups {
        columns.insert(0, vec![together(&clusters)]);
        let height = columns.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |column: &Vec<String>, row: usize| column.get(row).cloned().unwrap_or_default();
        rows.extend((0..height).map(|row| columns.iter().map(|column| cell(column, row)).collect()));
    }
    (rows, shared)
}

/// Two names are enough to know which ones are meant; arbitrary.
fn together(clusters: &[&str]) -> String {
    match clusters {
        [first, second, others @ ..] if !others.is_empty() => {
            format!("{first}, {second} and {} more", others.len())
        }
        few => few.join(", "),
    }
}

/// What stands above a step's column: what it says of a cluster, or a filter's name; where several steps share that, what
/// tells them apart. Plugins and fields are listed in full below the table.
fn named(step: &StepReport, steps: &[StepReport]) -> String {
    let short = |step: &StepReport| match step.stage {
        Stage::Scorer => "SCORE".to_owned(),
        Stage::Estimator => "ROOM".into(),
        Stage::Selector => "RANK".into(),
        _ => step.plugin.clone(),
    };
    let heading = short(step);
    let alike = || steps.iter().filter(|other| short(other) == heading);
    if alike().count() == 1 {
        heading
    } else if alike().filter(|other| other.plugin == step.plugin).count() == 1 {
        format!("{heading} {}", step.plugin)
    } else {
        let field = step.field.rsplit('.').next().unwrap_or_default();
        if step.stage == Stage::Filter { field.to_owned() } else { format!("{heading} {field}") }
    }
}

/// What an assigner says stands in the column of replicas.
fn shows(step: &StepReport) -> bool {
    step.stage != Stage::Assigner
}

/// What a plugin said of a cluster in one step, a line a reason.
fn said(step: &StepReport, of: &ClusterReport) -> Vec<String> {
    if let Some(fault) = &step.fault {
        return vec![fault.clone()];
    }
    let ours = |plugin: &str, field: &str| (plugin, field) == (&step.plugin, &step.field);
    let value = match step.stage {
        Stage::Scorer => {
            let score = of.scores.iter().find(|said| ours(&said.plugin, &said.field));
            score.map(|said| said.value.to_string())
        }
        Stage::Estimator => {
            let room = of.available.iter().find(|said| ours(&said.plugin, &said.field));
            room.map(|said| said.value.map_or_else(|| "unknown".into(), |room| room.to_string()))
        }
        Stage::Selector => of.rank.map(|rank| format!("#{rank}")),
        _ => None,
    };
    let reasons = of
        .reasons
        .iter()
        .filter(|reason| reason.stage == Some(step.stage) && ours(&reason.plugin, &reason.field));
    let reasons: Vec<String> = reasons.map(|reason| reason.reason.clone()).collect();
    match value {
        Some(value) => vec![value],
        None if reasons.is_empty() && step.stage == Stage::Filter => vec!["passes".into()],
        None => reasons,
    }
}

fn print_rule(out: &mut impl Write, rule: &RuleReport) -> anyhow::Result<()> {
    let RuleReport { policy, rule: index, targets, fault, overriders } = rule;
    let on = if targets.is_empty() { "no cluster".into() } else { targets.join(", ") };
    writeln!(out, "\n{BOLD}{}{BOLD:#}, rule {index}: on {}", shown(&policy.to_string()), shown(&on))?;
    if let Some(fault) = fault {
        writeln!(out, "  {RED}its clusters can't be told: {}{RED:#}", shown(fault))?;
    }
    for overrider in overriders {
        let changed = if overrider.changed.is_empty() {
            "nothing".into()
        } else {
            format!("changed {}", overrider.changed.join(", "))
        };
        writeln!(
            out,
            "  {}: {} {DIM}({}){DIM:#}",
            shown(&overrider.plugin),
            shown(&changed),
            shown(&overrider.field)
        )?;
        for patch in &overrider.patches {
            writeln!(
                out,
                "    {} {DIM}on {}{DIM:#}",
                shown(&patch.patch),
                shown(&patch.clusters.join(", "))
            )?;
        }
        for failure in &overrider.failed {
            writeln!(
                out,
                "    {RED}failed on {}: {}{RED:#}",
                shown(&failure.clusters.join(", ")),
                shown(&failure.why)
            )?;
        }
        for warning in &overrider.warnings {
            writeln!(
                out,
                "    {YELLOW}warning: {}{YELLOW:#} {DIM}on {}{DIM:#}",
                shown(&warning.text),
                shown(&warning.clusters.join(", "))
            )?;
        }
        if let Some(fault) = &overrider.fault {
            writeln!(out, "    {RED}{}{RED:#}", shown(fault))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::laid_out;

    fn lines(width: Option<usize>) -> Vec<String> {
        let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
        // As `verdicts` makes them: what has no column of its own stands behind all others, without a heading.
        let mut rows = vec![row(["CLUSTER", "VERDICT", "taint-toleration", "ROOM", ""])];
        rows[0].pop();
        rows.push(row(["dublin", "selected", "passes", "12", ""]));
        rows.push(row(["oregon", "refused", "untolerated taint {a:NoSchedule}", "", ""]));
        rows.push(row(["", "", "untolerated taint {b:NoSchedule}", "", ""]));
        rows.push(row(["turin", "refused", "passes", "0", "gets none of the replicas"]));
        let laid_out = laid_out(&rows, width).expect("rows");
        laid_out.into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn what_is_too_wide_for_a_terminal_stands_below_one_another() {
        let narrow = [
            "dublin selected, ROOM 12",
            "oregon refused",
            "  taint-toleration: untolerated taint {a:NoSchedule}",
            "  taint-toleration: untolerated taint {b:NoSchedule}",
            "turin refused, ROOM 0",
            "  gets none of the replicas",
        ];
        assert_eq!(lines(Some(60)), narrow);
        assert_eq!(lines(Some(200)), lines(None));
        assert!(lines(None)[0].starts_with("CLUSTER   VERDICT    taint-toleration"));
    }
}
