use k8s_openapi::api::core::v1::Pod as K8sPod;
use serde_json::{Value, json};

use super::*;
use crate::build::{CONTAINER, GATEWAY_LABEL};
use crate::cache::Entry;
use crate::facts::Said;
use crate::mock::{self, Server, refusal};

const KINDS: usize = 6;

fn world() -> World {
    let world = World::default();
    let gateway = mock::gateway();
    world.gateways.put(Key::of(&gateway), Entry::new(Some("10"), Gateway::new(gateway)));
    world
}

fn secret(version: &str, key: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "provider-keys", "resourceVersion": version},
        "data": {key: "c2stMQ=="}})
}

/// What is observed when the Secret is answered with `secret` and the names with `holder`.
async fn observed(world: &World, memory: &mut Memory, secret: Option<Value>, holder: Value) -> Result<Observed, Error> {
    let mut server = Server::new();
    let client = server.client();
    let serving = tokio::spawn(async move {
        if let Some(secret) = secret {
            let asked = server.answer("GET", |_| secret).await;
            assert!(asked.line.ends_with("/api/v1/namespaces/ai/secrets/provider-keys"), "{}", asked.line);
        }
        for _ in 0..KINDS {
            let asked = server.answer("GET", |_| holder.clone()).await;
            assert!(asked.line.ends_with("/production"), "{}", asked.line);
        }
    });
    let gateway = mock::gateway();
    let observed = observe(&client, world, &Key::of(&gateway), &Gateway::new(gateway), memory).await;
    if observed.is_ok() {
        serving.await.unwrap();
    }
    observed
}

#[tokio::test(start_paused = true)]
async fn names_that_no_cache_has_are_read_and_a_stranger_is_told_from_nobody() {
    let (world, mut memory) = (world(), Memory::default());
    let seen = observed(&world, &mut memory, Some(refusal(404)), refusal(404)).await.unwrap();
    assert!(matches!(seen.owned.service, Holder::Nobody));
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    let stranger = json!({"metadata": {"name": "production", "namespace": "ai", "uid": "u"}});
    let seen = observed(&world, &mut memory, Some(refusal(404)), stranger).await.unwrap();
    assert!(matches!(seen.owned.service, Holder::Foreign(who) if who == "no controller"));
    assert!(world.services.get(&Key::new("ai", "production")).is_none(), "what no watch tells of is not kept");
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_read_once_a_version() {
    let (world, mut memory) = (world(), Memory::default());
    let name = Key::new("ai", "provider-keys");
    let found = |seen: Observed| match &seen.secrets["provider-keys"] {
        Seen::Found(SecretData(data)) => data.keys().cloned().collect::<Vec<_>>().join(","),
        other @ (Seen::Missing | Seen::Forbidden) => format!("{other:?}"),
    };
    world.secrets.put(name.clone(), Entry::new(Some("30"), ()));
    let first = observed(&world, &mut memory, Some(secret("30", "openai")), refusal(404)).await.unwrap();
    assert_eq!(found(first), "openai");
    let again = observed(&world, &mut memory, None, refusal(404)).await.unwrap();
    assert_eq!(found(again), "openai", "it was not read again");
    world.secrets.put(name.clone(), Entry::new(Some("31"), ()));
    let changed = observed(&world, &mut memory, Some(secret("31", "anthropic")), refusal(404)).await.unwrap();
    assert_eq!(found(changed), "anthropic");
    world.secrets.remove(&name, 32);
    let gone = observed(&world, &mut memory, Some(refusal(404)), refusal(404)).await.unwrap();
    assert_eq!(found(gone), "Missing");
    let soon = observed(&world, &mut memory, None, refusal(404)).await.unwrap();
    assert_eq!(found(soon), "Missing", "it was not looked for again so soon");
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    let unreadable = observed(&world, &mut memory, Some(refusal(403)), refusal(404)).await.unwrap();
    assert_eq!(found(unreadable), "Forbidden");
}

#[tokio::test]
async fn what_can_t_be_read_stops_the_look_before_anything_is_written() {
    let failed = observed(&world(), &mut Memory::default(), Some(refusal(500)), refusal(404)).await;
    assert_eq!(failed.unwrap_err().to_string(), "can't get Secret provider-keys: no (500)");
    let failed = observed(&world(), &mut Memory::default(), Some(refusal(404)), refusal(403)).await;
    assert_eq!(failed.unwrap_err().kind(), "forbidden");
}

#[test]
fn an_answer_belongs_to_one_run_of_one_pod() {
    let pod = |name: &str, container: &str| -> K8sPod {
        let status = json!({"podIP": "10.0.0.1", "containerStatuses": [{"name": CONTAINER, "image": "", "imageID": "",
            "ready": true, "restartCount": 0, "containerID": container, "state": {"running": {}}}]});
        let metadata = json!({"name": name, "namespace": "ai", "uid": name, "labels": {GATEWAY_LABEL: "production"}});
        serde_json::from_value(json!({"metadata": metadata, "status": status})).unwrap()
    };
    let world = world();
    for (name, container) in [("b", "c1"), ("a", "c1")] {
        world.pods.put(Key::new("ai", name), Entry::new(Some("1"), PodSeen::of(pod(name, container)).unwrap()));
    }
    world.pods.put(Key::new("other", "c"), Entry::new(Some("1"), PodSeen::of(pod("c", "c1")).unwrap()));
    let key = Key::new("ai", "production");
    let mut memory = Memory::default();
    for pod in pods_of(&world, &key) {
        memory.hear(pod.run.unwrap(), Ok(Said { config_hash: Some(pod.pod.name), ..Said::default() }), true);
    }
    let said = |memory: &Memory| -> Vec<(String, Option<String>)> {
        let pods = with_answers(pods_of(&world, &key), memory);
        pods.into_iter().map(|pod| (pod.name, pod.said.and_then(|said| said.config_hash))).collect()
    };
    assert_eq!(said(&memory), [("a".into(), Some("a".into())), ("b".into(), Some("b".into()))]);
    world.pods.put(Key::new("ai", "a"), Entry::new(Some("2"), PodSeen::of(pod("a", "c2")).unwrap()));
    assert_eq!(said(&memory), [("a".into(), None), ("b".into(), Some("b".into()))], "its container was started anew");
}
