//! The settings of a root: `[resource.files.NAME]` of a site.

use crate::path::is_refused;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The largest text file that is read, in bytes; as the WIT promises.
pub(crate) const LARGEST_TEXT: u64 = 16 << 20;
/// How much of what a call replaces or removes is kept for its undo, in bytes, unless the site says otherwise: what fits
/// comfortably into a store beside its journal.
const LARGEST_UNDO: u64 = 256 << 20;

/// The folder of a site that holds its own records.
const STORE: &str = ".procedo";
/// What decides on a site who may do what, and what procedures do.
const RULES: [&str; 4] = ["procedo.toml", "scripts", "plugins", "trust"];

/// The settings of one root.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    /// The folder: absolute, or relative to the site's; on another machine always absolute.
    pub(crate) path: PathBuf,
    /// The machine that has it; none: the one that Procedo runs on.
    #[serde(default)]
    pub(crate) machine: Option<String>,
    /// Whether nothing below it may be altered.
    #[serde(default)]
    pub(crate) read_only: bool,
    /// The largest text file that is read or written, in bytes.
    #[serde(default = "largest_text")]
    pub(crate) max_file_bytes: u64,
    /// How much one call keeps for its undo, in bytes; beyond it the call cannot be undone, and its plan says so.
    #[serde(default = "largest_undo")]
    pub(crate) max_undo_bytes: u64,
    /// Where the site keeps journals, secrets and its key: no root may reach it.
    #[serde(skip)]
    store: PathBuf,
}

fn largest_text() -> u64 {
    LARGEST_TEXT
}

fn largest_undo() -> u64 {
    LARGEST_UNDO
}

impl Settings {
    /// Reads the settings of the root `name` of a site in `site`.
    pub(crate) fn read(name: &str, value: &Value, site: &Path) -> Result<Self> {
        let refuse = |reason: String| {
            Error::new(Kind::Invalid, "P0304")
                .with("root", name)
                .with("reason", reason)
        };
        let mut settings = Self::deserialize(value).map_err(|error| refuse(error.to_string()))?;
        if settings.path.as_os_str().is_empty() {
            return Err(refuse("path = \"\"".to_owned()));
        }
        if settings.max_file_bytes > LARGEST_TEXT {
            return Err(refuse(format!(
                "max-file-bytes = {} > {LARGEST_TEXT}",
                settings.max_file_bytes
            )));
        }
        settings.store = site.join(STORE);
        if settings.machine.is_some() {
            return match settings.path.to_str() {
                Some(path) if path.starts_with('/') && !path.chars().any(is_refused) => Ok(settings),
                _ => Err(refuse(format!(
                    "path = {:?}: with a machine, it has to start with “/”",
                    settings.path
                ))),
            };
        }
        settings.path = site.join(&settings.path);
        // A folder that is not there yet is looked at when it is used.
        if let Ok(real) = std::fs::canonicalize(&settings.path) {
            settings.keep_apart(name, &real)?;
        }
        Ok(settings)
    }

    /// The root of this name as people read it: with its machine, if it has one.
    pub(crate) fn label(&self, name: &str) -> String {
        match &self.machine {
            Some(machine) => format!("{name}@{machine}"),
            None => name.to_owned(),
        }
    }

    /// `P0340` if the root, which really is at `root`, and the site's own records lie in one another: a granted write
    /// could alter the journal, and a granted read see the site's key. `P0345` if the root may be written to and reaches
    /// the declarations or the procedures: a procedure could grant itself what it likes.
    pub(crate) fn keep_apart(&self, name: &str, root: &Path) -> Result<()> {
        let overlap = |store: &Path| store.starts_with(root) || root.starts_with(store);
        // Where its name stands, which a write could turn into another folder, and where it really is.
        let parent = self.store.parent().and_then(|site| site.canonicalize().ok());
        let named = parent.map_or_else(|| self.store.clone(), |site| site.join(STORE));
        let real = self.store.canonicalize().unwrap_or_else(|_| named.clone());
        if overlap(&named) || overlap(&real) {
            return Err(Error::new(Kind::Denied, "P0340")
                .with("root", self.label(name))
                .with("folder", root.display())
                .with("store", real.display()));
        }
        if self.read_only {
            return Ok(());
        }
        let site = named.parent().unwrap_or(&named);
        for rule in RULES.map(|rule| site.join(rule)) {
            // By what it is called, and where it really is: it may be a link.
            let real = rule.canonicalize().unwrap_or_else(|_| rule.clone());
            let reaches = |rule: &Path| rule.starts_with(root) || root.starts_with(rule);
            if reaches(&rule) || reaches(&real) {
                return Err(Error::new(Kind::Denied, "P0345")
                    .with("root", self.label(name))
                    .with("folder", root.display())
                    .with("rule", real.display()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_relative_path_is_meant_from_the_site_folder() {
        let settings =
            Settings::read("web", &json!({"path": "pages"}), Path::new("/srv/site")).expect("valid");
        assert_eq!(settings.path, Path::new("/srv/site/pages"));
        let settings =
            Settings::read("web", &json!({"path": "/opt/web"}), Path::new("/srv/site")).expect("valid");
        assert_eq!(settings.path, Path::new("/opt/web"));
    }

    #[test]
    fn an_unknown_or_wrong_setting_is_refused_by_name() {
        let refused = |value| {
            let error = Settings::read("web", &value, Path::new("/")).expect_err("must be refused");
            assert_eq!(
                (error.code.as_str(), error.message.args["root"].as_str()),
                ("P0304", "web")
            );
            error.message.args["reason"].clone()
        };
        assert!(refused(json!({"path": "a", "readonly": true})).contains("readonly"));
        assert!(refused(json!({})).contains("path"));
        assert!(refused(json!({"path": "a", "read-only": "yes"})).contains("boolean"));
        assert!(refused(json!({"path": "a", "max-file-bytes": 1_u64 << 40})).contains("max-file-bytes"));
        assert!(refused(json!({"path": ""})).contains("path"));
    }

    #[test]
    fn a_root_through_which_a_procedure_could_rewrite_its_grants_or_its_script_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let (site, conf) = (folder.path().join("site"), folder.path().join("conf"));
        for dir in [&site.join("scripts/web"), &site.join("plugins"), &conf] {
            std::fs::create_dir_all(dir).expect("a folder");
        }
        std::fs::write(conf.join("site.toml"), "name = \"s\"\n").expect("a file");
        let links = [
            (conf.join("site.toml"), "procedo.toml"),
            (site.join("scripts"), "innocent"),
        ];
        for (to, link) in links {
            std::os::unix::fs::symlink(to, site.join(link)).expect("a link");
        }
        for path in [
            "scripts",
            "scripts/web",
            "innocent",
            "plugins",
            "trust",
            "../conf",
        ] {
            let read = |read_only: bool| {
                let settings = json!({"path": path, "read-only": read_only});
                Settings::read("web", &settings, &site)
                    .err()
                    .map(|error| error.code)
            };
            // What is not there yet is looked at when it is used.
            let expected = (path != "trust").then_some("P0345");
            assert_eq!(read(false).as_deref(), expected, "{path}");
            assert_eq!(read(true), None, "{path}");
        }
        std::fs::create_dir(site.join("trust")).expect("a folder");
        let settings = Settings::read("web", &json!({"path": "trust"}), &site);
        assert_eq!(settings.expect_err("must be refused").code, "P0345");
    }
}
