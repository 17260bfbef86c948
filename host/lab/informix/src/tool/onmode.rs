//! `onmode`: changes the mode of a server that runs.

use crate::console::agrees;
use crate::faults::Faults;
use crate::server::{Mode, Server};
use crate::tool::running;
use std::io;

/// Runs it.
///
/// # Errors
/// What it fails with, as it says it.
pub fn onmode(server: &Server, args: &[String]) -> io::Result<u8> {
    let state = running(server)?;
    let slow = Faults::read(&server.environment)?.slow_start > 0;
    let option = args.first().map_or("", String::as_str);
    let (mode, prompt) = match option.trim_end_matches('y') {
        "-m" if slow && state.mode == Mode::Quiescent => (Mode::Initialization, None),
        "-m" => (Mode::OnLine, None),
        "-k" => (Mode::OffLine, Some("OFF-LINE")),
        "-s" | "-u" => (Mode::Quiescent, Some("to QUIESCENT mode")),
        "-j" => (Mode::SingleUser, Some("to ADMINISTRATION mode")),
        "-c" | "-l" => return Ok(0),
        _ => {
            eprintln!("usage: onmode -m | -k[y] | -s[y] | -u[y] | -j[y] | -c | -l");
            return Ok(1);
        }
    };
    if let Some(what) = prompt
        && !option.ends_with('y')
        && !agrees(&format!(
            "This will take Informix {what} - Do you wish to continue (y/n)?"
        ))?
    {
        return Ok(1);
    }
    server.alter(|state| {
        state.mode = mode;
        state.looks = 0;
        Ok(0)
    })
}
