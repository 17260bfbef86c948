//! How this machine can build for `wasm32-unknown-unknown`, and getting it there where it cannot yet.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::{apt, process};

/// The target's name for rustc.
pub const NAME: &str = "wasm32-unknown-unknown";

/// Debian's current compiler with its library source, and the linker. The compiler has no library for the target, so
/// that is built along, which needs both in one version: hence all from one place.
const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld"];

/// The target's library is about 20 MB to download.
const RUSTUP_LIMIT: Duration = Duration::from_secs(300);

/// A compiler and the way it builds for the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    /// The compiler that builds the host has the target's library.
    Active,
    /// Debian's compiler builds the library too; `linker` is LLVM's for WASM.
    Debian { linker: PathBuf },
}

impl Toolchain {
    /// `cargo build` for the target; the caller adds what to build.
    pub fn build(&self, project: &Project) -> Command {
        let mut cargo = match self {
            Toolchain::Active => project.cargo("build"),
            Toolchain::Debian { linker } => {
                let mut cargo = project.program("/usr/bin/cargo");
                // Building the library is an unstable option of cargo, which this variable allows in a stable one.
                cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTC", "/usr/bin/rustc");
                cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                cargo.args(["build", "-Zbuild-std=std,panic_abort"]);
                cargo
            }
        };
        cargo.args(["--target", NAME]);
        cargo
    }
}

/// What a machine has, and where else it could get the target from.
#[derive(Debug, Clone)]
struct Machine {
    active_has_target: bool,
    /// The linker, where Debian's compiler is installed and whole.
    debian: Option<PathBuf>,
    rustup: Source,
    apt: Source,
}

/// A place that the target may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// Not on this machine, or not for this user.
    Absent,
    Untried,
    Failed(String),
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    Use(Toolchain),
    AskRustup,
    InstallPackages,
    /// Nothing is left to try; the text says what was tried and what a person can do.
    GiveUp(String),
}

/// A toolchain that can build for the target; gets one where there is none.
pub fn find(project: &Project) -> Result<Toolchain> {
    let source = |there: bool| if there { Source::Untried } else { Source::Absent };
    let (mut rustup, mut apt) = (source(process::on_path("rustup")), source(apt::usable()));
    loop {
        let machine = Machine {
            active_has_target: active_has_target(project)?,
            debian: debian_linker(Path::new("/usr")),
            rustup: rustup.clone(),
            apt: apt.clone(),
        };
        // A source that says it succeeded and still is needed has failed: so each is asked once.
        let without_effect = |done: Result<()>| match done {
            Ok(()) => "it succeeded, and the target still is not there".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        match next(&machine) {
            Next::Use(toolchain) => return Ok(toolchain),
            Next::AskRustup => {
                eprintln!("==> adding the compiler's target {NAME}");
                let mut add = project.program("rustup");
                rustup = Source::Failed(without_effect(process::run_within(
                    RUSTUP_LIMIT,
                    add.args(["target", "add", NAME]),
                )));
            }
            Next::InstallPackages => {
                apt = Source::Failed(without_effect(apt::install(project, DEBIAN_PACKAGES)))
            }
            Next::GiveUp(why) => bail!(why),
        }
    }
}

/// What is there already comes before what has to be fetched: it needs no network.
fn next(machine: &Machine) -> Next {
    if machine.active_has_target {
        return Next::Use(Toolchain::Active);
    }
    if let Some(linker) = &machine.debian {
        return Next::Use(Toolchain::Debian {
            linker: linker.clone(),
        });
    }
    if machine.rustup == Source::Untried {
        return Next::AskRustup;
    }
    if machine.apt == Source::Untried {
        return Next::InstallPackages;
    }
    let mut why = format!("this compiler has no library for {NAME}, which the plugins are built for");
    for (name, source) in [("rustup", &machine.rustup), ("apt-get", &machine.apt)] {
        if let Source::Failed(reason) = source {
            why.push_str(&format!("\n  {name} could not give it: {reason}"));
        }
    }
    why.push_str(&format!(
        "\nInstall it by `rustup target add {NAME}`, or on Debian, as root, by `apt-get install {}`",
        DEBIAN_PACKAGES.join(" ")
    ));
    Next::GiveUp(why)
}

fn active_has_target(project: &Project) -> Result<bool> {
    let sysroot = process::output(project.program("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(NAME)
        .join("lib")
        .is_dir())
}

/// The WASM linker below `prefix`, where Debian's compiler, cargo and library source are there too. The packages depend
/// on one another in one version, so it is enough to see that they are there.
fn debian_linker(prefix: &Path) -> Option<PathBuf> {
    let source = prefix.join("lib/rustlib/src/rust/library/std/Cargo.toml");
    let linker = prefix.join("bin/wasm-ld");
    let whole = [
        &source,
        &linker,
        &prefix.join("bin/rustc"),
        &prefix.join("bin/cargo"),
    ]
    .iter()
    .all(|path| path.is_file());
    whole.then_some(linker)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare() -> Machine {
        Machine {
            active_has_target: false,
            debian: None,
            rustup: Source::Absent,
            apt: Source::Absent,
        }
    }

    #[test]
    fn the_active_compiler_comes_first() {
        let machine = Machine {
            active_has_target: true,
            debian: Some("/usr/bin/wasm-ld".into()),
            ..bare()
        };
        assert_eq!(next(&machine), Next::Use(Toolchain::Active));
    }

    #[test]
    fn debians_compiler_comes_before_any_download() {
        let machine = Machine {
            debian: Some("/usr/bin/wasm-ld".into()),
            rustup: Source::Untried,
            ..bare()
        };
        assert_eq!(
            next(&machine),
            Next::Use(Toolchain::Debian {
                linker: "/usr/bin/wasm-ld".into()
            })
        );
    }

    #[test]
    fn rustup_is_asked_once_and_then_the_package_manager() {
        let machine = Machine {
            rustup: Source::Untried,
            apt: Source::Untried,
            ..bare()
        };
        assert_eq!(next(&machine), Next::AskRustup);
        let machine = Machine {
            rustup: Source::Failed("no network".into()),
            ..machine
        };
        assert_eq!(next(&machine), Next::InstallPackages);
    }

    #[test]
    fn without_any_source_it_says_what_failed_and_what_to_install() {
        let Next::GiveUp(why) = next(&Machine {
            rustup: Source::Failed("no network".into()),
            ..bare()
        }) else {
            panic!("there is nothing to try");
        };
        assert!(why.contains("rustup could not give it: no network"), "{why}");
        assert!(!why.contains("apt-get could not"), "{why}");
        assert!(
            why.contains("apt-get install rustc-web cargo-web rust-web-src lld"),
            "{why}"
        );
    }

    #[test]
    fn debians_compiler_without_its_library_source_is_not_whole() {
        let prefix = tempfile::tempdir().unwrap();
        let path = |name: &str| prefix.path().join(name);
        std::fs::create_dir(path("bin")).unwrap();
        for program in ["bin/rustc", "bin/cargo", "bin/wasm-ld"] {
            std::fs::write(path(program), "").unwrap();
        }
        assert_eq!(debian_linker(prefix.path()), None);
        std::fs::create_dir_all(path("lib/rustlib/src/rust/library/std")).unwrap();
        std::fs::write(path("lib/rustlib/src/rust/library/std/Cargo.toml"), "").unwrap();
        assert_eq!(debian_linker(prefix.path()), Some(path("bin/wasm-ld")));
    }
}
