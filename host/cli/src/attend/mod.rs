//! A run from its start to its end, with all that it waits for on the way: whoever sits at the terminal is asked at once,
//! a lock is waited for; else it is told what is missing and how to go on.

mod settle;

use crate::args::Attended;
use crate::exit::Exit;
use crate::interrupt;
use crate::output::live::{Live, Story};
use crate::output::{Output, Style, ask, entry, err, escape, moment, msg, plan, value};
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::capability::Stop;
use procedo_core::journal::{Body, Entry, Question, StepMark, Wait};
use procedo_core::message::Texts;
use procedo_core::run::{Actor, RunId, State};
use procedo_core::site::Role;
use procedo_core::value::Value;
use procedo_engine::plan::Plan;
use procedo_engine::watch::Watch;
use procedo_engine::{Engine, Progress, Taken};
use procedo_store::{Hold, Serving, Store};
use serde_json::json;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Somebody at the command line who sees a run through.
pub struct Attendance<'a> {
    opened: &'a Opened,
    engine: &'a Engine,
    output: &'a Output,
    options: Attended,
    live: Arc<Live>,
    stop: Arc<Stop>,
    began: Instant,
    /// Keeps a serving process from taking up the run while it waits: whoever sits here goes on with it.
    attended: Mutex<Option<Hold>>,
    _unechoed: Option<ask::Unechoed>,
}

/// What to do about a wait.
enum Next {
    Resume,
    Leave,
}

impl<'a> Attendance<'a> {
    pub fn new(opened: &'a Opened, output: &'a Output, options: &Attended) -> Result<Self> {
        let engine = opened.engine()?;
        let (store, library) = (Arc::clone(opened.store()?), Arc::clone(opened.library()?));
        let story = move |run: &RunId| {
            let entries = store.entries(run, 0).ok()?;
            let Body::Started(started) = &entries.first()?.body else {
                return None;
            };
            let guest = library.find(&started.procedure).ok()??;
            Some(Story {
                params: started.params.clone(),
                texts: guest.manifest().catalogues().ok()?,
            })
        };
        Ok(Self {
            opened,
            engine,
            output,
            options: options.clone(),
            live: Arc::new(Live::new(output.clone(), Box::new(story))),
            stop: interrupt::stop(),
            began: Instant::now(),
            attended: Mutex::default(),
            _unechoed: output.can_ask().then(ask::Unechoed::interrupts),
        })
    }

    /// What the engine needs to know of whoever attends.
    pub fn taken(&self) -> Taken {
        Taken {
            watch: Arc::clone(&self.live) as Arc<dyn Watch>,
            stop: Arc::clone(&self.stop),
            approver: self.approver(),
        }
    }

    /// The person whose `--yes` counts: one who showed a token, or anybody where the site lists nobody.
    fn approver(&self) -> Option<Actor> {
        let person = &self.opened.person;
        let counts = person.by_token || self.opened.site().user.is_empty();
        (self.options.yes && counts && person.role >= Role::Approver).then(|| person.actor())
    }

    /// Says that somebody sees this run through. Where it cannot be said, a serving process may be faster, and is told.
    fn attend(&self, run: &RunId) {
        let hold = self.opened.store().and_then(|store| store.attend(run));
        *self.attended.lock().unwrap_or_else(PoisonError::into_inner) = hold.ok().flatten();
    }

    /// Tells the identifier of a run that began.
    pub fn announce(&self, run: &RunId, procedure: &str, title: &str) {
        self.attend(run);
        if self.output.json {
            self.output
                .document(&json!({"event": "started", "run": run, "procedure": procedure}));
        } else {
            self.headline("run-started", run, procedure, Some(title));
        }
    }

    /// Tells that a run is gone on with, and knows the steps it is in.
    pub fn announce_again(&self, run: &RunId) -> Result<()> {
        let store = self.opened.store()?;
        let missing = || err!(NotFound, "P0202", run = run);
        let row = store.row(run)?.ok_or_else(missing)?;
        if row.state.is_final() {
            // The engine says why it cannot be gone on with.
            return Ok(());
        }
        self.attend(run);
        let procedure = row.procedure;
        if self.output.json {
            self.output
                .document(&json!({"event": "resumed", "run": run, "procedure": procedure}));
            return Ok(());
        }
        self.headline("run-resumed", run, &procedure, None);
        let mut open = Vec::new();
        for entry in store.entries(run, 0)? {
            match entry.body {
                Body::Step {
                    mark: StepMark::Begin | StepMark::Verify,
                    name,
                    ..
                } => open.push(name),
                Body::Step {
                    mark: StepMark::End | StepMark::Closed,
                    ..
                } => {
                    open.pop();
                }
                _ => {}
            }
        }
        self.live.take_up(run, &open);
        Ok(())
    }

