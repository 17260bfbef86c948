//! Runs all tests: of the workspace, of its documentation, of the plugins; ends with their sum.

use std::io::IsTerminal;
use std::process::Command;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::tally::Tally;
use crate::{needs, plugins, process};

/// Gets what the tests need, builds, and runs them all, also after a failure.
pub fn run(project: &Project) -> Result<()> {
    needs::provide(project)?;
    plugins::build(project)?;
    build(project)?;
    let mut runner = Runner {
        tally: Tally::default(),
        failed: Vec::new(),
        nextest: process::on_path("cargo-nextest"),
    };
    runner.unit(project, "of the workspace", &["--workspace"])?;
    runner.doc(project, "of the workspace's documentation", &["--workspace"])?;
    let guests = plugins::target(project).display().to_string();
    let options = [
        "--workspace",
        "--manifest-path",
        plugins::MANIFEST,
        "--target-dir",
        &guests,
    ];
    runner.unit(
        project,
        "of the plugins and the SDK, built for this machine",
        &options,
    )?;
    runner.doc(project, "of the SDK's documentation", &options)?;
    runner.end()
}

/// Builds the tests, `procedo`, and `procedo-failpoints` for the crash tests, beside each other in `target/debug`.
///
/// Also for the one program it is `--workspace`, so that cargo takes all members into account when it chooses the
/// features of their dependencies, and `--examples`, so that it counts the dev-dependencies too, as it does for tests:
/// so it chooses the same features both times, and builds everything but the crates with the feature once.
fn build(project: &Project) -> Result<()> {
    eprintln!("==> building the workspace and its tests");
    process::run(project.cargo("build").args(["--workspace", "--bins", "--tests"]))?;
    eprintln!("==> building procedo-failpoints");
    let options = [
        "--workspace",
        "--features",
        "procedo/failpoints",
        "--bin",
        "procedo-failpoints",
    ];
    process::run(project.cargo("build").args(options))
}

struct Runner {
    tally: Tally,
    failed: Vec<String>,
    nextest: bool,
}

impl Runner {
    /// Unit and integration tests: by nextest, which runs each in a process of its own and ends those that hang, or by
    /// cargo where that is not installed.
    fn unit(&mut self, project: &Project, what: &str, options: &[&str]) -> Result<()> {
        let mut command;
        if self.nextest {
            command = project.cargo("nextest");
            let config = project.root.join(".config/nextest.toml");
            command
                .args(["run", "--no-tests=pass", "--config-file"])
                .arg(config);
        } else {
            command = project.cargo("test");
            command.args(["--no-fail-fast", "--lib", "--bins", "--tests"]);
        }
        self.read(&mut command, what, options)
    }

    /// The examples in the documentation, which nextest does not run.
    fn doc(&mut self, project: &Project, what: &str, options: &[&str]) -> Result<()> {
        self.read(
            project.cargo("test").args(["--doc", "--no-fail-fast"]),
            what,
            options,
        )
    }

    fn read(&mut self, command: &mut Command, what: &str, options: &[&str]) -> Result<()> {
        eprintln!("==> tests {what}");
        command.args(options);
        if std::io::stderr().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        if !process::run_reading(command, |line| self.tally.read(line))? {
            self.failed.push(what.to_owned());
        }
        Ok(())
    }

    fn end(self) -> Result<()> {
        println!("{}", self.tally);
        if !self.failed.is_empty() {
            bail!("failed: tests {}", self.failed.join("; tests "));
        }
        Ok(())
    }
}
