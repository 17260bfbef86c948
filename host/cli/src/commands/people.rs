//! `user`: the people of a site, their roles and their personal tokens.

use crate::args::User;
use crate::edit;
use crate::exit::Exit;
use crate::output::table::{Table, plain};
use crate::output::{Output, Style, err, msg};
use crate::people::role_name;
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::site::Role;
use procedo_core::value::Digest;
use serde_json::json;
use toml_edit::{DocumentMut, Table as TomlTable, value};

/// Characters of a token: 160 bits of randomness, none of them easily mistaken for another.
const TOKEN_LENGTH: usize = 32;
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Lists and changes the people of a site.
pub fn user(opened: &Opened, output: &Output, args: &User) -> Result<Exit> {
    match args {
        User::List => list(opened, output),
        User::Add { name, role, account } => add(opened, output, name, *role, account.as_deref()),
        User::Token { name } => token(opened, output, name),
        User::Remove { name } => remove(opened, output, name),
    }
}

fn list(opened: &Opened, output: &Output) -> Result<Exit> {
    let people = &opened.site().user;
    if output.json {
        let document = |(name, user): (&String, &procedo_core::site::User)| json!({"name": name, "role": user.role, "account": user.account, "token": user.token.is_some()});
        output.document(&people.iter().map(document).collect());
        return Ok(Exit::Done);
    }
    if people.is_empty() {
        output.say(&msg!("users-none"));
        return Ok(Exit::Done);
    }
    let mut table =
        Table::new(["name", "role", "account", "token"].map(|id| output.word(&format!("column-{id}"))));
    for (name, user) in people {
        table.row([
            (Style::Strong, name.clone()),
            plain(output.word(&format!("role-{}", role_name(user.role)))),
            plain(user.account.as_ref().unwrap_or(name)),
            plain(if user.token.is_some() { "✓" } else { "" }),
        ]);
    }
    table.write(output);
    Ok(Exit::Done)
}

fn add(opened: &Opened, output: &Output, name: &str, role: Role, account: Option<&str>) -> Result<Exit> {
    opened.person.must_be(Role::Admin)?;
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.chars().count() > 64 || !name.chars().all(allowed) {
        return Err(err!(Invalid, "P0036", name = name));
    }
    let token = fresh_token()?;
    edit::declarations(&opened.place, |document| {
        let people = edit::parent_table(document, "user")?;
        if people.contains_key(name) {
            return Err(err!(Conflict, "P0508", name = name));
        }
        if people.is_empty() && role != Role::Admin {
            return Err(err!(Invalid, "P0509"));
        }
        let mut person = TomlTable::new();
        person["role"] = value(role_name(role));
        if let Some(account) = account {
            person["account"] = value(account);
        }
        person["token"] = value(Digest::of(token.as_bytes()).to_string());
        people.insert(name, toml_edit::Item::Table(person));
        Ok(())
    })?;
    tell_token(output, name, role, &token);
    Ok(Exit::Done)
}

fn token(opened: &Opened, output: &Output, name: &str) -> Result<Exit> {
    let user = opened
        .site()
        .user
        .get(name)
        .ok_or_else(|| err!(NotFound, "P0507", name = name))?;
    if opened.person.name != name {
        opened.person.must_be(Role::Admin)?;
    }
    let token = fresh_token()?;
    edit::declarations(&opened.place, |document| {
        person(document, name)?["token"] = value(Digest::of(token.as_bytes()).to_string());
        Ok(())
    })?;
    tell_token(output, name, user.role, &token);
    Ok(Exit::Done)
}

fn remove(opened: &Opened, output: &Output, name: &str) -> Result<Exit> {
    opened.person.must_be(Role::Admin)?;
    edit::declarations(&opened.place, |document| {
        person(document, name)?;
        let people = edit::parent_table(document, "user")?;
        people.remove(name);
        let admins = |people: &TomlTable| {
            people
                .iter()
                .any(|(_, user)| user.get("role").and_then(|role| role.as_str()) == Some("admin"))
        };
        if !people.is_empty() && !admins(people) {
            return Err(err!(Conflict, "P0511", name = name));
        }
        if people.is_empty() {
            document.remove("user");
        }
        Ok(())
    })?;
    if output.json {
        output.document(&json!({"name": name, "removed": true}));
    } else {
        output.say(&msg!("user-removed", name = name));
    }
    Ok(Exit::Done)
}

fn person<'d>(document: &'d mut DocumentMut, name: &str) -> Result<&'d mut toml_edit::Item> {
    edit::parent_table(document, "user")?
        .get_mut(name)
        .ok_or_else(|| err!(NotFound, "P0507", name = name))
}

fn tell_token(output: &Output, name: &str, role: Role, token: &str) {
    if output.json {
        output.document(&json!({"name": name, "role": role, "token": token}));
        return;
    }
    output.say(&msg!("user-token", name = name));
    output.line(format!("  {}", output.paint(Style::Strong, token)));
    output.say(&msg!("user-token-use"));
}

fn fresh_token() -> Result<String> {
    let mut bytes = [0; TOKEN_LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| err!(Failed, "P0144", reason = error))?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect())
}
