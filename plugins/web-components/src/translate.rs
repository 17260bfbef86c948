//! Translating what people see of a page: texts between tags, and the attributes that are shown.

use crate::catalogue::{Catalogue, Entry, TagName, Token, collapse, is_nested, key, normalise, placeholders};
use crate::scan::{Attribute, Kind, Piece, ScanError, Tag, scan};
use crate::splice::{Edits, in_text};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What became of a page's texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many texts were translated.
    pub translated: usize,
    /// The texts without a translation, each once, in the order of the page.
    pub untranslated: Vec<String>,
    /// The lines of the catalogue's entries that were used.
    pub used: BTreeSet<usize>,
    /// A text that the page shows now: one that is not ASCII, if there is one.
    pub sample: Option<String>,
    missed: BTreeSet<String>,
}

impl Outcome {
    fn missing(&mut self, text: String) {
        if self.missed.insert(text.clone()) {
            self.untranslated.push(text);
        }
    }

    fn used(&mut self, entry: &Entry) {
        self.translated += 1;
        self.used.insert(entry.line);
        if let [Token::Text(text)] = entry.translation.as_slice() {
            self.offer(normalise(text));
        }
    }

    fn offer(&mut self, text: String) {
        let better = |held: &String| held.is_ascii() && !text.is_ascii();
        if self.sample.as_ref().is_none_or(better) {
            self.sample = Some(text);
        }
    }

    /// Adds what became of other texts of the same page.
    pub fn merge(&mut self, other: Self) {
        self.translated += other.translated;
        other.untranslated.into_iter().for_each(|text| self.missing(text));
        self.used.extend(other.used);
        if let Some(sample) = other.sample {
            self.offer(sample);
        }
    }
}

/// Elements that stand within a line of text.
const INLINE: [&str; 31] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "tt",
    "u", "wbr",
];

/// The attributes of a tag that people see.
pub fn visible(tag: &Tag) -> impl Iterator<Item = &Attribute> {
    tag.attributes
        .iter()
        .filter(|attribute| match attribute.name.as_str() {
            "title" | "alt" | "placeholder" | "aria-label" => true,
            "label" => matches!(tag.name.as_str(), "option" | "optgroup" | "track"),
            "summary" => tag.name == "table",
            "value" => tag.name == "input" && is_button(tag) && !is_request(tag),
            "content" => tag.name == "meta" && (tag.is("name", "description") || tag.is("name", "keywords")),
            _ => false,
        })
}

/// Whether an `input` is a button with a text on it.
fn is_button(tag: &Tag) -> bool {
    ["submit", "button", "reset"]
        .iter()
        .any(|kind| tag.is("type", kind))
}

/// Whether it is the field that the guide forbids to change.
fn is_request(tag: &Tag) -> bool {
    tag.is("name", "varUserRequest") || tag.is("id", "varUserRequest")
}

/// Replaces the attributes that people see. `name` is the page's path below the language folder.
pub fn attributes(
    name: &str,
    page: &str,
    pieces: &[Piece],
    catalogue: &Catalogue,
    edits: &mut Edits,
) -> Outcome {
    let mut outcome = Outcome::default();
    for attribute in pieces.iter().filter_map(Piece::tag).flat_map(visible) {
        let text = normalise(&attribute.text());
        if !has_words(&text) {
            continue;
        }
        match catalogue
            .find(name, &text)
            .map(|entry| (entry, entry.translation.as_slice()))
        {
            Some((entry, [Token::Text(translation)])) => {
                if translation.trim() != attribute.text() {
                    edits.set_value(page, attribute, translation.trim());
                }
                outcome.used(entry);
            }
            _ => outcome.missing(text),
        }
    }
    outcome
}

/// The page with its texts between tags replaced. `name` is the page's path below the language folder.
pub fn texts(name: &str, page: &str, catalogue: &Catalogue) -> Result<(String, Outcome), ScanError> {
    let pieces = scan(page)?;
    let mut work = Work {
        name,
        page,
        catalogue,
        edits: Edits::default(),
        outcome: Outcome::default(),
    };
    let mut at = 0;
    while at < pieces.len() {
        let length = run_length(&pieces[at..]);
        work.run(pieces.get(at.wrapping_sub(1)), &pieces[at..at + length]);
        at += length.max(1);
    }
    Ok((work.edits.apply(page), work.outcome))
}

