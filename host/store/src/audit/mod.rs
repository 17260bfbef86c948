//! Checking a store, and exporting journals in a form that can be checked without it.
//!
//! What is found: an entry edited, removed, added, moved or swapped; a journal that ends before a signed head; entries and
//! hashes rewritten together (the signed head tells); a head edited, removed or forged; a blob lost or changed; a list of
//! runs that says something else than the journals. What cannot be found: a tail of the whole store that was cut off
//! together with its heads, unless a head exported before is at hand ([`verify_against`]); and an edit of entries that no
//! head covers yet, by somebody who recomputes the hashes ([`Report::unsigned`] lists them).

mod check;
mod export;

pub use check::{Finding, Report, Unsigned};
pub use export::{export, verify_export};

use crate::Row;
use crate::chain::{Head, hex};
use crate::failure::damaged;
use crate::flaw::Flaw;
use crate::sqlite::SqliteStore;
use crate::sqlite::read::{Raw, Readers, SELECT_ROW, raw_of, reference, row_of};
use check::{Check, Told};
use procedo_core::run::RunId;
use procedo_core::value::Digest;
use procedo_core::{Error, Kind, Result};
use rusqlite::{Statement, Transaction};
use std::collections::{HashMap, HashSet};

/// Checks a store: all heads, entries, blobs and the list of runs, in one state of the journal.
pub fn verify(store: &SqliteStore) -> Result<Report> {
    let readers = &store.readers;
    readers.read(|transaction| Audit { readers, transaction }.verify())
}

/// Checks a store, and that its chain still leads through a head that was exported before.
///
/// # Errors
/// `P0220` if the head is not this site's.
pub fn verify_against(store: &SqliteStore, exported: &Head) -> Result<Report> {
    let readers = &store.readers;
    exported
        .check(&readers.keys.signing().verifying_key())
        .map_err(|flaw| {
            let mut error = Error::new(Kind::Invalid, "P0220").with("number", exported.number);
            error.message = flaw.told_by(error.message);
            error
        })?;
    readers.read(|transaction| {
        let audit = Audit { readers, transaction };
        let mut report = audit.verify()?;
        let here = audit.heads(
            "WHERE number = ?1",
            [exported.number as i64],
            |head| Ok(head.hash),
        )?;
        let why = match here.first() {
            Some(hash) if *hash == exported.hash => return Ok(report),
            Some(_) => Flaw::ChainRewritten {
                exported: exported.number,
            },
            None => Flaw::TailCut {
                exported: exported.number,
                found: report.head.as_ref().map_or(0, |head| head.number),
            },
        };
        report.findings.push(Finding {
            run: Some(exported.run.clone()),
            seq: Some(exported.seq),
            why,
        });
        Ok(report)
    })
}

/// The last head of the chain: to be kept elsewhere, for [`verify_against`].
pub fn head(store: &SqliteStore) -> Result<Option<Head>> {
    let readers = &store.readers;
    readers.read(|transaction| {
        Audit { readers, transaction }
            .heads("ORDER BY number DESC LIMIT 1", [], Ok)
            .map(|mut heads| heads.pop())
    })
}

/// One state of the journal under examination.
struct Audit<'a> {
    readers: &'a Readers,
    transaction: &'a Transaction<'a>,
}

/// Which blobs are there, and which of them do not hold what their names say.
#[derive(Default)]
struct BlobList {
    there: HashSet<[u8; 32]>,
    changed: HashSet<[u8; 32]>,
}

