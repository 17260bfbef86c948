//! Starting, looking at and stopping the services of a server, and switching it off and on.

use crate::machine::service::DETACHED;
use crate::machine::{Home, Kind, SERVERS, Said, Server, about};
use crate::state;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::fs::OpenOptions;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a service may take to start on a machine under load.
const START: Duration = Duration::from_secs(30);
/// How long services may take to stop before they are killed.
const STOP: Duration = Duration::from_secs(5);
/// How long to wait between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// How a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its name.
    pub name: &'static str,
    /// Whether it is switched on.
    pub on: bool,
    /// Its services, each with its process if it runs.
    pub services: Vec<(&'static str, Option<i32>)>,
}

/// The server of this name.
pub fn named(name: &str) -> Option<&'static Server> {
    SERVERS.iter().find(|server| server.name == name)
}

/// How a server is now.
pub fn look(home: &Home, server: &Server) -> Condition {
    Condition {
        name: server.name,
        on: !home.off_file().exists(),
        services: server
            .services
            .iter()
            .map(|kind| (kind.name, lives(home, kind.name)))
            .collect(),
    }
}

/// The process of a service, if it runs. A number alone means nothing: the process must be one of this server's.
pub fn lives(home: &Home, service: &str) -> Option<i32> {
    let noted = std::fs::read_to_string(home.pid_file(service)).ok()?;
    let pid: i32 = noted.lines().next()?.trim().parse().ok()?;
    let is_ours = || {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        let folder = home.path().to_str()?.as_bytes();
        words
            .windows(3)
            .any(|three| three == [b"service".as_slice(), folder, service.as_bytes()])
            .then_some(())
    };
    is_ours()?;
    state::started(pid).map(|_| pid)
}

/// Starts a service that does not run, and waits until it does.
fn start(home: &Home, kind: &Kind) -> Said<()> {
    if lives(home, kind.name).is_some() {
        return Ok(());
    }
    let log_path = home.log_file(kind.name);
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&log_path)
        .map_err(about(&log_path))?;
    let errors = log.try_clone().map_err(about(&log_path))?;
    let program = home.path().with_file_name("program");
    let mut child = Command::new(&program)
        .arg("service")
        .arg(home.path())
        .arg(kind.name)
        .env(DETACHED, "1")
        // Where a command restarts the server, its services are none of the command's processes.
        .env_remove("PROCEDO_JOB")
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .map_err(about(&program))?;
    let pid = child.id().to_string();
    let until = Instant::now() + START;
    loop {
        let noted = std::fs::read_to_string(home.pid_file(kind.name)).unwrap_or_default();
        if noted.lines().next() == Some(&pid) {
            break;
        }
        let ended = child.try_wait().map_err(about(&program))?.is_some();
        if ended || Instant::now() > until {
            // It is our own child, so this cannot meet another process.
            let _ = child.kill();
            let _ = child.wait();
            let said = std::fs::read_to_string(&log_path).unwrap_or_default();
            let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("–");
            return Err(format!("{}: {last}", kind.name));
        }
        std::thread::sleep(LOOK);
    }
    // Whoever started it and lives on takes note of its end, so that no dead entry stays in the table of processes.
    std::thread::spawn(move || child.wait());
    Ok(())
}

/// Starts all services of a server that is on, in their order.
pub fn up(home: &Home, server: &Server) -> Said<()> {
    if home.off_file().exists() {
        return Ok(());
    }
    server.services.iter().try_for_each(|kind| start(home, kind))
}

/// Starts the services of a server as its operating system does when it comes up: those that do not start are left.
pub fn boot(home: &Home, server: &Server) {
    for kind in server.services {
        if let Err(reason) = start(home, kind) {
            home.happened(&format!("failed {reason}"));
        }
    }
}

/// Sends a signal to those services that run; tells whether there are any.
fn tell(home: &Home, server: &Server, signal: Signal) -> bool {
    let mut any = false;
    for kind in server.services.iter().rev() {
        let pid = lives(home, kind.name).and_then(Pid::from_raw);
        let process = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        // Looked at once more: what is told to stop is the process that the descriptor holds.
        if let Some(process) = process.filter(|_| lives(home, kind.name).is_some()) {
            any = true;
            // It may have ended meanwhile.
            let _ = pidfd_send_signal(&process, signal);
        }
    }
    any
}

fn wait_until_all_ended(home: &Home, server: &Server, at_most: Duration) -> bool {
    let until = Instant::now() + at_most;
    loop {
        if server
            .services
            .iter()
            .all(|kind| lives(home, kind.name).is_none())
        {
            return true;
        }
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(LOOK);
    }
}

/// Stops all services of a server, by force if they do not want to; tells whether any ran.
pub fn down(home: &Home, server: &Server) -> Said<bool> {
    if !tell(home, server, Signal::TERM) {
        return Ok(false);
    }
    if wait_until_all_ended(home, server, STOP) {
        return Ok(true);
    }
    tell(home, server, Signal::KILL);
    if wait_until_all_ended(home, server, STOP) {
        Ok(true)
    } else {
        Err(format!("services of {} do not end", server.name))
    }
}

/// Switches a server off. Its operating system does not wait for services: those that run are killed, and a database that
/// ran is taken note of, for that is how it gets damaged (guide, section 6.1).
pub fn switch_off(home: &Home, server: &Server) -> Said<()> {
    let off = home.off_file();
    if off.exists() {
        return Ok(());
    }
    let running: Vec<&str> = server
        .services
        .iter()
        .map(|kind| kind.name)
        .filter(|name| lives(home, name).is_some())
        .collect();
    std::fs::write(&off, "").map_err(about(&off))?;
    tell(home, server, Signal::KILL);
    wait_until_all_ended(home, server, STOP);
    home.happened("off");
    for service in running {
        home.happened(&format!("killed {service}"));
    }
    Ok(())
}

/// Switches a server on. Services are not started with it: what was stopped for maintenance stays so until it is over.
pub fn switch_on(home: &Home) -> Said<()> {
    let off = home.off_file();
    match std::fs::remove_file(&off) {
        Ok(()) => home.happened("on"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(about(&off)(error)),
    }
    Ok(())
}
