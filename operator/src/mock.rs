//! An API server for tests, which answers what the test says and fails it where something else is asked.

use aigateway_crds::parse::{self, Object};
use aigateway_crds::v1alpha1::AIGateway;
use http::{Request, Response};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tower_test::mock::Handle;

type Handed = Handle<Request<Body>, Response<Body>>;

/// The headline gateway `ai/production`, as the API server has it.
pub(crate) fn gateway() -> AIGateway {
    let documents = parse::documents(include_str!("../../crds/examples/headline.yaml")).unwrap();
    let gateway = documents.into_iter().find_map(|document| match document.object {
        Object::Gateway(gateway) => Some(*gateway),
        Object::Secret(_) | Object::Other { .. } | Object::Unreadable { .. } => None,
    });
    let mut gateway = gateway.unwrap();
    gateway.metadata.namespace = Some("ai".into());
    gateway.metadata.uid = Some("uid-1".into());
    gateway.metadata.generation = Some(1);
    gateway.metadata.resource_version = Some("10".into());
    gateway
}

/// The other end of a client.
pub(crate) struct Server {
    client: Client,
    handle: Handed,
}

/// What a request asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Asked {
    /// Method, path and query.
    pub(crate) line: String,
    /// Its body, null where there was none.
    pub(crate) body: Value,
}

/// An answer that refuses with that HTTP status.
pub(crate) fn refusal(code: u16) -> Value {
    let reason = match code {
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        _ => "InternalError",
    };
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "no", "reason": reason, "code": code})
}

impl Server {
    /// A client and its server.
    pub(crate) fn new() -> Self {
        let (service, handle) = tower_test::mock::pair();
        Self { client: Client::new(service, "default"), handle }
    }

    /// The client.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Takes the next request, which must have that method, and answers it with what `reply` makes of its body.
    pub(crate) async fn answer(&mut self, method: &str, reply: impl FnOnce(Value) -> Value) -> Asked {
        let (request, sender) = self.handle.next_request().await.expect("a request");
        let line = format!("{} {}", request.method(), request.uri());
        assert!(line.starts_with(method), "{line}");
        let body = request.into_body().collect_bytes().await.expect("the whole body");
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let answer = reply(body.clone());
        let code = if answer["kind"] == "Status" { answer["code"].as_u64().unwrap_or(200) } else { 200 };
        let response =
            Response::builder().status(u16::try_from(code).unwrap()).body(answer.to_string().into_bytes().into());
        sender.send_response(response.unwrap());
        Asked { line, body }
    }
}
