//! `lab`: the simulated site's web server.

use crate::args::Lab;
use crate::exit::Exit;
use crate::output::{Output, err, msg};
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::site::Role;
use procedo_lab::{Status, down, serve_forever, status, up};
use serde_json::json;
use std::ffi::OsStr;

/// Starts, looks at and stops the lab of the site.
pub fn lab(opened: &Opened, output: &Output, args: &Lab) -> Result<Exit> {
    let dir = &opened.place.dir;
    match args {
        Lab::Up => {
            opened.person.must_be(Role::Operator)?;
            let program = std::env::current_exe()
                .map_err(|error| err!(Failed, "P0003", path = "procedo", reason = error))?;
            let arguments = [
                OsStr::new("--site"),
                dir.as_os_str(),
                OsStr::new("lab"),
                OsStr::new("serve"),
            ];
            let started = up(dir, &program, &arguments)?;
            if output.json {
                output.document(&json!({"up": true, "already": started.already, "url": started.state.url, "pid": started.state.pid}));
            } else {
                let id = if started.already { "lab-already" } else { "lab-up" };
                output.say(&msg!(id, url = started.state.url));
            }
        }
        Lab::Status => match status(dir)? {
            Status::Up(state) if output.json => {
                output.document(&json!({"up": true, "url": state.url, "pid": state.pid}));
            }
            Status::Up(state) => output.say(&msg!("lab-is-up", url = state.url)),
            Status::Down if output.json => output.document(&json!({"up": false})),
            Status::Down => output.say(&msg!("lab-is-down")),
        },
        Lab::Down => {
            opened.person.must_be(Role::Operator)?;
            let ran = down(dir)?;
            if output.json {
                output.document(&json!({"up": false, "ran": ran}));
            } else {
                output.say(&msg!(if ran { "lab-stopped" } else { "lab-is-down" }));
            }
        }
        Lab::Serve => serve_forever(dir, None)?,
    }
    Ok(Exit::Done)
}
