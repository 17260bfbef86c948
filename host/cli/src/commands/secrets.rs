//! `secret`: values that procedures may use and nobody gets to see.

use crate::args::Secret;
use crate::exit::Exit;
use crate::output::table::{Table, plain};
use crate::output::{Output, Style, ask, err, msg};
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::site::Role;
use procedo_store::Store;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};

/// The largest secret, in bytes: what is larger is a file, not a secret.
const LARGEST: u64 = 64 * 1024;

/// Sets, lists and removes secrets.
pub fn secret(opened: &Opened, output: &Output, args: &Secret) -> Result<Exit> {
    opened.person.must_be(Role::Admin)?;
    let store = opened.store()?;
    match args {
        Secret::Set { name } => {
            if !is_name(name) {
                return Err(err!(Invalid, "P0037", name = name));
            }
            let value = value(output, name)?;
            procedo_engine::check_secret(&value)?;
            let version = store.set_secret(name, &value)?;
            if output.json {
                output.document(&json!({"name": name, "version": version}));
            } else {
                output.say(&msg!("secret-set", name = name, version = version));
            }
        }
        Secret::List => {
            let mut versions: BTreeMap<String, Vec<u32>> = BTreeMap::new();
            for (name, version, _) in store.secrets()? {
                versions.entry(name).or_default().push(version);
            }
            list(output, &versions);
        }
        Secret::Remove { name } => {
            if !store.remove_secret(name)? {
                return Err(err!(NotFound, "P0502", name = name));
            }
            if output.json {
                output.document(&json!({"name": name, "removed": true}));
            } else {
                output.say(&msg!("secret-removed", name = name));
            }
        }
    }
    Ok(Exit::Done)
}

fn list(output: &Output, versions: &BTreeMap<String, Vec<u32>>) {
    if output.json {
        let document = |(name, versions)| json!({"name": name, "versions": versions});
        output.document(&versions.iter().map(document).collect());
        return;
    }
    if versions.is_empty() {
        output.say(&msg!("secrets-none"));
        return;
    }
    let mut table = Table::new(["secret", "versions"].map(|id| output.word(&format!("column-{id}"))));
    for (name, versions) in versions {
        let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
        table.row([(Style::Strong, name.clone()), plain(versions.join(", "))]);
    }
    table.write(output);
}

/// The value: typed unseen on a terminal, else the standard input without its last line end.
fn value(output: &Output, name: &str) -> Result<String> {
    let empty = || err!(Invalid, "P0031");
    let value = if std::io::stdin().is_terminal() {
        ask::hidden(&output.tell(&msg!("secret-value", name = name))).ok_or_else(empty)?
    } else {
        let mut text = String::new();
        let read = std::io::stdin()
            .lock()
            .take(LARGEST + 1)
            .read_to_string(&mut text);
        read.map_err(|error| err!(Invalid, "P0003", path = "-", reason = error))?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        line.strip_suffix('\r').unwrap_or(line).to_owned()
    };
    if value.is_empty() {
        return Err(empty());
    }
    if value.len() as u64 > LARGEST {
        return Err(err!(TooLarge, "P0039", limit = LARGEST));
    }
    Ok(value)
}

/// The names that references can hold.
fn is_name(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.len() <= 120 && text.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_a_reference_can_hold() {
        for name in ["backup", "db/backup-password", "a1"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "A", "a b", "a@1", "a:b", "/a", "a/", "ä"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
