//! A statement for `dbaccess`, which takes a text and no values: one statement on one line, without comments, its parameters
//! as literals. What could be read in another way than it is meant is refused. Pure.
//!
//! Comments and strings as in HCL Informix 14.10, Guide to SQL: Syntax, “How to enter SQL comments” and “Quoted string”.
//! Comments are taken out, for UNLOAD allows none of the form `/* */`. Everything is put on one line, for `dbaccess` takes a
//! line that begins with `!` for a command of the operating system.
//!
//! A statement stays within its database, and away from the server and its files: none names another database or server
//! (`database:table`, `database@server:table`), calls what administers the server or reads and writes its files, gives
//! rights, or makes routines. The grammar is that of the same guide, “Database Object Name”.

use procedo_core::value::Value;

/// What may be executed. The others control transactions and connections, read and write files of the server, give rights,
/// return rows, or are made of several statements.
const EXECUTED: [&str; 9] = [
    "insert", "update", "delete", "merge", "truncate", "create", "alter", "drop", "rename",
];
/// What can be made and dropped, and is not within the database, gives rights, or is made of several statements.
const NOT_WITHIN: [&str; 6] = ["database", "user", "default", "role", "trusted", "schema"];
/// Words of statements that reach files of the server or programs.
const REACHING: [&str; 5] = ["external", "execute", "procedure", "function", "routine"];
/// Functions that administer the server (SQL administration API), or read and write its files (smart large objects).
const ADMINISTERING: [&str; 5] = ["task", "admin", "filetoblob", "filetoclob", "lotofile"];

/// Why a statement is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is more than one.
    Several,
    /// It may not be made here.
    NotHere,
    /// It would reach beyond its database, by this.
    Beyond(String),
    /// It cannot be read; in the words of SQL.
    Unreadable(String),
    /// A parameter, counted from 1, cannot be passed.
    Parameter(usize),
}

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Query,
    Execute,
}

/// A part of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// A character outside of quotes; white space and comments are one blank.
    Plain(char),
    /// A string or quoted name, with its quotes.
    Quoted(String),
    /// A parameter, counted from 1.
    Parameter(usize),
}

/// The statement as `dbaccess` gets it, without a semicolon at its end.
pub(crate) fn literal(sql: &str, parameters: &[Value], purpose: Purpose) -> Result<String, Refusal> {
    let mut parts = parts(sql)?;
    while matches!(parts.last(), Some(Part::Plain(' ' | ';'))) {
        parts.pop();
    }
    if parts.contains(&Part::Plain(';')) {
        return Err(Refusal::Several);
    }
    // What begins with anything else is not what its first word says: `!insert` is a command of the operating system.
    if !matches!(parts.first(), Some(Part::Plain(c)) if c.is_ascii_alphabetic()) {
        return Err(Refusal::NotHere);
    }
    let words = words(&parts);
    let first = words.first().map_or("", String::as_str);
    let allowed = match purpose {
        // SELECT … INTO makes a table.
        Purpose::Query => first == "select" && !words.iter().any(|word| word == "into"),
        Purpose::Execute => {
            EXECUTED.contains(&first)
                && !words
                    .get(1)
                    .is_some_and(|word| NOT_WITHIN.contains(&word.as_str()))
        }
    };
    if !allowed {
        return Err(Refusal::NotHere);
    }
    if let Some(beyond) = beyond(&parts, &words, purpose) {
        return Err(Refusal::Beyond(beyond));
    }
    let used = parts.iter().filter_map(|part| match part {
        Part::Parameter(number) => Some(*number),
        _ => None,
    });
    let most = used.max().unwrap_or(0);
    if most != parameters.len() {
        return Err(Refusal::Unreadable(format!("?{most} ≠ ?{}", parameters.len())));
    }
    let values: Vec<String> = (1..)
        .zip(parameters)
        .map(|(number, value)| of_value(value).ok_or(Refusal::Parameter(number)))
        .collect::<Result<_, _>>()?;
    let mut text = String::new();
    for part in &parts {
        match part {
            Part::Plain(c) => text.push(*c),
            Part::Quoted(quoted) => text.push_str(quoted),
            // `most` is how many there are.
            Part::Parameter(number) => {
                // Blanks keep it apart from what stands beside: a minus from a minus, a quote from a quote.
                let value = values.get(number - 1).map_or("", String::as_str);
                text.push_str(&format!(" {value} "));
            }
        }
    }
    Ok(text)
}

