//! Going back to a backup.
//!
//! While the cluster runs, the present state is backed up and everything is verified. Then the cluster is stopped, which brings
//! the rest of its log into the archive, and pgBackRest restores into its folder (`--delta`): until that is complete the
//! folder has no control file, so that nobody can start half of it. Then the cluster is started and recovers.
//!
//! Each step is noted before it is taken, and can be taken again. What fails after the first file was overwritten is put back:
//! the backup of the present state with all of the log is exactly the state before.

use crate::driver::{Mode, RestoreOptions, RestorePlan, Restored};
use crate::postgresql::backup::{base_for, planned_name, tell};
use crate::postgresql::{Postgresql, label_of};
use jiff::Timestamp;
use procedo_core::capability::{Context, Stop};
use procedo_core::change::Probe;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_machine::unheard;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How far a restore has come: what it noted last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
enum Step {
    /// Everything is verified; the cluster is stopped next.
    Stop { former: Option<String> },
    /// It is down, and its files are overwritten next.
    Overwrite { former: Option<String> },
    /// Its files are restored; it is started next.
    Start { former: Option<String> },
    /// It failed, and the state before is put back.
    Back { former: Option<String>, why: Error },
    /// It failed, and the cluster is as it was before.
    GivenUp,
    /// It is done.
    Done { restored: Restored },
}

/// Up to where the log is replayed after the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "up-to", rename_all = "kebab-case")]
enum Target {
    /// To the end of the timeline of the backup.
    End,
    /// To a moment, on a timeline.
    Moment { time: String, timeline: u32 },
}

fn last_step(notes: &[Value]) -> Option<Step> {
    let read = |note: &Value| Step::deserialize(note.get("restore")?).ok();
    notes.iter().rev().find_map(read)
}

/// Whether an error leaves the call in doubt: what works goes on, and is attached to when the run goes on.
fn left_as_it_is(error: &Error) -> bool {
    error.kind == Kind::Cancelled || unheard(error)
}

/// The options of pgBackRest that make the recovery end where it shall.
fn options_of(label: &str, target: Option<&Target>) -> Vec<String> {
    let mut options = vec![
        "--delta".to_owned(),
        format!("--set={label}"),
        "--log-level-console=detail".to_owned(),
    ];
    options.extend(match target {
        // The history may have gone on elsewhere since: the backup's own is meant.
        None => vec![
            "--type=immediate".to_owned(),
            "--target-action=promote".to_owned(),
            "--recovery-option=recovery_target_timeline=current".to_owned(),
        ],
        Some(Target::End) => vec![
            "--type=default".to_owned(),
            "--target-timeline=current".to_owned(),
        ],
        Some(Target::Moment { time, timeline }) => vec![
            "--type=time".to_owned(),
            format!("--target={time}"),
            "--target-action=promote".to_owned(),
            format!("--target-timeline={timeline}"),
        ],
    });
    options
}

impl Postgresql {
    /// What going back would be.
    pub(crate) fn plan_going_back(
        &self,
        id: Option<&str>,
        options: &RestoreOptions,
        stop: &Stop,
    ) -> Result<RestorePlan> {
        let host = self.host()?;
        let stanza = self.needs("stanza", host.stanza.as_ref())?;
        self.data()?;
        self.needs("start", host.start.as_ref())?;
        self.needs("stop", host.stop.as_ref())?;
        let moment = options
            .up_to
            .as_deref()
            .map(|text| self.moment(text))
            .transpose()?;
        let entries = self.entries(stop)?;
        let (id, skipped) = match id {
            Some(id) => (id.to_owned(), Vec::new()),
            None => self.newest(&entries, moment, stop)?,
        };
        let (label, to_end) = label_of(&id);
        let entry = self.entry(&entries, label)?;
        self.expect_digest(label, options.expect.as_deref(), stop)?;
        let target = match moment {
            Some(moment) if moment < entry.stopped() => {
                return Err(self.wrong_moment(moment, entry.stopped()));
            }
            Some(moment) => Some(Target::Moment {
                // As PostgreSQL reads it, whatever its time zone.
                time: moment.strftime("%Y-%m-%d %H:%M:%S%.6f+00").to_string(),
                timeline: self.timeline_at(entry, moment, stop)?,
            }),
            None => to_end.then_some(Target::End),
        };
        let mode = self.look(stop)?.mode;
        let keep = options.keep_present.unwrap_or(true);
        if keep && mode != Mode::Online {
            return Err(self.server.error(Kind::Conflict, "P1266").with(
                "mode",
                serde_json::to_value(mode)
                    .unwrap_or_default()
                    .as_str()
                    .unwrap_or("?"),
            ));
        }
        self.expect_space(entry.size(), stop)?;
        let level = u8::from(base_for(&entries, 1).is_some());
        Ok(RestorePlan {
            chain: self.digests(&entry.chain(), stop)?,
            former: keep.then(|| planned_name(stanza, level)),
            size: entry.size(),
            state_of: moment.unwrap_or(entry.stopped()).to_string(),
            target: target.map(|target| json!(target).to_string()),
            mode,
            skipped,
        })
    }

