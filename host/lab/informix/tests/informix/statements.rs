//! SQL by `dbaccess`: what is read and altered, what is refused before anything is sent, and what tables hold in short.

use crate::support::{Bench, code, statement};
use procedo_core::capability::Capability;
use procedo_core::change::Probe;
use procedo_core::message::{Language, Texts};
use serde_json::{Value, json};

/// A server whose database has two tables.
fn bench() -> Bench {
    let mut bench = Bench::new("file");
    for sql in [
        "CREATE TABLE report_contact (id INTEGER, number VARCHAR(40), seconds DECIMAL(8,2))",
        "CREATE TABLE administration_user (id INTEGER, name VARCHAR(40))",
        "INSERT INTO report_contact VALUES (1, '+49 89 1', 1.5), (2, NULL, 2), (3, '', NULL)",
        "INSERT INTO administration_user VALUES (1, 'Núñez')",
    ] {
        bench.execute(sql, &[]).unwrap();
    }
    bench
}

/// Has a shell do something before `dbaccess`, with this between the two.
fn wrap(bench: &Bench, before: &str, between: &str) {
    bench.stand_in("dbaccess", &format!("{before}{between}REAL \"$@\""));
}

fn rows(reply: &Value) -> Vec<Value> {
    let rows = reply["rows"].as_array().unwrap().iter();
    rows.map(|row| serde_json::from_str(row.as_str().unwrap()).unwrap())
        .collect()
}

#[test]
fn rows_come_back_as_they_are_nothing_and_an_empty_text_apart() {
    let mut bench = bench();
    let found = bench
        .query("SELECT id, number, seconds FROM report_contact ORDER BY id", &[])
        .unwrap();
    assert_eq!(found["columns"], json!(["column-1", "column-2", "column-3"]));
    assert_eq!(
        rows(&found),
        [
            json!(["1", "+49 89 1", "1.5"]),
            json!(["2", null, "2"]),
            json!(["3", "", null])
        ]
    );
    let nothing = bench
        .query("SELECT * FROM report_contact WHERE id > 3", &[])
        .unwrap();
    assert_eq!(nothing, json!({"columns": [], "rows": []}));
    // What the format of the rows gives a meaning to.
    let odd = "O'Neill | \\ ; -- {x} /* y */ \"z\" ?1";
    let sql = "INSERT INTO administration_user VALUES (?1, ?2)";
    assert_eq!(bench.execute(sql, &[json!(-2), json!(odd)]).unwrap(), 1);
    let found = bench
        .query(
            "SELECT name FROM administration_user WHERE name = ?1 AND id = 0-?2",
            &[json!(odd), json!(2)],
        )
        .unwrap();
    assert_eq!(rows(&found), [json!([odd])]);
    let sql = "SELECT 'two' || char(10) || 'lines' FROM administration_user WHERE id = 1";
    assert_eq!(rows(&bench.query(sql, &[]).unwrap()), [json!(["two\nlines"])]);
}

#[test]
fn what_a_statement_altered_is_counted_and_one_that_fails_alters_nothing() {
    let mut bench = bench();
    let count = |bench: &Bench| rows(&bench.query("SELECT count(*) FROM report_contact", &[]).unwrap());
    assert_eq!(
        bench
            .execute("UPDATE report_contact SET seconds = 7 WHERE id < 3", &[])
            .unwrap(),
        2
    );
    assert_eq!(
        bench
            .execute("DELETE FROM report_contact WHERE id = ?1", &[json!(3)])
            .unwrap(),
        1
    );
    assert_eq!(
        bench
            .execute("DELETE FROM report_contact WHERE id = 77", &[])
            .unwrap(),
        0
    );
    assert_eq!(bench.execute("DROP TABLE administration_user", &[]).unwrap(), 0);
    let before = bench.content();
    let failed = bench.execute("INSERT INTO nobody VALUES (1)", &[]).unwrap_err();
    assert_eq!(failed.code, "P1205");
    assert!(
        failed.message.args["reason"].contains("206: The specified table (nobody)"),
        "{failed}"
    );
    assert!(bench.content() == before);
    assert_eq!(count(&bench), [json!(["2"])]);
}

