//! `oninit`: starts a server that is off-line, or makes a new one.

use crate::server::{Mode, Server};
use std::io;
use std::path::PathBuf;

/// The version of a server that is made by `oninit`.
const VERSION: &str = "11.50.FC9";
/// How many pages each of its spaces has.
const PAGES: u32 = 2000;

/// Runs it: to on-line, or with `-s` to quiescent. With `-i` the server is made anew before that, with the spaces that the
/// configuration file names: ROOTPATH, and DATASPACE and DATAPATH, which the real one does not know.
///
/// # Errors
/// What it fails with, as it says it.
pub fn oninit(server: &Server, args: &[String]) -> io::Result<u8> {
    let quiescent = args.iter().any(|arg| arg == "-s");
    if args.iter().any(|arg| arg == "-iy") {
        let parameters = server.environment.parameters()?;
        let path = |name: &str| PathBuf::from(parameters.get(name, "/dev/null"));
        let data = parameters.get("DATASPACE", "datadbs");
        let spaces = [
            ("rootdbs", path("ROOTPATH"), PAGES),
            (data, path("DATAPATH"), PAGES),
        ];
        server.create(VERSION, &spaces)?;
    }
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
