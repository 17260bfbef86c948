//! The way to a machine by the system's OpenSSH client.
//!
//! One connection serves all exchanges (`ControlMaster`). It carries a `cat` that ends with our end of its pipe, so that no
//! connection outlives Procedo, however it ends. The server's key is the one that the site pins, and no other; the user's own
//! `ssh_config` and `known_hosts` are not read. A password or passphrase goes through a pipe in a folder of its own, by a
//! program that `ssh` calls (`SSH_ASKPASS`): it is never in a file, an environment or a command line.

use crate::api::Secrets;
use crate::exchange::random_name;
use crate::posix::Shell;
use crate::settings::{Login, SshSettings};
use crate::sh::BOOT;
use procedo_core::{Error, Kind, Result};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// How long connecting and logging in may take.
const CONNECT: Duration = Duration::from_secs(30);
/// How much of what `ssh` says is kept.
const MOST_SAID: u64 = 16 << 10;
/// Reads one line from the pipe beside it; a builtin prints it, so that it is in no process list.
const ASKPASS: &str = "#!/bin/sh\nIFS= read -r answer <\"${0%/*}/answer\" && printf '%s\\n' \"$answer\"\n";

/// A machine that is reached by SSH.
pub(crate) struct Ssh {
    name: String,
    settings: SshSettings,
    secrets: Arc<dyn Secrets>,
    /// The command that holds a connection: says the mark it is given, and ends with its input.
    greeting: fn(&str) -> String,
    connection: Mutex<Option<Connection>>,
}

/// A connection that is open. Dropping it closes it.
struct Connection {
    master: Child,
    folder: TempDir,
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.master.kill();
        let _ = self.master.wait();
    }
}

impl Ssh {
    pub(crate) fn new(
        name: &str,
        settings: SshSettings,
        secrets: &Arc<dyn Secrets>,
        greeting: fn(&str) -> String,
    ) -> Self {
        Self {
            name: name.to_owned(),
            settings,
            secrets: Arc::clone(secrets),
            greeting,
            connection: Mutex::new(None),
        }
    }

    fn error(&self, kind: Kind, code: &str, reason: impl std::fmt::Display) -> Error {
        Error::new(kind, code)
            .with("machine", &self.name)
            .with("address", self.settings.place())
            .with("reason", reason)
    }

    /// `ssh` with what is the same for all connections. Options given here win over all later ones.
    fn ssh(&self, folder: &Path) -> Command {
        let settings = &self.settings;
        let mut command = Command::new("ssh");
        let known = folder.join("known");
        let login = match &settings.login {
            Login::Agent => "IdentitiesOnly=no".to_owned(),
            Login::Key { .. } | Login::Password(_) => "IdentityAgent=none".to_owned(),
        };
        command
            .args(["-F", "/dev/null", "-T", "-o", "StrictHostKeyChecking=yes"])
            .args(["-o", &format!("UserKnownHostsFile=\"{}\"", known.display())])
            .args([
                "-o",
                "GlobalKnownHostsFile=/dev/null",
                "-o",
                "HostKeyAlias=machine",
            ])
            .args([
                "-o",
                "CheckHostIP=no",
                "-o",
                "UpdateHostKeys=no",
                "-o",
                "LogLevel=ERROR",
            ])
            .args(["-o", &format!("ConnectTimeout={}", CONNECT.as_secs() / 2)])
            .args(["-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"])
            .args(["-o", "ClearAllForwardings=yes", "-o", "EscapeChar=none"])
            .args([
                "-o",
                &format!("ControlPath=\"{}\"", folder.join("control").display()),
            ])
            .args(["-o", &login]);
        match &settings.login {
            Login::Agent => command.args(["-o", "PreferredAuthentications=publickey"]),
            Login::Key { file, .. } => command
                .args([
                    "-o",
                    "PreferredAuthentications=publickey",
                    "-o",
                    "IdentitiesOnly=yes",
                    "-i",
                ])
                .arg(file),
            Login::Password(_) => command.args([
                "-o",
                "PreferredAuthentications=keyboard-interactive,password",
                "-o",
                "PubkeyAuthentication=no",
            ]),
        };
        command
            .args(["-p", &settings.port.to_string(), "-l", &settings.user])
            .env("LC_ALL", "C")
            .env_remove("SSH_ASKPASS")
            .process_group(0);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PROCEDO_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// A command that runs another one on the machine and gives it its input. Connects where there is no connection.
    pub(crate) fn remote(&self, remote: &str) -> Result<Command> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if connection
            .as_mut()
            .is_some_and(|open| !matches!(open.master.try_wait(), Ok(None)))
        {
            *connection = None;
        }
        let open = match &mut *connection {
            Some(open) => open,
            none => none.insert(self.connect()?),
        };
        let mut command = self.ssh(open.folder.path());
        command
            .args(["-o", "ControlMaster=no", "-o", "BatchMode=yes", "--"])
            .arg(&self.settings.address)
            .arg(remote);
        Ok(command)
    }

