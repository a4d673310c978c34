use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair as RsaKey, KeySize};
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::account::Account;
use super::fetch::fetch;
use super::jwt::assertion;
use super::source::{Minted, Source, Trouble};
use super::*;
use crate::upstream::origin::Origins;

/// The file of an account with a key of its own.
fn file(token_uri: &str) -> String {
    let key = RsaKey::generate(KeySize::Rsa2048).unwrap();
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'static>>::as_der(&key).unwrap();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
    json!({
        "type": "service_account",
        "project_id": "a-project",
        "private_key_id": "key-1",
        "private_key": pem,
        "client_email": "proxy@a-project.iam.gserviceaccount.com",
        "token_uri": token_uri,
    })
    .to_string()
}

fn account(token_uri: &str) -> Account {
    Account::read(&file(token_uri)).unwrap()
}

/// The claims of an assertion whose signature is the account's.
fn verified(account: &Account, assertion: &str) -> [Value; 2] {
    let (text, signature) = assertion.rsplit_once('.').unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, account.key.public_key().as_ref());
    key.verify(text.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let (header, claims) = text.split_once('.').unwrap();
    [header, claims].map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
}

#[test]
fn an_assertion_is_signed_and_says_what_google_wants_to_know() {
    let account = account("https://oauth2.googleapis.com/token");
    let [header, claims] = verified(&account, &assertion(&account, 1_700_000_000).unwrap());
    assert_eq!(header, json!({"alg": "RS256", "typ": "JWT", "kid": "key-1"}));
    let expected = json!({
        "iss": "proxy@a-project.iam.gserviceaccount.com",
        "scope": "https://www.googleapis.com/auth/cloud-platform",
        "aud": "https://oauth2.googleapis.com/token",
        "iat": 1_700_000_000,
        "exp": 1_700_003_600,
    });
    assert_eq!(claims, expected);
    assert_eq!(account.project.as_deref(), Some("a-project"));
    assert_eq!(format!("{account:?}"), "Account(proxy@a-project.iam.gserviceaccount.com, ***)");
}

/// A token endpoint that answers once; it gives the request that it got.
fn endpoint(status: &'static str, body: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/token", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut request, mut buffer) = (String::new(), [0; 4096]);
        while !is_whole(&request) {
            let count = stream.read(&mut buffer).unwrap();
            assert_ne!(count, 0, "the request broke off: {request}");
            request.push_str(str::from_utf8(&buffer[..count]).unwrap());
        }
        let length = body.len();
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
        request
    });
    (uri, served)
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    body.len() >= length.parse::<usize>().unwrap()
}

fn fetched(account: &Account) -> Result<Minted, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(fetch(account, &Origins::default(), 1_700_000_000))
}

#[test]
fn an_assertion_is_exchanged_for_a_token() {
    let (uri, served) = endpoint("200 OK", r#"{"access_token": "ya29.x", "expires_in": 3599, "token_type": "Bearer"}"#);
    let account = account(&uri);
    let source = Source::new(Account::read(&file(&uri)).unwrap(), Clock::stepped());
    source.ends(fetched(&account));
    assert_eq!(source.header().unwrap(), "Bearer ya29.x");
    let request = served.join().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /token HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
    let assertion = body.strip_prefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=");
    assert_eq!(verified(&account, assertion.unwrap())[1]["aud"], uri);
}

#[test]
fn what_is_no_token_is_said_in_the_gateways_words() {
    let check = |status, body, expected: &str| {
        let (uri, served) = endpoint(status, body);
        assert_eq!(fetched(&account(&uri)).err().as_deref(), Some(expected), "{body}");
        served.join().unwrap();
    };
    let refused = r#"{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}"#;
    check("400 Bad Request", refused, "the token endpoint said 400 (invalid_grant)");
    check("503 Service Unavailable", "<html>", "the token endpoint said 503");
    check("200 OK", r#"{"access_token": "ya29"}"#, "the token endpoint said 200");
    check("200 OK", r#"{"access_token": "a\nb", "expires_in": 1}"#, "the token is none");
    check("401 Unauthorized", r#"{"error": "Some text, with <b>marks</b>"}"#, "the token endpoint said 401");
}

fn minted(token: &str) -> Minted {
    Minted::new(token, Duration::from_hours(1)).unwrap()
}

/// Steps on; whether a token is due then.
fn due(source: &Source, clock: &Clock, seconds: u64) -> bool {
    clock.step(Duration::from_secs(seconds));
    source.begins()
}

#[test]
fn a_token_is_renewed_five_minutes_before_its_end() {
    let clock = Clock::stepped();
    let source = Source::new(account("http://127.0.0.1/"), clock.clone());
    assert_eq!(source.header(), None);
    assert!(source.begins());
    assert!(!source.begins(), "one fetch at a time");
    source.ends(Ok(minted("one")));
    assert!(!due(&source, &clock, 55 * 60 - 1));
    assert!(due(&source, &clock, 1));
    assert_eq!(source.header().unwrap(), "Bearer one");
    source.ends(Ok(minted("two")));
    assert_eq!((source.header().unwrap(), source.trouble()), ("Bearer two".parse().unwrap(), None));
}

#[test]
fn the_last_token_serves_until_its_end_while_no_other_can_be_had() {
    let clock = Clock::stepped();
    let source = Source::new(account("http://127.0.0.1/"), clock.clone());
    assert!(source.begins());
    source.ends(Ok(minted("one")));
    let mut waits = Vec::new();
    assert!(due(&source, &clock, 55 * 60));
    let down = || Err("down".to_owned());
    source.ends(down());
    for _ in 0..8 {
        let waited = (1..100).find(|_| due(&source, &clock, 1)).unwrap();
        waits.push(waited);
        source.ends(down());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    let trouble = |serves| Some(Trouble { serves, message: "down".to_owned() });
    assert_eq!((source.header().unwrap(), source.trouble()), ("Bearer one".parse().unwrap(), trouble(true)));
    clock.step(Duration::from_mins(2));
    assert_eq!((source.header(), source.trouble()), (None, trouble(false)));
    assert!(source.begins());
    source.ends(Ok(minted("two")));
    assert_eq!((source.header().unwrap(), source.trouble()), ("Bearer two".parse().unwrap(), None));
}

#[test]
fn a_short_life_is_renewed_at_its_half() {
    let clock = Clock::stepped();
    let source = Source::new(account("http://127.0.0.1/"), clock.clone());
    assert!(source.begins());
    source.ends(Ok(Minted::new("a", Duration::from_mins(1)).unwrap()));
    assert!(!due(&source, &clock, 29));
    assert!(due(&source, &clock, 1));
}

#[test]
fn the_same_file_keeps_its_token_and_another_has_its_own() {
    let (tokens, clock) = (Tokens::default(), Clock::stepped());
    let (one, two) = (file("http://127.0.0.1/"), file("http://127.0.0.1/"));
    let first = tokens.of(&one, &clock).unwrap();
    first.ends(Ok(minted("one")));
    assert!(Arc::ptr_eq(&first, &tokens.of(&one, &clock).unwrap()));
    assert_eq!(tokens.of(&two, &clock).unwrap().header(), None);
    drop(first);
    assert_eq!(tokens.of(&one, &clock).unwrap().header(), None, "what nobody uses is forgotten");
    assert!(tokens.of("{}", &clock).is_err());
}
