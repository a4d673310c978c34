//! What the run says: a table for each case, the marks, and how quiet the machine was.

use std::fmt::Write;

use crate::cases::{Case, Way};
use crate::gateway::Variant;
use crate::marks::{self, Memory, Seen};
use crate::rounds::{Foreign, Rows};

/// A table of one case: CPU, throughput and latency, against nginx and against direct.
pub(crate) fn case(case: Case, rows: &Rows) -> String {
    let find = |wanted: Way| rows.iter().find(|(way, _)| *way == wanted).map(|(_, figure)| *figure);
    let nginx = find(Way::Nginx).unwrap_or_default();
    let base = find(Way::Direct).unwrap_or_default();
    let mut text = format!(
        "\n{}\n{:32}{:>10}{:>8}{:>10}{:>8}{:>10}{:>10}{:>10}\n",
        case.title(),
        "",
        "CPU us",
        "x nginx",
        "rps",
        "x nginx",
        added("p50 us", rows),
        added("p99 us", rows),
        added("first us", rows),
    );
    for (way, figure) in rows {
        let cpu = match way {
            Way::Direct => format!("{:>10}{:>8}", "-", "-"),
            Way::Nginx | Way::NginxHit | Way::Native(_) | Way::NativeHit | Way::Compat | Way::Translated => {
                format!("{:>10.1}{:>8.2}", figure.cpu_us, figure.cpu_us / nginx.cpu_us)
            }
        };
        let less = if *way == Way::Direct { crate::rounds::Figure::default() } else { base };
        let _ = writeln!(
            text,
            "{:32}{cpu}{:>10.0}{:>8.2}{:>10.1}{:>10.1}{:>10.1}",
            way.title(),
            figure.per_second,
            figure.per_second / nginx.per_second,
            figure.p50_us - less.p50_us,
            figure.p99_us - less.p99_us,
            figure.first_us - less.first_us,
        );
    }
    text + &stages(rows)
}

/// A column's head: with `+` where the direct row's value is taken off the others.
fn added(name: &str, rows: &Rows) -> String {
    let direct = rows.iter().any(|(way, _)| *way == Way::Direct);
    if direct { format!("+{name}") } else { String::from(name) }
}

/// What is left out or added, in microseconds of CPU against the whole; nothing where there is no other variant.
fn stages(rows: &Rows) -> String {
    let whole = Way::Native(Variant::Whole);
    let Some((_, base)) = rows.iter().find(|(way, _)| *way == whole) else { return String::new() };
    let mut text = String::new();
    for (way, figure) in rows {
        let cost = match way {
            Way::Native(Variant::Unlimited) => ("the limit", base.cpu_us - figure.cpu_us),
            Way::Native(Variant::Uncached) => ("the cache: key, look-up, store", base.cpu_us - figure.cpu_us),
            Way::Native(Variant::Anonymous) => ("identity, a counter per user", base.cpu_us - figure.cpu_us),
            Way::Native(Variant::Bare) => ("all three", base.cpu_us - figure.cpu_us),
            Way::Compat => ("the compat door", figure.cpu_us - base.cpu_us),
            Way::Translated => ("the compat door and translation", figure.cpu_us - base.cpu_us),
            Way::Native(Variant::Whole) | Way::Direct | Way::Nginx | Way::NginxHit | Way::NativeHit => continue,
        };
        let _ = writeln!(text, "  {:30}{:>+10.1} us", cost.0, cost.1);
    }
    text
}

/// The marks and what was seen of them.
pub(crate) fn marks(seen: &Seen, memory: Option<Memory>) -> String {
    let mut text = format!("\n{:64}{:>10}{:>10}\n", "marks", "seen", "goal");
    for mark in marks::all(seen, memory) {
        let met = if mark.seen <= mark.goal { "" } else { "  missed" };
        let _ = writeln!(text, "{:64}{:>10.2}{:>10.2}{met}", mark.name, mark.seen, mark.goal);
    }
    text
}

/// How quiet the machine was.
pub(crate) fn foreign(foreign: &Foreign) -> String {
    let (cores, worst, stolen) = (foreign.cores(), foreign.worst(), foreign.stolen());
    let warning =
        if cores > 0.1 { "\nThe machine was not quiet: run again, these ratios flatter a proxy." } else { "" };
    format!(
        "\nothers kept {cores:.2} cores busy ({worst:.2} in the worst round), the hypervisor {stolen:.2}{warning}\n"
    )
}
