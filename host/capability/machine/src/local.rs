//! The machine that Procedo itself runs on.

use crate::posix::Shell;
use crate::sh::BOOT;
use procedo_core::{Error, Kind, Result};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// A shell on this machine.
pub(crate) struct Local {
    name: String,
}

impl Local {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
        }
    }
}

impl Shell for Local {
    fn name(&self) -> &str {
        &self.name
    }

    fn identity(&self) -> Result<String> {
        // machine-id(5): unique, not secret within the site, the same across restarts.
        let id = ["/etc/machine-id", "/var/lib/dbus/machine-id"]
            .iter()
            .find_map(|path| std::fs::read_to_string(path).ok())
            .unwrap_or_default();
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Ok(format!("{} {host}", id.trim()).trim().to_owned())
    }

    fn command(&self) -> Result<Command> {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", BOOT])
            .current_dir(home.filter(|home| home.is_dir()).unwrap_or_else(|| "/".into()))
            // Ctrl+C at the terminal is for Procedo, which then decides what becomes of its programs.
            .process_group(0);
        // What Procedo was told in its environment (keys, tokens) is nothing for the programs it starts.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PROCEDO_") {
                command.env_remove(name);
            }
        }
        Ok(command)
    }

    /// This machine is never out of reach.
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    fn cut(&self, errors: &str) -> Error {
        Error::new(Kind::Failed, "P1007")
            .with("machine", &self.name)
            .with("reason", errors)
    }
}
