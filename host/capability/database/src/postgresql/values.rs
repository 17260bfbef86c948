//! Values of PostgreSQL as JSON and back: both ways as the text that the server itself reads and writes.

use postgres::types::private::BytesMut;
use postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};
use procedo_core::value::Value;
use serde_json::json;
use std::error::Error;

/// A parameter, whose type the server decides by where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter(Option<String>);

impl Parameter {
    /// Text is itself, a number its digits, a blob is `{"blob": "HEX"}`; anything else cannot be passed.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        Some(Self(match value {
            Value::Null => None,
            Value::Bool(yes) => Some(yes.to_string()),
            Value::Number(number) => Some(number.to_string()),
            // The server would read it as the text's end.
            Value::String(text) if text.contains('\0') => return None,
            Value::String(text) => Some(text.clone()),
            Value::Object(members) if members.len() == 1 => {
                let hex = members.get("blob")?.as_str()?;
                let digits = hex.len() % 2 == 0 && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
                Some(digits.then(|| format!("\\x{hex}"))?)
            }
            _ => return None,
        }))
    }
}

impl ToSql for Parameter {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match &self.0 {
            None => Ok(IsNull::Yes),
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// A value that the server wrote as text. What is exact only as text (numeric, times) stays text.
pub(crate) fn json_of(kind: &Type, text: Option<&str>) -> Value {
    let Some(text) = text else {
        return Value::Null;
    };
    let as_number = match *kind {
        Type::BOOL => return json!(text == "t"),
        Type::BYTEA => return json!({"blob": text.strip_prefix("\\x").unwrap_or(text)}),
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => text.parse::<i64>().ok().map(Value::from),
        // JSON has no infinity.
        Type::FLOAT4 | Type::FLOAT8 => text
            .parse()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map(Value::Number),
        _ => None,
    };
    as_number.unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_json_become_the_text_that_the_server_reads() {
        let text = |value: Value| Parameter::of(&value).map(|parameter| parameter.0);
        assert_eq!(text(json!(null)), Some(None));
        assert_eq!(text(json!(true)), Some(Some("true".to_owned())));
        assert_eq!(text(json!(-1.5)), Some(Some("-1.5".to_owned())));
        assert_eq!(text(json!({"blob": "00fF"})), Some(Some("\\x00fF".to_owned())));
        for wrong in [
            json!({"blob": "0"}),
            json!({"blob": "0g"}),
            json!([1]),
            json!({}),
            json!("a\0b"),
        ] {
            assert_eq!(text(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn what_json_cannot_hold_exactly_stays_text() {
        assert_eq!(
            json_of(&Type::INT8, Some("-9223372036854775808")),
            json!(i64::MIN)
        );
        assert_eq!(json_of(&Type::NUMERIC, Some("0.10")), json!("0.10"));
        assert_eq!(json_of(&Type::FLOAT8, Some("Infinity")), json!("Infinity"));
        assert_eq!(json_of(&Type::FLOAT8, Some("1e300")), json!(1e300));
        assert_eq!(json_of(&Type::BYTEA, Some("\\x00ff")), json!({"blob": "00ff"}));
        assert_eq!(json_of(&Type::BOOL, Some("f")), json!(false));
        assert_eq!(json_of(&Type::TEXT, None), Value::Null);
    }
}
