//! What a page declares about itself: its encoding and its language.

use crate::scan::{Attribute, Kind, Piece, Tag};
use crate::splice::{Edits, line_end};

/// Makes a page declare UTF-8: every `charset` it has says so, and one is put at the start of its head if it has none.
pub fn utf8(page: &str, pieces: &[Piece], edits: &mut Edits) {
    let mut declared = false;
    for piece in pieces {
        match &piece.kind {
            Kind::Open(tag) if tag.name == "meta" => declared |= meta(page, tag, edits),
            Kind::Open(tag) => script(page, tag, edits),
            // An XML declaration; a `meta` is still needed, since browsers read XHTML as HTML.
            Kind::Comment
                if page
                    .get(piece.range.clone())
                    .is_some_and(|text| text.starts_with("<?xml")) =>
            {
                let text = page.get(piece.range.clone()).unwrap_or_default();
                if let Some((start, end)) = pseudo_attribute(text, "encoding")
                    && text.get(start..end).is_some_and(|value| !is_utf8(value))
                {
                    edits.replace(piece.range.start + start..piece.range.start + end, "UTF-8");
                }
            }
            _ => {}
        }
    }
    if !declared {
        let (at, before, after) = place_for_meta(page, pieces);
        edits.insert(at, format!("{before}<meta charset=\"utf-8\">{after}"));
    }
}

/// Sets the charset that a tag gives for a script or style sheet beside the page, which is UTF-8 from now on too.
fn script(page: &str, tag: &Tag, edits: &mut Edits) {
    let reference = match tag.name.as_str() {
        "script" => tag.text("src"),
        "link" => tag.text("href"),
        _ => None,
    };
    let beside = reference
        .is_some_and(|text| !(text.starts_with(['/', '\\']) || text.contains(':') || text.contains("..")));
    if let Some(charset) = tag
        .attribute("charset")
        .filter(|charset| beside && !is_utf8(&charset.text()))
    {
        edits.set_value(page, charset, "utf-8");
    }
}

/// Sets the charset of a `meta`; tells whether it is one that declares a charset.
fn meta(page: &str, tag: &Tag, edits: &mut Edits) -> bool {
    if let Some(charset) = tag.attribute("charset") {
        if !is_utf8(&charset.text()) {
            edits.set_value(page, charset, "utf-8");
        }
        return true;
    }
    if !tag.is("http-equiv", "content-type") {
        return false;
    }
    let Some(content) = tag.attribute("content") else {
        return false;
    };
    let text = content.text();
    match charset_of(&text) {
        Some((_, _, charset)) if is_utf8(charset) => {}
        Some((start, end, _)) => {
            let (before, after) = (
                text.get(..start).unwrap_or_default(),
                text.get(end..).unwrap_or_default(),
            );
            edits.set_value(page, content, &format!("{before}utf-8{after}"));
        }
        None => edits.set_value(
            page,
            content,
            &format!("{}; charset=utf-8", text.trim_end_matches([' ', ';'])),
        ),
    }
    true
}

/// The charset in a content type, with the place where it stands.
pub fn charset_of(content_type: &str) -> Option<(usize, usize, &str)> {
    let lower = content_type.to_ascii_lowercase();
    let after_name = lower.find("charset")? + "charset".len();
    let rest = content_type.get(after_name..)?;
    let value = rest
        .trim_start()
        .strip_prefix('=')?
        .trim_start()
        .trim_start_matches(['"', '\'']);
    let start = content_type.len() - value.len();
    let length = value
        .find(|c: char| c.is_whitespace() || matches!(c, ';' | '"' | '\''))
        .unwrap_or(value.len());
    Some((start, start + length, value.get(..length)?))
}

fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim();
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// The value of `name="…"` in a declaration.
fn pseudo_attribute(text: &str, name: &str) -> Option<(usize, usize)> {
    let rest = text
        .get(text.find(name)? + name.len()..)?
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = rest.get(1..)?;
    let start = text.len() - value.len();
    Some((start, start + value.find(quote)?))
}

/// Where a `meta` goes, with what stands before and after it.
fn place_for_meta(page: &str, pieces: &[Piece]) -> (usize, &'static str, &'static str) {
    let line = line_end(page);
    let ends = |piece: &Piece, end: &str| {
        page.get(piece.range.clone())
            .is_some_and(|text| text.ends_with(end))
    };
    let open = |name: &str| {
        pieces
            .iter()
            .find(|piece| piece.tag().is_some_and(|tag| tag.name == name))
    };
    let before_content = |piece: &&Piece| match piece.kind {
        Kind::Doctype => ends(piece, ">"),
        // A comment that is not closed would swallow what follows it.
        Kind::Comment => ends(piece, "-->") || ends(piece, "?>"),
        _ => false,
    };
    match open("head")
        .or_else(|| open("html"))
        .or_else(|| pieces.iter().take_while(before_content).last())
    {
        Some(piece) => (piece.range.end, line, ""),
        None => (0, "", line),
    }
}

