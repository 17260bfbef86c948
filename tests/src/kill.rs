//! Runs that are killed at a chosen point of a call and gone on with, compared with one that nobody disturbed.
//!
//! What must be the same: the files, byte for byte; the journals, without the entries about the interruption; the effects,
//! each made once. Two ledgers count effects: a file that was written again has another inode or another time of change,
//! and the lab counts requests.

use crate::journal::{changes, comparable, difference, entries};
use crate::program::{Done, Program};
use crate::site::Site;
use crate::tree::Tree;
use crate::web::ledger;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Where in a call the process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// Before the intent is written. A read has happened by then: its intent is written together with its outcome.
    BeforeIntent,
    /// Between intent and effect.
    AfterIntent,
    /// Between effect and outcome.
    AfterEffect,
    /// After the outcome.
    AfterOutcome,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::BeforeIntent,
        Self::AfterIntent,
        Self::AfterEffect,
        Self::AfterOutcome,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::BeforeIntent => "before-intent",
            Self::AfterIntent => "after-intent",
            Self::AfterEffect => "after-effect",
            Self::AfterOutcome => "after-outcome",
        }
    }
}

/// A point of a call of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kill {
    /// The run: empty for the one that was started, `/CALL/INDEX` for a child.
    pub run: String,
    /// The number of the call.
    pub call: u64,
    /// Where in it.
    pub point: Point,
    /// Its operation.
    pub operation: String,
}

impl Kill {
    /// What `PROCEDO_FAILPOINT` says.
    pub fn spelled(&self) -> String {
        let Self { run, call, point, .. } = self;
        if run.is_empty() {
            format!("{}:{call}", point.name())
        } else {
            format!("{}:{run}:{call}", point.name())
        }
    }
}

/// Every point of every call of these runs, which are named as in [`Kill`]: two of a read or a step, since their intent and
/// outcome are written together or their mark is all there is; four of what changes something or starts other runs.
pub fn kills_of(journals: &BTreeMap<String, Value>) -> Vec<Kill> {
    let mut kills = BTreeSet::new();
    for (run, shown) in journals {
        for entry in entries(shown) {
            let Some(call) = entry["call"].as_u64() else {
                continue;
            };
            let operation = entry["operation"].as_str().unwrap_or_default();
            let starts_runs = operation.starts_with("run.run-child");
            let points: &[Point] = match entry["kind"].as_str() {
                Some("intent") if entry.get("change").is_some() || starts_runs => &Point::ALL,
                // A step with hooks.
                Some("intent") if operation.starts_with("run.") && entry["effect"] == "write" => {
                    &[Point::AfterIntent]
                }
                Some("intent" | "step") => &[Point::BeforeIntent, Point::AfterOutcome],
                _ => &[],
            };
            kills.extend(points.iter().map(|point| Kill {
                run: run.clone(),
                call,
                point: *point,
                operation: if operation.is_empty() {
                    "a step".to_owned()
                } else {
                    operation.to_owned()
                },
            }));
        }
    }
    kills.into_iter().collect()
}

/// What a run came to.
struct Outcome {
    tree: Tree,
    /// The journals, by the run's identifier without that of the run which was started.
    journals: BTreeMap<String, Value>,
    /// How often the lab was asked for what while it ran.
    asked: BTreeMap<String, u64>,
}

/// All that differed after kills at so many points is told at once; there must be nothing.
#[track_caller]
pub(crate) fn expect_no_faults(points: usize, told: &[String]) {
    println!("killed and gone on with at {points} points");
    assert!(
        told.is_empty(),
        "{} of {points} points:\n\n{}",
        told.len(),
        told.join("\n\n")
    );
}

/// A command that starts a run on a site, to be killed and gone on with at every point.
pub struct Matrix {
    site: Site,
    args: Vec<String>,
    folders: BTreeMap<&'static str, Tree>,
    undisturbed: Outcome,
}

/// The folders of a site that a run changes.
const FOLDERS: [&str; 2] = ["web", ".procedo"];

