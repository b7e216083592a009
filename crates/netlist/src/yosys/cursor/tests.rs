//! The cursor against `serde_json`, an independent reader of JSON: both accept the same texts and
//! read the same strings and numbers out of them.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::Value;

use super::{Cursor, Fault, MAX_DEPTH, Number};

/// Passes the one value of a text.
fn skipped(text: &str) -> Result<(), Fault> {
    let mut json = Cursor::new(text, 0);
    json.skip()?;
    json.end()
}

/// Reads a text into a tree; numbers that are no whole numbers of 64 bits become null.
fn tree(json: &mut Cursor<'_>) -> Result<Value, Fault> {
    Ok(match json.peek() {
        Some(b'{') => {
            let mut map = serde_json::Map::new();
            json.members(|json, name| {
                let value = tree(json)?;
                map.insert(name.into_owned(), value);
                Ok(())
            })?;
            Value::Object(map)
        }
        Some(b'[') => {
            let mut list = Vec::new();
            json.items(|json| {
                let value = tree(json)?;
                list.push(value);
                Ok(())
            })?;
            Value::Array(list)
        }
        Some(b'"') => json.string()?.into_owned().into(),
        Some(b't' | b'f') => json.boolean()?.into(),
        Some(b'-' | b'0'..=b'9') => match json.number()? {
            Number::Unsigned(value) => value.into(),
            // minus nothing is a double there
            Number::Negative(value) if value != 0 => value.into(),
            _ => Value::Null,
        },
        _ => {
            json.skip()?;
            Value::Null
        }
    })
}

/// The same tree with numbers that are no whole numbers of 64 bits as null.
fn whole(value: Value) -> Value {
    match value {
        Value::Number(n) if !n.is_u64() && !n.is_i64() => Value::Null,
        Value::Array(list) => list.into_iter().map(whole).collect(),
        Value::Object(map) => map.into_iter().map(|(name, v)| (name, whole(v))).collect(),
        other => other,
    }
}

fn agree(text: &str) {
    let theirs = serde_json::from_str::<Value>(text).map(whole);
    let mut json = Cursor::new(text, 0);
    let ours = tree(&mut json).and_then(|value| json.end().map(|()| value));
    // a fraction too large for a double is refused there and not looked at here
    let out_of_range = theirs.as_ref().is_err_and(|e| e.to_string().contains("out of range"));
    if !out_of_range {
        assert_eq!(theirs.as_ref().ok(), ours.as_ref().ok(), "{text:?}: {theirs:?}, {ours:?}");
    }
    assert_eq!(ours.is_ok(), skipped(text).is_ok(), "{text:?}");
}

#[test]
fn texts_at_the_edge_of_the_grammar() {
    for text in [
        "",
        " ",
        "1",
        "-0",
        "-",
        "01",
        "1.",
        "1.5e+3",
        "1e",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "nul",
        "null",
        "truefalse",
        "[,]",
        "[1,]",
        "{,}",
        "{\"a\":1,}",
        "{\"a\"}",
        "{\"a\":}",
        "{1:2}",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "[]]",
        "\"",
        "\"\\\"",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\ud83d\\u0041\"",
        "\"\\ude00\"",
        "\"\\u12\"",
        "\"\\u+123\"",
        "\"\\x\"",
        "\"\u{1}\"",
        "\"a\nb\"",
        "\"é\u{1f}\"",
        "\"\u{7f}\u{80}ÿ😀\"",
        "\u{feff}1",
        "\"1234567\\t\\b\\f\\r\\n\\/\\\\89012345678\"",
        "\t[ 1\r\n,        2         ]  ",
        "[[],{},[{}]]",
    ] {
        agree(text);
    }
}

#[test]
fn nesting_is_limited() {
    let nested = |levels: u32| "[".repeat(levels as usize) + &"]".repeat(levels as usize);
    assert!(skipped(&nested(MAX_DEPTH)).is_ok());
    let fault = skipped(&nested(MAX_DEPTH + 2)).unwrap_err();
    assert_eq!((fault.at, fault.what.contains("128 levels")), (MAX_DEPTH as usize, true));
    assert!(skipped(&"{\"a\":".repeat(100_000)).is_err());
}

#[test]
fn faults_say_what_stands_where() {
    for (text, at, words) in [
        ("{\"a\": }", 6, "expected a value, found punctuation"),
        ("[1, 2", 5, "found the end of the file"),
        ("{\"a\" 1}", 5, "expected `:`, found a number"),
        ("\"a\tb\"", 2, "control character"),
        ("[1] x", 4, "expected the end of the file"),
    ] {
        let fault = skipped(text).unwrap_err();
        assert_eq!(fault.at, at, "{text}");
        assert!(fault.what.contains(words), "{text}: {}", fault.what);
    }
}

/// Trees of a few levels.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,9}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn whole_texts_are_read_alike(value in values(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        agree(&text.unwrap());
    }

    #[test]
    fn damaged_texts_are_refused_alike(
        value in values(),
        place: prop::sample::Index,
        with in prop::sample::select(vec!["", "\"", "\\", "{", "]", ",", ":", "0", "-", ".", "e", " ", "\n", "t", "\u{7}", "\\u", "é"]),
        cut in 0usize..3,
    ) {
        let text = value.to_string();
        let chars: Vec<char> = text.chars().collect();
        let at = place.index(chars.len() + 1);
        let tail = chars.iter().skip(at + cut);
        let damaged: String = chars.iter().take(at).copied().chain(with.chars()).chain(tail.copied()).collect();
        agree(&damaged);
    }
}
