//! The forms in which a secret's value turns up: as it is, and as JSON, URLs, HTML, base64 and the like write it.
//!
//! A form is written behind a reference, `secret:NAME@VERSION{url}`, so that what was masked comes back as it was. `{}` is
//! the plain form, said where what follows would else be taken for a part of the reference.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Lines of a secret that are shorter are not looked for by themselves.
const SHORTEST_LINE: usize = 8;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// In a JSON string.
    Json,
    /// In a JSON string that is ASCII only.
    JsonAscii,
    /// Percent-encoded: everything but RFC 3986's unreserved characters.
    Url,
    /// The same with small hexadecimal digits.
    UrlLower,
    /// As forms are sent: a space is a plus sign.
    Query,
    /// With HTML's entities.
    Html,
    /// With XML's entity for the apostrophe.
    Xml,
    Hex,
    HexUpper,
    /// The digits of base64 that depend on the value alone, where so many bytes (modulo 3) stand before it.
    Base64(usize),
    /// The same in the alphabet of URLs.
    Base64Url(usize),
    /// One line of a value of several, counted from 0: a diff prefixes each.
    Line(usize),
}

const FIXED: [Form; 15] = [
    Form::Json,
    Form::JsonAscii,
    Form::Url,
    Form::UrlLower,
    Form::Query,
    Form::Html,
    Form::Xml,
    Form::Hex,
    Form::HexUpper,
    Form::Base64(0),
    Form::Base64(1),
    Form::Base64(2),
    Form::Base64Url(0),
    Form::Base64Url(1),
    Form::Base64Url(2),
];

impl Form {
    /// The forms of a value that differ from the plain one.
    pub fn all(value: &str) -> impl Iterator<Item = Self> {
        let lines = value.lines().count();
        let lines = if lines > 1 { lines } else { 0 };
        FIXED.into_iter().chain((0..lines).map(Self::Line))
    }

    /// How it is written behind a reference.
    pub fn mark(self) -> String {
        match self {
            Self::Plain => "{}".to_owned(),
            Self::Json => "{json}".to_owned(),
            Self::JsonAscii => "{json-ascii}".to_owned(),
            Self::Url => "{url}".to_owned(),
            Self::UrlLower => "{url-lower}".to_owned(),
            Self::Query => "{query}".to_owned(),
            Self::Html => "{html}".to_owned(),
            Self::Xml => "{xml}".to_owned(),
            Self::Hex => "{hex}".to_owned(),
            Self::HexUpper => "{hex-upper}".to_owned(),
            Self::Base64(offset) => format!("{{base64-{offset}}}"),
            Self::Base64Url(offset) => format!("{{base64url-{offset}}}"),
            Self::Line(line) => format!("{{line-{line}}}"),
        }
    }

    /// The form that a text begins with, and how long its mark is.
    pub fn read(text: &str) -> Option<(Self, usize)> {
        let inner = text.strip_prefix('{')?;
        let end = inner.bytes().take(20).position(|b| b == b'}')?;
        let mark = &text[..end + 2];
        let line = || {
            let number = inner[..end].strip_prefix("line-")?;
            Some(Self::Line(number.parse().ok()?))
        };
        let form = [Self::Plain]
            .into_iter()
            .chain(FIXED)
            .find(|form| form.mark() == mark)
            .or_else(line)
            // `{line-007}` is no mark.
            .filter(|form| form.mark() == mark)?;
        Some((form, mark.len()))
    }

    /// The value in this form; none where it has none.
    pub fn write(self, value: &str) -> Option<String> {
        let entities = |apostrophe: &str| {
            let mut out = String::with_capacity(value.len());
            for c in value.chars() {
                match c {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '"' => out.push_str("&quot;"),
                    '\'' => out.push_str(apostrophe),
                    other => out.push(other),
                }
            }
            out
        };
        Some(match self {
            Self::Plain => value.to_owned(),
            Self::Json => json(value)?,
            Self::JsonAscii => {
                let units = |c: char| -> String {
                    if c.is_ascii() {
                        return c.to_string();
                    }
                    let mut buffer = [0; 2];
                    let units = c.encode_utf16(&mut buffer);
                    units.iter().map(|unit| format!("\\u{unit:04x}")).collect()
                };
                json(value)?.chars().map(units).collect()
            }
            Self::Url => percent(value, "%20", true),
            Self::UrlLower => percent(value, "%20", false),
            Self::Query => percent(value, "+", true),
            Self::Html => entities("&#39;"),
            Self::Xml => entities("&apos;"),
            Self::Hex => value.bytes().map(|b| format!("{b:02x}")).collect(),
            Self::HexUpper => value.bytes().map(|b| format!("{b:02X}")).collect(),
            Self::Base64(offset) => inner_base64(&STANDARD_NO_PAD, value, offset)?,
            Self::Base64Url(offset) => inner_base64(&URL_SAFE_NO_PAD, value, offset)?,
            Self::Line(line) => value
                .lines()
                .nth(line)
                // The first and last line of a key in PEM are everybody's.
                .filter(|line| line.len() >= SHORTEST_LINE && !line.starts_with("-----"))?
                .to_owned(),
        })
    }
}

fn json(value: &str) -> Option<String> {
    let quoted = serde_json::to_string(value).ok()?;
    Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

fn percent(value: &str, space: &str, upper: bool) -> String {
    let one = |b: u8| match b {
        b' ' => space.to_owned(),
        b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => char::from(b).to_string(),
        b if upper => format!("%{b:02X}"),
        b => format!("%{b:02x}"),
    };
    value.bytes().map(one).collect()
}

/// Of the base64 of `offset` bytes and the value, the digits that hold nothing but bits of the value.
fn inner_base64(engine: &impl Engine, value: &str, offset: usize) -> Option<String> {
    let bytes: Vec<u8> = std::iter::repeat_n(0, offset).chain(value.bytes()).collect();
    let digits = engine.encode(&bytes);
    let first = (offset * 8).div_ceil(6);
    let behind = bytes.len() * 8 / 6;
    digits.get(first..behind).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_back_from_its_mark() {
        for form in [Form::Plain, Form::Line(0), Form::Line(12)]
            .into_iter()
            .chain(FIXED)
        {
            let mark = form.mark();
            assert_eq!(
                Form::read(&format!("{mark}x")),
                Some((form, mark.len())),
                "{mark}"
            );
        }
        for other in ["", "{", "{x}", "{line-01}", "{line-}", "{json", "json}", "{ñ}"] {
            assert_eq!(Form::read(other), None, "{other}");
        }
    }

    #[test]
    fn the_inner_digits_stand_in_the_base64_of_whatever_surrounds_the_value() {
        for value in ["hunter2", "ab¿c>?~", "Grüße"] {
            for before in ["", "u", "us", "use", "user:"] {
                for after in ["", "x", "xyz"] {
                    let whole = format!("{before}{value}{after}");
                    let digits = STANDARD_NO_PAD.encode(&whole);
                    let inner = Form::Base64(before.len() % 3).write(value).expect("it has");
                    assert!(
                        inner.len() >= value.len() && digits.contains(&inner),
                        "{whole}: {inner}"
                    );
                }
            }
        }
    }
}
