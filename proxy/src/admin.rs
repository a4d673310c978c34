//! The admin ports: what a proxy says about itself. Nothing on them changes anything, and no request of a caller's is
//! served there.
//!
//! Recent records have a port of their own, on this machine only: whoever reaches it reads what callers did.

pub(crate) mod freshness;
mod ticks;

use std::env::consts::{ARCH, OS};
use std::io;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use prometheus::{TEXT_FORMAT, TextEncoder};
use serde::Serialize;
use tokio::net::TcpListener;

use self::freshness::Freshness;
pub(crate) use self::ticks::Ticks;
use crate::reload::status::{FolderStatus, Statuses};
use crate::shared::Shared;

/// What the admin ports show.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) shared: Arc<Shared>,
    pub(crate) statuses: Arc<Statuses>,
    pub(crate) ticks: Arc<Ticks>,
    pub(crate) freshness: Arc<Freshness>,
}

impl Admin {
    /// Serves metrics, health, version and status on `admin`, and recent records on `requests`, until the runtime ends.
    ///
    /// # Errors
    /// A listener can't be used.
    pub(crate) fn serve(self, admin: std::net::TcpListener, requests: std::net::TcpListener) -> io::Result<()> {
        let about_itself = Router::new()
            .route("/metrics", get(metrics))
            .route("/livez", get(livez))
            .route("/readyz", get(readyz))
            .route("/version", get(version))
            .route("/status", get(status))
            .with_state(self.clone());
        let about_requests = Router::new().route("/requests", get(recent)).with_state(self);
        for (listener, router) in [(admin, about_itself), (requests, about_requests)] {
            listener.set_nonblocking(true)?;
            let listener = TcpListener::from_std(listener)?;
            tokio::spawn(async move { axum::serve(listener, router).await });
        }
        Ok(())
    }
}

async fn metrics(State(admin): State<Admin>) -> Response {
    match TextEncoder::new().encode_to_string(&admin.shared.registry.gather()) {
        Ok(text) => ([(CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics can't be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn livez(State(admin): State<Admin>) -> Response {
    match admin.ticks.stuck() {
        None => "ok\n".into_response(),
        Some(worker) => not_so(&format!("worker {worker} does nothing any more\n")),
    }
}

async fn readyz(State(admin): State<Admin>) -> Response {
    if admin.shared.phase.is_draining() {
        return not_so("draining\n");
    }
    if !admin.freshness.is_fresh(admin.shared.clock.now()) {
        return not_so("the files are to be read again\n");
    }
    if admin.shared.live.load().is_empty() {
        return not_so("no gateway\n");
    }
    "ok\n".into_response()
}

fn not_so(reason: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, reason.to_owned()).into_response()
}

/// Of the workspace, and so of the operator too.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Serialize)]
struct Build {
    name: &'static str,
    version: &'static str,
    target: String,
}

async fn version() -> Json<Build> {
    Json(Build { name: env!("CARGO_PKG_NAME"), version: VERSION, target: format!("{ARCH}-{OS}") })
}

#[derive(Serialize)]
struct Status<'a> {
    version: &'static str,
    gateways: Vec<GatewayLine<'a>>,
}

#[derive(Serialize)]
struct GatewayLine<'a> {
    #[serde(flatten)]
    folder: &'a FolderStatus,
    version: &'static str,
    draining: bool,
}

async fn status(State(admin): State<Admin>) -> Response {
    let draining = admin.shared.phase.is_draining();
    let folders = admin.statuses.load();
    let gateways = folders.iter().map(|folder| GatewayLine { folder, version: VERSION, draining }).collect();
    Json(Status { version: VERSION, gateways }).into_response()
}

/// The last records as a JSON array, the newest first.
async fn recent(State(admin): State<Admin>) -> Response {
    let mut body = vec![b'['];
    for (at, record) in admin.shared.recent.records().iter().enumerate() {
        body.extend_from_slice(if at == 0 { b"\n" } else { b",\n" });
        body.extend_from_slice(record);
    }
    body.extend_from_slice(b"\n]\n");
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Clock;

    #[tokio::test]
    async fn a_proxy_is_not_ready_with_files_that_it_has_not_looked_at_for_a_second() {
        let (shared, _log) = crate::shared(1, 1 << 20, Clock::stepped(), Box::new(std::io::sink())).unwrap();
        let (ticks, freshness) = (Arc::new(Ticks::new(&shared)), Arc::new(Freshness::new(shared.clock.now())));
        let admin = Admin { shared, statuses: Arc::default(), ticks, freshness };
        let said = async || {
            let body = readyz(State(admin.clone())).await.into_body();
            axum::body::to_bytes(body, 1 << 10).await.unwrap()
        };
        assert_eq!(said().await, "no gateway\n");
        admin.shared.clock.step(Duration::from_millis(1_001));
        assert_eq!(said().await, "the files are to be read again\n");
        admin.freshness.looked(admin.shared.clock.now());
        assert_eq!(said().await, "no gateway\n");
    }
}
