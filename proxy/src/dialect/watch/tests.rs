use serde_json::Value;

use super::*;
use crate::call::Usage;
use crate::error::{Failure, FailureKind};

fn watch(dialect: Dialect, stream: &str) -> Seen {
    let mut watch = Watch::new(dialect);
    watch.block(stream.as_bytes());
    watch.seen
}

/// One choice of a chunk.
fn choice(index: u64, delta: &str, finish: &str) -> String {
    format!(r#"{{"index":{index},"delta":{delta},"finish_reason":{finish}}}"#)
}

fn chunk(choices: &[String]) -> String {
    format!("data: {{\"model\":\"gpt-4o\",\"choices\":[{}]}}\n\n", choices.join(","))
}

fn chat(chunks: &[String]) -> Seen {
    watch(Dialect::OpenAiChat, &chunks.concat())
}

const HELLO: &str = r#"{"content":"Hello"}"#;

#[test]
fn a_role_is_no_content() {
    let silent = [
        r#"{"role":"assistant"}"#,
        r#"{"role":"assistant","content":"","refusal":null}"#,
        r#"{"role":"assistant","content":null,"tool_calls":[]}"#,
        "{}",
        "null",
    ];
    for delta in silent {
        assert!(!chat(&[chunk(&[choice(0, delta, "null")])]).committed, "{delta}");
    }
    let saying = [
        HELLO,
        r#"{"role":"assistant","content":"x"}"#,
        r#"{"tool_calls":[{"index":0,"id":"call_1"}]}"#,
        r#"{"refusal":"no"}"#,
        r#"{"reasoning_content":"hm"}"#,
        r#"{"function_call":{"name":"f"}}"#,
    ];
    for delta in saying {
        assert!(chat(&[chunk(&[choice(0, delta, "null")])]).committed, "{delta}");
    }
    assert!(chat(&[chunk(&[choice(0, "{}", "\"stop\"")])]).committed, "a finish reason commits");
}

#[test]
fn a_chat_ends_with_its_done_or_with_every_finish_reason() {
    let hello = chunk(&[choice(0, HELLO, "null")]);
    let stop = |index| chunk(&[choice(index, "{}", "\"stop\"")]);
    assert!(!chat(std::slice::from_ref(&hello)).ended);
    assert!(chat(&[hello.clone(), "data: [DONE]\n\n".to_owned()]).ended);
    assert!(chat(&[hello.clone(), stop(0)]).ended);
    let other = chunk(&[choice(1, HELLO, "null")]);
    assert!(!chat(&[hello.clone(), other.clone(), stop(0)]).ended);
    assert!(chat(&[hello.clone(), other.clone(), stop(0), stop(1)]).ended);
    assert!(!chat(&[hello.clone(), stop(0), other.clone()]).ended, "a choice that starts late is waited for");
    assert!(!chat(&[other, hello.clone(), stop(1)]).ended, "the first choice may come second");
    let together = chunk(&[choice(0, HELLO, "null"), choice(1, "{}", "\"stop\"")]);
    assert!(!chat(std::slice::from_ref(&together)).ended);
    assert!(!chat(&[hello.clone(), together.clone()]).ended);
    assert!(chat(&[hello, together, stop(0)]).ended);
}

#[test]
fn a_provider_that_leaves_fields_out_is_read_all_the_same() {
    let seen = watch(
        Dialect::OpenAiChat,
        "data:{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n",
    );
    assert_eq!((seen.committed, seen.ended, seen.content_events), (true, false, 2));
    let spaced = "data: {\"choices\" : [ {\"index\" : 0, \"delta\" : {}, \"finish_reason\" : \"stop\"} ]}\n\n";
    assert!(watch(Dialect::OpenAiChat, spaced).ended);
    assert!(chat(&[chunk(&[choice(0, HELLO, "null")]), spaced.to_owned()]).ended);
}

#[test]
fn chunks_without_choices_say_nothing_but_usage() {
    let filter = "data: {\"id\":\"\",\"object\":\"\",\"model\":\"\",\"choices\":[],\"prompt_filter_results\":[]}\n\n";
    let seen = watch(Dialect::OpenAiChat, filter);
    assert_eq!(seen, Seen::default());
    let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n".to_owned();
    let content = chunk(&[choice(0, HELLO, "null")]);
    let stop = chunk(&[choice(0, "{}", "\"stop\"")]);
    let seen = chat(&[filter.to_owned(), content, stop, usage, "data: [DONE]\n\n".to_owned()]);
    let expected = Seen {
        committed: true,
        ended: true,
        usage: Some(Usage { input: 9, output: 2, ..Usage::default() }),
        model: Some("gpt-4o".to_owned()),
        content_events: 1,
        ..Seen::default()
    };
    assert_eq!(seen, expected);
}

#[test]
fn usage_in_every_chunk_is_read_and_null_costs_nothing() {
    let with = |usage: &str| format!("data: {{\"choices\":[{}],\"usage\":{usage}}}\n\n", choice(0, HELLO, "null"));
    let seen = chat(&[with("null"), with("null"), with("{\"completion_tokens\":5}"), with("null")]);
    assert_eq!(seen.usage, Some(Usage { output: 5, ..Usage::default() }));
    assert_eq!(seen.content_events, 4);
}

#[test]
fn content_that_looks_like_an_end_is_none() {
    let text =
        serde_json::Value::from("\"finish_reason\":\"stop\" [DONE] \"error\":{} \"index\":3 \"usage\":{").to_string();
    let delta = format!(r#"{{"content":{text}}}"#);
    let chunks = vec![chunk(&[choice(0, &delta, "null")]); 3];
    let seen = chat(&chunks);
    assert_eq!((seen.committed, seen.ended, seen.content_events), (true, false, 3));
    assert_eq!((seen.failed, seen.usage), (None, None));
}

#[test]
fn an_error_event_is_a_failure_and_no_end() {
    let failed = |dialect, stream: &str| watch(dialect, stream);
    let expected = |kind, status, message: &str| {
        Some(Failure { kind, status: Some(status), hint: None, message: message.to_owned() })
    };
    let chat = "data: {\"error\":{\"message\":\"m\",\"code\":502}}\n\ndata: [DONE]\n\n";
    let anthropic =
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n";
    let response = "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\",\"message\":\"m\"}}}\n\n";
    let unnamed = "data: {\"error\":{\"message\":\"m\"}}\n\n";
    let cases = [
        (Dialect::OpenAiChat, chat, expected(FailureKind::Server, 502, "m")),
        (Dialect::OpenAiCompletions, chat, expected(FailureKind::Server, 502, "m")),
        (Dialect::AnthropicMessages, anthropic, expected(FailureKind::Overloaded, 529, "m")),
        (Dialect::OpenAiResponses, response, expected(FailureKind::Server, 500, "m")),
        (Dialect::OpenAiResponses, unnamed, expected(FailureKind::Server, 500, "m")),
    ];
    for (dialect, stream, failure) in cases {
        let seen = failed(dialect, stream);
        assert_eq!(seen.failed, failure, "{stream}");
        assert_eq!((seen.ended, seen.unfinished), (false, true), "{stream}");
    }
}

#[test]
fn an_error_beside_a_choice_is_seen() {
    let beside = format!("data: {{\"error\":{{\"message\":\"no\"}},\"choices\":[{}]}}\n\n", choice(0, "{}", "null"));
    let seen = chat(&[chunk(&[choice(0, HELLO, "null")]), beside]);
    assert!(seen.failed.is_some() && seen.unfinished && !seen.ended);
}

#[test]
fn an_error_after_content_is_seen() {
    let groq = "event: error\ndata: {\"error\":{\"message\":\"m\",\"type\":\"rate_limit_error\"}}\n\n".to_owned();
    let seen = chat(&[chunk(&[choice(0, HELLO, "null")]), groq]);
    assert_eq!(seen.failed.map(|failure| failure.kind), Some(FailureKind::RateLimited));
    let last = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}],\"error\":{\"code\":503}}\n\n";
    let seen = chat(&[chunk(&[choice(0, HELLO, "null")]), last.to_owned(), "data: [DONE]\n\n".to_owned()]);
    assert_eq!((seen.failed.map(|failure| failure.kind), seen.ended), (Some(FailureKind::Overloaded), false));
}

