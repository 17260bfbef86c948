//! A machine with Windows, whose place a program takes that knows the driver's scripts by heart (`windows_peer`).
//! No Windows was at hand: these tests show what the driver sends and makes of answers, not what Windows does.

use crate::bench::{Server, holds, seen_in_process_list, until};
use crate::capability::read_on;
use crate::windows_peer::command;
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind};
use procedo_machine::{FileKind, Input, JobState, Limits, Machine, NoSecrets, Output, Program, System};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

struct Bench {
    server: Server,
    machine: Arc<dyn Machine>,
}

impl Bench {
    fn new() -> Self {
        let server = Server::forced(command);
        let settings = json!({"driver": "windows-ssh", "jobs": null});
        let machine = server.machine_with(settings, Arc::new(NoSecrets));
        std::fs::create_dir_all(server.path("C/data")).unwrap();
        Self { server, machine }
    }

    fn disk(&self, path: &str) -> PathBuf {
        self.server.path(path)
    }

    fn run(&self, program: &Program) -> Result<Output, Error> {
        self.machine.run(program, &Limits::default(), &Stop::default())
    }
}

fn code<T>(result: Result<T, Error>) -> (Kind, String) {
    let error = result.err().expect("it fails");
    (error.kind, error.code)
}

#[test]
fn a_program_gets_its_arguments_variables_and_folder_as_they_are() {
    let bench = Bench::new();
    assert_eq!(bench.machine.system(), System::Windows);
    let args = [
        "a b",
        "",
        r"C:\dir\",
        r#"say "x" \"#,
        "%PATH%",
        "$env:X; 'y'",
        "ñ\n2",
        "&|<>^",
    ];
    let program = Program::new(r"C:\Program Files\Tools\show.exe")
        .args(args)
        .env("INFORMIXSERVER", "größe 'x'")
        .folder(r"C:\data");
    let shown: Value = serde_json::from_slice(&bench.run(&program).unwrap().stdout).unwrap();
    assert_eq!(
        shown,
        json!({"args": args, "env": {"INFORMIXSERVER": "größe 'x'"}, "folder": r"C:\data"})
    );
}

#[test]
fn its_outputs_and_code_come_back_among_noise() {
    let bench = Bench::new();
    let output = bench.run(&Program::new("fail")).unwrap();
    assert_eq!(
        (output.code, output.errors().as_str()),
        (-1_073_741_510, "Zugriff verweigert\r\n")
    );
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    let program = Program::new("echo").input(Input::Bytes(bytes.clone()));
    let output = bench.run(&program).unwrap();
    assert!(output.stdout == bytes && !output.truncated);
    let limits = Limits {
        bytes: 10,
        ..Limits::default()
    };
    let output = bench.machine.run(&program, &limits, &Stop::default()).unwrap();
    assert!(output.stdout == bytes[..10] && output.truncated);
}

#[test]
fn what_cannot_be_started_is_told_with_its_code() {
    let bench = Bench::new();
    let missing = |program: &Program| code(bench.run(program));
    assert_eq!(
        missing(&Program::new("nothing")),
        (Kind::NotFound, "P1008".to_owned())
    );
    assert_eq!(
        missing(&Program::new("show").folder(r"C:\nowhere")),
        (Kind::NotFound, "P1008".to_owned())
    );
    for script in ["start.bat", r"C:\x\Stop.CMD", "x.ps1"] {
        assert_eq!(
            missing(&Program::new(script)),
            (Kind::NotSupported, "P1013".to_owned()),
            "{script}"
        );
    }
    let long = Program::new("show").arg("x".repeat(40_000));
    assert_eq!(missing(&long), (Kind::Invalid, "P1027".to_owned()));
    assert_eq!(
        missing(&Program::new("show").arg("a\0b")),
        (Kind::Invalid, "P1027".to_owned())
    );
}

#[test]
fn a_program_that_takes_too_long_is_ended_or_named_as_still_there() {
    let bench = Bench::new();
    let late = Program::new("late");
    assert_eq!(code(bench.run(&late)), (Kind::TimedOut, "P1009".to_owned()));
    assert_eq!(
        code(bench.run(&late.arg("immortal"))),
        (Kind::TimedOut, "P1010".to_owned())
    );
}

