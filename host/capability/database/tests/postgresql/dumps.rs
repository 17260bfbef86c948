//! Logical copies, and putting one in the place of what a database holds.

use crate::cluster::{Cluster, give};
use crate::support::{Site, code, id};
use procedo_core::change::{Probe, Undo};
use serde_json::json;
use std::fs;

fn site() -> Site {
    let cluster = Cluster::plain();
    cluster.sql(
        "CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 2000) i; \
         CREATE SCHEMA apart; CREATE VIEW apart.few AS SELECT * FROM item WHERE id < 10; \
         CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    );
    fs::create_dir(cluster.dir.join("dumps")).unwrap();
    give(&cluster.dir.join("dumps"));
    let dumps = cluster.at("dumps");
    Site::with(cluster, &json!({"dumps": dumps, "stanza": null}))
}

#[test]
fn a_dump_brings_back_what_it_holds_and_undo_what_was_there() {
    let mut site = site();
    let args = json!({"database": "main", "level": 0, "destination": "dump:before"});
    let (change, dump) = site.live("backup", &args).unwrap();
    assert_eq!(
        (dump["verified"].as_bool(), dump["destination"].as_str()),
        (Some(true), Some("dump:before"))
    );
    assert_eq!(site.verify(&id(&dump)).unwrap(), dump);
    let call = site.call;
    assert_eq!(site.backups(), [id(&dump)]);
    let old = site.checksums();
    site.cluster.sql("DELETE FROM item WHERE id > 5; CREATE TABLE more (x int); INSERT INTO more VALUES (1); DROP FUNCTION one()");
    let present = site.checksums();

    let restore = json!({"database": "main", "backup": id(&dump)});
    let (changed, reply) = site.live("restore", &restore).unwrap();
    assert_eq!(site.checksums(), old, "what the dump does not have is gone");
    assert_eq!(site.cluster.count("SELECT one() + count(*) FROM apart.few"), 10);
    assert_eq!(
        site.cluster
            .count("SELECT has_schema_privilege('reader', 'public', 'USAGE')::int::int8"),
        1
    );
    let Undo::Calls { calls } = site.undo("restore", &restore, &changed, &reply) else {
        panic!("it can be undone");
    };
    let mut back = calls[0].args.clone();
    back["options"]["keep-present"] = json!(false);
    site.live("restore", &back).unwrap();
    assert_eq!(site.checksums(), present);

    site.call = call - 1;
    let Undo::Calls { calls } = site.undo("backup", &args, &change, &dump) else {
        panic!("a dump can be removed");
    };
    assert_eq!(
        site.live("remove-backup", &calls[0].args).unwrap().1["removed"],
        true
    );
    assert_eq!(site.backups(), [reply["former"].as_str().unwrap()]);
}

#[test]
fn a_damaged_dump_is_named_and_a_restore_that_fails_alters_nothing() {
    let mut site = site();
    for (level, destination, expected) in [
        (1, "dump", "P1203"),
        (0, "dump:../x", "P1273"),
        (0, "tape", "P1273"),
    ] {
        let args = json!({"database": "main", "level": level, "destination": destination});
        assert_eq!(code(site.live("backup", &args)), expected, "{destination}");
    }
    let args = json!({"database": "main", "level": 0, "destination": "dump"});
    site.call += 1;
    let change = site.intent("backup", &args).unwrap();
    assert_eq!(site.probe("backup", &args, &change), Probe::NotApplied);
    let dump = site.perform("backup", &args, &change).unwrap();
    assert_eq!(site.probe("backup", &args, &change), Probe::Applied(dump.clone()));
    let present = site.checksums();
    let path = site.cluster.dir.join("dumps").join(format!("{}.dump", id(&dump)));
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for (what, bytes) in [
        ("a flipped byte", flipped),
        ("a truncated file", whole[..whole.len() / 2].to_vec()),
    ] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(code(site.verify(&id(&dump))), "P1213", "{what}");
        assert_eq!(code(site.restore(&id(&dump), json!({}))), "P1213", "{what}");
        assert_eq!(site.checksums(), present, "{what}");
    }
    fs::write(&path, &whole).unwrap();
    // What the dump cannot drop stands in its way: the transaction is taken back.
    site.cluster
        .connect("postgres", "app")
        .batch_execute(
            "CREATE ROLE gone; ALTER VIEW apart.few OWNER TO gone; GRANT USAGE ON SCHEMA apart TO gone",
        )
        .unwrap();
    let (_, other) = site.live("backup", &args).unwrap();
    site.cluster
        .connect("postgres", "app")
        .batch_execute(
            "ALTER VIEW apart.few OWNER TO procedo; REVOKE USAGE ON SCHEMA apart FROM gone; DROP ROLE gone",
        )
        .unwrap();
    let present = site.checksums();
    assert_eq!(
        code(site.restore(&id(&other), json!({"keep-present": false}))),
        "P1274"
    );
    assert_eq!(site.checksums(), present);
    fs::remove_file(&path).unwrap();
    assert_eq!(code(site.restore(&id(&dump), json!({}))), "P1213");
}
