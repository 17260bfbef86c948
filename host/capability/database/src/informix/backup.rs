//! Making a backup: the tool writes the archive as a job of the machine, and what it wrote is kept as a file of its own.
//!
//! The rule of the names: what `ontape` writes to its plain file, or to a file in its folder, is moved into the folder of the
//! backups as soon as it is complete, under a name that no other backup has. `ontape` only ever starts upon an empty plain
//! file, so that nothing is overwritten: neither a level 0 by a level 1, nor what others put there.

use crate::driver::BackupPlan;
use crate::informix::bar;
use crate::informix::catalogue::{Catalogue, Entry, Found};
use crate::informix::dialogue::{Doubt, Written, judge, of_backup, remembered};
use crate::informix::files::unusable;
use crate::informix::onstat::{Archived, of_level};
use crate::informix::server::Server;
use crate::informix::session::{Begin, GRACE, label, now};
use crate::informix::settings::{Method, Onconfig};
use crate::outage::Outage;
use procedo_core::capability::Context;
use procedo_core::message::Message;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Ended, Heard, Input, Job, Partner};
use serde_json::json;

/// One backup by `ontape` or `onbar`.
pub(crate) struct Making<'a> {
    pub(crate) server: &'a Server,
    pub(crate) plan: &'a BackupPlan,
    /// The key of the call.
    pub(crate) key: &'a str,
    /// What its job is called within the call.
    pub(crate) job: &'static str,
}

