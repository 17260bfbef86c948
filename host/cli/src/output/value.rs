//! A procedure's result as people read it: names with values, lists of like things as tables.

use super::table::Table;
use super::{Output, Style, escape};
use serde_json::{Map, Value};

/// Writes a value, each line indented.
pub fn write(output: &Output, value: &Value, indent: &str) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                member(output, name, value, indent);
            }
        }
        Value::Array(items) => list(output, items, indent),
        scalar => output.line(format!("{indent}{}", shown(scalar))),
    }
}

fn member(output: &Output, name: &str, value: &Value, indent: &str) {
    let name = output.paint(Style::Faint, format!("{}:", escape::one_line(name)));
    if is_scalar(value) {
        output.line(format!("{indent}{name} {}", shown(value)));
        return;
    }
    output.line(format!("{indent}{name}"));
    write(output, value, &format!("{indent}  "));
}

fn list(output: &Output, items: &[Value], indent: &str) {
    if let Some(columns) = columns(items) {
        let mut table = Table::new(columns.iter().map(|name| (*name).clone()));
        for row in items {
            table.row(columns.iter().map(|name| {
                (
                    Style::Plain,
                    row.get(name.as_str()).map_or_else(String::new, shown),
                )
            }));
        }
        table.write_indented(output, indent);
        return;
    }
    for item in items {
        if is_scalar(item) {
            output.line(format!("{indent}{}", shown(item)));
        } else {
            output.line(format!("{indent}-"));
            write(output, item, &format!("{indent}  "));
        }
    }
}

/// The names of the members, if all items are objects of scalars with the same members.
fn columns(items: &[Value]) -> Option<Vec<&String>> {
    let first = items.first()?.as_object().filter(|first| !first.is_empty())?;
    let alike =
        |object: &Map<String, Value>| object.keys().eq(first.keys()) && object.values().all(is_scalar);
    let all = items.iter().all(|item| item.as_object().is_some_and(alike));
    all.then(|| first.keys().collect())
}

fn is_scalar(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => true,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => escape::one_line(text).into_owned(),
        Value::Null => "–".to_owned(),
        Value::Array(_) | Value::Object(_) => "–".to_owned(),
        other => other.to_string(),
    }
}
