//! One exchange of an assertion for an access token, over a connection of its own.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::time::timeout;

use super::account::Account;
use super::jwt::assertion;
use super::source::Minted;
use crate::upstream::origin::{Judged, Origins};
use crate::upstream::wire;

/// How long the connection may take, and how long all of it.
const CONNECT: Duration = Duration::from_secs(5);
const ALL: Duration = Duration::from_secs(15);

/// An answer is some 1 KiB.
const MAX_ANSWER: usize = 64 << 10;

const GRANT: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";

/// The answer, whether it is good or not.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    access_token: Option<String>,
    expires_in: Option<u64>,
    error: Option<String>,
}

/// Fetches a token.
///
/// # Errors
/// There is none; the text says why, and shows nothing that is secret.
pub(super) async fn fetch(account: &Account, origins: &Origins, now_unix: u64) -> Result<Minted, String> {
    match timeout(ALL, ask(account, origins, now_unix)).await {
        Ok(answered) => read(&answered?),
        Err(_) => Err("the token endpoint did not answer in time".to_owned()),
    }
}

async fn ask(account: &Account, origins: &Origins, now_unix: u64) -> Result<(StatusCode, Bytes), String> {
    let (origin, path) =
        origins.of(&account.token_uri, Judged::default()).ok_or("its token_uri is no URL that can be called")?;
    let body = Bytes::from(format!("{GRANT}{}", assertion(account, now_unix)?));
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = Method::POST;
    let path = if path.is_empty() { "/" } else { &path };
    *request.uri_mut() = Uri::try_from(path).map_err(|error| error.to_string())?;
    request.headers_mut().insert(HOST, origin.authority.clone());
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let wire = wire::connect(&origin, origins, CONNECT).await?;
    let (mut sender, driver) = handshake(TokioIo::new(wire)).await.map_err(|error| error.to_string())?;
    // It ends with the connection, whose other end is dropped below.
    tokio::spawn(driver);
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await.map_err(|error| error.to_string())?;
    Ok((status, body.to_bytes()))
}

fn read((status, body): &(StatusCode, Bytes)) -> Result<Minted, String> {
    let answer: Answer = serde_json::from_slice(body).unwrap_or_default();
    match (answer.access_token, answer.expires_in) {
        (Some(token), Some(seconds)) if status.is_success() && !token.is_empty() => {
            Minted::new(&token, Duration::from_secs(seconds)).ok_or_else(|| "the token is none".to_owned())
        }
        (_, _) => {
            let error = answer
                .error
                .filter(|name| name.len() < 50 && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()));
            let said = error.map_or(String::new(), |name| format!(" ({name})"));
            Err(format!("the token endpoint said {}{said}", status.as_u16()))
        }
    }
}
