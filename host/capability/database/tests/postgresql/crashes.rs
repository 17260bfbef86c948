//! A process that is killed in the middle of a backup, a restore or a statement, and the one that goes on.

use crate::cluster::Cluster;
use crate::support::{Site, id};
use procedo_core::change::{Change, Probe};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// In a process of its own: performs a call up to a point, says so, and waits to be killed.
#[test]
#[ignore = "a part of other tests"]
fn child_performs() {
    let Ok(work) = std::env::var("PROCEDO_TEST_WORK") else {
        return;
    };
    let work: Value = serde_json::from_str(&work).unwrap();
    let text = |name: &str| work[name].as_str().unwrap().to_owned();
    let port = u16::try_from(work["port"].as_u64().unwrap()).unwrap();
    let cluster = Cluster::borrowed(Path::new(&text("dir")), port);
    let mut site = Site::with(cluster, &work["settings"]);
    site.call = work["call"].as_u64().unwrap();
    let (at, after) = (text("at"), work["after"].as_u64().unwrap());
    let notes = site.cluster.dir.join("notes");
    std::fs::write(&notes, "[]").unwrap();
    site.watch = Box::new(move |site, what, _| {
        let known = site.notes.borrow();
        std::fs::write(&notes, serde_json::to_string(&*known).unwrap()).unwrap();
        if what == at && known.len() as u64 >= after {
            println!("here");
            loop {
                std::thread::park();
            }
        }
    });
    let change: Change = serde_json::from_value(work["change"].clone()).unwrap();
    site.perform(&text("function"), &work["args"], &change).unwrap();
    println!("it ended");
}

/// Has a child perform the call, and kills it at a sentence of progress or a note, once it has made so many notes.
fn killed(site: &mut Site, settings: &Value, function: &str, args: &Value, at: &str, after: u64) -> Change {
    site.call += 1;
    let change = site.intent(function, args).unwrap();
    let work = json!({
        "dir": site.cluster.dir, "port": site.cluster.port, "settings": settings, "function": function, "args": args,
        "change": change, "at": at, "after": after, "call": site.call,
    });
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crashes::child_performs", "--ignored", "--nocapture"])
        .env("PROCEDO_TEST_WORK", work.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    let line = said
        .lines()
        .map(Result::unwrap)
        .find(|line| line.contains("here") || line.contains("it ended"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        line.is_some_and(|line| line.contains("here")),
        "{at} {after} was not reached"
    );
    let notes = std::fs::read_to_string(site.cluster.dir.join("notes")).unwrap();
    *site.notes.borrow_mut() = serde_json::from_str(&notes).unwrap();
    change
}

#[test]
fn a_backup_goes_on_without_procedo_is_attached_to_and_never_doubled() {
    let cluster = Cluster::with_stanza(500);
    let gate = cluster.at("gate");
    // pgBackRest ends only when it is let go on.
    let mut site = Site::of(cluster);
    let args = json!({"database": "main", "level": 0});
    let slow = json!({"pgbackrest": slow_backrest(&site, &gate)});
    let change = killed(&mut site, &slow, "backup", &args, "database-progress-copy", 0);
    assert_eq!(site.probe("backup", &args, &change), Probe::Running);
    std::fs::write(site.cluster.dir.join("gate"), "").unwrap();
    let record = site.perform("backup", &args, &change).unwrap();
    assert_eq!(record["verified"], true);
    let call = site.call;
    assert_eq!(site.backups(), [id(&record)], "there is one, not two");
    site.call = call;
    // Its outcome was lost: it is found by its key.
    assert_eq!(site.probe("backup", &args, &change), Probe::Running);
    assert_eq!(site.perform("backup", &args, &change).unwrap(), record);
    assert_eq!(site.backups(), [id(&record)]);
}

/// A pgBackRest that, when it has backed up, waits for a file before it ends.
pub fn slow_backrest(site: &Site, gate: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = site.cluster.dir.join("slow-pgbackrest");
    let script = format!(
        "#!/bin/sh\npgbackrest \"$@\"\ncode=$?\ncase \" $* \" in *' backup '*) until [ -e {gate} ]; do sleep 0.05; done ;; esac\nexit $code\n"
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

#[test]
fn a_restore_killed_at_any_step_is_completed_and_never_started_half() {
    let mut site = Site::of(Cluster::with_stanza(500));
    let full = site.backup(0);
    let old = site.checksums();
    for (at, after, probe) in [
        // Everything is verified, nothing altered yet; the cluster is down; files are overwritten; they are restored.
        ("note", 1, Probe::Partial),
        ("note", 2, Probe::Partial),
        ("database-progress-restore", 2, Probe::Running),
        ("note", 3, Probe::Partial),
    ] {
        site.cluster
            .sql(&format!("INSERT INTO other VALUES ({after}, now())"));
        let args = json!({"database": "main", "backup": id(&full), "options": {"keep-present": false}});
        let change = killed(&mut site, &json!({}), "restore", &args, at, after);
        let found = site.probe("restore", &args, &change);
        // A job that has ended meanwhile is no longer running.
        assert!(
            found == probe || found == Probe::Partial,
            "{at} {after}: {found:?}"
        );
        let reply = site.perform("restore", &args, &change).unwrap();
        assert_eq!(site.checksums(), old, "{at} {after}");
        assert_eq!(site.probe("restore", &args, &change), Probe::Applied(reply));
    }
}

#[test]
fn a_statement_whose_process_died_between_commit_and_record_is_applied() {
    let mut site = Site::of(Cluster::plain());
    site.cluster.sql("CREATE TABLE item (id int)");
    let args =
        json!({"database": "main", "sql": "INSERT INTO item SELECT generate_series(1, 5)", "parameters": []});
    // Killed between note and commit: the server takes it back.
    let change = killed(&mut site, &json!({}), "execute", &args, "note", 1);
    assert_eq!(site.probe("execute", &args, &change), Probe::NotApplied);
    assert_eq!(site.cluster.count("SELECT count(*) FROM item"), 0);
    // Killed after the commit.
    let reply = site.perform("execute", &args, &change).unwrap();
    assert_eq!(site.probe("execute", &args, &change), Probe::Applied(reply));
    assert_eq!(site.cluster.count("SELECT count(*) FROM item"), 5);
}
