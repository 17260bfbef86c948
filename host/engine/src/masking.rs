//! Secrets cross the gate as references only: values become references on the way to the guest and the journal, and
//! references become values on the way to a handler.
//!
//! A reference is written `secret:NAME@VERSION`. Text that looks like a reference but came from the world is written
//! `secret::NAME@VERSION` on the guest's side, so that it comes back as the text it was.

use procedo_core::change::{Assumed, Change, Planned};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};

/// Values shorter than this are not looked for: they would be found everywhere.
const SHORTEST_MASKED: usize = 4;

/// The secrets of the site, as they were when the run was taken up, plus those stored since.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask {
    /// Value and reference, longest value first, so that a secret within a longer one does not break it.
    known: Vec<(String, String)>,
}

/// The reference to a secret's version.
pub(crate) fn reference(name: &str, version: u32) -> String {
    format!("secret:{name}@{version}")
}

/// Whether a text is a secret's name: `a`–`z`, `0`–`9`, `-` and `/`.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'/'))
}

impl Mask {
    pub fn new(secrets: Vec<(String, u32, String)>) -> Self {
        let mut known: Vec<_> = secrets
            .into_iter()
            .filter(|(_, _, value)| value.len() >= SHORTEST_MASKED)
            .map(|(name, version, value)| (value, reference(&name, version)))
            .collect();
        known.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| b.1.cmp(&a.1)));
        Self { known }
    }

    fn text(&self, text: &mut String) {
        if text.contains("secret:") {
            *text = escape(text);
        }
        for (value, reference) in &self.known {
            if text.contains(value.as_str()) {
                *text = text.replace(value.as_str(), reference);
            }
        }
    }

    /// Puts references in the place of secret values.
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.value(member)),
            _ => {}
        }
    }

    /// Puts references in the place of secret values in what a person gave. A reference that they wrote is meant as one.
    pub fn given(&self, value: &mut Value) {
        match value {
            Value::String(text) if !self.known.is_empty() => {
                let masked = pieces(text).into_iter().map(|piece| match piece {
                    Piece::Plain(plain) => self
                        .known
                        .iter()
                        .fold(plain.to_owned(), |plain, (value, reference)| {
                            plain.replace(value.as_str(), reference)
                        }),
                    Piece::Reference { whole, .. } => whole.to_owned(),
                });
                *text = masked.collect();
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.given(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.given(member)),
            _ => {}
        }
    }

    pub fn message(&self, message: &mut Message) {
        if !self.known.is_empty() {
            message.args.values_mut().for_each(|arg| self.text(arg));
        }
    }

    pub fn error(&self, mut error: Error) -> Error {
        self.message(&mut error.message);
        error
    }

    pub fn change(&self, change: &mut Change) {
        if self.known.is_empty() {
            return;
        }
        self.text(&mut change.target);
        self.message(&mut change.summary);
        self.value(&mut change.before);
        self.value(&mut change.after);
        self.value(&mut change.bound);
        if let Some(diff) = &mut change.diff {
            self.text(diff);
        }
    }

    pub fn planned(&self, planned: &mut Planned<Value>) {
        match &mut planned.reply {
            Assumed::Real(reply) | Assumed::Overlaid(reply) => self.value(reply),
            Assumed::Unforeseeable(why) => self.message(why),
        }
        if let Some(change) = &mut planned.change {
            self.change(change);
        }
    }
}

/// A piece of a text: plain, or something that reads like a reference.
enum Piece<'a> {
    Plain(&'a str),
    Reference {
        /// How often the colon is doubled.
        escaped: usize,
        name: &'a str,
        version: u32,
        whole: &'a str,
    },
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("secret:") {
        let (before, from) = rest.split_at(at);
        let after_word = &from["secret:".len()..];
        let escaped = after_word.bytes().take_while(|b| *b == b':').count();
        let body = &after_word[escaped..];
        let name_length = body
            .bytes()
            .take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'/'))
            .count();
        let (name, tail) = body.split_at(name_length);
        let digits = tail
            .strip_prefix('@')
            .map_or(0, |t| t.bytes().take_while(u8::is_ascii_digit).count());
        let version = tail
            .get(1..=digits)
            .filter(|_| digits > 0)
            .and_then(|d| d.parse().ok());
        match version.filter(|_| is_name(name)) {
            Some(version) => {
                pieces.push(Piece::Plain(before));
                let length = "secret:".len() + escaped + name_length + 1 + digits;
                pieces.push(Piece::Reference {
                    escaped,
                    name,
                    version,
                    whole: &from[..length],
                });
                rest = &from[length..];
            }
            None => {
                pieces.push(Piece::Plain(&rest[..at + "secret:".len()]));
                rest = after_word;
            }
        }
    }
    pieces.push(Piece::Plain(rest));
    pieces
}