/// What would reach beyond the database; none if nothing does.
fn beyond(parts: &[Part], words: &[String], purpose: Purpose) -> Option<String> {
    let reaching = || words.iter().find(|word| REACHING.contains(&word.as_str()));
    if purpose == Purpose::Execute
        && let Some(word) = reaching()
    {
        return Some(word.clone());
    }
    let plain = |at: usize| match parts.get(at) {
        Some(Part::Plain(c)) => Some(*c),
        _ => None,
    };
    let mut name = String::new();
    let mut at = 0;
    while let Some(part) = parts.get(at) {
        match part {
            Part::Plain('@') => return Some("@".to_owned()),
            // Two of them cast.
            Part::Plain(':') => {
                let run = (at..).take_while(|&next| plain(next) == Some(':')).count();
                if run != 2 {
                    return Some(":".to_owned());
                }
                at += 1;
                name.clear();
            }
            Part::Plain('(') if ADMINISTERING.contains(&name.as_str()) => return Some(format!("{name}(")),
            Part::Plain(' ') => {}
            Part::Plain(c) if c.is_alphanumeric() || *c == '_' => {
                if at == 0 || !plain(at - 1).is_some_and(|before| before.is_alphanumeric() || before == '_') {
                    name.clear();
                }
                name.push(c.to_ascii_lowercase());
            }
            Part::Quoted(quoted) => name = quoted.trim_matches('"').to_ascii_lowercase(),
            Part::Plain(_) | Part::Parameter(_) => name.clear(),
        }
        at += 1;
    }
    None
}

/// The words outside of quotes, in small letters.
fn words(parts: &[Part]) -> Vec<String> {
    let plain: String = parts
        .iter()
        .map(|part| match part {
            Part::Plain(c) => *c,
            _ => ' ',
        })
        .collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    plain
        .split(|c| !is_word(c))
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}

fn parts(sql: &str) -> Result<Vec<Part>, Refusal> {
    let mut parts = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let blank =
            |length: Option<usize>, what: &str| length.ok_or_else(|| Refusal::Unreadable(format!("{what}…")));
        let length = match c {
            '\'' | '"' => {
                let quoted = quoted(rest, c)?;
                parts.push(Part::Quoted(quoted.to_owned()));
                rest = &rest[quoted.len()..];
                continue;
            }
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '{' => blank(rest.find('}').map(|at| at + 1), "{")?,
            '/' if rest.starts_with("/*") => blank(rest.find("*/").map(|at| at + 2), "/*")?,
            '?' => {
                let digits: String = rest[1..].chars().take_while(char::is_ascii_digit).collect();
                match digits.parse() {
                    Ok(number) if number > 0 => parts.push(Part::Parameter(number)),
                    _ => return Err(Refusal::Unreadable("?".to_owned())),
                }
                rest = &rest[1 + digits.len()..];
                continue;
            }
            c if c.is_whitespace() => c.len_utf8(),
            c if c.is_control() => return Err(Refusal::Unreadable(c.escape_unicode().to_string())),
            c => {
                parts.push(Part::Plain(c));
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        if !matches!(parts.last(), None | Some(Part::Plain(' '))) {
            parts.push(Part::Plain(' '));
        }
        rest = &rest[length..];
    }
    Ok(parts)
}

/// The string or quoted name that begins here, with its quotes; within it the quote is written twice.
fn quoted(sql: &str, quote: char) -> Result<&str, Refusal> {
    let mut chars = sql.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_control() {
            return Err(Refusal::Unreadable(c.escape_unicode().to_string()));
        }
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return Ok(&sql[..=at]);
        }
    }
    Err(Refusal::Unreadable(format!("{quote}…")))
}

