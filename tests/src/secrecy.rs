//! Looks for values that must be seen nowhere: in files, in command lines and environments.

use crate::process;
use std::path::Path;

/// These values as they are and as JSON writes them.
pub fn spellings(values: &[&str]) -> Vec<String> {
    let mut spelled: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    for value in values {
        let written = serde_json::Value::from(*value).to_string();
        spelled.push(written.trim_matches('"').to_owned());
    }
    spelled.sort();
    spelled.dedup();
    spelled
}

fn held<'a>(bytes: &[u8], values: &'a [String]) -> impl Iterator<Item = &'a String> {
    values
        .iter()
        .filter(|value| bytes.windows(value.len()).any(|part| part == value.as_bytes()))
}

/// Notes the files below a folder that hold one of these values.
pub fn in_files(folder: &Path, values: &[String], found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(about) = path.symlink_metadata() else {
            continue;
        };
        if about.is_dir() {
            in_files(&path, values, found);
        } else if about.is_file() {
            let bytes = std::fs::read(&path).unwrap_or_default();
            if let Some(value) = held(&bytes, values).next() {
                found.push(format!("{} holds {value}", path.display()));
            }
        }
    }
}

/// Notes the processes in whose command line or environment one of these values stands.
pub fn in_processes(values: &[String], found: &mut Vec<String>) {
    for pid in process::all() {
        for part in ["cmdline", "environ"] {
            let bytes = std::fs::read(format!("/proc/{pid}/{part}")).unwrap_or_default();
            found.extend(held(&bytes, values).map(|value| format!("{part} of {pid} holds {value}")));
        }
    }
}

/// Notes the places below a folder for temporary files where programs of this user left one of these values.
pub fn in_leftovers(values: &[String], found: &mut Vec<String>) {
    for folder in ["/tmp", "/var/tmp"] {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            // Not what others build.
            if entry.file_name().to_string_lossy().contains("procedo") {
                in_files(&entry.path(), values, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn what_stands_in_a_file_or_in_an_environment_is_found() {
        let folder = crate::site::temporary();
        let values = spellings(&["pass\"word-4711"]);
        std::fs::create_dir(folder.path().join("below")).unwrap();
        std::fs::write(folder.path().join("below/file"), r#"{"a": "pass\"word-4711"}"#).unwrap();
        let mut found = Vec::new();
        in_files(folder.path(), &values, &mut found);
        assert_eq!(found.len(), 1, "{found:?}");

        let mut child = Command::new("cat")
            .env("SEEN", "pass\"word-4711")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut found = Vec::new();
        in_processes(&values, &mut found);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