#[test]
fn messages_commit_with_a_delta_and_end_with_message_stop() {
    let mut watch = Watch::new(Dialect::AnthropicMessages);
    let mut after = |event: &str| {
        watch.block(event.as_bytes());
        (watch.seen.committed, watch.seen.ended)
    };
    let start =
        r#"{"message":{"model":"claude","usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":1}}}"#;
    assert_eq!(after(&format!("event: message_start\ndata: {start}\n\n")), (false, false));
    assert_eq!(after("event: ping\ndata: {\"type\": \"ping\"}\n\n"), (false, false));
    assert_eq!(after("event: content_block_start\ndata: {\"content_block\":{\"type\":\"text\"}}\n\n"), (false, false));
    assert_eq!(after("data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"a\"}}\n\n"), (true, false));
    let delta = r#"{"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#;
    assert_eq!(after(&format!("event: message_delta\ndata: {delta}\n\n")), (true, false));
    assert_eq!(after("event: message_stop\r\ndata: {\"type\":\"message_stop\"}\r\n\r\n"), (true, true));
    assert_eq!(watch.seen.usage, Some(Usage { input: 7, cached_input: 4, output: 9, ..Usage::default() }));
    assert_eq!(watch.seen.model.as_deref(), Some("claude"));
}

#[test]
fn a_stop_reason_without_a_delta_commits() {
    let delta = "event: message_delta\ndata: {\"delta\":{\"stop_reason\":\"tool_use\"}}\n\n";
    assert!(watch(Dialect::AnthropicMessages, delta).committed);
    let nothing = "event: message_delta\ndata: {\"delta\":{\"stop_reason\":null}}\n\n";
    assert!(!watch(Dialect::AnthropicMessages, nothing).committed);
}

