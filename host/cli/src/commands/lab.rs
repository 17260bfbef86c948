//! `lab`: the simulated site's web server and servers.

use crate::args::Lab;
use crate::exit::Exit;
use crate::output::{Output, err, msg};
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::site::Role;
use procedo_lab::machine::power::Condition;
use procedo_lab::servers::{self, Parts};
use procedo_lab::{Status, down, process, serve_forever, up};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What the programs of the simulated servers are called with: this program itself.
pub const PROGRAM: &[&str] = &["lab", "program"];

/// This program.
pub fn own_program() -> Result<PathBuf> {
    std::env::current_exe().map_err(|error| err!(Failed, "P0003", path = "procedo", reason = error))
}

/// A program of the simulated servers.
pub fn program(words: &[String]) -> Exit {
    match procedo_lab::machine::program::main(words) {
        0 => Exit::Done,
        _ => Exit::Failed,
    }
}

/// Starts, looks at and stops the lab of the site.
pub fn lab(opened: &Opened, output: &Output, args: &Lab) -> Result<Exit> {
    let dir = &opened.place.dir;
    match args {
        Lab::Up { part } => {
            opened.person.must_be(Role::Operator)?;
            let parts = Parts::named(part)?;
            let program = own_program()?;
            let mut document = json!({"up": true});
            if parts.web {
                let started = web_up(dir, &program)?;
                document["already"] = started.already.into();
                document["url"] = started.state.url.clone().into();
                document["pid"] = started.state.pid.into();
                let id = if started.already { "lab-already" } else { "lab-up" };
                if !output.json {
                    output.say(&msg!(id, url = started.state.url));
                }
            }
            if !parts.servers.is_empty() {
                servers::up(dir, &parts.servers, &program, PROGRAM)?;
            }
            let conditions = servers::look(dir)?;
            if output.json {
                document["servers"] = described(&conditions);
                output.document(&document);
            } else if !parts.servers.is_empty() {
                tell(output, &conditions);
            }
        }
        Lab::Status => {
            let conditions = servers::look(dir)?;
            let web = process::status(dir)?;
            if output.json {
                let mut document = match web {
                    Status::Up(state) => json!({"up": true, "url": state.url, "pid": state.pid}),
                    Status::Down => json!({"up": false}),
                };
                document["servers"] = described(&conditions);
                output.document(&document);
            } else {
                match web {
                    Status::Up(state) => output.say(&msg!("lab-is-up", url = state.url)),
                    Status::Down => output.say(&msg!("lab-web-is-down")),
                }
                tell(output, &conditions);
            }
        }
        Lab::Down => {
            opened.person.must_be(Role::Operator)?;
            let servers = servers::down(dir)?;
            let ran = down(dir)? || servers;
            if output.json {
                output.document(&json!({"up": false, "ran": ran}));
            } else {
                output.say(&msg!(if ran { "lab-stopped" } else { "lab-is-down" }));
            }
        }
        Lab::Serve => serve_forever(dir, None)?,
        // Needs no site.
        Lab::Program { words } => return Ok(program(words)),
    }
    Ok(Exit::Done)
}

fn web_up(dir: &Path, program: &Path) -> Result<procedo_lab::Started> {
    let arguments = [
        OsStr::new("--site"),
        dir.as_os_str(),
        OsStr::new("lab"),
        OsStr::new("serve"),
    ];
    up(dir, program, &arguments)
}

/// The servers as a document tells them.
fn described(conditions: &[Condition]) -> Value {
    let service =
        |(name, pid): &(&str, Option<i32>)| json!({"name": name, "running": pid.is_some(), "pid": pid});
    let server = |condition: &Condition| {
        let services: Vec<Value> = condition.services.iter().map(service).collect();
        json!({"name": condition.name, "on": condition.on, "services": services})
    };
    conditions.iter().map(server).collect()
}

fn tell(output: &Output, conditions: &[Condition]) {
    for condition in conditions {
        let of = |running: bool| {
            let services = condition.services.iter();
            let names: Vec<&str> = services
                .filter(|(_, pid)| pid.is_some() == running)
                .map(|(name, _)| *name)
                .collect();
            if names.is_empty() {
                "–".to_owned()
            } else {
                names.join(", ")
            }
        };
        let id = if condition.on {
            "lab-server"
        } else {
            "lab-server-off"
        };
        output.say(&msg!(
            id,
            server = condition.name,
            running = of(true),
            stopped = of(false)
        ));
    }
}