impl Making<'_> {
    fn catalogue(&self) -> Catalogue<'_> {
        Catalogue { server: self.server }
    }

    /// The key of its job.
    pub(crate) fn job_key(&self) -> String {
        format!("{}/{}", self.key, self.job)
    }

    fn tool(&self) -> &'static str {
        if self.server.settings.method == Method::Onbar {
            "onbar"
        } else {
            "ontape"
        }
    }

    /// The backup, if this call has made it.
    pub(crate) fn made(&self, found: &Found) -> Option<Entry> {
        let ours = |entry: &&Entry| entry.id == self.plan.id && entry.key == self.key;
        found.entries.iter().find(ours).cloned()
    }

    /// Makes it, or goes on with it.
    pub(crate) fn make(&self, context: &mut Context<'_>) -> Result<Entry> {
        let machine = &self.server.machine;
        let found = self.catalogue().look()?;
        let job = machine.find_job(&self.job_key())?;
        if let Some(entry) = self.made(&found) {
            job.map_or(Ok(()), |job| job.forget())?;
            return Ok(entry);
        }
        let (job, begin) = match job {
            Some(job) => (
                job,
                Begin::find(context.notes, self.job).ok_or_else(|| self.no_longer())?,
            ),
            None => self.start(context, &found)?,
        };
        let onconfig = self.server.onconfig()?;
        let result = self.listen(context, &*job, &begin, &onconfig);
        let (written, ended) = match result {
            Ok(heard) => heard,
            Err(error) => {
                let Some(error) = self.server.conclusion(self.tool(), &error) else {
                    return Err(error);
                };
                self.abandon(&*job, true, &onconfig)?;
                return Err(error);
            }
        };
        let entry = self.entry(context, &begin, &onconfig, &written, &ended);
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if matches!(error.code.as_str(), "P1237" | "P1238" | "P1225") => {
                // What the tool calls complete is left where it is, for a person to look at.
                let wrote = error.code != "P1238" && written.percent.is_some();
                self.abandon(&*job, wrote, &onconfig)?;
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        let entry = self.keep(context, entry, &written, &onconfig)?;
        job.forget()?;
        Ok(entry)
    }

    /// What was planned is not what would be done.
    fn no_longer(&self) -> Error {
        self.server
            .error(Kind::Conflict, "P1225")
            .with("backup", &self.plan.id)
            .with("base", self.plan.base.as_deref().unwrap_or("–"))
    }

    fn start(&self, context: &mut Context<'_>, found: &Found) -> Result<(Box<dyn Job>, Begin)> {
        self.server.expect_running(context)?;
        if found.entries.iter().any(|entry| entry.id == self.plan.id) {
            return Err(self.no_longer());
        }
        let onconfig = self.server.onconfig()?;
        self.server.check_medium(&onconfig)?;
        let archived = self.server.archives(context.stop)?;
        self.expect_base(found, &archived)?;
        let log = match &onconfig.activity_log {
            Some(log) => self.server.machine.stat(log)?.map_or(0, |found| found.size),
            None => 0,
        };
        let begin = Begin::of(self.job, archived, log);
        let level = self.plan.level.to_string();
        let program = match self.server.settings.method {
            Method::Onbar => self.server.tool("onbar").args(["-b", "-L", &level]),
            _ => self
                .server
                .tool("ontape")
                .args(["-s", "-L", &level])
                .input(Input::Open),
        };
        context.stop.check()?;
        (context.note)(json!(begin))?;
        let job = self.server.machine.start_job(&self.job_key(), &program)?;
        Ok((job, begin))
    }

    /// What the server would build upon has to be what was planned.
    fn expect_base(&self, found: &Found, archived: &[Archived]) -> Result<()> {
        let Some(lower) = self.plan.level.checked_sub(1) else {
            return Ok(());
        };
        let base = of_level(archived, lower).and_then(|archived| found.of_archive(archived));
        let planned = (self.plan.base.as_deref(), self.plan.base_digest.as_deref());
        if base.map(|base| (Some(base.id.as_str()), Some(base.digest.as_str()))) == Some(planned) {
            Ok(())
        } else {
            Err(self.no_longer())
        }
    }

    fn listen(
        &self,
        context: &mut Context<'_>,
        job: &dyn Job,
        begin: &Begin,
        onconfig: &Onconfig,
    ) -> Result<(Written, Ended)> {
        let outage = Outage {
            machine: &*self.server.machine,
            stop: context.stop,
            progress: context.progress,
        };
        let rules = match self.server.settings.method {
            Method::Onbar => Vec::new(),
            _ => of_backup(self.plan.level)?,
        };
        let mut listener = Listener {
            making: self,
            context,
            begin,
            onconfig,
            written: Written::default(),
        };
        let ended = self.server.converse(job, rules, &mut listener, &outage)?;
        Ok((listener.written, ended))
    }

    /// Ends the tool if it still runs. What it wrote of an archive goes with it: its file was empty when it began.
    fn abandon(&self, job: &dyn Job, wrote: bool, onconfig: &Onconfig) -> Result<()> {
        job.end(GRACE)?;
        let device = onconfig.tapedev.as_str();
        if self.server.settings.method == Method::File && wrote && self.server.regular(device)?.is_some() {
            self.server.empty(device)?;
        }
        job.forget()
    }

    /// What the entry would be, if everything says that the archive was made.
    fn entry(
        &self,
        context: &Context<'_>,
        begin: &Begin,
        onconfig: &Onconfig,
        written: &Written,
        ended: &Ended,
    ) -> Result<Entry> {
        let server = self.server;
        let level = self.plan.level;
        let failed = |said: &str| server.tool_failed(self.tool(), ended.code, said);
        if server.settings.method == Method::Onbar {
            let log = onconfig.activity_log.as_deref().unwrap_or_default();
            let added = server.added_to(log, begin.log, context.stop)?;
            let activity = bar::activity(&added, Some(level), "backup");
            if ended.code != 0 || !activity.is_complete() {
                return Err(failed(&activity.tail));
            }
        } else if judge(ended, written).is_err() {
            return Err(failed(&ended.tail));
        }
        let after = server.archives(context.stop)?;
        let archived = match remembered(&begin.archived, &after, level) {
            Ok(archived) => archived,
            Err(Doubt::Forgotten | Doubt::Failed) => {
                return Err(server
                    .error(Kind::Failed, "P1238")
                    .with("tool", self.tool())
                    .with("level", level));
            }
        };
        self.expect_base(&self.catalogue().look()?, &after)?;
        let device = match server.settings.method {
            Method::Directory => self.created(written, onconfig)?,
            Method::File | Method::Tape => onconfig.tapedev.clone(),
            Method::Onbar => String::new(),
        };
        let tapes = match server.settings.method {
            Method::Tape => written.tapes.max(1),
            _ => 0,
        };
        let chunks = server.chunks(context.stop)?;
        Ok(Entry {
            format: Entry::format(),
            id: self.plan.id.clone(),
            key: self.key.to_owned(),
            level,
            base: self.plan.base.clone(),
            base_digest: self.plan.base_digest.clone(),
            destination: self.plan.destination.clone().unwrap_or_default(),
            method: server.settings.method.name().to_owned(),
            device,
            bytes: self.plan.estimate,
            digest: blake3::hash(json!([server.settings.server, archived]).to_string().as_bytes())
                .to_hex()
                .to_string(),
            started: begin.started.clone(),
            ended: String::new(),
            labels: (1..=tapes)
                .map(|number| label(&self.plan.id, level, &begin.started, number))
                .collect(),
            version: server.expect_running(context)?,
            archived,
            chunks: chunks.into_iter().map(|chunk| chunk.path).collect(),
        })
    }

    /// The file that the tool says to have made: it has to be one of its folder.
    fn created(&self, written: &Written, onconfig: &Onconfig) -> Result<String> {
        let created = written.created.as_deref().unwrap_or_default();
        let folder = onconfig.tapedev.trim_end_matches('/');
        let name = created
            .strip_prefix(folder)
            .and_then(|rest| rest.strip_prefix('/'));
        match name {
            Some(name) if !name.is_empty() && !name.contains('/') => Ok(created.to_owned()),
            _ => Err(self
                .server
                .tool_failed(self.tool(), 0, &format!("File created: {created} ∉ {folder}"))),
        }
    }

    /// Moves the archive to where it stays, adds it up, and writes the entry.
    fn keep(
        &self,
        context: &Context<'_>,
        mut entry: Entry,
        written: &Written,
        onconfig: &Onconfig,
    ) -> Result<Entry> {
        let server = self.server;
        let catalogue = self.catalogue();
        server.make_folder(&catalogue.folder(&entry.destination))?;
        if server.settings.method.keeps_files() {
            let archive = catalogue.archive_of(&entry);
            self.move_away(&entry.device, &archive, context)?;
            if server.settings.method == Method::File {
                server.make_like(&onconfig.tapedev, &archive)?;
            }
            let found = server.regular(&archive)?;
            entry.bytes = found.map_or(0, |found| found.size);
            if entry.bytes == 0 {
                return Err(unusable(&archive, "0 B"));
            }
            entry.digest = server.digest(&archive, context.stop)?;
            server.sync(&archive)?;
        }
        debug_assert!(written.tapes > 0 || server.settings.method != Method::Tape);
        entry.ended = now();
        catalogue.conclude(&entry)?;
        Ok(entry)
    }

    /// Moves the archive. Where it goes to another file system, a crash may leave a part of it there: that has a name of
    /// its own, and the source is removed last.
    fn move_away(&self, from: &str, to: &str, context: &Context<'_>) -> Result<()> {
        let server = self.server;
        if server.regular(to)?.is_some() {
            return Ok(());
        }
        let part = format!("{to}.part");
        if server.regular(from)?.is_some_and(|found| found.size > 0) {
            server.rename(from, &part, context.stop)?;
        }
        server.rename(&part, to, context.stop)
    }
}

