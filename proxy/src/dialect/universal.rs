//! The body of a universal call: steps, each a request to one provider. Source:
//! <https://developers.cloudflare.com/ai-gateway/usage/universal/> (November 2026).
//!
//! What a step's provider and endpoint are is not judged here.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::policy::overrides::Overrides;

/// How many steps there may be.
pub const MAX_STEPS: usize = 64;

/// How many headers a step may have.
const MAX_HEADERS: usize = 100;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What its provider is called.
    pub provider: String,
    /// A path of that provider, with its query where it has one, less the slash at its start.
    pub endpoint: String,
    /// Its own headers.
    pub headers: HeaderMap,
    /// Its `config`.
    pub overrides: Overrides,
    /// The body for the provider, byte for byte.
    pub query: Bytes,
}

#[derive(Deserialize)]
struct Fields<'a> {
    provider: Option<String>,
    endpoint: Option<String>,
    headers: Option<BTreeMap<String, Value>>,
    authorization: Option<String>,
    config: Option<BTreeMap<String, Value>>,
    #[serde(borrow)]
    query: Option<&'a RawValue>,
}

/// Reads an array of steps, or a single one.
///
/// # Errors
/// What is wrong with it, for a 400.
pub fn read(body: &Bytes) -> Result<Vec<Step>, String> {
    let text = std::str::from_utf8(body).map_err(|error| format!("the body is not UTF-8: {error}"))?;
    let raw: Vec<&RawValue> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text)
    } else {
        serde_json::from_str(text).map(|only| vec![only])
    }
    .map_err(|error| format!("the body is no JSON array of steps: {error}"))?;
    if raw.is_empty() || raw.len() > MAX_STEPS {
        return Err(format!("the array has {} steps; it takes 1 to {MAX_STEPS}", raw.len()));
    }
    let step = |(index, raw): (usize, &&RawValue)| step(body, raw).map_err(|what| format!("step {index}: {what}"));
    raw.iter().enumerate().map(step).collect()
}

fn step(body: &Bytes, raw: &RawValue) -> Result<Step, String> {
    let form = "{provider, endpoint, headers, query, config}";
    if !raw.get().starts_with('{') {
        return Err(format!("it must be an object {form}"));
    }
    let Fields { provider, endpoint, headers, authorization, config, query } =
        serde_json::from_str(raw.get()).map_err(|error| format!("it is no object {form}: {error}"))?;
    Ok(Step {
        provider: provider.ok_or("provider is missing")?,
        endpoint: self::endpoint(&endpoint.ok_or("endpoint is missing")?)?,
        headers: self::headers(headers.unwrap_or_default(), authorization)?,
        overrides: overrides(config.unwrap_or_default())?,
        query: body.slice_ref(query.ok_or("query is missing")?.get().as_bytes()),
    })
}

/// A path that can stand in a request.
fn endpoint(endpoint: &str) -> Result<String, String> {
    let path = endpoint.trim_start_matches('/');
    let is_path = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if is_path && http::uri::PathAndQuery::try_from(format!("/{path}")).is_ok() {
        return Ok(path.to_owned());
    }
    Err(format!("endpoint {endpoint:?} is no path of a URL"))
}

fn headers(all: BTreeMap<String, Value>, authorization: Option<String>) -> Result<HeaderMap, String> {
    if all.len() > MAX_HEADERS {
        return Err(format!("headers has more than {MAX_HEADERS}"));
    }
    let mut headers = HeaderMap::with_capacity(all.len() + 1);
    for (name, value) in all {
        let Some(text) = text(&value) else { continue };
        let parsed = (HeaderName::try_from(&name).ok(), HeaderValue::try_from(text).ok());
        let (Some(parsed_name), Some(parsed_value)) = parsed else {
            return Err(format!("headers.{name} is no header"));
        };
        headers.insert(parsed_name, parsed_value);
    }
    if let Some(authorization) = authorization
        && !headers.contains_key(AUTHORIZATION)
    {
        let value = HeaderValue::try_from(authorization).map_err(|_| "authorization is no header's value")?;
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

/// A header's value as Cloudflare's binding writes it: what is no string as JSON. `None` where there is none.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(value.to_string()),
    }
}

