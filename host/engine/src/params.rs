//! Parameters of a procedure: checked against its schema before anything happens.

use procedo_core::manifest::Manifest;
use procedo_core::value::{Value, canonical};
use procedo_core::{Error, Kind, Result};
use serde_json::Map;

/// The largest parameters accepted, in bytes of their JSON. They stand in every journal of the procedure; whatever is
/// larger belongs into a file.
pub const LARGEST: usize = 1024 * 1024;

/// How much of a value an error shows, in characters.
const SHOWN: usize = 60;

/// Fills in defaults and checks parameters against the manifest's schema.
pub fn check(manifest: &Manifest, params: &Value) -> Result<Value> {
    let Value::Object(given) = params else {
        return Err(Error::new(Kind::Invalid, "P0129")
            .with("procedure", &manifest.id)
            .with("value", shown(params)));
    };
    let size = params.to_string().len();
    if size > LARGEST {
        return Err(Error::new(Kind::TooLarge, "P0123")
            .with("size", size)
            .with("limit", LARGEST));
    }
    let empty = Map::new();
    let known = manifest
        .parameters
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    if let Some(name) = given.keys().find(|name| !known.contains_key(*name)) {
        let names: Vec<_> = known.keys().map(String::as_str).collect();
        return Err(Error::new(Kind::Invalid, "P0103")
            .with("procedure", &manifest.id)
            .with("parameter", shorten(name))
            .with("known", names.join(", ")));
    }
    let mut complete = given.clone();
    for (name, schema) in known {
        if let (false, Some(initial)) = (complete.contains_key(name), schema.get("default")) {
            complete.insert(name.clone(), initial.clone());
        }
    }
    let required = manifest.parameters.get("required").and_then(Value::as_array);
    if let Some(name) = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|n| !complete.contains_key(*n))
    {
        return Err(Error::new(Kind::Invalid, "P0104")
            .with("procedure", &manifest.id)
            .with("parameter", name));
    }
    let complete = Value::Object(complete);
    let validator = jsonschema::validator_for(&manifest.parameters).map_err(|error| {
        Error::new(Kind::Failed, "P0131")
            .with("procedure", &manifest.id)
            .with("reason", error)
    })?;
    if let Some(error) = validator.iter_errors(&complete).next() {
        let path = error.instance_path().to_string();
        let value = complete.pointer(&path).map_or_else(String::new, shown);
        return Err(Error::new(Kind::Invalid, "P0102")
            .with("procedure", &manifest.id)
            .with("parameter", path.trim_start_matches('/').replace('/', "."))
            .with("rule", rule_of(&manifest.parameters, &error))
            .with("value", value));
    }
    Ok(canonical(&complete))
}

/// The rule that a value breaks, from the schema itself: `maximum: 100`.
fn rule_of(schema: &Value, error: &jsonschema::ValidationError<'_>) -> String {
    let path = error.schema_path().to_string();
    let keyword = path.rsplit('/').next().unwrap_or_default().to_owned();
    match schema.pointer(&path) {
        Some(rule) => format!("{keyword}: {}", shown(rule)),
        None => keyword,
    }
}

/// Reads `NAME=VALUE` as the schema wants it: text stays text, everything else is JSON.
pub fn from_pair(manifest: &Manifest, pair: &str) -> Result<(String, Value)> {
    let (name, text) = pair
        .split_once('=')
        .ok_or_else(|| Error::new(Kind::Invalid, "P0132").with("value", shorten(pair)))?;
    let kind = manifest
        .parameters
        .pointer(&format!("/properties/{name}/type"))
        .and_then(Value::as_str);
    let value = match kind {
        Some("string") | None => Value::String(text.to_owned()),
        Some(_) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    };
    Ok((name.to_owned(), value))
}

fn shown(value: &Value) -> String {
    shorten(&value.to_string())
}

fn shorten(text: &str) -> String {
    let mut chars = text.chars();
    let short: String = chars
        .by_ref()
        .take(SHOWN)
        .flat_map(char::escape_debug_if_control)
        .collect();
    if chars.next().is_some() {
        format!("{short}…")
    } else {
        short
    }
}

trait EscapeControl {
    fn escape_debug_if_control(self) -> Vec<char>;
}

impl EscapeControl for char {
    /// A line break or escape sequence in a value must not reach a terminal.
    fn escape_debug_if_control(self) -> Vec<char> {
        if self.is_control() {
            self.escape_default().collect()
        } else {
            vec![self]
        }
    }
}
