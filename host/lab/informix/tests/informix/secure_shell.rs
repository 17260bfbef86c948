//! A server on a machine that is reached by SSH: the same, also when the connection is cut.

use crate::support::{Bench, code, statement};
use procedo_core::change::Probe;
use procedo_lab_informix::Faults;
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use tempfile::TempDir;

/// An SSH server on loopback with keys of its own.
struct Sshd {
    dir: TempDir,
    port: u16,
    process: Mutex<Option<Child>>,
}

fn keygen(file: &Path) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"])
        .arg(file)
        .status()
        .unwrap();
    assert!(made.success());
}

impl Sshd {
    fn start() -> Arc<Self> {
        // Where Debian's sshd separates its privileges; made by its package's service, which does not run here.
        let _ = std::fs::create_dir_all("/run/sshd");
        let dir = tempfile::Builder::new()
            .prefix("procedo-test-")
            .tempdir()
            .unwrap();
        for key in ["host", "user"] {
            keygen(&dir.path().join(key));
        }
        std::fs::copy(dir.path().join("user.pub"), dir.path().join("authorized")).unwrap();
        loop {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = free.local_addr().unwrap().port();
            drop(free);
            let settings = format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host\nAuthorizedKeysFile {0}/authorized\nPidFile none\n\
                 UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
                 PermitRootLogin yes\nLogLevel ERROR\nUseDNS no\n",
                dir.path().display()
            );
            std::fs::write(dir.path().join("sshd.conf"), settings).unwrap();
            if let Some(process) = serve(dir.path(), port) {
                return Arc::new(Self {
                    dir,
                    port,
                    process: Mutex::new(Some(process)),
                });
            }
        }
    }

    fn settings(&self) -> Value {
        let user = Command::new("id").arg("-un").output().unwrap();
        json!({
            "driver": "ssh",
            "address": "127.0.0.1",
            "port": self.port,
            "user": String::from_utf8(user.stdout).unwrap().trim(),
            "host-key": std::fs::read_to_string(self.dir.path().join("host.pub")).unwrap(),
            "key-file": self.dir.path().join("user"),
            "jobs": self.dir.path().join("jobs"),
        })
    }

    /// Ends the server with the connections that it serves.
    fn stop(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            for connection in children(process.id()) {
                let _ = Command::new("kill").args(["-KILL", &connection]).status();
            }
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Takes the server away until somebody has tried in vain to reach it.
    fn away_for_one_try(self: &Arc<Self>) -> thread::JoinHandle<()> {
        self.stop();
        let refusing = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        let this = Arc::clone(self);
        thread::spawn(move || {
            drop(refusing.accept().unwrap());
            drop(refusing);
            *this.process.lock().unwrap() = serve(this.dir.path(), this.port);
            assert!(this.process.lock().unwrap().is_some(), "its port is free again");
        })
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The children of a process.
fn children(parent: u32) -> Vec<String> {
    let is_child = |pid: &String| {
        // The parent's number is the second after the name, which is in parentheses (proc(5)).
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
            let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            rest.split(' ').nth(1) == Some(parent.to_string().as_str())
        })
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| process.file_name().into_string().ok())
        .filter(is_child)
        .collect()
}

/// Starts the server; none if its port is taken.
fn serve(dir: &Path, port: u16) -> Option<Child> {
    let mut process = Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-f"])
        .arg(dir.join("sshd.conf"))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssh-server is installed");
    loop {
        if process.try_wait().unwrap().is_some() {
            return None;
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(process);
        }
        thread::yield_now();
    }
}

#[test]
fn a_backup_goes_on_while_the_connection_to_the_machine_is_cut() {
    let sshd = Sshd::start();
    let mut bench = Bench::on("file", sshd.settings());
    bench.faults(&Faults {
        hold_at: Some(50),
        ..Faults::default()
    });
    let cut = Arc::new(Mutex::new(None));
    bench.watch = Box::new({
        let (sshd, cut) = (Arc::clone(&sshd), Arc::clone(&cut));
        move |bench, percent| {
            let mut cut = cut.lock().unwrap();
            if percent == 50 && cut.is_none() {
                *cut = Some(sshd.away_for_one_try());
                bench.open_gate();
            }
        }
    });
    let record = bench.backup(0).unwrap();
    assert_eq!(record["verified"], true);
    cut.lock().unwrap().take().expect("it was cut").join().unwrap();
    assert_eq!(bench.lab.state().unwrap().started_archives, 1);
    assert_eq!(bench.list(), ["main-0001-L0"]);
}

#[test]
fn a_statement_to_a_machine_that_was_never_reached_was_not_made() {
    let sshd = Sshd::start();
    let mut bench = Bench::on("file", sshd.settings());
    sshd.stop();
    let args = statement("DELETE FROM report_contact", &[]);
    let change = bench.intent("execute", &args).unwrap();
    assert_eq!(code(bench.perform("execute", &args, &change)), "P1004");
    assert_eq!(bench.probe("execute", &args, &change), Probe::NotApplied);
}
