//! Whether every function has a handler, and the handler's types are those of the WIT.
//!
//! A handler's types are known by their JSON schemas. They are compared with the WIT's member by member: names, optionality,
//! width of numbers, cases of enums. So a function and its handler cannot drift apart unseen.

use crate::table::{Function, Table};
use crate::types::{Cases, Type};
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The interface that the engine may answer itself, without handlers.
pub const RUN: &str = "run";

/// What a handler says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// The capability it belongs to.
    pub capability: String,
    /// The function it answers.
    pub function: String,
    /// The JSON schema of its arguments.
    pub args_schema: Value,
    /// The JSON schema of its reply.
    pub reply_schema: Value,
}

impl Table {
    /// Compares the handlers with the table. The interface `run` may have none at all.
    ///
    /// # Errors
    /// Naming the function and the member: `P0805` no handler, `P0806` a handler without a function, `P0807` another shape.
    pub fn check(&self, signatures: &[Signature]) -> Result<()> {
        let mut seen = BTreeSet::new();
        for signature in signatures {
            let name = format!("{}.{}", signature.capability, signature.function);
            let function = self.find(&signature.capability, &signature.function);
            let Some(function) = function.filter(|_| seen.insert(name.clone())) else {
                return Err(Error::new(Kind::Failed, "P0806").with("function", name));
            };
            check_shapes(function, signature)?;
        }
        let answered = |capability: &str| {
            signatures
                .iter()
                .any(|signature| signature.capability == capability)
        };
        let mut needed = self
            .functions
            .iter()
            .filter(|f| f.capability != RUN || answered(RUN));
        match needed.find(|f| !seen.contains(&f.operation().to_string())) {
            Some(function) => Err(Error::new(Kind::Failed, "P0805").with("function", function.operation())),
            None => Ok(()),
        }
    }
}

fn check_shapes(function: &Function, signature: &Signature) -> Result<()> {
    let args = Shape::Object(
        function
            .params
            .iter()
            .map(|(name, ty)| (name.clone(), Shape::of_type(ty)))
            .collect(),
    );
    let reply = function.reply.as_ref().map_or(Shape::Null, Shape::of_type);
    let of_schema = |schema: &Value| Shape::of_schema(schema, schema, 0);
    let differs = args
        .difference(&of_schema(&signature.args_schema), String::new())
        .or_else(|| reply.difference(&of_schema(&signature.reply_schema), "reply".to_owned()));
    match differs {
        None => Ok(()),
        Some(Difference {
            member,
            expected,
            found,
        }) => Err(Error::new(Kind::Failed, "P0807")
            .with("function", function.operation())
            .with("member", if member.is_empty() { "arguments" } else { &member })
            .with("expected", expected)
            .with("found", found)),
    }
}

/// What a type says about the JSON of its values.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Null,
    Bool,
    /// An integer of a format: `uint64`.
    Int(String),
    /// A number of a format: `double`.
    Float(String),
    String,
    Nullable(Box<Self>),
    List(Box<Self>),
    Tuple(Vec<Self>),
    Object(BTreeMap<String, Self>),
    /// Enums and variants: the cases, some with a value.
    Cases(BTreeMap<String, Option<Self>>),
    /// Anything that no WIT type is.
    Other(String),
}

/// Where two shapes differ first.
struct Difference {
    member: String,
    expected: String,
    found: String,
}

impl Shape {
    fn of_type(ty: &Type) -> Self {
        match ty {
            Type::Bool => Self::Bool,
            Type::Int { signed, bits } => Self::Int(format!("{}int{bits}", if *signed { "" } else { "u" })),
            Type::F32 => Self::Float("float".to_owned()),
            Type::F64 => Self::Float("double".to_owned()),
            Type::String | Type::Json => Self::String,
            Type::Option(inner) => Self::Nullable(Box::new(Self::of_type(inner))),
            Type::List(item) => Self::List(Box::new(Self::of_type(item))),
            Type::Tuple(parts) => Self::Tuple(parts.iter().map(Self::of_type).collect()),
            Type::Record(record) => Self::Object(
                record
                    .members
                    .iter()
                    .map(|m| (m.name.clone(), Self::of_type(&m.ty)))
                    .collect(),
            ),
            Type::Enum(cases) | Type::Variant(cases) => Self::of_cases(cases),
        }
    }

