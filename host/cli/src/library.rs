//! The procedures of a site: its own scripts and plugins, then those that come with Procedo.
//!
//! A folder is looked at only when a procedure is asked for that no folder before it has, and a plugin's code is compiled
//! only when it runs. Where two have the same identifier, the first counts: so a site's script replaces what comes with
//! Procedo.
//!
//! What comes with Procedo lies in `PROCEDO_SHARE`, else in `../share/procedo` beside the program's folder, else (for a
//! program that was just built) in the source tree: `scripts`, and `target/plugins`.

use crate::output::err;
use crate::plugins;
use procedo_core::caller::Guest;
use procedo_core::{Error, Result};
use procedo_interface::Table;
use procedo_plugin::PluginHost;
use procedo_script::ScriptHost;
use procedo_script::check::Finding;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The variable that says where what comes with Procedo lies.
pub const SHARE_VARIABLE: &str = "PROCEDO_SHARE";

/// The form of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Script,
    Plugin,
}

impl Form {
    /// The word of the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Plugin => "plugin",
        }
    }
}

/// Whose a procedure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Site,
    Shipped,
}

/// A folder of scripts or plugins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    pub dir: PathBuf,
    pub form: Form,
    pub origin: Origin,
}

/// The folders of a site, those that count first.
pub fn folders(site: &Path) -> Vec<Folder> {
    let folder = |dir: PathBuf, form, origin| Folder { dir, form, origin };
    let mut folders = vec![
        folder(site.join("scripts"), Form::Script, Origin::Site),
        folder(plugins::folder(site), Form::Plugin, Origin::Site),
    ];
    if let Some((scripts, plugins)) = shipped() {
        folders.push(folder(scripts, Form::Script, Origin::Shipped));
        folders.push(folder(plugins, Form::Plugin, Origin::Shipped));
    }
    folders
}

/// The folders of scripts and plugins that come with Procedo.
fn shipped() -> Option<(PathBuf, PathBuf)> {
    if let Some(share) = std::env::var_os(SHARE_VARIABLE) {
        let share = PathBuf::from(share);
        return (!share.as_os_str().is_empty()).then(|| (share.join("scripts"), share.join("plugins")));
    }
    let program = std::env::current_exe().ok()?.canonicalize().ok()?;
    let above = program.parent()?.parent()?;
    let share = above.join("share/procedo");
    if share.is_dir() {
        return Some((share.join("scripts"), share.join("plugins")));
    }
    // TREE/target/debug/procedo
    let tree = above.parent()?;
    let built = above.join("CACHEDIR.TAG").is_file() && tree.join("sdk/wit").is_dir();
    built.then(|| (tree.join("scripts"), above.join("plugins")))
}

/// The folder that the variable names, if there is none: nothing then comes with Procedo.
pub fn missing_share() -> Option<PathBuf> {
    let share = PathBuf::from(std::env::var_os(SHARE_VARIABLE)?);
    (!share.as_os_str().is_empty() && !share.is_dir()).then_some(share)
}

/// A procedure with where it comes from.
#[derive(Clone)]
pub struct Listed {
    pub guest: Arc<dyn Guest>,
    pub form: Form,
    pub origin: Origin,
    pub path: PathBuf,
    /// The files of the same identifier that it stands in for.
    pub overrides: Vec<PathBuf>,
}

impl Listed {
    pub fn id(&self) -> &str {
        &self.guest.manifest().id
    }
}

/// A file that should hold procedures and cannot be used.
#[derive(Clone, Debug)]
pub struct Broken {
    pub path: PathBuf,
    pub error: Error,
}

/// Everything there is.
#[derive(Default)]
pub struct Inventory {
    /// Procedures by identifier.
    pub procedures: BTreeMap<String, Listed>,
    pub broken: Vec<Broken>,
}

/// The procedures of a site.
pub struct SiteLibrary {
    table: Arc<Table>,
    cache: PathBuf,
    folders: Vec<Folder>,
    scripts: OnceLock<ScriptHost>,
    plugins: OnceLock<PluginHost>,
    found: Mutex<HashMap<String, Option<Listed>>>,
}

impl SiteLibrary {
    /// The procedures of some folders; plugins are compiled into `cache`.
    pub fn new(table: Arc<Table>, cache: PathBuf, folders: Vec<Folder>) -> Self {
        Self {
            table,
            cache,
            folders,
            scripts: OnceLock::new(),
            plugins: OnceLock::new(),
            found: Mutex::default(),
        }
    }

    fn scripts(&self) -> &ScriptHost {
        self.scripts
            .get_or_init(|| ScriptHost::new(Arc::clone(&self.table)))
    }

    /// The host of the plugins.
    pub fn plugin_host(&self) -> &PluginHost {
        self.plugins
            .get_or_init(|| PluginHost::new(Arc::clone(&self.table), &self.cache))
    }

    /// The procedure with this identifier, ready to run.
    pub fn find(&self, id: &str) -> Result<Option<Arc<dyn Guest>>> {
        Ok(self.look_up(id)?.map(|listed| listed.guest))
    }

