//! What `find` tells about files, as the scripts ask it to: pure, from bytes to what was seen.

use crate::root::{Meta, Seen};

/// What is known about something that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// What it is.
    pub(crate) seen: Seen,
    /// Device, inode, size and times: another one whenever it changes.
    pub(crate) stamp: String,
    /// Where a link leads; empty for all else.
    pub(crate) target: Vec<u8>,
}

impl Record {
    /// Reads `%y %m %U %G %s %D:%i:%s:%T@:%C@ %l` (find(1), `-printf`).
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let mut words = text.splitn(7, |byte| *byte == b' ');
        let mut word = || words.next().and_then(|word| std::str::from_utf8(word).ok());
        let (kind, mode) = (word()?, u32::from_str_radix(word()?, 8).ok()?);
        let owner = (word()?.parse().ok()?, word()?.parse().ok()?);
        let size = word()?.parse().ok()?;
        let stamp = word()?.to_owned();
        let target = words.next()?.to_vec();
        let meta = |mask: u32| Meta {
            mode: Some(mode & mask),
            owner: Some(owner),
        };
        let seen = match kind {
            "f" => Seen::File(size, meta(0o777)),
            "d" => Seen::Folder(meta(0o7777)),
            "l" => Seen::Link,
            _ => Seen::Special,
        };
        Some(Self { seen, stamp, target })
    }

    /// Whether both are the same file, whatever it holds.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        let name = |record: &Self| {
            let mut parts = record.stamp.splitn(3, ':').map(str::to_owned);
            (parts.next(), parts.next())
        };
        matches!((&self.seen, &other.seen), (Seen::File(..), Seen::File(..))) && name(self) == name(other)
    }
}

/// The parts of an output that are each ended by a NUL. None: the last one is cut off.
pub(crate) fn parts(output: &[u8]) -> Option<Vec<&[u8]>> {
    let Some(whole) = output.strip_suffix(b"\0") else {
        return output.is_empty().then(Vec::new);
    };
    Some(whole.split(|byte| *byte == 0).collect())
}

/// The content of a file of `size` bytes at the beginning of what `read.sh` printed, with what the file was afterwards; and
/// the rest. None: the file has shrunk meanwhile, or it is no longer one.
pub(crate) fn content(output: &[u8], size: usize) -> Option<(&[u8], Record, &[u8])> {
    let (bytes, rest) = output.split_at_checked(size)?;
    let rest = rest.strip_prefix(b"\0:")?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    let record = Record::parse(&rest[..end])?;
    Some((bytes, record, &rest[end + 1..]))
}

/// A text in the notation of `printf %b`, with nothing in it that ends a line.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte == b'\\' || byte.is_ascii_control() || !byte.is_ascii() {
            out.push_str(&format!("\\0{byte:03o}"));
        } else {
            out.push(char::from(byte));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"f 4644 1 2 5 7:8:5:1.5:2.5 ";

    #[test]
    fn a_record_tells_kind_rights_size_and_stamp() {
        let record = Record::parse(FILE).expect("valid");
        let meta = Meta {
            mode: Some(0o644),
            owner: Some((1, 2)),
        };
        assert_eq!(record.seen, Seen::File(5, meta));
        assert_eq!(record.stamp, "7:8:5:1.5:2.5");
        let link = Record::parse(b"l 777 0 0 5 7:9:5:1:2 a b\n c").expect("valid");
        assert_eq!((link.seen, link.target), (Seen::Link, b"a b\n c".to_vec()));
        assert_eq!(
            Record::parse(b"p 600 0 0 0 7:9:0:1:2 ").expect("valid").seen,
            Seen::Special
        );
        assert_eq!(Record::parse(b"f 644 0 0"), None);
        assert_eq!(Record::parse(b""), None);
    }

    #[test]
    fn a_file_is_the_same_one_when_it_grows_and_another_one_in_its_place_is_not() {
        let record = |text: &[u8]| Record::parse(text).expect("valid");
        let file = record(FILE);
        assert!(file.is_same_file(&record(b"f 644 1 2 9 7:8:9:3:3 ")));
        assert!(!file.is_same_file(&record(b"f 644 1 2 5 7:80:5:1.5:2.5 ")));
        assert!(!file.is_same_file(&record(b"p 644 1 2 5 7:8:5:1.5:2.5 ")));
    }

    #[test]
    fn content_is_taken_by_its_length_whatever_is_in_it() {
        let output = [b"a\0:b\0", b"\0:".as_slice(), FILE, b"\0next"].concat();
        let (bytes, record, rest) = content(&output, 5).expect("complete");
        assert_eq!((bytes, rest), (b"a\0:b\0".as_slice(), b"next".as_slice()));
        assert_eq!(record, Record::parse(FILE).expect("valid"));
        for wrong in [0, 4, 6, 100] {
            assert!(
                content(&output, wrong)
                    .is_none_or(|(_, record, _)| record != Record::parse(FILE).expect("valid"))
            );
        }
    }

    #[test]
    fn a_cut_output_is_noticed() {
        assert_eq!(parts(b"a\0b\0"), Some(vec![b"a".as_slice(), b"b"]));
        assert_eq!(parts(b""), Some(Vec::new()));
        assert_eq!(parts(b"a\0b"), None);
    }

    #[test]
    fn what_would_end_a_line_is_escaped() {
        assert_eq!(escaped("a b\\c\nd'ä"), "a b\\0134c\\0012d'\\0303\\0244");
    }
}
