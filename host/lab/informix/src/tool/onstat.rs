//! `onstat`: what a server tells of itself. `onstat -` ends with the mode as its exit code.

use crate::chunk;
use crate::faults::Faults;
use crate::server::{Mode, Server, State};
use crate::tool::{date, not_running};
use std::io;

/// Runs it.
///
/// # Errors
/// If there is no such server.
pub fn onstat(server: &Server, args: &[String]) -> io::Result<u8> {
    let words: Vec<_> = args.iter().map(String::as_str).collect();
    if words == ["-c"] {
        print!("{}", std::fs::read_to_string(server.environment.onconfig_file())?);
        return Ok(0);
    }
    let slow = Faults::read(&server.environment)?.slow_start;
    let state = server.alter(|state| {
        if state.mode == Mode::Initialization {
            state.looks += 1;
            if state.looks > slow {
                state.mode = Mode::OnLine;
            }
        }
        Ok(state.clone())
    })?;
    if state.mode == Mode::OffLine {
        println!("{}", not_running(server));
        return Ok(255);
    }
    println!(
        "\nIBM Informix Dynamic Server Version {} -- {} -- Up 00:01:02 -- 1234567 Kbytes\n",
        state.version,
        state.mode.text()
    );
    match words[..] {
        ["-"] => return Ok(state.mode.code()),
        ["-g", "arc"] => archives(&state),
        ["-d"] => spaces(&state)?,
        [] => {}
        _ => {
            println!("unknown option {}", words.join(" "));
            return Ok(1);
        }
    }
    Ok(0)
}

fn archives(state: &State) {
    println!("num DBSpace  Q Size Q Len  Buffer partnum  size       scanner\n");
    println!("Dbspaces - Archive Status");
    println!("name               number level date                log        log-position");
    for space in &state.spaces {
        for (level, archived) in &state.archives {
            println!(
                "{:<18} {:<6} {level:<5} {:<19} {:<10} {:#x}",
                space.name,
                space.number,
                date(archived.date, "%m/%d/%Y.%H:%M"),
                archived.log,
                archived.position
            );
        }
    }
}

fn spaces(state: &State) -> io::Result<()> {
    println!("Dbspaces");
    println!("address          number   flags      fchunk   nchunks  pgsize   flags    owner    name");
    for space in &state.spaces {
        println!(
            "44d17028         {:<8} 0x60001    {:<8} 1        {:<8} N  B     informix {}",
            space.number,
            space.number,
            chunk::PAGE,
            space.name
        );
    }
    println!(" {} active, 2047 maximum\n", state.spaces.len());
    println!("Chunks");
    println!("address          chunk/dbs     offset     size       free       bpages     flags pathname");
    for space in &state.spaces {
        // A chunk whose file is gone shows as down.
        let (used, flags) = match chunk::changed_after(&space.path, 0) {
            Ok(pages) => (u32::try_from(pages.len()).unwrap_or(space.pages), "PO-B-"),
            Err(_) => (0, "PD-B-"),
        };
        println!(
            "44d171e8         {:<6} {:<6} 0          {:<10} {:<10}            {flags} {}",
            space.number,
            space.number,
            space.pages,
            space.pages.saturating_sub(used),
            space.path.display()
        );
    }
    println!(" {} active, 32766 maximum\n", state.spaces.len());
    println!("Expanded chunk capacity mode: always");
    Ok(())
}