#[test]
fn a_stop_ends_the_program_by_the_command_line_of_its_own_exchange() {
    let bench = Bench::new();
    let stop = Stop::default();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            bench
                .machine
                .run(&Program::new("hang"), &Limits::default(), &stop)
        });
        until("it runs", || bench.disk("hanging").exists());
        stop.set();
        assert_eq!(code(running.join().unwrap()).1, "P0113");
    });
    assert!(bench.disk("ended").exists());
}

#[test]
fn no_secret_shows_in_a_process_list() {
    let bench = Bench::new();
    let stop = Stop::default();
    let secret = "Geheim 4711x";
    let program = Program::new("hang")
        .env("PASSWORD", secret)
        .input(Input::Bytes(secret.into()));
    std::thread::scope(|scope| {
        scope.spawn(|| bench.machine.run(&program, &Limits::default(), &stop));
        until("it runs", || bench.disk("hanging").exists());
        let seen = seen_in_process_list();
        stop.set();
        assert!(!holds(&seen, secret));
        assert!(
            holds(&seen, "EncodedCommand"),
            "the exchange was looked at while it ran"
        );
    });
}

#[test]
fn files_are_read_written_and_described() {
    let bench = Bench::new();
    let machine = &bench.machine;
    let path = r"C:\data\Größe 1.txt";
    assert_eq!(machine.stat(path).unwrap(), None);
    assert_eq!(
        code(machine.read_file(path, 100)),
        (Kind::Failed, "P1011".to_owned())
    );
    machine.write_file(path, b"one\0two\r\n", None).unwrap();
    assert_eq!(machine.read_file(path, 100).unwrap(), b"one\0two\r\n");
    assert_eq!(
        code(machine.read_file(path, 5)),
        (Kind::TooLarge, "P1012".to_owned())
    );
    let status = machine.stat(path).unwrap().unwrap();
    assert_eq!(
        (status.kind, status.size, status.modified),
        (FileKind::Regular, 9, 1_763_800_000)
    );
    assert_eq!(machine.stat("C:/data").unwrap().unwrap().kind, FileKind::Folder);
    machine.write_file(path, b"", None).unwrap();
    assert_eq!(machine.read_file(path, 0).unwrap(), b"");
    assert_eq!(code(machine.write_file(r"C:\data", b"x", None)).1, "P1011");
    assert_eq!(code(machine.write_file(r"C:\nowhere\x", b"x", None)).1, "P1011");
    for path in ["data.txt", r"C:\data\NUL", r"C:\data\..\x", "/etc/passwd"] {
        assert_eq!(
            code(machine.write_file(path, b"x", None)),
            (Kind::Invalid, "P1011".to_owned()),
            "{path}"
        );
    }
}

#[test]
fn what_windows_has_otherwise_is_not_supported() {
    let bench = Bench::new();
    std::os::unix::fs::symlink("data", bench.disk("C/link")).unwrap();
    let unsupported = (Kind::NotSupported, "P1013".to_owned());
    assert_eq!(
        code(bench.machine.write_file(r"C:\data\x", b"", Some(0o600))),
        unsupported
    );
    assert_eq!(code(bench.machine.stat(r"C:\link")), unsupported);
    assert_eq!(code(bench.machine.free_space(r"C:\link")), unsupported);
    assert_eq!(code(bench.machine.free_space(r"\\server\share")), unsupported);
}

#[test]
fn a_job_is_found_again_never_doubled_and_answered_at_most_once() {
    let bench = Bench::new();
    let machine = &bench.machine;
    assert!(machine.find_job("r/1").unwrap().is_none());
    let program = Program::new("ask").input(Input::Open);
    machine.start_job("r/1", &program).unwrap();
    assert_eq!(
        code(machine.start_job("r/1", &program).map(drop)),
        (Kind::Conflict, "P1014".to_owned())
    );
    let job = machine.find_job("r/1").unwrap().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Running { pid: 4711 });
    assert_eq!(job.output_from(0).unwrap(), (b"Name? ".to_vec(), 6));
    assert_eq!(code(job.forget()).1, "P1014");
    assert!(!job.was_sent("q-1").unwrap());
    assert!(job.send_once("q-1", b"again\n").unwrap());
    assert!(!job.send_once("q-1", b"again\n").unwrap());
    assert!(job.was_sent("q-1").unwrap());
    job.send("Größe\n".as_bytes()).unwrap();
    assert_eq!(
        job.output_from(6).unwrap().0,
        "hello again\r\nhello Größe\r\n".as_bytes()
    );
    assert_eq!(job.state().unwrap(), JobState::Ended { code: 7 });
    assert_eq!(code(job.send(b"x")), (Kind::Conflict, "P1016".to_owned()));
    assert_eq!(code(job.send_once("../x", b"x")).1, "P1027");
    assert_eq!(code(job.send(&[b'x'; 4097])).1, "P1026");
    job.end(std::time::Duration::ZERO).unwrap();
    job.forget().unwrap();
    assert_eq!(code(job.state()), (Kind::NotFound, "P1016".to_owned()));
    assert!(machine.find_job("r/1").unwrap().is_none());
}

