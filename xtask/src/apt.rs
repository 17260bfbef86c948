//! Debian's packages: whether they can be installed here, and installing them.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::Result;

use crate::process;
use crate::project::Project;

/// Whether this is Debian or a child of it, and this process may install packages.
pub fn usable() -> bool {
    let root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    root && Path::new("/etc/debian_version").exists() && process::on_path("apt-get")
}

/// Installs packages, from the lists of packages that are here or else from fresh ones.
pub fn install(project: &Project, packages: &[&str]) -> Result<()> {
    eprintln!("==> installing {}", packages.join(" "));
    let install = || {
        let options = ["install", "--quiet", "--yes", "--no-install-recommends"];
        process::run(
            project
                .program("apt-get")
                .args(options)
                .args(packages)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
    };
    install().or_else(|_| {
        process::run(project.program("apt-get").args(["update", "--quiet"]))?;
        install()
    })
}