    fn connect(&self) -> Result<Connection> {
        let local = |error: std::io::Error| self.error(Kind::Failed, "P1004", error);
        let folder = private_folder().map_err(local)?;
        let known = format!("machine {}\n", self.settings.host_key);
        write_private(&folder.path().join("known"), &known, 0o600).map_err(local)?;
        let mut command = self.ssh(folder.path());
        command.args(["-o", "ControlMaster=yes", "-o", "ControlPersist=no"]);
        // The pipe is held open until the login is over: whoever still reads from it then gets its end.
        let pipe = match self.settings.login.secret() {
            None => {
                command.args(["-o", "BatchMode=yes"]);
                None
            }
            Some(secret) => {
                command
                    .args(["-o", "BatchMode=no", "-o", "NumberOfPasswordPrompts=1"])
                    .env("SSH_ASKPASS", folder.path().join("askpass"))
                    .env("SSH_ASKPASS_REQUIRE", "force")
                    .env("DISPLAY", ":");
                let value = self.secrets.value(secret)?;
                if value.contains(['\n', '\r', '\0']) {
                    return Err(Error::new(Kind::Invalid, "P1024").with("name", secret));
                }
                Some(answer(folder.path(), &value).map_err(local)?)
            }
        };
        let mark = random_name()?;
        let mut master = command
            .args(["--", &self.settings.address])
            .arg((self.greeting)(&mark))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.error(Kind::Unavailable, "P1004", format!("ssh: {error}")))?;
        let (sender, said) = channel();
        if let Some(out) = master.stdout.take() {
            listen(out, Some(mark), sender.clone());
        }
        if let Some(err) = master.stderr.take() {
            listen(err, None, sender);
        }
        let connection = Connection { master, folder };
        let mut complaint = None;
        let mut ready = None;
        while ready.is_none() && (complaint.is_none() || said_nothing(&complaint)) {
            match said.recv_timeout(CONNECT) {
                Ok(Said::Ready(yes)) => ready = Some(yes),
                Ok(Said::Complaint(text)) => complaint = Some(text),
                Err(_) => break,
            }
        }
        if ready == Some(true) {
            drop(pipe);
            return Ok(connection);
        }
        if complaint.is_none()
            && ready.is_some()
            && let Ok(Said::Complaint(text)) = said.recv_timeout(Duration::from_secs(2))
        {
            complaint = Some(text);
        }
        Err(self.refusal(complaint.as_deref().unwrap_or("it does not answer").trim()))
    }

    /// What `ssh` complains about, as an error. Its sentences are those of OpenSSH's `sshconnect.c` and `sshconnect2.c`.
    fn refusal(&self, said: &str) -> Error {
        let has = |text: &str| said.contains(text);
        if has("Host key verification failed") || has("IDENTIFICATION HAS CHANGED") {
            return self.error(Kind::Denied, "P1005", &self.settings.fingerprint);
        }
        if has("Permission denied") || has("authentication failures") || has("UNPROTECTED PRIVATE KEY") {
            return self
                .error(Kind::Denied, "P1006", last_line(said))
                .with("user", &self.settings.user);
        }
        self.error(Kind::Unavailable, "P1004", last_line(said))
    }
}

fn said_nothing(complaint: &Option<String>) -> bool {
    complaint.as_ref().is_none_or(|text| text.trim().is_empty())
}

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim().to_owned()
}

/// What comes from a connection that is being made.
enum Said {
    /// The machine's shell has answered, or never will.
    Ready(bool),
    /// All that `ssh` complained about.
    Complaint(String),
}

/// Reads a stream to its end, and tells when the mark came, or at the end what was in it.
fn listen(mut stream: impl Read + Send + 'static, mark: Option<String>, sender: Sender<Said>) {
    thread::spawn(move || {
        let mut heard = Vec::new();
        let mut chunk = [0; 1024];
        let mut ready = false;
        while let Ok(count @ 1..) = stream.read(&mut chunk) {
            if (heard.len() as u64) < MOST_SAID {
                heard.extend_from_slice(&chunk[..count]);
            }
            if let Some(mark) = &mark
                && !ready
                && String::from_utf8_lossy(&heard).contains(mark.as_str())
            {
                ready = true;
                // Nobody listens any more if the time was up.
                let _ = sender.send(Said::Ready(true));
            }
        }
        let end = match mark {
            Some(_) if ready => return,
            Some(_) => Said::Ready(false),
            None => Said::Complaint(String::from_utf8_lossy(&heard).into_owned()),
        };
        let _ = sender.send(end);
    });
}

/// The command that holds a connection to a machine with a POSIX shell.
pub(crate) fn posix_greeting(mark: &str) -> String {
    format!("exec /bin/sh -c 'echo {mark}; exec cat >/dev/null'")
}

/// A folder that only its owner can look into, with a path short enough for a socket's (108 bytes on Linux, unix(7)).
fn private_folder() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder
        .prefix("procedo-")
        .permissions(std::fs::Permissions::from_mode(0o700));
    let usual = std::env::temp_dir();
    if usual.as_os_str().len() <= 60 {
        builder.tempdir_in(usual)
    } else {
        builder.tempdir_in("/tmp")
    }
}

fn write_private(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    options.open(path)?.write_all(text.as_bytes())
}

/// Puts an answer into a pipe, and beside it the program that fetches it.
fn answer(folder: &Path, value: &str) -> std::io::Result<std::fs::File> {
    write_private(&folder.join("askpass"), ASKPASS, 0o700)?;
    let pipe: PathBuf = folder.join("answer");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
    // Opened for both, so that neither opening nor writing waits for a reader.
    let mut pipe = std::fs::OpenOptions::new().read(true).write(true).open(pipe)?;
    pipe.write_all(format!("{value}\n").as_bytes())?;
    Ok(pipe)
}

impl Shell for Ssh {
    fn name(&self) -> &str {
        &self.name
    }

    fn identity(&self) -> Result<String> {
        Ok(format!("{} {}", self.settings.fingerprint, self.settings.place()))
    }

    fn command(&self) -> Result<Command> {
        self.remote(&format!("exec /bin/sh -c '{BOOT}'"))
    }

    fn patience(&self) -> Duration {
        self.settings.reconnect
    }

    fn cut(&self, errors: &str) -> Error {
        self.error(Kind::Unavailable, "P1007", last_line(errors))
    }
}
