//! What a web server delivers: which request a page's button makes, and whether a delivered page is in order.

use crate::catalogue::normalise;
use crate::declare::charset_of;
use crate::links::USER_LANGUAGE;
use crate::scan::{Kind, Piece, ScanError, Tag, scan};
use crate::translate::visible;

/// What a page's button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follow {
    /// It gets this path (with its query) from the same origin.
    Get(String),
    /// It gets a URL of another origin.
    Elsewhere(String),
    /// It posts a form, which a check must not do.
    Post,
}

/// The request that starts a session (guide, section 4.4.1, step 5).
const START: &str = "REQ_WEBCHAT_MAIN";

/// The request that a page makes for the language `folder`: the one that starts a session, if it makes several. `base` is
/// the page's own path on its origin.
pub fn follow(page: &str, base: &str, folder: &str) -> Result<Option<Follow>, ScanError> {
    let pieces = scan(page)?;
    let mut found = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let Some(tag) = piece.tag() else { continue };
        let references = ["href", "src"].iter().filter_map(|name| tag.text(name));
        found.extend(
            references
                .filter(|text| asks_for(text, folder))
                .map(|text| resolved(base, &text)),
        );
        if tag.name == "form" {
            found.extend(form(&pieces[index..], tag, base, folder));
        }
    }
    // A handler or script names the request in quotation marks.
    let handlers = pieces
        .iter()
        .filter_map(Piece::tag)
        .flat_map(|tag| &tag.attributes);
    let mut texts: Vec<_> = handlers.map(|attribute| attribute.text().into_owned()).collect();
    let is_script = |piece: &&Piece| matches!(&piece.kind, Kind::Raw { element } if element == "script");
    let scripts = pieces.iter().filter(is_script);
    texts.extend(
        scripts
            .filter_map(|piece| page.get(piece.range.clone()))
            .map(str::to_owned),
    );
    for part in texts.iter().flat_map(|text| text.split(['"', '\''])) {
        if part.contains('?') && asks_for(part, folder) {
            found.push(resolved(base, part));
        }
    }
    let starts = |follow: &Follow| match follow {
        Follow::Get(path) | Follow::Elsewhere(path) => path.contains(START),
        Follow::Post => false,
    };
    let at = found.iter().position(starts).unwrap_or(0);
    Ok((at < found.len()).then(|| found.swap_remove(at)))
}

/// Whether a reference asks for the pages of a language.
fn asks_for(text: &str, folder: &str) -> bool {
    let wanted = format!("{USER_LANGUAGE}={folder}").to_ascii_lowercase();
    let lower = text.to_ascii_lowercase();
    lower.match_indices(&wanted).any(|(at, _)| {
        let next = lower
            .get(at + wanted.len()..)
            .and_then(|rest| rest.chars().next());
        next.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '-' | '_')))
    })
}

/// What a form escapes (URL standard, “application/x-www-form-urlencoded percent-encode set”).
const FORM: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

/// The request of a form that asks for the language, in its action or in a field.
fn form(pieces: &[Piece], form: &Tag, base: &str, folder: &str) -> Option<Follow> {
    let end = pieces
        .iter()
        .position(|piece| matches!(&piece.kind, Kind::Close { name } if name == "form"));
    let within = pieces.get(..end.unwrap_or(pieces.len())).unwrap_or_default();
    let fields: Vec<(String, String)> = within
        .iter()
        .filter_map(Piece::tag)
        .filter(|tag| {
            tag.name == "input"
                && !["button", "reset", "image"]
                    .iter()
                    .any(|kind| tag.is("type", kind))
        })
        .filter_map(|tag| {
            Some((
                tag.text("name")?.into_owned(),
                tag.text("value").unwrap_or_default().into_owned(),
            ))
        })
        .collect();
    let action = form.text("action").unwrap_or_default();
    let in_field = fields
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case(USER_LANGUAGE) && value.eq_ignore_ascii_case(folder));
    if !in_field && !asks_for(&action, folder) {
        return None;
    }
    if form.is("method", "post") {
        return Some(Follow::Post);
    }
    // A form's fields take the place of its action's query (HTML standard, “Mutate action URL”).
    let path = action.split(['?', '#']).next().unwrap_or_default();
    let escape = |text: &str| percent_encoding::utf8_percent_encode(text, FORM).to_string();
    let query: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect();
    Some(resolved(base, &format!("{path}?{}", query.join("&"))))
}