#[test]
fn an_incomplete_response_ends_and_is_not_to_be_stored() {
    let last = "event: response.incomplete\ndata: {\"response\":{\"status\":\"incomplete\",\"usage\":{\"input_tokens\":3}}}\n\n";
    let seen = watch(Dialect::OpenAiResponses, last);
    assert_eq!((seen.committed, seen.ended, seen.unfinished), (true, true, true));
    assert_eq!(seen.usage, Some(Usage { input: 3, ..Usage::default() }));
}

#[test]
fn images_and_speech_end_with_their_last_event() {
    let part = "event: image_generation.partial_image\ndata: {\"type\":\"image_generation.partial_image\"}\n\n";
    let seen = watch(Dialect::OpenAiOther, part);
    assert_eq!((seen.committed, seen.ended), (true, false));
    for name in ["image_generation.completed", "speech.audio.done"] {
        let seen = watch(
            Dialect::OpenAiOther,
            &format!("data: {{\"type\":\"{name}\",\"usage\":{{\"output_tokens\":2}}}}\n\n"),
        );
        assert_eq!((seen.ended, seen.usage.map(|usage| usage.output)), (true, Some(2)), "{name}");
    }
}

#[test]
fn malformed_events_and_comments_say_nothing() {
    let stream = ": keep-alive\n\ndata: {\"choices\":[{\"delta\"\n\ndata: nonsense\n\nevent: x\n\n";
    for dialect in [Dialect::OpenAiChat, Dialect::OpenAiResponses, Dialect::AnthropicMessages] {
        assert_eq!(watch(dialect, stream), Seen::default());
    }
}

#[test]
fn a_cut_is_an_error_event_that_the_sdks_raise_on_and_no_end() {
    let message = "the \"provider\"\ncut";
    let data = |dialect, start: &str| {
        let mut cut = Watch::new(dialect);
        cut.block(start.as_bytes());
        let bytes = cut.cut(message);
        cut.block(&bytes);
        assert!(cut.seen.failed.is_some() && !cut.seen.ended, "{dialect:?}");
        let event = events(&bytes).next().unwrap();
        (event.event.map(str::to_owned), serde_json::from_slice::<Value>(&event.data).unwrap())
    };
    let (name, chat) = data(Dialect::OpenAiChat, "");
    assert_eq!((name, &chat["error"]["message"]), (None, &Value::from(message)));
    let (name, messages) = data(Dialect::AnthropicMessages, "");
    assert_eq!((name.as_deref(), &messages["type"]), (Some("error"), &Value::from("error")));
    assert_eq!(messages["error"]["message"], message);
    let created = "event: response.created\ndata: {\"response\":{\"id\":\"resp_1\",\"created_at\":1755280612}}\n\n";
    let (name, response) = data(Dialect::OpenAiResponses, created);
    assert_eq!((name.as_deref(), &response["type"]), (Some("response.failed"), &Value::from("response.failed")));
    assert_eq!((&response["error"]["message"], &response["response"]["id"]), (&message.into(), &"resp_1".into()));
    assert_eq!(response["response"]["created_at"].to_string(), "1755280612");
}

