//! AWS's event streams as a server writes them, with a checksum that is not the code's under test.

/// One message; exceptions are told by their names.
pub(crate) fn event(name: &str, payload: &str) -> Vec<u8> {
    let (kind, header) =
        if name.ends_with("Exception") { ("exception", ":exception-type") } else { ("event", ":event-type") };
    let mut headers = Vec::new();
    for (name, text) in [(header, name), (":content-type", "application/json"), (":message-type", kind)] {
        headers.push(u8::try_from(name.len()).unwrap());
        headers.extend_from_slice(name.as_bytes());
        headers.push(7);
        headers.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
        headers.extend_from_slice(text.as_bytes());
    }
    let length = 16 + headers.len() + payload.len();
    let mut message = [length, headers.len()].map(|it| u32::try_from(it).unwrap().to_be_bytes()).concat();
    message.extend_from_slice(&checksum(&message).to_be_bytes());
    message.extend_from_slice(&headers);
    message.extend_from_slice(payload.as_bytes());
    message.extend_from_slice(&checksum(&message).to_be_bytes());
    message
}

/// CRC-32, bit by bit.
fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
        }
    }
    !sum
}

#[test]
fn the_checksum_is_that_of_the_standard() {
    assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
}
