//! The store's promises: order, durability, group commit, states, leases, letters, locks.

mod fixture;

use fixture::*;
use procedo_core::capability::Blobs;
use procedo_core::change::BlobId;
use procedo_core::journal::{Body, CallEnd, Decision};
use procedo_core::run::State;
use procedo_store::{Durability, Store};
use serde_json::json;

#[test]
fn what_was_appended_comes_back_in_order_and_after_reopening() {
    let site = Site::new();
    {
        let store = site.open();
        let lease = begin(&store, "a");
        assert_eq!(lease.next_seq(), 1);
        calls(&store, &*lease, 1..4);
        assert_eq!(lease.next_seq(), 7);
        store
            .append(&*lease, vec![step(4), succeeded()], Durability::Now)
            .expect("room");
    }
    let store = site.open();
    let expected = [
        "started", "intent", "outcome", "intent", "outcome", "intent", "outcome", "step", "finished",
    ];
    assert_eq!(kinds(&store, "a"), expected);
    let later = store.entries(&run("a"), 7).expect("whole");
    assert_eq!(later.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [7, 8]);
    assert!(store.entries(&run("a"), 9).expect("whole").is_empty());
}

#[test]
fn n_durable_writes_in_a_row_cost_at_most_n_plus_one_syncs() {
    let site = Site::new();
    let store = site.open();
    let lease = begin(&store, "a");
    // Where the machine stalls for 5 ms between two calls an outcome rightly goes alone; some round is undisturbed.
    let undisturbed = (0..50).any(|_| {
        let before = store.statistics().commits;
        calls(&store, &*lease, 1..21);
        store.flush(&*lease).expect("room");
        store.statistics().commits - before <= 21
    });
    assert!(
        undisturbed,
        "20 durable calls took more than 21 commits in each of 50 rounds"
    );
}

#[test]
fn reads_force_no_sync_and_are_durable_after_a_flush() {
    let site = Site::new();
    let store = site.open();
    let lease = begin(&store, "a");
    let before = store.statistics().commits;
    for call in 1..1000 {
        store
            .append(&*lease, vec![intent(call), outcome(call)], Durability::Whenever)
            .expect("room");
    }
    store.flush(&*lease).expect("room");
    let commits = store.statistics().commits - before;
    assert!(commits <= 10, "{commits} commits for 999 reads");
    assert_eq!(site.open().entries(&run("a"), 0).expect("whole").len(), 1999);
    store.flush(&*lease).expect("room");
    assert_eq!(
        store.statistics().commits - before,
        commits,
        "a flush of nothing costs nothing"
    );
}

#[test]
fn what_is_appended_soon_becomes_durable_by_itself() {
    let site = Site::new();
    let store = site.open();
    let lease = begin(&store, "a");
    for durability in [Durability::Soon, Durability::Whenever] {
        let next = lease.next_seq();
        store.append(&*lease, vec![step(1)], durability).expect("room");
        let other = site.open();
        while other.entries(&run("a"), next).expect("whole").is_empty() {
            std::thread::yield_now();
        }
    }
}

#[test]
fn sixty_four_runs_share_their_commits_and_none_loses_an_entry() {
    let site = Site::new();
    let store = site.open();
    let leases: Vec<_> = (0..64).map(|at| begin(&store, &format!("r{at}"))).collect();
    let before = store.statistics().commits;
    std::thread::scope(|scope| {
        for lease in &leases {
            let store = &store;
            scope.spawn(move || calls(store, &**lease, 1..26));
        }
    });
    drop(leases);
    let commits = store.statistics().commits - before;
    assert!(
        commits <= 64 * 25 / 2,
        "{commits} commits for 1600 durable calls of 64 runs"
    );
    for at in 0..64 {
        let entries = store.entries(&run(&format!("r{at}")), 0).expect("whole");
        let numbers: Vec<u64> = entries
            .iter()
            .filter_map(|entry| match &entry.body {
                Body::Intent(intent) => Some(intent.call),
                _ => None,
            })
            .collect();
        assert_eq!(numbers, (1..26).collect::<Vec<_>>());
        assert_eq!(entries.len(), 51);
    }
}

