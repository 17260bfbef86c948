//! Paths below a root: checked once, at the edge, and then known to be good.

use procedo_core::{Error, Kind, Result};
use std::fmt;

/// The longest path Linux takes in one call, without its closing NUL (`PATH_MAX`, limits.h).
const LONGEST_PATH: usize = 4095;
/// The longest name Linux file systems take (`NAME_MAX`, limits.h).
const LONGEST_NAME: usize = 255;
/// How much of a refused path an error shows.
const SHOWN: usize = 120;

/// A path below a root, `/`-separated, without empty, `.` or `..` parts. The root itself is the empty path.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RelPath(String);

impl RelPath {
    /// Checks a path that a caller gave. The empty path, the root, is refused.
    pub(crate) fn parse(root: &str, text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(broken(root, text, "empty", ""));
        }
        Self::parse_or_root(root, text)
    }

    /// Checks a path that a caller gave. The empty path names the root.
    pub(crate) fn parse_or_root(root: &str, text: &str) -> Result<Self> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        if text.len() > LONGEST_PATH {
            return Err(broken(root, text, "long-path", &text.len().to_string()));
        }
        if let Some(character) = text.chars().find(|c| is_refused(*c)) {
            return Err(broken(root, text, "control", &named(character)));
        }
        if text.starts_with('/') {
            return Err(broken(root, text, "absolute", "/"));
        }
        for part in text.split('/') {
            let rule = match part {
                "" => "empty-part",
                "." | ".." => "dots",
                _ if part.len() > LONGEST_NAME => {
                    return Err(broken(root, text, "long-name", &part.len().to_string()));
                }
                _ => continue,
            };
            return Err(broken(root, text, rule, part));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text of the path.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What to hand to the kernel, relative to the root's folder.
    pub(crate) fn for_kernel(&self) -> &str {
        if self.0.is_empty() { "." } else { &self.0 }
    }

    /// Whether it is the root itself.
    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path of `name` in this folder; `name` is one part.
    pub(crate) fn join(&self, name: &str) -> Self {
        if self.0.is_empty() {
            Self(name.to_owned())
        } else {
            Self(format!("{}/{name}", self.0))
        }
    }

    /// The path of something below this folder, by its path from here; the empty one is this folder.
    pub(crate) fn below(&self, inner: &str) -> Self {
        if inner.is_empty() {
            self.clone()
        } else {
            self.join(inner)
        }
    }

    /// The folder and the name in it; none for the root.
    pub(crate) fn split(&self) -> Option<(Self, &str)> {
        match self.0.rsplit_once('/') {
            Some((folder, name)) => Some((Self(folder.to_owned()), name)),
            None if self.0.is_empty() => None,
            None => Some((Self::default(), &self.0)),
        }
    }

    /// The parts from the root downwards.
    pub(crate) fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// Whether it is `folder` or lies below it.
    pub(crate) fn is_within(&self, folder: &Self) -> bool {
        folder.is_root()
            || self
                .0
                .strip_prefix(&folder.0)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.for_kernel())
    }
}

/// Whether a character has no place in a path: control characters break lines and terminals, and the marks that turn the
/// direction of writing (Unicode TR 9, sections 2.1 to 2.3) make a path look like another one to who approves it.
pub(crate) fn is_refused(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A character as an error names it: `U+000A`.
pub(crate) fn named(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// A text from outside as an error shows it: control characters escaped, and cut where it is long.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == SHOWN {
            out.push('…');
            break;
        }
        if is_refused(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

fn broken(root: &str, path: &str, rule: &str, found: &str) -> Error {
    Error::new(Kind::Invalid, "P0306")
        .with("root", root)
        .with("path", shown(path))
        .with("rule", rule)
        .with("found", found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(path: &str) -> String {
        let error = RelPath::parse("web", path).expect_err("must be refused");
        assert_eq!(error.code, "P0306");
        error.message.args["rule"].clone()
    }

    #[test]
    fn a_path_that_could_leave_the_root_or_mislead_a_reader_is_refused_by_name_of_the_rule() {
        assert_eq!(rule(""), "empty");
        assert_eq!(rule("/etc/passwd"), "absolute");
        assert_eq!(rule("a/../b"), "dots");
        assert_eq!(rule("./a"), "dots");
        assert_eq!(rule("a//b"), "empty-part");
        assert_eq!(rule("a/"), "empty-part");
        assert_eq!(rule("a\nb"), "control");
        assert_eq!(rule("a\0b"), "control");
        assert_eq!(rule("gpj.\u{202E}exe"), "control");
        assert_eq!(rule(&"a".repeat(256)), "long-name");
        assert_eq!(rule(&"a/".repeat(1 << 19)), "long-path");
    }

    #[test]
    fn names_in_any_script_are_accepted_and_a_backslash_is_an_ordinary_character() {
        for path in [
            "ملف/שלום.htm",
            "🎉.txt",
            "a\\b",
            "..a/...",
            &"é".repeat(127),
            "a b",
        ] {
            assert_eq!(RelPath::parse("web", path).expect(path).as_str(), path);
        }
    }

    #[test]
    fn a_refused_path_is_shown_short_and_without_control_characters() {
        assert_eq!(shown("a\nb"), "a\\u{a}b");
        assert_eq!(shown(&"x".repeat(1 << 20)).chars().count(), SHOWN + 1);
    }

    #[test]
    fn a_path_lies_within_a_folder_by_whole_parts() {
        let path = |text| RelPath::parse("r", text).expect("valid");
        assert!(path("a/b").is_within(&path("a")));
        assert!(path("a").is_within(&path("a")));
        assert!(path("a").is_within(&RelPath::default()));
        assert!(!path("ab").is_within(&path("a")));
    }
}
