//! Defaults, places and what is reported of what can't be read.

use aigateway_config::policy::ByType;
use aigateway_config::price::Price;
use aigateway_config::provider::{CallerKeys, Credential, Model, Provider, ProviderType, UnsupportedFields};
use serde_json::{Value, json};

use super::*;

fn gateway(spec: &Value) -> AIGateway {
    serde_json::from_value(json!({
        "apiVersion": "aigateway.dev/v1alpha1", "kind": "AIGateway", "metadata": {"name": "production"}, "spec": spec
    }))
    .unwrap()
}

fn place(services: Services<'_>) -> Place<'_> {
    Place { uid: "0a1b".into(), namespace: "ai".into(), generation: 7, secrets_dir: "/etc/secrets".into(), services }
}

fn in_cluster(spec: &Value) -> GatewayConfig {
    render(&gateway(spec), &place(Services::Cluster)).unwrap()
}

#[test]
fn every_default_is_filled_in() {
    let expected = GatewayConfig {
        uid: "0a1b".into(),
        namespace: "ai".into(),
        name: "production".into(),
        account_id: "ai".into(),
        generation: 7,
        auth: Auth { anonymous: Anonymous::Allow },
        identity: None,
        providers: vec![Provider {
            name: "openai".into(),
            kind: ProviderType::Openai,
            base_url: "https://api.openai.com/v1".into(),
            credentials: vec![],
            caller_keys: CallerKeys::Forward,
            models: vec![],
            timeouts: defaults::TIMEOUTS,
            options: None,
            headers: vec![],
            unsupported_fields: UnsupportedFields::Refuse,
            tls: None,
        }],
        models: Vec::new(),
        cache: Cache { ttl: None, scope: Scope::Credential, max_entry_bytes: 1 << 20, max_bytes: None },
        limits: vec![],
        fallback: vec![],
        retry: Retry { attempts: 2 },
    };
    assert_eq!(in_cluster(&json!({"providers": [{"name": "openai"}]})), expected);
}

#[test]
fn whatever_is_said_is_kept() {
    let config = in_cluster(&json!({
        "auth": {"anonymous": "Allow"},
        "identity": {"type": "Header", "name": "x-user-id"},
        "providers": [{
            "name": "mine", "type": "anthropic", "baseUrl": "https://x/", "callerKeys": "Forward",
            "credentials": [{"secretKeyRef": {"name": "keys", "key": "a"}}],
            "models": [{"name": "m"}, {"name": "n", "upstreamName": "o", "price": {"input": "1", "output": "2"}}],
            "timeouts": {"connect": "1s", "total": "2m"},
        }],
        "cache": {"ttl": "1h", "maxBytes": "512Ki"},
        "limits": [{"name": "l", "requests": 5, "window": "1m", "by": [{"type": "User"}]}],
        "fallback": [{"provider": "mine", "model": "m"}],
        "retry": {"attempts": 3},
        "accountId": "acme",
    }));
    let [provider] = &config.providers[..] else { panic!("{config:?}") };
    assert_eq!((provider.kind, &*provider.base_url), (ProviderType::Anthropic, "https://x"));
    assert_eq!(provider.caller_keys, CallerKeys::Forward);
    assert_eq!(
        provider.credentials,
        [Credential { name: "default".into(), file: "/etc/secrets/keys/a".into(), aws: None }]
    );
    let price = Price { input: "1".into(), cached_input: None, cache_write: None, output: "2".into() };
    let models = [
        Model { name: "m".into(), upstream_name: "m".into(), price: None },
        Model { name: "n".into(), upstream_name: "o".into(), price: Some(price) },
    ];
    assert_eq!(provider.models, models);
    assert_eq!(provider.timeouts.connect, Span::from_secs(1));
    assert_eq!(provider.timeouts.total, Some(Span::from_secs(120)));
    let cache = Cache {
        ttl: Some(Span::from_secs(3600)),
        scope: Scope::User,
        max_entry_bytes: 512 << 10,
        max_bytes: Some(512 << 10),
    };
    assert_eq!(config.cache, cache);
    let by = vec![By { kind: ByType::User, name: None }];
    assert_eq!(config.limits, [Limit { name: "l".into(), requests: 5, window: Span::from_secs(60), by }]);
    assert_eq!(config.account_id, "acme");
    assert_eq!(config.retry.attempts, 3);
}

#[test]
fn stored_keys_keep_callers_keys_out_by_default() {
    let config = in_cluster(&json!({
        "auth": {"anonymous": "Allow"},
        "providers": [{"name": "openai", "credentials": [{"secretKeyRef": {"name": "keys", "key": "a"}}]}],
    }));
    assert_eq!(config.providers[0].caller_keys, CallerKeys::Ignore);
}

#[test]
fn a_stored_key_is_never_open_by_omission() {
    let spec = json!({"providers": [{"name": "openai", "credentials": [{"secretKeyRef": {"name": "k", "key": "a"}}]}]});
    let problems = render(&gateway(&spec), &place(Services::Cluster)).unwrap_err();
    assert_eq!(problems[0].path, "spec.auth");
    let spec = json!({"auth": {}, "providers": [{"name": "openai"}]});
    let problems = judge(&gateway(&spec), &place(Services::Cluster)).unwrap_err();
    assert_eq!(problems[0].path, "spec.auth.anonymous");
}

#[test]
fn services_are_found_in_the_cluster_or_where_they_are_given() {
    let url = |service: Value, services: Services<'_>| {
        let spec = json!({"providers": [{"name": "vllm", "type": "openai-compatible", "service": service}]});
        render(&gateway(&spec), &place(services)).map(|config| config.providers[0].base_url.clone())
    };
    let plain = json!({"name": "vllm", "port": 8000});
    let whole = json!({"name": "vllm", "port": 443, "scheme": "HTTPS", "path": "/v1/"});
    assert_eq!(url(plain.clone(), Services::Cluster).unwrap(), "http://vllm.ai.svc:8000");
    assert_eq!(url(whole.clone(), Services::Cluster).unwrap(), "https://vllm.ai.svc:443/v1");

    let given = BTreeMap::from([("vllm".into(), "http://127.0.0.1:9/".into()), ("bad".into(), "127.0.0.1".into())]);
    assert_eq!(url(plain, Services::Given(&given)).unwrap(), "http://127.0.0.1:9");
    assert_eq!(url(whole, Services::Given(&given)).unwrap(), "http://127.0.0.1:9/v1");
    let missing = url(json!({"name": "other", "port": 1}), Services::Given(&given)).unwrap_err();
    assert_eq!(missing[0].fix, "say where it is: --service other=http://127.0.0.1:1");
    let bad = url(json!({"name": "bad", "port": 1}), Services::Given(&given)).unwrap_err();
    assert_eq!(bad[0].path, "spec.providers[0].service");
}