    /// The same with where it comes from; what it overrides is not looked for.
    pub fn look_up(&self, id: &str) -> Result<Option<Listed>> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = found.get(id) {
            return Ok(known.clone());
        }
        let mut listed = None;
        for folder in &self.folders {
            listed = match folder.form {
                Form::Script => self.script_in(folder, id)?,
                Form::Plugin => self.plugin_in(folder, id)?,
            };
            if listed.is_some() {
                break;
            }
        }
        found.insert(id.to_owned(), listed.clone());
        Ok(listed)
    }

    /// A script lies where its identifier says, as a rule; else the headers of all are read.
    fn script_in(&self, folder: &Folder, id: &str) -> Result<Option<Listed>> {
        let usual = format!("{id}.rhai");
        if procedo_core::manifest::is_procedure_id(id) && folder.dir.join(&usual).is_file() {
            match self.script(folder, &usual) {
                Ok(listed) if listed.id() == id => return Ok(Some(listed)),
                Ok(_) => {}
                // A module that scripts import.
                Err(error) if error.code == "P0602" => {}
                Err(error) => return Err(error),
            }
        }
        for name in script_names(&folder.dir) {
            // A script that cannot be read is told by `check` and `procedures`; it is not this one, as far as anybody knows.
            if name != usual
                && self
                    .scripts()
                    .header_id(&folder.dir, &name)
                    .is_ok_and(|found| found == id)
            {
                return self.script(folder, &name).map(Some);
            }
        }
        Ok(None)
    }

    fn script(&self, folder: &Folder, name: &str) -> Result<Listed> {
        let script = self.scripts().load(&folder.dir, name)?;
        Ok(Listed {
            guest: Arc::new(script),
            form: Form::Script,
            origin: folder.origin,
            path: folder.dir.join(name),
            overrides: Vec::new(),
        })
    }

    fn plugin_in(&self, folder: &Folder, id: &str) -> Result<Option<Listed>> {
        let files = plugins::files(folder).into_iter();
        let mut procedures = files.flat_map(|file| self.plugin(folder, &file).unwrap_or_default());
        let found = procedures.find(|listed| listed.id() == id);
        if found.is_none() && folder.origin == Origin::Site {
            // What was installed and is damaged now is not silently replaced by what comes with Procedo.
            for file in plugins::files_with(&folder.dir, id)? {
                self.plugin(folder, &file)?;
            }
        }
        Ok(found)
    }

    /// The procedures of a plugin's file.
    fn plugin(&self, folder: &Folder, file: &Path) -> Result<Vec<Listed>> {
        let guests = self.plugin_host().load(file)?;
        if folder.origin == Origin::Site {
            plugins::must_be_installed(&folder.dir, file, &guests)?;
        }
        let listed = |guest| Listed {
            guest,
            form: Form::Plugin,
            origin: folder.origin,
            path: file.to_owned(),
            overrides: Vec::new(),
        };
        Ok(guests.into_iter().map(listed).collect())
    }

    /// What can be said of a script without running it; nothing of a plugin.
    pub fn look_into(&self, listed: &Listed) -> Result<Vec<Finding>> {
        let scripts = self.folders.iter().filter(|folder| folder.form == Form::Script);
        for folder in scripts {
            if let Ok(name) = listed.path.strip_prefix(&folder.dir) {
                let script = self.scripts().load(&folder.dir, &name.to_string_lossy())?;
                return Ok(procedo_script::check::check(&script));
            }
        }
        Ok(Vec::new())
    }

    /// Everything there is, with the files that cannot be used.
    pub fn inventory(&self) -> Inventory {
        let mut inventory = Inventory::default();
        for folder in &self.folders {
            match folder.form {
                Form::Script => {
                    for name in script_names(&folder.dir) {
                        let path = folder.dir.join(&name);
                        match self.script(folder, &name) {
                            Ok(listed) => add(&mut inventory, listed),
                            // A file without a header is a module that scripts import.
                            Err(error) if error.code == "P0602" => {}
                            Err(error) => inventory.broken.push(Broken { path, error }),
                        }
                    }
                }
                Form::Plugin => {
                    for path in plugins::files(folder) {
                        match self.plugin(folder, &path) {
                            Ok(listed) => listed.into_iter().for_each(|listed| add(&mut inventory, listed)),
                            Err(error) => inventory.broken.push(Broken { path, error }),
                        }
                    }
                }
            }
        }
        inventory
    }
}

/// Adds a procedure, or notes what the one that counts stands in for.
fn add(inventory: &mut Inventory, listed: Listed) {
    let id = listed.id().to_owned();
    match inventory.procedures.get_mut(&id) {
        None => {
            inventory.procedures.insert(id, listed);
        }
        Some(first) if first.origin == listed.origin && first.form == listed.form => {
            let error = err!(Conflict, "P0030", id = id, first = first.path.display());
            inventory.broken.push(Broken {
                path: listed.path,
                error,
            });
        }
        Some(first) => first.overrides.push(listed.path),
    }
}

/// The scripts below a folder, sorted. Links are followed no deeper than folders go.
fn script_names(folder: &Path) -> Vec<String> {
    fn walk(dir: &Path, below: &str, depth: usize, names: &mut Vec<String>) {
        let Ok(entries) = std::fs::read_dir(dir) else {
            return;
        };
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = entry.path();
            if path.is_dir() {
                if depth > 0 && !name.starts_with('.') {
                    walk(&path, &format!("{below}{name}/"), depth - 1, names);
                }
            } else if name.ends_with(".rhai") {
                names.push(format!("{below}{name}"));
            }
        }
    }
    let mut names = Vec::new();
    walk(folder, "", 16, &mut names);
    names.sort();
    names
}
