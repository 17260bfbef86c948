//! `grants`, `grant`, `revoke`: what procedures may do on this site.

use crate::args::{Grant, Revoke};
use crate::commands::run::{parameters, title};
use crate::edit;
use crate::exit::Exit;
use crate::output::table::{Table, plain};
use crate::output::{Output, Style, ask, err, msg};
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::effect::Effect;
use procedo_core::manifest::{Manifest, Need};
use procedo_core::site::{self, Role, Site, covers};
use procedo_core::value::Value;
use serde_json::json;
use toml_edit::{Table as TomlTable, value};

/// Lists the grants.
pub fn list(opened: &Opened, output: &Output) -> Result<Exit> {
    let grants = &opened.site().grant;
    if output.json {
        output.document(&json!(grants));
    } else if grants.is_empty() {
        output.say(&msg!("grants-none"));
    } else {
        write(output, grants);
    }
    Ok(Exit::Done)
}

fn write(output: &Output, grants: &[site::Grant]) {
    let mut table = Table::new(
        ["procedure", "capability", "resource", "effect"].map(|id| output.word(&format!("column-{id}"))),
    );
    for grant in grants {
        let style = if grant.effect == Effect::Destructive {
            Style::Bad
        } else {
            Style::Plain
        };
        table.row([
            (Style::Strong, grant.procedure.clone()),
            plain(&grant.capability),
            plain(&grant.resource),
            (style, output.word(&format!("effect-{}", grant.effect))),
        ]);
    }
    table.write(output);
}

/// Shows what a procedure needs and grants it.
pub fn grant(opened: &Opened, output: &Output, args: &Grant) -> Result<Exit> {
    opened.person.must_be(Role::Admin)?;
    let guest = opened.library()?.find(&args.id)?;
    let guest = guest.ok_or_else(|| err!(NotFound, "P0101", procedure = args.id))?;
    let manifest = guest.manifest();
    let params = parameters(manifest, &args.param, None)?;
    let wanted = wanted(manifest, opened.site(), &params, &args.resource)?;
    let missing: Vec<_> = wanted
        .into_iter()
        .filter(|grant| !is_granted(opened.site(), grant))
        .collect();
    if !output.json {
        output.line(format!(
            "{} · {}",
            output.paint(Style::Strong, &manifest.id),
            title(output, manifest)
        ));
        if missing.is_empty() {
            output.say(&msg!("grant-nothing", procedure = manifest.id));
            return Ok(Exit::Done);
        }
        output.say(&msg!("grant-these"));
        write(output, &missing);
    }
    if !missing.is_empty() && !args.yes {
        if !output.can_ask() {
            return Err(err!(Cancelled, "P0026"));
        }
        if ask::yes(output, &output.word("grant-question")) != Some(true) {
            output.say(&msg!("nothing-done"));
            return Ok(Exit::Waiting);
        }
    }
    if !missing.is_empty() {
        edit::declarations(&opened.place, |document| {
            let grants = edit::tables(document, "grant")?;
            for grant in &missing {
                let mut table = TomlTable::new();
                table["procedure"] = value(&grant.procedure);
                table["capability"] = value(&grant.capability);
                table["resource"] = value(&grant.resource);
                table["effect"] = value(grant.effect.name());
                grants.push(table);
            }
            Ok(())
        })?;
    }
    if output.json {
        output.document(&json!({"procedure": manifest.id, "granted": missing}));
    } else {
        output.say(&msg!("grant-done", count = missing.len()));
    }
    Ok(Exit::Done)
}

/// The grants that a manifest asks for, each resource by its name in the site.
fn wanted(manifest: &Manifest, site: &Site, params: &Value, named: &[String]) -> Result<Vec<site::Grant>> {
    let mut grants: Vec<site::Grant> = Vec::new();
    for need in &manifest.needs {
        for resource in resources(manifest, need, params, named)? {
            must_be_declared(site, need, &resource)?;
            let grant = site::Grant {
                procedure: manifest.id.clone(),
                capability: need.capability.clone(),
                resource,
                effect: need.effect,
            };
            if !grants.contains(&grant) {
                grants.push(grant);
            }
        }
    }
    Ok(grants)
}

/// The resources that a need is about: its own name; for a parameter, what is named, given, or the default.
fn resources(manifest: &Manifest, need: &Need, params: &Value, named: &[String]) -> Result<Vec<String>> {
    let Some(parameter) = need.resource.strip_prefix('$') else {
        let any = need.resource == "*" && !named.is_empty();
        return Ok(if any {
            named.to_vec()
        } else {
            vec![need.resource.clone()]
        });
    };
    let given = params.get(parameter).and_then(Value::as_str);
    let initial = manifest
        .parameters
        .pointer(&format!("/properties/{parameter}/default"))
        .and_then(Value::as_str);
    match (given, named, initial) {
        (Some(given), ..) => Ok(vec![given.to_owned()]),
        (None, [_, ..], _) => Ok(named.to_vec()),
        (None, [], Some(initial)) => Ok(vec![initial.to_owned()]),
        (None, [], None) => {
            let need = format!("{}/{}", need.capability, need.resource);
            Err(err!(Invalid, "P0021", need = need, parameter = parameter))
        }
    }
}

/// `P0023` for a resource that the site does not have. Secrets and procedures are no resources of `procedo.toml`.
fn must_be_declared(site: &Site, need: &Need, resource: &str) -> Result<()> {
    let declared = site
        .resource
        .get(&need.capability)
        .is_some_and(|declared| declared.contains_key(resource));
    if declared
        || resource.ends_with('*')
        || matches!(need.capability.as_str(), "secrets" | "run" | "schedule")
    {
        return Ok(());
    }
    Err(err!(
        Invalid,
        "P0023",
        resource = format!("{}/{resource}", need.capability),
        capability = need.capability,
        name = resource,
    ))
}

fn is_granted(site: &Site, wanted: &site::Grant) -> bool {
    site.grant.iter().any(|grant| {
        grant.capability == wanted.capability
            && grant.effect >= wanted.effect
            && covers(&grant.procedure, &wanted.procedure)
            && covers(&grant.resource, &wanted.resource)
    })
}

/// Takes grants back: those whose procedure is written just so.
pub fn revoke(opened: &Opened, output: &Output, args: &Revoke) -> Result<Exit> {
    opened.person.must_be(Role::Admin)?;
    let matches = |table: &TomlTable| {
        let is = |name: &str, wanted: &str| table.get(name).and_then(|item| item.as_str()) == Some(wanted);
        is("procedure", &args.id)
            && args
                .capability
                .as_deref()
                .is_none_or(|capability| is("capability", capability))
    };
    let count = edit::declarations(&opened.place, |document| {
        let grants = edit::tables(document, "grant")?;
        let before = grants.len();
        grants.retain(|grant| !matches(grant));
        let count = before - grants.len();
        if grants.is_empty() {
            document.remove("grant");
        }
        if count == 0 {
            return Err(err!(NotFound, "P0020", procedure = args.id));
        }
        Ok(count)
    })?;
    if output.json {
        output.document(&json!({"procedure": args.id, "revoked": count}));
    } else {
        output.say(&msg!("revoke-done", count = count));
    }
    Ok(Exit::Done)
}
