//! The functions that procedures can call, in the forms that people, editors and programs read. All of it comes from the
//! WIT.

use procedo_interface::table::script_name;
use procedo_interface::types::{Case, Member};
use procedo_interface::{Function, Table, Type};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The JSON schema of a type, for values as they cross the gate.
pub fn schema(ty: &Type) -> Value {
    let described = |mut schema: Value, docs: &str| {
        if !docs.is_empty() {
            schema["description"] = Value::from(docs);
        }
        schema
    };
    match ty {
        Type::Bool => json!({"type": "boolean"}),
        Type::Int { .. } => {
            let (least, most) = ty.range().unwrap_or_default();
            // A limit that JSON readers would round says nothing.
            let exact = |limit: i128| {
                i64::try_from(limit)
                    .ok()
                    .filter(|limit| limit.unsigned_abs() < 1 << 53)
            };
            let mut schema = json!({"type": "integer"});
            if let Some(least) = exact(least) {
                schema["minimum"] = json!(least);
            }
            if let Some(most) = exact(most) {
                schema["maximum"] = json!(most);
            }
            schema
        }
        Type::F32 | Type::F64 => json!({"type": "number"}),
        Type::String => json!({"type": "string"}),
        Type::Json => json!({"type": "string", "contentMediaType": "application/json"}),
        Type::Option(inner) => json!({"anyOf": [schema(inner), {"type": "null"}]}),
        Type::List(item) => json!({"type": "array", "items": schema(item)}),
        Type::Tuple(parts) => {
            let parts: Vec<_> = parts.iter().map(schema).collect();
            json!({"type": "array", "prefixItems": parts, "minItems": parts.len(), "maxItems": parts.len()})
        }
        Type::Record(record) => {
            let members = record
                .members
                .iter()
                .map(|member| (member.name.as_str(), &member.ty, member.docs.as_str()));
            described(object(members), &record.docs)
        }
        Type::Enum(cases) => {
            let names: Vec<_> = cases.cases.iter().map(|case| case.name.as_str()).collect();
            described(json!({"enum": names}), &cases.docs)
        }
        Type::Variant(cases) => {
            let case = |case: &Case| match &case.payload {
                None => json!({"const": case.name}),
                Some(payload) => object([(case.name.as_str(), payload, case.docs.as_str())].into_iter()),
            };
            described(
                json!({"oneOf": cases.cases.iter().map(case).collect::<Vec<_>>()}),
                &cases.docs,
            )
        }
    }
}

fn object<'a>(members: impl Iterator<Item = (&'a str, &'a Type, &'a str)>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, ty, docs) in members {
        let mut schema = schema(ty);
        if !docs.is_empty() {
            schema["description"] = Value::from(docs);
        }
        properties.insert(name.to_owned(), schema);
        if !matches!(ty, Type::Option(_)) {
            required.push(name);
        }
    }
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The schemas of a function's arguments and reply.
pub fn schemas(function: &Function) -> Value {
    let args = object(function.params.iter().map(|(name, ty)| (name.as_str(), ty, "")));
    let reply = function
        .reply
        .as_ref()
        .map_or_else(|| json!({"type": "null"}), schema);
    json!({"args": args, "reply": reply})
}