/// A reference on the page `base` as a request.
fn resolved(base: &str, reference: &str) -> Follow {
    let reference = reference
        .trim()
        .split('#')
        .next()
        .unwrap_or_default()
        .replace('\\', "/");
    let (path, query) = match reference.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (reference.as_str(), String::new()),
    };
    let scheme = path
        .split(['/', '?'])
        .next()
        .is_some_and(|first| first.contains(':'));
    if scheme || path.starts_with("//") {
        return Follow::Elsewhere(reference);
    }
    if path.is_empty() {
        return Follow::Get(format!("{base}{query}"));
    }
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let whole = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/').skip(1) {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Follow::Get(format!("/{}{query}", parts.join("/")))
}

/// What is wrong with a delivered page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The server or the page says another encoding.
    Charset(String),
    /// It holds U+FFFD: bytes that were not text.
    Replacement,
    /// It holds UTF-8 that was read as windows-1252 and stored so.
    Mojibake(String),
    /// It lacks a text that it should show.
    Text(String),
}

/// The first thing that is wrong with a page as it was delivered: with its `Content-Type`, its encoding, or for lack of
/// `shown`, a text that people should see on it.
pub fn flaw(body: &str, content_type: Option<&str>, shown: Option<&str>) -> Result<Option<Flaw>, ScanError> {
    let pieces = scan(body)?;
    let header = content_type
        .and_then(charset_of)
        .map(|(_, _, charset)| charset.to_owned());
    let charset = header.or_else(|| declared(&pieces));
    if let Some(charset) = charset.filter(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        return Ok(Some(Flaw::Charset(charset)));
    }
    if body.contains('\u{fffd}') {
        return Ok(Some(Flaw::Replacement));
    }
    if let Some(text) = mojibake(body) {
        return Ok(Some(Flaw::Mojibake(text.to_owned())));
    }
    let missing = shown.filter(|text| !texts(body, &pieces).any(|on_page| on_page.contains(*text)));
    Ok(missing.map(|text| Flaw::Text(text.to_owned())))
}

/// The charset that a page declares.
fn declared(pieces: &[Piece]) -> Option<String> {
    pieces
        .iter()
        .filter_map(Piece::tag)
        .filter(|tag| tag.name == "meta")
        .find_map(|tag| {
            let by_content = || {
                let content = tag
                    .text("content")
                    .filter(|_| tag.is("http-equiv", "content-type"))?;
                charset_of(&content).map(|(_, _, charset)| charset.to_owned())
            };
            tag.text("charset")
                .map(|text| text.trim().to_owned())
                .or_else(by_content)
        })
}

/// The texts and visible attributes of a page.
fn texts<'a>(page: &'a str, pieces: &'a [Piece]) -> impl Iterator<Item = String> + 'a {
    let text = |piece: &Piece| match &piece.kind {
        Kind::Text { .. } => page
            .get(piece.range.clone())
            .map(|text| normalise(&htmlize::unescape(text))),
        _ => None,
    };
    let shown = pieces
        .iter()
        .filter_map(Piece::tag)
        .flat_map(visible)
        .map(|attribute| normalise(&attribute.text()));
    pieces.iter().filter_map(text).chain(shown)
}

