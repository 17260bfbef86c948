//! `ontape -s`: an archive is written, tape after tape.

use crate::archive::{Header, add, conclude};
use crate::chunk;
use crate::console::ask;
use crate::environment::Parameters;
use crate::faults::Faults;
use crate::server::{Archived, Mode, Server};
use crate::tool::ontape::Options;
use crate::tool::{date, not_running, now};
use rustix::fs::{FlockOperation, flock};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

fn failed(why: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("Archive failed - {why}"))
}

/// An archive as it was when it began: what an archive in progress holds does not change any more.
pub(super) struct Taken {
    pub(super) header: Header,
    pub(super) payload: Vec<u8>,
}

/// Takes the pages of an archive at one moment.
pub(super) fn take(server: &Server, level: u8) -> io::Result<Taken> {
    server.alter(|state| {
        if !matches!(state.mode, Mode::OnLine | Mode::Quiescent | Mode::SingleUser) {
            return Err(io::Error::other(not_running(server)));
        }
        state.started_archives += 1;
        let base = (0..level).rev().find_map(|lower| state.archives.get(&lower));
        if level > 0 && base.is_none() {
            return Err(failed("there is no archive of a lower level to build upon"));
        }
        // An archive begins with a checkpoint, which the log knows of.
        state.stamp += 1;
        let (log, position) = state.log();
        let archived = Archived {
            date: now(),
            log,
            position,
            stamp: state.stamp,
        };
        let mut header = Header::new(&state.version, &server.environment.server, level, archived);
        let since = base.map_or(0, |base| base.stamp);
        header.base = base.cloned();
        header.spaces.clone_from(&state.spaces);
        let mut payload = Vec::new();
        for space in &state.spaces {
            for page in chunk::changed_after(&space.path, since)? {
                add(&mut payload, space.number, page.number, &page.bytes);
            }
        }
        conclude(&mut payload);
        header.payload = payload.len() as u64;
        Ok(Taken { header, payload })
    })
}

/// Remembers an archive that was written.
pub(super) fn remember(server: &Server, taken: &Taken) -> io::Result<()> {
    server.alter(|state| {
        state.archives.retain(|level, _| *level < taken.header.level);
        state
            .archives
            .insert(taken.header.level, taken.header.archived.clone());
        Ok(())
    })
}

/// Where the next tape is written to.
struct Target {
    path: PathBuf,
    folder: bool,
}

/// The file in a folder; one of that name that is there already gets its date into its name.
fn in_folder(folder: &Path, parameters: &Parameters, level: u8) -> io::Result<PathBuf> {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let number = parameters.get("SERVERNUM", "0");
    let path = folder.join(format!("{host}_{number}_L{level}"));
    if path.exists() {
        let when = date(now(), "%Y%m%d_%H%M%S");
        std::fs::rename(&path, folder.join(format!("{host}_{number}_{when}_L{level}")))?;
    }
    File::create(&path)?;
    Ok(path)
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(path)
        .map_err(|error| failed(format!("could not open {}: {error}", path.display())))
}

/// Writes an archive.
pub(super) fn archive(server: &Server, options: &Options, level: u8) -> io::Result<u8> {
    let environment = &server.environment;
    let faults = Faults::read(environment)?;
    let parameters = environment.parameters()?;
    let device = options
        .device
        .clone()
        .unwrap_or_else(|| parameters.tapedev().to_owned());
    let folder = device.is_dir();
    if options.no_prompts && !folder {
        return Err(failed(format!("{} is not a directory", device.display())));
    }
    if let Some(question) = &faults.question {
        ask(question)?;
    }
    let busy = File::create(environment.state_dir().join("archiving"))?;
    if flock(&busy, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Err(failed("Tape device is in use"));
    }
    if !folder {
        mount(1, &device)?;
    }
    let mut taken = take(server, level)?;
    let target = Target {
        path: if folder {
            in_folder(&device, &parameters, level)?
        } else {
            device.clone()
        },
        folder,
    };
    taken.header.device = device.display().to_string();
    taken.header.block_kib = parameters.number("TAPEBLK", 32);
    taken.header.size_kib = if folder {
        0
    } else {
        parameters.number("TAPESIZE", 0)
    };
    let tapes = write(server, &faults, &taken, &target)?;
    if !faults.forgetful {
        remember(server, &taken)?;
    }
    if folder {
        println!("File created: {}", target.path.display());
    } else {
        println!(
            "Read/Write End Of Medium enabled: blocks = {}",
            taken.payload.len() / 32768 + 1
        );
    }
    label(tapes);
    let log = taken.header.archived.log;
    println!("This tape contains the following logical logs:\n\n {log} - {log}\n\nProgram over.");
    Ok(faults.exit_code)
}

fn mount(number: u32, device: &Path) -> io::Result<()> {
    let prompt = format!(
        "\nPlease mount tape {number} on {} and press Return to continue ...",
        device.display()
    );
    ask(&prompt).map(drop).map_err(failed)
}

fn label(number: u32) {
    println!("\nPlease label this tape as number {number} in the arc tape sequence.");
}

/// Writes the tapes; tells how many.
fn write(server: &Server, faults: &Faults, taken: &Taken, target: &Target) -> io::Result<u32> {
    let mut header = taken.header.clone();
    let mut file = open(&target.path)?;
    header.write(&mut file)?;
    let mut left_on_tape = header.capacity();
    let mut written = 0_u64;
    let tenth = taken.payload.len().div_ceil(10);
    let mut pieces = taken.payload.chunks(tenth.max(1));
    for percent in (10..=100).step_by(10) {
        let mut piece = pieces.next().unwrap_or_default();
        while !piece.is_empty() {
            if left_on_tape == Some(0) {
                print!("\nTape is full ...\n");
                label(header.tape);
                header.tape += 1;
                mount(header.tape, &target.path)?;
                file = open(&target.path)?;
                header.write(&mut file)?;
                left_on_tape = header.capacity();
            }
            let fits = left_on_tape.map_or(piece.len(), |left| {
                piece.len().min(usize::try_from(left).unwrap_or(usize::MAX))
            });
            written += fits as u64;
            if faults.disk_kib.is_some_and(|limit| written > limit * 1024) {
                return Err(failed(format!(
                    "write error on {}: No space left on device",
                    target.path.display()
                )));
            }
            file.write_all(&piece[..fits]).map_err(failed)?;
            left_on_tape = left_on_tape.map(|left| left - fits as u64);
            piece = &piece[fits..];
        }
        println!("{percent} percent done.");
        if percent == 50
            && let Some(complaint) = &faults.complaint
        {
            println!("{complaint}");
        }
        io::stdout().flush()?;
        faults.take_time(&server.environment, percent);
    }
    file.sync_all()?;
    debug_assert!(!target.folder || header.tape == 1);
    Ok(header.tape)
}
