//! A root's folder on a machine of the site: looked at and altered by scripts that the machine's shell runs.
//!
//! Every call opens the root anew, and everything it sees is remembered until it alters something or ends, so that a call
//! costs few round trips. That what was remembered is still so is checked on the machine, at once before the effect.
//!
//! There is no `openat2` for scripts. They go down folder by folder instead, ask the system after each step where they
//! really are, and name everything from there by one part (`script/enter.sh`); files are opened with `O_NOFOLLOW`.

mod fault;
mod memory;
mod put;
mod records;

use crate::fault::at;
use crate::path::{RelPath, is_refused, shown};
use crate::remote::fault::refused;
use crate::remote::memory::Memory;
use crate::remote::put::RemotePlace;
use crate::remote::records::{Record, content, parts};
use crate::root::{CHUNK, Folder, MOST_ENTRIES, Place, Seen, not_a_file};
use crate::settings::Settings;
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Input, Limits, Machine, Machines, Output, Program, System};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long one exchange may take: a chunk over a slow line, a large tree removed from a slow disk.
const LONGEST: Duration = Duration::from_secs(900);
/// How much a listing may bring: a long path and what is told beside it for each entry, on average far less.
const LARGEST_LISTING: usize = 64 << 20;
/// A root's folder on a machine.
pub(crate) struct Remote {
    /// The root's name in the site.
    name: String,
    machine: Arc<dyn Machine>,
    /// Where it really is: absolute and without links.
    real: String,
    /// Its device and inode.
    identity: String,
    /// What a path below it starts with, for comparing with what lies below other roots.
    place: PathBuf,
    memory: Mutex<Memory>,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("name", &self.name)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl Remote {
    /// Opens a root's folder.
    pub(crate) fn open(name: &str, settings: &Settings, machines: &Machines, machine: &str) -> Result<Self> {
        let shell = machines.get(machine)?;
        let unfit = |what: &str| {
            Error::new(Kind::NotSupported, "P0341")
                .with("root", settings.label(name))
                .with("machine", machine)
                .with("what", what)
        };
        if shell.system() != System::Unix {
            return Err(unfit("a POSIX shell"));
        }
        let refuse = |reason: &str| {
            Error::new(Kind::Unavailable, "P0303")
                .with("root", settings.label(name))
                .with("folder", settings.path.display())
                .with("reason", shown(reason))
        };
        let path = settings.path.to_string_lossy().into_owned();
        let program = script(include_str!("script/open.sh"), [path]);
        let output = shell.run(&program, &Limits::default(), &Stop::default())?;
        let said = output.errors();
        match output.code {
            0 => {}
            16 => return Err(unfit(said.lines().last().unwrap_or_default())),
            _ => return Err(refuse(said.lines().last().unwrap_or_default())),
        }
        let answer = String::from_utf8(output.stdout).map_err(|_| refuse("UTF-8"))?;
        let mut parts = answer.splitn(3, '\0');
        let (Some(identity), Some(real), Some(system)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refuse(&answer));
        };
        let real = real.strip_suffix('\n').unwrap_or(real);
        if real.chars().any(is_refused) {
            return Err(refuse(real));
        }
        let here = machines.is_local(machine)?;
        // The same machine may also be reached in another way.
        let own = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
        if here || (!own.trim().is_empty() && own.trim() == system.trim()) {
            settings.keep_apart(name, Path::new(real))?;
        }
        Ok(Self {
            name: name.to_owned(),
            machine: shell,
            identity: identity.to_owned(),
            // Not absolute, so that it is no path of this machine.
            place: if here {
                PathBuf::from(real)
            } else {
                PathBuf::from(format!("{machine}:{real}"))
            },
            real: real.to_owned(),
            memory: Mutex::default(),
        })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was seen: something is about to change.
    fn forget(&self) {
        *self.memory() = Memory::default();
    }

    /// Runs a script that goes into folders below the root.
    fn run(
        &self,
        commands: &str,
        more: &[&str],
        input: Vec<u8>,
        bytes: usize,
        stop: &Stop,
    ) -> Result<Output> {
        let whole = [include_str!("script/enter.sh"), commands].concat();
        let args = [self.real.as_str(), &self.identity]
            .into_iter()
            .chain(more.iter().copied());
        let program = script(&whole, args.map(str::to_owned)).input(Input::Bytes(input));
        let limits = Limits { time: LONGEST, bytes };
        let output = self.machine.run(&program, &limits, stop)?;
        if output.code == 10 {
            // The folder that was opened is no longer at its path.
            return Err(at(Kind::Conflict, "P0335", &self.name, &RelPath::default()));
        }
        Ok(output)
    }

    fn changed(&self, path: &RelPath) -> Error {
        at(Kind::Conflict, "P0335", &self.name, path)
    }

    fn unreadable(&self, path: &RelPath, output: &[u8]) -> Error {
        let start = String::from_utf8_lossy(&output[..output.len().min(200)]).into_owned();
        at(Kind::Failed, "P0328", &self.name, path).with("reason", shown(&start))
    }

    /// What is at a path.
    fn record(&self, path: &RelPath) -> Result<Option<Record>> {
        match self.memory().knows(path) {
            Ok(Some(known)) => return Ok(known),
            Ok(None) => {}
            Err(()) => return Err(self.changed(path)),
        }
        self.look(&[path])?;
        match self.memory().knows(path) {
            Ok(Some(known)) => Ok(known),
            Ok(None) => Err(self.unreadable(path, &[])),
            Err(()) => Err(self.changed(path)),
        }
    }

    /// Asks what is at some paths, and at those above them.
    fn look(&self, paths: &[&RelPath]) -> Result<()> {
        let lines: String = paths
            .iter()
            .map(|path| format!("{path}\n", path = path.as_str()))
            .collect();
        let about = paths[0];
        let output = self.run(
            include_str!("script/look.sh"),
            &[],
            lines.into_bytes(),
            1 << 20,
            &Stop::default(),
        )?;
        if output.code != 0 {
            return Err(refused(&self.name, about, "", &output));
        }
        let told = parts(&output.stdout).ok_or_else(|| self.unreadable(about, &output.stdout))?;
        let mut memory = self.memory();
        for (path, told) in paths.iter().zip(told.split(|part| part.is_empty())) {
            let mut above = RelPath::default();
            let mut each: Vec<RelPath> = path
                .parts()
                .map(|part| {
                    above = above.join(part);
                    above.clone()
                })
                .collect();
            if each.is_empty() {
                each.push(above);
            }
            // Where the answers end early, nothing is there, or what is there is not a folder.
            for (index, each) in each.into_iter().enumerate() {
                let Some(text) = told.get(index) else {
                    if index == told.len() {
                        memory.records.entry(each).or_insert(None);
                    }
                    break;
                };
                let record = Record::parse(text).ok_or_else(|| self.unreadable(&each, text))?;
                memory.records.insert(each, Some(record));
            }
        }
        Ok(())
    }

    /// Asks what a folder holds, in itself or with all that is below it.
    fn ask(&self, path: &RelPath, whole: bool) -> Result<()> {
        let depth = if whole { "all" } else { "one" };
        let most = 2 * (MOST_ENTRIES + 1);
        let input = format!("{}\n{depth}\n{most}\n", path.as_str()).into_bytes();
        let output = self.run(
            include_str!("script/list.sh"),
            &[],
            input,
            LARGEST_LISTING,
            &Stop::default(),
        )?;
        if output.code != 0 {
            return Err(refused(&self.name, path, "", &output));
        }
        if output.truncated {
            return Err(self.too_many(path));
        }
        let told = parts(&output.stdout).ok_or_else(|| self.unreadable(path, &output.stdout))?;
        if told.len() > 2 * MOST_ENTRIES {
            return Err(self.too_many(path));
        }
        if output.errors().ends_with("procedo-failed\n") {
            return Err(refused(&self.name, path, "", &output));
        }
        let mut memory = self.memory();
        let mut listed = BTreeMap::from([(path.clone(), Vec::new())]);
        for pair in told.chunks(2) {
            let [record, inner] = pair else {
                return Err(self.unreadable(path, &output.stdout));
            };
            let record = Record::parse(record).ok_or_else(|| self.unreadable(path, record))?;
            let (folder, name) = match inner.iter().rposition(|byte| *byte == b'/') {
                Some(slash) => (&inner[..slash], &inner[slash + 1..]),
                None => (&inner[..0], *inner),
            };
            let folder = path.below(&String::from_utf8_lossy(folder));
            let name = match std::str::from_utf8(name) {
                Ok(name) if !name.chars().any(is_refused) => name,
                _ => {
                    let name = String::from_utf8_lossy(name);
                    return Err(at(Kind::Invalid, "P0313", &self.name, &folder).with("name", shown(&name)));
                }
            };
            let each = folder.join(name);
            if whole && matches!(record.seen, Seen::Folder(_)) {
                listed.entry(each.clone()).or_default();
            }
            listed.entry(folder).or_default().push(name.to_owned());
            memory.records.insert(each, Some(record));
        }
        memory.listed.append(&mut listed);
        if whole {
            memory.walked.push(path.clone());
        }
        Ok(())
    }

    fn too_many(&self, path: &RelPath) -> Error {
        at(Kind::TooLarge, "P0312", &self.name, path).with("limit", MOST_ENTRIES)
    }

    /// Reads a chunk of each of some files; none if one of them has changed since it was seen.
    fn chunks(&self, files: &[(RelPath, u64, u64)], stop: &Stop) -> Result<Vec<Vec<u8>>> {
        let mut input = String::new();
        let mut most = 4096;
        for (path, from, count) in files {
            let (folder, name) = path
                .split()
                .ok_or_else(|| not_a_file(&self.name, path, &Seen::Folder(Default::default())))?;
            input.push_str(&format!("{}\n{name}\n{from} {count}\n", folder.as_str()));
            most += usize::try_from(*count).unwrap_or(CHUNK) + 1024;
        }
        let about = &files[0].0;
        let output = self.run(
            include_str!("script/read.sh"),
            &[],
            input.into_bytes(),
            most,
            stop,
        )?;
        if output.code != 0 {
            return Err(refused(&self.name, about, "", &output));
        }
        let mut rest = output.stdout.as_slice();
        let mut read = Vec::with_capacity(files.len());
        for (path, _, count) in files {
            let size = usize::try_from(*count).unwrap_or(CHUNK);
            let (bytes, now, next) = content(rest, size).ok_or_else(|| self.changed(path))?;
            if self.record(path)?.is_none_or(|known| !known.is_same_file(&now)) {
                return Err(self.changed(path));
            }
            read.push(bytes.to_vec());
            rest = next;
        }
        Ok(read)
    }
}

/// One of our scripts with its arguments.
fn script(commands: &str, args: impl IntoIterator<Item = String>) -> Program {
    Program::new("sh")
        .args(["-c", commands, "procedo-files"])
        .args(args)
        .env("LC_ALL", "C")
}

impl Folder for Remote {
    fn absolute(&self, path: &RelPath) -> PathBuf {
        if path.is_root() {
            self.place.clone()
        } else {
            self.place.join(path.as_str())
        }
    }

