//! Values of scripts turned into values at the gate and back, guided by the type in the WIT.
//!
//! In scripts a record is a map whose keys have `_` for `-`, an absent option is `()`, an enum a text, a list or tuple an
//! array, `json` a plain value. A `text` may be a plain text, a list of pairs of texts a map. Nothing else is converted.

use crate::table::{Function, script_name};
use crate::types::{Cases, Record, Type};
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use rhai::{Array, Dynamic, FLOAT, INT, ImmutableString, Map};
use std::fmt;

/// How deep values may be nested. JSON readers, ours included, give up at 128.
pub const DEEPEST: usize = 100;

/// How much of a value an error shows, in characters.
const SHOWN: usize = 60;

/// Where a value stands, for errors: `files::write, argument options.line_end`.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    function: &'a str,
    parent: Option<&'a Place<'a>>,
    part: Part<'a>,
    depth: usize,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    /// The argument `name` of `function`.
    pub fn argument(function: &'a str, name: &'a str) -> Self {
        Self {
            function,
            parent: None,
            part: Part::Name(name),
            depth: 0,
        }
    }

    fn member(&'a self, name: &'a str) -> Self {
        Self {
            part: Part::Name(name),
            parent: Some(self),
            depth: self.depth + 1,
            ..*self
        }
    }

    fn item(&'a self, index: usize) -> Self {
        Self {
            part: Part::Index(index),
            parent: Some(self),
            depth: self.depth + 1,
            ..*self
        }
    }

    fn error(&self, code: &str) -> Error {
        Error::new(Kind::Invalid, code)
            .with("function", self.function)
            .with("argument", self)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.part {
            Part::Name(name) if self.parent.is_some() => write!(f, ".{}", script_name(name)),
            Part::Name(name) => f.write_str(&script_name(name)),
            Part::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// A value as errors show it: short, and on one line.
pub fn shown(value: &Dynamic) -> String {
    match value.type_name() {
        "string" => {
            let text = value.clone().into_immutable_string().unwrap_or_default();
            let start: String = text.chars().take(SHOWN).collect();
            format!("{start:?}{}", if start.len() < text.len() { "…" } else { "" })
        }
        "i64" | "f64" | "bool" | "char" => value.to_string(),
        "map" => "a map".to_owned(),
        "array" => "an array".to_owned(),
        "Fn" => "a function".to_owned(),
        "blob" => "bytes".to_owned(),
        other => other.to_owned(),
    }
}

/// The value at the gate of a script's value.
///
/// # Errors
/// `P0811` another type, `P0812` out of range, `P0813` missing, `P0814` unknown member, `P0815` no such case, `P0817` no
/// JSON value.
pub fn to_value(value: &Dynamic, ty: &Type, place: &Place<'_>) -> Result<Value> {
    let wrong = || {
        place
            .error("P0811")
            .with("expected", ty)
            .with("value", shown(value))
    };
    match ty {
        Type::Bool => value.as_bool().map(Value::from).map_err(|_| wrong()),
        Type::Int { .. } => {
            let number = value.as_int().map_err(|_| wrong())?;
            let (least, most) = ty.range().unwrap_or((INT::MIN.into(), INT::MAX.into()));
            if (least..=most).contains(&i128::from(number)) {
                Ok(Value::from(number))
            } else {
                Err(place
                    .error("P0812")
                    .with("least", least)
                    .with("most", most)
                    .with("value", number))
            }
        }
        Type::F32 | Type::F64 => {
            let number = value
                .as_float()
                .or_else(|_| value.as_int().map(|n| n as FLOAT))
                .map_err(|_| wrong())?;
            serde_json::Number::from_f64(number)
                .map(Value::Number)
                .ok_or_else(|| place.error("P0817").with("value", number))
        }
        Type::String => text_of(value).map(Value::String).ok_or_else(wrong),
        Type::Json => plain_value(value, place).map(|value| Value::String(value.to_string())),
        Type::Option(_) if value.is_unit() => Ok(Value::Null),
        Type::Option(inner) => to_value(value, inner, place),
        Type::List(item) => {
            if ty.is_pairs()
                && let Ok(map) = value.as_map_ref()
            {
                return pairs(&map, place);
            }
            let items = value.as_array_ref().map_err(|_| wrong())?;
            let convert = |(index, value)| to_value(value, item, &place.item(index));
            items
                .iter()
                .enumerate()
                .map(convert)
                .collect::<Result<_>>()
                .map(Value::Array)
        }
        Type::Tuple(parts) => {
            let items = value.as_array_ref().map_err(|_| wrong())?;
            if items.len() != parts.len() {
                return Err(wrong());
            }
            let convert = |(index, (value, ty))| to_value(value, ty, &place.item(index));
            items
                .iter()
                .zip(parts.iter())
                .enumerate()
                .map(convert)
                .collect::<Result<_>>()
                .map(Value::Array)
        }
        Type::Record(record) => {
            if ty.is_text()
                && let Some(id) = text_of(value)
            {
                return Ok(serde_json::json!({"id": id, "args": []}));
            }
            let map = value.as_map_ref().map_err(|_| wrong())?;
            members(&map, record, place)
        }
        Type::Enum(cases) => {
            let name = text_of(value).ok_or_else(wrong)?;
            if cases.find(&name).is_some() {
                Ok(Value::String(name))
            } else {
                Err(no_case(cases, &name, place))
            }
        }
        Type::Variant(cases) => variant(value, cases, place).unwrap_or_else(|| Err(wrong())),
    }
}

fn text_of(value: &Dynamic) -> Option<String> {
    match value.as_char() {
        Ok(letter) => Some(letter.into()),
        Err(_) => value
            .as_immutable_string_ref()
            .ok()
            .map(|text| text.as_str().to_owned()),
    }
}

fn no_case(cases: &Cases, name: &str, place: &Place<'_>) -> Error {
    let name: String = name.chars().take(SHOWN).collect();
    place
        .error("P0815")
        .with("cases", cases.names())
        .with("value", name)
}

fn pairs(map: &Map, place: &Place<'_>) -> Result<Value> {
    let pair = |(key, value): (&_, &Dynamic)| {
        let key = ToString::to_string(key);
        // What people write as a number or a yes is a text once it stands in a header or a message.
        let text = match value.type_name() {
            "i64" | "bool" => Some(value.to_string()),
            _ => text_of(value),
        };
        let wrong = || {
            place
                .member(&key)
                .error("P0811")
                .with("expected", &Type::String)
                .with("value", shown(value))
        };
        text.map(|text| serde_json::json!([key, text])).ok_or_else(wrong)
    };
    map.iter().map(pair).collect::<Result<_>>().map(Value::Array)
}

fn members(map: &Map, record: &Record, place: &Place<'_>) -> Result<Value> {
    let mut object = serde_json::Map::new();
    let mut known = 0;
    for member in &record.members {
        let place = place.member(&member.name);
        match map.get(script_name(&member.name).as_str()) {
            Some(value) => {
                known += 1;
                let value = to_value(value, &member.ty, &place)?;
                if !value.is_null() {
                    object.insert(member.name.clone(), value);
                }
            }
            None if matches!(member.ty, Type::Option(_)) => {}
            None => return Err(place.error("P0813").with("expected", &member.ty)),
        }
    }
    if known < map.len() {
        let names: Vec<_> = record
            .members
            .iter()
            .map(|member| script_name(&member.name))
            .collect();
        let unknown = map
            .keys()
            .find(|key| !names.iter().any(|name| name == key.as_str()));
        let unknown: String = unknown
            .map(|key| key.chars().take(SHOWN).collect())
            .unwrap_or_default();
        return Err(place
            .error("P0814")
            .with("name", unknown)
            .with("names", names.join(", ")));
    }
    Ok(Value::Object(object))
}

fn variant(value: &Dynamic, cases: &Cases, place: &Place<'_>) -> Option<Result<Value>> {
    if let Some(name) = text_of(value) {
        return Some(match cases.find(&name) {
            Some(case) if case.payload.is_none() => Ok(Value::String(name)),
            Some(case) => Err(place.member(&case.name).error("P0813").with("expected", &name)),
            None => Err(no_case(cases, &name, place)),
        });
    }
    let map = value.as_map_ref().ok()?;
    let (key, value) = map.iter().next().filter(|_| map.len() == 1)?;
    let Some(case) = cases.find(key) else {
        return Some(Err(no_case(cases, key, place)));
    };
    let ty = case.payload.as_ref()?;
    Some(
        to_value(value, ty, &place.member(&case.name))
            .map(|payload| serde_json::json!({ key.as_str(): payload })),
    )
}

/// The JSON of a plain value: `()`, a truth value, a number, a text, an array or a map of such.
///
/// # Errors
/// `P0817` names the part that JSON cannot hold: a function, bytes, a number that is none, or too deep a nesting.
pub fn plain_value(value: &Dynamic, place: &Place<'_>) -> Result<Value> {
    let not_json = |what: String| place.error("P0817").with("value", what);
    if place.depth > DEEPEST {
        return Err(not_json(format!("…[{DEEPEST}]…")));
    }
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(Value::Bool(flag));
    }
    if let Ok(number) = value.as_int() {
        return Ok(Value::from(number));
    }
    if let Ok(number) = value.as_float() {
        return serde_json::Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| not_json(number.to_string()));
    }
    if let Some(text) = text_of(value) {
        return Ok(Value::String(text));
    }
    if let Ok(items) = value.as_array_ref() {
        let convert = |(index, value)| plain_value(value, &place.item(index));
        return items
            .iter()
            .enumerate()
            .map(convert)
            .collect::<Result<_>>()
            .map(Value::Array);
    }
    if let Ok(map) = value.as_map_ref() {
        let convert = |(key, value): (&_, &Dynamic)| {
            let key = ToString::to_string(key);
            plain_value(value, &place.member(&key)).map(|value| (key.clone(), value))
        };
        return map.iter().map(convert).collect::<Result<_>>().map(Value::Object);
    }
    Err(not_json(shown(value)))
}

