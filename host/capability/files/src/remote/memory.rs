//! What a call has seen of a machine's files so far.

use crate::path::RelPath;
use crate::remote::records::Record;
use crate::root::{CHUNK, Seen};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// What is read along with a file, because it is going to be asked for next: files of at most so many bytes, and so many.
const SMALL: u64 = 256 << 10;
const MOST_ALONG: usize = 1000;
/// How many bytes of contents are remembered.
const MOST_REMEMBERED: usize = 32 << 20;

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Memory {
    /// What is at a path; none: nothing is.
    pub(crate) records: BTreeMap<RelPath, Option<Record>>,
    /// The names in those folders that were listed.
    pub(crate) listed: BTreeMap<RelPath, Vec<String>>,
    /// The folders that were listed with all that is below them.
    pub(crate) walked: Vec<RelPath>,
    /// Contents of small files.
    pub(crate) contents: BTreeMap<RelPath, Arc<[u8]>>,
    /// How many bytes they are.
    held: usize,
}

impl Memory {
    /// What is known about a path; none: nothing yet. `Err`: a link is on the way.
    pub(crate) fn knows(&self, path: &RelPath) -> std::result::Result<Option<Option<Record>>, ()> {
        let mut above = RelPath::default();
        for part in path.parts() {
            match self.records.get(&above) {
                Some(Some(record)) if record.seen == Seen::Link => return Err(()),
                Some(Some(record)) if !matches!(record.seen, Seen::Folder(_)) => return Ok(Some(None)),
                Some(None) => return Ok(Some(None)),
                _ => {}
            }
            if self
                .listed
                .get(&above)
                .is_some_and(|names| !names.iter().any(|name| name == part))
            {
                return Ok(Some(None));
            }
            above = above.join(part);
        }
        Ok(self.records.get(path).cloned())
    }

    pub(crate) fn remember(&mut self, path: RelPath, bytes: &[u8]) {
        if self.held + bytes.len() > MOST_REMEMBERED {
            self.contents.clear();
            self.held = 0;
        }
        self.held += bytes.len();
        self.contents.insert(path, bytes.into());
    }

    /// The file, and the small ones that come after it among what was listed with it, as far as they fit into one chunk.
    pub(crate) fn along(&self, path: &RelPath, size: u64) -> Vec<(RelPath, u64)> {
        let mut files = vec![(path.clone(), size)];
        let Some(top) = self.walked.iter().find(|top| path.is_within(top)) else {
            return files;
        };
        let mut room = (CHUNK as u64).saturating_sub(size);
        for (next, record) in self.records.range((Bound::Excluded(path), Bound::Unbounded)) {
            if !next.is_within(top) || files.len() == MOST_ALONG {
                break;
            }
            if let Some(Record {
                seen: Seen::File(size, _),
                ..
            }) = record
                && *size <= SMALL.min(room)
                && !self.contents.contains_key(next)
            {
                room -= size;
                files.push((next.clone(), *size));
            }
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RelPath {
        RelPath::parse_or_root("web", text).expect("valid")
    }

    fn record(text: &str) -> Option<Record> {
        Some(Record::parse(text.as_bytes()).expect("valid"))
    }

    fn memory() -> Memory {
        let mut memory = Memory::default();
        for (at, text) in [
            ("dir", "d 755 0 0 9 1:1:9:1:1 "),
            ("dir/file", "f 644 0 0 5 1:2:5:1:1 "),
            ("dir/large", "f 644 0 0 9000000 1:3:9000000:1:1 "),
            ("dir/next", "f 644 0 0 7 1:4:7:1:1 "),
            ("link", "l 777 0 0 3 1:5:3:1:1 dir"),
        ] {
            memory.records.insert(path(at), record(text));
        }
        memory.records.insert(path("none"), None);
        memory
    }

    #[test]
    fn what_lies_below_something_that_is_no_folder_is_known_not_to_be_there() {
        let memory = memory();
        assert_eq!(memory.knows(&path("none/x")), Ok(Some(None)));
        assert_eq!(memory.knows(&path("dir/file/x")), Ok(Some(None)));
        assert_eq!(memory.knows(&path("dir/other")), Ok(None));
        assert_eq!(memory.knows(&path("link/file")), Err(()));
        assert!(matches!(memory.knows(&path("link")), Ok(Some(Some(_)))));
    }

    #[test]
    fn a_name_that_a_listing_lacks_is_known_not_to_be_there() {
        let mut memory = memory();
        memory.listed.insert(path("dir"), vec!["file".to_owned()]);
        assert_eq!(memory.knows(&path("dir/other/x")), Ok(Some(None)));
    }

    #[test]
    fn small_files_of_one_listing_are_read_together_and_each_once() {
        let mut memory = memory();
        assert_eq!(memory.along(&path("dir/file"), 5), [(path("dir/file"), 5)]);
        memory.walked.push(path("dir"));
        let both = [(path("dir/file"), 5), (path("dir/next"), 7)];
        assert_eq!(memory.along(&path("dir/file"), 5), both);
        memory.remember(path("dir/next"), b"content");
        assert_eq!(memory.along(&path("dir/file"), 5), both[..1]);
    }
}
