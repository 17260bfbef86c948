//! The command as a whole: how long a short run takes, and how large the program is.

use crate::calls::tmpfs;
use crate::figure::{Bound, Figure, median, time};
use crate::guests;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The released program, where cargo builds it: beside this one.
fn program() -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("procedo");
    ensure!(
        program.is_file(),
        "{} is missing: `cargo xtask bench` builds it",
        program.display()
    );
    Ok(program)
}

const SITE: &str = r#"name = "bench"
[resource.files.bench]
path = "files"
[[grant]]
procedure = "bench/*"
capability = "files"
resource = "bench"
effect = "write"
"#;

const SCRIPT: &str = r#"//! id = "bench/script"
//! [[needs]]
//! capability = "files"
//! resource = "bench"
//! effect = "write"
//! [parameters]
//! properties.count = { type = "integer" }
//! properties.text = { type = "string" }
//! [texts.en]
//! title = "Calls"
//! summary = "Writes ten files."
for number in 0..params.count {
    files::write("bench", `${number}.txt`, params.text);
}
"#;

/// A site in memory with a script and a plugin that write so many files each.
fn site(dir: &Path) -> Result<()> {
    let file = |path: &str, text: &str| {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().context("a path in a folder")?)?;
        std::fs::write(path, text).context("writing the site")
    };
    file("site/procedo.toml", SITE)?;
    file("site/scripts/bench/script.rhai", SCRIPT)?;
    std::fs::create_dir_all(dir.join("site/files"))?;
    std::fs::create_dir_all(dir.join("share/plugins"))?;
    std::fs::copy(guests::plugin()?, dir.join("share/plugins/counting.wasm"))?;
    Ok(())
}

/// `procedo run` of a procedure that makes ten durable writes, from its start to its end, store and files in memory.
pub fn whole_run() -> Result<Vec<Figure>> {
    const ROUNDS: usize = 21;
    let (program, dir) = (program()?, tmpfs()?);
    site(dir.path())?;
    let run = |arguments: &[&str], text: &str| -> Result<()> {
        let output = Command::new(&program)
            .current_dir(dir.path().join("site"))
            .env("PROCEDO_SHARE", dir.path().join("share"))
            .args(["run", "-p", "count=10", "-p", &format!("text={text}")])
            .args(arguments)
            .stdin(Stdio::null())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{arguments:?} ended with {}: {said}",
            output.status
        );
        Ok(())
    };
    let mut figures = Vec::new();
    for (what, arguments) in [
        ("script", &["bench/script"][..]),
        ("cached plugin", &["bench/calls", "-p", "call=write"]),
    ] {
        // The first makes the store, and compiles the plugin.
        run(arguments, "first")?;
        let times = (0..ROUNDS)
            .map(|round| Ok(time(|| run(arguments, &format!("{what} {round}")))?.0))
            .collect::<Result<_>>()?;
        let what = format!("`procedo run` of ten writes by a {what}, tmpfs");
        figures.push(Figure::new(
            what,
            median(times).as_secs_f64() * 1e3,
            "ms",
            Bound::AtMost(40.0),
        ));
    }
    Ok(figures)
}

/// The size of the released program.
pub fn binary() -> Result<Vec<Figure>> {
    let megabytes = program()?.metadata()?.len() as f64 / 1e6;
    Ok(vec![Figure::new(
        "the program `procedo`",
        megabytes,
        "MB",
        Bound::AtMost(60.0),
    )])
}