/// Where a value is not of a type, and which type is expected there.
pub fn misfit(ty: &Type, value: &Value, at: &str) -> Option<(String, String)> {
    let wrong = || Some((at.to_owned(), ty.to_string()));
    let fits = |fits: bool| if fits { None } else { wrong() };
    match ty {
        Type::Bool => fits(value.is_boolean()),
        Type::Int { .. } => {
            let number = value
                .as_i64()
                .map(i128::from)
                .or_else(|| value.as_u64().map(i128::from));
            fits(
                ty.range()
                    .zip(number)
                    .is_some_and(|((least, most), number)| (least..=most).contains(&number)),
            )
        }
        Type::F32 | Type::F64 => fits(value.is_number()),
        Type::String | Type::Json => fits(value.is_string()),
        Type::Option(inner) if !value.is_null() => misfit(inner, value, at),
        Type::Option(_) => None,
        Type::List(item) => match value.as_array() {
            Some(items) => items
                .iter()
                .enumerate()
                .find_map(|(index, value)| misfit(item, value, &format!("{at}[{index}]"))),
            None => wrong(),
        },
        Type::Tuple(parts) => match value.as_array().filter(|items| items.len() == parts.len()) {
            Some(items) => parts
                .iter()
                .zip(items)
                .enumerate()
                .find_map(|(index, (ty, value))| misfit(ty, value, &format!("{at}[{index}]"))),
            None => wrong(),
        },
        Type::Record(record) => {
            let Some(members) = value.as_object() else {
                return wrong();
            };
            let known = |name: &String| record.members.iter().any(|member| member.name == *name);
            if let Some(unknown) = members.keys().find(|name| !known(name)) {
                return Some((format!("{at}.{unknown}"), "–".to_owned()));
            }
            record.members.iter().find_map(|member| {
                let value = members.get(&member.name).unwrap_or(&Value::Null);
                misfit(&member.ty, value, &format!("{at}.{}", member.name))
            })
        }
        Type::Enum(cases) => fits(value.as_str().is_some_and(|name| cases.find(name).is_some())),
        Type::Variant(cases) => {
            let named = match value {
                Value::String(name) => cases.find(name).map(|case| (case, None)),
                Value::Object(members) if members.len() == 1 => members
                    .iter()
                    .next()
                    .and_then(|(name, value)| cases.find(name).map(|case| (case, Some(value)))),
                _ => None,
            };
            match named {
                Some((case, given)) => match (&case.payload, given) {
                    (None, None) => None,
                    (Some(payload), Some(value)) => misfit(payload, value, &format!("{at}.{}", case.name)),
                    _ => wrong(),
                },
                None => wrong(),
            }
        }
    }
}

/// A function as the reference shows it: `read(root: string, path: string, encoding: option<string>) -> text-file`.
pub fn signature(function: &Function) -> String {
    let params: Vec<_> = function
        .params
        .iter()
        .map(|(name, ty)| format!("{name}: {ty}"))
        .collect();
    let reply = function
        .reply
        .as_ref()
        .map_or_else(String::new, |reply| format!(" -> {reply}"));
    format!("{}({}){reply}", function.name, params.join(", "))
}

/// What a named type within another consists of, as people read it.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// What it is, if the WIT says so.
    pub docs: String,
    /// Its members or cases, each as `name: type`, and what they are.
    pub parts: Vec<(String, String)>,
}

/// The records, enums and variants within a type, each once, the outer ones first.
pub fn named_within(ty: &Type) -> Vec<Named> {
    fn add(ty: &Type, found: &mut Vec<Named>) {
        let (name, docs, parts, inner): (_, _, _, Vec<&Type>) = match ty {
            Type::Option(inner) | Type::List(inner) => return add(inner, found),
            Type::Tuple(parts) => return parts.iter().for_each(|part| add(part, found)),
            Type::Record(record) => {
                let members = record.members.iter();
                let part = |member: &Member| (format!("{}: {}", member.name, member.ty), member.docs.clone());
                let parts = members.clone().map(part).collect();
                (
                    &record.name,
                    &record.docs,
                    parts,
                    members.map(|member| &member.ty).collect(),
                )
            }
            Type::Enum(cases) | Type::Variant(cases) => {
                let part = |case: &Case| {
                    let payload = case.payload.as_ref();
                    let payload = payload.map_or_else(String::new, |payload| format!(": {payload}"));
                    (format!("{}{payload}", case.name), case.docs.clone())
                };
                let parts = cases.cases.iter().map(part).collect();
                let payloads = cases.cases.iter().filter_map(|case| case.payload.as_ref());
                (&cases.name, &cases.docs, parts, payloads.collect())
            }
            _ => return,
        };
        if found.iter().any(|known| known.name == *name) {
            return;
        }
        found.push(Named {
            name: name.clone(),
            docs: docs.clone(),
            parts,
        });
        inner.into_iter().for_each(|ty| add(ty, found));
    }
    let mut found = Vec::new();
    add(ty, &mut found);
    found
}

