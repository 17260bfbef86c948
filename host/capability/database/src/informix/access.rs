//! Reading and altering data by `dbaccess`, the server's own tool for SQL. The statement is on its standard input, where
//! nobody sees it in the list of processes; `statement` says what may stand there, and `unload` reads what comes back.
//!
//! What is known only from its text: `dbaccess` tells neither the names nor the types of columns, so that they are `column-1`
//! and so on, and every value is a text or null.

use crate::driver::{Affected, Rows, TableChecksum};
use crate::informix::server::Server;
use crate::informix::statement::{Purpose, Refusal, literal};
use crate::informix::unload::{count, fault, leaves_open, rows};
use procedo_core::capability::{Context, Stop};
use procedo_core::change::Probe;
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Input, Limits, Output, Program};
use serde_json::json;
use std::time::Duration;

/// The most rows that a query replies, and the most bytes of JSON: what a procedure can look at, and its journal can keep.
const MOST_ROWS: usize = 10_000;
const MOST_BYTES: usize = 4 << 20;
/// How long a statement may take.
const STATEMENT_TIME: Duration = Duration::from_secs(600);
/// How long reading a table may take.
const TABLE_TIME: Duration = Duration::from_secs(24 * 3600);
/// How many bytes of unloaded rows are looked at. They are at most twice as long as in a reply: by what is escaped.
const MOST_UNLOADED: usize = 2 * MOST_BYTES + 1;
/// Stops at the first error, and then rolls back (HCL Informix 14.10, Guide to SQL: Reference, `DBACCNOIGN`).
const STOPS: (&str, &str) = ("DBACCNOIGN", "1");
/// Dates as everybody reads them: 2026-01-31 (the same guide, `DBDATE`).
const DATES: (&str, &str) = ("DBDATE", "Y4MD-");
/// Other sessions' locks are waited for, in seconds.
const WAITS: &str = "SET LOCK MODE TO WAIT 60;\n";
/// The tables that are not the server's own: its catalogue has the numbers below.
const TABLES: &str =
    "SELECT owner, tabname FROM systables WHERE tabid >= 100 AND tabtype = 'T' ORDER BY tabname, owner";
/// Where the script puts the name of the file to unload to.
const UNLOAD: &str = "UNLOAD TO '@FILE@' DELIMITER '|'";
/// SHA-256 of no bytes: the digest of a table without rows, and of no other.
const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// What dbaccess says it did to rows.
const ALTERED: [&str; 4] = ["inserted", "updated", "deleted", "merged"];

impl Server {
    /// The database of the server, for what needs one.
    fn dbname(&self, what: &str) -> Result<&str> {
        self.settings.dbname.as_deref().ok_or_else(|| {
            self.error(Kind::NotSupported, "P1203")
                .with("driver", "informix")
                .with("what", format!("{what}, dbname = –"))
        })
    }

    /// Whether a statement could be executed; nothing is sent.
    pub(crate) fn check(&self, sql: &str, parameters: &[Value]) -> Result<()> {
        self.dbname("execute")?;
        self.statement(sql, parameters, Purpose::Execute).map(drop)
    }

    /// The statement as `dbaccess` gets it.
    fn statement(&self, sql: &str, parameters: &[Value], purpose: Purpose) -> Result<String> {
        literal(sql, parameters, purpose).map_err(|refusal| match refusal {
            Refusal::Several => self.error(Kind::Invalid, "P1206").with("rule", "several"),
            Refusal::NotHere => self.error(Kind::Invalid, "P1206").with("rule", "not-here"),
            Refusal::Beyond(what) => self
                .error(Kind::Invalid, "P1206")
                .with("rule", "beyond")
                .with("what", what),
            Refusal::Unreadable(reason) => self.error(Kind::Invalid, "P1205").with("reason", reason),
            Refusal::Parameter(number) => self
                .error(Kind::Invalid, "P1208")
                .with("number", number)
                .with("value", parameters.get(number - 1).unwrap_or(&Value::Null)),
        })
    }

