//! The settings of a root: `[resource.files.NAME]` of a site.

use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The largest text file that is read, in bytes; as the WIT promises.
pub(crate) const LARGEST_TEXT: u64 = 16 << 20;
/// How much of what a call replaces or removes is kept for its undo, in bytes, unless the site says otherwise: what fits
/// comfortably into a store beside its journal.
const LARGEST_UNDO: u64 = 256 << 20;

/// The settings of one root.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    /// The folder: absolute, or relative to the site's.
    pub(crate) path: PathBuf,
    /// Whether nothing below it may be altered.
    #[serde(default)]
    pub(crate) read_only: bool,
    /// The largest text file that is read or written, in bytes.
    #[serde(default = "largest_text")]
    pub(crate) max_file_bytes: u64,
    /// How much one call keeps for its undo, in bytes; beyond it the call cannot be undone, and its plan says so.
    #[serde(default = "largest_undo")]
    pub(crate) max_undo_bytes: u64,
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
        settings.path = site.join(&settings.path);
        Ok(settings)
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
}
