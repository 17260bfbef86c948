//! The driver `process` with real processes.

use crate::bench::{Bench, script};
use procedo_core::Kind;
use procedo_core::capability::Overlay;
use procedo_core::change::{Assumed, Probe, Undo};
use procedo_core::value::Value;
use serde_json::json;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// A service that is ended with all of its session at the end of the test, whatever it ignores.
struct Plain(Bench);

impl Plain {
    fn new(program: &str, more: Value) -> Self {
        let bench = Bench::local(|folder| {
            let mut settings = json!({
                "driver": "process",
                "program": script(folder, "program", program),
                "pid-file": folder.join("main.pid"),
                "stop-timeout": 20,
            });
            for (name, value) in more.as_object().unwrap() {
                settings[name] = value.clone();
            }
            settings
        });
        Self(bench)
    }

    /// Starts a program that says when it is ready to be asked to end.
    fn start_and_be_ready(&self) {
        self.0.call("start").unwrap();
        let ready = || {
            std::fs::read_to_string(self.0.path("main.pid.log"))
                .unwrap()
                .contains("ready")
        };
        while !ready() {
            std::thread::yield_now();
        }
    }

    fn pid(&self) -> u32 {
        let text = std::fs::read_to_string(self.0.path("main.pid")).unwrap();
        text.lines().next().unwrap().parse().unwrap()
    }
}

impl std::ops::Deref for Plain {
    type Target = Bench;
    fn deref(&self) -> &Bench {
        &self.0
    }
}

/// Kills a session, which has one process group.
fn kill_group(pid: u32) {
    let kill = format!("kill -s KILL -- -{pid} 2>/dev/null");
    let _ = Command::new("/bin/sh").args(["-c", &kill]).status();
}

/// A process that has ended has no program any more, even if nobody has asked for how it ended.
fn lives(pid: u32) -> bool {
    std::fs::read_link(format!("/proc/{pid}/exe")).is_ok()
}

impl Drop for Plain {
    fn drop(&mut self) {
        let text = std::fs::read_to_string(self.0.path("main.pid")).unwrap_or_default();
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
        // Only what a test started, never what it wrote into the file itself.
        let mut words = text.split_whitespace();
        let [pid, since, noted] = [0; 3].map(|_| words.next().unwrap_or_default());
        if since != "1" && noted == boot.trim() {
            kill_group(pid.parse().unwrap());
        }
    }
}

/// Says that it is ready, then serves.
const OBEDIENT: &str = "exec sleep 300";
/// Notes that it has begun to ignore.
const STUBBORN: &str = "trap '' TERM\necho ready\nwhile :; do sleep 5; done";
const SLOW: &str = "trap 'sleep 1; exit 0' TERM\necho ready\nwhile :; do sleep 0.05; done";
const WITH_CHILD: &str = "sleep 301 &\nexec sleep 302";

#[test]
fn a_service_is_started_seen_and_stopped_and_doing_so_twice_alters_nothing() {
    let bench = Plain::new(OBEDIENT, json!({}));
    assert_eq!(bench.state(), "stopped");
    let started = bench.call("start").unwrap();
    assert_eq!(started["state"], "running");
    assert_eq!(started["process"], bench.pid());
    assert!(started["since"].as_str().unwrap().ends_with('Z'), "{started}");
    let again = bench.intend("start", json!({})).unwrap();
    assert!(again.change.is_none());
    assert_eq!(again.reply["process"], started["process"]);
    assert_eq!(bench.call("stop").unwrap()["state"], "stopped");
    assert!(bench.intend("stop", json!({})).unwrap().change.is_none());
}

#[test]
fn a_start_repeated_after_a_crash_starts_no_second_process() {
    let bench = Plain::new(OBEDIENT, json!({}));
    let start = bench.intend("start", json!({})).unwrap();
    let first = bench.perform(&start).unwrap();
    assert_eq!(bench.perform(&start).unwrap()["process"], first["process"]);
    assert!(matches!(bench.probe(&start), Probe::Applied(_)));
}