#[test]
fn several_threads_may_append_to_one_run() {
    let site = Site::new();
    let store = site.open();
    let lease = begin(&store, "a");
    std::thread::scope(|scope| {
        for thread in 0..8_u64 {
            let (store, lease) = (&store, &*lease);
            scope.spawn(move || {
                for at in 0..50 {
                    let durability =
                        [Durability::Now, Durability::Soon, Durability::Whenever][(at % 3) as usize];
                    store
                        .append(lease, vec![step(thread * 1000 + at)], durability)
                        .expect("room");
                }
            });
        }
    });
    store.flush(&*lease).expect("room");
    let mut last = [None; 8];
    for entry in &store.entries(&run("a"), 1).expect("whole") {
        let Body::Step { call, .. } = entry.body else {
            panic!("only steps were appended")
        };
        let thread = (call / 1000) as usize;
        assert!(
            last[thread] < Some(call),
            "each thread's entries keep their order"
        );
        last[thread] = Some(call);
    }
    assert_eq!(kinds(&store, "a").len(), 401);
}

#[test]
fn a_row_tells_the_state_that_the_entries_lead_to() {
    let site = Site::new();
    let store = site.open();
    let state = || store.row(&run("a")).expect("readable").expect("there").state;
    let lease = begin(&store, "a");
    assert_eq!(state(), State::Running);
    store
        .append(&*lease, vec![moment()], Durability::Now)
        .expect("room");
    assert_eq!(state(), State::Waiting);
    store
        .append(&*lease, vec![outcome(9)], Durability::Now)
        .expect("room");
    assert_eq!(state(), State::Running);
    store
        .append(&*lease, vec![verdict()], Durability::Now)
        .expect("room");
    assert_eq!(state(), State::InDoubt);
    let resumed = || vec![Body::Resumed { by: ann() }];
    store.append(&*lease, resumed(), Durability::Now).expect("room");
    assert_eq!(state(), State::Running);
    store
        .append(&*lease, vec![diverged()], Durability::Now)
        .expect("room");
    assert_eq!(state(), State::Diverged);
    drop(lease);
    assert_eq!(state(), State::Diverged);
    let lease = store.take(&run("a")).expect("free");
    store.append(&*lease, resumed(), Durability::Now).expect("room");
    drop(lease);
    assert_eq!(state(), State::Interrupted);
    let lease = store.take(&run("a")).expect("free");
    assert_eq!(state(), State::Running);
    store
        .append(&*lease, vec![succeeded()], Durability::Now)
        .expect("room");
    assert_eq!(state(), State::Succeeded);
    let row = store.row(&run("a")).expect("readable").expect("there");
    assert!(row.finished.is_some_and(|finished| finished >= row.started));
    assert_eq!(
        (row.procedure.as_str(), row.by),
        ("web/localize-components", ann())
    );
}

#[test]
fn nothing_follows_the_finished_entry() {
    let site = Site::new();
    let store = site.open();
    let lease = begin(&store, "a");
    let before = store.append(&*lease, vec![succeeded(), step(1)], Durability::Now);
    assert_eq!(before.expect_err("finished comes last").code, "P0206");
    store
        .append(&*lease, vec![succeeded()], Durability::Whenever)
        .expect("room");
    assert_eq!(
        store
            .append(&*lease, vec![step(1)], Durability::Now)
            .expect_err("it is over")
            .code,
        "P0206"
    );
    drop(lease);
    let lease = store.take(&run("a")).expect("free");
    assert_eq!(
        store
            .append(&*lease, vec![step(1)], Durability::Now)
            .expect_err("it is over")
            .code,
        "P0206"
    );
    assert_eq!(kinds(&store, "a"), ["started", "finished"]);
}

#[test]
fn a_lease_is_held_once_and_only_by_a_run_that_exists() {
    let site = Site::new();
    let (store, other) = (site.open(), site.open());
    let code = |result: procedo_core::Result<std::sync::Arc<dyn procedo_store::Lease>>| {
        result.err().map(|error| error.code)
    };
    assert_eq!(code(store.take(&run("a"))).as_deref(), Some("P0202"));
    assert_eq!(
        store.entries(&run("a"), 0).expect_err("no such run").code,
        "P0202"
    );
    assert!(store.row(&run("a")).expect("readable").is_none());
    let lease = begin(&store, "a");
    for store in [&store, &other] {
        assert_eq!(code(store.take(&run("a"))).as_deref(), Some("P0201"));
        assert_eq!(code(store.begin(started("a"))).as_deref(), Some("P0201"));
    }
    let stray = other.append(&*lease, vec![step(1)], Durability::Now);
    assert_eq!(stray.expect_err("the other store has no lease").code, "P0216");
    store
        .append(&*lease, vec![step(1)], Durability::Whenever)
        .expect("room");
    drop(lease);
    assert_eq!(code(other.begin(started("a"))).as_deref(), Some("P0217"));
    let lease = other.take(&run("a")).expect("free");
    assert_eq!(
        lease.next_seq(),
        2,
        "what was queued is written before the lease ends"
    );
    calls(&other, &*lease, 1..2);
    assert_eq!(
        kinds(&store, "a"),
        ["started", "step", "intent", "outcome"][..3].to_vec()
    );
}

