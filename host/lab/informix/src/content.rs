//! A database within a space of the same name: the bytes of an SQLite file, cut into pages. So its tables are in every archive,
//! an archive of a higher level has the pages that a statement altered, and a restore brings them back.

use crate::chunk::{self, PAGE};
use crate::server::{Mode, Server, Space, State};
use std::fs::File;
use std::io::{self, Read};

/// How much of a page is left for content.
const ROOM: usize = PAGE - 8;

/// The space of a database.
fn space<'a>(state: &'a State, database: &str) -> Option<&'a Space> {
    state.spaces.iter().find(|space| space.name == database)
}

/// The pages of a space behind their stamps, put together.
fn read(space: &Space) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(&space.path)?.read_to_end(&mut bytes)?;
    let parts = bytes.chunks(PAGE).map(|page| page.get(8..).unwrap_or_default());
    Ok(parts.flatten().copied().collect())
}

/// A database in its space: how long it is, then its bytes.
fn framed(image: &[u8]) -> Vec<u8> {
    let mut framed = (image.len() as u64).to_be_bytes().to_vec();
    framed.extend_from_slice(image);
    framed
}

impl Server {
    /// The bytes of a database; empty if nothing was ever written to it. None: there is no such database.
    pub(crate) fn image(&self, database: &str) -> io::Result<Option<Vec<u8>>> {
        let state = self.state()?;
        let Some(space) = space(&state, database) else {
            return Ok(None);
        };
        let bytes = read(space)?;
        let length = bytes.first_chunk().copied().map_or(0, u64::from_be_bytes);
        let end = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(8);
        let image = bytes.get(8..end);
        let damaged = || io::Error::other("the pages of the database are damaged");
        image.map(|image| Some(image.to_vec())).ok_or_else(damaged)
    }

    /// Writes those pages of a database that differ.
    pub(crate) fn put_image(&self, database: &str, image: &[u8]) -> io::Result<()> {
        self.alter(|state| {
            if state.mode != Mode::OnLine {
                return Err(io::Error::other("the server is not on-line"));
            }
            let found = space(state, database).cloned();
            let found = found.ok_or_else(|| io::Error::other("there is no such space"))?;
            let (before, after) = (read(&found)?, framed(image));
            if after.len() > before.len() {
                return Err(io::Error::other("no free disk space"));
            }
            for (number, part) in (0..).zip(after.chunks(ROOM)) {
                let at = number as usize * ROOM;
                if before.get(at..at + part.len()) != Some(part) {
                    state.stamp += 1;
                    chunk::write(&found.path, number, state.stamp, part)?;
                }
            }
            Ok(())
        })
    }
}
