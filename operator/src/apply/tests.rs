use aigateway_crds::render::judge;
use serde_json::json;

use super::*;
use crate::build::{Image, Order, build, place};
use crate::mock::{self, Asked, Server, refusal};
use crate::settings::Settings;

fn key() -> Key {
    Key::of(&mock::gateway())
}

/// What is wanted of the headline gateway with that many proxies.
fn wanted(replicas: i32) -> Desired {
    let mut gateway = mock::gateway();
    gateway.spec.proxy.replicas = replicas;
    let config = judge(&gateway, &place(&gateway)).unwrap();
    let image = Image::Default("proxy:1".into());
    let settings =
        Settings { proxy_image: "proxy:1".into(), proxy_pull_policy: None, proxy_pull_secrets: Vec::new(), rolls: 1 };
    let order = Order { gateway: &gateway, config: &config, proxies: 1, image: &image, settings: &settings };
    build(&order).unwrap()
}

/// An object as the API server has it once it was applied.
fn seen<K: Serialize + DeserializeOwned>(wanted: &K) -> Arc<K> {
    let mut object = serde_json::to_value(wanted).unwrap();
    object["metadata"]["uid"] = "uid-of-object".into();
    object["metadata"]["resourceVersion"] = "20".into();
    Arc::new(serde_json::from_value(object).unwrap())
}

/// All of it is there.
fn all_there(wanted: &Desired) -> Owned {
    Owned {
        deployment: Holder::This(seen(&wanted.deployment)),
        service: Holder::This(seen(&wanted.service)),
        config_map: Holder::This(seen(&wanted.config_map)),
        service_account: Holder::This(seen(&wanted.service_account)),
        pod_disruption_budget: wanted
            .pod_disruption_budget
            .as_ref()
            .map_or(Holder::Nobody, |it| Holder::This(seen(it))),
        network_policy: Holder::This(seen(&wanted.network_policy)),
    }
}

/// Takes `count` writes as an API server would.
async fn accept(mut server: Server, count: usize) -> Vec<Asked> {
    let mut asked = Vec::new();
    for _ in 0..count {
        let applied = |mut object: Value| {
            object["metadata"]["resourceVersion"] = "21".into();
            object
        };
        asked.push(server.answer("PATCH", applied).await);
    }
    asked
}

#[tokio::test]
async fn a_first_write_has_no_force_and_the_fleet_comes_last() {
    let server = Server::new();
    let (client, world) = (server.client(), World::default());
    let serving = tokio::spawn(accept(server, 6));
    assert_eq!(apply(&client, &world, &key(), &wanted(2), &Owned::default()).await.unwrap(), 6);
    let asked = serving.await.unwrap();
    // The first five in any order.
    let last = &asked[5];
    assert!(last.line.contains("/apis/apps/v1/namespaces/ai/deployments/production?"), "{}", last.line);
    for Asked { line, body } in &asked {
        assert!(line.contains("fieldManager=aigateway-operator") && !line.contains("force"), "{line}");
        assert_eq!(body["metadata"].get("uid"), None, "{line}");
    }
    assert_eq!(world.deployments.get(&key()).map(|entry| entry.version), Some(21), "its answer is known at once");
}

#[tokio::test]
async fn what_is_as_it_should_be_is_not_written() {
    let server = Server::new();
    for replicas in [0, 1, 2] {
        let wanted = wanted(replicas);
        let written = apply(&server.client(), &World::default(), &key(), &wanted, &all_there(&wanted)).await;
        assert_eq!(written.unwrap(), 0, "{replicas}");
    }
}

#[tokio::test]
async fn a_later_write_is_forced_upon_the_very_object_that_was_seen() {
    let server = Server::new();
    let client = server.client();
    let (before, after) = (wanted(2), wanted(3));
    let serving = tokio::spawn(accept(server, 1));
    assert_eq!(apply(&client, &World::default(), &key(), &after, &all_there(&before)).await.unwrap(), 1);
    let asked = serving.await.unwrap();
    assert!(asked[0].line.contains("/deployments/production?") && asked[0].line.contains("force=true"));
    assert_eq!(
        (&asked[0].body["metadata"]["uid"], &asked[0].body["spec"]["replicas"]),
        (&json!("uid-of-object"), &json!(3))
    );
}

#[tokio::test]
async fn what_somebody_else_holds_is_not_touched() {
    let wanted = wanted(2);
    for holder in [Holder::Foreign("no controller".into()), Holder::Predecessor] {
        let owned = Owned { service_account: holder, ..all_there(&wanted) };
        // A request would wait for an answer for ever: there is nobody to give it.
        let failed = apply(&Server::new().client(), &World::default(), &key(), &wanted, &owned).await;
        assert!(matches!(failed, Err(Error::Changed { kind: "ServiceAccount", .. })), "{failed:?}");
    }
}

#[tokio::test]
async fn a_conflict_means_to_look_again() {
    let mut server = Server::new();
    let (client, world) = (server.client(), World::default());
    let (before, after) = (wanted(2), wanted(3));
    world.deployments.put(key(), Entry::new(Some("20"), before.deployment.clone()));
    let serving = tokio::spawn(async move { server.answer("PATCH", |_| refusal(409)).await });
    let failed = apply(&client, &world, &key(), &after, &all_there(&before)).await;
    assert!(matches!(failed, Err(Error::Changed { kind: "Deployment", .. })), "{failed:?}");
    assert!(world.deployments.get(&key()).is_none(), "it is read by name the next time");
    serving.await.unwrap();
}

#[tokio::test]
async fn a_budget_that_is_not_wanted_is_deleted_if_it_is_the_one_that_was_seen() {
    for (answer, written) in
        [(json!({"kind": "Status", "status": "Success", "code": 200}), 1), (refusal(404), 0), (refusal(409), 0)]
    {
        let mut server = Server::new();
        let client = server.client();
        let (before, after) = (wanted(2), wanted(1));
        let owned = Owned { pod_disruption_budget: all_there(&before).pod_disruption_budget, ..all_there(&after) };
        let serving = tokio::spawn(async move { server.answer("DELETE", |_| answer).await });
        assert_eq!(apply(&client, &World::default(), &key(), &after, &owned).await.unwrap(), written);
        let asked = serving.await.unwrap();
        assert!(asked.line.contains("/poddisruptionbudgets/production"), "{}", asked.line);
        assert_eq!(asked.body["preconditions"], json!({"uid": "uid-of-object"}));
    }
}

#[tokio::test]
async fn a_budget_of_somebody_else_is_left_alone() {
    let wanted = wanted(1);
    let owned = Owned { pod_disruption_budget: Holder::Foreign("no controller".into()), ..all_there(&wanted) };
    let written = apply(&Server::new().client(), &World::default(), &key(), &wanted, &owned).await;
    assert_eq!(written.unwrap(), 0);
}
