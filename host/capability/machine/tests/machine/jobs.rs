//! Jobs: they outlive whoever started them, are never doubled, and end with their children.

use crate::bench::{folder, holds, kill, lives, local, on_both, on_disk, seen_in_process_list, until};
use procedo_machine::{Input, Job, JobState, Machine, Program};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

fn sh(script: &str) -> Program {
    Program::new("sh").args(["-c", script])
}

fn ended(job: &dyn Job) -> i32 {
    let mut code = None;
    until("the job ends", || {
        if let JobState::Ended { code: it } = job.state().unwrap() {
            code = Some(it);
        }
        code.is_some()
    });
    code.unwrap()
}

fn output(job: &dyn Job) -> String {
    let (mut all, mut offset) = (Vec::new(), 0);
    loop {
        let (bytes, next) = job.output_from(offset).unwrap();
        if bytes.is_empty() {
            return String::from_utf8(all).unwrap();
        }
        all.extend(bytes);
        offset = next;
    }
}

fn pid(job: &dyn Job) -> u32 {
    match job.state().unwrap() {
        JobState::Running { pid } => pid,
        other => panic!("it is {other:?}"),
    }
}

#[test]
fn a_job_runs_to_its_end_with_its_arguments_input_and_exit_code() {
    on_both(|machine, _| {
        let program = sh("printf '[%s]' \"$@\"; cat; printf '%s\\n' \"$V\" >&2; exit 7")
            .args(["sh", "it's", "", "a\nb", "$(id)ñ"])
            .env("V", "a\\b'c")
            .input(Input::Bytes(b"in \0\xff put\n".to_vec()));
        let job = machine.start_job("20261122-1/7", &program).unwrap();
        assert_eq!(ended(&*job), 7);
        let (bytes, next) = job.output_from(0).unwrap();
        let expected = b"[it's][][a\nb][$(id)\xc3\xb1]in \0\xff put\na\\b'c\n";
        assert_eq!(bytes, expected);
        assert_eq!(next, expected.len() as u64);
        assert_eq!(job.output_from(5).unwrap().0, expected[5..]);
        job.forget().unwrap();
        assert!(machine.find_job("20261122-1/7").unwrap().is_none());
    });
}

#[test]
fn a_job_of_the_same_key_is_never_started_twice() {
    on_both(|machine, dir| {
        let log = dir.join("starts");
        let program = sh("echo x >>\"$0\"; exec sleep 300").arg(log.to_str().unwrap());
        let job = machine.start_job("r/1", &program).unwrap();
        assert_eq!(machine.start_job("r/1", &program).err().unwrap().code, "P1014");
        assert_eq!(job.forget().unwrap_err().code, "P1014");
        let other = machine.start_job("r/11", &sh("exit 0")).unwrap();
        assert_eq!(ended(&*other), 0);
        job.end(Duration::from_secs(1)).unwrap();
        assert_eq!(ended(&*job), 128 + 15);
        // It has ended, but its key is taken until it is forgotten.
        assert_eq!(machine.start_job("r/1", &program).err().unwrap().code, "P1014");
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "x\n");
        job.forget().unwrap();
        let again = machine.start_job("r/1", &program).unwrap();
        again.end(Duration::from_secs(1)).unwrap();
        assert!(machine.find_job("r/11").unwrap().is_some());
    });
}

#[test]
fn a_start_that_fails_leaves_nothing() {
    on_both(|machine, _| {
        let error = machine.start_job("r/1", &Program::new("/no/such")).err().unwrap();
        assert_eq!(error.code, "P1008");
        assert!(machine.find_job("r/1").unwrap().is_none());
    });
}

