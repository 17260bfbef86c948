//! An SSH server on loopback with keys of its own, which ends with its test.

use crate::process::{children, kill};
use crate::site::temporary;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long it may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// An SSH server.
pub struct Sshd {
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Sshd {
    /// One that serves.
    pub fn start() -> Self {
        // Where Debian's sshd separates its privileges; made by its package's service, which does not run in every test.
        let _ = std::fs::create_dir_all("/run/sshd");
        let folder = temporary();
        for key in ["host", "user"] {
            keygen(&folder.path().join(key));
        }
        loop {
            let port = TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port();
            // Another program may have taken the port meanwhile.
            if let Some(process) = serve(folder.path(), port) {
                return Self {
                    folder,
                    port,
                    process,
                };
            }
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its public key.
    pub fn host_key(&self) -> String {
        let key = std::fs::read_to_string(self.folder.path().join("host.pub")).unwrap();
        key.trim().to_owned()
    }

    /// The private key that it lets in.
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("user")
    }
}

impl Sshd {
    /// Is gone until somebody has tried in vain to connect, as a machine that is restarted is.
    pub fn restart(&mut self) {
        self.end();
        let nobody = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        // Whoever tries is hung up on.
        drop(nobody.accept().unwrap());
        drop(nobody);
        self.process = serve(self.folder.path(), self.port).expect("the port is its own");
    }

    /// Ends it and the connections that it serves.
    fn end(&mut self) {
        for connection in children(self.process.id()) {
            for below in children(connection) {
                kill("KILL", &below.to_string());
            }
            kill("KILL", &connection.to_string());
        }
        // Both fail only where it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.end();
    }
}

fn keygen(file: &Path) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"])
        .arg(file)
        .status()
        .unwrap();
    assert!(made.success());
}

/// A server on this port, unless the port is taken.
fn serve(folder: &Path, port: u16) -> Option<Child> {
    let settings = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host\nAuthorizedKeysFile {0}/user.pub\nPidFile none\nUsePAM no\n\
         StrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n\
         LogLevel ERROR\nUseDNS no\n",
        folder.display()
    );
    let file = folder.join("sshd.conf");
    std::fs::write(&file, settings).unwrap();
    let mut process = Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-f"])
        .arg(&file)
        .stdin(Stdio::null())
        .stderr(std::fs::File::create(folder.join("log")).unwrap())
        .spawn()
        .expect("openssh-server is installed");
    let until = Instant::now() + PATIENCE;
    loop {
        if process.try_wait().unwrap().is_some() {
            return None;
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            // Whoever has the port answers, too.
            return process.try_wait().unwrap().is_none().then_some(process);
        }
        assert!(Instant::now() < until, "sshd does not listen");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}
