//! Restoring: everything is checked and the present state backed up; then the server is taken off-line and restored; and
//! where that fails half-way, the state before is put back the same way.
//!
//! How far a call has come stands in its notes, one [`Step`] each. Every step can be taken again.

use crate::driver::{BackupPlan, Mode, RestorePlan, Restored};
use crate::informix::backup::Making;
use crate::informix::bar;
use crate::informix::broken::{Broken, leaves, short};
use crate::informix::catalogue::{Catalogue, Entry};
use crate::informix::dialogue::{Header, of_restore};
use crate::informix::reader::Reader;
use crate::informix::server::Server;
use crate::informix::session::{Begin, GRACE};
use crate::informix::settings::Method;
use crate::informix::steps::{Progress, Step};
use crate::outage::Outage;
use procedo_core::capability::Context;
use procedo_core::change::Probe;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Input, Job, JobState};
use serde::Serialize;
use serde_json::json;
use std::cell::RefCell;

/// The job of the backup of the present state.
const FORMER: &str = "former";
/// The job of the restore.
const RESTORE: &str = "restore";
/// The job that puts the state before back.
const PUT_BACK: &str = "put-back";

/// One restore.
pub(crate) struct Restoring<'a> {
    pub(crate) server: &'a Server,
    plan: &'a RestorePlan,
    /// The key of the call.
    key: &'a str,
    /// What was noted, by earlier attempts and by this one.
    notes: RefCell<Vec<Value>>,
}

impl<'a> Restoring<'a> {
    pub(crate) fn new(server: &'a Server, plan: &'a RestorePlan, key: &'a str, notes: &[Value]) -> Self {
        Self {
            server,
            plan,
            key,
            notes: RefCell::new(notes.to_vec()),
        }
    }
}

