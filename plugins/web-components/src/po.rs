//! The PO format of GNU gettext, as far as a translator's file needs it.
//!
//! Source: the GNU gettext manual, section “The Format of PO Files”. Our own reader, since those on crates.io panic on
//! a malformed file (a continuation line without a keyword, a lone quotation mark, a section out of order) where a
//! translator needs to be told the line, and overwrite duplicates without a word.

/// An entry of a PO file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The line of its `msgid`, from 1.
    pub line: usize,
    /// `msgctxt`.
    pub context: Option<String>,
    /// `msgid`.
    pub source: String,
    /// Whether it has a `msgid_plural`.
    pub plural: bool,
    /// `msgstr`; empty if it is not translated.
    pub translation: String,
    /// Whether it is marked `fuzzy`: a guess that nobody has confirmed.
    pub fuzzy: bool,
}

/// What is wrong with a PO file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault:?}")]
pub struct PoError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It starts with no keyword of the format.
    Keyword,
    /// The text is not between quotation marks, or has one inside that is not escaped.
    Quotes,
    /// A backslash is followed by something that the format does not know.
    Escape,
    /// The keyword stands where it cannot stand: a `msgstr` without `msgid`, for example.
    Order,
}

/// Which text a continuation line goes on with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Nothing,
    Context,
    Source,
    Plural,
    Translation,
    OtherTranslation,
}

struct Reader {
    entries: Vec<Entry>,
    entry: Entry,
    field: Field,
}

/// The entries of a PO file in its order; the header is the one whose source is empty. Entries that are marked as
/// obsolete (`#~`) are left out.
pub fn parse(text: &str) -> Result<Vec<Entry>, PoError> {
    let mut reader = Reader {
        entries: Vec::new(),
        entry: Entry::default(),
        field: Field::Nothing,
    };
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line_number = index + 1;
        reader.line(line.trim(), line_number).map_err(|fault| PoError {
            line: line_number,
            fault,
        })?;
    }
    let last = text.lines().count();
    reader
        .end_entry()
        .map_err(|fault| PoError { line: last, fault })?;
    Ok(reader.entries)
}

impl Reader {
    fn line(&mut self, line: &str, number: usize) -> Result<(), Fault> {
        if line.is_empty() {
            return Ok(());
        }
        if let Some(comment) = line.strip_prefix('#') {
            return self.comment(comment);
        }
        if line.starts_with('"') {
            let text = quoted(line)?;
            return self.append(&text);
        }
        let keyword_end = line
            .find(|c: char| c.is_whitespace() || c == '"')
            .ok_or(Fault::Keyword)?;
        let (keyword, rest) = line.split_at(keyword_end);
        self.field = match keyword {
            "msgctxt" => {
                self.end_entry()?;
                self.entry.context = Some(String::new());
                Field::Context
            }
            "msgid" => {
                if self.field != Field::Context {
                    self.end_entry()?;
                }
                self.entry.line = number;
                Field::Source
            }
            "msgid_plural" if self.field == Field::Source => {
                self.entry.plural = true;
                Field::Plural
            }
            "msgstr" if self.field == Field::Source => Field::Translation,
            _ if is_plural_form(keyword) && matches!(self.field, Field::Plural | Field::OtherTranslation) => {
                Field::OtherTranslation
            }
            "msgstr" | "msgid_plural" => return Err(Fault::Order),
            _ if is_plural_form(keyword) => return Err(Fault::Order),
            _ => return Err(Fault::Keyword),
        };
        let text = quoted(rest.trim_start())?;
        self.append(&text)
    }

    fn comment(&mut self, comment: &str) -> Result<(), Fault> {
        // `#~` an obsolete entry, `#|` what the source was before, `#.` and `#:` for the translator.
        self.end_if_complete()?;
        if let Some(flags) = comment.strip_prefix(',') {
            self.entry.fuzzy |= flags.split(',').any(|flag| flag.trim() == "fuzzy");
        }
        Ok(())
    }

    fn append(&mut self, text: &str) -> Result<(), Fault> {
        let entry = &mut self.entry;
        match self.field {
            Field::Nothing => return Err(Fault::Order),
            Field::Context => entry.context.get_or_insert_default().push_str(text),
            Field::Source => entry.source.push_str(text),
            Field::Translation => entry.translation.push_str(text),
            Field::Plural | Field::OtherTranslation => {}
        }
        Ok(())
    }

    fn end_if_complete(&mut self) -> Result<(), Fault> {
        match self.field {
            Field::Translation | Field::OtherTranslation => self.end_entry(),
            Field::Nothing => Ok(()),
            _ => Err(Fault::Order),
        }
    }

    /// Keeps the entry read so far, if there is one.
    fn end_entry(&mut self) -> Result<(), Fault> {
        match std::mem::replace(&mut self.field, Field::Nothing) {
            // The flags read before the entry belong to it.
            Field::Nothing => Ok(()),
            Field::Translation | Field::OtherTranslation => {
                self.entries.push(std::mem::take(&mut self.entry));
                Ok(())
            }
            Field::Context | Field::Source | Field::Plural => Err(Fault::Order),
        }
    }
}

