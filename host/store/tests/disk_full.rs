//! A disk without room: errors that say so, nothing lost silently, and on it goes when there is room again.

mod fixture;

use fixture::*;
use procedo_core::capability::Blobs;
use procedo_core::journal::{Body, CallEnd};
use procedo_store::{Durability, SqliteStore, Store, audit};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small disk in memory.
struct Disk {
    at: tempfile::TempDir,
}

impl Disk {
    /// None where this process may not mount; the test then says so and proves nothing.
    fn mount(kibibytes: u32) -> Option<Self> {
        let at = tempfile::tempdir().expect("a folder");
        let size = format!("size={kibibytes}k");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(at.path())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self { at });
        }
        eprintln!("SKIPPED: mounting a tmpfs needs root");
        None
    }

    fn store(&self) -> PathBuf {
        self.at.path().join("store")
    }

    /// Takes all room there is, but for so many KiB.
    fn fill(&self, but: usize) -> Filling {
        let path = self.at.path().join("filling");
        let mut file = std::fs::File::create(&path).expect("room for a name");
        let mut written = 0_usize;
        while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {
            written += 4;
        }
        file.set_len((written.saturating_sub(but) * 1024) as u64)
            .expect("shorter");
        Filling(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.at.path()).status();
    }
}

/// A file that takes the room; it goes when dropped.
struct Filling(PathBuf);

impl Drop for Filling {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).expect("there");
    }
}

fn large(call: u64) -> Body {
    Body::Outcome {
        call,
        ended: CallEnd::Reply(json!("x".repeat(8000))),
        micros: 1,
    }
}

fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir, key()).expect("opens")
}

#[test]
fn an_append_that_finds_no_room_says_so_and_leaves_nothing_behind() {
    let Some(disk) = Disk::mount(3000) else { return };
    let store = open(&disk.store());
    let lease = begin(&store, "a");
    let filling = disk.fill(100);
    let mut written = 0;
    let error = loop {
        match store.append(&*lease, vec![large(written + 1)], Durability::Now) {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1000, "the disk fills up");
    };
    assert_eq!(error.code, "P0204", "{error}");
    assert_eq!(lease.next_seq(), written + 1);
    assert_eq!(
        store
            .append(&*lease, vec![large(0)], Durability::Now)
            .expect_err("still full")
            .code,
        "P0204"
    );
    assert_eq!(
        store.entries(&run("a"), 0).expect("readable").len() as u64,
        written + 1
    );
    drop(filling);
    store
        .append(&*lease, vec![step(1), succeeded()], Durability::Now)
        .expect("there is room again");
    drop((lease, store));
    let store = open(&disk.store());
    let kinds = kinds(&store, "a");
    assert_eq!(kinds.len() as u64, written + 3);
    assert_eq!(kinds[kinds.len() - 2..], ["step", "finished"]);
    assert!(audit::verify(&store).expect("readable").is_whole());
}

#[test]
fn what_was_queued_is_told_by_the_next_append_and_written_first_when_there_is_room() {
    let Some(disk) = Disk::mount(40_000) else { return };
    let store = open(&disk.store());
    let lease = begin(&store, "a");
    let filling = disk.fill(0);
    let content = vec![7; 200_000];
    let blob = store.put(&content).expect("queued");
    let mut queued = 0;
    // An append after the background has failed reports it; those before it stay.
    let error = loop {
        match store.append(&*lease, vec![step(queued + 1)], Durability::Soon) {
            Ok(()) => queued += 1,
            Err(error) => break error,
        }
        assert!(queued < 100_000, "the failure is told");
    };
    assert_eq!(error.code, "P0204");
    assert!(queued > 0);
    assert_eq!(lease.next_seq(), queued + 1);
    assert_eq!(store.flush(&*lease).expect_err("still full").code, "P0204");
    assert_eq!(kinds(&store, "a"), ["started"]);
    drop(filling);
    store
        .append(&*lease, vec![step(1)], Durability::Now)
        .expect("there is room again");
    let kinds = kinds(&store, "a");
    assert_eq!(kinds.len() as u64, queued + 2);
    assert_eq!(kinds.last(), Some(&"step"));
    assert_eq!(store.get(&blob).expect("written with them"), content);
    assert!(audit::verify(&store).expect("readable").is_whole());
}

#[test]
fn a_run_whose_last_entries_found_no_room_is_as_after_a_crash() {
    let Some(disk) = Disk::mount(3000) else { return };
    let store = open(&disk.store());
    let (a, b) = (begin(&store, "a"), begin(&store, "b"));
    {
        let _filling = disk.fill(0);
        store
            .append(&*b, vec![step(1)], Durability::Whenever)
            .expect("queued");
        store
            .append(&*a, vec![large(1)], Durability::Whenever)
            .expect("queued");
        drop(a);
        assert_eq!(
            store.begin(started("c")).err().map(|error| error.code).as_deref(),
            Some("P0204")
        );
        assert_eq!(store.set_secret("token", "x").expect_err("no room").code, "P0204");
    }
    store
        .append(&*b, vec![succeeded()], Durability::Now)
        .expect("there is room again");
    assert_eq!(kinds(&store, "a"), ["started"]);
    assert_eq!(kinds(&store, "b"), ["started", "step", "finished"]);
    assert!(store.row(&run("c")).expect("readable").is_none());
    let a = store.take(&run("a")).expect("free");
    calls(&store, &*a, 1..2);
    drop(a);
    drop(begin(&store, "c"));
    assert_eq!(kinds(&store, "a"), ["started", "intent", "outcome"]);
    assert_eq!(store.secret_version("token").expect("readable"), None);
    assert!(audit::verify(&store).expect("readable").is_whole());
}

#[test]
fn a_store_is_not_half_made_on_a_full_disk() {
    let Some(disk) = Disk::mount(3000) else { return };
    for but in [0, 4, 8, 16, 40] {
        let filling = disk.fill(but);
        if let Err(error) = SqliteStore::open(&disk.store(), procedo_store::KeySource::Site) {
            assert_eq!(error.code, "P0204", "{error}");
        }
        drop(filling);
        let store =
            SqliteStore::open(&disk.store(), procedo_store::KeySource::Site).expect("there is room again");
        drop(begin(&store, "a"));
        drop(store);
        std::fs::remove_dir_all(disk.store()).expect("there");
    }
}
