//! `ontape -r`: a restore of the whole server, level 0 and then those above it.

use crate::archive::{Header, records};
use crate::chunk;
use crate::console::{agrees, ask};
use crate::environment::Parameters;
use crate::faults::Faults;
use crate::server::{Archived, Mode, Server};
use crate::tool::date;
use crate::tool::ontape::Options;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

fn failed(why: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("Physical restore failed - {why}"))
}

/// A restore in progress.
struct Restoring<'a> {
    server: &'a Server,
    faults: Faults,
    parameters: Parameters,
    device: PathBuf,
    no_prompts: bool,
}

/// Restores.
pub(super) fn restore(server: &Server, options: &Options) -> io::Result<u8> {
    let parameters = server.environment.parameters()?;
    let device = options
        .device
        .clone()
        .unwrap_or_else(|| parameters.tapedev().to_owned());
    let restoring = Restoring {
        server,
        faults: Faults::read(&server.environment)?,
        no_prompts: options.no_prompts,
        device,
        parameters,
    };
    restoring.run()
}

impl Restoring<'_> {
    fn run(&self) -> io::Result<u8> {
        if let Some(question) = &self.faults.question {
            ask(question)?;
        }
        let (header, mut file) = self.mount(0)?;
        describe(&header);
        if !self.no_prompts && !agrees("\nContinue restore? (y/n)")? {
            println!("Restore canceled.\nProgram over.");
            return Ok(1);
        }
        if !self.no_prompts && agrees("Do you want to back up the logs? (y/n)")? {
            println!("Log salvage is complete, continuing restore of archive.");
        }
        if self.server.state()?.mode != Mode::OffLine {
            return Err(failed("Cannot warm restore ROOT DBspace"));
        }
        if header.level != 0 {
            return Err(failed("this is not an archive of level 0"));
        }
        let mut present = header.archived.clone();
        self.bring_back(&header, &mut file, None)?;
        let mut archives = vec![(0, present.clone())];
        for level in 1..=2 {
            if self.no_prompts || !agrees(&format!("\nRestore a level {level} archive (y/n)"))? {
                break;
            }
            println!("Ready for level {level} tape");
            let (header, mut file) = self.mount(level)?;
            describe(&header);
            if header.level != level {
                return Err(failed(format!("this is not an archive of level {level}")));
            }
            self.bring_back(&header, &mut file, Some(&present))?;
            present = header.archived;
            archives.push((level, present.clone()));
        }
        if !self.no_prompts && agrees("Do you want to restore log tapes? (y/n)")? {
            return Err(failed("there are no log tapes"));
        }
        self.server.alter(|state| {
            state.half_restored = false;
            state.mode = Mode::Quiescent;
            state.archives = archives.into_iter().collect();
            Ok(())
        })?;
        let onmode = self.server.environment.dir.join("bin/onmode");
        println!("{} -sy\nProgram over.", onmode.display());
        Ok(0)
    }

    /// Has the first tape of a level mounted and reads its header.
    fn mount(&self, level: u8) -> io::Result<(Header, File)> {
        if self.device.is_dir() {
            let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
            let number = self.parameters.get("SERVERNUM", "0");
            let path = self.device.join(format!("{host}_{number}_L{level}"));
            if !self.no_prompts {
                ask(&format!(
                    "Restore will use level {level} archive file {}. Press Return to continue ...",
                    path.display()
                ))?;
            }
            return tape(&path, 1);
        }
        self.ask_for(1)?;
        tape(&self.device, 1)
    }

    fn ask_for(&self, number: u32) -> io::Result<()> {
        let device = self.device.display();
        ask(&format!(
            "Please mount tape {number} on {device} and press Return to continue ..."
        ))
        .map(drop)
    }

    /// Puts the pages of an archive back, tape after tape.
    fn bring_back(&self, header: &Header, file: &mut File, upon: Option<&Archived>) -> io::Result<()> {
        if header.base.as_ref() != upon {
            return Err(failed("the archive does not belong to the one restored before"));
        }
        self.server.alter(|state| {
            state.half_restored = true;
            Ok(())
        })?;
        if upon.is_none() {
            for space in &header.spaces {
                chunk::clear(&space.path, space.pages).map_err(|error| {
                    failed(format!("could not open chunk {}: {error}", space.path.display()))
                })?;
            }
        }
        let payload = self.payload(header, file)?;
        let records = records(&payload).map_err(failed)?;
        let mut done = 0;
        for (at, record) in records.iter().enumerate() {
            while at * 10 / records.len() > done {
                done += 1;
                self.faults.take_time(&self.server.environment, done as u64 * 10);
            }
            let space = header.spaces.iter().find(|space| space.number == record.chunk);
            let space = space.ok_or_else(|| failed("the archive is damaged"))?;
            chunk::put(&mut chunk::open(&space.path)?, record.page, record.bytes)?;
        }
        io::stdout().flush()
    }

    fn payload(&self, header: &Header, first: &mut File) -> io::Result<Vec<u8>> {
        let mut payload = Vec::new();
        first.read_to_end(&mut payload)?;
        let mut tape_number = 1;
        while (payload.len() as u64) < header.payload {
            // A tape that is not the last one is full.
            let full = header
                .capacity()
                .is_some_and(|capacity| payload.len() as u64 == capacity * u64::from(tape_number));
            if !full {
                return Err(failed("unexpected end of the archive"));
            }
            tape_number += 1;
            self.ask_for(tape_number)?;
            let (next, mut file) = tape(&self.device, tape_number)?;
            if next.archived != header.archived {
                return Err(failed("this tape belongs to another archive"));
            }
            file.read_to_end(&mut payload)?;
        }
        Ok(payload)
    }
}

