//! Names of requests: UUIDs of version 7 (RFC 9562), which sort by time to the millisecond.

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use uuid::{Builder, Uuid};

/// The name of a request in the log and in `cf-aig-log-id`. Unique, and no secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId(Uuid);

thread_local! {
    /// A keyed hash of a counter, the key from the system's randomness: no two threads' numbers meet but by chance.
    static RANDOM: (RandomState, Cell<u64>) = (RandomState::new(), Cell::new(0));
}

fn random() -> u64 {
    RANDOM.with(|(keys, counter)| {
        counter.set(counter.get().wrapping_add(1));
        keys.hash_one(counter.get())
    })
}

impl LogId {
    /// The name of no request.
    pub const NIL: Self = Self(Uuid::nil());

    /// A new name for a request of this time.
    pub fn new(created_at: SystemTime) -> Self {
        let since_epoch = created_at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&random().to_ne_bytes());
        bytes[8..].copy_from_slice(&random().to_ne_bytes()[..2]);
        Self(Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }

    /// The value of `cf-aig-log-id`.
    ///
    /// # Panics
    /// Never: hexadecimal digits and hyphens may stand in a header.
    pub fn header(self) -> HeaderValue {
        let mut buffer = Uuid::encode_buffer();
        let text: &str = self.0.hyphenated().encode_lower(&mut buffer);
        HeaderValue::from_str(text).expect("hexadecimal digits and hyphens may stand in a header")
    }
}

impl LogId {
    /// Appends the name as a JSON string.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
        out.push(b'"');
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.0.hyphenated().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::*;

    #[test]
    fn names_are_unique_and_sort_by_time() {
        let at = |millis| LogId::new(UNIX_EPOCH + Duration::from_millis(millis));
        assert!(at(1_700_000_000_000).to_string() < at(1_700_000_000_001).to_string());
        let names: HashSet<LogId> = (0..10_000).map(|_| at(7)).collect();
        assert_eq!(names.len(), 10_000);
    }

    #[test]
    fn a_name_is_a_uuid_of_version_7() {
        let id = LogId::new(UNIX_EPOCH + Duration::from_millis(0x0199_0000_0000));
        let text = id.to_string();
        assert!(text.starts_with("01990000-0000-7"), "{text}");
        assert_eq!(id.header(), text.as_str());
        let mut json = Vec::new();
        id.write(&mut json);
        assert_eq!(json, format!("\"{text}\"").into_bytes());
    }
}