#[test]
fn two_starts_at_once_start_one_process() {
    let bench = Plain::new("echo begun\nexec sleep 300", json!({}));
    let start = bench.intend("start", json!({})).unwrap();
    let pids: Vec<Value> = std::thread::scope(|scope| {
        let both = [0, 1].map(|_| scope.spawn(|| bench.perform(&start).unwrap()["process"].clone()));
        both.map(|one| one.join().unwrap()).to_vec()
    });
    assert_eq!(pids[0], pids[1]);
    let log = std::fs::read_to_string(bench.path("main.pid.log")).unwrap();
    assert_eq!(log, "begun\n");
}

#[test]
fn a_start_that_dies_at_once_tells_the_last_it_printed() {
    let bench = Plain::new("echo 'no licence for this host' >&2\nexit 3", json!({}));
    std::fs::write(bench.path("main.pid.log"), "an older complaint\n").unwrap();
    let start = bench.intend("start", json!({})).unwrap();
    let error = bench.perform(&start).unwrap_err();
    assert_eq!((error.code.as_str(), error.kind), ("P1105", Kind::Failed));
    assert_eq!(error.message.args["reason"], "no licence for this host");
    assert_eq!(bench.state(), "stopped");
    assert!(matches!(bench.probe(&start), Probe::NotApplied));
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let bench = Plain::new(OBEDIENT, json!({"program": "/none/such"}));
    let error = bench.fails("start", json!({}));
    assert_eq!(error.code, "P1109");
    assert!(error.message.args["reason"].contains("/none/such"), "{error}");
}

#[test]
fn stop_returns_only_when_a_slow_process_has_ended() {
    let bench = Plain::new(SLOW, json!({}));
    bench.start_and_be_ready();
    let pid = bench.pid();
    let began = std::time::Instant::now();
    assert_eq!(bench.call("stop").unwrap()["state"], "stopped");
    assert!(began.elapsed().as_millis() >= 900, "it takes a second to end");
    assert!(!lives(pid));
}

#[test]
fn wait_for_returns_when_the_state_is_there() {
    let bench = Plain::new(SLOW, json!({}));
    bench.start_and_be_ready();
    let pid = bench.pid();
    Command::new("kill").arg(pid.to_string()).status().unwrap();
    let reached = bench
        .make("wait-for", json!({"state": "stopped", "timeout": 20_000}))
        .unwrap();
    assert_eq!(reached.reply["state"], "stopped");
    let error = bench.fails("wait-for", json!({"state": "running", "timeout": 100}));
    assert_eq!((error.code.as_str(), error.kind), ("P1107", Kind::TimedOut));
    let error = bench.fails("wait-for", json!({"state": "running", "timeout": 86_400_001}));
    assert_eq!(error.code, "P1115");
}

#[test]
fn wait_for_goes_on_while_the_machine_is_out_of_reach() {
    let bench = Plain::new(SLOW, json!({}));
    bench.start_and_be_ready();
    let away = &bench.0.machine.as_ref().unwrap().away;
    away.store(3, SeqCst);
    let reached = bench
        .make("wait-for", json!({"state": "running", "timeout": 60_000}))
        .unwrap();
    assert_eq!(reached.reply["state"], "running");
    assert_eq!(away.load(SeqCst), 0);

    away.store(usize::MAX, SeqCst);
    let error = bench.fails("wait-for", json!({"state": "running", "timeout": 100}));
    assert_eq!((error.code.as_str(), error.kind), ("P1004", Kind::Unavailable));
    away.store(0, SeqCst);
}

#[test]
fn what_was_begun_is_in_doubt_when_its_machine_goes_out_of_reach() {
    let bench = Plain::new(SLOW, json!({}));
    let away = &bench.0.machine.as_ref().unwrap().away;
    let start = bench.intend("start", json!({})).unwrap();
    away.store(1, SeqCst);
    let error = bench.perform(&start).unwrap_err();
    assert!(error.is_in_doubt() && error.message.id == "P1004", "{error}");
    bench.start_and_be_ready();
    for operation in ["stop", "restart"] {
        let made = bench.intend(operation, json!({})).unwrap();
        away.store(1, SeqCst);
        let error = bench.perform(&made).unwrap_err();
        assert!(error.is_in_doubt(), "{operation}: {error}");
        assert!(matches!(bench.probe(&made), Probe::NotApplied));
    }
}