/// Opens a tape and reads its header.
fn tape(path: &Path, number: u32) -> io::Result<(Header, File)> {
    let mut file =
        File::open(path).map_err(|error| failed(format!("could not open {}: {error}", path.display())))?;
    let header = Header::read(&mut file).map_err(failed)?;
    if header.tape != number {
        return Err(failed(format!("this is tape {}, not {number}", header.tape)));
    }
    Ok((header, file))
}

fn describe(header: &Header) {
    let when = date(header.archived.date, "%a %b %e %H:%M:%S %Y");
    println!("\nArchive Tape Information\n");
    println!("Tape type:      Archive Backup Tape");
    println!(
        "Online version: IBM Informix Dynamic Server Version {}",
        header.version
    );
    println!("Archive date:   {when}");
    println!("User id:        {}", header.user);
    println!("Terminal id:    ?");
    println!("Archive level:  {}", header.level);
    println!("Tape device:    {}", header.device);
    println!("Tape blocksize (in k): {}", header.block_kib);
    if header.size_kib == 0 {
        println!("Tape size (in k): system defined for directory");
    } else {
        println!("Tape size (in k): {}", header.size_kib);
    }
    println!("Tape number in series: {}", header.tape);
    print!("\nSpaces to restore:");
    for space in &header.spaces {
        println!("{} [{:<25}]", space.number, space.name);
    }
    println!("\nArchive Information\n");
    println!("IBM Informix Dynamic Server Copyright(C)");
    println!("Initialization Time       {when}");
    println!("System Page Size          {}", chunk::PAGE);
    println!("Version                   15");
    println!("Index Page Logging        OFF");
    println!("Archive CheckPoint Time   {when}");
    println!(
        "\nDbspaces\nnumber   flags    fchunk   nchunks  flags    owner                            name"
    );
    for space in &header.spaces {
        println!(
            "{:<8} 1        {:<8} 1        N  B     {:<32} {}",
            space.number, space.number, "informix", space.name
        );
    }
    println!("\n\nChunks\nchk/dbs offset   size     free     bpages   flags pathname");
    for space in &header.spaces {
        println!(
            "{:<3} {:<3} 0        {:<8} {:<8}          PO-B- {}",
            space.number,
            space.number,
            space.pages,
            space.pages,
            space.path.display()
        );
    }
}