impl Audit<'_> {
    fn verify(&self) -> Result<Report> {
        self.structure()?;
        let blobs = self.blobs()?;
        let mut check = Check::new(self.readers.keys.signing().verifying_key(), true);
        self.heads("ORDER BY number", [], |head| {
            check.head(head);
            Ok(())
        })?;
        let runs = self.runs()?;
        let unused = self.entries(&mut check, &runs, &blobs)?;
        for digest in unused {
            check.other(
                None,
                Flaw::BlobChanged {
                    blob: self.readers.keys.written(&digest).to_string(),
                },
            );
        }
        let mut listed: Vec<_> = runs.into_iter().collect();
        listed.sort_by_key(|(number, _)| *number);
        for (_, row) in listed {
            let difference = match check.told(&row.run) {
                Some(told) => difference(&row, told),
                None if check.saw(&row.run) => None,
                None => Some(Flaw::NoEntries),
            };
            if let Some(difference) = difference {
                check.other(Some(row.run), difference);
            }
        }
        Ok(check.finish(blobs.there.len() as u64))
    }

    /// Whether the file is a sound database; all else relies on it.
    fn structure(&self) -> Result<()> {
        let mut problems = Vec::new();
        self.each("PRAGMA quick_check(3)", [], |row| {
            let text: String = row.get(0)?;
            if text != "ok" {
                problems.push(text);
            }
            Ok(Ok(()))
        })?;
        if problems.is_empty() {
            Ok(())
        } else {
            Err(damaged(problems.join("; ")))
        }
    }

    fn blobs(&self) -> Result<BlobList> {
        let mut blobs = BlobList::default();
        self.each("SELECT id, body FROM blobs", [], |row| {
            let (id, body): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
            Ok(match <[u8; 32]>::try_from(id) {
                Ok(id) => {
                    blobs.there.insert(id);
                    if self.readers.keys.open(&id, &body).is_none() {
                        blobs.changed.insert(id);
                    }
                    Ok(())
                }
                Err(_) => Err(damaged("a blob's name has not 32 bytes")),
            })
        })?;
        Ok(blobs)
    }

    fn runs(&self) -> Result<HashMap<i64, Row>> {
        let mut numbers = Vec::new();
        self.each("SELECT number FROM runs ORDER BY number", [], |row| {
            numbers.push(row.get(0)?);
            Ok(Ok(()))
        })?;
        let mut rows = Vec::new();
        self.each(&format!("{SELECT_ROW} ORDER BY number"), [], |row| {
            Ok(row_of(row)?.map(|row| rows.push(row)))
        })?;
        Ok(numbers.into_iter().zip(rows).collect())
    }

    /// Checks all entries; tells which changed blobs none of them names.
    fn entries(
        &self,
        check: &mut Check,
        runs: &HashMap<i64, Row>,
        blobs: &BlobList,
    ) -> Result<HashSet<[u8; 32]>> {
        let mut unused = blobs.changed.clone();
        let mut last: HashMap<i64, i64> = HashMap::new();
        let mut strangers = HashSet::new();
        self.each(
            "SELECT run, seq, prev, hash, body, id FROM entries ORDER BY id",
            [],
            |row| {
                let (raw, id): (Raw, i64) = (raw_of(row)?, row.get(5)?);
                let Some(run) = runs.get(&raw.run).map(|row| &row.run) else {
                    if strangers.insert(raw.run) {
                        check.other(None, Flaw::NotListed { number: raw.run });
                    }
                    return Ok(Ok(()));
                };
                let before = last.insert(raw.run, id).unwrap_or(0);
                let body = self.body(&raw, blobs, &mut unused).and_then(|body| {
                    if raw.prev == before {
                        Ok(body)
                    } else {
                        Err(Flaw::LeadsAstray)
                    }
                });
                check.entry(run, raw.seq, raw.hash, body.as_deref().map_err(Clone::clone));
                Ok(Ok(()))
            },
        )?;
        Ok(unused)
    }

    /// An entry's bytes, if all blobs that it needs are there and sound.
    fn body(&self, raw: &Raw, blobs: &BlobList, unused: &mut HashSet<[u8; 32]>) -> Result<Vec<u8>, Flaw> {
        let mut sound = |digest: [u8; 32]| {
            let blob = || self.readers.keys.written(&digest).to_string();
            unused.remove(&digest);
            match () {
                () if !blobs.there.contains(&digest) => Err(Flaw::BlobLost { blob: blob() }),
                () if blobs.changed.contains(&digest) => Err(Flaw::BlobChanged { blob: blob() }),
                () => Ok(()),
            }
        };
        let body = match reference(&raw.body) {
            None => raw.body.clone(),
            Some(digest) => {
                sound(digest)?;
                let sealed = self.readers.sealed(self.transaction, &digest);
                let sealed = sealed.map_err(|error| Flaw::EntryUnreadable {
                    reason: error.to_string(),
                })?;
                let content = sealed.and_then(|sealed| self.readers.keys.open(&digest, &sealed));
                content.ok_or_else(|| Flaw::BlobLost {
                    blob: self.readers.keys.written(&digest).to_string(),
                })?
            }
        };
        self.readers.keys.names_in(&body).try_for_each(sound)?;
        Ok(body)
    }

    fn heads<T>(
        &self,
        which: &str,
        params: impl rusqlite::Params,
        mut turn: impl FnMut(Head) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut heads = Vec::new();
        let sql = format!("SELECT number, run, seq, run_hash, previous, hash, signature FROM heads {which}");
        self.each(&sql, params, |row| {
            let run: String = row.get(1)?;
            let signature: Vec<u8> = row.get(6)?;
            let Some(run) = RunId::parse(&run) else {
                return Ok(Err(damaged(format!("“{run}” names no run"))));
            };
            let head = Head {
                number: row.get::<_, i64>(0)? as u64,
                run,
                seq: row.get::<_, i64>(2)? as u64,
                run_hash: Digest(row.get(3)?),
                previous: Digest(row.get(4)?),
                hash: Digest(row.get(5)?),
                signature: hex(&signature),
            };
            Ok(turn(head).map(|head| heads.push(head)))
        })?;
        Ok(heads)
    }

    /// Does something with each row of a selection.
    fn each(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        mut act: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<Result<()>>,
    ) -> Result<()> {
        let fail = |error: rusqlite::Error| self.readers.fail(&error);
        let mut select: Statement<'_> = self.transaction.prepare(sql).map_err(fail)?;
        let mut rows = select.query(params).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            act(row).map_err(fail)??;
        }
        Ok(())
    }
}

/// How the list of runs differs from a run's journal.
fn difference(row: &Row, told: &Told) -> Option<Flaw> {
    let time = |at: Option<i64>| at.map_or_else(|| "–".to_owned(), |at| at.to_string());
    let run = |run: &Option<RunId>| run.as_ref().map_or_else(|| "–".to_owned(), RunId::to_string);
    [
        ("procedure", row.procedure.clone(), told.procedure.clone()),
        ("actor", row.by.to_string(), told.by.to_string()),
        ("started", time(Some(row.started)), time(Some(told.started))),
        ("finished", time(row.finished), time(told.finished)),
        ("parent", run(&row.parent), run(&told.parent)),
        ("undoes", run(&row.undoes), run(&told.undoes)),
        ("state", row.state.name().to_owned(), told.state.name().to_owned()),
    ]
    .into_iter()
    .find(|(_, listed, told)| listed != told)
    .map(|(column, listed, told)| Flaw::ListDiffers { column, listed, told })
}