/// The script's value of any JSON.
pub fn plain_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().unwrap_or(FLOAT::NAN).into(),
        },
        Value::String(text) => ImmutableString::from(text.as_str()).into(),
        Value::Array(items) => items.iter().map(plain_dynamic).collect::<Array>().into(),
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (key.as_str().into(), plain_dynamic(value)))
            .collect::<Map>()
            .into(),
    }
}

/// The script's value of a value at the gate.
///
/// # Errors
/// `P0818`: the value is not of the type, or a number is larger than scripts can count.
pub fn to_dynamic(value: &Value, ty: &Type, function: &Function) -> Result<Dynamic> {
    let wrong = || {
        let shown: String = value.to_string().chars().take(SHOWN).collect();
        Error::new(Kind::Failed, "P0818")
            .with(
                "function",
                format!(
                    "{}::{}",
                    script_name(&function.capability),
                    function.script_name()
                ),
            )
            .with("expected", ty)
            .with("value", shown)
    };
    Ok(match ty {
        Type::Bool => value.as_bool().ok_or_else(wrong)?.into(),
        Type::Int { .. } => value.as_i64().ok_or_else(wrong)?.into(),
        Type::F32 | Type::F64 => value.as_f64().ok_or_else(wrong)?.into(),
        Type::String | Type::Enum(_) => ImmutableString::from(value.as_str().ok_or_else(wrong)?).into(),
        Type::Json => {
            let parsed: Value =
                serde_json::from_str(value.as_str().ok_or_else(wrong)?).map_err(|_| wrong())?;
            plain_dynamic(&parsed)
        }
        Type::Option(_) if value.is_null() => Dynamic::UNIT,
        Type::Option(inner) => to_dynamic(value, inner, function)?,
        Type::List(item) => {
            let items = value.as_array().ok_or_else(wrong)?;
            items
                .iter()
                .map(|value| to_dynamic(value, item, function))
                .collect::<Result<Array>>()?
                .into()
        }
        Type::Tuple(parts) => {
            let items = value
                .as_array()
                .filter(|items| items.len() == parts.len())
                .ok_or_else(wrong)?;
            let convert = |(value, ty)| to_dynamic(value, ty, function);
            items
                .iter()
                .zip(parts.iter())
                .map(convert)
                .collect::<Result<Array>>()?
                .into()
        }
        Type::Record(record) => {
            let object = value.as_object().ok_or_else(wrong)?;
            let mut map = Map::new();
            for member in &record.members {
                let value = object.get(&member.name).unwrap_or(&Value::Null);
                map.insert(
                    script_name(&member.name).into(),
                    to_dynamic(value, &member.ty, function)?,
                );
            }
            map.into()
        }
        Type::Variant(cases) => match value {
            Value::String(name) => ImmutableString::from(name.as_str()).into(),
            Value::Object(object) => {
                let (name, payload) = object.iter().next().ok_or_else(wrong)?;
                let ty = cases
                    .find(name)
                    .and_then(|case| case.payload.as_ref())
                    .ok_or_else(wrong)?;
                Map::from([(name.as_str().into(), to_dynamic(payload, ty, function)?)]).into()
            }
            _ => return Err(wrong()),
        },
    })
}
