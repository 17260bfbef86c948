//! Who answers `ontape -r`: the right archive where it asks for one, and a yes only if that is what it has found.

use crate::informix::catalogue::Entry;
use crate::informix::dialogue::Header;
use crate::informix::medium::device_of;
use crate::informix::restore::Restoring;
use crate::informix::session::label;
use crate::informix::settings::{Method, Onconfig};
use crate::informix::steps::Step;
use procedo_core::capability::Context;
use procedo_core::message::Message;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Action, Heard, Partner};

/// Listens to `ontape` while it restores.
pub(crate) struct Reader<'l, 'c> {
    pub(crate) restoring: &'l Restoring<'l>,
    pub(crate) context: &'l mut Context<'c>,
    pub(crate) chain: &'l [Entry],
    pub(crate) name: &'static str,
    pub(crate) onconfig: &'l Onconfig,
    pub(crate) header: Header,
    /// Which level it reads now.
    pub(crate) level: u8,
    /// Why it was told not to go on.
    pub(crate) refused: Option<Error>,
}

impl Reader<'_, '_> {
    /// The backup that is to be read now.
    fn entry(&self) -> Result<&Entry> {
        let of_level = self.chain.iter().find(|entry| entry.level == self.level);
        of_level.ok_or_else(|| self.mismatch(&format!("level {}", self.level)))
    }

    fn mismatch(&self, found: &str) -> Error {
        let expected = self.chain.iter().find(|entry| entry.level == self.level);
        let expected = expected.or(self.chain.last());
        let date = expected.and_then(|entry| entry.archived.first());
        self.restoring
            .server
            .error(Kind::Conflict, "P1246")
            .with("backup", expected.map_or("–", |entry| entry.id.as_str()))
            .with("expected", date.map_or("–", |archived| archived.date.as_str()))
            .with("found", found)
    }

    /// Whether the header that was told is that of the backup to be read.
    fn check_header(&self) -> Result<()> {
        let entry = self.entry()?;
        // The archives of files were compared by their digests; only of a tape it is unknown which one lies in the drive.
        let level = self.header.level == Some(self.level);
        let fits = entry
            .archived
            .first()
            .is_some_and(|archived| self.header.is_of(archived));
        if (level && entry.is_file()) || fits {
            return Ok(());
        }
        let level = self
            .header
            .level
            .map_or("–".to_owned(), |level| level.to_string());
        let date = self.header.date.as_deref().unwrap_or("–");
        Err(self.mismatch(&format!("L{level}, {date}")))
    }
}

impl Partner for Reader<'_, '_> {
    fn decide(&mut self, heard: &Heard) -> Result<String> {
        let restoring = self.restoring;
        let server = restoring.server;
        let group = |number: usize| heard.groups.get(number).map_or("", String::as_str);
        match heard.rule.as_str() {
            "mount" => {
                let entry = self.entry()?;
                if server.settings.method != Method::Tape {
                    server.lay_out(entry, self.onconfig)?;
                    return Ok(String::new());
                }
                let number: u32 = group(1).parse().unwrap_or(1);
                let wanted = label(&entry.id, entry.level, &entry.started, number);
                let prompt = Message::new("database-ask-tape-to-read")
                    .with("database", &server.name)
                    .with("device", &self.onconfig.tapedev)
                    .with("number", number)
                    .with("label", wanted);
                let key = format!("{}-L{}-tape-{number}", self.name, self.level);
                server.ask_for_tape(self.context, &key, prompt)
            }
            "use" => {
                let (level, path) = (group(1), group(2));
                let entry = self.entry()?;
                if level == entry.level.to_string() && path == device_of(entry, self.onconfig) {
                    Ok(String::new())
                } else {
                    Err(self.mismatch(&format!("L{level}, {path}")))
                }
            }
            // From here on the spaces are overwritten, unless it is told no.
            _ => match self.check_header() {
                Ok(()) => {
                    if !restoring.progress().overwriting {
                        restoring.note(self.context, &Step::Overwriting)?;
                    }
                    Ok("y".to_owned())
                }
                Err(error) => {
                    self.refused = Some(error);
                    Ok("n".to_owned())
                }
            },
        }
    }

    fn told(&mut self, heard: &Heard) -> Result<()> {
        match heard.rule.as_str() {
            "level-1" | "level-2" if heard.action == Action::Answer("y".to_owned()) => {
                self.level = if heard.rule == "level-1" { 1 } else { 2 };
                self.header = Header::default();
            }
            _ => self.header.hear(heard),
        }
        Ok(())
    }
}
