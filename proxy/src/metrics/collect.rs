//! The cells as Prometheus reads them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use aigateway_config::provider::ProviderType;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;

use super::Metrics;
use super::families::{self, Families};
use super::gateway::{GatewayCells, NONE};
use super::gen_ai::{GenAi, Labels};
use super::histogram::approximate;
use super::provider::ProviderCells;
use super::series::Counts;
use crate::store::memory::Held;

/// Shows cells in a registry.
pub(super) struct CellsCollector {
    metrics: Arc<Metrics>,
    descs: Vec<Desc>,
}

impl CellsCollector {
    pub(super) fn new(metrics: Arc<Metrics>) -> Result<Self, prometheus::Error> {
        let descs = families::ALL.into_iter().map(families::Definition::desc).collect::<Result<_, _>>()?;
        Ok(Self { metrics, descs })
    }
}

impl Collector for CellsCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut families = Families::default();
        let Metrics { no_gateway: _, gateways: _, refused_heads, dropped_records } = &*self.metrics;
        families.number(families::BUILD, &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
        families.number(families::REFUSED_HEADS, &[], approximate(refused_heads.load(Ordering::Relaxed)));
        families.number(families::LOG_DROPS, &[], approximate(dropped_records.load(Ordering::Relaxed)));
        for gateway in self.metrics.gateways() {
            collect_gateway(&mut families, &gateway);
        }
        families.into_vec()
    }
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus has no other numbers")]
fn collect_gateway(families: &mut Families, cells: &GatewayCells) {
    let labels = [("namespace", &*cells.namespace), ("gateway", &*cells.name)];
    let [namespace, gateway] = labels;
    let counts = cells.sum();
    families.number(families::IN_FLIGHT, &labels, counts.in_flight.load(Ordering::Relaxed) as f64);
    for (outcome, count) in counts.lookups.snapshot() {
        families.count(families::CACHE_LOOKUPS, &[namespace, gateway, ("result", outcome.name())], count);
    }
    for ((from, to), count) in counts.fallbacks.snapshot() {
        families.count(families::FALLBACKS, &[namespace, gateway, ("from", &from), ("to", &to)], count);
    }
    for limit in cells.limits() {
        for (decision, count) in [("admitted", &limit.admitted), ("refused", &limit.refused)] {
            let labels = [namespace, gateway, ("limit", &*limit.name), ("decision", decision)];
            families.number(families::LIMIT_DECISIONS, &labels, approximate(count.load(Ordering::Relaxed)));
        }
    }
    if let Some(Held { entries, bytes }) = cells.store().map(|store| store.held()) {
        families.number(families::CACHE_ENTRIES, &labels, approximate(entries));
        families.number(families::CACHE_BYTES, &labels, approximate(bytes));
    }
    collect_reloads(families, cells);
    let nowhere = Place { namespace: &cells.namespace, gateway: &cells.name, provider: NONE };
    nowhere.collect(families, &cells.unrouted.model, &cells.unrouted.sum());
    for provider in cells.providers() {
        collect_provider(families, cells, &provider);
    }
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus has no other numbers")]
fn collect_reloads(families: &mut Families, cells: &GatewayCells) {
    let labels = [("namespace", &*cells.namespace), ("gateway", &*cells.name)];
    let [namespace, gateway] = labels;
    let results =
        [("loaded", cells.loaded.load(Ordering::Relaxed)), ("rejected", cells.rejected.load(Ordering::Relaxed))];
    if results.iter().all(|(_, count)| *count == 0) {
        return;
    }
    families.number(families::CONFIG_GENERATION, &labels, cells.generation.load(Ordering::Relaxed) as f64);
    for (result, count) in results {
        families.number(families::CONFIG_RELOADS, &[namespace, gateway, ("result", result)], approximate(count));
    }
}

fn collect_provider(families: &mut Families, gateway: &GatewayCells, cells: &ProviderCells) {
    let place = Place { namespace: &gateway.namespace, gateway: &gateway.name, provider: &cells.name };
    families.count(families::RETRIES, &place.labels(), cells.retries.load(Ordering::Relaxed));
    // The convention's names where it has one for the type; others are known by their own.
    let convention = match cells.kind {
        ProviderType::AzureOpenai => "azure.ai.openai",
        ProviderType::GoogleAiStudio => "gcp.gemini",
        ProviderType::GoogleVertexAi => "gcp.vertex_ai",
        ProviderType::Mistral => "mistral_ai",
        ProviderType::PerplexityAi => "perplexity",
        ProviderType::AwsBedrock => "aws.bedrock",
        ProviderType::Xai => "x_ai",
        kind @ (ProviderType::Openai
        | ProviderType::Anthropic
        | ProviderType::Cohere
        | ProviderType::Groq
        | ProviderType::Huggingface
        | ProviderType::Replicate
        | ProviderType::WorkersAi
        | ProviderType::Deepseek
        | ProviderType::Cerebras
        | ProviderType::Openrouter
        | ProviderType::Fireworks) => kind.facts().slug,
        ProviderType::OpenaiCompatible | ProviderType::Custom => &*cells.name,
    };
    for series in cells.all() {
        let counts = series.sum();
        place.collect(families, &series.model, &counts);
        counts.gen_ai.each(|gen_ai| place.collect_gen_ai(families, convention, gen_ai));
    }
}

/// Where series are: the labels that they have in common.
#[derive(Clone, Copy)]
struct Place<'a> {
    namespace: &'a str,
    gateway: &'a str,
    provider: &'a str,
}

