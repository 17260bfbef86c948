//! Text as bytes and back: encoding, byte order mark, line ends. Pure.

use encoding_rs::{EncoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far into a page a browser looks for its `charset` (WHATWG HTML, “prescan a byte stream”).
const PRESCAN: usize = 1024;

/// How the lines of a text file end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LineEnd {
    /// Line feed, as on Unix.
    Lf,
    /// Carriage return and line feed, as on Windows.
    Crlf,
    /// Both occur.
    Mixed,
    /// There is no line end.
    None,
}

/// Why bytes are not the text they should be, or a text cannot be written as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TextError {
    /// No encoding has this label.
    UnknownEncoding(String),
    /// The bytes are not valid in the encoding.
    NotValid(&'static Encoding),
    /// The encoding lacks a character, in this line (from 1).
    NoSuchCharacter(&'static Encoding, char, usize),
    /// Only Unicode encodings have a byte order mark.
    NoMark(&'static Encoding),
}

/// How a text is, or shall be, stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// The encoding.
    pub(crate) encoding: &'static Encoding,
    /// Whether a byte order mark comes first.
    pub(crate) bom: bool,
}

impl Form {
    /// UTF-8 without a mark: how a new file is written unless the caller says otherwise.
    pub(crate) const PLAIN: Self = Self {
        encoding: UTF_8,
        bom: false,
    };
}

/// The encoding of a WHATWG label.
pub(crate) fn encoding(label: &str) -> Result<&'static Encoding, TextError> {
    // The “replacement” encoding stands for those that must not be decoded.
    Encoding::for_label_no_replacement(label.as_bytes())
        .ok_or_else(|| TextError::UnknownEncoding(crate::path::shown(label)))
}

/// How some bytes are stored: by their mark, else as the caller says, else UTF-8 where they are valid, else what an HTML
/// `charset` says, else windows-1252.
pub(crate) fn form_of(bytes: &[u8], said: Option<&'static Encoding>) -> Form {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Form { encoding, bom: true };
    }
    let encoding = said.unwrap_or_else(|| {
        if Encoding::utf8_valid_up_to(bytes) == bytes.len() {
            UTF_8
        } else {
            declared(bytes).unwrap_or(WINDOWS_1252)
        }
    });
    Form { encoding, bom: false }
}

/// The text of some bytes, without mark.
pub(crate) fn decode(bytes: &[u8], form: Form) -> Result<String, TextError> {
    let skip = if form.bom { mark(form.encoding).len() } else { 0 };
    form.encoding
        .decode_without_bom_handling_and_without_replacement(&bytes[skip.min(bytes.len())..])
        .map(std::borrow::Cow::into_owned)
        .ok_or(TextError::NotValid(form.encoding))
}

/// The bytes of a text.
pub(crate) fn encode(text: &str, form: Form) -> Result<Vec<u8>, TextError> {
    let mut out = Vec::with_capacity(text.len() + 3);
    if form.bom {
        if mark(form.encoding).is_empty() {
            return Err(TextError::NoMark(form.encoding));
        }
        out.extend_from_slice(mark(form.encoding));
    }
    if form.encoding == UTF_8 {
        out.extend_from_slice(text.as_bytes());
    } else if form.encoding == UTF_16LE {
        out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    } else if form.encoding == UTF_16BE {
        out.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    } else {
        encode_legacy(text, form.encoding, &mut out)?;
    }
    Ok(out)
}

fn encode_legacy(text: &str, encoding: &'static Encoding, out: &mut Vec<u8>) -> Result<(), TextError> {
    let mut encoder = encoding.new_encoder();
    let mut done = 0;
    let mut buffer = [0; 4096];
    loop {
        let (result, read, written) =
            encoder.encode_from_utf8_without_replacement(&text[done..], &mut buffer, true);
        out.extend_from_slice(&buffer[..written]);
        done += read;
        match result {
            EncoderResult::InputEmpty => return Ok(()),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(character) => {
                let line = 1 + text[..done].matches('\n').count();
                return Err(TextError::NoSuchCharacter(encoding, character, line));
            }
        }
    }
}

fn mark(encoding: &'static Encoding) -> &'static [u8] {
    if encoding == UTF_8 {
        b"\xEF\xBB\xBF"
    } else if encoding == UTF_16LE {
        b"\xFF\xFE"
    } else if encoding == UTF_16BE {
        b"\xFE\xFF"
    } else {
        b""
    }
}

/// Whether an encoding can have a byte order mark.
pub(crate) fn has_mark(encoding: &'static Encoding) -> bool {
    !mark(encoding).is_empty()
}

/// The encoding that an HTML page declares in its first bytes: `<meta charset=X>` or `content="text/html; charset=X"`.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(PRESCAN)];
    // Declarations are ASCII; every other byte may stand for itself while we look for them.
    let head: String = head
        .iter()
        .map(|byte| char::from(*byte).to_ascii_lowercase())
        .collect();
    let mut rest = head.as_str();
    while let Some(start) = rest.find("<meta") {
        rest = &rest[start + "<meta".len()..];
        let tag = &rest[..rest.find('>').unwrap_or(rest.len())];
        if let Some(label) = tag
            .split_once("charset")
            .and_then(|(_, after)| label_after(after))
            && let Ok(encoding) = encoding(label)
        {
            // A page whose declaration could be read as ASCII is not UTF-16 (WHATWG HTML, same section).
            return Some(if encoding == UTF_16LE || encoding == UTF_16BE {
                UTF_8
            } else {
                encoding
            });
        }
    }
    None
}

fn label_after(text: &str) -> Option<&str> {
    let value = text
        .trim_start()
        .strip_prefix('=')?
        .trim_start()
        .trim_start_matches(['"', '\'']);
    let end = value
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '/' | '>'))
        .unwrap_or(value.len());
    (end > 0).then(|| &value[..end])
}

