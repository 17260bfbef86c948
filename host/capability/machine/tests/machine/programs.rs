//! Programs and files, on this machine and by SSH.

use crate::bench::{holds, lives, on_both, seen_in_process_list, until};
use procedo_core::Kind;
use procedo_core::capability::Stop;
use procedo_machine::{FileKind, Input, Limits, Program};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

const HOSTILE: &[&str] = &[
    "",
    " ",
    "two words",
    "it's",
    "\"quoted\"",
    "$(touch /tmp/never)",
    "`id`",
    "$HOME",
    "a\nb\n",
    "\n",
    "ñandú €",
    "back\\slash\\0041\\c",
    "-n",
    "--",
    "*",
    "~",
    "%s%n",
    "!!",
    "a;b|c&d>e<f",
    "\t\r\u{7f}",
    "\\",
    "'",
];

#[test]
fn hostile_arguments_arrive_as_they_are() {
    on_both(|machine, _| {
        let program = Program::new("/usr/bin/printf")
            .arg("%s\\0")
            .args(HOSTILE.iter().copied());
        let output = machine
            .run(&program, &Limits::default(), &Stop::default())
            .unwrap();
        assert_eq!((output.code, output.errors().as_str()), (0, ""));
        let text = output.text();
        let mut arrived: Vec<&str> = text.split('\0').collect();
        assert_eq!(arrived.pop(), Some(""));
        assert_eq!(arrived, HOSTILE);
    });
}

#[test]
fn variables_folder_and_input_arrive_and_the_exit_code_comes_back() {
    on_both(|machine, dir| {
        let folder = dir.join("a folder");
        std::fs::create_dir(&folder).unwrap();
        let mut input: Vec<u8> = (0..=255).collect();
        input.extend(b"secret: \xf1\n".repeat(100_000));
        let program = Program::new("sh")
            .args(["-c", "pwd; printf '%s' \"$VALUE\" >&2; cat; exit 255"])
            .env("VALUE", "it's $HOME\nñ")
            .folder(folder.to_str().unwrap())
            .input(Input::Bytes(input.clone()));
        let limits = Limits {
            bytes: 4 << 20,
            ..Limits::default()
        };
        let output = machine.run(&program, &limits, &Stop::default()).unwrap();
        assert_eq!(output.code, 255);
        assert_eq!(output.errors(), "it's $HOME\nñ");
        let expected = [format!("{}\n", folder.display()).as_bytes(), &input].concat();
        assert!(output.stdout == expected);
        assert!(!output.truncated);
    });
}

#[test]
fn a_flood_is_bounded_and_does_not_lose_the_exit_code() {
    on_both(|machine, _| {
        let program = Program::new("sh").args(["-c", "head -c 30000000 /dev/zero; exit 3"]);
        let limits = Limits {
            bytes: 1000,
            ..Limits::default()
        };
        let output = machine.run(&program, &limits, &Stop::default()).unwrap();
        assert_eq!(
            (output.code, output.stdout.len(), output.truncated),
            (3, 1000, true)
        );
    });
}

#[test]
fn what_is_not_there_is_named() {
    on_both(|machine, _| {
        let run = |program: Program| {
            machine
                .run(&program, &Limits::default(), &Stop::default())
                .unwrap_err()
        };
        let error = run(Program::new("/no/such program"));
        assert_eq!((error.kind, error.code.as_str()), (Kind::NotFound, "P1008"));
        assert_eq!(error.message.args["path"], "/no/such program");
        assert_eq!(
            run(Program::new("true").folder("/no/such")).message.args["path"],
            "/no/such"
        );
        assert_eq!(run(Program::new("-rf")).code, "P1027");
        assert_eq!(run(Program::new("true").arg("a\0b")).code, "P1027");
        assert_eq!(run(Program::new("true").env("A B", "")).code, "P1027");
    });
}

#[test]
fn a_daemon_that_holds_the_outputs_open_is_not_waited_for() {
    on_both(|machine, dir| {
        let pid_file = dir.join("daemon.pid");
        let program = Program::new("sh")
            .args(["-c", "sleep 300 & echo $! >\"$0\"; echo started"])
            .arg(pid_file.to_str().unwrap());
        let began = Instant::now();
        let output = machine
            .run(&program, &Limits::seconds(60), &Stop::default())
            .unwrap();
        assert!(began.elapsed() < Duration::from_secs(30));
        assert_eq!(output.text(), "started\n");
        let daemon = std::fs::read_to_string(&pid_file)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        assert!(lives(daemon));
        crate::bench::kill("KILL", daemon);
    });
}

