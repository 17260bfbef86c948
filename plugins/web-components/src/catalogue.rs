//! A catalogue of translations: which text becomes which, and which of its entries cannot be used.
//!
//! Texts are compared as people see them: character references resolved, white space at the ends left out and runs of
//! it (no-break spaces too) taken for one space. An entry with markup, `Please <b>wait</b>`, stands for a run of text and
//! inline tags; it says where the tags go, while their attributes stay those of the page.

use crate::po;
use crate::scan::{Kind, scan};
use serde::Serialize;
use std::collections::BTreeMap;

/// A part of a text with markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Text as people see it.
    Text(String),
    /// A start or end tag.
    Tag(TagName),
}

/// A tag without its attributes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagName {
    /// The element's name in lower case.
    pub name: String,
    /// Whether it is the end tag.
    pub closing: bool,
}

/// A usable translation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line in the catalogue's file.
    pub line: usize,
    /// The text it stands for, as the catalogue writes it.
    pub source: String,
    /// The parts of the translation; just one text where there is no markup.
    pub translation: Vec<Token>,
}

/// An entry that is not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line in the catalogue's file.
    pub line: usize,
    /// The text the entry stands for.
    pub text: String,
    /// Why it is not used.
    pub reason: Reason,
}

/// Why an entry is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Nobody has confirmed it.
    Fuzzy,
    /// It has plural forms, for which a page has no place.
    Plural,
    /// It has no translation yet.
    Empty,
    /// The text has another translation on an earlier line, which is used.
    Duplicate,
    /// The tags of the translation are not those of the text, or cannot stand in a text.
    Markup,
    /// The placeholders of the translation are not those of the text.
    Placeholders,
}

/// Why a CSV catalogue cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// The first line does not name the columns.
    #[error("no columns “source” and “translation”")]
    Header,
    /// A line cannot be read.
    #[error("line {line}: {reason}")]
    Line {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

/// Translations by text, for all pages or for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    entries: BTreeMap<(Option<String>, String), Entry>,
    problems: Vec<Problem>,
    longest: usize,
}

/// An entry as a file has it.
struct Candidate {
    line: usize,
    context: Option<String>,
    source: String,
    translation: String,
    flaw: Option<Reason>,
}

impl Catalogue {
    /// The catalogue of a PO file. `msgctxt` names the page that an entry is for, by its path below the language folder
    /// or its file name.
    pub fn of_po(entries: &[po::Entry]) -> Self {
        let mut catalogue = Self::default();
        for entry in entries
            .iter()
            .filter(|entry| !(entry.source.is_empty() && entry.context.is_none()))
        {
            let flaw = if entry.plural {
                Some(Reason::Plural)
            } else {
                entry.fuzzy.then_some(Reason::Fuzzy)
            };
            catalogue.add(Candidate {
                line: entry.line,
                context: entry.context.clone(),
                source: entry.source.clone(),
                translation: entry.translation.clone(),
                flaw,
            });
        }
        catalogue
    }

    /// The catalogue of a CSV file. Its first line names the columns `source` and `translation`, in any order, and
    /// perhaps `context`; they are separated by comma, semicolon or tab.
    pub fn of_csv(text: &str) -> Result<Self, CsvError> {
        let text = text.trim_start_matches('\u{feff}');
        let header = text.lines().next().unwrap_or_default();
        let separator = [b',', b';', b'\t']
            .into_iter()
            .max_by_key(|s| header.bytes().filter(|b| b == s).count());
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator.unwrap_or(b','))
            .trim(csv::Trim::Headers)
            .from_reader(text.as_bytes());
        let columns = reader.headers().map_err(csv_fault)?.clone();
        let column = |name: &str| {
            columns
                .iter()
                .position(|column| column.eq_ignore_ascii_case(name))
        };
        let (Some(source), Some(translation)) = (column("source"), column("translation")) else {
            return Err(CsvError::Header);
        };
        let context = column("context");
        let mut catalogue = Self::default();
        for record in reader.records() {
            let record = record.map_err(csv_fault)?;
            let line = record.position().map_or(0, csv::Position::line);
            let field = |column: usize| record.get(column).unwrap_or_default().to_owned();
            catalogue.add(Candidate {
                line: usize::try_from(line).unwrap_or(usize::MAX),
                context: context.map(field).filter(|context| !context.is_empty()),
                source: field(source),
                translation: field(translation),
                flaw: None,
            });
        }
        Ok(catalogue)
    }

    fn add(&mut self, candidate: Candidate) {
        let Candidate {
            line,
            context,
            source,
            translation,
            flaw,
        } = candidate;
        let entry = match flaw {
            Some(reason) => Err(reason),
            None => entry(line, &source, &translation),
        };
        let context = context.map(|context| context.to_lowercase());
        let reason = match entry {
            Err(reason) => reason,
            Ok((key, entry, length)) => match self.entries.get(&(context.clone(), key.clone())) {
                Some(first) if first.translation == entry.translation => return,
                Some(_) => Reason::Duplicate,
                None => {
                    self.longest = self.longest.max(length);
                    self.entries.insert((context, key), entry);
                    return;
                }
            },
        };
        self.problems.push(Problem {
            line,
            text: normalise(&source),
            reason,
        });
    }

    /// The translation of a text (see [`key`]) on a page: its own, or that for all pages.
    pub fn find(&self, page: &str, key: &str) -> Option<&Entry> {
        let page = page.to_lowercase();
        let file = page.rsplit('/').next().unwrap_or_default();
        let contexts = [Some(page.clone()), Some(file.to_owned()), None];
        contexts
            .into_iter()
            .find_map(|context| self.entries.get(&(context, key.to_owned())))
    }

    /// How many parts the longest entry with markup has; 1 if there is none.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The usable entries.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The entries that are not used, in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