    fn moment(&self, text: &str) -> Result<Timestamp> {
        let now = Timestamp::now();
        match text.parse::<Timestamp>() {
            Ok(moment) if moment <= now => Ok(moment),
            Ok(_) => Err(self
                .server
                .error(Kind::Invalid, "P1267")
                .with("moment", text)
                .with("rule", "future")),
            Err(_) => Err(self
                .server
                .error(Kind::Invalid, "P1267")
                .with("moment", text)
                .with("rule", "form")),
        }
    }

    fn wrong_moment(&self, moment: Timestamp, earliest: Timestamp) -> Error {
        self.server
            .error(Kind::Invalid, "P1267")
            .with("moment", moment)
            .with("rule", "early")
            .with("earliest", earliest)
    }

    /// Whether the restored files fit where the present ones are.
    fn expect_space(&self, size: u64, stop: &Stop) -> Result<()> {
        let data = self.data()?;
        let needed = size.saturating_sub(self.present_size(stop)?);
        let space = self.host()?.machine.free_space(data)?;
        if space.available >= needed {
            return Ok(());
        }
        Err(Error::new(Kind::Unavailable, "P1216")
            .with("folder", data)
            .with("available", space.available)
            .with("needed", needed))
    }

    /// The digest of what the database holds: of the checksums of its tables.
    pub(crate) fn state_digest(&self, stop: &Stop) -> Result<String> {
        let mut hash = blake3::Hasher::new();
        for table in self.server.checksums(stop)? {
            hash.update(
                json!([table.table, table.rows, table.digest])
                    .to_string()
                    .as_bytes(),
            );
        }
        Ok(hash.finalize().to_hex().to_string())
    }

    /// The digest of what was restored. Where the restored state lets nobody read it (a table whose owner grants nothing), the
    /// restore came about all the same: its undo then asks a person first.
    pub(crate) fn digest_if_readable(&self, stop: &Stop) -> Result<Option<String>> {
        match self.state_digest(stop) {
            Err(error) if left_as_it_is(&error) => Err(error),
            read => Ok(read.ok()),
        }
    }

    /// What became of going back.
    pub(crate) fn probe_going_back(&self, context: &Context<'_>) -> Result<Probe<Restored>> {
        let step = last_step(context.notes);
        if let Some(Step::Done { restored }) = step {
            return Ok(Probe::Applied(restored));
        }
        if self.any_runs(&Self::jobs(&context.key()))? {
            return Ok(Probe::Running);
        }
        Ok(match step {
            None | Some(Step::GivenUp) => Probe::NotApplied,
            Some(_) => Probe::Partial,
        })
    }

    /// Goes back, or on with it.
    pub(crate) fn go_back(&self, context: &mut Context<'_>, plan: &RestorePlan) -> Result<Restored> {
        let key = context.key();
        let mut step = match last_step(context.notes) {
            None | Some(Step::GivenUp) => self.prepare(context, plan)?,
            Some(step) => step,
        };
        loop {
            step = match step {
                Step::Stop { former } => match self.bring_down(context, plan, former.is_some()) {
                    Ok(()) => Step::Overwrite { former },
                    Err(error) if left_as_it_is(&error) => return Err(error),
                    Err(error) => {
                        // Nothing is overwritten: it goes on as it was.
                        if plan.mode == Mode::Online {
                            self.start_cluster(context.stop)?;
                        }
                        self.note(context, &Step::GivenUp)?;
                        return Err(error);
                    }
                },
                Step::Overwrite { former } => match self.overwrite(context, plan) {
                    Ok(()) => Step::Start { former },
                    Err(error) => self.step_back(former, error)?,
                },
                Step::Start { former } => match self.start_cluster(context.stop) {
                    Ok(_) => Step::Done {
                        restored: restored(plan, former, self.digest_if_readable(context.stop)?),
                    },
                    Err(error) => self.step_back(former, error)?,
                },
                Step::Back { former, why } => {
                    self.put_back(context, former.as_deref(), &why)?;
                    self.note(context, &Step::GivenUp)?;
                    self.forget(&Self::jobs(&key))?;
                    return Err(self
                        .server
                        .error(Kind::Failed, "P1269")
                        .with("backup", plan.chain.last().map_or("", |(label, _)| label))
                        .with("reason", reason_of(&why)));
                }
                Step::GivenUp => return Err(self.stopped_midway("–")),
                Step::Done { restored } => {
                    // It did come about, whatever becomes of its traces: a probe says so.
                    self.forget(&Self::jobs(&key)).map_err(Error::in_doubt)?;
                    return Ok(restored);
                }
            };
            self.note(context, &step)?;
        }
    }