#[test]
fn a_process_that_ignores_the_request_makes_stop_fail_naming_it() {
    let bench = Plain::new(STUBBORN, json!({"stop-timeout": 1}));
    bench.start_and_be_ready();
    let stop = bench.intend("stop", json!({})).unwrap();
    let error = bench.perform(&stop).unwrap_err();
    assert_eq!((error.code.as_str(), error.kind), ("P1104", Kind::TimedOut));
    let named = &error.message.args["processes"];
    assert!(named.contains(&format!("{} (/bin/sh ", bench.pid())), "{named}");
    assert_eq!(bench.state(), "running", "nothing was killed");
    assert!(matches!(bench.probe(&stop), Probe::NotApplied));
}

#[test]
fn with_kill_after_a_process_that_ignores_the_request_is_killed_with_its_children() {
    let bench = Plain::new(STUBBORN, json!({"kill-after": 1}));
    bench.start_and_be_ready();
    let child = format!("pgrep -P {} sleep", bench.pid());
    let child = Command::new("/bin/sh")
        .args(["-c", &child])
        .output()
        .unwrap()
        .stdout;
    assert_eq!(bench.call("stop").unwrap()["state"], "stopped");
    for pid in String::from_utf8(child).unwrap().lines() {
        assert!(!lives(pid.parse().unwrap()));
    }
}

#[test]
fn children_that_are_left_behind_are_named_and_keep_the_service_from_counting_as_stopped() {
    let bench = Plain::new(WITH_CHILD, json!({"stop-timeout": 1}));
    bench.call("start").unwrap();
    let main = bench.pid();
    let error = bench.fails("stop", json!({}));
    assert_eq!(error.code, "P1104");
    let named = &error.message.args["processes"];
    assert!(
        named.contains("(sleep 301)") && !named.contains("sleep 302"),
        "{named}"
    );
    assert!(!lives(main));
    assert_eq!(bench.state(), "stopping");
    // A start does not run beside what is left of the former one.
    let error = bench.fails("start", json!({}));
    assert!(error.message.args["processes"].contains("sleep 301"), "{error}");
    kill_group(main);
    bench
        .make("wait-for", json!({"state": "stopped", "timeout": 20_000}))
        .unwrap();
}

#[test]
fn a_child_that_left_the_session_is_known_from_the_note_of_an_attempt_cut_off() {
    let bench = Plain::new("setsid sleep 303 &\nexec sleep 304", json!({"stop-timeout": 1}));
    bench.call("start").unwrap();
    let stop = bench.intend("stop", json!({})).unwrap();
    // The first attempt notes the family and ends the main process; then comes the crash.
    let error = bench.perform(&stop).unwrap_err();
    assert_eq!(error.code, "P1104");
    assert_eq!(bench.state(), "stopped", "the pid file alone cannot tell");
    let error = bench.perform(&stop).unwrap_err();
    let named = error.message.args["processes"].clone();
    assert!(named.contains("(sleep 303)"), "{named}");
    kill_group(named.split(' ').next().unwrap().parse().unwrap());
    assert_eq!(bench.perform(&stop).unwrap()["state"], "stopped");
}

#[test]
fn a_run_that_shall_end_leaves_the_stop_in_doubt_and_it_can_be_repeated() {
    let mut bench = Plain::new(STUBBORN, json!({"stop-timeout": 600}));
    bench.start_and_be_ready();
    let stop = bench.intend("stop", json!({})).unwrap();
    let error = std::thread::scope(|scope| {
        let performing = scope.spawn(|| bench.perform(&stop).unwrap_err());
        while bench.notes.lock().unwrap().is_empty() {
            std::thread::yield_now();
        }
        bench.stop.set();
        performing.join().unwrap()
    });
    assert_eq!((error.code.as_str(), error.kind), ("P0113", Kind::Cancelled));
    // The next process that takes up the run.
    bench.0.stop = Arc::default();
    assert_eq!(bench.state(), "running");
    kill_group(bench.pid());
    assert_eq!(bench.perform(&stop).unwrap()["state"], "stopped");
}