/// Listens to `ontape` while it writes.
struct Listener<'l, 'c> {
    making: &'l Making<'l>,
    context: &'l mut Context<'c>,
    begin: &'l Begin,
    onconfig: &'l Onconfig,
    written: Written,
}

impl Partner for Listener<'_, '_> {
    fn decide(&mut self, heard: &Heard) -> Result<String> {
        let server = self.making.server;
        let number: u32 = heard
            .groups
            .get(1)
            .and_then(|group| group.parse().ok())
            .unwrap_or(1);
        if server.settings.method != Method::Tape {
            return if number == 1 {
                Ok(String::new())
            } else {
                // The next tape would be the same file again.
                Err(server.misconfigured("TAPESIZE", &self.onconfig.tapesize, "unlimited"))
            };
        }
        let plan = self.making.plan;
        let label = |number| label(&plan.id, plan.level, &self.begin.started, number);
        let prompt = if number == 1 {
            Message::new("database-ask-tape")
        } else {
            Message::new("database-ask-next-tape").with("former", label(number - 1))
        };
        let prompt = prompt
            .with("database", &server.name)
            .with("device", &self.onconfig.tapedev)
            .with("number", number)
            .with("label", label(number));
        let key = format!("{}-tape-{number}", self.making.job);
        server.ask_for_tape(self.context, &key, prompt)
    }

    fn told(&mut self, heard: &Heard) -> Result<()> {
        if self.written.hear(heard) {
            let percent = self.written.percent.unwrap_or(0);
            self.making.server.tell(self.context, percent);
        }
        Ok(())
    }
}
