//! Backups: what they hold, what builds upon what, and what goes with them.

use crate::support::{Site, id, undo_all};
use procedo_core::change::{Assumed, Probe, Undo};
use rusqlite::Connection;
use serde_json::{Value, json};

#[test]
fn level_0_is_a_database_that_sqlite_opens() {
    for mode in ["wal", "delete", "truncate", "persist", "memory"] {
        let mut site = Site::empty();
        site.fill(mode, 300);
        let record = site.backup(0);
        assert_eq!(record["id"], "main-0001-L0", "{mode}");
        assert_eq!(record["verified"], true);
        assert_eq!(
            site.files(),
            ["main-0001-L0.db", "main-0001-L0.digests", "main-0001-L0.json"]
        );
        let copy = Connection::open(site.backups().join("main-0001-L0.db")).unwrap();
        let rows: u32 = copy
            .query_row("SELECT count(*) FROM item", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 300, "{mode}");
    }
}

#[test]
fn what_is_only_in_the_log_is_in_the_backup() {
    let mut site = Site::with_rows(10);
    let connection = site.connect();
    connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    connection
        .execute_batch("INSERT INTO item VALUES (1000, 'late', x'00')")
        .unwrap();
    let before = site.checksums();
    let record = site.backup(0);
    drop(connection);
    site.sql("DELETE FROM item");
    site.restore(&id(&record)).unwrap();
    assert_eq!(site.checksums(), before);
}

#[test]
fn levels_1_and_2_hold_only_what_changed() {
    let mut site = Site::with_rows(3000);
    let zero = site.backup(0);
    site.sql("UPDATE item SET data = randomblob(500) WHERE id = 1500");
    let one = site.backup(1);
    site.sql("UPDATE item SET data = randomblob(500) WHERE id = 200");
    let again = site.backup(1);
    let two = site.backup(2);
    assert_eq!(one["base"], zero["id"]);
    assert_eq!(again["base"], zero["id"], "level 1 builds upon level 0");
    assert_eq!(two["base"], again["id"], "level 2 builds upon the newest level 1");
    let size = |record: &Value| record["size"].as_u64().unwrap();
    assert!(
        size(&one) * 100 < size(&zero),
        "{} of {}",
        size(&one),
        size(&zero)
    );
    assert!(size(&two) < size(&again));
    let list = site.read("list-backups", &json!({"database": "main"})).unwrap();
    assert_eq!(list, json!([zero, one, again, two]));
}

#[test]
fn a_chain_of_all_levels_restores_just_the_state_that_was_backed_up() {
    for mode in ["wal", "delete"] {
        let mut site = Site::empty();
        site.fill(mode, 2000);
        let mut states = Vec::new();
        let change = [
            "SELECT 1",
            "UPDATE item SET name = name || '!' WHERE id % 100 = 0",
            // It shrinks.
            "DELETE FROM item WHERE id > 500; VACUUM",
            // It grows beyond what it was.
            "INSERT INTO item SELECT id + 10000, name, randomblob(2000) FROM item; CREATE TABLE other (x REAL, y);
             INSERT INTO other VALUES (0.1, NULL), (-1e300, 'ü')",
        ];
        for (sql, level) in change.iter().zip([0, 1, 1, 2]) {
            site.sql(sql);
            let record = site.backup(level);
            states.push((id(&record), site.checksums()));
        }
        site.sql("DROP TABLE item");
        for (backup, state) in states.iter().chain(states.iter().rev()) {
            let reply = site.restore(backup).unwrap();
            assert_eq!(&site.checksums(), state, "{mode} {backup}");
            assert_eq!(reply["backup"], backup.as_str());
            site.verify(backup).unwrap();
        }
    }
}

#[test]
fn an_increment_without_level_0_is_refused() {
    let mut site = Site::with_rows(10);
    let code = |result: procedo_core::Result<_>| result.err().map(|error: procedo_core::Error| error.code);
    let args = json!({"database": "main", "level": 1});
    assert_eq!(code(site.live("backup", &args)).as_deref(), Some("P1212"));
    let args = json!({"database": "main", "level": 3});
    assert_eq!(code(site.live("backup", &args)).as_deref(), Some("P1219"));
    for destination in ["../out", "a/b", "", ".hidden"] {
        let args = json!({"database": "main", "level": 0, "destination": destination});
        assert_eq!(
            code(site.live("backup", &args)).as_deref(),
            Some("P1220"),
            "{destination}"
        );
    }
    assert_eq!(site.files(), Vec::<String>::new());
}

