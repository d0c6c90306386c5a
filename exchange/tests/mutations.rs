//! No file makes a count panic: shared cases with values replaced, dropped or repeated are counted or refused, nothing else.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use urne_exchange::count;

/// The small cases: a large one would take a minute without testing more.
fn small_cases() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vote-contract/tests/cases");
    let mut paths: Vec<_> = fs::read_dir(folder).expect("cases").map(|it| it.expect("a file").path()).collect();
    paths.sort();
    let texts = paths.iter().map(|path| fs::read_to_string(path).expect("a text"));
    texts.filter(|it| it.len() < 3000).map(|it| serde_json::from_str(&it).expect("JSON")).collect()
}

/// Every place of a tree, by path.
fn places(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    found.push(path.clone());
    let children: Vec<(String, &Value)> = match value {
        Value::Array(items) => items.iter().enumerate().map(|(it, child)| (it.to_string(), child)).collect(),
        Value::Object(items) => items.iter().map(|(key, child)| (key.clone(), child)).collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        path.push(key);
        places(child, path, found);
        path.pop();
    }
}

fn strange() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(2),
        json!(-1),
        json!(u64::MAX),
        json!(u64::MAX - 1),
        json!(1u64 << 40),
        json!(0.5),
        json!(1e300),
        json!(""),
        json!("1/2"),
        json!("0/1"),
        json!("2"),
        json!("18446744073709551615"),
        json!("e\u{301}"),
        json!([]),
        json!([[]]),
        json!({}),
        json!([[1, [0, 1]]]),
        json!("worst"),
        json!("drop"),
        json!("bloc"),
        json!("redistributed"),
    ])
}

fn mutate(value: &mut Value, path: &[String], how: u8, strange: &Value) {
    let Some((last, parents)) = path.split_last() else { return };
    let pointer: String = parents.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect();
    match (value.pointer_mut(&pointer), last.parse::<usize>()) {
        (Some(Value::Array(items)), Ok(index)) if index < items.len() => match how {
            0 => items[index] = strange.clone(),
            1 => drop(items.remove(index)),
            _ => items.insert(index, items[index].clone()),
        },
        (Some(Value::Object(items)), _) => {
            if how == 1 {
                items.remove(last);
            } else {
                items.insert(last.clone(), strange.clone());
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn a_wrong_file_is_counted_or_refused(
        which in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0u8..3, strange()), 1..4),
    ) {
        let cases = small_cases();
        let mut case = which.get(&cases).clone();
        for (place, how, strange) in edits {
            let mut found = Vec::new();
            places(&case["input"], &mut vec!["input".to_owned()], &mut found);
            let path = place.get(&found).clone();
            mutate(&mut case, &path, how, &strange);
        }
        match count(&case.to_string()) {
            Ok(answer) => drop(serde_json::from_str::<Value>(&answer.to_string()).expect("an answer is JSON")),
            Err(refusal) => prop_assert!(refusal.code() > 0 && !refusal.to_string().is_empty()),
        }
    }
}