#[test]
fn what_may_not_be_said_is_refused_before_dbaccess_is_called() {
    let mut bench = bench();
    std::fs::remove_file(bench.dir().join("informix/bin/dbaccess")).unwrap();
    let refused = |bench: &Bench, sql: &str, parameters: &[Value]| code(bench.query(sql, parameters));
    assert_eq!(refused(&bench, "SELECT 1 FROM a; DELETE FROM a", &[]), "P1206");
    assert_eq!(refused(&bench, "DELETE FROM a", &[]), "P1206");
    assert_eq!(refused(&bench, "SELECT 'a FROM b", &[]), "P1205");
    assert_eq!(refused(&bench, "SELECT ?1 FROM b", &[json!("a\u{0}")]), "P1208");
    assert_eq!(
        refused(&bench, "SELECT ?1 FROM b", &[json!({"blob": "00"})]),
        "P1208"
    );
    assert_eq!(code(bench.execute("UNLOAD TO 'f' SELECT * FROM a", &[])), "P1206");
    for sql in [
        "!insert 2>/dev/null || id > /tmp/pwned #",
        "GRANT DBA TO public",
        "INSERT INTO sysadmin:ph_task VALUES (1)",
        "INSERT INTO a EXECUTE FUNCTION f()",
        "CREATE EXTERNAL TABLE x (a INT) USING (DATAFILES('DISK:/etc/cron.d/x'))",
    ] {
        assert_eq!(code(bench.execute(sql, &[])), "P1206", "{sql}");
    }
    let error = bench
        .query("SELECT sysadmin:task('onmode', 'ky') FROM a", &[])
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["what"].as_str()),
        ("P1206", ":")
    );
    // And what may be said finds no tool.
    assert_eq!(refused(&bench, "SELECT 1 FROM b", &[]), "P1237");
}

#[test]
fn a_query_is_made_in_a_transaction_that_only_reads_and_is_rolled_back() {
    let bench = bench();
    let heard = bench.dir().join("heard");
    wrap(&bench, &format!("tee {}", heard.display()), " | ");
    let before = bench.content();
    bench.query("SELECT * FROM report_contact", &[]).unwrap();
    let heard = std::fs::read_to_string(heard).unwrap();
    let lines: Vec<_> = heard.lines().collect();
    assert_eq!(lines[1..3], ["BEGIN WORK;", "SET TRANSACTION READ ONLY;"]);
    assert!(lines[3].starts_with("UNLOAD TO '/") && lines[3].ends_with("SELECT * FROM report_contact;"));
    assert_eq!(lines[4..], ["ROLLBACK WORK;"]);
    assert!(bench.content() == before);
}

#[test]
fn a_reply_has_at_most_so_many_rows_and_bytes() {
    let mut bench = bench();
    bench
        .execute("CREATE TABLE many (id INTEGER, text VARCHAR(200))", &[])
        .unwrap();
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 101)";
    let fill = format!("INSERT INTO many {numbers} SELECT i, printf('%0600d', i) FROM n");
    bench.execute(&fill, &[]).unwrap();
    let all = "SELECT a.id FROM many a, many b";
    assert_eq!(code(bench.query(all, &[])), "P1207");
    let fits = format!("{all} WHERE a.id <= 99");
    assert_eq!(rows(&bench.query(&fits, &[]).unwrap()).len(), 9_999);
    let long = "SELECT a.text, b.text FROM many a, many b";
    assert_eq!(code(bench.query(long, &[])), "P1207", "dbaccess was cut short");
}

#[test]
fn checksums_follow_what_tables_hold_and_not_where() {
    let mut bench = bench();
    let first = bench.checksums().unwrap();
    let tables: Vec<_> = first
        .as_array()
        .unwrap()
        .iter()
        .map(|each| (&each["table"], &each["rows"]))
        .collect();
    assert_eq!(
        tables,
        [
            (&json!("administration_user"), &json!(1)),
            (&json!("report_contact"), &json!(3))
        ]
    );
    // The same rows in another order.
    bench
        .execute("DELETE FROM report_contact WHERE id = 1", &[])
        .unwrap();
    let fewer = bench.checksums().unwrap();
    assert_ne!(fewer[1], first[1]);
    assert_eq!(fewer[0], first[0]);
    bench
        .execute("INSERT INTO report_contact VALUES (1, '+49 89 1', 1.5)", &[])
        .unwrap();
    assert_eq!(bench.checksums().unwrap(), first);
    // The same count, another value; nothing and an empty text; lines that change their rows.
    let mut known = vec![first];
    for sql in [
        "UPDATE report_contact SET number = '' WHERE id = 2",
        "UPDATE report_contact SET number = 'a' || char(10) || 'b' WHERE id < 3",
        "UPDATE report_contact SET number = 'anb' WHERE id < 3",
        "DELETE FROM report_contact",
    ] {
        bench.execute(sql, &[]).unwrap();
        let now = bench.checksums().unwrap();
        assert!(
            known.iter().all(|other| other[1]["digest"] != now[1]["digest"]),
            "{sql}"
        );
        known.push(now);
    }
}

