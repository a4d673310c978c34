//! How the pods that lag in one change are told of it, and when they are looked at again.
//!
//! The first nudge goes out at once. A kubelet syncs a pod about once a second, and each nudge asks for one more sync: a
//! second one too soon would only keep it busy when the next change comes. So they are asked often and nudged seldom.

use std::time::Duration;

use tokio::time::Instant;

use crate::status::programmed::MAX_NUDGES;

/// How soon pods that lag are asked again, and how soon nudged again; doubled each time, up to the longest pause.
const FIRST_LOOK: Duration = Duration::from_millis(100);
const NUDGE_AGAIN: Duration = Duration::from_millis(1200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What was done about the pods that lag.
#[derive(Debug, Default)]
pub struct Nudges {
    target: String,
    count: u32,
    next_nudge: Option<Instant>,
    looks: u32,
    next_look: Option<Instant>,
}

impl Nudges {
    /// How often they were nudged for whatever was wanted last.
    pub fn latest(&self) -> u32 {
        self.count
    }

    /// How often they were nudged for that target.
    pub fn count(&self, target: &str) -> u32 {
        if self.target == target { self.count } else { 0 }
    }

    /// Some lag behind `target`: notes when to look again.
    pub fn look(&mut self, target: &str, now: Instant) {
        if self.target != target {
            *self = Self { target: target.to_owned(), ..Self::default() };
        }
        if self.next_look.is_none_or(|next| now >= next) {
            self.next_look = Some(now + doubled(FIRST_LOOK, self.looks));
            self.looks += 1;
        }
    }

    /// What the first nudge says, where there was none yet.
    pub fn first(&self) -> Option<String> {
        (self.count == 0).then(|| self.text())
    }

    /// What the next nudge of those that lag all the same says, where it is due.
    pub fn another(&self, now: Instant) -> Option<String> {
        let is_due = self.next_nudge.is_some_and(|next| now >= next) && self.count < MAX_NUDGES;
        is_due.then(|| self.text())
    }

    /// Some were nudged.
    pub fn nudged(&mut self, now: Instant) {
        self.next_nudge = Some(now + doubled(NUDGE_AGAIN, self.count));
        self.count += 1;
    }

    /// When to look again, while some lag.
    pub fn next(&self) -> Option<Instant> {
        self.next_look
    }

    /// None lags any more: the next that does is told at once.
    pub fn over(&mut self) {
        *self = Self::default();
    }

    /// It differs from nudge to nudge: an annotation that is as it was tells a kubelet nothing.
    fn text(&self) -> String {
        format!("{}-{}", self.target, self.count + 1)
    }
}

/// A pause that was doubled so often, up to the longest.
fn doubled(pause: Duration, times: u32) -> Duration {
    pause.saturating_mul(1 << times.min(16)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn those_that_lag_are_asked_often_and_nudged_seldom() {
        let mut nudges = Nudges::default();
        let start = Instant::now();
        let (mut looks, mut told) = (Vec::new(), Vec::new());
        for _ in 0..14 {
            let now = Instant::now();
            nudges.look("t", now);
            looks.push(start.elapsed().as_millis());
            if let Some(text) = nudges.first().or_else(|| nudges.another(now)) {
                told.push((text, start.elapsed().as_millis()));
                nudges.nudged(now);
            }
            tokio::time::sleep_until(nudges.next().unwrap()).await;
        }
        let millis = [0, 100, 300, 700, 1500, 3100, 6300, 12_700, 22_700, 32_700, 42_700, 52_700, 62_700, 72_700];
        assert_eq!(looks, millis);
        let expected = [0, 1500, 6300, 12_700, 22_700, 32_700, 42_700, 52_700];
        let expected = expected.into_iter().enumerate().map(|(count, at)| (format!("t-{}", count + 1), at));
        assert_eq!(told, expected.collect::<Vec<_>>(), "eight in all");
        assert_eq!((nudges.count("t"), nudges.count("u")), (8, 0));
        nudges.look("u", Instant::now());
        assert_eq!(nudges.first().as_deref(), Some("u-1"), "another change is told at once");
    }
}
