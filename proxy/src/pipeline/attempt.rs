//! One attempt: the request as this provider takes it, sent, and its answer read until it is committed.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tokio::time::{Instant, Timeout, timeout, timeout_at};

use super::dispatch::{Content, Given, Sharing, Step};
use super::job::Job;
use super::outbound::{self, Keyed};
use crate::bounds;
use crate::call::{Dialect, Usage};
use crate::cost::estimate;
use crate::dialect::whole;
use crate::error::{Failure, FailureKind};
use crate::policy::retry::Effect;
use crate::provider::bedrock;
use crate::provider::classify::classify;
use crate::provider::reply::Asked;
use crate::provider::stream::Stream;
use crate::runtime::Provider;
use crate::upstream::client::{self, failed};
use crate::upstream::collect::{self, Answer};
use crate::upstream::encoding::Encoding;
use crate::upstream::exchange::source::Source;
use crate::upstream::exchange::{Exchange, Patience, Reading};
use crate::upstream::framing::Framing;
use crate::upstream::sse::Scanner;
use crate::upstream::{headers, trailers};

/// An attempt that brought no answer to give.
pub(crate) struct Failed {
    pub(crate) failure: Failure,
    /// What the provider said, where it said something.
    pub(crate) answer: Option<(StatusCode, HeaderMap, Bytes)>,
    pub(crate) by_callers_key: bool,
}

/// Asks a target once.
///
/// # Errors
/// It did not answer, or said that it can't.
pub(crate) async fn attempt(job: &Job, step: &Step<'_>, sharing: Option<&Sharing>) -> Result<Box<Given>, Box<Failed>> {
    let provider = &job.gateway.providers[step.target.provider];
    job.ledger.edit(|record| record.price = step.target.price);
    let Some(outbound) = outbound::of(job, step, provider) else {
        let failure = failed(FailureKind::NoCredential, "the gateway's key for it is absent".into());
        return Err(Box::new(Failed { failure, answer: None, by_callers_key: false }));
    };
    let by_callers_key = outbound.by_callers_key;
    let waits = if job.call.probe.stream { provider.timeouts.first_byte } else { provider.timeouts.answer };
    let limit = provider.timeouts.total.map_or(waits, |total| total.min(waits)).as_duration();
    let limit = job.overrides.timeout.map_or(limit, |asked| asked.min(limit));
    let trying = Trying { job, step, provider, deadline: Instant::now() + limit };
    let (health, key) = (&provider.cells.health, provider.carried(by_callers_key));
    match trying.run(outbound, sharing).await {
        Ok(given) => {
            health.answered(key);
            Ok(given)
        }
        Err((failure, answer)) => {
            health.failed(&failure, key);
            Err(Box::new(Failed { failure, answer: answer.map(|it| *it), by_callers_key }))
        }
    }
}

type Said = Box<(StatusCode, HeaderMap, Bytes)>;
type Fault = (Failure, Option<Said>);

/// An attempt under way.
pub(super) struct Trying<'a> {
    pub(super) job: &'a Job,
    pub(super) step: &'a Step<'a>,
    pub(super) provider: &'a Provider,
    deadline: Instant,
}

