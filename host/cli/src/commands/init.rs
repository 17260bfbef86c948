//! `init`: a new site that explains itself.

use crate::args::Init;
use crate::exit::Exit;
use crate::output::{Output, err, msg};
use crate::site::{DECLARATIONS, STORE};
use procedo_core::Result;
use procedo_store::{KeySource, SqliteStore, Store};
use serde_json::json;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

const DECLARATIONS_TEXT: &str = include_str!("../../templates/procedo.toml");
const SCRIPT_TEXT: &str = include_str!("../../templates/greet.rhai");
const SCRIPT: &str = "scripts/example/greet.rhai";
const IGNORED: &str =
    "# The journal, the secrets and the key of this site: nothing for a repository.\n/.procedo/\n";

/// Makes a site in a folder that is empty or not there yet.
pub fn init(args: &Init, output: &Output) -> Result<Exit> {
    let dir = &args.dir;
    let at = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| err!(Failed, "P0004", path = path, reason = error)
    };
    let occupied = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(at(dir)(error)),
    };
    if occupied {
        return Err(err!(Conflict, "P0019", dir = dir.display()));
    }
    std::fs::create_dir_all(dir).map_err(at(dir))?;
    let dir = &dir.canonicalize().map_err(at(dir))?;
    if args.lab {
        return lab(dir, output);
    }
    let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let declarations = declarations(&name);
    for folder in ["scripts/example", "files"] {
        let folder = dir.join(folder);
        std::fs::create_dir_all(&folder).map_err(at(&folder))?;
    }
    let store = dir.join(STORE);
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&store)
        .map_err(at(&store))?;
    SqliteStore::open(&store, KeySource::from_env())?;
    for (path, text) in [(SCRIPT, SCRIPT_TEXT), (".gitignore", IGNORED)] {
        let path = dir.join(path);
        std::fs::write(&path, text).map_err(at(&path))?;
    }
    // Last: only a folder that has it is a site.
    let path = dir.join(DECLARATIONS);
    std::fs::write(&path, declarations).map_err(at(&path))?;
    if output.json {
        output.document(&json!({"site": dir, "name": name}));
    } else {
        output.say(&msg!("init-done", dir = dir.display()));
        for command in [
            "procedo procedures",
            "procedo plan example/greet -p name=Ada",
            "procedo run example/greet -p name=Ada",
        ] {
            output.line(format!("  {command}"));
        }
    }
    Ok(Exit::Done)
}

/// Makes the simulated site.
fn lab(dir: &Path, output: &Output) -> Result<Exit> {
    let program = crate::commands::lab::own_program()?;
    let (lab, passwords) = procedo_lab::Lab::create(dir, &program, crate::commands::lab::PROGRAM)?;
    let store = dir.join(STORE);
    if !store.is_dir() {
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&store)
            .map_err(|error| err!(Failed, "P0004", path = store.display(), reason = error))?;
    }
    let store = SqliteStore::open(&store, KeySource::from_env())?;
    for password in &passwords {
        store.set_secret(password.secret, &password.value)?;
    }
    if output.json {
        output.document(&json!({"site": dir, "origin": lab.origin()}));
    } else {
        output.say(&msg!("init-done", dir = dir.display()));
        for command in [
            "procedo lab up",
            "procedo procedures",
            "procedo plan web/localize-components -p language=deutsch -p lang=de -p catalogue=deutsch.po",
            "procedo plan database/backup -p database=main",
        ] {
            output.line(format!("  {command}"));
        }
    }
    Ok(Exit::Done)
}

/// The declarations with the site's name.
fn declarations(name: &str) -> String {
    let quoted = toml_edit::Value::from(name).to_string();
    DECLARATIONS_TEXT.replacen("\"NAME\"", quoted.trim(), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use procedo_core::site::Site;

    #[test]
    fn a_new_site_has_declarations_that_are_understood() {
        for name in ["lab", "Büro \"Süd\"", "a\\b"] {
            let site = Site::parse(&declarations(name)).expect("valid declarations");
            assert_eq!(site.name, name);
        }
    }
}
