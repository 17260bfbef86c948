//! Whatever is altered behind the store's back, the audit names the first bad entry, and no reader is given it.

mod fixture;

use fixture::*;
use procedo_core::capability::Blobs;
use procedo_core::journal::{Body, CallEnd};
use procedo_store::audit::{self, Finding, Report};
use procedo_store::chain::Head;
use procedo_store::{Durability, Flaw, SqliteStore, Store};
use serde_json::json;

/// Two runs that took turns: `a` (0 started, 1–8 calls with a large outcome at 2 and a blob at 4, 9 waiting, 10–13 calls,
/// 14 finished) and `b` (0 started, 1–4 calls, not finished).
fn site() -> Site {
    let site = Site::new();
    let store = site.open();
    let (a, b) = (begin(&store, "a"), begin(&store, "b"));
    let blob = store.put("vorher".repeat(10).as_bytes()).expect("room");
    for call in 1..=4 {
        store
            .append(&*a, vec![intent(call)], Durability::Now)
            .expect("room");
        let reply = match call {
            1 => json!("x".repeat(50_000)),
            2 => json!({"before": blob}),
            _ => json!(null),
        };
        let outcome = Body::Outcome {
            call,
            ended: CallEnd::Reply(reply),
            micros: 1,
        };
        store.append(&*a, vec![outcome], Durability::Soon).expect("room");
        if call <= 2 {
            calls(&store, &*b, call..call + 1);
        }
    }
    store.append(&*a, vec![moment()], Durability::Now).expect("room");
    calls(&store, &*a, 5..7);
    store
        .append(&*a, vec![succeeded()], Durability::Now)
        .expect("room");
    drop((a, b));
    drop(store);
    site
}

/// Alters the journal by SQL; `{a}` stands for the number of run a.
fn alter(site: &Site, sql: &str) {
    let journal = site.journal();
    let a: i64 = journal
        .query_row("SELECT number FROM runs WHERE id = 'a'", [], |row| row.get(0))
        .expect("there");
    journal
        .execute_batch(&sql.replace("{a}", &a.to_string()))
        .expect("valid SQL");
}

fn report(site: &Site) -> Report {
    audit::verify(&site.open()).expect("readable")
}

/// Alters a fresh site and tells the first finding.
fn first(sql: &str) -> Finding {
    let site = site();
    alter(&site, sql);
    let report = report(&site);
    report.findings.into_iter().next().expect("the change is found")
}

#[track_caller]
fn assert_found(sql: &str, seq: u64, is: impl Fn(&Flaw) -> bool) {
    let found = first(sql);
    assert_eq!(
        (found.run.as_ref().map(|run| run.as_str()), found.seq),
        (Some("a"), Some(seq)),
        "{found}"
    );
    assert!(is(&found.why), "{found}");
}

#[test]
fn an_untouched_store_is_whole_and_says_what_is_not_signed_yet() {
    let site = site();
    let report = report(&site);
    assert_eq!(report.findings, []);
    assert_eq!(
        (report.runs, report.entries, report.heads, report.blobs),
        (2, 20, 4, 2)
    );
    assert_eq!(report.unsigned.len(), 1);
    assert_eq!(
        (
            report.unsigned[0].run.as_str(),
            report.unsigned[0].since,
            report.unsigned[0].entries
        ),
        ("b", 0, 4)
    );
    assert_eq!(report.head, audit::head(&site.open()).expect("readable"));
    assert_eq!(report.head.map(|head| (head.run, head.seq)), Some((run("a"), 14)));
}

#[test]
fn an_edited_byte_is_found() {
    for (seq, from, to) in [
        (3, "page-2", "page-3"),
        (5, "Grüße", "Grüsse"),
        (0, "web/", "wab/"),
        (14, "3", "4"),
    ] {
        let sql = format!(
            "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), '{from}', '{to}') AS BLOB)
             WHERE run = {{a}} AND seq = {seq}"
        );
        assert_found(&sql, seq, |why| *why == Flaw::EntryChanged);
    }
    assert_found(
        "UPDATE entries SET hash = zeroblob(32) WHERE run = {a} AND seq = 6",
        6,
        |why| *why == Flaw::EntryChanged,
    );
}