    /// A script around `dbaccess`, with the statements on its standard input.
    fn access(&self, script: &str, dbname: &str, more: &[&str], statements: &str) -> Program {
        let mut program = self.tool("dbaccess");
        let tool = std::mem::replace(&mut program.path, "sh".to_owned());
        program = program
            .args(["-c", script, "sh", &tool, dbname])
            .args(more.iter().copied())
            .env(STOPS.0, STOPS.1)
            .env(DATES.0, DATES.1)
            .input(Input::Bytes(statements.as_bytes().to_vec()));
        if let Some(locale) = &self.settings.locale {
            // Names of both kinds are `language_territory.codeset`; the tool's own words stay English.
            program = program
                .env("DB_LOCALE", locale)
                .env("CLIENT_LOCALE", "en_us.utf8");
        }
        program
    }

    /// The error that dbaccess told, or that it did not say that all went well.
    fn refused(&self, output: &Output) -> Error {
        let said = output.errors();
        match fault(&said) {
            Some(fault) if !fault.is_of_connection() => self
                .error(Kind::Invalid, "P1205")
                .with("reason", format!("{}: {}", fault.number, fault.sentence)),
            Some(fault) => self
                .error(Kind::Unavailable, "P1237")
                .with("tool", "dbaccess")
                .with("code", output.code)
                .with("said", format!("{}: {}", fault.number, fault.sentence)),
            None => self
                .error(Kind::Failed, "P1237")
                .with("tool", "dbaccess")
                .with("code", output.code)
                .with("said", said.trim()),
        }
    }

    /// What dbaccess said, if that all went well.
    fn well(&self, output: &Output) -> Result<String> {
        let said = output.errors();
        if output.code == 0 && fault(&said).is_none() {
            Ok(said)
        } else {
            Err(self.refused(output))
        }
    }

    /// The rows of a query, in a transaction that only reads and is rolled back: so a routine of the database that the query
    /// calls alters none of its data (HCL Informix, Guide to SQL: Tutorial, “Control data modification with access modes”).
    /// The server's administration is not bound by that: `statement` refuses to call it.
    pub(crate) fn query(&self, sql: &str, parameters: &[Value], stop: &Stop) -> Result<Rows> {
        let dbname = self.dbname("query")?;
        let select = self.statement(sql, parameters, Purpose::Query)?;
        let statements =
            format!("{WAITS}BEGIN WORK;\nSET TRANSACTION READ ONLY;\n{UNLOAD} {select};\nROLLBACK WORK;\n");
        let found = self.unloaded(dbname, &statements, stop)?;
        let mut bytes = 0;
        let mut rows = Vec::new();
        for row in &found {
            let row = json!(row).to_string();
            bytes += row.len();
            rows.push(row);
        }
        if rows.len() > MOST_ROWS || bytes > MOST_BYTES {
            return Err(self.too_large());
        }
        let width = found.first().map_or(0, Vec::len);
        Ok(Rows {
            columns: (1..=width).map(|number| format!("column-{number}")).collect(),
            rows,
        })
    }

    fn too_large(&self) -> Error {
        self.error(Kind::TooLarge, "P1207")
            .with("rows", MOST_ROWS)
            .with("bytes", MOST_BYTES)
    }

    fn unloaded(&self, dbname: &str, statements: &str, stop: &Stop) -> Result<Vec<Vec<Option<String>>>> {
        let most = MOST_UNLOADED.to_string();
        let script = include_str!("script/unload.sh");
        let program = self.access(script, dbname, &["rows", &most], statements);
        let limits = Limits {
            time: STATEMENT_TIME,
            bytes: MOST_UNLOADED,
        };
        let output = self.machine.run(&program, &limits, stop)?;
        if output.stdout.len() >= MOST_UNLOADED {
            return Err(self.too_large());
        }
        let said = self.well(&output)?;
        let Ok(text) = std::str::from_utf8(&output.stdout) else {
            return Err(self.error(Kind::Invalid, "P1250"));
        };
        match (rows(text), count(&said, &["unloaded"])) {
            (Some(rows), Some(told)) if rows.len() as u64 == told => Ok(rows),
            _ => Err(self.refused(&output)),
        }
    }

