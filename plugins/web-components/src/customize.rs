//! `web/customize-capture-page`: the parameters of `CaptureWCData.htm` (guide, section 4.4.2).

use crate::capture::{self, Assignment, CaptureError, Change, REQUEST};
use crate::rules::{self, Setting};
use crate::schema::without_null;
use crate::told::{broken, failure, listed, shown};
use procedo_sdk::files::WriteOptions;
use procedo_sdk::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

/// Which page gets which values.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(transform = without_null)]
pub struct Params {
    /// The root that holds the web components.
    #[serde(default = "web")]
    pub root: String,
    /// The folder of the pages, below the root.
    #[serde(default = "html")]
    pub html: String,
    /// The folder of the language whose page is customised, such as `deutsch`.
    pub language: String,
    /// The page, in the language's folder.
    #[serde(default = "page")]
    pub page: String,
    /// The parameters to set, by name: varUserLanguage, varHPPCLanguage, varSessionPriority, varCustomerName, varSource,
    /// varDestination, varCaption, varBusinessUnitName.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub settings: BTreeMap<String, Value>,
    /// Additional fields by name, such as Key1 and Key2; they become contact data. Those that the page lacks are added.
    #[serde(default)]
    pub keys: BTreeMap<String, String>,
    /// Whether added fields are shown to the visitor, who may change them.
    #[serde(default)]
    pub show_keys: bool,
    /// The web collaboration languages defined in Manager; where given, varHPPCLanguage must be one of them.
    #[serde(default)]
    pub languages: Vec<String>,
    /// The destinations in use; where given, varDestination must be one of them.
    #[serde(default)]
    pub destinations: Vec<String>,
    /// The business units defined; where given, varBusinessUnitName must be one of them.
    #[serde(default)]
    pub business_units: Vec<String>,
}

fn web() -> String {
    "web".to_owned()
}

fn html() -> String {
    "html".to_owned()
}

fn page() -> String {
    "CaptureWCData.htm".to_owned()
}

/// What the run comes to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The page, below the root.
    page: String,
    /// Whether anything differs from before.
    changed: bool,
    /// The fields with their values before and after.
    changes: Vec<Change>,
    /// The parameters of the guide that the page lacks.
    missing: Vec<&'static str>,
    /// The page's encoding from now on.
    encoding: String,
}

/// The procedure with its manifest.
pub fn procedure() -> Procedure {
    Procedure::new("web/customize-capture-page", run)
        .needs("files", "$root", Effect::Write)
        .lock("$root")
        .steps(&["check", "change", "values"])
        .section("4.4.2")
        .text(
            "en",
            concat!(
                include_str!("../messages/customize.en.ftl"),
                include_str!("../messages/rules.en.ftl")
            ),
        )
        .text(
            "es",
            concat!(
                include_str!("../messages/customize.es.ftl"),
                include_str!("../messages/rules.es.ftl")
            ),
        )
        .text(
            "de",
            concat!(
                include_str!("../messages/customize.de.ftl"),
                include_str!("../messages/rules.de.ftl")
            ),
        )
}

