//! An SSH server on loopback with keys of its own, which can be taken away and brought back.

use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use tempfile::TempDir;

/// The server. It ends with the test, however that ends.
pub struct Sshd {
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
    pub fn start() -> Arc<Self> {
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

    /// What a site says of the machine; it is tried again for so many seconds.
    pub fn settings(&self, reconnect: u64) -> Value {
        let user = Command::new("id").arg("-un").output().unwrap();
        json!({
            "driver": "ssh",
            "address": "127.0.0.1",
            "port": self.port,
            "user": String::from_utf8(user.stdout).unwrap().trim(),
            "host-key": std::fs::read_to_string(self.dir.path().join("host.pub")).unwrap(),
            "key-file": self.dir.path().join("user"),
            "jobs": self.dir.path().join("jobs"),
            "reconnect": reconnect,
        })
    }

    /// Ends the server with the connections that it serves.
    pub fn stop(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            for connection in children(process.id()) {
                let _ = Command::new("kill").args(["-KILL", &connection]).status();
            }
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it again after it was stopped.
    pub fn come_back(&self) {
        let process = serve(self.dir.path(), self.port);
        assert!(process.is_some(), "its port is free again");
        *self.process.lock().unwrap() = process;
    }

    /// Takes the server away until somebody has tried in vain to reach it.
    pub fn away_for_one_try(self: &Arc<Self>) -> thread::JoinHandle<()> {
        self.stop();
        let refusing = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        let this = Arc::clone(self);
        thread::spawn(move || {
            drop(refusing.accept().unwrap());
            drop(refusing);
            this.come_back();
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