#[test]
fn a_removed_entry_is_found() {
    for seq in [0, 1, 7, 9, 13] {
        let sql = format!("DELETE FROM entries WHERE run = {{a}} AND seq = {seq}");
        assert_found(&sql, seq, |why| {
            *why == Flaw::OutOfOrder {
                expected: seq,
                found: seq + 1,
            }
        });
    }
    assert_found("DELETE FROM entries WHERE run = {a} AND seq >= 12", 12, |why| {
        *why == Flaw::Cut { signed: 14 }
    });
    assert_found("DELETE FROM entries WHERE run = {a}", 0, |why| {
        *why == Flaw::Cut { signed: 14 }
    });
}

#[test]
fn a_gap_that_is_papered_over_by_renumbering_is_found() {
    assert_found(
        "DELETE FROM entries WHERE run = {a} AND seq = 3;
         UPDATE entries SET seq = seq - 1 WHERE run = {a} AND seq > 3",
        3,
        |why| *why == Flaw::LeadsAstray,
    );
}

#[test]
fn two_swapped_entries_are_found() {
    assert_found(
        "CREATE TEMP TABLE two AS SELECT seq, hash, body FROM entries WHERE run = {a} AND seq IN (3, 5);
         UPDATE entries SET body = (SELECT body FROM two WHERE two.seq = 8 - entries.seq),
                            hash = (SELECT hash FROM two WHERE two.seq = 8 - entries.seq)
         WHERE run = {a} AND seq IN (3, 5)",
        3,
        |why| *why == Flaw::EntryChanged,
    );
    assert_found(
        "UPDATE entries SET seq = 100 WHERE run = {a} AND seq = 3;
         UPDATE entries SET seq = 3 WHERE run = {a} AND seq = 5;
         UPDATE entries SET seq = 5 WHERE run = {a} AND seq = 100",
        3,
        |why| {
            *why == Flaw::OutOfOrder {
                expected: 3,
                found: 5,
            }
        },
    );
}

#[test]
fn an_entry_moved_from_another_run_is_found() {
    assert_found(
        "UPDATE entries SET run = {a} WHERE seq = 1 AND run <> {a}",
        3,
        |why| matches!(why, Flaw::OutOfOrder { .. }),
    );
}

#[test]
fn entries_rewritten_with_their_hashes_are_found_by_the_signed_head() {
    let site = site();
    rewrite(&site, "a", 5, "page-3", "page-4");
    let found = report(&site)
        .findings
        .into_iter()
        .next()
        .expect("the change is found");
    assert_eq!(
        (found.run, found.seq, found.why),
        (Some(run("a")), Some(9), Flaw::Rewritten)
    );
}

