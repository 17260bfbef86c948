//! Where the demonstration plays: a folder that goes away, commands that are shown as one would type them, and what they said.

use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::project::Project;

/// The name of the site's folder.
pub const SITE: &str = "lab";

/// No command of the demonstration takes longer, on a machine under load.
const LIMIT: Duration = Duration::from_secs(60);
/// So many lines of the first diff are shown; of the others it is said how long they are.
const DIFF_LINES: usize = 24;
/// Texts are broken at this column.
const WIDTH: usize = 100;

/// Whether somebody pressed Ctrl-C, or wants the process to end, or reads no more of it.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How much of what a command says is shown.
pub enum Show {
    /// Everything.
    All,
    /// The command, and nothing of it.
    Nothing,
    /// Not even the command.
    Unseen,
    /// A plan: of the diffs only the beginning of the first.
    Plan,
    /// The last line.
    Last,
}

/// The folder with the simulated site. When this is dropped, the site is stopped and the folder removed.
pub struct Stage<'a> {
    pub project: &'a Project,
    folder: TempDir,
    programs: PathBuf,
    /// Where commands are started: above the site until it is there.
    within: PathBuf,
    colours: bool,
    act: usize,
}

/// Also where the demonstration breaks off.
impl Drop for Stage<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.clear() {
            eprintln!("xtask: {error:#}");
        }
    }
}

