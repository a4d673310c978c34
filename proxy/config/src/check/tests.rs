//! Each rule, and that the whole never panics, whatever it is given.

use proptest::prelude::*;

use super::*;
use crate::duration::Span;
use crate::policy::{Anonymous, Auth, By, ByType, Cache, Identity, IdentityType, Limit, Retry, Scope};
use crate::price::Price;
use crate::provider::{CallerKeys, Credential, Model, Provider, ProviderType, Timeouts, UnsupportedFields};
use crate::route::{self, Choice, NamedModel, Target};

fn timeouts() -> Timeouts {
    Timeouts {
        connect: Span::from_secs(3),
        first_byte: Span::from_secs(60),
        answer: Span::from_secs(600),
        idle: Span::from_secs(120),
        total: None,
        client_write: Span::from_secs(60),
    }
}

fn provider(name: &str) -> Provider {
    Provider {
        name: name.into(),
        kind: ProviderType::Openai,
        base_url: "https://api.openai.com/v1".into(),
        credentials: vec![Credential { name: "default".into(), file: "/secrets/keys/openai".into(), aws: None }],
        caller_keys: CallerKeys::Ignore,
        models: vec![Model {
            name: "fast".into(),
            upstream_name: "gpt-4o-mini".into(),
            price: Some(Price { input: "0.15".into(), cached_input: None, cache_write: None, output: "0.60".into() }),
        }],
        timeouts: timeouts(),
        options: None,
        headers: Vec::new(),
        unsupported_fields: UnsupportedFields::Refuse,
        tls: None,
    }
}

fn smart() -> NamedModel {
    let choice = |provider: &str, weight| Choice { provider: provider.into(), model: "m".into(), weight: Some(weight) };
    let targets = vec![choice("other", 9), choice("other", 1)];
    NamedModel { name: "smart".into(), strategy: route::Strategy::Weighted, targets }
}

fn good() -> GatewayConfig {
    GatewayConfig {
        uid: "ai/production".into(),
        namespace: "ai".into(),
        name: "production".into(),
        account_id: "ai".into(),
        generation: 1,
        auth: Auth { anonymous: Anonymous::Allow },
        identity: Some(Identity { kind: IdentityType::Header, name: "x-user-id".into() }),
        providers: vec![provider("openai"), provider("other")],
        models: vec![smart()],
        cache: Cache {
            ttl: Some(Span::from_secs(3600)),
            scope: Scope::User,
            max_entry_bytes: 1 << 20,
            max_bytes: Some(1 << 20),
        },
        limits: vec![Limit {
            name: "per-user".into(),
            requests: 100,
            window: Span::from_secs(60),
            by: vec![By { kind: ByType::User, name: None }, By { kind: ByType::Metadata, name: Some("team".into()) }],
        }],
        fallback: vec![Target { provider: "other".into(), model: "gpt-4o".into() }],
        retry: Retry { attempts: 2 },
    }
}

/// Spoils a good configuration, and expects problems at just these paths.
fn spoiled(spoil: fn(&mut GatewayConfig), expected: &[&str]) {
    let mut config = good();
    spoil(&mut config);
    let problems = check(config).map_or_else(|problems| problems, |_| Vec::new());
    let paths: Vec<_> = problems.iter().map(|problem| &*problem.path).collect();
    assert_eq!(paths, expected, "{problems:#?}");
}

#[test]
fn a_good_configuration_passes_unchanged() {
    let checked = check(good()).unwrap();
    assert_eq!(*checked, good());
    assert_eq!(checked.into_inner(), good());
}

#[test]
fn each_rule_of_the_gateway_has_its_path() {
    spoiled(|config| config.uid.clear(), &["metadata.uid"]);
    spoiled(|config| config.generation = -1, &["metadata.generation"]);
    spoiled(|config| config.name = "1st".into(), &["metadata.name"]);
    spoiled(|config| config.namespace = "../x".into(), &["metadata.namespace"]);
    spoiled(|config| config.account_id = "models".into(), &["spec.accountId"]);
    spoiled(|config| config.account_id = "a/b".into(), &["spec.accountId"]);
    spoiled(|config| config.retry.attempts = 6, &["spec.retry.attempts"]);
    spoiled(|config| config.auth.anonymous = Anonymous::Deny, &["spec.auth.anonymous"]);
    spoiled(|config| config.fallback[0].provider = "nobody".into(), &["spec.fallback[0].provider"]);
    spoiled(|config| config.fallback = vec![config.fallback[0].clone(); 17], &["spec.fallback"]);
}