fn csv_fault(error: csv::Error) -> CsvError {
    let line = error.position().map_or(1, csv::Position::line);
    CsvError::Line {
        line,
        reason: error.to_string(),
    }
}

/// The key, the entry and the number of its source's parts.
fn entry(line: usize, source: &str, translation: &str) -> Result<(String, Entry, usize), Reason> {
    let parts = fragment(source).ok_or(Reason::Markup)?;
    let translated = fragment(translation).ok_or(Reason::Markup)?;
    if !translated
        .iter()
        .any(|part| matches!(part, Token::Text(text) if !text.trim().is_empty()))
    {
        return Err(Reason::Empty);
    }
    if tags(&parts) != tags(&translated) || !is_nested(&parts) || !is_nested(&translated) {
        return Err(Reason::Markup);
    }
    if placeholders(source) != placeholders(translation) {
        return Err(Reason::Placeholders);
    }
    let entry = Entry {
        line,
        source: normalise(source),
        translation: translated,
    };
    Ok((key(&parts), entry, parts.len()))
}

/// The parts of a text with markup; none if it holds what cannot stand in a text.
fn fragment(text: &str) -> Option<Vec<Token>> {
    let text = text.trim();
    let mut parts = Vec::new();
    let mut done = 0;
    for piece in scan(text).ok()? {
        // A gap is a stray end tag.
        if piece.range.start != done {
            return None;
        }
        done = piece.range.end;
        parts.push(match piece.kind {
            Kind::Text { .. } => Token::Text(collapse(&htmlize::unescape(text.get(piece.range)?))),
            Kind::Open(tag) => Token::Tag(TagName {
                name: tag.name,
                closing: false,
            }),
            Kind::Close { name } => Token::Tag(TagName { name, closing: true }),
            Kind::Raw { .. } | Kind::Comment | Kind::Doctype => return None,
        });
    }
    (done == text.len()).then_some(parts)
}

fn tags(parts: &[Token]) -> Vec<&TagName> {
    let mut tags: Vec<_> = parts
        .iter()
        .filter_map(|part| {
            if let Token::Tag(tag) = part {
                Some(tag)
            } else {
                None
            }
        })
        .collect();
    tags.sort();
    tags
}

/// Elements that have no end tag.
pub const VOID: [&str; 6] = ["br", "img", "wbr", "input", "hr", "area"];

/// Whether every end tag closes the element opened last.
pub fn is_nested(parts: &[Token]) -> bool {
    let mut open = Vec::new();
    for part in parts {
        match part {
            Token::Tag(TagName { name, closing: false }) if !VOID.contains(&name.as_str()) => open.push(name),
            Token::Tag(TagName { name, closing: true }) if open.pop() != Some(name) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

/// The text that a catalogue is asked for. Tags are set between characters that no text has.
pub fn key(parts: &[Token]) -> String {
    let mut key = String::new();
    for part in parts {
        match part {
            Token::Text(text) => key.push_str(text),
            Token::Tag(TagName { name, closing }) => {
                key.push('\u{1}');
                key.push_str(if *closing { "/" } else { "" });
                key.push_str(name);
                key.push('\u{2}');
            }
        }
    }
    normalise(&key)
}

/// A text as it is compared: no white space at its ends, one space for each run of it.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// One space for each run of spaces and line ends; no-break spaces and the ends stay.
pub fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = false;
    for c in text.chars() {
        let space = c.is_ascii_whitespace();
        match space {
            true if before => {}
            true => out.push(' '),
            false => out.push(c),
        }
        before = space;
    }
    out
}

/// The placeholders in a text, sorted: `{name}`, `%name%`, `%s`, `%d`, `%1$s`.
pub fn placeholders(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '%']) {
        let (_, from) = rest.split_at(at);
        let length = placeholder(from);
        let (this, after) = from.split_at(length.unwrap_or(1));
        if length.is_some() {
            found.push(this);
        }
        rest = after;
    }
    found.sort_unstable();
    found
}