/// `msgstr[0]`, `msgstr[1]`, ...
fn is_plural_form(keyword: &str) -> bool {
    let number = keyword
        .strip_prefix("msgstr[")
        .and_then(|rest| rest.strip_suffix(']'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The text between the quotation marks that a line consists of.
fn quoted(line: &str) -> Result<String, Fault> {
    let inner = line
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or(Fault::Quotes)?;
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Err(Fault::Quotes),
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('"') => text.push('"'),
                Some('\\') => text.push('\\'),
                // The closing quotation mark was escaped, so that the text has no end.
                None => return Err(Fault::Quotes),
                Some(_) => return Err(Fault::Escape),
            },
            c => text.push(c),
        }
    }
    Ok(text)
}

/// The charset that the header of a PO file declares.
pub fn declared_charset(entries: &[Entry]) -> Option<&str> {
    let header = entries
        .iter()
        .find(|entry| entry.source.is_empty() && entry.context.is_none())?;
    let (_, rest) = header.translation.split_once("charset=")?;
    let charset = rest.split(|c: char| c.is_whitespace() || c == ';').next()?;
    // `CHARSET` stands in a template that nobody has filled in.
    (!charset.is_empty() && charset != "CHARSET").then_some(charset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn entries_have_their_context_flags_and_joined_lines() {
        let text = r#"# A translator
msgid ""
msgstr ""
"Content-Type: text/plain; charset=ISO-8859-1\n"
"Language: de\n"

#: CaptureWCData.htm:12
#, fuzzy, c-format
#| msgid "Old"
msgid "Name"
msgstr "Name?"

msgctxt "WCMain.htm"
msgid ""
"Two "
"lines"
msgstr "Zwei \"Zeilen\"\n"
msgid "One"
msgid_plural "Many"
msgstr[0] "Eins"
msgstr[1] "Viele"

#~ msgid "Gone"
#~ msgstr "Weg"
"#;
        let entries = parse(text).expect("valid");
        assert_eq!(declared_charset(&entries), Some("ISO-8859-1"));
        insta::assert_debug_snapshot!(&entries[1..], @r#"
        [
            Entry {
                line: 10,
                context: None,
                source: "Name",
                plural: false,
                translation: "Name?",
                fuzzy: true,
            },
            Entry {
                line: 14,
                context: Some(
                    "WCMain.htm",
                ),
                source: "Two lines",
                plural: false,
                translation: "Zwei \"Zeilen\"\n",
                fuzzy: false,
            },
            Entry {
                line: 18,
                context: None,
                source: "One",
                plural: true,
                translation: "",
                fuzzy: false,
            },
        ]
        "#);
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        let fault = |text: &str| parse(text).expect_err("faulty");
        assert_eq!(
            fault("msgid \"a\"\nmsgstr \"b"),
            PoError {
                line: 2,
                fault: Fault::Quotes
            }
        );
        assert_eq!(
            fault("msgid \"a\"\nmsgstr \""),
            PoError {
                line: 2,
                fault: Fault::Quotes
            }
        );
        assert_eq!(
            fault("msgid \"a\"\nmsgstr \"b\\\""),
            PoError {
                line: 2,
                fault: Fault::Quotes
            }
        );
        assert_eq!(
            fault("msgid \"a\"b\""),
            PoError {
                line: 1,
                fault: Fault::Quotes
            }
        );
        assert_eq!(
            fault("msgid \"a\\q\""),
            PoError {
                line: 1,
                fault: Fault::Escape
            }
        );
        assert_eq!(
            fault("\"a\""),
            PoError {
                line: 1,
                fault: Fault::Order
            }
        );
        assert_eq!(
            fault("\nmsgstr \"a\""),
            PoError {
                line: 2,
                fault: Fault::Order
            }
        );
        assert_eq!(
            fault("msgid \"a\"\nmsgid \"b\""),
            PoError {
                line: 2,
                fault: Fault::Order
            }
        );
        assert_eq!(
            fault("msgid \"a\"\n# c\n"),
            PoError {
                line: 2,
                fault: Fault::Order
            }
        );
        assert_eq!(
            fault("msgid \"a\"\n\n"),
            PoError {
                line: 2,
                fault: Fault::Order
            }
        );
        assert_eq!(
            fault("hello \"a\""),
            PoError {
                line: 1,
                fault: Fault::Keyword
            }
        );
        assert_eq!(
            fault("hello"),
            PoError {
                line: 1,
                fault: Fault::Keyword
            }
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(msgid|msgstr|msgctxt|msgid_plural|msgstr\\[[0-9]\\]|#,|#|\"|\\\\|n| |\n|ä){0,40}") {
            let _ = parse(&text);
        }
    }
}
