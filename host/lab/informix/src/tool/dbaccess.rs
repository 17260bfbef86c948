//! `dbaccess DATABASE -`: statements from standard input; what they say goes to standard error, rows to standard output or to
//! the file that UNLOAD names. SQLite stands for the server's SQL, so only what both understand can be tried.

use crate::server::{Mode, Server};
use crate::tool::unload::{self, Unload};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::io::{self, Write};

/// What went wrong: the number and the sentence that the real tool prints.
pub(super) struct Fault {
    number: i32,
    sentence: String,
}

impl Fault {
    pub(super) fn new(number: i32, sentence: impl Into<String>) -> Self {
        Self {
            number,
            sentence: sentence.into(),
        }
    }

    fn of(error: &rusqlite::Error) -> Self {
        let said = error.to_string();
        match said.split_once("no such table: ") {
            Some((_, table)) => {
                let table = table.split_whitespace().next().unwrap_or_default();
                Self::new(
                    206,
                    format!("The specified table ({table}) is not in the database."),
                )
            }
            None if said.contains("readonly") => {
                Self::new(878, "Invalid operation for a READ-ONLY transaction.")
            }
            None if said.contains("UNIQUE") => Self::new(
                239,
                "Could not insert new row - duplicate value in a UNIQUE INDEX column.",
            ),
            None => Self::new(201, "A syntax error has occurred."),
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::of(&error)
    }
}

/// Runs it.
///
/// # Errors
/// If its files cannot be read or written.
pub fn dbaccess(server: &Server, args: &[String]) -> io::Result<u8> {
    let (database, script) = match args {
        [database, dash] if dash == "-" => (database, io::read_to_string(io::stdin())?),
        _ => {
            eprintln!("Usage: dbaccess database -");
            return Ok(1);
        }
    };
    let refused = match server.state()?.mode {
        Mode::OnLine | Mode::SingleUser => None,
        Mode::Quiescent => Some(Fault::new(27002, "No connections are allowed in quiescent mode.")),
        _ => {
            let name = &server.environment.server;
            let sentence = format!("Attempt to connect to database server ({name}) failed.");
            Some(Fault::new(908, sentence))
        }
    };
    let image = match refused {
        Some(fault) => Err(fault),
        None => server
            .image(database)?
            .ok_or_else(|| Fault::new(329, "Database not found or no system permission.")),
    };
    let image = match image {
        Ok(image) => image,
        Err(fault) => {
            complain(&fault, 1);
            return Ok(1);
        }
    };
    eprintln!("\nDatabase selected.\n");
    let file = server
        .environment
        .state_dir()
        .join(format!("dbaccess-{}", std::process::id()));
    std::fs::write(&file, &image)?;
    let code = session(&file, &script);
    let after = std::fs::read(&file);
    std::fs::remove_file(&file)?;
    let after = after?;
    let code = code.map_err(|fault| io::Error::other(fault.sentence))?;
    if after != image {
        server.put_image(database, &after)?;
    }
    eprintln!("\nDatabase closed.\n");
    Ok(code)
}

fn complain(fault: &Fault, line: usize) {
    eprintln!("\n{:5}: {}", fault.number, fault.sentence);
    eprintln!("Error in line {line}\nNear character position 1\n");
}

/// Executes the statements; tells the exit code.
fn session(file: &std::path::Path, script: &str) -> Result<u8, Fault> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = memory;
         CREATE TEMP VIEW systables AS SELECT name AS tabname, 'informix' AS owner, rowid + 99 AS tabid, 'T' AS tabtype
             FROM sqlite_schema WHERE type = 'table'
             UNION ALL SELECT 'systables', 'informix', 1, 'T';",
    )?;
    let stops = std::env::var("DBACCNOIGN").is_ok_and(|value| value == "1");
    let mut code = 0;
    for statement in statements(script) {
        match execute(&connection, &statement) {
            Ok(said) => eprintln!("\n{said}\n"),
            Err(fault) => {
                complain(&fault, 1);
                code = 1;
                if stops {
                    break;
                }
            }
        }
    }
    // What was not committed is rolled back when the connection is closed.
    Ok(code)
}

