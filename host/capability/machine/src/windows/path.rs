//! Which paths of Windows are taken: absolute ones of a drive or a share, that name a file and nothing else.

/// What is wrong with a path, if anything is.
///
/// Devices (`\\.\…`, `NUL`), streams (`a.txt:b`), patterns and names whose end Windows drops without a word are refused
/// (Microsoft, “Naming Files, Paths, and Namespaces”): each of them may mean something else than it says.
pub(crate) fn fault(path: &str) -> Option<&'static str> {
    let unified = path.replace('/', "\\");
    let mut bytes = unified.bytes();
    let rest = match (bytes.next(), bytes.next(), bytes.next()) {
        (Some(letter), Some(b':'), Some(b'\\')) if letter.is_ascii_alphabetic() => &unified[3..],
        (Some(b'\\'), Some(b'\\'), Some(_)) => {
            let share = &unified[2..];
            if share.split('\\').filter(|part| !part.is_empty()).count() < 2 || share.starts_with('\\') {
                return Some("a share is written \\\\server\\share\\…");
            }
            share
        }
        _ => return Some("the path must begin with a drive (C:\\) or a share (\\\\server\\share)"),
    };
    let parts = rest.split('\\').collect::<Vec<_>>();
    for (at, part) in parts.iter().enumerate() {
        if part.is_empty() {
            // One backslash may end a path, and a drive's root has no part at all.
            if at + 1 == parts.len() {
                continue;
            }
            return Some("a folder's name is missing");
        }
        if let Some(fault) = name_fault(part) {
            return Some(fault);
        }
    }
    None
}

fn name_fault(name: &str) -> Option<&'static str> {
    if name
        .chars()
        .any(|c| c.is_control() || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*'))
    {
        return Some("a name holds none of < > : \" | ? * and no control character");
    }
    if name.ends_with(['.', ' ']) {
        return Some("a name ends with neither a dot nor a space, and is not . or ..");
    }
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|number| {
            number.chars().count() == 1 && number.contains(|c: char| "123456789¹²³".contains(c))
        })
    };
    let device = matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    );
    (device || numbered("COM") || numbered("LPT")).then_some("this is the name of a device")
}

/// Whether it is a share's, which has no drive.
pub(crate) fn is_share(path: &str) -> bool {
    path.starts_with(['\\', '/'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drives_and_shares_are_taken() {
        for path in [
            "C:\\",
            "c:/data/a b.txt",
            r"D:\Daten\Größe.bak",
            r"\\server\share",
            r"\\10.0.0.7\backup$\level0\",
            r"C:\com10\nulled.txt",
        ] {
            assert_eq!(fault(path), None, "{path}");
        }
    }

    #[test]
    fn what_may_mean_something_else_is_refused() {
        for path in [
            "",
            "data.txt",
            r"\data.txt",
            "C:data.txt",
            "/etc/passwd",
            r"\\server",
            r"\\\server\share",
            r"\\.\PhysicalDrive0",
            r"\\?\C:\x",
            r"C:\a\..\b",
            r"C:\a.",
            r"C:\a \b",
            r"C:\a.txt:stream",
            r"C:\*.txt",
            r"C:\nul",
            r"C:\x\COM1.log",
            r"C:\a\\b",
            "C:\\a\nb",
            "C:\\a\0b",
        ] {
            assert!(fault(path).is_some(), "{path}");
        }
    }
}
