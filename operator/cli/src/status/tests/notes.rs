//! A text for each reason that does not keep a gateway from being Ready.

use serde_json::json;

use super::*;

#[test]
fn what_does_not_keep_it_from_serving_is_a_note() {
    check_condition(
        "LimitsExact",
        "False",
        "PerProxyShare",
        "each of 2 proxies admits its share",
        "\
production is Ready: 2 of 2 proxies run generation 7
  note       each of 2 proxies admits its share
  providers  openai Healthy; anthropic not called yet
  url        http://production.ai/v1
",
    );
    check_condition(
        "LimitsExact",
        "False",
        "CountersAreVolatile",
        "the limit per-day has a window over an hour",
        "\
production is Ready: 2 of 2 proxies run generation 7
  note       the limit per-day has a window over an hour
  providers  openai Healthy; anthropic not called yet
  url        http://production.ai/v1
",
    );
}

/// A provider of this health, and the condition that says so.
fn check_provider(health: &str, reason: &str, message: &str, expected: &str) {
    let mut gateway = with("ProvidersHealthy", "False", reason, message);
    gateway["status"]["providers"][0] = json!({"name": "openai", "health": health, "message": "401 from the provider"});
    assert!(check(&facts_of(gateway), expected).ready);
}

#[test]
fn a_provider_that_is_out_is_told() {
    check_provider(
        "Unauthorized",
        "Unauthorized",
        "provider openai refuses the stored key: put a good key into its Secret",
        "\
production is Ready: 2 of 2 proxies run generation 7
  note       provider openai refuses the stored key: put a good key into its Secret
  do         kubectl -n ai logs deployment/production --all-pods --tail 20
  providers  openai Unauthorized (401 from the provider); anthropic not called yet
  url        http://production.ai/v1
",
    );
    check_provider(
        "Unreachable",
        "Degraded",
        "provider openai gives no answer",
        "\
production is Ready: 2 of 2 proxies run generation 7
  note       provider openai gives no answer
  do         kubectl -n ai logs deployment/production --all-pods --tail 20
  providers  openai Unreachable (401 from the provider); anthropic not called yet
  url        http://production.ai/v1
",
    );
}

#[test]
fn a_gateway_that_nobody_has_called_is_not_at_fault() {
    let message = "nothing was asked of any provider lately";
    assert_eq!(judge(&facts_of(with("ProvidersHealthy", "Unknown", "NoTraffic", message))).findings, []);
}