    fn see(&self, path: &RelPath) -> Result<Seen> {
        Ok(self.record(path)?.map_or(Seen::Absent, |record| record.seen))
    }

    fn link_target(&self, path: &RelPath) -> Result<String> {
        match self.record(path)? {
            Some(record) if record.seen == Seen::Link => String::from_utf8(record.target).map_err(|raw| {
                let raw = String::from_utf8_lossy(raw.as_bytes()).into_owned();
                at(Kind::Invalid, "P0313", &self.name, path).with("name", shown(&raw))
            }),
            _ => Err(self.changed(path)),
        }
    }

    fn list(&self, path: &RelPath) -> Result<Vec<(String, Seen)>> {
        if !self.memory().listed.contains_key(path) {
            self.ask(path, false)?;
        }
        let memory = self.memory();
        let names = memory.listed.get(path).into_iter().flatten();
        Ok(names
            .filter_map(|name| {
                let record = memory.records.get(&path.join(name))?.as_ref()?;
                Some((name.clone(), record.seen.clone()))
            })
            .collect())
    }

    fn foresee(&self, path: &RelPath) -> Result<()> {
        let known = self.memory().walked.iter().any(|top| path.is_within(top));
        if known { Ok(()) } else { self.ask(path, true) }
    }

    fn read(
        &self,
        path: &RelPath,
        _size: u64,
        stop: &Stop,
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let size = match self.see(path)? {
            Seen::File(size, _) => size,
            other => return Err(not_a_file(&self.name, path, &other)),
        };
        if size > CHUNK as u64 {
            let mut from = 0;
            while from < size {
                let count = (size - from).min(CHUNK as u64);
                for bytes in self.chunks(&[(path.clone(), from, count)], stop)? {
                    take(&bytes)?;
                }
                from += count;
            }
            return Ok(());
        }
        let known = self.memory().contents.get(path).cloned();
        let bytes = match known {
            Some(bytes) => bytes,
            None => {
                let along = self.memory().along(path, size);
                let chunk = |(path, size): &(RelPath, u64)| (path.clone(), 0, *size);
                let all: Vec<_> = along.iter().map(chunk).collect();
                let read = match self.chunks(&all, stop) {
                    // What fails may be another one: the file alone tells.
                    Err(error) if along.len() > 1 && error.kind != Kind::Cancelled => {
                        self.chunks(&all[..1], stop)?
                    }
                    read => read?,
                };
                let mut memory = self.memory();
                for ((path, _), bytes) in along.into_iter().zip(&read) {
                    memory.remember(path, bytes);
                }
                read.into_iter().next().unwrap_or_default().into()
            }
        };
        if bytes.is_empty() { Ok(()) } else { take(&bytes) }
    }

    fn place<'a>(&'a self, path: &'a RelPath, key: &str) -> Result<Box<dyn Place + 'a>> {
        Ok(Box::new(RemotePlace::open(self, path, key)?))
    }
}
