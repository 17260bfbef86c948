//! Queries and statements: what they may do, and how values cross.

use crate::support::Site;
use procedo_core::change::Assumed;
use serde_json::{Value, json};

fn query(site: &mut Site, sql: &str, parameters: &[&str]) -> procedo_core::Result<Value> {
    site.read(
        "query",
        &json!({"database": "main", "sql": sql, "parameters": parameters}),
    )
}

fn execute(site: &mut Site, sql: &str, parameters: &[&str]) -> procedo_core::Result<Value> {
    let args = json!({"database": "main", "sql": sql, "parameters": parameters});
    site.live("execute", &args).map(|(_, reply)| reply)
}

#[test]
fn values_of_all_kinds_cross_both_ways() {
    let mut site = Site::with_rows(1);
    let values = [
        "null",
        "true",
        "-9223372036854775808",
        "0.1",
        "\"ü\"",
        r#"{"blob":"00ff"}"#,
    ];
    let found = query(&mut site, "SELECT ?1 AS a, ?2, ?3, ?4, ?5, ?6", &values).unwrap();
    assert_eq!(found["columns"][0], "a");
    let row: Value = serde_json::from_str(found["rows"][0].as_str().unwrap()).unwrap();
    assert_eq!(row, json!([null, 1, i64::MIN, 0.1, "ü", {"blob": "00ff"}]));
    for wrong in ["[1]", "{}", r#"{"blob":"0"}"#, "18446744073709551615", "no json"] {
        assert_eq!(
            query(&mut site, "SELECT ?1", &[wrong]).unwrap_err().code,
            "P1208",
            "{wrong}"
        );
    }
    assert_eq!(
        query(&mut site, "SELECT 9e999", &[]).unwrap()["rows"],
        json!(["[\"inf\"]"])
    );
}

#[test]
fn a_query_can_only_read() {
    let mut site = Site::with_rows(3);
    let before = site.checksums();
    for sql in [
        "DELETE FROM item",
        "INSERT INTO item VALUES (9, 'x', NULL) RETURNING id",
        "PRAGMA journal_mode = delete",
        "PRAGMA query_only = 0",
        "PRAGMA user_version = 7",
        "ATTACH ':memory:' AS other",
        "BEGIN IMMEDIATE",
        "VACUUM INTO 'copy.db'",
        "CREATE TEMP TABLE t (x)",
        "SELECT 1; SELECT 2",
    ] {
        assert_eq!(query(&mut site, sql, &[]).unwrap_err().code, "P1206", "{sql}");
    }
    assert_eq!(
        query(&mut site, "SELECT load_extension('x')", &[])
            .unwrap_err()
            .code,
        "P1205"
    );
    assert_eq!(query(&mut site, "SELEC", &[]).unwrap_err().code, "P1205");
    assert_eq!(query(&mut site, "SELECT ?1", &[]).unwrap_err().code, "P1205");
    query(&mut site, "PRAGMA table_info(item)", &[]).unwrap();
    query(&mut site, "WITH n AS (SELECT 1 AS x) SELECT upper(x) FROM n", &[]).unwrap();
    assert_eq!(site.checksums(), before);
}

#[test]
fn a_reply_that_is_too_large_is_refused_not_cut() {
    let mut site = Site::with_rows(1);
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i FROM n";
    assert_eq!(
        query(&mut site, many, &["10000"]).unwrap()["rows"]
            .as_array()
            .unwrap()
            .len(),
        10_000
    );
    assert_eq!(query(&mut site, many, &["10001"]).unwrap_err().code, "P1207");
    let wide = "SELECT hex(zeroblob(3000000))";
    assert_eq!(query(&mut site, wide, &[]).unwrap_err().code, "P1207");
}

#[test]
fn a_statement_controls_no_transaction_and_opens_no_other_file() {
    let mut site = Site::with_rows(3);
    let before = site.checksums();
    for sql in [
        "COMMIT",
        "ROLLBACK",
        "BEGIN",
        "SAVEPOINT a",
        "ATTACH 'other.db' AS other",
        "PRAGMA synchronous = off",
        "DROP TABLE item; DELETE FROM item",
        "DELETE FROM procedo_calls",
    ] {
        let error = execute(&mut site, sql, &[]).unwrap_err();
        let expected = if sql.ends_with("calls") { "P1205" } else { "P1206" };
        assert_eq!(error.code, expected, "{sql}");
    }
    assert_eq!(site.checksums(), before);
    execute(&mut site, "INSERT INTO item (name) VALUES (?1)", &["\"new\""]).unwrap();
    let error = execute(&mut site, "DELETE FROM procedo_calls", &[]).unwrap_err();
    assert_eq!(error.code, "P1206", "now that it is there");
}

#[test]
fn a_statement_that_fails_leaves_nothing_not_even_its_key() {
    let mut site = Site::with_rows(3);
    let before = site.checksums();
    let args = json!({"database": "main", "sql": "INSERT INTO item SELECT 4 - id, name, data FROM item", "parameters": []});
    let change = site.intent("execute", &args).unwrap();
    assert_eq!(site.perform("execute", &args, &change).unwrap_err().code, "P1205");
    assert_eq!(site.checksums(), before);
    assert_eq!(
        site.probe("execute", &args, &change),
        procedo_core::change::Probe::NotApplied
    );
}

#[test]
fn a_plan_alters_nothing_and_what_depends_on_it_is_unforeseeable() {
    let mut site = Site::with_rows(3);
    let before = site.checksums();
    let args = json!({"database": "main", "sql": "CREATE TABLE a (x)", "parameters": []});
    let planned = site.plan("execute", &args).unwrap();
    assert_eq!(planned.reply, Assumed::Overlaid(json!({"rows": null})));
    // It needs the table that would be there by then.
    let args = json!({"database": "main", "sql": "INSERT INTO a VALUES (1)", "parameters": []});
    site.plan("execute", &args).unwrap();
    let args = json!({"database": "main", "sql": "SELECT * FROM a", "parameters": []});
    assert!(matches!(
        site.plan("query", &args).unwrap().reply,
        Assumed::Unforeseeable(_)
    ));
    site.overlay = Default::default();
    assert_eq!(site.checksums(), before);
}

#[test]
fn what_takes_too_long_can_be_stopped() {
    let mut site = Site::with_rows(1);
    site.stop.set();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    assert_eq!(query(&mut site, endless, &[]).unwrap_err().code, "P0113");
}

#[test]
fn checksums_differ_by_any_value_and_not_by_where_rows_lie() {
    let mut site = Site::with_rows(50);
    let before = site.checksums();
    site.sql("CREATE TABLE moved AS SELECT * FROM item ORDER BY id DESC; VACUUM");
    let after = site.checksums();
    assert_eq!(after[0], before[0]);
    assert_eq!(after[1]["digest"], before[0]["digest"], "another order");
    site.sql("UPDATE moved SET name = 'item 2' WHERE id = 1");
    assert_ne!(site.checksums()[1]["digest"], before[0]["digest"]);
}
