//! Another model in a body, or a wish for the usage in its stream, every other byte as it was.

use std::ops::Range;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::call::{Call, Dialect};

/// What stands in a body in place of what the caller wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The model that is asked for.
    pub model: &'a str,
    /// The usage is wanted in the stream, whether the caller wants it or not.
    pub usage: bool,
}

/// The body of `call` with what is wanted in it; the caller's own bytes where it is there already. A body that names no
/// model gets none.
pub fn spliced(call: &Call, wanted: Wanted<'_>) -> Bytes {
    let probe = &call.probe;
    let is_another = probe.model.as_deref() != Some(wanted.model);
    let named = |at| (at, written(call.dialect, wanted.model));
    let model = probe.model_at.clone().filter(|_| is_another).map(named);
    let usage = wanted.usage.then(|| asking(&call.body, probe.stream_options_at.as_ref()));
    let mut edits: Vec<(Range<usize>, String)> = model.into_iter().chain(usage).collect();
    if edits.is_empty() {
        return call.body.clone();
    }
    edits.sort_unstable_by_key(|(at, _)| at.start);
    let mut body = Vec::with_capacity(call.body.len() + 64);
    let mut done = 0;
    for (at, text) in edits {
        body.extend_from_slice(&call.body[done..at.start]);
        body.extend_from_slice(text.as_bytes());
        done = at.end;
    }
    body.extend_from_slice(&call.body[done..]);
    body.into()
}

/// A model's name as a body of this format has it.
fn written(dialect: Dialect, model: &str) -> String {
    if dialect == Dialect::OpenAiForm { model.to_owned() } else { Value::from(model).to_string() }
}

/// What asks for the usage, and where it goes: into the caller's `stream_options`, or before the first field.
fn asking(body: &Bytes, options_at: Option<&Range<usize>>) -> (Range<usize>, String) {
    let Some(at) = options_at else {
        let first = body.iter().position(|byte| *byte == b'{').map_or(0, |brace| brace + 1);
        let is_empty = body[first..].trim_ascii_start().starts_with(b"}");
        let comma = if is_empty { "" } else { "," };
        return (first..first, format!(r#""stream_options":{{"include_usage":true}}{comma}"#));
    };
    let mut options: Map<String, Value> = serde_json::from_slice(&body[at.clone()]).unwrap_or_default();
    options.insert("include_usage".to_owned(), true.into());
    (at.clone(), Value::Object(options).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::form;
    use crate::dialect::probe::probe;

    fn check(body: &str, model: &str, usage: bool, expected: &str) {
        let dialect = Dialect::OpenAiChat;
        let body = Bytes::copy_from_slice(body.as_bytes());
        let call = Call { dialect, probe: probe(dialect, &body).unwrap(), body };
        let spliced = spliced(&call, Wanted { model, usage });
        assert_eq!(std::str::from_utf8(&spliced).unwrap(), expected);
        assert_eq!(spliced.as_ptr() == call.body.as_ptr(), spliced == call.body);
    }

    #[test]
    fn every_other_byte_stays() {
        let body = r#"{ "b" : 1.0e2, "model" :"gpt-4o" , "a":"\u00e9" }"#;
        check(body, "gpt-4o", false, body);
        check(body, "x", false, r#"{ "b" : 1.0e2, "model" :"x" , "a":"\u00e9" }"#);
        check("{}", "x", false, "{}");
    }

    #[test]
    fn a_name_is_escaped() {
        check(r#"{"model":"m"}"#, "a\"b\\c\n", false, r#"{"model":"a\"b\\c\n"}"#);
    }

    #[test]
    fn a_form_has_the_name_as_it_is() {
        let form = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nopenai/whisper-1\r\n--x--\r\n";
        let probe = form::probe("multipart/form-data; boundary=x", form.as_bytes()).unwrap();
        let call = Call { dialect: Dialect::OpenAiForm, body: Bytes::from(form), probe };
        let spliced = spliced(&call, Wanted { model: "whisper-1", usage: false });
        assert_eq!(spliced, form.replace("openai/", "").into_bytes());
    }

    #[test]
    fn the_usage_is_asked_for_in_the_callers_own_options() {
        check(r#" { "model":"m"}"#, "m", true, r#" {"stream_options":{"include_usage":true}, "model":"m"}"#);
        check("{ }", "m", true, r#"{"stream_options":{"include_usage":true} }"#);
        let expected = r#"{"stream_options":{"include_usage":true},"model":"n"}"#;
        check(r#"{"stream_options":null,"model":"m"}"#, "n", true, expected);
        check(
            r#"{"stream_options": {"include_usage": false},"model":"m"}"#,
            "n",
            true,
            &expected.replace("s\":{", "s\": {"),
        );
        let expected = r#"{"model":"long","stream_options":{"include_obfuscation":false,"include_usage":true}}"#;
        check(r#"{"model":"m","stream_options":{"include_obfuscation":false}}"#, "long", true, expected);
    }
}
