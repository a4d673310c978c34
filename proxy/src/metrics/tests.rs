use std::rc::Rc;
use std::time::Duration;

use aigateway_config::price::PicoPerToken;
use aigateway_config::provider::{Model, ProviderType};
use http::{Method, Uri};
use prometheus::TextEncoder;

use super::*;
use crate::call::{Dialect, Usage};
use crate::clock::Moment;
use crate::cost::NanoUsd;
use crate::cost::prices::PriceTable;
use crate::ledger::record::{Attempt, CacheOutcome, ErrorSource, PriceSource, RequestRecord};
use crate::store::memory::MemoryStore;

/// A gateway with two providers, and what Prometheus reads of it.
struct Fixture {
    registry: Registry,
    metrics: Arc<Metrics>,
    gateway: Arc<GatewayCells>,
    openai: Arc<ProviderCells>,
    anthropic: Arc<ProviderCells>,
}

fn fixture() -> Fixture {
    let registry = Registry::new();
    let metrics = Metrics::new(&registry).unwrap();
    let gateway = metrics.gateway("ai", "production");
    let prices = Arc::new(PriceTable::builtin());
    let fast = Model { name: "fast".into(), upstream_name: "gpt-4o-mini".into(), price: None };
    let openai = gateway.provider("openai", ProviderType::Openai, &[fast], &prices);
    let anthropic = gateway.provider("anthropic", ProviderType::Anthropic, &[], &prices);
    Fixture { registry, metrics, gateway, openai, anthropic }
}

impl Fixture {
    /// A request that was answered by `model` of `provider` at the first attempt.
    fn answered(&self, provider: &Arc<ProviderCells>, model: &str) -> RequestRecord {
        let target = Rc::new(TargetCells::of(provider, model));
        let mut record = RequestRecord::blank(Arc::clone(&self.gateway), Method::POST, Uri::from_static("/"));
        record.attempts.push(attempt(&target, model, None));
        record.requested = Some(Rc::clone(&target));
        record.requested_model = Some(model.into());
        record.target = Some(target);
        record.model = Some(model.into());
        record.dialect = Some(Dialect::OpenAiChat);
        (record.status, record.complete) = (200, true);
        record.usage = Some(Usage { input: 100, cached_input: 60, cache_write: 0, output: 11, reasoning: 0 });
        let price = PicoPerToken { input: 1_000_000, cached_input: 500_000, cache_write: 0, output: 2_000_000 };
        record.price = Some((price, PriceSource::Builtin));
        record
    }

    fn count(&self, record: &RequestRecord) {
        assert!(Arc::ptr_eq(&record.gateway, &self.gateway));
        count::count(record, record.cost(), Duration::from_millis(100));
    }

    fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap()
    }

    /// The value of the one sample of a metric whose labels have all of these in them.
    fn value(&self, name: &str, labels: &[&str]) -> f64 {
        let text = self.text();
        let is_meant = |line: &&str| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
                && labels.iter().all(|label| line.contains(label))
        };
        let lines: Vec<&str> = text.lines().filter(is_meant).collect();
        assert_eq!(lines.len(), 1, "{name} {labels:?} in\n{text}");
        lines[0].rsplit(' ').next().unwrap().parse().unwrap()
    }

    fn check(&self, name: &str, labels: &[&str], expected: f64) {
        let value = self.value(name, labels);
        assert!((value - expected).abs() < 1e-12, "{name} {labels:?} is {value}, not {expected}");
    }
}

fn attempt(target: &Rc<TargetCells>, model: &str, error: Option<&'static str>) -> Attempt {
    let status = if error.is_some() { Some(503) } else { Some(200) };
    Attempt { target: Rc::clone(target), model: Some(model.into()), status, duration: Duration::from_millis(90), error }
}