/// How many tokens from the first on make up a line of text with inline tags.
fn run_length(pieces: &[Piece]) -> usize {
    let mut end = None;
    let inline = |piece: &&Piece| {
        let contiguous = end.is_none_or(|end| end == piece.range.start);
        end = Some(piece.range.end);
        contiguous
            && match &piece.kind {
                Kind::Text { .. } => true,
                Kind::Open(Tag { name, .. }) | Kind::Close { name } => INLINE.contains(&name.as_str()),
                Kind::Raw { .. } | Kind::Comment | Kind::Doctype => false,
            }
    };
    pieces.iter().take_while(inline).count()
}

struct Work<'a> {
    name: &'a str,
    page: &'a str,
    catalogue: &'a Catalogue,
    edits: Edits,
    outcome: Outcome,
}

impl Work<'_> {
    fn slice(&self, range: &Range<usize>) -> &str {
        self.page.get(range.clone()).unwrap_or_default()
    }

    fn run(&mut self, before: Option<&Piece>, run: &[Piece]) {
        let mut at = 0;
        while at < run.len() {
            if let Some(length) = self.with_markup(&run[at..]) {
                at += length;
                continue;
            }
            if matches!(run[at].kind, Kind::Text { .. }) {
                self.text(at.checked_sub(1).map_or(before, |last| run.get(last)), &run[at]);
            }
            at += 1;
        }
    }

    /// Translates the longest part of the run, from its first token on, for which the catalogue has an entry with
    /// markup; tells how many tokens that is.
    fn with_markup(&mut self, run: &[Piece]) -> Option<usize> {
        let longest = self.catalogue.longest().min(run.len());
        for length in (2..=longest).rev() {
            let part = &run[..length];
            let tokens: Vec<Token> = part.iter().map(|piece| self.token(piece)).collect();
            if !is_nested(&tokens) {
                continue;
            }
            let Some(entry) = self.catalogue.find(self.name, &key(&tokens)) else {
                continue;
            };
            let entry = entry.clone();
            let (start, end) = (self.trimmed(&part[0]).start, self.trimmed(&part[length - 1]).end);
            let text = self.render(part, &entry);
            self.edits.replace(start..end, text);
            self.outcome.used(&entry);
            return Some(length);
        }
        None
    }

    fn token(&self, piece: &Piece) -> Token {
        match &piece.kind {
            Kind::Open(Tag { name, .. }) => Token::Tag(TagName {
                name: name.clone(),
                closing: false,
            }),
            Kind::Close { name } => Token::Tag(TagName {
                name: name.clone(),
                closing: true,
            }),
            _ => Token::Text(collapse(&htmlize::unescape(self.slice(&piece.range)))),
        }
    }

    /// The range of a token; of a text, without the white space at its ends.
    fn trimmed(&self, piece: &Piece) -> Range<usize> {
        match piece.kind {
            Kind::Text { .. } => trim(self.page, &piece.range),
            _ => piece.range.clone(),
        }
    }

    /// The translation with the page's own tags: the first `<b>` of the translation is the first of the page.
    fn render(&self, part: &[Piece], entry: &Entry) -> String {
        let mut sources: BTreeMap<TagName, std::collections::VecDeque<&str>> = BTreeMap::new();
        for piece in part {
            if let Token::Tag(tag) = self.token(piece) {
                sources
                    .entry(tag)
                    .or_default()
                    .push_back(self.slice(&piece.range));
            }
        }
        let mut out = String::new();
        for token in &entry.translation {
            match token {
                Token::Text(text) => out.push_str(&in_text(text)),
                // The catalogue took care that the tags are the same ones.
                Token::Tag(tag) => {
                    out.push_str(
                        sources
                            .get_mut(tag)
                            .and_then(std::collections::VecDeque::pop_front)
                            .unwrap_or_default(),
                    );
                }
            }
        }
        out
    }

    fn text(&mut self, before: Option<&Piece>, piece: &Piece) {
        let range = trim(self.page, &piece.range);
        let text = normalise(&htmlize::unescape(self.slice(&range)));
        if !has_words(&text) {
            return;
        }
        let entry = self.catalogue.find(self.name, &text).cloned();
        match entry.as_ref().map(|entry| (entry, entry.translation.as_slice())) {
            Some((entry, [Token::Text(translation)])) => {
                if let Some((start, option)) = before.and_then(option_without_value) {
                    // Its text is what the form sends; the translation must not change that.
                    self.edits.set_attribute(self.page, start, option, "value", &text);
                }
                self.edits.replace(range, in_text(translation.trim()));
                self.outcome.used(entry);
            }
            _ => self.outcome.missing(text),
        }
    }
}

