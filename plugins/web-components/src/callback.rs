//! Web callbacks: the error codes with their remedies, and a request checked by the same limits before it is sent
//! (guide, section 4.6).

use crate::rules::PRIORITY;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The codes that the guide lists.
pub const CODES: [u32; 23] = [
    1000, 1002, 1003, 1006, 1007, 1008, 1010, 1011, 1012, 1013, 17006, 17021, 17025, 17027, 17028, 17029,
    17030, 17031, 17032, 17033, 17035, 17040, 17047,
];

/// A code in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The code.
    pub code: u32,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub remedy: String,
}

/// The meanings and remedies in English, Spanish and German, one message a line in the Fluent format.
pub const EXPLANATIONS: [(&str, &str); 3] = [
    ("en", include_str!("../messages/codes.en.ftl")),
    ("es", include_str!("../messages/codes.es.ftl")),
    ("de", include_str!("../messages/codes.de.ftl")),
];

/// Explains a code in a language, or in English where the language is another one; none for an unknown code.
pub fn explain(code: u32, language: &str) -> Option<Explanation> {
    let source = EXPLANATIONS
        .iter()
        .find(|(tag, _)| *tag == language)
        .unwrap_or(&EXPLANATIONS[0])
        .1;
    let find = |kind: &str| {
        let id = format!("{kind}-{code}");
        let mut messages = source.lines().filter_map(|line| line.split_once(" = "));
        messages
            .find(|(name, _)| *name == id)
            .map(|(_, text)| text.to_owned())
    };
    Some(Explanation {
        code,
        meaning: find("code")?,
        remedy: find("remedy")?,
    })
}

/// A callback as a page would request it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The customer's name.
    pub customer_name: Option<String>,
    /// What the callback is about.
    pub description: Option<String>,
    /// The additional fields by name; the Callback Server counts the characters of their names and values.
    pub contact_data: BTreeMap<String, String>,
    /// The priority, 1 to 100.
    pub priority: Option<i64>,
    /// The number to call.
    pub phone: Option<String>,
    /// From when on to call, as RFC 3339 (2026-11-22T10:00:00+01:00).
    pub start: Option<String>,
    /// Until when to call, as RFC 3339.
    pub end: Option<String>,
}

/// A way in which a request would be refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Violation {
    /// The field.
    pub field: &'static str,
    /// The error code that the request would get.
    pub code: u32,
    /// The rule.
    pub rule: Rule,
    /// The value, or what of it breaks the rule.
    pub value: String,
}

/// A rule of a callback request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// It must be there.
    Mandatory,
    /// At most so many characters; the value tells how many there are.
    Length(usize),
    /// A whole number from 1 to 100.
    Priority,
    /// 3 to 20 digits, perhaps with a leading plus sign, spaces and the characters `-./()`.
    Phone,
    /// Not one of the excluded numbers.
    Excluded,
    /// A date with time and offset.
    Moment,
    /// The start is before the end.
    Order,
    /// The end is still to come.
    Expired,
    /// At most so many days ahead.
    Ahead(i64),
}

/// The most characters of a customer's name (17030).
pub const NAME_LIMIT: usize = 75;
/// The most characters of a description (17032).
pub const DESCRIPTION_LIMIT: usize = 100;
/// The most characters of the contact data (17033).
pub const CONTACT_DATA_LIMIT: usize = 1000;
/// How many days ahead a callback may be scheduled (17047).
pub const DAYS_AHEAD: i64 = 180;

/// The fields that can be made mandatory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The customer's name.
    CustomerName,
    /// What the callback is about.
    Description,
    /// The priority.
    Priority,
    /// The number to call.
    Phone,
    /// From when on to call.
    Start,
    /// Until when to call.
    End,
}

