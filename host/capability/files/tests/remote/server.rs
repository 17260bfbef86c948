//! An SSH server on loopback with keys of its own.

use procedo_machine::{Machines, NoSecrets, Secrets};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
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

/// The server. It ends, and its folder goes, when the pipe that this process holds is closed: also when a test fails, or is
/// killed, and when nobody drops it.
pub struct Server {
    dir: PathBuf,
    port: u16,
    pid: u32,
    keeper: Child,
}

fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// $1: the settings; $2: the folder. Connections end with those who made them.
const KEEPER: &str = r#"
exec 3<&0
/usr/sbin/sshd -D -e -f "$1" 3<&- </dev/null 2>"$2/sshd.log" &
server=$!
echo "$server"
cat <&3 >/dev/null
kill -s KILL "$server" 2>/dev/null
rm -rf "$2"
"#;

/// Lets every command through; $1: the folder. If it is told so, it cuts the connection where a change has been made.
const GATE: &str = r#"
[ -e "$1/armed" ] || exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
case $SSH_ORIGINAL_COMMAND in *'read -r s'*) ;; *) exec /bin/sh -c "$SSH_ORIGINAL_COMMAND" ;; esac
IFS= read -r script
case $script in
*'All has arrived'*) ;;
*)
    { printf '%s\n' "$script"; exec cat; } | /bin/sh -c "$SSH_ORIGINAL_COMMAND"
    exit
    ;;
esac
{ printf '%s\n' "$script"; exec cat; } | /bin/sh -c "$SSH_ORIGINAL_COMMAND" >/dev/null 2>&1
rm "$1/armed"
kill -s KILL "$PPID"
"#;

impl Server {
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// With a variable in the environment of what it starts.
    pub fn start_with(variable: &str) -> Self {
        // Where Debian's sshd separates its privileges; made by its package's service, which does not run here.
        let _ = std::fs::create_dir_all("/run/sshd");
        let dir = TempDir::with_prefix("procedo-test-").unwrap().keep();
        let path = |name: &str| dir.join(name);
        for key in ["host", "user"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"])
                .arg(path(key))
                .status()
                .unwrap();
            assert!(made.success());
        }
        std::fs::write(path("gate"), GATE).unwrap();
        let port = free_port();
        // From this level on, bash reads no ~/.bashrc: what somebody has in theirs is not what is tried here.
        let settings = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {user}.pub\nPidFile none\n\
             UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitRootLogin yes\nLogLevel ERROR\nUseDNS no\nForceCommand exec /bin/sh {gate} {dir}\n\
             SetEnv SHLVL=2 {variable}\n",
            host = path("host").display(),
            user = path("user").display(),
            gate = path("gate").display(),
            dir = dir.display(),
        );
        std::fs::write(path("sshd.conf"), settings).unwrap();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(path("sshd.conf"))
            .arg(&dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(keeper.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let server = Self {
            dir,
            port,
            pid: line.trim().parse().unwrap(),
            keeper,
        };
        let mut serves = false;
        until("sshd serves, or has found its port taken", || {
            serves = TcpStream::connect(("127.0.0.1", port)).is_ok();
            serves || !lives(server.pid)
        });
        if serves && lives(server.pid) {
            server
        } else {
            drop(server);
            Self::start_with(variable)
        }
    }

    /// Cuts all connections; the server goes on.
    pub fn cut(&self) {
        for pid in children(self.pid) {
            let _ = Command::new("kill")
                .args(["-s", "KILL", &pid.to_string()])
                .status();
        }
    }

    /// Cuts the connection just after the next script that puts or removes something has done its work, before its answer.
    pub fn cut_after_the_next_change(&self) {
        std::fs::write(self.dir.join("armed"), "").unwrap();
    }

    /// Whether it has done so.
    pub fn was_cut(&self) -> bool {
        !self.dir.join("armed").exists()
    }

    /// The machines of a site with this one.
    pub fn machines(&self) -> Machines {
        let user = Command::new("id").arg("-un").output().unwrap();
        let settings = json!({
            "driver": "ssh",
            "address": "127.0.0.1",
            "port": self.port,
            "user": String::from_utf8(user.stdout).unwrap().trim(),
            "host-key": std::fs::read_to_string(self.dir.join("host.pub")).unwrap(),
            "key-file": self.dir.join("user"),
            "jobs": self.dir.join("jobs"),
        });
        let resources = BTreeMap::from([("remote".to_owned(), settings)]);
        let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
        Machines::open(&resources, Path::new("/nowhere/site"), &secrets).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.cut();
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Whether a process lives: a zombie does not.
pub fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('Z'))
    })
}

/// The children of a process.
fn children(parent: u32) -> Vec<u32> {
    let parent_of = |pid: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(") ")?;
        rest.split(' ').nth(1)?.parse().ok()
    };
    let processes = std::fs::read_dir("/proc").unwrap();
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| parent_of(*pid) == Some(parent))
        .collect()
}
