//! Samples in the shape that the encoder takes.

use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Histogram, HistogramOpts};

/// Names and values of labels.
pub(super) type Labels = Vec<(&'static str, &'static str)>;

/// A gauge of one sample.
pub(super) fn gauge(name: &str, help: &str, labels: &[(&str, &str)], value: u64) -> MetricFamily {
    let mut gauge = Gauge::default();
    gauge.set_value(approximate(value));
    let mut metric = labelled(labels);
    metric.set_gauge(gauge);
    family(name, help, MetricType::GAUGE, [metric])
}

/// A counter with its samples.
pub(super) fn counters(name: &str, help: &str, counts: impl IntoIterator<Item = (Labels, u64)>) -> MetricFamily {
    let sample = |(labels, count): (Labels, u64)| {
        let mut counter = Counter::default();
        counter.set_value(approximate(count));
        let mut metric = labelled(&labels);
        metric.set_counter(counter);
        metric
    };
    family(name, help, MetricType::COUNTER, counts.into_iter().map(sample))
}

/// A histogram without labels.
///
/// # Panics
/// Never with a constant name and ascending buckets, which is what this is called with.
pub(super) fn histogram(name: &str, help: &str, buckets: &[f64]) -> Histogram {
    let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
    Histogram::with_opts(options).expect("the name is one, and the buckets ascend: a test makes each")
}

fn labelled(labels: &[(&str, &str)]) -> Metric {
    let pair = |(name, value): &(&str, &str)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).into());
        pair.set_value((*value).into());
        pair
    };
    let mut metric = Metric::default();
    metric.set_label(labels.iter().map(pair).collect());
    metric
}

fn family(name: &str, help: &str, kind: MetricType, metrics: impl IntoIterator<Item = Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.into());
    family.set_help(help.into());
    family.set_field_type(kind);
    family.mut_metric().extend(metrics);
    family
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus has no other numbers")]
fn approximate(value: u64) -> f64 {
    value as f64
}
