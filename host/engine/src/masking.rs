//! Secrets cross the gate as references only: values become references on the way to the guest and the journal, and
//! references become values on the way to a handler.
//!
//! A reference is written `secret:NAME@VERSION`, with the form of the value behind it where it is not the plain one (see
//! [`crate::forms`]). Text that looks like a reference but came from the world is written `secret::NAME@VERSION` on the
//! guest's side, so that it comes back as the text it was.

use crate::forms::Form;
use aho_corasick::{AhoCorasick, MatchKind};
use procedo_core::change::{Assumed, Change, Planned};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};

/// Values shorter than this, in bytes, are not looked for: they would be found everywhere. They are no secrets.
const SHORTEST_MASKED: usize = 4;

/// Checks a value that shall become a secret; `P0512` if it is too short to be kept from sight.
pub fn check_secret(value: &str) -> Result<()> {
    if value.chars().count() < SHORTEST_MASKED {
        return Err(Error::new(Kind::Invalid, "P0512").with("least", SHORTEST_MASKED));
    }
    Ok(())
}

/// The secrets of the site, as they were when the run was taken up, or when it last used one that was set since.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask {
    search: Option<AhoCorasick>,
    /// For each text that is searched for: the reference, and the form's mark, empty for the plain one.
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
    pub fn new(mut secrets: Vec<(String, u32, String)>) -> Result<Self> {
        secrets.retain(|(_, _, value)| value.len() >= SHORTEST_MASKED);
        // Of the secrets with the same value the first counts; of the versions of one, the newest.
        secrets.sort_by(|a, b| (&a.0, b.1).cmp(&(&b.0, a.1)));
        let mut texts = Vec::new();
        let mut known = Vec::new();
        for (name, version, value) in &secrets {
            texts.push(value.clone());
            known.push((reference(name, *version), String::new()));
        }
        for (name, version, value) in &secrets {
            for form in Form::all(value) {
                let written = form
                    .write(value)
                    .filter(|text| text.len() >= SHORTEST_MASKED && text != value);
                if let Some(text) = written {
                    texts.push(text);
                    known.push((reference(name, *version), form.mark()));
                }
            }
        }
        if texts.is_empty() {
            return Ok(Self::default());
        }
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&texts)
            .map_err(|error| Error::new(Kind::Failed, "P0115").with("reason", error))?;
        Ok(Self {
            search: Some(search),
            known,
        })
    }

    /// Whether it looks for this version of a secret.
    pub fn knows(&self, name: &str, version: u32) -> bool {
        let reference = reference(name, version);
        self.known.iter().any(|(known, _)| *known == reference)
    }

    /// A text with references in the place of values, and what `turn` makes of the rest.
    fn replaced(&self, text: &str, turn: impl Fn(&str) -> String) -> String {
        let mut out = String::with_capacity(text.len() + 8);
        let mut done = 0;
        for found in self.search.iter().flat_map(|search| search.find_iter(text)) {
            let (reference, mark) = &self.known[found.pattern()];
            out.push_str(&turn(&text[done..found.start()]));
            out.push_str(reference);
            out.push_str(mark);
            done = found.end();
            let rest = &text[done..];
            // What follows must not be read as a part of the reference.
            if mark.is_empty()
                && (rest.starts_with(|c: char| c.is_ascii_digit()) || Form::read(rest).is_some())
            {
                out.push_str(&Form::Plain.mark());
            }
        }
        out.push_str(&turn(&text[done..]));
        out
    }

    fn text(&self, text: &mut String) {
        let found = self
            .search
            .as_ref()
            .is_some_and(|search| search.is_match(text.as_str()));
        if found || text.contains("secret:") {
            *text = self.replaced(text, escape);
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
            Value::String(text) if self.search.is_some() => {
                let masked = pieces(text).into_iter().map(|piece| match piece {
                    Piece::Plain(plain) => self.replaced(plain, str::to_owned),
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
        if self.search.is_some() {
            message.args.values_mut().for_each(|arg| self.text(arg));
        }
    }

    pub fn error(&self, mut error: Error) -> Error {
        self.message(&mut error.message);
        error
    }

    pub fn change(&self, change: &mut Change) {
        if self.search.is_none() {
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

    /// The same for an operation that keeps references as they are and never sees a value.
    pub fn planned_with_references(&self, planned: &mut Planned<Value>) {
        if let Assumed::Real(reply) | Assumed::Overlaid(reply) = &mut planned.reply {
            self.given(reply);
        }
        if let Some(change) = &mut planned.change {
            self.message(&mut change.summary);
            self.given(&mut change.before);
            self.given(&mut change.after);
            if let Some(diff) = change.diff.take() {
                let mut diff = Value::String(diff);
                self.given(&mut diff);
                change.diff = diff.as_str().map(str::to_owned);
            }
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
        form: Form,
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
                let mut length = "secret:".len() + escaped + name_length + 1 + digits;
                // What stands behind an escaped one is text like any other.
                let (form, mark) = Form::read(&from[length..])
                    .filter(|_| escaped == 0)
                    .unwrap_or((Form::Plain, 0));
                length += mark;
                pieces.push(Piece::Reference {
                    escaped,
                    name,
                    version,
                    form,
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
                form,
                ..
            } => {
                let value = resolve.resolve(name, version)?;
                out.push_str(&form.write(&value).unwrap_or(value));
            }
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

    const ODD: &str = "a\"ñ <&'+1\n9";
    const KEY: &str = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n";

    struct Vault;

    /// Masks a text, sees that it comes back as it was, and tells what became of it.
    fn there_and_back(text: &str) -> String {
        let mut value = json!(text);
        mask().value(&mut value);
        assert_eq!(reveal(&value, &Vault).expect("known"), json!(text), "{value}");
        value.as_str().unwrap_or_default().to_owned()
    }

    impl Resolve for Vault {
        fn resolve(&self, name: &str, version: u32) -> Result<String> {
            match (name, version) {
                ("db", 2) => Ok("Tr0ub4dor".to_owned()),
                ("odd", 1) => Ok(ODD.to_owned()),
                ("key", 1) => Ok(KEY.to_owned()),
                ("word", 1) => Ok("secret".to_owned()),
                _ => Err(missing(name, version)),
            }
        }
    }

    fn mask() -> Mask {
        Mask::new(vec![
            ("db".to_owned(), 2, "Tr0ub4dor".to_owned()),
            ("pin".to_owned(), 1, "12".to_owned()),
            ("odd".to_owned(), 1, ODD.to_owned()),
            ("key".to_owned(), 1, KEY.to_owned()),
            // Its value stands in every reference.
            ("word".to_owned(), 1, "secret".to_owned()),
        ])
        .expect("it can be searched for")
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

    #[test]
    fn what_stands_behind_a_value_does_not_change_which_secret_it_is() {
        assert_eq!(there_and_back("Tr0ub4dor5"), "secret:db@2{}5");
        assert_eq!(there_and_back("Tr0ub4dor{json}"), "secret:db@2{}{json}");
        assert_eq!(there_and_back("Tr0ub4dor{x}"), "secret:db@2{x}");
        assert_eq!(there_and_back("secret:db@2{url}"), "secret:word@1:db@2{url}");
        assert_eq!(there_and_back("secretTr0ub4dor"), "secret:word@1secret:db@2");
    }

    #[test]
    fn a_value_is_masked_in_every_form_that_it_turns_up_in_and_comes_back_in_it() {
        use base64::Engine as _;
        let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        for (text, left) in [
            (
                json!({"password": ODD}).to_string(),
                r#"{"password":"secret:odd@1{json}"}"#,
            ),
            (r#"a\"\u00f1 <&'+1\n9"#.to_owned(), "secret:odd@1{json-ascii}"),
            (
                "?p=a%22%C3%B1%20%3C%26%27%2B1%0A9&q=1".to_owned(),
                "?p=secret:odd@1{url}&q=1",
            ),
            (
                "?p=a%22%c3%b1%20%3c%26%27%2b1%0a9&q=1".to_owned(),
                "?p=secret:odd@1{url-lower}&q=1",
            ),
            (
                "p=a%22%C3%B1+%3C%26%27%2B1%0A9".to_owned(),
                "p=secret:odd@1{query}",
            ),
            (
                "<b>a&quot;ñ &lt;&amp;&#39;+1\n9</b>".to_owned(),
                "<b>secret:odd@1{html}</b>",
            ),
            ("547230756234646f72".to_owned(), "secret:db@2{hex}"),
        ] {
            assert_eq!(there_and_back(&text), left);
        }
        for before in ["", "u:", "user:"] {
            let masked = there_and_back(&format!("Basic {}", base64(&format!("{before}Tr0ub4dor"))));
            assert!(masked.contains("secret:db@2{base64-"), "{masked}");
        }
        let diff: String = KEY.lines().map(|line| format!("+{line}\n")).collect();
        assert_eq!(
            there_and_back(&diff),
            "+-----BEGIN KEY-----\n+secret:key@1{line-1}\n+secret:key@1{line-2}\n+-----END KEY-----\n"
        );
    }

    #[test]
    fn a_value_too_short_to_be_masked_is_no_secret() {
        assert_eq!(check_secret("ñññ").expect_err("three").code, "P0512");
        assert!(check_secret("1234").is_ok());
    }
}
