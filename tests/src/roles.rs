//! A PostgreSQL with two roles whose passwords are changed, and one that may change them. It is reached by a socket in its
//! folder, where all but those who keep it log in with `scram-sha-256`.

use crate::postgres::{as_postgres, give, tool};
use crate::process;
use crate::site::temporary;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The role that may change passwords of those that are not superusers; whoever runs the tests has it.
pub const KEEPER: &str = "keeper";

/// A cluster for its roles; whoever starts it stops it.
pub struct Roles {
    folder: TempDir,
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

impl Roles {
    /// A cluster that does not run yet.
    pub fn new() -> Self {
        let folder = temporary();
        let path = folder.path();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        give(path);
        let cluster = Self { folder };
        let (initdb, data) = (tool("initdb"), cluster.data());
        let data = data.display().to_string();
        let words = [
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-U",
            "postgres",
            "-D",
            &data,
        ];
        as_postgres(&[&[initdb.as_str()], &words[..]].concat());
        let file = |name: &str, content: String| std::fs::write(cluster.data().join(name), content).unwrap();
        // Every statement is logged, so that one with a password in it would be seen.
        let settings = format!(
            "unix_socket_directories = '{}'\nlisten_addresses = ''\nfsync = off\nshared_buffers = 16MB\n\
             max_wal_size = 32MB\nmin_wal_size = 32MB\nlog_statement = 'all'\n",
            cluster.path().display()
        );
        file("postgresql.auto.conf", settings);
        file(
            "pg_hba.conf",
            format!(
                "local all postgres peer\nlocal all {KEEPER} peer map=keepers\nlocal all all scram-sha-256\n"
            ),
        );
        file("pg_ident.conf", format!("keepers {} {KEEPER}\n", process::user()));
        cluster
    }

    /// Its folder: the data, and the socket.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Its data.
    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Whether it serves.
    pub fn is_ready(&self) -> bool {
        let asked = Command::new(tool("pg_isready"))
            .args(["-q", "-h"])
            .arg(self.path())
            .status();
        asked.unwrap().success()
    }

    /// Executes statements as a superuser.
    pub fn execute(&self, sql: &str) {
        let (psql, socket) = (tool("psql"), self.path().display().to_string());
        let words = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-h"];
        as_postgres(&[&[psql.as_str()], &words[..], &[&socket, "-c", sql]].concat());
    }

    /// `psql` without a terminal, so that it reads passwords where it is told to.
    fn asking(&self, role: &str, words: &[&str], input: &str) -> Output {
        let mut child = Command::new("setsid")
            .arg("--wait")
            .arg(tool("psql"))
            .args(["-X", "-q", "-d", "postgres", "-U", role, "-h"])
            .arg(self.path())
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Sets the password of a role.
    pub fn set_password(&self, role: &str, password: &str) {
        let command = format!("\\password {role}");
        let done = self.asking(KEEPER, &["-c", &command], &format!("{password}\n{password}\n"));
        assert!(done.status.success(), "{role}: {}", said(&done));
    }

    /// Whether a role can log in with this password.
    pub fn lets_in(&self, role: &str, password: &str) -> bool {
        let done = self.asking(role, &["-W", "-c", "SELECT 1"], &format!("{password}\n"));
        let refused = || said(&done).contains("password authentication failed");
        assert!(done.status.success() || refused(), "{role}: {}", said(&done));
        done.status.success()
    }
}

impl Default for Roles {
    fn default() -> Self {
        Self::new()
    }
}
