//! The driver `systemd`: a unit, by `systemctl` (systemctl(1), org.freedesktop.systemd1(5)).

use crate::driver::{Driver, On, PasswordProgram, said};
use crate::processes::{Entry, Process};
use crate::state::{Seen, ServiceState, ServiceStatus};
use procedo_core::capability::Stop;
use procedo_core::{Kind, Result};
use procedo_machine::{Output, Program};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The properties that are asked for.
const PROPERTIES: &str = "LoadState,ActiveState,SubState,Result,MainPID,InvocationID,ActiveEnterTimestamp,\
    ExecMainStartTimestampMonotonic,User,ControlGroup,StatusText";
/// The longest unit name: systemd.unit(5).
const LONGEST_NAME: usize = 255;

/// The settings of a unit.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct SystemdSettings {
    /// Its name; `.service` is added to one without a kind.
    unit: String,
}

impl SystemdSettings {
    /// The rule that they break, if they do. systemctl(1) takes `*`, `?` and `[` as patterns for several units.
    pub(crate) fn check(&self) -> Result<(), String> {
        let usable = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@".contains(c);
        let unit = &self.unit;
        if unit.is_empty() || unit.len() > LONGEST_NAME || unit.starts_with('-') || !unit.chars().all(usable)
        {
            return Err(format!(
                "unit = \"{}\" ∉ [A-Za-z0-9:_.@\\-]+",
                unit.escape_debug()
            ));
        }
        Ok(())
    }
}

/// A unit of systemd.
pub(crate) struct Systemd {
    on: On,
    unit: String,
    password: PasswordProgram,
}

/// What `systemctl show` says of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown(BTreeMap<String, String>);

impl Shown {
    /// Reads `NAME=VALUE` lines; none if the unit's state is not among them.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        let shown = Self(
            pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        );
        (!shown.get("ActiveState").is_empty() && !shown.get("LoadState").is_empty()).then_some(shown)
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    fn main_pid(&self) -> Option<u32> {
        self.get("MainPID").parse().ok().filter(|pid| *pid > 0)
    }

    fn is_missing(&self) -> bool {
        self.get("LoadState") == "not-found" && self.state().is_down()
    }

    fn state(&self) -> ServiceState {
        match self.get("ActiveState") {
            "active" | "reloading" | "refreshing" => ServiceState::Running,
            "inactive" => ServiceState::Stopped,
            "activating" => ServiceState::Starting,
            "deactivating" => ServiceState::Stopping,
            "failed" => ServiceState::Failed,
            _ => ServiceState::Unknown,
        }
    }

    fn detail(&self) -> String {
        let mut detail = format!("{} ({})", self.get("ActiveState"), self.get("SubState"));
        let told = [
            Some(self.get("Result")).filter(|result| *result != "success"),
            Some(self.get("LoadState")).filter(|load| *load != "loaded"),
            Some(self.get("StatusText")),
        ];
        for told in told.into_iter().flatten().filter(|told| !told.is_empty()) {
            detail.push_str(", ");
            detail.push_str(told);
        }
        detail
    }

    /// Differs after every start. `InvocationID` is there since systemd 232.
    fn identity(&self) -> Option<String> {
        match (self.get("InvocationID"), self.main_pid()) {
            ("", None) => None,
            ("", Some(pid)) => Some(format!("{pid} {}", self.get("ExecMainStartTimestampMonotonic"))),
            (invocation, _) => Some(invocation.to_owned()),
        }
    }

    /// `ActiveEnterTimestamp`, which is told in the time zone of whoever asks: UTC.
    fn since(&self) -> Option<String> {
        let format = "%a %Y-%m-%d %H:%M:%S UTC";
        let moment = jiff::civil::DateTime::strptime(format, self.get("ActiveEnterTimestamp")).ok()?;
        Some(
            moment
                .to_zoned(jiff::tz::TimeZone::UTC)
                .ok()?
                .timestamp()
                .to_string(),
        )
    }

    fn seen(&self) -> Seen {
        let state = self.state();
        let user = self.get("User");
        Seen {
            status: ServiceStatus {
                state,
                process: self.main_pid(),
                since: self.since().filter(|_| !state.is_down()),
                account: Some(user.to_owned()).filter(|user| !user.is_empty()),
                detail: self.detail(),
            },
            identity: self.identity().filter(|_| !state.is_down()),
            remaining: Vec::new(),
        }
    }
}

