//! The fields of `CaptureWCData.htm`: reading them, setting their values, adding more (guide, section 4.4.2).

use crate::declare;
use crate::rules::Setting;
use crate::scan::{Kind, Piece, ScanError, Tag, scan};
use crate::splice::{Edits, in_attribute, in_text, line_end};
use serde::Serialize;
use std::ops::Range;

/// The field that says what is requested. It may be neither changed nor removed.
pub const REQUEST: &str = "varUserRequest";

/// A value to set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The field's name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Whether people may edit it on the page; matters only for a field that is new.
    pub shown: bool,
}

/// A field whose value was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The field's name.
    pub name: String,
    /// The value it had; none for a new field.
    pub old: Option<String>,
    /// The value it has now.
    pub new: String,
}

/// A page with its new values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customized {
    /// The text of the page.
    pub text: String,
    /// The fields whose values differ from before, in the order asked for.
    pub changes: Vec<Change>,
    /// Whether the page must be UTF-8 from now on.
    pub utf8: bool,
    /// The parameters of the guide that the page does not have.
    pub missing: Vec<&'static str>,
}

/// Why a page cannot be given its values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The page cannot be parsed.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The field belongs to the system.
    #[error("“{0}” is protected")]
    Protected(String),
    /// There is no form to put a new field into.
    #[error("no form for “{0}”")]
    NoForm(String),
    /// The field offers a choice, and the value is not among it.
    #[error("“{name}” offers {choices:?}")]
    NotOffered {
        /// The field.
        name: String,
        /// The values it offers.
        choices: Vec<String>,
    },
    /// The field is of a kind that has no one value.
    #[error("“{name}” is a {kind}")]
    Unsupported {
        /// The field.
        name: String,
        /// The kind.
        kind: String,
    },
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FieldKind {
    /// It has its value in an attribute.
    Value,
    /// It has its value as text.
    TextArea,
    /// It offers a choice.
    Select,
    /// It is a button.
    Button,
    /// It is something else.
    Other,
}

fn field_kind(tag: &Tag) -> Option<FieldKind> {
    Some(match tag.name.as_str() {
        "textarea" => FieldKind::TextArea,
        "select" => FieldKind::Select,
        "button" => FieldKind::Button,
        "input" => {
            let kind = tag.text("type").unwrap_or_default().trim().to_ascii_lowercase();
            match kind.as_str() {
                "submit" | "button" | "reset" | "image" => FieldKind::Button,
                "checkbox" | "radio" | "file" => FieldKind::Other,
                _ => FieldKind::Value,
            }
        }
        _ => return None,
    })
}

/// Whether the tag is the field of a name, which stands in `name` or, failing that, in `id`.
fn is_named(tag: &Tag, name: &str) -> bool {
    match tag.text("name") {
        Some(text) if !text.trim().is_empty() => text.trim().eq_ignore_ascii_case(name),
        _ => tag.is("id", name),
    }
}

/// The places of a name's fields among a page's pieces. Where one is spelled just so, those spelled otherwise are not
/// meant.
fn places(pieces: &[Piece], name: &str) -> Vec<usize> {
    let all = |fits: &dyn Fn(&Tag) -> bool| -> Vec<usize> {
        let field = |piece: &Piece| {
            piece
                .tag()
                .is_some_and(|tag| field_kind(tag).is_some() && fits(tag))
        };
        (0..pieces.len()).filter(|at| field(&pieces[*at])).collect()
    };
    let exact = all(&|tag| tag.text("name").is_some_and(|text| text == name));
    if exact.is_empty() {
        all(&|tag| is_named(tag, name))
    } else {
        exact
    }
}

/// Whether the page has a field of a name.
fn has(pieces: &[Piece], name: &str) -> bool {
    !places(pieces, name).is_empty()
}