#[test]
fn a_job_that_does_not_end_or_was_lost_is_told() {
    let bench = Bench::new();
    let start = |program: &str| bench.machine.start_job(program, &Program::new(program)).unwrap();
    let stubborn = start("stubborn");
    let error = stubborn.end(std::time::Duration::ZERO).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["processes"].as_str()),
        ("P1017", "4711 4712")
    );
    assert_eq!(code(stubborn.send(b"x")).1, "P1016");
    assert_eq!(start("lost").state().unwrap(), JobState::Lost);
    let hanging = start("hang");
    hanging.end(std::time::Duration::ZERO).unwrap();
    assert_eq!(hanging.state().unwrap(), JobState::Ended { code: 1 });
    let fed = Program::new("echo").input(Input::Bytes(b"fed".to_vec()));
    let fed = bench.machine.start_job("fed", &fed).unwrap();
    assert_eq!(fed.output_from(0).unwrap().0, b"fed");
    let none = bench.machine.start_job("none", &Program::new("nothing"));
    assert_eq!(code(none.map(drop)).1, "P1008");
}

#[test]
fn the_reads_of_the_capability_ask_windows_in_its_own_way() {
    let bench = Bench::new();
    let mut settings = bench.server.settings();
    settings["driver"] = json!("windows-ssh");
    settings["patch-level-file"] = json!(r"C:\data\level.txt");
    std::fs::write(bench.disk("C/data/level.txt"), "V11 R1.2\r\nmore").unwrap();
    let site = bench.server.dir.path();
    let read = |function: &str, args: Value| {
        let mut args = args;
        args["machine"] = json!("win");
        read_on(json!({"win": settings.clone()}), site, function, &args)
    };
    assert_eq!(
        read("environment", json!({"name": "INFORMIXDIR"})).unwrap(),
        json!(r"C:\Größe\ifx")
    );
    assert_eq!(
        read("environment", json!({"name": "NOTHING"})).unwrap(),
        Value::Null
    );
    let clock = read("clock-offset", json!({})).unwrap();
    let (offset, uncertainty) = (
        clock["offset"].as_i64().unwrap(),
        clock["uncertainty"].as_i64().unwrap(),
    );
    assert!((offset - 120_000).abs() <= uncertainty, "{clock}");
    assert_eq!(
        read("resolve", json!({"host": "main"})).unwrap(),
        json!([{"address": "192.0.2.7", "names": ["main.example"]}])
    );
    assert_eq!(read("resolve", json!({"host": "nobody"})).unwrap(), json!([]));
    let reach = |port: Value| read("reachable", json!({"host": "main", "port": port})).unwrap();
    assert_eq!(
        reach(json!(443)),
        json!({"reached": true, "method": "tcp", "detail": ""})
    );
    assert_eq!(
        reach(json!(80)),
        json!({"reached": false, "method": "tcp", "detail": "timeout: 5 s"})
    );
    assert_eq!(
        reach(Value::Null),
        json!({"reached": false, "method": "ping", "detail": "TimedOut"})
    );
    assert_eq!(
        read("free-space", json!({"path": "C:\\"})).unwrap(),
        json!({"total": 500_000_000_000_u64, "available": 123_456_789_012_u64})
    );
    assert_eq!(code(read("free-space", json!({"path": "/var"}))).1, "P1028");
    let facts = read("system-facts", json!({})).unwrap();
    assert_eq!(facts["patch-level"], "V11 R1.2");
    assert_eq!(facts["system"], "Windows");
    assert_eq!(facts["boot-id"], "2026-11-21T10:00:00Z");
}
