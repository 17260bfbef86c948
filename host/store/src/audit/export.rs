//! Exports: JSON lines that hold all that is needed to check journals without the store and its key.
//!
//! The first line tells the format and the site's public key; then come the heads, one a line; then the entries, one a line
//! with their hashes. An entry stands there byte for byte as it was hashed. Blobs are not exported.

use super::check::Check;
use super::{Audit, Report};
use crate::chain::Head;
use crate::failure::{broken, damaged, failed};
use crate::flaw::Flaw;
use crate::sqlite::SqliteStore;
use crate::sqlite::read::{raw_of, reference};
use ed25519_dalek::VerifyingKey;
use procedo_core::run::RunId;
use procedo_core::value::Digest;
use procedo_core::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::io::{BufRead, Write};

/// The version of the format.
const FORMAT: u32 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Opening {
    format: u32,
    /// Whether all runs and heads are there.
    whole: bool,
    public_key: Digest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadLine {
    head: Head,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine<'a> {
    run: RunId,
    hash: Digest,
    #[serde(borrow)]
    entry: &'a RawValue,
}

/// Writes the journal of a run, or of all runs, as JSON lines; tells the last head of the site's chain.
///
/// # Errors
/// `P0202` if there is no such run, `P0207` if an entry cannot be read; what can be written is written before that.
pub fn export(store: &SqliteStore, which: Option<&RunId>, out: &mut dyn Write) -> Result<Option<Head>> {
    let readers = &store.readers;
    readers.read(|transaction| {
        let audit = Audit { readers, transaction };
        let runs = audit.runs()?;
        let number = which.map(|run| {
            let found = runs
                .iter()
                .find(|(_, row)| row.run == *run)
                .map(|(number, _)| *number);
            found.ok_or_else(|| Error::new(Kind::NotFound, "P0202").with("run", run))
        });
        let number = number.transpose()?;
        let public_key = Digest(readers.keys.signing().verifying_key().to_bytes());
        line(
            out,
            &Opening {
                format: FORMAT,
                whole: which.is_none(),
                public_key,
            },
        )?;
        let last = audit.heads("ORDER BY number DESC LIMIT 1", [], Ok)?.pop();
        audit.heads(
            "WHERE run = ?1 OR ?1 IS NULL ORDER BY number",
            [which.map(RunId::as_str)],
            |head| line(out, &HeadLine { head }),
        )?;
        let names: HashMap<i64, RunId> = runs.into_iter().map(|(number, row)| (number, row.run)).collect();
        let sql = "SELECT run, seq, prev, hash, body FROM entries WHERE run = ?1 OR ?1 IS NULL ORDER BY id";
        audit.each(sql, [number], |row| {
            let mut raw = raw_of(row)?;
            let mut write = || -> Result<()> {
                let run = names
                    .get(&raw.run)
                    .ok_or_else(|| damaged(Flaw::NotListed { number: raw.run }))?;
                if let Some(digest) = reference(&raw.body) {
                    let name = || readers.keys.written(&digest).to_string();
                    let sealed = readers.sealed(transaction, &digest)?;
                    let sealed =
                        sealed.ok_or_else(|| broken(run, raw.seq, &Flaw::BlobLost { blob: name() }))?;
                    let body = readers.keys.open(&digest, &sealed);
                    raw.body =
                        body.ok_or_else(|| broken(run, raw.seq, &Flaw::BlobChanged { blob: name() }))?;
                }
                let unreadable = |error: &dyn std::fmt::Display| {
                    broken(
                        run,
                        raw.seq,
                        &Flaw::EntryUnreadable {
                            reason: error.to_string(),
                        },
                    )
                };
                let text = std::str::from_utf8(&raw.body).map_err(|error| unreadable(&error))?;
                let entry: &RawValue = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
                line(
                    out,
                    &EntryLine {
                        run: run.clone(),
                        hash: raw.hash,
                        entry,
                    },
                )
            };
            Ok(write())
        })?;
        out.flush().map_err(failed)?;
        Ok(last)
    })
}

fn line(out: &mut dyn Write, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_vec(value).map_err(failed)?;
    text.push(b'\n');
    out.write_all(&text).map_err(failed)
}

/// Checks an export, without the store.
///
/// `public_key` is the site's, known from elsewhere; without it the one in the export is believed, and a forger may have
/// put it there.
///
/// # Errors
/// `P0221` if a line is not one of an export, or the export is of another site than `public_key`.
pub fn verify_export(export: &mut dyn BufRead, public_key: Option<Digest>) -> Result<Report> {
    let mut text = String::new();
    let mut number = 0_u64;
    let mut check: Option<Check> = None;
    loop {
        text.clear();
        number += 1;
        let refuse = |why: &dyn std::fmt::Display| {
            Error::new(Kind::Invalid, "P0221")
                .with("line", number)
                .with("why", why)
        };
        if export.read_line(&mut text).map_err(|error| refuse(&error))? == 0 {
            let check = check.ok_or_else(|| refuse(&"the export is empty"))?;
            return Ok(check.finish(0));
        }
        let Some(check) = &mut check else {
            let opening: Opening = serde_json::from_str(&text).map_err(|error| refuse(&error))?;
            if opening.format != FORMAT {
                return Err(refuse(&format!("format {} is not known", opening.format)));
            }
            if public_key.is_some_and(|key| key != opening.public_key) {
                return Err(refuse(&"it is signed with another site's key"));
            }
            let key = VerifyingKey::from_bytes(&opening.public_key.0).map_err(|error| refuse(&error))?;
            check = Some(Check::new(key, opening.whole));
            continue;
        };
        if text.starts_with("{\"head\"") {
            let line: HeadLine = serde_json::from_str(&text).map_err(|error| refuse(&error))?;
            check.head(line.head);
        } else {
            let line: EntryLine<'_> = serde_json::from_str(&text).map_err(|error| refuse(&error))?;
            #[derive(Deserialize)]
            struct Place {
                seq: u64,
            }
            let place: Place = serde_json::from_str(line.entry.get()).map_err(|error| refuse(&error))?;
            check.entry(&line.run, place.seq, line.hash, Ok(line.entry.get().as_bytes()));
        }
    }
}