#[test]
fn a_server_that_serves_nobody_is_told_from_a_statement_that_is_wrong() {
    let bench = bench();
    bench.tool("onmode", &["-ky"]);
    let error = bench.query("SELECT 1 FROM report_contact", &[]).unwrap_err();
    assert_eq!(error.code, "P1237");
    assert!(error.message.args["said"].starts_with("908: "), "{error}");
    bench.tool("oninit", &["-s"]);
    let error = bench.checksums().unwrap_err();
    assert!(error.message.args["said"].starts_with("27002: "), "{error}");
}

#[test]
fn a_statement_whose_end_nobody_saw_is_left_to_a_person() {
    let mut bench = bench();
    let args = statement("DELETE FROM report_contact", &[]);
    let change = bench.intent("execute", &args).unwrap();
    assert_eq!(bench.probe("execute", &args, &change), Probe::NotApplied);
    bench.perform("execute", &args, &change).unwrap();
    let Probe::Unknown(found) = bench.probe("execute", &args, &change) else {
        panic!("the server keeps no record of it");
    };
    // Its dbaccess may outlive Procedo, and commit after somebody has looked at the data.
    let mut texts = Texts::new();
    texts.add_all(bench.database.messages()).unwrap();
    for language in [Language::En, Language::Es, Language::De] {
        let told = texts.tell(language, &found);
        assert!(told.contains("dbaccess") && told.contains("ps -ef"), "{told}");
    }
}

#[test]
fn nobody_sees_a_statement_in_the_list_of_processes() {
    let bench = bench();
    let seen = bench.dir().join("seen");
    // All processes above it, with their arguments.
    let look = format!(
        "p=$$\nwhile [ \"$p\" -gt 1 ]; do tr '\\0' ' ' </proc/$p/cmdline; p=$(sed 's/.*) . //; s/ .*//' /proc/$p/stat); \
         done >{}",
        seen.display()
    );
    wrap(&bench, &look, "\n");
    bench
        .query(
            "SELECT id FROM report_contact WHERE number = ?1",
            &[json!("secret-number")],
        )
        .unwrap();
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(seen.contains("contact_center"), "{seen}");
    assert!(
        !seen.contains("secret-number") && !seen.contains("report_contact"),
        "{seen}"
    );
}

#[test]
fn a_digest_of_rows_that_could_not_be_sorted_is_none() {
    let bench = bench();
    // As by a disk that is full: the sorting ends before it has told its rows.
    let kill = "while :; do for p in /proc/[0-9]*; do
             [ \"$(readlink $p/cwd)\" = \"$PWD\" ] && [ \"$(cat $p/comm)\" = sort ] && kill ${p#/proc/} && break 2
         done; done 2>/dev/null";
    // Only what is added up is sorted, and read with names in quotes.
    wrap(
        &bench,
        &format!("if [ \"$DELIMIDENT\" = y ]; then {kill}; fi"),
        "\n",
    );
    assert_eq!(code(bench.checksums()), "P1237");
}

#[test]
fn a_statement_whose_connection_broke_before_its_end_was_told_is_in_doubt() {
    for broken in [
        "echo '25582: Network connection is broken.' >&2; exit 1",
        "echo '25580: System error occurred in network function.' >&2; exit 1",
        "kill -KILL $$",
    ] {
        let mut bench = bench();
        let real = std::fs::read_link(bench.dir().join("informix/bin/dbaccess")).unwrap();
        let work = format!("REAL \"$@\" 2>/dev/null; echo 'Database selected.' >&2; {broken}");
        bench.stand_in("dbaccess", &work);
        let args = statement("DELETE FROM report_contact", &[]);
        let change = bench.intent("execute", &args).unwrap();
        let error = bench.perform("execute", &args, &change).unwrap_err();
        assert!(error.is_in_doubt(), "{broken}: {error}");
        assert!(matches!(
            bench.probe("execute", &args, &change),
            Probe::Unknown(_)
        ));
        // It was done, as only its data tell.
        let tool = bench.dir().join("informix/bin/dbaccess");
        std::fs::remove_file(&tool).unwrap();
        std::os::unix::fs::symlink(real, &tool).unwrap();
        let left = bench.query("SELECT count(*) FROM report_contact", &[]).unwrap();
        assert_eq!(rows(&left), [json!(["0"])]);
    }
}

#[test]
fn a_statement_that_never_came_to_the_server_has_failed() {
    let mut bench = bench();
    bench.stand_in(
        "dbaccess",
        "echo '25582: Network connection is broken.' >&2; exit 1",
    );
    assert_eq!(code(bench.execute("DELETE FROM report_contact", &[])), "P1237");
}
