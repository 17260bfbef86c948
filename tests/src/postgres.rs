//! A cluster of PostgreSQL with its own pgBackRest in a temporary folder, real in all but its size. It is stopped when the
//! test ends, however it ends.
//!
//! Its programs run as the account `postgres`, as those of a cluster do; the tests run as root.

use crate::program::Program;
use crate::site::{Site, temporary};
use std::fs::{Permissions, set_permissions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The account that owns the database.
pub const OWNER: &str = "procedo";
/// Its password when the cluster is new.
pub const PASSWORD: &str = "Correct-horse-7";
/// The stanza of its backups.
pub const STANZA: &str = "app";

/// A cluster with the database `app`, which [`OWNER`] owns and logs in to with a password.
pub struct Cluster {
    folder: TempDir,
    port: u16,
}

impl Cluster {
    /// A cluster that runs, with a stanza.
    pub fn up() -> Self {
        let folder = temporary();
        let dir = folder.path();
        set_permissions(dir, Permissions::from_mode(0o755)).unwrap();
        for name in ["repo", "log", "lock", "spool", "sock"] {
            std::fs::create_dir(dir.join(name)).unwrap();
            give(&dir.join(name));
        }
        give(dir);
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let cluster = Self { folder, port };
        cluster.make();
        cluster.start();
        cluster.as_superuser(&format!("CREATE ROLE {OWNER} LOGIN PASSWORD '{PASSWORD}'"));
        cluster.as_superuser(&format!("CREATE DATABASE app OWNER {OWNER}"));
        cluster.backrest(&["stanza-create"]);
        cluster
    }

    fn make(&self) {
        let (dir, port) = (self.dir().display(), self.port);
        let backrest = format!(
            "[global]\nrepo1-path={dir}/repo\nlog-path={dir}/log\nlock-path={dir}/lock\nspool-path={dir}/spool\n\
             log-level-file=off\njob-retry=0\nrepo1-bundle=y\nrepo1-retention-full=99\nstart-fast=y\n[{STANZA}]\n\
             pg1-path={dir}/data\npg1-port={port}\npg1-socket-path={dir}/sock\n"
        );
        std::fs::write(self.path("pgbackrest.conf"), backrest).unwrap();
        let (data, initdb) = (self.at("data"), tool("initdb"));
        let make = [
            "--no-sync",
            "--wal-segsize=1",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-D",
        ];
        as_postgres(&[&[initdb.as_str()], &make[..], &[data.as_str()]].concat());
        let settings = format!(
            "port = {port}\nunix_socket_directories = '{dir}/sock'\nlisten_addresses = '127.0.0.1'\nfsync = off\n\
             shared_buffers = 16MB\nmax_wal_size = 32MB\nmin_wal_size = 4MB\narchive_mode = on\n\
             archive_command = 'pgbackrest --config={dir}/pgbackrest.conf --stanza={STANZA} archive-push %p'\n"
        );
        let file = self.path("data/postgresql.conf");
        let mut file = std::fs::File::options().append(true).open(file).unwrap();
        file.write_all(settings.as_bytes()).unwrap();
        let access = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(self.path("data/pg_hba.conf"), access).unwrap();
        // What the site has as pgBackRest: the real one, which can be held when it has done its work.
        let hold = "case \" $* \" in *\" $(cat \"$here/hold\" 2>/dev/null || echo -) \"*)\n  touch \"$here/held\"\n  \
                    while [ -e \"$here/hold\" ]; do sleep 0.05; done ;;\nesac\n";
        let text = format!(
            "#!/bin/sh\nhere='{dir}'\necho \"$*\" >> \"$here/calls\"\npgbackrest \"$@\"\ncode=$?\n{hold}exit $code\n"
        );
        let program = self.path("pgbackrest");
        std::fs::write(&program, text).unwrap();
        set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    }

    fn dir(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self, below: &str) -> PathBuf {
        self.dir().join(below)
    }

    fn at(&self, below: &str) -> String {
        self.path(below).display().to_string()
    }

    /// Where it listens on the loopback interface.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The words of a command that controls it.
    fn control(&self, more: &[&str]) -> Vec<String> {
        let (tool, data, log) = (tool("pg_ctl"), self.at("data"), self.at("log/postgresql"));
        let words = [tool.as_str(), "-D", &data, "-l", &log, "-w"];
        words.iter().chain(more).map(|word| (*word).to_owned()).collect()
    }

    fn start(&self) {
        let words = self.control(&["start"]);
        as_postgres(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// Stops it, as somebody does who knows nothing of Procedo.
    pub fn stop(&self) {
        let words = self.control(&["-m", "fast", "stop"]);
        as_postgres(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn backrest(&self, words: &[&str]) -> String {
        let (config, stanza) = (
            format!("--config={}", self.at("pgbackrest.conf")),
            format!("--stanza={STANZA}"),
        );
        as_postgres(&[&["pgbackrest", &config, &stanza], words].concat())
    }

    fn psql(&self, user: &str, database: &str, sql: &str) -> String {
        let port = self.port.to_string();
        let quiet = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h"];
        let sock = self.at("sock");
        let more = [sock.as_str(), "-p", &port, "-U", user, "-d", database, "-c", sql];
        as_postgres(&[&quiet[..], &more].concat())
    }

    /// Executes statements as the superuser.
    pub fn as_superuser(&self, sql: &str) -> String {
        self.psql("postgres", "postgres", sql)
    }

    /// Executes statements in the database as its owner; tells what they reply.
    pub fn execute(&self, sql: &str) -> String {
        self.psql(OWNER, "app", sql)
    }

    /// All rows of all tables, a line each.
    pub fn content(&self) -> Vec<String> {
        let names = self.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
        let mut lines = Vec::new();
        for name in names.lines() {
            let rows = self.execute(&format!("SELECT t::text FROM \"{name}\" t ORDER BY 1"));
            lines.extend(rows.lines().map(|row| format!("{name}: {row}")));
        }
        lines
    }

    /// Whether the password opens the database over the network, where it is asked for.
    pub fn opens_with(&self, user: &str, password: &str) -> bool {
        let port = self.port.to_string();
        let words = [
            "-X",
            "-w",
            "-h",
            "127.0.0.1",
            "-p",
            &port,
            "-U",
            user,
            "-d",
            "app",
            "-c",
            "SELECT 1",
        ];
        let mut psql = Command::new("psql");
        psql.args(words).env("PGPASSWORD", password).stdin(Stdio::null());
        psql.output().unwrap().status.success()
    }

    /// The labels of its backups, oldest first, as pgBackRest itself lists them.
    pub fn backups(&self) -> Vec<String> {
        let told: serde_json::Value =
            serde_json::from_str(&self.backrest(&["info", "--output=json"])).unwrap();
        let backups = told[0]["backup"].as_array().unwrap().iter();
        backups
            .map(|backup| backup["label"].as_str().unwrap().to_owned())
            .collect()
    }

    /// How often the site has called this command of pgBackRest.
    pub fn calls(&self, command: &str) -> usize {
        let calls = std::fs::read_to_string(self.path("calls")).unwrap_or_default();
        let is_it = |line: &&str| line.split(' ').any(|word| word == command);
        calls.lines().filter(is_it).count()
    }

    /// From now on the site's pgBackRest does not end when it has done this.
    pub fn hold(&self, command: &str) {
        std::fs::write(self.path("hold"), command).unwrap();
        set_permissions(self.path("hold"), Permissions::from_mode(0o644)).unwrap();
    }

    /// Whether it has done it, and waits.
    pub fn is_held(&self) -> bool {
        self.path("held").exists()
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        std::fs::remove_file(self.path("hold")).unwrap();
    }

    /// Declares it as the database `app` of a site, with a machine and a root for the results of backups of the same name.
    pub fn declare(&self, site: &Site) {
        let words = |words: Vec<String>| serde_json::to_string(&words).unwrap();
        site.declare(&format!(
            "[resource.machine.app]\ndriver = \"local\"\n\n[resource.machine.app.command.local-time]\nprogram = \"echo\"\n\
             args = [\"23:30\"]\neffect = \"read\"\n\n[resource.files.app]\npath = \"app\"\n\n[resource.database.app]\n\
             driver = \"postgresql\"\nhost = \"127.0.0.1\"\nport = {}\ndbname = \"app\"\nuser = \"{OWNER}\"\n\
             password = \"secret:postgresql-password\"\nmachine = \"app\"\nrun-with = [\"runuser\", \"-u\", \"postgres\", \"--\"]\n\
             pgbackrest = \"{}\"\nconfig = \"{}\"\nstanza = \"{STANZA}\"\ndata = \"{}\"\nbin = \"{}\"\nstart = {}\nstop = {}\n\
             stop-timeout = 30\n",
            self.port,
            self.at("pgbackrest"),
            self.at("pgbackrest.conf"),
            self.at("data"),
            bin().display(),
            words(self.control(&["start"])),
            words(self.control(&["-m", "fast", "stop"])),
        ));
        std::fs::create_dir(site.path("app")).unwrap();
        set_secret(site, "postgresql-password", PASSWORD);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Whatever is held goes on, and ends.
        let _ = std::fs::remove_file(self.path("hold"));
        let stop = self.control(&["-m", "immediate", "stop"]);
        let mut command = Command::new("runuser");
        let command = command.args(["-u", "postgres", "--"]).args(stop).current_dir("/");
        // One that is down already has nothing to stop.
        let _ = command.stdin(Stdio::null()).output();
    }
}

/// Gives a site a secret.
pub fn set_secret(site: &Site, name: &str, value: &str) {
    let mut command = site.command(Program::Procedo, ["secret", "set", name]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "the secret {name} was not set");
}

/// The folder with PostgreSQL's own programs, which Debian keeps apart by version.
pub(crate) fn bin() -> PathBuf {
    let found = std::fs::read_dir("/usr/lib/postgresql").expect("the package postgresql is installed");
    let folders = found.map(|entry| entry.unwrap().path().join("bin"));
    let of_server = folders.filter(|bin| bin.join("initdb").exists()).max();
    of_server.expect("the package postgresql is installed")
}

/// The path of one of them.
pub(crate) fn tool(name: &str) -> String {
    bin().join(name).display().to_string()
}

/// Gives a file or folder to the cluster's account.
pub(crate) fn give(path: &Path) {
    let number = |option: &str| -> u32 {
        let output = Command::new("id").args([option, "postgres"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.trim().parse().expect("there is an account postgres")
    };
    chown(path, Some(number("-u")), Some(number("-g"))).unwrap();
}

/// Runs a program as the cluster's account; tells what it wrote.
#[track_caller]
pub(crate) fn as_postgres(words: &[&str]) -> String {
    let mut command = Command::new("runuser");
    let command = command
        .args(["-u", "postgres", "--"])
        .args(words)
        .current_dir("/");
    // What a server that it starts writes goes to that one's own log.
    let output = command.stdin(Stdio::null()).output().unwrap();
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{words:?}: {said}{complained}");
    said.into_owned()
}