impl Field {
    /// The member of the request.
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerName => "customer-name",
            Self::Description => "description",
            Self::Priority => "priority",
            Self::Phone => "phone",
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

/// All ways in which a request would be refused, in the order of its fields. `excluded` numbers may end in `*`, which
/// stands for any digits.
pub fn check(request: &Request, mandatory: &[Field], excluded: &[String], now: Timestamp) -> Vec<Violation> {
    let mut found = Vec::new();
    for field in mandatory {
        if !is_given(request, *field) {
            found.push(Violation {
                field: field.name(),
                code: 1010,
                rule: Rule::Mandatory,
                value: String::new(),
            });
        }
    }
    let mut limit = |field, code, length: usize, limit| {
        if length > limit {
            found.push(Violation {
                field,
                code,
                rule: Rule::Length(limit),
                value: length.to_string(),
            });
        }
    };
    let length = |text: &Option<String>| text.as_deref().map_or(0, |text| text.chars().count());
    limit("customer-name", 17030, length(&request.customer_name), NAME_LIMIT);
    limit(
        "description",
        17032,
        length(&request.description),
        DESCRIPTION_LIMIT,
    );
    let data = request
        .contact_data
        .iter()
        .map(|(name, value)| name.chars().count() + value.chars().count())
        .sum();
    limit("contact-data", 17033, data, CONTACT_DATA_LIMIT);
    if let Some(priority) = request
        .priority
        .filter(|priority| !(PRIORITY.0..=PRIORITY.1).contains(priority))
    {
        found.push(Violation {
            field: "priority",
            code: 17035,
            rule: Rule::Priority,
            value: priority.to_string(),
        });
    }
    if let Some(phone) = request.phone.as_deref().filter(|phone| !phone.is_empty()) {
        match digits(phone) {
            None => found.push(Violation {
                field: "phone",
                code: 1011,
                rule: Rule::Phone,
                value: phone.to_owned(),
            }),
            Some(number) if excluded.iter().any(|pattern| is_excluded(&number, pattern)) => {
                found.push(Violation {
                    field: "phone",
                    code: 17031,
                    rule: Rule::Excluded,
                    value: phone.to_owned(),
                });
            }
            Some(_) => {}
        }
    }
    found.extend(schedule(request, now));
    found
}

fn is_given(request: &Request, field: Field) -> bool {
    let text = match field {
        Field::CustomerName => &request.customer_name,
        Field::Description => &request.description,
        Field::Phone => &request.phone,
        Field::Start => &request.start,
        Field::End => &request.end,
        Field::Priority => return request.priority.is_some(),
    };
    text.as_deref().is_some_and(|text| !text.trim().is_empty())
}

/// The digits of a telephone number, international ones without their prefix.
fn digits(phone: &str) -> Option<String> {
    let phone = phone.trim();
    let (international, rest) = match phone.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, phone),
    };
    if rest
        .chars()
        .any(|c| !(c.is_ascii_digit() || " -./()".contains(c)))
    {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    if !(3..=20).contains(&digits.len()) {
        return None;
    }
    match digits.strip_prefix("00").filter(|_| !international) {
        Some(rest) => Some(rest.to_owned()),
        None => Some(digits),
    }
}

fn is_excluded(number: &str, pattern: &str) -> bool {
    let (pattern, prefix) = match pattern.trim().strip_suffix('*') {
        Some(prefix) => (prefix, true),
        None => (pattern.trim(), false),
    };
    let plus = pattern.starts_with('+');
    let wanted: String = pattern.chars().filter(char::is_ascii_digit).collect();
    let wanted = wanted.strip_prefix("00").filter(|_| !plus).unwrap_or(&wanted);
    !wanted.is_empty()
        && if prefix {
            number.starts_with(wanted)
        } else {
            number == wanted
        }
}

