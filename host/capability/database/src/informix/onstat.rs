//! What `onstat` prints, read: the mode, the archives that the server remembers, its spaces and chunks. Pure.

use crate::driver::Mode;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The header of every output: product and version, mode, up time.
static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^\s*(\S.*?Server Version \S+)\s+-- (.+?) -- Up\b").expect("a constant that is tested")
});
/// A row of `onstat -g arc`: name and number (absent in further rows of the same space), level, date, log, position.
static ARCHIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^(?:(\S+)\s+(\d+))?\s+([012])\s+(\d\d/\d\d/\d{4}\.\d\d:\d\d)\s+(\d+)\s+(0x[0-9a-fA-F]+)\s*$",
    )
    .expect("a constant that is tested")
});

/// The mode that the exit code of `onstat -` tells; none for a code that tells none.
pub(crate) fn mode_of_code(code: i32) -> Option<Mode> {
    Some(match code {
        0 => Mode::Starting,
        1 => Mode::Quiescent,
        2 => Mode::Recovery,
        3 => Mode::Backup,
        // 6 is an abort: the server is going down, though not by itself.
        4 | 6 => Mode::ShuttingDown,
        5 => Mode::Online,
        7 => Mode::Administration,
        255 => Mode::Offline,
        _ => return None,
    })
}

/// The mode that the header's words tell; none for words that nobody knows.
fn mode_of_words(words: &str) -> Option<Mode> {
    let words = words.to_ascii_lowercase();
    let known = [
        ("on-line", Mode::Online),
        ("quiescent", Mode::Quiescent),
        ("single-user", Mode::Administration),
        ("administration", Mode::Administration),
        ("initialization", Mode::Starting),
        ("recovery", Mode::Recovery),
        // A secondary server applies the logs of another one, and cannot be written to.
        ("read-only", Mode::Recovery),
        ("shutting down", Mode::ShuttingDown),
    ];
    let found = known.iter().find(|(word, _)| words.starts_with(word));
    found.map(|(_, mode)| *mode)
}

/// What `onstat -` told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) mode: Mode,
    /// Product and version; empty for a server that does not run.
    pub(crate) version: String,
    /// The mode in the server's own words.
    pub(crate) words: String,
}

/// Reads the answer of `onstat -`: code and words have to tell the same.
pub(crate) fn report(code: i32, text: &str) -> Option<Report> {
    let by_code = mode_of_code(code)?;
    if by_code == Mode::Offline {
        // The same code stands for memory or language files that cannot be read: that is no answer.
        let line = text.lines().find(|line| {
            line.to_ascii_lowercase()
                .contains("shared memory not initialized")
        })?;
        return Some(Report {
            mode: Mode::Offline,
            version: String::new(),
            words: line.trim().to_owned(),
        });
    }
    let header = HEADER.captures(text)?;
    let words = header[2].trim();
    if mode_of_words(words).is_some_and(|by_words| !agree(by_code, by_words)) {
        return None;
    }
    let blocked = text.lines().find(|line| line.trim_start().starts_with("Blocked"));
    Some(Report {
        mode: if words.to_ascii_lowercase().starts_with("read-only") {
            Mode::Recovery
        } else {
            by_code
        },
        version: header[1].trim().to_owned(),
        words: match blocked {
            Some(blocked) => format!("{words}; {}", blocked.trim()),
            None => words.to_owned(),
        },
    })
}

/// A backup goes on in a server whose header says on-line; a secondary's header says read-only whatever its code.
fn agree(by_code: Mode, by_words: Mode) -> bool {
    by_code == by_words || by_code == Mode::Backup || by_words == Mode::Recovery
}

/// An archive of a space, as the server remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Archived {
    pub(crate) space: String,
    pub(crate) number: u32,
    pub(crate) level: u8,
    /// In the server's words: `MM/DD/YYYY.hh:mm`, its local time.
    pub(crate) date: String,
    pub(crate) log: u32,
    pub(crate) position: String,
}

/// The archives that `onstat -g arc` tells of.
pub(crate) fn archives(text: &str) -> Vec<Archived> {
    let mut found = Vec::new();
    let mut space = (String::new(), 0);
    for row in ARCHIVE.captures_iter(text) {
        if let (Some(name), Some(number)) = (row.get(1), row.get(2)) {
            space = (name.as_str().to_owned(), number.as_str().parse().unwrap_or(0));
        }
        found.push(Archived {
            space: space.0.clone(),
            number: space.1,
            level: row[3].parse().unwrap_or(0),
            date: row[4].to_owned(),
            log: row[5].parse().unwrap_or(0),
            position: row[6].to_ascii_lowercase(),
        });
    }
    found
}

/// The archive of a level, by the first space: every archive holds it.
pub(crate) fn of_level(archives: &[Archived], level: u8) -> Option<&Archived> {
    let of_level = archives.iter().filter(|archived| archived.level == level);
    of_level.min_by_key(|archived| archived.number)
}

/// A chunk of a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) path: String,
    /// How many bytes of it are in use.
    pub(crate) used: u64,
}

