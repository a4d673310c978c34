//! Bodies read whole: a request's, within the proxy's budget, and an answer's, up to what is held of one.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use hyper::body::Incoming;

use super::client::failed;
use super::exchange::source::Source;
use crate::bounds;
use crate::budget::Held;
use crate::error::{Failure, FailureKind, GatewayError};
use crate::server::worker::Worker;

/// Reads a request's body.
///
/// # Errors
/// It is too long, too slow or broken, or the proxy holds as much as it may.
pub(crate) async fn request(body: Incoming, held: &mut Held) -> Result<Bytes, GatewayError> {
    if body.size_hint().lower() > bounds::BODY_BYTES {
        return Err(GatewayError::TooLarge(bounds::BODY_BYTES));
    }
    let mut reading = std::pin::pin!(read(body, held));
    // Most bodies have arrived with their head: no timer for them.
    let mut first = true;
    let at_once = poll_fn(|context| match reading.as_mut().poll(context) {
        std::task::Poll::Pending if first => {
            first = false;
            std::task::Poll::Ready(None)
        }
        polled => polled.map(Some),
    })
    .await;
    match at_once {
        Some(read) => read,
        None => match tokio::time::timeout(bounds::BODY_TIME, reading).await {
            Ok(read) => read,
            Err(_) => Err(GatewayError::SlowBody(bounds::BODY_TIME.as_secs())),
        },
    }
}

async fn read(mut body: Incoming, held: &mut Held) -> Result<Bytes, GatewayError> {
    let mut first = Bytes::new();
    let mut all: Option<BytesMut> = None;
    let mut length = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| GatewayError::BadBody(format!("the body broke off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > bounds::BODY_BYTES {
            return Err(GatewayError::TooLarge(bounds::BODY_BYTES));
        }
        if !held.grow(data.len() as u64) {
            return Err(GatewayError::Busy);
        }
        if first.is_empty() && all.is_none() {
            first = data;
        } else {
            all.get_or_insert_with(|| std::mem::take(&mut first).into()).extend_from_slice(&data);
        }
    }
    Ok(all.map_or(first, BytesMut::freeze))
}

/// An answer's body.
pub(crate) enum Answer {
    /// All of it.
    Whole(Bytes),
    /// More than is held: what has come, and where the rest comes from.
    Long(Bytes, Box<Source>),
}

/// Reads an answer's body; a connection that has given all of it is kept for the next call.
///
/// # Errors
/// It broke before its end; the text says how.
pub(crate) async fn answer(worker: &Worker, mut source: Source) -> Result<Answer, String> {
    let mut first = Bytes::new();
    let mut all: Option<BytesMut> = None;
    loop {
        let Some(data) = poll_fn(|context| source.poll(context)).await else { break };
        let data = data.map_err(|error| error.to_string())?;
        if first.is_empty() && all.is_none() {
            first = data;
        } else {
            all.get_or_insert_with(|| std::mem::take(&mut first).into()).extend_from_slice(&data);
        }
        if all.as_ref().map_or(first.len(), BytesMut::len) > bounds::HELD_ANSWER_BYTES {
            return Ok(Answer::Long(all.map_or(first, BytesMut::freeze), Box::new(source)));
        }
    }
    give_back(worker, source).await;
    Ok(Answer::Whole(all.map_or(first, BytesMut::freeze)))
}

/// Reads the rest of a long answer that has to be translated, within the proxy's budget.
///
/// # Errors
/// It broke before its end, or there is no room for it.
pub(crate) async fn long(worker: &Worker, begin: Bytes, mut source: Source, held: &mut Held) -> Result<Bytes, Failure> {
    let mut all = BytesMut::from(begin);
    while let Some(data) = poll_fn(|context| source.poll(context)).await {
        let data = data.map_err(|error| failed(FailureKind::Cut, error.to_string()))?;
        all.extend_from_slice(&data);
        if all.len() > bounds::TRANSLATED_ANSWER_BYTES {
            let most = bounds::TRANSLATED_ANSWER_BYTES >> 20;
            return Err(failed(FailureKind::Malformed, format!("an answer of more than {most} MiB is not translated")));
        }
        if !held.grow(data.len() as u64) {
            return Err(failed(FailureKind::Malformed, "the proxy holds as much as it may".into()));
        }
    }
    give_back(worker, source).await;
    Ok(all.freeze())
}

/// Keeps the connection of an answer that has been read to its end.
pub(crate) async fn give_back(worker: &Worker, source: Source) {
    let mut source = Some(source);
    poll_fn(|context| {
        if let Some(source) = source.take() {
            source.give_back(worker, context);
        }
        std::task::Poll::Ready(())
    })
    .await;
}
