//! Unified diffs of what a plan would change. Pure.

use crate::path::RelPath;
use crate::text;
use similar::TextDiff;
use std::time::Duration;

/// The largest text, in bytes, of which a diff is made; a person reads no more.
const LARGEST: usize = 1 << 20;
/// How long to look for the shortest diff; what is found by then is right, if longer.
const PATIENCE: Duration = Duration::from_millis(500);

/// The unified diff from one file's bytes to another's; none where one of them is no text or too large to be read by a
/// person. `before` is absent for a new file.
pub(crate) fn unified(path: &RelPath, before: Option<&[u8]>, after: &str) -> Option<String> {
    let old = match before {
        Some(bytes)
            if bytes.len() > LARGEST
                || bytes.contains(&0) && text::form_of(bytes, None).encoding.is_ascii_compatible() =>
        {
            return None;
        }
        Some(bytes) => text::decode(bytes, text::form_of(bytes, None)).ok()?,
        None => String::new(),
    };
    between(path.as_str(), before.is_some(), &old, after)
}

/// The unified diff between two texts.
pub(crate) fn between(name: &str, existed: bool, old: &str, new: &str) -> Option<String> {
    if old.len().max(new.len()) > LARGEST {
        return None;
    }
    let from = if existed {
        format!("a/{name}")
    } else {
        "/dev/null".to_owned()
    };
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    let text = diff
        .unified_diff()
        .context_radius(3)
        .header(&from, &format!("b/{name}"))
        .to_string();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> RelPath {
        RelPath::parse("web", "html/a.htm").expect("valid")
    }

    #[test]
    fn a_diff_names_the_file_and_shows_the_lines() {
        let diff = unified(&path(), Some(b"one\ntwo\nthree\n"), "one\nzwei\nthree\n").expect("a diff");
        assert_eq!(
            diff,
            "--- a/html/a.htm\n+++ b/html/a.htm\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n"
        );
    }

    #[test]
    fn a_new_file_comes_from_nowhere_and_a_missing_line_end_is_told() {
        let diff = unified(&path(), None, "one").expect("a diff");
        assert_eq!(
            diff,
            "--- /dev/null\n+++ b/html/a.htm\n@@ -0,0 +1 @@\n+one\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn the_old_text_is_read_in_its_own_encoding() {
        let diff = unified(&path(), Some(b"Gr\xFC\xDFe\n"), "Hallo\n").expect("a diff");
        assert!(diff.contains("-Grüße\n"), "{diff}");
    }

    #[test]
    fn no_diff_of_what_nobody_can_read() {
        assert_eq!(unified(&path(), Some(b"\x7FELF\0\0"), "text"), None);
        assert_eq!(unified(&path(), None, &"x".repeat(LARGEST + 1)), None);
    }
}
