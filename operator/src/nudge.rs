//! Tells a pod's kubelet that there is something to do: a changed annotation makes it sync the pod, and so its mounts, at
//! once, where by itself it would take a minute or more.

use futures_util::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use serde_json::json;

use crate::error::{self, Error};

/// The annotation that is changed. Nothing reads it.
pub const ANNOTATION: &str = "aigateway.dev/nudge";

/// Nudges pods of a namespace, all at the same time; how many were.
///
/// # Errors
/// The first pod that can't be nudged, where it is not just gone.
pub async fn nudge(client: &Client, namespace: &str, pods: &[String], text: &str) -> Result<usize, Error> {
    let api: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let patch = Patch::Merge(json!({"metadata": {"annotations": {ANNOTATION: text}}}));
    let parameters = PatchParams::default();
    let nudges = pods.iter().map(|pod| async {
        match api.patch_metadata(pod, &parameters, &patch).await {
            Ok(_) => Ok(1),
            Err(error) if error::code(&error) == Some(404) => Ok(0),
            Err(error) => Err(Error::api("nudge", "Pod", pod)(error)),
        }
    });
    join_all(nudges).await.into_iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::{Server, refusal};

    #[tokio::test]
    async fn only_the_annotation_is_patched_and_a_pod_that_is_gone_is_no_error() {
        let mut server = Server::new();
        let client = server.client();
        let serving = tokio::spawn(async move {
            let pod = |_| json!({"apiVersion": "v1", "kind": "PartialObjectMetadata", "metadata": {"name": "a-1"}});
            let asked = server.answer("PATCH", pod).await;
            assert!(asked.line.starts_with("PATCH /api/v1/namespaces/ai/pods/a-1?"), "{}", asked.line);
            assert_eq!(asked.body, json!({"metadata": {"annotations": {ANNOTATION: "t-1"}}}));
            server.answer("PATCH", |_| refusal(404)).await;
        });
        let pods = ["a-1".to_owned(), "a-2".to_owned()];
        assert_eq!(nudge(&client, "ai", &pods, "t-1").await.unwrap(), 1);
        serving.await.unwrap();
    }
}
