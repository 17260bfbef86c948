//! Values keep what they are on their way into a script and back.

use procedo_core::value::{Value, canonical};
use procedo_interface::dynamic::{Place, plain_dynamic, plain_value, to_dynamic, to_value};
use procedo_interface::types::{Case, Cases, Member, Record};
use procedo_interface::{Function, Type};
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

/// Any JSON whose numbers a script can hold.
fn any_json() -> impl Strategy<Value = Value> {
    // Eighths are exact, in binary and when JSON writes and reads them.
    let number = any::<i32>().prop_map(|n| f64::from(n) / 8.0);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        number.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Any type with a value of it.
fn any_typed() -> impl Strategy<Value = (Type, Value)> {
    let whole = |signed, bits| move |value: i64| (Type::Int { signed, bits }, Value::from(value));
    let leaf = prop_oneof![
        any::<bool>().prop_map(|value| (Type::Bool, Value::from(value))),
        any::<u8>().prop_map(|n| n.into()).prop_map(whole(false, 8)),
        any::<i32>().prop_map(|n| n.into()).prop_map(whole(true, 32)),
        (0..=i64::MAX).prop_map(whole(false, 64)),
        any::<i64>().prop_map(whole(true, 64)),
        any::<String>().prop_map(|value| (Type::String, Value::from(value))),
        any_json().prop_map(|value| (Type::Json, Value::from(canonical(&value).to_string()))),
        (0..3_usize).prop_map(|index| {
            let case = |name: &str| Case {
                name: name.to_owned(),
                docs: String::new(),
                payload: None,
            };
            let names = ["red", "warm-white", "off"];
            let cases = Cases {
                name: "colour".to_owned(),
                docs: String::new(),
                cases: names.map(case).into(),
            };
            (Type::Enum(Arc::new(cases)), Value::from(names[index]))
        }),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            (inner.clone(), any::<bool>()).prop_map(|((ty, value), there)| {
                let ty = if matches!(ty, Type::Option(_) | Type::Json) {
                    ty
                } else {
                    Type::Option(Arc::new(ty))
                };
                let absent = !there && matches!(ty, Type::Option(_));
                (ty, if absent { Value::Null } else { value })
            }),
            (inner.clone(), 0..4_usize)
                .prop_map(|((ty, value), count)| (Type::List(Arc::new(ty)), Value::from(vec![value; count]))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| {
                let (types, values): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
                (Type::Tuple(types.into()), Value::from(values))
            }),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| {
                let name = |index: usize| format!("member-{index}");
                let members = parts.iter().enumerate();
                let member = |(index, (ty, _)): (usize, &(Type, Value))| Member {
                    name: name(index),
                    docs: String::new(),
                    ty: ty.clone(),
                };
                let record = Record {
                    name: "lamp".to_owned(),
                    docs: String::new(),
                    members: members.map(member).collect(),
                };
                let values = parts
                    .into_iter()
                    .enumerate()
                    .map(|(index, (_, value))| (name(index), value))
                    .collect();
                (Type::Record(Arc::new(record)), Value::Object(values))
            }),
            inner.prop_map(|(ty, value)| {
                let case = Case {
                    name: "bright".to_owned(),
                    docs: String::new(),
                    payload: Some(ty),
                };
                let cases = Cases {
                    name: "mood".to_owned(),
                    docs: String::new(),
                    cases: vec![case],
                };
                (Type::Variant(Arc::new(cases)), json!({"bright": value}))
            }),
        ]
    })
}

fn function() -> Function {
    Function {
        capability: "lamp".to_owned(),
        name: "glow".to_owned(),
        docs: String::new(),
        params: Vec::new(),
        reply: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plain_value_comes_back_as_it_was(value in any_json()) {
        let there = plain_dynamic(&value);
        prop_assert_eq!(plain_value(&there, &Place::argument("f", "a")).expect("plain"), value);
    }

    #[test]
    fn a_value_of_any_type_comes_back_as_it_was((ty, value) in any_typed()) {
        let there = to_dynamic(&value, &ty, &function()).expect("of the type");
        let back = to_value(&there, &ty, &Place::argument("f", "a")).expect("of the type");
        prop_assert_eq!(canonical(&back), canonical(&value));
    }

    #[test]
    fn a_value_of_another_type_is_refused_or_of_that_type_too((ty, _) in any_typed(), (_, value) in any_typed()) {
        // Whatever a handler replies by mistake: it never ends in a panic.
        if let Ok(there) = to_dynamic(&value, &ty, &function()) {
            let _same_or_refused = to_value(&there, &ty, &Place::argument("f", "a"));
        }
    }
}

#[test]
fn a_number_that_scripts_cannot_count_to_is_refused() {
    let ty = Type::Int {
        signed: false,
        bits: 64,
    };
    assert_eq!(
        to_dynamic(&json!(u64::MAX), &ty, &function())
            .expect_err("too large")
            .code,
        "P0818"
    );
    assert_eq!(
        to_dynamic(&json!(1.5), &ty, &function())
            .expect_err("no whole number")
            .code,
        "P0818"
    );
}
