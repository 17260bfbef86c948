//! pgBackRest: how it is called, and what its answers mean (2.45: `info --output=json` is kept stable by it; `verify`
//! ends with 0 whatever it finds, so that its text decides).

use crate::driver::BackupRecord;
use crate::postgresql::Postgresql;
use crate::postgresql::cluster::Control;
use crate::postgresql::follow::Ended;
use jiff::Timestamp;
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Limits, Program};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long pgBackRest may take to tell what there is.
const LOOK: u64 = 300;
/// The longest manifest that is read, in bytes: about 300,000 files.
const MANIFEST: usize = 48 << 20;
/// The annotation that holds the key of the call that made a backup.
pub(crate) const KEY: &str = "procedo-key";
/// The exit code for “another command holds the lock” (`src/build/error/error.yaml`).
const LOCKED: i32 = 50;

/// What `info` says of a stanza.
#[derive(Clone, Debug, Deserialize)]
struct Stanza {
    #[serde(default)]
    archive: Vec<Archive>,
    #[serde(default)]
    backup: Vec<Entry>,
    status: Status,
}

/// The segments of the log of one cluster in one repository.
#[derive(Clone, Debug, Deserialize)]
struct Archive {
    id: String,
    database: Cluster,
}

/// Which cluster in which repository; both count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Cluster {
    id: u32,
    repo_key: u32,
}

#[derive(Clone, Debug, Deserialize)]
struct Status {
    code: u32,
    message: String,
}

/// What `info` says of a backup.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) label: String,
    #[serde(rename = "type")]
    kind: String,
    pub(crate) prior: Option<String>,
    reference: Option<Vec<String>>,
    timestamp: Between,
    info: Sizes,
    pub(crate) archive: Segments,
    #[serde(default)]
    annotation: BTreeMap<String, String>,
    database: Cluster,
    /// The name of its archive.
    #[serde(skip)]
    archive_id: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Between {
    start: i64,
    stop: i64,
}

#[derive(Clone, Debug, Deserialize)]
struct Sizes {
    size: u64,
    repository: Repository,
}

#[derive(Clone, Debug, Deserialize)]
struct Repository {
    delta: u64,
}

/// The first and the last segment of the log that a backup needs to be consistent.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Segments {
    pub(crate) start: Option<String>,
    pub(crate) stop: Option<String>,
}

impl Entry {
    /// 0 for a full backup, 1 for a differential one, 2 for an incremental one.
    pub(crate) fn level(&self) -> u8 {
        match self.kind.as_str() {
            "full" => 0,
            "diff" => 1,
            _ => 2,
        }
    }

    /// The backups that it needs, level 0 first, and itself.
    pub(crate) fn chain(&self) -> Vec<String> {
        let mut chain = self.reference.clone().unwrap_or_default();
        chain.push(self.label.clone());
        chain
    }

    /// The call that made it.
    pub(crate) fn key(&self) -> Option<&str> {
        self.annotation.get(KEY).map(String::as_str)
    }

    /// The size of the restored cluster in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.info.size
    }

    /// When it was complete: it holds the state of then.
    pub(crate) fn stopped(&self) -> Timestamp {
        Timestamp::from_second(self.timestamp.stop).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// As the interface tells it.
    pub(crate) fn record(&self, digest: Option<String>, verified: bool) -> BackupRecord {
        let started = Timestamp::from_second(self.timestamp.start).unwrap_or(Timestamp::UNIX_EPOCH);
        BackupRecord {
            id: self.label.clone(),
            level: self.level(),
            base: self.prior.clone(),
            destination: String::new(),
            size: self.info.repository.delta,
            digest,
            started: started.to_string(),
            ended: Some(self.stopped().to_string()),
            verified,
        }
    }
}

/// What `verify` found of each backup: nothing wrong, or what is.
pub(crate) type Verdicts = BTreeMap<String, Result<(), String>>;

