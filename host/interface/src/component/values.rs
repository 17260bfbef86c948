//! Values between the component's form and the gate's, led by the table's types.

use crate::table::Function;
use crate::types::{Record, Type};
use procedo_core::value::Value;
use wasmtime::component::Val;

/// A value that does not have the type that the WIT gives it. The host ends the guest: one of the two breaks the contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {found} is not a value of {expected}")]
pub struct Unfit {
    /// The function and the part of its arguments or reply.
    pub at: String,
    /// The type in the WIT.
    pub expected: String,
    /// What was there, shortened.
    pub found: String,
}

impl Unfit {
    fn new(ty: &Type, found: &impl std::fmt::Display) -> Self {
        Self {
            at: String::new(),
            expected: ty.to_string(),
            found: shorten(&found.to_string()),
        }
    }

    /// Puts the name of an outer part before what is known.
    fn below(mut self, part: &str) -> Self {
        self.at = if self.at.is_empty() {
            part.to_owned()
        } else {
            format!("{part}.{}", self.at)
        };
        self
    }

    pub(super) fn at(self, function: &Function, part: &str) -> Self {
        let mut unfit = self.below(part);
        unfit.at = format!("{}, {}", function.operation(), unfit.at);
        unfit
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The gate's form of a component's value.
pub fn to_json(ty: &Type, val: &Val) -> Result<Value, Unfit> {
    let unfit = || Unfit::new(ty, &format!("{val:?}"));
    let float = |number: f64| {
        serde_json::Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(unfit)
    };
    Ok(match (ty, val) {
        (Type::Bool, Val::Bool(yes)) => Value::from(*yes),
        (
            Type::Int {
                signed: false,
                bits: 8,
            },
            Val::U8(number),
        ) => Value::from(*number),
        (
            Type::Int {
                signed: false,
                bits: 16,
            },
            Val::U16(number),
        ) => Value::from(*number),
        (
            Type::Int {
                signed: false,
                bits: 32,
            },
            Val::U32(number),
        ) => Value::from(*number),
        (
            Type::Int {
                signed: false,
                bits: 64,
            },
            Val::U64(number),
        ) => Value::from(*number),
        (
            Type::Int {
                signed: true,
                bits: 8,
            },
            Val::S8(number),
        ) => Value::from(*number),
        (
            Type::Int {
                signed: true,
                bits: 16,
            },
            Val::S16(number),
        ) => Value::from(*number),
        (
            Type::Int {
                signed: true,
                bits: 32,
            },
            Val::S32(number),
        ) => Value::from(*number),
        (
            Type::Int {
                signed: true,
                bits: 64,
            },
            Val::S64(number),
        ) => Value::from(*number),
        // JSON has no NaN and no infinity.
        (Type::F32, Val::Float32(number)) => float(f64::from(*number))?,
        (Type::F64, Val::Float64(number)) => float(*number)?,
        (Type::String | Type::Json, Val::String(text)) => Value::from(text.as_str()),
        (Type::Option(_), Val::Option(None)) => Value::Null,
        (Type::Option(inner), Val::Option(Some(val))) => to_json(inner, val)?,
        (Type::List(item), Val::List(vals)) => Value::Array(
            vals.iter()
                .map(|val| to_json(item, val))
                .collect::<Result<_, _>>()?,
        ),
        (Type::Tuple(types), Val::Tuple(vals)) if types.len() == vals.len() => Value::Array(
            types
                .iter()
                .zip(vals)
                .map(|(ty, val)| to_json(ty, val))
                .collect::<Result<_, _>>()?,
        ),
        (Type::Record(record), Val::Record(vals)) if record.members.len() == vals.len() => {
            let members = record.members.iter().zip(vals).map(|(member, (_, val))| {
                Ok((
                    member.name.clone(),
                    to_json(&member.ty, val).map_err(|unfit| unfit.below(&member.name))?,
                ))
            });
            Value::Object(members.collect::<Result<_, _>>()?)
        }
        (Type::Enum(cases), Val::Enum(name)) if cases.find(name).is_some() => Value::from(name.as_str()),
        (Type::Variant(cases), Val::Variant(name, val)) => {
            match (cases.find(name).ok_or_else(unfit)?.payload.as_ref(), val) {
                (None, None) => Value::from(name.as_str()),
                (Some(ty), Some(val)) => serde_json::json!({name: to_json(ty, val)?}),
                _ => return Err(unfit()),
            }
        }
        _ => return Err(unfit()),
    })
}

/// The component's form of a value at the gate. Whole numbers are checked against their range, records against their
/// members.
pub fn of_json(ty: &Type, value: &Value) -> Result<Val, Unfit> {
    let unfit = || Unfit::new(ty, value);
    Ok(match (ty, value) {
        (Type::Bool, Value::Bool(yes)) => Val::Bool(*yes),
        (Type::Int { signed, bits }, Value::Number(number)) => {
            int(*signed, *bits, number).ok_or_else(unfit)?
        }
        (Type::F32, Value::Number(number)) => Val::Float32(number.as_f64().ok_or_else(unfit)? as f32),
        (Type::F64, Value::Number(number)) => Val::Float64(number.as_f64().ok_or_else(unfit)?),
        (Type::String | Type::Json, Value::String(text)) => Val::String(text.clone()),
        (Type::Option(_), Value::Null) => Val::Option(None),
        (Type::Option(inner), value) => Val::Option(Some(Box::new(of_json(inner, value)?))),
        (Type::List(item), Value::Array(values)) => Val::List(
            values
                .iter()
                .map(|value| of_json(item, value))
                .collect::<Result<_, _>>()?,
        ),
        (Type::Tuple(types), Value::Array(values)) if types.len() == values.len() => Val::Tuple(
            types
                .iter()
                .zip(values)
                .map(|(ty, value)| of_json(ty, value))
                .collect::<Result<_, _>>()?,
        ),
        (Type::Record(record), Value::Object(members)) => record_of(record, members).ok_or_else(unfit)??,
        (Type::Enum(cases), Value::String(name)) if cases.find(name).is_some() => Val::Enum(name.clone()),
        (Type::Variant(cases), Value::String(name)) => match cases.find(name).map(|case| &case.payload) {
            Some(None) => Val::Variant(name.clone(), None),
            _ => return Err(unfit()),
        },
        (Type::Variant(cases), Value::Object(members)) => {
            let (Some((name, value)), 1) = (members.iter().next(), members.len()) else {
                return Err(unfit());
            };
            let payload = cases
                .find(name)
                .and_then(|case| case.payload.as_ref())
                .ok_or_else(unfit)?;
            Val::Variant(name.clone(), Some(Box::new(of_json(payload, value)?)))
        }
        _ => return Err(unfit()),
    })
}

/// None if there is a member that the record does not have.
fn record_of(record: &Record, members: &serde_json::Map<String, Value>) -> Option<Result<Val, Unfit>> {
    let known = record
        .members
        .iter()
        .filter(|member| members.contains_key(&member.name))
        .count();
    let vals = record.members.iter().map(|member| {
        let value = members.get(&member.name).unwrap_or(&Value::Null);
        let val = of_json(&member.ty, value).map_err(|unfit| unfit.below(&member.name))?;
        Ok((member.name.clone(), val))
    });
    (known == members.len()).then(|| Ok(Val::Record(vals.collect::<Result<_, _>>()?)))
}

fn int(signed: bool, bits: u8, number: &serde_json::Number) -> Option<Val> {
    let number = number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from))?;
    Some(match (signed, bits) {
        (false, 8) => Val::U8(number.try_into().ok()?),
        (false, 16) => Val::U16(number.try_into().ok()?),
        (false, 32) => Val::U32(number.try_into().ok()?),
        (false, 64) => Val::U64(number.try_into().ok()?),
        (true, 8) => Val::S8(number.try_into().ok()?),
        (true, 16) => Val::S16(number.try_into().ok()?),
        (true, 32) => Val::S32(number.try_into().ok()?),
        (true, 64) => Val::S64(number.try_into().ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Case, Member};
    use proptest::prelude::*;
    use serde_json::json;
    use std::sync::Arc;

    fn response() -> Type {
        let pair = Type::Tuple([Type::String, Type::String].into());
        let member = |name: &str, ty| Member {
            name: name.to_owned(),
            docs: String::new(),
            ty,
        };
        Type::record(
            "response".to_owned(),
            String::new(),
            vec![
                member("status", Type::int(false, 16)),
                member("headers", Type::List(Arc::new(pair))),
                member("max-bytes", Type::Option(Arc::new(Type::int(false, 64)))),
            ],
        )
    }

    fn light() -> Type {
        let case = |name: &str, payload| Case {
            name: name.to_owned(),
            docs: String::new(),
            payload,
        };
        Type::variant(
            "light".to_owned(),
            String::new(),
            vec![case("off", None), case("dimmed", Some(Type::int(true, 8)))],
        )
    }

    #[test]
    fn a_record_crosses_with_its_members_in_the_order_of_the_wit() {
        let value = json!({"headers": [["a", "b"]], "status": 200, "max-bytes": u64::MAX});
        let val = of_json(&response(), &value).expect("fits");
        let Val::Record(members) = &val else {
            panic!("a record")
        };
        assert_eq!(
            members.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["status", "headers", "max-bytes"]
        );
        assert_eq!(to_json(&response(), &val), Ok(value));
    }

    #[test]
    fn an_absent_option_is_none_and_reads_as_null() {
        let val = of_json(&response(), &json!({"headers": [], "status": 1})).expect("fits");
        assert_eq!(
            to_json(&response(), &val),
            Ok(json!({"headers": [], "status": 1, "max-bytes": null}))
        );
    }

    #[test]
    fn a_missing_an_unknown_and_a_wrong_member_are_named() {
        let told = |value| {
            of_json(&response(), &value)
                .expect_err("does not fit")
                .to_string()
        };
        assert_eq!(told(json!({"headers": []})), "status: null is not a value of u16");
        assert_eq!(
            told(json!({"headers": [], "status": 65536})),
            "status: 65536 is not a value of u16"
        );
        assert_eq!(
            told(json!({"headers": [["a"]], "status": 1})),
            r#"headers: ["a"] is not a value of tuple<string, string>"#
        );
        assert!(told(json!({"headers": [], "status": 1, "more": 2})).ends_with("is not a value of response"));
    }

    #[test]
    fn a_variant_is_its_case_or_an_object_of_it() {
        for value in [json!("off"), json!({"dimmed": -3})] {
            let val = of_json(&light(), &value).expect("fits");
            assert_eq!(to_json(&light(), &val), Ok(value));
        }
        for value in [
            json!("dimmed"),
            json!({"off": 1}),
            json!({"dimmed": 200}),
            json!({"dimmed": 1, "off": 2}),
            json!({}),
        ] {
            assert!(of_json(&light(), &value).is_err(), "{value}");
        }
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        assert!(to_json(&Type::F64, &Val::Float64(f64::NAN)).is_err());
        assert!(to_json(&Type::F32, &Val::Float32(f32::INFINITY)).is_err());
    }

    proptest! {
        #[test]
        fn a_whole_number_crosses_exactly_if_and_only_if_it_is_in_range(number: i64, signed: bool, size in 3_u8..7) {
            let ty = Type::int(signed, 1 << size);
            let (least, most) = ty.range().expect("a whole number");
            let crossed = of_json(&ty, &json!(number)).and_then(|val| to_json(&ty, &val));
            if (least..=most).contains(&i128::from(number)) {
                prop_assert_eq!(crossed, Ok(json!(number)));
            } else {
                prop_assert!(crossed.is_err());
            }
        }

        #[test]
        fn every_text_crosses_unchanged(text: String) {
            let val = of_json(&Type::String, &json!(text)).expect("fits");
            prop_assert_eq!(to_json(&Type::String, &val), Ok(json!(text)));
        }
    }
}
