//! The driver `windows`: a service of the Service Control Manager, by PowerShell and the WMI class `Win32_Service` (its methods
//! and their return values: Microsoft, “Win32_Service class”).

use crate::driver::{Driver, On};
use crate::processes::Process;
use crate::state::{Seen, ServiceState, ServiceStatus};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use procedo_core::capability::Stop;
use procedo_core::{Kind, Result};
use procedo_machine::{Input, Program};
use serde::Deserialize;
use std::fmt::Write;
use std::time::Duration;

/// `ERROR_SERVICE_NEVER_STARTED`: the exit code of a service that was not started since the machine was.
const NEVER_STARTED: u32 = 1077;
/// The longest service name: Microsoft, “CreateServiceW”.
const LONGEST_NAME: usize = 256;
/// What every script begins with: errors end it, and text is UTF-8 both ways.
const PREAMBLE: &str = "$ErrorActionPreference = 'Stop'\n\
    $ProgressPreference = 'SilentlyContinue'\n\
    [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false\n\
    [Console]::InputEncoding = New-Object Text.UTF8Encoding $false\n";
/// Tells one process, or nothing, as an object with number, start and command.
const PROCESS: &str = "function Told($id) {\n\
    $p = Get-CimInstance Win32_Process -Filter \"ProcessId=$id\"\n\
    if ($p) { @{ pid = $p.ProcessId; started = $p.CreationDate.ToUniversalTime().ToString('o'); \
    command = [string]$p.Name } }\n}\n";

/// The settings of a service of Windows.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct WindowsSettings {
    /// Its name, not the one that is displayed.
    service_name: String,
}

impl WindowsSettings {
    /// The rule that they break, if they do.
    pub(crate) fn check(&self) -> Result<(), String> {
        let name = &self.service_name;
        let unusable =
            |c: char| c.is_control() || matches!(c, '/' | '\\' | '\'' | '"' | '‘' | '’' | '‚' | '‛');
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(unusable) {
            return Err(format!("service-name = \"{}\"", name.escape_debug()));
        }
        Ok(())
    }
}

/// A service of Windows.
pub(crate) struct Windows {
    on: On,
    name: String,
}

/// What the script says of the service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Answer {
    state: String,
    account: Option<String>,
    exit: u32,
    /// Whether its process serves other services, too.
    shared: bool,
    process: Option<Told>,
    /// Those asked for that exist.
    #[serde(default)]
    others: Vec<Told>,
}

/// A process as the script tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Told {
    pid: u32,
    started: String,
    command: String,
}

impl From<&Told> for Process {
    fn from(told: &Told) -> Self {
        Self {
            pid: told.pid,
            started: told.started.clone(),
            command: told.command.clone(),
        }
    }
}

/// The word that the script says for a service that is not there.
const MISSING: &str = "missing";

/// A script that finds the service as `$s`.
fn script(name: &str, rest: &str) -> String {
    format!(
        "{PREAMBLE}$name = '{name}'\n\
         $s = Get-CimInstance Win32_Service -Filter \"Name='$name'\"\n\
         if (-not $s) {{ '{MISSING}'; exit 0 }}\n{rest}"
    )
}

/// A script that tells about the service and about processes.
fn look_script(name: &str, family: &[Process]) -> String {
    let mut others = String::new();
    for process in family {
        let _ = writeln!(others, "$others += @(Told {})", process.pid);
    }
    script(
        name,
        &format!(
            "{PROCESS}$others = @()\n{others}\
             @{{ state = $s.State; account = $s.StartName; exit = $s.ExitCode; shared = ($s.ServiceType -eq 'Share Process'); \
             process = $(if ($s.ProcessId) {{ Told $s.ProcessId }}); others = @($others) }} | ConvertTo-Json -Compress -Depth 4\n"
        ),
    )
}

/// A script that calls a method of the service and tells its return value.
fn call_script(name: &str, method: &str, arguments: &str) -> String {
    script(
        name,
        &format!("(Invoke-CimMethod -InputObject $s -MethodName {method}{arguments}).ReturnValue\n"),
    )
}

/// A script that sets the password that is the line of its input, in base64 of UTF-8. PowerShell itself reads the input of
/// `-EncodedCommand`, line by line and as the console's code page says: a script that read it, too, might miss the line.
fn password_script(name: &str) -> String {
    let change = call_script(name, "Change", " -Arguments @{ StartPassword = $password }");
    format!(
        "$line = @($input)[0]\n\
         $password = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($line))\n{change}"
    )
}