/// Reads the text of `verify --output=text --verbose`.
pub(crate) fn verdicts(text: &str) -> Verdicts {
    let mut found = Verdicts::new();
    let mut last = None;
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("backup: ") {
            let mut words = rest.split(", ");
            let label = words.next().unwrap_or_default().to_owned();
            let status = words
                .find_map(|word| word.strip_prefix("status: "))
                .unwrap_or("?");
            let verdict = if status == "valid" {
                Ok(())
            } else {
                Err(status.to_owned())
            };
            last = verdict.is_err().then(|| label.clone());
            found.insert(label, verdict);
        } else if let Some(label) = last.take()
            && let Some(Err(said)) = found.get_mut(&label)
        {
            // The next line counts what is wrong.
            let counted = line.split(", ").filter(|part| !part.ends_with(": 0"));
            *said = format!("{said}, {}", counted.collect::<Vec<_>>().join(", "));
        }
    }
    found
}

/// The percentage in a line about a file: `… (24KB, 12.34%) checksum …`, as hundredths of a per cent.
pub(crate) fn progress(line: &str) -> Option<u64> {
    if !line.contains("backup file ") && !line.contains("restore file ") {
        return None;
    }
    let (before, _) = line.rsplit_once("%)")?;
    let number = before.rsplit_once([' ', ','])?.1;
    let (whole, part) = number.split_once('.')?;
    Some(whole.parse::<u64>().ok()? * 100 + part.parse::<u64>().ok()?)
}

/// What pgBackRest complains about.
pub(crate) fn complaint(said: &str) -> String {
    let errors = said
        .lines()
        .filter_map(|line| line.split_once("ERROR: ").map(|(_, error)| error.trim()));
    let errors: Vec<&str> = errors.collect();
    match errors.is_empty() {
        false => errors.join("; "),
        true => said
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default()
            .trim()
            .to_owned(),
    }
}

/// The names of the segments of the log from one to another of the same timeline, with so many of them in a log file.
pub(crate) fn segments(first: &str, last: &str, per_log: u64) -> Vec<String> {
    let read = |name: &str| {
        let number = |part: Option<&str>| u64::from_str_radix(part.unwrap_or_default(), 16).ok();
        Some((
            name.get(..8)?.to_owned(),
            number(name.get(8..16))?,
            number(name.get(16..24))?,
        ))
    };
    let (Some((timeline, high, low)), Some((other, to_high, to_low))) = (read(first), read(last)) else {
        return Vec::new();
    };
    let (from, to) = (high * per_log + low, to_high * per_log + to_low);
    if timeline != other {
        return vec![first.to_owned(), last.to_owned()];
    }
    (from..=to)
        .map(|number| format!("{timeline}{:08X}{:08X}", number / per_log, number % per_log))
        .collect()
}

impl Postgresql {
    /// A command of pgBackRest for the site's stanza.
    pub(crate) fn backrest(&self, command: &str, options: &[&str]) -> Result<Program> {
        let host = self.host()?;
        let stanza = self.needs("stanza", host.stanza.as_ref())?;
        let mut words = vec![host.pgbackrest.clone()];
        words.extend(host.config.iter().map(|config| format!("--config={config}")));
        words.push(format!("--stanza={stanza}"));
        if command != "info" && command != "start" {
            words.extend(host.repo.map(|repo| format!("--repo={repo}")));
        }
        words.extend(options.iter().map(|option| (*option).to_owned()));
        words.push(command.to_owned());
        self.program(words)
    }

    /// Runs a command that is soon done, and takes what it prints.
    pub(crate) fn ask_backrest(
        &self,
        command: &str,
        options: &[&str],
        more: &[&str],
        stop: &Stop,
    ) -> Result<Vec<u8>> {
        let program = self.backrest(command, options)?.args(more.iter().copied());
        let limits = Limits {
            time: Duration::from_secs(LOOK),
            bytes: MANIFEST,
        };
        let output = self.host()?.machine.run(&program, &limits, stop)?;
        if output.code != 0 {
            let said = format!("{}\n{}", output.text(), output.errors());
            return Err(self.backrest_failed(command, Some(output.code), &said));
        }
        if output.truncated {
            return Err(self.backrest_failed(command, None, "> 48 MiB"));
        }
        Ok(output.stdout)
    }

    /// The error for a command that failed.
    pub(crate) fn backrest_failed(&self, command: &str, code: Option<i32>, said: &str) -> Error {
        let reason = complaint(said);
        if code == Some(LOCKED) {
            return self.server.error(Kind::Conflict, "P1215");
        }
        if reason.contains("No space left on device") {
            return Error::new(Kind::Unavailable, "P1218").with("path", reason);
        }
        self.server
            .error(Kind::Failed, "P1265")
            .with("command", command)
            .with(
                "code",
                code.map_or_else(|| "–".to_owned(), |code| code.to_string()),
            )
            .with("reason", reason)
    }

