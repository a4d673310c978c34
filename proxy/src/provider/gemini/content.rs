//! Turns of a conversation as contents of Gemini's.

use aigateway_config::provider::UnsupportedFields;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::provider::conversation::{Conversation, Field, Part, Role, Source, Text, Turn, Unsupported, refuse};

/// What takes the place of a proof that is not there: clients' formats that have none, and calls that another model made.
/// Source: <https://ai.google.dev/gemini-api/docs/thought-signatures>, November 2026.
const NO_PROOF: &str = "skip_thought_signature_validator";

/// A turn, or the instructions above them, which have no role.
#[derive(Serialize)]
pub(super) struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: Vec<Piece<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Piece<'a> {
    #[serde(flatten)]
    data: Data<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    thought: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thought_signature: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Data<'a> {
    Text(&'a str),
    #[serde(rename = "inlineData")]
    Inline(Blob<'a>),
    #[serde(rename = "fileData")]
    File(File<'a>),
    FunctionCall {
        id: &'a str,
        name: &'a str,
        args: &'a RawValue,
    },
    FunctionResponse {
        id: &'a str,
        name: &'a str,
        response: Response,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        parts: Vec<Data<'a>>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Blob<'a> {
    mime_type: &'a str,
    data: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'static str>,
    file_uri: &'a str,
}

/// What a function gave back. Google takes any object, and knows these two names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Response {
    Output(String),
    Error(String),
}

impl<'a> Data<'a> {
    fn alone(self) -> Piece<'a> {
        Piece { data: self, thought: false, thought_signature: None }
    }
}

/// What parts are put under.
#[derive(Clone, Copy)]
struct Under<'a, 'c> {
    conversation: &'a Conversation<'c>,
    policy: UnsupportedFields,
}

/// The instructions above the turns; `None` where there are none.
pub(super) fn system<'a>(conversation: &'a Conversation<'_>) -> Option<Content<'a>> {
    let texts = conversation.system.iter().filter_map(|part| match part {
        Part::Text(text) => Some(Data::Text(text).alone()),
        _ => None,
    });
    let parts: Vec<_> = texts.collect();
    (!parts.is_empty()).then_some(Content { role: None, parts })
}

/// The turns. `proves`: the model wants a proof of its own calls, or a word that there is none.
pub(super) fn contents<'a>(
    conversation: &'a Conversation<'_>,
    proves: bool,
    policy: UnsupportedFields,
) -> Result<Vec<Content<'a>>, Unsupported> {
    let under = Under { conversation, policy };
    let contents = conversation.turns.iter().map(|turn| content(turn, under, proves));
    contents.filter(|content| content.as_ref().map_or(true, |content| !content.parts.is_empty())).collect()
}

fn content<'a>(turn: &'a Turn<'_>, under: Under<'a, '_>, proves: bool) -> Result<Content<'a>, Unsupported> {
    let mut parts = Vec::with_capacity(turn.parts.len());
    for part in &turn.parts {
        parts.extend(piece(part, under)?);
    }
    let is_call = |piece: &&mut Piece<'_>| matches!(piece.data, Data::FunctionCall { .. });
    // Of calls in parallel the first alone has a proof.
    if let Some(first) = parts.iter_mut().find(is_call).filter(|_| proves) {
        first.thought_signature.get_or_insert(NO_PROOF);
    }
    if turn.role == Role::Assistant && proves {
        for made in parts.iter_mut().filter(|piece| matches!(piece.data, Data::Inline(_))) {
            made.thought_signature.get_or_insert(NO_PROOF);
        }
    }
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "model",
    };
    Ok(Content { role: Some(role), parts })
}

/// `None` where the part is left out: it has no counterpart, or is a mark and no content.
fn piece<'a>(part: &'a Part<'_>, under: Under<'a, '_>) -> Result<Option<Piece<'a>>, Unsupported> {
    Ok(match part {
        Part::Text(text) => Some(Data::Text(text).alone()),
        Part::Image(source) | Part::MadeImage(source) | Part::Audio(source) => Some(data(source, None).alone()),
        Part::Document { source, title: _, cited } => {
            if *cited {
                refuse(under.policy, Field::Document, "it has no citations of documents; ask for none")?;
            }
            Some(data(source, Some("application/pdf")).alone())
        }
        // A thought without its proof says nothing to the model, nor does another provider's.
        Part::Reasoning { signature: None, .. } | Part::RedactedReasoning(_) | Part::CachePoint(_) => None,
        Part::Reasoning { text, signature: Some(signature) } => {
            Some(Piece { data: Data::Text(text), thought: true, thought_signature: Some(signature) })
        }
        Part::ToolCall { id, name, arguments, signature } => {
            let data = Data::FunctionCall { id, name, args: arguments };
            Some(Piece { data, thought: false, thought_signature: signature.as_deref() })
        }
        Part::ToolResult { id, content, is_error } => result(id, content, *is_error, under)?.map(Data::alone),
    })
}

/// A result names the function that it is of.
fn result<'a>(
    id: &'a Text<'_>,
    content: &'a [Part<'_>],
    is_error: bool,
    under: Under<'a, '_>,
) -> Result<Option<Data<'a>>, Unsupported> {
    let Some(name) = under.conversation.tool_called(id) else {
        refuse(under.policy, Field::ToolResult, "it answers a call that no message before it makes")?;
        return Ok(None);
    };
    let (mut texts, mut parts) = (Vec::new(), Vec::new());
    for part in content {
        match part {
            Part::Text(text) | Part::Document { source: Source::Text(text), .. } => texts.push(&**text),
            Part::Image(Source::Url(_)) | Part::Document { source: Source::Url(_), .. } => {
                refuse(under.policy, Field::ToolResult, "a result holds its files, not their addresses")?;
            }
            part => parts.extend(piece(part, under)?.map(|piece| piece.data)),
        }
    }
    let text = texts.join("\n");
    let response = if is_error { Response::Error(text) } else { Response::Output(text) };
    Ok(Some(Data::FunctionResponse { id, name, response, parts }))
}

