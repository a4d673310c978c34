//! The simulated providers' HTTP: reads a call whole, waits as the rules say, sends the reply or part of it.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use axum::{Router, serve};
use bytes::Bytes;
use http_body_util::channel::Channel;
use tokio::net::TcpListener;

use super::call::Call;
use super::reply::{Half, Reply};
use super::rule::{Outcome, Rules};

/// The longest body that is read, in bytes; a proxy takes no longer one.
const MAX_BODY_BYTES: usize = 64 << 20;

/// Between what is sent of a cut answer and the end of its connection, so that what was sent is on its way.
const BEFORE_THE_CUT: Duration = Duration::from_millis(20);

/// What all calls share.
struct Simulation {
    rules: Rules,
    calls: AtomicU64,
}

/// Serves until the future is dropped.
pub(crate) async fn run(listener: TcpListener, rules: Rules) -> io::Result<Infallible> {
    let simulation = Arc::new(Simulation { rules, calls: AtomicU64::new(0) });
    // Events are small, and each is to be seen at once.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let router: Router = Router::new().fallback(answer).with_state(simulation);
    serve(listener, router).await?;
    Err(io::ErrorKind::UnexpectedEof.into())
}

async fn answer(State(simulation): State<Arc<Simulation>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let call = Call::read(&head.method, head.uri.path(), &head.headers, &body);
    let number = simulation.calls.fetch_add(1, Ordering::Relaxed) + 1;
    let behaviour = simulation.rules.behaviour(&call.provider, call.model());
    tokio::time::sleep(behaviour.delay).await;
    match behaviour.outcome {
        Outcome::Answer => whole(call.answer(number, now())),
        Outcome::Status(status) => whole(call.error(status, "this provider is simulated and was told to fail", number)),
        Outcome::Hang => std::future::pending().await,
        Outcome::Cut => cut(call.answer(number, now())),
    }
}

fn whole(reply: Reply) -> Response {
    let media_type = reply.content.media_type();
    let body = match reply.content {
        super::reply::Content::Json(body) => Body::from(body),
        super::reply::Content::Events(parts) | super::reply::Content::Messages(parts) => Body::new(send(parts, None)),
    };
    response(reply.status, media_type, body)
}

fn cut(reply: Reply) -> Response {
    let media_type = reply.content.media_type();
    let Half { parts, promised } = reply.content.half();
    let mut response = response(reply.status, media_type, Body::new(send(parts, Some(BEFORE_THE_CUT))));
    if let Some(length) = promised {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

fn response(status: u16, media_type: &'static str, body: Body) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, media_type)], body).into_response()
}

/// A body of these parts, each a frame of its own. With `cut` it breaks off that long after the last one.
fn send(parts: Vec<Bytes>, cut: Option<Duration>) -> Channel<Bytes, io::Error> {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        for part in parts {
            if sender.send_data(part).await.is_err() {
                return;
            }
        }
        if let Some(wait) = cut {
            tokio::time::sleep(wait).await;
            sender.abort(io::ErrorKind::ConnectionAborted.into());
        }
    });
    body
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
