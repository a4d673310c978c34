use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

fn form(json: &str) -> Result<Vec<u8>, NotCanonical> {
    let mut form = Vec::new();
    Canonicaliser::default().write(json.as_bytes(), &mut form).map(|()| form)
}

fn same(one: &str, other: &str) {
    assert_eq!(form(one).unwrap(), form(other).unwrap(), "{one} and {other}");
}

fn distinct(one: &str, other: &str) {
    assert_ne!(form(one).unwrap(), form(other).unwrap(), "{one} and {other}");
}

#[test]
fn key_order_and_white_space_do_not_count() {
    same(r#"{"a":1,"b":{"d":[1,2],"c":null}}"#, "\t{ \"b\" : {\"c\":null ,\r\n \"d\":[ 1 ,2 ]}, \"a\":1 }\n");
    same("{}", " { } ");
    same("[]", "[\n]");
}

#[test]
fn strings_count_by_what_they_say() {
    same(r#"{"\u0061":"\u00e9\n\/"}"#, "{\"a\":\"\u{e9}\\u000a/\"}");
    same(r#""\ud83d\uDE00""#, "\"\u{1f600}\"");
    same(r#"{"b":1,"\u0061":2}"#, r#"{"a":2,"b":1}"#);
}

#[test]
fn numbers_count_as_written() {
    distinct("9007199254740993", "9007199254740992");
    distinct("1.0", "1");
    distinct("1e3", "1000");
}

#[test]
fn what_says_something_else_is_distinct() {
    let texts = [
        r#"{"a":"b"}"#,
        r#"{"a":["b"]}"#,
        r#"["a","b"]"#,
        r#"["ab"]"#,
        r#"["a",["b"]]"#,
        r#"[["a"],"b"]"#,
        r#"{"a":1}"#,
        r#"{"a":"1"}"#,
        r#"{"a":true}"#,
        r#"{"a":"true"}"#,
        r#"{"a":null}"#,
        r#"{"a":{}}"#,
        r#"{"a":[]}"#,
        "{}",
        "[]",
        "[[]]",
        "[[],[]]",
        "[{}]",
        "[1,2]",
        "[2,1]",
        "[12]",
        r#"[{"a":1},{"b":2}]"#,
        r#"[{"a":1,"b":2}]"#,
        r#"{"a":1,"b":2}"#,
        r#""""#,
        r#""\"""#,
        r#""]""#,
    ];
    for (at, one) in texts.iter().enumerate() {
        for other in &texts[at + 1..] {
            distinct(one, other);
        }
    }
}

#[test]
fn a_key_twice_is_refused() {
    for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"b":2,"\u0061":3}"#, r#"[{"x":{"a":1,"c":0,"a":2}}]"#] {
        assert_eq!(form(text), Err(NotCanonical::DuplicateKey), "{text}");
    }
}

#[test]
fn what_is_no_json_is_refused() {
    let texts = [
        "",
        " ",
        "{",
        "}",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,]",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "\"",
        "\"\\",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "nul",
        "truefalse",
        "+1",
        ".5",
        "NaN",
        "1 2",
        "{} {}",
        "[1 2]",
        "{\"a\" 1}",
        "'a'",
        "[}",
        "{]",
        "\u{feff}{}",
    ];
    for text in texts {
        assert_eq!(form(text), Err(NotCanonical::Malformed), "{text:?}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(form(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(form(&nested(MAX_DEPTH + 1)), Err(NotCanonical::TooDeep));
    assert_eq!(form(&"[{\"a\":".repeat(100_000)), Err(NotCanonical::TooDeep));
}

#[test]
fn lengths_are_not_mistaken() {
    for (length, bytes) in [(0, vec![0]), (127, vec![127]), (128, vec![0x80, 1]), (16_384, vec![0x80, 0x80, 1])] {
        let mut form = Vec::new();
        push_length(&mut form, length);
        assert_eq!(form, bytes);
    }
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        ".{0,6}".prop_map(Json::from),
        "[ab\"\\\\\u{e9}\u{1f600}]{0,4}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec(("[a-c\"\u{e9}]{0,2}", inner), 0..5)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// The same value written otherwise: spaces between tokens, members backwards, letters of strings as escapes.
fn respelled(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[ {} ]", items.iter().map(respelled).collect::<Vec<_>>().join(" ,\t")),
        Json::Object(members) => {
            let spelled = |(key, value): (&String, &Json)| format!("{} :\n{}", escaped(key), respelled(value));
            format!("{{ {} }}", members.iter().rev().map(spelled).collect::<Vec<_>>().join(" , "))
        }
        Json::String(text) => escaped(text),
        Json::Null | Json::Bool(_) | Json::Number(_) => value.to_string(),
    }
}

fn escaped(text: &str) -> String {
    let units: Vec<String> = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{}\"", units.concat())
}

proptest! {
    #[test]
    fn a_value_has_one_form_however_it_is_written(value in json()) {
        prop_assert_eq!(form(&value.to_string()), form(&respelled(&value)));
    }

    #[test]
    fn values_with_one_form_are_one_value(one in json(), other in json()) {
        prop_assert_eq!(form(&one.to_string()) == form(&other.to_string()), one == other);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}\":,\\\\ud8a0-9 tfn\u{e9}.-]{0,40}") {
        let _ = form(&text);
    }

    #[test]
    fn what_json_allows_without_a_key_twice_has_a_form(text in "[\\[\\]{}\":,ab0-9]{0,12}") {
        if serde_json::from_str::<Json>(&text).is_ok() {
            prop_assert!(matches!(form(&text), Ok(_) | Err(NotCanonical::DuplicateKey)));
        }
    }
}