#[test]
fn an_increment_may_lie_elsewhere_than_its_base() {
    let mut site = Site::with_rows(100);
    site.backup(0);
    site.sql("DELETE FROM item WHERE id = 7");
    let args = json!({"database": "main", "level": 1, "destination": "daily"});
    let (_, record) = site.live("backup", &args).unwrap();
    let state = site.checksums();
    assert!(site.backups().join("daily/main-0002-L1.changes").exists());
    site.sql("DELETE FROM item");
    site.restore(&id(&record)).unwrap();
    assert_eq!(site.checksums(), state);
}

#[test]
fn a_plan_changes_nothing_and_later_calls_see_it() {
    let mut site = Site::with_rows(10);
    let zero = site
        .plan("backup", &json!({"database": "main", "level": 0}))
        .unwrap();
    let one = site
        .plan("backup", &json!({"database": "main", "level": 1}))
        .unwrap();
    let (Assumed::Overlaid(zero), Assumed::Overlaid(one)) = (zero.reply, one.reply) else {
        panic!("both are foreseen");
    };
    assert_eq!(one["base"], zero["id"]);
    assert_ne!(one["id"], zero["id"]);
    let list = site.plan("list-backups", &json!({"database": "main"})).unwrap();
    assert_eq!(list.reply, Assumed::Overlaid(json!([zero, one])));
    let verified = site
        .plan("verify-backup", &json!({"database": "main", "backup": one["id"]}))
        .unwrap();
    assert_eq!(verified.reply, Assumed::Overlaid(one));
    assert!(!site.backups().exists());
}

#[test]
fn an_approved_backup_is_the_same_when_it_is_planned_again() {
    let mut site = Site::with_rows(10);
    let args = json!({"database": "main", "level": 0});
    let digest = |change: &procedo_core::change::Change| change.bound_digest("database.backup", "main");
    let first = site.intent("backup", &args).unwrap();
    site.backup(0);
    let second = site.intent("backup", &args).unwrap();
    assert_eq!(digest(&first), digest(&second));
}

#[test]
fn undo_removes_a_backup_unless_another_builds_upon_it() {
    let mut site = Site::with_rows(50);
    let args = json!({"database": "main", "level": 0});
    let (zero_change, zero) = site.live("backup", &args).unwrap();
    let one_args = json!({"database": "main", "level": 1});
    let (one_change, one) = site.live("backup", &one_args).unwrap();
    let undo = site.undo("backup", &args, &zero_change, &zero);
    assert!(matches!(undo, Undo::Irreversible { reason } if reason.id == "P1221"));
    let undo = site.undo("backup", &one_args, &one_change, &one);
    undo_all(&mut site, undo);
    let undo = site.undo("backup", &args, &zero_change, &zero);
    undo_all(&mut site, undo);
    assert_eq!(site.files(), Vec::<String>::new());
    assert_eq!(site.undo("backup", &args, &zero_change, &zero), Undo::Nothing);
}

#[test]
fn a_probe_knows_the_backup_of_its_own_call_only() {
    let mut site = Site::with_rows(50);
    let args = json!({"database": "main", "level": 0});
    let change = site.intent("backup", &args).unwrap();
    assert_eq!(site.probe("backup", &args, &change), Probe::NotApplied);
    let reply = site.perform("backup", &args, &change).unwrap();
    assert_eq!(
        site.probe("backup", &args, &change),
        Probe::Applied(reply.clone())
    );
    // Performing again attaches to what is there.
    assert_eq!(site.perform("backup", &args, &change).unwrap(), reply);
    site.call += 1;
    assert_eq!(site.probe("backup", &args, &change), Probe::NotApplied);
    let error = site.perform("backup", &args, &change).unwrap_err();
    assert_eq!(error.code, "P1225");
}

#[test]
fn a_stop_in_the_middle_leaves_nothing() {
    let mut site = Site::with_rows(5000);
    let args = json!({"database": "main", "level": 0});
    let change = site.intent("backup", &args).unwrap();
    site.watch = Box::new(|site, _, _| site.stop.set());
    let error = site.perform("backup", &args, &change).unwrap_err();
    assert_eq!(error.code, "P0113");
    assert_eq!(site.files(), Vec::<String>::new());
}

#[test]
fn two_cannot_work_on_the_backups_at_once() {
    let mut site = Site::with_rows(5000);
    let dir = site.dir.clone();
    site.watch = Box::new(move |_, _, _| {
        let mut other = Site::at(&dir);
        other.call = 99;
        let error = other
            .live("backup", &json!({"database": "main", "level": 0}))
            .unwrap_err();
        assert_eq!(error.code, "P1215");
    });
    site.backup(0);
}