    /// The error for a job that did not end well; none if it did.
    pub(crate) fn unless_done(&self, command: &str, ended: &Ended) -> Result<()> {
        match ended.code {
            Some(0) => Ok(()),
            code => Err(self.backrest_failed(command, code, &ended.said)),
        }
    }

    /// The physical backups there are, oldest first.
    pub(crate) fn entries(&self, stop: &Stop) -> Result<Vec<Entry>> {
        let told = self.ask_backrest("info", &["--output=json"], &[], stop)?;
        let unreadable =
            |reason: &dyn std::fmt::Display| self.server.error(Kind::Failed, "P1276").with("reason", reason);
        let stanzas: Vec<Stanza> = serde_json::from_slice(&told).map_err(|error| unreadable(&error))?;
        let stanza = stanzas.into_iter().next().ok_or_else(|| unreadable(&"[]"))?;
        match stanza.status.code {
            // 2: there are no valid backups, which is an answer.
            0 | 2 => {
                let mut backups = stanza.backup;
                for entry in &mut backups {
                    let own = |archive: &&Archive| archive.database == entry.database;
                    let own = stanza.archive.iter().find(own).map(|archive| archive.id.clone());
                    entry.archive_id = own.unwrap_or_default();
                }
                Ok(backups)
            }
            code => {
                let said = format!("ERROR: {} ({code})", stanza.status.message);
                Err(self.backrest_failed("info", None, &said))
            }
        }
    }

    /// A physical backup by its label.
    pub(crate) fn entry<'a>(&self, entries: &'a [Entry], label: &str) -> Result<&'a Entry> {
        entries.iter().find(|entry| entry.label == label).ok_or_else(|| {
            let known: Vec<&str> = entries.iter().map(|entry| entry.label.as_str()).collect();
            self.server
                .error(Kind::NotFound, "P1211")
                .with("backup", label)
                .with("known", known.join(", "))
        })
    }

    /// The digest of a backup: that of its manifest, which holds the checksum of every file.
    pub(crate) fn digest(&self, label: &str, stop: &Stop) -> Result<String> {
        let stanza = self.needs("stanza", self.host()?.stanza.as_ref())?;
        let file = format!("backup/{stanza}/{label}/backup.manifest");
        match self.ask_backrest("repo-get", &[], &[&file], stop) {
            Ok(manifest) => Ok(blake3::hash(&manifest).to_hex().to_string()),
            Err(error) if error.code == "P1265" => Err(self.damaged(
                label,
                &file,
                error.message.args.get("reason").map_or("", String::as_str),
            )),
            Err(error) => Err(error),
        }
    }

    /// The error for a backup that cannot be relied on.
    pub(crate) fn damaged(&self, label: &str, path: &str, reason: &str) -> Error {
        self.server
            .error(Kind::Failed, "P1213")
            .with("backup", label)
            .with("path", path)
            .with("reason", reason)
    }

    /// The backups of a chain with their digests.
    pub(crate) fn digests(&self, chain: &[String], stop: &Stop) -> Result<Vec<(String, String)>> {
        let digested = |label: &String| Ok((label.clone(), self.digest(label, stop)?));
        chain.iter().map(digested).collect()
    }

    /// Whether the segments of the log that a backup needs are in the archive.
    pub(crate) fn expect_log(&self, entry: &Entry, stop: &Stop) -> Result<()> {
        let (Some(first), Some(last)) = (&entry.archive.start, &entry.archive.stop) else {
            return Ok(());
        };
        let needed = match self.control(stop)? {
            // A log file has 4 GiB.
            Some(Control::State(state)) if state.segment > 0 => {
                segments(first, last, (1 << 32) / state.segment)
            }
            // How long a segment is cannot be known, so neither which lie in between.
            _ => vec![first.clone(), last.clone()],
        };
        let there = self.archived(entry, &needed, stop)?;
        let missing: Vec<String> = needed.into_iter().filter(|name| !there.contains(name)).collect();
        match missing.is_empty() {
            true => Ok(()),
            false => Err(self
                .server
                .error(Kind::Failed, "P1271")
                .with("backup", &entry.label)
                .with("segments", missing.join(", "))),
        }
    }

    /// The names of the segments in the folders of the archive in which these have to be.
    fn archived(&self, entry: &Entry, needed: &[String], stop: &Stop) -> Result<BTreeSet<String>> {
        // A segment's name is followed by its digest; marks of backups (`….backup`) begin with the same digits.
        let segment = |file: &String| {
            let (name, _) = file.split_once('-')?;
            let digits = name.len() == 24 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            digits.then(|| name.to_owned())
        };
        let folders: BTreeSet<&str> = needed.iter().filter_map(|name| name.get(..16)).collect();
        let mut found = BTreeSet::new();
        for folder in folders {
            let listed = self.archive_listing(entry, folder, stop)?;
            found.extend(listed.keys().filter_map(segment));
        }
        Ok(found)
    }

    /// On which timeline the cluster was at a moment: the newest whose history was in the archive by then.
    pub(crate) fn timeline_at(&self, entry: &Entry, moment: Timestamp, stop: &Stop) -> Result<u32> {
        let listed = self.archive_listing(entry, "", stop)?;
        let history = |(name, file): (&String, &Listed)| {
            let number = name.strip_suffix(".history")?;
            let before = file.time.is_some_and(|time| time <= moment.as_second());
            before.then(|| u32::from_str_radix(number, 16).ok())?
        };
        Ok(listed.iter().filter_map(history).max().unwrap_or(1))
    }

    /// What is in a folder of the archive of a backup; nothing, if that is not there.
    fn archive_listing(&self, entry: &Entry, folder: &str, stop: &Stop) -> Result<BTreeMap<String, Listed>> {
        let stanza = self.needs("stanza", self.host()?.stanza.as_ref())?;
        let folder = format!("archive/{stanza}/{}/{folder}", entry.archive_id);
        let folder = folder.trim_end_matches('/');
        let told = self.ask_backrest("repo-ls", &["--output=json"], &[folder], stop)?;
        serde_json::from_slice(&told)
            .map_err(|error| self.server.error(Kind::Failed, "P1276").with("reason", error))
    }
}