impl Systemd {
    pub(crate) fn new(on: On, settings: SystemdSettings, password: Option<PasswordProgram>) -> Self {
        Self {
            on,
            unit: settings.unit,
            password: password.unwrap_or_else(|| PasswordProgram {
                path: "chpasswd".to_owned(),
                args: Vec::new(),
            }),
        }
    }

    fn systemctl(&self, args: &[&str]) -> Program {
        Program::new("systemctl")
            .args(args.iter().copied())
            .arg(&self.unit)
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .env("SYSTEMD_COLORS", "0")
    }

    fn shown(&self, stop: &Stop) -> Result<Shown> {
        let property = format!("--property={PROPERTIES}");
        let show = self.systemctl(&["show", "--no-pager", &property]);
        let text = self.on.succeed(&show, "systemctl show", stop)?;
        let shown = Shown::parse(&text).ok_or_else(|| self.on.unreadable("systemctl show", &text))?;
        if shown.is_missing() {
            return Err(self.on.error(Kind::NotFound, "P1113").with("unit", &self.unit));
        }
        Ok(shown)
    }

    /// Lets systemd do something with the unit, and waits for it.
    fn job(&self, verb: &str, time: Duration, stop: &Stop) -> Result<Option<Output>> {
        // A question for a password would wait for an answer that never comes.
        let program = self.systemctl(&[verb, "--no-ask-password", "--no-pager"]);
        self.on.run_for(&program, time, stop)
    }

    /// Brings it up by a verb.
    fn up(&self, verb: &str, time: Duration, stop: &Stop) -> Result<()> {
        match self.job(verb, time, stop)? {
            Some(output) if output.code != 0 => {
                let detail = self.shown(stop)?.detail();
                let reason = format!("{detail}: {}", said(&output));
                Err(self.on.error(Kind::Failed, "P1105").with("reason", reason))
            }
            _ => Ok(()),
        }
    }
}

impl Driver for Systemd {
    fn identity(&self) -> Option<String> {
        self.on.identity(&format!("systemd:{}", self.unit))
    }

    fn look(&self, family: &[Process], stop: &Stop) -> Result<Seen> {
        let mut seen = self.shown(stop)?.seen();
        if !family.is_empty() {
            let left = self.on.table("", stop)?.left_of(family);
            seen.remaining = self.on.with_commands(left, stop)?;
            if seen.state().is_down() && !seen.remaining.is_empty() {
                seen.status.state = ServiceState::Stopping;
            }
        }
        Ok(seen)
    }

    /// What is in the unit's control group, or descends from its main process.
    fn family(&self, stop: &Stop) -> Result<Vec<Process>> {
        let shown = self.shown(stop)?;
        let group = shown.get("ControlGroup");
        let mut pids = BTreeSet::new();
        // The root group holds everything.
        if group.len() > 1 {
            let script = self.on.script(include_str!("../script/cgroup.sh"), &[group]);
            let text = self.on.succeed(&script, "/sys/fs/cgroup", stop)?;
            pids.extend(text.lines().filter_map(|line| line.trim().parse::<u32>().ok()));
        }
        if pids.is_empty() && shown.main_pid().is_none() {
            return Ok(Vec::new());
        }
        let table = self.on.table("", stop)?;
        if let Some(main) = shown.main_pid() {
            pids.extend(table.family(main).into_iter().map(|entry| entry.pid));
        }
        let members = pids.iter().filter_map(|pid| table.living(*pid));
        let members = members.map(Entry::process).collect();
        self.on.with_commands(members, stop)
    }

    fn start(&self, time: Duration, stop: &Stop) -> Result<()> {
        self.up("start", time, stop)
    }

    fn ask_to_stop(&self, time: Duration, stop: &Stop) -> Result<()> {
        match self.job("stop", time, stop)? {
            Some(output) if output.code != 0 => Err(self.on.failed("systemctl stop", &output)),
            _ => Ok(()),
        }
    }

