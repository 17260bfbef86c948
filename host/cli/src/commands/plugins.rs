//! `plugin`: WebAssembly plugins of the site.

use crate::args::Plugin;
use crate::commands::run::title;
use crate::edit::write_atomically;
use crate::exit::Exit;
use crate::output::table::{Table, plain};
use crate::output::{Output, Style, err, moment, msg};
use crate::plugins::{Installed, folder, list, name_of, write_list};
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::caller::Guest;
use procedo_core::site::Role;
use procedo_core::value::{Digest, Value};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// Installs, lists, describes and removes plugins.
pub fn plugin(opened: &Opened, output: &Output, args: &Plugin) -> Result<Exit> {
    match args {
        Plugin::Install { file } => install(opened, output, file),
        Plugin::List => all(opened, output),
        Plugin::Remove { name } => remove(opened, output, name),
        Plugin::Info { plugin } => info(opened, output, plugin),
    }
}

fn install(opened: &Opened, output: &Output, file: &Path) -> Result<Exit> {
    opened.person.must_be(Role::Admin)?;
    // Loaded before anything is written: what is no plugin of this host never gets into the site.
    let guests = opened.library()?.plugin_host().load(file)?;
    if !opened.site().plugins.allow_unsigned {
        return Err(err!(Denied, "P0027", file = file.display()));
    }
    let name = name_of(file);
    let dir = folder(&opened.place.dir);
    let unwritable = |error: std::io::Error| err!(Failed, "P0004", path = dir.display(), reason = error);
    std::fs::create_dir_all(&dir).map_err(unwritable)?;
    let bytes =
        std::fs::read(file).map_err(|error| err!(Invalid, "P0003", path = file.display(), reason = error))?;
    let digest = Digest::of(&bytes);
    if !guests.iter().all(|guest| pinned(guest) == Some(digest)) {
        // Somebody replaced it between the look and the copy.
        return Err(err!(
            Conflict,
            "P0029",
            file = file.display(),
            digest = digest.short()
        ));
    }
    let mut installed = list(&dir)?;
    let by = opened.person.name.clone();
    let at = jiff::Timestamp::now().as_millisecond();
    let plugin = Installed {
        digest,
        by,
        at,
        procedures: guests.iter().map(|guest| guest.manifest().id.clone()).collect(),
    };
    installed.insert(name.clone(), plugin);
    write_atomically(&dir.join(format!("{name}.wasm")), &bytes)?;
    write_list(&dir, &installed)?;
    if output.json {
        output.document(&json!({"plugin": name, "digest": digest, "procedures": ids(&guests)}));
    } else {
        output.say(&msg!("plugin-installed", name = name, digest = digest.short()));
        procedures(output, &guests);
    }
    Ok(Exit::Done)
}

fn pinned(guest: &Arc<dyn Guest>) -> Option<Digest> {
    guest
        .pins()
        .into_iter()
        .find(|(name, _)| name == "plugin")
        .map(|(_, digest)| digest)
}

fn ids(guests: &[Arc<dyn Guest>]) -> Value {
    guests
        .iter()
        .map(|guest| Value::from(guest.manifest().id.clone()))
        .collect()
}

fn procedures(output: &Output, guests: &[Arc<dyn Guest>]) {
    let mut table = Table::default();
    for guest in guests {
        let manifest = guest.manifest();
        table.row([
            plain(" "),
            (Style::Strong, manifest.id.clone()),
            plain(title(output, manifest)),
        ]);
    }
    table.write(output);
}

fn all(opened: &Opened, output: &Output) -> Result<Exit> {
    let installed = list(&folder(&opened.place.dir))?;
    if output.json {
        let document = |(name, plugin): (&String, &Installed)| json!({"plugin": name, "digest": plugin.digest, "by": plugin.by, "at": plugin.at});
        output.document(&installed.iter().map(document).collect());
    } else if installed.is_empty() {
        output.say(&msg!("plugins-none"));
    } else {
        let mut table = Table::new(
            ["plugin", "digest", "by", "installed"].map(|id| output.word(&format!("column-{id}"))),
        );
        for (name, plugin) in &installed {
            table.row([
                (Style::Strong, name.clone()),
                plain(plugin.digest.short()),
                plain(&plugin.by),
                plain(moment::of_millis(&output.zone, plugin.at)),
            ]);
        }
        table.write(output);
    }
    Ok(Exit::Done)
}

fn remove(opened: &Opened, output: &Output, name: &str) -> Result<Exit> {
    opened.person.must_be(Role::Admin)?;
    let dir = folder(&opened.place.dir);
    let mut installed = list(&dir)?;
    if installed.remove(name).is_none() {
        return Err(err!(NotFound, "P0035", name = name));
    }
    write_list(&dir, &installed)?;
    let file = dir.join(format!("{name}.wasm"));
    match std::fs::remove_file(&file) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(err!(Failed, "P0004", path = file.display(), reason = error)),
    }
    if output.json {
        output.document(&json!({"plugin": name, "removed": true}));
    } else {
        output.say(&msg!("plugin-removed", name = name));
    }
    Ok(Exit::Done)
}

fn info(opened: &Opened, output: &Output, plugin: &str) -> Result<Exit> {
    let dir = folder(&opened.place.dir);
    let file = if list(&dir)?.contains_key(plugin) {
        dir.join(format!("{plugin}.wasm"))
    } else if Path::new(plugin).is_file() {
        plugin.into()
    } else {
        return Err(err!(NotFound, "P0035", name = plugin));
    };
    let guests = opened.library()?.plugin_host().load(&file)?;
    let digest = guests.first().and_then(pinned);
    if output.json {
        let manifests: Vec<_> = guests.iter().map(|guest| guest.manifest()).collect();
        output.document(&json!({"file": file, "digest": digest, "procedures": manifests}));
        return Ok(Exit::Done);
    }
    output.line(format!(
        "{} {}",
        output.paint(Style::Strong, file.display().to_string()),
        digest.map_or_else(String::new, |d| d.short())
    ));
    procedures(output, &guests);
    Ok(Exit::Done)
}
