//! What an answer of Gemini's says, read without the code under test.

use serde_json::Value;

use crate::said::Said;

/// Reads the responses that are one answer: one, or those of a stream.
pub(super) fn by_responses(responses: &[Value]) -> Said {
    let string = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let id = string(&responses[0]["responseId"]);
    let candidates = || responses.iter().flat_map(|response| response["candidates"].as_array().unwrap());
    let parts = || candidates().flat_map(|candidate| candidate["content"]["parts"].as_array().into_iter().flatten());
    let called = parts().filter(|part| part["functionCall"].is_object()).map(|part| &part["functionCall"]);
    let calls: Vec<_> = called
        .enumerate()
        .map(|(index, call)| {
            let id = call["id"].as_str().map_or_else(|| format!("call_{id}_{index}"), str::to_owned);
            (id, string(&call["name"]), call["args"].clone())
        })
        .collect();
    let finish = candidates().map(|candidate| &candidate["finishReason"]).rfind(|reason| !reason.is_null()).unwrap();
    let is_stop = finish == "STOP" || finish == 1;
    let usage = &responses.last().unwrap()["usageMetadata"];
    let count = |name: &str| usage[name].as_u64().unwrap_or(0);
    Said {
        id,
        model: string(&responses[0]["modelVersion"]),
        text: parts().filter(|part| part["thought"] != true).map(|part| string(&part["text"])).collect(),
        finish_reason: match (is_stop, calls.is_empty()) {
            (true, true) => "stop",
            (true, false) => "tool_calls",
            (false, _) => panic!("a finish reason that no recording had: {finish}"),
        }
        .to_owned(),
        calls,
        input: count("promptTokenCount") + count("toolUsePromptTokenCount"),
        output: count("candidatesTokenCount") + count("thoughtsTokenCount"),
    }
}

/// What of it is thought.
pub(super) fn thoughts(responses: &[Value]) -> String {
    let candidates = responses.iter().flat_map(|response| response["candidates"].as_array().unwrap());
    let parts = candidates.flat_map(|candidate| candidate["content"]["parts"].as_array().into_iter().flatten());
    parts.filter(|part| part["thought"] == true).map(|part| part["text"].as_str().unwrap()).collect()
}
