//! Builds the WASM guests and makes components of them: each package that is a `cdylib` becomes
//! `target/plugins/PACKAGE.wasm`; a guest of the tests, one that lies in `tests`, `target/plugins/tests/PACKAGE.wasm`, so that
//! it is not taken for a plugin that comes with Procedo.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use wit_component::ComponentEncoder;

use crate::process;
use crate::project::Project;
use crate::wasm_target;

/// The workspace of all guests: the plugins that are shipped, the SDK, and the guests of the tests.
pub const MANIFEST: &str = "plugins/Cargo.toml";

/// A package that becomes a component.
#[derive(Debug, PartialEq, Eq)]
struct Guest {
    package: String,
    /// The file that rustc makes, without `.wasm`.
    module: String,
    /// Whether it is one of the tests'.
    of_tests: bool,
}

/// The target directory of the guests, apart from the host's: the two share no dependency's features.
pub fn target(project: &Project) -> PathBuf {
    project.target().join("wasm")
}

/// Builds all guests and brings `target/plugins` up to date: files of guests that are no more are removed.
pub fn build(project: &Project) -> Result<()> {
    let toolchain = wasm_target::find(project)?;
    let guests = guests(&metadata(project)?, &project.root.join("tests"))?;
    if guests.is_empty() {
        bail!("{MANIFEST} has no package of crate type cdylib, so no plugin");
    }
    eprintln!("==> building the plugins");
    let mut cargo = toolchain.build(project);
    cargo
        .args(["--release", "--manifest-path", MANIFEST, "--target-dir"])
        .arg(target(project));
    for guest in &guests {
        cargo.args(["--package", &guest.package]);
    }
    process::run(&mut cargo)?;

    let modules = target(project).join(wasm_target::NAME).join("release");
    let folder = project.target().join("plugins");
    let of_tests = folder.join("tests");
    std::fs::create_dir_all(&of_tests).with_context(|| format!("{} cannot be made", of_tests.display()))?;
    let mut components = Vec::new();
    let mut faults = Vec::new();
    for guest in guests {
        let module = modules.join(guest.module + ".wasm");
        let component = if guest.of_tests { &of_tests } else { &folder }.join(guest.package + ".wasm");
        match encode(&module, &component) {
            Ok(()) => components.push(component),
            Err(error) => faults.push(format!(
                "{} cannot be made a component: {error:#}",
                module.display()
            )),
        }
    }
    remove_others(&folder, &components)?;
    remove_others(&of_tests, &components)?;
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

fn metadata(project: &Project) -> Result<Value> {
    let mut cargo = project.cargo("metadata");
    cargo.args(["--no-deps", "--format-version", "1", "--manifest-path", MANIFEST]);
    Ok(serde_json::from_str(&process::output(&mut cargo)?)?)
}

/// The packages in the output of `cargo metadata` that have a `cdylib`; `tests` is where those of the tests lie.
fn guests(metadata: &Value, tests: &Path) -> Result<Vec<Guest>> {
    let mut guests = Vec::new();
    for package in metadata["packages"]
        .as_array()
        .context("cargo metadata names no packages")?
    {
        let targets = package["targets"]
            .as_array()
            .context("a package of cargo metadata has no targets")?;
        let module = targets.iter().find(|target| {
            target["crate_types"]
                .as_array()
                .is_some_and(|types| types.iter().any(|kind| kind == "cdylib"))
        });
        if let (Some(name), Some(module)) = (
            package["name"].as_str(),
            module.and_then(|it| it["name"].as_str()),
        ) {
            guests.push(Guest {
                package: name.to_owned(),
                module: module.replace('-', "_"),
                of_tests: package["manifest_path"]
                    .as_str()
                    .is_some_and(|path| Path::new(path).starts_with(tests)),
            });
        }
    }
    Ok(guests)
}

/// Encoding takes a millisecond, so it is always done; the file is written only where its content changes, for those
/// who look at its time. The rename shows others the old file or the new one, never half of one.
fn encode(module: &Path, component: &Path) -> Result<()> {
    let bytes = std::fs::read(module)?;
    let (_, interface) = wit_component::metadata::decode(&bytes)?;
    if interface.resolve.worlds[interface.world].exports.is_empty() {
        // The encoder would make a component of it that can do nothing.
        bail!("it implements no world: does its crate hand its procedures to the SDK?");
    }
    let bytes = ComponentEncoder::default()
        .validate(true)
        .module(&bytes)?
        .encode()?;
    if std::fs::read(component).is_ok_and(|before| before == bytes) {
        return Ok(());
    }
    let unfinished = component.with_extension("wasm.unfinished");
    std::fs::write(&unfinished, &bytes)?;
    std::fs::rename(&unfinished, component)?;
    eprintln!("    {} ({} KiB)", component.display(), bytes.len().div_ceil(1024));
    Ok(())
}

fn remove_others(folder: &Path, components: &[PathBuf]) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") && !components.contains(&path) {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_packages_with_a_cdylib_are_guests() {
        let metadata = json!({"packages": [
            {"name": "web-components", "manifest_path": "/tree/plugins/web-components/Cargo.toml", "targets": [
                {"name": "catalogue", "crate_types": ["bin"]},
                {"name": "web-components", "crate_types": ["cdylib", "rlib"]},
            ]},
            {"name": "shared", "targets": [{"name": "shared", "crate_types": ["lib"]}]},
            {"name": "hostile", "manifest_path": "/tree/tests/hostile/Cargo.toml", "targets": [
                {"name": "hostile", "crate_types": ["cdylib"]},
            ]},
        ]});
        let shipped = Guest {
            package: "web-components".into(),
            module: "web_components".into(),
            of_tests: false,
        };
        let of_tests = Guest {
            package: "hostile".into(),
            module: "hostile".into(),
            of_tests: true,
        };
        assert_eq!(
            guests(&metadata, Path::new("/tree/tests")).unwrap(),
            [shipped, of_tests]
        );
    }

    #[test]
    fn a_file_of_a_guest_that_is_no_more_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["kept.wasm", "gone.wasm", "notes.txt"] {
            std::fs::write(path(name), "").unwrap();
        }
        remove_others(folder.path(), &[path("kept.wasm")]).unwrap();
        assert!(path("kept.wasm").exists() && path("notes.txt").exists() && !path("gone.wasm").exists());
    }

    #[test]
    fn a_module_without_an_interface_cannot_become_a_component() {
        let folder = tempfile::tempdir().unwrap();
        let (module, component) = (
            folder.path().join("module.wasm"),
            folder.path().join("component.wasm"),
        );
        std::fs::write(&module, "not WASM").unwrap();
        assert!(encode(&module, &component).is_err());
        assert!(!component.exists());
    }
}
