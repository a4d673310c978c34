//! Every example is parsed, checked and rendered; none has a real key.

#![expect(clippy::panic, clippy::unwrap_used, reason = "the helpers of a test fail it so")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use aigateway_config::policy::Scope;
use aigateway_crds::parse::{Document, Object, documents};
use aigateway_crds::render::{Place, judge};
use aigateway_crds::secrets::referenced;
use aigateway_crds::v1alpha1::AIGateway;

fn examples() -> Vec<(PathBuf, Vec<Document>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let all = documents(&fs::read_to_string(&path).unwrap()).unwrap();
        (path, all)
    };
    paths.into_iter().map(read).collect()
}

fn gateway(documents: &[Document]) -> AIGateway {
    let Object::Gateway(gateway) = &documents[0].object else { panic!("{:?}", documents[0]) };
    (**gateway).clone()
}

/// They are judged as one folder in the README.
#[test]
fn no_object_stands_in_two_examples() {
    let mut seen = BTreeMap::new();
    for (path, documents) in examples() {
        for document in documents {
            let name = match &document.object {
                Object::Gateway(gateway) => {
                    ("AIGateway", gateway.metadata.namespace.clone(), gateway.metadata.name.clone())
                }
                Object::Secret(secret) => ("Secret", secret.metadata.namespace.clone(), secret.metadata.name.clone()),
                _ => continue,
            };
            if let Some(other) = seen.insert(name.clone(), path.clone()) {
                panic!("{name:?} is in {other:?} and in {path:?}");
            }
        }
    }
    assert!(seen.len() > 8, "{seen:?}");
}

#[test]
fn every_example_is_a_good_gateway() {
    let services = BTreeMap::from([("vllm".into(), "http://127.0.0.1:8000".into())]);
    let all = examples();
    assert!(all.len() >= 4, "only {}", all.len());
    for (path, documents) in &all {
        for document in documents {
            assert_eq!(document.found, [], "{path:?}");
        }
        let gateway = gateway(documents);
        let place = Place::local(&gateway, 1, "/secrets", &services);
        documents[0].judge(&place).unwrap().unwrap_or_else(|found| panic!("{path:?}: {found:#?}"));
        assert!(judge(&gateway, &place).is_ok());
    }
}

#[test]
fn every_secret_that_an_example_names_stands_in_it() {
    for (path, documents) in examples() {
        for reference in referenced(&gateway(&documents)) {
            let has_it = |document: &Document| match &document.object {
                Object::Secret(secret) => {
                    secret.metadata.name.as_ref() == Some(&reference.name)
                        && secret.string_data.as_ref().is_some_and(|data| {
                            data.get(&reference.key).is_some_and(|key| key.starts_with("put-your-"))
                        })
                }
                Object::Gateway(_) | Object::Other { .. } | Object::Unreadable { .. } => false,
            };
            assert!(documents.iter().any(has_it), "{path:?}: {reference:?}");
        }
    }
}

#[test]
fn the_headline_is_rendered_as_it_reads() {
    let all = examples();
    let (_, documents) = all.iter().find(|(path, _)| path.ends_with("headline.yaml")).unwrap();
    let gateway = gateway(documents);
    let services = BTreeMap::new();
    let config = judge(&gateway, &Place::local(&gateway, 1, "/secrets", &services)).unwrap();
    assert_eq!(config.uid, "ai/production");
    assert_eq!(config.account_id, "ai");
    assert_eq!(config.cache.scope, Scope::User);
    assert_eq!(config.cache.ttl.unwrap().to_string(), "1h");
    assert_eq!(config.limits[0].window.to_string(), "1m");
    let providers: Vec<_> = config.providers.iter().map(|one| (&*one.base_url, &*one.credentials[0].file)).collect();
    let expected = [
        ("https://api.openai.com/v1", "/secrets/provider-keys/openai"),
        ("https://api.anthropic.com", "/secrets/provider-keys/anthropic"),
    ];
    assert_eq!(providers, expected);
}