/// PowerShell with a script, which its command line carries in the form that needs no quoting: base64 of UTF-16.
fn powershell(script: &str) -> Program {
    let wide: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Program::new("powershell.exe").args([
        "-NoLogo",
        "-NoProfile",
        "-NonInteractive",
        "-EncodedCommand",
        &STANDARD.encode(wide),
    ])
}

/// The name of a return value of the methods of `Win32_Service`.
fn return_value(value: u32) -> &'static str {
    match value {
        1 => "not supported",
        2 => "access denied",
        3 => "dependent services running",
        4 => "invalid service control",
        5 => "service cannot accept control",
        6 => "service not active",
        7 => "service request timeout",
        8 => "unknown failure",
        9 => "path not found",
        10 => "service already running",
        11 => "service database locked",
        12 => "service dependency deleted",
        13 => "service dependency failure",
        14 => "service disabled",
        15 => "service logon failed",
        16 => "service marked for deletion",
        22 => "invalid service account",
        _ => "–",
    }
}

impl Answer {
    fn state(&self) -> ServiceState {
        match self.state.as_str() {
            "Running" => ServiceState::Running,
            "Stopped" if self.exit == 0 || self.exit == NEVER_STARTED => ServiceState::Stopped,
            "Stopped" => ServiceState::Failed,
            "Start Pending" => ServiceState::Starting,
            "Stop Pending" => ServiceState::Stopping,
            _ => ServiceState::Unknown,
        }
    }

    fn seen(&self, family: &[Process]) -> Seen {
        let others: Vec<Process> = self.others.iter().map(Process::from).collect();
        let remaining: Vec<Process> = family
            .iter()
            .filter(|process| {
                let is_it = |other: &Process| other.pid == process.pid && other.started == process.started;
                others.iter().any(is_it)
            })
            .cloned()
            .collect();
        let state = match self.state() {
            state if state.is_down() && !remaining.is_empty() => ServiceState::Stopping,
            state => state,
        };
        let exit = match self.state() {
            ServiceState::Failed => format!(", exit code {}", self.exit),
            _ => String::new(),
        };
        let process = self.process.as_ref();
        Seen {
            status: ServiceStatus {
                state,
                process: process.map(|process| process.pid),
                since: process
                    .and_then(|process| process.started.parse::<jiff::Timestamp>().ok())
                    .map(|moment| moment.to_string()),
                account: self.account.clone().filter(|account| !account.is_empty()),
                detail: format!("{}{exit}", self.state),
            },
            identity: process.map(|process| format!("{} {}", process.pid, process.started)),
            remaining,
        }
    }
}

impl Windows {
    pub(crate) fn new(on: On, settings: WindowsSettings) -> Self {
        Self {
            on,
            name: settings.service_name,
        }
    }

    fn answer(&self, program: &Program, stop: &Stop) -> Result<String> {
        let text = self.on.succeed(program, "powershell.exe", stop)?;
        match text.trim() {
            MISSING => Err(self.on.error(Kind::NotFound, "P1113").with("unit", &self.name)),
            text => Ok(text.to_owned()),
        }
    }

    fn looked(&self, family: &[Process], stop: &Stop) -> Result<Answer> {
        let text = self.answer(&powershell(&look_script(&self.name, family)), stop)?;
        serde_json::from_str(&text).map_err(|_| self.on.unreadable("powershell.exe", &text))
    }

    /// Calls a method. `fine`: return values that are as good as 0.
    fn call(&self, method: &str, program: &Program, fine: &[u32], code: &str, stop: &Stop) -> Result<()> {
        let text = self.answer(program, stop)?;
        match text.parse::<u32>() {
            Ok(value) if value == 0 || fine.contains(&value) => Ok(()),
            Ok(value) => Err(self
                .on
                .error(Kind::Failed, code)
                .with("tool", method)
                .with("exit", value)
                .with("reason", format!("{method} = {value} ({})", return_value(value)))),
            Err(_) => Err(self.on.unreadable("powershell.exe", &text)),
        }
    }
}

impl Driver for Windows {
    fn identity(&self) -> Option<String> {
        self.on.identity(&format!("windows:{}", self.name))
    }

    fn look(&self, family: &[Process], stop: &Stop) -> Result<Seen> {
        Ok(self.looked(family, stop)?.seen(family))
    }

    /// Its process, unless it serves other services, too: then it lives on.
    fn family(&self, stop: &Stop) -> Result<Vec<Process>> {
        let answer = self.looked(&[], stop)?;
        let own = answer.process.iter().filter(|_| !answer.shared);
        Ok(own.map(Process::from).collect())
    }

