//! The lab's web server as a process of its own: start it, look at it, stop it.

use crate::on_path;
use crate::server::{Server, TOKEN_HEADER};
use crate::site::Lab;
use crate::state::{self, State, Status};
use procedo_core::{Error, Kind, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Set for a server that [`up`] starts, so that it leaves the terminal of whoever started it.
const DETACHED: &str = "PROCEDO_LAB_DETACHED";

/// How long a server may take until it serves, on a machine under load.
const START: Duration = Duration::from_secs(30);
/// How long it may take to stop once it was asked, before it is asked by a signal.
const STOP: Duration = Duration::from_secs(5);
/// How long it may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// What became of [`up`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// Where it is.
    pub state: State,
    /// Whether it was running before.
    pub already: bool,
}

/// Serves the lab in a folder until it is asked to stop. Once it listens, it writes one line of JSON to the standard output.
/// `P0905` if another process serves it.
pub fn serve_forever(dir: &Path, port: Option<u16>) -> Result<()> {
    let mut lab = Lab::open(dir)?;
    let dir = lab.dir.clone();
    let _serving = serving(&dir)?;
    if std::env::var_os(DETACHED).is_some() {
        // Fails only for the leader of a process group, which a process that `up` starts is not.
        let _ = rustix::process::setsid();
    }
    let server = Server::bind(&mut lab, port)?;
    let pid = rustix::process::getpid().as_raw_nonzero().get();
    let running = State {
        pid,
        started: state::started(pid).unwrap_or_default(),
        port: server.port(),
        url: server.url(),
        token: server.token().to_owned(),
    };
    state::write(&dir, &running)?;
    // Whoever started it may be gone; that is no reason not to serve.
    let _ = writeln!(
        std::io::stdout(),
        "{}",
        serde_json::json!({"pid": pid, "port": running.port, "url": running.url})
    );
    let _ = std::io::stdout().flush();
    let served = server.serve();
    state::remove(&dir)?;
    served
}

/// Takes the right to serve. Whoever asks for the status holds it for a moment; that is waited for.
fn serving(dir: &Path) -> Result<File> {
    for _ in 0..20 {
        if let Some(serving) = state::serving(dir)? {
            return Ok(serving);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(Error::new(Kind::Conflict, "P0905").with("path", dir.display()))
}

/// Starts the lab's server as a process of its own: `program` with `arguments`, which must call [`serve_forever`] for the
/// same folder. Returns when it answers. Twice is as good as once.
pub fn up(dir: &Path, program: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<Started> {
    let lab = Lab::open(dir)?;
    let _changing = state::changing(&lab.dir)?;
    if let Status::Up(state) = status(&lab.dir)? {
        return Ok(Started { state, already: true });
    }
    let log_path = state::log_file(&lab.dir);
    let log = File::create(&log_path).map_err(on_path(&log_path))?;
    let mut child = Command::new(program)
        .args(arguments)
        .env(DETACHED, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .map_err(on_path(program))?;
    let said = child.stdout.take().map(first_line).unwrap_or_default();
    if said.is_none_or(|line| line.is_empty()) {
        // It ended without serving, or hangs; it is our own child, so this cannot meet another process.
        let _ = child.kill();
        let _ = child.wait();
        let log = std::fs::read_to_string(&log_path).unwrap_or_default();
        let reason = log
            .lines()
            .rfind(|line| !line.trim().is_empty())
            .unwrap_or("-")
            .to_owned();
        return Err(Error::new(Kind::Failed, "P0903").with("reason", reason));
    }
    // Whoever started it and lives on takes note of its end, so that no dead entry stays in the table of processes.
    std::thread::spawn(move || child.wait());
    let state = state::read(&lab.dir)?;
    if !answers(&state) {
        return Err(Error::new(Kind::Unavailable, "P0903").with("reason", state.url));
    }
    Ok(Started {
        state,
        already: false,
    })
}

/// The first line that a process says; none if it says nothing in time.
fn first_line(out: std::process::ChildStdout) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(out).read_line(&mut line);
        // Nobody listens any more if it took too long.
        let _ = sender.send(read.map(|_| line));
    });
    receiver.recv_timeout(START).ok()?.ok()
}

/// Whether the lab in a folder runs, and where.
pub fn status(dir: &Path) -> Result<Status> {
    let dir = Lab::open(dir)?.dir;
    // Free to be locked: nobody serves. It is given back at once.
    if state::serving(&dir)?.is_some() {
        return Ok(Status::Down);
    }
    state::read(&dir).map(Status::Up)
}

/// Stops the lab in a folder; tells whether it ran. A process is only ever stopped if it is the one that the lab started
/// (`P0906`).
pub fn down(dir: &Path) -> Result<bool> {
    let dir = Lab::open(dir)?.dir;
    let _changing = state::changing(&dir)?;
    let Status::Up(state) = status(&dir)? else {
        // A server that was killed could not take it away.
        state::remove(&dir)?;
        return Ok(false);
    };
    let stranger = || {
        Error::new(Kind::Conflict, "P0906")
            .with("pid", state.pid)
            .with("path", dir.display())
    };
    let pid = Pid::from_raw(state.pid).ok_or_else(stranger)?;
    let process = pidfd_open(pid, PidfdFlags::empty()).map_err(|_| stranger())?;
    // After opening it: what is compared is the process that the descriptor holds, whoever gets its number later.
    if state::started(state.pid) != Some(state.started) {
        return Err(stranger());
    }
    let asked = agent()
        .post(format!("http://127.0.0.1:{}/lab/stop", state.port))
        .header(TOKEN_HEADER, &state.token)
        .send_empty();
    let ended = asked.is_ok() && has_ended(&process, STOP)
        || [Signal::TERM, Signal::KILL].into_iter().any(|signal| {
            // It may have ended meanwhile; then waiting for it tells so.
            let _ = pidfd_send_signal(&process, signal);
            has_ended(&process, STOP)
        });
    if !ended {
        return Err(Error::new(Kind::TimedOut, "P0904").with("pid", state.pid));
    }
    state::remove(&dir)?;
    Ok(true)
}

/// Waits until a process has ended, at most so long.
fn has_ended(process: &OwnedFd, at_most: Duration) -> bool {
    let until = std::time::Instant::now() + at_most;
    loop {
        let left = until.saturating_duration_since(std::time::Instant::now());
        let Ok(left) = Timespec::try_from(left) else {
            return false;
        };
        let mut watched = [PollFd::new(process, PollFlags::IN)];
        match poll(&mut watched, Some(&left)) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(count) => return count > 0,
            Err(_) => return false,
        }
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .proxy(None)
        .timeout_global(Some(ANSWER))
        .build();
    ureq::Agent::new_with_config(config)
}

/// Whether the server answers, and is the one of this state.
fn answers(state: &State) -> bool {
    let answer = agent()
        .get(format!("http://127.0.0.1:{}/lab/status", state.port))
        .call();
    let text = answer.and_then(|mut answer| answer.body_mut().read_to_string());
    let value: Option<serde_json::Value> = text.ok().and_then(|text| serde_json::from_str(&text).ok());
    value.is_some_and(|value| value["lab"] == true && value["pid"] == state.pid)
}
