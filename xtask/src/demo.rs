//! The demonstration: a localisation on a simulated site, planned, approved, killed in the middle, resumed, undone, audited.

mod page;
mod stage;

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::project::Project;
use crate::{plugins, process};
use stage::{Show, Stage};

/// The procedure with its parameters.
const LOCALISE: &[&str] = &[
    "web/localize-components",
    "-p",
    "language=deutsch",
    "-p",
    "lang=de",
    "-p",
    "catalogue=deutsch.po",
];

/// What the demonstration adds to the site's declarations: who may say yes.
const POLICY: &str = r#"
[[policy]]
procedure = "web/*"
approvals = 1
second-person = true
"#;

/// The call whose effect is the last thing that the killed process does: the fifth of the nine translated pages. The calls of
/// a procedure have the same numbers on every run over the same pages; `procedo show RUN --json` tells them.
const KILLED_AT: u64 = 37;

/// Exit codes of `procedo`.
const DONE: i32 = 0;
const WAITING: i32 = 4;

/// Builds what is needed and shows it.
pub fn run(project: &Project) -> Result<()> {
    plugins::build(project)?;
    build(project)?;
    let began = Instant::now();
    let mut stage = Stage::set(project)?;
    play(&mut stage)?;
    stage.clear()?;
    stage.say(&format!(
        "The simulated site is stopped and its folder removed. That took {:.0} seconds.",
        began.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// Builds `procedo`, and the same with points at which it can be killed, as the crash tests use it.
///
/// `--workspace` and `--examples`, though there are none, as for the tests: so cargo takes all members and their
/// dev-dependencies into account, chooses the same features of every dependency, and nothing is built twice.
fn build(project: &Project) -> Result<()> {
    eprintln!("==> building procedo; the first time takes several minutes");
    let workspace = ["--workspace", "--examples"];
    process::run(project.cargo("build").args(workspace).args(["--bin", "procedo"]))?;
    eprintln!("==> building procedo-failpoints");
    let failpoints = ["--features", "procedo/failpoints", "--bin", "procedo-failpoints"];
    process::run(project.cargo("build").args(workspace).args(failpoints))
}

fn play(stage: &mut Stage) -> Result<()> {
    stage.act(
        "A site to try things on",
        "A contact center has a web server with pages in English. We make such a site in a temporary folder: the pages, a \
         catalogue with German translations, and procedo.toml, which says what procedures may do here. The pages are served \
         on this machine only.",
    );
    stage.procedo(&["init", stage::SITE, "--lab"], &Show::Nothing, DONE)?;
    stage.enter_site();
    stage.procedo(&["lab", "up"], &Show::All, DONE)?;
    let before = files_of(&stage.site().join("web"))?;
    let ben = people(stage)?;
    plan(stage)?;
    let run = approve_and_kill(stage, &ben)?;
    resume(stage, &run)?;
    look(stage)?;
    undo(stage, &run, &ben)?;
    ensure!(
        files_of(&stage.site().join("web"))? == before,
        "the pages are not what they were before"
    );
    stage.say("Every file of the web server is again, byte for byte, what it was before. (This program compared them.)");

    stage.act(
        "Can the record be trusted?",
        "Each entry of the journals carries the hash of the one before it, and the site signs where they end. Whoever changes, \
         removes or swaps an entry is found out.",
    );
    stage.procedo(&["audit", "verify"], &Show::All, DONE)?;
    Ok(())
}

/// Enters two people, and the rule that one may not do without the other. Returns the second one's token.
fn people(stage: &mut Stage) -> Result<String> {
    stage.act(
        "Two people, and a rule",
        "Anna works here: she is whoever has your account. Ben is asked before something changes; on the command line he shows \
         a personal token.",
    );
    let account = account(stage)?;
    stage.procedo(
        &["user", "add", "anna", "--role", "admin", "--account", &account],
        &Show::Nothing,
        DONE,
    )?;
    let told = stage.procedo(
        &["user", "add", "ben", "--role", "approver", "--json"],
        &Show::Nothing,
        DONE,
    )?;
    let told: serde_json::Value = serde_json::from_str(&told).context("what `user add --json` wrote")?;
    let token = told["token"].as_str().context("`user add` told no token")?;
    stage.say("The rule is added to procedo.toml:");
    stage.append("procedo.toml", POLICY)?;
    Ok(token.to_owned())
}

fn plan(stage: &mut Stage) -> Result<()> {
    stage.act(
        "What would it do?",
        "The procedure makes German pages of the English ones. First we only ask what it would change. Nothing is changed by \
         asking, and the procedure contains no code for this: whatever it does, it does by calls to Procedo, which here only \
         writes down what each would do.",
    );
    stage.procedo(&with("plan", LOCALISE), &Show::Plan, DONE)?;
    ensure!(
        !stage.site().join("web/html/deutsch").exists(),
        "the plan changed something"
    );
    Ok(())
}

fn approve_and_kill(stage: &mut Stage, ben: &str) -> Result<String> {
    stage.act(
        "Not without Ben",
        "Anna starts it. It stops before the first change, and waits for Ben to agree to just this plan. It would wait for days; \
         no program runs meanwhile.",
    );
    let told = stage.procedo(&with("run", LOCALISE), &Show::All, WAITING)?;
    let run = run_of(&told)?;
    stage.procedo_as("ben", ben, &["approve", &run, "--no-diff"], &Show::All, DONE)?;

    stage.act(
        "The worst moment",
        "Now it may go on, and we pull the plug: a special build of Procedo kills itself, by a real SIGKILL, when it has just \
         written a page and not yet noted that it did.",
    );
    stage.killed("after-effect", KILLED_AT, &["resume", &run])?;
    stage.procedo(&["runs"], &Show::All, DONE)?;
    Ok(run)
}

fn resume(stage: &mut Stage, run: &str) -> Result<()> {
    let written = translated(&stage.site())?;
    ensure!(
        (2..9).contains(&written.len()),
        "killed with {} pages translated, which is not the middle of it",
        written.len()
    );
    stage.act(
        "On from there",
        &format!(
            "{} pages are German, and the journal knows of all but the last. No command continues a run by itself: somebody \
             decides that. Procedo then runs the procedure again from its start, but answers its calls from the journal; at the \
             one call whose end is not recorded it looks whether the page is there. At the end the procedure reports.",
            written.len()
        ),
    );
    stage.procedo(&["resume", run], &Show::All, DONE)?;
    let now = translated(&stage.site())?;
    ensure!(now.len() == 9, "{} pages are translated instead of 9", now.len());
    ensure!(
        written.iter().all(|(name, inode)| now.get(name) == Some(inode)),
        "a page was written twice"
    );
    stage.say(&format!(
        "All 9 pages are German. The {} from before the crash were not written a second time. (This program compared the files.)",
        written.len()
    ));
    Ok(())
}

fn look(stage: &mut Stage) -> Result<()> {
    stage.act(
        "The page, as a visitor gets it",
        "The web server sends the new main page; these are the texts that a browser would show:",
    );
    let status = stage.procedo(&["lab", "status", "--json"], &Show::Unseen, DONE)?;
    let status: serde_json::Value =
        serde_json::from_str(&status).context("what `lab status --json` wrote")?;
    let site = status["url"].as_str().context("`lab status` told no address")?;
    let address = format!("{site}html/WCDeutsch.htm");
    stage.typed(&format!("curl {address}"));
    let text = page::visible_text(&page::fetch(&address)?);
    stage.show(&text);
    ensure!(
        text.contains("Willkommen auf unseren Hilfeseiten") && text.contains("Benötigen Sie Hilfe?"),
        "the page lacks the German texts"
    );
    Ok(())
}

fn undo(stage: &mut Stage, run: &str, ben: &str) -> Result<()> {
    stage.act(
        "And back",
        "Undo goes backwards through what the run did. It is planned, approved and recorded like any other run, and would not \
         touch a page that somebody has edited since.",
    );
    let told = stage.procedo(&["undo", run, "--yes", "--no-diff"], &Show::All, WAITING)?;
    let undo = run_of(&told)?;
    stage.procedo_as("ben", ben, &["approve", &undo, "--no-diff"], &Show::Last, DONE)?;
    stage.procedo(&["resume", &undo], &Show::All, DONE)?;
    Ok(())
}

fn with<'a>(command: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    std::iter::once(command).chain(rest.iter().copied()).collect()
}

/// The account's name, as the system knows it.
fn account(stage: &Stage) -> Result<String> {
    let told = process::output(stage.project.program("id").arg("-un"))?;
    Ok(told.trim().to_owned())
}

/// The identifier of the run in the line `Run RUN · …`.
fn run_of(told: &str) -> Result<String> {
    told.lines()
        .filter_map(|line| line.strip_prefix("Run "))
        .find_map(|rest| rest.split_once(" · "))
        .map(|(run, _)| run.to_owned())
        .context("no line names the run")
}

/// All files below a folder with their content.
fn files_of(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.display().to_string();
            if path.is_dir() {
                files.insert(name, Vec::new());
                folders.push(path);
            } else {
                files.insert(name, std::fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

/// The German pages in the new folder with their inodes: a page that is written again gets another one.
fn translated(site: &Path) -> Result<BTreeMap<String, u64>> {
    let mut pages = BTreeMap::new();
    for entry in std::fs::read_dir(site.join("web/html/deutsch"))? {
        let entry = entry?;
        let german = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(r#"<html lang="de">"#);
        if entry.file_type()?.is_file() && german(&std::fs::read(entry.path())?) {
            let name = entry.file_name().to_string_lossy().into_owned();
            pages.insert(name, entry.metadata()?.ino());
        }
    }
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_by_the_line_that_announces_it() {
        let told = "something\nRun 20261122-115037-sii6 · web/localize-components · Localise\n◷ Waits.\n";
        assert_eq!(run_of(told).unwrap(), "20261122-115037-sii6");
        assert!(run_of("Running late").is_err());
    }
}
