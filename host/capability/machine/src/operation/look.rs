//! The reads: environment, names, reachability, space, facts.

use super::Touched;
use crate::api::{Limits, Machine, Output, Program};
use crate::machines::Machines;
use procedo_core::capability::{Context, Reading};
use procedo_core::change::Assumed;
use procedo_core::effect::ResourceName;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a host may take to answer, in seconds.
pub(crate) const PATIENCE: &str = "5";
/// How long the tools that look may take.
pub(super) const LIMITS: Limits = Limits {
    time: std::time::Duration::from_secs(30),
    bytes: 64 << 10,
};

/// An address with the names that it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resolved {
    /// The IP address.
    pub address: String,
    /// Its names.
    pub names: Vec<String>,
}

/// How it was tried to reach a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReachMethod {
    /// A TCP connection.
    Tcp,
    /// An ICMP echo.
    Ping,
}

/// Whether a host can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reachability {
    /// Whether it answered.
    pub reached: bool,
    /// How it was tried.
    pub method: ReachMethod,
    /// What was said where it did not answer.
    pub detail: String,
}

/// How much space a file system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FreeSpace {
    /// All of it, in bytes.
    pub total: u64,
    /// What may still be filled, in bytes.
    pub available: u64,
}

/// What is known about a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// Its own name.
    pub hostname: String,
    /// The operating system.
    pub system: String,
    /// The release of its kernel.
    pub kernel: String,
    /// The processor architecture.
    pub architecture: String,
    /// The distribution with its version.
    pub distribution: Option<String>,
    /// The first line of its patch level file.
    pub patch_level: Option<String>,
    /// How many seconds it has been running.
    pub uptime: u64,
    /// The identifier of this start.
    pub boot_id: String,
}

/// The arguments of `clock-offset` and `system-facts`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MachineArgs {
    pub(super) machine: String,
}

/// The arguments of `environment`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct EnvironmentArgs {
    machine: String,
    name: String,
}

/// The arguments of `resolve`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ResolveArgs {
    machine: String,
    host: String,
}

/// The arguments of `reachable`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ReachableArgs {
    machine: String,
    host: String,
    port: Option<u16>,
}

/// The arguments of `free-space`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct SpaceArgs {
    machine: String,
    path: String,
}

pub(crate) struct Environment(pub(crate) Machines);
pub(crate) struct Resolve(pub(crate) Machines);
pub(crate) struct Reachable(pub(crate) Machines);
pub(crate) struct SpaceOf(pub(crate) Machines);
pub(crate) struct SystemFacts(pub(crate) Machines);

/// Looks at a machine, unless the plan has changed something there.
pub(super) fn look<R>(
    machines: &Machines,
    name: &str,
    context: &mut Context<'_>,
    ask: impl FnOnce(&dyn Machine, &Context<'_>) -> Result<R>,
) -> Result<Assumed<R>> {
    let machine = machines.get(name)?;
    Ok(match Touched::why(context, name) {
        Some(why) => Assumed::Unforeseeable(why),
        None => Assumed::Real(ask(&*machine, context)?),
    })
}

pub(super) fn unreadable(machine: &dyn Machine, output: &Output) -> Error {
    let said = format!("{} {}", output.text(), output.errors());
    Error::new(Kind::Failed, "P1025")
        .with("machine", machine.name())
        .with("answer", format!("{} {}", output.code, said.trim()))
}

fn refused(machine: &str, argument: &str, value: &str, rule: &str) -> Error {
    Error::new(Kind::Invalid, "P1028")
        .with("machine", machine)
        .with("argument", argument)
        .with("value", value.escape_debug())
        .with("rule", rule)
}

/// A host name or address, as RFC 1123 §2.1 and RFC 4291 §2.2 allow it, with a zone where it has one.
fn host(machine: &str, host: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'%');
    if host.is_empty() || host.len() > 255 || host.starts_with('-') || !host.bytes().all(plain) {
        return Err(refused(machine, "host", host, "host"));
    }
    Ok(())
}

impl Reading for Environment {
    type Args = EnvironmentArgs;
    type Reply = Option<String>;

    fn resource(&self, args: &EnvironmentArgs) -> ResourceName {
        args.machine.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &EnvironmentArgs) -> Result<Assumed<Option<String>>> {
        if args.name.is_empty() || args.name.starts_with('-') || args.name.contains(['=', '\0']) {
            return Err(refused(&args.machine, "name", &args.name, "variable"));
        }
        look(&self.0, &args.machine, context, |machine, context| {
            if let Some(windows) = self.0.windows(&args.machine) {
                return windows.environment(&args.name, context.stop);
            }
            let output = machine.run(&Program::new("printenv").arg(&args.name), &LIMITS, context.stop)?;
            match output.code {
                0 => {
                    let text = output.text();
                    Ok(Some(text.strip_suffix('\n').unwrap_or(&text).to_owned()))
                }
                1 => Ok(None),
                _ => Err(unreadable(machine, &output)),
            }
        })
    }
}

impl Reading for Resolve {
    type Args = ResolveArgs;
    type Reply = Vec<Resolved>;