    /// By systemd itself: it also restarts the units that depend on this one, which a stop and a start would leave stopped.
    fn restart(&self, time: Duration, stop: &Stop) -> Result<bool> {
        self.up("restart", time, stop).map(|()| true)
    }

    fn sets_passwords(&self) -> bool {
        true
    }

    fn set_password(&self, account: &str, password: &str, stop: &Stop) -> Result<()> {
        self.on.set_password(&self.password, account, password, stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Seen {
        Shown::parse(text).unwrap().seen()
    }

    #[test]
    fn a_running_unit_is_read() {
        let seen = shown(
            "Result=success\nExecMainStartTimestampMonotonic=5166353\nMainPID=643\nControlGroup=/system.slice/ssh.service\n\
             User=\nStatusText=\nLoadState=loaded\nActiveState=active\nSubState=running\n\
             ActiveEnterTimestamp=Tue 2023-11-14 22:13:20 UTC\nInvocationID=0c1d2e3f405162738495a6b7c8d9eaf0\n",
        );
        assert_eq!(seen.state(), ServiceState::Running);
        assert_eq!(seen.status.process, Some(643));
        assert_eq!(seen.status.since.as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!(seen.status.detail, "active (running)");
        assert_eq!(seen.status.account, None);
        assert_eq!(seen.identity.as_deref(), Some("0c1d2e3f405162738495a6b7c8d9eaf0"));
    }

    #[test]
    fn a_failed_unit_has_no_process_and_tells_why() {
        let seen = shown(
            "Result=exit-code\nMainPID=0\nUser=informix\nStatusText=\nLoadState=loaded\nActiveState=failed\nSubState=failed\n\
             ActiveEnterTimestamp=\nInvocationID=0c1d2e3f405162738495a6b7c8d9eaf0\n",
        );
        assert_eq!(seen.state(), ServiceState::Failed);
        assert_eq!(
            (seen.status.process, seen.status.since, seen.identity),
            (None, None, None)
        );
        assert_eq!(seen.status.detail, "failed (failed), exit-code");
        assert_eq!(seen.status.account.as_deref(), Some("informix"));
    }

    #[test]
    fn every_active_state_of_systemd_has_a_word() {
        let state = |word| shown(&format!("LoadState=loaded\nActiveState={word}\nSubState=x\n")).state();
        assert_eq!(state("reloading"), ServiceState::Running);
        assert_eq!(state("inactive"), ServiceState::Stopped);
        assert_eq!(state("activating"), ServiceState::Starting);
        assert_eq!(state("deactivating"), ServiceState::Stopping);
        assert_eq!(state("maintenance"), ServiceState::Unknown);
    }

    #[test]
    fn an_old_systemd_without_invocations_is_told_by_process_and_start() {
        let seen =
            shown("LoadState=loaded\nActiveState=active\nMainPID=7\nExecMainStartTimestampMonotonic=99\n");
        assert_eq!(seen.identity.as_deref(), Some("7 99"));
    }

    #[test]
    fn a_unit_that_is_not_there_is_missing_and_an_answer_without_a_state_is_none() {
        let missing = Shown::parse("LoadState=not-found\nActiveState=inactive\nSubState=dead\n").unwrap();
        assert!(missing.is_missing());
        let deleted = Shown::parse("LoadState=not-found\nActiveState=active\nSubState=running\n").unwrap();
        assert!(!deleted.is_missing(), "its file was removed while it runs");
        assert!(Shown::parse("Failed to connect to bus").is_none());
    }

    #[test]
    fn a_unit_name_that_is_a_pattern_or_an_option_is_refused() {
        let check = |unit: &str| {
            SystemdSettings {
                unit: unit.to_owned(),
            }
            .check()
        };
        for unit in ["ssh", "getty@tty1.service", "dev-disk-by\\x2duuid.device"] {
            assert_eq!(check(unit), Ok(()));
        }
        for unit in ["", "*", "a?", "[ab]", "--all", "a b", "a\n"] {
            assert!(check(unit).is_err(), "{unit}");
        }
    }
}
