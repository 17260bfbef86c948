//! What the reads of the capability ask a machine with Windows.

use crate::api::Machine;
use crate::operation::look::{Facts, PATIENCE, ReachMethod, Reachability, Resolved};
use crate::windows::script::{self, Values};
use crate::windows::shell::{Answer, OWN};
use crate::windows::{Windows, path};
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use serde::Deserialize;
use serde_json::Value;

/// How often its clock is asked: PowerShell starts anew each time.
pub(crate) const SAMPLES: usize = 3;

/// What is told of an address.
#[derive(Deserialize)]
struct Told {
    address: String,
    names: Value,
}

/// What PowerShell told as a list, where it makes no difference between one and a list of one.
fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(all) => all,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

impl Windows {
    fn look(&self, script: &str, values: Values, stop: &Stop) -> Result<Answer> {
        stop.check()?;
        let answer = self.shell.ask(script, values, 1 << 20, OWN, Some(stop))?;
        if answer.word == "failed" {
            return Err(self
                .shell
                .error(Kind::Failed, "P1025")
                .with("answer", answer.said()));
        }
        Ok(answer)
    }

    /// A variable of the environment that programs get there.
    pub(crate) fn environment(&self, name: &str, stop: &Stop) -> Result<Option<String>> {
        let mut answer = self.look(script::ENVIRONMENT, Values::default().with("name", name), stop)?;
        if answer.word == "none" {
            return Ok(None);
        }
        let bytes = answer.bulk("out").ok_or_else(|| self.shell.unreadable(&answer))?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Its time in nanoseconds since 1970.
    pub(crate) fn time(&self, stop: &Stop) -> Result<i128> {
        let answer = self.look(script::CLOCK, Values::default(), stop)?;
        answer
            .text("ticks")
            .and_then(|ticks| ticks.parse::<i128>().ok())
            .map(|ticks| ticks * 100)
            .ok_or_else(|| self.shell.unreadable(&answer))
    }

    /// A host's addresses, and the names of each.
    pub(crate) fn resolve(&self, host: &str, stop: &Stop) -> Result<Vec<Resolved>> {
        let mut answer = self.look(script::RESOLVE, Values::default().with("host", host), stop)?;
        let Some(found) = answer.told.get_mut("found").map(Value::take) else {
            return Err(self.shell.unreadable(&answer));
        };
        let mut resolved: Vec<Resolved> = Vec::new();
        for one in list(found) {
            let told = Told::deserialize(one).map_err(|_| self.shell.unreadable(&answer))?;
            let mut names: Vec<String> = Vec::new();
            for name in list(told.names) {
                let name = name.as_str().ok_or_else(|| self.shell.unreadable(&answer))?;
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
            if !resolved.iter().any(|known| known.address == told.address) {
                let address = told.address;
                resolved.push(Resolved { address, names });
            }
        }
        Ok(resolved)
    }

    /// Whether it reaches a host.
    pub(crate) fn reach(&self, host: &str, port: Option<u16>, stop: &Stop) -> Result<Reachability> {
        let values = Values::default()
            .with("host", host)
            .number("port", port.unwrap_or_default())
            .with("seconds", PATIENCE);
        let answer = self.look(script::REACH, values, stop)?;
        let (Some(reached), Some(detail)) = (answer.told["reached"].as_bool(), answer.text("detail")) else {
            return Err(self.shell.unreadable(&answer));
        };
        Ok(Reachability {
            reached,
            method: if port.is_some() {
                ReachMethod::Tcp
            } else {
                ReachMethod::Ping
            },
            detail: match detail {
                "timeout" => format!("timeout: {PATIENCE} s"),
                detail => detail.to_owned(),
            },
        })
    }

    /// What is known about it. The time of its start serves as the identifier of it.
    pub(crate) fn facts(&self, stop: &Stop) -> Result<Facts> {
        let answer = self.look(script::FACTS, Values::default(), stop)?;
        let text = |name: &str| answer.text(name).map(|text| text.trim().to_owned());
        let facts = || {
            Some(Facts {
                hostname: text("hostname")?,
                system: "Windows".to_owned(),
                kernel: text("kernel")?,
                architecture: text("architecture")?,
                distribution: text("distribution").filter(|name| !name.is_empty()),
                patch_level: None,
                uptime: u64::try_from(answer.number("uptime")?).ok()?,
                boot_id: text("boot")?,
            })
        };
        facts().ok_or_else(|| self.shell.unreadable(&answer))
    }

    /// What is wrong with a path, as an error about an argument's value.
    pub(crate) fn path_refused(&self, path: &str) -> Option<Error> {
        path::fault(path).map(|_| {
            Error::new(Kind::Invalid, "P1028")
                .with("machine", self.name())
                .with("argument", "path")
                .with("value", path.escape_debug())
                .with("rule", "path")
        })
    }
}