/// A definition file for editors of Rhai scripts: every function with each number of arguments that it takes.
pub fn definitions(table: &Table, wanted: impl Fn(&Function) -> bool) -> String {
    let mut text = "module static;\n".to_owned();
    for interface in &table.interfaces {
        let functions: Vec<_> = table
            .of(&interface.name)
            .filter(|function| wanted(function))
            .collect();
        if functions.is_empty() {
            continue;
        }
        text.push('\n');
        comment(&mut text, "", &interface.docs);
        let _ = writeln!(text, "module {} {{", script_name(&interface.name));
        for function in functions {
            for count in function.required()..=function.params.len() {
                text.push('\n');
                comment(&mut text, "    ", &function.docs);
                let params: Vec<_> = function.params[..count]
                    .iter()
                    .map(|(name, ty)| format!("{}: {}", script_name(name), script_type(ty)))
                    .collect();
                let reply = function.reply.as_ref().map_or("()", script_type);
                let _ = writeln!(
                    text,
                    "    fn {}({}) -> {reply};",
                    function.script_name(),
                    params.join(", ")
                );
            }
        }
        text.push_str("}\n");
    }
    text
}

fn comment(text: &mut String, indent: &str, docs: &str) {
    for line in docs.lines() {
        let _ = writeln!(text, "{indent}/// {line}");
    }
}

/// The type of a value in a script.
fn script_type(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::Int { .. } => "int",
        Type::F32 | Type::F64 => "float",
        Type::String | Type::Enum(_) => "String",
        // Any plain value.
        Type::Json => "?",
        Type::Option(inner) => script_type(inner),
        Type::List(_) | Type::Tuple(_) => "Array",
        // A text may be given as a plain string.
        Type::Record(_) if ty.is_text() => "?",
        Type::Record(_) => "Map",
        Type::Variant(_) => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_one_definition_for_each_number_of_arguments() {
        let table = Table::of_host().expect("our own package is sound");
        let text = definitions(&table, |function| {
            function.operation().to_string() == "files.read"
        });
        assert!(text.starts_with("module static;\n"), "{text}");
        assert!(
            text.contains("    fn read(root: String, path: String) -> Map;"),
            "{text}"
        );
        assert!(
            text.contains("    fn read(root: String, path: String, encoding: String) -> Map;"),
            "{text}"
        );
        assert!(!text.contains("fn write"), "{text}");
    }

    #[test]
    fn a_value_of_another_shape_is_found_by_its_place() {
        let table = Table::of_host().expect("our own package is sound");
        let changed = table
            .find("files", "write")
            .and_then(|write| write.reply.clone())
            .expect("a reply");
        let of = |value: Value| misfit(&changed, &value, "reply").map(|(at, _)| at);
        assert_eq!(of(json!({"changed": true, "files": 1, "bytes": 2})), None);
        assert_eq!(of(json!(1)).as_deref(), Some("reply"));
        assert_eq!(
            of(json!({"changed": true, "files": 1})).as_deref(),
            Some("reply.bytes")
        );
        assert_eq!(
            of(json!({"changed": true, "files": -1, "bytes": 2})).as_deref(),
            Some("reply.files")
        );
        assert_eq!(
            of(json!({"changed": true, "files": 1, "bytes": 2, "x": 1})).as_deref(),
            Some("reply.x")
        );
    }

    #[test]
    fn a_schema_names_members_and_which_may_be_absent() {
        let table = Table::of_host().expect("our own package is sound");
        let write = table.find("files", "write").expect("files.write");
        let schemas = schemas(write);
        assert_eq!(schemas["args"]["required"], json!(["root", "path", "text"]));
        assert_eq!(schemas["reply"]["properties"]["changed"]["type"], "boolean");
        let sleep = table.find("run", "sleep").expect("run.sleep");
        let milliseconds = &super::schemas(sleep)["args"]["properties"]["milliseconds"];
        assert_eq!(*milliseconds, json!({"type": "integer", "minimum": 0}));
    }
}