#[test]
fn a_program_that_takes_too_long_is_ended_with_its_children() {
    on_both(|machine, dir| {
        let pid_file = dir.join("child.pid");
        // Neither of them ends when it is asked to, and the child has left the session.
        let program = Program::new("sh")
            .args([
                "-c",
                "trap '' TERM; setsid sleep 300 & echo $! >\"$0\"; while :; do sleep 1; done",
            ])
            .arg(pid_file.to_str().unwrap());
        let error = machine
            .run(&program, &Limits::seconds(1), &Stop::default())
            .unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (Kind::TimedOut, "P1009"));
        let child: u32 = std::fs::read_to_string(&pid_file)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        until("the child is gone", || !lives(child));
    });
}

#[test]
fn a_run_that_shall_stop_ends_its_program() {
    on_both(|machine, dir| {
        let pid_file = dir.join("stopped.pid");
        let program = Program::new("sh")
            .args(["-c", "echo $$ >\"$0\"; exec sleep 300"])
            .arg(pid_file.to_str().unwrap());
        let stop = Arc::new(Stop::default());
        let waker = Arc::clone(&stop);
        let file = pid_file.clone();
        let thread = std::thread::spawn(move || {
            until("it runs", || {
                std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n'))
            });
            waker.set();
        });
        let error = machine.run(&program, &Limits::seconds(100), &stop).unwrap_err();
        assert_eq!(error.code, "P0113");
        thread.join().unwrap();
        let pid = std::fs::read_to_string(&pid_file)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        assert!(!lives(pid));
    });
}

#[test]
fn secrets_of_variables_and_input_show_in_no_process_list() {
    on_both(|machine, dir| {
        let at = dir.join("go");
        let program = Program::new("sh")
            .args([
                "-c",
                "cat; touch \"$0\"; while [ -e \"$0\" ]; do sleep 0.05; done; printf '%s' \"$PW\"",
            ])
            .arg(at.to_str().unwrap())
            .env("PW", "Ge-Heim-1")
            .input(Input::Bytes(b"Ge-Heim-2".to_vec()));
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| {
                until("it runs", || at.exists());
                let seen = seen_in_process_list();
                std::fs::remove_file(&at).unwrap();
                seen
            });
            let output = machine
                .run(&program, &Limits::default(), &Stop::default())
                .unwrap();
            assert_eq!(output.text(), "Ge-Heim-2Ge-Heim-1");
            let seen = looking.join().unwrap();
            assert!(holds(&seen, "go"));
            assert!(!holds(&seen, "Ge-Heim"));
        });
        assert!(!format!("{program:?}").contains("Heim"));
    });
}

#[test]
fn files_are_written_whole_and_keep_owner_and_permissions() {
    on_both(|machine, dir| {
        let file = dir.join("on config.ñ");
        let path = file.to_str().unwrap();
        assert_eq!(machine.stat(path).unwrap(), None);
        let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        machine.write_file(path, &bytes, Some(0o640)).unwrap();
        assert!(machine.read_file(path, 300_000).unwrap() == bytes);
        let status = machine.stat(path).unwrap().unwrap();
        assert_eq!(
            (status.kind, status.size, status.mode),
            (FileKind::Regular, 300_000, 0o640)
        );
        machine.write_file(path, b"short", None).unwrap();
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o7777,
            0o640
        );
        let link = dir.join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        machine
            .write_file(link.to_str().unwrap(), b"through", None)
            .unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"through");
        assert_eq!(machine.read_file(path, 6).unwrap_err().code, "P1012");
        assert_eq!(machine.read_file("/no/such", 6).unwrap_err().code, "P1011");
        assert_eq!(machine.read_file("/", 6).unwrap_err().code, "P1011");
        assert_eq!(
            machine.write_file("/no/such/file", b"", None).unwrap_err().code,
            "P1011"
        );
        let left: Vec<_> = std::fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("on config"))
            .collect();
        assert_eq!(left, ["on config.ñ"]);
        let space = machine.free_space(path).unwrap();
        let real = rustix::fs::statvfs(path).unwrap();
        assert_eq!(space.total, real.f_blocks * real.f_frsize);
        // Others fill the same disk meanwhile, though not a tenth of it.
        let available = real.f_bavail * real.f_frsize;
        assert!(
            space.available.abs_diff(available) < space.total / 10,
            "{space:?}"
        );
    });
}
