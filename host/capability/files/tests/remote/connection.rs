//! What only another machine has: connections that break, work that was cut off, tools that are missing.

use crate::bench::{Bench, code};
use crate::server::{Server, until};
use procedo_core::Kind;
use procedo_core::change::{Probe, Undo};
use procedo_machine::Machines;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// More than goes through in one exchange.
fn long() -> String {
    "0123456789abcdef".repeat(640 << 10)
}

/// A root on a machine of these.
fn on(machines: &Machines) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("web")).unwrap();
    Bench::on(folder, "web", json!({}), machines)
}

/// The temporary folders beside the files.
fn temporaries(bench: &Bench) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(bench.web()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with(".procedo-")
        })
        .collect()
}

/// A write that is cut off after some of it has arrived.
fn cut_in_the_middle(bench: &Bench, cut: impl FnOnce() + Send) -> crate::bench::Made {
    bench.write("f", b"old");
    let made = bench.intend(1, "write", json!({"path": "f", "text": long()}));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            until("some of it has arrived", || {
                let sizes = temporaries(bench);
                let mut sizes = sizes.iter().filter_map(|path| path.join("new").metadata().ok());
                sizes.any(|data| data.len() > 0)
            });
            cut();
        });
        let error = bench.perform(&made).unwrap_err();
        assert_eq!(error.kind, Kind::Unavailable, "{error}");
    });
    assert_eq!(bench.bytes("f"), b"old");
    made
}

#[test]
fn a_connection_cut_in_the_middle_leaves_the_old_content_and_the_next_attempt_completes_it() {
    let server = Server::start();
    let bench = on(&server.machines());
    let made = cut_in_the_middle(&bench, || server.cut());
    assert_eq!(bench.probe(&made).unwrap(), Probe::NotApplied);
    bench.perform(&made).unwrap();
    assert_eq!(bench.bytes("f"), long().as_bytes());
    assert_eq!(temporaries(&bench), Vec::<PathBuf>::new());
    assert_eq!(bench.probe(&made).unwrap(), Probe::Applied(made.reply.clone()));
}

#[test]
fn a_machine_gone_in_the_middle_leaves_the_old_content_and_cannot_be_probed() {
    let server = Server::start();
    let machines = server.machines();
    let bench = on(&machines);
    let made = cut_in_the_middle(&bench, move || drop(server));
    let error = bench.probe(&made).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (Kind::Unavailable, "P1004"));
    assert_eq!(error.message.args["machine"], "remote");
}

