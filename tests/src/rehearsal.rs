//! Runs that change a server, killed at chosen points and gone on with, compared with one that nobody disturbed.
//!
//! What must be the same: what has happened on the server, each thing once; what it tells of itself, such as which services
//! run and what its database holds; the changes in the journal, in their order.

use crate::journal::changes;
use crate::kill::{Kill, Point, expect_no_faults, kills_of};
use crate::program::{Done, Program};
use crate::servers::Server;
use crate::site::Site;
use crate::tree::Tree;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where a run is rehearsed: a site with a server, which can be put back to what it was before.
pub trait Stage {
    /// The site.
    fn site(&self) -> &Site;
    /// The folders that a run changes.
    fn folders(&self) -> Vec<PathBuf>;
    /// Starts the server.
    fn start(&self);
    /// Stops it.
    fn stop(&self);
    /// What has happened on it, a line each, oldest first.
    fn events(&self) -> Vec<String>;
    /// Replaces what has happened on it.
    fn forget(&self, kept: &[String]);
    /// What else it tells of itself.
    fn world(&self) -> Value;
}

/// A run on a server, ready to be killed.
pub struct Rehearsal<S: Stage = Server> {
    server: S,
    args: Vec<String>,
    /// The token of the second person who approves each run before it goes on, where one has to.
    approver: Option<String>,
    folders: Vec<(PathBuf, Tree)>,
    undisturbed: Value,
    journal: Value,
}

impl<S: Stage> Rehearsal<S> {
    /// Runs the command undisturbed. The server is up, and everything is as the run shall find it.
    #[track_caller]
    pub fn new(server: S, args: &[&str], approver: Option<String>) -> Self {
        server.site().procedo(["procedures"]).ok();
        let events = server.events();
        server.stop();
        // What the stopping left in the record of the server is no part of it.
        server.forget(&events);
        let folders = server.folders().into_iter();
        let mut rehearsal = Self {
            folders: folders
                .map(|folder| (folder.clone(), Tree::of(&folder)))
                .collect(),
            server,
            args: args.iter().map(|word| (*word).to_owned()).collect(),
            approver,
            undisturbed: Value::Null,
            journal: Value::Null,
        };
        let run = rehearsal.begin();
        let done = rehearsal.server.site().json(&run).ok();
        let run = rehearsal.run_of(&run, &done);
        rehearsal.journal = rehearsal.server.site().show(&run);
        rehearsal.undisturbed = rehearsal.world(&run);
        rehearsal
    }

    /// The server.
    pub fn server(&self) -> &S {
        &self.server
    }

    /// Puts everything back, and tells the command that makes the changes: the one given, or going on with a run that was
    /// started and approved.
    fn begin(&self) -> Vec<String> {
        self.server.stop();
        for (folder, tree) in &self.folders {
            tree.put_to(folder);
        }
        self.server.start();
        let Some(token) = &self.approver else {
            return self.args.clone();
        };
        let run = self.server.site().json(&self.args).ended(4).run();
        approve(self.server.site(), &run, token);
        vec!["resume".to_owned(), run]
    }

    fn run_of(&self, command: &[String], done: &Done) -> String {
        match command {
            [resume, run, ..] if resume == "resume" => run.clone(),
            _ => done.run(),
        }
    }

    /// What the run came to.
    fn world(&self, run: &str) -> Value {
        let shown = self.server.site().show(run);
        let mut world = self.server.world();
        world["state"] = shown["state"].clone();
        world["changes"] = changes(&shown).into();
        world["events"] = once(self.server.events()).into();
        world
    }

    /// Every point of every call.
    pub fn kills(&self) -> Vec<Kill> {
        kills_of(&BTreeMap::from([(String::new(), self.journal.clone())]))
    }

    /// The points of changes between which effects are made or recorded.
    pub fn kills_around_effects(&self) -> Vec<Kill> {
        let is_change = |kill: &Kill| matches!(kill.point, Point::AfterIntent | Point::AfterEffect);
        self.kills().into_iter().filter(is_change).collect()
    }

    /// Kills the run at each of these points, one after the other, and goes on with it.
    #[track_caller]
    pub fn survive(&self, kills: &[Kill]) {
        assert!(!kills.is_empty(), "there is nothing to kill");
        let mut told = Vec::new();
        for kill in kills {
            let command = self.begin();
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let killed = self.server.site().killed_at(&words, &kill.spelled());
            let at = format!("{} ({})", kill.spelled(), kill.operation);
            assert_eq!(killed.signal(), Some(9), "at {at}: {killed}");
            let run = self.run_of(&command, &killed);
            told.extend(self.go_on(&run).map(|fault| format!("{at}: {fault}")));
        }
        expect_no_faults(kills.len(), &told);
    }

    /// Kills one run at all points of all its calls: each time it is gone on with, it is killed again at the next point.
    #[track_caller]
    pub fn survive_all_in_one_run(&self) {
        let mut command = self.begin();
        let mut run = String::new();
        let kills = self.kills();
        for kill in &kills {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let killed = self.server.site().killed_at(&words, &kill.spelled());
            assert_eq!(
                killed.signal(),
                Some(9),
                "at {} ({}): {killed}",
                kill.spelled(),
                kill.operation
            );
            if run.is_empty() {
                run = self.run_of(&command, &killed);
                command = ["resume", &run].map(str::to_owned).into();
            }
        }
        println!("killed {} times in one run", kills.len());
        let fault = self.go_on(&run);
        assert!(fault.is_none(), "{}", fault.unwrap_or_default());
    }

    /// Goes on with a killed run; tells what is not as it should be in the end.
    fn go_on(&self, run: &str) -> Option<String> {
        let resumed = self.server.site().json(["resume", run]);
        if resumed.code() != Some(0) {
            return Some(format!("it was not gone on with: {resumed}"));
        }
        let audit = self.server.site().procedo(["audit", "verify"]);
        if audit.code() != Some(0) {
            return Some(format!("the journal is not whole: {audit}"));
        }
        let found = self.world(run);
        let members = self.undisturbed.as_object()?;
        let differ = members.iter().filter(|(name, value)| found[*name] != **value);
        let told: Vec<String> = differ
            .map(|(name, value)| format!("{name}: {}\n  and not {value}", found[name]))
            .collect();
        (!told.is_empty()).then(|| told.join("\n"))
    }
}

/// A password is set again where it is not known whether it was: the same twice in a row counts as once.
fn once(mut events: Vec<String>) -> Vec<String> {
    events.dedup_by(|one, other| one == other && one.starts_with("set "));
    events
}

/// Approves a run as a second person.
pub fn approve(site: &Site, run: &str, token: &str) {
    let mut command = site.command(Program::Procedo, ["approve", run, "--yes"]);
    Done::of(command.env("PROCEDO_TOKEN", token)).ok();
}
