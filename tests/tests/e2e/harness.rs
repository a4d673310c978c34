//! The harness itself: scripted upstreams do what their scripts say, and clients see it.

use aigateway_tests::client::request::Request;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::{Ending, Script};

use crate::parts::{chat, chat_events, joined};

fn ask(upstream: &Upstream) -> Request {
    Request::new(upstream.address(), "POST", "/a?b=c").json(&chat("hello"))
}

#[tokio::test]
async fn a_script_is_played_as_written() {
    let events = chat_events(&["a", "b"]);
    let upstream = Upstream::always(Script::stream(events.clone()).header("x-a", "1")).await;
    let reply = ask(&upstream).send().await;
    assert_eq!(
        (reply.status, reply.header("x-a"), reply.header("content-type")),
        (200, Some("1"), Some("text/event-stream"))
    );
    assert_eq!(reply.text().await.as_bytes(), joined(&events));
    assert_eq!((upstream.last().target.as_str(), upstream.last().json()), ("/a?b=c", chat("hello")));
}

#[tokio::test]
async fn a_cut_answer_is_seen_as_cut() {
    let events = chat_events(&["a", "b"]);
    let whole = Script::new(200).body("0123456789");
    let cases = [
        (Script::stream(events.clone()).cut(2, Ending::Closed), joined(&events[..2]), false),
        (Script::stream(events.clone()).cut(2, Ending::Complete), joined(&events[..2]), true),
        (whole.clone().cut(4, Ending::Closed), "0123".into(), false),
        (whole, "0123456789".into(), true),
    ];
    for (script, bytes, ended) in cases {
        let what = format!("{script:?}");
        let got = ask(&Upstream::always(script).await).send().await.whole().await;
        assert_eq!((got.bytes, got.ended), (bytes, ended), "{what}");
    }
}

#[tokio::test]
async fn a_held_call_is_answered_by_the_test_and_its_end_is_seen() {
    let mut upstream = Upstream::held().await;
    let asking = tokio::spawn(ask(&upstream).send());
    let mut exchange = upstream.next().await;
    exchange.begin_stream().await;
    let mut reply = asking.await.unwrap();
    for event in chat_events(&["a", "b"]) {
        exchange.event(&event).await.unwrap();
        assert_eq!(reply.event().await, Some(event));
    }
    upstream.wait_for_connections(1).await;
    drop(reply);
    exchange.abandoned().await;
    upstream.wait_for_connections(0).await;
}