/// How the lines of a text end.
pub(crate) fn line_end_of(text: &str) -> LineEnd {
    let all = text.matches('\n').count();
    let crlf = text.matches("\r\n").count();
    match (all, crlf) {
        (0, _) => LineEnd::None,
        (_, 0) => LineEnd::Lf,
        _ if all == crlf => LineEnd::Crlf,
        _ => LineEnd::Mixed,
    }
}

/// The text with every line end turned into another; unchanged for `Mixed` and `None`, which are no line ends.
pub(crate) fn with_line_end(text: &str, line_end: LineEnd) -> String {
    match line_end {
        LineEnd::Lf => text.replace("\r\n", "\n"),
        LineEnd::Crlf => text.replace("\r\n", "\n").replace('\n', "\r\n"),
        LineEnd::Mixed | LineEnd::None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(label: &str, bom: bool) -> Form {
        Form {
            encoding: encoding(label).expect("known"),
            bom,
        }
    }

    #[test]
    fn a_mark_wins_over_what_the_caller_says() {
        assert_eq!(form_of(b"\xEF\xBB\xBFa", Some(WINDOWS_1252)), form("utf-8", true));
        assert_eq!(form_of(b"\xFF\xFEa\0", None), form("utf-16le", true));
        assert_eq!(
            decode(b"\xFE\xFF\0a", form_of(b"\xFE\xFF\0a", None)).expect("valid"),
            "a"
        );
    }

    #[test]
    fn without_mark_it_is_utf_8_where_valid_else_what_the_page_declares_else_windows_1252() {
        assert_eq!(form_of("äö".as_bytes(), None).encoding, UTF_8);
        assert_eq!(form_of(b"", None).encoding, UTF_8);
        assert_eq!(form_of(b"\xE4", None).encoding, WINDOWS_1252);
        let declares = |page: &[u8]| form_of(&[page, b"\xE4"].concat(), None).encoding.name();
        assert_eq!(
            declares(b"<META http-equiv=Content-Type content=\"text/html; charset=Shift_JIS\">"),
            "Shift_JIS"
        );
        assert_eq!(declares(b"<meta charset='koi8-r'>"), "KOI8-R");
        assert_eq!(declares(b"<meta charset=ISO-8859-2 />"), "ISO-8859-2");
        assert_eq!(declares(b"<meta name=x><meta charset = \"utf-16\">"), "UTF-8");
        assert_eq!(declares(b"<meta charset=nonsense>"), "windows-1252");
        assert_eq!(declares(b"<meta charset="), "windows-1252");
        assert_eq!(
            declares(&[b" ".repeat(1100), b"<meta charset=koi8-r>".to_vec()].concat()),
            "windows-1252"
        );
    }

    #[test]
    fn a_character_that_the_encoding_lacks_is_named_with_its_line() {
        let latin = encoding("iso-8859-1").expect("known");
        let error = encode(
            "ok\nthen ж",
            Form {
                encoding: latin,
                bom: false,
            },
        )
        .expect_err("no such character");
        assert_eq!(error, TextError::NoSuchCharacter(latin, 'ж', 2));
        assert_eq!(
            encode(
                "a",
                Form {
                    encoding: latin,
                    bom: true
                }
            ),
            Err(TextError::NoMark(latin))
        );
    }

    #[test]
    fn bytes_that_the_encoding_does_not_have_are_not_replaced_but_refused() {
        assert_eq!(
            decode(b"\xFF", form("utf-8", false)),
            Err(TextError::NotValid(UTF_8))
        );
        assert_eq!(
            decode(b"a\0b", form("utf-16le", false)),
            Err(TextError::NotValid(UTF_16LE))
        );
    }

    #[test]
    fn line_ends_are_told_and_turned() {
        assert_eq!(line_end_of("a"), LineEnd::None);
        assert_eq!(line_end_of("a\nb\n"), LineEnd::Lf);
        assert_eq!(line_end_of("a\r\nb\r\n"), LineEnd::Crlf);
        assert_eq!(line_end_of("a\r\nb\n"), LineEnd::Mixed);
        assert_eq!(with_line_end("a\r\nb\nc\rd", LineEnd::Crlf), "a\r\nb\r\nc\rd");
        assert_eq!(with_line_end("a\r\nb\n", LineEnd::Lf), "a\nb\n");
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_unicode_encodings(text in "\\PC*|(?s).*", bom: bool) {
            for label in ["utf-8", "utf-16le", "utf-16be"] {
                // Without a mark, a text that starts with the mark's own character is taken for one with a mark.
                prop_assume!(!text.starts_with('\u{FEFF}'));
                let form = form(label, bom);
                let bytes = encode(&text, form).expect("Unicode holds it");
                prop_assert_eq!(form_of(&bytes, Some(form.encoding)), form);
                prop_assert_eq!(decode(&bytes, form).expect("valid"), text.clone());
            }
        }

        #[test]
        fn any_bytes_come_back_from_windows_1252(bytes: Vec<u8>) {
            let form = form("windows-1252", false);
            let text = decode(&bytes, form).expect("every byte is valid");
            prop_assert_eq!(encode(&text, form).expect("its own characters"), bytes);
        }

        #[test]
        fn detection_never_panics_and_its_form_is_stable(bytes: Vec<u8>) {
            let form = form_of(&bytes, None);
            if let Ok(text) = decode(&bytes, form) && let Ok(again) = encode(&text, form) {
                // Legacy encodings may have two ways to write a character; `edit` refuses those files.
                if again == bytes {
                    prop_assert_eq!(form_of(&again, None), form);
                }
            }
        }
    }
}