#[test]
fn a_conversation_goes_through_the_pipe_once_for_each_tag() {
    on_both(|machine, _| {
        let program = sh("while read -r line; do echo \"<$line>\"; [ \"$line\" = end ] && exit 0; done")
            .input(Input::Open);
        let job = machine.start_job("r/1", &program).unwrap();
        job.send("ñ $x\n".as_bytes()).unwrap();
        assert!(job.send_once("at-5", b"once\n").unwrap());
        assert!(!job.send_once("at-5", b"once\n").unwrap());
        assert!(job.was_sent("at-5").unwrap() && !job.was_sent("at-6").unwrap());
        assert_eq!(job.send(&[b'x'; 5000]).unwrap_err().code, "P1026");
        job.send(b"end\n").unwrap();
        assert_eq!(ended(&*job), 0);
        assert_eq!(output(&*job), "<ñ $x>\n<once>\n<end>\n");
        assert_eq!(job.send(b"x\n").unwrap_err().code, "P1016");
        let closed = machine.start_job("r/2", &sh("exec sleep 300")).unwrap();
        assert_eq!(closed.send(b"x\n").unwrap_err().code, "P1016");
        closed.end(Duration::ZERO).unwrap();
    });
}

#[test]
fn the_end_of_a_job_takes_its_children_with_it() {
    on_both(|machine, dir| {
        let pids = dir.join("pids");
        // A child that ignores the polite request, and a grandchild in a session of its own.
        let program = sh(
            "trap '' TERM; sh -c 'setsid sleep 300 & echo $! >>\"$0\"; sleep 300' \"$0\" & echo $! >>\"$0\"; echo $$ >>\"$0\"; \
             while :; do sleep 1; done",
        )
        .arg(pids.to_str().unwrap());
        let job = machine.start_job("r/1", &program).unwrap();
        let read = || -> Vec<u32> {
            let text = std::fs::read_to_string(&pids).unwrap_or_default();
            text.lines().filter_map(|line| line.parse().ok()).collect()
        };
        until("all three run", || read().len() == 3);
        assert!(read().into_iter().all(lives));
        job.end(Duration::from_secs(1)).unwrap();
        assert!(!read().into_iter().any(lives));
        assert_eq!(job.state().unwrap(), JobState::Ended { code: 128 + 9 });
        job.end(Duration::from_secs(1)).unwrap();
    });
}

#[test]
fn a_job_that_ended_by_itself_leaves_its_daemon_alone() {
    on_both(|machine, dir| {
        let file = dir.join("daemon");
        let program = sh("sleep 300 & echo $! >\"$0\"").arg(file.to_str().unwrap());
        let job = machine.start_job("r/1", &program).unwrap();
        assert_eq!(ended(&*job), 0);
        job.end(Duration::ZERO).unwrap();
        let daemon = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        assert!(lives(daemon));
        kill("KILL", daemon);
    });
}

#[test]
fn a_recycled_process_number_is_not_taken_for_the_job() {
    on_both(|machine, dir| {
        let job = machine.start_job("r/1", &sh("exec sleep 300")).unwrap();
        let program = pid(&*job);
        let jobs = [dir.join(".procedo/jobs"), dir.join("jobs")]
            .into_iter()
            .find(|jobs| jobs.exists())
            .unwrap();
        let name = std::fs::read_to_string(jobs.join("r_2f1")).unwrap();
        let own = jobs.join(format!("r_2f1.{}", name.trim()));
        let keeper: u32 = std::fs::read_to_string(own.join("keeper"))
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        kill("KILL", keeper);
        kill("KILL", program);
        until("both are gone", || !lives(keeper) && !lives(program));
        // Another process has got their numbers: this one.
        let noted = std::fs::read_to_string(own.join("pid")).unwrap();
        let (_, since) = noted.split_once(' ').unwrap();
        for file in ["pid", "keeper"] {
            std::fs::write(own.join(file), format!("{} {since}", std::process::id())).unwrap();
        }
        assert_eq!(job.state().unwrap(), JobState::Lost);
        job.end(Duration::ZERO).unwrap();
        job.forget().unwrap();
    });
}