/// Doubles the colon of everything that reads like a reference, escaped or not.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => out.push_str(plain),
            Piece::Reference { whole, .. } => {
                out.push_str("secret::");
                out.push_str(&whole["secret:".len()..]);
            }
        }
    }
    out
}

/// Where the values of references come from, and whether this run may have them.
pub(crate) trait Resolve {
    fn resolve(&self, name: &str, version: u32) -> Result<String>;
}

/// Puts secret values in the place of references.
pub(crate) fn reveal(value: &Value, resolve: &dyn Resolve) -> Result<Value> {
    Ok(match value {
        Value::String(text) if text.contains("secret:") => Value::String(reveal_text(text, resolve)?),
        Value::Array(items) => Value::Array(items.iter().map(|i| reveal(i, resolve)).collect::<Result<_>>()?),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(k, v)| Ok((k.clone(), reveal(v, resolve)?)))
                .collect::<Result<_>>()?,
        ),
        other => other.clone(),
    })
}

fn reveal_text(text: &str, resolve: &dyn Resolve) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => out.push_str(plain),
            Piece::Reference {
                escaped: 1.., whole, ..
            } => {
                out.push_str("secret:");
                out.push_str(&whole["secret::".len()..]);
            }
            Piece::Reference {
                escaped: 0,
                name,
                version,
                ..
            } => out.push_str(&resolve.resolve(name, version)?),
        }
    }
    Ok(out)
}

/// A secret that the site does not have.
pub(crate) fn missing(name: &str, version: u32) -> Error {
    Error::new(Kind::NotFound, "P0501")
        .with("name", name)
        .with("version", version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    struct Vault;

    impl Resolve for Vault {
        fn resolve(&self, name: &str, version: u32) -> Result<String> {
            match (name, version) {
                ("db", 2) => Ok("Tr0ub4dor".to_owned()),
                _ => Err(missing(name, version)),
            }
        }
    }

    fn mask() -> Mask {
        Mask::new(vec![
            ("db".to_owned(), 2, "Tr0ub4dor".to_owned()),
            ("pin".to_owned(), 1, "12".to_owned()),
        ])
    }

    #[test]
    fn what_a_person_gives_keeps_its_references_and_loses_secret_values() {
        let mut given =
            json!({"a": "Tr0ub4dor", "b": "secret:db@2", "c": ["x secret:db@2 Tr0ub4dor"], "d": 12});
        mask().given(&mut given);
        assert_eq!(
            given,
            json!({"a": "secret:db@2", "b": "secret:db@2", "c": ["x secret:db@2 secret:db@2"], "d": 12})
        );
    }

    #[test]
    fn a_value_becomes_a_reference_and_comes_back() {
        let mut reply = json!({"text": "password=Tr0ub4dor;", "list": ["Tr0ub4dorTr0ub4dor", 12]});
        mask().value(&mut reply);
        assert_eq!(
            reply,
            json!({"text": "password=secret:db@2;", "list": ["secret:db@2secret:db@2", 12]})
        );
        assert_eq!(
            reveal(&reply, &Vault).expect("known")["text"],
            "password=Tr0ub4dor;"
        );
    }

    #[test]
    fn text_that_only_looks_like_a_reference_comes_back_as_it_was() {
        for text in [
            "secret:db@2",
            "secret::db@2",
            "secret:::db@2",
            "secret:",
            "secret:db",
            "secret:db@",
            "a secret: x",
            "secret:Ñ@2",
        ] {
            let mut value = json!(text);
            mask().value(&mut value);
            assert_eq!(
                reveal(&value, &Vault).expect("no reference"),
                json!(text),
                "{text} became {value}"
            );
        }
    }

    #[test]
    fn a_reference_to_a_secret_that_does_not_exist_is_an_error() {
        assert_eq!(
            reveal(&json!("secret:db@3"), &Vault).expect_err("unknown").code,
            "P0501"
        );
    }
}