    fn of_cases(cases: &Cases) -> Self {
        let of_case =
            |case: &crate::types::Case| (case.name.clone(), case.payload.as_ref().map(Self::of_type));
        Self::Cases(cases.cases.iter().map(of_case).collect())
    }

    fn of_schema(schema: &Value, root: &Value, depth: usize) -> Self {
        let text = |name: &str| schema.get(name).and_then(Value::as_str);
        let of = |schema: &Value| Self::of_schema(schema, root, depth + 1);
        let other = || {
            let mut shown: String = schema.to_string().chars().take(80).collect();
            if shown.len() < schema.to_string().len() {
                shown.push('…');
            }
            Self::Other(shown)
        };
        // No WIT type is recursive; a schema that is would never end.
        if depth > 32 {
            return other();
        }
        if let Some(target) = text("$ref")
            .and_then(|to| to.strip_prefix('#'))
            .and_then(|to| root.pointer(to))
        {
            return of(target);
        }
        if let Some(types) = schema.get("type").and_then(Value::as_array) {
            // `["string", "null"]`: an option of a simple type.
            let present: Vec<_> = types.iter().filter(|ty| ty.as_str() != Some("null")).collect();
            let [single] = present[..] else { return other() };
            let mut inner = schema.clone();
            inner["type"] = single.clone();
            let inner = of(&inner);
            return if types.len() == 1 {
                inner
            } else {
                Self::Nullable(Box::new(inner))
            };
        }
        if let Some(parts) = schema.get("anyOf").and_then(Value::as_array) {
            let is_null = |part: &&Value| part.get("type").and_then(Value::as_str) == Some("null");
            let mut present = parts.iter().filter(|part| !is_null(part));
            return match (present.next(), present.next()) {
                (Some(inner), None) if parts.len() == 2 => Self::Nullable(Box::new(of(inner))),
                _ => other(),
            };
        }
        if let Some(cases) = Self::cases_of_schema(schema, &of) {
            return cases;
        }
        match text("type") {
            Some("null") => Self::Null,
            Some("boolean") => Self::Bool,
            Some("integer") => Self::Int(text("format").unwrap_or("integer").to_owned()),
            Some("number") => Self::Float(text("format").unwrap_or("number").to_owned()),
            // A format means that not every text will do.
            Some("string") if text("format").is_none() => Self::String,
            Some("array") => match (
                schema.get("prefixItems").and_then(Value::as_array),
                schema.get("items"),
            ) {
                (Some(parts), _) => Self::Tuple(parts.iter().map(of).collect()),
                (None, Some(item)) => Self::List(Box::new(of(item))),
                (None, None) => other(),
            },
            Some("object")
                if schema
                    .get("additionalProperties")
                    .is_none_or(|more| more == false) =>
            {
                let required = schema.get("required").and_then(Value::as_array);
                let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
                let member = |(name, schema): (&String, &Value)| {
                    let shape = match of(schema) {
                        // It may be missing but not null: not what an option is.
                        plain if !matches!(plain, Self::Nullable(_)) && !is_required(name) => {
                            Self::Other(format!("{plain}, may be missing"))
                        }
                        shape => shape,
                    };
                    (name.clone(), shape)
                };
                let properties = schema.get("properties").and_then(Value::as_object);
                Self::Object(
                    properties
                        .map(|all| all.iter().map(member).collect())
                        .unwrap_or_default(),
                )
            }
            _ => other(),
        }
    }

