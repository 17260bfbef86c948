//! `check`: scripts, manifests and declarations, without running anything.

use crate::commands::procedures::is_granted;
use crate::exit::Exit;
use crate::library::{Inventory, Listed, Origin};
use crate::output::{Output, Style, err, msg};
use crate::site::Opened;
use procedo_core::message::Message;
use procedo_core::site::{Grant, Hook, Site, covers};
use procedo_core::{Error, Result};
use procedo_engine::params;
use procedo_interface::Table;
use procedo_script::check::Severity;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Error,
    Warning,
    Note,
}

impl Weight {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Something that was found.
struct Finding {
    weight: Weight,
    /// The file, or the procedure.
    at: String,
    code: String,
    message: Message,
}

impl Finding {
    fn of(weight: Weight, at: impl Into<String>, error: Error) -> Self {
        Self {
            weight,
            at: at.into(),
            code: error.code,
            message: error.message,
        }
    }
}

/// Checks everything, or the scripts at some paths.
pub fn check(opened: &Opened, output: &Output, paths: &[PathBuf]) -> Result<Exit> {
    let inventory = opened.library()?.inventory();
    let mut findings = Vec::new();
    let mut checked = 0_usize;
    let within = within(paths)?;
    let wanted = |file: &Path| within.is_empty() || within.iter().any(|path| file.starts_with(path));
    for broken in inventory.broken.iter().filter(|broken| wanted(&broken.path)) {
        findings.push(Finding::of(
            Weight::Error,
            shown(opened, &broken.path),
            broken.error.clone(),
        ));
    }
    for listed in inventory
        .procedures
        .values()
        .filter(|listed| wanted(&listed.path))
    {
        checked += 1;
        procedure(opened, listed, &mut findings);
    }
    if within.is_empty() {
        declarations(opened, &inventory, &mut findings);
    }
    tell(output, &findings, checked);
    let failed = findings.iter().any(|finding| finding.weight == Weight::Error);
    Ok(if failed { Exit::Usage } else { Exit::Done })
}

fn within(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let whole = |path: &PathBuf| {
        path.canonicalize()
            .map_err(|error| err!(Invalid, "P0003", path = path.display(), reason = error))
    };
    paths.iter().map(whole).collect()
}

fn shown(opened: &Opened, path: &Path) -> String {
    path.strip_prefix(&opened.place.dir)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// A script's path below its folder, as findings name it; nothing for a plugin.
fn script_name(listed: &Listed) -> String {
    let below = listed.guest.manifest().id.clone() + ".rhai";
    if listed.path.to_string_lossy().ends_with(&below) {
        below
    } else {
        String::new()
    }
}

fn procedure(opened: &Opened, listed: &Listed, findings: &mut Vec<Finding>) {
    let manifest = listed.guest.manifest();
    let at = shown(opened, &listed.path);
    let folder = at
        .strip_suffix(&script_name(listed))
        .unwrap_or_default()
        .to_owned();
    match opened.library().and_then(|library| library.look_into(listed)) {
        Ok(found) => findings.extend(found.into_iter().map(|finding| Finding {
            weight: match finding.severity {
                Severity::Error => Weight::Error,
                Severity::Warning => Weight::Warning,
            },
            at: match (finding.line, finding.column) {
                (0, _) => format!("{folder}{}", finding.file),
                (line, 0) => format!("{folder}{}:{line}", finding.file),
                (line, column) => format!("{folder}{}:{line}:{column}", finding.file),
            },
            code: finding.message.id.clone(),
            message: finding.message,
        })),
        Err(error) => findings.push(Finding::of(Weight::Error, &at, error)),
    }
    for other in &listed.overrides {
        let error = err!(
            Conflict,
            "P0041",
            procedure = manifest.id,
            path = shown(opened, other)
        );
        findings.push(Finding::of(Weight::Note, &at, error));
    }
    // What comes with Procedo and was never granted anything is not used here.
    let used = listed.origin == Origin::Site
        || opened
            .site()
            .grant
            .iter()
            .any(|grant| grant.procedure != "*" && covers(&grant.procedure, &manifest.id));
    let missing = manifest
        .needs
        .iter()
        .filter(|need| used && !is_granted(opened, manifest, need));
    for need in missing {
        let error = err!(
            Denied,
            "P0034",
            procedure = manifest.id,
            need = format!("{}/{}", need.capability, need.resource),
            effect = need.effect,
        );
        findings.push(Finding::of(Weight::Warning, &at, error));
    }
}

/// Schedules that are not valid in themselves; of the others, those whose procedure is not there, or does not take their
/// parameters.
fn schedules(site: &Site, inventory: &Inventory, findings: &mut Vec<Finding>) {
    let (valid, faults) = procedo_engine::schedule::examined(site);
    let faults = faults.into_iter();
    findings.extend(faults.map(|error| Finding::of(Weight::Error, crate::site::DECLARATIONS, error)));
    for timed in &valid {
        let procedure = &timed.declared.procedure;
        let error = match inventory.procedures.get(procedure) {
            None => Some(err!(NotFound, "P0101", procedure = procedure)),
            Some(listed) => timed
                .starts()
                .iter()
                .find_map(|(_, params)| params::check(listed.guest.manifest(), params).err()),
        };
        findings.extend(error.map(|error| Finding::of(Weight::Error, crate::site::DECLARATIONS, error)));
    }
}

/// The procedures that hooks start when this one runs, and the hooks on those.
fn hooked<'a>(hooks: &'a [Hook], procedure: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![procedure];
    while let Some(procedure) = next.pop() {
        let on = hooks.iter().filter(|hook| hook.procedure == procedure);
        next.extend(
            on.map(|hook| hook.run.as_str())
                .filter(|run| reached.insert(*run)),
        );
    }
    reached
}

/// Grants for what is no capability: they match nothing, however they are meant.
fn unknown_capability(table: &Table, grant: &Grant) -> Option<Error> {
    let known = || table.interfaces.iter().map(|interface| interface.name.as_str());
    (!known().any(|name| name == grant.capability)).then(|| {
        err!(
            Invalid,
            "P0046",
            procedure = grant.procedure,
            capability = grant.capability,
            known = known().collect::<Vec<_>>().join(", ")
        )
    })
}

/// The site's declarations against what there is.
fn declarations(opened: &Opened, inventory: &Inventory, findings: &mut Vec<Finding>) {
    let at = crate::site::DECLARATIONS;
    let site = opened.site();
    if let Err(error) = opened.engine() {
        findings.push(Finding::of(Weight::Error, at, error));
    }
    if let Some(share) = crate::library::missing_share() {
        let error = err!(
            NotFound,
            "P0044",
            variable = crate::library::SHARE_VARIABLE,
            path = share.display()
        );
        findings.push(Finding::of(Weight::Warning, at, error));
    }
    for grant in &site.grant {
        match opened.table().map(|table| unknown_capability(table, grant)) {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) => {
                findings.push(Finding::of(Weight::Error, at, error));
                continue;
            }
        }
        if !inventory.procedures.keys().any(|id| covers(&grant.procedure, id)) {
            let error = err!(NotFound, "P0038", procedure = grant.procedure);
            findings.push(Finding::of(Weight::Warning, at, error));
        }
        let declared = site
            .resource
            .get(&grant.capability)
            .is_some_and(|names| names.keys().any(|name| covers(&grant.resource, name)));
        if !declared && !matches!(grant.capability.as_str(), "secrets" | "run" | "schedule") {
            let error = err!(
                NotFound,
                "P0023",
                resource = format!("{}/{}", grant.capability, grant.resource),
                capability = grant.capability,
                name = grant.resource,
            );
            findings.push(Finding::of(Weight::Warning, at, error));
        }
    }
    schedules(site, inventory, findings);
    for hook in &site.hook {
        let error = match inventory.procedures.get(&hook.procedure) {
            None => Some(err!(NotFound, "P0101", procedure = hook.procedure)),
            Some(listed) => {
                let steps = &listed.guest.manifest().steps;
                let step = hook.at.split_once(':').map_or("", |(_, step)| step);
                (!steps.iter().any(|known| known == step)).then(|| {
                    err!(
                        NotFound,
                        "P0032",
                        at = hook.at,
                        procedure = hook.procedure,
                        steps = steps.join(", ")
                    )
                })
            }
        };
        findings.extend(error.map(|error| Finding::of(Weight::Error, at, error)));
        if !inventory.procedures.contains_key(&hook.run) {
            let error = err!(
                NotFound,
                "P0033",
                at = hook.at,
                procedure = hook.procedure,
                run = hook.run
            );
            findings.push(Finding::of(Weight::Error, at, error));
        }
        if hook.run == hook.procedure || hooked(&site.hook, &hook.run).contains(hook.procedure.as_str()) {
            let error = err!(
                Conflict,
                "P0043",
                at = hook.at,
                procedure = hook.procedure,
                run = hook.run
            );
            findings.push(Finding::of(Weight::Error, at, error));
        }
    }
}

fn tell(output: &Output, findings: &[Finding], checked: usize) {
    if output.json {
        let document = |finding: &Finding| {
            json!({
                "severity": finding.weight.name(), "at": finding.at, "code": finding.code,
                "message": output.texts.tell(output.language, &finding.message),
            })
        };
        let findings: Vec<Value> = findings.iter().map(document).collect();
        output.document(&json!({"checked": checked, "findings": findings}));
        return;
    }
    for finding in findings {
        let (style, sign) = match finding.weight {
            Weight::Error => (Style::Bad, "✗"),
            Weight::Warning => (Style::Warning, "!"),
            Weight::Note => (Style::Faint, "·"),
        };
        let code = output.paint(style, format!("{sign} {}", finding.code));
        output.line(format!(
            "{code} {}: {}",
            crate::output::escape::one_line(&finding.at),
            output.tell(&finding.message)
        ));
    }
    let count = |weight| findings.iter().filter(|finding| finding.weight == weight).count();
    output.say(&msg!(
        "check-done",
        checked = checked,
        errors = count(Weight::Error),
        warnings = count(Weight::Warning)
    ));
}
