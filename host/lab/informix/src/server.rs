//! The state of a simulated server: its mode, spaces and archives, kept in a file that one tool alters at a time.

use crate::chunk;
use crate::environment::Environment;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// In which mode a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It starts.
    Initialization,
    /// It runs and serves nobody.
    Quiescent,
    /// It recovers.
    Recovery,
    /// It shuts down.
    ShuttingDown,
    /// It serves everybody.
    OnLine,
    /// It serves administrators.
    SingleUser,
    /// It does not run.
    OffLine,
}

impl Mode {
    /// As the header of `onstat` tells it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Initialization => "Initialization",
            Self::Quiescent => "Quiescent",
            Self::Recovery => "Fast Recovery",
            Self::ShuttingDown => "Shutting Down",
            Self::OnLine => "On-Line",
            Self::SingleUser => "Single-User",
            Self::OffLine => "Off-Line",
        }
    }

    /// The exit code of `onstat -`.
    pub fn code(self) -> u8 {
        match self {
            Self::Initialization => 0,
            Self::Quiescent => 1,
            Self::Recovery => 2,
            Self::ShuttingDown => 4,
            Self::OnLine => 5,
            Self::SingleUser => 7,
            Self::OffLine => 255,
        }
    }
}

/// A space, which has one chunk here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    /// Its number, which is that of its chunk, too.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// The file of its chunk.
    pub path: PathBuf,
    /// How many pages the chunk has.
    pub pages: u32,
}

/// An archive as the server remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// Its date, in seconds since 1970.
    pub date: i64,
    /// The logical log that was current.
    pub log: u32,
    /// The position in it.
    pub position: u32,
    /// The newest change that is in it.
    pub stamp: u64,
}

/// All that a server remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Its mode.
    pub mode: Mode,
    /// A restore was begun and not ended.
    pub half_restored: bool,
    /// Its product's version.
    pub version: String,
    /// Its spaces.
    pub spaces: Vec<Space>,
    /// The newest archive of each level.
    pub archives: BTreeMap<u8, Archived>,
    /// The newest change.
    pub stamp: u64,
    /// How often it was looked at while it starts.
    pub looks: u32,
    /// How often `ontape` was started to write an archive.
    pub started_archives: u32,
}

impl State {
    /// The current logical log and the position in it: every change moves it.
    pub(crate) fn log(&self) -> (u32, u32) {
        let log = u32::try_from(self.stamp / 1000).unwrap_or(u32::MAX);
        (
            log + 1,
            u32::try_from(self.stamp % 1000).unwrap_or(0) * 0x100 + 0x18,
        )
    }
}

/// A server that is not looked at or altered by another tool at the same moment.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it is.
    pub environment: Environment,
}

impl Server {
    /// The server of an environment.
    pub fn new(environment: Environment) -> Self {
        Self { environment }
    }

    fn file(&self) -> PathBuf {
        self.environment.state_dir().join("state.json")
    }

    /// Makes a server that is off-line, with spaces of empty chunks.
    ///
    /// # Errors
    /// If its files cannot be written.
    pub fn create(&self, version: &str, spaces: &[(&str, PathBuf, u32)]) -> io::Result<()> {
        std::fs::create_dir_all(self.environment.state_dir())?;
        let mut made = Vec::new();
        for (number, (name, path, pages)) in (1..).zip(spaces) {
            File::create(path)?;
            chunk::clear(path, *pages)?;
            made.push(Space {
                number,
                name: (*name).to_owned(),
                path: path.clone(),
                pages: *pages,
            });
        }
        let state = State {
            mode: Mode::OffLine,
            half_restored: false,
            version: version.to_owned(),
            spaces: made,
            archives: BTreeMap::new(),
            stamp: 0,
            looks: 0,
            started_archives: 0,
        };
        std::fs::write(self.file(), serde_json::to_vec_pretty(&state)?)
    }

    /// The present state.
    ///
    /// # Errors
    /// If there is no such server.
    pub fn state(&self) -> io::Result<State> {
        self.alter(|state| Ok(state.clone()))
    }

    /// Alters the state, while no other tool does.
    ///
    /// # Errors
    /// If there is no such server, and what `work` returns: nothing is altered then.
    pub fn alter<T>(&self, work: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let lock = File::create(self.environment.state_dir().join("lock"))?;
        flock(&lock, FlockOperation::LockExclusive)?;
        let before = std::fs::read(self.file())?;
        let mut state: State = serde_json::from_slice(&before)?;
        let result = work(&mut state)?;
        let after = serde_json::to_vec_pretty(&state)?;
        if after != before {
            let new = self.file().with_extension("new");
            std::fs::write(&new, after)?;
            std::fs::rename(new, self.file())?;
        }
        Ok(result)
    }

    /// Writes a page of the first chunk of a space, as a program that uses the database would.
    ///
    /// # Errors
    /// If there is no such space, or the server is not on-line.
    pub fn write(&self, space: &str, page: u32, content: &[u8]) -> io::Result<()> {
        self.alter(|state| {
            if state.mode != Mode::OnLine {
                return Err(io::Error::other("the server is not on-line"));
            }
            state.stamp += 1;
            let found = state.spaces.iter().find(|found| found.name == space);
            let found = found.ok_or_else(|| io::Error::other("there is no such space"))?;
            chunk::write(&found.path, page, state.stamp, content)
        })
    }

    /// What all chunks hold.
    ///
    /// # Errors
    /// If a chunk cannot be read.
    pub fn content(&self) -> io::Result<Vec<Vec<u8>>> {
        let spaces = self.state()?.spaces;
        spaces.iter().map(|space| std::fs::read(&space.path)).collect()
    }
}
