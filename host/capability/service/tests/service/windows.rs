//! The driver `windows` against a scripted peer: it reads the scripts that the driver sends and answers as the documentation of
//! `Win32_Service` says. No Windows was at hand, so what PowerShell makes of the scripts is not proved here.

use crate::bench::Bench;
use base64::Engine;
use procedo_core::capability::Stop;
use procedo_core::change::Probe;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{
    FileStatus, Input, Job, Limits, Machine, Machines, NoSecrets, Output, Program, Secrets, Space, System,
};
use procedo_service::Services;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A service of Windows.
#[derive(Default)]
struct Scm {
    /// Of its process, if it runs.
    pid: Option<u32>,
    starts: u32,
    /// How many looks its process outlives the service's end.
    lingers: u32,
    /// What methods return instead of 0.
    refuses: u32,
    password: Option<String>,
}

struct Peer(Arc<Mutex<Scm>>);

fn unsupported<T>() -> Result<T> {
    Err(Error::new(Kind::NotSupported, "P1013"))
}

impl Machine for Peer {
    fn name(&self) -> &str {
        "win"
    }
    fn identity(&self) -> Result<String> {
        Ok("win".to_owned())
    }
    fn system(&self) -> System {
        System::Windows
    }
    fn run(&self, program: &Program, _: &Limits, _: &Stop) -> Result<Output> {
        assert_eq!(program.path, "powershell.exe");
        assert_eq!(
            program.args[..4],
            ["-NoLogo", "-NoProfile", "-NonInteractive", "-EncodedCommand"]
        );
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(&program.args[4])
            .unwrap();
        let wide: Vec<u16> = bytes
            .chunks(2)
            .map(|two| u16::from_le_bytes([two[0], two[1]]))
            .collect();
        let script = String::from_utf16(&wide).unwrap();
        assert!(
            !script.contains("n3w"),
            "a password on the command line: {script}"
        );
        let mut scm = self.0.lock().unwrap();
        let reply = if !script.contains("$name = 'OSCC$Main'\n") {
            "missing".to_owned()
        } else if script.contains("-MethodName ") {
            let done = scm.refuses == 0;
            if done && script.contains("-MethodName StartService)") {
                scm.starts += 1;
                scm.pid = Some(4000 + scm.starts);
            } else if done && script.contains("-MethodName StopService)") {
                scm.pid = None;
                scm.lingers = 3;
            } else if done
                && script
                    .contains("-MethodName Change -Arguments @{ StartPassword = $password })")
                && script.starts_with(
                    "$line = @($input)[0]\n$password = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($line))\n",
                )
            {
                let Input::Bytes(line) = &program.input else {
                    panic!("no input");
                };
                let line = String::from_utf8(line.clone()).unwrap();
                let password = base64::engine::general_purpose::STANDARD.decode(line.strip_suffix('\n').unwrap());
                scm.password = Some(String::from_utf8(password.unwrap()).unwrap());
            }
            scm.refuses.to_string()
        } else {
            let told = |pid: u32| json!({"pid": pid, "started": format!("2026-11-22T10:00:{:02}.0000000Z", pid % 60), "command": "cc.exe"});
            let others: Vec<Value> = match script.contains("$others += @(Told ") && scm.lingers > 0 {
                true => {
                    scm.lingers -= 1;
                    vec![told(4000 + scm.starts)]
                }
                false => Vec::new(),
            };
            let state = if scm.pid.is_some() { "Running" } else { "Stopped" };
            json!({"state": state, "account": ".\\cc", "exit": 0, "shared": false, "process": scm.pid.map(told), "others": others})
                .to_string()
        };
        Ok(Output {
            code: 0,
            stdout: format!("{reply}\r\n").into_bytes(),
            stderr: Vec::new(),
            truncated: false,
        })
    }
    fn start_job(&self, _: &str, _: &Program) -> Result<Box<dyn Job>> {
        unsupported()
    }
    fn find_job(&self, _: &str) -> Result<Option<Box<dyn Job>>> {
        unsupported()
    }
    fn read_file(&self, _: &str, _: usize) -> Result<Vec<u8>> {
        unsupported()
    }
    fn write_file(&self, _: &str, _: &[u8], _: Option<u32>) -> Result<()> {
        unsupported()
    }
    fn stat(&self, _: &str) -> Result<Option<FileStatus>> {
        unsupported()
    }
    fn free_space(&self, _: &str) -> Result<Space> {
        unsupported()
    }
}

