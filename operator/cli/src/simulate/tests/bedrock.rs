//! Converse: what the proxy itself reads of the simulation's answers.

use aigateway_proxy::provider::event::{Event, Finish};
use aigateway_proxy::provider::format::ProviderFormat;
use serde_json::{Value, json};

use super::super::reply::Content;
use super::{ANSWER, QUESTION, call};

fn asking(more: &Value) -> Value {
    let mut body = json!({"messages": [{"role": "user", "content": [{"text": QUESTION}]}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Text, arguments and the reason of the end.
fn said(events: Vec<Event<'_>>) -> (String, String, Option<Finish>) {
    let mut said = (String::new(), String::new(), None);
    for event in events {
        match event {
            Event::Text(text) => said.0.push_str(&text),
            Event::Arguments { json, .. } => said.1.push_str(&json),
            Event::Finished(finish) => said.2 = Some(finish),
            Event::Failed(failure) => panic!("{failure:?}"),
            _ => {}
        }
    }
    said
}

fn both_say(more: &Value, expected: &(String, String, Option<Finish>)) {
    let Content::Json(body) = call("/openai/model/m/converse", &asking(more)).content else { panic!("a stream") };
    assert_eq!(&said(ProviderFormat::Converse.events(&body).unwrap()), expected);
    let Content::Messages(messages) = call("/openai/model/m/converse-stream", &asking(more)).content else {
        panic!("no stream")
    };
    let mut texts = (String::new(), String::new(), None);
    let mut decoder = ProviderFormat::Converse.decoder();
    decoder.block(&messages.concat(), &mut |event| {
        let (text, arguments, finish) = said(vec![event]);
        texts.0.push_str(&text);
        texts.1.push_str(&arguments);
        texts.2 = finish.or(texts.2);
    });
    assert_eq!(&texts, expected);
}

#[test]
fn a_streamed_converse_says_the_same_as_a_whole_one() {
    both_say(&json!({}), &(ANSWER.to_owned(), String::new(), Some(Finish::Stop)));
    let clipped = ("This is a ".to_owned(), String::new(), Some(Finish::Length));
    both_say(&json!({"inferenceConfig": {"maxTokens": 4}}), &clipped);
    let schema = json!({"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}});
    let tool = json!({"toolSpec": {"name": "weather", "inputSchema": {"json": schema}}});
    let called = (String::new(), r#"{"city":"simulated"}"#.to_owned(), Some(Finish::ToolCalls));
    both_say(&json!({"toolConfig": {"tools": [tool], "toolChoice": {"any": {}}}}), &called);
}

#[test]
fn a_model_is_named_by_the_path() {
    let reply = call("/openai/model/a.b-v1%3A0/converse", &asking(&json!({})));
    let Content::Json(body) = reply.content else { panic!("a stream") };
    assert!(String::from_utf8_lossy(&body).contains("a simulated answer of a.b-v1:0 at openai"), "{body:?}");
    assert_eq!(call("/openai/model/m/converse", &json!({})).status, 400);
    assert_eq!(call("/openai/model/m/invoke", &asking(&json!({}))).status, 404);
}
