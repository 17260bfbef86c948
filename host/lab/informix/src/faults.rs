//! What shall go wrong in a simulated server, and where its tools shall wait: a file that tests and rehearsals write.

use crate::environment::Environment;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// What shall go wrong. The default: nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Faults {
    /// How long each tenth of a backup or restore takes, in milliseconds.
    pub tenth_ms: u64,
    /// At which percentage to wait until the file [`Faults::gate`] is there.
    pub hold_at: Option<u64>,
    /// A question that `ontape` asks before anything else.
    pub question: Option<String>,
    /// A line that `ontape` prints in the middle, as if something had failed; it goes on all the same.
    pub complaint: Option<String>,
    /// The exit code of an archive that is well.
    pub exit_code: u8,
    /// The server forgets that an archive was made.
    pub forgetful: bool,
    /// How many KiB fit on the disk that archives are written to.
    pub disk_kib: Option<u64>,
    /// How often `onstat` finds the server starting before it is on-line.
    pub slow_start: u32,
}

impl Faults {
    fn file(environment: &Environment) -> PathBuf {
        environment.state_dir().join("faults.json")
    }

    /// The file for which a tool waits.
    pub fn gate(environment: &Environment) -> PathBuf {
        environment.state_dir().join("go-on")
    }

    /// Reads what shall go wrong.
    pub(crate) fn read(environment: &Environment) -> io::Result<Self> {
        match std::fs::read(Self::file(environment)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes what shall go wrong from now on.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, environment: &Environment) -> io::Result<()> {
        std::fs::write(Self::file(environment), serde_json::to_vec(self)?)
    }

    /// Waits as long as it takes to come from one tenth to the next.
    pub(crate) fn take_time(&self, environment: &Environment, percent: u64) {
        thread::sleep(Duration::from_millis(self.tenth_ms));
        if self.hold_at.is_some_and(|hold| hold == percent) {
            while !Self::gate(environment).exists() {
                thread::sleep(Duration::from_millis(10));
            }
        }
    }
}
