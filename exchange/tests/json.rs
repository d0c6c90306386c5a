//! Reading JSON strictly: what is refused, and on which line; and that what is read is what any other reader sees.
use proptest::prelude::*;
use serde_json::Value;
use urne_exchange::Json;

#[test]
fn what_is_not_one_json_value_is_refused_with_its_line() {
    let deep = "[".repeat(200);
    let cases = [
        ("nothing", "", 101, 1),
        ("half an object", "{\n\"kind\":\n", 101, 3),
        ("trailing data", "{}\n{}", 101, 2),
        ("a trailing comma", "[1,\n2,\n]", 101, 3),
        ("a comma in front", "[,1]", 101, 1),
        ("no comma", "[1 2]", 101, 1),
        ("no colon", "{\"a\" 1}", 101, 1),
        ("a key without quotes", "{a: 1}", 101, 1),
        ("single quotes", "{'a': 1}", 101, 1),
        ("a comment", "// a\n1", 101, 1),
        ("a leading zero", "[01]", 101, 1),
        ("a point without digits", "[1.]", 101, 1),
        ("an exponent without digits", "[1e]", 101, 1),
        ("a plus sign", "[+1]", 101, 1),
        ("infinity", "[Infinity]", 101, 1),
        ("a word", "[nul]", 101, 1),
        ("an open string", "[\"abc", 101, 1),
        ("a line break in a string", "[\"a\nb\"]", 101, 1),
        ("an unknown escape", "[\"\\x\"]", 101, 1),
        ("a broken escape", "[\"\\u12é\"]", 101, 1),
        ("half a character", "[\"\\ud83d\"]", 101, 1),
        ("two first halves", "[\"\\ud83d\\ud83d\"]", 101, 1),
        ("two byte-order marks", "\u{feff}\u{feff}{}", 101, 1),
        ("very deep lists", deep.as_str(), 101, 1),
        ("a key twice", "{\n\"a\": 1,\n\"b\": 2,\n\"a\": 1}", 108, 4),
        ("a key twice, written differently", "{\"a\": {\"b\": 1, \"\\u0062\": 2}}", 108, 1),
    ];
    for (description, text, code, line) in cases {
        let refusal = Json::parse(text).expect_err(description);
        assert_eq!((refusal.code(), refusal.line()), (code, Some(line)), "{description}: {refusal}");
    }
}

#[test]
fn a_byte_order_mark_blanks_and_every_escape_are_read() {
    let read = Json::parse("\u{feff} \r\n\t[\"\\u00e9\\ud83d\\ude00\\/\\\\\\\"\\b\\f\\n\\r\\t\", {}, [], -0, null]")
        .expect("read");
    let items = read.as_list().expect("a list");
    assert_eq!(items[0].as_text(), Some("é😀/\\\"\u{8}\u{c}\n\r\t"));
    assert_eq!(items[1..].iter().map(ToString::to_string).collect::<Vec<_>>(), ["{}", "[]", "-0", "null"]);
}

#[test]
fn numbers_keep_every_digit() {
    let digits = "[123456789012345678901234567890,0.1234567890123456789012345]";
    assert_eq!(Json::parse(digits).expect("read").to_string(), digits);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_another_library_writes_is_read_and_written_alike(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let ours = Json::parse(&text.expect("JSON")).expect("read").to_string();
        prop_assert_eq!(serde_json::from_str::<Value>(&ours).expect("JSON"), value);
    }

    #[test]
    fn a_damaged_text_is_refused_or_read_as_the_other_library_reads_it(
        value in any_json(), at in any::<prop::sample::Index>(), by in prop::sample::select(vec!["", ",", "\"", "[", "}", "0", "\\", "\u{0}", "é", "\n"]),
    ) {
        let mut text = serde_json::to_string(&value).expect("JSON");
        let places: Vec<usize> = text.char_indices().map(|(it, _)| it).collect();
        let place = *at.get(&places);
        let after = place + text[place..].chars().next().map_or(0, char::len_utf8);
        text.replace_range(place..after, by);
        if let Ok(ours) = Json::parse(&text) {
            // Only numbers too large for a float are read here and not there.
            if let Ok(theirs) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(serde_json::from_str::<Value>(&ours.to_string()).expect("JSON"), theirs);
            }
        }
    }
}