/// The chunks that `onstat -d` tells of, mirrors among them: their files have to be there, too.
pub(crate) fn chunks(text: &str) -> Vec<Chunk> {
    let (spaces, chunks) = text.split_once("\nChunks").unwrap_or((text, ""));
    let mut page_sizes = BTreeMap::new();
    for line in spaces.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        if let [address, number, _, _, _, size, ..] = words[..]
            && is_address(address)
            && let (Ok(number), Ok(size)) = (number.parse::<u32>(), size.parse::<u64>())
        {
            page_sizes.insert(number, size);
        }
    }
    let chunk = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [address, _, space, _, size, free, .., path] = words[..] else {
            return None;
        };
        if !is_address(address) || !path.starts_with('/') {
            return None;
        }
        let page = page_sizes.get(&space.parse().ok()?).copied().unwrap_or(2048);
        let size: u64 = size.parse().ok()?;
        // Spaces for large objects mark their free pages as estimated.
        let free = free.trim_start_matches('~').parse().unwrap_or(0);
        Some(Chunk {
            path: path.to_owned(),
            used: size.saturating_sub(free) * page,
        })
    };
    chunks.lines().filter_map(chunk).collect()
}

fn is_address(word: &str) -> bool {
    word.len() >= 6 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "IBM Informix Dynamic Server Version 11.50.FC9";

    fn told(code: i32, words: &str) -> Option<Mode> {
        let text = format!("\n{VERSION} -- {words} -- Up 3 days 01:02:03 -- 1234567 Kbytes\n");
        report(code, &text).map(|report| report.mode)
    }

    #[test]
    fn code_and_words_have_to_tell_the_same_mode() {
        assert_eq!(told(5, "On-Line"), Some(Mode::Online));
        assert_eq!(told(5, "On-Line (Prim)"), Some(Mode::Online));
        assert_eq!(told(5, "On-Line (CKPT REQ)"), Some(Mode::Online));
        assert_eq!(told(1, "Quiescent"), Some(Mode::Quiescent));
        assert_eq!(told(3, "On-Line"), Some(Mode::Backup));
        assert_eq!(told(2, "Read-Only (Sec)"), Some(Mode::Recovery));
        assert_eq!(told(7, "Single-User"), Some(Mode::Administration));
        assert_eq!(told(5, "Quiescent"), None);
        assert_eq!(told(1, "On-Line"), None);
        assert_eq!(told(9, "On-Line"), None);
    }

    #[test]
    fn only_the_text_tells_a_server_that_is_off_from_one_that_cannot_be_looked_at() {
        let off = "shared memory not initialized for INFORMIXSERVER 'ol_main'\n";
        assert_eq!(report(255, off).map(|report| report.mode), Some(Mode::Offline));
        assert_eq!(report(255, "Unable to load locale categories.\n"), None);
    }

    #[test]
    fn what_blocks_a_server_is_part_of_the_words() {
        let text = format!("\n{VERSION} -- On-Line -- Up 00:00:03 -- 1 Kbytes\nBlocked: CKPT\n\n");
        let report = report(5, &text).expect("read");
        assert_eq!(report.words, "On-Line; Blocked: CKPT");
        assert_eq!(report.version, VERSION);
    }

    #[test]
    fn archives_are_read_with_and_without_the_name_repeated() {
        let text = "\nDbspaces - Archive Status\n\
            name               number level date                log        log-position\n\
            rootdbs            1      0     07/28/2020.10:04    28         0x1b018\n\
            \u{20}                         1     07/29/2020.11:05    29         0x2F0\n\
            datadbs            2      0     07/28/2020.10:04    28         0x1b018\n";
        let found = archives(text);
        let short: Vec<_> = found
            .iter()
            .map(|one| (one.space.as_str(), one.number, one.level, one.log))
            .collect();
        assert_eq!(
            short,
            [
                ("rootdbs", 1, 0, 28),
                ("rootdbs", 1, 1, 29),
                ("datadbs", 2, 0, 28)
            ]
        );
        let newest = of_level(&found, 1).expect("there");
        assert_eq!(
            (newest.date.as_str(), newest.position.as_str()),
            ("07/29/2020.11:05", "0x2f0")
        );
        assert_eq!(of_level(&found, 2), None);
    }

    #[test]
    fn chunks_are_counted_in_the_pages_of_their_space() {
        let text = "Dbspaces\n\
            address          number   flags      fchunk   nchunks  pgsize   flags    owner    name\n\
            44d17028         1        0x60001    1        1        2048     N  B     informix rootdbs\n\
            44d17228         2        0x60001    2        1        8192     N  B     informix datadbs\n \
            2 active, 2047 maximum\n\n\
            Chunks\n\
            address          chunk/dbs     offset     size       free       bpages     flags pathname\n\
            44d171e8         1      1      0          1000       900                   PO-B-- /db/rootdbs\n\
            44d173e8         2      2      0          100        ~40        93         POSB-- /db/datadbs\n \
            2 active, 32766 maximum\n";
        let found = chunks(text);
        assert_eq!(
            found,
            [
                Chunk {
                    path: "/db/rootdbs".to_owned(),
                    used: 100 * 2048
                },
                Chunk {
                    path: "/db/datadbs".to_owned(),
                    used: 60 * 8192
                },
            ]
        );
    }
}
