//! Start-up refuses handlers whose types are not those of the WIT, and says where they differ.

#![allow(clippy::unwrap_used, reason = "a test that meets an Err fails")]
#![allow(dead_code)]

use procedo_interface::Signature;
use procedo_interface::table::{Table, parse};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const TYPES: &str = "package procedo:host@0.1.0;
interface types { record error { message: string } type json = string; }";

const LAMP: &str = "package procedo:host@0.1.0;
interface lamp {
    use types.{error, json};
    enum colour { red, warm-white }
    variant mood { calm, bright(u8) }
    record state { colour: colour, level: u32, since: option<string>, hours: list<tuple<string, u64>>, mood: mood }
    glow: func(lamp-name: string, level: u32, note: option<string>, more: option<state>, extra: json) -> result<state, error>;
    off: func() -> result<_, error>;
}
world plugin { import lamp; }";

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Colour {
    /// A documented case, which another form of schema is made for.
    Red,
    WarmWhite,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Mood {
    Calm,
    Bright(u8),
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct State {
    colour: Colour,
    level: u32,
    since: Option<String>,
    hours: Vec<(String, u64)>,
    mood: Mood,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Glow {
    lamp_name: String,
    level: u32,
    note: Option<String>,
    more: Option<State>,
    extra: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Off {}

fn signature<A: JsonSchema, R: JsonSchema>(function: &str) -> Signature {
    let schema = |generator: schemars::SchemaGenerator, reply: bool| {
        let schema = if reply {
            generator.into_root_schema_for::<R>()
        } else {
            generator.into_root_schema_for::<A>()
        };
        schema.to_value()
    };
    Signature {
        capability: "lamp".to_owned(),
        function: function.to_owned(),
        args_schema: schema(schemars::SchemaGenerator::default(), false),
        reply_schema: schema(schemars::SchemaGenerator::default(), true),
    }
}

fn check(signatures: &[Signature]) -> Result<(), String> {
    let (resolve, package) = parse(&[("types.wit", TYPES), ("lamp.wit", LAMP)]).unwrap();
    Table::read(&resolve, package)
        .unwrap()
        .check(signatures)
        .map_err(|error| error.message.to_string())
}

#[test]
fn handlers_of_the_same_shape_are_accepted() {
    assert_eq!(
        check(&[signature::<Glow, State>("glow"), signature::<Off, ()>("off")]),
        Ok(())
    );
}

#[test]
fn a_missing_handler_is_named() {
    let refused = check(&[signature::<Glow, State>("glow")]).unwrap_err();
    assert_eq!(refused, r#"P0805 function="lamp.off""#);
}

#[test]
fn a_handler_without_a_function_is_named_and_so_is_a_second_one() {
    let refused = check(&[signature::<Off, ()>("dim")]).unwrap_err();
    assert_eq!(refused, r#"P0806 function="lamp.dim""#);
    let refused = check(&[signature::<Off, ()>("off"), signature::<Off, ()>("off")]).unwrap_err();
    assert_eq!(refused, r#"P0806 function="lamp.off""#);
}

/// What is said of `glow` when its arguments have the shape of `A` and its reply that of `R`.
fn said_of<A: JsonSchema, R: JsonSchema>() -> String {
    let refused = check(&[signature::<A, R>("glow"), signature::<Off, ()>("off")]).unwrap_err();
    assert!(
        refused.starts_with("P0807 ") && refused.contains(r#"function="lamp.glow""#),
        "{refused}"
    );
    refused
        .replace("P0807 ", "")
        .replace(r#"function="lamp.glow" "#, "")
}

/// The arguments of `glow` with the types of two members changed.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Changed<L, N> {
    lamp_name: String,
    level: L,
    note: N,
    more: Option<State>,
    extra: String,
}

#[test]
fn a_number_of_another_width_is_named() {
    assert_eq!(
        said_of::<Changed<u64, Option<String>>, State>(),
        r#"expected="uint32" found="uint64" member="level""#
    );
    assert_eq!(
        said_of::<Changed<i32, Option<String>>, State>(),
        r#"expected="uint32" found="int32" member="level""#
    );
    assert_eq!(
        said_of::<Changed<f64, Option<String>>, State>(),
        r#"expected="uint32" found="double" member="level""#
    );
}

#[test]
fn optionality_must_be_the_same_both_ways() {
    assert_eq!(
        said_of::<Changed<u32, String>, State>(),
        r#"expected="option<string>" found="string" member="note""#
    );
    assert_eq!(
        said_of::<Changed<Option<u32>, Option<String>>, State>(),
        r#"expected="uint32" found="option<uint32>" member="level""#
    );
}

#[test]
fn a_member_that_may_be_missing_but_not_null_is_no_option() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    struct Defaulted {
        lamp_name: String,
        level: u32,
        #[serde(default)]
        note: String,
        more: Option<State>,
        extra: String,
    }
    assert_eq!(
        said_of::<Defaulted, State>(),
        r#"expected="option<string>" found="string, may be missing" member="note""#
    );
}

#[test]
fn a_renamed_missing_or_extra_member_is_named() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    struct Renamed {
        name: String,
        level: u32,
        note: Option<String>,
        more: Option<State>,
        extra: String,
    }
    assert_eq!(
        said_of::<Renamed, State>(),
        r#"expected="string" found="nothing" member="lamp-name""#
    );
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Short {
        colour: Colour,
        level: u32,
        since: Option<String>,
        hours: Vec<(String, u64)>,
    }
    assert!(said_of::<Glow, Short>().ends_with(r#"found="nothing" member="reply.mood""#));
}

/// A reply of `glow` with other parts.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Replied<C, H, M> {
    colour: C,
    level: u32,
    since: Option<String>,
    hours: H,
    mood: M,
}

#[test]
fn other_cases_and_items_are_named() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    enum Colours {
        Red,
        Blue,
        WarmWhite,
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    enum Moods {
        Calm(u8),
        Bright(u8),
    }
    type Hours = Vec<(String, u64)>;
    assert_eq!(
        said_of::<Glow, Replied<Colours, Hours, Mood>>(),
        r#"expected="no such case" found="the case blue" member="reply.colour.blue""#
    );
    assert_eq!(
        said_of::<Glow, Replied<Colour, Hours, Moods>>(),
        r#"expected="nothing" found="uint8" member="reply.mood.calm""#
    );
    assert_eq!(
        said_of::<Glow, Replied<Colour, Vec<(String, u32)>, Mood>>(),
        r#"expected="uint64" found="uint32" member="reply.hours[][1]""#
    );
    assert_eq!(
        said_of::<Glow, Replied<String, Hours, Mood>>(),
        r#"expected="red | warm-white" found="string" member="reply.colour""#
    );
}

#[test]
fn free_form_json_and_maps_are_no_shapes_of_the_wit() {
    assert!(said_of::<Changed<serde_json::Value, Option<String>>, State>().contains(r#"member="level""#));
    type Map = std::collections::BTreeMap<String, u64>;
    assert!(said_of::<Glow, Replied<Colour, Map, Mood>>().contains(r#"member="reply.hours""#));
    assert!(said_of::<Glow, ()>().contains(r#"found="nothing" member="reply""#));
}
