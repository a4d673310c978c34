//! What `run` says at its start: what is served where, and lines to try it with.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use aigateway_config::GatewayConfig;
use aigateway_config::catalog::Api;
use aigateway_config::provider::{Provider, ProviderType};

use crate::run::plan::Plan;
use crate::run::tries;
use crate::simulate::rule::Rules;

/// Where the proxy serves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addresses {
    /// Calls.
    pub(crate) data: SocketAddr,
    /// Metrics, health, status.
    pub(crate) admin: SocketAddr,
    /// Recent records.
    pub(crate) requests: SocketAddr,
}

/// All that is said.
pub(crate) fn welcome(addresses: &Addresses, plan: &Plan, simulated: Option<&Rules>) -> String {
    let [data, admin, requests] = [addresses.data, addresses.admin, addresses.requests].map(origin);
    let mut out = format!(
        "data      {data}\nadmin     {admin}  (/metrics /status /readyz /livez /version)\nrequests  {requests}/requests\n"
    );
    if simulated.is_some() {
        out.push_str("\nThe providers are simulated: nothing leaves this machine, and no key is needed.\n");
    }
    for gateway in plan.gateways.values() {
        write_gateway(&mut out, &data, gateway);
        let lines = match simulated {
            Some(rules) => tries::simulated(&data, &admin, &requests, gateway, rules),
            None => tries::real(&data, gateway),
        };
        for line in lines {
            let _ = writeln!(out, "{}", format!("    {line}").trim_end());
        }
    }
    out
}

/// A gateway's base URLs, each under the name that the SDKs look for.
fn write_gateway(out: &mut String, data: &str, gateway: &GatewayConfig) {
    let base = base(data, gateway);
    let _ = writeln!(out, "\nAIGateway {}/{}", gateway.namespace, gateway.name);
    for Provider { name, kind, .. } in &gateway.providers {
        let _ = writeln!(out, "  {}={base}/{name}", variable(*kind));
    }
    let _ = writeln!(out, "  OPENAI_BASE_URL={base}/compat  (every provider; models are named provider/model)");
}

/// The variable in which a provider's SDK looks for its base URL.
fn variable(kind: ProviderType) -> &'static str {
    match kind.facts().api {
        Api::OpenAi | Api::HuggingFace | Api::WorkersAi => "OPENAI_BASE_URL",
        Api::Anthropic => "ANTHROPIC_BASE_URL",
        Api::Azure => "AZURE_OPENAI_ENDPOINT",
        Api::Gemini => "GOOGLE_GEMINI_BASE_URL",
        Api::Vertex => "GOOGLE_VERTEX_BASE_URL",
        Api::Cohere => "CO_API_URL",
        Api::Replicate => "REPLICATE_API_BASE_URL",
        Api::Bedrock => "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    }
}

/// Where a gateway's paths begin.
pub(crate) fn base(data: &str, gateway: &GatewayConfig) -> String {
    format!("{data}/v1/{}/{}", gateway.account_id, gateway.name)
}

/// A URL that a client on this machine can use.
fn origin(address: SocketAddr) -> String {
    let ip = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

#[cfg(test)]
mod tests;
