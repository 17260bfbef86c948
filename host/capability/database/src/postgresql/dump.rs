//! Logical copies: a database as `pg_dump` writes it, in a folder of the machine.
//!
//! `destination` is `dump` for the folder of the setting `dumps`, or `dump:FOLDER` for one in it. A dump is `NAME.dump` with
//! `NAME.json` beside it, which is written last: without it there is no dump. Verified means: `pg_restore` has read it to its
//! end, and its content has the digest (SHA-256) that it had then.
//!
//! Restoring one drops all schemas of the database and makes those of the dump, in one transaction: so it is done wholly or
//! not at all, and doing it again ends in the same state. What belongs to no schema (publications, servers of foreign tables)
//! is neither dropped nor overwritten; where the dump has the same, nothing is restored. It needs PostgreSQL 15 or newer.

use crate::driver::{BackupPlan, BackupRecord, Mode, Removed, RestoreOptions, RestorePlan, Restored};
use crate::postgresql::Postgresql;
use jiff::Timestamp;
use procedo_core::capability::{Context, Stop};
use procedo_core::change::Probe;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Input, Limits, Program};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long reading a dump as a whole may take: a day.
const LONG: u64 = 86_400;

/// What is kept beside a dump.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dump {
    /// The call that made it.
    key: String,
    /// The folder below that of all dumps; empty for that itself.
    folder: String,
    pub(crate) record: BackupRecord,
}

/// The folder of a destination below that of all dumps; none if it is not of this form.
pub(crate) fn folder_of(destination: &str) -> Option<&str> {
    if destination == "dump" {
        return Some("");
    }
    let folder = destination.strip_prefix("dump:")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!folder.is_empty() && !folder.starts_with('.') && folder.chars().all(plain)).then_some(folder)
}

/// What the job that dumps has said: when it began, the digest and the size.
fn said(text: &str) -> Option<(String, String, u64)> {
    let line = |name: &str| text.lines().rev().find_map(|line| line.strip_prefix(name));
    let began = line("procedo-began ")?;
    let (digest, size) = line("procedo-dumped ")?.split_once(' ')?;
    Some((began.to_owned(), digest.to_owned(), size.parse().ok()?))
}

impl Postgresql {
    fn dumps_folder(&self, folder: &str) -> Result<String> {
        let dumps = self.needs("dumps", self.host()?.dumps.as_ref())?;
        Ok(match folder {
            "" => dumps.clone(),
            folder => format!("{dumps}/{folder}"),
        })
    }

    fn path_of(&self, dump: &Dump, ending: &str) -> Result<String> {
        Ok(format!(
            "{}/{}.{ending}",
            self.dumps_folder(&dump.folder)?,
            dump.record.id
        ))
    }

    /// A script with PostgreSQL's own programs, which find the server and the password in their environment.
    fn scripted(&self, script: &str, words: &[&str]) -> Result<Program> {
        let server = &self.server;
        let all = ["sh", "-c", script, "procedo"]
            .into_iter()
            .chain(words.iter().copied());
        let mut program = self
            .program(all)?
            .env("PGHOST", &server.host)
            .env("PGPORT", server.port.to_string())
            .env("PGDATABASE", &server.dbname)
            .env("PGUSER", &server.login.user)
            .env("PGAPPNAME", "procedo")
            .env("PGCONNECT_TIMEOUT", "10");
        if let Some(name) = &server.login.password {
            program = program.env("PGPASSWORD", server.secrets.value(name)?);
        }
        program = match server.ca_file() {
            None => program.env("PGSSLMODE", "disable"),
            // Only by a file does libpq know whom to trust.
            Some(None) => return Err(self.missing("ca-file")),
            Some(Some(file)) => program
                .env("PGSSLMODE", "verify-full")
                .env("PGSSLROOTCERT", file.display().to_string()),
        };
        Ok(program)
    }

    fn dump_failed(&self, what: &str, code: Option<i32>, said: &str) -> Error {
        let lines: Vec<&str> = said
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let last = lines[lines.len().saturating_sub(3)..].join("; ");
        if last.contains("No space left on device") {
            return Error::new(Kind::Unavailable, "P1218").with("path", last);
        }
        self.server
            .error(Kind::Failed, "P1274")
            .with("what", what)
            .with(
                "code",
                code.map_or_else(|| "–".to_owned(), |code| code.to_string()),
            )
            .with("reason", last)
    }

    /// The dumps there are, oldest first; none where the site names no folder for them.
    pub(crate) fn dumps(&self, stop: &Stop) -> Result<Vec<Dump>> {
        let Some(folder) = self.host.as_ref().and_then(|host| host.dumps.as_ref()) else {
            return Ok(Vec::new());
        };
        let script = "test -d \"$1\" || exit 0; find \"$1\" -maxdepth 2 -name '*.json' -exec cat {} +";
        let output = self.run(["sh", "-c", script, "procedo", folder], 60, stop)?;
        let broken = |reason: &dyn std::fmt::Display| {
            Error::new(Kind::Failed, "P1217")
                .with("path", folder)
                .with("reason", reason)
        };
        if output.code != 0 || output.truncated {
            return Err(broken(&output.errors().trim()));
        }
        let text = output.text();
        let read = |line: &str| serde_json::from_str(line).map_err(|error| broken(&error));
        let mut dumps = text.lines().map(read).collect::<Result<Vec<Dump>>>()?;
        dumps.sort_by(|one, other| one.record.started.cmp(&other.record.started));
        Ok(dumps)
    }

