//! Nothing outside a root is reached, whatever paths and links say and however they change meanwhile.

use crate::bench::{Bench, code};
use procedo_core::capability::{Capability, Overlay};
use rustix::fs::{CWD, FileType, Mode, RenameFlags};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn no_path_and_no_link_leads_out_of_the_root() {
    let bench = Bench::new();
    std::fs::write(bench.outside().join("secret"), b"secret").unwrap();
    bench.write("in/f", b"inside");
    symlink("/etc", bench.web().join("absolute")).unwrap();
    symlink("../outside", bench.web().join("up")).unwrap();
    symlink("../../outside/secret", bench.web().join("in/file")).unwrap();
    symlink("../outside/new", bench.web().join("dangling")).unwrap();
    symlink(bench.web().join("in"), bench.web().join("absolute-but-inside")).unwrap();
    let before = std::fs::read_dir(bench.outside()).unwrap().count();
    let refused = |operation: &str, args: Value| code(bench.call(operation, args));
    for path in [
        "absolute/passwd",
        "up/secret",
        "in/file",
        "dangling",
        "absolute-but-inside/f",
    ] {
        assert_eq!(refused("read", json!({"path": path})), "P0307", "{path}");
        assert_eq!(
            refused("write", json!({"path": path, "text": "x"})),
            "P0307",
            "{path}"
        );
        assert_eq!(
            refused("edit", json!({"path": path, "edits": []})),
            "P0307",
            "{path}"
        );
        assert_eq!(
            refused("copy", json!({"source": path, "target": "stolen"})),
            "P0307",
            "{path}"
        );
    }
    assert_eq!(
        refused("list-folder", json!({"path": "up", "recursive": true})),
        "P0307"
    );
    assert_eq!(refused("make-folder", json!({"path": "up/new"})), "P0307");
    assert_eq!(
        refused("copy", json!({"source": "in/f", "target": "up/f"})),
        "P0307"
    );
    assert_eq!(refused("remove", json!({"path": "up/secret"})), "P0307");
    for path in [
        "../outside/secret",
        "/etc/passwd",
        "in/../../outside/secret",
        "in/./f",
    ] {
        assert_eq!(refused("read", json!({"path": path})), "P0306", "{path}");
        assert_eq!(
            refused("restore", json!({"path": path, "state": "{\"kind\":\"absent\"}"})),
            "P0306",
            "{path}"
        );
    }
    // A tree with such links is copied with the links as they are, not with what they lead to.
    bench
        .call("copy", json!({"source": "in", "target": "copy"}))
        .unwrap();
    assert_eq!(
        std::fs::read_link(bench.web().join("copy/file")).unwrap(),
        Path::new("../../outside/secret")
    );
    // And removed without what they lead to.
    bench.call("remove", json!({"path": "in"})).unwrap();
    bench.call("remove", json!({"path": "up"})).unwrap();
    assert_eq!(std::fs::read(bench.outside().join("secret")).unwrap(), b"secret");
    assert_eq!(std::fs::read_dir(bench.outside()).unwrap().count(), before);
}

#[test]
fn links_that_lead_in_a_circle_end_with_an_error() {
    let bench = Bench::new();
    symlink("b", bench.web().join("a")).unwrap();
    symlink("a", bench.web().join("b")).unwrap();
    assert_eq!(code(bench.call("read", json!({"path": "a"}))), "P0334");
    assert_eq!(bench.call("stat", json!({"path": "a"})).unwrap()["kind"], "link");
}

#[test]
fn a_folder_swapped_for_a_link_to_outside_while_calls_run_lets_nothing_out_or_in() {
    let bench = Bench::new();
    bench.write("dir/f", b"inside");
    std::fs::write(bench.outside().join("f"), b"outside").unwrap();
    symlink("../outside", bench.web().join("swap")).unwrap();
    let (dir, swap) = (bench.web().join("dir"), bench.web().join("swap"));
    let done = AtomicBool::new(false);
    // Also when an assertion fails: else the swapping thread would go on forever.
    struct Finish<'a>(&'a AtomicBool);
    impl Drop for Finish<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                rustix::fs::renameat_with(CWD, &dir, CWD, &swap, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let _finish = Finish(&done);
        let mut note = |result: procedo_core::Result<Value>| {
            let outcome = match result {
                Ok(reply) => {
                    assert_ne!(reply["text"], "outside");
                    assert!(!reply.to_string().contains("only-outside"), "{reply}");
                    "done".to_owned()
                }
                Err(error) => error.code,
            };
            *outcomes.entry(outcome).or_default() += 1;
        };
        std::fs::write(bench.outside().join("only-outside"), b"").unwrap();
        for round in 0..crate::site::ROUNDS {
            note(bench.call("read", json!({"path": "dir/f"})));
            if round % 3 == 0 {
                note(bench.call("list-folder", json!({"path": "dir", "recursive": true})));
                note(bench.call("stat", json!({"path": "dir/f"})));
            }
            if round % 10 == 0 {
                note(bench.call(
                    "write",
                    json!({"path": "dir/f", "text": format!("inside {round}")}),
                ));
                note(bench.call("make-folder", json!({"path": format!("dir/new{round}/x")})));
                note(bench.call("remove", json!({"path": format!("dir/new{round}")})));
                note(bench.call(
                    "copy",
                    json!({"source": "dir/f", "target": format!("dir/copy{round}")}),
                ));
            }
        }
    });
    let outside: Vec<_> = std::fs::read_dir(bench.outside())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(outside.len(), 2, "{outside:?}");
    assert_eq!(std::fs::read(bench.outside().join("f")).unwrap(), b"outside");
    let known = ["done", "P0301", "P0307", "P0309", "P0315", "P0317", "P0335"];
    assert!(
        outcomes.keys().all(|outcome| known.contains(&outcome.as_str())),
        "{outcomes:?}"
    );
    assert!(
        outcomes["done"] > crate::site::ROUNDS / 30 && outcomes["P0307"] > crate::site::ROUNDS / 30,
        "the swap was not met: {outcomes:?}"
    );
}

