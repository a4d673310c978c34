//! What is asked and what is answered: the bodies that the load generator sends and the upstream serves.
//!
//! The upstream reads from the request which answer is wanted, so one model name serves every case. The sizes are
//! those of the measurements that the goals come from: 237 B asked, 1,153 B or 15,507 B answered.

use std::time::Duration;

/// Where the number of a request stands in [`Ask::body`]: sixteen digits.
const NUMBER: &str = "0000000000000000";

/// The pause between two events of [`Ask::Paced`].
pub(crate) const PACE: Duration = Duration::from_millis(10);

/// The text that every answer begins with, whatever it is translated to.
pub(crate) const TEXT: &str = "Measure twice";

/// Events of a stream before its end mark.
const EVENTS: usize = 50;

/// One kind of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// A chat completion of 1,153 B.
    Json,
    /// A chat completion of 8,192 B.
    LongJson,
    /// A stream of 50 chunks, each written as soon as the one before.
    Burst,
    /// The same stream, 10 ms between chunks.
    Paced,
}

impl Ask {
    /// Every kind, as the upstream looks for them.
    pub(crate) const ALL: [Self; 4] = [Self::Json, Self::LongJson, Self::Burst, Self::Paced];

    /// What a request says to have this answer.
    pub(crate) const fn marker(self) -> &'static str {
        match self {
            Self::Json => "ask-json",
            Self::LongJson => "ask-long",
            Self::Burst => "ask-many",
            Self::Paced => "ask-slow",
        }
    }

    /// Whether the answer is a stream.
    pub(crate) const fn streams(self) -> bool {
        match self {
            Self::Json | Self::LongJson => false,
            Self::Burst | Self::Paced => true,
        }
    }

    /// The request's body for a model, and where in it the sixteen digits of its number stand.
    pub(crate) fn body(self, model: &str) -> (String, usize) {
        let stream = if self.streams() { r#","stream":true,"stream_options":{"include_usage":true}"# } else { "" };
        let marker = self.marker();
        let whole = |padding: &str| {
            format!(
                r#"{{"model":"{model}","messages":[{{"role":"system","content":"Answer briefly."}},{{"role":"user","content":"{marker} {NUMBER}{padding}"}}],"max_tokens":256{stream}}}"#
            )
        };
        let short = 237_usize.saturating_sub(whole("").len());
        let body = whole(&".".repeat(short));
        let number = body.find(NUMBER).unwrap_or_default();
        (body, number)
    }

    /// `OpenAI`'s answer, in the pieces that the upstream writes one by one.
    pub(crate) fn openai(self) -> Vec<String> {
        match self {
            Self::Json => vec![openai_json(1_153)],
            Self::LongJson => vec![openai_json(8_192)],
            Self::Burst | Self::Paced => openai_events(),
        }
    }

    /// Anthropic's answer, in the pieces that the upstream writes one by one.
    pub(crate) fn anthropic(self) -> Vec<String> {
        match self {
            Self::Json => vec![anthropic_json(1_153)],
            Self::LongJson => vec![anthropic_json(8_192)],
            Self::Burst | Self::Paced => anthropic_events(),
        }
    }
}

/// A text that brings what `render` makes of it to `bytes`.
fn padded(bytes: usize, render: impl Fn(&str) -> String) -> String {
    let missing = bytes.saturating_sub(render(TEXT).len());
    render(&format!("{TEXT}{}", " and cut once".chars().cycle().take(missing).collect::<String>()))
}

fn openai_json(bytes: usize) -> String {
    padded(bytes, |text| {
        format!(
            r#"{{"id":"chatcmpl-C1kXq7YbQm0dF3","object":"chat.completion","created":1764000000,"model":"gpt-4o-mini-2024-07-18","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}","refusal":null,"annotations":[]}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":42,"completion_tokens":120,"total_tokens":162,"prompt_tokens_details":{{"cached_tokens":0,"audio_tokens":0}},"completion_tokens_details":{{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}},"service_tier":"default","system_fingerprint":"fp_560af6e559"}}"#
        )
    })
}

