//! Where things are in a page: its tags, attributes and texts with their positions in the source.
//!
//! The parser is `lol_html`, which reads a page as browsers do and knows the position of every token. A page is only
//! ever changed by replacing ranges (see [`crate::splice`]), so whatever is not replaced stays byte for byte.

use lol_html::html_content::{Element, EndTag, TextChunk, TextType};
use lol_html::{DocumentContentHandlers, ElementContentHandlers, HtmlRewriter, Settings};
use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// A token of a page with its place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The token's bytes in the page.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A start tag.
    Open(Tag),
    /// The end tag of an element that was opened; stray end tags are not listed.
    Close {
        /// The element's name in lower case.
        name: String,
    },
    /// A text that people may see, with character references.
    Text {
        /// The element named last before the text, in lower case; empty at the start of the page.
        after: String,
    },
    /// The content of a script, a style sheet or another element whose content is not markup.
    Raw {
        /// The element, in lower case.
        element: String,
    },
    /// A comment, with its delimiters. An XML declaration counts as one, as it does in HTML.
    Comment,
    /// The document type.
    Doctype,
}

/// A start tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The element's name in lower case.
    pub name: String,
    /// Its attributes in the order of the page.
    pub attributes: Vec<Attribute>,
}

/// An attribute in a start tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name in lower case.
    pub name: String,
    /// Where the name stands.
    pub name_range: Range<usize>,
    /// Where the value stands, without quotes; none for an attribute without value.
    pub value: Option<Range<usize>>,
    /// The value as it is written, with character references.
    pub raw: String,
}

impl Attribute {
    /// The value with its character references resolved.
    pub fn text(&self) -> Cow<'_, str> {
        htmlize::unescape_attribute(self.raw.as_str())
    }
}

impl Tag {
    /// The attribute of a name, given in lower case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The text of an attribute, if the tag has it.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attribute(name).map(Attribute::text)
    }

    /// Whether an attribute has a value, letter case aside.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.text(name)
            .is_some_and(|text| text.trim().eq_ignore_ascii_case(value))
    }
}

impl Piece {
    /// The start tag, if it is one.
    pub fn tag(&self) -> Option<&Tag> {
        match &self.kind {
            Kind::Open(tag) => Some(tag),
            _ => None,
        }
    }
}

/// Why a page cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScanError(String);

/// Elements whose content the parser takes for plain text, but which is markup for the browsers that show it.
const FALLBACKS: [&str; 2] = ["noscript", "noframes"];

/// The tokens of a page, in order. What stands in `noscript` and `noframes` is listed too, since there are people who
/// see it.
pub fn scan(page: &str) -> Result<Vec<Piece>, ScanError> {
    let mut pieces = Vec::new();
    scan_part(page, 0, &mut pieces, true)?;
    Ok(pieces)
}

/// Scans the part of a page that starts at `base`. `fallbacks` is off inside a fallback, so that the depth is bounded.
fn scan_part(page: &str, base: usize, pieces: &mut Vec<Piece>, fallbacks: bool) -> Result<(), ScanError> {
    for mut piece in tokens(page)? {
        let inner = match &piece.kind {
            Kind::Raw { element } if fallbacks && FALLBACKS.contains(&element.as_str()) => {
                page.get(piece.range.clone())
            }
            _ => None,
        };
        match inner {
            Some(inner) => scan_part(inner, base + piece.range.start, pieces, false)?,
            None => {
                move_by(&mut piece, base);
                pieces.push(piece);
            }
        }
    }
    Ok(())
}

fn move_by(piece: &mut Piece, base: usize) {
    let by = |range: &Range<usize>| range.start + base..range.end + base;
    piece.range = by(&piece.range);
    if let Kind::Open(tag) = &mut piece.kind {
        for attribute in &mut tag.attributes {
            attribute.name_range = by(&attribute.name_range);
            attribute.value = attribute.value.as_ref().map(by);
        }
    }
}

/// What the parser's handlers fill.
#[derive(Default)]
struct Collected {
    pieces: Vec<Piece>,
    last_tag: String,
    text: Option<Range<usize>>,
}

impl Collected {
    fn push(&mut self, range: Range<usize>, kind: Kind) {
        self.pieces.push(Piece { range, kind });
    }

    fn open(&mut self, element: &Element<'_, '_>) {
        let name = element.tag_name();
        let attributes = element
            .attributes()
            .iter()
            .filter_map(|attribute| {
                Some(Attribute {
                    name: attribute.name(),
                    name_range: attribute.name_source_location()?.bytes(),
                    value: attribute.value_source_location().map(|location| location.bytes()),
                    raw: String::new(),
                })
            })
            .collect();
        self.last_tag.clone_from(&name);
        self.push(
            element.source_location().bytes(),
            Kind::Open(Tag { name, attributes }),
        );
    }

    fn close(&mut self, tag: &EndTag<'_>, opened: &str) {
        // The parser closes an element without an end tag of its own by that of an element around it.
        if tag.name() == opened {
            self.push(
                tag.source_location().bytes(),
                Kind::Close {
                    name: opened.to_owned(),
                },
            );
        }
    }

    /// Joins the chunks of one text.
    fn text(&mut self, chunk: &TextChunk<'_>) {
        let part = chunk.source_location().bytes();
        let range = match self.text.take() {
            Some(before) => before.start..part.end,
            None => part,
        };
        if !chunk.last_in_text_node() {
            self.text = Some(range);
            return;
        }
        if range.is_empty() {
            return;
        }
        let last = self.last_tag.clone();
        let kind = match chunk.text_type() {
            TextType::Data | TextType::RCData => Kind::Text { after: last },
            TextType::RawText | TextType::ScriptData | TextType::PlainText | TextType::CDataSection => {
                Kind::Raw { element: last }
            }
        };
        self.push(range, kind);
    }
}

