//! What the operator counts of itself. No label is a value that a user chose: kinds, results and codes only.

mod families;
mod requests;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use prometheus::Histogram;
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;

use self::families::{counters, gauge, histogram};
pub use self::requests::{Called, Requests};

/// What may become of one look at a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing had to be written.
    Unchanged,
    /// Something was.
    Changed,
    /// It is tried again.
    Failed,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Unchanged, Self::Changed, Self::Failed];

    fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Failed => "failed",
        }
    }
}

/// All cells.
#[derive(Debug)]
pub struct Metrics {
    /// Requests to the API server.
    pub requests: Requests,
    leads: AtomicBool,
    queue: AtomicU64,
    gateways: AtomicU64,
    nudges: AtomicU64,
    outcomes: [AtomicU64; Outcome::ALL.len()],
    duration: Histogram,
    propagation: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        let look = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
        let spread = [0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];
        Self {
            requests: Requests::default(),
            leads: AtomicBool::new(false),
            queue: AtomicU64::new(0),
            gateways: AtomicU64::new(0),
            nudges: AtomicU64::new(0),
            outcomes: Default::default(),
            duration: histogram("aigateway_operator_reconcile_seconds", "How long one look at a gateway took.", &look),
            propagation: histogram(
                "aigateway_operator_propagation_seconds",
                "From a generation that was seen to every ready proxy running it.",
                &spread,
            ),
        }
    }
}

impl Metrics {
    /// Whether this process leads.
    pub fn leads(&self, leads: bool) {
        self.leads.store(leads, Ordering::Relaxed);
    }

    /// Counts a look at a gateway.
    pub fn looked(&self, outcome: Outcome, took: Duration) {
        self.outcomes[outcome as usize].fetch_add(1, Ordering::Relaxed);
        self.duration.observe(took.as_secs_f64());
    }

    /// Counts a generation that every ready proxy runs, so long after it was seen.
    pub fn programmed(&self, after: Duration) {
        self.propagation.observe(after.as_secs_f64());
    }

    /// Counts pods that were nudged.
    pub fn nudged(&self, pods: usize) {
        self.nudges.fetch_add(pods as u64, Ordering::Relaxed);
    }

    /// The cells as Prometheus reads them.
    pub fn gather(&self) -> Vec<MetricFamily> {
        let Self { requests, leads, queue, gateways, nudges, outcomes, duration, propagation } = self;
        let number = |cell: &AtomicU64| cell.load(Ordering::Relaxed);
        let leads = u64::from(leads.load(Ordering::Relaxed));
        let outcomes = Outcome::ALL.iter().zip(outcomes);
        let outcomes = outcomes.map(|(outcome, count)| (vec![("result", outcome.name())], number(count)));
        let mut families = vec![
            gauge("aigateway_operator_build_info", "The version.", &[("version", env!("CARGO_PKG_VERSION"))], 1),
            gauge("aigateway_operator_leader_info", "1 where this process leads, else 0.", &[], leads),
            gauge("aigateway_operator_queue_entries", "Gateways that are due and wait.", &[], number(queue)),
            gauge("aigateway_operator_gateway_entries", "Gateways that there are.", &[], number(gateways)),
            counters("aigateway_operator_nudges_total", "Pods told to read their files.", [(vec![], number(nudges))]),
            counters("aigateway_operator_reconciles_total", "Looks at a gateway, by what came of it.", outcomes),
            requests.family(),
        ];
        families.extend(duration.collect());
        families.extend(propagation.collect());
        families.retain(|family| !family.get_metric().is_empty());
        families
    }

    /// How many gateways there are, and how many of them wait to be looked at.
    pub fn gateways(&self, gateways: usize, waiting: usize) {
        self.gateways.store(gateways as u64, Ordering::Relaxed);
        self.queue.store(waiting as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    #[test]
    fn what_was_counted_is_shown() {
        let metrics = Metrics::default();
        metrics.leads(true);
        metrics.looked(Outcome::Changed, Duration::from_millis(3));
        metrics.nudged(2);
        metrics.gateways(7, 1);
        let uri = "/apis/apps/v1/namespaces/ai/deployments/a?x=y".parse().unwrap();
        metrics.requests.count(metrics.requests.named(&http::Method::PATCH, &uri), Some(200));
        let text = TextEncoder::new().encode_to_string(&metrics.gather()).unwrap();
        for line in [
            "aigateway_operator_leader_info 1",
            "aigateway_operator_gateway_entries 7",
            "aigateway_operator_queue_entries 1",
            "aigateway_operator_nudges_total 2",
            r#"aigateway_operator_reconciles_total{result="changed"} 1"#,
            r#"aigateway_operator_reconciles_total{result="failed"} 0"#,
            r#"aigateway_operator_api_requests_total{verb="patch",resource="deployments",code="200"} 1"#,
            r#"aigateway_operator_reconcile_seconds_bucket{le="0.005"} 1"#,
            "aigateway_operator_propagation_seconds_count 0",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
        }
    }
}
