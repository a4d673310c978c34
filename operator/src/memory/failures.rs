//! Failures in a row: how long to leave a gateway alone, and what is worth a line of the log.

use std::time::Duration;

use tokio::time::Instant;

/// Failures in a row, and what was said of them.
#[derive(Debug, Default)]
pub struct Failures {
    count: u32,
    said: Option<(&'static str, Instant)>,
}

impl Failures {
    /// The pause after one failure more: doubled each time, up to half a minute, with jitter.
    pub fn pause(&mut self, jitter: f64) -> Duration {
        let doubled = Duration::from_millis(200).saturating_mul(1 << self.count.min(8)).min(Duration::from_secs(30));
        self.count += 1;
        doubled.mul_f64(0.5 + 0.5 * jitter)
    }

    /// Whether a failure of that kind is worth a line: the first of its kind, and then one a minute.
    pub fn is_news(&mut self, kind: &'static str, now: Instant) -> bool {
        let news = self.said.is_none_or(|(said, at)| said != kind || now.duration_since(at) >= Duration::from_mins(1));
        if news {
            self.said = Some((kind, now));
        }
        news
    }

    /// One went well; whether failures had been said.
    pub fn over(&mut self) -> bool {
        std::mem::take(self).said.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_said_once_a_minute_and_when_it_becomes_another() {
        let mut failures = Failures::default();
        let check = |failures: &mut Failures, kind, expected| {
            assert_eq!(failures.is_news(kind, Instant::now()), expected, "{kind}");
        };
        check(&mut failures, "api", true);
        check(&mut failures, "api", false);
        check(&mut failures, "forbidden", true);
        tokio::time::advance(Duration::from_mins(1)).await;
        check(&mut failures, "forbidden", true);
        assert_eq!(failures.pause(1.0), Duration::from_millis(200));
        assert_eq!(failures.pause(1.0), Duration::from_millis(400));
        assert_eq!(failures.pause(0.0), Duration::from_millis(400));
        for _ in 0..20 {
            failures.pause(0.0);
        }
        assert_eq!(failures.pause(1.0), Duration::from_secs(30));
        assert!(failures.over());
        assert_eq!(failures.pause(1.0), Duration::from_millis(200));
    }
}