    /// Executes a statement in a transaction of its own.
    ///
    /// # Errors
    /// Where the statement came to the server, and neither its success nor an error of its own was told, the call is in doubt.
    pub(crate) fn execute(
        &self,
        context: &mut Context<'_>,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Affected> {
        let dbname = self.dbname("execute")?;
        let statement = self.statement(sql, parameters, Purpose::Execute)?;
        let statements = format!("{WAITS}BEGIN WORK;\n{statement};\nCOMMIT WORK;\n");
        let program = self.access(include_str!("script/execute.sh"), dbname, &[], &statements);
        // What never reached the machine is no statement that somebody has to look for.
        self.machine.stat(&self.settings.folder)?;
        (context.note)(json!({"informix": "execute"}))?;
        let limits = Limits {
            time: STATEMENT_TIME,
            ..Limits::default()
        };
        let run = self.machine.run(&program, &limits, context.stop);
        // It may have committed before its time was up or the connection was cut, or may go on.
        let output = run.map_err(|error| match error.code.as_str() {
            "P1007" | "P1009" | "P1010" => error.in_doubt(),
            _ => error,
        })?;
        let said = self.well(&output).map_err(|error| {
            if leaves_open(output.code, &output.errors()) {
                error.in_doubt()
            } else {
                error
            }
        })?;
        // A table is made or dropped without a word about rows.
        let rows = count(&said, &ALTERED).unwrap_or(0);
        Ok(Affected { rows: Some(rows) })
    }

    /// What became of a statement: the server keeps no record of whose it was, so that a person has to look.
    pub(crate) fn probe_execute(&self, context: &Context<'_>) -> Probe<Affected> {
        let begun = context.notes.iter().any(|note| note["informix"] == "execute");
        if begun {
            Probe::Unknown(Message::new("database-doubt-informix").with("database", &self.name))
        } else {
            Probe::NotApplied
        }
    }

    /// Rows and digest of each table, one after the other.
    pub(crate) fn checksums(&self, stop: &Stop) -> Result<Vec<TableChecksum>> {
        let dbname = self.dbname("checksums")?;
        let tables = self.unloaded(dbname, &format!("{WAITS}{UNLOAD} {TABLES};\n"), stop)?;
        let names = tables.into_iter().map(|row| match <[_; 2]>::try_from(row) {
            Ok([Some(owner), Some(table)]) => Ok((owner.trim_end().to_owned(), table.trim_end().to_owned())),
            other => Err(self
                .error(Kind::Failed, "P1237")
                .with("tool", "dbaccess")
                .with("code", 0)
                .with("said", format!("systables: {other:?}"))),
        });
        let names: Vec<(String, String)> = names.collect::<Result<_>>()?;
        let twice = |table: &str| names.iter().filter(|(_, other)| other == table).count() > 1;
        names
            .iter()
            .map(|(owner, table)| {
                let mut checksum = self.checksum(dbname, owner, table, stop)?;
                if twice(table) {
                    checksum.table = format!("{owner}.{table}");
                }
                Ok(checksum)
            })
            .collect()
    }

    fn checksum(&self, dbname: &str, owner: &str, table: &str, stop: &Stop) -> Result<TableChecksum> {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let from = format!("{}.{}", quoted(owner), quoted(table));
        let statements = format!("{WAITS}{UNLOAD} SELECT * FROM {from};\n");
        let script = include_str!("script/unload.sh");
        // Names in double quotes, as they are written.
        let program = self
            .access(script, dbname, &["digest"], &statements)
            .env("DELIMIDENT", "y");
        let limits = Limits {
            time: TABLE_TIME,
            ..Limits::default()
        };
        let output = self.machine.run(&program, &limits, stop)?;
        let said = self.well(&output)?;
        let text = output.text();
        let digest = text
            .get(..64)
            .filter(|digest| digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match (digest, count(&said, &["unloaded"])) {
            (Some(digest), Some(rows)) if (digest == OF_NOTHING) == (rows == 0) => Ok(TableChecksum {
                table: table.to_owned(),
                rows,
                digest: digest.to_owned(),
            }),
            _ => Err(self.refused(&output)),
        }
    }
}