#[test]
fn entries_appended_by_somebody_without_the_key_are_found() {
    let site = site();
    // A finished entry for run b, chained correctly, and the list altered to match: only the signature is missing.
    let journal = site.journal();
    let (number, id, seq, hash): (i64, i64, i64, [u8; 32]) = journal
        .query_row(
            "SELECT run, id, seq, hash FROM entries WHERE run = (SELECT number FROM runs WHERE id = 'b')
             ORDER BY id DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .expect("there");
    let mut body = Vec::new();
    procedo_store::chain::encode(seq as u64 + 1, 7, &succeeded(), &mut body).expect("valid");
    let forged = procedo_store::chain::link(&procedo_core::value::Digest(hash), &body);
    journal
        .execute(
            "INSERT INTO entries (run, seq, prev, hash, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            (number, seq + 1, id, &forged.0[..], &body[..]),
        )
        .expect("valid");
    journal
        .execute(
            "UPDATE runs SET state = 'succeeded', finished = 7 WHERE number = ?1",
            [number],
        )
        .expect("valid");
    let found = report(&site)
        .findings
        .into_iter()
        .next()
        .expect("the forgery is found");
    assert_eq!(
        (found.run, found.seq, found.why),
        (Some(run("b")), Some(5), Flaw::Unsigned)
    );
}

#[test]
fn a_blob_that_is_lost_or_changed_is_found_at_the_entry_that_needs_it() {
    let small = "length(body) < 1000";
    let large = "length(body) > 1000";
    for (which, seq) in [(large, 2), (small, 4)] {
        assert_found(&format!("DELETE FROM blobs WHERE {which}"), seq, |why| {
            matches!(why, Flaw::BlobLost { .. })
        });
        let changed = format!("UPDATE blobs SET body = zeroblob(length(body)) WHERE {which}");
        assert_found(&changed, seq, |why| matches!(why, Flaw::BlobChanged { .. }));
    }
    let swapped = "CREATE TEMP TABLE two AS SELECT id, body FROM blobs;
                   UPDATE blobs SET body = (SELECT body FROM two WHERE two.id <> blobs.id)";
    assert_found(swapped, 2, |why| matches!(why, Flaw::BlobChanged { .. }));
}

#[test]
fn a_changed_blob_that_no_entry_names_is_found_too() {
    let site = site();
    site.open().put(b"no entry names this").expect("room");
    alter(
        &site,
        "UPDATE blobs SET body = zeroblob(9) WHERE rowid = (SELECT max(rowid) FROM blobs)",
    );
    let findings = report(&site).findings;
    assert!(
        matches!(
            findings[..],
            [Finding {
                run: None,
                seq: None,
                why: Flaw::BlobChanged { .. }
            }]
        ),
        "{findings:?}"
    );
}

#[test]
fn a_head_that_is_edited_removed_or_forged_is_found() {
    let head = |sql: &str| {
        let site = site();
        alter(&site, sql);
        let report = report(&site);
        report
            .findings
            .into_iter()
            .map(|found| found.why)
            .collect::<Vec<_>>()
    };
    let found = head("UPDATE heads SET signature = zeroblob(64) WHERE number = 3");
    assert_eq!(found, [Flaw::HeadForged]);
    let found = head("UPDATE heads SET seq = 8 WHERE number = 3");
    assert!(found.contains(&Flaw::HeadChanged), "{found:?}");
    let found = head("DELETE FROM heads WHERE number = 1");
    assert!(
        found.contains(&Flaw::Unsigned),
        "the run's start has no head: {found:?}"
    );
    assert!(
        found.contains(&Flaw::HeadOutOfOrder {
            expected: 1,
            found: 2
        }),
        "{found:?}"
    );
    let found = head("DELETE FROM heads");
    assert!(found.contains(&Flaw::Unsigned), "{found:?}");
}

#[test]
fn a_list_of_runs_that_says_something_else_is_found() {
    let differs = |sql: &str| {
        let found = first(sql);
        assert!(matches!(found.why, Flaw::ListDiffers { .. }), "{sql}: {found}");
    };
    differs("UPDATE runs SET state = 'failed' WHERE id = 'a'");
    differs("UPDATE runs SET procedure = 'web/other' WHERE id = 'b'");
    differs("UPDATE runs SET actor = '{\"person\":\"bob\"}' WHERE id = 'a'");
    differs("UPDATE runs SET finished = NULL WHERE id = 'a'");
    let empty = first(
        "INSERT INTO runs (id, procedure, actor, started, state, tail)
         SELECT 'c', procedure, actor, started, state, 0 FROM runs WHERE id = 'b'",
    );
    assert_eq!((empty.run, empty.why), (Some(run("c")), Flaw::NoEntries));
    let found = first("DELETE FROM runs WHERE id = 'a'");
    assert_eq!((found.run, found.why), (Some(run("a")), Flaw::Cut { signed: 14 }));
}

#[test]
fn a_tail_cut_off_with_its_heads_is_found_against_a_head_exported_before() {
    let site = site();
    let exported = audit::head(&site.open()).expect("readable").expect("there");
    assert!(
        audit::verify_against(&site.open(), &exported)
            .expect("readable")
            .is_whole()
    );
    alter(
        &site,
        "DELETE FROM entries WHERE run = {a} AND seq > 9;
         DELETE FROM heads WHERE number = 4;
         UPDATE runs SET state = 'waiting', finished = NULL, tail = (SELECT max(id) FROM entries WHERE run = {a})
         WHERE number = {a}",
    );
    assert!(report(&site).is_whole(), "the site alone cannot tell");
    let report = audit::verify_against(&site.open(), &exported).expect("readable");
    assert_eq!(
        report.findings.last().map(|found| &found.why),
        Some(&Flaw::TailCut {
            exported: 4,
            found: 3
        })
    );
    drop(begin(&site.open(), "c"));
    let report = audit::verify_against(&site.open(), &exported).expect("readable");
    assert_eq!(
        report.findings.last().map(|found| &found.why),
        Some(&Flaw::ChainRewritten { exported: 4 })
    );
}

#[test]
fn a_head_of_another_site_is_refused() {
    let other = Site::new();
    let key = procedo_store::KeySource::Hex("77".repeat(32));
    let store = SqliteStore::open(other.path(), key).expect("opens");
    drop(begin(&store, "z"));
    let head: Head = audit::head(&store).expect("readable").expect("there");
    let error = audit::verify_against(&site().open(), &head).expect_err("another site's");
    assert_eq!(error.code, "P0220");
}

#[test]
fn no_reader_is_given_an_altered_entry() {
    let altered = |sql: &str, from: u64| {
        let site = site();
        alter(&site, sql);
        let store = site.open();
        let error = store.entries(&run("a"), from).expect_err("it must not be read");
        assert_eq!(error.code, "P0207", "{sql}");
        error.message.args["seq"].parse::<u64>().expect("a number")
    };
    let edit = "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'page-2', 'page-3') AS BLOB)
                WHERE run = {a} AND seq = 3";
    assert_eq!(altered(edit, 0), 3);
    assert_eq!(altered(edit, 3), 3);
    assert_eq!(altered("DELETE FROM entries WHERE run = {a} AND seq = 6", 0), 6);
    assert_eq!(altered("DELETE FROM entries WHERE run = {a} AND seq = 0", 0), 0);
    assert_eq!(altered("DELETE FROM blobs", 0), 2);
    altered("DELETE FROM entries WHERE run = {a} AND seq = 14", 0);
    altered("UPDATE entries SET prev = id WHERE run = {a} AND seq = 6", 0);
    altered("UPDATE entries SET prev = 0 WHERE run = {a} AND seq = 6", 0);
}

#[test]
fn a_byte_flipped_anywhere_in_the_file_is_an_error_or_changes_nothing_that_is_read() {
    let site = site();
    let path = site.path().join("journal.db");
    let sound = std::fs::read(&path).expect("readable");
    let read = |store: &SqliteStore| -> procedo_core::Result<_> {
        let mut runs = Vec::new();
        for id in ["a", "b"] {
            runs.push((store.row(&run(id))?, store.entries(&run(id), 0)?));
        }
        store.rows(10, true)?;
        store.inbox(&run("a"))?;
        Ok(runs)
    };
    let expected = read(&site.open()).expect("whole");
    let mut refused = 0;
    let step = sound.len() / 100;
    for (turn, at) in (0..sound.len()).step_by(step).enumerate() {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (turn % 8);
        std::fs::write(&path, &bytes).expect("writable");
        let Ok(store) = SqliteStore::open(site.path(), key()) else {
            refused += 1;
            continue;
        };
        let whole = audit::verify(&store).is_ok_and(|report| report.is_whole());
        match read(&store) {
            // Bytes that no row uses may change; the list of runs is not part of the chain, but the audit compares it.
            Ok(runs)
                if runs
                    .iter()
                    .map(|run| &run.1)
                    .eq(expected.iter().map(|run| &run.1)) =>
            {
                assert!(
                    !whole || runs == expected,
                    "byte {at}: the list changed and the audit did not say so"
                );
            }
            Ok(_) => panic!("byte {at}: altered entries were read"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 15, "{refused} of 100 flipped bytes were refused");
}

#[test]
fn an_export_is_checked_without_the_store() {
    let site = site();
    let store = site.open();
    let mut all = Vec::new();
    let head = audit::export(&store, None, &mut all).expect("readable");
    let key = report(&site).public_key;
    let checked = audit::verify_export(&mut &all[..], Some(key)).expect("an export");
    assert_eq!(
        (checked.findings, checked.runs, checked.entries, checked.heads),
        (vec![], 2, 20, 4)
    );
    assert_eq!(checked.head, head);

    let mut one = Vec::new();
    audit::export(&store, Some(&run("a")), &mut one).expect("readable");
    let checked = audit::verify_export(&mut &one[..], Some(key)).expect("an export");
    assert_eq!(
        (checked.findings, checked.runs, checked.entries, checked.heads),
        (vec![], 1, 15, 3)
    );

    let text = String::from_utf8(all).expect("JSON");
    let edited = text.replace("page-2", "page-3");
    let checked = audit::verify_export(&mut edited.as_bytes(), Some(key)).expect("an export");
    assert_eq!(
        (checked.findings[0].run.clone(), checked.findings[0].seq),
        (Some(run("a")), Some(3))
    );
    let without: String = text
        .lines()
        .filter(|line| !line.contains("page-2"))
        .flat_map(|line| [line, "\n"])
        .collect();
    assert!(
        !audit::verify_export(&mut without.as_bytes(), Some(key))
            .expect("an export")
            .is_whole()
    );

    let refused = |text: &str, key| {
        audit::verify_export(&mut text.as_bytes(), key)
            .expect_err("refused")
            .code
    };
    assert_eq!(refused("", None), "P0221");
    assert_eq!(refused("{}\n", None), "P0221");
    assert_eq!(refused(&text[..text.len() - 5], Some(key)), "P0221");
    assert_eq!(
        refused(&text, Some(procedo_core::value::Digest([1; 32]))),
        "P0221"
    );
    assert_eq!(
        audit::export(&store, Some(&run("x")), &mut Vec::new())
            .expect_err("no such run")
            .code,
        "P0202"
    );
}

#[test]
fn a_diverged_run_and_one_in_doubt_are_not_taken_for_tampered() {
    let site = Site::new();
    let store = site.open();
    let lease = begin(&store, "a");
    store
        .append(&*lease, vec![verdict()], Durability::Now)
        .expect("room");
    assert!(report(&site).is_whole());
    store
        .append(&*lease, vec![diverged()], Durability::Now)
        .expect("room");
    assert!(report(&site).is_whole());
}

/// Edits an entry and recomputes all hashes behind it.
fn rewrite(site: &Site, id: &str, from: u64, what: &str, with: &str) {
    let journal = site.journal();
    let rows: Vec<(i64, u64, [u8; 32], Vec<u8>)> = journal
        .prepare(
            "SELECT entries.id, seq, hash, body FROM entries JOIN runs ON number = run WHERE runs.id = ?1 ORDER BY seq",
        )
        .expect("valid")
        .query_map([id], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64, row.get(2)?, row.get(3)?)))
        .expect("valid")
        .collect::<Result<_, _>>()
        .expect("readable");
    let mut previous = procedo_store::chain::ORIGIN;
    for (row, seq, hash, body) in rows {
        if seq < from {
            previous = procedo_core::value::Digest(hash);
            continue;
        }
        let body = String::from_utf8(body).expect("JSON").replace(what, with);
        previous = procedo_store::chain::link(&previous, body.as_bytes());
        journal
            .execute(
                "UPDATE entries SET body = ?2, hash = ?3 WHERE id = ?1",
                (row, body.as_bytes(), &previous.0[..]),
            )
            .expect("valid");
    }
}
