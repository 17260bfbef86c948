//! What only SSH has: host keys, logins, connections that break.

use crate::bench::{Server, holds, kill, lives, on_disk, seen_in_process_list, until};
use procedo_core::capability::Stop;
use procedo_core::{Kind, Result};
use procedo_machine::{JobState, Limits, NoSecrets, Output, Program, Secrets};
use serde_json::json;
use std::sync::Arc;

fn echo(machine: &dyn procedo_machine::Machine) -> Result<Output> {
    machine.run(
        &Program::new("echo").arg("hello"),
        &Limits::default(),
        &Stop::default(),
    )
}

struct Safe;

impl Secrets for Safe {
    fn value(&self, name: &str) -> Result<String> {
        match name {
            "key" => Ok("Ábrete 7".to_owned()),
            "wrong" => Ok("Cerrado 8".to_owned()),
            _ => NoSecrets.value(name),
        }
    }
}

#[test]
fn another_host_key_than_the_pinned_one_is_refused() {
    let server = Server::start();
    let other = std::fs::read_to_string(server.path("stranger.pub")).unwrap();
    let machine = server.machine_with(json!({"host-key": other}), Arc::new(NoSecrets));
    let error = echo(&*machine).unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (Kind::Denied, "P1005"),
        "{error}"
    );
    assert_ne!(machine.identity().unwrap(), server.machine().identity().unwrap());
}

#[test]
fn a_key_that_the_server_does_not_know_is_refused() {
    let server = Server::start();
    let machine = server.machine_with(json!({"key-file": server.path("stranger")}), Arc::new(NoSecrets));
    let error = echo(&*machine).unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (Kind::Denied, "P1006"),
        "{error}"
    );
}

#[test]
fn the_identity_is_the_fingerprint_that_ssh_keygen_shows_with_the_address() {
    let server = Server::start();
    let shown = std::process::Command::new("ssh-keygen")
        .arg("-lf")
        .arg(server.path("host.pub"))
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    let identity = server.machine().identity().unwrap();
    assert!(
        identity.starts_with(shown.split(' ').nth(1).unwrap()),
        "{identity}"
    );
    assert!(
        identity.ends_with(&format!("@127.0.0.1:{}", server.port)),
        "{identity}"
    );
}

#[test]
fn a_passphrase_unlocks_a_key_and_is_seen_nowhere() {
    let server = Server::start();
    let settings =
        |secret: &str| json!({"key-file": server.path("locked"), "passphrase": format!("secret:{secret}")});
    let machine = server.machine_with(settings("key"), Arc::new(Safe));
    assert_eq!(echo(&*machine).unwrap().text(), "hello\n");
    assert!(!holds(&seen_in_process_list(), "brete 7"));
    let folders = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    for entry in folders.filter(|entry| entry.file_name().to_string_lossy().starts_with("procedo-")) {
        assert!(!on_disk(&entry.path(), "brete 7"), "{entry:?}");
    }
    let wrong = server.machine_with(settings("wrong"), Arc::new(Safe));
    assert_eq!(echo(&*wrong).unwrap_err().code, "P1006");
    let missing = server.machine_with(settings("missing"), Arc::new(Safe));
    assert_eq!(echo(&*missing).unwrap_err().code, "P1024");
}

#[test]
fn a_connection_that_breaks_is_told_and_the_next_call_connects_again() {
    let server = Server::start();
    let machine = server.machine();
    let pid_file = server.path("running");
    let program = Program::new("sh")
        .args(["-c", "echo $$ >\"$0\"; exec sleep 300"])
        .arg(pid_file.to_str().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            until("it runs", || {
                std::fs::read_to_string(&pid_file).is_ok_and(|text| text.ends_with('\n'))
            });
            for connection in server.connections() {
                kill("KILL", connection);
                for child in crate::bench::children(connection) {
                    kill("KILL", child);
                }
            }
        });
        let error = machine
            .run(&program, &Limits::seconds(60), &Stop::default())
            .unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_str()),
            (Kind::Unavailable, "P1007"),
            "{error}"
        );
    });
    assert_eq!(echo(&*machine).unwrap().text(), "hello\n");
    kill(
        "KILL",
        std::fs::read_to_string(&pid_file)
            .unwrap()
            .trim()
            .parse()
            .unwrap(),
    );
}

#[test]
fn a_job_goes_on_while_the_connection_is_broken() {
    let server = Server::start();
    let machine = server.machine();
    let go = server.path("go");
    let program = Program::new("sh")
        .args([
            "-c",
            "echo one; while [ ! -e \"$0\" ]; do sleep 0.05; done; echo two",
        ])
        .arg(go.to_str().unwrap());
    let job = machine.start_job("r/1", &program).unwrap();
    for connection in server.connections() {
        kill("KILL", connection);
    }
    until("the connection serves again", || job.state().is_ok());
    assert!(matches!(job.state().unwrap(), JobState::Running { .. }));
    std::fs::write(&go, "").unwrap();
    until("it ends", || job.state().unwrap() == JobState::Ended { code: 0 });
    assert_eq!(job.output_from(0).unwrap().0, b"one\ntwo\n");
}

#[test]
fn a_machine_that_is_gone_is_named_with_its_address() {
    let mut server = Server::start();
    let machine = server.machine();
    server.stop();
    let error = echo(&*machine).unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (Kind::Unavailable, "P1004"),
        "{error}"
    );
    assert!(error.message.args["address"].contains(&server.port.to_string()));
    assert!(error.message.args["reason"].contains("refused"), "{error}");
}

#[test]
fn no_connection_outlives_the_machines() {
    let server = Server::start();
    let machine = server.machine();
    echo(&*machine).unwrap();
    let connections = server.connections();
    assert!(!connections.is_empty());
    drop(machine);
    until("the connections are closed", || {
        connections.iter().all(|pid| !lives(*pid))
    });
}

#[test]
fn many_exchanges_at_once_share_the_machine() {
    let server = Server::start();
    let machine = server.machine();
    std::thread::scope(|scope| {
        for number in 0..16 {
            let machine = &machine;
            scope.spawn(move || {
                let output = machine
                    .run(
                        &Program::new("sh")
                            .args(["-c", "sleep 0.5; echo $0"])
                            .arg(number.to_string()),
                        &Limits::default(),
                        &Stop::default(),
                    )
                    .unwrap();
                assert_eq!(output.text(), format!("{number}\n"));
            });
        }
    });
}
