//! A service of a server as a process: it starts only if it can log on, changes the data if that is its work, and takes its
//! time to stop.

use crate::machine::account::{Accounts, Startup};
use crate::machine::power::lives;
use crate::machine::{Home, SERVERS, Said, about, data};
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use toml_edit::DocumentMut;

/// Set for a service that `lab up` starts, so that it leaves the terminal of whoever started it.
pub const DETACHED: &str = "PROCEDO_LAB_DETACHED";

/// How a service behaves, as its settings file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// How long it takes to stop.
    pub stop_takes: Duration,
    /// Whether it goes on when it is told to stop.
    pub refuses_to_stop: bool,
    /// How often it changes the data.
    pub changes_every: Option<Duration>,
}

impl Behaviour {
    /// Reads a settings file; what does not stand there does not happen.
    pub fn parse(text: &str) -> Said<Self> {
        let document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
        let milliseconds = |key: &str| match document.get(key) {
            None => Ok(0),
            Some(value) => value
                .as_integer()
                .and_then(|value| u64::try_from(value).ok())
                .ok_or_else(|| format!("{key} is no number of milliseconds")),
        };
        let changes = milliseconds("changes-every")?;
        Ok(Self {
            stop_takes: Duration::from_millis(milliseconds("stop-takes")?),
            refuses_to_stop: match document.get("refuses-to-stop") {
                None => false,
                Some(value) => value
                    .as_bool()
                    .ok_or("refuses-to-stop is neither true nor false")?,
            },
            changes_every: (changes > 0).then(|| Duration::from_millis(changes)),
        })
    }

    fn read(home: &Home, service: &str) -> Said<Self> {
        let path = home.settings_file(service);
        let text = std::fs::read_to_string(&path).map_err(about(&path))?;
        Self::parse(&text).map_err(|reason| format!("{}: {reason}", path.display()))
    }
}

/// Whether a service may start: the server is on, its password is the account's, and so is that of the configuration.
fn may_start(home: &Home, service: &str) -> Said<()> {
    if home.off_file().exists() {
        return Err("the server is switched off".to_owned());
    }
    if home.refuses(&format!("start {service}")) {
        return Err(format!("{service} does not start: it was told so"));
    }
    let kind = SERVERS
        .iter()
        .flat_map(|server| server.services)
        .find(|kind| kind.name == service);
    let kind = kind.ok_or_else(|| format!("there is no service {service}"))?;
    let accounts = Accounts::read(home)?;
    if let Some(account) = kind.account {
        let path = home.logon_file(service);
        let held = std::fs::read_to_string(&path).map_err(about(&path))?;
        if !accounts.matches(account, &held)? {
            return Err(format!(
                "logon failure: the password of the service {service} is not that of the account {account}"
            ));
        }
    }
    // The administration server connects to the database when the contact center starts.
    if service == "contact-center" && !Startup::read(home)?.fits(&accounts)? {
        return Err("the database server refuses the password of the start-up configuration".to_owned());
    }
    Ok(())
}

/// Runs a service until it is told to stop and does.
pub fn serve(home: &Home, service: &str) -> Said<()> {
    may_start(home, service)?;
    let behaviour = Behaviour::read(home, service)?;
    if std::env::var_os(DETACHED).is_some() {
        // Fails only for the leader of a process group, which a process that was just started by another is not.
        let _ = rustix::process::setsid();
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let failed = |error: std::io::Error| error.to_string();
        // Before its process is noted: from then on it may be told to stop.
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let database = (service == "database").then(|| data::open(home)).transpose()?;
        note(&home.pid_file(service))?;
        home.happened(&format!("started {service}"));
        let pause = behaviour.changes_every.unwrap_or(Duration::from_secs(3600));
        loop {
            tokio::select! {
                _ = terminate.recv() => {
                    // As it is told now: whoever tries this out changes it while it runs.
                    let behaviour = Behaviour::read(home, service)?;
                    if behaviour.refuses_to_stop {
                        println!("told to stop, and going on");
                        continue;
                    }
                    tokio::time::sleep(behaviour.stop_takes).await;
                    break;
                }
                () = tokio::time::sleep(pause) => {
                    if behaviour.changes_every.is_some() {
                        work(home);
                    }
                }
            }
        }
        drop(database);
        home.happened(&format!("stopped {service}"));
        Ok(())
    })
}

/// Changes the data, as far as the database serves.
fn work(home: &Home) {
    if lives(home, "database").is_none() {
        return;
    }
    // Opened anew each time: the database may have been restored, or be another file.
    if let Err(reason) = data::open(home).and_then(|mut connection| data::change(&mut connection)) {
        println!("{reason}");
    }
}

/// Notes the own process, unless whoever started it did.
fn note(pid_file: &Path) -> Said<()> {
    let own = std::process::id().to_string();
    let noted = std::fs::read_to_string(pid_file).unwrap_or_default();
    if noted.lines().next().map(str::trim) == Some(own.as_str()) {
        return Ok(());
    }
    crate::site::replace(pid_file, format!("{own}\n").as_bytes()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_behaves_as_its_settings_say() {
        let settings = "stop-takes = 20\nrefuses-to-stop = true\nchanges-every = 100\n";
        let told = Behaviour::parse(settings).unwrap();
        assert_eq!(told.stop_takes, Duration::from_millis(20));
        assert!(told.refuses_to_stop);
        assert_eq!(told.changes_every, Some(Duration::from_millis(100)));
        let plain = Behaviour::parse("").unwrap();
        assert!(!plain.refuses_to_stop && plain.changes_every.is_none());
        assert!(Behaviour::parse("stop-takes = -1").is_err());
        assert!(Behaviour::parse("refuses-to-stop = \"yes\"").is_err());
    }
}