fn openai_events() -> Vec<String> {
    let last = EVENTS - 1;
    let mut events: Vec<String> = (0..EVENTS)
        .map(|index| {
            let choices = match index {
                // With content: the proxy commits to a stream with its first token, which is what is timed.
                0 => choice(&format!(r#"{{"role":"assistant","content":"{TEXT}","refusal":null}}"#), "null"),
                _ if index == last => String::from("[]"),
                _ if index == last - 1 => choice("{}", r#""stop""#),
                _ => choice(r#"{"content":" and cut"}"#, "null"),
            };
            let usage =
                if index == last { r#"{"prompt_tokens":42,"completion_tokens":48,"total_tokens":90}"# } else { "null" };
            // 43 of 310 B and 7 of 309 B, with the end mark 15,507 B.
            openai_event(&choices, usage, if index < 43 { 310 } else { 309 })
        })
        .collect();
    events.push(String::from("data: [DONE]\n\n"));
    events
}

fn choice(delta: &str, finish: &str) -> String {
    format!(r#"[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish}}}]"#)
}

/// One chunk of `bytes`: `obfuscation` is the member that `OpenAI` itself pads its chunks with.
fn openai_event(choices: &str, usage: &str, bytes: usize) -> String {
    let whole = |padding: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-C1kXq7YbQm0dF3\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":{choices},\"usage\":{usage},\"obfuscation\":\"{padding}\"}}\n\n"
        )
    };
    whole(&"x".repeat(bytes.saturating_sub(whole("").len())))
}

fn anthropic_json(bytes: usize) -> String {
    padded(bytes, |text| {
        format!(
            r#"{{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"claude-haiku-4-5-20251001","content":[{{"type":"text","text":"{text}"}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":42,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":120}}}}"#
        )
    })
}

fn anthropic_events() -> Vec<String> {
    let delta = |text: &str| {
        anthropic_event("content_block_delta", &format!(r#""index":0,"delta":{{"type":"text_delta","text":"{text}"}}"#))
    };
    let mut events = vec![
        anthropic_event(
            "message_start",
            r#""message":{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"claude-haiku-4-5-20251001","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":42,"output_tokens":1}}"#,
        ),
        anthropic_event("content_block_start", r#""index":0,"content_block":{"type":"text","text":""}"#),
        delta(TEXT),
    ];
    events.resize(EVENTS - 3, delta(" and cut"));
    events.push(anthropic_event("content_block_stop", r#""index":0"#));
    events.push(anthropic_event(
        "message_delta",
        r#""delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":48}"#,
    ));
    events.push(anthropic_event("message_stop", ""));
    events
}

fn anthropic_event(name: &str, members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{comma}{members}}}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_that_the_goals_were_measured_with() {
        let bytes = |pieces: Vec<String>| pieces.iter().map(String::len).sum::<usize>();
        assert_eq!(Ask::Json.body("gpt-4o-mini").0.len(), 237);
        assert_eq!(bytes(Ask::Json.openai()), 1_153);
        assert_eq!(bytes(Ask::LongJson.openai()), 8_192);
        assert_eq!(bytes(Ask::Burst.openai()), 15_507);
        assert_eq!(Ask::Burst.openai().len(), EVENTS + 1);
        assert_eq!(Ask::Burst.anthropic().len(), EVENTS);
    }

    #[test]
    fn every_body_and_every_event_is_json() {
        for ask in Ask::ALL {
            let (body, number) = ask.body("gpt-4o-mini");
            assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok(), "{body}");
            assert_eq!(&body[number..number + NUMBER.len()], NUMBER);
            for piece in ask.openai().into_iter().chain(ask.anthropic()) {
                let data = piece.split_once("data: ").map_or(piece.as_str(), |(_, data)| data).trim();
                assert!(data == "[DONE]" || serde_json::from_str::<serde_json::Value>(data).is_ok(), "{data}");
            }
        }
    }
}