/// Makes a page declare its language (a BCP 47 tag): on its `html` element, and where it says so already.
pub fn language(page: &str, pieces: &[Piece], tag: &str, edits: &mut Edits) {
    let differs = |attribute: &Attribute| !attribute.text().eq_ignore_ascii_case(tag);
    let mut found = false;
    for piece in pieces {
        let Some(element) = piece.tag() else { continue };
        if element.name == "html" && !found {
            found = true;
            if element.attribute("lang").is_none_or(differs) {
                edits.set_attribute(page, piece.range.start, element, "lang", tag);
            }
            if let Some(xml) = element.attribute("xml:lang").filter(|xml| differs(xml)) {
                edits.set_value(page, xml, tag);
            }
        }
        if element.name == "meta"
            && element.is("http-equiv", "content-language")
            && let Some(content) = element.attribute("content").filter(|content| differs(content))
        {
            edits.set_value(page, content, tag);
        }
    }
}

/// A style sheet that declares UTF-8 where it declares an encoding.
pub fn css_utf8(text: &str) -> String {
    match text
        .strip_prefix("@charset \"")
        .and_then(|rest| rest.split_once('"'))
    {
        Some((charset, rest)) if !is_utf8(charset) => format!("@charset \"utf-8\"{rest}"),
        _ => text.to_owned(),
    }
}

/// Whether a text is a tag of a language in the form of BCP 47: `de`, `pt-BR`, `zh-Hant-TW`.
pub fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let sub = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    (2..=8).contains(&primary.len()) && letters(primary) && parts.all(sub)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::scan;

    fn declared(page: &str) -> String {
        let pieces = scan(page).expect("readable");
        let mut edits = Edits::default();
        utf8(page, &pieces, &mut edits);
        language(page, &pieces, "de", &mut edits);
        edits.apply(page)
    }

    #[test]
    fn a_charset_that_stands_there_is_set() {
        assert_eq!(declared("<META CHARSET='iso-8859-1'>"), "<META CHARSET='utf-8'>");
        assert_eq!(declared("<meta charset=UTF-8>"), "<meta charset=UTF-8>");
        assert_eq!(
            declared(r#"<meta http-equiv="Content-Type" content="text/html; charset = ISO-8859-1 ;x">"#),
            r#"<meta http-equiv="Content-Type" content="text/html; charset = utf-8 ;x">"#
        );
        assert_eq!(
            declared("<meta content=text/html http-equiv=content-type>"),
            "<meta content=\"text/html; charset=utf-8\" http-equiv=content-type>"
        );
    }

    #[test]
    fn a_script_beside_the_page_is_read_as_utf_8_and_one_elsewhere_as_before() {
        assert_eq!(
            declared(
                "<meta charset=utf-8><script charset=latin1 src=a.js></script><script charset=latin1 src=../a.js></script>"
            ),
            "<meta charset=utf-8><script charset=\"utf-8\" src=a.js></script><script charset=latin1 src=../a.js></script>"
        );
    }

    #[test]
    fn a_page_without_charset_gets_one_at_the_start_of_its_head() {
        assert_eq!(
            declared("<!DOCTYPE html>\r\n<head>\r\n<title>"),
            "<!DOCTYPE html>\r\n<head>\r\n<meta charset=\"utf-8\">\r\n<title>"
        );
        assert_eq!(
            declared("<html lang=de><body>"),
            "<html lang=de>\n<meta charset=\"utf-8\"><body>"
        );
        assert_eq!(
            declared("<!DOCTYPE html><!-- c --><p>"),
            "<!DOCTYPE html><!-- c -->\n<meta charset=\"utf-8\"><p>"
        );
        assert_eq!(declared("<p>"), "<meta charset=\"utf-8\">\n<p>");
    }

    #[test]
    fn an_xml_declaration_is_set_too() {
        assert_eq!(
            declared("<?xml version=\"1.0\" encoding='ISO-8859-1'?><html xml:lang=\"en\" LANG=en><head>"),
            "<?xml version=\"1.0\" encoding='UTF-8'?><html xml:lang=\"de\" LANG=\"de\"><head>\n<meta charset=\"utf-8\">"
        );
    }

    #[test]
    fn a_declared_page_stays_as_it_is() {
        let page = declared("<!DOCTYPE html><html><head></head><body>x</body></html>");
        assert_eq!(declared(&page), page);
    }

    #[test]
    fn a_style_sheet_says_utf_8_where_it_says_something() {
        assert_eq!(
            css_utf8("@charset \"iso-8859-1\";\na{}"),
            "@charset \"utf-8\";\na{}"
        );
        assert_eq!(css_utf8("a{}"), "a{}");
    }

    #[test]
    fn language_tags_are_told_from_names() {
        assert!(
            ["de", "pt-BR", "zh-Hant-TW", "es-419"]
                .into_iter()
                .all(is_language_tag)
        );
        assert!(
            !["", "d", "deutsch-", "de_DE", "german language", "ñ"]
                .into_iter()
                .any(is_language_tag)
        );
    }
}