/// What `repo-ls --output=json` says of a file.
#[derive(Clone, Debug, Deserialize)]
struct Listed {
    time: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_verify_tells_each_backup_and_what_is_wrong() {
        let text = "stanza: s\nstatus: error\n  archiveId: 15-1, total WAL checked: 6, total valid WAL: 6\n    \
                    missing: 0, checksum invalid: 0, size invalid: 0, other: 0\n  \
                    backup: A, status: valid, total files checked: 964, total valid files: 964\n    \
                    missing: 0, checksum invalid: 0, size invalid: 0, other: 0\n  \
                    backup: A_B, status: invalid, total files checked: 967, total valid files: 966\n    \
                    missing: 0, checksum invalid: 1, size invalid: 0, other: 0\n";
        let found = verdicts(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found["A"], Ok(()));
        assert_eq!(found["A_B"], Err("invalid, checksum invalid: 1".to_owned()));
        assert!(verdicts("stanza: s\nstatus: ok\n").is_empty());
    }

    #[test]
    fn the_lines_about_files_tell_how_far_it_is() {
        let line = "P01 DETAIL: backup file /d/base/1/2620 (16KB, 12.34%) checksum 0a";
        assert_eq!(progress(line), Some(1234));
        assert_eq!(
            progress("P01 DETAIL: backup file /d/base/1/2620 (0B, 100.00%)"),
            Some(10000)
        );
        assert_eq!(
            progress("P00 INFO: full backup size = 21.9MB, file total = 964"),
            None
        );
    }

    #[test]
    fn what_pgbackrest_complains_about_is_found_among_the_rest() {
        assert_eq!(
            complaint("WARN: x\nERROR: [082]: no archive\nmore\n"),
            "[082]: no archive"
        );
        assert_eq!(complaint("something\nelse\n\n"), "else");
    }

    #[test]
    fn segments_are_counted_across_the_end_of_a_log_file() {
        let names = segments("0000000100000000000000FE", "000000010000000100000000", 256);
        assert_eq!(
            names,
            [
                "0000000100000000000000FE",
                "0000000100000000000000FF",
                "000000010000000100000000"
            ]
        );
        assert_eq!(
            segments("00000001000000000000000A", "00000001000000000000000A", 256).len(),
            1
        );
    }
}