/// Gives the fields of a page their values; those it lacks are added to the form of the request.
pub fn customize(page: &str, assignments: &[Assignment]) -> Result<Customized, CaptureError> {
    let pieces = scan(page)?;
    let mut edits = Edits::default();
    let mut changes = Vec::new();
    let mut added = String::new();
    let form = form_end(&pieces);
    let indent = form.map(|at| indentation(page, at)).unwrap_or_default();
    for assignment in assignments {
        let Assignment { name, value, shown } = assignment;
        if name.eq_ignore_ascii_case(REQUEST) {
            return Err(CaptureError::Protected(name.clone()));
        }
        let places = places(&pieces, name);
        let mut old = None;
        for at in &places {
            let before = set(page, &pieces, *at, assignment, &mut edits)?;
            // Where a field stands there twice, the one that differs is the one that is told.
            old = old.filter(|old| old != value).or(Some(before));
        }
        if places.is_empty() {
            form.ok_or_else(|| CaptureError::NoForm(name.clone()))?;
            let (kind, line) = (if *shown { "text" } else { "hidden" }, line_end(page));
            let (name, value) = (in_attribute(name, '"'), in_attribute(value, '"'));
            added.push_str(&format!(
                "<input type=\"{kind}\" name=\"{name}\" value=\"{value}\">{line}{indent}"
            ));
        }
        if old.as_ref() != Some(value) {
            changes.push(Change {
                name: name.clone(),
                old,
                new: value.clone(),
            });
        }
    }
    if let Some(at) = form.filter(|_| !added.is_empty()) {
        edits.insert(at, added);
    }
    let utf8 = changes
        .iter()
        .any(|change| !change.new.is_ascii() || !change.name.is_ascii());
    let mut text = edits.apply(page);
    if utf8 {
        let mut edits = Edits::default();
        declare::utf8(&text, &scan(&text)?, &mut edits);
        text = edits.apply(&text);
    }
    let missing = Setting::ALL
        .into_iter()
        .map(Setting::name)
        .filter(|name| !has(&pieces, name))
        .collect();
    Ok(Customized {
        text,
        changes,
        utf8,
        missing,
    })
}

/// Sets one field; tells the value it had.
fn set(
    page: &str,
    pieces: &[Piece],
    at: usize,
    to: &Assignment,
    edits: &mut Edits,
) -> Result<String, CaptureError> {
    let Some(tag) = pieces[at].tag() else {
        return Ok(String::new());
    };
    let Assignment { name, value, .. } = to;
    match field_kind(tag) {
        Some(FieldKind::Value) => {
            let old = tag.text("value").unwrap_or_default().into_owned();
            if old != *value {
                edits.set_attribute(page, pieces[at].range.start, tag, "value", value);
            }
            Ok(old)
        }
        Some(FieldKind::TextArea) => {
            let content = content(page, pieces, at);
            let old = htmlize::unescape(page.get(content.clone()).unwrap_or_default()).into_owned();
            if old != *value {
                edits.replace(content, in_text(value));
            }
            Ok(old)
        }
        Some(FieldKind::Select) => choose(page, pieces, at, name, value, edits),
        Some(FieldKind::Button) => Err(CaptureError::Protected(name.clone())),
        _ => Err(CaptureError::Unsupported {
            name: name.clone(),
            kind: tag.text("type").unwrap_or_default().into_owned(),
        }),
    }
}

/// What stands between a start tag and the end tag that follows.
fn content(page: &str, pieces: &[Piece], at: usize) -> Range<usize> {
    let name = pieces[at].tag().map_or("", |tag| tag.name.as_str());
    let ends = |piece: &Piece| matches!(&piece.kind, Kind::Close { name: closed } if closed == name);
    let end = pieces[at..]
        .iter()
        .find(|piece| ends(piece))
        .map_or(page.len(), |piece| piece.range.start);
    pieces[at].range.end..end
}