fn bench(name: &str) -> (Bench, Arc<Mutex<Scm>>) {
    let scm = Arc::default();
    let settings = json!({"driver": "windows", "service-name": name, "machine": "win", "stop-timeout": 20});
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::on(folder, settings, Arc::new(Peer(Arc::clone(&scm)))).unwrap();
    (bench, scm)
}

#[test]
fn a_service_is_started_restarted_and_stopped_when_its_process_has_ended() {
    let (bench, scm) = bench("OSCC$Main");
    assert_eq!(bench.call("start").unwrap()["process"], 4001);
    let restart = bench.intend("restart", json!({})).unwrap();
    assert!(matches!(bench.probe(&restart), Probe::NotApplied));
    assert_eq!(bench.perform(&restart).unwrap()["process"], 4002);
    assert!(matches!(bench.probe(&restart), Probe::Applied(_)));
    assert_eq!(bench.call("stop").unwrap()["state"], "stopped");
    assert_eq!(scm.lock().unwrap().lingers, 0, "it waited for the process");
}

#[test]
fn what_windows_refuses_is_told_with_its_return_value() {
    let (bench, scm) = bench("OSCC$Main");
    scm.lock().unwrap().refuses = 15;
    let error = bench.fails("start", json!({}));
    assert_eq!(error.code, "P1105");
    assert_eq!(
        error.message.args["reason"],
        "StartService = 15 (service logon failed)"
    );
}

#[test]
fn the_password_of_its_own_account_is_set_by_standard_input() {
    let (bench, scm) = bench("OSCC$Main");
    let error = bench.fails(
        "set-password",
        json!({"account": "Administrator", "password": "n3w secret"}),
    );
    assert_eq!(error.code, "P1118");
    bench
        .make("set-password", json!({"account": "CC", "password": "n3w sécret"}))
        .unwrap();
    assert_eq!(scm.lock().unwrap().password.as_deref(), Some("n3w sécret"));
}

#[test]
fn a_service_that_is_not_there_is_an_error_and_a_driver_needs_its_system() {
    let (bench, _) = bench("Other");
    assert_eq!(bench.fails("status", json!({})).code, "P1113");
    let settings = json!({"driver": "systemd", "unit": "x", "machine": "win"});
    let peer = Arc::new(Peer(Arc::default()));
    let refused = Bench::on(tempfile::tempdir().unwrap(), settings, peer);
    assert_eq!(refused.err().unwrap().code, "P1114");
}

#[test]
fn it_belongs_on_a_machine_with_windows_and_the_others_do_not() {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let machine =
        json!({"driver": "windows-ssh", "address": "win", "user": "oscc", "host-key": key, "agent": true});
    let machines = BTreeMap::from([
        ("win".to_owned(), machine),
        ("here".to_owned(), json!({"driver": "local"})),
    ]);
    let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
    let machines = Machines::open(&machines, std::path::Path::new("."), &secrets).unwrap();
    let open = |driver: &str, name: &str, on: &str| {
        let settings = json!({"driver": driver, name: "x", "machine": on});
        let opened = Services::open(&BTreeMap::from([("s".to_owned(), settings)]), &machines);
        opened.err().map(|error| error.code)
    };
    assert_eq!(open("windows", "service-name", "win"), None);
    assert_eq!(open("windows", "service-name", "here").as_deref(), Some("P1114"));
    assert_eq!(open("systemd", "unit", "win").as_deref(), Some("P1114"));
}

#[test]
fn settings_that_break_a_rule_are_refused_by_name() {
    for (settings, named) in [
        (json!({"driver": "windows", "machine": "win"}), "service-name"),
        (
            json!({"driver": "windows", "machine": "win", "service-name": "a'b"}),
            "service-name = ",
        ),
        (
            json!({"driver": "windows", "machine": "win", "service-name": "x", "unit": "y"}),
            "unit",
        ),
        (json!({"driver": "windows", "service-name": "x"}), "machine"),
        (json!({"driver": "upstart", "machine": "win"}), "upstart"),
        (
            json!({"driver": "windows", "machine": "win", "service-name": "x", "stop-timeout": 0}),
            "stop-timeout",
        ),
        (
            json!({"driver": "windows", "machine": "win", "service-name": "x", "password-program": "p"}),
            "password-program",
        ),
    ] {
        let peer = Arc::new(Peer(Arc::default()));
        let error = Bench::on(tempfile::tempdir().unwrap(), settings, peer)
            .err()
            .unwrap();
        assert_eq!(error.code, "P1102");
        assert!(error.message.args["reason"].contains(named), "{error}");
    }
}