#[test]
fn rows_come_newest_first_with_children_only_if_asked_for() {
    let site = Site::new();
    let store = site.open();
    for id in ["a", "b", "b/3/0", "c"] {
        drop(begin(&store, id));
    }
    let ids = |at_most, children| -> Vec<String> {
        let rows = store.rows(at_most, children).expect("readable");
        rows.iter().map(|row| row.run.to_string()).collect()
    };
    assert_eq!(ids(10, false), ["c", "b", "a"]);
    assert_eq!(ids(3, true), ["c", "b/3/0", "b"]);
    let child = store.row(&run("b/3/0")).expect("readable").expect("there");
    assert_eq!((child.parent, child.state), (Some(run("b")), State::Interrupted));
}

#[test]
fn interleaved_runs_are_read_each_on_its_own_from_anywhere() {
    let site = Site::new();
    let store = site.open();
    let (a, b, c) = (begin(&store, "a"), begin(&store, "b"), begin(&store, "c"));
    let reader = site.open();
    for call in 1..700 {
        // Between two entries of this run lie more of others than are stepped over.
        if call % 50 == 0 {
            store
                .append(&*c, vec![step(call)], Durability::Whenever)
                .expect("room");
        }
        store
            .append(&*a, vec![step(call)], Durability::Whenever)
            .expect("room");
        if call % 3 == 0 {
            store
                .append(&*b, vec![step(call)], Durability::Whenever)
                .expect("room");
        }
        if call % 100 == 0 {
            store.flush(&*a).expect("room");
            assert_eq!(reader.entries(&run("a"), call).expect("whole").len(), 1);
            assert_eq!(
                reader.entries(&run("a"), 0).expect("whole").len() as u64,
                call + 1
            );
        }
    }
    drop((a, b, c));
    assert_eq!(reader.entries(&run("c"), 0).expect("whole").len(), 14);
    assert_eq!(reader.entries(&run("c"), 13).expect("whole").len(), 1);
    assert_eq!(reader.entries(&run("a"), 0).expect("whole").len(), 700);
    assert_eq!(reader.entries(&run("b"), 0).expect("whole").len(), 234);
    assert_eq!(site.open().take(&run("b")).expect("free").next_seq(), 234);
}

#[test]
fn letters_stay_until_they_are_received_with_the_entries_that_tell_of_them() {
    let site = Site::new();
    let (store, other) = (site.open(), site.open());
    assert_eq!(
        store
            .send(&run("a"), ann(), None, Decision::NotApplied)
            .expect_err("no such run")
            .code,
        "P0202"
    );
    let lease = begin(&store, "a");
    drop(begin(&store, "b"));
    let cancel = Decision::Cancel {
        reason: "Wartung".to_owned(),
    };
    other
        .send(
            &run("a"),
            ann(),
            Some(4),
            Decision::Applied { reply: json!(null) },
        )
        .expect("room");
    other.send(&run("a"), ann(), None, cancel.clone()).expect("room");
    other.send(&run("b"), ann(), None, cancel).expect("room");
    let letters = store.inbox(&run("a")).expect("readable");
    assert_eq!(letters.len(), 2);
    assert_eq!(
        (letters[0].call, &letters[0].decision),
        (Some(4), &Decision::Applied { reply: json!(null) })
    );
    let told = Body::Decided {
        call: Some(4),
        by: ann(),
        decision: letters[0].decision.clone(),
    };
    store.receive(&*lease, &letters[..1], vec![told]).expect("room");
    assert_eq!(other.inbox(&run("a")).expect("readable"), letters[1..]);
    assert_eq!(other.inbox(&run("b")).expect("readable").len(), 1);
    assert_eq!(kinds(&store, "a"), ["started", "decided"]);
    store
        .append(&*lease, vec![succeeded()], Durability::Now)
        .expect("room");
    assert_eq!(
        other
            .send(&run("a"), ann(), None, Decision::NotApplied)
            .expect_err("it is over")
            .code,
        "P0206"
    );
}

