//! Restores: what becomes of the present state, of files that cannot be read, and how a restore is undone.

use crate::support::{Site, id, undo_all};
use procedo_core::change::Undo;
use serde_json::json;

#[test]
fn the_present_state_is_kept_and_undo_brings_it_back() {
    let mut site = Site::with_rows(200);
    let record = site.backup(0);
    let old = site.checksums();
    site.sql("INSERT INTO item VALUES (9999, 'newer', x'01')");
    let newer = site.checksums();
    let args = json!({"database": "main", "backup": id(&record)});
    let (change, reply) = site.live("restore", &args).unwrap();
    assert_eq!(reply["former"], "main-0002-L0");
    assert_eq!(site.checksums(), old);
    let undo = site.undo("restore", &args, &change, &reply);
    undo_all(&mut site, undo);
    assert_eq!(site.checksums(), newer);
}

#[test]
fn undo_of_a_restore_after_others_wrote_is_a_conflict() {
    let mut site = Site::with_rows(200);
    let record = site.backup(0);
    let args = json!({"database": "main", "backup": id(&record)});
    let (change, reply) = site.live("restore", &args).unwrap();
    site.sql("DELETE FROM item WHERE id = 1");
    let undo = site.undo("restore", &args, &change, &reply);
    assert!(
        matches!(undo, Undo::Conflict { reason, calls } if reason.id == "database-undo-changed" && calls.len() == 1)
    );
}

#[test]
fn a_restore_that_keeps_nothing_says_that_it_cannot_be_undone() {
    let mut site = Site::with_rows(20);
    let record = site.backup(0);
    let args = json!({"database": "main", "backup": id(&record), "options": {"keep-present": false}});
    let (change, reply) = site.live("restore", &args).unwrap();
    assert_eq!(change.summary.id, "database-change-restore-for-good");
    assert_eq!(reply["former"], json!(null));
    assert_eq!(site.files().len(), 3);
    let undo = site.undo("restore", &args, &change, &reply);
    assert!(matches!(undo, Undo::Irreversible { reason } if reason.id == "database-undo-not-kept"));
}

#[test]
fn the_newest_backup_is_meant_where_none_is_named() {
    let mut site = Site::with_rows(20);
    site.backup(0);
    site.sql("DELETE FROM item WHERE id = 1");
    site.backup(1);
    let state = site.checksums();
    site.sql("DELETE FROM item");
    let (_, reply) = site.live("restore", &json!({"database": "main"})).unwrap();
    assert_eq!(reply["chain"], json!(["main-0001-L0", "main-0002-L1"]));
    assert_eq!(site.checksums(), state);
}

#[test]
fn a_missing_database_is_put_back() {
    let mut site = Site::with_rows(200);
    let record = site.backup(0);
    let state = site.checksums();
    std::fs::remove_file(site.file()).unwrap();
    let status = site.read("status", &json!({"database": "main"})).unwrap();
    assert_eq!(status["mode"], "offline");
    let reply = site.restore(&id(&record)).unwrap();
    assert_eq!((&reply["former"], &reply["aside"]), (&json!(null), &json!(null)));
    assert_eq!(site.checksums(), state);
}

#[test]
fn a_database_that_cannot_be_read_is_kept_aside() {
    let mut site = Site::with_rows(2000);
    let record = site.backup(0);
    let state = site.checksums();
    std::fs::write(site.file(), b"this is no database").unwrap();
    let status = site.read("status", &json!({"database": "main"})).unwrap();
    assert_eq!(status["mode"], "damaged");
    let args = json!({"database": "main", "backup": id(&record)});
    let (change, reply) = site.live("restore", &args).unwrap();
    let aside = reply["aside"].as_str().unwrap();
    assert_eq!(std::fs::read(aside).unwrap(), b"this is no database");
    assert_eq!(site.checksums(), state);
    let undo = site.undo("restore", &args, &change, &reply);
    assert!(matches!(undo, Undo::Irreversible { reason } if reason.id == "database-undo-aside"));
}

#[test]
fn a_database_damaged_inside_is_not_backed_up_as_if_it_were_whole_and_is_kept_aside() {
    let mut site = Site::with_rows(2000);
    let record = site.backup(0);
    let state = site.checksums();
    site.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    let mut bytes = std::fs::read(site.file()).unwrap();
    for page in bytes.chunks_mut(4096).skip(2) {
        page[..100].fill(0xa5);
    }
    std::fs::write(site.file(), &bytes).unwrap();
    let error = site
        .live("backup", &json!({"database": "main", "level": 0}))
        .unwrap_err();
    assert_eq!(error.code, "P1210");
    let reply = site.restore(&id(&record)).unwrap();
    assert_eq!(std::fs::read(reply["aside"].as_str().unwrap()).unwrap(), bytes);
    assert_eq!(site.checksums(), state);
}

#[test]
fn a_log_beside_a_damaged_file_is_not_played_into_the_restored_one() {
    let mut site = Site::with_rows(200);
    let record = site.backup(0);
    let state = site.checksums();
    // A crash left a log with later changes in it.
    let connection = site.connect();
    connection
        .execute_batch("PRAGMA wal_autocheckpoint = 0; DELETE FROM item")
        .unwrap();
    let log = std::fs::read(site.dir.join("main.db-wal")).unwrap();
    drop(connection);
    std::fs::write(site.dir.join("main.db-wal"), &log).unwrap();
    std::fs::write(site.file(), [0xff; 5000]).unwrap();
    site.restore(&id(&record)).unwrap();
    assert_eq!(site.checksums(), state);
}

#[test]
fn another_page_size_is_refused_in_wal_mode_and_taken_else() {
    let mut site = Site::with_rows(200);
    let record = site.backup(0);
    let state = site.checksums();
    site.sql("PRAGMA journal_mode = delete; PRAGMA page_size = 8192; VACUUM; PRAGMA journal_mode = wal");
    let error = site
        .live("backup", &json!({"database": "main", "level": 1}))
        .unwrap_err();
    assert_eq!(error.code, "P1223");
    let error = site.restore(&id(&record)).unwrap_err();
    assert_eq!(error.code, "P1223");
    assert_eq!(site.checksums(), state);
    site.sql("PRAGMA journal_mode = delete; DELETE FROM item");
    site.restore(&id(&record)).unwrap();
    assert_eq!(site.checksums(), state);
}

#[test]
fn a_backup_with_another_digest_than_expected_is_not_restored() {
    let mut site = Site::with_rows(20);
    let record = site.backup(0);
    let mut restore = |options| {
        site.live(
            "restore",
            &json!({"database": "main", "backup": id(&record), "options": options}),
        )
    };
    let error = restore(json!({"expect": "00"})).unwrap_err();
    assert_eq!(error.code, "P1227");
    let error = restore(json!({"up-to": "2026-01-01T00:00:00Z"})).unwrap_err();
    assert_eq!(error.code, "P1203");
    restore(json!({"expect": record["digest"]})).unwrap();
}

#[test]
fn a_database_that_runs_needs_nothing_to_go_online_and_a_missing_one_cannot() {
    let mut site = Site::with_rows(20);
    let args = json!({"database": "main"});
    assert_eq!(site.plan("go-online", &args).unwrap().change, None);
    std::fs::remove_file(site.file()).unwrap();
    assert_eq!(site.live("go-online", &args).unwrap_err().code, "P1228");
}
