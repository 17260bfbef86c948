//! A machine that goes out of reach while its database is backed up: the job goes on, and is attached to.

use crate::cluster::Cluster;
use crate::crashes::slow_backrest;
use crate::sshd::Sshd;
use crate::support::{Site, id};
use procedo_core::change::Probe;
use serde_json::json;
use std::sync::{Arc, Mutex};

/// A site whose cluster is on a machine behind an SSH server, with a pgBackRest that ends only when the gate is open.
fn held(sshd: &Sshd, reconnect: u64) -> (Site, std::path::PathBuf) {
    let cluster = Cluster::with_stanza(200);
    let gate = cluster.dir.join("gate");
    let site = Site::of(cluster);
    let slow = json!({"pgbackrest": slow_backrest(&site, &gate.display().to_string())});
    let cluster = site.cluster;
    (Site::on(sshd.settings(reconnect), cluster, &slow), gate)
}

#[test]
fn a_backup_goes_on_while_its_machine_is_out_of_reach_and_is_listened_to_again() {
    let sshd = Sshd::start();
    let (mut site, gate) = held(&sshd, 600);
    let cut = Arc::new(Mutex::new(None));
    let told = Arc::new(Mutex::new(false));
    site.watch = Box::new({
        let (sshd, cut, told) = (Arc::clone(&sshd), Arc::clone(&cut), Arc::clone(&told));
        move |_, what, _| match what {
            "database-progress-copy" => {
                let mut cut = cut.lock().unwrap();
                if cut.is_none() {
                    *cut = Some(sshd.away_for_one_try());
                }
            }
            "database-progress-away" => {
                *told.lock().unwrap() = true;
                std::fs::write(&gate, "").unwrap();
            }
            _ => {}
        }
    });
    let record = site.backup(0);
    assert_eq!(record["verified"], true);
    assert!(*told.lock().unwrap(), "whoever waits is told why");
    cut.lock().unwrap().take().expect("it was cut").join().unwrap();
    assert_eq!(site.backups(), [id(&record)], "there is one, not two");
}

#[test]
fn a_machine_that_stays_away_leaves_the_backup_in_doubt_and_resuming_attaches_to_it() {
    let sshd = Sshd::start();
    let (mut site, gate) = held(&sshd, 1);
    site.watch = Box::new({
        let sshd = Arc::clone(&sshd);
        move |_, what, _| {
            if what == "database-progress-copy" {
                sshd.stop();
            }
        }
    });
    let args = json!({"database": "main", "level": 0});
    let change = site.intent("backup", &args).unwrap();
    let error = site.perform("backup", &args, &change).unwrap_err();
    assert!(error.is_in_doubt(), "{error:?}");
    assert!(
        ["P1004", "P1007"].contains(&error.message.id.as_str()),
        "it says why: {error:?}"
    );
    site.watch = Box::new(|_, _, _| {});
    sshd.come_back();
    assert_eq!(site.probe("backup", &args, &change), Probe::Running);
    std::fs::write(gate, "").unwrap();
    let record = site.perform("backup", &args, &change).unwrap();
    assert_eq!(record["verified"], true);
    assert_eq!(site.backups(), [id(&record)], "there is one, not two");
}

#[test]
fn a_restore_whose_machine_goes_away_in_the_middle_is_in_doubt_and_completed_when_it_is_back() {
    let sshd = Sshd::start();
    let (mut site, gate) = held(&sshd, 1);
    std::fs::write(gate, "").unwrap();
    let full = site.backup(0);
    let old = site.checksums();
    site.cluster.sql("INSERT INTO other VALUES (1, now())");
    site.watch = Box::new({
        let sshd = Arc::clone(&sshd);
        move |_, what, _| {
            if what == "database-progress-restore" {
                sshd.stop();
            }
        }
    });
    site.call += 1;
    let args = json!({"database": "main", "backup": id(&full), "options": {"keep-present": false}});
    let change = site.intent("restore", &args).unwrap();
    let error = site.perform("restore", &args, &change).unwrap_err();
    assert!(error.is_in_doubt(), "{error:?}");
    site.watch = Box::new(|_, _, _| {});
    sshd.come_back();
    // Its job may have come to its end meanwhile.
    let found = site.probe("restore", &args, &change);
    assert!(matches!(found, Probe::Running | Probe::Partial), "{found:?}");
    let reply = site.perform("restore", &args, &change).unwrap();
    assert_eq!(site.checksums(), old);
    assert_eq!(site.mode(), "online");
    assert_eq!(site.probe("restore", &args, &change), Probe::Applied(reply));
}