fn overrides(config: BTreeMap<String, Value>) -> Result<Overrides, String> {
    let fields: Vec<(String, String)> =
        config.into_iter().filter_map(|(field, value)| Some((field, text(&value)?))).collect();
    let said = Overrides::of_config(fields.iter().map(|(field, text)| (field.as_str(), text.as_str())));
    said.map_err(|(field, fix)| format!("config.{field} is malformed: it takes {fix}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn steps(body: &'static str) -> Result<Vec<Step>, String> {
        read(&Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn a_step_is_read_whole_and_its_query_byte_for_byte() {
        let body = r#" [ {"provider":"openai","endpoint":"/chat/completions?a=b","headers":{"Authorization":"Bearer k",
            "cf-aig-cache-ttl":0,"cf-aig-skip-cache":true,"cf-aig-metadata":{"a":1},"x":null},
            "config":{"requestTimeout":1000,"maxAttempts":"2"},"query":{ "b" : 1.0 }, "unknown": [1]} ] "#;
        let [step] = steps(body).unwrap().try_into().unwrap();
        assert_eq!((step.provider.as_str(), step.endpoint.as_str()), ("openai", "chat/completions?a=b"));
        let mut headers: Vec<_> =
            step.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        headers.sort_unstable();
        let expected = [
            ("authorization", "Bearer k"),
            ("cf-aig-cache-ttl", "0"),
            ("cf-aig-metadata", r#"{"a":1}"#),
            ("cf-aig-skip-cache", "true"),
        ];
        assert_eq!(headers, expected);
        let config = Overrides { timeout: Some(Duration::from_secs(1)), attempts: Some(2), ..Overrides::default() };
        assert_eq!((step.overrides, &step.query[..]), (config, &b"{ \"b\" : 1.0 }"[..]));
    }

    #[test]
    fn a_single_object_is_an_array_of_one() {
        let one = r#"{"provider":"p","endpoint":"e","authorization":"Token k","query":[1]}"#;
        let [step] = steps(one).unwrap().try_into().unwrap();
        assert_eq!(step.headers[AUTHORIZATION], "Token k");
        assert_eq!(&step.query[..], b"[1]");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_step() {
        let check = |body: &'static str, part: &str| {
            let wrong = steps(body).unwrap_err();
            assert!(wrong.contains(part), "{body}: {wrong}");
        };
        check("", "no JSON");
        check("[", "no JSON");
        check("[]", "0 steps");
        check("3", "step 0: it must be an object");
        check(r#"[{"provider":"p","endpoint":"e","query":{}},[]]"#, "step 1: it must be an object");
        check(r#"[{"endpoint":"e","query":{}}]"#, "step 0: provider is missing");
        check(r#"[{"provider":"p","query":{}}]"#, "endpoint is missing");
        check(r#"[{"provider":"p","endpoint":"e"}]"#, "query is missing");
        check(r#"[{"provider":"p","provider":"q","endpoint":"e","query":{}}]"#, "duplicate");
        check(r#"[{"provider":"p","endpoint":"a b","query":{}}]"#, "no path");
        check(r#"[{"provider":"p","endpoint":"a#b","query":{}}]"#, "no path");
        check(r#"[{"provider":"p","endpoint":"e","query":{},"headers":{"a b":"c"}}]"#, "headers.a b");
        check(r#"[{"provider":"p","endpoint":"e","query":{},"headers":{"a":"\n"}}]"#, "headers.a ");
        check(r#"[{"provider":"p","endpoint":"e","query":{},"config":{"maxAttempts":6}}]"#, "config.maxAttempts");
        check(r#"[{"provider":"p","endpoint":"e","query":{},"config":{"retries":6}}]"#, "config.retries");
    }
}
