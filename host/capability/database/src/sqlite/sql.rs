//! Statements of procedures: queries that can only read, and single statements with a note in their transaction.

use crate::driver::{Affected, Rows};
use crate::sqlite::open::{Place, STATEMENT_TIME};
use procedo_core::capability::Stop;
use procedo_core::value::Value;
use procedo_core::{Kind, Result};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{Value as Cell, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params_from_iter};
use serde_json::json;

/// The most rows that a query replies: what a procedure can look at, and its journal can keep.
pub(crate) const MOST_ROWS: usize = 10_000;
/// The most bytes of JSON that a query replies.
pub(crate) const MOST_BYTES: usize = 4 << 20;
/// The table with the keys of the statements that were executed.
pub(crate) const CALLS: &str = "procedo_calls";

/// A query reads: no pragma but those that only tell, no other file.
fn may_read(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select
        | AuthAction::Read { .. }
        | AuthAction::Recursive
        | AuthAction::Pragma {
            pragma_value: None, ..
        } => Authorization::Allow,
        AuthAction::Pragma { pragma_name, .. } if tells(pragma_name) => Authorization::Allow,
        AuthAction::Function { function_name } if !function_name.eq_ignore_ascii_case("load_extension") => {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }
}

/// Pragmas whose value only says about what.
fn tells(pragma: &str) -> bool {
    [
        "table_info",
        "table_xinfo",
        "index_info",
        "index_xinfo",
        "index_list",
        "foreign_key_list",
    ]
    .iter()
    .any(|name| name.eq_ignore_ascii_case(pragma))
}

/// A statement alters data: it controls no transaction, opens no other file, and leaves the host's own table alone.
fn may_write(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Transaction { .. }
        | AuthAction::Savepoint { .. }
        | AuthAction::Attach { .. }
        | AuthAction::Detach { .. }
        | AuthAction::Pragma { .. } => Authorization::Deny,
        AuthAction::Function { function_name } if function_name.eq_ignore_ascii_case("load_extension") => {
            Authorization::Deny
        }
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name }
        | AuthAction::DropTable { table_name }
        | AuthAction::AlterTable { table_name, .. }
            if table_name.eq_ignore_ascii_case(CALLS) =>
        {
            Authorization::Deny
        }
        _ => Authorization::Allow,
    }
}

/// Whether a statement loses data by its words; where it only seems so, the stricter answer is given.
pub(crate) fn loses(sql: &str) -> bool {
    const LOSING: [&str; 6] = ["delete", "drop", "alter", "truncate", "replace", "vacuum"];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    sql.split(|c| !is_word(c))
        .any(|word| LOSING.iter().any(|losing| word.eq_ignore_ascii_case(losing)))
}

/// Text is text; a number is a number; a blob is `{"blob": "HEX"}`.
fn cell_of(place: &Place, number: usize, value: &Value) -> Result<Cell> {
    let refuse = || {
        place
            .error(Kind::Invalid, "P1208")
            .with("number", number)
            .with("value", value)
    };
    Ok(match value {
        Value::Null => Cell::Null,
        Value::Bool(yes) => Cell::Integer(i64::from(*yes)),
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(integer), _) => Cell::Integer(integer),
            // Beyond the integers of SQLite; as a real number it would silently be another.
            _ if n.is_u64() => return Err(refuse()),
            (None, Some(real)) => Cell::Real(real),
            _ => return Err(refuse()),
        },
        Value::String(text) => Cell::Text(text.clone()),
        Value::Object(members) if members.len() == 1 => {
            let hex = members.get("blob").and_then(Value::as_str).ok_or_else(refuse)?;
            Cell::Blob(of_hex(hex).ok_or_else(refuse)?)
        }
        _ => return Err(refuse()),
    })
}

fn cells(place: &Place, parameters: &[Value]) -> Result<Vec<Cell>> {
    let numbered = parameters.iter().enumerate();
    numbered
        .map(|(index, value)| cell_of(place, index + 1, value))
        .collect()
}

fn of_hex(hex: &str) -> Option<Vec<u8>> {
    let digits = hex
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<Vec<u8>>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    });
    pairs.collect()
}

fn json_of(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => n.into(),
        // JSON has no infinity.
        ValueRef::Real(x) => {
            serde_json::Number::from_f64(x).map_or_else(|| x.to_string().into(), Value::Number)
        }
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into(),
        ValueRef::Blob(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({"blob": hex})
        }
    }
}

/// No other database can be attached.
fn confine(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0).map(drop)
}

