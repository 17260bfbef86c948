//! The record of a site altered behind Procedo's back: `audit verify` names the first bad entry.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::{Done, Program, Site};
use rusqlite::Connection;
use serde_json::Value;

/// A site with three runs that ended, the second of which was stopped in the middle for an answer, and one that waits.
struct Record {
    site: Site,
    runs: Vec<String>,
}

impl Record {
    fn new() -> Self {
        let site = Site::new();
        site.grant("test/*", "files", "example", "write");
        let needs = r#"needs = [{ capability = "files", resource = "example", effect = "write" }]"#;
        let body = r#"
            let large = "";
            large.pad(20000, 'ä');
            for n in 0..5 { files::write("example", "page.txt", "line " + n); }
            run::confirm("go", "Go on?");
            files::write("example", "large.txt", large);"#;
        site.script("writes", needs, body);
        let run = || {
            let run = site.json(["run", "test/writes"]).ended(4).run();
            site.procedo(["answer", &run, "yes"]).ok();
            site.json(["resume", &run]).ok();
            run
        };
        let mut runs = vec![run(), run(), run()];
        runs.push(site.json(["run", "test/writes"]).ended(4).run());
        Self { site, runs }
    }

    fn journal(&self) -> Connection {
        Connection::open(self.site.path(".procedo/journal.db")).unwrap()
    }

    /// Alters the journal by SQL, about the second run; something must be altered.
    #[track_caller]
    fn alter(&self, sql: &str) {
        let journal = self.journal();
        let query = "SELECT number FROM runs WHERE id = ?1";
        let number: i64 = journal
            .query_row(query, [&self.runs[1]], |row| row.get(0))
            .unwrap();
        let before = journal.total_changes();
        journal
            .execute_batch(&sql.replace("RUN", &number.to_string()))
            .unwrap();
        assert!(journal.total_changes() > before, "nothing was altered by {sql}");
    }

    fn verify(&self, args: &[&str]) -> Done {
        self.site.procedo([&["audit", "verify"], args].concat())
    }

    /// The first thing that is wrong must be this entry of the second run, for this reason.
    #[track_caller]
    fn found(&self, seq: u64, why: &str) {
        let done = self.verify(&[]).ended(1);
        let first = done.out.lines().next().unwrap_or_default();
        let named = format!("Run {}, entry {seq}: ", self.runs[1]);
        assert!(
            first.contains(&named) && first.contains(why),
            "{named}{why}: {done}"
        );
        let report = self.verify(&["--json"]).ended(1).json();
        assert_eq!(report["whole"], false);
        let finding = &report["findings"][0];
        assert_eq!(
            (&finding["run"], &finding["seq"]),
            (&Value::from(self.runs[1].as_str()), &Value::from(seq))
        );
    }
}

/// The number of an entry of the second run that holds a text.
fn seq_with(record: &Record, text: &str) -> u64 {
    let shown = record.site.show(&record.runs[1]);
    let entries = shown["entries"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry.to_string().contains(text));
    entry.unwrap_or_else(|| panic!("no entry with {text}"))["seq"]
        .as_u64()
        .unwrap()
}

#[test]
fn a_record_that_nobody_touched_is_whole() {
    let record = Record::new();
    let told = record.verify(&[]).ok();
    assert!(told.out.contains('✓'), "{told}");
    let report = record.verify(&["--json"]).ok().json();
    assert_eq!(
        (&report["whole"], report["runs"].as_u64()),
        (&Value::Bool(true), Some(4))
    );
}

#[test]
fn an_entry_edited_by_one_byte_is_found() {
    let record = Record::new();
    let seq = seq_with(&record, "line 3");
    record.alter(&format!(
        "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'line 3', 'line 4') AS BLOB) WHERE run = RUN AND seq = {seq}"
    ));
    record.found(seq, "it does not match its hash");
}

#[test]
fn an_entry_that_was_removed_is_found() {
    let record = Record::new();
    let last = record.site.show(&record.runs[1])["entries"]
        .as_array()
        .unwrap()
        .len() as u64;
    for seq in [2, 5] {
        assert!(seq + 1 < last);
        let record = Record::new();
        record.alter(&format!("DELETE FROM entries WHERE run = RUN AND seq = {seq}"));
        let done = record.verify(&[]).ended(1);
        let first = done.out.lines().next().unwrap().to_owned();
        assert!(first.contains(&record.runs[1]), "{done}");
        let report = record.verify(&["--json"]).ended(1).json();
        let found = report["findings"][0]["seq"].as_u64().unwrap();
        assert!(found == seq || found == seq + 1, "the gap is named: {report}");
    }
}

