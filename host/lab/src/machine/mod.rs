//! The three servers of the simulated site: what they hold, and where.
//!
//! A server is a folder `machines/NAME` below the site's; its services are processes of this machine that know it. Nothing
//! here is shared with what is tried on it: the servers' programs are called as any program is, and say what they have to say
//! in words and exit codes.
//!
//! - [`make`]: makes the folders, and what `procedo.toml` says of them
//! - [`account`]: accounts, and the places that hold their passwords
//! - [`service`]: a service as a process; [`data`]: the database that one of them keeps changing
//! - [`power`]: starting, looking at and stopping the services of a server
//! - [`program`]: the programs that the site's named commands call

pub mod account;
pub mod data;
pub mod make;
pub mod power;
pub mod program;
pub mod service;

use std::io::Write;
use std::path::{Path, PathBuf};

/// The account of the contact center's services (guide, section 6.2, step 7).
pub const CONTACT_CENTER_ACCOUNT: &str = "hppc";
/// The account of the database's services (guide, section 6.2, step 8).
pub const DATABASE_ACCOUNT: &str = "informix";

/// A service of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name on the server.
    pub name: &'static str,
    /// The account whose password it holds, if it logs on with one (guide, section 6.2, steps 2 and 3).
    pub account: Option<&'static str>,
    /// How long it takes to stop unless its settings say otherwise, in milliseconds.
    pub stop_takes: u32,
}

/// The services of a server in the order in which they start (guide, section 6.2, steps 14 and 15).
const KINDS: [Kind; 5] = [
    Kind {
        name: "message-service",
        account: None,
        stop_takes: 500,
    },
    Kind {
        name: "database",
        account: Some(DATABASE_ACCOUNT),
        stop_takes: 2000,
    },
    Kind {
        name: "discovery",
        account: Some(DATABASE_ACCOUNT),
        stop_takes: 500,
    },
    Kind {
        name: "contact-center",
        account: Some(CONTACT_CENTER_ACCOUNT),
        stop_takes: 3000,
    },
    Kind {
        name: "autopa",
        account: Some(CONTACT_CENTER_ACCOUNT),
        stop_takes: 1000,
    },
];

/// A server of the simulated site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: &'static str,
    /// Its services, in the order in which they start.
    pub services: &'static [Kind],
}

/// The servers. AutoPA is on all of them, also on that of central reporting (guide, section 7.2).
pub const SERVERS: [Server; 3] = [
    Server {
        name: "main",
        services: &KINDS,
    },
    Server {
        name: "backup",
        services: &KINDS,
    },
    Server {
        name: "central-reporting",
        services: &KINDS,
    },
];

/// The folder of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home(PathBuf);

impl Home {
    /// That of the server `name` of a site.
    pub fn of(site: &Path, name: &str) -> Self {
        Self(site.join("machines").join(name))
    }

    /// The folder itself, as a program is given it.
    pub fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the contact center is installed: its start-up configuration, and the results of backups.
    pub fn installed(&self) -> PathBuf {
        self.0.join("contact-center")
    }

    /// The start-up configuration (guide, section 6.2, step 11).
    pub fn startup_file(&self) -> PathBuf {
        self.installed().join("startup.ini")
    }

    /// The accounts.
    pub fn accounts_file(&self) -> PathBuf {
        self.0.join("accounts.json")
    }

    /// The database.
    pub fn database_file(&self) -> PathBuf {
        self.0.join("data/contact-center.db")
    }

    /// Where its backups go.
    pub fn backups(&self) -> PathBuf {
        self.0.join("backups")
    }

    /// How a service behaves.
    pub fn settings_file(&self, service: &str) -> PathBuf {
        self.0.join("services").join(format!("{service}.toml"))
    }

    /// What a service holds of its account's password.
    pub fn logon_file(&self, service: &str) -> PathBuf {
        self.0.join("services").join(format!("{service}.logon"))
    }

    /// Where a service notes its process.
    pub fn pid_file(&self, service: &str) -> PathBuf {
        self.0.join("run").join(format!("{service}.pid"))
    }

    /// What a service prints.
    pub fn log_file(&self, service: &str) -> PathBuf {
        self.0.join("run").join(format!("{service}.log"))
    }

    /// There as long as the server is switched off.
    pub fn off_file(&self) -> PathBuf {
        self.0.join("run/off")
    }

    /// What shall fail, a line each; see [`refuses`](Self::refuses).
    pub fn refusals_file(&self) -> PathBuf {
        self.0.join("refuses")
    }

    /// What has happened on the server, a line each: what rehearsals and tests count.
    pub fn events_file(&self) -> PathBuf {
        self.0.join("events")
    }

    /// Whether it was told to refuse something: `account NAME`, `service NAME`, `startup`, `start NAME`. A line that begins
    /// with `once` counts once.
    pub fn refuses(&self, what: &str) -> bool {
        let path = self.refusals_file();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let once = format!("once {what}");
        if text.lines().any(|line| line.trim() == once) {
            let rest: Vec<&str> = text.lines().filter(|line| line.trim() != once).collect();
            // If it stays, it refuses once more; that is no worse.
            let _ = std::fs::write(&path, rest.join("\n"));
            return true;
        }
        text.lines().any(|line| line.trim() == what)
    }

    /// Writes down that something has happened.
    pub fn happened(&self, what: &str) {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.events_file());
        // A server that cannot write its log goes on.
        let _ = file.and_then(|mut file| file.write_all(format!("{what}\n").as_bytes()));
    }
}

/// What a simulated program says where it fails, in its own words: it is a stranger to Procedo.
pub type Said<T> = std::result::Result<T, String>;

/// What it says about a file.
fn about(path: &Path) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}
