//! Requests to the API server, by verb, kind of object and what was answered: all of closed sets.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use http::{Method, Uri};
use prometheus::proto::MetricFamily;

use super::families::counters;

/// The kinds of objects that are asked for; any other is `other`.
const RESOURCES: [&str; 11] = [
    "aigateways",
    "configmaps",
    "deployments",
    "events",
    "leases",
    "networkpolicies",
    "poddisruptionbudgets",
    "pods",
    "secrets",
    "serviceaccounts",
    "services",
];

/// The HTTP statuses that the API server answers with; any other is `other`, and none is `none`.
const CODES: [(u16, &str); 18] = [
    (200, "200"),
    (201, "201"),
    (202, "202"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (408, "408"),
    (409, "409"),
    (410, "410"),
    (413, "413"),
    (415, "415"),
    (422, "422"),
    (429, "429"),
    (500, "500"),
    (503, "503"),
    (504, "504"),
];

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Called {
    verb: &'static str,
    resource: &'static str,
}

/// Requests by what they asked for and what was answered.
#[derive(Debug, Default)]
pub struct Requests(Mutex<BTreeMap<(Called, &'static str), u64>>);

impl Requests {
    /// What a request asks for, as Kubernetes names it.
    pub fn named(&self, method: &Method, uri: &Uri) -> Called {
        let segments: Vec<&str> = uri.path().split('/').filter(|it| !it.is_empty()).collect();
        let after_version = if segments.first() == Some(&"api") { 2 } else { 3 };
        let rest = segments.get(after_version..).unwrap_or_default();
        let rest = if rest.first() == Some(&"namespaces") && rest.len() > 2 { &rest[2..] } else { rest };
        let resource = RESOURCES.into_iter().find(|known| rest.first() == Some(known)).unwrap_or("other");
        let is_named = rest.len() > 1;
        let watches = uri.query().is_some_and(|query| query.split('&').any(|it| it.starts_with("watch=")));
        let verb = match method.as_str() {
            "GET" if watches => "watch",
            "GET" if is_named => "get",
            "GET" => "list",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => "delete",
            _ => "other",
        };
        Called { verb, resource }
    }

    /// Counts one, with the HTTP status of its answer where there was one.
    pub fn count(&self, called: Called, status: Option<u16>) {
        let code = match status {
            Some(status) => CODES.into_iter().find(|(code, _)| *code == status).map_or("other", |(_, name)| name),
            None => "none",
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((called, code)).or_default() += 1;
    }

    pub(super) fn family(&self) -> MetricFamily {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let labels = |called: &Called, code| vec![("verb", called.verb), ("resource", called.resource), ("code", code)];
        let counts = counted.iter().map(|((called, code), count)| (labels(called, code), *count));
        counters("aigateway_operator_api_requests_total", "Requests to the API server.", counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_named_as_kubernetes_names_them() {
        let check = |method: Method, uri: &str, verb, resource| {
            let called = Requests::default().named(&method, &uri.parse().unwrap());
            assert_eq!(called, Called { verb, resource }, "{method} {uri}");
        };
        check(Method::GET, "/api/v1/pods?labelSelector=a&watch=true", "watch", "pods");
        check(Method::GET, "/api/v1/secrets?limit=500", "list", "secrets");
        check(Method::GET, "/api/v1/namespaces/ai/secrets/keys", "get", "secrets");
        check(Method::PATCH, "/apis/aigateway.dev/v1alpha1/namespaces/ai/aigateways/a/status", "patch", "aigateways");
        check(Method::PUT, "/apis/coordination.k8s.io/v1/namespaces/ai/leases/a", "update", "leases");
        check(Method::POST, "/apis/events.k8s.io/v1/namespaces/ai/events?", "create", "events");
        check(Method::DELETE, "/apis/policy/v1/namespaces/ai/poddisruptionbudgets/a", "delete", "poddisruptionbudgets");
        check(Method::GET, "/version", "list", "other");
    }
}