fn schedule(request: &Request, now: Timestamp) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut moment = |field: &'static str, text: &Option<String>| {
        let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
        let moment = text.parse::<Timestamp>().ok();
        if moment.is_none() {
            found.push(Violation {
                field,
                code: 17047,
                rule: Rule::Moment,
                value: text.to_owned(),
            });
        }
        Some((field, text.to_owned(), moment?))
    };
    let (start, end) = (moment("start", &request.start), moment("end", &request.end));
    if let (Some((_, from, start)), Some((_, to, end))) = (&start, &end)
        && start >= end
    {
        let value = format!("{from} – {to}");
        found.push(Violation {
            field: "start",
            code: 17028,
            rule: Rule::Order,
            value,
        });
    }
    // A schedule lasts until its end; one without end, just its start.
    if let Some((field, text, moment)) = end.as_ref().or(start.as_ref())
        && *moment <= now
    {
        found.push(Violation {
            field,
            code: 17040,
            rule: Rule::Expired,
            value: text.clone(),
        });
    }
    let latest = now
        .checked_add(SignedDuration::from_hours(24 * DAYS_AHEAD))
        .unwrap_or(Timestamp::MAX);
    for (field, text, moment) in [start, end].into_iter().flatten() {
        if moment > latest {
            found.push(Violation {
                field,
                code: 17047,
                rule: Rule::Ahead(DAYS_AHEAD),
                value: text,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        "2026-11-22T10:00:00Z".parse().expect("a moment")
    }

    fn codes(request: &Request) -> Vec<(&'static str, u32)> {
        check(request, &[], &[], now())
            .into_iter()
            .map(|v| (v.field, v.code))
            .collect()
    }

    #[test]
    fn every_code_is_explained_in_three_languages_and_no_other() {
        for (language, source) in EXPLANATIONS {
            let told: Vec<_> = CODES.iter().filter_map(|code| explain(*code, language)).collect();
            assert_eq!(told.len(), CODES.len(), "{language}");
            assert!(told.iter().all(|t| !t.meaning.contains("{ ")
                && t.meaning.ends_with(['.', ')'])
                && t.remedy.ends_with('.')));
            assert_eq!(
                source.lines().filter(|line| !line.starts_with('#')).count(),
                2 * CODES.len()
            );
        }
        assert_eq!(explain(1001, "en"), None);
        assert_eq!(
            explain(1008, "de").map(|e| e.meaning),
            Some("JavaScript ist nicht aktiviert.".to_owned())
        );
        assert_eq!(explain(1008, "fr"), explain(1008, "en"));
    }

    #[test]
    fn a_request_within_the_limits_has_no_violation() {
        let request = Request {
            customer_name: Some("ñ".repeat(75)),
            description: Some("😀".repeat(100)),
            contact_data: [("k".repeat(100), "v".repeat(900))].into(),
            priority: Some(100),
            phone: Some("+49 (89) 1234-567".to_owned()),
            start: Some("2026-11-22T10:00:00.001Z".to_owned()),
            end: Some("2027-05-21T10:00:00Z".to_owned()),
        };
        let all = [
            Field::CustomerName,
            Field::Description,
            Field::Priority,
            Field::Phone,
            Field::Start,
            Field::End,
        ];
        assert_eq!(check(&request, &all, &["0900*".to_owned()], now()), []);
    }

    #[test]
    fn all_violations_are_told_at_once_each_with_its_code() {
        let request = Request {
            customer_name: Some("x".repeat(76)),
            description: Some("x".repeat(101)),
            contact_data: [("k".to_owned(), "v".repeat(1000))].into(),
            priority: Some(0),
            phone: Some("call me".to_owned()),
            start: Some("2027-05-21T10:00:01Z".to_owned()),
            end: Some("2026-11-22T11:00:00+01:00".to_owned()),
        };
        assert_eq!(
            codes(&request),
            [
                ("customer-name", 17030),
                ("description", 17032),
                ("contact-data", 17033),
                ("priority", 17035),
                ("phone", 1011),
                ("start", 17028),
                ("end", 17040),
                ("start", 17047),
            ]
        );
    }

    #[test]
    fn a_missing_or_empty_field_is_told_where_it_is_mandatory() {
        let request = Request {
            customer_name: Some("  ".to_owned()),
            ..Request::default()
        };
        let found = check(&request, &[Field::CustomerName, Field::Phone], &[], now());
        let told: Vec<_> = found.iter().map(|v| (v.field, v.code, v.rule)).collect();
        assert_eq!(
            told,
            [
                ("customer-name", 1010, Rule::Mandatory),
                ("phone", 1010, Rule::Mandatory)
            ]
        );
        assert_eq!(codes(&request), []);
    }

    #[test]
    fn an_excluded_number_is_recognised_however_it_is_written() {
        let excluded = ["+49 89 1234".to_owned(), "0900*".to_owned()];
        let is = |phone: &str| {
            let request = Request {
                phone: Some(phone.to_owned()),
                ..Request::default()
            };
            check(&request, &[], &excluded, now())
                .iter()
                .any(|v| v.code == 17031)
        };
        assert!(is("0049-89/1234") && is("+49891234") && is("0900 1 234"));
        assert!(!is("0049-89/12345") && !is("0800 1 234"));
    }

    #[test]
    fn a_moment_needs_an_offset() {
        let request = Request {
            start: Some("2026-12-01 10:00".to_owned()),
            ..Request::default()
        };
        assert_eq!(codes(&request), [("start", 17047)]);
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(text in "\\PC{0,30}", number in any::<i64>()) {
            let request = Request {
                customer_name: Some(text.clone()), phone: Some(text.clone()), start: Some(text.clone()), priority: Some(number),
                ..Request::default()
            };
            check(&request, &[], std::slice::from_ref(&text), now());
        }
    }
}