#[test]
fn devices_sockets_and_pipes_are_listed_and_never_opened() {
    let bench = Bench::new();
    symlink("/dev/zero", bench.web().join("zero")).unwrap();
    rustix::fs::mknodat(
        CWD,
        bench.web().join("pipe"),
        FileType::Fifo,
        Mode::from_raw_mode(0o666),
        0,
    )
    .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(bench.web().join("socket")).unwrap();
    assert_eq!(code(bench.call("read", json!({"path": "zero"}))), "P0307");
    let mut special = vec!["pipe", "socket"];
    // /dev/zero has the numbers 1 and 5.
    let device = rustix::fs::makedev(1, 5);
    match rustix::fs::mknodat(
        CWD,
        bench.web().join("device"),
        FileType::CharacterDevice,
        Mode::from_raw_mode(0o666),
        device,
    ) {
        Ok(()) => special.push("device"),
        Err(errno) => eprintln!("skipped: no device node can be made here ({errno})"),
    }
    for path in special {
        assert_eq!(
            bench.call("stat", json!({"path": path})).unwrap()["kind"],
            "special"
        );
        assert_eq!(code(bench.call("read", json!({"path": path}))), "P0310", "{path}");
        assert_eq!(
            code(bench.call("write", json!({"path": path, "text": "x"}))),
            "P0310",
            "{path}"
        );
        assert_eq!(
            code(bench.call("copy", json!({"source": path, "target": "x"}))),
            "P0310",
            "{path}"
        );
        assert_eq!(
            code(bench.call("remove", json!({"path": path}))),
            "P0310",
            "{path}"
        );
    }
}

#[test]
fn names_of_all_scripts_and_lengths_are_written_read_and_listed() {
    let bench = Bench::new();
    let longest = "é".repeat(127) + "x";
    let names = [
        "🎉🧨.txt",
        "שלום.htm",
        "ملف.htm",
        "a b\\c",
        "..x",
        "-rf",
        "\u{200F}mark",
        longest.as_str(),
    ];
    for name in names {
        bench.call("write", json!({"path": name, "text": name})).unwrap();
        assert_eq!(bench.call("read", json!({"path": name})).unwrap()["text"], name);
        let made = bench.make(1, "remove", json!({"path": name})).unwrap();
        bench.undo_live(&made, 2);
    }
    let listed = bench
        .call("list-folder", json!({"path": "", "recursive": false}))
        .unwrap();
    assert_eq!(listed.as_array().unwrap().len(), names.len());
    for refused in ["a\nb", "", "a\0", &"x".repeat(256), &"x/".repeat(1 << 19)] {
        assert_eq!(
            code(bench.call("write", json!({"path": refused, "text": ""}))),
            "P0306"
        );
    }
    let text = "0123456789abcdef".repeat(1 << 16);
    bench
        .call("write", json!({"path": "mebibyte", "text": text}))
        .unwrap();
    assert_eq!(
        bench.call("read", json!({"path": "mebibyte"})).unwrap()["text"],
        text
    );
}

#[test]
fn a_name_that_cannot_be_a_path_is_told_and_not_left_out() {
    use std::os::unix::ffi::OsStrExt;
    for name in [&b"latin\xE4"[..], b"line\nend"] {
        let bench = Bench::new();
        std::fs::write(bench.web().join(std::ffi::OsStr::from_bytes(name)), b"").unwrap();
        assert_eq!(
            code(bench.call("list-folder", json!({"path": "", "recursive": false}))),
            "P0313"
        );
    }
}

#[test]
fn a_plan_on_one_root_is_seen_through_another_that_overlaps_it() {
    let bench = Bench::new();
    bench.write("dir/f", b"old");
    let mut overlay = Overlay::default();
    let mut plan = |operation: &str, args: Value| bench.plan_over(&mut overlay, operation, &args);
    plan(
        "write",
        json!({"root": "all", "path": "web/dir/f", "text": "planned"}),
    )
    .unwrap();
    let read = plan("read", json!({"path": "dir/f"})).unwrap();
    assert!(
        matches!(read.reply, procedo_core::change::Assumed::Overlaid(reply) if reply["text"] == "planned")
    );
    plan("remove", json!({"path": "dir"})).unwrap();
    assert_eq!(
        code(plan("read", json!({"root": "all", "path": "web/dir/f"}))),
        "P0301"
    );
}

