//! How a script of ours ended, as an error about the file that it was at: pure.

use crate::fault::{at, of_errno};
use crate::path::{RelPath, shown};
use procedo_core::{Error, Kind};
use procedo_machine::Output;
use rustix::io::Errno;

/// What the tools say (in the language C) where a system call failed: the texts of strerror(3) in the GNU C library.
const TEXTS: [(&str, Errno); 10] = [
    ("No space left on device", Errno::NOSPC),
    ("Disk quota exceeded", Errno::DQUOT),
    ("Read-only file system", Errno::ROFS),
    ("Permission denied", Errno::ACCESS),
    ("Operation not permitted", Errno::PERM),
    ("Too many levels of symbolic links", Errno::LOOP),
    ("Not a directory", Errno::NOTDIR),
    ("File name too long", Errno::NAMETOOLONG),
    ("Input/output error", Errno::IO),
    ("No such file or directory", Errno::NOENT),
];

/// What the end of a script means for the caller. `base` is the path that it was about; `temporary` the name it builds under.
pub(crate) fn refused(root: &str, base: &RelPath, temporary: &str, output: &Output) -> Error {
    let said = output.errors();
    // Where something inside a tree failed, the script adds which part it was.
    let path = noted(&said, "procedo-at:")
        .map_or_else(|| base.clone(), |inner| base.below(inner.trim_start_matches('/')));
    let reason = said
        .lines()
        .rfind(|line| !line.starts_with("procedo-"))
        .unwrap_or_default();
    if let Some((user, group)) = noted(&said, "procedo-owner:").and_then(|owner| owner.split_once(':')) {
        return at(Kind::Denied, "P0333", root, &path)
            .with("user", user)
            .with("group", group);
    }
    match output.code {
        // A link was there when `find` looked, and none when it asked where it leads.
        1 if reason.starts_with("find:") && reason.ends_with("Invalid argument") => {
            at(Kind::Conflict, "P0335", root, &path)
        }
        12 | 15 => at(Kind::Conflict, "P0335", root, &path),
        13 => of_errno(root, &path, Errno::NOTDIR),
        14 => of_errno(root, &path, Errno::NOENT),
        19 => at(Kind::Failed, "P0337", root, &path)
            .with("left", temporary)
            .with("reason", shown(reason)),
        _ => match TEXTS.iter().find(|(text, _)| reason.ends_with(text)) {
            Some((_, errno)) => of_errno(root, &path, *errno),
            None => at(Kind::Failed, "P0328", root, &path)
                .with("reason", format!("{} ({})", shown(reason), output.code)),
        },
    }
}

fn noted<'a>(said: &'a str, word: &str) -> Option<&'a str> {
    said.lines().rev().find_map(|line| line.strip_prefix(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(code: i32, said: &str) -> (String, String) {
        let output = Output {
            code,
            stdout: Vec::new(),
            stderr: said.as_bytes().to_vec(),
            truncated: false,
        };
        let path = RelPath::parse("web", "dir").expect("valid");
        let error = refused("web", &path, ".procedo-x.tmp", &output);
        (error.code, error.message.args["path"].clone())
    }

    #[test]
    fn what_the_tools_say_is_told_like_the_same_failure_of_this_machine() {
        let here = |code: &str| (code.to_owned(), "dir".to_owned());
        assert_eq!(
            code(1, "dd: error writing './new': No space left on device"),
            here("P0326")
        );
        assert_eq!(
            code(1, "rm: cannot remove './a': Read-only file system"),
            here("P0327")
        );
        assert_eq!(
            code(1, "dd: failed to open './a': Too many levels of symbolic links"),
            here("P0335")
        );
        assert_eq!(code(1, "find: './a/.': Permission denied"), here("P0327"));
        assert_eq!(code(1, "find: './a': Invalid argument"), here("P0335"));
        assert_eq!(code(1, "something new"), here("P0328"));
        assert_eq!(code(14, ""), here("P0301"));
        assert_eq!(code(15, ""), here("P0335"));
        assert_eq!(
            code(19, "rm: cannot remove './a': Permission denied"),
            here("P0337")
        );
    }

    #[test]
    fn the_part_of_a_tree_that_failed_is_named() {
        let said = "dd: error writing './new/a/b': No space left on device\nprocedo-at:/a/b\n";
        assert_eq!(code(1, said), ("P0326".to_owned(), "dir/a/b".to_owned()));
        let said =
            "chown: changing ownership of './new': Operation not permitted\nprocedo-owner:1:2\nprocedo-at:\n";
        assert_eq!(code(1, said), ("P0333".to_owned(), "dir".to_owned()));
    }
}
