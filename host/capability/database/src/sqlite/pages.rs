//! The pages of a database and their digests: a consistent snapshot, and the list that the next level is compared with.
//!
//! # The list (`.digests`)
//! ```text
//! "procedo-digests\n"  version u32  page size u32  pages u64
//! for each 8 pages:    BLAKE3 of their bytes (32), then of each page the first 16 bytes of its BLAKE3
//! at the end:          BLAKE3 of all before (32): the digest of the state
//! ```
//! Numbers are little-endian. The digest of 8 pages is there for speed: hashing 32 KiB is several times as fast as hashing
//! its pages one by one, and most groups have not changed.

use std::io::{self, Read, Write};

const MAGIC: &[u8; 16] = b"procedo-digests\n";
/// The first had groups of 16 pages.
const VERSION: u32 = 2;
/// How many pages make a group.
pub(crate) const GROUP: usize = 8;
/// How much is hashed at once, which is several times as fast as a group's digests one by one.
const BLOCK: usize = 64 << 10;
/// The size of a group's digest in bytes.
const WHOLE: usize = 32;
/// How much of a page's digest is kept, in bytes: collisions take 2⁶⁴ pages.
const SHORT: usize = 16;

/// Why a file of ours cannot be what it says it is.
#[derive(Debug)]
pub(crate) enum Broken {
    /// What is wrong with it, as `damaged` names it.
    Wrong(String),
    /// It could not be read.
    Io(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::Wrong("length".to_owned())
        } else {
            Self::Io(error)
        }
    }
}

/// Page size and number of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) page: usize,
    pub(crate) pages: u64,
}

impl Extent {
    /// An extent that SQLite can have.
    pub(crate) fn check(page: u32, pages: u64) -> Result<Self, Broken> {
        if !(512..=65_536).contains(&page)
            || !page.is_power_of_two()
            || pages == 0
            || pages > u64::from(u32::MAX)
        {
            return Err(Broken::Wrong("content".to_owned()));
        }
        Ok(Self {
            page: page as usize,
            pages,
        })
    }

    /// The size in bytes.
    pub(crate) fn bytes(self) -> u64 {
        self.pages * self.page as u64
    }

    /// The size of a group in bytes.
    pub(crate) fn group(self) -> usize {
        self.page * GROUP
    }
}

/// The digests of a group of pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
    whole: [u8; WHOLE],
    pages: Vec<[u8; SHORT]>,
}

fn short(page: &[u8]) -> [u8; SHORT] {
    let mut short = [0; SHORT];
    short.copy_from_slice(&blake3::hash(page).as_bytes()[..SHORT]);
    short
}

impl Group {
    /// The digests of these pages.
    pub(crate) fn of(bytes: &[u8], page: usize) -> Self {
        Self {
            whole: *blake3::hash(bytes).as_bytes(),
            pages: bytes.chunks(page).map(short).collect(),
        }
    }

    /// The digests of these pages, which begin with a group.
    pub(crate) fn all_of(bytes: &[u8], extent: Extent) -> Vec<Self> {
        let groups = bytes.chunks(extent.group());
        groups.map(|bytes| Self::of(bytes, extent.page)).collect()
    }

    /// Whether these bytes have these digests.
    pub(crate) fn is_of(&self, bytes: &[u8]) -> bool {
        self.whole == *blake3::hash(bytes).as_bytes()
    }

    /// The digests of the pages that follow, and the places of those that differ from these.
    pub(crate) fn follow(self, bytes: &[u8], page: usize) -> (Self, Vec<usize>) {
        let whole = *blake3::hash(bytes).as_bytes();
        if self.whole == whole && self.pages.len() == bytes.len() / page {
            return (self, Vec::new());
        }
        let pages: Vec<_> = bytes.chunks(page).map(short).collect();
        let differs = |&i: &usize| self.pages.get(i) != pages.get(i);
        let changed = (0..pages.len()).filter(differs).collect();
        (Self { whole, pages }, changed)
    }
}

/// Writes a list.
pub(crate) struct ListWriter<W> {
    to: W,
    hash: blake3::Hasher,
    waiting: Vec<u8>,
}

