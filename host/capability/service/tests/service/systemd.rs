//! The driver `systemd` with a scripted `systemctl` that answers as systemctl(1) documents: `show` prints `NAME=VALUE` lines and
//! succeeds for units that do not exist, the other verbs wait for their job.

use crate::bench::{Bench, script};
use procedo_core::Kind;
use procedo_core::change::{Probe, Undo};
use serde_json::json;
use std::path::Path;

/// Keeps a unit in a folder: its process, how often it was started, whether it failed. `unit` is the program it starts.
const SYSTEMCTL: &str = r#"
verb=$1
for unit; do :; done
[ "$TZ" = UTC ] && [ "$LC_ALL" = C ] || { echo "the answer would depend on the locale" >&2; exit 9; }
cd "@"
runs() {
    read -r pid 2>/dev/null <pid && readlink "/proc/$pid/exe" >/dev/null 2>&1
}
start() {
    runs && return 0
    echo x >>starts
    setsid ./unit </dev/null >/dev/null 2>&1 &
    pid=$!
    echo "$pid" >pid
    rm -f failed
    sleep 0.2
    runs && return 0
    : >failed
    echo "Job for $unit.service failed because the control process exited with error code." >&2
    echo "See \"systemctl status $unit.service\" and \"journalctl -xe\" for details." >&2
    return 1
}
stop() {
    runs || return 0
    kill "$pid"
    while runs; do sleep 0.05; done
}
case $verb in
show)
    if [ "$unit" != cc-server ]; then
        printf 'LoadState=not-found\nActiveState=inactive\nSubState=dead\nMainPID=0\nResult=success\nInvocationID=\n'
        exit 0
    fi
    echo LoadState=loaded
    echo User=cc
    echo StatusText=
    echo ControlGroup=
    if runs; then
        printf 'ActiveState=active\nSubState=running\nResult=success\nMainPID=%s\n' "$pid"
        printf 'InvocationID=%032d\nActiveEnterTimestamp=Sun 2026-11-22 10:11:12 UTC\n' "$(wc -l <starts)"
    elif [ -e failed ]; then
        printf 'ActiveState=failed\nSubState=failed\nResult=exit-code\nMainPID=0\n'
    else
        printf 'ActiveState=inactive\nSubState=dead\nResult=success\nMainPID=0\n'
    fi
    ;;
start) start ;;
stop) stop ;;
restart) stop; start ;;
*) echo "Unknown command verb $verb." >&2; exit 1 ;;
esac
"#;

struct Unit(Bench);

impl Unit {
    fn new(program: &str, name: &str) -> Self {
        Self(Bench::local(|folder: &Path| {
            let bin = folder.join("bin");
            script(
                &bin,
                "systemctl",
                &SYSTEMCTL.replace('@', &bin.display().to_string()),
            );
            script(
                &bin,
                "chpasswd",
                &format!("cat >{}", folder.join("set").display()),
            );
            script(&bin, "unit", program);
            json!({"driver": "systemd", "unit": name, "stop-timeout": 2, "start-timeout": 5})
        }))
    }
}

impl std::ops::Deref for Unit {
    type Target = Bench;
    fn deref(&self) -> &Bench {
        &self.0
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        if let Ok(pid) = std::fs::read_to_string(self.0.path("bin/pid")) {
            let kill = format!("kill -s KILL -- -{} 2>/dev/null", pid.trim());
            let _ = std::process::Command::new("/bin/sh").args(["-c", &kill]).status();
        }
    }
}

#[test]
fn a_unit_is_started_stopped_and_restarted() {
    let bench = Unit::new("exec sleep 300", "cc-server");
    assert_eq!(bench.state(), "stopped");
    let start = bench.make("start", json!({})).unwrap();
    assert_eq!(start.reply["state"], "running");
    assert_eq!(start.reply["account"], "cc");
    assert_eq!(start.reply["since"], "2026-11-22T10:11:12Z");
    let restart = bench.intend("restart", json!({})).unwrap();
    assert!(matches!(bench.probe(&restart), Probe::NotApplied));
    let after = bench.perform(&restart).unwrap();
    assert_ne!(after["process"], start.reply["process"]);
    assert!(matches!(bench.probe(&restart), Probe::Applied(_)));
    assert_eq!(bench.undo(&restart), Undo::Nothing);
    assert_eq!(bench.undo_live(&start), ["stop"]);
    assert_eq!(bench.state(), "stopped");
}

#[test]
fn a_unit_that_fails_to_start_tells_what_systemctl_said() {
    let bench = Unit::new("exit 1", "cc-server");
    let error = bench.fails("start", json!({}));
    assert_eq!((error.code.as_str(), error.kind), ("P1105", Kind::Failed));
    let reason = &error.message.args["reason"];
    assert!(
        reason.starts_with("failed (failed), exit-code: Job for cc-server"),
        "{reason}"
    );
    assert_eq!(bench.state(), "failed");
}

#[test]
fn a_unit_that_does_not_end_in_time_is_named_by_its_process() {
    let bench = Unit::new("trap '' TERM\nwhile :; do sleep 5; done", "cc-server");
    bench.call("start").unwrap();
    let error = bench.fails("stop", json!({}));
    assert_eq!((error.code.as_str(), error.kind), ("P1104", Kind::TimedOut));
    let pid = std::fs::read_to_string(bench.path("bin/pid")).unwrap();
    let named = &error.message.args["processes"];
    assert!(
        named.contains(&format!("{} (/bin/sh ./unit)", pid.trim())),
        "{named}"
    );
}

#[test]
fn what_a_stopped_unit_leaves_running_is_named() {
    let bench = Unit::new("sleep 305 &\nexec sleep 306", "cc-server");
    bench.call("start").unwrap();
    let error = bench.fails("stop", json!({}));
    assert_eq!(error.code, "P1104");
    let named = &error.message.args["processes"];
    assert!(named.contains("(sleep 305)") && !named.contains("306"), "{named}");
}

#[test]
fn a_unit_that_is_not_there_is_an_error() {
    let bench = Unit::new("exec sleep 300", "cc-sever");
    for operation in ["status", "start", "stop", "restart"] {
        let error = bench.fails(operation, json!({}));
        assert_eq!((error.code.as_str(), error.kind), ("P1113", Kind::NotFound));
        assert_eq!(error.message.args["unit"], "cc-sever");
    }
}

#[test]
fn the_password_of_another_account_is_not_touched() {
    let bench = Unit::new("exec sleep 300", "cc-server");
    let error = bench.fails(
        "set-password",
        json!({"account": "root", "password": "n3w secret"}),
    );
    assert_eq!((error.code.as_str(), error.kind), ("P1118", Kind::Conflict));
    assert!(!bench.path("set").exists());
    bench
        .make("set-password", json!({"account": "cc", "password": "n3w secret"}))
        .unwrap();
    assert_eq!(
        std::fs::read_to_string(bench.path("set")).unwrap(),
        "cc:n3w secret\n"
    );
}