impl Matrix {
    /// Runs the command undisturbed, twice, so that what differs between any two runs is known to be left out.
    #[track_caller]
    pub fn new(site: Site, args: &[&str]) -> Self {
        // The plugins are compiled before: what they are compiled into is not what is looked at here.
        site.procedo(["procedures"]).ok();
        let args = args.iter().map(|word| (*word).to_owned()).collect();
        let mut matrix = Self {
            folders: FOLDERS
                .map(|folder| (folder, Tree::of(&site.path(folder))))
                .into(),
            site,
            args,
            undisturbed: Outcome {
                tree: Tree(BTreeMap::new()),
                journals: BTreeMap::new(),
                asked: BTreeMap::new(),
            },
        };
        matrix.undisturbed = matrix.undisturbed_once();
        let again = matrix.undisturbed_once();
        let differs = matrix.compare(&again, &[]);
        assert!(
            differs.is_empty(),
            "two undisturbed runs differ: {}",
            differs.join("\n")
        );
        matrix
    }

    fn undisturbed_once(&self) -> Outcome {
        self.reset();
        let before = self.asked();
        let done = self.site.json(&self.args).ok();
        self.outcome(&done.run(), &before)
    }

    fn reset(&self) {
        for (folder, tree) in &self.folders {
            tree.put_to(&self.site.path(folder));
        }
    }

    fn asked(&self) -> BTreeMap<String, u64> {
        ledger(&self.site.origin())
    }

    fn outcome(&self, run: &str, before: &BTreeMap<String, u64>) -> Outcome {
        let mut journals = BTreeMap::new();
        for row in self.site.all_runs() {
            let each = row["run"].as_str().unwrap();
            if let Some(below) = each.strip_prefix(run) {
                journals.insert(below.to_owned(), self.site.show(each));
            }
        }
        let asked = self.asked().into_iter().map(|(what, count)| {
            let earlier = before.get(&what).copied().unwrap_or(0);
            (what, count - earlier)
        });
        Outcome {
            tree: Tree::of(&self.site.path("web")),
            journals,
            asked: asked.filter(|(_, count)| *count > 0).collect(),
        }
    }

    /// The journal of the undisturbed run.
    pub fn journal(&self) -> &Value {
        &self.undisturbed.journals[""]
    }

    /// Every point of every call.
    pub fn kills(&self) -> Vec<Kill> {
        kills_of(&self.undisturbed.journals)
    }

    /// Kills the run at each of these points, one after the other, and goes on with it. All that differs is told at once.
    #[track_caller]
    pub fn survive(&self, kills: &[Kill]) {
        assert!(!kills.is_empty(), "there is nothing to kill");
        let mut told = Vec::new();
        for kill in kills {
            let faults = self.killed_at(kill);
            if !faults.is_empty() {
                told.push(format!(
                    "{} ({}):\n{}",
                    kill.spelled(),
                    kill.operation,
                    faults.join("\n")
                ));
            }
        }
        expect_no_faults(kills.len(), &told);
    }

    /// Kills one run at all points of all its calls: each time it is gone on with, it is killed again at the next point.
    #[track_caller]
    pub fn survive_all_in_one_run(&self) {
        // Children run at the same time as others, so that the next point is not known.
        let kills: Vec<_> = self
            .kills()
            .into_iter()
            .filter(|kill| kill.run.is_empty())
            .collect();
        self.reset();
        let before = self.asked();
        let web = self.site.path("web");
        let mut run = String::new();
        let mut moments = Vec::new();
        for kill in &kills {
            let args = if run.is_empty() {
                self.args.clone()
            } else {
                vec!["resume".to_owned(), run.clone()]
            };
            let mut command = self.site.command(Program::Failpoints, &args);
            let killed = Done::of(command.arg("--json").env("PROCEDO_FAILPOINT", kill.spelled()));
            assert_eq!(
                killed.signal(),
                Some(9),
                "at {} ({}): {killed}",
                kill.spelled(),
                kill.operation
            );
            if run.is_empty() {
                run = killed.run();
            }
            moments.push((Tree::of(&web), stamps(&web)));
        }
        self.site.json(["resume", &run]).ok();
        let outcome = self.outcome(&run, &before);
        let mut faults = self.compare(&outcome, &kills);
        for (kill, (tree, stamps)) in kills.iter().zip(&moments) {
            let again = written_again(&web, tree, stamps, &outcome.tree).into_iter();
            faults.extend(again.map(|fault| format!("after {}: {fault}", kill.spelled())));
        }
        println!("killed {} times in one run", kills.len());
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        self.site.whole();
    }

