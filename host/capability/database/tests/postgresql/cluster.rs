//! A cluster of its own for a test or a benchmark, which ends with it, however it ends.

use postgres::{Client, NoTls};
use serde_json::{Value, json};
use std::fs::{Permissions, set_permissions};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The password of the account that Procedo uses.
pub const PASSWORD: &str = "correct horse";

/// A cluster in a temporary folder, with the database `app` and a stanza of pgBackRest.
pub struct Cluster {
    folder: Option<tempfile::TempDir>,
    pub dir: PathBuf,
    pub port: u16,
}

/// The folder with PostgreSQL's own programs, which Debian keeps apart by version, if they are installed.
pub fn programs() -> Option<PathBuf> {
    let found = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    found
        .map(|entry| entry.unwrap().path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .max()
}

/// The folder with PostgreSQL's own programs.
pub fn bin() -> String {
    let bin = programs().expect("the package postgresql is installed");
    bin.display().to_string()
}

fn number(option: &str) -> u32 {
    let output = Command::new("id").args([option, "postgres"]).output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .expect("there is an account postgres")
}

/// Gives a file or folder to the cluster's account.
pub fn give(path: &Path) {
    chown(path, Some(number("-u")), Some(number("-g"))).unwrap();
}

/// Runs a program as the cluster's account.
pub fn as_postgres(words: &[&str]) -> String {
    let output = Command::new("runuser")
        .args(["-u", "postgres", "--"])
        .args(words)
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{words:?}: {said}");
    said
}

impl Cluster {
    /// A cluster that runs, without a stanza.
    pub fn plain() -> Self {
        Self::plain_in(&std::env::temp_dir())
    }

    /// The same, with its own folder in this one.
    pub fn plain_in(parent: &Path) -> Self {
        let folder = tempfile::tempdir_in(parent).unwrap();
        let dir = folder.path().to_owned();
        set_permissions(&dir, Permissions::from_mode(0o755)).unwrap();
        for name in ["repo", "log", "lock", "spool", "sock"] {
            std::fs::create_dir(dir.join(name)).unwrap();
            give(&dir.join(name));
        }
        // The account may make its folder itself.
        give(&dir);
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let cluster = Self {
            folder: Some(folder),
            dir,
            port,
        };
        let at = |name: &str| cluster.at(name);
        std::fs::write(
            at("pgbackrest.conf"),
            format!(
                "[global]\nrepo1-path={0}/repo\nlog-path={0}/log\nlock-path={0}/lock\nspool-path={0}/spool\n\
                 log-level-file=off\njob-retry=0\nrepo1-bundle=y\nrepo1-retention-full=99\n[s]\npg1-path={0}/data\n\
                 pg1-port={port}\npg1-socket-path={0}/sock\n",
                cluster.dir.display()
            ),
        )
        .unwrap();
        let initdb = format!("{}/initdb", bin());
        as_postgres(&[
            &initdb,
            "--no-sync",
            "--wal-segsize=1",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-D",
            &at("data"),
        ]);
        let settings = format!(
            "port = {port}\nunix_socket_directories = '{0}/sock'\nlisten_addresses = '127.0.0.1'\nfsync = off\n\
             shared_buffers = 16MB\nmax_wal_size = 32MB\nmin_wal_size = 4MB\narchive_mode = on\n\
             archive_command = 'pgbackrest --config={0}/pgbackrest.conf --stanza=s archive-push %p'\n",
            cluster.dir.display()
        );
        let file = at("data/postgresql.conf");
        let whole = std::fs::read_to_string(&file).unwrap() + settings.as_str();
        std::fs::write(&file, whole).unwrap();
        let access = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(at("data/pg_hba.conf"), access).unwrap();
        cluster.start();
        cluster.sql_in(
            "postgres",
            &format!("CREATE ROLE procedo LOGIN PASSWORD '{PASSWORD}'; CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'"),
        );
        cluster.sql_in("postgres", "CREATE DATABASE app OWNER procedo");
        cluster
    }

    /// A cluster with a stanza and the table `item`.
    pub fn with_stanza(rows: u32) -> Self {
        let cluster = Self::plain();
        cluster.backrest(&["stanza-create"]);
        cluster.sql(&format!(
            "CREATE TABLE item (id int PRIMARY KEY, name text, data bytea); \
             INSERT INTO item SELECT i, 'item ' || i, decode(repeat(md5(i::text), 8), 'hex') \
             FROM generate_series(1, {rows}) i; CREATE TABLE other (a numeric, b timestamptz); \
             INSERT INTO other VALUES (1.50, '2026-01-01 12:00+00'), (NULL, NULL)"
        ));
        cluster
    }

    /// The same cluster, which another owns.
    pub fn borrowed(dir: &Path, port: u16) -> Self {
        Self {
            folder: None,
            dir: dir.to_owned(),
            port,
        }
    }

    pub fn at(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    /// The words of a command that controls the cluster.
    fn control(&self, more: &[&str]) -> Vec<String> {
        let (data, log) = (self.at("data"), self.at("log/postgresql"));
        let tool = format!("{}/pg_ctl", bin());
        let words = [tool.as_str(), "-D", &data, "-l", &log, "-w"];
        words.iter().chain(more).map(|word| (*word).to_owned()).collect()
    }

    pub fn start(&self) {
        let words = self.control(&["start"]);
        as_postgres(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }

    pub fn stop(&self) {
        let words = self.control(&["-m", "fast", "stop"]);
        as_postgres(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }

    pub fn backrest(&self, words: &[&str]) -> String {
        let config = format!("--config={}", self.at("pgbackrest.conf"));
        as_postgres(&[&["pgbackrest", &config, "--stanza=s"], words].concat())
    }

    /// A connection by the socket.
    pub fn connect(&self, user: &str, dbname: &str) -> Client {
        let text = format!(
            "host={} port={} user={user} dbname={dbname}",
            self.at("sock"),
            self.port
        );
        Client::connect(&text, NoTls).unwrap()
    }

    fn sql_in(&self, dbname: &str, sql: &str) {
        self.connect("postgres", dbname).batch_execute(sql).unwrap();
    }

    pub fn sql_as_superuser(&self, sql: &str) {
        self.sql_in("postgres", sql);
    }

    /// As the owner of the database.
    pub fn sql(&self, sql: &str) {
        self.connect("procedo", "app").batch_execute(sql).unwrap();
    }

    pub fn count(&self, sql: &str) -> i64 {
        self.connect("procedo", "app").query_one(sql, &[]).unwrap().get(0)
    }

    /// What a site says of it.
    pub fn settings(&self) -> Value {
        json!({
            "driver": "postgresql", "host": "127.0.0.1", "port": self.port, "dbname": "app", "user": "procedo",
            "password": "secret:database/app", "machine": "here", "run-with": ["runuser", "-u", "postgres", "--"],
            "config": self.at("pgbackrest.conf"), "stanza": "s", "data": self.at("data"), "bin": bin(),
            "start": self.control(&["start"]), "stop": self.control(&["-m", "fast", "stop"]), "stop-timeout": 30,
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.folder.is_none() {
            return;
        }
        let stop = self.control(&["-m", "immediate", "stop"]);
        // One that is down already has nothing to stop.
        let _ = Command::new("runuser")
            .args(["-u", "postgres", "--"])
            .args(stop)
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}
