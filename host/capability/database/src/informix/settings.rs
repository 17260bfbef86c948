//! The settings of `[resource.database.NAME]` with `driver = "informix"`.

use serde::Deserialize;

/// What the archives of a server are written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Method {
    /// `ontape` to a folder: TAPEDEV names it.
    Directory,
    /// `ontape` to a plain file: TAPEDEV names it.
    File,
    /// `ontape` to a tape drive: TAPEDEV names its device.
    Tape,
    /// `onbar`, with the storage manager that it is configured for.
    Onbar,
}

impl Method {
    /// As it stands in the settings.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::File => "file",
            Self::Tape => "tape",
            Self::Onbar => "onbar",
        }
    }

    /// Whether an archive is a file that Procedo keeps.
    pub(crate) fn keeps_files(self) -> bool {
        matches!(self, Self::Directory | Self::File)
    }
}

/// The settings as they stand in `procedo.toml`. All paths are absolute paths of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    /// The machine that the server runs on; its account has to be allowed to use the server's tools.
    pub(crate) machine: String,
    /// The server's installation: INFORMIXDIR.
    pub(crate) folder: String,
    /// Its name: INFORMIXSERVER.
    pub(crate) server: String,
    /// The name of its configuration file in the folder `etc`: ONCONFIG.
    #[serde(default = "default_onconfig")]
    pub(crate) onconfig: String,
    /// Its list of servers: INFORMIXSQLHOSTS; absent: the one in the installation.
    pub(crate) sqlhosts: Option<String>,
    /// The database in which statements are made; absent: none are.
    pub(crate) dbname: Option<String>,
    /// Its locale, `language_territory.codeset`; absent: that of the tools.
    pub(crate) locale: Option<String>,
    /// What archives are written to.
    pub(crate) method: Method,
    /// The folder in which Procedo keeps archives and what it knows of them.
    pub(crate) backups: String,
    /// After how many seconds a line without an end counts as a question.
    #[serde(default = "default_prompt_seconds")]
    pub(crate) prompt_seconds: u64,
}

fn default_onconfig() -> String {
    "onconfig".to_owned()
}

fn default_prompt_seconds() -> u64 {
    10
}

impl Settings {
    /// What is wrong with them, if anything is: for `P1202`.
    pub(crate) fn refusal(&self) -> Option<String> {
        for (setting, path) in [
            ("folder", Some(&self.folder)),
            ("backups", Some(&self.backups)),
            ("sqlhosts", self.sqlhosts.as_ref()),
        ] {
            if let Some(path) = path.filter(|path| !path.starts_with('/') || path.len() < 2) {
                return Some(format!("{setting} = \"{path}\" ∉ /…"));
            }
        }
        let name = |text: &str| {
            !text.is_empty()
                && !text.starts_with(['-', '.'])
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        for (setting, text) in [("server", &self.server), ("onconfig", &self.onconfig)] {
            if !name(text) {
                return Some(format!("{setting} = \"{text}\" ∉ [A-Za-z0-9._-]+"));
            }
        }
        for (setting, text) in [("dbname", &self.dbname), ("locale", &self.locale)] {
            if let Some(text) = text.as_ref().filter(|text| !name(text)) {
                return Some(format!("{setting} = \"{text}\" ∉ [A-Za-z0-9._-]+"));
            }
        }
        ((1..=600).contains(&self.prompt_seconds))
            .then_some(())
            .map_or_else(
                || Some(format!("prompt-seconds = {} ∉ 1…600", self.prompt_seconds)),
                |()| None,
            )
    }
}

/// What the driver needs of the server's configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Onconfig {
    pub(crate) tapedev: String,
    pub(crate) tapesize: String,
    pub(crate) activity_log: Option<String>,
}

impl Onconfig {
    /// Reads it: a name and a value in each line, notes behind `#`. The last line of a name counts.
    pub(crate) fn parse(text: &str) -> Self {
        let value = |wanted: &str| {
            let of_line = |line: &str| {
                let line = line.split('#').next().unwrap_or_default().trim();
                let (name, value) = line.split_once(char::is_whitespace)?;
                (name == wanted).then(|| value.trim().to_owned())
            };
            text.lines().rev().find_map(of_line)
        };
        Self {
            tapedev: value("TAPEDEV").unwrap_or_default(),
            tapesize: value("TAPESIZE").unwrap_or_default(),
            activity_log: value("BAR_ACT_LOG"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(mut changes: serde_json::Value) -> Result<Settings, String> {
        let mut value = json!({
            "machine": "main", "folder": "/opt/informix", "server": "ol_main", "method": "file", "backups": "/b",
        });
        if let (Some(value), Some(changes)) = (value.as_object_mut(), changes.as_object_mut()) {
            value.append(changes);
        }
        let settings = Settings::deserialize(&value).map_err(|error| error.to_string())?;
        settings.refusal().map_or(Ok(settings), Err)
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        assert_eq!(read(json!({})).expect("valid").onconfig, "onconfig");
        for (setting, value) in [
            ("folder", json!("informix")),
            ("backups", json!("/")),
            ("sqlhosts", json!("etc/sqlhosts")),
            ("server", json!("a b")),
            ("onconfig", json!("../onconfig")),
            ("dbname", json!("-e")),
            ("locale", json!("en us")),
            ("prompt-seconds", json!(0)),
            ("method", json!("disk")),
            ("tapedev", json!("/dev/st0")),
        ] {
            let reason = read(json!({setting: value})).expect_err(setting);
            let named = if setting == "method" { "disk" } else { setting };
            assert!(reason.contains(named), "{reason}");
        }
    }

    #[test]
    fn the_configuration_file_is_read_without_its_notes() {
        let text =
            "# TAPEDEV /dev/old\nTAPEDEV   /backups/Backup.001   # a file\nTAPESIZE\t0\nBAR_ACT_LOG /x.log\n";
        let onconfig = Onconfig::parse(text);
        assert_eq!(onconfig.tapedev, "/backups/Backup.001");
        assert_eq!(onconfig.tapesize, "0");
        assert_eq!(onconfig.activity_log.as_deref(), Some("/x.log"));
    }
}