/// How long the placeholder is that a text starts with.
fn placeholder(text: &str) -> Option<usize> {
    let word = |from: usize| {
        let rest = text.get(from..)?;
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))?;
        (length > 0).then_some(from + length)
    };
    if text.starts_with('{') {
        let end = word(1)?;
        return (text.as_bytes().get(end) == Some(&b'}')).then_some(end + 1);
    }
    if let Some(end) = word(1)
        && text.as_bytes().get(end) == Some(&b'%')
    {
        return Some(end + 1);
    }
    let after = text
        .get(1..)?
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '$');
    let next = after.chars().nth(1);
    (matches!(after.chars().next()?, 's' | 'd') && !next.is_some_and(char::is_alphanumeric))
        .then(|| text.len() - after.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn po(text: &str) -> Catalogue {
        Catalogue::of_po(&po::parse(text).expect("valid"))
    }

    fn plain<'a>(catalogue: &'a Catalogue, page: &str, text: &str) -> Option<&'a str> {
        match catalogue.find(page, text)?.translation.as_slice() {
            [Token::Text(text)] => Some(text),
            _ => None,
        }
    }

    #[test]
    fn a_text_is_found_however_it_is_spaced_and_escaped() {
        let catalogue = po("msgid \"\"\n\"  Fish &amp;\\n  Chips \"\nmsgstr \"Fisch &amp; Gr&uuml;nes\"");
        assert_eq!(plain(&catalogue, "a.htm", "Fish & Chips"), Some("Fisch & Grünes"));
    }

    #[test]
    fn an_entry_for_the_page_comes_before_one_for_all() {
        let catalogue = po(
            "msgid \"Send\"\nmsgstr \"Senden\"\n\nmsgctxt \"help/Main.htm\"\nmsgid \"Send\"\nmsgstr \"Los\"\n",
        );
        assert_eq!(plain(&catalogue, "help/main.htm", "Send"), Some("Los"));
        assert_eq!(plain(&catalogue, "main.htm", "Send"), Some("Senden"));
    }

    #[test]
    fn entries_that_cannot_be_used_are_told_with_line_and_reason() {
        let catalogue = po(
            "#, fuzzy\nmsgid \"A\"\nmsgstr \"a\"\n\nmsgid \"B\"\nmsgid_plural \"Bs\"\nmsgstr[0] \"b\"\n\nmsgid \"C\"\nmsgstr \"\"\n\n\
             msgid \"D\"\nmsgstr \"d\"\n\nmsgid \"D \"\nmsgstr \"e\"\n\nmsgid \"D\"\nmsgstr \"d\"\n\n\
             msgid \"E\"\nmsgstr \"<b>e</b>\"\n\nmsgid \"<b>F</b> <i>f</i>\"\nmsgstr \"<b><i>F</b> f</i>\"\n\n\
             msgid \"Hello {name}\"\nmsgstr \"Hallo {nome}\"\n\nmsgid \"G\"\nmsgstr \"<script>g</script>\"\n",
        );
        let told: Vec<_> = catalogue
            .problems()
            .iter()
            .map(|p| (p.line, p.text.as_str(), p.reason))
            .collect();
        assert_eq!(
            told,
            [
                (2, "A", Reason::Fuzzy),
                (5, "B", Reason::Plural),
                (9, "C", Reason::Empty),
                (15, "D", Reason::Duplicate),
                (21, "E", Reason::Markup),
                (24, "<b>F</b> <i>f</i>", Reason::Markup),
                (27, "Hello {name}", Reason::Placeholders),
                (30, "G", Reason::Markup),
            ]
        );
        assert_eq!(catalogue.entries().count(), 1);
    }

    #[test]
    fn a_csv_file_may_have_semicolons_and_quoted_lines() {
        let catalogue = Catalogue::of_csv(
            "\u{feff}Source;Translation;Context\r\n\"Need\r\nhelp?\";\"Hilfe; jetzt?\";\r\nSend;Los;Main.htm\r\n",
        )
        .expect("valid");
        assert_eq!(plain(&catalogue, "x.htm", "Need help?"), Some("Hilfe; jetzt?"));
        assert_eq!(plain(&catalogue, "main.htm", "Send"), Some("Los"));
        assert_eq!(plain(&catalogue, "x.htm", "Send"), None);
    }

    #[test]
    fn a_csv_file_without_columns_or_with_a_ragged_line_is_refused() {
        assert_eq!(Catalogue::of_csv("a,b\nc,d\n"), Err(CsvError::Header));
        assert!(matches!(
            Catalogue::of_csv("source,translation\na,b\nc\n"),
            Err(CsvError::Line { line: 3, .. })
        ));
    }

    #[test]
    fn placeholders_are_told_from_percentages() {
        assert_eq!(
            placeholders("{name} has %d of %1$s, 50 % of %TOTAL%, 5%s"),
            ["%1$s", "%TOTAL%", "%d", "%s", "{name}"]
        );
        assert!(placeholders("100% sure, { not } {} %").is_empty());
    }
}
