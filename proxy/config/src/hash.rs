//! What a proxy says that it runs, and what the operator expects it to say: the first 16 hexadecimal digits of SHA-256.

use sha2::{Digest, Sha256};

use crate::GatewayConfig;
use crate::check::Checked;

/// The hash of a configuration as it is written to JSON, with generation 0: a generation that changes nothing has the
/// hash of the one before.
///
/// # Panics
/// Never: maps of a configuration have text for keys, which is all that writing it to memory could fail at.
pub fn of_config(config: &Checked) -> String {
    let config = GatewayConfig { generation: 0, ..GatewayConfig::clone(config) };
    of_bytes(&serde_json::to_vec(&config).expect("maps of a configuration have text for keys"))
}

/// The hash of what is mounted: the gateway's uid, then path and whole content of each file, in the order of their
/// paths. Each text is preceded by its length in bytes as a big-endian `u64`; a content by a byte 1 before that, and an
/// absent one is a byte 0.
pub fn of_secrets<'a>(uid: &str, files: impl Iterator<Item = (&'a str, Option<&'a [u8]>)>) -> String {
    let mut hash = Sha256::new();
    push(&mut hash, uid.as_bytes());
    for (path, content) in files {
        push(&mut hash, path.as_bytes());
        hash.update([u8::from(content.is_some())]);
        if let Some(content) = content {
            push(&mut hash, content);
        }
    }
    digits(hash.finalize().as_slice())
}

fn push(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// The hash of these bytes as they are.
pub fn of_bytes(bytes: &[u8]) -> String {
    digits(Sha256::digest(bytes).as_slice())
}

fn digits(hash: &[u8]) -> String {
    hash.iter()
        .take(8)
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_secrets_tells_all_that_may_differ() {
        let of = |uid: &str, files: &[(&str, Option<&str>)]| {
            of_secrets(uid, files.iter().map(|(path, content)| (*path, content.map(str::as_bytes))))
        };
        let all = [
            of("a", &[]),
            of("b", &[]),
            of("a", &[("/x", None)]),
            of("a", &[("/x", Some(""))]),
            of("a", &[("/x", Some("1"))]),
            of("a", &[("/x", Some("12"))]),
            of("a", &[("/x", Some("1")), ("/y", Some("2"))]),
            of("a", &[("/x", Some("2")), ("/y", Some("1"))]),
        ];
        let different: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(different.len(), all.len(), "{all:?}");
        assert_eq!(all[0], of("a", &[]));
    }

    #[test]
    fn the_form_is_what_the_operator_computes_too() {
        // printf '\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\2/x\1\0\0\0\0\0\0\0\0011' | sha256sum
        assert_eq!(of_secrets("a", [("/x", Some(&b"1"[..]))].into_iter()), "6436344c31a42eaa");
    }
}
