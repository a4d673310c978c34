//! A histogram of integers, counted without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper bounds of a histogram's buckets, each inclusive, in a unit so small that they are whole.
#[derive(Debug)]
pub struct Buckets {
    /// Ascending.
    bounds: &'static [u64],
    /// How many of the unit are one of the metric's base unit.
    scale: f64,
}

const MICROS: f64 = 1e6;

/// Seconds of a whole request, counted in microseconds: those that `LiteLLM` has, whose users have dashboards.
pub static REQUEST_SECONDS: Buckets = Buckets {
    bounds: &[
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_000_000,
        5_000_000,
        10_000_000,
        30_000_000,
        60_000_000,
        120_000_000,
        300_000_000,
        600_000_000,
    ],
    scale: MICROS,
};

/// Seconds of `gen_ai_server_request_duration`: Envoy AI Gateway's buckets (1.1), which are the convention's.
pub static GEN_AI_REQUEST_SECONDS: Buckets = Buckets {
    bounds: &[
        10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 1_280_000, 2_560_000, 5_120_000, 10_240_000,
        20_480_000, 40_960_000, 81_920_000,
    ],
    scale: MICROS,
};

/// Seconds to the first token: Envoy AI Gateway's buckets (1.1).
pub static FIRST_TOKEN_SECONDS: Buckets = Buckets {
    bounds: &[
        1_000, 5_000, 10_000, 20_000, 40_000, 60_000, 80_000, 100_000, 250_000, 500_000, 750_000, 1_000_000, 2_500_000,
        5_000_000, 7_500_000, 10_000_000, 15_000_000, 20_000_000, 30_000_000, 45_000_000, 60_000_000,
    ],
    scale: MICROS,
};

/// Seconds for each token after the first: Envoy AI Gateway's buckets (1.1), which are the convention's.
pub static TOKEN_SECONDS: Buckets = Buckets {
    bounds: &[
        10_000, 25_000, 50_000, 75_000, 100_000, 150_000, 200_000, 300_000, 400_000, 500_000, 750_000, 1_000_000,
        2_500_000,
    ],
    scale: MICROS,
};

/// Tokens of one request: the convention's buckets, powers of four.
pub static TOKENS: Buckets = Buckets {
    bounds: &[1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864],
    scale: 1.0,
};

/// Counts of observed values, by bucket.
#[derive(Debug)]
pub struct Histogram {
    buckets: &'static Buckets,
    /// One more than there are bounds: the last is for what is beyond all.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

/// What a histogram held at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Upper bound and how many were at most that, in the base unit.
    pub cumulative: Vec<(f64, u64)>,
    /// How many there were.
    pub count: u64,
    /// Their sum, in the base unit.
    pub sum: f64,
}

impl Histogram {
    /// An empty histogram.
    pub fn new(buckets: &'static Buckets) -> Self {
        let counts = (0..=buckets.bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { buckets, counts, sum: AtomicU64::new(0) }
    }

    /// Counts a value, in the unit of the buckets.
    pub fn observe(&self, value: u64) {
        let bucket = self.buckets.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Adds what another of the same buckets has counted.
    pub(super) fn absorb(&self, other: &Self) {
        for (own, others) in self.counts.iter().zip(&other.counts) {
            own.fetch_add(others.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        self.sum.fetch_add(other.sum.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Counts a time, where the buckets are of seconds.
    pub fn observe_time(&self, time: Duration) {
        self.observe(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// What was counted so far; `None` while that is nothing.
    pub fn snapshot(&self) -> Option<Snapshot> {
        let mut count = 0;
        let mut cumulative = Vec::with_capacity(self.counts.len());
        for (at, bucket) in self.counts.iter().enumerate() {
            count += bucket.load(Ordering::Relaxed);
            if let Some(bound) = self.buckets.bounds.get(at) {
                cumulative.push((approximate(*bound) / self.buckets.scale, count));
            }
        }
        let sum = approximate(self.sum.load(Ordering::Relaxed)) / self.buckets.scale;
        (count > 0).then_some(Snapshot { cumulative, count, sum })
    }
}

/// An integer as Prometheus has numbers: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "Prometheus has no other numbers")]
pub(super) fn approximate(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_in_its_own_bucket() {
        let histogram = Histogram::new(&TOKENS);
        for value in [0, 1, 2, 4, 5, u64::from(u32::MAX)] {
            histogram.observe(value);
        }
        let snapshot = histogram.snapshot().unwrap();
        assert_eq!(snapshot.cumulative[..3], [(1.0, 2), (4.0, 4), (16.0, 5)]);
        assert_eq!(snapshot.cumulative.last(), Some(&(67_108_864.0, 5)));
        assert_eq!((snapshot.count, snapshot.sum), (6, 12.0 + f64::from(u32::MAX)));
    }

    #[test]
    fn times_are_seconds() {
        let histogram = Histogram::new(&FIRST_TOKEN_SECONDS);
        assert_eq!(histogram.snapshot(), None);
        histogram.observe_time(Duration::from_millis(5));
        let snapshot = histogram.snapshot().unwrap();
        assert_eq!(snapshot.cumulative[..2], [(0.001, 0), (0.005, 1)]);
        assert!((snapshot.sum - 0.005).abs() < 1e-12);
    }

    #[test]
    fn bounds_ascend() {
        for buckets in [&REQUEST_SECONDS, &GEN_AI_REQUEST_SECONDS, &FIRST_TOKEN_SECONDS, &TOKEN_SECONDS, &TOKENS] {
            assert!(buckets.bounds.is_sorted_by(|one, other| one < other));
        }
    }
}
