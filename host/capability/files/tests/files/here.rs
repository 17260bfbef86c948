//! What only roots of this machine have, by whichever way they are reached.

use crate::bench::{Bench, code, reply_of};
use procedo_core::capability::Overlay;
use procedo_files::Files;
use procedo_machine::{Machines, NoSecrets, Secrets};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

#[test]
fn the_identity_of_a_root_changes_when_another_folder_takes_its_place() {
    let bench = Bench::new();
    let identity = || {
        bench
            .handler("write")
            .identity(&json!({"root": "web", "path": "a", "text": ""}))
            .unwrap()
    };
    let before = identity().unwrap();
    assert_eq!(identity().unwrap(), before);
    std::fs::rename(bench.web(), bench.web().with_file_name("old")).unwrap();
    std::fs::create_dir(bench.web()).unwrap();
    assert_ne!(identity().unwrap(), before);
}

/// This machine, by a name.
fn this_machine() -> Machines {
    let declared = BTreeMap::from([("main".to_owned(), json!({"driver": "local"}))]);
    let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
    Machines::open(&declared, Path::new("/nowhere/site"), &secrets).unwrap()
}

#[test]
fn this_machine_by_its_name_is_altered_and_put_back_like_without_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("web")).unwrap();
    let bench = Bench::on(folder, "web", json!({"machine": "main"}), &this_machine());
    bench.write("dir/f", b"one");
    let before = bench.snapshot();
    let written = bench
        .make(1, "write", json!({"path": "dir/f", "text": "two"}))
        .unwrap();
    let removed = bench.make(2, "remove", json!({"path": "dir"})).unwrap();
    assert_eq!(removed.change.as_ref().unwrap().summary.args["root"], "web@main");
    assert!(bench.snapshot().is_empty());
    bench.undo_live(&removed, 3);
    bench.undo_live(&written, 4);
    assert_eq!(bench.snapshot(), before);
}

#[test]
fn a_plan_on_this_machine_by_its_name_is_seen_through_a_root_without_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("web")).unwrap();
    let bench = Bench::on(folder, "web", json!({"machine": "main"}), &this_machine());
    bench.write("f", b"old");
    let mut overlay = Overlay::default();
    bench
        .plan_over(&mut overlay, "write", &json!({"path": "f", "text": "planned"}))
        .unwrap();
    let read = json!({"root": "here", "path": "web/f"});
    let reply = reply_of(bench.plan_over(&mut overlay, "read", &read).unwrap().reply);
    assert_eq!(reply["text"], "planned");
}

#[test]
fn the_records_of_the_site_are_not_reached_by_naming_this_machine() {
    use procedo_core::capability::Capability;
    let site = tempfile::tempdir().unwrap();
    std::fs::create_dir(site.path().join(".procedo")).unwrap();
    let declared = BTreeMap::from([(
        "web".to_owned(),
        json!({"path": site.path(), "machine": "main", "read-only": true}),
    )]);
    let files = Files::open(&declared, site.path(), &this_machine()).unwrap();
    let read = files
        .operations()
        .into_iter()
        .find(|bound| bound.function == "read")
        .unwrap();
    let bench = Bench::new();
    let read = bench.context(1, &mut Overlay::default(), |context| {
        read.handler
            .plan(context, &json!({"root": "web", "path": ".procedo/key"}))
    });
    assert_eq!(code(read), "P0340");
}