#[test]
fn a_connection_cut_after_the_last_word_is_found_out_to_have_carried_it() {
    let server = Server::start();
    let bench = on(&server.machines());
    for (index, (operation, args)) in [
        ("write", json!({"path": "new", "text": "new"})),
        ("write", json!({"path": "new", "text": "other"})),
        ("copy", json!({"source": "new", "target": "copy"})),
        ("remove", json!({"path": "copy"})),
        ("make-folder", json!({"path": "a/b"})),
        ("remove", json!({"path": "a"})),
    ]
    .into_iter()
    .enumerate()
    {
        let made = bench.intend(index as u64, operation, args);
        let before = bench.snapshot();
        server.cut_after_the_next_change();
        assert_eq!(bench.perform(&made).unwrap(), made.reply, "{made:?}");
        assert!(server.was_cut(), "{made:?}");
        assert_ne!(bench.snapshot(), before);
        assert_eq!(temporaries(&bench), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_folder_that_was_being_swapped_when_the_machine_stopped_is_put_back_and_the_call_completed() {
    let bench = Bench::new();
    bench.write("dir/a", b"A");
    let removed = bench.make(1, "remove", json!({"path": "dir"})).unwrap();
    bench.write("dir/b", b"B");
    let Undo::Conflict { calls, .. } = bench.undo(&removed).unwrap() else {
        panic!("the folder is there again, with something else in it")
    };
    let made = bench.intend(2, &calls[0].operation.function, calls[0].args.clone());
    // As the machine has it between the two renames.
    let key = "20261122-101500-test/2";
    let name = blake3::hash(format!("{key}\0dir").as_bytes()).to_hex();
    let temporary = bench.web().join(format!(".procedo-{}.tmp", &name[..16]));
    std::fs::create_dir_all(temporary.join("swap")).unwrap();
    std::fs::create_dir_all(temporary.join("new")).unwrap();
    std::fs::rename(bench.web().join("dir"), temporary.join("old")).unwrap();
    assert_eq!(bench.probe(&made).unwrap(), Probe::Partial);
    bench.perform(&made).unwrap();
    assert_eq!(bench.bytes("dir/a"), b"A");
    assert!(!bench.web().join("dir/b").exists());
    assert_eq!(temporaries(&bench), Vec::<PathBuf>::new());
    assert_eq!(bench.probe(&made).unwrap(), Probe::Applied(made.reply.clone()));
}

#[test]
fn names_that_a_shell_could_misunderstand_are_only_names() {
    let bench = Bench::new();
    let names = [
        "it's \"quoted\"",
        " leading and trailing ",
        "-rf",
        "$(touch outside) `id`;&|<>*?[a]",
        "back\\slash\\n\\0101 äöüß €",
        "!",
        "%s %b",
        "new",
        "complete",
    ];
    for name in names {
        let folder = format!("{name}/{name}");
        bench.call("make-folder", json!({"path": folder})).unwrap();
        let file = format!("{folder}/{name}");
        bench.call("write", json!({"path": file, "text": name})).unwrap();
        assert_eq!(bench.call("read", json!({"path": file})).unwrap()["text"], name);
        assert_eq!(bench.bytes(&file), name.as_bytes());
        std::os::unix::fs::symlink(name, bench.web().join(&folder).join("link")).unwrap();
        let copy = format!("{name}/{name} copy");
        bench
            .call("copy", json!({"source": folder, "target": copy}))
            .unwrap();
        assert_eq!(bench.bytes(&format!("{copy}/{name}")), name.as_bytes());
        assert_eq!(
            std::fs::read_link(bench.web().join(&copy).join("link")).unwrap(),
            Path::new(name)
        );
        let before = bench.snapshot();
        let made = bench.make(1, "remove", json!({"path": name})).unwrap();
        bench.undo_live(&made, 2);
        assert_eq!(bench.snapshot(), before);
    }
    let listed = bench
        .call("list-folder", json!({"path": "", "recursive": false}))
        .unwrap();
    assert_eq!(listed.as_array().unwrap().len(), names.len());
    assert_eq!(std::fs::read_dir(bench.outside()).unwrap().count(), 0);
    // A link may lead anywhere in name; it is kept as it is.
    std::os::unix::fs::symlink("line\nend \\n", bench.web().join("link")).unwrap();
    let before = bench.snapshot();
    let made = bench.make(1, "remove", json!({"path": "link"})).unwrap();
    bench.undo_live(&made, 2);
    assert_eq!(bench.snapshot(), before);
}

#[test]
fn a_file_of_several_exchanges_arrives_and_comes_back_whole() {
    let bench = Bench::new();
    let bytes: Vec<u8> = (0..(9_u32 << 20))
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    bench.write("dir/large", &bytes);
    bench.write("dir/empty", b"");
    for number in 0..40 {
        bench.write(&format!("dir/many/{number}"), &[number; 30_000]);
    }
    let before = bench.snapshot();
    let copied = bench
        .make(1, "copy", json!({"source": "dir", "target": "copy"}))
        .unwrap();
    assert!(bench.bytes("copy/large") == bytes);
    assert_eq!(bench.bytes("copy/many/39"), [39; 30_000]);
    bench.undo_live(&copied, 2);
    assert_eq!(bench.snapshot(), before);
    let removed = bench.make(3, "remove", json!({"path": "dir"})).unwrap();
    assert!(bench.snapshot().is_empty());
    bench.undo_live(&removed, 4);
    assert_eq!(bench.snapshot(), before);
}

#[test]
fn errors_and_changes_name_the_machine() {
    let bench = Bench::new();
    let error = bench.call("read", json!({"path": "none"})).unwrap_err();
    assert_eq!(error.code, "P0301");
    assert_eq!(error.message.args["root"], "web@remote");
    let made = bench.intend(1, "write", json!({"path": "f", "text": ""}));
    assert_eq!(made.change.unwrap().summary.args["root"], "web@remote");
}

#[test]
fn a_machine_without_the_tools_is_told_and_nothing_is_tried() {
    for missing in ["find", "dd"] {
        let tools = tempfile::tempdir().unwrap();
        for tool in [
            "sh", "dd", "find", "head", "mv", "chmod", "chown", "ln", "rm", "rmdir", "mkdir", "sync", "cat",
        ] {
            if tool != missing {
                let path = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(tool));
                let path = path.into_iter().find(|path| path.exists()).unwrap();
                std::os::unix::fs::symlink(path, tools.path().join(tool)).unwrap();
            }
        }
        let server = Server::start_with(&format!("PATH={}", tools.path().display()));
        let bench = on(&server.machines());
        let error = bench.call("write", json!({"path": "f", "text": ""})).unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_str()),
            (Kind::NotSupported, "P0341"),
            "{error}"
        );
        assert_eq!(error.message.args["what"], missing);
        assert!(bench.snapshot().is_empty());
    }
}