/// The parameters, checked: which field gets which value.
pub fn assignments(params: &Params) -> Result<Vec<Assignment>, Failure> {
    let checked = |name, value: &str, check: fn(&str) -> Result<(), rules::Violation>| {
        check(value).map_err(|violation| broken(name, value, &violation))
    };
    checked("language", &params.language, rules::existing_folder)?;
    checked("page", &params.page, rules::page)?;
    let mut all = Vec::new();
    for (name, value) in &params.settings {
        if name.eq_ignore_ascii_case(REQUEST) {
            return Err(failure(Kind::Denied, "W0202", |t| t.with("field", shown(name))));
        }
        let Some(setting) = Setting::of_name(name) else {
            let known = listed(Setting::ALL.into_iter().map(Setting::name));
            return Err(failure(Kind::Invalid, "W0201", |t| {
                t.with("field", shown(name)).with("known", known)
            }));
        };
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            other => {
                return Err(failure(Kind::Invalid, "W0207", |t| {
                    t.with("field", name).with("value", shown(&other.to_string()))
                }));
            }
        };
        let allowed = match setting {
            Setting::HppcLanguage => params.languages.as_slice(),
            Setting::Destination => params.destinations.as_slice(),
            Setting::BusinessUnitName => params.business_units.as_slice(),
            _ => &[],
        };
        rules::check(setting, &value, allowed)
            .map_err(|violation| broken(setting.name(), &value, &violation))?;
        all.push((
            Setting::ALL.iter().position(|s| *s == setting),
            setting.name().to_owned(),
            value,
        ));
    }
    // In the order of the guide, whatever the order of the parameter.
    all.sort();
    if let Some(twice) = all.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(failure(Kind::Invalid, "W0208", |t| t.with("field", &twice[0].1)));
    }
    let mut all: Vec<_> = all
        .into_iter()
        .map(|(_, name, value)| Assignment {
            name,
            value,
            shown: false,
        })
        .collect();
    for (name, value) in &params.keys {
        if name.eq_ignore_ascii_case(REQUEST) {
            return Err(failure(Kind::Denied, "W0202", |t| t.with("field", shown(name))));
        }
        if let Some(setting) = Setting::of_name(name) {
            return Err(failure(Kind::Invalid, "W0203", |t| {
                t.with("field", setting.name())
            }));
        }
        rules::key(name).map_err(|violation| broken("keys", name, &violation))?;
        rules::key_value(value).map_err(|violation| broken(name, value, &violation))?;
        all.push(Assignment {
            name: name.clone(),
            value: value.clone(),
            shown: params.show_keys,
        });
    }
    Ok(all)
}

/// A fault of the page as people read it.
fn told(path: &str, error: &CaptureError) -> Failure {
    match error {
        CaptureError::Scan(error) => failure(Kind::Invalid, "W0108", |t| {
            t.with("path", path).with("reason", error)
        }),
        CaptureError::Protected(name) => failure(Kind::Denied, "W0202", |t| t.with("field", shown(name))),
        CaptureError::NoForm(name) => failure(Kind::Invalid, "W0204", |t| {
            t.with("field", shown(name)).with("path", path)
        }),
        CaptureError::NotOffered { name, choices } => {
            let choices = listed(choices.iter().map(String::as_str));
            failure(Kind::Invalid, "W0205", |t| {
                t.with("field", name).with("choices", choices).with("path", path)
            })
        }
        CaptureError::Unsupported { name, kind } => failure(Kind::NotSupported, "W0206", |t| {
            t.with("field", name).with("kind", shown(kind)).with("path", path)
        }),
    }
}

fn run(params: Params) -> Result<Report, Failure> {
    let assignments = assignments(&params)?;
    let html = params.html.trim_matches('/');
    let path = format!("{html}/{}/{}", params.language, params.page);
    let (file, customized) = step("check", || {
        if let Some(language) = assignments
            .iter()
            .find(|a| a.name == Setting::UserLanguage.name())
        {
            let folder = format!("{html}/{}", language.value);
            if files::stat(&params.root, &folder)?.kind != Some(files::FileKind::Folder) {
                return Err(failure(Kind::NotFound, "W0209", |t| {
                    t.with("value", &language.value).with("folder", &folder)
                }));
            }
        }
        let file = files::read(&params.root, &path, None)?;
        let customized = capture::customize(&file.text, &assignments).map_err(|error| told(&path, &error))?;
        unharmed(&path, &file.text, &customized.text)?;
        Ok((file, customized))
    })?;
    if !customized.missing.is_empty() {
        let missing = listed(customized.missing.iter().copied());
        run::log(
            run::Level::Warning,
            &text!("missing", fields = missing, path = shown(&path)),
        )?;
    }
    let to_utf8 = customized.utf8 && file.encoding != "UTF-8";
    let changed = customized.text != file.text || to_utf8;
    step("change", || {
        if changed {
            let options = WriteOptions {
                encoding: Some(if to_utf8 {
                    "UTF-8".to_owned()
                } else {
                    file.encoding.clone()
                }),
                bom: Some(file.bom && !to_utf8),
                line_end: None,
                expect: Some(file.digest.clone()),
            };
            files::write(&params.root, &path, &customized.text, Some(&options))?;
        }
        Ok(())
    })?;
    verify("values", || {
        let now = files::read(&params.root, &path, None)?;
        let again = capture::customize(&now.text, &assignments).map_err(|error| told(&path, &error))?;
        unharmed(&path, &file.text, &now.text)?;
        match again.changes.first() {
            None => Ok(()),
            Some(change) => Err(failure(Kind::Conflict, "W0210", |t| {
                t.with("field", &change.name).with("path", &path)
            })),
        }
    })?;
    let encoding = if to_utf8 {
        "UTF-8".to_owned()
    } else {
        file.encoding
    };
    Ok(Report {
        page: path,
        changed,
        changes: customized.changes,
        missing: customized.missing,
        encoding,
    })
}

