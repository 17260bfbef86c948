//! The tools. Each takes its arguments, talks on standard input and output, and ends with its exit code.

mod backup;
mod dbaccess;
mod onbar;
mod oninit;
mod onmode;
mod onstat;
mod ontape;
mod restore;
mod unload;

pub use dbaccess::dbaccess;
pub use onbar::onbar;
pub use oninit::oninit;
pub use onmode::onmode;
pub use onstat::onstat;
pub use ontape::ontape;

use crate::environment::Environment;
use crate::server::{Mode, Server, State};
use std::io;
use std::process::ExitCode;

/// Runs a tool over the server that its environment names.
pub fn run(tool: fn(&Server, &[String]) -> io::Result<u8>) -> ExitCode {
    let environment = match Environment::read() {
        Ok(environment) => environment,
        Err(missing) => {
            eprintln!("{missing}");
            return ExitCode::from(255);
        }
    };
    let args: Vec<_> = std::env::args().skip(1).collect();
    match tool(&Server::new(environment), &args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            println!("{error}");
            ExitCode::from(1)
        }
    }
}

/// What every tool but those that start a server says of one that does not run.
fn not_running(server: &Server) -> String {
    format!(
        "shared memory not initialized for INFORMIXSERVER '{}'",
        server.environment.server
    )
}

/// The state of a server that runs.
fn running(server: &Server) -> io::Result<State> {
    let state = server.state()?;
    match state.mode {
        Mode::OffLine => Err(io::Error::other(not_running(server))),
        _ => Ok(state),
    }
}

/// The local date and time of a moment.
fn date(seconds: i64, format: &str) -> String {
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    moment
        .to_zoned(jiff::tz::TimeZone::system())
        .strftime(format)
        .to_string()
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
