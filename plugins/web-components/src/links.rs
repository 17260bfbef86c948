//! References between the pages of a language: what pointed into the source's folder points into the new one.

use crate::scan::{Kind, Piece, Tag};
use crate::splice::Edits;
use std::collections::BTreeSet;
use std::ops::Range;

/// The parameter of a request that says which language folder to use (guide, section 4.4.1, step 5).
pub const USER_LANGUAGE: &str = "varUserLanguage";

/// What gets which new name.
#[derive(Clone, Debug)]
pub struct Renaming {
    /// The folder of the pages, in its parts: `["html"]`.
    pub html: Vec<String>,
    /// The folder of the source language in it.
    pub source: String,
    /// The folder of the new language in it.
    pub target: String,
    /// The main pages of the source language, in the folder of the pages, each with that of the new language.
    pub mains: Vec<(String, String)>,
    /// The files of the source language, by their paths below its folder, in lower case.
    pub files: BTreeSet<String>,
}

/// Attributes whose value is a reference.
const REFERENCES: [&str; 12] = [
    "href",
    "src",
    "action",
    "formaction",
    "background",
    "data",
    "longdesc",
    "lowsrc",
    "poster",
    "cite",
    "codebase",
    "profile",
];

/// Changes the references of a page that stands in the folder `folder` (its parts below the root). `shown` tells which
/// attributes are texts for people, which are none of this function's business.
pub fn retarget(
    page: &str,
    pieces: &[Piece],
    folder: &[String],
    renaming: &Renaming,
    shown: impl Fn(&Tag, &str) -> bool,
    edits: &mut Edits,
) -> Found {
    let mut found = Found::default();
    for piece in pieces {
        match &piece.kind {
            Kind::Open(tag) => {
                for attribute in &tag.attributes {
                    let Some(range) = attribute.value.clone().filter(|_| !shown(tag, &attribute.name)) else {
                        continue;
                    };
                    if names_language(tag) && attribute.name == "value" {
                        if attribute.text().trim().eq_ignore_ascii_case(&renaming.source) {
                            edits.replace(range, renaming.target.clone());
                            found.languages += 1;
                        }
                        continue;
                    }
                    let moved = if REFERENCES.contains(&attribute.name.as_str()) {
                        renaming.reference(&attribute.raw, folder)
                    } else if attribute.name == "content" && tag.is("http-equiv", "refresh") {
                        renaming.refresh(&attribute.raw, folder)
                    } else {
                        None
                    };
                    found.references += usize::from(moved.is_some());
                    let value = moved.as_deref().unwrap_or(&attribute.raw);
                    let spoken = user_language(value, &renaming.source, &renaming.target);
                    found.languages += usize::from(spoken.is_some());
                    if let Some(value) = spoken.or(moved) {
                        edits.replace(range, value);
                    }
                }
            }
            Kind::Raw { element } if element == "script" => {
                let script = page.get(piece.range.clone()).unwrap_or_default();
                if let Some(script) = user_language(script, &renaming.source, &renaming.target) {
                    edits.replace(piece.range.clone(), script);
                    found.languages += 1;
                }
            }
            _ => {}
        }
    }
    found
}

/// How much was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// References that point elsewhere now.
    pub references: usize,
    /// Attributes and scripts in which the language of the request changed.
    pub languages: usize,
}

/// Whether it is the field that holds the language of the request.
fn names_language(tag: &Tag) -> bool {
    tag.name == "input" && (tag.is("name", USER_LANGUAGE) || tag.is("id", USER_LANGUAGE))
}

impl Renaming {
    /// The folder of the new language, below the root.
    pub fn target_folder(&self) -> String {
        format!("{}/{}", self.html.join("/"), self.target)
            .trim_start_matches('/')
            .to_owned()
    }

    /// The folder of the source language, below the root.
    pub fn source_folder(&self) -> String {
        format!("{}/{}", self.html.join("/"), self.source)
            .trim_start_matches('/')
            .to_owned()
    }

