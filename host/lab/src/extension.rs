//! What the contact center's extension of the web server (`hppcwis.dll`) answers. Pure but for looking which pages are there.
//!
//! Only the request of the main page, `REQ_WEBCHAT_MAIN`, is known from the guide (section 4.4.1, step 5); the others are the
//! lab's own, as its pages use them. The real extension answers with the page itself; the lab redirects to it, so that the
//! page's references lead where they do when it is opened directly.

use crate::callback::{self, Callback, field};
use jiff::Timestamp;
use std::path::Path;

/// The name of the extension in the web components' folder.
pub const NAME: &str = "hppcwis.dll";

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This page, by its path below the web components' folder.
    Page(String),
    /// An error, by its code in the guide's table.
    Error(u32),
}

/// Answers a request with its fields, from the query or the form.
pub fn answer(
    root: &Path,
    fields: &[(String, String)],
    callbacks: &mut Vec<Callback>,
    now: Timestamp,
) -> Answer {
    decide(root, fields, callbacks, now).map_or_else(Answer::Error, Answer::Page)
}

fn decide(
    root: &Path,
    fields: &[(String, String)],
    callbacks: &mut Vec<Callback>,
    now: Timestamp,
) -> Result<String, u32> {
    let request = field(fields, "varUserRequest").ok_or(1010_u32)?;
    let language = field(fields, "varUserLanguage").ok_or(1010_u32)?;
    if language.starts_with('.') || language.contains(['/', '\\', '\0']) {
        return Err(1011);
    }
    let page = match request {
        "REQ_WEBCHAT_MAIN" => "CaptureWCData.htm",
        "REQ_WEBCHAT_START" => {
            session(fields)?;
            "WCSession.htm"
        }
        "REQ_CALLBACK_MAIN" => "WebCallback.htm",
        "REQ_CALLME" => {
            field(fields, "varPhone").ok_or(1010_u32)?;
            "WebCallbackDone.htm"
        }
        "REQ_CALLBACK_CREATE" => {
            callback::register(fields, callbacks, now)?;
            "WebCallbackDone.htm"
        }
        _ => return Err(1011),
    };
    let path = format!("html/{language}/{page}");
    if root.join(&path).is_file() {
        Ok(path)
    } else {
        Err(1006)
    }
}

/// The rules for the parameters of `CaptureWCData.htm` (guide, section 4.4.2, table 1).
fn session(fields: &[(String, String)]) -> Result<(), u32> {
    let given = |name: &str| fields.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    // A question may be left empty; the business unit may be missing where there is only one tenant.
    if !["varDestination", "varCaption"].iter().all(|name| given(name)) {
        return Err(1010);
    }
    for name in ["varHPPCLanguage", "varCustomerName"] {
        field(fields, name).ok_or(1010_u32)?;
    }
    let priority = field(fields, "varSessionPriority").ok_or(1010_u32)?;
    let source = field(fields, "varSource").ok_or(1010_u32)?;
    let forbidden = |c: char| !(' '..='~').contains(&c) || "`*,\"!%|_".contains(c);
    if !priority
        .parse()
        .is_ok_and(|priority: u8| (1..=100).contains(&priority))
        || source.contains(forbidden)
    {
        return Err(1011);
    }
    Ok(())
}

/// What a code means, as the guide has it (section 4.6).
pub fn meaning(code: u32) -> &'static str {
    match code {
        1006 => "The web page is not accessible.",
        1010 => "A mandatory parameter is wrong.",
        1011 => "A parameter is wrong.",
        17006 => "A duplicate callback was found in the database.",
        17027 => "The callback queue does not exist.",
        17028 => "A callback schedule is invalid.",
        17030 => "The customer name is too long. The maximum length is 75 characters.",
        17031 => "A telephone number is one of the excluded numbers.",
        17032 => "The callback description is too long. The maximum length is 100 characters.",
        17033 => "The contact data is too long. The maximum length is 1000 characters.",
        17035 => "The priority is invalid. It must be 1 to 100.",
        17040 => "A callback schedule has expired.",
        17047 => "The start or end of a callback schedule is invalid. It cannot be more than 180 days ahead.",
        _ => "A general error occurred.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(fields: &[(&str, &str)]) -> Answer {
        let dir = tempfile::tempdir().unwrap();
        crate::Lab::create(dir.path(), Path::new("lab-serve"), &[]).unwrap();
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        answer(
            &dir.path().join("web"),
            &fields,
            &mut Vec::new(),
            "2026-11-22T10:00:00Z".parse().unwrap(),
        )
    }

    #[test]
    fn the_main_page_leads_to_the_capture_page_of_its_language() {
        let main = |language| {
            asked(&[
                ("varUserRequest", "REQ_WEBCHAT_MAIN"),
                ("varUserLanguage", language),
            ])
        };
        assert_eq!(
            main("english"),
            Answer::Page("html/english/CaptureWCData.htm".to_owned())
        );
        assert_eq!(main("deutsch"), Answer::Error(1006));
        assert_eq!(main("../html/english"), Answer::Error(1011));
        assert_eq!(main("."), Answer::Error(1011));
        assert_eq!(main(""), Answer::Error(1010));
        assert_eq!(asked(&[("varUserLanguage", "english")]), Answer::Error(1010));
        assert_eq!(
            asked(&[("varUserRequest", "REQ_NONE"), ("varUserLanguage", "english")]),
            Answer::Error(1011)
        );
    }

    #[test]
    fn a_session_starts_if_the_parameters_keep_their_rules() {
        let started = |name: &str, value: Option<&str>| {
            let mut fields = vec![
                ("VarUserRequest", "REQ_WEBCHAT_START"),
                ("varUserLanguage", "english"),
                ("varHPPCLanguage", "English"),
                ("varSessionPriority", "50"),
                ("varSource", "Web page"),
                ("varDestination", "Support"),
                ("varCustomerName", "Ana"),
                ("varCaption", ""),
            ];
            fields.retain(|(given, _)| *given != name);
            fields.extend(value.map(|value| (name, value)));
            asked(&fields)
        };
        assert_eq!(
            started("Key1", Some("4711")),
            Answer::Page("html/english/WCSession.htm".to_owned())
        );
        assert_eq!(started("varSessionPriority", Some("101")), Answer::Error(1011));
        assert_eq!(started("varSource", Some("Web_page")), Answer::Error(1011));
        assert_eq!(started("varSource", Some("Café")), Answer::Error(1011));
        assert_eq!(started("varCaption", None), Answer::Error(1010));
        assert_eq!(started("varCustomerName", Some("")), Answer::Error(1010));
    }
}