const CANDIDATE: &str =
    r#"{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0}],"modelVersion":"g"}"#;
const FINISHED: &str = r#"{"candidates":[{"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,
    "candidatesTokenCount":4,"thoughtsTokenCount":5}}"#;

fn gemini(stream: &str) -> Seen {
    let mut watch = Watch::new(Dialect::GeminiGenerate);
    watch.block(stream.as_bytes());
    watch.body_ended();
    watch.seen
}

#[test]
fn gemini_ends_with_its_body_where_every_candidate_has_finished() {
    let event = |data: &str| format!("data: {}\r\n\r\n", data.replace('\n', ""));
    let usage = Some(Usage { input: 3, output: 9, reasoning: 5, ..Usage::default() });
    let seen = gemini(&(event(CANDIDATE) + &event(FINISHED)));
    assert_eq!((seen.committed, seen.ended, seen.usage, seen.model.as_deref()), (true, true, usage, Some("g")));
    let seen = gemini(&event(CANDIDATE));
    assert_eq!((seen.committed, seen.ended), (true, false));
    let other = FINISHED.replace("\"index\":0", "\"index\":1");
    assert!(!gemini(&(event(CANDIDATE) + &event(&other))).ended, "the first candidate has not finished");
    let seen = gemini(&event(r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#));
    assert_eq!((seen.committed, seen.ended), (true, true), "a prompt that is blocked is answered");
    let silent = r#"{"candidates":[{"content":{"parts":[{"text":""}]}}],"usageMetadata":{"promptTokenCount":3}}"#;
    assert!(!gemini(&event(silent)).committed);
    assert!(gemini(&event(&FINISHED.replace("\"STOP\"", "1"))).ended, "enums may be numbers");
    let failed = event(CANDIDATE) + &event(r#"{"error": {"code": 503, "status": "UNAVAILABLE"}}"#);
    let seen = gemini(&failed);
    assert_eq!((seen.failed.map(|failure| failure.kind), seen.ended), (Some(FailureKind::Overloaded), false));
}

#[test]
fn gemini_may_be_one_array() {
    let whole = format!("[{CANDIDATE}\n,\r\n{FINISHED}\n]");
    let seen = gemini(&whole);
    assert_eq!((seen.committed, seen.ended, seen.usage.map(|usage| usage.output)), (true, true, Some(9)));
    assert!(!gemini(whole.trim_end_matches(']')).ended, "it is not closed");
    assert!(!gemini(&format!("[{CANDIDATE}]")).ended);
    assert!(gemini(r#"[{"error": {"code": 429}}]"#).failed.is_some());
    assert!(gemini(FINISHED).ended, "an object alone is one item");
}

#[test]
fn a_cut_of_gemini_is_an_error_that_comes_first() {
    let cut = |start: &str| {
        let mut watch = Watch::new(Dialect::GeminiGenerate);
        watch.block(start.as_bytes());
        let bytes = watch.cut("the \"provider\" left");
        watch.block(&bytes);
        watch.body_ended();
        assert!(watch.seen.failed.is_some() && !watch.seen.ended, "{start}");
        start.to_owned() + std::str::from_utf8(&bytes).unwrap()
    };
    let event = cut("");
    assert!(event.starts_with("data: {\"error\":{\"code\":502,"), "{event}");
    for start in ["[", &format!("[{CANDIDATE}"), &format!("[{CANDIDATE}\n,\r\n{CANDIDATE}")] {
        let array: Value = serde_json::from_str(&cut(start)).unwrap();
        assert_eq!(array.as_array().unwrap().last().unwrap()["error"]["message"], "the \"provider\" left");
    }
}