impl<W: Write> ListWriter<W> {
    pub(crate) fn new(to: W, extent: Extent) -> io::Result<Self> {
        let mut writer = Self {
            to,
            hash: blake3::Hasher::new(),
            waiting: Vec::with_capacity(BLOCK),
        };
        writer.put(MAGIC)?;
        writer.put(&VERSION.to_le_bytes())?;
        writer.put(&(extent.page as u32).to_le_bytes())?;
        writer.put(&extent.pages.to_le_bytes())?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.waiting.len() + bytes.len() > BLOCK {
            self.hand_on()?;
        }
        self.waiting.extend_from_slice(bytes);
        Ok(())
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.hash.update(&self.waiting);
        self.to.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    pub(crate) fn group(&mut self, group: &Group) -> io::Result<()> {
        self.put(&group.whole)?;
        self.put(group.pages.as_flattened())
    }

    /// The writer, and the digest of the state.
    pub(crate) fn finish(mut self) -> io::Result<(W, blake3::Hash)> {
        self.hand_on()?;
        let digest = self.hash.finalize();
        self.to.write_all(digest.as_bytes())?;
        Ok((self.to, digest))
    }
}

/// Reads a list, group by group.
pub(crate) struct ListReader<R> {
    from: R,
    hash: blake3::Hasher,
    pub(crate) extent: Extent,
    /// How many pages are still to be told.
    left: u64,
    /// How many bytes of digests are still to be read.
    unread: u64,
    block: Vec<u8>,
    /// Up to where the block was told.
    told: usize,
}

impl<R: Read> ListReader<R> {
    pub(crate) fn new(mut from: R) -> Result<Self, Broken> {
        let mut head = [0; 32];
        from.read_exact(&mut head)?;
        let number = |at: usize| {
            let mut four = [0; 4];
            four.copy_from_slice(&head[at..at + 4]);
            u32::from_le_bytes(four)
        };
        if head[..16] != *MAGIC {
            return Err(Broken::Wrong("foreign".to_owned()));
        }
        if number(16) != VERSION {
            return Err(Broken::Wrong("version".to_owned()));
        }
        let pages = u64::from(number(24)) | u64::from(number(28)) << 32;
        let extent = Extent::check(number(20), pages)?;
        let mut hash = blake3::Hasher::new();
        hash.update(&head);
        Ok(Self {
            from,
            hash,
            extent,
            left: pages,
            unread: pages.div_ceil(GROUP as u64) * WHOLE as u64 + pages * SHORT as u64,
            block: Vec::new(),
            told: 0,
        })
    }

    /// The next so many bytes of digests.
    fn next(&mut self, size: usize) -> Result<&[u8], Broken> {
        if self.block.len() - self.told < size {
            self.block.drain(..self.told);
            self.told = 0;
            let kept = self.block.len();
            let more = self.unread.min((BLOCK - kept) as u64);
            self.block.resize(kept + more as usize, 0);
            self.from.read_exact(&mut self.block[kept..])?;
            self.hash.update(&self.block[kept..]);
            self.unread -= more;
        }
        self.told += size;
        Ok(&self.block[self.told - size..self.told])
    }

    /// The next group; none at the end.
    pub(crate) fn group(&mut self) -> Result<Option<Group>, Broken> {
        if self.left == 0 {
            return Ok(None);
        }
        let count = self.left.min(GROUP as u64) as usize;
        let bytes = self.next(WHOLE + count * SHORT)?;
        let (whole, pages) = bytes.split_at(WHOLE);
        let mut group = Group {
            whole: [0; WHOLE],
            pages: pages.as_chunks().0.to_vec(),
        };
        group.whole.copy_from_slice(whole);
        self.left -= count as u64;
        Ok(Some(group))
    }

    /// Reads what is left, and checks the digest of all; the digest of the state.
    pub(crate) fn finish(mut self) -> Result<blake3::Hash, Broken> {
        // What is in hand was hashed when it was read.
        while self.unread > 0 {
            self.told = self.block.len();
            self.next(self.unread.min(BLOCK as u64) as usize)?;
        }
        let mut digest = [0; 32];
        self.from.read_exact(&mut digest)?;
        if self.hash.finalize() != digest {
            return Err(Broken::Wrong("content".to_owned()));
        }
        if self.from.read(&mut [0])? != 0 {
            return Err(Broken::Wrong("longer".to_owned()));
        }
        Ok(digest.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(content: &[u8], page: usize) -> (Vec<u8>, blake3::Hash) {
        let extent = Extent {
            page,
            pages: (content.len() / page) as u64,
        };
        let mut writer = ListWriter::new(Vec::new(), extent).expect("in memory");
        for bytes in content.chunks(extent.group()) {
            writer.group(&Group::of(bytes, page)).expect("in memory");
        }
        writer.finish().expect("in memory")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_written_is_read_and_any_damage_is_found(
            pages in 1_usize..40, seed: u8, at: prop::sample::Index, bit in 0_u32..8, cut: prop::sample::Index,
        ) {
            let content: Vec<u8> = (0..pages * 512).map(|i| (i / 512) as u8 ^ seed).collect();
            let (bytes, digest) = list(&content, 512);
            let reader = ListReader::new(&*bytes).expect("whole");
            prop_assert_eq!(reader.finish().expect("whole"), digest);
            let read = |bytes: &[u8]| ListReader::new(bytes).and_then(ListReader::finish);
            let mut flipped = bytes.clone();
            flipped[at.index(bytes.len())] ^= 1_u8 << bit;
            prop_assert!(read(&flipped).is_err());
            prop_assert!(read(&bytes[..cut.index(bytes.len())]).is_err());
            let mut longer = bytes;
            longer.push(0);
            prop_assert!(read(&longer).is_err());
        }

        #[test]
        fn just_the_pages_that_differ_are_found(
            pages in 1_usize..=GROUP, changed in prop::collection::btree_set(0..GROUP, 0..5),
        ) {
            let before = vec![7_u8; pages * 512];
            let changed: Vec<usize> = changed.into_iter().filter(|&page| page < pages).collect();
            let mut after = before.clone();
            for page in &changed {
                after[page * 512 + 100] ^= 1;
            }
            let group = Group::of(&before, 512);
            let (next, found) = group.follow(&after, 512);
            prop_assert_eq!(found, changed);
            prop_assert_eq!(next, Group::of(&after, 512));
        }
    }
}
