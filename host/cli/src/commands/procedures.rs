//! `procedures`, `describe`: what can be run here.

use crate::commands::run::title;
use crate::exit::Exit;
use crate::library::{Inventory, Listed, Origin};
use crate::output::table::{Table, plain};
use crate::output::{Output, Style, err, escape, msg, plan};
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::manifest::{Manifest, Need};
use procedo_core::message::Texts;
use procedo_core::value::Value;
use serde_json::json;

/// Everything that can be run here.
pub fn list(opened: &Opened, output: &Output) -> Result<Exit> {
    let inventory = opened.library()?.inventory();
    if output.json {
        output.document(
            &inventory
                .procedures
                .values()
                .map(|listed| document(opened, output, listed))
                .collect(),
        );
        broken(output, &inventory);
        return Ok(Exit::Done);
    }
    if inventory.procedures.is_empty() {
        output.say(&msg!(
            "procedures-none",
            dir = opened.place.dir.join("scripts").display()
        ));
    } else {
        let mut table = Table::new(["id", "title", "form"].map(|id| output.word(&format!("column-{id}"))));
        for listed in inventory.procedures.values() {
            let manifest = listed.guest.manifest();
            let mut form = output.word(&format!("form-{}", listed.form.name()));
            if !listed.overrides.is_empty() {
                form = format!("{form}, {}", output.word("overrides"));
            }
            for flag in flags(manifest) {
                form = format!("{form}, {}", output.word(&format!("flag-{flag}")));
            }
            table.row([
                (Style::Strong, manifest.id.clone()),
                plain(title(output, manifest)),
                (Style::Faint, form),
            ]);
        }
        table.write(output);
    }
    broken(output, &inventory);
    Ok(Exit::Done)
}

/// Files that cannot be used are told beside the list: they may be what somebody looks for in it.
fn broken(output: &Output, inventory: &Inventory) {
    for broken in &inventory.broken {
        output.error(&broken.error);
    }
}

/// The flags of a procedure that stand for a risk.
fn flags(manifest: &Manifest) -> Vec<&'static str> {
    let flag = |set: bool, name| set.then_some(name);
    [
        flag(manifest.supervised, "supervised"),
        flag(manifest.destructive, "destructive"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn told(output: &Output, own: Option<&Texts>, id: &str) -> String {
    own.and_then(|own| own.find(output.language, &msg!(id)))
        .unwrap_or_default()
}

fn document(opened: &Opened, output: &Output, listed: &Listed) -> Value {
    let manifest = listed.guest.manifest();
    let own = manifest.catalogues().ok();
    let path = |path: &std::path::Path| {
        path.strip_prefix(&opened.place.dir)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    json!({
        "id": manifest.id,
        "title": told(output, own.as_ref(), "title"),
        "summary": told(output, own.as_ref(), "summary"),
        "parameters": manifest.parameters,
        "needs": manifest.needs,
        "flags": flags(manifest),
        "form": listed.form.name(),
        "source": path(&listed.path),
        "shipped": listed.origin == Origin::Shipped,
        "overrides": listed.overrides.iter().map(|other| path(other)).collect::<Vec<_>>(),
        "section": manifest.section,
    })
}

/// One procedure: its parameters, what it needs, its risk.
pub fn describe(opened: &Opened, output: &Output, id: &str) -> Result<Exit> {
    let library = opened.library()?;
    let missing = || err!(NotFound, "P0101", procedure = id);
    let mut listed = library.look_up(id)?.ok_or_else(missing)?;
    if let Some(whole) = library.inventory().procedures.remove(id) {
        listed.overrides = whole.overrides;
    }
    let manifest = listed.guest.manifest();
    if output.json {
        let mut document = document(opened, output, &listed);
        document["steps"] = json!(manifest.steps);
        document["locks"] = json!(manifest.locks);
        output.document(&document);
        return Ok(Exit::Done);
    }
    let own = manifest.catalogues().ok();
    let own = own.as_ref();
    let heading = |id: &str| output.line(format!("\n{}", output.paint(Style::Strong, output.word(id))));
    let title = escape::one_line(&title(output, manifest)).into_owned();
    output.line(format!("{} · {title}", output.paint(Style::Strong, &manifest.id)));
    output.line(escape::lines(&told(output, own, "summary")));
    if let Some(section) = &manifest.section {
        output.say(&msg!("describe-section", section = section));
    }
    output.say(&msg!(
        "describe-source",
        form = output.word(&format!("form-{}", listed.form.name())),
        path = listed.path.display()
    ));
    for other in &listed.overrides {
        output.say(&msg!("describe-overrides", path = other.display()));
    }
    for flag in flags(manifest) {
        output.line(output.paint(Style::Warning, output.word(&format!("describe-{flag}"))));
    }
    let properties = manifest.parameters.get("properties").and_then(Value::as_object);
    if let Some(properties) = properties.filter(|properties| !properties.is_empty()) {
        heading("describe-parameters");
        let required = manifest.parameters.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|list| list.iter().any(|item| item == name));
        let mut table = Table::default();
        for (name, schema) in properties {
            let text = told(output, own, &format!("param-{name}"));
            let text = if text.is_empty() {
                schema
                    .get("description")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            } else {
                text
            };
            table.row([
                plain("  "),
                (Style::Strong, name.clone()),
                (Style::Faint, rule(output, schema, is_required(name))),
                plain(text),
            ]);
        }
        table.write(output);
    }
    heading("describe-needs");
    if manifest.needs.is_empty() {
        output.say(&msg!("describe-needs-nothing"));
    }
    let mut table = Table::default();
    for need in &manifest.needs {
        let granted = if is_granted(opened, manifest, need) {
            (Style::Good, output.word("granted"))
        } else {
            (Style::Warning, output.word("not-granted"))
        };
        table.row([
            plain("  "),
            plain(format!("{}/{}", need.capability, need.resource)),
            plain(output.word(&format!("effect-{}", need.effect))),
            granted,
        ]);
    }
    table.write(output);
    if !manifest.steps.is_empty() {
        heading("describe-steps");
        // A title that names a parameter shows which.
        let placeholders = properties
            .into_iter()
            .flatten()
            .map(|(name, _)| (name.clone(), Value::from(format!("‹{name}›"))));
        let placeholders = Value::Object(placeholders.collect());
        for step in &manifest.steps {
            let title = plan::step_title(output, own, step, &placeholders);
            output.line(format!(
                "  {} {title}",
                output.paint(Style::Faint, format!("{step}:"))
            ));
        }
    }
    Ok(Exit::Done)
}

/// Whether the site grants some resource for a need. A need of a parameter depends on the parameter.
pub fn is_granted(opened: &Opened, manifest: &Manifest, need: &Need) -> bool {
    use procedo_core::site::covers;
    opened.site().grant.iter().any(|grant| {
        grant.capability == need.capability
            && grant.effect >= need.effect
            && covers(&grant.procedure, &manifest.id)
            && (need.resource.starts_with('$')
                || need.resource == "*"
                || covers(&grant.resource, &need.resource))
    })
}

/// What a parameter may be, in a few words.
fn rule(output: &Output, schema: &Value, required: bool) -> String {
    let mut parts = Vec::new();
    if let Some(kind) = schema.get("type").and_then(Value::as_str) {
        parts.push(kind.to_owned());
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<_> = values
            .iter()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect();
        parts.push(values.join("|"));
    }
    match schema.get("default") {
        Some(initial) => parts.push(format!("= {initial}")),
        None if required => parts.push(output.word("required")),
        None => {}
    }
    parts.join(", ")
}
