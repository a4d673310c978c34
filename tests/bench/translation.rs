//! What translation costs: each pair of a client's format and a provider's, a request of four turns and each event of a
//! stream of 50, beside the same calls that pass as they are.
//!
//! It is measured in this process, by the clock, the pairs in turn: what a socket costs is the other cases' business.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use aigateway_config::provider::UnsupportedFields;
use aigateway_proxy::call::{Call, ClientFormat, Dialect};
use aigateway_proxy::dialect::probe::probe;
use aigateway_proxy::provider::adapter::Adapter;
use aigateway_proxy::provider::format::ProviderFormat;
use aigateway_proxy::provider::reply::Asked;
use aigateway_proxy::provider::stream::Stream;
use aigateway_proxy::provider::translate::Pair;
use aigateway_proxy::telemetry::log_id::LogId;
use aigateway_tests::conversation::{CLIENTS, Length, PROVIDERS, request, stream};
use anyhow::{Context, Result, ensure};
use bytes::Bytes;

use crate::rounds::Effort;

/// Turns of a request, each with a picture, a call of a tool and its result.
const TURNS: usize = 4;
/// Pieces of text in a stream.
const TEXTS: usize = 50;
/// How long one thing is repeated in one round.
const WINDOW: Duration = Duration::from_millis(30);
const ASKED: Asked = Asked { id: LogId::NIL, created: 1_764_000_000, include_usage: true };

/// One way that a call can take.
struct Line {
    title: String,
    adapter: Adapter,
    call: Call,
    events: Vec<Bytes>,
}

/// Microseconds: of a request, of an event.
#[derive(Clone, Copy)]
struct Cost {
    request: f64,
    event: f64,
}

/// Measures every pair; a table.
///
/// # Errors
///
/// When something is not translated as it should be: then its cost says nothing.
pub(crate) fn run(effort: Effort) -> Result<String> {
    let mut text = format!(
        "\nwhat translation costs: a request of {TURNS} turns, an event of a stream of {TEXTS}\n{:32}{:>12}{:>12}{:>12}{:>12}\n",
        "", "request us", "x as it is", "event us", "x as it is"
    );
    for (client, format, dialect) in CLIENTS {
        let lines = lines(client, format, dialect)?;
        let costs = costs(&lines, effort)?;
        let base = costs[0];
        for (line, cost) in lines.iter().zip(&costs) {
            let _ = writeln!(
                text,
                "{:32}{:>12.2}{:>12.2}{:>12.2}{:>12.2}",
                line.title,
                cost.request,
                cost.request / base.request,
                cost.event,
                cost.event / base.event
            );
        }
    }
    Ok(text)
}

/// The client's own format first, which passes.
fn lines(client: &str, format: ClientFormat, dialect: Dialect) -> Result<Vec<Line>> {
    let body = Bytes::from(request(format, TURNS));
    let call = Call { dialect, probe: probe(dialect, &body).ok().context("the request can't be read")?, body };
    let length = Length { texts: TEXTS, calls: 0 };
    let own = match format {
        ClientFormat::Messages => ProviderFormat::Messages,
        ClientFormat::Chat | ClientFormat::Responses => PROVIDERS[0].1,
    };
    let mut events = stream(own, length);
    if format == ClientFormat::Responses {
        events = translated(Pair { client: format, provider: own }, &events);
    }
    let same = Line { title: format!("{client} as it is"), adapter: Adapter::Same, call: call.clone(), events };
    let others = PROVIDERS.into_iter().filter(|(name, _)| *name != client).map(|(name, provider)| Line {
        title: format!("{client} to {name}"),
        adapter: Adapter::Translated(Pair { client: format, provider }),
        call: call.clone(),
        events: stream(provider, length),
    });
    Ok([same].into_iter().chain(others).collect())
}

/// A stream of responses: nobody else speaks that.
fn translated(pair: Pair, events: &[Bytes]) -> Vec<Bytes> {
    let mut stream = Adapter::Translated(pair).stream(Dialect::OpenAiResponses, &ASKED);
    let mut out: Vec<Bytes> = events.iter().map(|event| stream.block(event.clone())).collect();
    out.push(stream.end());
    out
}

/// The medians of all rounds.
fn costs(lines: &[Line], effort: Effort) -> Result<Vec<Cost>> {
    let window = WINDOW.mul_f64(effort.part);
    let mut seen: Vec<(Vec<f64>, Vec<f64>)> = vec![(Vec::new(), Vec::new()); lines.len()];
    for _ in 0..effort.rounds {
        for (line, (requests, events)) in lines.iter().zip(&mut seen) {
            requests.push(each(window, || line.request())?);
            let events_of_one = line.events.len();
            #[expect(clippy::cast_precision_loss, reason = "some 50")]
            events.push(each(window, || line.stream())? / events_of_one as f64);
        }
    }
    Ok(seen.into_iter().map(|(requests, events)| Cost { request: median(requests), event: median(events) }).collect())
}

impl Line {
    fn request(&self) -> Result<()> {
        let Call { dialect, body, probe: _ } = &self.call;
        let probe = probe(*dialect, body).ok().context("the request can't be read")?;
        let call = Call { dialect: *dialect, body: body.clone(), probe };
        let sent = self.adapter.request(&call, "another", UnsupportedFields::Refuse);
        let sent = sent.ok().with_context(|| format!("{}: it is refused", self.title))?;
        ensure!(sent.len() > body.len() / 2, "{}: something is missing", self.title);
        black_box(sent);
        Ok(())
    }

    fn stream(&self) -> Result<()> {
        let mut stream: Stream = self.adapter.stream(self.call.dialect, &ASKED);
        for event in &self.events {
            black_box(stream.block(event.clone()));
        }
        black_box(stream.body_ended());
        black_box(stream.end());
        ensure!(stream.seen().ended && stream.seen().failed.is_none(), "{}: it did not end", self.title);
        Ok(())
    }
}

/// Microseconds that `run` takes, repeated for this long.
fn each(window: Duration, run: impl Fn() -> Result<()>) -> Result<f64> {
    let (start, mut times) = (Instant::now(), 0_u32);
    while start.elapsed() < window || times == 0 {
        run()?;
        times += 1;
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / f64::from(times))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
