use std::collections::BTreeSet;

use super::canonical::{headers as canonical_headers, path, query};
use super::*;

/// 2015-08-30T12:36:00Z, the time of the test suite.
const NOW: u64 = 1_440_938_160;

/// A case: its name, method, target, headers beside `host` and `x-amz-date`, body, and the signature.
type Case =
    (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

/// AWS's test suite for Signature Version 4, version 0.3.15 of <https://github.com/awslabs/aws-c-auth>
/// (`tests/aws-sig-v4-test-suite`), as botocore 1.44.8 has it; without the case of a header that goes over several lines,
/// which HTTP no longer has.
#[rustfmt::skip]
const CASES: &[Case] = &[
    ("get-header-key-duplicate", "GET", "/", &[("my-header1", "value2"), ("my-header1", "value2"), ("my-header1", "value1")], "", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
    ("get-header-value-order", "GET", "/", &[("my-header1", "value4"), ("my-header1", "value1"), ("my-header1", "value3"), ("my-header1", "value2")], "", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
    ("get-header-value-trim", "GET", "/", &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")], "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
    ("get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", &[], "", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
    ("get-utf8", "GET", "/ሴ", &[], "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    ("get-vanilla", "GET", "/", &[], "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-vanilla-empty-query-key", "GET", "/?Param1=value1", &[], "", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
    ("get-vanilla-query", "GET", "/", &[], "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-vanilla-query-order-encoded", "GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1", &[], "", "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"),
    ("get-vanilla-query-order-key", "GET", "/?Param1=value2&Param1=Value1", &[], "", "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"),
    ("get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", &[], "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ("get-vanilla-query-order-value", "GET", "/?Param1=value2&Param1=value1", &[], "", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"),
    ("get-vanilla-query-unreserved", "GET", "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", &[], "", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
    ("get-vanilla-utf8-query", "GET", "/?ሴ=bar", &[], "", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
    ("get-vanilla-with-session-token", "GET", "/", &[("x-amz-security-token", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267")], "", "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"),
    ("get-relative", "GET", "/example/..", &[], "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-relative-relative", "GET", "/example1/example2/../..", &[], "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-slash", "GET", "//", &[], "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-slash-dot-slash", "GET", "/./", &[], "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-slash-pointless-dot", "GET", "/./example", &[], "", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
    ("get-slashes", "GET", "//example//", &[], "", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
    ("get-space", "GET", "/example space/", &[], "", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
    ("get-special-character", "GET", "/example/$delete", &[], "", "a853c9b21b528b19643d00910d35b83a10c366a10833ceefb45edd6c80e40f27"),
    ("post-header-key-case", "POST", "/", &[], "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ("post-header-key-sort", "POST", "/", &[("my-header1", "value1")], "", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
    ("post-header-value-case", "POST", "/", &[("my-header1", "VALUE1")], "", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
    ("post-sts-header-after", "POST", "/", &[], "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ("post-sts-header-before", "POST", "/", &[("x-amz-security-token", "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==")], "", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
    ("post-vanilla", "POST", "/", &[], "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ("post-vanilla-empty-query-value", "POST", "/?Param1=value1", &[], "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
    ("post-vanilla-query", "POST", "/?Param1=value1", &[], "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
    ("post-x-www-form-urlencoded", "POST", "/", &[("content-type", "application/x-www-form-urlencoded")], "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    ("post-x-www-form-urlencoded-parameters", "POST", "/", &[("content-type", "application/x-www-form-urlencoded; charset=utf8")], "Param1=value1", "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"),
];

fn keys() -> Keys {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned();
    Keys { access_key_id: "AKIDEXAMPLE".to_owned(), secret, session_token: None }
}

const SCOPE: Scope<'static> = Scope { region: "us-east-1", service: "service" };

/// The signature of a case, of all of its headers.
fn signature(case: &Case) -> String {
    let (_, method, target, headers, body, _) = *case;
    let mut all = vec![("host", &b"example.amazonaws.com"[..]), ("x-amz-date", b"20150830T123600Z")];
    all.extend(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
    let (names, lines) = canonical_headers(all);
    let lines = String::from_utf8(lines).unwrap();
    let (before, after) = target.split_once('?').unwrap_or((target, ""));
    let body = hex(&Sha256::digest(body));
    let request = format!("{method}\n{}\n{}\n{lines}\n{names}\n{body}", path(before), query(after));
    signature_of(request.as_bytes(), SCOPE, &keys().secret, &Stamp::of(NOW))
}

#[test]
fn every_case_of_awss_test_suite_has_its_signature() {
    for case in CASES {
        assert_eq!(signature(case), case.5, "{}", case.0);
    }
    let names: BTreeSet<&str> = CASES.iter().map(|case| case.0).collect();
    assert_eq!(names.len(), 33);
}

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

/// A call of Bedrock's with a caller's own signature.
fn call() -> HeaderMap {
    headers(&[
        ("host", "bedrock-runtime.eu-central-1.amazonaws.com"),
        ("content-type", "application/json"),
        ("authorization", "AWS4-HMAC-SHA256 Credential=CALLER/20150829/x/bedrock/aws4_request"),
        ("x-amz-date", "20150829T000000Z"),
        ("x-amz-security-token", "the-callers"),
        ("x-amz-content-sha256", "0"),
        ("x-amzn-bedrock-trace", "ENABLED"),
        ("user-agent", "boto"),
    ])
}

fn signed(keys: &Keys) -> HeaderMap {
    let mut headers = call();
    let target = "/model/anthropic.claude-haiku-4-5-v1%3A0/converse?b=2&a=1";
    let parts = Parts { method: &Method::POST, target, body: b"{}" };
    sign(&mut headers, parts, Scope { region: "eu-central-1", service: "bedrock" }, keys, NOW);
    headers
}

/// The signature was made by botocore 1.44.8's `SigV4Auth` of the same request, its `user-agent` left out.
#[test]
fn a_call_of_bedrocks_is_signed_as_botocore_signs_it() {
    let headers = signed(&Keys { session_token: Some("token/1".to_owned()), ..keys() });
    let expected = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-central-1/bedrock/aws4_request, \
        SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amzn-bedrock-trace, \
        Signature=58f3112fd9c21b8e32095a55221e49720724d102298e6b001167e30ab201aa0e";
    assert_eq!(headers[AUTHORIZATION], expected);
    assert_eq!(headers[CONTENT_SHA256], hex(&Sha256::digest("{}")));
    assert_eq!((&headers[DATE], &headers[TOKEN]), (&"20150830T123600Z".parse().unwrap(), &"token/1".parse().unwrap()));
}

#[test]
fn nothing_of_the_callers_signature_is_left() {
    let headers = signed(&keys());
    assert_eq!(headers.get(TOKEN), None);
    for name in [AUTHORIZATION, DATE, CONTENT_SHA256] {
        assert_eq!(headers.get_all(&name).iter().count(), 1, "{name}");
        assert_ne!(headers[&name], call()[&name]);
    }
    assert_eq!(headers["user-agent"], "boto");
}

#[test]
fn a_path_is_encoded_once_more_than_it_is_sent() {
    let check = |sent: &str, expected: &str| assert_eq!(path(sent), expected, "{sent}");
    check("", "/");
    check("/model/a.b-v1:0/converse", "/model/a.b-v1%3A0/converse");
    check("/model/a.b-v1%3A0/converse", "/model/a.b-v1%253A0/converse");
    check("/model/arn%3Aaws%3Abedrock%2Fx/invoke", "/model/arn%253Aaws%253Abedrock%252Fx/invoke");
    check("/a/../../b//c/./", "/b/c/");
}

#[test]
fn a_query_is_sorted_and_encoded_once() {
    let check = |sent: &str, expected: &str| assert_eq!(query(sent), expected, "{sent}");
    check("", "");
    check("b&a=2&a=1", "a=1&a=2&b=");
    check("a=%20b&c=d%2fe", "a=%20b&c=d%2Fe");
    check("a=%zz&b=%4", "a=%25zz&b=%254");
}

#[test]
fn a_signature_is_told_from_a_key() {
    assert!(is_signature(&call()[AUTHORIZATION]));
    assert!(!is_signature(&HeaderValue::from_static("Bearer AWS4-")));
}

#[test]
fn keys_are_not_shown() {
    assert_eq!(format!("{:?}", keys()), "Keys(AKIDEXAMPLE, ***)");
}