#[test]
fn a_recycled_pid_is_never_touched() {
    let bench = Plain::new(OBEDIENT, json!({}));
    let own = std::process::id();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    std::fs::write(bench.path("main.pid"), format!("{own}\n1 {boot}")).unwrap();
    let status = bench.call("status").unwrap();
    assert_eq!(status["state"], "stopped");
    assert!(
        status["detail"].as_str().unwrap().contains("another process"),
        "{status}"
    );
    assert!(bench.intend("stop", json!({})).unwrap().change.is_none());
    assert_ne!(bench.call("start").unwrap()["process"], own);
}

#[test]
fn a_file_older_than_the_process_with_its_number_means_another() {
    let bench = Plain::new(OBEDIENT, json!({}));
    let path = bench.path("main.pid");
    std::fs::write(&path, format!("{}\n", std::process::id())).unwrap();
    assert_eq!(bench.state(), "running", "written after the process was started");
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1000);
    std::fs::File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .set_modified(old)
        .unwrap();
    assert_eq!(bench.state(), "stopped");
}

#[test]
fn a_stale_file_means_stopped_and_garbage_is_not_guessed_at() {
    let bench = Plain::new(OBEDIENT, json!({}));
    std::fs::write(bench.path("main.pid"), "4194999\n1 x\n").unwrap();
    assert_eq!(bench.state(), "stopped");
    for garbage in ["", "none\n", "12x\n", "1\n", "7\nsoon\n"] {
        std::fs::write(bench.path("main.pid"), garbage).unwrap();
        assert_eq!(bench.state(), "unknown", "{garbage:?}");
        for operation in ["start", "stop", "restart"] {
            let error = bench.fails(operation, json!({}));
            assert_eq!((error.code.as_str(), error.kind), ("P1103", Kind::Conflict));
        }
    }
    std::fs::remove_file(bench.path("main.pid")).unwrap();
    assert_eq!(bench.state(), "stopped");
}

#[test]
fn a_restart_gives_another_process_and_a_probe_sees_whether_it_happened() {
    let bench = Plain::new(OBEDIENT, json!({}));
    let before = bench.call("start").unwrap();
    let restart = bench.intend("restart", json!({})).unwrap();
    assert!(matches!(bench.probe(&restart), Probe::NotApplied));
    let after = bench.perform(&restart).unwrap();
    assert_ne!(after["process"], before["process"]);
    assert!(matches!(bench.probe(&restart), Probe::Applied(status) if status == after));
    // Performed again after a crash before the outcome: the notes tell that it is done.
    assert_eq!(bench.perform(&restart).unwrap(), after);
    assert_eq!(bench.undo(&restart), Undo::Nothing);
}

#[test]
fn a_restart_cut_off_between_stop_and_start_is_partial_and_goes_on() {
    let bench = Plain::new(OBEDIENT, json!({}));
    let before = bench.call("start").unwrap();
    let restart = bench.intend("restart", json!({})).unwrap();
    bench.notes.lock().unwrap().push(json!({"restarting": null}));
    kill_group(bench.pid());
    while bench.call("status").unwrap()["state"] != "stopped" {}
    assert!(matches!(bench.probe(&restart), Probe::Partial));
    let after = bench.perform(&restart).unwrap();
    assert_eq!(after["state"], "running");
    assert_ne!(after["process"], before["process"]);
}

#[test]
fn a_service_that_somebody_else_restarted_is_not_restarted_again() {
    let bench = Plain::new(OBEDIENT, json!({}));
    bench.call("start").unwrap();
    let restart = bench.intend("restart", json!({})).unwrap();
    bench.call("stop").unwrap();
    bench.call("start").unwrap();
    bench.notes.lock().unwrap().clear();
    let pid = bench.pid();
    assert_eq!(bench.perform(&restart).unwrap_err().code, "P1112");
    assert_eq!(bench.pid(), pid);
}

#[test]
fn start_and_stop_are_undone_by_each_other_unless_it_is_so_already() {
    let bench = Plain::new(OBEDIENT, json!({}));
    let start = bench.make("start", json!({})).unwrap();
    assert_eq!(bench.undo_live(&start), ["stop"]);
    assert_eq!(bench.undo(&start), Undo::Nothing, "it is stopped again");
    bench.call("start").unwrap();
    let stop = bench.make("stop", json!({})).unwrap();
    assert_eq!(bench.undo_live(&stop), ["start"]);
    assert_eq!(bench.undo(&stop), Undo::Nothing, "it runs again");
}

