//! A site with this machine and an SSH server of its own on loopback.

use procedo_core::value::Value;
use procedo_machine::{Machine, Machines, NoSecrets, Secrets};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Waits until something is so; fails after 20 seconds.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// A folder that is removed in the end.
pub fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("procedo-test-")
        .tempdir()
        .unwrap()
}

/// The machine that the tests run on.
pub fn local(site: &Path) -> Arc<dyn Machine> {
    let resources = BTreeMap::from([("main".to_owned(), json!({"driver": "local"}))]);
    let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
    Machines::open(&resources, site, &secrets)
        .unwrap()
        .get("main")
        .unwrap()
}

/// An SSH server on loopback with keys of its own.
pub struct Server {
    pub dir: TempDir,
    pub port: u16,
    sshd: Child,
}

fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

fn keygen(file: &Path, passphrase: &str) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f"])
        .arg(file)
        .status()
        .unwrap();
    assert!(made.success());
}

pub fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Server {
    pub fn start() -> Self {
        Self::with(|_| String::new())
    }

    /// The same, but whatever is asked for, it starts one command. It is told the server's folder.
    pub fn forced(command: impl Fn(&Path) -> String) -> Self {
        Self::with(|dir| format!("ForceCommand {}\n", command(dir)))
    }

    fn with(more: impl Fn(&Path) -> String) -> Self {
        // Where Debian's sshd separates its privileges; made by its package's service, which does not run here.
        let _ = std::fs::create_dir_all("/run/sshd");
        let dir = folder();
        let path = |name: &str| dir.path().join(name);
        for key in ["host", "user", "stranger"] {
            keygen(&path(key), "");
        }
        keygen(&path("locked"), "Ábrete 7");
        let public = |name: &str| std::fs::read_to_string(path(&format!("{name}.pub"))).unwrap();
        std::fs::write(path("authorized"), public("user") + &public("locked")).unwrap();
        loop {
            let port = free_port();
            let settings = format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {authorized}\nPidFile none\n\
                 UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
                 PermitRootLogin yes\nLogLevel ERROR\nUseDNS no\n{more}",
                host = path("host").display(),
                authorized = path("authorized").display(),
                more = more(dir.path()),
            );
            std::fs::write(path("sshd.conf"), settings).unwrap();
            let mut sshd = Command::new("/usr/sbin/sshd")
                .args(["-D", "-e", "-f"])
                .arg(path("sshd.conf"))
                .stderr(std::fs::File::create(path("sshd.log")).unwrap())
                .stdin(Stdio::null())
                .spawn()
                .expect("openssh-server is installed");
            let mut serves = false;
            until("sshd serves, or has found its port taken", || {
                serves = TcpStream::connect(("127.0.0.1", port)).is_ok();
                serves || sshd.try_wait().unwrap().is_some()
            });
            if serves && sshd.try_wait().unwrap().is_none() {
                return Self { dir, port, sshd };
            }
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn settings(&self) -> Value {
        json!({
            "driver": "ssh",
            "address": "127.0.0.1",
            "port": self.port,
            "user": user(),
            "host-key": std::fs::read_to_string(self.path("host.pub")).unwrap(),
            "key-file": self.path("user"),
            "jobs": self.path("jobs"),
        })
    }

    /// The machine with some settings changed.
    pub fn machine_with(&self, changes: Value, secrets: Arc<dyn Secrets>) -> Arc<dyn Machine> {
        let mut settings = self.settings();
        for (name, value) in changes.as_object().unwrap() {
            settings[name] = value.clone();
        }
        settings
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        let resources = BTreeMap::from([("remote".to_owned(), settings)]);
        Machines::open(&resources, self.dir.path(), &secrets)
            .unwrap()
            .get("remote")
            .unwrap()
    }

    pub fn machine(&self) -> Arc<dyn Machine> {
        self.machine_with(json!({}), Arc::new(NoSecrets))
    }

    /// Ends the server; the connections that it has accepted live on in processes of their own.
    pub fn stop(&mut self) {
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }

    /// The processes that serve its connections.
    pub fn connections(&self) -> Vec<u32> {
        children(self.sshd.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for pid in self.connections() {
            kill("KILL", pid);
        }
        self.stop();
    }
}

/// The children of a process.
pub fn children(parent: u32) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let parent_of = |pid: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(") ")?;
        rest.split(' ').nth(1)?.parse().ok()
    };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| parent_of(*pid) == Some(parent))
        .collect()
}

/// Whether a process lives: a zombie does not.
pub fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('Z'))
    })
}

pub fn kill(signal: &str, pid: u32) {
    let _ = Command::new("kill")
        .args(["-s", signal, &pid.to_string()])
        .stderr(Stdio::null())
        .status();
}

/// All command lines and environments that can be seen on this machine now.
pub fn seen_in_process_list() -> Vec<u8> {
    let mut seen = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        if entry
            .file_name()
            .to_string_lossy()
            .bytes()
            .all(|b| b.is_ascii_digit())
            && entry.file_name().to_string_lossy() != std::process::id().to_string()
        {
            let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            // A test beside this one makes its keys with a tool that takes the passphrase nowhere else.
            if !command.starts_with(b"ssh-keygen") {
                seen.extend(command);
                seen.push(b'\n');
            }
        }
    }
    seen
}

pub fn holds(whole: &[u8], part: &str) -> bool {
    whole.windows(part.len()).any(|window| window == part.as_bytes())
}

/// Whether a text is in any file below a folder.
pub fn on_disk(folder: &Path, part: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| {
        // What is removed meanwhile holds nothing.
        let Ok(kind) = entry.file_type() else {
            return false;
        };
        if kind.is_dir() {
            on_disk(&entry.path(), part)
        } else {
            kind.is_file() && holds(&std::fs::read(entry.path()).unwrap_or_default(), part)
        }
    })
}

/// A test for this machine and for the same one reached by SSH.
pub fn on_both(test: impl Fn(&dyn Machine, &Path)) {
    let site = folder();
    test(&*local(site.path()), site.path());
    let server = Server::start();
    test(&*server.machine(), server.dir.path());
}