/// The first sign of UTF-8 read as windows-1252: the letter that a lead byte becomes, and one that a following byte becomes.
pub fn mojibake(text: &str) -> Option<&str> {
    /// What windows-1252 has at 80 to 9F (WHATWG Encoding, index windows-1252).
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    let follows = |c: char| ('\u{80}'..='\u{bf}').contains(&c) || HIGH.contains(c);
    for (at, c) in text.char_indices() {
        // C2 and C3 lead the letters of Western Europe, E2 the dashes and quotation marks, where two bytes follow.
        let needed = match c {
            'Â' | 'Ã' => 1,
            'â' => 2,
            _ => continue,
        };
        let rest = text.get(at + c.len_utf8()..)?;
        let length: usize = rest
            .chars()
            .take(needed)
            .filter(|c| follows(*c))
            .map(char::len_utf8)
            .sum();
        let all = rest.chars().take(needed).filter(|c| follows(*c)).count() == needed;
        if all {
            return text.get(at..at + c.len_utf8() + length);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn followed(page: &str) -> Option<Follow> {
        follow(page, "/HPPC/html/WCDeutsch.htm", "deutsch").expect("readable")
    }

    fn get(path: &str) -> Option<Follow> {
        Some(Follow::Get(path.to_owned()))
    }

    #[test]
    fn the_button_is_a_link_a_form_or_a_handler() {
        assert_eq!(
            followed(
                "<a href='other.htm'></a><a href='../hppcwis.dll?varUserRequest=R&amp;varUserLanguage=deutsch#x'>"
            ),
            get("/HPPC/hppcwis.dll?varUserRequest=R&varUserLanguage=deutsch")
        );
        assert_eq!(
            followed(
                "<form action=/HPPC/a.dll?gone><input type=hidden name=varUserLanguage value=deutsch><input type=submit name=b value='x y'></form>"
            ),
            get("/HPPC/a.dll?varUserLanguage=deutsch&b=x%20y")
        );
        assert_eq!(
            followed("<input onclick=\"window.open('?a=b&varUserLanguage=deutsch','w')\">"),
            get("/HPPC/html/WCDeutsch.htm?a=b&varUserLanguage=deutsch")
        );
        assert_eq!(
            followed("<script>go(\"/x?varUserLanguage=deutsch\")</script>"),
            get("/x?varUserLanguage=deutsch")
        );
        assert_eq!(
            followed("<form method=POST><input name=varUserLanguage value=Deutsch></form>"),
            Some(Follow::Post)
        );
        assert_eq!(
            followed("<a href='http://h/?varUserLanguage=deutsch'>"),
            Some(Follow::Elsewhere("http://h/?varUserLanguage=deutsch".to_owned()))
        );
        assert_eq!(followed("<a href='?varUserLanguage=deutsch2'>"), None);
        assert_eq!(
            followed(
                "<a href='a?varUserLanguage=deutsch'><a href='b?varUserLanguage=deutsch&varUserRequest=REQ_WEBCHAT_MAIN'>"
            ),
            get("/HPPC/html/b?varUserLanguage=deutsch&varUserRequest=REQ_WEBCHAT_MAIN")
        );
    }

    #[test]
    fn mojibake_is_told_from_words_with_the_same_letters() {
        assert_eq!(mojibake("MÃ¼ller"), Some("Ã¼"));
        assert_eq!(mojibake("GrÃ¶ÃŸe"), Some("Ã¶"));
        assert_eq!(mojibake("ÃŸ"), Some("ÃŸ"));
        assert_eq!(mojibake("so â€“ oder"), Some("â€“"));
        assert_eq!(mojibake("IRMÃ São Ângela bât â"), None);
    }

    #[test]
    fn a_delivered_page_is_looked_through_for_its_flaws() {
        let page = "<meta charset=utf-8><p>Ihr  Name</p><input type=submit value='Los'>";
        let told = |body: &str, header: Option<&str>, shown: Option<&str>| {
            flaw(body, header, shown).expect("readable")
        };
        assert_eq!(told(page, Some("text/html"), Some("Ihr Name")), None);
        assert_eq!(told(page, Some("text/html; charset=UTF-8"), Some("Los")), None);
        assert_eq!(
            told(page, Some("text/html;charset=iso-8859-1"), None),
            Some(Flaw::Charset("iso-8859-1".to_owned()))
        );
        assert_eq!(
            told("<meta charset=latin1>", None, None),
            Some(Flaw::Charset("latin1".to_owned()))
        );
        assert_eq!(told("M\u{fffd}ller", None, None), Some(Flaw::Replacement));
        assert_eq!(told("MÃ¼ller", None, None), Some(Flaw::Mojibake("Ã¼".to_owned())));
        assert_eq!(
            told(page, None, Some("Your name")),
            Some(Flaw::Text("Your name".to_owned()))
        );
    }
}