    /// The dump of this name, if there is one.
    pub(crate) fn dump(&self, id: &str, stop: &Stop) -> Result<Option<Dump>> {
        Ok(self.dumps(stop)?.into_iter().find(|dump| dump.record.id == id))
    }

    fn dump_name(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let database: String = self.server.dbname.chars().map(plain).collect();
        format!("{database}-{}", Timestamp::now().strftime("%Y%m%dT%H%M%S%.3f"))
    }

    /// What a dump would be.
    pub(crate) fn plan_dump(&self, folder: &str, destination: &str) -> Result<BackupPlan> {
        let place = self.dumps_folder(folder)?;
        let mut session = self.server.open()?;
        let told = |error: postgres::Error| self.server.of_postgres(&error);
        let size = "SELECT pg_database_size(current_database())";
        let size: i64 = session.client.query_one(size, &[]).map_err(told)?.get(0);
        Ok(BackupPlan {
            id: self.dump_name(),
            level: 0,
            base: None,
            base_digest: None,
            destination: Some(destination.to_owned()),
            place,
            estimate: u64::try_from(size).unwrap_or(0),
        })
    }

    /// Makes a dump of this name that bears a key, unless it is there already.
    pub(crate) fn make_dump(
        &self,
        context: &Context<'_>,
        key: &str,
        id: &str,
        folder: &str,
        destination: &str,
    ) -> Result<BackupRecord> {
        if let Some(made) = self.dumps(context.stop)?.into_iter().find(|dump| dump.key == key) {
            return Ok(made.record);
        }
        let place = self.dumps_folder(folder)?;
        let (dump, restore) = (self.tool("pg_dump")?, self.tool("pg_restore")?);
        let program = self.scripted(include_str!("script/dump.sh"), &[&place, id, &dump, &restore])?;
        let ended = self.follow(context, key, &program, &mut |_| {})?;
        let (Some(0), Some((began, digest, size))) = (ended.code, said(&ended.said)) else {
            self.forget(&[key.to_owned()])?;
            return Err(self.dump_failed("pg_dump", ended.code, &ended.said));
        };
        let made = Dump {
            key: key.to_owned(),
            folder: folder.to_owned(),
            record: BackupRecord {
                id: id.to_owned(),
                level: 0,
                base: None,
                destination: destination.to_owned(),
                size,
                digest: Some(digest),
                started: began,
                ended: Some(Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
                verified: true,
            },
        };
        let path = self.path_of(&made, "json")?;
        let script = "umask 077; cat >\"$1.new\" && sync \"$1.new\" && mv \"$1.new\" \"$1\" && sync \"$2\"";
        let line = format!("{}\n", json!(made));
        let program = self.program(["sh", "-c", script, "procedo", &path, &place])?;
        let program = program.input(Input::Bytes(line.into_bytes()));
        let output = self
            .host()?
            .machine
            .run(&program, &Limits::default(), context.stop)?;
        if output.code != 0 {
            return Err(self.dump_failed("json", Some(output.code), &output.errors()));
        }
        self.forget(&[key.to_owned()])?;
        Ok(made.record)
    }

    /// What became of the dump of this call.
    pub(crate) fn probe_dump(&self, context: &Context<'_>) -> Result<Probe<BackupRecord>> {
        let key = context.key();
        if let Some(made) = self.dumps(context.stop)?.into_iter().find(|dump| dump.key == key) {
            return Ok(Probe::Applied(made.record));
        }
        if self.any_runs(std::slice::from_ref(&key))? {
            return Ok(Probe::Running);
        }
        // One that ended well has still to get its record, and one that failed is begun anew.
        Ok(match self.job(&key)? {
            Some(_) => Probe::Partial,
            None => Probe::NotApplied,
        })
    }

    /// Reads a dump as a whole.
    pub(crate) fn verify_dump(&self, dump: &Dump, stop: &Stop) -> Result<BackupRecord> {
        let path = self.path_of(dump, "dump")?;
        let damaged = |reason: &str| self.damaged(&dump.record.id, &path, reason);
        if self.run(["test", "-f", &path], 60, stop)?.code != 0 {
            return Err(damaged("it is missing"));
        }
        let output = self.run(["sha256sum", &path], LONG, stop)?;
        let text = output.text();
        if output.code != 0 {
            return Err(damaged(output.errors().trim()));
        }
        if text.split_whitespace().next() != dump.record.digest.as_deref() {
            return Err(damaged("its content does not match its digest"));
        }
        let output = self.run(
            [self.tool("pg_restore")?.as_str(), "--file=/dev/null", &path],
            LONG,
            stop,
        )?;
        match output.code {
            0 => Ok(dump.record.clone()),
            _ => Err(damaged(output.errors().trim())),
        }
    }

    /// Removes a dump: first what makes it one.
    pub(crate) fn remove_dump(&self, dump: &Dump, stop: &Stop) -> Result<Removed> {
        let (record, file) = (self.path_of(dump, "json")?, self.path_of(dump, "dump")?);
        let script = "rm -f \"$1\" && rm -f \"$2\"";
        let output = self.run(["sh", "-c", script, "procedo", &record, &file], 600, stop)?;
        match output.code {
            0 => Ok(Removed {
                removed: true,
                bytes: dump.record.size,
            }),
            code => Err(self.dump_failed("rm", Some(code), &output.errors())),
        }
    }

    /// What restoring a dump would be.
    pub(crate) fn plan_undump(&self, dump: &Dump, options: &RestoreOptions) -> Result<RestorePlan> {
        let stop = Stop::default();
        let record = &dump.record;
        let digest = record.digest.clone().unwrap_or_default();
        if let Some(expected) = options.expect.as_ref().filter(|expected| **expected != digest) {
            return Err(self
                .server
                .error(Kind::Conflict, "P1227")
                .with("backup", &record.id)
                .with("expected", expected)
                .with("found", &digest));
        }
        let status = self.look(&stop)?;
        if status.mode != Mode::Online {
            return Err(self
                .server
                .error(Kind::Unavailable, "P1260")
                .with("place", self.server.place())
                .with("reason", status.detail));
        }
        let keep = options.keep_present.unwrap_or(true);
        Ok(RestorePlan {
            chain: vec![(record.id.clone(), digest)],
            former: keep.then(|| self.dump_name()),
            size: record.size,
            state_of: record.started.clone(),
            target: None,
            skipped: Vec::new(),
            mode: status.mode,
        })
    }

    /// Restores a dump.
    pub(crate) fn undump(
        &self,
        context: &mut Context<'_>,
        dump: &Dump,
        plan: &RestorePlan,
    ) -> Result<Restored> {
        let key = context.key();
        if let Some(Probe::Applied(restored)) = self.undumped(context) {
            return Ok(restored);
        }
        self.verify_dump(dump, context.stop)?;
        if let Some(former) = &plan.former {
            self.make_dump(context, &format!("{key}/former"), former, "", "dump")?;
        }
        let file = self.path_of(dump, "dump")?;
        let (restore, psql) = (self.tool("pg_restore")?, self.tool("psql")?);
        let program = self.scripted(include_str!("script/undump.sh"), &[&file, &restore, &psql])?;
        let job = format!("{key}/restore");
        let mut ended = self.follow(context, &job, &program, &mut |_| {})?;
        if ended.code.is_none() {
            // Nobody saw whether it was committed; once more ends in the same state.
            ended = self.follow(context, &job, &program, &mut |_| {})?;
        }
        if ended.code != Some(0) {
            self.forget(&[job])?;
            return Err(self.dump_failed("pg_restore", ended.code, &ended.said));
        }
        let restored = Restored {
            backup: dump.record.id.clone(),
            chain: vec![dump.record.id.clone()],
            former: plan.former.clone(),
            aside: None,
            size: plan.size,
            digest: self.digest_if_readable(context.stop)?,
        };
        (context.note)(json!({"undump": restored}))?;
        // It did come about, whatever becomes of its traces: a probe says so.
        self.forget(&[job]).map_err(Error::in_doubt)?;
        Ok(restored)
    }

    fn undumped(&self, context: &Context<'_>) -> Option<Probe<Restored>> {
        let done = context
            .notes
            .iter()
            .rev()
            .find_map(|note| Restored::deserialize(note.get("undump")?).ok());
        done.map(Probe::Applied)
    }

    /// What became of restoring a dump.
    pub(crate) fn probe_undump(&self, context: &Context<'_>) -> Result<Probe<Restored>> {
        if let Some(done) = self.undumped(context) {
            return Ok(done);
        }
        let key = context.key();
        let jobs = ["/former", "/restore"].map(|suffix| format!("{key}{suffix}"));
        if self.any_runs(&jobs)? {
            return Ok(Probe::Running);
        }
        Ok(match self.job(&jobs[1])? {
            Some(_) => Probe::Partial,
            None => Probe::NotApplied,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_names_a_folder_and_no_way_out_of_it() {
        assert_eq!(folder_of("dump"), Some(""));
        assert_eq!(folder_of("dump:before-upgrade"), Some("before-upgrade"));
        for wrong in ["", "dump:", "dump:../x", "dump:a/b", "dump:.a", "dumps", "tape"] {
            assert_eq!(folder_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_the_job_says_is_read_whatever_stands_between() {
        let text = "procedo-began 2026-01-01T00:00:00Z\npg_dump: warning: x\nprocedo-dumped ab12 99\n";
        assert_eq!(
            said(text),
            Some(("2026-01-01T00:00:00Z".to_owned(), "ab12".to_owned(), 99))
        );
        assert_eq!(said("procedo-began 2026-01-01T00:00:00Z\n"), None);
    }
}