/// The statements of a script, without the semicolons between them.
fn statements(script: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut quote = None;
    for c in script.chars() {
        match (c, quote) {
            (';', None) => {
                found.push(String::new());
                continue;
            }
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if open == c => quote = None,
            _ => {}
        }
        if let Some(last) = found.last_mut() {
            last.push(c);
        }
    }
    found.retain(|statement| !statement.trim().is_empty());
    found
}

fn execute(connection: &Connection, statement: &str) -> Result<String, Fault> {
    // All tables belong to the same account.
    let statement = statement.trim().replace("\"informix\".", "");
    let words: Vec<_> = statement
        .split_whitespace()
        .take(3)
        .map(str::to_ascii_lowercase)
        .collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let altered = |what: &str| {
        let rows = connection.execute(&statement, [])?;
        Ok(format!("{rows} row(s) {what}."))
    };
    let made = |what: &str| {
        connection.execute_batch(&statement)?;
        Ok(format!("Table {what}."))
    };
    match words[..] {
        ["set", "lock", "mode"] => Ok("Lockmode set.".to_owned()),
        ["begin", ..] => control(connection, "BEGIN", "Started transaction."),
        ["set", "transaction", "read"] => {
            control(connection, "PRAGMA query_only = on", "Transaction mode set.")
        }
        ["commit", ..] => control(connection, "COMMIT", "Data committed."),
        ["rollback", ..] => control(connection, "ROLLBACK", "Transaction rolled back."),
        ["unload", "to", _] => unload(connection, &statement),
        ["select", ..] => print(connection, &statement),
        ["insert", ..] => altered("inserted"),
        ["update", ..] => altered("updated"),
        ["delete", ..] => altered("deleted"),
        ["create", "table", _] => made("created"),
        ["drop", "table", _] => made("dropped"),
        _ => Err(Fault::new(201, "A syntax error has occurred.")),
    }
}

fn control(connection: &Connection, sql: &str, said: &str) -> Result<String, Fault> {
    connection.execute_batch(sql)?;
    Ok(said.to_owned())
}

/// Rows for a person, each value behind the name of its column.
fn print(connection: &Connection, statement: &str) -> Result<String, Fault> {
    let mut query = connection.prepare(statement)?;
    let names: Vec<String> = query.column_names().map(str::to_owned).collect();
    let mut rows = query.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        println!();
        for (at, name) in names.iter().enumerate() {
            println!("{name:<16}{}", unload::text(row.get_ref(at)?).unwrap_or_default());
        }
        count += 1;
    }
    Ok(format!("{count} row(s) retrieved."))
}

fn unload(connection: &Connection, statement: &str) -> Result<String, Fault> {
    let Unload {
        file,
        delimiter,
        select,
    } = Unload::parse(statement)?;
    let mut query = connection.prepare(&select)?;
    if !query.readonly() {
        return Err(Fault::new(201, "A syntax error has occurred."));
    }
    let columns = query.column_count();
    let cannot = |_| {
        Fault::new(
            846,
            "Number of values in load file is not equal to number of columns.",
        )
    };
    let to = std::fs::File::create(&file)
        .map_err(|_| Fault::new(806, format!("Cannot open file for unload ({file}).")))?;
    let mut to = io::BufWriter::new(to);
    let mut rows = query.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let mut line = String::new();
        for at in 0..columns {
            let value: ValueRef<'_> = row.get_ref(at)?;
            unload::field(&mut line, value, delimiter);
        }
        line.push('\n');
        to.write_all(line.as_bytes()).map_err(cannot)?;
        count += 1;
    }
    to.flush().map_err(cannot)?;
    Ok(format!("{count} row(s) unloaded."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semicolon_in_quotes_ends_no_statement() {
        assert_eq!(
            statements("SELECT ';' FROM a; ;DELETE FROM \"b;c\" WHERE d = 'it''s;'"),
            ["SELECT ';' FROM a", "DELETE FROM \"b;c\" WHERE d = 'it''s;'"]
        );
    }
}