#[test]
fn a_root_of_a_machine_is_declared_with_an_absolute_path_and_a_machine_that_there_is() {
    let open = |settings| {
        let declared = BTreeMap::from([("web".to_owned(), settings)]);
        procedo_files::Files::open(&declared, Path::new("/nowhere/site"), &crate::site::machines())
    };
    assert_eq!(code(open(json!({"path": "html", "machine": "remote"}))), "P0304");
    assert_eq!(code(open(json!({"path": "/html", "machine": "other"}))), "P1003");
    assert!(open(json!({"path": "/html", "machine": "remote"})).is_ok());
}

#[test]
fn a_root_that_reaches_the_records_of_the_site_by_way_of_a_machine_is_refused() {
    use procedo_core::capability::{Capability, Overlay};
    let bench = Bench::new();
    let site = bench.web();
    std::fs::create_dir_all(site.join(".procedo")).unwrap();
    let declared = BTreeMap::from([("web".to_owned(), json!({"path": site, "machine": "remote"}))]);
    let files = procedo_files::Files::open(&declared, &site, &crate::site::machines()).unwrap();
    let read = files
        .operations()
        .into_iter()
        .find(|bound| bound.function == "read")
        .unwrap();
    let read = bench.context(1, &mut Overlay::default(), |context| {
        read.handler
            .plan(context, &json!({"root": "web", "path": ".procedo/key"}))
    });
    if std::fs::read_to_string("/etc/machine-id").is_ok_and(|id| !id.trim().is_empty()) {
        assert_eq!(code(read), "P0340");
    } else {
        eprintln!("skipped: this machine has no identifier by which it could be recognised");
    }
}

#[test]
fn what_is_planned_on_a_machine_does_not_show_on_this_one() {
    use procedo_core::capability::Overlay;
    let bench = Bench::new();
    bench.write("f", b"old");
    let mut overlay = Overlay::default();
    bench
        .plan_over(&mut overlay, "write", &json!({"path": "f", "text": "planned"}))
        .unwrap();
    let read = |overlay: &mut Overlay, root: &str, path: &str| {
        let planned = bench.plan_over(overlay, "read", &json!({"root": root, "path": path}));
        crate::bench::reply_of(planned.unwrap().reply)["text"].clone()
    };
    assert_eq!(read(&mut overlay, "all", "web/f"), "planned");
    assert_eq!(read(&mut overlay, "here", "web/f"), "old");
}
