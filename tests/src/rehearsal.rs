//! Runs that change a simulated server, killed at chosen points and gone on with, compared with one that nobody disturbed.
//!
//! What must be the same: what has happened on the server, each thing once; which services run; what the database holds; the
//! backups; the changes in the journal, in their order.

use crate::journal::changes;
use crate::kill::{Kill, Point, expect_no_faults, kills_of};
use crate::program::Done;
use crate::servers::Server;
use crate::tree::Tree;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The folders of a site that a run on a server changes.
const FOLDERS: [&str; 2] = ["machines", ".procedo"];

/// A run on a server, ready to be killed.
pub struct Rehearsal {
    server: Server,
    args: Vec<String>,
    /// The token of the second person who approves each run before it goes on, where one has to.
    approver: Option<String>,
    folders: BTreeMap<&'static str, Tree>,
    undisturbed: Value,
    journal: Value,
}

impl Rehearsal {
    /// Runs the command undisturbed. The server is up, and everything is as the run shall find it.
    #[track_caller]
    pub fn new(server: Server, args: &[&str], approver: Option<String>) -> Self {
        server.site.procedo(["procedures"]).ok();
        let running = server.running();
        server.stop();
        // What the stopping left in the record of the server is no part of it.
        let events = server.events();
        let kept = events.len() - running.len();
        server
            .site
            .write("machines/main/events", events[..kept].join("\n") + "\n");
        let mut rehearsal = Self {
            folders: FOLDERS
                .map(|folder| (folder, Tree::of(&server.site.path(folder))))
                .into(),
            server,
            args: args.iter().map(|word| (*word).to_owned()).collect(),
            approver,
            undisturbed: Value::Null,
            journal: Value::Null,
        };
        let run = rehearsal.begin();
        let done = rehearsal.server.site.json(&run).ok();
        let run = rehearsal.run_of(&run, &done);
        rehearsal.journal = rehearsal.server.site.show(&run);
        rehearsal.undisturbed = rehearsal.world(&run);
        rehearsal
    }

    /// The server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Puts everything back, and tells the command that makes the changes: the one given, or going on with a run that was
    /// started and approved.
    fn begin(&self) -> Vec<String> {
        self.server.stop();
        for (folder, tree) in &self.folders {
            tree.put_to(&self.server.site.path(folder));
        }
        self.server.start();
        let Some(token) = &self.approver else {
            return self.args.clone();
        };
        let run = self.server.site.json(&self.args).ended(4).run();
        approve(&self.server, &run, token);
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
        let server = &self.server;
        let shown = server.site.show(run);
        json!({
            "state": shown["state"],
            "changes": changes(&shown),
            "events": once(server.events()),
            "running": server.running(),
            "on": server.is_on(),
            "content": server.content(),
            "backups": server.backups(),
            "results": server.results(),
        })
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
            let killed = self.server.killed_at(&words, &kill.spelled());
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
            let killed = self.server.killed_at(&words, &kill.spelled());
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
        let resumed = self.server.site.json(["resume", run]);
        if resumed.code() != Some(0) {
            return Some(format!("it was not gone on with: {resumed}"));
        }
        let audit = self.server.site.procedo(["audit", "verify"]);
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
pub fn approve(server: &Server, run: &str, token: &str) {
    let mut command = server
        .site
        .command(crate::program::Program::Procedo, ["approve", run, "--yes"]);
    Done::of(command.env("PROCEDO_TOKEN", token)).ok();
}
