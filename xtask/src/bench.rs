//! Runs the benchmarks on the program as it is released.

use anyhow::{Result, bail};

use crate::project::Project;
use crate::{plugins, process};

/// Builds the plugins, `procedo` and the benchmarks for release, and runs the latter with `arguments`.
pub fn run(project: &Project, arguments: &[String]) -> Result<()> {
    plugins::build(project)?;
    eprintln!("==> building procedo and the benchmarks for release");
    // Together, so that both are built with the same features of their dependencies, once.
    let packages = [
        "--release",
        "--package",
        "procedo",
        "--package",
        "procedo-benches",
    ];
    process::run(project.cargo("build").args(packages))?;
    let program = project.target().join("release/procedo-benches");
    if !program.exists() {
        bail!(
            "{} was not built: benches/ has no program of that name",
            program.display()
        );
    }
    process::run(project.program(program).args(arguments))
}
