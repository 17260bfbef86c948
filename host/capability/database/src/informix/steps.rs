//! The steps of a restore, as they are noted. Pure.

use procedo_core::value::Value;
use serde::{Deserialize, Serialize};

/// How far a restore has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "informix", rename_all = "kebab-case")]
pub(crate) enum Step {
    /// All is checked, the present state is backed up: the server may be taken off-line.
    Down,
    /// The tool was told to overwrite the server's spaces.
    Overwriting,
    /// The tool has restored all, and the server remembers it.
    Restored,
    /// It failed; the state before is put back.
    PuttingBack {
        /// Why.
        reason: String,
    },
    /// That is done.
    PutBack,
}

/// What the notes of a call say, all together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) down: bool,
    pub(crate) overwriting: bool,
    pub(crate) restored: bool,
    pub(crate) putting_back: Option<String>,
    pub(crate) put_back: bool,
}

impl Progress {
    pub(crate) fn read(notes: &[Value]) -> Self {
        let mut progress = Self::default();
        for note in notes {
            match Step::deserialize(note) {
                Ok(Step::Down) => progress.down = true,
                Ok(Step::Overwriting) => progress.overwriting = true,
                Ok(Step::Restored) => progress.restored = true,
                Ok(Step::PuttingBack { reason }) => progress.putting_back = Some(reason),
                Ok(Step::PutBack) => progress.put_back = true,
                // A note of a backup.
                Err(_) => {}
            }
        }
        progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::informix::session::Begin;
    use serde_json::json;

    #[test]
    fn the_notes_tell_how_far_a_restore_came() {
        let mut notes = vec![json!(Begin::of("former", Vec::new(), 0))];
        assert_eq!(Progress::read(&notes), Progress::default());
        notes.push(json!(Step::Down));
        notes.push(json!(Step::Overwriting));
        notes.push(json!(Step::PuttingBack {
            reason: "x".to_owned()
        }));
        let progress = Progress::read(&notes);
        assert!(progress.down && progress.overwriting && !progress.restored && !progress.put_back);
        assert_eq!(progress.putting_back.as_deref(), Some("x"));
    }
}
