//! Schedules, and the runs that can go on, in SQLite.

use super::SqliteStore;
use super::queue::Work;
use crate::failure::{damaged, of_file};
use crate::lease::{self, Hold};
use crate::serving::{Line, Scheduled, Serving};
use procedo_core::Result;
use procedo_core::run::RunId;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs that rest and can go on, and runs that no process may be working on. A run whose calls were not those of its journal
/// has to be put right by a person first.
const READY: &str = "
SELECT id FROM runs WHERE finished IS NULL AND state <> 'diverged' AND (
    wakes <= ?1
    OR (awaits IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM runs AS holder WHERE holder.id = runs.awaits AND holder.finished IS NULL))
    OR (state <> 'running' AND id IN (SELECT run FROM inbox))
    OR state = 'running')
ORDER BY number";

impl SqliteStore {
    /// All rows of a statement without parameters.
    fn all<T>(&self, sql: &str, turn: impl Fn(&Row<'_>) -> rusqlite::Result<T>) -> Result<Vec<T>> {
        self.readers.read(|transaction| {
            let mut select = transaction
                .prepare_cached(sql)
                .map_err(|error| self.readers.fail(&error))?;
            let rows = select
                .query_map([], |row| turn(row))
                .map_err(|error| self.readers.fail(&error))?;
            rows.map(|row| row.map_err(|error| self.readers.fail(&error)))
                .collect()
        })
    }

    /// Whether no process works on a root run and nobody attends it.
    fn is_free(&self, root: &RunId) -> Result<bool> {
        let dir = self.places.leases();
        let fail = |error: std::io::Error| of_file(&error, &dir);
        Ok(!lease::is_held(&dir, root).map_err(fail)? && !lease::is_attended(&dir, root).map_err(fail)?)
    }
}

impl Serving for SqliteStore {
    fn schedules(&self) -> Result<Vec<Scheduled>> {
        self.all(
            "SELECT name, declared, since FROM schedules ORDER BY name",
            |row| {
                Ok(Scheduled {
                    name: row.get(0)?,
                    declared: row.get(1)?,
                    since: row.get(2)?,
                })
            },
        )
    }

    fn set_schedule(
        &self,
        name: &str,
        former: Option<&str>,
        declared: Option<&str>,
        since: i64,
    ) -> Result<bool> {
        let (name, former) = (name.to_owned(), former.map(str::to_owned));
        let declared = declared.map(str::to_owned);
        let done = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&done);
        self.shared.perform(Work::Act(Box::new(move |connection| {
            let found: Option<String> = connection
                .prepare_cached("SELECT declared FROM schedules WHERE name = ?1")?
                .query_row([&name], |row| row.get(0))
                .optional()?;
            told.store(found == former, Ordering::Release);
            if found != former {
                return Ok(());
            }
            match &declared {
                Some(declared) => connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO schedules (name, declared, since) VALUES (?1, ?2, ?3)",
                    )?
                    .execute((&name, declared, since)),
                None => connection
                    .prepare_cached("DELETE FROM schedules WHERE name = ?1")?
                    .execute([&name]),
            }
            .map(|_| ())
        })))?;
        Ok(done.load(Ordering::Acquire))
    }

    fn lines(&self) -> Result<Vec<Line>> {
        let sql = "SELECT schedule, value, defined, settled, held, run, slot, failed FROM lines ORDER BY schedule, value";
        let rows = self.all(sql, |row| {
            let run: Option<String> = row.get(5)?;
            let line = Line {
                schedule: row.get(0)?,
                value: row.get(1)?,
                defined: row.get(2)?,
                settled: row.get(3)?,
                held: row.get(4)?,
                run: None,
                slot: row.get(6)?,
                failed: row.get(7)?,
            };
            Ok((line, run))
        })?;
        let named = |(line, run): (Line, Option<String>)| {
            let run = run
                .map(|text| RunId::parse(&text).ok_or_else(|| damaged(format!("“{text}” names no run"))))
                .transpose()?;
            Ok(Line { run, ..line })
        };
        rows.into_iter().map(named).collect()
    }

    fn put_lines(&self, lines: &[Line], gone: &[(String, String)]) -> Result<()> {
        if lines.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let (lines, gone) = (lines.to_vec(), gone.to_vec());
        self.shared.perform(Work::Act(Box::new(move |connection| {
            for (schedule, value) in &gone {
                connection
                    .prepare_cached("DELETE FROM lines WHERE schedule = ?1 AND value = ?2")?
                    .execute((schedule, value))?;
            }
            for line in &lines {
                connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO lines (schedule, value, defined, settled, held, run, slot, failed)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    )?
                    .execute(params![
                        line.schedule,
                        line.value,
                        line.defined,
                        line.settled,
                        line.held,
                        line.run.as_ref().map(RunId::as_str),
                        line.slot,
                        line.failed
                    ])?;
            }
            Ok(())
        })))
    }

    fn ready(&self, now: i64) -> Result<Vec<RunId>> {
        let ids: Vec<String> = self.readers.read(|transaction| {
            let fail = |error: rusqlite::Error| self.readers.fail(&error);
            let mut select = transaction.prepare_cached(READY).map_err(fail)?;
            let rows = select.query_map([now], |row| row.get(0)).map_err(fail)?;
            rows.map(|row| row.map_err(fail)).collect()
        })?;
        let mut seen = BTreeSet::new();
        let mut ready = Vec::new();
        for id in ids {
            let run = RunId::parse(&id).ok_or_else(|| damaged(format!("“{id}” names no run")))?;
            // A child goes on with its root.
            let root = run.root();
            if !seen.insert(root.clone()) {
                continue;
            }
            let over = root != run && self.readers.row(&root)?.is_none_or(|row| row.state.is_final());
            if !over && self.is_free(&root)? {
                ready.push(root);
            }
        }
        Ok(ready)
    }

    fn wakes(&self, now: i64) -> Result<Option<i64>> {
        self.readers.read(|transaction| {
            transaction
                .prepare_cached("SELECT min(wakes) FROM runs WHERE finished IS NULL AND wakes > ?1")
                .and_then(|mut select| select.query_row([now], |row| row.get(0)))
                .map_err(|error| self.readers.fail(&error))
        })
    }

    fn attend(&self, run: &RunId) -> Result<Option<Hold>> {
        let dir = self.places.leases();
        lease::attend(&dir, &run.root()).map_err(|error| of_file(&error, &dir))
    }
}
