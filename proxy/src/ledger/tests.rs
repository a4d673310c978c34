use std::io;
use std::sync::Mutex;
use std::time::Duration;

use aigateway_config::provider::ProviderType;
use prometheus::Registry;
use serde_json::{Value, json};

use super::record::{CacheOutcome, PriceSource};
use super::*;
use crate::call::{Dialect, Usage};
use crate::clock::Clock;
use crate::cost::NanoUsd;
use crate::cost::prices::PriceTable;
use crate::metrics::Metrics;
use crate::metrics::provider::ProviderCells;
use crate::telemetry::log;
use crate::telemetry::recent::Recent;

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A worker, and everything that its records end in.
struct Worker {
    clock: Clock,
    metrics: Arc<Metrics>,
    recent: Arc<Recent>,
    reporter: Rc<Reporter>,
    prices: Arc<PriceTable>,
    writer: log::LogWriter,
    output: Output,
}

fn worker() -> Worker {
    let metrics = Metrics::new(&Registry::new()).unwrap();
    let (clock, recent, output) = (Clock::stepped(), Arc::new(Recent::default()), Output::default());
    let (log, writer) =
        log::start(Box::new(output.clone()), log::MAX_WAITING_BYTES, metrics.dropped_records()).unwrap();
    let reporter = Rc::new(Reporter::new(clock.clone(), Arc::clone(&metrics), log, Arc::clone(&recent)));
    Worker { clock, metrics, recent, reporter, prices: Arc::new(PriceTable::builtin()), writer, output }
}

impl Worker {
    fn open(&self) -> Rc<Ledger> {
        self.open_for(None)
    }

    fn open_for(&self, found: Option<(&Arc<GatewayCells>, i64)>) -> Rc<Ledger> {
        let uri = "/v1/ai/production/openai/chat/completions?key=secret".parse().unwrap();
        Ledger::open(&self.reporter, found, Method::POST, uri)
    }

    fn provider(&self, name: &str, kind: ProviderType) -> Arc<ProviderCells> {
        self.metrics.gateway("ai", "production").provider(name, kind, &[], &self.prices)
    }

    fn records(&self) -> Vec<Value> {
        self.reporter.flush();
        self.recent.records().iter().map(|line| serde_json::from_slice(line).unwrap()).collect()
    }
}

/// The record without what differs from run to run, which is looked at here.
fn stable(mut record: Value) -> Value {
    let fields = record.as_object_mut().unwrap();
    let id = fields.remove("id").unwrap();
    let created_at = fields.remove("created_at").unwrap();
    assert_eq!((id.as_str().unwrap().len(), created_at.as_str().unwrap().len()), (36, 24));
    record
}

#[test]
fn a_request_that_nothing_is_known_of_is_reported_when_it_is_dropped() {
    let worker = worker();
    let ledger = worker.open();
    worker.clock.step(Duration::from_micros(1_500));
    assert!(worker.records().is_empty());
    drop(ledger);
    let records = worker.records();
    assert_eq!(records.len(), 1);
    let expected = json!({
        "namespace": "none", "gateway": "none", "method": "POST", "path": "/v1/ai/production/openai/chat/completions",
        "status": 0, "success": false, "cache": "off", "stream": false, "complete": false, "attempts": [],
        "duration_ms": 1.5, "request_bytes": 0, "response_bytes": 0,
    });
    assert_eq!(stable(records[0].clone()), expected);
}

#[test]
fn the_last_holder_reports_and_no_other() {
    let worker = worker();
    let ledger = worker.open();
    let held = Rc::clone(&ledger);
    drop(ledger);
    assert!(worker.records().is_empty());
    drop(held);
    assert_eq!(worker.records().len(), 1);
}

