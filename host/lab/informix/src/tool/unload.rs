//! The format of UNLOAD: a delimiter behind each value; NULL is nothing, an empty text is a backslash and a blank; the
//! delimiter, the backslash and the line end within a text have a backslash in front.

use crate::tool::dbaccess::Fault;
use rusqlite::types::ValueRef;
use std::fmt::Write;

/// An UNLOAD statement.
pub(super) struct Unload {
    pub(super) file: String,
    pub(super) delimiter: char,
    pub(super) select: String,
}

impl Unload {
    /// Reads `UNLOAD TO 'file' [DELIMITER 'c'] SELECT …`.
    pub(super) fn parse(statement: &str) -> Result<Self, Fault> {
        let syntax = || Fault::new(201, "A syntax error has occurred.");
        // C-style comments are not valid in it.
        if outside_of_quotes(statement).contains("/*") {
            return Err(syntax());
        }
        let (_, rest) = statement.split_once('\'').ok_or_else(syntax)?;
        let (file, rest) = rest.split_once('\'').ok_or_else(syntax)?;
        let rest = rest.trim_start();
        let named = rest
            .get(..9)
            .is_some_and(|word| word.eq_ignore_ascii_case("delimiter"));
        let (delimiter, select) = if named {
            let (_, rest) = rest.split_once('\'').ok_or_else(syntax)?;
            let (delimiter, rest) = rest.split_once('\'').ok_or_else(syntax)?;
            (delimiter.to_owned(), rest)
        } else {
            (
                std::env::var("DBDELIMITER").unwrap_or_else(|_| "|".to_owned()),
                rest,
            )
        };
        let select = select.trim();
        if !select
            .get(..6)
            .is_some_and(|word| word.eq_ignore_ascii_case("select"))
        {
            return Err(syntax());
        }
        Ok(Self {
            file: file.to_owned(),
            delimiter: delimiter.chars().next().unwrap_or('|'),
            select: select.to_owned(),
        })
    }
}

/// A statement without its strings.
fn outside_of_quotes(statement: &str) -> String {
    let parts = statement.split('\'').enumerate();
    parts
        .filter(|(number, _)| number % 2 == 0)
        .map(|(_, part)| part)
        .collect()
}

/// A value as text; none for NULL.
pub(super) fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(format!("{number:?}")),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })),
    }
}

/// Adds a value and the delimiter.
pub(super) fn field(line: &mut String, value: ValueRef<'_>, delimiter: char) {
    match text(value) {
        None => {}
        Some(text) if text.is_empty() => line.push_str("\\ "),
        Some(text) => {
            for c in text.chars() {
                if c == delimiter || c == '\\' || c == '\n' {
                    line.push('\\');
                }
                line.push(c);
            }
        }
    }
    line.push(delimiter);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_an_empty_text_differ_and_what_would_end_a_value_is_escaped() {
        let mut line = String::new();
        for value in [
            ValueRef::Null,
            ValueRef::Text(b""),
            ValueRef::Text(b"a|b\\c\nd"),
            ValueRef::Integer(-7),
        ] {
            field(&mut line, value, '|');
        }
        assert_eq!(line, "|\\ |a\\|b\\\\c\\\nd|-7|");
    }
}
