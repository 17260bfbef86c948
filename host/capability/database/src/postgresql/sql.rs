//! Statements of procedures: queries that can only read, and single statements in a transaction that is noted.
//!
//! A query is the query of a cursor (the server takes nothing else for one, and nothing in it that alters data) in a
//! read-only transaction that has begun to read (and can be made one that writes no more), and it is rolled back. What such a
//! transaction does not stop are functions of the server that do not alter data: those that end sessions, reload settings,
//! read files or log in elsewhere. A `query-user` that may only read (`pg_read_all_data`) and is no superuser is not allowed
//! to call them.

use crate::driver::{Affected, Rows};
use crate::postgresql::connect::{STATEMENT_TIME, Server, Session, reason_of};
use crate::postgresql::lexer;
use crate::postgresql::values::{Parameter, json_of};
use postgres::types::{ToSql, Type};
use postgres::{Client, SimpleQueryMessage};
use procedo_core::capability::{Context, Stop};
use procedo_core::change::Probe;
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// The most rows that a query replies: what a procedure can look at, and its journal can keep.
const MOST_ROWS: usize = 10_000;
/// The most bytes of JSON that a query replies.
const MOST_BYTES: usize = 4 << 20;
/// How many rows are fetched at a time.
const BATCH: usize = 200;
/// How long to wait for the server to notice that a client is gone, or for itself to be there again.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait between two looks.
const BETWEEN: Duration = Duration::from_millis(200);
/// Statements that control transactions, or read and write files of the server.
const NOT_HERE: [&str; 11] = [
    "abort",
    "begin",
    "checkpoint",
    "commit",
    "copy",
    "end",
    "prepare",
    "release",
    "rollback",
    "savepoint",
    "start",
];

/// What is noted of a transaction before it is committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Noted {
    /// The transaction's number (`xid8`).
    xid: String,
    /// The timeline on which it was made.
    timeline: i32,
    /// The server's process.
    pid: i32,
    /// Since when that runs.
    since: String,
    rows: u64,
}

impl Server {
    fn parameters(&self, parameters: &[Value]) -> Result<Vec<Parameter>> {
        let read = |(index, value): (usize, &Value)| {
            Parameter::of(value).ok_or_else(|| {
                self.error(Kind::Invalid, "P1208")
                    .with("number", index + 1)
                    .with("value", value)
            })
        };
        parameters.iter().enumerate().map(read).collect()
    }

    /// The statement as the server takes it, if it may be made at all.
    fn statement(&self, sql: &str) -> Result<String> {
        if lexer::several(sql) {
            return Err(self.refused("several"));
        }
        if NOT_HERE.contains(&lexer::first_word(sql).as_str()) {
            return Err(self.refused("not-here"));
        }
        Ok(lexer::numbered(sql))
    }

    fn wrong_number(&self, expected: usize, given: usize) -> Error {
        self.error(Kind::Invalid, "P1205")
            .with("reason", format!("$1–${expected} ≠ {given}"))
    }

    /// Reads what the query asks for.
    pub(crate) fn query(&self, sql: &str, parameters: &[Value], stop: &Stop) -> Result<Rows> {
        let parameters = self.parameters(parameters)?;
        let sql = self.statement(sql)?;
        let mut session = self.open_to_read()?;
        let mut too_large = false;
        let mut expected = None;
        let rows = self.interruptible(&mut session, stop, STATEMENT_TIME, |client| {
            begin_to_read(client)?;
            let described = client.prepare(&sql)?;
            // The line's end closes a comment at the end of the statement.
            let cursor = format!("DECLARE procedo NO SCROLL CURSOR FOR {sql}\n");
            if described.params().len() != parameters.len() {
                expected = Some(described.params().len());
                return Ok(None);
            }
            client.execute(&cursor, &references(&parameters))?;
            let kinds: Vec<Type> = described
                .columns()
                .iter()
                .map(|column| column.type_().clone())
                .collect();
            let columns = described.columns().iter().map(|column| column.name().to_owned());
            let (mut rows, mut bytes) = (Vec::new(), 0);
            loop {
                let mut last = true;
                for message in client.simple_query(&format!("FETCH FORWARD {BATCH} FROM procedo"))? {
                    let SimpleQueryMessage::Row(row) = message else {
                        continue;
                    };
                    last = false;
                    let cells = kinds.iter().enumerate();
                    let text = Value::Array(cells.map(|(at, kind)| json_of(kind, row.get(at))).collect())
                        .to_string();
                    bytes += text.len();
                    if rows.len() == MOST_ROWS || bytes > MOST_BYTES {
                        too_large = true;
                        return Ok(None);
                    }
                    rows.push(text);
                }
                if last {
                    client.batch_execute("ROLLBACK")?;
                    let columns = columns.collect();
                    return Ok(Some(Rows { columns, rows }));
                }
            }
        })?;
        match (rows, expected) {
            (Some(rows), _) => Ok(rows),
            (None, Some(expected)) => Err(self.wrong_number(expected, parameters.len())),
            (None, None) => {
                debug_assert!(too_large, "there is no other reason");
                Err(self
                    .error(Kind::TooLarge, "P1207")
                    .with("rows", MOST_ROWS)
                    .with("bytes", MOST_BYTES))
            }
        }
    }

