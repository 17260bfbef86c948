//! `oninit`: starts a server that is off-line.

use crate::server::{Mode, Server};
use std::io;

/// Runs it: to on-line, or with `-s` to quiescent.
///
/// # Errors
/// What it fails with, as it says it.
pub fn oninit(server: &Server, args: &[String]) -> io::Result<u8> {
    let quiescent = args.iter().any(|arg| arg == "-s");
    server.alter(|state| {
        if state.mode != Mode::OffLine {
            return Err(io::Error::other("oninit: the server runs already"));
        }
        let lost = state.spaces.iter().find(|space| !space.path.is_file());
        if let Some(space) = lost {
            return Err(io::Error::other(format!(
                "oninit: Fatal error: could not open chunk {}",
                space.path.display()
            )));
        }
        if state.half_restored {
            return Err(io::Error::other(
                "oninit: Fatal error: the physical restore was not completed",
            ));
        }
        state.mode = if quiescent { Mode::Quiescent } else { Mode::OnLine };
        state.looks = 0;
        Ok(0)
    })
}