    fn resource(&self, args: &ResolveArgs) -> ResourceName {
        args.machine.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &ResolveArgs) -> Result<Assumed<Vec<Resolved>>> {
        host(&args.machine, &args.host)?;
        look(&self.0, &args.machine, context, |machine, context| {
            if let Some(windows) = self.0.windows(&args.machine) {
                return windows.resolve(&args.host, context.stop);
            }
            // getent(1): 0 found, 2 not found.
            let getent = |base: &str, key: &str| {
                let output = machine.run(&Program::new("getent").args([base, key]), &LIMITS, context.stop)?;
                match output.code {
                    0 => Ok(output.text()),
                    2 => Ok(String::new()),
                    _ => Err(unreadable(machine, &output)),
                }
            };
            let mut found: Vec<Resolved> = Vec::new();
            for line in getent("ahosts", &args.host)?.lines() {
                let Some(address) = line.split_whitespace().next() else {
                    continue;
                };
                if found.iter().any(|resolved| resolved.address == address) {
                    continue;
                }
                let mut names: Vec<String> = Vec::new();
                for line in getent("hosts", address)?.lines() {
                    for name in line.split_whitespace().skip(1) {
                        if !names.iter().any(|known| known == name) {
                            names.push(name.to_owned());
                        }
                    }
                }
                found.push(Resolved {
                    address: address.to_owned(),
                    names,
                });
            }
            Ok(found)
        })
    }
}

/// Opens a connection by the shell's own means; the host and port are its arguments, not part of its text.
fn connection(host: &str, port: u16) -> Program {
    Program::new("timeout")
        .args([PATIENCE, "bash", "-c", "exec 3<>\"/dev/tcp/$0/$1\""])
        .args([host.to_owned(), port.to_string()])
}

impl Reading for Reachable {
    type Args = ReachableArgs;
    type Reply = Reachability;

    fn resource(&self, args: &ReachableArgs) -> ResourceName {
        args.machine.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &ReachableArgs) -> Result<Assumed<Reachability>> {
        host(&args.machine, &args.host)?;
        if args.port == Some(0) {
            return Err(refused(&args.machine, "port", "0", "port"));
        }
        look(&self.0, &args.machine, context, |machine, context| {
            if let Some(windows) = self.0.windows(&args.machine) {
                return windows.reach(&args.host, args.port, context.stop);
            }
            let (program, method) = match args.port {
                Some(port) => (connection(&args.host, port), ReachMethod::Tcp),
                None => (
                    Program::new("ping").args(["-n", "-c", "1", "-W", PATIENCE, &args.host]),
                    ReachMethod::Ping,
                ),
            };
            let output = machine.run(&program, &LIMITS, context.stop)?;
            // timeout(1): 124 the time was up, 126 and 127 the program cannot be started.
            if matches!(output.code, 126 | 127) {
                return Err(Error::new(Kind::NotSupported, "P1013")
                    .with("machine", machine.name())
                    .with("what", "reachable (bash)"));
            }
            let said = if output.errors().trim().is_empty() {
                output.text()
            } else {
                output.errors()
            };
            let detail = match output.code {
                0 => String::new(),
                124 => format!("timeout: {PATIENCE} s"),
                _ => said.trim().lines().last().unwrap_or_default().to_owned(),
            };
            Ok(Reachability {
                reached: output.code == 0,
                method,
                detail,
            })
        })
    }
}

impl Reading for SpaceOf {
    type Args = SpaceArgs;
    type Reply = FreeSpace;

    fn resource(&self, args: &SpaceArgs) -> ResourceName {
        args.machine.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &SpaceArgs) -> Result<Assumed<FreeSpace>> {
        let windows = self.0.windows(&args.machine);
        if let Some(refused) = windows.and_then(|windows| windows.path_refused(&args.path)) {
            return Err(refused);
        }
        if windows.is_none() && (!args.path.starts_with('/') || args.path.contains('\0')) {
            return Err(refused(&args.machine, "path", &args.path, "path"));
        }
        look(&self.0, &args.machine, context, |machine, _| {
            let space = machine.free_space(&args.path)?;
            Ok(FreeSpace {
                total: space.total,
                available: space.available,
            })
        })
    }
}

/// Prints one fact a line, empty where there is none.
const FACTS: &str = r#"uname -n; uname -s; uname -r; uname -m
(. /etc/os-release 2>/dev/null && printf '%s' "$PRETTY_NAME"); echo
cut -d. -f1 /proc/uptime; cat /proc/sys/kernel/random/boot_id"#;

impl Reading for SystemFacts {
    type Args = MachineArgs;
    type Reply = Facts;

    fn resource(&self, args: &MachineArgs) -> ResourceName {
        args.machine.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &MachineArgs) -> Result<Assumed<Facts>> {
        let settings = self.0.settings(&args.machine)?;
        look(&self.0, &args.machine, context, |machine, context| {
            let facts = match self.0.windows(&args.machine) {
                Some(windows) => windows.facts(context.stop)?,
                None => unix_facts(machine, context)?,
            };
            let patch_level = match &settings.patch_level_file {
                Some(path) => {
                    let bytes = machine.read_file(path, 64 << 10)?;
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    Some(text.lines().next().unwrap_or_default().trim().to_owned())
                }
                None => None,
            };
            Ok(Facts { patch_level, ..facts })
        })
    }
}

fn unix_facts(machine: &dyn Machine, context: &Context<'_>) -> Result<Facts> {
    let output = machine.run(&Program::new("sh").args(["-c", FACTS]), &LIMITS, context.stop)?;
    let text = output.text();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let [
        hostname,
        system,
        kernel,
        architecture,
        distribution,
        uptime,
        boot_id,
    ] = lines[..]
    else {
        return Err(unreadable(machine, &output));
    };
    Ok(Facts {
        hostname: hostname.to_owned(),
        system: system.to_owned(),
        kernel: kernel.to_owned(),
        architecture: architecture.to_owned(),
        distribution: (!distribution.is_empty()).then(|| distribution.to_owned()),
        patch_level: None,
        uptime: uptime.parse().map_err(|_| unreadable(machine, &output))?,
        boot_id: boot_id.to_owned(),
    })
}