    fn start(&self, _time: Duration, stop: &Stop) -> Result<()> {
        let program = powershell(&call_script(&self.name, "StartService", ""));
        // 10: it runs already. 7: it takes longer than the call waits.
        self.call("StartService", &program, &[10, 7], "P1105", stop)
    }

    fn ask_to_stop(&self, _time: Duration, stop: &Stop) -> Result<()> {
        let program = powershell(&call_script(&self.name, "StopService", ""));
        // 6: it has stopped already. 7: it takes longer than the call waits. 5: it stops just now.
        self.call("StopService", &program, &[6, 7, 5], "P1109", stop)
    }

    fn sets_passwords(&self) -> bool {
        true
    }

    /// The account stays the one that the service has, which was compared before.
    fn set_password(&self, _account: &str, password: &str, stop: &Stop) -> Result<()> {
        let line = format!("{}\n", STANDARD.encode(password)).into_bytes();
        let program = powershell(&password_script(&self.name)).input(Input::Bytes(line));
        self.call("Change", &program, &[], "P1109", stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(json: &str) -> Answer {
        serde_json::from_str(json).unwrap()
    }

    const RUNNING: &str = r#"{"shared":false,"process":{"pid":4242,"started":"2026-11-22T10:00:00.1234567Z","command":"tomcat10.exe"},
        "state":"Running","exit":0,"account":"LocalSystem","others":[]}"#;

    #[test]
    fn a_running_service_is_read() {
        let seen = answer(RUNNING).seen(&[]);
        assert_eq!(seen.state(), ServiceState::Running);
        assert_eq!(seen.status.process, Some(4242));
        assert_eq!(seen.status.since.as_deref(), Some("2026-11-22T10:00:00.1234567Z"));
        assert_eq!(
            seen.identity.as_deref(),
            Some("4242 2026-11-22T10:00:00.1234567Z")
        );
    }

    #[test]
    fn a_stopped_service_has_failed_if_its_exit_code_says_so() {
        let state = |exit| {
            let text = format!(
                r#"{{"state":"Stopped","exit":{exit},"account":".\\svc","shared":false,"process":null}}"#
            );
            answer(&text).seen(&[]).status
        };
        assert_eq!(state(0).state, ServiceState::Stopped);
        assert_eq!(state(NEVER_STARTED).state, ServiceState::Stopped);
        assert_eq!(
            (state(1067).state, state(1067).detail.as_str()),
            (ServiceState::Failed, "Stopped, exit code 1067")
        );
    }

    #[test]
    fn a_stopped_service_whose_process_lives_is_still_stopping() {
        let family = [Process::from(answer(RUNNING).process.as_ref().unwrap())];
        let text = r#"{"state":"Stopped","exit":0,"account":null,"shared":false,"process":null,"others":[{"pid":4242,
            "started":"2026-11-22T10:00:00.1234567Z","command":"tomcat10.exe"}]}"#;
        let seen = answer(text).seen(&family);
        assert_eq!((seen.state(), seen.remaining.len()), (ServiceState::Stopping, 1));
        let recycled = text.replace("10:00:00.1", "11:00:00.1");
        assert_eq!(answer(&recycled).seen(&family).state(), ServiceState::Stopped);
    }

    #[test]
    fn paused_is_none_of_the_states() {
        let seen = answer(&RUNNING.replace("Running", "Paused")).seen(&[]);
        assert_eq!(
            (seen.state(), seen.status.detail.as_str()),
            (ServiceState::Unknown, "Paused")
        );
    }

    #[test]
    fn the_command_line_holds_the_script_and_never_a_password() {
        let program = powershell(&password_script("MSSQL$MAIN"));
        let wide = STANDARD.decode(program.args.last().unwrap()).unwrap();
        let wide: Vec<u16> = wide
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let script = String::from_utf16(&wide).unwrap();
        assert!(script.contains("$name = 'MSSQL$MAIN'\n"), "{script}");
        assert!(
            script.starts_with("$line = @($input)[0]\n") && script.contains("StartPassword = $password }"),
            "{script}"
        );
    }

    #[test]
    fn a_name_that_could_leave_its_quotes_is_refused() {
        let check = |name: &str| {
            let service_name = name.to_owned();
            WindowsSettings { service_name }.check()
        };
        assert_eq!(check("MSSQL$MAIN"), Ok(()));
        for name in ["", "a'b", "a\"b", "a’b", "a\\b", "a\nb"] {
            assert!(check(name).is_err(), "{name}");
        }
    }
}
