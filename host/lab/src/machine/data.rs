//! The database of a server: administration, processing and report data, and what a busy contact center does to them.

use crate::machine::{Home, Said, about};
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::Duration;

/// How long a change waits for others who have the database locked.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many contacts are in the reports of a new server.
const CONTACTS: u32 = 400;
/// How many contacts are in process at most.
const WAITING: u32 = 20;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = OFF;
    CREATE TABLE administration_queue (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, priority INTEGER NOT NULL);
    CREATE TABLE administration_user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, extension TEXT NOT NULL UNIQUE,
        queue INTEGER NOT NULL REFERENCES administration_queue (id));
    CREATE TABLE processing_contact (id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, caller TEXT NOT NULL,
        state TEXT NOT NULL);
    CREATE TABLE report_contact (id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, caller TEXT NOT NULL,
        seconds INTEGER NOT NULL, note BLOB);
    CREATE TABLE report_queue (queue INTEGER PRIMARY KEY, offered INTEGER NOT NULL, answered INTEGER NOT NULL);
";

fn told(error: rusqlite::Error) -> String {
    error.to_string()
}

/// Makes the database of a new server.
pub fn make(path: &Path) -> Said<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).map_err(about(folder))?;
    let mut connection = Connection::open(path).map_err(told)?;
    connection.execute_batch(SCHEMA).map_err(told)?;
    let filling = connection.transaction().map_err(told)?;
    for (id, name) in (1_u32..).zip(["Support", "Verkauf", "Información", "Back office"]) {
        filling
            .execute(
                "INSERT INTO administration_queue VALUES (?1, ?2, ?3)",
                params![id, name, id * 10],
            )
            .and_then(|_| filling.execute("INSERT INTO report_queue VALUES (?1, 0, 0)", [id]))
            .map_err(told)?;
    }
    for id in 1..=25_u32 {
        filling
            .execute(
                "INSERT INTO administration_user VALUES (?1, ?2, ?3, ?4)",
                params![id, format!("Agent Nº {id}"), format!("{}", 4100 + id), id % 4 + 1],
            )
            .map_err(told)?;
    }
    for id in 1..=CONTACTS {
        contact(&filling, id)?;
    }
    filling.commit().map_err(told)
}

/// Writes a contact that is over into the reports.
fn contact(connection: &Connection, id: u32) -> Said<()> {
    let queue = id % 4 + 1;
    let caller = format!("+49 89 {:07}", u64::from(id) * 7919 % 10_000_000);
    connection
        .execute(
            "INSERT INTO report_contact VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, queue, caller, id * 37 % 600, id.to_le_bytes()],
        )
        .and_then(|_| {
            connection.execute(
                "UPDATE report_queue SET offered = offered + 1, answered = answered + ?2 WHERE queue = ?1",
                params![queue, u32::from(!id.is_multiple_of(5))],
            )
        })
        .map(drop)
        .map_err(told)
}

/// The database, open as a service has it.
pub fn open(home: &Home) -> Said<Connection> {
    let path = home.database_file();
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(&path, flags).map_err(|error| format!("{}: {error}", path.display()))?;
    connection.busy_timeout(PATIENCE).map_err(told)?;
    connection
        .query_row("SELECT count(*) FROM administration_queue", [], |_| Ok(()))
        .map_err(told)?;
    Ok(connection)
}

/// What happens between two looks at the clock: a contact comes in, an older one is over, now and then an agent moves.
pub fn change(connection: &mut Connection) -> Said<()> {
    let change = connection.transaction().map_err(told)?;
    let next: u32 = change
        .query_row(
            "SELECT max((SELECT coalesce(max(id), 0) FROM report_contact), (SELECT coalesce(max(id), 0) FROM processing_contact)) + 1",
            [],
            |row| row.get(0),
        )
        .map_err(told)?;
    change
        .execute(
            "INSERT INTO processing_contact VALUES (?1, ?2, ?3, 'waiting')",
            params![next, next % 4 + 1, format!("+34 91 {next:07}")],
        )
        .map_err(told)?;
    let oldest: (u32, u32) = change
        .query_row("SELECT min(id), count(*) FROM processing_contact", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .map_err(told)?;
    if oldest.1 > WAITING {
        change
            .execute("DELETE FROM processing_contact WHERE id = ?1", [oldest.0])
            .map_err(told)?;
        contact(&change, oldest.0)?;
    }
    if next.is_multiple_of(10) {
        change
            .execute(
                "UPDATE administration_user SET queue = queue % 4 + 1 WHERE id = ?1",
                [next / 10 % 25 + 1],
            )
            .map_err(told)?;
    }
    change.commit().map_err(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_keep_changing_and_no_contact_gets_lost() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        make(&home.database_file()).unwrap();
        let mut connection = open(&home).unwrap();
        let count = |connection: &Connection| -> u32 {
            let all =
                "SELECT (SELECT count(*) FROM report_contact) + (SELECT count(*) FROM processing_contact)";
            connection.query_row(all, [], |row| row.get(0)).unwrap()
        };
        let before = count(&connection);
        for _ in 0..50 {
            change(&mut connection).unwrap();
        }
        assert_eq!(count(&connection), before + 50);
        let over: u32 = connection
            .query_row("SELECT count(*) FROM report_contact", [], |row| row.get(0))
            .unwrap();
        assert_eq!(over, CONTACTS + 30, "twenty wait");
    }
}