impl Restoring<'_> {
    pub(crate) fn note(&self, context: &mut Context<'_>, note: &impl Serialize) -> Result<()> {
        let note = json!(note);
        (context.note)(note.clone())?;
        self.notes.borrow_mut().push(note);
        Ok(())
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress::read(&self.notes.borrow())
    }

    fn catalogue(&self) -> Catalogue<'_> {
        Catalogue { server: self.server }
    }

    fn job_key(&self, job: &str) -> String {
        format!("{}/{job}", self.key)
    }

    /// The backups to read, which have to be those of the plan.
    fn chain(&self) -> Result<Vec<Entry>> {
        let found = self.catalogue().look()?;
        let last = self.plan.chain.last().map_or("", |(id, _)| id.as_str());
        let chain = found.chain(&self.server.name, last)?;
        let present = chain
            .iter()
            .map(|entry| (entry.id.as_str(), entry.digest.as_str()));
        let planned = self
            .plan
            .chain
            .iter()
            .map(|(id, digest)| (id.as_str(), digest.as_str()));
        if present.eq(planned) {
            return Ok(chain);
        }
        Err(self
            .server
            .error(Kind::Conflict, "P1225")
            .with("backup", last)
            .with("base", self.plan.chain.first().map_or("–", |(id, _)| id.as_str())))
    }

    /// What a restore replies.
    fn reply(&self, chain: &[Entry]) -> Restored {
        Restored {
            backup: chain.last().map(|entry| entry.id.clone()).unwrap_or_default(),
            chain: chain.iter().map(|entry| entry.id.clone()).collect(),
            former: self.plan.former.clone(),
            aside: None,
            size: self.plan.size,
            digest: chain.last().map(|entry| entry.digest.clone()),
        }
    }

    /// What became of the restore.
    pub(crate) fn probe(&self, context: &Context<'_>) -> Result<Probe<Restored>> {
        let progress = self.progress();
        let began = progress.down || Begin::find(&self.notes.borrow(), FORMER).is_some();
        if !began {
            return Ok(Probe::NotApplied);
        }
        for job in [FORMER, RESTORE, PUT_BACK] {
            if let Some(job) = self.server.machine.find_job(&self.job_key(job))?
                && matches!(job.state()?, JobState::Running { .. })
            {
                return Ok(Probe::Running);
            }
        }
        let mode = self.server.report(context.stop)?.mode;
        if progress.restored && mode == self.mode_afterwards() && !self.server.holds(self.key)? {
            return Ok(Probe::Applied(self.reply(&self.chain()?)));
        }
        Ok(Probe::Partial)
    }

    /// A restored server is left in the mode that it was in; one that was off-line is left quiescent, to be looked at.
    fn mode_afterwards(&self) -> Mode {
        if self.plan.mode == Mode::Online {
            Mode::Online
        } else {
            Mode::Quiescent
        }
    }

    /// Restores, or goes on with it.
    ///
    /// # Errors
    /// Once the server may have been taken off-line, every error that is not an end of the work leaves the call in doubt.
    pub(crate) fn perform(&self, context: &mut Context<'_>) -> Result<Restored> {
        self.attempt(context).map_err(Broken::answer)
    }

    fn attempt(&self, context: &mut Context<'_>) -> Result<Restored, Broken> {
        let server = self.server;
        let progress = self.progress();
        server.claim(self.key).map_err(|error| match progress.down {
            true => Broken::Left(error),
            false => Broken::Failed(error),
        })?;
        let chain = match self.chain() {
            Ok(chain) => chain,
            Err(error) => return Err(self.untouched(&progress, error)),
        };
        let former = if progress.down {
            self.former_entry()?
        } else {
            match self.prepare(context, &chain) {
                Ok(former) => former,
                Err(error) => return Err(self.untouched(&progress, error)),
            }
        };
        if !progress.down {
            self.note(context, &Step::Down)?;
        }
        if let Some(reason) = &progress.putting_back {
            return Err(self.put_back(context, former.as_ref(), &chain, reason, progress.put_back));
        }
        if !progress.restored {
            match self.bring_back(context, &chain, RESTORE) {
                Ok(()) => self.note(context, &Step::Restored)?,
                Err(Broken::Left(error)) => return Err(Broken::Left(error)),
                Err(Broken::Failed(error)) => {
                    return Err(self.failed(context, former.as_ref(), &chain, error));
                }
            }
        }
        self.tidy(&chain, &[FORMER, RESTORE])?;
        server.bring_back_to(self.mode_afterwards(), context.stop)?;
        server.release(self.key)?;
        Ok(self.reply(&chain))
    }

    /// An error before anything was altered gives the claim back, unless a job goes on.
    fn untouched(&self, progress: &Progress, error: Error) -> Broken {
        if progress.down {
            return Broken::Left(error);
        }
        if matches!(self.server.machine.find_job(&self.job_key(FORMER)), Ok(None)) {
            return self.over(error);
        }
        if leaves(&error) {
            Broken::Left(error)
        } else {
            Broken::Failed(error)
        }
    }

    /// The end of the call: nobody else is kept from the server's archives any longer.
    fn over(&self, error: Error) -> Broken {
        // What matters more is the error itself; a claim that stays names this call to whoever is kept out.
        let _ = self.server.release(self.key);
        Broken::Failed(error)
    }

    /// Checks all that will be read, and backs the present state up.
    fn prepare(&self, context: &mut Context<'_>, chain: &[Entry]) -> Result<Option<Entry>> {
        let catalogue = self.catalogue();
        for entry in chain {
            catalogue.check(entry, context.stop)?;
        }
        self.server.expect_chunks(chain)?;
        let Some(id) = &self.plan.former else {
            return Ok(None);
        };
        let used = self
            .server
            .chunks(context.stop)?
            .iter()
            .map(|chunk| chunk.used)
            .sum();
        let plan = BackupPlan {
            id: id.clone(),
            level: 0,
            base: None,
            base_digest: None,
            destination: None,
            place: String::new(),
            estimate: used,
        };
        let making = Making {
            server: self.server,
            plan: &plan,
            key: self.key,
            job: FORMER,
        };
        making.make(context).map(Some)
    }

    /// The backup of the state before, which was made earlier.
    fn former_entry(&self) -> Result<Option<Entry>> {
        let Some(id) = &self.plan.former else {
            return Ok(None);
        };
        Ok(Some(self.catalogue().look()?.get(&self.server.name, id)?.clone()))
    }

    /// Restores a chain of backups, and leaves the server quiescent.
    fn bring_back(
        &self,
        context: &mut Context<'_>,
        chain: &[Entry],
        name: &'static str,
    ) -> Result<(), Broken> {
        let machine = &self.server.machine;
        let key = self.job_key(name);
        if let Some(job) = machine.find_job(&key)? {
            let goes_on = matches!(job.state()?, JobState::Running { .. });
            match self.follow(context, &*job, chain, name) {
                // It was ended while nobody looked: a restore can be made again from its beginning.
                Err(Broken::Failed(_)) if !goes_on => {}
                other => return other,
            }
        }
        let started = self.start(context, chain, name, &key);
        let job = started.map_err(|error| match leaves(&error) {
            true => Broken::Left(error),
            false => Broken::Failed(error),
        })?;
        self.follow(context, &*job, chain, name)
    }

    fn start(
        &self,
        context: &mut Context<'_>,
        chain: &[Entry],
        name: &'static str,
        key: &str,
    ) -> Result<Box<dyn Job>> {
        let server = self.server;
        let onconfig = server.onconfig()?;
        server.take_down(context.stop)?;
        // Those above level 0 wait in their folder, too; where there is one file for all, they follow when it is asked for.
        for entry in chain.iter().rev() {
            server.lay_out(entry, &onconfig)?;
        }
        let log = match &onconfig.activity_log {
            Some(log) => server.machine.stat(log)?.map_or(0, |found| found.size),
            None => 0,
        };
        let onbar = server.settings.method == Method::Onbar;
        let program = if onbar {
            server.tool("onbar").arg("-r")
        } else {
            server.tool("ontape").arg("-r").input(Input::Open)
        };
        context.stop.check()?;
        self.note(context, &Begin::of(name, Vec::new(), log))?;
        if onbar {
            self.note(context, &Step::Overwriting)?;
        }
        server.machine.start_job(key, &program)
    }

    /// Listens to the tool to its end, and judges it.
    fn follow(
        &self,
        context: &mut Context<'_>,
        job: &dyn Job,
        chain: &[Entry],
        name: &'static str,
    ) -> Result<(), Broken> {
        let server = self.server;
        let (stop, progress) = (context.stop, context.progress);
        let onbar = server.settings.method == Method::Onbar;
        let tool = if onbar { "onbar" } else { "ontape" };
        let onconfig = server.onconfig()?;
        let begin = Begin::find(&self.notes.borrow(), name);
        let rules = if onbar {
            Vec::new()
        } else {
            of_restore(chain.last().map_or(0, |entry| entry.level))?
        };
        let mut reader = Reader {
            restoring: self,
            context,
            chain,
            name,
            onconfig: &onconfig,
            header: Header::default(),
            level: 0,
            refused: None,
        };
        let outage = Outage {
            machine: &*server.machine,
            stop,
            progress,
        };
        let ended = server.converse(job, rules, &mut reader, &outage);
        let refused = reader.refused.take();
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) => {
                let Some(error) = server.conclusion(tool, &error) else {
                    return Err(Broken::Left(error));
                };
                job.end(GRACE)?;
                job.forget()?;
                return Err(Broken::Failed(error));
            }
        };
        let well = if onbar {
            let from = begin.map_or(0, |begin| begin.log);
            let log = onconfig.activity_log.as_deref().unwrap_or_default();
            let activity = bar::activity(&server.added_to(log, from, stop)?, None, "restore");
            ended.code == 0 && activity.is_complete()
        } else {
            ended.code == 0 && ended.done && ended.failures.is_empty()
        };
        let running = matches!(
            server.report(stop)?.mode,
            Mode::Quiescent | Mode::Administration | Mode::Online
        );
        if refused.is_none() && well && running {
            return Ok(());
        }
        job.forget()?;
        let error = refused.unwrap_or_else(|| server.tool_failed(tool, ended.code, &ended.tail));
        Err(Broken::Failed(error))
    }

    /// What follows a restore that failed: before anything was overwritten the server is simply started again, afterwards
    /// the state before is put back.
    fn failed(
        &self,
        context: &mut Context<'_>,
        former: Option<&Entry>,
        chain: &[Entry],
        error: Error,
    ) -> Broken {
        if self.progress().overwriting {
            let step = Step::PuttingBack {
                reason: short(&error),
            };
            return match self.note(context, &step) {
                Ok(()) => self.put_back(context, former, chain, &short(&error), false),
                Err(error) => Broken::Left(error),
            };
        }
        let again = || -> Result<()> {
            self.tidy(chain, &[FORMER, RESTORE])?;
            if self.plan.mode != Mode::Offline {
                self.server.bring_back_to(self.mode_afterwards(), context.stop)?;
            }
            self.server.release(self.key)
        };
        match again() {
            Ok(()) => Broken::Failed(error),
            Err(other) if leaves(&other) => Broken::Left(other),
            Err(other) => self.over(self.half(&short(&error), &other)),
        }
    }

    /// Puts the state before back, and tells so: the restore has failed either way.
    fn put_back(
        &self,
        context: &mut Context<'_>,
        former: Option<&Entry>,
        chain: &[Entry],
        reason: &str,
        done: bool,
    ) -> Broken {
        let Some(former) = former else {
            let tidied = self
                .tidy(chain, &[FORMER, RESTORE])
                .and_then(|()| self.server.release(self.key));
            return match tidied {
                Ok(()) => Broken::Failed(
                    self.server
                        .error(Kind::Failed, "P1244")
                        .with("reason", reason)
                        .with("why", "–"),
                ),
                Err(error) if leaves(&error) => Broken::Left(error),
                Err(error) => self.over(self.half(reason, &error)),
            };
        };
        let whole = std::slice::from_ref(former);
        let mut work = || -> Result<(), Broken> {
            if !done {
                if self.server.machine.find_job(&self.job_key(PUT_BACK))?.is_none() {
                    self.put_all_away(chain)?;
                }
                self.bring_back(context, whole, PUT_BACK)?;
                self.note(context, &Step::PutBack)?;
            }
            self.tidy(whole, &[FORMER, RESTORE, PUT_BACK])?;
            self.server.bring_back_to(self.mode_afterwards(), context.stop)?;
            Ok(self.server.release(self.key)?)
        };
        match work() {
            Ok(()) => Broken::Failed(
                self.server
                    .error(Kind::Failed, "P1243")
                    .with("reason", reason)
                    .with("former", &former.id),
            ),
            Err(Broken::Left(error)) => Broken::Left(error),
            Err(Broken::Failed(error)) => self.over(self.half(reason, &error)),
        }
    }

    fn half(&self, reason: &str, error: &Error) -> Error {
        self.server
            .error(Kind::Failed, "P1244")
            .with("reason", reason)
            .with("why", short(error))
    }

    fn put_all_away(&self, chain: &[Entry]) -> Result<()> {
        let onconfig = self.server.onconfig()?;
        chain
            .iter()
            .try_for_each(|entry| self.server.put_away(entry, &onconfig))
    }

    /// Puts away what was laid out, and forgets the jobs that have ended.
    fn tidy(&self, chain: &[Entry], jobs: &[&str]) -> Result<()> {
        self.put_all_away(chain)?;
        for job in jobs {
            if let Some(job) = self.server.machine.find_job(&self.job_key(job))? {
                job.forget()?;
            }
        }
        Ok(())
    }
}

impl Server {
    /// The files of all chunks have to be there: a restore fails half-way without them.
    pub(crate) fn expect_chunks(&self, chain: &[Entry]) -> Result<()> {
        for path in chain.iter().flat_map(|entry| &entry.chunks) {
            if self.machine.stat(path)?.is_none() {
                return Err(self.error(Kind::Conflict, "P1241").with("path", path));
            }
        }
        Ok(())
    }
}
