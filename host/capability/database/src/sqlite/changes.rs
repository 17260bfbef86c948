//! The format of an incremental backup: the pages that differ from those of its base.
//!
//! ```text
//! "procedo-changes\n"  version u32  page size u32  pages u64  digest of the base's state (32)
//! for each page:       number u32 (from 1, ascending)  its bytes
//! at the end:          0 u32  how many pages came u64  BLAKE3 of all before (32)
//! ```
//! Numbers are little-endian.

use crate::sqlite::pages::{Broken, Extent};
use std::io::{self, Read, Write};

const MAGIC: &[u8; 16] = b"procedo-changes\n";
const VERSION: u32 = 1;

/// Writes changes.
pub(crate) struct ChangesWriter<W> {
    to: W,
    hash: blake3::Hasher,
    count: u64,
}

impl<W: Write> ChangesWriter<W> {
    pub(crate) fn new(to: W, extent: Extent, base: &blake3::Hash) -> io::Result<Self> {
        let mut writer = Self {
            to,
            hash: blake3::Hasher::new(),
            count: 0,
        };
        writer.put(MAGIC)?;
        writer.put(&VERSION.to_le_bytes())?;
        writer.put(&(extent.page as u32).to_le_bytes())?;
        writer.put(&extent.pages.to_le_bytes())?;
        writer.put(base.as_bytes())?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.to.write_all(bytes)
    }

    /// Adds a page. Their numbers ascend, from 1.
    pub(crate) fn page(&mut self, number: u32, bytes: &[u8]) -> io::Result<()> {
        self.count += 1;
        self.put(&number.to_le_bytes())?;
        self.put(bytes)
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.put(&0_u32.to_le_bytes())?;
        let count = self.count;
        self.put(&count.to_le_bytes())?;
        let digest = self.hash.finalize();
        self.to.write_all(digest.as_bytes())?;
        Ok(self.to)
    }
}

/// Reads changes page by page. Only after [`next`](Self::next) said that there are no more is it known that all were right.
pub(crate) struct ChangesReader<R> {
    from: R,
    hash: blake3::Hasher,
    count: u64,
    last: u32,
    pub(crate) extent: Extent,
    pub(crate) base: blake3::Hash,
}

impl<R: Read> ChangesReader<R> {
    pub(crate) fn new(mut from: R) -> Result<Self, Broken> {
        let mut head = [0; 64];
        from.read_exact(&mut head)?;
        let number = |at: usize| {
            let mut four = [0; 4];
            four.copy_from_slice(&head[at..at + 4]);
            u32::from_le_bytes(four)
        };
        if head[..16] != *MAGIC || number(16) != VERSION {
            return Err(Broken::Wrong("foreign".to_owned()));
        }
        let extent = Extent::check(number(20), u64::from(number(24)) | u64::from(number(28)) << 32)?;
        let mut base = [0; 32];
        base.copy_from_slice(&head[32..]);
        let mut hash = blake3::Hasher::new();
        hash.update(&head);
        Ok(Self {
            from,
            hash,
            count: 0,
            last: 0,
            extent,
            base: base.into(),
        })
    }

    fn take(&mut self, into: &mut [u8]) -> Result<(), Broken> {
        self.from.read_exact(into)?;
        self.hash.update(into);
        Ok(())
    }

    /// The next page, into a buffer of a page's size; none at the end, when all that was read is known to be right.
    pub(crate) fn next(&mut self, page: &mut [u8]) -> Result<Option<u32>, Broken> {
        let mut four = [0; 4];
        self.take(&mut four)?;
        let number = u32::from_le_bytes(four);
        if number == 0 {
            return self.end().map(|()| None);
        }
        if number <= self.last || u64::from(number) > self.extent.pages {
            return Err(Broken::Wrong("content".to_owned()));
        }
        self.last = number;
        self.count += 1;
        self.take(page)?;
        Ok(Some(number))
    }

    fn end(&mut self) -> Result<(), Broken> {
        let mut count = [0; 8];
        self.take(&mut count)?;
        let expected = self.hash.finalize();
        let mut digest = [0; 32];
        self.from.read_exact(&mut digest)?;
        if expected != digest || u64::from_le_bytes(count) != self.count {
            return Err(Broken::Wrong("content".to_owned()));
        }
        if self.from.read(&mut [0])? != 0 {
            return Err(Broken::Wrong("longer".to_owned()));
        }
        Ok(())
    }

    /// Reads everything, only to see whether it is right.
    pub(crate) fn check(mut self) -> Result<(), Broken> {
        let mut page = vec![0; self.extent.page];
        while self.next(&mut page)?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// What a file has beside its pages, in bytes.
    const AROUND: u64 = 64 + 4 + 8 + 32;

    fn written(pages: &BTreeMap<u32, u8>) -> Vec<u8> {
        let extent = Extent {
            page: 512,
            pages: 100,
        };
        let mut writer = ChangesWriter::new(Vec::new(), extent, &blake3::hash(b"base")).expect("in memory");
        for (number, fill) in pages {
            writer.page(*number, &[*fill; 512]).expect("in memory");
        }
        writer.finish().expect("in memory")
    }

    fn check(bytes: &[u8]) -> Result<(), Broken> {
        ChangesReader::new(bytes)?.check()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_written_is_read(pages in prop::collection::btree_map(1_u32..=100, any::<u8>(), 0..20)) {
            let bytes = written(&pages);
            prop_assert_eq!(bytes.len() as u64, AROUND + 516 * pages.len() as u64);
            let mut reader = ChangesReader::new(&*bytes).expect("whole");
            prop_assert_eq!(reader.base, blake3::hash(b"base"));
            let (mut read, mut page) = (BTreeMap::new(), [0; 512]);
            while let Some(number) = reader.next(&mut page).expect("whole") {
                prop_assert!(page.iter().all(|byte| *byte == page[0]));
                read.insert(number, page[0]);
            }
            prop_assert_eq!(read, pages);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(check(&bytes).is_err());
            let mut headed = written(&BTreeMap::new())[..64].to_vec();
            headed.extend(bytes);
            prop_assert!(check(&headed).is_err());
        }
    }

    #[test]
    fn every_flipped_byte_and_every_truncation_is_found() {
        let bytes = written(&BTreeMap::from([(1, 1), (7, 2)]));
        check(&bytes).expect("whole");
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            assert!(check(&flipped).is_err(), "byte {at}");
            assert!(check(&bytes[..at]).is_err(), "cut at {at}");
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(check(&longer).is_err());
    }
}
