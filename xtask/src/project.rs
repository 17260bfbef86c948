//! Where things lie in the checkout, and cargo as it is called there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The checkout that this program was built from.
pub struct Project {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
}

/// What `cargo run` tells the program it starts. A cargo started from here must not see it: build scripts that watch
/// such a variable would run again at each change between `cargo test` and `cargo xtask test`.
const OF_CARGO_RUN: &[&str] = &[
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_",
    "LD_LIBRARY_PATH",
];

impl Project {
    /// The checkout that holds this crate.
    pub fn of_this_build() -> Project {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("this crate lies in a folder of the root");
        Project {
            root: root.to_path_buf(),
        }
    }

    /// The target directory of the root workspace.
    pub fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.root.join("target"), |dir| self.root.join(dir))
    }

    /// A program to be started in the root, with nothing on its standard input.
    pub fn program(&self, name: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(name);
        command.current_dir(&self.root).stdin(std::process::Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name
                .to_str()
                .is_some_and(|name| OF_CARGO_RUN.iter().any(|prefix| name.starts_with(prefix)))
            {
                command.env_remove(&name);
            }
        }
        command
    }

    /// The cargo that runs this program.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(subcommand);
        command
    }
}
