//! Writes a gateway's status where it has changed.

use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::v1alpha1::status::AIGatewayStatus;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::build::MANAGER;
use crate::cache::Entry;
use crate::error::{self, Error};
use crate::key::Key;
use crate::watches::slim;
use crate::world::{Gateway, World};

/// Writes the status that a gateway should have, unless it has it; whether it was written.
///
/// # Errors
/// It can't be written, or the gateway is not the one that was judged.
pub async fn report(
    client: &Client,
    world: &World,
    key: &Key,
    gateway: &AIGateway,
    status: &AIGatewayStatus,
) -> Result<bool, Error> {
    if gateway.status.as_ref() == Some(status) {
        return Ok(false);
    }
    let api: Api<AIGateway> = Api::namespaced(client.clone(), &key.namespace);
    let parameters = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
    // A patch has no version to conflict over: the one that leads is the one that writes a status.
    let patch = json!({"metadata": {"uid": gateway.metadata.uid}, "status": whole(status)});
    match api.patch_status(&key.name, &parameters, &Patch::Merge(patch)).await {
        Ok(written) => {
            let version = written.metadata.resource_version.clone();
            world.gateways.put(key.clone(), Entry::new(version.as_deref(), Gateway::new(slim(written))));
            Ok(true)
        }
        Err(error) if matches!(error::code(&error), Some(404 | 409)) => {
            Err(Error::Changed { kind: "AIGateway", name: key.name.clone() })
        }
        Err(error) => Err(Error::api("report on", "AIGateway", &key.name)(error)),
    }
}

/// A status with each of its fields, as a merge patch takes it: what is absent is null, which removes it.
fn whole(status: &AIGatewayStatus) -> Value {
    let AIGatewayStatus {
        observed_generation,
        url,
        replicas,
        ready_replicas,
        selector,
        config_hash,
        summary,
        providers,
        conditions,
    } = status;
    json!({
        "observedGeneration": observed_generation,
        "url": url,
        "replicas": replicas,
        "readyReplicas": ready_replicas,
        "selector": selector,
        "configHash": config_hash,
        "summary": summary,
        "providers": if providers.is_empty() { Value::Null } else { json!(providers) },
        "conditions": if conditions.is_empty() { Value::Null } else { json!(conditions) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::{self, Server, refusal};

    fn status(url: Option<&str>) -> AIGatewayStatus {
        AIGatewayStatus { url: url.map(str::to_owned), observed_generation: Some(1), ..AIGatewayStatus::default() }
    }

    #[tokio::test]
    async fn a_status_that_is_as_it_should_be_is_not_written() {
        let mut gateway = mock::gateway();
        gateway.status = Some(status(Some("http://production.ai/v1")));
        let server = Server::new();
        let key = Key::of(&gateway);
        let same = status(Some("http://production.ai/v1"));
        assert!(!report(&server.client(), &World::default(), &key, &gateway, &same).await.unwrap());
    }

    #[tokio::test]
    async fn a_change_is_written_whole_to_the_very_gateway_and_is_known_at_once() {
        let mut gateway = mock::gateway();
        gateway.status = Some(status(Some("http://production.ai/v1")));
        let (mut server, world, key) = (Server::new(), World::default(), Key::of(&gateway));
        let client = server.client();
        let mut answer = serde_json::to_value(&gateway).unwrap();
        let serving = tokio::spawn(async move {
            let asked = server
                .answer("PATCH", |patch| {
                    answer["metadata"]["resourceVersion"] = "11".into();
                    answer["status"] = json!({"observedGeneration": patch["status"]["observedGeneration"]});
                    answer
                })
                .await;
            assert!(asked.line.contains("/namespaces/ai/aigateways/production/status?"), "{}", asked.line);
            assert_eq!(asked.body["metadata"], json!({"uid": "uid-1"}));
            let fields = asked.body["status"].as_object().unwrap();
            assert_eq!((fields.len(), &fields["url"], &fields["conditions"]), (9, &Value::Null, &Value::Null));
        });
        assert!(report(&client, &world, &key, &gateway, &status(None)).await.unwrap());
        let known = world.gateways.get(&key).unwrap();
        assert_eq!((known.version, known.value.object.status.clone()), (11, Some(status(None))));
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_gateway_that_is_gone_or_another_by_now_is_looked_at_anew() {
        for code in [404, 409] {
            let gateway = mock::gateway();
            let mut server = Server::new();
            let client = server.client();
            let serving = tokio::spawn(async move { server.answer("PATCH", |_| refusal(code)).await });
            let failed = report(&client, &World::default(), &Key::of(&gateway), &gateway, &status(None)).await;
            assert!(matches!(failed, Err(Error::Changed { .. })), "{code}");
            serving.await.unwrap();
        }
    }
}