#[test]
fn a_job_outlives_its_keeper_and_can_still_be_ended() {
    on_both(|machine, _| {
        let job = machine.start_job("r/1", &sh("sleep 300; exit 0")).unwrap();
        let program = pid(&*job);
        let stat = std::fs::read_to_string(format!("/proc/{program}/stat")).unwrap();
        let keeper = stat
            .rsplit_once(") ")
            .unwrap()
            .1
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        kill("KILL", keeper);
        until("the keeper is gone", || !lives(keeper));
        assert_eq!(job.state().unwrap(), JobState::Running { pid: program });
        job.end(Duration::from_secs(1)).unwrap();
        assert!(!lives(program));
        assert_eq!(job.state().unwrap(), JobState::Lost);
    });
}

#[test]
fn secrets_of_a_job_are_in_no_file_and_no_process_list() {
    on_both(|machine, dir| {
        let program = sh("read -r a; [ \"$a$B\" = Ge-Heim-3Ge-Heim-4 ] && echo same; exec sleep 300")
            .env("B", "Ge-Heim-4")
            .input(Input::Bytes(b"Ge-Heim-3\n".to_vec()));
        let job = machine.start_job("r/1", &program).unwrap();
        until("it has read", || output(&*job) == "same\n");
        assert!(!holds(&seen_in_process_list(), "Ge-Heim"));
        assert!(!on_disk(dir, "Ge-Heim"));
        job.end(Duration::ZERO).unwrap();
        assert!(!on_disk(dir, "Ge-Heim"));
    });
}

#[test]
fn a_start_that_was_cut_off_before_its_keeper_came_is_given_up_for_good() {
    let site = folder();
    let machine = local(site.path());
    let jobs = site.path().join(".procedo/jobs");
    let own = jobs.join("r_2f1.abc");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("ticket"), "").unwrap();
    std::fs::write(own.join("name"), "abc\n").unwrap();
    std::fs::hard_link(own.join("name"), jobs.join("r_2f1")).unwrap();
    assert_eq!(machine.start_job("r/1", &sh("true")).err().unwrap().code, "P1014");
    assert!(machine.find_job("r/1").unwrap().is_none());
    assert_eq!(std::fs::read_dir(&jobs).unwrap().count(), 0);
}

/// Not a test of its own: what is killed in the next one.
#[test]
#[ignore = "started by another test"]
fn owner() {
    let Some(site) = std::env::var_os("TEST_SITE") else {
        return;
    };
    let machine = local(Path::new(&site));
    let program = sh("echo started; i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo \"line $i\"; done; read -r x; echo \"got $x\"")
        .input(Input::Open);
    let _job = machine.start_job("r/1", &program).unwrap();
    std::fs::write(Path::new(&site).join("started"), "").unwrap();
    loop {
        std::thread::park();
    }
}

#[test]
fn a_job_whose_owner_is_killed_is_found_again_with_all_its_output() {
    let site = folder();
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "jobs::owner", "--ignored"])
        .env("TEST_SITE", site.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the job was started", || site.path().join("started").exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    let machine = local(site.path());
    let job = machine.find_job("r/1").unwrap().expect("it was started");
    assert!(matches!(job.state().unwrap(), JobState::Running { .. }));
    assert_eq!(
        machine.start_job("r/1", &sh("echo twice")).err().unwrap().code,
        "P1014"
    );
    assert!(job.send_once("at-1", b"on\n").unwrap());
    assert_eq!(ended(&*job), 0);
    let lines: String = (1..=2000).map(|i| format!("line {i}\n")).collect();
    assert_eq!(output(&*job), format!("started\n{lines}got on\n"));
}

#[test]
fn the_folder_of_jobs_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let site = folder();
    let machine = local(site.path());
    let job = machine.start_job("r/1", &sh("echo x")).unwrap();
    ended(&*job);
    let jobs = site.path().join(".procedo/jobs");
    for entry in std::fs::read_dir(&jobs).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
    assert_eq!(std::fs::metadata(&jobs).unwrap().permissions().mode() & 0o077, 0);
    let _: &dyn Machine = &*machine;
}