    /// The line with a run's identifier, its procedure and its title.
    fn headline(&self, id: &str, run: &RunId, procedure: &str, title: Option<&str>) {
        let own = self.own(run);
        let own = own.and_then(|own| own.find(self.output.language, &msg!("title")));
        let title = title.map(str::to_owned).or(own).unwrap_or_default();
        // Painted after it was made safe.
        let strong = self.output.paint(Style::Strong, run.as_str());
        let told = self
            .output
            .tell(&msg!(id, run = run))
            .replace(run.as_str(), &strong);
        self.output
            .line(format!("{told} · {procedure} · {}", escape::one_line(&title)));
    }

    /// Sees a run through that was started or taken up, and tells how it ended. `run` is absent if it never began.
    pub fn see_through(&self, run: Option<&RunId>, progress: Result<Progress>) -> Result<Exit> {
        let seen = match (progress, run) {
            (Ok(progress), Some(run)) => self.to_the_end(run, progress),
            // A run that made progress has begun.
            (Ok(_), None) => Err(err!(Failed, "P0070")),
            (Err(error), _) => Err(error),
        };
        if let (Err(_), Some(run)) = (&seen, run) {
            self.live.rest(None);
            let row = self.opened.store()?.row(run)?;
            if row.is_some_and(|row| row.state == State::Interrupted) {
                self.output.remark(&msg!("run-interrupted", run = run));
            }
        }
        seen
    }

    fn to_the_end(&self, run: &RunId, mut progress: Progress) -> Result<Exit> {
        let mut asked = HashSet::new();
        loop {
            let failed = match &progress {
                Progress::Failed(error) => Some(error.code.as_str()),
                _ => None,
            };
            self.live.rest(failed);
            let Progress::Waiting(wait) = progress else {
                return self.ended(run, progress);
            };
            let (waiting, _, wait) = match self.engine.waiting(run)? {
                Some(found) => found,
                None => (run.clone(), None, wait),
            };
            match self.settle(run, &waiting, &wait, &mut asked)? {
                Next::Leave => return Ok(self.left(run, &waiting, &wait)),
                Next::Resume => {
                    let by = self.opened.person.actor();
                    progress = self.engine.resume(run, &by, &self.taken())?;
                }
            }
        }
    }

    fn own(&self, run: &RunId) -> Option<Texts> {
        let row = self.opened.store().ok()?.row(run).ok()??;
        self.opened.texts_of(&row.procedure)
    }

    fn ended(&self, run: &RunId, progress: Progress) -> Result<Exit> {
        let output = self.output;
        let took = moment::duration(self.began.elapsed());
        let (state, member, exit) = match &progress {
            Progress::Succeeded(result) => (State::Succeeded, json!({"result": result}), Exit::Done),
            Progress::Failed(error) => {
                let mut told = output.error_value(error);
                told["message"] = Value::from(output.tell_of(self.own(run).as_ref(), &error.message));
                (State::Failed, json!({"error": told}), Exit::of_failure(error))
            }
            Progress::Cancelled(reason) => (State::Cancelled, json!({"reason": reason}), Exit::Failed),
            Progress::Interrupted | Progress::Waiting(_) => (State::Interrupted, json!({}), Exit::Waiting),
        };
        if output.json {
            let mut document = json!({"run": run, "state": state});
            if let (Some(document), Value::Object(member)) = (document.as_object_mut(), member) {
                document.extend(member);
            }
            output.document(&document);
            return Ok(exit);
        }
        match &progress {
            Progress::Succeeded(result) => {
                self.result(result);
                let done = output.tell(&msg!("run-done", took = took));
                output.line(output.paint(Style::Good, format!("✓ {done}")));
            }
            Progress::Failed(error) => {
                let own = self.own(run);
                let told = output.tell_of(own.as_ref(), &error.message);
                output.beside(output.paint(Style::Bad, format!("{}: {told}", escape::one_line(&error.code))));
                output.remark(&msg!("run-failed", run = run));
                if self.has_effects(run) {
                    output.remark(&msg!("run-failed-undo", run = run));
                }
            }
            Progress::Cancelled(reason) => output.say(&msg!("entry-cancelled", reason = reason)),
            Progress::Interrupted | Progress::Waiting(_) => output.say(&msg!("run-interrupted", run = run)),
        }
        Ok(exit)
    }

