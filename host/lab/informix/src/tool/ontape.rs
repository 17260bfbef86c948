//! `ontape`: archives to a folder, a file or a tape, and restores from there.

use crate::console::ask;
use crate::server::Server;
use crate::tool::{backup, restore};
use std::io;
use std::path::PathBuf;

/// What `ontape` was told.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) level: Option<u8>,
    /// `-d`: no prompts; only for a folder.
    pub(super) no_prompts: bool,
    /// `-t`: instead of the configured device.
    pub(super) device: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// What it fails with, as it says it.
pub fn ontape(server: &Server, args: &[String]) -> io::Result<u8> {
    let mut options = Options::default();
    let mut work = None;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-s" | "-r" => work = Some(arg.as_str()),
            "-L" => options.level = Some(level(args.next().map_or("", String::as_str))?),
            "-t" => options.device = args.next().map(PathBuf::from),
            "-d" => options.no_prompts = true,
            "-v" => {}
            other => return usage(other),
        }
    }
    match work {
        Some("-s") => {
            let level = match options.level {
                Some(level) => level,
                None => level(&ask(
                    "Please enter the level of archive to be performed (0, 1, or 2)",
                )?)?,
            };
            backup::archive(server, &options, level)
        }
        Some(_) => restore::restore(server, &options),
        None => usage(""),
    }
}

fn level(text: &str) -> io::Result<u8> {
    match text {
        "0" => Ok(0),
        "1" => Ok(1),
        "2" => Ok(2),
        _ => Err(io::Error::other("Archive failed - invalid archive level")),
    }
}

fn usage(arg: &str) -> io::Result<u8> {
    eprintln!("Usage: ontape {{ -s [-L 0|1|2] | -r }} [-d] [-v] [-t device]   ({arg})");
    Ok(1)
}
