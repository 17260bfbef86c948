//! `capabilities`: the reference of the functions that procedures can call.

use crate::args::Capabilities;
use crate::exit::Exit;
use crate::output::{Output, Style, err};
use crate::reference::{definitions, named_within, schema, schemas, signature};
use procedo_core::Result;
use procedo_interface::{Function, Table, Type};
use serde_json::{Map, Value, json};

/// Writes the reference, all of it or a part.
pub fn capabilities(output: &Output, args: &Capabilities) -> Result<Exit> {
    let table = Table::of_host()?;
    let name = args.name.as_deref();
    let wanted = |function: &Function| {
        name.is_none_or(|name| function.capability == name || function.operation().to_string() == name)
    };
    if !table.functions.iter().any(wanted) {
        let known: Vec<_> = table
            .interfaces
            .iter()
            .map(|interface| interface.name.as_str())
            .collect();
        return Err(err!(
            NotFound,
            "P0040",
            name = name.unwrap_or_default(),
            known = known.join(", ")
        ));
    }
    let functions = table.functions.iter().filter(|function| wanted(function));
    if args.rhai {
        output.line(definitions(&table, wanted).trim_end());
    } else if args.schema {
        let schemas: Map<_, _> = functions
            .map(|function| (function.operation().to_string(), schemas(function)))
            .collect();
        output.document(&Value::Object(schemas));
    } else if output.json {
        output.document(&functions.map(document).collect());
    } else {
        write(output, &table, name, wanted);
    }
    Ok(Exit::Done)
}

fn document(function: &Function) -> Value {
    let param =
        |(name, ty): &(String, Type)| json!({"name": name, "type": ty.to_string(), "schema": schema(ty)});
    json!({
        "capability": function.capability,
        "function": function.name,
        "docs": function.docs,
        "params": function.params.iter().map(param).collect::<Vec<_>>(),
        "reply": function.reply.as_ref().map(ToString::to_string),
        "reply-schema": function.reply.as_ref().map(schema),
    })
}

fn write(output: &Output, table: &Table, name: Option<&str>, wanted: impl Fn(&Function) -> bool) {
    let mut first = true;
    for interface in &table.interfaces {
        let functions: Vec<_> = table
            .of(&interface.name)
            .filter(|function| wanted(function))
            .collect();
        if functions.is_empty() {
            continue;
        }
        if !std::mem::take(&mut first) {
            output.line("");
        }
        output.line(output.paint(Style::Strong, &interface.name));
        if name.is_none_or(|name| name == interface.name) {
            output.line(&interface.docs);
        }
        for function in functions {
            output.line("");
            output.line(format!("  {}", output.paint(Style::Accent, signature(function))));
            for line in function.docs.lines() {
                output.line(format!("    {line}"));
            }
            function.reply.iter().for_each(|reply| consists_of(output, reply));
        }
    }
}

/// What the named types of a reply consist of: whoever says what a call would have replied writes it.
fn consists_of(output: &Output, reply: &Type) {
    for named in named_within(reply) {
        let name = output.paint(Style::Accent, &named.name);
        let rows = std::iter::once((4, name, named.docs));
        let parts = named.parts.into_iter().map(|(part, docs)| (6, part, docs));
        for (indent, what, docs) in rows.chain(parts) {
            // The docs of the interface break their lines where the source does.
            let docs = docs.split_whitespace().collect::<Vec<_>>().join(" ");
            let docs = if docs.is_empty() {
                docs
            } else {
                format!(" – {docs}")
            };
            output.line(format!("{:indent$}{what}{docs}", ""));
        }
    }
}
