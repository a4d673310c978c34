//! The metrics that there are: names, what they say, and their samples while they are being collected.

use std::collections::HashMap;

use prometheus::core::Desc;
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};

use super::histogram::{Snapshot, approximate};

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Definition {
    name: &'static str,
    help: &'static str,
    kind: MetricType,
}

const fn counter(name: &'static str, help: &'static str) -> Definition {
    Definition { name, help, kind: MetricType::COUNTER }
}

const fn gauge(name: &'static str, help: &'static str) -> Definition {
    Definition { name, help, kind: MetricType::GAUGE }
}

const fn histogram(name: &'static str, help: &'static str) -> Definition {
    Definition { name, help, kind: MetricType::HISTOGRAM }
}

pub(super) const REQUESTS: Definition = counter(
    "aigateway_requests_total",
    "Requests that ended, by what the client was sent (status 0: nothing) and what the cache did.",
);
pub(super) const IN_FLIGHT: Definition = gauge("aigateway_in_flight_requests", "Requests under way.");
pub(super) const REQUEST_SECONDS: Definition =
    histogram("aigateway_request_duration_seconds", "From a request's head to the end of its answer.");
pub(super) const FIRST_TOKEN_SECONDS: Definition =
    histogram("aigateway_first_token_seconds", "From a request's head to the first content of a streamed answer.");
pub(super) const ATTEMPTS: Definition = counter(
    "aigateway_attempts_total",
    "Calls to providers, by the provider's status (0: none) and the kind of failure.",
);
pub(super) const UPSTREAM_SECONDS: Definition =
    histogram("aigateway_upstream_duration_seconds", "How long calls to providers took.");
pub(super) const RETRIES: Definition =
    counter("aigateway_retries_total", "Calls that were made again to a target that had failed.");
pub(super) const FALLBACKS: Definition =
    counter("aigateway_fallbacks_total", "Calls to another target after one that failed.");
pub(super) const TRUNCATED: Definition =
    counter("aigateway_truncated_streams_total", "Streams that ended before their end, the client still reading.");
pub(super) const TOKENS: Definition =
    counter("aigateway_tokens_total", "Tokens used; input has the cached ones in it, output those of reasoning.");
pub(super) const COST: Definition =
    counter("aigateway_cost_usd_total", "US dollars that providers charge, by the prices that are known here.");
pub(super) const SAVED: Definition =
    counter("aigateway_cost_saved_usd_total", "US dollars that answers from the cache had cost.");
pub(super) const CACHE_LOOKUPS: Definition =
    counter("aigateway_cache_lookups_total", "Requests of gateways that cache, by what the cache did.");
pub(super) const CACHE_BYTES: Definition = gauge("aigateway_cache_bytes", "The size of the stored answers.");
pub(super) const CACHE_ENTRIES: Definition = gauge("aigateway_cache_entries", "How many answers are stored.");
pub(super) const LIMIT_DECISIONS: Definition =
    counter("aigateway_limit_decisions_total", "Requests that a limit admitted or refused.");
pub(super) const CONFIG_GENERATION: Definition =
    gauge("aigateway_config_generation", "The generation of the configuration that is served.");
pub(super) const CONFIG_RELOADS: Definition =
    counter("aigateway_config_reloads_total", "Configurations that were read, by whether they are served.");
pub(super) const LOG_DROPS: Definition =
    counter("aigateway_log_dropped_records_total", "Records that the log had no room for.");
pub(super) const REFUSED_HEADS: Definition =
    counter("aigateway_refused_heads_total", "Heads that were refused before they were requests.");
pub(super) const BUILD: Definition = gauge("aigateway_build_info", "Always 1; the label says which build this is.");
pub(super) const GEN_AI_TOKENS: Definition = histogram("gen_ai_client_token_usage", "Tokens of a call, by type.");
pub(super) const GEN_AI_REQUEST: Definition =
    histogram("gen_ai_server_request_duration_seconds", "From a call's head to the end of its answer.");
pub(super) const GEN_AI_FIRST_TOKEN: Definition =
    histogram("gen_ai_server_time_to_first_token_seconds", "From a call's head to its first token.");
pub(super) const GEN_AI_PER_TOKEN: Definition =
    histogram("gen_ai_server_time_per_output_token_seconds", "Time for each token after the first.");

/// Every metric.
pub(super) const ALL: [Definition; 25] = [
    REQUESTS,
    IN_FLIGHT,
    REQUEST_SECONDS,
    FIRST_TOKEN_SECONDS,
    ATTEMPTS,
    UPSTREAM_SECONDS,
    RETRIES,
    FALLBACKS,
    TRUNCATED,
    TOKENS,
    COST,
    SAVED,
    CACHE_LOOKUPS,
    CACHE_BYTES,
    CACHE_ENTRIES,
    LIMIT_DECISIONS,
    CONFIG_GENERATION,
    CONFIG_RELOADS,
    LOG_DROPS,
    REFUSED_HEADS,
    BUILD,
    GEN_AI_TOKENS,
    GEN_AI_REQUEST,
    GEN_AI_FIRST_TOKEN,
    GEN_AI_PER_TOKEN,
];

impl Definition {
    /// How the registry knows it.
    pub(super) fn desc(self) -> Result<Desc, prometheus::Error> {
        Desc::new(self.name.into(), self.help.into(), Vec::new(), HashMap::new())
    }
}

/// Names and values of labels.
pub(super) type Labels<'a> = [(&'static str, &'a str)];

/// Samples by metric.
#[derive(Default)]
pub(super) struct Families(HashMap<&'static str, MetricFamily>);

impl Families {
    /// A sample of a counter or a gauge.
    pub(super) fn number(&mut self, definition: Definition, labels: &Labels<'_>, value: f64) {
        let mut metric = Metric::default();
        if definition.kind == MetricType::GAUGE {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        } else {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        }
        self.add(definition, labels, metric);
    }

    /// A sample of a counter, left out while nothing was counted.
    pub(super) fn count(&mut self, definition: Definition, labels: &Labels<'_>, value: u64) {
        if value > 0 {
            self.number(definition, labels, approximate(value));
        }
    }

    /// A histogram, left out while nothing was observed.
    pub(super) fn histogram(&mut self, definition: Definition, labels: &Labels<'_>, snapshot: Option<Snapshot>) {
        let Some(Snapshot { cumulative, count, sum }) = snapshot else { return };
        let bucket = |(bound, count)| {
            let mut bucket = Bucket::default();
            bucket.set_upper_bound(bound);
            bucket.set_cumulative_count(count);
            bucket
        };
        let mut histogram = Histogram::default();
        histogram.set_bucket(cumulative.into_iter().map(bucket).collect());
        histogram.set_sample_count(count);
        histogram.set_sample_sum(sum);
        let mut metric = Metric::default();
        metric.set_histogram(histogram);
        self.add(definition, labels, metric);
    }

    fn add(&mut self, definition: Definition, labels: &Labels<'_>, mut metric: Metric) {
        let pair = |(name, value): &(&str, &str)| {
            let mut pair = LabelPair::default();
            pair.set_name((*name).into());
            pair.set_value((*value).into());
            pair
        };
        metric.set_label(labels.iter().map(pair).collect());
        let Definition { name, help, kind } = definition;
        let family = self.0.entry(name).or_insert_with(|| {
            let mut family = MetricFamily::default();
            family.set_name(name.into());
            family.set_help(help.into());
            family.set_field_type(kind);
            family
        });
        family.mut_metric().push(metric);
    }

    /// The samples, for the registry to put in order.
    pub(super) fn into_vec(self) -> Vec<MetricFamily> {
        self.0.into_values().collect()
    }
}
