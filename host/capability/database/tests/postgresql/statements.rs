//! Queries that can only read, and statements that are found again.

use crate::cluster::Cluster;
use crate::support::{Site, code};
use procedo_core::change::Probe;
use procedo_core::effect::Effect;
use serde_json::{Value, json};

fn site() -> Site {
    let cluster = Cluster::plain();
    cluster.sql(
        "CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item VALUES (1, 'one'), (2, NULL)",
    );
    Site::of(cluster)
}

#[test]
fn values_of_all_kinds_cross_both_ways_and_a_query_can_only_read() {
    let mut site = site();
    let rows = site
        .query(
            "SELECT ?1::int8, ?2::text, ?3::bool, ?4::bytea, ?5::numeric, ?6::float8, NULL::int, '?7', ?7::timestamptz",
            &[
                json!(i64::MAX),
                json!("é'?1"),
                json!(true),
                json!({"blob": "00ff"}),
                json!(0.5),
                json!(1.25),
                json!("2026-03-01T12:00:00+01:00"),
            ],
        )
        .unwrap();
    let expected =
        json!([i64::MAX, "é'?1", true, {"blob": "00ff"}, "0.5", 1.25, null, "?7", "2026-03-01 11:00:00+00"]);
    assert_eq!(rows, [expected]);
    let by_key = site
        .query("SELECT name FROM item WHERE id = ?1 -- one", &[json!(1)])
        .unwrap();
    assert_eq!(by_key, [json!(["one"])]);
    let with = "WITH a AS (SELECT id FROM item) SELECT count(*) FROM a;";
    assert_eq!(site.query(with, &[]).unwrap(), [json!([2])]);

    site.cluster.sql(
        "CREATE FUNCTION sly() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
           PERFORM set_config('transaction_read_only', 'off', true); INSERT INTO item VALUES (9, 'sly'); RETURN 1; END $$;
         CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'INSERT INTO item VALUES (8, ''plain'') RETURNING 1';
         CREATE SEQUENCE numbers",
    );
    for sql in [
        "INSERT INTO item VALUES (3, 'x')",
        "WITH a AS (DELETE FROM item RETURNING id) SELECT * FROM a",
        "SELECT sly()",
        "SELECT plain()",
        "SELECT nextval('numbers')",
        "SELECT * INTO copy FROM item",
        "SELECT 1; DELETE FROM item",
        "SELECT * FROM item FOR UPDATE",
        "COMMIT",
        "COPY item TO '/tmp/item'",
        "SET TRANSACTION READ WRITE",
        "DO $$ BEGIN DELETE FROM item; END $$",
    ] {
        let found = code(site.query(sql, &[]));
        assert!(["P1205", "P1206"].contains(&found.as_str()), "{sql}: {found}");
    }
    assert_eq!(site.cluster.count("SELECT count(*) FROM item"), 2);
    assert_eq!(code(site.query("SELECT ?1::int", &[])), "P1205");
    assert_eq!(code(site.query("SELECT ?1::int", &[json!([1])])), "P1208");
    assert_eq!(code(site.query("SELECT generate_series(1, 10001)", &[])), "P1207");
    assert_eq!(code(site.query("SELECT repeat('x', 5000000)", &[])), "P1207");
    assert_eq!(
        site.query("SELECT generate_series(1, 10000)", &[]).unwrap().len(),
        10_000
    );
}

#[test]
fn an_account_for_queries_may_do_less() {
    let cluster = Cluster::plain();
    cluster.sql("CREATE TABLE item (id int); CREATE TABLE hidden (id int); GRANT SELECT ON item TO reader");
    let mut site = Site::with(
        cluster,
        &json!({"query-user": "reader", "query-password": "secret:database/app"}),
    );
    assert_eq!(
        site.query("SELECT current_user::text", &[]).unwrap(),
        [json!(["reader"])]
    );
    assert!(site.query("SELECT * FROM item", &[]).unwrap().is_empty());
    assert_eq!(code(site.query("SELECT * FROM hidden", &[])), "P1205");
    site.execute("INSERT INTO hidden VALUES (1)").unwrap();
}