    /// Whether a run, apart from its children, altered something.
    fn has_effects(&self, run: &RunId) -> bool {
        let entries = self.opened.store().and_then(|store| store.entries(run, 0));
        let alters = |entry: &Entry| matches!(&entry.body, Body::Intent(intent) if intent.change.is_some());
        entries.is_ok_and(|entries| entries.iter().any(alters))
    }

    /// Writes a run's result: that of an undo in words, others as they are.
    fn result(&self, result: &Value) {
        let output = self.output;
        if let (Some(undone), Some(reversed)) = (result.get("undone"), result.get("reversed")) {
            output.say(&msg!(
                "undo-reversed",
                count = reversed,
                run = undone.as_str().unwrap_or_default()
            ));
            plan::left_as_it_is(output, result);
            return;
        }
        let nothing = match result {
            Value::Null => true,
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        if !nothing {
            value::write(output, result, "  ");
        }
    }

    /// Tells what a run that is left alone waits for, and the command that goes on.
    fn left(&self, run: &RunId, waiting: &RunId, wait: &Wait) -> Exit {
        let output = self.output;
        let own = self.own(waiting);
        let told = entry::waits_for(output, own.as_ref(), wait);
        let hint = hint(output, run, wait);
        if output.json {
            output.document(&json!({
                "run": run, "state": wait.state(), "waiting": wait, "message": told, "hint": hint,
            }));
        } else {
            output.line(output.paint(Style::Warning, format!("◷ {told}")));
            if let Some(hint) = hint {
                output.line(format!("  {hint}"));
            }
        }
        Exit::of_wait(wait)
    }
}

/// Writes what an approval is about: a plan, or one change that was not in the approved plan.
pub fn write_proposal(output: &Output, own: Option<&Texts>, shown: &Value, diffs: bool) {
    match serde_json::from_value::<Plan>(shown.clone()) {
        Ok(shown) => plan::write(output, own, &shown, diffs),
        Err(_) => {
            output.say(&msg!("approve-single-change"));
            if let Some(change) = shown
                .get("change")
                .and_then(|change| serde_json::from_value(change.clone()).ok())
            {
                let change: procedo_core::change::Change = change;
                output.line(format!("  {}", output.tell_of(own, &change.summary)));
                if diffs {
                    plan::diff(output, &change, "    ");
                }
            }
        }
    }
}

/// The command that goes on with a run that waits.
pub fn hint(output: &Output, run: &RunId, wait: &Wait) -> Option<String> {
    let command = match wait {
        Wait::Approval { .. } => format!("procedo approve {run}"),
        Wait::Answer { question, .. } => match question {
            Question::Confirm { .. } => format!("procedo answer {run} {}", output.word("hint-yes-no")),
            Question::Choose { choices, .. } => {
                let ids: Vec<_> = choices.iter().map(|(id, _)| id.as_str()).collect();
                format!("procedo answer {run} {}", ids.join("|"))
            }
            Question::Ask { fields, .. } => {
                let fields: Vec<_> = fields.iter().map(|field| format!("{}=…", field.name)).collect();
                format!("procedo answer {run} {}", fields.join(" "))
            }
        },
        Wait::Verdict { .. } => {
            format!("procedo resume {run} | procedo answer {run} --applied REPLY | --not-applied")
        }
        Wait::Moment { .. }
        | Wait::Window { .. }
        | Wait::Lock { .. }
        | Wait::Child { .. }
        | Wait::Diverged { .. } => {
            format!("procedo resume {run}")
        }
    };
    Some(escape::one_line(&output.tell(&msg!("hint-go-on", command = command))).into_owned())
}
