//! Pictures that a model makes: where each client's format has them, and how they come back.
//!
//! The answer has the shape of <https://ai.google.dev/gemini-api/docs/image-generation>, November 2026.

use aigateway_config::provider::{ProviderType, UnsupportedFields};
use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::error::FailureKind;
use aigateway_proxy::provider::format::ProviderFormat;
use aigateway_proxy::provider::translate::{Pair, Translation};
use serde_json::{Value, json};

use super::requests::translated;
use crate::ASKED;

const PICTURE: &str = "data:image/png;base64,iVBORw0=";

fn pair(client: ClientFormat) -> Pair {
    Pair { client, provider: ProviderFormat::Gemini }
}

/// An answer with a draft, words and this file.
fn answer(media_type: &str) -> Value {
    let file = |data| json!({"mimeType": media_type, "data": data});
    let parts = json!([{"inlineData": file("ZHJhZnQ="), "thought": true}, {"text": "Here it is."},
        {"inlineData": file("iVBORw0="), "thoughtSignature": "proof"}]);
    json!({"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 1295, "totalTokenCount": 1304},
        "modelVersion": "gemini-2.5-flash-image", "responseId": "r1"})
}

fn whole(client: ClientFormat, answer: &Value) -> Value {
    let body = pair(client).answer(answer.to_string().as_bytes(), &ASKED).unwrap().body;
    serde_json::from_slice(&body).unwrap()
}

/// The events of the answer as a stream of one response, in the client's format.
fn streamed(client: ClientFormat, answer: &Value) -> (Vec<Value>, Translation) {
    let mut translation = Translation::new(pair(client), &ASKED);
    let mut out = translation.block(format!("data: {answer}\n\n").as_bytes()).to_vec();
    out.extend_from_slice(&translation.body_ended());
    out.extend_from_slice(&translation.end());
    let out = String::from_utf8(out).unwrap();
    let datas = out.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    (datas.map(|data| serde_json::from_str(data).unwrap()).collect(), translation)
}

#[test]
fn a_picture_stands_beside_the_words_of_a_chat() {
    let images = json!([{"type": "image_url", "image_url": {"url": PICTURE}}]);
    let message = &whole(ClientFormat::Chat, &answer("image/png"))["choices"][0]["message"];
    assert_eq!((&message["content"], &message["images"]), (&json!("Here it is."), &images));
    let (events, translation) = streamed(ClientFormat::Chat, &answer("image/png"));
    assert!(translation.seen().ended);
    let given: Vec<&Value> = events.iter().map(|event| &event["choices"][0]["delta"]["images"]).collect();
    assert_eq!(given.into_iter().filter(|images| !images.is_null()).collect::<Vec<_>>(), [&images]);
}

#[test]
fn a_picture_is_an_item_of_a_response() {
    let output = &whole(ClientFormat::Responses, &answer("image/webp"))["output"];
    let made = json!({"type": "image_generation_call", "id": "ig_r1_1", "status": "completed", "output_format": "webp",
        "result": "iVBORw0="});
    assert_eq!((&output[0]["content"][0]["text"], &output[1]), (&json!("Here it is."), &made));
    let (events, _) = streamed(ClientFormat::Responses, &answer("image/webp"));
    let about: Vec<&str> =
        events.iter().filter(|event| event["output_index"] == 1).map(|it| it["type"].as_str().unwrap()).collect();
    assert_eq!(
        about,
        ["response.output_item.added", "response.image_generation_call.completed", "response.output_item.done"]
    );
    let done = events.iter().rfind(|event| event["type"] == "response.output_item.done").unwrap();
    assert_eq!(done["item"], made);
    assert_eq!(events.last().unwrap()["response"]["output"][1], made);
}

#[test]
fn what_has_no_place_in_a_format_is_a_failure_and_never_left_out() {
    let fails = |client, answer: &Value, says: &str| {
        let failure = pair(client).answer(answer.to_string().as_bytes(), &ASKED).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
        assert!(failure.message.contains(says), "{failure:?}");
        let (_, translation) = streamed(client, answer);
        assert_eq!(translation.seen().failed.as_ref(), Some(&failure));
        assert!(!translation.seen().ended);
    };
    fails(ClientFormat::Messages, &answer("image/png"), "ask for it by chat completions or responses");
    for client in [ClientFormat::Chat, ClientFormat::Messages, ClientFormat::Responses] {
        fails(client, &answer("audio/L16"), "audio/L16");
    }
}

#[test]
fn pictures_are_asked_for_and_come_back_as_they_were() {
    let echoed = json!({"role": "assistant", "content": "Here it is.",
        "images": [{"type": "image_url", "image_url": {"url": PICTURE}, "index": 0}]});
    let messages = json!([{"role": "user", "content": "a cat"}, echoed, {"role": "user", "content": "in blue"}]);
    let chat = json!({"model": "m", "messages": messages, "modalities": ["image", "text"]});
    let body: Value = serde_json::from_str(&translated(&chat.to_string()).unwrap()).unwrap();
    assert_eq!(body["generationConfig"], json!({"responseModalities": ["TEXT", "IMAGE"]}));
    let said = &body["contents"][1];
    let file = json!({"mimeType": "image/png", "data": "iVBORw0="});
    assert_eq!((&said["role"], &said["parts"][1]["inlineData"]), (&json!("model"), &file));

    let input = json!([{"role": "user", "content": "a cat"},
        {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "iVBORw0=", "output_format": "png",
            "quality": "high", "size": "1024x1024", "background": "opaque", "revised_prompt": "a cat"},
        {"role": "user", "content": "in blue"}]);
    let request = json!({"model": "m", "input": input}).to_string();
    let body = pair(ClientFormat::Responses).request(request.as_bytes(), "m", UnsupportedFields::Refuse).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["contents"][1]["parts"][0]["inlineData"], file);
}

#[test]
fn who_makes_no_pictures_refuses_them_by_name() {
    let refused = |provider, request: &Value| {
        let pair = Pair { client: ClientFormat::Chat, provider };
        pair.request(request.to_string().as_bytes(), "m", UnsupportedFields::Refuse).unwrap_err().field
    };
    let question = json!({"role": "user", "content": "a cat"});
    let echoed = json!({"role": "assistant", "images": [{"image_url": {"url": PICTURE}}]});
    let providers = [
        ProviderFormat::Messages,
        ProviderFormat::Cohere,
        ProviderFormat::Converse,
        ProviderFormat::Chat(ProviderType::Openai),
    ];
    for provider in providers {
        let asked = json!({"model": "m", "messages": [question], "modalities": ["text", "image"], "max_tokens": 9});
        assert_eq!(refused(provider, &asked), "modalities", "{provider:?}");
        let again = json!({"model": "m", "messages": [question, echoed, question], "max_tokens": 9});
        assert_eq!(refused(provider, &again), "messages[].images", "{provider:?}");
    }
    let sound = json!({"model": "m", "messages": [question], "modalities": ["text", "audio"]});
    assert_eq!(refused(ProviderFormat::Gemini, &sound), "modalities");
}