    fn note(&self, context: &mut Context<'_>, step: &Step) -> Result<()> {
        (context.note)(json!({"restore": step}))
    }

    /// The step after a failure that came when files were overwritten already.
    fn step_back(&self, former: Option<String>, why: Error) -> Result<Step> {
        if left_as_it_is(&why) {
            return Err(why);
        }
        Ok(Step::Back { former, why })
    }

    /// Backs the present state up and verifies everything, while the cluster runs.
    fn prepare(&self, context: &mut Context<'_>, plan: &RestorePlan) -> Result<Step> {
        let key = context.key();
        let label = plan.chain.last().map_or("", |(label, _)| label.as_str());
        let entries = self.entries(context.stop)?;
        let entry = self.entry(&entries, label)?;
        if self.digests(&entry.chain(), context.stop)? != plan.chain {
            return Err(self
                .server
                .error(Kind::Conflict, "P1225")
                .with("backup", label)
                .with("base", plan.chain.first().map_or("–", |(label, _)| label)));
        }
        let stale: Vec<String> = ["/restore", "/back"]
            .map(|suffix| format!("{key}{suffix}"))
            .to_vec();
        self.forget(&stale)?;
        let former = match plan.former {
            None => None,
            Some(_) => {
                let mark = format!("{key}/former");
                let made = match self.made(&mark, context.stop)? {
                    Some(entry) => entry,
                    None => {
                        let level = u8::from(base_for(&entries, 1).is_some());
                        self.make(context, level, &mark, &mark, plan.size)?
                    }
                };
                Some(made)
            }
        };
        let found = self.read_all(context)?;
        self.expect_sound(entry, &found, context.stop)?;
        if let Some(former) = &former {
            self.expect_sound(former, &found, context.stop)?;
        }
        self.expect_space(plan.size, context.stop)?;
        let step = Step::Stop {
            former: former.map(|entry| format!("{}+", entry.label)),
        };
        self.note(context, &step)?;
        Ok(step)
    }

    /// Stops the cluster, with all that it has written in the archive if that is to be kept.
    fn bring_down(&self, context: &Context<'_>, plan: &RestorePlan, keep: bool) -> Result<()> {
        if self.target(plan)?.is_some()
            && let Ok(mut session) = self.server.open()
        {
            // A recovery up to a moment ends at the first transaction after it, which must be there.
            let told = |error: postgres::Error| self.server.of_postgres(&error);
            session
                .client
                .execute("SELECT pg_current_xact_id()", &[])
                .map_err(told)?;
        }
        match self.stop_cluster(context.stop) {
            // A cluster that is damaged, or was ended otherwise, is not up: that is all that is needed to overwrite it.
            Err(error) if error.code == "P1268" && !keep && !self.has_process(context.stop)? => {}
            other => other?,
        }
        self.clear_mark(context.stop)?;
        let missing = if keep {
            self.not_archived(context.stop)?
        } else {
            Vec::new()
        };
        match missing.is_empty() {
            true => Ok(()),
            false => Err(self
                .server
                .error(Kind::Failed, "P1272")
                .with("segments", missing.join(", "))),
        }
    }

    fn target(&self, plan: &RestorePlan) -> Result<Option<Target>> {
        let read = |text: &String| {
            serde_json::from_str(text)
                .map_err(|error| Error::new(Kind::Failed, "P0115").with("reason", error))
        };
        plan.target.as_ref().map(read).transpose()
    }

