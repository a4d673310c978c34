//! Tells transitions as Events of the gateway, in `events.k8s.io/v1`. The same one again soon is counted, not repeated.
//!
//! kube's own recorder counts by reason alone, so that another message of the same reason would never be read.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aigateway_crds::v1alpha1::AIGateway;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, Client, Resource};
use serde_json::json;
use tokio::time::Instant;

use crate::build::MANAGER;
use crate::error::{self, Error};
use crate::key::Key;
use crate::plan::Notice;

/// For how long an Event is counted on; Kubernetes' own clients have the same.
const COUNTED_FOR: Duration = Duration::from_mins(6);

/// How long an Event's text may be in bytes, as the API server has it.
const MAX_NOTE: usize = 1024;

/// What was told, and how often.
pub struct Events {
    client: Client,
    identity: String,
    told: Mutex<HashMap<Said, Told>>,
}

/// A gateway's uid, a reason and a message.
type Said = (String, String, String);

#[derive(Clone, Debug)]
struct Told {
    name: String,
    count: i32,
    at: Instant,
}

impl Events {
    /// Tells Events under that identity.
    pub fn new(client: Client, identity: &str) -> Self {
        Self { client, identity: identity.into(), told: Mutex::default() }
    }

    /// Tells a transition of a gateway.
    ///
    /// # Errors
    /// It can't be told.
    pub async fn tell(&self, key: &Key, gateway: &AIGateway, notice: &Notice) -> Result<(), Error> {
        let uid = gateway.metadata.uid.clone().unwrap_or_default();
        let said = (uid, notice.reason.clone(), notice.message.clone());
        let api: Api<Event> = Api::namespaced(self.client.clone(), &key.namespace);
        let failed = Error::api("record", "Event", &key.name);
        if let Some(told) = self.known(&said) {
            let count = told.count + 1;
            let series = json!({"series": {"count": count, "lastObservedTime": MicroTime(Timestamp::now())}});
            match api.patch(&told.name, &PatchParams::default(), &Patch::Merge(series)).await {
                Ok(_) => {
                    self.remember(said, Told { count, at: Instant::now(), ..told });
                    return Ok(());
                }
                // It has been tidied away since.
                Err(error) if error::code(&error) == Some(404) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        let event = self.event(key, gateway, notice);
        let name = event.metadata.name.clone().unwrap_or_default();
        api.create(&PostParams::default(), &event).await.map_err(failed)?;
        self.remember(said, Told { name, count: 1, at: Instant::now() });
        Ok(())
    }

    fn known(&self, said: &Said) -> Option<Told> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        told.retain(|_, told| now.duration_since(told.at) < COUNTED_FOR);
        told.get(said).cloned()
    }

    fn remember(&self, said: Said, told: Told) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(said, told);
    }

    fn event(&self, key: &Key, gateway: &AIGateway, notice: &Notice) -> Event {
        let Notice { warning, reason, message } = notice;
        let now = Timestamp::now();
        let name = Some(format!("{}.{:x}", key.name, now.as_nanosecond()));
        Event {
            metadata: ObjectMeta { name, namespace: Some(key.namespace.clone()), ..ObjectMeta::default() },
            regarding: Some(gateway.object_ref(&())),
            type_: Some(if *warning { "Warning" } else { "Normal" }.into()),
            reason: Some(reason.clone()),
            action: Some("Reconcile".into()),
            note: Some(cut(message).into()),
            event_time: Some(MicroTime(now)),
            reporting_controller: Some(MANAGER.into()),
            reporting_instance: Some(self.identity.clone()),
            ..Event::default()
        }
    }
}

/// As much of a text as an Event has room for.
fn cut(text: &str) -> &str {
    let end = (0..=MAX_NOTE.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::{self, Server, refusal};

    fn notice(message: &str) -> Notice {
        Notice { warning: true, reason: "SecretNotFound".into(), message: message.into() }
    }

    #[tokio::test]
    async fn the_same_event_is_counted_and_another_is_told() {
        let mut server = Server::new();
        let events = Events::new(server.client(), "operator-1");
        let serving = tokio::spawn(async move {
            let first = server.answer("POST", |event| event).await.body;
            assert_eq!((&first["note"], &first["type"]), (&json!("a is missing"), &json!("Warning")));
            assert_eq!(first["regarding"]["uid"], "uid-1");
            let name = first["metadata"]["name"].as_str().unwrap();
            let again = server.answer("PATCH", |_| first.clone()).await;
            assert!(again.line.contains(&format!("/namespaces/ai/events/{name}?")), "{}", again.line);
            assert_eq!(again.body["series"]["count"], 2);
            assert_eq!(server.answer("POST", |event| event).await.body["note"], "b is missing");
            server.answer("PATCH", |_| refusal(404)).await;
            server.answer("POST", |event| event).await;
        });
        let gateway = mock::gateway();
        for message in ["a is missing", "a is missing", "b is missing", "b is missing"] {
            events.tell(&Key::of(&gateway), &gateway, &notice(message)).await.unwrap();
        }
        serving.await.unwrap();
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"é".repeat(600)).len(), MAX_NOTE);
        assert_eq!(cut(&format!("a{}", "é".repeat(600))).len(), MAX_NOTE - 1);
    }
}
