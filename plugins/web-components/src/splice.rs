//! Changing a page by replacing ranges of it, and writing texts so that they mean the same in markup.

use crate::scan::{Attribute, Tag};
use std::ops::Range;

/// Replacements of ranges in one text. Ranges must not overlap; an empty range inserts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// Replaces a range.
    pub fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.0.push((range, text.into()));
    }

    /// Inserts before the byte at `at`.
    pub fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    /// Whether nothing is to be replaced.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives an attribute a value, keeping its quotes; one that has no quotes gets them.
    pub fn set_value(&mut self, page: &str, attribute: &Attribute, value: &str) {
        match &attribute.value {
            None => self.insert(
                attribute.name_range.end,
                format!("=\"{}\"", in_attribute(value, '"')),
            ),
            Some(range) => match page.as_bytes().get(range.start.wrapping_sub(1)) {
                Some(b'"') => self.replace(range.clone(), in_attribute(value, '"')),
                Some(b'\'') => self.replace(range.clone(), in_attribute(value, '\'')),
                _ => self.replace(range.clone(), format!("\"{}\"", in_attribute(value, '"'))),
            },
        }
    }

    /// Sets an attribute of the tag that starts at `start`: the one it has, or a new one after the element's name.
    pub fn set_attribute(&mut self, page: &str, start: usize, tag: &Tag, name: &str, value: &str) {
        match tag.attribute(name) {
            Some(attribute) => self.set_value(page, attribute, value),
            None => {
                let after_name = start + 1 + tag.name.len();
                self.insert(after_name, format!(" {name}=\"{}\"", in_attribute(value, '"')));
            }
        }
    }

    /// The text with all replacements made.
    pub fn apply(mut self, page: &str) -> String {
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out =
            String::with_capacity(page.len() + self.0.iter().map(|(_, text)| text.len()).sum::<usize>());
        let mut done = 0;
        for (range, text) in self.0 {
            // Overlapping replacements would be a fault of ours; the earlier one then stands.
            let Some(between) = page.get(done..range.start) else {
                continue;
            };
            out.push_str(between);
            out.push_str(&text);
            done = range.end;
        }
        out.push_str(page.get(done..).unwrap_or_default());
        out
    }
}

/// A text as it is written between tags.
pub fn in_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Invisible in an editor otherwise.
            '\u{a0}' => out.push_str("&nbsp;"),
            c => out.push(c),
        }
    }
    out
}

/// A text as it is written in an attribute between such quotes.
pub fn in_attribute(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '"' if quote == '"' => out.push_str("&quot;"),
            '\'' if quote == '\'' => out.push_str("&#39;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            c => out.push(c),
        }
    }
    out
}

/// The line end that a page uses first, or a line feed.
pub fn line_end(page: &str) -> &'static str {
    match page.find('\n') {
        Some(at) if at > 0 && page.as_bytes()[at - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::scan;
    use proptest::prelude::*;

    fn set(page: &str, name: &str, value: &str) -> String {
        let pieces = scan(page).expect("readable");
        let tag = pieces[0].tag().expect("a tag");
        let mut edits = Edits::default();
        edits.set_attribute(page, pieces[0].range.start, tag, name, value);
        edits.apply(page)
    }

    #[test]
    fn an_attribute_keeps_its_quotes_and_gets_them_where_it_has_none() {
        assert_eq!(
            set(r#"<a title="x" >"#, "title", r#"a "b" & c"#),
            r#"<a title="a &quot;b&quot; &amp; c" >"#
        );
        assert_eq!(
            set("<a title='x'>", "title", "it's \"so\""),
            "<a title='it&#39;s \"so\"'>"
        );
        assert_eq!(set("<a title=x y=z>", "title", "a b"), r#"<a title="a b" y=z>"#);
        assert_eq!(set("<a title>", "title", "a"), r#"<a title="a">"#);
        assert_eq!(set("<A  HREF=x>", "lang", "de"), r#"<A lang="de"  HREF=x>"#);
    }

    proptest! {
        #[test]
        fn a_value_that_was_set_is_read_back_the_same(value in "[^\u{a0}\0\r]*", quote in "[\"']?") {
            let page = format!("<a x={quote}1{quote}>");
            let page = set(&page, "x", &value);
            let pieces = scan(&page).expect("readable");
            let tag = pieces[0].tag().expect("a tag");
            prop_assert_eq!(tag.text("x").expect("there"), value);
        }

        #[test]
        fn a_text_that_was_written_is_read_back_the_same(text in "[^\u{a0}\0\r]+") {
            let page = format!("<p>{}</p>", in_text(&text));
            let pieces = scan(&page).expect("readable");
            prop_assert_eq!(pieces.len(), 3);
            prop_assert_eq!(htmlize::unescape(&page[pieces[1].range.clone()]), text);
        }
    }
}
