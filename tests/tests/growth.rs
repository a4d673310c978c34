//! No path allocates with the square of anything: ten times as long a conversation, body or stream takes ten times as
//! much, and no event of a long stream costs more than one of a short one.
//!
//! What is counted is every byte that is asked of the allocator, so the figures are the same on every machine.

use aigateway_config::provider::UnsupportedFields;
use aigateway_proxy::call::{Call, Dialect};
use aigateway_proxy::dialect::probe::probe;
use aigateway_proxy::dialect::splice::{Wanted, spliced};
use aigateway_proxy::dialect::watch::Watch;
use aigateway_proxy::policy::canonical::Canonicaliser;
use aigateway_proxy::provider::reply::Asked;
use aigateway_proxy::provider::translate::{Pair, Translation};
use aigateway_proxy::telemetry::log_id::LogId;
use aigateway_proxy::upstream::sse::Scanner;
use aigateway_tests::conversation::{CLIENTS, Length, PROVIDERS, request, stream};
use allocation_counter::measure;
use bytes::Bytes;

const SHORT: usize = 100;
const TIMES: usize = 10;
const ASKED: Asked = Asked { id: LogId::NIL, created: 1_764_000_000, include_usage: true };

/// Fails where what `run` allocates grows faster than what it is given, which is as long as it says.
fn grows_evenly(name: &str, mut run: impl FnMut(usize)) {
    // What is made once is not counted.
    run(1);
    let short = measure(|| run(SHORT)).bytes_total;
    let long = measure(|| run(SHORT * TIMES)).bytes_total;
    // Buffers that double take up to twice of what they hold.
    assert!(long <= 2 * short * TIMES as u64, "{name}: {short} bytes for {SHORT}, {long} for {}", SHORT * TIMES);
}

#[test]
fn a_translated_request_takes_what_is_as_long_as_it() {
    for (client, format, _) in CLIENTS {
        for (provider, to) in PROVIDERS {
            let bodies = [1, SHORT, SHORT * TIMES].map(|turns| (turns, request(format, turns)));
            grows_evenly(&format!("{client} to {provider}"), |turns| {
                let (_, body) = bodies.iter().find(|(known, _)| *known == turns).unwrap();
                let pair = Pair { client: format, provider: to };
                let translated = pair.request(body, "m", UnsupportedFields::Refuse);
                let translated = translated.unwrap_or_else(|fault| panic!("{client} to {provider}: {fault:?}"));
                let last = format!("tool_{}", turns - 1);
                assert!(
                    str::from_utf8(&translated).unwrap().contains(&last),
                    "{client} to {provider}: all turns arrive"
                );
            });
        }
    }
}

#[test]
fn a_request_that_passes_takes_what_is_as_long_as_it() {
    for (client, format, dialect) in CLIENTS {
        let bodies = [1, SHORT, SHORT * TIMES].map(|turns| (turns, Bytes::from(request(format, turns))));
        let body = |turns| bodies.iter().find(|(known, _)| *known == turns).unwrap().1.clone();
        grows_evenly(&format!("{client}, looked at and spliced"), |turns| {
            let body = body(turns);
            let call = Call { dialect, probe: probe(dialect, &body).unwrap(), body };
            assert!(spliced(&call, Wanted { model: "another", usage: false }).len() > call.body.len());
        });
        grows_evenly(&format!("{client}, made canonical"), |turns| {
            Canonicaliser::default().write(&body(turns), &mut Vec::new()).unwrap();
        });
    }
}

#[test]
fn a_translated_stream_takes_what_is_as_long_as_it() {
    for (client, format, _) in CLIENTS {
        for (provider, from) in PROVIDERS {
            for calls in [0, 1] {
                let streams = [1, SHORT, SHORT * TIMES]
                    .map(|length| (length, stream(from, Length { texts: length, calls: calls * length })));
                grows_evenly(&format!("{provider} to {client}, calls: {}", calls > 0), |length| {
                    let (_, events) = streams.iter().find(|(known, _)| *known == length).unwrap();
                    let mut translation = Translation::new(Pair { client: format, provider: from }, &ASKED);
                    let mut written = 0;
                    for event in events {
                        written += translation.block(event).len();
                    }
                    written += translation.body_ended().len() + translation.end().len();
                    let seen = translation.seen();
                    assert!(seen.ended && seen.failed.is_none(), "{provider} to {client}: {seen:?}");
                    assert!(written > 20 * length, "{provider} to {client}: all of it arrives");
                });
            }
        }
    }
}

#[test]
fn a_stream_that_passes_takes_no_more_for_being_long() {
    for (provider, from) in &PROVIDERS[..2] {
        let dialect = if *provider == "chat" { Dialect::OpenAiChat } else { Dialect::AnthropicMessages };
        let streams = [1, SHORT, SHORT * TIMES]
            .map(|length| (length, stream(*from, Length { texts: length, calls: length }).concat()));
        grows_evenly(&format!("{provider}, cut at its events and watched"), |length| {
            let (_, bytes) = streams.iter().find(|(known, _)| *known == length).unwrap();
            let mut scanner = Scanner::new(Scanner::LIMIT);
            let mut watch = Watch::new(dialect);
            for piece in bytes.chunks(1_000) {
                watch.block(&scanner.push(Bytes::copy_from_slice(piece)).unwrap());
            }
            watch.body_ended();
            assert!(watch.seen().ended, "{provider}");
        });
    }
}

#[test]
#[should_panic(expected = "a square")]
fn what_grows_with_the_square_is_found() {
    grows_evenly("a square", |length| {
        let made: Vec<Vec<u8>> = (0..length).map(|_| Vec::with_capacity(length)).collect();
        assert_eq!(made.len(), length);
    });
}