#[test]
fn each_rule_of_providers_has_its_path() {
    spoiled(
        |config| {
            config.providers.truncate(0);
            config.models.truncate(0);
        },
        &["spec.providers", "spec.fallback[0].provider"],
    );
    spoiled(|config| config.providers[0].name = "ai".into(), &["spec.providers[0].name"]);
    spoiled(|config| config.providers[0].name = "other".into(), &["spec.providers[1].name"]);
    spoiled(|config| config.providers[0].base_url = "x".into(), &["spec.providers[0].baseUrl"]);
    spoiled(
        |config| config.providers[0].timeouts.total = Some(Span::from_secs(0)),
        &["spec.providers[0].timeouts.total"],
    );
    for file in ["relative", "/secrets/../x", "/secrets/", ""] {
        let mut config = good();
        config.providers[0].credentials[0].file = file.into();
        let problems = check(config).unwrap_err();
        assert_eq!(problems[0].path, "spec.providers[0].credentials[0].secretKeyRef", "{file}");
    }
    spoiled(
        |config| config.providers[1].models[0].price.as_mut().unwrap().cache_write = Some("1e3".into()),
        &["spec.providers[1].models[0].price.cacheWrite"],
    );
    spoiled(
        |config| config.providers[1].models[0].upstream_name = "gpt-*".into(),
        &["spec.providers[1].models[0].upstreamName"],
    );
    spoiled(
        |config| config.providers[1].models = vec![config.providers[1].models[0].clone(); 2],
        &["spec.providers[1].models[1].name"],
    );
}

#[test]
fn each_rule_of_names_has_its_path() {
    let spoiled = |spoil: fn(&mut GatewayConfig, &mut NamedModel), paths: &[&str]| {
        let mut config = good();
        let mut model = config.models.remove(0);
        spoil(&mut config, &mut model);
        config.models.push(model);
        let problems = check(config).unwrap_err();
        assert_eq!(problems.iter().map(|problem| &*problem.path).collect::<Vec<_>>(), paths, "{problems:#?}");
    };
    spoiled(|_, model| model.name = "a b".into(), &["spec.models[0].name"]);
    spoiled(|_, model| model.name = "dynamic/smart".into(), &["spec.models[0].name"]);
    spoiled(|config, model| config.models.push(model.clone()), &["spec.models[1].name"]);
    spoiled(|_, model| model.targets.clear(), &["spec.models[0].targets"]);
    spoiled(|_, model| model.targets = vec![model.targets[0].clone(); 17], &["spec.models[0].targets"]);
    spoiled(|_, model| model.targets[1].provider = "nobody".into(), &["spec.models[0].targets[1].provider"]);
    spoiled(|_, model| model.targets[1].model = String::new(), &["spec.models[0].targets[1].model"]);
    spoiled(|_, model| model.targets[1].model = "gpt-*".into(), &["spec.models[0].targets[1].model"]);
    spoiled(|_, model| model.targets[1].weight = Some(0), &["spec.models[0].targets[1].weight"]);
    spoiled(|_, model| model.targets[1].weight = Some(1_001), &["spec.models[0].targets[1].weight"]);
    let weights = ["spec.models[0].targets[0].weight", "spec.models[0].targets[1].weight"];
    spoiled(|_, model| model.strategy = route::Strategy::Ordered, &weights);
}

#[test]
fn each_rule_of_policies_has_its_path() {
    spoiled(|config| config.identity = None, &["spec.cache.scope", "spec.limits[0].by[0].type"]);
    spoiled(|config| config.identity.as_mut().unwrap().name = "Cookie".into(), &["spec.identity.name"]);
    spoiled(|config| config.cache.ttl = Some(Span::from_secs(721 * 3600)), &["spec.cache.ttl"]);
    spoiled(|config| config.cache.max_entry_bytes = 0, &["spec.cache.maxEntryBytes"]);
    spoiled(|config| config.cache.max_bytes = Some(1), &["spec.cache.maxBytes"]);
    spoiled(|config| config.limits[0].requests = 0, &["spec.limits[0].requests"]);
    spoiled(|config| config.limits[0].window = Span(std::time::Duration::from_millis(999)), &["spec.limits[0].window"]);
    spoiled(|config| config.limits[0].by[1].name = None, &["spec.limits[0].by[1].name"]);
    spoiled(|config| config.limits[0].by[0].name = Some("x".into()), &["spec.limits[0].by[0].name"]);
    spoiled(|config| config.limits[0].by = vec![config.limits[0].by[0].clone(); 2], &["spec.limits[0].by[1]"]);
    spoiled(|config| config.limits = vec![config.limits[0].clone(); 2], &["spec.limits[1].name"]);
}