#[test]
fn a_request_is_counted_with_what_it_used_and_cost() {
    let fixture = fixture();
    let mut record = fixture.answered(&fixture.openai, "fast");
    (record.stream, record.first_token) = (true, Some(Moment::at(Duration::from_millis(20))));
    fixture.count(&record);
    let model = [r#"namespace="ai""#, r#"gateway="production""#, r#"provider="openai""#, r#"model="fast""#];
    let with = |more: &[&'static str]| [&model[..], more].concat();
    fixture.check("aigateway_requests_total", &with(&[r#"status="200""#, r#"cache="off""#]), 1.0);
    fixture.check("aigateway_attempts_total", &with(&[r#"status="200""#, r#"error_kind="""#]), 1.0);
    fixture.check("aigateway_tokens_total", &with(&[r#"type="input""#]), 100.0);
    fixture.check("aigateway_tokens_total", &with(&[r#"type="cached_input""#]), 60.0);
    fixture.check("aigateway_cost_usd_total", &model, 0.000_092);
    fixture.check("aigateway_request_duration_seconds_sum", &model, 0.1);
    fixture.check("aigateway_first_token_seconds_bucket", &with(&[r#"le="0.02""#]), 1.0);
    fixture.check("aigateway_first_token_seconds_bucket", &with(&[r#"le="0.01""#]), 0.0);
    fixture.check("aigateway_upstream_duration_seconds_bucket", &with(&[r#"le="+Inf""#]), 1.0);
}

#[test]
fn the_conventions_metrics_have_its_labels() {
    let fixture = fixture();
    let mut record = fixture.answered(&fixture.openai, "fast");
    (record.stream, record.first_token) = (true, Some(Moment::at(Duration::from_millis(20))));
    record.model = Some("gpt-4o-mini".into());
    record.response_model = Some("gpt-4o-mini-2024-07-18".into());
    fixture.count(&record);
    let labels = [
        r#"gen_ai_operation_name="chat""#,
        r#"gen_ai_provider_name="openai""#,
        r#"gen_ai_original_model="fast""#,
        r#"gen_ai_request_model="gpt-4o-mini""#,
        r#"gen_ai_response_model="gpt-4o-mini-2024-07-18""#,
    ];
    let with = |label| [&labels[..], &[label]].concat();
    fixture.check("gen_ai_client_token_usage_sum", &with(r#"gen_ai_token_type="input""#), 100.0);
    fixture.check("gen_ai_client_token_usage_sum", &with(r#"gen_ai_token_type="output""#), 11.0);
    fixture.check("gen_ai_server_request_duration_seconds_sum", &labels, 0.1);
    fixture.check("gen_ai_server_time_to_first_token_seconds_sum", &labels, 0.02);
    fixture.check("gen_ai_server_time_per_output_token_seconds_sum", &labels, 0.008);
    assert!(!fixture.text().contains("error_type"), "on failures only");
    let mut failed = fixture.answered(&fixture.openai, "fast");
    failed.error = Some(("cut", ErrorSource::Provider));
    fixture.count(&failed);
    fixture.check("gen_ai_server_request_duration_seconds_count", &[r#"error_type="cut""#], 1.0);
}

#[test]
fn a_retry_and_a_fallback_are_told_apart() {
    let fixture = fixture();
    let mut record = fixture.answered(&fixture.anthropic, "claude-haiku-4-5");
    let first = Rc::new(TargetCells::of(&fixture.openai, "fast"));
    let failed = attempt(&first, "fast", Some("overloaded"));
    record.attempts.splice(0..0, [failed.clone(), failed]);
    fixture.count(&record);
    fixture.check("aigateway_retries_total", &[r#"provider="openai""#], 1.0);
    fixture.check("aigateway_fallbacks_total", &[r#"from="openai""#, r#"to="anthropic""#], 1.0);
    fixture.check(
        "aigateway_attempts_total",
        &[r#"model="fast""#, r#"status="503""#, r#"error_kind="overloaded""#],
        2.0,
    );
}

#[test]
fn a_hit_saves_and_uses_nothing() {
    let fixture = fixture();
    let mut record = fixture.answered(&fixture.openai, "fast");
    record.attempts.clear();
    record.cache = CacheOutcome::Hit;
    record.cost_saved = Some(NanoUsd(1_500));
    fixture.count(&record);
    fixture.check("aigateway_cost_saved_usd_total", &[r#"model="fast""#], 0.000_001_5);
    fixture.check("aigateway_cache_lookups_total", &[r#"result="hit""#], 1.0);
    let text = fixture.text();
    assert!(
        !text.contains("aigateway_tokens_total") && !text.contains("gen_ai_") && !text.contains("cost_usd"),
        "{text}"
    );
}

#[test]
fn a_stream_that_was_cut_is_counted_unless_the_client_left() {
    let fixture = fixture();
    let mut record = fixture.answered(&fixture.openai, "fast");
    (record.stream, record.complete) = (true, false);
    record.error = Some(("client_gone", ErrorSource::Client));
    fixture.count(&record);
    assert!(!fixture.text().contains("truncated"));
    record.error = Some(("cut", ErrorSource::Provider));
    fixture.count(&record);
    fixture.check("aigateway_truncated_streams_total", &[r#"model="fast""#], 1.0);
}

#[test]
fn junk_makes_no_series() {
    let fixture = fixture();
    let lines = |fixture: &Fixture| fixture.text().lines().count();
    fixture.count(&fixture.answered(&fixture.openai, "junk"));
    let before = lines(&fixture);
    for number in 0..1_000 {
        let mut record = fixture.answered(&fixture.openai, &format!("junk-{number}"));
        record.response_model = Some(format!("more-{number}").into());
        fixture.count(&record);
    }
    assert_eq!(lines(&fixture), before);
    fixture.check("aigateway_requests_total", &[r#"model="other""#], 1_001.0);
}

#[test]
fn a_known_models_first_success_is_counted_under_its_name() {
    let fixture = fixture();
    let mut failed = fixture.answered(&fixture.openai, "gpt-4o");
    (failed.status, failed.error) = (502, Some(("all_failed", ErrorSource::Gateway)));
    fixture.count(&failed);
    fixture.count(&fixture.answered(&fixture.openai, "gpt-4o"));
    fixture.check("aigateway_requests_total", &[r#"model="other""#, r#"status="502""#], 1.0);
    fixture.check("aigateway_requests_total", &[r#"model="gpt-4o""#, r#"status="200""#], 1.0);
    fixture.check("gen_ai_server_request_duration_seconds_count", &[r#"gen_ai_original_model="gpt-4o""#], 1.0);
}

#[test]
fn labels_that_run_into_each_other_stay_apart() {
    let fixture = fixture();
    for (namespace, name) in [("acme", "gpt"), ("ac", "megpt")] {
        fixture.metrics.gateway(namespace, name).loaded(3);
    }
    fixture.metrics.gateway("ac", "megpt").rejected();
    fixture.check("aigateway_config_reloads_total", &[r#"namespace="acme""#, r#"result="loaded""#], 1.0);
    fixture.check("aigateway_config_reloads_total", &[r#"namespace="ac""#, r#"result="rejected""#], 1.0);
    fixture.check("aigateway_config_generation", &[r#"gateway="megpt""#], 3.0);
}

#[test]
fn gateways_tell_what_is_under_way_stored_limited_and_refused() {
    let fixture = fixture();
    fixture.gateway.entered();
    fixture.gateway.watch(MemoryStore::new(1_000));
    fixture.gateway.limit("per-user").refused.fetch_add(2, Ordering::Relaxed);
    fixture.metrics.refused_head();
    fixture.metrics.dropped_records().fetch_add(5, Ordering::Relaxed);
    fixture.check("aigateway_in_flight_requests", &[r#"gateway="production""#], 1.0);
    fixture.check("aigateway_in_flight_requests", &[r#"gateway="none""#], 0.0);
    fixture.check("aigateway_cache_entries", &[], 0.0);
    fixture.check("aigateway_cache_bytes", &[], 0.0);
    fixture.check("aigateway_limit_decisions_total", &[r#"limit="per-user""#, r#"decision="refused""#], 2.0);
    fixture.check("aigateway_refused_heads_total", &[], 1.0);
    fixture.check("aigateway_log_dropped_records_total", &[], 5.0);
    fixture.check("aigateway_build_info", &[], 1.0);
}

#[test]
fn a_provider_whose_type_changes_has_no_series_twice() {
    let fixture = fixture();
    fixture.count(&fixture.answered(&fixture.openai, "fast"));
    let prices = Arc::new(PriceTable::builtin());
    let changed = fixture.gateway.provider("openai", ProviderType::OpenaiCompatible, &[], &prices);
    fixture.count(&fixture.answered(&changed, "fast"));
    fixture.check("aigateway_requests_total", &[r#"provider="openai""#], 1.0);
}