impl<'a> Place<'a> {
    fn labels(self) -> [(&'static str, &'a str); 3] {
        [("namespace", self.namespace), ("gateway", self.gateway), ("provider", self.provider)]
    }

    fn collect(self, families: &mut Families, model: &str, counts: &Counts) {
        let [namespace, gateway, provider] = self.labels();
        let labels = [namespace, gateway, provider, ("model", model)];
        let with = |more: &[(&'static str, &'static str)]| [&labels[..], more].concat();
        for ((status, cache), count) in counts.requests.snapshot() {
            let status = status.to_string();
            let labels = [&labels[..], &[("status", &*status), ("cache", cache.name())]].concat();
            families.count(families::REQUESTS, &labels, count);
        }
        for ((status, error), count) in counts.attempts.snapshot() {
            let status = status.to_string();
            let labels = [&labels[..], &[("status", &*status), ("error_kind", error)]].concat();
            families.count(families::ATTEMPTS, &labels, count);
        }
        for (kind, count) in counts.tokens.by_kind() {
            families.count(families::TOKENS, &with(&[("type", kind)]), count);
        }
        for (definition, nanos) in [(families::COST, &counts.cost_nano_usd), (families::SAVED, &counts.saved_nano_usd)]
        {
            let nanos = nanos.load(Ordering::Relaxed);
            if nanos > 0 {
                families.number(definition, &labels, approximate(nanos) / 1e9);
            }
        }
        families.count(families::TRUNCATED, &labels, counts.truncated.load(Ordering::Relaxed));
        families.histogram(families::REQUEST_SECONDS, &labels, counts.duration.snapshot());
        families.histogram(families::FIRST_TOKEN_SECONDS, &labels, counts.first_token.snapshot());
        families.histogram(families::UPSTREAM_SECONDS, &labels, counts.upstream_duration.snapshot());
    }

    fn collect_gen_ai(self, families: &mut Families, convention: &str, cells: &GenAi) {
        let Labels { operation, original_model, request_model, response_model, error } = cells.labels();
        let mut labels = vec![
            ("namespace", self.namespace),
            ("gateway", self.gateway),
            ("gen_ai_operation_name", operation),
            ("gen_ai_provider_name", convention),
            ("gen_ai_original_model", original_model),
            ("gen_ai_request_model", request_model),
            ("gen_ai_response_model", response_model),
        ];
        labels.extend(error.map(|kind| ("error_type", kind)));
        families.histogram(families::GEN_AI_REQUEST, &labels, cells.duration.snapshot());
        families.histogram(families::GEN_AI_FIRST_TOKEN, &labels, cells.first_token.snapshot());
        families.histogram(families::GEN_AI_PER_TOKEN, &labels, cells.per_token.snapshot());
        for (kind, tokens) in &cells.tokens {
            let labels = [&labels[..], &[("gen_ai_token_type", kind)]].concat();
            families.histogram(families::GEN_AI_TOKENS, &labels, tokens.snapshot());
        }
    }
}
