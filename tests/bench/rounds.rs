//! Rounds: every way of a case in turn, again and again, and the medians of what was seen.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::cases::{Case, Way};
use crate::http1::Timing;
use crate::load::{self, Aim, Window};
use crate::machine::{self, Busy};
use crate::rig::Rig;

/// How much of everything is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds of each case.
    pub(crate) rounds: u32,
    /// A part of the usual time for each: 1 is all of it.
    pub(crate) part: f64,
}

/// What one way was seen to do, by its median round.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Figure {
    /// Microseconds of CPU for a request.
    pub(crate) cpu_us: f64,
    /// Requests a second.
    pub(crate) per_second: f64,
    /// Half of the answers took at most this many microseconds.
    pub(crate) p50_us: f64,
    /// 99 of 100 did.
    pub(crate) p99_us: f64,
    /// Half of the answers began within this many microseconds.
    pub(crate) first_us: f64,
}

/// What a case showed: the ways in their order.
pub(crate) type Rows = Vec<(Way, Figure)>;

/// What the rest of the machine did while rounds ran.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Foreign {
    rounds: Duration,
    other: Duration,
    stolen: Duration,
    worst: f64,
}

impl Foreign {
    /// Cores that other processes and interrupts kept busy, on average.
    pub(crate) fn cores(&self) -> f64 {
        ratio(self.other, self.rounds)
    }

    /// The same in the worst round.
    pub(crate) const fn worst(&self) -> f64 {
        self.worst
    }

    /// Cores that the hypervisor kept, on average.
    pub(crate) fn stolen(&self) -> f64 {
        ratio(self.stolen, self.rounds)
    }

    fn add(&mut self, before: &Probe, after: &Probe) {
        let elapsed = after.at.duration_since(before.at);
        let used = after.machine.used.saturating_sub(before.machine.used);
        let other = used.saturating_sub(after.rig.saturating_sub(before.rig));
        self.rounds += elapsed;
        self.other += other;
        self.stolen += after.machine.stolen.saturating_sub(before.machine.stolen);
        self.worst = self.worst.max(ratio(other, elapsed));
    }
}

/// What is read at the two ends of a round.
struct Probe {
    at: Instant,
    server: Duration,
    rig: Duration,
    machine: Busy,
}

/// Runs a case.
///
/// # Errors
///
/// When an answer is wrong or missing, or calls reach the upstream that should not, or fail to.
pub(crate) async fn run(rig: &Rig, case: Case, ways: &[Way], effort: Effort, foreign: &mut Foreign) -> Result<Rows> {
    let mut seen: Vec<Vec<Figure>> = vec![Vec::new(); ways.len()];
    for _ in 0..effort.rounds {
        for (way, figures) in ways.iter().zip(&mut seen) {
            let figure = round(rig, case, *way, effort, foreign).await;
            figures.push(figure.with_context(|| format!("{}: {}", case.title(), way.title()))?);
        }
    }
    Ok(ways.iter().copied().zip(seen.iter().map(|figures| Figure::median(figures))).collect())
}

async fn round(rig: &Rig, case: Case, way: Way, effort: Effort, foreign: &mut Foreign) -> Result<Figure> {
    let aim = way.aim(case.ask(), rig)?;
    if way.is_hit() {
        load::once(&aim).await?;
    }
    let calls = rig.upstream_calls().await?;
    let window = effort.window(case);
    let (pids, all) = (rig.pids(way.server()), rig.all_pids());
    let probe = || {
        let (server, all, machine) = (machine::cpu(pids)?, machine::cpu(&all)?, machine::busy()?);
        Ok(Probe { at: Instant::now(), server, rig: all, machine })
    };
    let seen = load::run(&aim, case.load(), window, probe).await?;
    check_calls(&aim, seen.answers, rig.upstream_calls().await? - calls)?;
    foreign.add(&seen.before, &seen.after);
    let cpu = seen.after.server.saturating_sub(seen.before.server);
    Ok(Figure::of(cpu, seen.elapsed, &seen.timings))
}

/// An answer that was not asked for again must have been asked for once.
fn check_calls(aim: &Aim, answers: u64, calls: u64) -> Result<()> {
    if aim.number.is_some() {
        ensure!(calls == answers, "{answers} answers, but {calls} calls reached the upstream");
    } else {
        ensure!(calls == 0, "{calls} calls reached the upstream, and the answer is stored");
    }
    Ok(())
}

impl Effort {
    /// A paced stream takes half a second, so its windows stay whole.
    fn window(self, case: Case) -> Window {
        let window = case.window();
        let part = if case == Case::Paced { 1.0 } else { self.part };
        Window { warm_up: window.warm_up, measured: window.measured.mul_f64(part) }
    }
}

impl Figure {
    fn of(cpu: Duration, elapsed: Duration, timings: &[Timing]) -> Self {
        let mut totals: Vec<f64> = timings.iter().map(|timing| micros(timing.total)).collect();
        let mut firsts: Vec<f64> = timings.iter().map(|timing| micros(timing.first)).collect();
        totals.sort_by(f64::total_cmp);
        firsts.sort_by(f64::total_cmp);
        let requests = f64::from(u32::try_from(timings.len()).unwrap_or(u32::MAX));
        Self {
            cpu_us: micros(cpu) / requests,
            per_second: requests / elapsed.as_secs_f64(),
            p50_us: quantile(&totals, 50),
            p99_us: quantile(&totals, 99),
            first_us: quantile(&firsts, 50),
        }
    }

    /// The median of each figure on its own.
    fn median(rounds: &[Self]) -> Self {
        let middle = |figure: fn(&Self) -> f64| {
            let mut values: Vec<f64> = rounds.iter().map(figure).collect();
            values.sort_by(f64::total_cmp);
            quantile(&values, 50)
        };
        Self {
            cpu_us: middle(|round| round.cpu_us),
            per_second: middle(|round| round.per_second),
            p50_us: middle(|round| round.p50_us),
            p99_us: middle(|round| round.p99_us),
            first_us: middle(|round| round.first_us),
        }
    }
}

/// The value that `percent` of the sorted values do not pass; 0 of none.
fn quantile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(rank).copied().unwrap_or_default()
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn ratio(part: Duration, whole: Duration) -> f64 {
    if whole.is_zero() { 0.0 } else { part.as_secs_f64() / whole.as_secs_f64() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_value_that_was_seen() {
        let check = |values: &[f64], percent, expected: f64| {
            assert!((quantile(values, percent) - expected).abs() < 1e-9, "{values:?} {percent}");
        };
        check(&[], 50, 0.0);
        check(&[7.0], 99, 7.0);
        check(&[1.0, 2.0, 3.0, 4.0], 50, 2.0);
        check(&[1.0, 2.0, 3.0, 4.0], 99, 4.0);
    }

    #[test]
    fn calls_must_match_answers() {
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
        let expected = load::Expected::Holding(Vec::new());
        let fresh = Aim { address, request: Vec::new(), number: Some(0), expected };
        let stored = Aim { number: None, ..fresh.clone() };
        assert!(check_calls(&fresh, 5, 5).is_ok());
        assert!(check_calls(&fresh, 5, 4).is_err());
        assert!(check_calls(&stored, 5, 0).is_ok());
        assert!(check_calls(&stored, 5, 1).is_err());
    }
}