#[test]
fn a_place_without_a_cluster_is_named_by_namespace_and_name() {
    let services = BTreeMap::new();
    let mut gateway = gateway(&json!({"providers": [{"name": "openai"}]}));
    let uid = |gateway: &AIGateway| render(gateway, &Place::local(gateway, 1, "/s", &services)).unwrap().uid;
    assert_eq!(uid(&gateway), "default/production");
    gateway.metadata.namespace = Some("ai".into());
    assert_eq!(uid(&gateway), "ai/production");
}

#[test]
fn what_stands_in_for_an_unreadable_field_is_not_judged() {
    let spec = json!({
        "providers": [{"name": "mine", "timeouts": {"idle": "soon"}}],
        "cache": {"ttl": "later", "maxBytes": "10", "maxEntryBytes": "lots"},
        "limits": [{"name": "l", "requests": 0, "window": "x"}],
    });
    let problems = judge(&gateway(&spec), &place(Services::Cluster)).unwrap_err();
    let paths: Vec<_> = problems.iter().map(|problem| &*problem.path).collect();
    let expected = [
        "spec.providers[0].type",
        "spec.providers[0].timeouts.idle",
        "spec.cache.maxEntryBytes",
        "spec.cache.ttl",
        "spec.limits[0].window",
        "spec.cache.maxBytes",
        "spec.limits[0].requests",
    ];
    assert_eq!(paths, expected);
}
