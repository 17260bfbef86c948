//! The static files of the web server: which path stands for which file, and what type it has.

use percent_encoding::percent_decode_str;
use std::path::{Path, PathBuf};

/// The name that the folder has on the web server (guide, section 4.2.1.1, step 7).
pub const ALIAS: &str = "HPPC";

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its media type, with a charset only where the bytes themselves say so.
    pub content_type: String,
}

/// The path below the web components' folder, decoded; none for a path that no file can have. The folder is served under its
/// alias and as the root too.
pub fn below_root(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let path = decoded.strip_prefix('/')?;
    let path = match path.strip_prefix(ALIAS) {
        Some(rest) if rest.starts_with('/') => &rest[1..],
        _ => path,
    };
    let path = if path.is_empty() { "Default.htm" } else { path };
    let fits = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0']);
    path.split('/').all(fits).then(|| path.to_owned())
}

/// The file at a path below a folder. Names are case-sensitive; a link does not lead out of the folder.
pub fn find(root: &Path, path: &str) -> Option<Found> {
    let media_type = media_type(path)?;
    let root = root.canonicalize().ok()?;
    let file: PathBuf = root.join(path).canonicalize().ok()?;
    if !file.starts_with(&root) || !file.is_file() {
        return None;
    }
    let bytes = std::fs::read(file).ok()?;
    let marked = bytes.starts_with(b"\xef\xbb\xbf") && media_type.starts_with("text/");
    let content_type = if marked {
        format!("{media_type}; charset=utf-8")
    } else {
        media_type.to_owned()
    };
    Some(Found { bytes, content_type })
}

/// The media type of a file's name. A web server like IIS sends no file of a type that it does not know, so `HPWC.ini` stays
/// where it is.
fn media_type(path: &str) -> Option<&'static str> {
    let extension = path.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match extension.as_str() {
        "htm" | "html" => "text/html",
        "css" => "text/css",
        "js" => "text/javascript",
        "txt" => "text/plain",
        "gif" => "image/gif",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        // RFC 4267 §2; the guide has it added by hand (section 4.2.1.4).
        "vxml" => "application/voicexml+xml",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stands_for_one_below_the_folder() {
        for (path, below) in [
            ("/", Some("Default.htm")),
            ("/HPPC/", Some("Default.htm")),
            ("/HPPC/html/WCMain.htm", Some("html/WCMain.htm")),
            ("/html/WCMain.htm", Some("html/WCMain.htm")),
            ("/html/espa%C3%B1ol/Help.htm", Some("html/español/Help.htm")),
            ("/HPPCx/a.htm", Some("HPPCx/a.htm")),
            ("/../procedo.toml", None),
            ("/HPPC/../procedo.toml", None),
            ("/html/..%2f..%2fprocedo.toml", None),
            ("/html/%2e%2e/%2e%2e/procedo.toml", None),
            ("/html\\..\\..\\procedo.toml", None),
            ("//etc/passwd", None),
            ("/a%00.htm", None),
            ("/a%ff.htm", None),
            ("/html/", None),
            ("relative", None),
        ] {
            assert_eq!(below_root(path).as_deref(), below, "{path}");
        }
    }

    #[test]
    fn a_link_does_not_lead_out_of_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("web");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(dir.path().join("secret.txt"), "secret").unwrap();
        std::fs::write(root.join("open.txt"), "open").unwrap();
        std::os::unix::fs::symlink("../secret.txt", root.join("out.txt")).unwrap();
        std::os::unix::fs::symlink("open.txt", root.join("in.txt")).unwrap();
        assert_eq!(find(&root, "in.txt").unwrap().bytes, b"open");
        assert_eq!(find(&root, "out.txt"), None);
        assert_eq!(find(&root, "OPEN.txt"), None, "names are case-sensitive");
        assert_eq!(find(&root, "."), None);
    }
}