/// Reads what the query asks for.
pub(crate) fn query(place: &Place, sql: &str, parameters: &[Value], stop: &Stop) -> Result<Rows> {
    let cells = cells(place, parameters)?;
    let mut connection = place.open_to_read()?;
    let told = |error: rusqlite::Error| place.of_sqlite(&error);
    connection.pragma_update(None, "query_only", true).map_err(told)?;
    confine(&connection).map_err(told)?;
    connection.authorizer(Some(may_read)).map_err(told)?;
    let mut too_large = None;
    let rows = place.interruptible(&connection, stop, STATEMENT_TIME, || {
        let mut statement = connection.prepare(sql)?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut found = statement.query(params_from_iter(cells))?;
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while let Some(row) = found.next()? {
            let cells = (0..columns.len()).map(|i| row.get_ref(i).map(json_of));
            let text = Value::Array(cells.collect::<rusqlite::Result<_>>()?).to_string();
            bytes += text.len();
            if rows.len() == MOST_ROWS || bytes > MOST_BYTES {
                too_large = Some(());
                break;
            }
            rows.push(text);
        }
        Ok(Rows { columns, rows })
    })?;
    match too_large {
        None => Ok(rows),
        Some(()) => Err(place
            .error(Kind::TooLarge, "P1207")
            .with("rows", MOST_ROWS)
            .with("bytes", MOST_BYTES)),
    }
}

/// Whether a statement could be executed: it is one, it is understood, it may be made, and its parameters fit.
pub(crate) fn check(place: &Place, sql: &str, parameters: &[Value]) -> Result<()> {
    let cells = cells(place, parameters)?;
    let mut connection = place.open_to_read()?;
    let told = |error: rusqlite::Error| place.of_sqlite(&error);
    confine(&connection).map_err(told)?;
    connection.authorizer(Some(may_write)).map_err(told)?;
    let statement = connection.prepare(sql).map_err(told)?;
    if statement.parameter_count() != cells.len() {
        return Err(told(rusqlite::Error::InvalidParameterCount(
            cells.len(),
            statement.parameter_count(),
        )));
    }
    Ok(())
}

/// Executes a statement, and notes its key in the same transaction.
pub(crate) fn execute(
    place: &Place,
    key: &str,
    sql: &str,
    parameters: &[Value],
    stop: &Stop,
) -> Result<Affected> {
    let cells = cells(place, parameters)?;
    let mut connection = place.open_to_write()?;
    let told = |error: rusqlite::Error| place.of_sqlite(&error);
    confine(&connection).map_err(told)?;
    // Without it, `authorizer` would need the connection while the transaction has it.
    connection.execute_batch("BEGIN IMMEDIATE").map_err(told)?;
    connection
        .execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS {CALLS} (key TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID"
        ))
        .map_err(told)?;
    connection.authorizer(Some(may_write)).map_err(told)?;
    let rows = place.interruptible(&connection, stop, STATEMENT_TIME, || {
        let mut statement = connection.prepare(sql)?;
        let before = connection.total_changes();
        let mut found = statement.query(params_from_iter(cells))?;
        // A statement with RETURNING alters row by row.
        while found.next()?.is_some() {}
        drop(found);
        Ok(connection.total_changes() - before)
    })?;
    connection
        .authorizer(None::<fn(AuthContext<'_>) -> Authorization>)
        .map_err(told)?;
    let number = i64::try_from(rows).unwrap_or(i64::MAX);
    connection
        .execute(
            &format!("INSERT INTO {CALLS} (key, rows) VALUES (?1, ?2)"),
            (key, number),
        )
        .map_err(told)?;
    connection.execute_batch("COMMIT").map_err(told)?;
    Ok(Affected { rows: Some(rows) })
}

/// What the statement of this key altered, if its transaction was committed.
pub(crate) fn executed(place: &Place, key: &str) -> Result<Option<Affected>> {
    // Whoever looks waits for a transaction of the crashed process to be rolled back, so it opens for writing.
    let mut connection = place.open_to_write()?;
    let told = |error: rusqlite::Error| place.of_sqlite(&error);
    let look = Transaction::new(&mut connection, TransactionBehavior::Deferred).map_err(told)?;
    let there = look.table_exists(None, CALLS).map_err(told)?;
    if !there {
        return Ok(None);
    }
    let sql = format!("SELECT rows FROM {CALLS} WHERE key = ?1");
    let found: Option<i64> = look
        .query_row(&sql, [key], |row| row.get(0))
        .optional()
        .map_err(told)?;
    Ok(found.map(|rows| Affected {
        rows: Some(u64::try_from(rows).unwrap_or(0)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_that_may_lose_data_is_seen_by_its_words() {
        assert!(loses("DELETE FROM a"));
        assert!(loses("with x as (select 1) delete from a"));
        assert!(loses("insert or Replace into a values (1)"));
        assert!(loses("alter/**/table a rename to b"));
        assert!(!loses("insert into deleted_items values (1)"));
        assert!(!loses("update a set b = 1"));
    }

    #[test]
    fn hexadecimal_digits_become_bytes_or_nothing() {
        assert_eq!(of_hex("00fF"), Some(vec![0, 255]));
        assert_eq!(of_hex(""), Some(vec![]));
        assert_eq!(of_hex("0"), None);
        assert_eq!(of_hex("0g"), None);
    }
}