#[test]
fn a_namespace_that_can_be_no_account_is_told_what_to_set() {
    let mut config = good();
    config.namespace = "chat".into();
    config.account_id = "chat".into();
    let problems = check(config).unwrap_err();
    assert!(problems[0].fix.starts_with("set spec.accountId"), "{problems:?}");
}

#[test]
fn the_file_that_a_proxy_reads_keeps_everything() {
    let json = serde_json::to_string(&good()).unwrap();
    assert_eq!(serde_json::from_str::<GatewayConfig>(&json).unwrap(), good());
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z][a-z0-9-]{0,8}", "\\PC{0,6}", Just("openai".into()), Just(String::new()), Just("a".repeat(300))]
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![(0..3_000_000_u64).prop_map(Span::from_secs), any::<std::time::Duration>().prop_map(Span)]
}

prop_compose! {
    fn any_provider()(
        name in word(),
        base_url in prop_oneof![word(), Just("https://x/v1".into()), "https?://\\PC{0,9}"],
        credentials in prop::collection::vec((word(), word()), 0..3),
        models in prop::collection::vec((word(), word(), proptest::option::of((word(), word()))), 0..3),
        spans in [span(), span(), span(), span(), span()],
        total in proptest::option::of(span()),
    ) -> Provider {
        let [connect, first_byte, answer, idle, client_write] = spans;
        let price = |(input, output)| Price { input, cached_input: None, cache_write: None, output };
        let model = |(name, upstream_name, amounts): (_, _, Option<_>)| {
            Model { name, upstream_name, price: amounts.map(price) }
        };
        Provider {
            name,
            kind: ProviderType::OpenaiCompatible,
            base_url,
            credentials: credentials.into_iter().map(|(name, file)| Credential { name, file, aws: None }).collect(),
            caller_keys: CallerKeys::Forward,
            models: models.into_iter().map(model).collect(),
            timeouts: Timeouts { connect, first_byte, answer, idle, total, client_write },
            options: None,
            headers: Vec::new(),
            unsupported_fields: UnsupportedFields::Refuse,
            tls: None,
        }
    }
}

prop_compose! {
    fn any_limit()(
        name in word(),
        requests in any::<u64>(),
        window in span(),
        by in prop::collection::vec((any::<bool>(), proptest::option::of(word())), 0..10),
    ) -> Limit {
        let kind = |user| if user { ByType::User } else { ByType::Metadata };
        Limit { name, requests, window, by: by.into_iter().map(|(user, name)| By { kind: kind(user), name }).collect() }
    }
}

prop_compose! {
    fn any_config()(
        [uid, namespace, name, account_id] in [word(), word(), word(), word()],
        generation in any::<i64>(),
        deny in any::<bool>(),
        identity in proptest::option::of((any::<bool>(), word())),
        providers in prop::collection::vec(any_provider(), 0..4),
        (ttl, max_entry_bytes, max_bytes) in (proptest::option::of(span()), any::<u64>(), any::<Option<u64>>()),
        limits in prop::collection::vec(any_limit(), 0..4),
        fallback in prop::collection::vec((word(), word()), 0..20),
        attempts in any::<u8>(),
    ) -> GatewayConfig {
        let kind = |header| if header { IdentityType::Header } else { IdentityType::Metadata };
        GatewayConfig {
            uid, namespace, name, account_id, generation, providers, limits,
            auth: Auth { anonymous: if deny { Anonymous::Deny } else { Anonymous::Allow } },
            identity: identity.map(|(header, name)| Identity { kind: kind(header), name }),
            models: if deny { vec![smart()] } else { Vec::new() },
            cache: Cache { ttl, scope: if deny { Scope::User } else { Scope::Gateway }, max_entry_bytes, max_bytes },
            fallback: fallback.into_iter().map(|(provider, model)| Target { provider, model }).collect(),
            retry: Retry { attempts },
        }
    }
}

proptest! {
    #[test]
    fn whatever_it_is_given_it_finds_problems_or_passes_it_unchanged(config in any_config()) {
        match check(config.clone()) {
            Ok(checked) => prop_assert_eq!(checked.into_inner(), config),
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for problem in &problems {
                    prop_assert!(!problem.allowed.is_empty() && !problem.fix.is_empty() && !problem.value.is_empty());
                    prop_assert_eq!(problems.iter().filter(|other| other.path == problem.path).count(), 1);
                }
            }
        }
    }
}
