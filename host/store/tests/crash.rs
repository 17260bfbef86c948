//! Processes that die in the middle, and several at once on one site. The processes are this test binary itself.

mod fixture;

use fixture::*;
use procedo_core::journal::Body;
use procedo_core::run::State;
use procedo_store::{Durability, SqliteStore, Store, audit};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Starts this binary again to run one of the ignored tests below as a process of its own.
fn process(role: &str, dir: &Path, runs: &str) -> Child {
    Command::new(std::env::current_exe().expect("known"))
        .args(["--exact", role, "--ignored", "--nocapture"])
        .env("STORE", dir)
        .env("RUNS", runs)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("starts")
}

/// The store and the runs that a process of [`process`] was given.
fn given() -> (SqliteStore, Vec<String>) {
    let dir = std::env::var("STORE").expect("started by another test");
    let runs = std::env::var("RUNS").expect("started by another test");
    let store = SqliteStore::open(Path::new(&dir), key()).expect("opens");
    (store, runs.split(' ').map(str::to_owned).collect())
}

#[test]
#[ignore = "a process of the other tests"]
fn appends_for_ever() {
    let (store, runs) = given();
    std::thread::scope(|scope| {
        for id in &runs {
            let store = &store;
            scope.spawn(move || {
                let lease = store
                    .begin(started(id))
                    .or_else(|_| store.take(&run(id)))
                    .expect("free");
                for call in 1.. {
                    store
                        .append(&*lease, vec![intent(call)], Durability::Now)
                        .expect("room");
                    println!("durable {id} {}", lease.next_seq());
                    let rest = vec![outcome(call), step(call)];
                    let durability = if call % 2 == 0 {
                        Durability::Soon
                    } else {
                        Durability::Whenever
                    };
                    store.append(&*lease, rest, durability).expect("room");
                }
            });
        }
    });
}

#[test]
#[ignore = "a process of the other tests"]
fn runs_to_the_end() {
    let (store, runs) = given();
    std::thread::scope(|scope| {
        for id in &runs {
            let store = &store;
            scope.spawn(move || {
                let lease = begin(store, id);
                for call in 1..40 {
                    calls(store, &*lease, call..call + 1);
                    if call % 10 == 0 {
                        store
                            .append(&*lease, vec![moment()], Durability::Now)
                            .expect("room");
                    }
                }
                store
                    .append(&*lease, vec![succeeded()], Durability::Now)
                    .expect("room");
            });
        }
    });
}

#[test]
#[ignore = "a process of the other tests"]
fn holds_a_lease() {
    let (store, runs) = given();
    let _lease = begin(&store, &runs[0]);
    println!("held");
    std::io::stdout().flush().expect("open");
    // Held until the process is killed.
    loop {
        std::thread::park();
    }
}

#[test]
fn a_process_killed_in_the_middle_of_appends_loses_nothing_that_was_durable_and_leaves_no_gap() {
    let site = Site::new();
    let runs = ["a", "b", "c"];
    let mut before = HashMap::new();
    for round in 0..6 {
        let mut child = process("appends_for_ever", site.path(), &runs.join(" "));
        let mut durable: HashMap<String, u64> = HashMap::new();
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        for line in lines
            .map_while(Result::ok)
            .filter(|line| line.contains("durable "))
        {
            // The first line of a test process begins with the harness's own words.
            let words: Vec<&str> = line[line.find("durable").expect("filtered")..]
                .split(' ')
                .collect();
            durable.insert(words[1].to_owned(), words[2].parse().expect("a number"));
            // Another moment in each round.
            if durable.len() == runs.len()
                && durable.values().sum::<u64>() > 40 + before.values().sum::<u64>() + round * 17
            {
                break;
            }
        }
        child.kill().expect("running");
        child.wait().expect("ended");

        let store = site.open();
        let report = audit::verify(&store).expect("readable");
        assert_eq!(report.findings, []);
        for id in runs {
            let entries = kinds(&store, id).len() as u64;
            assert!(
                entries >= durable[id],
                "run {id}: {entries} entries, {} were durable",
                durable[id]
            );
            assert!(entries > before.get(id).copied().unwrap_or(0));
            before.insert(id.to_owned(), entries);
            let row = store.row(&run(id)).expect("readable").expect("there");
            assert_eq!(row.state, State::Interrupted);
            let lease = store.take(&run(id)).expect("the lease ended with the process");
            assert_eq!(lease.next_seq(), entries);
        }
    }
    let store = site.open();
    let lease = store.take(&run("a")).expect("free");
    store
        .append(
            &*lease,
            vec![Body::Resumed { by: ann() }, succeeded()],
            Durability::Now,
        )
        .expect("room");
    assert_eq!(kinds(&store, "a").last(), Some(&"finished"));
    assert!(audit::verify(&store).expect("readable").is_whole());
}

#[test]
fn two_processes_and_this_one_write_different_runs_into_one_whole_chain() {
    let site = Site::new();
    drop(site.open());
    let mut children = [
        process("runs_to_the_end", site.path(), "a b"),
        process("runs_to_the_end", site.path(), "c d"),
    ];
    let store = site.open();
    let lease = begin(&store, "e");
    calls(&store, &*lease, 1..40);
    store
        .append(&*lease, vec![succeeded()], Durability::Now)
        .expect("room");
    for child in &mut children {
        std::io::copy(&mut child.stdout.take().expect("piped"), &mut std::io::sink()).expect("readable");
        assert!(child.wait().expect("ended").success());
    }
    let report = audit::verify(&store).expect("readable");
    assert_eq!(report.findings, []);
    // Started and finished of five runs, and three waits of each of four.
    assert_eq!((report.runs, report.heads, report.unsigned), (5, 22, vec![]));
    for id in ["a", "b", "c", "d", "e"] {
        assert_eq!(
            store.row(&run(id)).expect("readable").map(|row| row.state),
            Some(State::Succeeded)
        );
        assert_eq!(
            kinds(&store, id).iter().filter(|kind| **kind == "intent").count(),
            39
        );
    }
}

#[test]
fn a_lease_keeps_others_out_and_ends_with_its_process() {
    let site = Site::new();
    let store = site.open();
    let mut child = process("holds_a_lease", site.path(), "a");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    assert!(lines.any(|line| line.expect("readable").contains("held")));
    let state = || store.row(&run("a")).expect("readable").map(|row| row.state);
    assert_eq!(state(), Some(State::Running));
    assert_eq!(
        store.take(&run("a")).err().map(|error| error.code).as_deref(),
        Some("P0201")
    );
    child.kill().expect("running");
    child.wait().expect("ended");
    assert_eq!(state(), Some(State::Interrupted));
    assert_eq!(store.take(&run("a")).expect("free").next_seq(), 1);
}
