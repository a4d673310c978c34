//! The names of models that callers may use: answered here, no provider is asked.

use std::rc::Rc;

use super::job::Asking;
use super::{Desk, Reply, aim, answer};
use crate::dialect::model_list::ListFormat;
use crate::error::GatewayError;
use crate::server::worker::Worker;

/// Answers with all names, or with the one that begins at byte `id` of the path.
///
/// # Errors
/// The request is not admitted, or there is no such name.
pub(crate) fn serve(
    worker: &Rc<Worker>,
    desk: &mut Desk,
    asking: &Asking,
    id: Option<usize>,
) -> Result<Reply, GatewayError> {
    let Asking { gateway, door: _, head, caller } = asking;
    desk.extras.admit(&gateway.rules, caller.subject(), worker.shared.clock.now())?;
    let is_anthropic = head.headers.contains_key("anthropic-version");
    let format = if is_anthropic { ListFormat::Anthropic } else { ListFormat::OpenAi };
    let body = match id {
        None => format.all(&gateway.listed()),
        Some(at) => {
            let name = decoded(head.uri.path().get(at..).unwrap_or_default());
            let listed = gateway.listed_as(&name).ok_or_else(|| aim::unknown(gateway, &name))?;
            format.one(&listed)
        }
    };
    Ok(answer::own(desk, body))
}

/// A segment of a path as it was before it was encoded; what is no text then has other letters in its place.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|code| str::from_utf8(code).ok());
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_decoded_once() {
        for (segment, name) in [
            ("openai/gpt-4o", "openai/gpt-4o"),
            ("openai%2Fgpt-4o", "openai/gpt-4o"),
            ("%40cf%2fa%252f", "@cf/a%2f"),
            ("100%", "100%"),
            ("%zz%e9", "%zz\u{fffd}"),
        ] {
            assert_eq!(decoded(segment), name, "{segment}");
        }
    }
}
