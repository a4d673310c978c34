//! A multipart form (RFC 7578), read as it comes for one field: the model. Nothing of it is decoded or changed.

use std::ops::Range;

use memchr::memmem;

use crate::call::Probe;

/// The longest boundary that is looked for; RFC 2046 allows 70 bytes.
const BOUNDARY_BYTES: usize = 200;
/// The longest name of a model.
const MODEL_BYTES: usize = 256;

/// A form of which ever more has come.
#[derive(Debug)]
pub struct Form {
    /// What stands before each part but the first, whose line break may be missing.
    delimiter: Vec<u8>,
    /// Where the part begins that has not ended.
    part: Option<usize>,
    searched: usize,
}

/// What a look at it comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Look {
    /// This is its model, and where it stands.
    Model(String, Range<usize>),
    /// The part that may be it has not come whole.
    Unknown,
    /// It has none.
    None,
}

impl Form {
    /// The form of a content type; `None` where that is no form's.
    pub fn of(content_type: &str) -> Option<Self> {
        let (kind, parameters) = content_type.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let boundary = parameter(parameters, "boundary").filter(|it| !it.is_empty() && it.len() <= BOUNDARY_BYTES)?;
        Some(Self { delimiter: format!("\r\n--{boundary}").into_bytes(), part: None, searched: 0 })
    }

    /// Looks at all that has come; what was looked at before is not searched again.
    pub fn look(&mut self, came: &[u8]) -> Look {
        let first = &self.delimiter[2..];
        if self.part.is_none() && came.starts_with(first) {
            (self.part, self.searched) = (Some(first.len()), first.len());
        }
        while let Some(found) = memmem::find(&came[self.searched..], &self.delimiter) {
            let end = self.searched + found;
            if let Some((model, at)) = self.part.and_then(|begin| model_of(came, begin..end)) {
                return Look::Model(model, at);
            }
            let begin = end + self.delimiter.len();
            (self.part, self.searched) = (Some(begin), begin);
            if self.has_ended(came) {
                return Look::None;
            }
        }
        // What closes the last part may have come in two pieces.
        if self.has_ended(came) {
            return Look::None;
        }
        let unsure = came.len().saturating_sub(self.delimiter.len() - 1);
        self.searched = self.searched.max(unsure);
        Look::Unknown
    }

    /// Whether what was found last closes the form.
    fn has_ended(&self, came: &[u8]) -> bool {
        self.part.is_some_and(|begin| came[begin..].starts_with(b"--"))
    }
}

/// The value of a part that is the field `model`, and where it stands.
fn model_of(form: &[u8], part: Range<usize>) -> Option<(String, Range<usize>)> {
    let head_ends = part.start + memmem::find(&form[part.clone()], b"\r\n\r\n")?;
    let head = str::from_utf8(&form[part.start..head_ends]).ok()?;
    let is_model = head.split("\r\n").filter_map(|line| line.split_once(':')).any(|(name, value)| {
        name.trim().eq_ignore_ascii_case("content-disposition")
            && value.split_once(';').and_then(|(_, parameters)| parameter(parameters, "name")) == Some("model")
    });
    let at = head_ends + 4..part.end;
    let value = form.get(at.clone()).filter(|value| is_model && value.len() <= MODEL_BYTES)?;
    let model = str::from_utf8(value).ok()?.trim();
    (!model.is_empty()).then(|| (model.to_owned(), at))
}

/// A parameter of a header's value, its quotes undone.
fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    let pairs = parameters.split(';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(known, _)| known.trim().eq_ignore_ascii_case(name));
    let value = named.next()?.1.trim();
    Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// Looks at a whole form of a content type; `None` where that is no form's.
pub fn probe(content_type: &str, body: &[u8]) -> Option<Probe> {
    let (model, model_at) = match Form::of(content_type)?.look(body) {
        Look::Model(model, at) => (Some(model), Some(at)),
        Look::Unknown | Look::None => (None, None),
    };
    Some(Probe { model, model_at, ..Probe::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a; name=model\"\r\n\
                        content-type: audio/wav\r\n\r\nRIFF\r\n--y\r\n\r\nname=\"model\"";
    const MODEL: &str = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1";

    /// What is found when the form comes in pieces of this length, and after how many bytes.
    fn read(form: &str, piece: usize) -> (Look, usize) {
        let mut reading = Form::of("multipart/form-data; boundary=x").unwrap();
        let mut came = 0;
        loop {
            came = (came + piece).min(form.len());
            match reading.look(&form.as_bytes()[..came]) {
                Look::Unknown if came < form.len() => {}
                look => return (look, came),
            }
        }
    }

    #[test]
    fn the_model_is_found_wherever_it_stands_and_is_cut() {
        let model = |form: &str| {
            let at = form.find("whisper-1").unwrap();
            Look::Model("whisper-1".to_owned(), at..at + "whisper-1".len())
        };
        let first = format!("{MODEL}\r\n{FILE}\r\n--x--\r\n");
        let last = format!("a preamble\r\n{FILE}\r\n{MODEL}\r\n--x--\r\n");
        for piece in [1, 2, 3, 10, 1000] {
            assert_eq!(read(&first, piece).0, model(&first), "{piece}");
            assert_eq!(read(&last, piece).0, model(&last), "{piece}");
        }
        assert_eq!(read(&first, 1), (model(&first), MODEL.len() + 5), "no more is waited for");
    }

    #[test]
    fn a_form_without_a_model_has_none() {
        assert_eq!(read(&format!("{FILE}\r\n--x--\r\n"), 5).0, Look::None);
        assert_eq!(read(FILE, 5).0, Look::Unknown);
        assert_eq!(read("no form", 3).0, Look::Unknown);
        let long = format!("--x\r\ncontent-disposition: form-data; name=model\r\n\r\n{}\r\n--x--", "m".repeat(300));
        assert_eq!(read(&long, 7).0, Look::None);
    }

    #[test]
    fn only_a_form_is_one() {
        assert!(Form::of("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"").is_some());
        for other in ["multipart/form-data", "multipart/mixed; boundary=x", "audio/wav; boundary=x", ""] {
            assert!(Form::of(other).is_none(), "{other}");
        }
    }
}