    /// The reference from a page in `folder` that takes the place of another, as both are written; none if it stays.
    pub fn reference(&self, written: &str, folder: &[String]) -> Option<String> {
        let path_end = written.find(['?', '#']).unwrap_or(written.len());
        let (start, absolute) = path_start(written.get(..path_end)?)?;
        let parts = parts(written, start..path_end);
        let mut stack: Vec<(&str, Option<Range<usize>>)> = Vec::new();
        if !absolute {
            stack.extend(folder.iter().map(|part| (part.as_str(), None)));
        }
        for range in parts {
            match written.get(range.clone())? {
                "" | "." => {}
                ".." => {
                    stack.pop();
                }
                part => stack.push((part, Some(range))),
            }
        }
        // What stands before the folder of the pages in an absolute path is the web server's business.
        let offsets = if absolute { 0..stack.len() } else { 0..1 };
        let (range, name) = offsets
            .rev()
            .find_map(|offset| self.renamed(stack.get(offset..)?))?;
        Some(format!(
            "{}{name}{}",
            written.get(..range.start)?,
            written.get(range.end..)?
        ))
    }

    /// The part of a path that gets another name, if it leads into the source's folder or to a main page.
    fn renamed(&self, path: &[(&str, Option<Range<usize>>)]) -> Option<(Range<usize>, &str)> {
        let same = |(part, _): &(&str, _), name: &String| part.eq_ignore_ascii_case(name);
        let below = path.get(self.html.len()..)?;
        if !path.iter().zip(&self.html).all(|(part, name)| same(part, name)) {
            return None;
        }
        let ((first, range), rest) = below.split_first()?;
        if let Some((_, new)) = self
            .mains
            .iter()
            .find(|(main, _)| rest.is_empty() && first.eq_ignore_ascii_case(main))
        {
            return Some((range.clone()?, new));
        }
        let rest: Vec<_> = rest.iter().map(|(part, _)| plain(part)).collect();
        let known = rest.is_empty() || self.files.contains(&rest.join("/").to_lowercase());
        (first.eq_ignore_ascii_case(&self.source) && known).then_some((range.clone()?, self.target.as_str()))
    }

    /// `5; url=…` of a page that forwards.
    fn refresh(&self, written: &str, folder: &[String]) -> Option<String> {
        let at = written.to_ascii_lowercase().find("url=")? + "url=".len();
        let (before, url) = (written.get(..at)?, written.get(at..)?);
        Some(format!("{before}{}", self.reference(url, folder)?))
    }
}

/// A part of a path with its character references and escapes resolved.
fn plain(part: &str) -> String {
    let text = htmlize::unescape_attribute(part);
    percent_encoding::percent_decode_str(&text)
        .decode_utf8_lossy()
        .into_owned()
}

/// Where the path starts in a reference without query, and whether it is absolute; none if it is no page's path.
fn path_start(reference: &str) -> Option<(usize, bool)> {
    let after_authority = |from: usize| {
        let rest = reference.get(from..)?;
        Some((from + rest.find('/').unwrap_or(rest.len()), true))
    };
    if reference.starts_with("//") {
        return after_authority(2);
    }
    if let Some(colon) = reference
        .find(':')
        .filter(|colon| reference.find('/').is_none_or(|slash| *colon < slash))
    {
        let scheme = reference.get(..colon)?.trim_start().to_ascii_lowercase();
        let web =
            matches!(scheme.as_str(), "http" | "https") && reference.get(colon + 1..)?.starts_with("//");
        return if web { after_authority(colon + 3) } else { None };
    }
    Some((0, reference.starts_with(['/', '\\'])))
}

/// The ranges between the slashes (old pages have backslashes, which browsers take for slashes).
fn parts(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = range.start;
    for (at, _) in text
        .get(range.clone())
        .unwrap_or_default()
        .match_indices(['/', '\\'])
    {
        parts.push(start..range.start + at);
        start = range.start + at + 1;
    }
    parts.push(start..range.end);
    parts
}

