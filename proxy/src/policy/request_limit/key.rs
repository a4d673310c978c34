//! What a counter tells callers apart by: the values of a limit's `by`, as bytes of bounded length.

use sha2::{Digest, Sha256};

/// A longer key is replaced by its hash, so that a caller can't fill the memory with one.
const MAX_BYTES: usize = 128;

// None of these occurs in UTF-8, so no value can look like another one's end.
const ABSENT: u8 = 0xff;
const PRESENT: u8 = 0xfe;
const HASHED: u8 = 0xfd;

/// The values of a limit's `by`, in order; an absent one is a value of its own.
pub(super) struct Key {
    bytes: [u8; MAX_BYTES],
    length: usize,
}

impl Key {
    /// The key of these values.
    pub(super) fn of<'a>(values: impl Iterator<Item = Option<&'a str>> + Clone) -> Self {
        let mut key = Self { bytes: [0; MAX_BYTES], length: 0 };
        for value in values.clone() {
            let fits = match value {
                Some(text) => key.push(&[PRESENT]) && key.push(text.as_bytes()),
                None => key.push(&[ABSENT]),
            };
            if !fits {
                return Self::hashed(values);
            }
        }
        key
    }

    /// The key as bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn push(&mut self, bytes: &[u8]) -> bool {
        let Some(room) = self.bytes.get_mut(self.length..self.length + bytes.len()) else { return false };
        room.copy_from_slice(bytes);
        self.length += bytes.len();
        true
    }

    fn hashed<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut hash = Sha256::new_with_prefix([HASHED]);
        for value in values {
            hash.update([if value.is_some() { PRESENT } else { ABSENT }]);
            hash.update(value.unwrap_or_default());
        }
        let mut key = Self { bytes: [0; MAX_BYTES], length: 0 };
        key.push(&[HASHED]);
        key.push(&hash.finalize());
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(values: &[Option<&str>]) -> Vec<u8> {
        Key::of(values.iter().copied()).bytes().to_vec()
    }

    #[test]
    fn different_values_have_different_keys() {
        let long = "u".repeat(MAX_BYTES);
        let longer = "u".repeat(MAX_BYTES + 1);
        let all: [&[Option<&str>]; 9] = [
            &[],
            &[None],
            &[Some("")],
            &[Some("a"), Some("b")],
            &[Some("ab"), Some("")],
            &[Some(""), Some("ab")],
            &[Some("ab")],
            &[Some(&long)],
            &[Some(&longer)],
        ];
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                assert_ne!(key(one), key(other), "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn a_long_value_takes_bounded_room() {
        assert_eq!(key(&[Some(&"x".repeat(100_000))]).len(), 33);
    }
}
