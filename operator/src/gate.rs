//! The gate before the API server: nothing is written but by the one that leads, whoever asks for the write.
//!
//! It stands in the client itself, so no write can forget it. It opens for as long as the Lease was renewed for, by the
//! local monotonic clock, and is looked at right before each request goes out: a process that was stopped past its lease
//! and continued writes nothing more.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Method, Request, Response};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use tower::{BoxError, Layer, Service};

use crate::metrics::Metrics;

/// How long a request may wait for its answer to begin; a watch's begins at once too.
const ANSWER: Duration = Duration::from_secs(15);

/// Until when this process leads.
#[derive(Debug, Default)]
pub struct Gate {
    until: Mutex<Option<Instant>>,
    writing: AtomicUsize,
    idle: Notify,
}

/// A write was asked for by one that does not lead.
#[derive(Debug, thiserror::Error)]
#[error("this process does not lead (any more): nothing is written")]
pub struct NotLeading;

/// The API server does not answer.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {} s", ANSWER.as_secs())]
pub struct NoAnswer;

impl Gate {
    /// Lets writes pass until then.
    pub fn open_until(&self, until: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    /// Lets no more writes pass.
    pub fn close(&self) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether a write may begin now.
    pub fn is_open(&self) -> bool {
        self.until.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| Instant::now() < until)
    }

    /// Waits until no write is under way, at most that long.
    pub async fn settle(&self, at_most: Duration) {
        let settled = async {
            loop {
                let idle = self.idle.notified();
                if self.writing.load(Ordering::Acquire) == 0 {
                    return;
                }
                idle.await;
            }
        };
        let _ = timeout(at_most, settled).await;
    }

    fn enter(self: &Arc<Self>) -> Writing {
        self.writing.fetch_add(1, Ordering::AcqRel);
        Writing(Arc::clone(self))
    }
}

/// A write under way.
#[must_use]
struct Writing(Arc<Gate>);

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.writing.fetch_sub(1, Ordering::AcqRel);
        self.0.idle.notify_waiters();
    }
}

/// Puts the gate before a client, counts its requests and bounds how long each waits.
#[derive(Clone, Debug)]
pub struct GateLayer {
    /// The gate.
    pub gate: Arc<Gate>,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
}

impl<S> Layer<S> for GateLayer {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated { inner, gate: Arc::clone(&self.gate), metrics: Arc::clone(&self.metrics) }
    }
}

/// A client behind the gate.
#[derive(Clone, Debug)]
pub struct Gated<S> {
    inner: S,
    gate: Arc<Gate>,
    metrics: Arc<Metrics>,
}

impl<S, A, B> Service<Request<A>> for Gated<S>
where
    S: Service<Request<A>, Response = Response<B>, Error = BoxError>,
    S::Future: Send + 'static,
    B: Send + 'static,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<B>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let changes = changes(&request);
        if changes && !self.gate.is_open() {
            return Box::pin(std::future::ready(Err(NotLeading.into())));
        }
        let writing = changes.then(|| self.gate.enter());
        let metrics = Arc::clone(&self.metrics);
        let called = metrics.requests.named(request.method(), request.uri());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = timeout(ANSWER, answer).await.unwrap_or_else(|_| Err(NoAnswer.into()));
            metrics.requests.count(called, answer.as_ref().ok().map(|it| it.status().as_u16()));
            drop(writing);
            answer
        })
    }
}

/// Whether a request changes anything but the Lease, which is how one comes to lead.
fn changes<A>(request: &Request<A>) -> bool {
    request.method() != Method::GET && !request.uri().path().starts_with("/apis/coordination.k8s.io/")
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use tower::ServiceExt;

    use super::*;

    /// What becomes of a request when the gate is open for `open` and the request comes after `passed`.
    async fn check(open: Duration, passed: Duration, method: Method, path: &str) -> bool {
        let gate = Arc::new(Gate::default());
        gate.open_until(Instant::now() + open);
        tokio::time::advance(passed).await;
        let layer = GateLayer { gate: Arc::clone(&gate), metrics: Arc::new(Metrics::default()) };
        let server = tower::service_fn(|_: Request<()>| async { Ok::<_, BoxError>(Response::new(())) });
        let request = Request::builder().method(method).uri(path).body(()).unwrap();
        let answer = layer.layer(server).oneshot(request).await;
        assert_eq!(gate.writing.load(Ordering::Acquire), 0);
        match answer {
            Ok(answer) => answer.status() == StatusCode::OK,
            Err(error) => !error.is::<NotLeading>(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn writes_pass_only_while_the_lease_holds() {
        let deadline = Duration::from_secs(5);
        let before = Duration::from_millis(4999);
        let services = "/api/v1/namespaces/ai/services/a";
        for method in [Method::PATCH, Method::POST, Method::DELETE, Method::PUT] {
            assert!(check(deadline, before, method.clone(), services).await, "{method}");
            assert!(!check(deadline, deadline, method.clone(), services).await, "{method}");
        }
        assert!(check(deadline, deadline, Method::GET, services).await, "reading is free");
        let lease = "/apis/coordination.k8s.io/v1/namespaces/system/leases/a";
        assert!(check(deadline, deadline, Method::PUT, lease).await, "else none could lead");
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_gate_is_settled_when_the_last_write_has_its_answer() {
        let gate = Arc::new(Gate::default());
        let writing = gate.enter();
        let start = Instant::now();
        gate.settle(Duration::from_secs(1)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(1), "it waits, but not for ever");
        drop(writing);
        gate.settle(Duration::from_secs(1)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(1));
    }
}
