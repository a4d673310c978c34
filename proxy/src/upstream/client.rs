//! Sending one request: a connection that lives, and the one fresh try that a stale one deserves.

use std::time::Duration;

use http::{HeaderMap, Method, Request, Response, Uri, Version};
use hyper::body::Incoming;

use super::exchange::source::Source;
use super::link::Link;
use super::origin::Origin;
use super::outgoing::Outgoing;
use super::wire;
use crate::error::{Failure, FailureKind};
use crate::server::worker::Worker;

/// A request of these parts. In a box, as it is handed on a few times until it is sent.
pub(crate) fn request(method: Method, uri: Uri, headers: HeaderMap, body: Outgoing) -> Box<Request<Outgoing>> {
    let mut request = Box::new(Request::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    *request.headers_mut() = headers;
    request
}

/// The head of an answer, and where its body comes from.
pub(crate) type Head = (http::response::Parts, Source);

/// Sends a call to a generation endpoint. One that was sent on a connection that had been used before, and met a reset
/// before a byte of the answer, is sent once more on a fresh one: `again` makes it anew, which costs less than to keep
/// a copy of each.
///
/// # Errors
/// No connection, or it broke before the head of an answer.
pub(crate) async fn send(
    worker: &Worker,
    origin: &Origin,
    limit: Duration,
    mut request: Box<Request<Outgoing>>,
    again: impl Fn() -> Option<Box<Request<Outgoing>>>,
) -> Result<Head, Failure> {
    let mut may_reuse = true;
    loop {
        let idle = if may_reuse { worker.pool.take(origin.id).await } else { None };
        let is_reused = idle.is_some();
        let mut link = match idle {
            Some(link) => link,
            None => Box::pin(connect(worker, origin, limit)).await?,
        };
        let mut error = match link.send(request).await {
            Ok(response) => return head(response, link, origin, false),
            Err(error) => error,
        };
        // Unsent, it may go on the next idle connection; sent, only on a fresh one.
        let unsent = error.take_message().map(Box::new);
        may_reuse = unsent.is_some();
        let may_again = is_reused && !error.error().is_parse();
        match unsent.or_else(&again).filter(|_| may_again) {
            Some(next) => request = next,
            None => return Err(broken(error.error())),
        }
    }
}

/// Sends a request once; it is sent again only where none of it was.
///
/// # Errors
/// As [`send`].
pub(crate) async fn send_once(
    worker: &Worker,
    origin: &Origin,
    limit: Duration,
    mut request: Box<Request<Outgoing>>,
) -> Result<Head, Failure> {
    loop {
        let idle = worker.pool.take(origin.id).await;
        let is_reused = idle.is_some();
        let mut link = match idle {
            Some(link) => link,
            None => Box::pin(connect(worker, origin, limit)).await?,
        };
        match link.send(request).await {
            Ok(response) => return head(response, link, origin, false),
            Err(mut error) => match error.take_message() {
                Some(unsent) if is_reused => request = Box::new(unsent),
                Some(_) | None => return Err(broken(error.error())),
            },
        }
    }
}

/// Asks for a socket, on a connection of its own: it is the socket's from then on.
///
/// # Errors
/// As [`send`].
pub(crate) async fn send_upgrade(
    worker: &Worker,
    origin: &Origin,
    limit: Duration,
    request: Box<Request<Outgoing>>,
) -> Result<Head, Failure> {
    let mut link = Box::pin(connect(worker, origin, limit)).await?;
    match link.send(request).await {
        Ok(response) => head(response, link, origin, true),
        Err(error) => Err(broken(error.error())),
    }
}

async fn connect(worker: &Worker, origin: &Origin, limit: Duration) -> Result<Box<Link>, Failure> {
    let wire = wire::connect(origin, &worker.shared.origins, limit).await;
    let wire = wire.map_err(|message| failed(FailureKind::Connect, message))?;
    let begun = Link::begin(wire, worker.ticks.now()).await;
    begun.map_err(|error| failed(FailureKind::Connect, error.to_string()))
}

/// The head of an answer. One that switches protocols is an answer only to who asked for it.
fn head(response: Response<Incoming>, link: Box<Link>, origin: &Origin, upgrades: bool) -> Result<Head, Failure> {
    let (parts, incoming) = response.into_parts();
    if parts.status.is_informational() && !upgrades {
        return Err(failed(FailureKind::Malformed, "it switched protocols, which nobody had asked for".into()));
    }
    Ok((parts, Source::new(link, origin.id, incoming)))
}

/// What a connection's end before the head of an answer means.
fn broken(error: &hyper::Error) -> Failure {
    let kind = if error.is_parse() { FailureKind::Malformed } else { FailureKind::Reset };
    failed(kind, error.to_string())
}

/// A failure that brought no answer.
pub(crate) fn failed(kind: FailureKind, mut message: String) -> Failure {
    if message.len() > 300 {
        let end = (0..=300).rev().find(|at| message.is_char_boundary(*at)).unwrap_or_default();
        message.truncate(end);
    }
    Failure { kind, status: None, hint: None, message }
}