#[test]
fn a_statement_is_executed_once_and_found_by_its_transaction() {
    let mut site = site();
    let args = json!({"database": "main", "sql": "UPDATE item SET name = ?1 WHERE id < ?2", "parameters": ["\"x\"", "3"]});
    site.call += 1;
    let change = site.intent("execute", &args).unwrap();
    assert_eq!(site.probe("execute", &args, &change), Probe::NotApplied);
    let reply = site.perform("execute", &args, &change).unwrap();
    assert_eq!(reply, json!({"rows": 2}));
    assert_eq!(site.probe("execute", &args, &change), Probe::Applied(reply));
    // An attempt that came as far as its note and no further.
    let noted = site.notes.borrow()[0].clone();
    let mut client = site.cluster.connect("procedo", "app");
    client.batch_execute("BEGIN").unwrap();
    let row = client
        .query_one("SELECT pg_current_xact_id()::text, pg_backend_pid(), backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()", &[])
        .unwrap();
    let mut open = noted.clone();
    open["execute"]["xid"] = json!(row.get::<_, String>(0));
    open["execute"]["pid"] = json!(row.get::<_, i32>(1));
    open["execute"]["since"] = json!(row.get::<_, String>(2));
    *site.notes.borrow_mut() = vec![open];
    assert_eq!(
        site.probe("execute", &args, &change),
        Probe::NotApplied,
        "the session that was left is ended"
    );
    assert!(client.batch_execute("COMMIT").is_err());
    // A transaction of another history, and one that the server does not know.
    for (field, value) in [("timeline", json!(7)), ("xid", json!("99999999"))] {
        let mut other = noted.clone();
        other["execute"][field] = value;
        *site.notes.borrow_mut() = vec![other];
        let found = site.probe("execute", &args, &change);
        assert!(matches!(found, Probe::Unknown(_)), "{field}: {found:?}");
    }
}

#[test]
fn a_statement_controls_no_transaction_and_one_that_fails_leaves_nothing() {
    let mut site = site();
    for sql in [
        "COMMIT",
        "/* x */ ROLLBACK",
        "SAVEPOINT a",
        "DELETE FROM item; COMMIT",
        "COPY item FROM '/etc/passwd'",
    ] {
        assert_eq!(code(site.execute(sql)), "P1206", "{sql}");
    }
    assert_eq!(
        code(site.execute("INSERT INTO item VALUES (7, 'x'), (1, 'again')")),
        "P1205"
    );
    assert_eq!(code(site.execute("DO $$ BEGIN COMMIT; END $$")), "P1205");
    assert_eq!(code(site.execute("INSERT INTO nothing VALUES (1)")), "P1205");
    assert_eq!(site.cluster.count("SELECT count(*) FROM item"), 2);
    let args = json!({"database": "main", "sql": "DELETE FROM item", "parameters": []});
    assert!(site.plan("execute", &args).is_ok());
    assert_eq!(
        site.cluster.count("SELECT count(*) FROM item"),
        2,
        "a plan alters nothing"
    );
    assert_eq!(
        site.execute("DELETE FROM item RETURNING id").unwrap(),
        json!({"rows": 2})
    );
    assert_eq!(site.effect("execute", &args), Effect::Destructive);
}

#[test]
fn checksums_depend_on_what_tables_hold_and_on_nothing_else() {
    let mut site = site();
    site.cluster.sql(
        "CREATE SCHEMA \"A b\"; CREATE TABLE \"A b\".\"c\"\"d\" (x float8, y bytea); CREATE UNLOGGED TABLE passing (x int);
         INSERT INTO \"A b\".\"c\"\"d\" VALUES (0.1, '\\x0a'), (NULL, NULL)",
    );
    let before = site.checksums();
    let tables: Vec<&Value> = before
        .as_array()
        .unwrap()
        .iter()
        .map(|table| &table["table"])
        .collect();
    assert_eq!(tables, ["\"A b\".\"c\"\"d\"", "public.item"]);
    assert_eq!(before[1]["rows"], 2);
    // Elsewhere in the file, and under another time zone and notation.
    site.cluster
        .sql("UPDATE item SET name = name; ALTER ROLE procedo SET extra_float_digits = -5");
    site.cluster.sql("VACUUM FULL item");
    assert_eq!(site.checksums(), before);
    site.cluster.sql("UPDATE item SET name = '' WHERE id = 2");
    let after = site.checksums();
    assert_ne!(
        after[1]["digest"], before[1]["digest"],
        "an empty text is not nothing"
    );
    assert_eq!(after[0], before[0]);
}

#[test]
fn what_takes_too_long_can_be_stopped() {
    let mut site = site();
    let stop = std::sync::Arc::new(procedo_core::capability::Stop::default());
    // The statement itself says that it has begun: the other session waits for its lock.
    let (dir, port) = (site.cluster.dir.clone(), site.cluster.port);
    let result = std::thread::scope(|scope| {
        let watcher = std::sync::Arc::clone(&stop);
        scope.spawn(move || {
            let mut client = Cluster::borrowed(&dir, port).connect("postgres", "app");
            let seen = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'FETCH %' AND state = 'active' \
                        AND pid <> pg_backend_pid()";
            while client.query_one(seen, &[]).unwrap().get::<_, i64>(0) == 0 {
                std::thread::yield_now();
            }
            watcher.set();
        });
        site.with_stop(&stop, |site| site.query("SELECT pg_sleep(1000)", &[]))
    });
    assert_eq!(code(result), "P0113");
}
