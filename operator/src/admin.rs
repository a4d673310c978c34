//! The operator's own port: metrics, and whether it is alive and ready. Nothing on it changes anything.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{TEXT_FORMAT, TextEncoder};
use tokio::net::TcpListener;

use crate::metrics::Metrics;
use crate::world::World;

/// What the port shows.
#[derive(Clone)]
pub struct Admin {
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is known of the cluster.
    pub world: Arc<World>,
}

impl Admin {
    /// Serves until the end of the process.
    ///
    /// # Errors
    /// The listener can't be used.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        axum::serve(listener, self.router()).await
    }

    fn router(self) -> Router {
        Router::new()
            .route("/metrics", get(metrics))
            // Answered by the thread that works: a stuck one answers nothing.
            .route("/livez", get(|| async { "ok\n" }))
            .route("/readyz", get(readyz))
            .with_state(self)
    }
}

async fn metrics(State(admin): State<Admin>) -> Response {
    admin.metrics.gateways(admin.world.gateways.count(), admin.world.queue.depth());
    match TextEncoder::new().encode_to_string(&admin.metrics.gather()) {
        Ok(text) => ([(CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics can't be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn readyz(State(admin): State<Admin>) -> Response {
    let unlisted = admin.world.unlisted.all();
    if unlisted.is_empty() {
        return "ok\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, format!("not listed yet: {}\n", unlisted.join(", "))).into_response()
}

#[cfg(test)]
mod tests {
    use http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn get(admin: &Admin, path: &str) -> (u16, String) {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        let answer = admin.clone().router().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn it_is_ready_when_everything_was_listed_and_alive_before() {
        let admin = Admin { metrics: Arc::default(), world: Arc::default() };
        admin.world.unlisted.add("pods");
        admin.world.unlisted.add("services");
        assert_eq!(get(&admin, "/livez").await, (200, "ok\n".into()));
        assert_eq!(get(&admin, "/readyz").await, (503, "not listed yet: pods, services\n".into()));
        admin.world.unlisted.remove("services");
        assert_eq!(get(&admin, "/readyz").await.0, 503);
        admin.world.unlisted.remove("pods");
        assert_eq!(get(&admin, "/readyz").await, (200, "ok\n".into()));
        let (status, metrics) = get(&admin, "/metrics").await;
        assert!(status == 200 && metrics.contains("aigateway_operator_gateway_entries 0"), "{metrics}");
    }
}
