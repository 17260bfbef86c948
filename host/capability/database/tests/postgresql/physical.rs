//! Backups of all levels, and going back to each of them and to a moment.

use crate::cluster::Cluster;
use crate::support::{Site, code, id};
use procedo_core::change::{Probe, Undo};
use serde_json::json;

/// Alters every table.
fn work(site: &Site, round: u32) {
    site.cluster.sql(&format!(
        "UPDATE item SET name = name || '/{round}' WHERE id % 3 = 0; DELETE FROM item WHERE id % 100 = {round}; \
         INSERT INTO other VALUES ({round}, now()); CREATE TABLE round{round} (x int); INSERT INTO round{round} VALUES (1)"
    ));
}

#[test]
fn restored_data_equal_the_source_for_every_level_and_undo_brings_the_present_back() {
    let mut site = Site::of(Cluster::with_stanza(2000));
    assert_eq!(
        code(site.live("backup", &json!({"database": "main", "level": 1}))),
        "P1212"
    );
    let full = site.backup(0);
    assert_eq!(
        (full["level"].as_u64(), full["verified"].as_bool()),
        (Some(0), Some(true))
    );
    let of_full = site.checksums();
    work(&site, 1);
    let diff = site.backup(1);
    assert_eq!(diff["base"], full["id"]);
    let of_diff = site.checksums();
    work(&site, 2);
    let incr = site.backup(2);
    assert_eq!((incr["level"].as_u64(), &incr["base"]), (Some(2), &diff["id"]));
    let of_incr = site.checksums();
    work(&site, 3);
    assert_eq!(site.backups(), [id(&full), id(&diff), id(&incr)]);
    assert_ne!(of_full, of_diff);

    // Three backups, each from a present that another restore left.
    for (backup, state) in [(&incr, &of_incr), (&full, &of_full), (&diff, &of_diff)] {
        site.restore(&id(backup), json!({"keep-present": false})).unwrap();
        assert_eq!(&site.checksums(), state, "{backup}");
        assert_eq!(site.mode(), "online");
    }

    // The present is kept: what was committed last of all is there again after the undo.
    site.cluster.sql("INSERT INTO other VALUES (99, now())");
    let present = site.checksums();
    let args = json!({"database": "main", "backup": id(&full)});
    let (change, reply) = site.live("restore", &args).unwrap();
    assert_eq!(site.checksums(), of_full);
    let Undo::Calls { calls } = site.undo("restore", &args, &change, &reply) else {
        panic!("it can be undone");
    };
    site.cluster.sql("INSERT INTO other VALUES (100, now())");
    assert!(matches!(
        site.undo("restore", &args, &change, &reply),
        Undo::Conflict { .. }
    ));
    let mut back = calls[0].args.clone();
    back["options"]["keep-present"] = json!(false);
    site.live("restore", &back).unwrap();
    assert_eq!(site.checksums(), present);
}

#[test]
fn a_restored_state_that_may_not_be_read_is_restored_all_the_same() {
    let mut site = Site::of(Cluster::with_stanza(50));
    let superuser = |site: &Site, sql: &str| {
        site.cluster
            .connect("postgres", "app")
            .batch_execute(sql)
            .unwrap()
    };
    superuser(
        &site,
        "CREATE TABLE hidden (x int); INSERT INTO hidden VALUES (1)",
    );
    let full = site.backup(0);
    site.cluster.sql("DELETE FROM item");
    let args = json!({"database": "main", "backup": id(&full)});
    let (change, reply) = site.live("restore", &args).unwrap();
    assert_eq!(reply["digest"], json!(null));
    assert_eq!(site.cluster.count("SELECT count(*) FROM item"), 50);
    assert_eq!(
        site.probe("restore", &args, &change),
        Probe::Applied(reply.clone())
    );
    superuser(&site, "GRANT SELECT ON hidden TO PUBLIC");
    assert!(
        matches!(
            site.undo("restore", &args, &change, &reply),
            Undo::Conflict { .. }
        ),
        "whether somebody wrote since, a person decides"
    );
}

#[test]
fn a_database_goes_back_to_a_moment_and_on_another_timeline_too() {
    let mut site = Site::of(Cluster::with_stanza(500));
    let now = |site: &Site| {
        let mut client = site.cluster.connect("procedo", "app");
        // Between two transactions: the later one is not of this moment any more.
        let sql = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
        client.query_one(sql, &[]).unwrap().get::<_, String>(0)
    };
    let full = site.backup(0);
    assert_eq!(
        code(site.restore(&id(&full), json!({"up-to": "2020-01-01T00:00:00Z"}))),
        "P1267",
        "before the backup"
    );
    assert_eq!(
        code(site.restore(&id(&full), json!({"up-to": "2999-01-01T00:00:00Z"}))),
        "P1267"
    );
    assert_eq!(
        code(site.restore(&id(&full), json!({"up-to": "yesterday"}))),
        "P1267"
    );
    // A backup is complete at a full second, rounded down.
    site.cluster.sql("SELECT pg_sleep(1.1)");
    work(&site, 1);
    let (first, of_first) = (now(&site), site.checksums());
    work(&site, 2);
    let (second, of_second) = (now(&site), site.checksums());
    // Nothing comes after this moment.
    site.restore(&id(&full), json!({"up-to": second})).unwrap();
    assert_eq!(site.checksums(), of_second);
    let args = json!({"database": "main", "options": {"up-to": first, "keep-present": false}});
    let (change, reply) = site.live("restore", &args).unwrap();
    assert_eq!(
        site.checksums(),
        of_first,
        "on the first timeline, though there is a second"
    );
    assert_eq!(site.probe("restore", &args, &change), Probe::Applied(reply));
}

#[test]
fn backups_are_removed_from_the_end_of_their_chain() {
    let mut site = Site::of(Cluster::with_stanza(10));
    let full = site.backup(0);
    let args = json!({"database": "main", "level": 1});
    let (change, diff) = site.live("backup", &args).unwrap();
    let remove = |backup: &str| json!({"database": "main", "backup": backup});
    assert_eq!(code(site.live("remove-backup", &remove(&id(&full)))), "P1221");
    let wrong = json!({"database": "main", "backup": id(&diff), "expect": "00"});
    assert_eq!(code(site.live("remove-backup", &wrong)), "P1227");
    let Undo::Calls { calls } = site.undo("backup", &args, &change, &diff) else {
        panic!("a backup can be removed");
    };
    let (_, removed) = site.live("remove-backup", &calls[0].args).unwrap();
    assert_eq!(removed["removed"], true);
    assert_eq!(site.backups(), [id(&full)]);
    assert!(matches!(
        site.undo("backup", &args, &change, &diff),
        Undo::Nothing
    ));
    assert_eq!(
        code(site.live("remove-backup", &remove(&id(&full)))),
        "P1265",
        "the last one is kept"
    );
    assert_eq!(code(site.verify("20200101-000000F")), "P1211");
}