/// A value as a literal; none for what cannot be one.
fn of_value(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("NULL".to_owned()),
        Value::Bool(yes) => Some(if *yes { "'t'" } else { "'f'" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if text.chars().any(char::is_control) => None,
        Value::String(text) => Some(format!("'{}'", text.replace('\'', "''"))),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn query(sql: &str, parameters: &[Value]) -> Result<String, Refusal> {
        literal(sql, parameters, Purpose::Query)
    }

    fn execute(sql: &str) -> Result<String, Refusal> {
        literal(sql, &[], Purpose::Execute)
    }

    #[test]
    fn values_become_literals_that_cannot_be_read_as_anything_else() {
        let sql =
            "SELECT a FROM b\nWHERE c = ?1 AND d > 5-?2 AND e = '?3' -- and f = ?4\n AND g = ?3 AND h = ?4;";
        let values = [
            json!("O'Neill'; DROP TABLE b; --"),
            json!(-3),
            json!(true),
            json!(null),
        ];
        assert_eq!(
            query(sql, &values).expect("one statement"),
            "SELECT a FROM b WHERE c =  'O''Neill''; DROP TABLE b; --'  AND d > 5- -3  AND e = '?3' AND g =  't'  AND h =  NULL "
        );
        let beside = query("SELECT 'a'?1'c' FROM b", &[json!("; b")]).expect("one statement");
        assert_eq!(
            beside, "SELECT 'a' '; b' 'c' FROM b",
            "no string is made longer by its neighbour"
        );
        for value in [json!("a\nb"), json!("a\0"), json!({"blob": "00"}), json!([1])] {
            assert_eq!(query("SELECT ?1 FROM b", &[value]), Err(Refusal::Parameter(1)));
        }
        assert!(matches!(
            query("SELECT ?2 FROM b", &[json!(1)]),
            Err(Refusal::Unreadable(_))
        ));
        assert!(matches!(
            query("SELECT 1 FROM b", &[json!(1)]),
            Err(Refusal::Unreadable(_))
        ));
        assert!(matches!(
            query("SELECT ? FROM b", &[json!(1)]),
            Err(Refusal::Unreadable(_))
        ));
    }

    #[test]
    fn a_second_statement_is_found_wherever_it_hides() {
        for sql in [
            "SELECT a FROM b; DELETE FROM b",
            "SELECT a FROM b /* ; */; DELETE FROM b",
            "SELECT a FROM b {'} ; DELETE FROM b {'}",
            "SELECT a FROM b -- '\n; DELETE FROM b -- '",
            "SELECT 'it''s' FROM b; DELETE FROM b",
        ] {
            assert_eq!(query(sql, &[]), Err(Refusal::Several), "{sql}");
        }
        for sql in [
            "SELECT ';' FROM b",
            "SELECT \";\" FROM b;",
            "SELECT a {;} FROM b -- ;",
            "SELECT a FROM b /*;*/",
        ] {
            assert!(query(sql, &[]).is_ok(), "{sql}");
        }
        for sql in [
            "SELECT 'a FROM b",
            "SELECT a {FROM b",
            "SELECT a /* FROM b",
            "SELECT 'a\nb' FROM c",
        ] {
            assert!(matches!(query(sql, &[]), Err(Refusal::Unreadable(_))), "{sql}");
        }
    }

    #[test]
    fn a_query_only_selects_and_what_is_executed_stays_within_the_database() {
        for sql in [
            "DELETE FROM b",
            "SELECT a FROM b INTO TEMP c",
            "UNLOAD TO 'f' SELECT a FROM b",
            "EXECUTE PROCEDURE p()",
            "!rm -r /",
            "",
        ] {
            assert_eq!(query(sql, &[]), Err(Refusal::NotHere), "{sql}");
        }
        for sql in [
            "SELECT a FROM b",
            "UNLOAD TO '/etc/passwd' SELECT a FROM b",
            "LOAD FROM '/etc/passwd' INSERT INTO b",
            "COMMIT WORK",
            "DROP DATABASE b",
            "create  database b",
            "DATABASE other",
            "CONNECT TO 'other'",
            "OUTPUT TO 'f' SELECT a FROM b",
            "\n!rm -r /",
        ] {
            assert_eq!(execute(sql), Err(Refusal::NotHere), "{sql}");
        }
        for sql in [
            "!insert 2>/dev/null || id > /tmp/pwned #",
            "!select 1",
            "\"insert\" into b values (1)",
            "{x} !insert into b values (1)",
            "GRANT DBA TO public",
            "REVOKE DBA FROM maria",
            "CREATE USER maria WITH PROPERTIES USER root",
            "CREATE SCHEMA AUTHORIZATION maria GRANT DBA TO public",
        ] {
            assert_eq!(execute(sql), Err(Refusal::NotHere), "{sql}");
            assert_eq!(query(sql, &[]), Err(Refusal::NotHere), "{sql}");
        }
        assert_eq!(
            execute("INSERT INTO b\n-- two\n!VALUES (1);").expect("on one line"),
            "INSERT INTO b !VALUES (1)"
        );
    }

    #[test]
    fn a_statement_reaches_no_other_database_and_neither_the_server_nor_its_files() {
        let beyond = |what: &str| Err(Refusal::Beyond(what.to_owned()));
        for (sql, what) in [
            ("INSERT INTO sysadmin:ph_task VALUES (1)", ":"),
            ("UPDATE other@ol_y:t SET a = 1", "@"),
            ("UPDATE other : t SET a = 1", ":"),
            ("INSERT INTO t EXECUTE FUNCTION f()", "execute"),
            (
                "CREATE EXTERNAL TABLE x (a INT) USING (DATAFILES('DISK:/etc/cron.d/x'))",
                "external",
            ),
            ("CREATE PROCEDURE p() END PROCEDURE", "procedure"),
            ("CREATE FUNCTION f() RETURNING INT", "function"),
            ("DROP ROUTINE f", "routine"),
            ("INSERT INTO t SELECT task('onmode', 'ky') FROM b", "task("),
        ] {
            assert_eq!(execute(sql), beyond(what), "{sql}");
        }
        for (sql, what) in [
            ("SELECT sysadmin:task('onmode', 'ky') FROM b", ":"),
            ("SELECT TASK {x} ('onmode', 'ky') FROM b", "task("),
            ("SELECT \"task\"('onmode', 'ky') FROM b", "task("),
            ("SELECT admin('onmode', 'ky') FROM b", "admin("),
            ("SELECT filetoclob('/etc/passwd', 'server') FROM b", "filetoclob("),
            ("SELECT a:::b FROM c", ":"),
        ] {
            assert_eq!(query(sql, &[]), beyond(what), "{sql}");
        }
        for sql in [
            "SELECT a::INT, 'x:y@z', task, multitask(b), admin FROM task WHERE (a = 1)",
            "SELECT a FROM b WHERE task = 1 AND (c = 2)",
        ] {
            assert!(query(sql, &[]).is_ok(), "{sql}");
        }
        assert!(execute("INSERT INTO b VALUES ('execute function sysadmin:task()')").is_ok());
    }
}
