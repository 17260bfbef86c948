//! Messages of a script's header as a Fluent source.

use procedo_core::message::{Language, Texts};
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write;

/// A message that Fluent does not understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The message's identifier.
    pub id: String,
    reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.reason)
    }
}

/// Turns identifiers and patterns into a Fluent source.
///
/// # Errors
/// The message that is not a Fluent pattern, or whose identifier is none.
pub fn catalogue(messages: &BTreeMap<String, String>) -> Result<String, Fault> {
    let mut source = String::new();
    for (id, pattern) in messages {
        let mut letters = id.bytes();
        let named = letters.next().is_some_and(|b| b.is_ascii_alphabetic())
            && letters.all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !named {
            let reason = "an identifier is a letter followed by letters, digits, - and _".to_owned();
            return Err(Fault {
                id: id.clone(),
                reason,
            });
        }
        let _ = writeln!(source, "{id} = {}", indented(pattern));
    }
    if check(&source).is_ok() {
        return Ok(source);
    }
    // Something is wrong: say with which.
    for (id, pattern) in messages {
        check(&format!("{id} = {}\n", indented(pattern))).map_err(|reason| Fault {
            id: id.clone(),
            reason,
        })?;
    }
    Ok(source)
}

fn check(source: &str) -> Result<(), String> {
    Texts::new()
        .add(Language::En, source)
        .map_err(|error| error.reason)
}

/// A pattern as the value of a Fluent message: later lines are indented, and what Fluent would read as syntax at a line's
/// start is quoted, unless it stands within braces.
fn indented(pattern: &str) -> String {
    if pattern.trim().is_empty() {
        return "{ \"\" }".to_owned();
    }
    let mut out = String::new();
    let mut depth = 0_usize;
    for (index, line) in pattern.trim_end().split('\n').enumerate() {
        let line = line.trim_end_matches('\r');
        if index > 0 {
            out.push_str("\n    ");
        }
        match line.chars().next() {
            Some(first @ ('[' | '*' | '.')) if depth == 0 => {
                let _ = write!(out, "{{ \"{first}\" }}{}", &line[1..]);
            }
            _ => out.push_str(line),
        }
        depth = line.chars().fold(depth, |depth, letter| match letter {
            '{' => depth + 1,
            '}' => depth.saturating_sub(1),
            _ => depth,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use procedo_core::message::Message;

    fn told(pattern: &str, args: &[(&str, &str)]) -> String {
        let source = catalogue(&BTreeMap::from([("a".to_owned(), pattern.to_owned())])).unwrap();
        let mut texts = Texts::new();
        texts.add(Language::En, &source).unwrap();
        let message = args.iter().fold(Message::new("a"), |message, (name, value)| {
            message.with(name, value)
        });
        texts.tell(Language::En, &message)
    }

    #[test]
    fn a_pattern_is_told_as_it_was_written() {
        assert_eq!(told("Copy { $page }", &[("page", "x")]), "Copy x");
        assert_eq!(told("[1] one\n* two\n.three", &[]), "[1] one\n* two\n.three");
        assert_eq!(told("", &[]), "");
        let plural = "{ $n ->\n [one] one page\n*[other] { $n } pages\n}";
        assert_eq!(told(plural, &[("n", "1")]), "one page");
        assert_eq!(told(plural, &[("n", "3")]), "3 pages");
    }

    #[test]
    fn a_pattern_cannot_smuggle_in_another_message() {
        assert_eq!(told("one\nb = two", &[]), "one\nb = two");
    }

    #[test]
    fn the_message_that_is_wrong_is_named() {
        let of = |id: &str, text: &str| (id.to_owned(), text.to_owned());
        let fault = catalogue(&BTreeMap::from([
            of("a", "fine"),
            of("b", "{ $x"),
            of("c", "fine"),
        ]))
        .unwrap_err();
        assert_eq!(fault.id, "b");
        assert_eq!(
            catalogue(&BTreeMap::from([of("1a", "fine")])).unwrap_err().id,
            "1a"
        );
    }
}