/// A file system in memory, mounted on the root's folder of a bench; taken off when dropped.
struct Mounted<'a>(&'a Bench);

impl<'a> Mounted<'a> {
    /// None, and a line that says so, where mounting is not allowed.
    fn new(bench: &'a Bench, options: &str) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(bench.web())
            .status();
        match mounted {
            Ok(status) if status.success() => Some(Self(bench)),
            other => {
                eprintln!("skipped: no file system can be mounted here ({other:?})");
                None
            }
        }
    }

    fn again(&self, options: &str) {
        let status = Command::new("mount")
            .args(["-o", options])
            .arg(self.0.web())
            .status()
            .unwrap();
        assert!(status.success());
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.web()).status();
    }
}

#[test]
fn a_full_disk_leaves_the_old_content_and_nothing_half_done() {
    let bench = Bench::new();
    let Some(_mounted) = Mounted::new(&bench, "size=128k") else {
        return;
    };
    bench.write("a.txt", &[b'a'; 40_000]);
    bench.write("tree/one", &[b'1'; 10_000]);
    bench.write("tree/two", &[b'2'; 40_000]);
    let before = bench.snapshot();
    let big = "b".repeat(60_000);
    for (operation, args) in [
        ("write", json!({"path": "a.txt", "text": big})),
        ("write", json!({"path": "new.txt", "text": big})),
        ("copy", json!({"source": "tree", "target": "copy"})),
    ] {
        let error = bench.call(operation, args).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.kind.name()),
            ("P0326", "unavailable"),
            "{operation}"
        );
        assert_eq!(bench.snapshot(), before, "{operation}");
    }
    bench.call("remove", json!({"path": "tree"})).unwrap();
    bench
        .call("write", json!({"path": "a.txt", "text": big}))
        .unwrap();
    assert_eq!(bench.bytes("a.txt").len(), 60_000);
}

#[test]
fn what_the_system_denies_is_told_and_nothing_is_altered() {
    let bench = Bench::new();
    let Some(mounted) = Mounted::new(&bench, "size=128k") else {
        return;
    };
    bench.write("dir/a.txt", b"a");
    mounted.again("remount,ro");
    let before = bench.snapshot();
    for (operation, args) in [
        ("write", json!({"path": "dir/a.txt", "text": "b"})),
        ("remove", json!({"path": "dir/a.txt"})),
        ("remove", json!({"path": "dir"})),
        ("make-folder", json!({"path": "new"})),
        ("copy", json!({"source": "dir", "target": "copy"})),
    ] {
        let error = bench.call(operation, args).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.kind.name()),
            ("P0327", "denied"),
            "{operation}"
        );
        assert_eq!(bench.snapshot(), before);
    }
}

#[test]
fn a_root_that_reaches_the_records_of_the_site_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    std::fs::create_dir_all(site.join("html")).unwrap();
    let open = |path: &str| {
        let declared = std::collections::BTreeMap::from([("web".to_owned(), json!({"path": path}))]);
        procedo_files::Files::open(&declared, &site, &crate::site::machines()).map_err(|error| error.code)
    };
    let refused = |path: &str| open(path).err() == Some("P0340".to_owned());
    // Also before the records are there.
    for made in [false, true] {
        if made {
            std::fs::create_dir_all(site.join(".procedo/cache")).unwrap();
            assert!(refused(".procedo") && refused(".procedo/cache"));
        }
        assert!(refused(".") && refused("..") && refused("/") && refused("html/.."));
        assert!(open("html").is_ok() && open("html/later").is_ok());
    }
    std::os::unix::fs::symlink(&site, folder.path().join("link")).unwrap();
    assert!(refused("../link"));
    // Records that are kept elsewhere are reached by where they really are, too.
    let kept = folder.path().join("kept");
    std::fs::rename(site.join(".procedo"), &kept).unwrap();
    std::os::unix::fs::symlink(&kept, site.join(".procedo")).unwrap();
    assert!(refused("../kept") && refused("."));
}

#[test]
fn a_root_that_comes_to_reach_the_records_of_the_site_is_refused_when_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let declared = std::collections::BTreeMap::from([("web".to_owned(), json!({"path": "later"}))]);
    let files = procedo_files::Files::open(&declared, folder.path(), &crate::site::machines()).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("later")).unwrap();
    let operations = files.operations();
    let list = operations
        .iter()
        .find(|bound| bound.function == "list-folder")
        .unwrap();
    let args = json!({"root": "web", "path": "", "recursive": true});
    let bench = Bench::new();
    let listed = bench.context(1, &mut Overlay::default(), |context| {
        list.handler.plan(context, &args)
    });
    assert_eq!(code(listed), "P0340");
}