    /// Has pgBackRest overwrite the cluster's files.
    fn overwrite(&self, context: &Context<'_>, plan: &RestorePlan) -> Result<()> {
        let label = plan.chain.last().map_or("", |(label, _)| label.as_str());
        let target = self.target(plan)?;
        self.write_files(
            context,
            "/restore",
            &options_of(label, target.as_ref()),
            plan.size,
        )
    }

    fn write_files(&self, context: &Context<'_>, suffix: &str, options: &[String], size: u64) -> Result<()> {
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let program = self.backrest("restore", &options)?;
        let job = format!("{}{suffix}", context.key());
        let ended = self.follow(context, &job, &program, &mut |line| {
            tell(context, "database-progress-restore", line, size);
        })?;
        if ended.code.is_none() {
            // It was ended from outside, with the machine: it is done again, and goes on where files are right already.
            let again = self.follow(context, &job, &program, &mut |_| {})?;
            return self.unless_done("restore", &again);
        }
        self.unless_done("restore", &ended)
    }

    /// Puts the state before back, or says that it could not be.
    fn put_back(&self, context: &Context<'_>, former: Option<&str>, why: &Error) -> Result<()> {
        let Some(former) = former else {
            return Err(self.stopped_midway(&reason_of(why)));
        };
        let (label, _) = label_of(former);
        let back = self
            .stop_again(context.stop)
            .and_then(|()| self.write_files(context, "/back", &options_of(label, Some(&Target::End)), 0))
            .and_then(|()| self.start_cluster(context.stop));
        match back {
            Ok(_) => Ok(()),
            Err(error) if left_as_it_is(&error) => Err(error),
            Err(error) => {
                Err(self.stopped_midway(&format!("{}; {former}: {}", reason_of(why), reason_of(&error))))
            }
        }
    }

    /// A cluster whose recovery failed may still be there.
    fn stop_again(&self, stop: &Stop) -> Result<()> {
        match self.stop_cluster(stop) {
            Err(error) if error.code == "P1268" && !self.has_process(stop)? => self.clear_mark(stop),
            other => other,
        }
    }

    fn stopped_midway(&self, reason: &str) -> Error {
        self.server.error(Kind::Failed, "P1270").with("reason", reason)
    }
}

/// What an error says, for another error's sentence.
fn reason_of(error: &Error) -> String {
    let said = ["reason", "segments", "path"]
        .iter()
        .find_map(|name| error.message.args.get(*name));
    format!("{} {}", error.code, said.map_or("", String::as_str))
        .trim()
        .to_owned()
}

fn restored(plan: &RestorePlan, former: Option<String>, digest: Option<String>) -> Restored {
    let chain: Vec<String> = plan.chain.iter().map(|(label, _)| label.clone()).collect();
    Restored {
        backup: chain.last().cloned().unwrap_or_default(),
        chain,
        former,
        aside: None,
        size: plan.size,
        digest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_note_tells_how_far_it_came() {
        assert_eq!(last_step(&[]), None);
        let stop = Step::Stop {
            former: Some("A+".to_owned()),
        };
        let back = Step::Back {
            former: None,
            why: Error::new(Kind::Failed, "P1265"),
        };
        let notes = [
            json!({"restore": stop}),
            json!({"other": 1}),
            json!({"restore": back}),
            json!({"other": 1}),
        ];
        assert_eq!(last_step(&notes), Some(back));
        assert_eq!(last_step(&notes[..2]), Some(stop));
    }

    #[test]
    fn a_recovery_ends_where_it_shall_and_follows_the_right_timeline() {
        let none = options_of("A", None).join(" ");
        assert!(none.contains("--type=immediate") && none.contains("timeline=current"));
        let end = options_of("A", Some(&Target::End)).join(" ");
        assert!(end.contains("--type=default") && end.contains("--target-timeline=current"));
        let time = "2026-01-01 00:00:00.000000+00".to_owned();
        let moment = options_of("A", Some(&Target::Moment { time, timeline: 3 })).join(" ");
        assert!(
            moment.contains("--target=2026-01-01 00:00:00.000000+00")
                && moment.contains("--target-timeline=3")
        );
    }

    #[test]
    fn a_label_with_a_plus_means_its_timeline_to_the_end() {
        assert_eq!(label_of("20260101-000000F+"), ("20260101-000000F", true));
        assert_eq!(label_of("20260101-000000F"), ("20260101-000000F", false));
    }
}