fn tokens(page: &str) -> Result<Vec<Piece>, ScanError> {
    let collected = Rc::new(RefCell::new(Collected::default()));
    // A clone of the collection for each handler.
    let share = || Rc::clone(&collected);
    let (on_element, on_text, on_comment, on_doctype) = (share(), share(), share(), share());
    let everything = "*".parse().map_err(|error| ScanError(format!("{error}")))?;
    let settings = Settings::new()
        // Where a browser's tree would decide, the parser then takes content for plain text, which we leave alone.
        .with_strict(false)
        .append_element_content_handler((
            Cow::Owned(everything),
            ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
                on_element.borrow_mut().open(element);
                let (name, on_end) = (element.tag_name(), Rc::clone(&on_element));
                if let Some(handlers) = element.end_tag_handlers() {
                    handlers.push(Box::new(move |tag: &mut EndTag<'_>| {
                        on_end.borrow_mut().close(tag, &name);
                        Ok(())
                    }));
                }
                Ok(())
            }),
        ))
        .append_document_content_handler(
            DocumentContentHandlers::default()
                .text(move |chunk: &mut TextChunk<'_>| {
                    on_text.borrow_mut().text(chunk);
                    Ok(())
                })
                .comments(move |comment: &mut lol_html::html_content::Comment<'_>| {
                    on_comment
                        .borrow_mut()
                        .push(comment.source_location().bytes(), Kind::Comment);
                    Ok(())
                })
                .doctype(move |doctype: &mut lol_html::html_content::Doctype<'_>| {
                    on_doctype
                        .borrow_mut()
                        .push(doctype.source_location().bytes(), Kind::Doctype);
                    Ok(())
                }),
        );
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    let told = |error: lol_html::errors::RewritingError| ScanError(error.to_string());
    rewriter.write(page.as_bytes()).map_err(told)?;
    rewriter.end().map_err(told)?;
    let mut pieces = std::mem::take(&mut collected.borrow_mut().pieces);
    pieces.sort_by_key(|piece| (piece.range.start, piece.range.end));
    // Two elements closed by one end tag are told twice.
    pieces.dedup_by(|next, before| next.range == before.range && next.kind == before.kind);
    // Taken from the page itself: the parser's copy of a value lacks a byte order mark that it starts with.
    for piece in &mut pieces {
        let Kind::Open(tag) = &mut piece.kind else {
            continue;
        };
        for attribute in &mut tag.attributes {
            let value = attribute.value.clone().and_then(|range| page.get(range));
            attribute.raw = value.unwrap_or_default().to_owned();
        }
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(page: &str) -> Vec<String> {
        let tell = |piece: &Piece| {
            let source = &page[piece.range.clone()];
            match &piece.kind {
                Kind::Open(_) => format!("open {source}"),
                Kind::Close { .. } => format!("close {source}"),
                Kind::Text { .. } => format!("text {source:?}"),
                Kind::Raw { element } => format!("raw {element} {source:?}"),
                Kind::Comment => format!("comment {source}"),
                Kind::Doctype => format!("doctype {source}"),
            }
        };
        scan(page).expect("readable").iter().map(tell).collect()
    }

    #[test]
    fn every_token_is_listed_with_the_bytes_it_has_in_the_page() {
        let page = "<!DOCTYPE html><HTML><head><title>T &amp; U</title><script>if (a<b) x()</script></head>\
                    <!-- c --><body>a<b>c</b><br/>d</body></HTML>";
        insta::assert_snapshot!(told(page).join("\n"), @r#"
        doctype <!DOCTYPE html>
        open <HTML>
        open <head>
        open <title>
        text "T &amp; U"
        close </title>
        open <script>
        raw script "if (a<b) x()"
        close </script>
        close </head>
        comment <!-- c -->
        open <body>
        text "a"
        open <b>
        text "c"
        close </b>
        open <br/>
        text "d"
        close </body>
        close </HTML>
        "#);
    }

    #[test]
    fn what_stands_in_noscript_is_markup_with_places_in_the_whole_page() {
        let page = "ä<noscript><p title='é'>Enable &ouml;</p></noscript>";
        let pieces = scan(page).expect("readable");
        let tag = pieces
            .iter()
            .find_map(|p| p.tag().filter(|tag| tag.name == "p"))
            .expect("listed");
        assert_eq!(&page[tag.attributes[0].value.clone().expect("a value")], "é");
        assert!(told(page).contains(&"text \"Enable &ouml;\"".to_owned()));
    }

    #[test]
    fn attributes_are_found_however_they_are_written() {
        let page = r#"<INPUT TYPE=submit  value='a "b"' disabled title="" alt=x&amp;y>"#;
        let pieces = scan(page).expect("readable");
        let tag = pieces[0].tag().expect("a tag");
        let told: Vec<_> = tag
            .attributes
            .iter()
            .map(|a| {
                (
                    a.name.as_str(),
                    a.value.clone().map(|v| &page[v]),
                    a.text().into_owned(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("type", Some("submit"), "submit".to_owned()),
                ("value", Some("a \"b\""), "a \"b\"".to_owned()),
                ("disabled", None, String::new()),
                ("title", Some(""), String::new()),
                ("alt", Some("x&amp;y"), "x&y".to_owned()),
            ]
        );
        assert!(tag.is("type", "SUBMIT"));
    }

    #[test]
    fn an_element_without_end_tag_is_not_closed_by_another() {
        assert_eq!(
            told("<div><p>a<p>b</div>"),
            [
                "open <div>",
                "open <p>",
                "text \"a\"",
                "open <p>",
                "text \"b\"",
                "close </div>"
            ]
        );
    }
}
