//! A disk without room, while the journal or a file is written: the run stops with a clear error, nothing is lost or half
//! done, and it goes on when there is room.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::journal::changes;
use procedo_tests::{Done, Program, Site};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small disk in memory, mounted over a folder.
struct Disk(PathBuf);

impl Disk {
    /// None where this process may not mount; the test then says so and proves nothing.
    fn over(folder: &Path, kibibytes: u32) -> Option<Self> {
        let folder = folder.canonicalize().unwrap();
        let size = format!("size={kibibytes}k,mode=700");
        let mut mount = Command::new("mount");
        let mounted = mount
            .args(["-t", "tmpfs", "-o", &size, "procedo-test"])
            .arg(&folder)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("SKIPPED: mounting a small disk needs root");
        None
    }

    /// Takes the room there is, but for so many KiB.
    fn fill(&self, but: u64) -> Filling {
        let path = self.0.join(".filling");
        let mut file = std::fs::File::create(&path).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        let written = file.metadata().unwrap().len();
        file.set_len(written.saturating_sub(but * 1024)).unwrap();
        Filling(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A file that takes the room; it goes when it is dropped.
struct Filling(PathBuf);

impl Drop for Filling {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

/// A procedure that writes twelve pages of 20,000 bytes, and each of them only once: it expects that there is none.
const BODY: &str = r#"
let large = "";
large.pad(20000, 'x');
for n in 0..12 { files::write("example", "page" + n + ".txt", large + n, #{expect: ""}); }
"done""#;

fn site() -> Site {
    let site = Site::new();
    site.grant("test/*", "files", "example", "write");
    let needs = r#"needs = [{ capability = "files", resource = "example", effect = "write" }]"#;
    site.script("fills", needs, BODY);
    site
}

#[track_caller]
fn all_pages(site: &Site, run: &str) {
    for n in 0..12 {
        let page = site.read(&format!("files/page{n}.txt"));
        assert!(
            page.len() >= 20001 && page.ends_with(&n.to_string()),
            "page {n} has {} bytes",
            page.len()
        );
    }
    let names: Vec<_> = std::fs::read_dir(site.path("files"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 12, "nothing is left beside them: {names:?}");
    assert_eq!(changes(&site.show(run)).len(), 12, "each page was written once");
    site.whole();
}

#[test]
fn full_while_the_journal_is_written_the_run_stops_and_goes_on_when_there_is_room() {
    let mut stopped = 0;
    // Wherever it happens: with much room left, and with hardly any.
    for room in [12, 40, 80, 160, 240] {
        let site = site();
        let store = site.path(".procedo");
        let kept = procedo_tests::tree::Tree::of(&store);
        let Some(disk) = Disk::over(&store, 1024) else {
            return;
        };
        kept.put_to(&store);
        let filling = disk.fill(room);
        let done = site.json(["run", "test/fills"]);
        if done.code() != Some(0) {
            stopped += 1;
            let told = format!("{}{}", done.out, done.err);
            assert!(
                told.contains("P0204") && told.contains(".procedo"),
                "room for {room} KiB: {done}"
            );
            assert!(done.code() == Some(1) || done.code() == Some(4), "{done}");
        }
        // Looking needs no room, or says that it does.
        let listed = site.json(["runs"]);
        assert!(
            listed.code() == Some(0) || listed.error().0 == "P0204",
            "{listed}"
        );
        drop(filling);
        let runs = site.runs();
        if let Some(row) = runs.first() {
            let run = row["run"].as_str().unwrap().to_owned();
            if row["state"] != "succeeded" {
                assert_eq!(row["state"], "interrupted", "room for {room} KiB");
                site.json(["resume", &run]).ok();
            }
            all_pages(&site, &run);
        } else {
            assert!(
                std::fs::read_dir(site.path("files")).unwrap().next().is_none(),
                "what was never begun has no effect"
            );
        }
    }
    assert!(stopped >= 2, "only {stopped} runs met the full disk");
}

#[test]
fn full_while_a_file_is_written_the_run_fails_clearly_and_leaves_the_old_content() {
    let site = site();
    let Some(disk) = Disk::over(&site.path("files"), 512) else {
        return;
    };
    site.write("files/old.txt", "the old content\n");
    let needs = r#"needs = [{ capability = "files", resource = "example", effect = "write" }]"#;
    let body = r#"let large = ""; large.pad(200000, 'x'); files::write("example", "old.txt", large)"#;
    site.script("replaces", needs, body);
    let filling = disk.fill(64);
    let failed = site.json(["run", "test/replaces"]).ended(1);
    let (code, sentence) = failed.error();
    assert!(code == "P0326" && sentence.contains("old.txt"), "{failed}");
    assert_eq!(site.read("files/old.txt"), "the old content\n");
    let names = std::fs::read_dir(site.path("files")).unwrap().count();
    assert_eq!(names, 2, "nothing half written is left beside it and the filling");
    drop(filling);
    site.json(["run", "test/replaces"]).ok();
    assert_eq!(site.read("files/old.txt").len(), 200_000);
    site.whole();
}

#[test]
fn full_in_the_middle_of_many_files_what_was_written_is_undone() {
    let site = site();
    let Some(disk) = Disk::over(&site.path("files"), 1024) else {
        return;
    };
    let filling = disk.fill(110);
    let failed = site.json(["run", "test/fills"]).ended(1);
    let (code, sentence) = failed.error();
    assert!(code == "P0326" && sentence.contains("page"), "{failed}");
    let written = std::fs::read_dir(site.path("files")).unwrap().count() - 1;
    assert!(written > 0 && written < 12, "{written} pages");
    drop(filling);
    let undone = site.json(["undo", &failed.run(), "--yes"]).ok();
    assert_eq!(undone.last()["result"]["reversed"], written, "{undone}");
    assert_eq!(std::fs::read_dir(site.path("files")).unwrap().count(), 0);
    let run = site.json(["run", "test/fills"]).ok().run();
    all_pages(&site, &run);
}

#[test]
fn a_run_killed_on_a_full_disk_goes_on_when_there_is_room() {
    let site = site();
    let store = site.path(".procedo");
    let kept = procedo_tests::tree::Tree::of(&store);
    let Some(disk) = Disk::over(&store, 2048) else {
        return;
    };
    kept.put_to(&store);
    let mut command = site.command(Program::Failpoints, ["run", "test/fills", "--json"]);
    let run = Done::of(command.env("PROCEDO_FAILPOINT", "after-effect:6"))
        .killed()
        .run();
    let filling = disk.fill(0);
    let refused = site.json(["resume", &run]);
    assert_ne!(refused.code(), Some(0), "{refused}");
    assert!(
        format!("{}{}", refused.out, refused.err).contains("P0204"),
        "{refused}"
    );
    drop(filling);
    site.json(["resume", &run]).ok();
    all_pages(&site, &run);
}
