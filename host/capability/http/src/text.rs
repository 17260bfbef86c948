//! Turns the bytes of a body into text, by its declared charset. Pure.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use procedo_core::{Error, Kind, Result};

/// How far into an HTML page its own declaration is looked for (HTML standard, “prescan a byte stream”).
const PRESCAN: usize = 1024;

/// The text of a body. The charset is, in this order: that of a byte order mark, of the `Content-Type` header, of an HTML or
/// XML page's own declaration, UTF-8. Bytes that are not text in it are “not supported”: they must not reach a procedure in
/// a mutilated form.
pub fn decode(bytes: &[u8], content_type: Option<&str>, url: &str) -> Result<String> {
    let content_type = content_type.unwrap_or_default();
    let (encoding, skip) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, length),
        None => (declared(bytes, content_type).unwrap_or(UTF_8), 0),
    };
    let (text, broken) = encoding.decode_without_bom_handling(&bytes[skip..]);
    // No text holds U+0000; where a single-byte charset accepts every byte, this is what gives a binary body away.
    if broken || text.contains('\0') {
        return Err(Error::new(Kind::NotSupported, "P0419")
            .with("url", url)
            .with(
                "content-type",
                if content_type.is_empty() {
                    "-"
                } else {
                    content_type
                },
            )
            .with("charset", encoding.name())
            .with("size", bytes.len()));
    }
    Ok(text.into_owned())
}

/// The value of a `charset` parameter: `text/html; charset="utf-8"`.
fn charset_parameter(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("charset") {
            return None;
        }
        Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes())
    })
}

fn declared(bytes: &[u8], content_type: &str) -> Option<&'static Encoding> {
    if let Some(encoding) = charset_parameter(content_type) {
        return Some(encoding);
    }
    let media_type = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(PRESCAN)]).to_ascii_lowercase();
    let encoding = match media_type.as_str() {
        "text/html" => meta_charset(&head),
        "application/xhtml+xml" => xml_encoding(&head).or_else(|| meta_charset(&head)),
        "text/xml" | "application/xml" => xml_encoding(&head),
        other if other.ends_with("+xml") => xml_encoding(&head),
        _ => None,
    }?;
    // A page that could be read as ASCII so far cannot be UTF-16 (HTML standard, the same prescan).
    Some(if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else {
        encoding
    })
}

/// The charset of `<meta charset=…>` or `<meta http-equiv=content-type content="…; charset=…">` in a lower-case head.
fn meta_charset(head: &str) -> Option<&'static Encoding> {
    let mut rest = head;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->")?.1;
        } else if let Some(meta) = rest
            .strip_prefix("<meta")
            .filter(|m| m.starts_with([' ', '\t', '\r', '\n', '/']))
        {
            let end = meta.find('>').unwrap_or(meta.len());
            if let Some(encoding) = value_after(&meta[..end], "charset") {
                return Some(encoding);
            }
            rest = &meta[end..];
        } else {
            rest = &rest[1..];
        }
    }
    None
}

/// The encoding of `<?xml … encoding="…"?>` in a lower-case head.
fn xml_encoding(head: &str) -> Option<&'static Encoding> {
    let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0;
    value_after(declaration, "encoding")
}

/// The charset named after `name =`, quoted or not.
fn value_after(text: &str, name: &str) -> Option<&'static Encoding> {
    text.match_indices(name).find_map(|(at, _)| {
        let value = text[at + name.len()..]
            .trim_start()
            .strip_prefix('=')?
            .trim_start()
            .trim_start_matches(['"', '\'']);
        let end = value
            .find(['"', '\'', ';', ' ', '\t', '\r', '\n', '/', '>'])
            .unwrap_or(value.len());
        Encoding::for_label(&value.as_bytes()[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(bytes: &[u8], content_type: &str) -> String {
        decode(bytes, Some(content_type), "http://h/").expect("text")
    }

    #[test]
    fn the_declared_charset_counts() {
        assert_eq!(text(b"Stra\xdfe", "text/html; charset=ISO-8859-1"), "Straße");
        assert_eq!(text("Straße".as_bytes(), "text/plain"), "Straße");
        assert_eq!(
            text(b"Stra\xdfe", "text/html; Charset=\"windows-1252\""),
            "Straße"
        );
        assert_eq!(text(b"\x83\x65", "text/plain; charset=shift_jis; x=y"), "テ");
    }

    #[test]
    fn an_html_page_may_declare_its_own() {
        for page in [
            b"<html><head><meta charset=iso-8859-1>Stra\xdfe" as &[u8],
            b"<!-- <meta charset=utf-8> --><META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=ISO-8859-1\">Stra\xdfe",
            b"<meta name=\"charset\" content=\"x\"><meta\ncharset = 'latin1' />Stra\xdfe",
        ] {
            assert!(text(page, "text/html").ends_with("Straße"));
        }
        assert!(text("<meta charset=utf-16>Straße".as_bytes(), "text/html").ends_with("Straße"));
        assert!(
            text(
                b"<?xml version='1.0' encoding='ISO-8859-1'?>\xdf",
                "application/voicexml+xml"
            )
            .ends_with('ß')
        );
    }

    #[test]
    fn the_header_goes_before_the_page_and_a_mark_before_both() {
        assert!(
            text(
                "<meta charset=iso-8859-1>ß".as_bytes(),
                "text/html; charset=utf-8"
            )
            .ends_with('ß')
        );
        assert_eq!(
            text(b"\xef\xbb\xbf\xc3\x9f", "text/html; charset=iso-8859-1"),
            "ß"
        );
        assert_eq!(text(b"\xff\xfe\xdf\x00", "text/plain"), "ß");
    }

    #[test]
    fn what_is_not_text_is_not_supported() {
        for (bytes, content_type) in [
            (b"\x89PNG\r\n\x1a\n\0\0" as &[u8], "image/png"),
            (b"Stra\xdfe", "text/plain"),
            (b"a\0b", "text/plain; charset=iso-8859-1"),
            (b"\xff\xfe\x00\xd8", "text/plain"),
        ] {
            let error = decode(bytes, Some(content_type), "http://h/").expect_err("binary");
            assert_eq!((error.kind, error.code.as_str()), (Kind::NotSupported, "P0419"));
        }
    }

    #[test]
    fn an_unknown_charset_leaves_the_next_rule() {
        assert_eq!(text("ß".as_bytes(), "text/plain; charset=klingon"), "ß");
    }

    proptest! {
        #[test]
        fn no_bytes_and_no_content_type_make_it_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            content_type in "(text/html|application/xml)?(;|=|charset|\"|é| |utf-8){0,6}",
        ) {
            let _ = decode(&bytes, Some(&content_type), "http://h/");
        }

        #[test]
        fn no_page_makes_it_panic(page in "(<|meta|charset|=|'|\"|>|<!--|-->|ß|İ| |/|utf-8|<\\?xml|encoding){0,20}") {
            let _ = decode(page.as_bytes(), Some("text/html"), "http://h/");
            let _ = decode(page.as_bytes(), Some("text/xml"), "http://h/");
        }
    }
}