#[test]
fn a_record_tells_the_whole_way_of_a_request() {
    let worker = worker();
    let (openai, anthropic) =
        (worker.provider("openai", ProviderType::Openai), worker.provider("anthropic", ProviderType::Anthropic));
    let ledger = worker.open_for(Some((&worker.metrics.gateway("ai", "production"), 7)));
    let asked: Arc<str> = "gpt-4o".into();
    ledger.requested(&TargetCells::of(&openai, &asked), Some(Arc::clone(&asked)));
    let failed = Attempt {
        target: TargetCells::of(&openai, &asked).into(),
        model: Some(asked),
        status: Some(503),
        duration: Duration::from_millis(20),
        error: Some("overloaded"),
    };
    let answered = Attempt {
        target: TargetCells::of(&anthropic, "claude-haiku-4-5").into(),
        model: Some("claude-haiku-4-5".into()),
        status: Some(200),
        duration: Duration::from_millis(30),
        error: None,
    };
    ledger.attempted(failed, 0);
    ledger.attempted(answered, 1);
    worker.clock.step(Duration::from_millis(50));
    let price = *worker.prices.get(ProviderType::Anthropic, "claude-haiku-4-5").unwrap();
    ledger.edit(|record| {
        record.user = Some("ada".into());
        record.metadata = serde_json::from_str(r#"{"team":"a","n":1}"#).unwrap();
        record.route = Some("compat");
        record.dialect = Some(Dialect::OpenAiChat);
        record.cache = CacheOutcome::Miss;
        record.status = 200;
        record.stream = true;
        record.complete = true;
        record.first_token = Some(worker.clock.now());
        record.usage = Some(Usage { input: 1_000, cached_input: 400, cache_write: 0, output: 10, reasoning: 2 });
        record.price = Some((price, PriceSource::Builtin));
        (record.request_bytes, record.response_bytes) = (900, 15_000);
    });
    worker.clock.step(Duration::from_millis(10));
    drop(ledger);
    let expected = json!({
        "namespace": "ai", "gateway": "production", "config_generation": 7, "user": "ada", "method": "POST",
        "path": "/v1/ai/production/openai/chat/completions", "route": "compat", "dialect": "openai-chat",
        "requested_model": "gpt-4o", "provider": "anthropic", "model": "claude-haiku-4-5", "step": 1, "status": 200,
        "success": true, "cache": "miss", "stream": true, "complete": true,
        "attempts": [
            {"provider": "openai", "model": "gpt-4o", "status": 503, "duration_ms": 20.0, "error_kind": "overloaded"},
            {"provider": "anthropic", "model": "claude-haiku-4-5", "status": 200, "duration_ms": 30.0},
        ],
        "tokens_in": 1_000, "tokens_out": 10, "tokens_cached_in": 400, "tokens_cache_write": 0, "tokens_reasoning": 2,
        "tokens_estimated": false, "cost_usd": 0.00069, "price_source": "builtin", "duration_ms": 60.0, "ttft_ms": 50.0,
        "request_bytes": 900, "response_bytes": 15_000, "metadata": {"team": "a", "n": 1},
    });
    assert_eq!(stable(worker.records().remove(0)), expected);
    let line = worker.recent.records().remove(0);
    assert!(line.windows(24).any(|part| part == br#""cost_usd":0.000690000,""#), "the cost is written exactly");
}

#[test]
fn a_hit_costs_nothing_and_says_what_it_saves() {
    let worker = worker();
    let ledger = worker.open();
    ledger.edit(|record| {
        record.cache = CacheOutcome::Hit;
        record.status = 200;
        record.complete = true;
        record.usage = Some(Usage { input: 10, output: 1, ..Usage::default() });
        record.cost_saved = Some(NanoUsd(2_100));
    });
    drop(ledger);
    let record = worker.records().remove(0);
    assert_eq!((&record["cost_usd"], &record["cost_saved_usd"]), (&json!(0.0), &json!(0.000_002_1)));
    assert_eq!(record["success"], true);
}

#[test]
fn success_needs_a_whole_answer_and_no_error() {
    let check = |status, complete, error: Option<ErrorSource>, expected| {
        let mut record = RequestRecord::blank(Arc::clone(worker().metrics.no_gateway()), Method::GET, Uri::default());
        (record.status, record.complete) = (status, complete);
        record.error = error.map(|source| ("cut", source));
        assert_eq!(record.is_success(), expected, "{status} {complete} {error:?}");
    };
    check(200, true, None, true);
    check(304, true, None, true);
    check(200, false, None, false);
    check(200, true, Some(ErrorSource::Provider), false);
    check(404, true, None, false);
    check(0, false, Some(ErrorSource::Client), false);
}

#[test]
fn the_first_thing_that_went_wrong_is_kept() {
    let worker = worker();
    let ledger = worker.open();
    ledger.failed("cut", ErrorSource::Provider);
    ledger.failed("client_gone", ErrorSource::Client);
    drop(ledger);
    let record = worker.records().remove(0);
    assert_eq!((&record["error_kind"], &record["error_source"]), (&json!("cut"), &json!("provider")));
}

#[test]
fn every_record_reaches_the_log_as_one_line() {
    let worker = worker();
    for _ in 0..1_000 {
        drop(worker.open());
    }
    let Worker { reporter, writer, output, metrics, .. } = worker;
    drop(reporter);
    assert!(writer.end(Duration::from_secs(10)));
    let written = output.0.lock().unwrap();
    let lines = written.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let ids: std::collections::HashSet<String> =
        lines.map(|line| serde_json::from_slice::<Value>(line).unwrap()["id"].to_string()).collect();
    assert_eq!(ids.len(), 1_000);
    assert_eq!(metrics.dropped_records().load(std::sync::atomic::Ordering::Relaxed), 0);
}