    /// Whether a statement could be executed: it is one, it is understood, it may be made, and its parameters fit.
    pub(crate) fn check(&self, sql: &str, parameters: &[Value]) -> Result<()> {
        let parameters = self.parameters(parameters)?;
        let sql = self.statement(sql)?;
        let mut session = self.open()?;
        let described = self.interruptible(&mut session, &Stop::default(), STATEMENT_TIME, |client| {
            begin_to_read(client)?;
            client.prepare(&sql)
        })?;
        let expected = described.params().len();
        if expected == parameters.len() {
            Ok(())
        } else {
            Err(self.wrong_number(expected, parameters.len()))
        }
    }

    /// Executes a statement in a transaction that is noted before it is committed.
    pub(crate) fn execute(
        &self,
        context: &mut Context<'_>,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Affected> {
        let parameters = self.parameters(parameters)?;
        let sql = self.statement(sql)?;
        let mut session = self.open()?;
        let mut expected = None;
        let noted = self.interruptible(&mut session, context.stop, STATEMENT_TIME, |client| {
            client.batch_execute(
                // What is told as committed must not be lost by the server's crash.
                "BEGIN READ WRITE; SELECT set_config('synchronous_commit', 'on', true) \
                 WHERE current_setting('synchronous_commit') = 'off'",
            )?;
            let row = client.query_one(
                "SELECT pg_current_xact_id()::text, (SELECT timeline_id FROM pg_control_checkpoint()), \
                 pg_backend_pid(), (SELECT backend_start::text FROM pg_stat_get_activity(pg_backend_pid()))",
                &[],
            )?;
            let described = client.prepare(&sql)?;
            if described.params().len() != parameters.len() {
                expected = Some(described.params().len());
            }
            let rows = match expected {
                Some(_) => 0,
                None => client.execute(&described, &references(&parameters))?,
            };
            Ok(Noted {
                xid: row.get(0),
                timeline: row.get(1),
                pid: row.get(2),
                since: row.get(3),
                rows,
            })
        })?;
        if let Some(expected) = expected {
            return Err(self.wrong_number(expected, parameters.len()));
        }
        let told = |error: postgres::Error| self.of_postgres(&error);
        let now = "SELECT pg_current_xact_id_if_assigned()::text";
        let now: Option<String> = session.client.query_one(now, &[]).map_err(told)?.get(0);
        if now.as_deref() != Some(noted.xid.as_str()) {
            return Err(self.refused("not-here"));
        }
        (context.note)(json!({"execute": noted}))?;
        match session.client.batch_execute("COMMIT") {
            Ok(()) => Ok(Affected {
                rows: Some(noted.rows),
            }),
            Err(error) if error.as_db_error().is_some() && !session.client.is_closed() => Err(told(error)),
            // It may have been committed before the connection was cut: the server knows.
            Err(error) => match self.became(context.stop, &noted)? {
                Became::Committed => Ok(Affected {
                    rows: Some(noted.rows),
                }),
                Became::Aborted => Err(told(error)),
                Became::Unclear(why) => Err(self
                    .error(Kind::Failed, "P1263")
                    .with("xid", &noted.xid)
                    .with("reason", why)),
            },
        }
    }