/// Selects the option of a value; tells the value selected before.
fn choose(
    page: &str,
    pieces: &[Piece],
    at: usize,
    name: &str,
    value: &str,
    edits: &mut Edits,
) -> Result<String, CaptureError> {
    let within = content(page, pieces, at);
    let mut options = Vec::new();
    for (index, piece) in pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| within.contains(&piece.range.start))
    {
        let Some(tag) = piece.tag().filter(|tag| tag.name == "option") else {
            continue;
        };
        let text = match (tag.text("value"), pieces.get(index + 1)) {
            (Some(value), _) => value.into_owned(),
            (
                None,
                Some(Piece {
                    range,
                    kind: Kind::Text { .. },
                }),
            ) => crate::catalogue::normalise(&htmlize::unescape(page.get(range.clone()).unwrap_or_default())),
            (None, _) => String::new(),
        };
        options.push((piece.range.start, tag, text));
    }
    if !options.iter().any(|(_, _, text)| text == value) {
        let choices = options.into_iter().map(|(_, _, text)| text).collect();
        return Err(CaptureError::NotOffered {
            name: name.to_owned(),
            choices,
        });
    }
    let selected = options
        .iter()
        .find(|(_, tag, _)| tag.attribute("selected").is_some())
        .or_else(|| options.first());
    let old = selected.map(|(_, _, text)| text.clone()).unwrap_or_default();
    if old != value {
        for (start, tag, text) in &options {
            match tag.attribute("selected") {
                None if text == value => edits.set_attribute(page, *start, tag, "selected", "selected"),
                Some(attribute) if text != value => {
                    let end = match &attribute.value {
                        None => attribute.name_range.end,
                        Some(value) => {
                            let quoted = page
                                .get(value.end..)
                                .is_some_and(|rest| rest.starts_with(['"', '\'']));
                            value.end + usize::from(quoted)
                        }
                    };
                    let before = page
                        .get(..attribute.name_range.start)
                        .unwrap_or_default()
                        .trim_end()
                        .len();
                    edits.replace(before..end, "");
                }
                _ => {}
            }
        }
    }
    Ok(old)
}

/// Where the form ends that holds the request; failing that, the first form.
fn form_end(pieces: &[Piece]) -> Option<usize> {
    let is_end = |piece: &&Piece| matches!(&piece.kind, Kind::Close { name } if name == "form");
    let request = pieces
        .iter()
        .position(|piece| piece.tag().is_some_and(|tag| is_named(tag, REQUEST)));
    let after_request = request.and_then(|at| pieces[at..].iter().find(is_end));
    after_request
        .or_else(|| pieces.iter().find(is_end))
        .map(|piece| piece.range.start)
}

/// The white space before a place on its line, if nothing else stands there.
fn indentation(page: &str, at: usize) -> &str {
    let before = page.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    if line.trim().is_empty() { line } else { "" }
}

