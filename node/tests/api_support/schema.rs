//! Whether an answer is what `openapi.json` says: just as much of JSON Schema as that file uses, every property named.
use serde_json::Value;

/// Checks a value against a schema of the document.
pub fn conforms(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    judge(document, schema, value, Extra::Refused)
}

/// Whether properties that the schema does not name may be there: in an `allOf`, the other parts name them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extra {
    Refused,
    Allowed,
}

fn judge(document: &Value, schema: &Value, value: &Value, extra: Extra) -> Result<(), String> {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.strip_prefix("#/components/schemas/").ok_or_else(|| format!("a strange $ref {target}"))?;
        let found = document["components"]["schemas"].get(name).ok_or_else(|| format!("no schema {name}"))?;
        return judge(document, found, value, extra).map_err(|e| format!("{name}: {e}"));
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(options) = schema.get(key).and_then(Value::as_array) {
            let faults: Vec<String> = options.iter().filter_map(|it| judge(document, it, value, extra).err()).collect();
            let matching = options.len() - faults.len();
            if matching == 0 || (key == "oneOf" && matching != 1) {
                return Err(format!("{matching} options match {value}: {}", faults.join(" | ")));
            }
        }
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        parts.iter().try_for_each(|it| judge(document, it, value, Extra::Allowed))?;
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        return Err(format!("{value} is not {only}"));
    }
    if let Some(options) = schema.get("enum").and_then(Value::as_array)
        && !options.contains(value)
    {
        return Err(format!("{value} is none of {options:?}"));
    }
    match schema.get("type").and_then(Value::as_str) {
        None => Ok(()),
        Some("null") if value.is_null() => Ok(()),
        Some("boolean") if value.is_boolean() => Ok(()),
        Some("integer") if value.is_u64() => Ok(()),
        Some("string") => value.as_str().ok_or_else(|| format!("{value} is no string")).and_then(|it| form(schema, it)),
        Some("array") => {
            let items = value.as_array().ok_or_else(|| format!("{value} is no list"))?;
            items.iter().try_for_each(|it| judge(document, &schema["items"], it, Extra::Refused))
        }
        Some("object") => object(document, schema, value, extra),
        Some(other) => Err(format!("{value} is not of type {other}")),
    }
}

fn object(document: &Value, schema: &Value, value: &Value, extra: Extra) -> Result<(), String> {
    let members = value.as_object().ok_or_else(|| format!("{value} is no object"))?;
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    for name in required.iter().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            return Err(format!("'{name}' is missing in {value}"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, value) in members {
        let named = properties.and_then(|it| it.get(name)).or(schema.get("additionalProperties"));
        match named {
            Some(schema) => {
                judge(document, schema, value, Extra::Refused).map_err(|e| format!("{name}: {e}"))?;
            }
            None if extra == Extra::Allowed || properties.is_none() => {}
            None => return Err(format!("'{name}' is not described")),
        }
    }
    Ok(())
}

fn form(schema: &Value, text: &str) -> Result<(), String> {
    let is_hex = text.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it));
    let is_so = match schema.get("pattern").and_then(Value::as_str) {
        None => true,
        Some("^[0-9]+$") => !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()),
        Some("^([0-9a-f]{2})*$") => is_hex && text.len().is_multiple_of(2),
        Some("^[0-9a-f]{40}$") => is_hex && text.len() == 40,
        Some("^[0-9a-f]{64}$") => is_hex && text.len() == 64,
        Some(other) => return Err(format!("a pattern this test does not know: {other}")),
    };
    let is_time = schema.get("format").and_then(Value::as_str) != Some("date-time")
        || (text.ends_with('Z') && text.parse::<urne_types::UnixMs>().is_ok());
    if is_so && is_time { Ok(()) } else { Err(format!("'{text}' has another form")) }
}