    fn killed_at(&self, kill: &Kill) -> Vec<String> {
        self.reset();
        let before = self.asked();
        let known = self.site.runs().len();
        let mut command = self.site.command(Program::Failpoints, &self.args);
        let killed = Done::of(command.arg("--json").env("PROCEDO_FAILPOINT", kill.spelled()));
        if killed.signal() != Some(9) {
            return vec![format!("it was not killed: {killed}")];
        }
        let run = killed.run();
        let web = self.site.path("web");
        let (tree, stamps) = (Tree::of(&web), stamps(&web));

        let mut faults = Vec::new();
        // Twice: looking changes nothing.
        for _ in 0..2 {
            let runs = self.site.runs();
            if runs.len() != known + 1 || runs[0]["run"] != run || runs[0]["state"] != "interrupted" {
                faults.push(format!("it is listed as {}", runs[0]));
            }
        }
        let resumed = self.site.json(["resume", &run]);
        if resumed.code() != Some(0) {
            faults.push(format!("it was not gone on with: {resumed}"));
            return faults;
        }
        let outcome = self.outcome(&run, &before);
        faults.extend(self.compare(&outcome, std::slice::from_ref(kill)));
        faults.extend(written_again(&web, &tree, &stamps, &outcome.tree));
        let audit = self.site.procedo(["audit", "verify"]);
        if audit.code() != Some(0) {
            faults.push(format!("the journal is not whole: {audit}"));
        }
        faults
    }

    fn compare(&self, found: &Outcome, kills: &[Kill]) -> Vec<String> {
        let expected = &self.undisturbed;
        let mut faults = expected.tree.differences(&found.tree);
        let runs = |outcome: &Outcome| outcome.journals.keys().cloned().collect::<Vec<_>>();
        if runs(expected) != runs(found) {
            faults.push(format!(
                "the runs are {:?} and not {:?}",
                runs(found),
                runs(expected)
            ));
        }
        for (run, journal) in &expected.journals {
            let Some(other) = found.journals.get(run) else {
                continue;
            };
            if changes(journal) != changes(other) {
                faults.push(format!(
                    "run {run:?} changed {:?}, not {:?}",
                    changes(other),
                    changes(journal)
                ));
            }
            let differs = difference(&comparable(journal), &comparable(other));
            faults.extend(differs.map(|differs| format!("journal of run {run:?}, {differs}")));
        }
        // A read whose answer came and was not recorded is made again, and only such a read: there is no other way to know
        // what it said.
        let again = kills
            .iter()
            .any(|kill| kill.point == Point::BeforeIntent && kill.operation == "http.send");
        for what in expected
            .asked
            .keys()
            .chain(found.asked.keys())
            .collect::<BTreeSet<_>>()
        {
            let count = |outcome: &Outcome| outcome.asked.get(what).copied().unwrap_or(0);
            let (once, now) = (count(expected), count(found));
            let allowed = once == now || again && what.starts_with("GET ") && now == once + 1;
            if !allowed {
                faults.push(format!("{what} was asked for {now} times, not {once}"));
            }
        }
        faults
    }
}

/// The inode and the time of change of every file.
fn stamps(folder: &Path) -> BTreeMap<String, (u64, i64, i64)> {
    let tree = Tree::of(folder);
    let files = tree.files_below("").into_iter();
    let stamp = |path: &str| {
        let about = folder.join(path).metadata().unwrap();
        (about.ino(), about.mtime(), about.mtime_nsec())
    };
    files.map(|path| (path.to_owned(), stamp(path))).collect()
}

/// The files that were as they should be when the process was killed, and were written again nevertheless.
fn written_again(
    folder: &Path,
    killed: &Tree,
    stamps_then: &BTreeMap<String, (u64, i64, i64)>,
    end: &Tree,
) -> Vec<String> {
    let now = stamps(folder);
    let touched = stamps_then.iter().filter(|(path, stamp)| {
        killed.0.get(*path) == end.0.get(*path) && now.get(*path).is_some_and(|now| now != *stamp)
    });
    touched
        .map(|(path, _)| format!("{path} was written twice"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_written_twice_with_the_same_content_is_noticed() {
        let folder = crate::site::temporary();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "same").unwrap();
        let (tree, then) = (Tree::of(folder.path()), stamps(folder.path()));
        assert_eq!(
            written_again(folder.path(), &tree, &then, &tree),
            Vec::<String>::new()
        );
        std::fs::write(folder.path().join("new"), "same").unwrap();
        std::fs::rename(folder.path().join("new"), &path).unwrap();
        assert_eq!(
            written_again(folder.path(), &tree, &then, &tree),
            ["a.txt was written twice"]
        );
    }
}