#[test]
fn locks_are_taken_all_or_none_and_again_by_the_same_root_and_end_with_the_run() {
    let site = Site::new();
    let store = site.open();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (a, _b) = (begin(&store, "a"), begin(&store, "b"));
    assert_eq!(
        store
            .lock(&run("a"), &names(&["web", "database"]))
            .expect("works"),
        None
    );
    assert_eq!(store.lock(&run("a"), &names(&["web"])).expect("works"), None);
    assert_eq!(
        store.lock(&run("a/1/0"), &names(&["web"])).expect("works"),
        None,
        "children share them"
    );
    let held = store
        .lock(&run("b"), &names(&["web", "mail", "database"]))
        .expect("works")
        .expect("held");
    assert_eq!((held.lock.as_str(), held.holder), ("database", run("a")));
    let c = begin(&store, "c");
    assert_eq!(
        store.lock(&run("c"), &names(&["mail"])).expect("works"),
        None,
        "b took none of its locks"
    );
    store.unlock(&run("c")).expect("works");
    drop(c);
    drop(site.open());
    store
        .append(&*a, vec![succeeded()], Durability::Now)
        .expect("room");
    assert_eq!(
        store
            .lock(&run("b"), &names(&["web", "mail", "database"]))
            .expect("works"),
        None
    );
    assert_eq!(
        store
            .lock(&run("c"), &names(&["mail"]))
            .expect("works")
            .map(|held| held.holder),
        Some(run("b"))
    );
    let commits = store.statistics().commits;
    store.unlock(&run("a")).expect("works");
    assert_eq!(store.statistics().commits, commits, "finished has released them");
}

#[test]
fn blobs_come_back_at_once_and_after_reopening_and_equal_ones_are_kept_once() {
    let site = Site::new();
    let content = "vorher\n".repeat(10_000);
    let id = {
        let store = site.open();
        let lease = begin(&store, "a");
        let id = store.put(content.as_bytes()).expect("room");
        assert_eq!(store.get(&id).expect("there"), content.as_bytes());
        assert_eq!(store.put(content.as_bytes()).expect("room"), id);
        assert_ne!(store.put(b"").expect("room"), id);
        store
            .append(&*lease, vec![step(1)], Durability::Now)
            .expect("room");
        id
    };
    assert_eq!(site.open().get(&id).expect("there"), content.as_bytes());
    let rows: i64 = site
        .journal()
        .query_row("SELECT count(*) FROM blobs", [], |row| row.get(0))
        .expect("a table");
    assert_eq!(rows, 2);
    for unknown in ["blob:", "x", &format!("blob:{}", "0".repeat(72))] {
        let error = site.open().get(&BlobId(unknown.to_owned())).expect_err("unknown");
        assert_eq!(error.code, "P0208");
    }
}

#[test]
fn an_entry_of_any_size_comes_back_as_it_was() {
    let site = Site::new();
    let store = site.open();
    let lease = begin(&store, "a");
    let sizes = [0, 1, 16_000, 16_384, 20_000, 3_000_000];
    for (call, size) in sizes.iter().enumerate() {
        let reply = CallEnd::Reply(json!("ü".repeat(*size / 2)));
        let body = Body::Outcome {
            call: call as u64,
            ended: reply,
            micros: 1,
        };
        store
            .append(&*lease, vec![body], Durability::Whenever)
            .expect("room");
    }
    drop(lease);
    let entries = site.open().entries(&run("a"), 1).expect("whole");
    for (entry, size) in entries.iter().zip(sizes) {
        let Body::Outcome {
            ended: CallEnd::Reply(reply),
            ..
        } = &entry.body
        else {
            panic!("outcomes")
        };
        assert_eq!(reply.as_str().map(|text| text.chars().count()), Some(size / 2));
    }
    let (inline, blobs): (i64, i64) = site
        .journal()
        .query_row(
            "SELECT max(length(body)), (SELECT count(*) FROM blobs) FROM entries",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("tables");
    assert!(inline <= 16_384, "{inline} bytes in one row");
    assert_eq!(
        blobs, 3,
        "those of 16,384 bytes and more with what stands around them"
    );
}