#[test]
fn an_undo_that_finds_something_else_than_was_left_is_a_conflict() {
    let bench = Plain::new(OBEDIENT, json!({}));
    let start = bench.make("start", json!({})).unwrap();
    let pid = bench.pid();
    std::fs::write(bench.path("main.pid"), "garbage\n").unwrap();
    assert!(matches!(bench.undo(&start), Undo::Conflict { calls, .. } if calls.len() == 1));
    kill_group(pid);
}

#[test]
fn a_plan_counts_in_what_it_foresees_and_waits_for_nothing() {
    let bench = Plain::new(OBEDIENT, json!({}));
    let mut overlay = Overlay::of_plan();
    let mut plan = |operation: &str, args: Value| bench.plan_over(&mut overlay, operation, args).unwrap();
    let never = plan("wait-for", json!({"state": "running", "timeout": 86_400_000}));
    assert!(matches!(never.reply, Assumed::Unforeseeable(_)));
    assert!(plan("start", json!({})).change.is_some());
    assert!(plan("start", json!({})).change.is_none(), "planned already");
    let waited = plan("wait-for", json!({"state": "running", "timeout": 1}));
    assert!(matches!(waited.reply, Assumed::Overlaid(status) if status["state"] == "running"));
    assert!(plan("stop", json!({})).change.is_some());
    let status = plan("status", json!({})).reply;
    assert!(matches!(status, Assumed::Overlaid(status) if status["state"] == "stopped"));
    assert_eq!(bench.state(), "stopped");
    assert!(!bench.path("main.pid").exists());
}

#[test]
fn a_password_is_passed_by_standard_input_and_shown_nowhere() {
    let bench = Bench::local(|folder| {
        json!({
            "driver": "process",
            "program": "sleep",
            "pid-file": folder.join("main.pid"),
            "password-program": script(folder, "passwords", &format!("cat >>{}", folder.join("set").display())),
        })
    });
    let args = json!({"account": "cc", "password": "n3w secret", "former": "0ld secret"});
    let set = bench.make("set-password", args).unwrap();
    assert!(bench.notes.lock().unwrap().is_empty());
    let told = format!("{:?}", set.change);
    assert!(!told.contains("secret"), "{told}");
    assert_eq!(bench.undo_live(&set), ["set-password"]);
    let written = std::fs::read_to_string(bench.path("set")).unwrap();
    assert_eq!(written, "cc:n3w secret\ncc:0ld secret\n");
    let seen = bench.machine.as_ref().unwrap().seen.lock().unwrap().join("\n");
    assert!(!seen.contains("secret"), "{seen}");
    assert!(matches!(bench.probe(&set), Probe::Unknown(_)));
    let for_good = bench
        .make("set-password", json!({"account": "cc", "password": "n3w secret"}))
        .unwrap();
    assert!(matches!(bench.undo(&for_good), Undo::Irreversible { .. }));
}

#[test]
fn a_password_that_cannot_be_set_is_refused_before_anything_happens() {
    let bench = Plain::new(OBEDIENT, json!({"password-program": "false"}));
    for (account, password) in [
        ("", "n3w secret"),
        ("a:b", "n3w secret"),
        ("a\nb", "n3w secret"),
        ("cc", "abc"),
        ("cc", "line\nbreak"),
    ] {
        let error = bench.plan("set-password", json!({"account": account, "password": password}));
        let error = error.unwrap_err();
        assert_eq!(error.code, "P1111", "{account:?}");
        assert!(!error.to_string().contains(password), "{error}");
    }
    let error = bench.fails("set-password", json!({"account": "cc", "password": "n3w secret"}));
    assert_eq!(error.code, "P1109");
    assert!(!error.to_string().contains("n3w"), "{error}");
    let without = Plain::new(OBEDIENT, json!({}));
    let error = without.fails("set-password", json!({"account": "cc", "password": "n3w secret"}));
    assert_eq!((error.code.as_str(), error.kind), ("P1108", Kind::NotSupported));
}