/// A text is a text wherever it is from. What is at an address is fetched by Google, which wants to know what it is: by
/// its ending, else by `otherwise`.
fn data<'a>(source: &'a Source<'_>, otherwise: Option<&'static str>) -> Data<'a> {
    match source {
        Source::Base64 { media_type, data } => Data::Inline(Blob { mime_type: media_type, data }),
        Source::Url(url) => Data::File(File { mime_type: by_ending(url).or(otherwise), file_uri: url }),
        Source::Text(text) => Data::Text(text),
    }
}

/// The types that Gemini takes, by the endings of their files' names.
/// Source: <https://ai.google.dev/gemini-api/docs/file-input-methods>, November 2026.
const ENDINGS: &[(&str, &str)] = &[
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("gif", "image/gif"),
    ("bmp", "image/bmp"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("md", "text/plain"),
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("json", "application/json"),
    ("wav", "audio/wav"),
    ("mp3", "audio/mp3"),
];

fn by_ending(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    ENDINGS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|(_, media_type)| *media_type)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn text(text: &str) -> Text<'_> {
        text.into()
    }

    fn call(signature: Option<&str>) -> Part<'_> {
        let arguments = RawValue::from_string("{}".to_owned()).unwrap();
        Part::ToolCall { id: text("1"), name: text("f"), arguments, signature: signature.map(Text::from) }
    }

    fn put(turns: Vec<(Role, Vec<Part<'_>>)>, policy: UnsupportedFields) -> Result<Value, Field> {
        let mut conversation = Conversation::default();
        for (role, parts) in turns {
            conversation.say(role, parts);
        }
        let contents = contents(&conversation, true, policy).map_err(|unsupported| unsupported.field)?;
        Ok(serde_json::to_value(contents).unwrap())
    }

    fn assistant(parts: Vec<Part<'_>>) -> Value {
        put(vec![(Role::Assistant, parts)], UnsupportedFields::Refuse).unwrap()[0]["parts"].clone()
    }

    fn image(url: bool) -> Source<'static> {
        if url {
            Source::Url("https://a/b".into())
        } else {
            Source::Base64 { media_type: "image/png".into(), data: "AA==".into() }
        }
    }

    #[test]
    fn proofs_go_back_to_where_they_came_from() {
        let thought = |signature: Option<&'static str>| Part::Reasoning {
            text: text("hm"),
            signature: signature.map(Text::from),
        };
        let expected = json!([{"text": "hm", "thought": true, "thoughtSignature": "s"},
            {"functionCall": {"id": "1", "name": "f", "args": {}}, "thoughtSignature": "p"}]);
        assert_eq!(assistant(vec![thought(Some("s")), call(Some("p"))]), expected);
        let unproven = vec![thought(None), Part::RedactedReasoning(text("x")), Part::Text(text("a"))];
        assert_eq!(assistant(unproven), json!([{"text": "a"}]));
    }

    #[test]
    fn a_turn_of_which_nothing_is_left_is_left_out() {
        let turns = vec![
            (Role::User, vec![Part::Text(text("a"))]),
            (Role::Assistant, vec![Part::RedactedReasoning(text("x"))]),
        ];
        assert_eq!(put(turns, UnsupportedFields::Refuse).unwrap().as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_result_holds_texts_files_and_failures() {
        let result = |content, is_error| {
            let turns = vec![
                (Role::Assistant, vec![call(None)]),
                (Role::User, vec![Part::ToolResult { id: text("1"), content, is_error }]),
            ];
            put(turns, UnsupportedFields::Refuse).map(|contents| contents[1]["parts"][0]["functionResponse"].clone())
        };
        let note = Part::Document { source: Source::Text(text("b")), title: Some(text("t")), cited: false };
        let content = vec![Part::Text(text("a")), note, Part::Image(image(false))];
        let parts = json!([{"inlineData": {"mimeType": "image/png", "data": "AA=="}}]);
        let expected = json!({"id": "1", "name": "f", "response": {"output": "a\nb"}, "parts": parts});
        assert_eq!(result(content, false), Ok(expected));
        let expected = json!({"id": "1", "name": "f", "response": {"error": "no"}});
        assert_eq!(result(vec![Part::Text(text("no"))], true), Ok(expected));
        assert_eq!(result(vec![Part::Image(image(true))], false), Err(Field::ToolResult));
    }

    #[test]
    fn documents_are_files_or_texts_and_are_not_cited() {
        let document = |source, cited| Part::Document { source, title: None, cited };
        let put = |part, policy| put(vec![(Role::User, vec![part])], policy).map(|it| it[0]["parts"][0].clone());
        let refuse = UnsupportedFields::Refuse;
        let file = json!({"fileData": {"mimeType": "application/pdf", "fileUri": "https://a/b"}});
        assert_eq!(put(document(image(true), false), refuse), Ok(file.clone()));
        assert_eq!(put(document(Source::Text(text("a")), false), refuse), Ok(json!({"text": "a"})));
        assert_eq!(put(document(image(true), true), refuse), Err(Field::Document));
        assert_eq!(put(document(image(true), true), UnsupportedFields::Drop), Ok(file));
    }
}
