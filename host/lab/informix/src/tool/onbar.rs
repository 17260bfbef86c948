//! `onbar`: archives into a storage manager, without prompts; what it does stands in the activity log (`BAR_ACT_LOG`).

use crate::archive::{Header, records};
use crate::chunk;
use crate::faults::Faults;
use crate::server::{Mode, Server};
use crate::tool::backup::{Taken, remember, take};
use crate::tool::{date, now};
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// Exit codes of ON-Bar: nothing to restore; a critical space is missing in a cold restore; the server does not respond.
const NOT_FOUND: u8 = 100;
const NOT_COLD: u8 = 115;
const NO_SERVER: u8 = 130;

/// Runs it.
///
/// # Errors
/// If the activity log cannot be written.
pub fn onbar(server: &Server, args: &[String]) -> io::Result<u8> {
    let words: Vec<_> = args.iter().map(String::as_str).collect();
    let code = match words[..] {
        ["-b"] => back_up(server, 0),
        ["-b", "-L", "0"] => back_up(server, 0),
        ["-b", "-L", "1"] => back_up(server, 1),
        ["-b", "-L", "2"] => back_up(server, 2),
        ["-r"] => restore(server),
        _ => {
            eprintln!("usage: onbar -b [-L 0|1|2] | -r");
            return Ok(1);
        }
    }?;
    log(server, &format!("onbar returned {code} (0x{code:02x})"))?;
    Ok(code)
}

fn log(server: &Server, message: &str) -> io::Result<()> {
    let parameters = server.environment.parameters()?;
    let path = parameters.get("BAR_ACT_LOG", "/tmp/bar_act.log").to_owned();
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let when = date(now(), "%Y-%m-%d %H:%M:%S");
    writeln!(file, "{when} {} 1 {message}", std::process::id())
}

/// Where the storage manager keeps the object of a level.
fn object(server: &Server, level: u8) -> PathBuf {
    server
        .environment
        .state_dir()
        .join(format!("storage-manager-L{level}"))
}

fn back_up(server: &Server, level: u8) -> io::Result<u8> {
    let faults = Faults::read(&server.environment)?;
    let taken = match take(server, level) {
        Ok(taken) => taken,
        Err(error) => {
            log(server, &error.to_string())?;
            return Ok(NO_SERVER);
        }
    };
    let names: Vec<_> = taken.header.spaces.iter().map(|space| &space.name).collect();
    for name in &names {
        log(server, &format!("Begin level {level} backup {name}."))?;
    }
    let mut file = std::fs::File::create(object(server, level))?;
    taken.header.write(&mut file)?;
    file.write_all(&taken.payload)?;
    for percent in (10..=100).step_by(10) {
        faults.take_time(&server.environment, percent);
    }
    for name in &names {
        let message = faults.complaint.clone().unwrap_or_else(|| {
            format!("Completed level {level} backup {name} (Storage Manager copy ID: 5 0).")
        });
        log(server, &message)?;
    }
    if !faults.forgetful {
        for above in level + 1..=2 {
            let _ = std::fs::remove_file(object(server, above));
        }
        remember(server, &taken)?;
    }
    Ok(faults.exit_code)
}

fn restore(server: &Server) -> io::Result<u8> {
    let state = server.state()?;
    if state.mode != Mode::OffLine {
        log(server, "There are no storage spaces or logical logs to restore.")?;
        return Ok(NOT_COLD);
    }
    let mut archives = std::collections::BTreeMap::new();
    for level in 0..=2 {
        let Ok(mut file) = std::fs::File::open(object(server, level)) else {
            break;
        };
        let header = Header::read(&mut file)?;
        let mut payload = Vec::new();
        file.read_to_end(&mut payload)?;
        let taken = Taken { header, payload };
        server.alter(|state| {
            state.half_restored = true;
            Ok(())
        })?;
        for space in &taken.header.spaces {
            log(
                server,
                &format!("Begin cold level {level} restore {}.", space.name),
            )?;
            if level == 0 {
                chunk::clear(&space.path, space.pages)?;
            }
        }
        for record in records(&taken.payload)? {
            if let Some(space) = taken
                .header
                .spaces
                .iter()
                .find(|space| space.number == record.chunk)
            {
                chunk::put(&mut chunk::open(&space.path)?, record.page, record.bytes)?;
            }
        }
        for space in &taken.header.spaces {
            log(
                server,
                &format!("Completed cold level {level} restore {}.", space.name),
            )?;
        }
        archives.insert(level, taken.header.archived);
    }
    if archives.is_empty() {
        log(server, "No backup was found in the emergency boot file.")?;
        return Ok(NOT_FOUND);
    }
    server.alter(|state| {
        state.half_restored = false;
        state.mode = Mode::Quiescent;
        state.archives = archives;
        Ok(0)
    })
}