/// The tags that may be neither changed nor removed, as they are written: the request and the buttons.
pub fn protected(page: &str) -> Result<Vec<String>, ScanError> {
    let is_protected = |tag: &Tag| is_named(tag, REQUEST) || field_kind(tag) == Some(FieldKind::Button);
    let pieces = scan(page)?;
    let protected = pieces
        .iter()
        .filter(|piece| piece.tag().is_some_and(is_protected));
    Ok(protected
        .filter_map(|piece| page.get(piece.range.clone()))
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = "<html><head><meta charset=\"iso-8859-1\"></head><body>\r\n\
        <form name=search><input name=q></form>\r\n<form method=post action=\"/HPPC/hppcwis.dll\">\r\n\
        \t<input type=\"hidden\" name=\"VarUserRequest\" value=\"REQ_WEBCHAT_START\">\r\n\
        \t<INPUT TYPE=hidden NAME=varUserLanguage VALUE=english>\r\n\t<input type=hidden id='varHPPCLanguage' value='English'>\r\n\
        \t<input type=hidden name=varSessionPriority value=50>\r\n\t<input name=varCustomerName>\r\n\
        \t<input type=hidden name=varSource value=''>\r\n\
        \t<select name=varDestination><option selected>Sales<option value=Support>Help</select>\r\n\
        \t<textarea name=varCaption>Your question</textarea>\r\n\
        \t<input type=submit name=Start value=\"Need Live Help?\">\r\n\t</form></body></html>\r\n";

    fn assign(pairs: &[(&str, &str)]) -> Vec<Assignment> {
        pairs
            .iter()
            .map(|(name, value)| Assignment {
                name: (*name).into(),
                value: (*value).into(),
                shown: false,
            })
            .collect()
    }

    #[test]
    fn values_are_set_in_every_kind_of_field_and_all_else_stays() {
        let out = customize(
            PAGE,
            &assign(&[
                ("varUserLanguage", "deutsch"),
                ("varHPPCLanguage", "O'Neill"),
                ("varSessionPriority", "50"),
                ("varCustomerName", "Bob & \"Co\""),
                ("varDestination", "Support"),
                ("varCaption", "How <much>?"),
            ]),
        )
        .expect("valid");
        let expected = PAGE
            .replace("VALUE=english", "VALUE=\"deutsch\"")
            .replace("value='English'", "value='O&#39;Neill'")
            .replace(
                "<input name=varCustomerName>",
                "<input value=\"Bob &amp; &quot;Co&quot;\" name=varCustomerName>",
            )
            .replace(
                "<option selected>Sales<option value",
                "<option>Sales<option selected=\"selected\" value",
            )
            .replace("Your question", "How &lt;much&gt;?");
        assert_eq!(out.text, expected);
        assert!(!out.utf8);
        assert_eq!(out.missing, ["varBusinessUnitName"]);
        let told: Vec<_> = out
            .changes
            .iter()
            .map(|c| (c.name.as_str(), c.old.as_deref(), c.new.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("varUserLanguage", Some("english"), "deutsch"),
                ("varHPPCLanguage", Some("English"), "O'Neill"),
                ("varCustomerName", Some(""), "Bob & \"Co\""),
                ("varDestination", Some("Sales"), "Support"),
                ("varCaption", Some("Your question"), "How <much>?"),
            ]
        );
    }

    #[test]
    fn a_value_with_an_umlaut_makes_the_page_utf_8() {
        let out = customize(PAGE, &assign(&[("varCustomerName", "Müller")])).expect("valid");
        assert!(out.utf8);
        assert!(out.text.contains("<meta charset=\"utf-8\">"));
    }

    #[test]
    fn new_keys_go_into_the_form_of_the_request() {
        let mut new = assign(&[("Key1", "a"), ("Key2", "b")]);
        new[1].shown = true;
        let out = customize(PAGE, &new).expect("valid");
        let expected = PAGE.replace(
            "\t</form></body>",
            "\t<input type=\"hidden\" name=\"Key1\" value=\"a\">\r\n\t<input type=\"text\" name=\"Key2\" value=\"b\">\r\n\t</form></body>",
        );
        assert_eq!(out.text, expected);
        assert_eq!(out.changes[0].old, None);
        let again = customize(&out.text, &new).expect("valid");
        assert_eq!((again.text, again.changes), (out.text, vec![]));
    }

    #[test]
    fn the_request_and_the_buttons_are_protected() {
        let refused = |name: &str| customize(PAGE, &assign(&[(name, "x")])).expect_err("protected");
        assert_eq!(
            refused("varuserrequest"),
            CaptureError::Protected("varuserrequest".to_owned())
        );
        assert_eq!(refused("Start"), CaptureError::Protected("Start".to_owned()));
        assert_eq!(protected(PAGE).expect("readable").len(), 2);
    }

    #[test]
    fn a_choice_that_is_not_offered_names_those_that_are() {
        let refused = customize(PAGE, &assign(&[("varDestination", "Moon")])).expect_err("not offered");
        let choices = vec!["Sales".to_owned(), "Support".to_owned()];
        assert_eq!(
            refused,
            CaptureError::NotOffered {
                name: "varDestination".to_owned(),
                choices
            }
        );
    }

    #[test]
    fn a_page_without_form_cannot_get_a_key() {
        let refused = customize("<p>", &assign(&[("Key1", "x")])).expect_err("no form");
        assert_eq!(refused, CaptureError::NoForm("Key1".to_owned()));
        let kind = "checkbox".to_owned();
        let refused =
            customize("<input type=checkbox name=Key1>", &assign(&[("Key1", "x")])).expect_err("no value");
        assert_eq!(
            refused,
            CaptureError::Unsupported {
                name: "Key1".to_owned(),
                kind
            }
        );
    }

    proptest! {
        #[test]
        fn whatever_the_values_are_the_protected_tags_stay_and_the_values_are_read_back(
            name in "[^\\p{Cc}\u{a0}]{0,30}", caption in "[^\\p{Cc}\u{a0}]{0,30}", key in "[^\\p{Cc}\u{a0}]{0,30}",
        ) {
            let wanted = assign(&[("varCustomerName", &name), ("varCaption", &caption), ("Key1", &key)]);
            let out = customize(PAGE, &wanted).expect("valid");
            prop_assert_eq!(protected(&out.text).expect("readable"), protected(PAGE).expect("readable"));
            let again = customize(&out.text, &wanted).expect("valid");
            prop_assert_eq!(again.changes, vec![]);
            prop_assert_eq!(again.text, out.text);
        }
    }
}