#[test]
fn two_entries_that_were_swapped_are_found() {
    let record = Record::new();
    let seq = seq_with(&record, "line 2");
    let other = seq + 2;
    record.alter(&format!(
        "UPDATE entries SET seq = -1 WHERE run = RUN AND seq = {seq};
         UPDATE entries SET seq = {seq} WHERE run = RUN AND seq = {other};
         UPDATE entries SET seq = {other} WHERE run = RUN AND seq = -1;"
    ));
    let report = record.verify(&["--json"]).ended(1).json();
    let finding = &report["findings"][0];
    assert_eq!(finding["run"], record.runs[1].as_str(), "{report}");
    let found = finding["seq"].as_u64().unwrap();
    assert!((seq..=other).contains(&found), "{report}");

    // Their contents alone.
    let record = Record::new();
    record.alter(&format!(
        "CREATE TEMP TABLE kept AS SELECT seq, body, hash FROM entries WHERE run = RUN AND seq IN ({seq}, {other});
         UPDATE entries SET body = (SELECT body FROM kept WHERE seq = {other}), hash = (SELECT hash FROM kept WHERE seq = {other})
           WHERE run = RUN AND seq = {seq};
         UPDATE entries SET body = (SELECT body FROM kept WHERE seq = {seq}), hash = (SELECT hash FROM kept WHERE seq = {seq})
           WHERE run = RUN AND seq = {other};"
    ));
    let report = record.verify(&["--json"]).ended(1).json();
    assert_eq!(report["findings"][0]["seq"].as_u64(), Some(seq), "{report}");
}

#[test]
fn a_tail_that_was_cut_off_is_found_against_a_head_that_was_kept() {
    let record = Record::new();
    let exported = record.site.json(["audit", "verify"]).ok().json();
    std::fs::write(record.site.beside("head.json"), exported["head"].to_string()).unwrap();
    let head = record.site.beside("head.json");
    let head = head.to_str().unwrap();
    record.verify(&["--head", head]).ok();
    // The newest run disappears without a trace, as far as the site itself can tell.
    let newest = &record.runs[3];
    let journal = record.journal();
    let query = "SELECT number FROM runs WHERE id = ?1";
    let number: i64 = journal.query_row(query, [newest], |row| row.get(0)).unwrap();
    journal
        .execute("DELETE FROM entries WHERE run = ?1", [number])
        .unwrap();
    journal
        .execute("DELETE FROM heads WHERE run = ?1", [newest])
        .unwrap();
    journal
        .execute("DELETE FROM runs WHERE number = ?1", [number])
        .unwrap();
    drop(journal);
    record.verify(&[]).ok();
    let told = record.verify(&["--head", head]).ended(1);
    assert!(told.out.contains("before the exported head"), "{told}");
}

#[test]
fn the_end_of_a_run_that_was_cut_off_is_found_without_help() {
    let record = Record::new();
    let last = record.site.show(&record.runs[1])["entries"]
        .as_array()
        .unwrap()
        .len() as u64
        - 1;
    record.alter(&format!("DELETE FROM entries WHERE run = RUN AND seq = {last}"));
    let told = record.verify(&[]).ended(1);
    assert!(
        told.out.lines().next().unwrap().contains(&record.runs[1]),
        "{told}"
    );
}

#[test]
fn a_blob_that_was_changed_or_lost_is_found_at_the_entry_that_needs_it() {
    for (sql, why) in [
        (
            "UPDATE blobs SET body = zeroblob(length(body)) WHERE rowid = (SELECT max(rowid) FROM blobs)",
            "was changed",
        ),
        (
            "DELETE FROM blobs WHERE rowid = (SELECT max(rowid) FROM blobs)",
            "is lost",
        ),
    ] {
        let record = Record::new();
        let blobs: i64 = record
            .journal()
            .query_row("SELECT count(*) FROM blobs", [], |row| row.get(0))
            .unwrap();
        assert!(blobs > 0, "the runs keep what was before");
        record.alter(sql);
        let told = record.verify(&[]).ended(1);
        let first = told.out.lines().next().unwrap();
        assert!(
            first.contains(why) && first.contains("blob") && first.contains("entry "),
            "{told}"
        );
    }
}

#[test]
fn an_export_is_checked_elsewhere_and_shows_an_edit() {
    let record = Record::new();
    let export = record.site.beside("export.jsonl");
    let path = export.to_str().unwrap();
    record.site.procedo(["audit", "export", "--output", path]).ok();
    record.verify(&[path]).ok();
    let text = std::fs::read_to_string(&export).unwrap();
    assert!(text.contains("page.txt"));
    std::fs::write(&export, text.replacen("page.txt", "pago.txt", 1)).unwrap();
    record.verify(&[path]).ended(1);
}

#[test]
fn an_altered_record_is_not_gone_on_with() {
    let record = Record::new();
    let waiting = &record.runs[3];
    record.site.procedo(["answer", waiting, "yes"]).ok();
    let journal = record.journal();
    let sql = "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'line 3', 'line 4') AS BLOB)
               WHERE run = (SELECT number FROM runs WHERE id = ?1)";
    assert!(journal.execute(sql, [waiting]).unwrap() > 0);
    drop(journal);
    std::fs::remove_file(record.site.path("files/large.txt")).unwrap();
    let refused = Done::of(
        &mut record
            .site
            .command(Program::Procedo, ["resume", waiting, "--json"]),
    );
    assert_eq!(refused.error().0, "P0207", "{refused}");
    assert!(
        !record.site.path("files/large.txt").exists(),
        "it has no effect any more"
    );
}
