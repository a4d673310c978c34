//! OpenAI's legacy completions, embeddings, transcriptions and models, reranking as Cohere's shape of it went round, and
//! OpenAI's errors.

use serde_json::{Value, json};

use super::answer::{Said, text, tokens};
use super::reply::{Reply, event};
use super::told::Told;

/// How many numbers an embedding has unless the caller says.
const DIMENSIONS: u64 = 256;

/// The most numbers that an embedding has, as `text-embedding-3-large` has them.
const MOST_DIMENSIONS: u64 = 3072;

/// The models that are listed; a call for another one is answered as well.
const MODELS: [&str; 3] = ["gpt-4o", "gpt-4o-mini", "text-embedding-3-small"];

/// The answer to a legacy completion.
pub(crate) fn completion(told: &Told<'_>) -> Reply {
    let id = told.id("cmpl-");
    let (pieces, finish_reason) = match &told.answer.said {
        Said::Text { pieces, clipped } => (pieces.clone(), if *clipped { "length" } else { "stop" }),
        Said::Tool(tool) => (vec![tool.arguments.to_string()], "stop"),
    };
    let head = json!({"id": id, "object": "text_completion", "created": told.now, "model": told.asked.model});
    let with = |text: &str, finish_reason: Option<&str>| {
        let mut document = head.clone();
        document["choices"] = json!([{"text": text, "index": 0, "logprobs": null, "finish_reason": finish_reason}]);
        document
    };
    if told.asked.stream {
        let texts = pieces.iter().map(|piece| event(&with(piece, None)));
        let end = [event(&with("", Some(finish_reason))), "data: [DONE]\n\n".into()];
        return Reply::events(texts.chain(end).collect());
    }
    let mut whole = with(&pieces.concat(), Some(finish_reason));
    let (input, output) = (told.asked.input_tokens, told.answer.output_tokens);
    whole["usage"] = json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output});
    Reply::json(200, &whole)
}

/// The answer to a call for embeddings: for each input numbers that follow from its text alone.
pub(crate) fn embeddings(body: &Value) -> Reply {
    let inputs = match &body["input"] {
        Value::Array(all) if all.first().is_some_and(|first| first.is_string() || first.is_array()) => all.clone(),
        one => vec![one.clone()],
    };
    let dimensions = body["dimensions"].as_u64().unwrap_or(DIMENSIONS).clamp(1, MOST_DIMENSIONS);
    let is_base64 = body["encoding_format"] == "base64";
    let data = inputs.iter().enumerate().map(|(index, input)| {
        let numbers = embedding(&input.to_string(), dimensions);
        let embedding = if is_base64 { json!(base64(&numbers)) } else { json!(numbers) };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    });
    let data: Vec<Value> = data.collect();
    let tokens =
        inputs.iter().map(|input| input.as_array().map_or_else(|| tokens(&text(input)), |all| count(all))).sum::<u64>();
    let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
    Reply::json(200, &json!({"object": "list", "data": data, "model": body["model"], "usage": usage}))
}

/// An input that is a list of tokens already.
fn count(tokens: &[Value]) -> u64 {
    u64::try_from(tokens.len()).unwrap_or(u64::MAX)
}

/// Numbers from -1 to 1, by FNV-1a over the text and the place.
pub(crate) fn embedding(text: &str, dimensions: u64) -> Vec<f32> {
    let seed = fnv(0xcbf2_9ce4_8422_2325, text.as_bytes());
    let number = |place: u64| {
        // The highest byte is the one that FNV mixes best.
        let [byte, ..] = fnv(seed, &place.to_le_bytes()).to_be_bytes();
        f32::from(byte) / 127.5 - 1.0
    };
    (0..dimensions).map(number).collect()
}

fn fnv(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Little-endian numbers in base64, which is how OpenAI's SDK asks for them.
fn base64(numbers: &[f32]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// The answer to a file of sound.
pub(crate) fn transcription(told: &Told<'_>, body: &Value) -> Reply {
    let text = format!("This is a simulated transcript by {}: a form of {} bytes.", told.asked.model, body["bytes"]);
    let output = tokens(&text);
    let usage = json!({"type": "tokens", "input_tokens": 1, "output_tokens": output, "total_tokens": output + 1});
    Reply::json(200, &json!({"text": text, "usage": usage}))
}

/// The documents in the order of how many words of the query they have. Of Cohere's searches are counted, not tokens.
pub(crate) fn rerank(told: &Told<'_>, body: &Value, is_cohere: bool) -> Reply {
    let query: Vec<String> = words(body["query"].as_str().unwrap_or_default());
    let documents = body["documents"].as_array().map_or(&[][..], Vec::as_slice);
    let score = |document: &Value| {
        let has = words(document.as_str().or_else(|| document["text"].as_str()).unwrap_or_default());
        let known = query.iter().filter(|word| has.contains(word)).count();
        f64::from(u32::try_from(known).unwrap_or(u32::MAX)) / f64::from(u32::try_from(query.len().max(1)).unwrap_or(1))
    };
    let mut scored: Vec<(usize, f64)> = documents.iter().map(score).enumerate().collect();
    scored.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let most = body["top_n"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(scored.len());
    let result = |(index, score): &(usize, f64)| json!({"index": index, "relevance_score": score});
    let results: Vec<Value> = scored.iter().take(most).map(result).collect();
    let mut answer = json!({"id": told.id("rerank-"), "results": results});
    if is_cohere {
        answer["meta"] = json!({"api_version": {"version": "2"}, "billed_units": {"search_units": 1}});
    } else {
        let tokens = told.asked.input_tokens;
        answer["usage"] = json!({"prompt_tokens": tokens, "total_tokens": tokens});
    }
    Reply::json(200, &answer)
}

fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The list of models.
pub(crate) fn models() -> Reply {
    let data: Vec<Value> = MODELS.iter().map(|name| model_entry(name)).collect();
    Reply::json(200, &json!({"object": "list", "data": data}))
}

/// One model.
pub(crate) fn model(name: &str) -> Reply {
    Reply::json(200, &model_entry(name))
}

fn model_entry(name: &str) -> Value {
    json!({"id": name, "object": "model", "created": 1_715_367_049, "owned_by": "simulated"})
}

/// An error in OpenAI's shape, with the type and code that go with the status.
pub(crate) fn error(status: u16, message: &str) -> Reply {
    let (kind, code) = match status {
        401 => ("invalid_request_error", Some("invalid_api_key")),
        404 => ("invalid_request_error", Some("model_not_found")),
        429 => ("requests", Some("rate_limit_exceeded")),
        400..=499 => ("invalid_request_error", None),
        _ => ("server_error", None),
    };
    Reply::json(status, &json!({"error": {"message": message, "type": kind, "param": null, "code": code}}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        // 0x3f800000 is 1, 0xc0000000 is -2.
        assert_eq!(base64(&[]), "");
        assert_eq!(base64(&[1.0]), "AACAPw==");
        assert_eq!(base64(&[1.0, -2.0]), "AACAPwAAAMA=");
        assert_eq!(base64(&[1.0, -2.0, 1.0]), "AACAPwAAAMAAAIA/");
    }

    #[test]
    fn an_embedding_follows_from_its_text() {
        let one = embedding("a", 8);
        assert_eq!(one.len(), 8);
        assert_eq!(one, embedding("a", 8));
        assert_ne!(one, embedding("b", 8));
        assert!(one.iter().all(|number| (-1.0..=1.0).contains(number)));
    }
}