impl<'a> Stage<'a> {
    /// Makes the folder.
    pub fn set(project: &'a Project) -> Result<Self> {
        ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Release))
            .context("no handler for Ctrl-C can be set")?;
        let folder = tempfile::Builder::new().prefix("procedo-demo-").tempdir()?;
        let share = folder.path().join("share");
        std::fs::create_dir(&share)?;
        // What comes with Procedo, wherever cargo's target directory is.
        std::os::unix::fs::symlink(project.root.join("scripts"), share.join("scripts"))?;
        std::os::unix::fs::symlink(project.target().join("plugins"), share.join("plugins"))?;
        Ok(Self {
            project,
            programs: project.target().join("debug"),
            within: folder.path().to_owned(),
            folder,
            colours: std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty()),
            act: 0,
        })
    }

    /// Stops the simulated site and removes the folder. Twice is as good as once.
    pub fn clear(&self) -> Result<()> {
        let folder = self.folder.path();
        let stopped = if self.site().exists() {
            self.execute(self.program("procedo", &["lab", "down"]), false)
        } else {
            Ok(Default::default())
        };
        if folder.exists() {
            std::fs::remove_dir_all(folder)
                .with_context(|| format!("{} cannot be removed", folder.display()))?;
        }
        let (status, told) = stopped?;
        ensure!(
            status.success(),
            "the simulated site could not be stopped: {told}"
        );
        Ok(())
    }

    /// The site's folder.
    pub fn site(&self) -> PathBuf {
        self.folder.path().join(SITE)
    }

    /// Starts all further commands in the site's folder.
    pub fn enter_site(&mut self) {
        self.within = self.site();
        self.typed(&format!("cd {SITE}"));
    }

    /// Begins a new part of the story.
    pub fn act(&mut self, title: &str, text: &str) {
        self.act += 1;
        line("");
        line(&self.paint("1", &format!("{}. {title}", self.act)));
        self.say(text);
    }

    /// Tells something.
    pub fn say(&self, text: &str) {
        wrapped(text, WIDTH).iter().for_each(|text| line(text));
    }

    /// Shows a command.
    pub fn typed(&self, command: &str) {
        line(&self.paint("1;36", &format!("$ {command}")));
    }

    /// Shows what a command said.
    pub fn show(&self, text: &str) {
        for said in text.lines() {
            let code = match said.strip_prefix("    ").and_then(|diff| diff.chars().next()) {
                Some('+') => "32",
                Some('-') => "31",
                _ => "",
            };
            line(&format!("  {}", self.paint(code, said)));
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colours && !code.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// Adds lines to a file of the site, and shows them.
    pub fn append(&self, name: &str, lines: &str) -> Result<()> {
        let mut file = OpenOptions::new().append(true).open(self.site().join(name))?;
        file.write_all(lines.as_bytes())?;
        self.show(lines.trim());
        Ok(())
    }

    /// Runs `procedo` in the name of the account; it has to end with this exit code. Returns what it said.
    pub fn procedo(&self, arguments: &[&str], show: &Show, code: i32) -> Result<String> {
        self.perform("", self.program("procedo", arguments), show, code)
    }

    /// Runs `procedo` in the name of somebody who shows a token.
    pub fn procedo_as(
        &self,
        name: &str,
        token: &str,
        arguments: &[&str],
        show: &Show,
        code: i32,
    ) -> Result<String> {
        let mut command = self.program("procedo", arguments);
        command.env("PROCEDO_TOKEN", token);
        // What stands there is a secret of its owner.
        self.perform("PROCEDO_TOKEN=… ", command, show, code)
            .with_context(|| format!("as {name}"))
    }

    /// Runs the `procedo` of the crash tests, which has to kill itself at a point of a call.
    pub fn killed(&self, point: &str, call: u64, arguments: &[&str]) -> Result<()> {
        let setting = format!("{point}:{call}");
        let mut command = self.program("procedo-failpoints", arguments);
        command.env("PROCEDO_FAILPOINT", &setting);
        self.typed(&format!(
            "PROCEDO_FAILPOINT={setting} procedo-failpoints {}",
            arguments.join(" ")
        ));
        let (status, told) = self.execute(command, true)?;
        self.show(&told);
        match status.signal() {
            Some(9) => {
                self.show("Killed");
                Ok(())
            }
            _ => bail!("the run was not killed in call {call}: it ended with {status}"),
        }
    }

    fn perform(&self, before: &str, command: Command, show: &Show, code: i32) -> Result<String> {
        let arguments: Vec<_> = command.get_args().map(|it| it.to_string_lossy()).collect();
        let line = format!("{before}procedo {}", arguments.join(" "));
        if !matches!(show, Show::Unseen) {
            self.typed(&line);
        }
        let (status, told) = self.execute(command, true)?;
        if status.code() != Some(code) {
            self.show(&told);
            bail!("`{line}` ended with {status} instead of exit code {code}");
        }
        self.show(&shortened(&told, show));
        Ok(told)
    }

    /// A program in the site's folder, with nothing of the environment that would change what it does.
    fn program(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = self.project.program(self.programs.join(name));
        command.args(arguments).current_dir(&self.within);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("PROCEDO_") || name.starts_with("LC_") || name == "LANG" {
                command.env_remove(name);
            }
        }
        command.env("PROCEDO_SHARE", self.folder.path().join("share"));
        command
    }

    /// Runs a program to its end and returns what it said on both streams.
    ///
    /// It is in a process group of its own: Ctrl-C does not hit it, and since no command here takes long it is let finish, so
    /// that nothing is left half started when everything is stopped.
    fn execute(&self, mut command: Command, interruptible: bool) -> Result<(ExitStatus, String)> {
        if interruptible && INTERRUPTED.load(Ordering::Acquire) {
            bail!("interrupted");
        }
        let said = self.folder.path().join("said");
        let (out, err) = {
            let file = File::create(&said)?;
            (file.try_clone()?, file)
        };
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .with_context(|| format!("{} cannot be started", command.get_program().to_string_lossy()))?;
        let began = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if began.elapsed() > LIMIT {
                child.kill()?;
                child.wait()?;
                bail!("a command was not done after {} s", LIMIT.as_secs());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let told = std::fs::read(&said)?;
        if interruptible && INTERRUPTED.load(Ordering::Acquire) {
            bail!("interrupted");
        }
        Ok((status, String::from_utf8_lossy(&told).into_owned()))
    }
}

/// Writes a line. Where nobody reads any more, the demonstration ends.
fn line(text: &str) {
    if writeln!(std::io::stdout(), "{text}").is_err() {
        INTERRUPTED.store(true, Ordering::Release);
    }
}

/// What is shown of what a command said.
fn shortened(told: &str, show: &Show) -> String {
    match show {
        Show::All => told.to_owned(),
        Show::Nothing | Show::Unseen => String::new(),
        Show::Last => told.lines().last().unwrap_or_default().to_owned(),
        Show::Plan => without_most_diffs(told),
    }
}

/// Keeps the beginning of the first diff. Diffs are indented by four blanks, everything else by less.
fn without_most_diffs(plan: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut diffs = 0;
    let mut rest = plan.lines().peekable();
    while let Some(line) = rest.next() {
        lines.push(line.to_owned());
        let mut diff = Vec::new();
        while let Some(line) = rest.next_if(|line| line.starts_with("    ")) {
            diff.push(line.to_owned());
        }
        if diff.is_empty() {
            continue;
        }
        diffs += 1;
        let (kept, what) = if diffs == 1 {
            (DIFF_LINES, "lines more")
        } else {
            (0, "lines of difference")
        };
        let omitted = diff.len().saturating_sub(kept);
        lines.extend(diff.into_iter().take(kept));
        if omitted > 0 {
            lines.push(format!("    … {omitted} {what}"));
        }
    }
    lines.join("\n")
}

/// Breaks a text between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_plan_the_changes_and_the_beginning_of_the_first_diff_stay() {
        let diff = |count: usize| (0..count).map(|n| format!("    +{n}\n")).collect::<String>();
        let plan = format!(
            "▸ Translate\n  ~ first\n{}  ~ second\n{}2 changes\n",
            diff(30),
            diff(3)
        );
        let short = without_most_diffs(&plan);
        let lines: Vec<_> = short.lines().collect();
        assert_eq!(lines[..3], ["▸ Translate", "  ~ first", "    +0"]);
        assert_eq!(
            lines[2 + DIFF_LINES..],
            [
                "    … 6 lines more",
                "  ~ second",
                "    … 3 lines of difference",
                "2 changes"
            ]
        );
    }

    #[test]
    fn texts_are_broken_between_words() {
        assert_eq!(wrapped("eins zwei drei äöü", 9), ["eins zwei", "drei äöü"]);
        assert_eq!(wrapped("unbreakable a", 4), ["unbreakable", "a"]);
    }
}
