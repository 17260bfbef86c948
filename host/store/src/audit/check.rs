//! The checking itself, pure: heads and entries in, findings out. The same for a store and for an export.

use crate::chain::{self, Head};
use crate::flaw::Flaw;
use crate::sqlite::after;
use ed25519_dalek::VerifyingKey;
use procedo_core::journal::Body;
use procedo_core::message::Message;
use procedo_core::run::{Actor, RunId, State};
use procedo_core::value::Digest;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The run, if it is about one.
    pub run: Option<RunId>,
    /// The number of the entry, if it is about one.
    pub seq: Option<u64>,
    /// What is wrong.
    pub why: Flaw,
}

impl Finding {
    /// The sentence for people: where, and what is wrong.
    pub fn message(&self) -> Message {
        let message = match (&self.run, self.seq) {
            (Some(run), Some(seq)) => Message::new("audit-entry").with("run", run).with("seq", seq),
            (Some(run), None) => Message::new("audit-run").with("run", run),
            _ => Message::new("audit-store"),
        };
        self.why.told_by(message)
    }
}

impl Serialize for Finding {
    /// `{run, seq, why, detail}`: `why` is [`Flaw::name`], `detail` an English text.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Told<'a> {
            run: &'a Option<RunId>,
            seq: Option<u64>,
            why: &'static str,
            detail: String,
        }
        let Self { run, seq, why } = self;
        Told {
            run,
            seq: *seq,
            why: why.name(),
            detail: why.to_string(),
        }
        .serialize(serializer)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.run, self.seq) {
            (Some(run), Some(seq)) => write!(f, "run {run}, entry {seq}: {}", self.why),
            (Some(run), None) => write!(f, "run {run}: {}", self.why),
            _ => write!(f, "{}", self.why),
        }
    }
}

/// What checking found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Runs checked.
    pub runs: u64,
    /// Entries checked.
    pub entries: u64,
    /// Heads checked.
    pub heads: u64,
    /// Blobs checked.
    pub blobs: u64,
    /// What is wrong: first the earliest bad entry. Of each run only its first bad entry stands here, since all behind it
    /// hang on it.
    pub findings: Vec<Finding>,
    /// Runs with entries that no head covers yet: an edit of these cannot be seen before the run waits or finishes.
    pub unsigned: Vec<Unsigned>,
    /// The last head of the chain. Kept elsewhere, it shows later whether the tail was cut off.
    pub head: Option<Head>,
    /// The public key that the heads were checked with, in hexadecimal.
    pub public_key: Digest,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Entries of a run behind its last head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unsigned {
    /// The run.
    pub run: RunId,
    /// The last entry that a head covers.
    pub since: u64,
    /// How many entries follow it.
    pub entries: u64,
}

/// What the entries of a run say about it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) procedure: String,
    pub(super) by: Actor,
    pub(super) started: i64,
    pub(super) finished: Option<i64>,
    pub(super) state: State,
    pub(super) parent: Option<RunId>,
    pub(super) undoes: Option<RunId>,
}

/// How far a run's entries have been checked.
struct Progress {
    next: u64,
    hash: Digest,
    signed: Option<u64>,
    flawed: bool,
    told: Option<Told>,
}

/// Heads are given first, in their order; then entries, those of each run in their order.
pub(super) struct Check {
    key: VerifyingKey,
    /// Whether all heads of the chain are given, so that they must follow each other.
    whole: bool,
    last: Option<Head>,
    signed: HashMap<RunId, BTreeMap<u64, Digest>>,
    progress: HashMap<RunId, Progress>,
    heads: u64,
    entries: u64,
    /// About entries; then about all else.
    bad_entries: Vec<Finding>,
    others: Vec<Finding>,
}

impl Check {
    pub(super) fn new(key: VerifyingKey, whole: bool) -> Self {
        Self {
            key,
            whole,
            last: None,
            signed: HashMap::new(),
            progress: HashMap::new(),
            heads: 0,
            entries: 0,
            bad_entries: Vec::new(),
            others: Vec::new(),
        }
    }

    pub(super) fn head(&mut self, head: Head) {
        self.heads += 1;
        let (number, hash) = self
            .last
            .as_ref()
            .map_or((0, chain::ORIGIN), |last| (last.number, last.hash));
        let flaw = if self.whole && (head.number != number + 1 || head.previous != hash) {
            Some(Flaw::HeadOutOfOrder {
                expected: number + 1,
                found: head.number,
            })
        } else {
            head.check(&self.key).err()
        };
        if let Some(why) = flaw {
            self.others.push(Finding {
                run: Some(head.run.clone()),
                seq: Some(head.seq),
                why,
            });
        }
        self.signed
            .entry(head.run.clone())
            .or_default()
            .insert(head.seq, head.run_hash);
        self.last = Some(head);
    }

