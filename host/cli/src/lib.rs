//! The command `procedo`, as a library: the program itself and its twin for the crash tests only call [`main`].
//!
//! - `args`, `usage`: what can be typed, its help, and what is wrong with it
//! - `commands`: what each command does
//! - `attend`: a run from its start to its end, with all that it waits for on the way
//! - `site`, `library`, `plugins`, `people`: the site that is worked on, its procedures, who works on it
//! - `edit`: changes to `procedo.toml`
//! - `reference`: the functions that procedures can call
//! - `output`, `catalogues`: what is told, and in which words
//! - `exit`, `interrupt`, `crash`: how a command ends

mod args;
mod attend;
mod catalogues;
mod commands;
mod crash;
mod edit;
mod exit;
mod interrupt;
mod library;
mod output;
mod people;
mod plugins;
mod reference;
mod site;
mod usage;

use args::{Command, CommandLine, Globals};
use clap::Parser;
use exit::Exit;
use output::Output;
use procedo_core::Result;
use procedo_core::message::Language;
use site::{Opened, Place};
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs the command line of this process and returns its exit code.
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let exit = crash::guarded(|| run(&args));
    ExitCode::from(exit.code())
}

fn run(args: &[OsString]) -> Exit {
    let line = match CommandLine::try_parse_from(args) {
        Ok(line) => line,
        Err(error) => {
            return usage::tell(
                &error,
                args,
                &output(usage::wants_json(args), usage::language(args, None)),
            );
        }
    };
    let globals = line.globals.clone();
    // The site says which language to speak where neither the command nor the locale does.
    let place = line
        .command
        .needs_site()
        .then(|| Place::find(globals.site.as_deref()));
    let own = place
        .as_ref()
        .and_then(|place| place.as_ref().ok())
        .map(|place| place.site.language);
    let mut output = output(globals.json, usage::language(args, own));
    if let Some(Ok(place)) = &place {
        output.zone = output::moment::zone_of(&place.site);
    }
    let result = act(line.command, &globals, place, &output);
    result.unwrap_or_else(|error| {
        output.error(&error);
        Exit::of_error(&error)
    })
}

fn output(json: bool, language: Language) -> Output {
    match catalogues::texts(language) {
        Ok(texts) => Output::new(json, language, Arc::new(texts)),
        // The catalogues are compiled in, and a test reads them all.
        Err(error) => panic!("{error}"),
    }
}

fn act(command: Command, globals: &Globals, place: Option<Result<Place>>, output: &Output) -> Result<Exit> {
    let Some(place) = place else {
        return commands::without_site(command, output);
    };
    let opened = Opened::new(place?, globals.token_file.as_deref(), Arc::clone(&output.texts))?;
    commands::with_site(command, &opened, output)
}