/// A text (an attribute's value or a script) in which every `varUserLanguage=SOURCE` of a query says the new language;
/// none if there is none.
pub fn user_language(text: &str, source: &str, target: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let name = USER_LANGUAGE.to_ascii_lowercase();
    let mut edits = Edits::default();
    for (at, _) in lower.match_indices(&name) {
        let starts = text
            .get(..at)?
            .chars()
            .next_back()
            .is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')));
        let Some(value) = text
            .get(at + name.len()..)
            .and_then(|rest| rest.strip_prefix('='))
        else {
            continue;
        };
        let length = value
            .find(|c: char| c.is_whitespace() || "&;#\"'<>\\)".contains(c))
            .unwrap_or(value.len());
        let value = value.get(..length)?;
        if starts
            && percent_encoding::percent_decode_str(value)
                .decode_utf8_lossy()
                .eq_ignore_ascii_case(source)
        {
            let start = at + name.len() + 1;
            edits.replace(start..start + length, target);
        }
    }
    (!edits.is_empty()).then(|| edits.apply(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::scan;

    fn renaming() -> Renaming {
        Renaming {
            html: vec!["html".to_owned()],
            source: "english".to_owned(),
            target: "deutsch".to_owned(),
            mains: vec![("WCMain.htm".to_owned(), "WCDeutsch.htm".to_owned())],
            files: ["capturewcdata.htm", "img/a b.gif"].map(str::to_owned).into(),
        }
    }

    fn on_main_page(page: &str) -> (String, Found) {
        let mut edits = Edits::default();
        let found = retarget(
            page,
            &scan(page).expect("readable"),
            &["html".to_owned()],
            &renaming(),
            |_, _| false,
            &mut edits,
        );
        (edits.apply(page), found)
    }

    #[test]
    fn the_language_of_a_request_changes_in_queries_fields_handlers_and_scripts() {
        let (page, found) = on_main_page(
            "<a href=\"/HPPC/hppcwis.dll?varUserRequest=REQ_WEBCHAT_MAIN&amp;varUserLanguage=english&amp;x=1\">\
             <a href='?varuserlanguage=ENGLISH'><input type=hidden name=varUserLanguage value=english>\
             <input type=button onclick=\"window.open('?a=b&varUserLanguage=english', 'w')\">\
             <script>var u = \"?varUserLanguage=english\";</script>",
        );
        assert_eq!(
            page,
            "<a href=\"/HPPC/hppcwis.dll?varUserRequest=REQ_WEBCHAT_MAIN&amp;varUserLanguage=deutsch&amp;x=1\">\
             <a href='?varuserlanguage=deutsch'><input type=hidden name=varUserLanguage value=deutsch>\
             <input type=button onclick=\"window.open('?a=b&varUserLanguage=deutsch', 'w')\">\
             <script>var u = \"?varUserLanguage=deutsch\";</script>"
        );
        assert_eq!(found.languages, 5);
    }

    #[test]
    fn another_language_or_parameter_stays() {
        let page = "<a href='?varUserLanguage=englishuk&myvarUserLanguage=english&varUserLanguage=french'>english</a>";
        assert_eq!(on_main_page(page), (page.to_owned(), Found::default()));
    }

    #[test]
    fn a_reference_into_the_source_folder_leads_into_the_new_one_if_the_file_is_there() {
        let renaming = renaming();
        let html = ["html".to_owned()];
        let english = ["html".to_owned(), "english".to_owned()];
        let moved = |written: &str, folder: &[String]| renaming.reference(written, folder);
        let to = |written: &str| Some(written.to_owned());
        assert_eq!(
            moved("english/CaptureWCData.htm?x=english#y", &html),
            to("deutsch/CaptureWCData.htm?x=english#y")
        );
        assert_eq!(
            moved("../English/img/a%20b.gif", &english),
            to("../deutsch/img/a%20b.gif")
        );
        assert_eq!(
            moved("..\\english\\CaptureWCData.htm", &english),
            to("..\\deutsch\\CaptureWCData.htm")
        );
        assert_eq!(
            moved("/HPPC/html/english/CaptureWCData.htm", &english),
            to("/HPPC/html/deutsch/CaptureWCData.htm")
        );
        assert_eq!(
            moved("http://h/html/english/", &english),
            to("http://h/html/deutsch/")
        );
        assert_eq!(moved("../WCMain.htm", &english), to("../WCDeutsch.htm"));
        assert_eq!(
            moved("/HPPC/html/WCMain.htm?a=1", &english),
            to("/HPPC/html/WCDeutsch.htm?a=1")
        );
        // The same folder, files that are not there, other folders, other schemes.
        assert_eq!(moved("CaptureWCData.htm", &english), None);
        assert_eq!(moved("../english/missing.htm", &english), None);
        assert_eq!(moved("../images/english/CaptureWCData.htm", &html), None);
        assert_eq!(moved("javascript:go('html/english/')", &html), None);
        assert_eq!(moved("mailto:english/", &html), None);
        assert_eq!(moved("", &html), None);
        assert_eq!(moved("?a", &english), None);
    }

    #[test]
    fn a_page_that_forwards_forwards_into_the_new_folder() {
        let (page, found) =
            on_main_page("<meta http-equiv=refresh content=\"0; URL=english/CaptureWCData.htm\">");
        assert_eq!(
            page,
            "<meta http-equiv=refresh content=\"0; URL=deutsch/CaptureWCData.htm\">"
        );
        assert_eq!(found.references, 1);
    }
}