    /// Something wrong that no entry shows.
    pub(super) fn other(&mut self, run: Option<RunId>, why: Flaw) {
        self.others.push(Finding { run, seq: None, why });
    }

    /// The next entry of a run: where it says it stands, its hash, and its bytes or why there are none.
    pub(super) fn entry(&mut self, run: &RunId, seq: u64, hash: Digest, body: Result<&[u8], Flaw>) {
        self.entries += 1;
        if !self.progress.contains_key(run) {
            let start = Progress {
                next: 0,
                hash: chain::ORIGIN,
                signed: None,
                flawed: false,
                told: None,
            };
            self.progress.insert(run.clone(), start);
        }
        let Some(progress) = self.progress.get_mut(run).filter(|progress| !progress.flawed) else {
            return;
        };
        let signed = self.signed.get(run).and_then(|heads| heads.get(&seq));
        match progress.advance(run, seq, hash, body, signed) {
            Ok(()) => {}
            Err(why) => {
                progress.flawed = true;
                let seq = if let Flaw::OutOfOrder { expected, .. } = why {
                    expected
                } else {
                    seq
                };
                self.bad_entries.push(Finding {
                    run: Some(run.clone()),
                    seq: Some(seq),
                    why,
                });
            }
        }
    }

    /// What a run's entries say about it; none if they were found wrong, or there are none.
    pub(super) fn told(&self, run: &RunId) -> Option<&Told> {
        self.progress
            .get(run)
            .filter(|progress| !progress.flawed)?
            .told
            .as_ref()
    }

    /// Whether the run had entries.
    pub(super) fn saw(&self, run: &RunId) -> bool {
        self.progress.contains_key(run)
    }

    pub(super) fn finish(mut self, blobs: u64) -> Report {
        let mut unsigned = Vec::new();
        let mut cut = Vec::new();
        for (run, heads) in &self.signed {
            let Some(last) = heads.keys().next_back().copied() else {
                continue;
            };
            let progress = self.progress.get(run);
            if progress.is_none_or(|progress| !progress.flawed && progress.next <= last) {
                let first_missing = progress.map_or(0, |progress| progress.next);
                cut.push(Finding {
                    run: Some(run.clone()),
                    seq: Some(first_missing),
                    why: Flaw::Cut { signed: last },
                });
            }
        }
        cut.sort_by(|a, b| a.run.cmp(&b.run));
        for (run, progress) in &self.progress {
            if let Some(since) = progress
                .signed
                .filter(|since| !progress.flawed && since + 1 < progress.next)
            {
                unsigned.push(Unsigned {
                    run: run.clone(),
                    since,
                    entries: progress.next - since - 1,
                });
            }
        }
        unsigned.sort_by(|a, b| a.run.cmp(&b.run));
        let mut findings = self.bad_entries;
        findings.append(&mut cut);
        findings.append(&mut self.others);
        Report {
            runs: self.progress.len() as u64,
            entries: self.entries,
            heads: self.heads,
            blobs,
            findings,
            unsigned,
            head: self.last,
            public_key: Digest(self.key.to_bytes()),
        }
    }
}

impl Progress {
    fn advance(
        &mut self,
        run: &RunId,
        seq: u64,
        hash: Digest,
        body: Result<&[u8], Flaw>,
        signed: Option<&Digest>,
    ) -> Result<(), Flaw> {
        if seq != self.next {
            return Err(Flaw::OutOfOrder {
                expected: self.next,
                found: seq,
            });
        }
        let body = body?;
        if chain::link(&self.hash, body) != hash {
            return Err(Flaw::EntryChanged);
        }
        if signed.is_some_and(|signed| *signed != hash) {
            return Err(Flaw::Rewritten);
        }
        let entry = chain::decode(body).map_err(|error| Flaw::EntryUnreadable {
            reason: error.to_string(),
        })?;
        if entry.seq != seq {
            return Err(Flaw::OutOfOrder {
                expected: seq,
                found: entry.seq,
            });
        }
        if chain::seals(&entry.body) && signed.is_none() {
            return Err(Flaw::Unsigned);
        }
        match (&mut self.told, &entry.body) {
            (None, Body::Started(started)) if started.run == *run => {
                self.told = Some(Told {
                    procedure: started.procedure.clone(),
                    by: started.by.clone(),
                    started: entry.at,
                    finished: None,
                    state: State::Running,
                    parent: started.parent.clone(),
                    undoes: started.undoes.clone(),
                });
            }
            (Some(told), _) if told.finished.is_some() => return Err(Flaw::AfterEnd),
            (Some(told), body) if !matches!(body, Body::Started(_)) => {
                told.state = after(told.state, body);
                told.finished = matches!(body, Body::Finished { .. }).then_some(entry.at);
            }
            _ => return Err(Flaw::NotItsStart),
        }
        self.signed = if signed.is_some() { Some(seq) } else { self.signed };
        self.next += 1;
        self.hash = hash;
        Ok(())
    }
}