    /// What became of the statement of this call.
    pub(crate) fn probe_execute(&self, context: &mut Context<'_>) -> Result<Probe<Affected>> {
        let noted = |note: &Value| Noted::deserialize(note.get("execute")?).ok();
        let mut unclear = None;
        // Whoever repeated it said that the earlier attempts were not applied; one that was all the same counts.
        for noted in context.notes.iter().rev().filter_map(noted) {
            match self.became(context.stop, &noted)? {
                Became::Committed => {
                    return Ok(Probe::Applied(Affected {
                        rows: Some(noted.rows),
                    }));
                }
                Became::Aborted => {}
                Became::Unclear(why) => unclear = unclear.or(Some((noted.xid, why))),
            }
        }
        Ok(match unclear {
            // Without a note it was never committed.
            None => Probe::NotApplied,
            Some((xid, why)) => Probe::Unknown(
                Message::new("database-doubt-execute")
                    .with("database", &self.name)
                    .with("xid", xid)
                    .with("reason", why),
            ),
        })
    }

    /// What became of a transaction. One that is still in progress has lost its client: it is ended after a while.
    fn became(&self, stop: &Stop, noted: &Noted) -> Result<Became> {
        let began = std::time::Instant::now();
        let mut ended = false;
        loop {
            match self.ask_about(noted, ended) {
                Ok(Status::Known(became)) => return Ok(became),
                Ok(Status::InProgress) => ended = began.elapsed() > PATIENCE / 4,
                Err(why) if began.elapsed() > PATIENCE => return Ok(Became::Unclear(why)),
                Err(_) => {}
            }
            if began.elapsed() > 2 * PATIENCE {
                return Ok(Became::Unclear("in progress".to_owned()));
            }
            stop.wait(BETWEEN);
            stop.check()?;
        }
    }

    fn ask_about(&self, noted: &Noted, end: bool) -> Result<Status, String> {
        let reason = |error: postgres::Error| reason_of(&error);
        let mut session: Session = self
            .open()
            .map_err(|error| format!("{} {}", error.code, self.place()))?;
        let client = &mut session.client;
        let timeline = "SELECT timeline_id FROM pg_control_checkpoint()";
        let timeline: i32 = client.query_one(timeline, &[]).map_err(reason)?.get(0);
        if timeline != noted.timeline {
            // Another history: its transactions may bear the same numbers.
            let why = format!("timeline {} ≠ {timeline}", noted.timeline);
            return Ok(Status::Known(Became::Unclear(why)));
        }
        let status = "SELECT pg_xact_status($1::text::xid8)";
        let status: Option<String> = match client.query_one(status, &[&noted.xid]) {
            Ok(row) => row.get(0),
            Err(error) if error.as_db_error().is_some() => {
                return Ok(Status::Known(Became::Unclear(reason(error))));
            }
            Err(error) => return Err(reason(error)),
        };
        match status.as_deref() {
            Some("committed") => Ok(Status::Known(Became::Committed)),
            Some("aborted") => Ok(Status::Known(Became::Aborted)),
            Some("in progress") => {
                if end {
                    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                               WHERE pid = $1 AND backend_start::text = $2";
                    client.query(sql, &[&noted.pid, &noted.since]).map_err(reason)?;
                }
                Ok(Status::InProgress)
            }
            // It is so long ago that the server has forgotten it.
            _ => Ok(Status::Known(Became::Unclear("pg_xact_status = NULL".to_owned()))),
        }
    }
}

/// What became of a transaction.
enum Became {
    Committed,
    Aborted,
    Unclear(String),
}

enum Status {
    Known(Became),
    InProgress,
}

/// A transaction that reads one state, and can no longer be made one that writes.
pub(crate) fn begin_to_read(client: &mut Client) -> Result<(), postgres::Error> {
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1")
}

fn references(parameters: &[Parameter]) -> Vec<&(dyn ToSql + Sync)> {
    parameters
        .iter()
        .map(|parameter| parameter as &(dyn ToSql + Sync))
        .collect()
}