/// Makes sure that the request and the buttons are what they were.
fn unharmed(path: &str, before: &str, after: &str) -> Result<(), Failure> {
    let protected = |page: &str| {
        capture::protected(page).map_err(|error| {
            failure(Kind::Invalid, "W0108", |t| {
                t.with("path", path).with("reason", error)
            })
        })
    };
    if protected(before)? == protected(after)? {
        return Ok(());
    }
    Err(failure(Kind::Failed, "W0211", |t| t.with("path", path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn params(settings: Value, keys: Value) -> Params {
        serde_json::from_value(
            json!({"language": "deutsch", "settings": settings, "keys": keys, "languages": ["German"]}),
        )
        .expect("parameters")
    }

    fn refused(settings: Value, keys: Value) -> (String, Vec<(String, String)>) {
        let failure = assignments(&params(settings, keys)).expect_err("refused");
        (failure.code, failure.message.args)
    }

    #[test]
    fn values_are_taken_in_the_order_of_the_guide() {
        let all = assignments(&params(
            json!({"varSource": "Web", "varuserlanguage": "deutsch", "varSessionPriority": 5}),
            json!({"Key1": "a"}),
        ))
        .expect("valid");
        let told: Vec<_> = all.iter().map(|a| (a.name.as_str(), a.value.as_str())).collect();
        assert_eq!(
            told,
            [
                ("varUserLanguage", "deutsch"),
                ("varSessionPriority", "5"),
                ("varSource", "Web"),
                ("Key1", "a")
            ]
        );
    }

    #[test]
    fn a_value_that_breaks_a_rule_names_parameter_rule_and_character() {
        let (code, args) = refused(json!({"varSource": "a_b"}), json!({}));
        assert_eq!(code, "W0104");
        for (name, value) in [
            ("parameter", "varSource"),
            ("value", "a_b"),
            ("rule", "character"),
            ("character", "_"),
            ("position", "2"),
        ] {
            assert!(
                args.contains(&(name.to_owned(), value.to_owned())),
                "{name} {args:?}"
            );
        }
        assert_eq!(refused(json!({"varSessionPriority": 101}), json!({})).0, "W0104");
        assert_eq!(refused(json!({"varSessionPriority": true}), json!({})).0, "W0207");
        assert_eq!(
            refused(json!({"varHPPCLanguage": "French"}), json!({})).0,
            "W0104"
        );
    }

    #[test]
    fn what_is_protected_or_unknown_is_refused() {
        assert_eq!(refused(json!({"VarUserRequest": "x"}), json!({})).0, "W0202");
        assert_eq!(refused(json!({}), json!({"varUserRequest": "x"})).0, "W0202");
        assert_eq!(refused(json!({"varColour": "x"}), json!({})).0, "W0201");
        assert_eq!(refused(json!({}), json!({"varSource": "x"})).0, "W0203");
        assert_eq!(refused(json!({}), json!({"a b": "x"})).0, "W0104");
        assert_eq!(
            refused(json!({"varSource": "a", "varsource": "b"}), json!({})).0,
            "W0208"
        );
    }
}
