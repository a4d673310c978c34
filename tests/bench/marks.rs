//! The marks that the project sets itself, each a figure that is at most a goal.
//!
//! The goals come from measurements of nginx and the best peers on one rig (November 2026, two cores); they hold on a
//! quiet machine. Two of them are half of the best peer's CPU there, said as a ratio to nginx's on that rig.

use std::collections::BTreeMap;

use crate::cases::{Case, Way};
use crate::gateway::Variant;
use crate::rounds::{Figure, Rows};

/// What every case showed.
pub(crate) type Seen = BTreeMap<Case, Rows>;

/// The proxy's resident memory, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Before its first request.
    pub(crate) idle: u64,
    /// The most that was seen after a case.
    pub(crate) loaded: u64,
}

/// One mark.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// What is measured, with its unit.
    pub(crate) name: &'static str,
    /// The figure.
    pub(crate) seen: f64,
    /// What it may be at most.
    pub(crate) goal: f64,
}

/// A figure of two ways of one case: of the first, against the second.
type Relation = fn(&Figure, &Figure) -> f64;

/// What a mark compares: its name, the case, the two ways, how, and the goal.
type Comparison = (&'static str, Case, Way, Way, Relation, f64);

/// The marks of the cases that ran, then those of memory.
pub(crate) fn all(seen: &Seen, memory: Option<Memory>) -> Vec<Mark> {
    let relations = comparisons().into_iter().filter_map(|(name, case, way, other, relation, goal)| {
        let rows = seen.get(&case)?;
        Some(Mark { name, seen: relation(find(rows, way)?, find(rows, other)?), goal })
    });
    relations.chain(added(seen)).chain(memory.into_iter().flat_map(memory_marks)).collect()
}

fn comparisons() -> Vec<Comparison> {
    const WHOLE: Way = Way::Native(Variant::Whole);
    let cpu: Relation = |one, other| one.cpu_us / other.cpu_us;
    let throughput: Relation = |one, other| one.per_second / other.per_second;
    let first: Relation = |one, other| one.first_us - other.first_us;
    vec![
        ("CPU per request, x nginx", Case::Plain, WHOLE, Way::Nginx, cpu, 1.5),
        ("CPU per stream of 50 chunks, x nginx", Case::Burst, WHOLE, Way::Nginx, cpu, 1.35),
        ("nginx's throughput at 64 connections, x aigateway's", Case::Plain, Way::Nginx, WHOLE, throughput, 1.0 / 0.7),
        ("CPU per request at 1 connection, x nginx", Case::Single, WHOLE, Way::Nginx, cpu, 1.28),
        ("CPU per request at 500 a second, x nginx", Case::Steady, WHOLE, Way::Nginx, cpu, 1.1),
        ("first token in a burst, after nginx's, us", Case::FirstToken, WHOLE, Way::Nginx, first, 50.0),
        ("first token 10 ms apart, after nginx's, us", Case::Paced, WHOLE, Way::Nginx, first, 100.0),
        ("CPU of a hit of 1 KB, x nginx's proxied request", Case::Hit, Way::NativeHit, Way::Nginx, cpu, 1.0),
        ("CPU of a hit of 1 KB, x nginx's own hit", Case::Hit, Way::NativeHit, Way::NginxHit, cpu, 2.0),
        ("CPU of a hit of 8 KB, x nginx's proxied request", Case::LongHit, Way::NativeHit, Way::Nginx, cpu, 1.0),
        ("CPU of a hit of 8 KB, x nginx's own hit", Case::LongHit, Way::NativeHit, Way::NginxHit, cpu, 2.0),
    ]
}

/// The time that a proxy adds to direct is compared, not the whole time.
fn added(seen: &Seen) -> Option<Mark> {
    let rows = seen.get(&Case::Steady)?;
    let direct = find(rows, Way::Direct)?.p50_us;
    let added = |way| Some(find(rows, way)?.p50_us - direct);
    let seen = added(Way::Native(Variant::Whole))? / added(Way::Nginx)?;
    Some(Mark { name: "p50 added at 500 a second, x nginx's", seen, goal: 1.3 })
}

fn memory_marks(memory: Memory) -> [Mark; 2] {
    [
        Mark { name: "resident memory idle, MiB", seen: mebibytes(memory.idle), goal: 25.0 },
        Mark { name: "resident memory after load, MiB", seen: mebibytes(memory.loaded), goal: 25.0 },
    ]
}

fn find(rows: &Rows, wanted: Way) -> Option<&Figure> {
    rows.iter().find(|(way, _)| *way == wanted).map(|(_, figure)| figure)
}

/// To a kibibyte; memory beyond 4 TiB is not told apart.
fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_latency_leaves_out_what_direct_takes() {
        let figure = |p50_us| Figure { p50_us, ..Figure::default() };
        let rows = vec![
            (Way::Direct, figure(100.0)),
            (Way::Nginx, figure(200.0)),
            (Way::Native(Variant::Whole), figure(250.0)),
        ];
        let seen = added(&Seen::from([(Case::Steady, rows)])).unwrap().seen;
        assert!((seen - 1.5).abs() < 1e-9, "{seen}");
    }

    #[test]
    fn a_case_that_did_not_run_has_no_mark() {
        assert_eq!(all(&Seen::new(), None), []);
        let memory = Memory { idle: 12 << 20, loaded: 25 << 20 };
        let seen: Vec<f64> = all(&Seen::new(), Some(memory)).iter().map(|mark| mark.seen).collect();
        assert_eq!(seen, [12.0, 25.0]);
    }
}