fn option_without_value(piece: &Piece) -> Option<(usize, &Tag)> {
    let tag = piece.tag()?;
    (tag.name == "option" && tag.attribute("value").is_none()).then_some((piece.range.start, tag))
}

/// The range without the white space at its ends, no-break spaces included however they are written.
fn trim(page: &str, range: &Range<usize>) -> Range<usize> {
    const SPACES: [&str; 4] = ["&nbsp;", "&#160;", "&#xa0;", "&#xA0;"];
    let whole = page.get(range.clone()).unwrap_or_default();
    let mut text = whole;
    loop {
        let next = text.trim_start();
        let next = SPACES
            .iter()
            .find_map(|space| next.strip_prefix(space))
            .unwrap_or(next);
        if next.len() == text.len() {
            break;
        }
        text = next;
    }
    let start = range.start + (whole.len() - text.len());
    loop {
        let next = text.trim_end();
        let next = SPACES
            .iter()
            .find_map(|space| next.strip_suffix(space))
            .unwrap_or(next);
        if next.len() == text.len() {
            break;
        }
        text = next;
    }
    start..start + text.len()
}

/// Whether there is something to translate: a letter that is not part of a placeholder.
fn has_words(text: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
    letters(text) > placeholders(text).into_iter().map(letters).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::po;
    use proptest::prelude::*;

    fn catalogue(pairs: &[(&str, &str)]) -> Catalogue {
        let text: String = pairs
            .iter()
            .map(|(a, b)| format!("msgid {a:?}\nmsgstr {b:?}\n\n"))
            .collect();
        let catalogue = Catalogue::of_po(&po::parse(&text).expect("valid"));
        assert!(catalogue.problems().is_empty(), "{:?}", catalogue.problems());
        catalogue
    }

    fn translated(page: &str, pairs: &[(&str, &str)]) -> (String, Outcome) {
        let catalogue = catalogue(pairs);
        let pieces = scan(page).expect("readable");
        let mut edits = Edits::default();
        let mut outcome = attributes("x.htm", page, &pieces, &catalogue, &mut edits);
        let (page, of_texts) = texts("x.htm", &edits.apply(page), &catalogue).expect("readable");
        outcome.merge(of_texts);
        (page, outcome)
    }

    #[test]
    fn a_text_is_replaced_and_the_white_space_around_it_stays() {
        let (page, outcome) = translated(
            "<p>\r\n\tNeed&nbsp;Live\r\n  Help? &nbsp;\r\n</p>",
            &[("Need Live Help?", "Brauchen Sie Hilfe für \"A & B\"?")],
        );
        assert_eq!(
            page,
            "<p>\r\n\tBrauchen Sie Hilfe für \"A &amp; B\"? &nbsp;\r\n</p>"
        );
        assert_eq!(outcome.translated, 1);
    }

    #[test]
    fn what_people_do_not_see_as_text_stays() {
        let page = "<script>var Send = 'Send';</script><style>Send{}</style><!-- Send -->\
                    <input type=hidden value=Send><input type=text value=Send><a href=Send>1</a>";
        assert_eq!(translated(page, &[("Send", "Senden")]).0, page);
    }

    #[test]
    fn buttons_titles_and_alternative_texts_are_translated() {
        let (page, outcome) = translated(
            "<input type=submit value=Send><INPUT TYPE='Button' VALUE='Send' title=Help><img alt=\"Help\"><input placeholder=Help>\
             <meta name=Description content=Help><select><optgroup label=Help></select>",
            &[("Send", "Ab senden"), ("Help", "Hilfe")],
        );
        assert_eq!(
            page,
            "<input type=submit value=\"Ab senden\"><INPUT TYPE='Button' VALUE='Ab senden' title=\"Hilfe\"><img alt=\"Hilfe\">\
             <input placeholder=\"Hilfe\"><meta name=Description content=\"Hilfe\"><select><optgroup label=\"Hilfe\"></select>"
        );
        assert_eq!(outcome.translated, 7);
    }

    #[test]
    fn the_request_field_is_never_touched() {
        let page = "<input type=submit name=VarUserRequest value=Send>";
        assert_eq!(translated(page, &[("Send", "Senden")]).0, page);
    }

    #[test]
    fn inline_tags_go_where_the_translation_has_them_with_their_attributes() {
        let (page, outcome) = translated(
            "<td>Please <a href=x class='c'>wait</a> for <b>the</b>\n agent.<br>Thank you</td>",
            &[
                (
                    "Please <a>wait</a> for <b>the</b> agent.",
                    "<b>Den</b> Agenten bitte <a href=\"evil\">abwarten</a>.",
                ),
                ("Thank you", "Danke"),
            ],
        );
        assert_eq!(
            page,
            "<td><b>Den</b> Agenten bitte <a href=x class='c'>abwarten</a>.<br>Danke</td>"
        );
        assert_eq!(outcome.translated, 2);
        assert!(outcome.untranslated.is_empty());
    }

    #[test]
    fn without_an_entry_for_the_whole_the_parts_are_translated() {
        let (page, outcome) = translated(
            "<p>Please <b>wait</b> here</p>",
            &[("wait", "warten"), ("Please <b>go</b>", "Bitte <b>gehen</b>")],
        );
        assert_eq!(page, "<p>Please <b>warten</b> here</p>");
        assert_eq!(outcome.untranslated, ["Please", "here"]);
    }

    #[test]
    fn an_option_sends_what_it_sent_before() {
        let (page, _) = translated(
            "<select><option>Sales</option><option value=1>Sales</select>",
            &[("Sales", "Verkauf")],
        );
        assert_eq!(
            page,
            "<select><option value=\"Sales\">Verkauf</option><option value=1>Verkauf</select>"
        );
    }

    #[test]
    fn texts_without_words_are_not_missed() {
        let (_, outcome) = translated(
            "<p>1.</p><p>&nbsp;</p><p>{name}</p><p>*</p><p>Hi {name}</p><p>Hi {name}</p>",
            &[],
        );
        assert_eq!(outcome.untranslated, ["Hi {name}"]);
    }

    #[test]
    fn unclosed_and_crossed_tags_lose_nothing() {
        let (page, _) = translated(
            "<p>One<p>Two <b>Three <i>Four</b></i><td>Five",
            &[("One", "Eins"), ("Four", "Vier"), ("Five", "Fünf")],
        );
        assert_eq!(page, "<p>Eins<p>Two <b>Three <i>Vier</b></i><td>Fünf");
    }

    #[test]
    fn a_page_of_a_mebibyte_is_translated_in_one_pass() {
        let line = "<tr><td>Please <b>wait</b> or <i>not</i>, Ünïcode</td></tr>\n";
        let page = line.repeat((1 << 20) / line.len() + 1);
        let (out, outcome) = translated(
            &page,
            &[
                ("wait", "warten"),
                ("a <b>b</b> <i>c</i> d", "d <i>c</i> <b>b</b> a"),
            ],
        );
        assert_eq!(out, page.replace(">wait<", ">warten<"));
        assert_eq!(outcome.translated, page.matches("wait").count());
        assert_eq!(outcome.untranslated, ["Please", "or", "not", ", Ünïcode"]);
    }

    proptest! {
        #[test]
        fn an_empty_catalogue_changes_no_byte(page in "(<[a-z/!?]{0,3}|[a-z]{1,6}[ =]|[\"'>&;]|<script>|</script>|<b>|</b>|<!--|-->|<title>|<noscript>|</noscript>|\\PC|\r\n){0,60}") {
            let (out, _) = translated(&page, &[]);
            prop_assert_eq!(out, page);
        }

        #[test]
        fn a_catalogue_that_translates_everything_to_itself_changes_no_plain_text(words in proptest::collection::vec("[a-zäöü]{1,8}", 1..6)) {
            let page: String = words.iter().map(|w| format!("<p title=\"{w}\"> {w} <b>{w}</b></p>")).collect();
            let pairs: Vec<_> = words.iter().map(|w| (w.as_str(), w.as_str())).collect();
            let (out, outcome) = translated(&page, &pairs);
            prop_assert_eq!(out, page);
            prop_assert!(outcome.untranslated.is_empty());
        }
    }
}