impl Trying<'_> {
    async fn run(&self, outbound: Keyed<'_>, sharing: Option<&Sharing>) -> Result<Box<Given>, Fault> {
        let Keyed { request, origin, by_callers_key: _ } = outbound;
        let connect = self.provider.timeouts.connect.as_duration();
        let again = || {
            let keyed = outbound::of(self.job, self.step, self.provider).filter(|_| self.job.is_held());
            keyed.map(|keyed| keyed.request)
        };
        self.job.worker.turn.of_others().await;
        // Pinned here, its time limit has no copy of it.
        let sending = pin!(client::send(&self.job.worker, origin, connect, request, again));
        let sent = timeout_at(self.deadline, sending)
            .await
            .unwrap_or_else(|_| Err(failed(FailureKind::FirstByteTimeout, "no answer has begun in time".into())));
        let (head, source) = sent.map_err(|failure| (failure, None))?;
        if !head.status.is_success() {
            return Err(self.refused(head, source).await);
        }
        // What is no generation is not read.
        if is_of_lines(&head) || self.job.effect == Effect::Pipe {
            return Ok(self.opaque(head, source, Bytes::new()));
        }
        let framing = self.framing(&head);
        match (Encoding::of(&head.headers), framing) {
            (Encoding::Identity, Some(framing)) => {
                let events = self.events(head, source, framing, sharing).await;
                events.map_err(|failure| {
                    let said = self.told(&failure);
                    (failure, said)
                })
            }
            (Encoding::Identity | Encoding::Gzip | Encoding::Deflate, None) => self.whole(head, source, sharing).await,
            // We asked for none; what can't be read here passes as it is.
            (Encoding::Gzip | Encoding::Deflate | Encoding::Other, _) => Ok(self.opaque(head, source, Bytes::new())),
        }
    }

    fn asked(&self) -> Asked {
        let include_usage = self.job.call.probe.include_usage;
        Asked { id: self.job.ledger.id(), created: unix_now(), include_usage }
    }

    /// What cuts a stream at its events; `None` where the answer is none.
    fn framing(&self, head: &Parts) -> Option<Framing> {
        let is_array = self.job.call.dialect == Dialect::GeminiGenerate && self.job.call.probe.stream;
        if is_array && starts_with(head, b"application/json") {
            return Some(Framing::Text(Scanner::of_array(bounds::EVENT_BYTES)));
        }
        head.headers.get(CONTENT_TYPE).and_then(Framing::of)
    }

    /// Not an `async fn`, which would have room for the future twice.
    fn within<F: Future>(&self, future: F) -> Timeout<F> {
        timeout_at(self.deadline, future)
    }

    fn late(&self) -> Failure {
        let (kind, what) = if self.job.call.probe.stream {
            (FailureKind::FirstByteTimeout, "no first event in time")
        } else {
            (FailureKind::Timeout, "no whole answer in time")
        };
        failed(kind, what.into())
    }

    /// What the provider says when it does not answer.
    async fn refused(&self, head: Parts, source: Source) -> Fault {
        let body = match self.within(collect::answer(&self.job.worker, source)).await {
            Ok(Ok(Answer::Whole(body))) => body,
            Ok(Ok(Answer::Long(..))) => return (failed(FailureKind::Malformed, "an endless error".into()), None),
            Ok(Err(message)) => return (failed(FailureKind::Cut, message), None),
            Err(_) => return (self.late(), None),
        };
        let encoding = Encoding::of(&head.headers);
        let said = encoding.decoded(&body).unwrap_or_else(|| body.clone());
        let failure = classify(self.provider.kind, head.status.as_u16(), &head.headers, &said, unix_now());
        let (status, mut headers) = (head.status, headers::answered(head.headers));
        if self.step.adapter.keeps_format() {
            return (failure, Some(Box::new((status, headers, body))));
        }
        // What it said is translated.
        headers.remove(CONTENT_ENCODING);
        (failure, Some(Box::new((status, headers, said))))
    }

    /// Reads a whole answer: what the client gets of it, and whether it may be stored.
    fn read(&self, body: &Bytes, headers: &HeaderMap) -> Result<(Bytes, bool), Failure> {
        let is_upload = self.job.is_upload();
        let model = &self.step.target.upstream_model;
        let answer = self.step.adapter.answer(&self.job.call, model, body, &self.asked())?;
        let reported = answer.usage.or_else(|| bedrock::usage::of_headers(headers));
        // What a form or sound comes to is nobody's to guess.
        let usage = reported.filter(|usage| !is_upload || *usage != Usage::default()).or_else(|| {
            let makes_text = self.job.call.dialect.makes_text();
            let output = if makes_text { estimate(body.len() as u64) } else { 0 };
            let input = estimate(self.job.call.body.len() as u64);
            (!is_upload).then_some(Usage { input, output, ..Usage::default() })
        });
        self.job.ledger.edit(|record| {
            record.complete = true;
            record.stream = false;
            record.response_model = answer.model.map(String::into_boxed_str);
            record.tokens_estimated = usage.is_some() && reported.is_none();
            record.usage = usage;
        });
        Ok((answer.body, answer.storable))
    }

    /// A whole answer: JSON, or bytes of another kind.
    async fn whole(&self, mut head: Parts, source: Source, sharing: Option<&Sharing>) -> Result<Box<Given>, Fault> {
        let encoding = Encoding::of(&head.headers);
        let mut room = None;
        let read = self.within(collect::answer(&self.job.worker, source)).await.map_err(|_| (self.late(), None))?;
        let body = match read.map_err(|message| (failed(FailureKind::Cut, message), None))? {
            Answer::Whole(body) => body,
            Answer::Long(begin, source) if self.step.adapter.keeps_format() => {
                return Ok(self.opaque(head, *source, begin));
            }
            Answer::Long(begin, source) => {
                let room = room.insert(self.job.worker.shared.budget.nothing());
                let rest = Box::pin(collect::long(&self.job.worker, begin, *source, room));
                let read = self.within(rest).await.map_err(|_| (self.late(), None))?;
                read.map_err(|failure| (failure, None))?
            }
        };
        self.job.worker.turn.of_others().await;
        let is_json = head.headers.get(CONTENT_TYPE).is_some_and(|it| contains(it.as_bytes(), b"json"));
        let is_file = !is_json && (self.job.is_upload() || whole::may_be_anything(self.job.call.dialect));
        let Some(said) = encoding.decoded(&body).filter(|_| !is_file) else {
            self.job.ledger.edit(|record| record.complete = true);
            return Ok(self.given(head, Content::Whole(body)));
        };
        let (answer, storable) = match self.read(&said, &head.headers) {
            Ok(read) => read,
            Err(failure) => return Err(said_in_a_success(head, failure, body)),
        };
        let is_plain = encoding == Encoding::Identity;
        if let Some(sharing) = sharing
            && let Some(lead) = sharing.take()
        {
            // Others may not take what came compressed.
            self.share(&head, &answer, storable && is_plain, lead, sharing.ttl);
        }
        self.job.worker.turn.of_others().await;
        if is_plain || self.step.adapter.keeps_format() {
            return Ok(self.given(head, Content::Whole(if is_plain { answer } else { body })));
        }
        head.headers.remove(CONTENT_ENCODING);
        Ok(self.given(head, Content::Whole(answer)))
    }

    /// A stream of events, read until there is content, or for a second after its first event.
    async fn events(
        &self,
        mut head: Parts,
        source: Source,
        framing: Framing,
        sharing: Option<&Sharing>,
    ) -> Result<Box<Given>, Failure> {
        let stream = self.step.adapter.stream(self.job.call.dialect, &self.asked());
        let stream = stream.of_model(&self.step.target.upstream_model);
        if framing.is_binary() && matches!(stream, Stream::Translated(_)) {
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        }
        let reading = Reading::Events(Box::new((framing, stream)));
        let mut exchange = self.exchange(source, reading);
        self.job.ledger.edit(|record| record.stream = true);
        let passes = match self.commit(&mut exchange).await {
            Ok(()) => true,
            // What the provider says of the caller's own request is its answer, and passes as it came.
            Err(failure) if failure.kind == FailureKind::BadRequest && self.step.adapter.keeps_format() => false,
            Err(failure) => return Err(failure),
        };
        if let Some(sharing) = sharing
            && let Some(lead) = sharing.take()
        {
            self.share_stream(&head, passes, lead, sharing.ttl, &mut exchange);
        }
        Ok(self.given(head, Content::Streams(Box::new(exchange))))
    }

    /// What a provider said in place of a stream, under the status that it stands for, to be put in the client's format.
    fn told(&self, failure: &Failure) -> Option<Said> {
        let status = StatusCode::from_u16(failure.status?).ok().filter(|_| !self.step.adapter.keeps_format())?;
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let body = serde_json::json!({"error": {"message": failure.message}}).to_string();
        Some(Box::new((status, headers, body.into())))
    }

    async fn commit(&self, exchange: &mut Exchange) -> Result<(), Failure> {
        let worker = &self.job.worker;
        let begun = poll_fn(|context| match exchange.poll_commit(worker, context) {
            Poll::Pending if exchange.has_begun() => Poll::Ready(None),
            polled => polled.map(Some),
        });
        if let Some(committed) = self.within(begun).await.map_err(|_| self.late())? {
            return committed;
        }
        let committed = poll_fn(|context| exchange.poll_commit(worker, context));
        timeout(bounds::COMMIT_AFTER, committed).await.unwrap_or(Ok(()))
    }

    /// An answer that is not read here.
    fn opaque(&self, head: Parts, source: Source, begin: Bytes) -> Box<Given> {
        let mut exchange = self.exchange(source, Reading::Opaque);
        if !begin.is_empty() {
            exchange.begins_with(begin);
        }
        self.given(head, Content::Streams(Box::new(exchange)))
    }

    fn exchange(&self, source: Source, reading: Reading) -> Exchange {
        let ledger = Rc::clone(&self.job.ledger);
        let now = self.job.worker.ticks.now();
        let patience = Patience {
            idle: bounds::ticks(self.provider.timeouts.idle.as_duration()),
            until: self.provider.timeouts.total.map(|total| now + bounds::ticks(total.as_duration())),
        };
        Exchange::new(source, reading, ledger, patience, self.job.call.body.len() as u64)
    }

    fn given(&self, head: Parts, content: Content) -> Box<Given> {
        let takes_trailers = trailers::are_taken(&self.job.headers);
        let headers = match &content {
            Content::Whole(_) => headers::answered(head.headers),
            Content::Streams(exchange) if exchange.seen().is_some() => headers::streamed(head.headers, takes_trailers),
            Content::Streams(_) => headers::untouched(head.headers, takes_trailers),
        };
        Box::new(Given {
            status: head.status,
            headers,
            content,
            step: self.job.position(self.step.index),
            provider: headers::value(&self.provider.name),
            model: headers::value(&self.step.target.upstream_model),
            patience: bounds::ticks(self.provider.timeouts.client_write.as_duration()),
        })
    }
}

/// An error in place of an answer: what the provider said, under the status that it stands for.
fn said_in_a_success(head: Parts, failure: Failure, body: Bytes) -> Fault {
    let status = failure.status.and_then(|status| StatusCode::from_u16(status).ok()).filter(|it| !it.is_success());
    let said = status.map(|status| Box::new((status, headers::answered(head.headers), body)));
    (failure, said)
}

/// JSON values one after the other, as Cohere's older chat streams them.
fn is_of_lines(head: &Parts) -> bool {
    let kinds: [&[u8]; 3] = [b"application/stream+json", b"application/x-ndjson", b"application/jsonl"];
    kinds.into_iter().any(|kind| starts_with(head, kind))
}

fn starts_with(head: &Parts, kind: &[u8]) -> bool {
    let value = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    value.and_then(|value| value.get(..kind.len())).is_some_and(|start| start.eq_ignore_ascii_case(kind))
}

fn contains(value: &[u8], word: &[u8]) -> bool {
    value.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// Seconds since 1970.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Generation endpoints are asked for an answer that can be read.
pub(crate) fn unencoded(headers: &mut HeaderMap) {
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

/// The method of every generation endpoint.
pub(crate) const METHOD: Method = Method::POST;