    /// The cases of an enum: a list of names, or a choice between single names and objects with one member.
    fn cases_of_schema(schema: &Value, of: &impl Fn(&Value) -> Self) -> Option<Self> {
        let names = |schema: &Value| -> Option<Vec<String>> {
            let listed = schema.get("enum").and_then(Value::as_array).cloned();
            let all = listed.or_else(|| schema.get("const").map(|one| vec![one.clone()]))?;
            all.iter().map(|name| name.as_str().map(str::to_owned)).collect()
        };
        if let Some(names) = names(schema) {
            return Some(Self::Cases(names.into_iter().map(|name| (name, None)).collect()));
        }
        let mut cases = BTreeMap::new();
        for choice in schema.get("oneOf").and_then(Value::as_array)? {
            if let Some(names) = names(choice) {
                cases.extend(names.into_iter().map(|name| (name, None)));
                continue;
            }
            let members = choice
                .get("properties")
                .and_then(Value::as_object)
                .filter(|members| members.len() == 1)?;
            cases.extend(
                members
                    .iter()
                    .map(|(name, payload)| (name.clone(), Some(of(payload)))),
            );
        }
        Some(Self::Cases(cases))
    }

    /// The first place where `found` is not what this is.
    fn difference(&self, found: &Self, at: String) -> Option<Difference> {
        let below = |name: &str| {
            if at.is_empty() {
                name.to_owned()
            } else {
                format!("{at}.{name}")
            }
        };
        let between = |expected: Option<&Self>, found: Option<&Self>, member: String| {
            let tell = |shape: Option<&Self>| shape.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            match (expected, found) {
                (Some(expected), Some(found)) => expected.difference(found, member),
                (None, None) => None,
                _ => Some(Difference {
                    member,
                    expected: tell(expected),
                    found: tell(found),
                }),
            }
        };
        match (self, found) {
            (Self::Nullable(expected), Self::Nullable(found)) => expected.difference(found, at),
            (Self::List(expected), Self::List(found)) => expected.difference(found, format!("{at}[]")),
            (Self::Tuple(expected), Self::Tuple(found)) if expected.len() == found.len() => {
                let mut both = expected.iter().zip(found).enumerate();
                both.find_map(|(index, (expected, found))| {
                    expected.difference(found, format!("{at}[{index}]"))
                })
            }
            (Self::Object(expected), Self::Object(found)) => {
                let names: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
                names
                    .into_iter()
                    .find_map(|name| between(expected.get(name), found.get(name), below(name)))
            }
            (Self::Cases(expected), Self::Cases(found)) => {
                let names: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
                names
                    .into_iter()
                    .find_map(|name| match (expected.get(name), found.get(name)) {
                        (Some(expected), Some(found)) => {
                            between(expected.as_ref(), found.as_ref(), below(name))
                        }
                        (expected, _) => {
                            let tell = |there: bool| {
                                if there {
                                    format!("the case {name}")
                                } else {
                                    "no such case".to_owned()
                                }
                            };
                            let (expected, found) = (tell(expected.is_some()), tell(expected.is_none()));
                            Some(Difference {
                                member: below(name),
                                expected,
                                found,
                            })
                        }
                    })
            }
            _ if self == found => None,
            _ => Some(Difference {
                member: at,
                expected: self.to_string(),
                found: found.to_string(),
            }),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("nothing"),
            Self::Bool => f.write_str("boolean"),
            Self::Int(format) | Self::Float(format) => f.write_str(format),
            Self::String => f.write_str("string"),
            Self::Nullable(inner) => write!(f, "option<{inner}>"),
            Self::List(item) => write!(f, "list<{item}>"),
            Self::Tuple(parts) => {
                write!(
                    f,
                    "tuple<{}>",
                    parts
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
            Self::Object(members) => {
                write!(
                    f,
                    "{{{}}}",
                    members.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
                )
            }
            Self::Cases(cases) => {
                f.write_str(&cases.keys().map(String::as_str).collect::<Vec<_>>().join(" | "))
            }
            Self::Other(schema) => f.write_str(schema),
        }
    }
}
