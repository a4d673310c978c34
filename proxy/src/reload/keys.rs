//! The stored keys: what the mounted files say now, and what is kept of those that went away.
//!
//! A key is never shown: nothing here is printed, and what is wrong with a file names the file alone.

use std::collections::{BTreeMap, BTreeSet};

use super::files::Found;

/// The keys of all gateways, by the absolute path of their files.
#[derive(Default)]
pub(crate) struct Keys {
    by_path: BTreeMap<String, Key>,
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Its file has it.
    Present,
    /// There is none: its file was never there, is empty, or holds no key.
    Missing,
    /// Its file is away; what it said last is used until the process ends.
    Stale,
}

#[derive(PartialEq, Eq)]
struct Key {
    mounted: Option<Vec<u8>>,
    value: Option<String>,
    problem: Option<String>,
}

impl State {
    /// Its name in `/status`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Missing => "missing",
            Self::Stale => "stale",
        }
    }
}

impl Keys {
    /// Reads the files at `paths`, and forgets all others; whether anything is another than before.
    pub(super) fn update(&mut self, paths: &BTreeSet<String>, read: impl Fn(&str) -> Found) -> bool {
        let known = self.by_path.len();
        self.by_path.retain(|path, _| paths.contains(path));
        let mut changed = self.by_path.len() != known;
        for path in paths {
            let before = self.by_path.remove(path);
            let after = Key::after(before.as_ref(), path, read(path));
            if before.as_ref() != Some(&after) {
                changed = true;
                after.tell(before.as_ref(), path);
            }
            self.by_path.insert(path.clone(), after);
        }
        changed
    }

    /// The files that are read.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.by_path.keys().map(String::as_str)
    }

    /// The key that the file at `path` holds, or held last.
    pub(crate) fn value(&self, path: &str) -> Option<&str> {
        self.by_path.get(path)?.value.as_deref()
    }

    /// How the key at `path` stands.
    pub(super) fn state(&self, path: &str) -> State {
        self.by_path.get(path).map_or(State::Missing, Key::state)
    }

    /// The whole content of the file at `path`; `None` where it is away.
    pub(super) fn mounted(&self, path: &str) -> Option<&[u8]> {
        self.by_path.get(path)?.mounted.as_deref()
    }

    /// What is wrong with the file at `path`.
    pub(super) fn problem(&self, path: &str) -> Option<&str> {
        self.by_path.get(path)?.problem.as_deref()
    }
}

impl Key {
    /// What a key is after a look at its file found this.
    fn after(before: Option<&Self>, path: &str, found: Found) -> Self {
        let kept = before.and_then(|before| before.value.clone());
        match found {
            Found::Content(content) => {
                let (value, problem) = match read(&content) {
                    Ok(value) => (value, None),
                    Err(wrong) => (None, Some(format!("{path} {wrong}"))),
                };
                Self { mounted: Some(content), value, problem }
            }
            Found::Absent => Self { mounted: None, value: kept, problem: None },
            Found::Unreadable(reason) => {
                Self { mounted: None, value: kept, problem: Some(format!("{path} can't be read: {reason}")) }
            }
        }
    }

    fn state(&self) -> State {
        match (&self.value, &self.mounted) {
            (Some(_), Some(_)) => State::Present,
            (Some(_), None) => State::Stale,
            (None, _) => State::Missing,
        }
    }

    /// Says in the log what a person should know about a key that is another than before.
    fn tell(&self, before: Option<&Self>, path: &str) {
        if let Some(problem) = &self.problem {
            tracing::warn!(problem, "a key's file can't be used");
        }
        if before.map(Self::state) == Some(self.state()) {
            return;
        }
        match self.state() {
            State::Present => {}
            State::Missing => tracing::warn!(path, "a key is missing: no call is made with it"),
            State::Stale => {
                tracing::warn!(path, "a key's file is gone; its last value is used until this process ends");
            }
        }
    }
}

/// The key in a file: its whole content less the white space around it; `None` where nothing is left.
fn read(content: &[u8]) -> Result<Option<String>, &'static str> {
    let text = str::from_utf8(content).map_err(|_| "holds no UTF-8 text")?.trim();
    // A service account's file and certificates, of which no header is made.
    if text.starts_with('{') || text.starts_with("-----BEGIN ") {
        return Ok(Some(text.to_owned()));
    }
    // Of what is no ASCII, HTTP says no more than that some recipients refuse it: RFC 9110, section 5.5.
    if !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Err("holds characters that no header can carry");
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/keys/openai";

    /// What a proxy that saw these, one after the other, makes of the last.
    fn check(seen: Vec<Found>, value: Option<&str>, state: State, problem: Option<&str>) {
        let mut keys = Keys::default();
        for found in seen {
            keys.update(&BTreeSet::from([PATH.to_owned()]), |_| found.clone());
        }
        assert_eq!((keys.value(PATH), keys.state(PATH), keys.problem(PATH)), (value, state, problem));
    }

    fn file(content: &[u8]) -> Found {
        Found::Content(content.into())
    }

    #[test]
    fn a_key_is_the_content_of_its_file_less_white_space() {
        check(vec![file(b" sk-1\r\n\n")], Some("sk-1"), State::Present, None);
        check(vec![file(b"sk-1"), file(b"sk-2")], Some("sk-2"), State::Present, None);
        check(vec![Found::Absent], None, State::Missing, None);
        let account = "{\n  \"type\": \"service_account\"\n}";
        check(vec![file(account.as_bytes())], Some(account), State::Present, None);
    }

    #[test]
    fn a_file_that_goes_away_keeps_its_key_and_an_empty_one_revokes_it() {
        check(vec![file(b"sk-1"), Found::Absent], Some("sk-1"), State::Stale, None);
        check(vec![file(b"sk-1"), Found::Absent, file(b"sk-2")], Some("sk-2"), State::Present, None);
        check(vec![file(b"sk-1"), file(b" \n")], None, State::Missing, None);
        check(vec![file(b"sk-1"), file(b""), Found::Absent], None, State::Missing, None);
        let unreadable = Found::Unreadable("permission denied".into());
        let problem = Some("/keys/openai can't be read: permission denied");
        check(vec![file(b"sk-1"), unreadable], Some("sk-1"), State::Stale, problem);
    }

    #[test]
    fn what_is_no_key_is_said_without_showing_it() {
        check(vec![file(b"sk-\xff")], None, State::Missing, Some("/keys/openai holds no UTF-8 text"));
        let problem = Some("/keys/openai holds characters that no header can carry");
        check(vec![file(b"sk-1"), file(b"sk-1\nsk-2")], None, State::Missing, problem);
        check(vec![file("sk-\u{e9}".as_bytes())], None, State::Missing, problem);
    }

    #[test]
    fn only_what_is_another_is_a_change() {
        let mut keys = Keys::default();
        let one = BTreeSet::from([PATH.to_owned()]);
        let changes = [file(b"a"), file(b"a"), file(b"a\n"), Found::Absent, Found::Absent]
            .map(|found| keys.update(&one, |_| found.clone()));
        assert_eq!(changes, [true, false, true, true, false]);
        assert!(keys.update(&BTreeSet::new(), |_| Found::Absent), "a key that nobody names is forgotten");
        assert_eq!(keys.value(PATH), None);
    }
}
