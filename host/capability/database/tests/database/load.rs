//! Backups while others write: a backup holds the state of one moment, and never much memory.

use crate::support::{Site, id};
use rusqlite::TransactionBehavior;
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const ACCOUNTS: i64 = 4000;

/// Moves amounts between accounts; their sum stays.
fn write(site: &Site, seed: i64, end: &AtomicBool, written: &AtomicU64) {
    let mut connection = site.connect();
    let mut number = seed;
    while !end.load(Ordering::Relaxed) {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        for _ in 0..20 {
            number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
            let (from, to) = (number % ACCOUNTS, (number / 7) % ACCOUNTS);
            let sql = "UPDATE account SET amount = amount + ?1, note = hex(randomblob(30)) WHERE id = ?2";
            transaction.execute(sql, (-5, from)).unwrap();
            transaction.execute(sql, (5, to)).unwrap();
        }
        transaction
            .execute("INSERT INTO log (text) VALUES (hex(randomblob(50)))", [])
            .unwrap();
        transaction.commit().unwrap();
        written.fetch_add(1, Ordering::Relaxed);
    }
}

fn sum(site: &Site) -> i64 {
    site.connect()
        .query_row("SELECT sum(amount) FROM account", [], |row| row.get(0))
        .unwrap()
}

fn under_load(mode: &str) {
    let mut site = Site::empty();
    site.sql(&format!(
        "PRAGMA journal_mode = {mode}; CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT);
         CREATE TABLE account (id INTEGER PRIMARY KEY, amount INTEGER, note TEXT);
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {ACCOUNTS} - 1)
         INSERT INTO account SELECT i, 100, hex(randomblob(200)) FROM n"
    ));
    let (end, written) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut made = Vec::new();
    std::thread::scope(|scope| {
        let writers = [(11, Site::at(&site.dir)), (23, Site::at(&site.dir))]
            .map(|(seed, at)| (seed, at.file()))
            .map(|(seed, file)| {
                let (end, written) = (&end, &written);
                scope.spawn(move || write(&Site::at(file.parent().unwrap()), seed, end, written))
            });
        for level in [0, 1, 2, 1, 0, 1] {
            let before = written.load(Ordering::Relaxed);
            let record = site.backup(level);
            // Writing goes on between backups, and in WAL mode during them.
            while written.load(Ordering::Relaxed) == before {
                std::thread::yield_now();
            }
            made.push(id(&record));
        }
        end.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().unwrap();
        }
    });
    for backup in made {
        site.verify(&backup).unwrap();
        site.restore(&backup).unwrap();
        assert_eq!(sum(&site), 100 * ACCOUNTS, "{mode} {backup}");
    }
}

#[test]
fn a_backup_under_load_holds_the_state_of_one_moment() {
    under_load("wal");
}

#[test]
fn without_a_write_ahead_log_writers_wait_and_the_state_is_one() {
    under_load("delete");
}

#[test]
fn readers_with_the_database_open_see_the_restored_state() {
    let mut site = Site::with_rows(100);
    let record = site.backup(0);
    let reader = site.connect();
    let count = || -> u32 {
        reader
            .query_row("SELECT count(*) FROM item", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(count(), 100);
    site.sql("DELETE FROM item WHERE id > 50");
    assert_eq!(count(), 50);
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(count(), 50);
    site.restore(&id(&record)).unwrap();
    assert_eq!(count(), 50, "its transaction goes on with the state it saw");
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(count(), 100);
}

#[test]
fn a_writer_in_the_middle_of_a_transaction_is_told_and_nothing_is_lost() {
    let mut site = Site::with_rows(100);
    let record = site.backup(0);
    let writer = site.connect();
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM item").unwrap();
    let error = site.restore(&id(&record)).unwrap_err();
    assert_eq!(error.code, "P1209");
    writer.execute_batch("ROLLBACK").unwrap();
    let args = json!({"database": "main", "sql": "SELECT count(*) FROM item", "parameters": []});
    assert_eq!(site.read("query", &args).unwrap()["rows"], json!(["[100]"]));
}

#[test]
fn what_a_reader_keeps_in_the_log_is_in_the_backup() {
    let mut site = Site::with_rows(3000);
    let reader = site.connect();
    reader.execute_batch("BEGIN").unwrap();
    let seen: u32 = reader
        .query_row("SELECT count(*) FROM item", [], |row| row.get(0))
        .unwrap();
    assert_eq!(seen, 3000);
    let mut made = Vec::new();
    for (level, rest) in [(0, 1), (1, 2), (2, 0)] {
        site.sql(&format!(
            "UPDATE item SET name = 'newer {level}' WHERE id % 3 = {rest}"
        ));
        let log = std::fs::metadata(site.dir.join("main.db-wal")).unwrap().len();
        assert!(log > 0, "it can only be in the log");
        made.push((id(&site.backup(level)), site.checksums()));
    }
    reader.execute_batch("COMMIT").unwrap();
    for (backup, then) in made {
        site.restore(&backup).unwrap();
        assert_eq!(site.checksums(), then, "{backup}");
    }
}

/// In a process of its own, for the test below: whether another process may write.
#[test]
#[ignore = "a part of another test"]
fn child_tries_to_write() {
    let Ok(dir) = std::env::var("PROCEDO_TEST_SITE") else {
        return;
    };
    let connection = Site::at(dir.as_ref()).connect();
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    match connection.execute_batch("BEGIN IMMEDIATE; DELETE FROM item; COMMIT") {
        Ok(()) => println!("it wrote"),
        Err(error) => println!("it was told: {:?}", error.sqlite_error_code()),
    }
}

#[test]
fn a_backup_does_not_release_the_locks_of_its_process() {
    for mode in ["wal", "delete"] {
        let mut site = Site::empty();
        site.fill(mode, 200);
        let writer = site.connect();
        site.backup(0);
        // In WAL mode a backup needs a moment without a writer, or it takes another way.
        writer.execute_batch("BEGIN IMMEDIATE").unwrap();
        site.backup(0);
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "load::child_tries_to_write",
                "--ignored",
                "--nocapture",
            ])
            .env("PROCEDO_TEST_SITE", &site.dir)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("it was told: Some(DatabaseBusy)"), "{mode}: {said}");
        writer.execute_batch("ROLLBACK").unwrap();
    }
}

/// In a process of its own, for the test below.
#[test]
#[ignore = "a part of another test"]
fn child_backs_up_and_restores() {
    let Ok(dir) = std::env::var("PROCEDO_TEST_SITE") else {
        return;
    };
    let mut site = Site::at(dir.as_ref());
    let zero = site.backup(0);
    site.sql("UPDATE item SET name = 'x' WHERE id % 50 = 0");
    let one = site.backup(1);
    site.restore(&id(&one)).unwrap();
    site.restore(&id(&zero)).unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    println!("{peak}");
}

#[test]
fn backup_and_restore_of_300_mb_stay_below_64_mib_of_memory() {
    let site = Site::empty();
    site.sql(
        "PRAGMA journal_mode = wal; CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, data BLOB);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO item SELECT i, 'n', randomblob(100000) FROM n",
    );
    assert!(std::fs::metadata(site.file()).unwrap().len() > 300_000_000);
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "load::child_backs_up_and_restores",
            "--ignored",
            "--nocapture",
        ])
        .env("PROCEDO_TEST_SITE", &site.dir)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let peak = said
        .lines()
        .find_map(|line| line.split_once("VmHWM:"))
        .expect(&said)
        .1;
    let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib < 64 * 1024, "{kib} KiB");
}
