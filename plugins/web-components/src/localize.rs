//! `web/localize-components`: the web components in another language (guide, section 4.4.1).

use crate::links::Renaming;
use crate::prepare::{self, Prepared, Report, Tree, Write};
use crate::rules;
use crate::schema::without_null;
use crate::served::{Flaw, Follow, flaw, follow};
use crate::told::{broken, failure, shown};
use procedo_sdk::files::{FileStatus, TextFile, WriteOptions};
use procedo_sdk::prelude::*;

/// What is localised, into which language, by which catalogue.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(transform = without_null)]
pub struct Params {
    /// The root that holds the web components.
    #[serde(default = "web")]
    pub root: String,
    /// The origin that serves them.
    #[serde(default = "web")]
    pub origin: String,
    /// The path at which the origin serves the root, such as `/HPPC`; empty if it is the origin itself.
    #[serde(default)]
    pub virtual_directory: String,
    /// The folder of the pages, below the root.
    #[serde(default = "html")]
    pub html: String,
    /// The folder of the language to start from, in the folder of the pages.
    #[serde(default = "english")]
    pub source: String,
    /// The folder of the new language, such as `deutsch`.
    pub language: String,
    /// The language tag for the pages (BCP 47), such as `de`.
    pub lang: String,
    /// The root that holds the catalogue.
    #[serde(default = "translations")]
    pub catalogue_root: String,
    /// The catalogue of translations, a PO or CSV file below its root.
    pub catalogue: String,
    /// The main page of the language to start from.
    #[serde(default = "main_page")]
    pub main_page: String,
    /// The main page of the new language; if absent, WC and the name of its folder: `WCDeutsch.htm`.
    pub new_main_page: Option<String>,
}

fn web() -> String {
    "web".to_owned()
}

fn html() -> String {
    "html".to_owned()
}

fn english() -> String {
    "english".to_owned()
}

fn translations() -> String {
    "translations".to_owned()
}

fn main_page() -> String {
    "WCMain.htm".to_owned()
}

/// What the run comes to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    #[serde(flatten)]
    report: Report,
    /// What was seen of the new page; absent in a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<Seen>,
}

/// What was seen of the new page through the web server.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Seen {
    /// The new main page's path on the origin.
    main_page: String,
    /// The capture page's path, to which its button leads; absent where a check may not press it.
    #[serde(skip_serializing_if = "Option::is_none")]
    capture_page: Option<String>,
}

/// The procedure with its manifest.
pub fn procedure() -> Procedure {
    Procedure::new("web/localize-components", run)
        .needs("files", "$root", Effect::Write)
        .needs("files", "$catalogue-root", Effect::Read)
        .needs("http", "$origin", Effect::Read)
        .lock("$root")
        .steps(&["check", "copy", "translate", "main-page", "page"])
        .section("4.4.1")
        .text(
            "en",
            concat!(
                include_str!("../messages/localize.en.ftl"),
                include_str!("../messages/rules.en.ftl")
            ),
        )
        .text(
            "es",
            concat!(
                include_str!("../messages/localize.es.ftl"),
                include_str!("../messages/rules.es.ftl")
            ),
        )
        .text(
            "de",
            concat!(
                include_str!("../messages/localize.de.ftl"),
                include_str!("../messages/rules.de.ftl")
            ),
        )
}

/// The parameters, checked: what gets which new name.
pub fn renaming(params: &Params) -> Result<Renaming, Failure> {
    let new_main = params
        .new_main_page
        .clone()
        .unwrap_or_else(|| rules::main_page(&params.language));
    let checked = |name, value: &str, check: fn(&str) -> Result<(), rules::Violation>| {
        check(value).map_err(|violation| broken(name, value, &violation))
    };
    checked("language", &params.language, rules::folder)?;
    checked("source", &params.source, rules::folder)?;
    checked("main-page", &params.main_page, rules::page)?;
    checked("new-main-page", &new_main, rules::page)?;
    let same = [
        ("language", &params.language, &params.source),
        ("new-main-page", &new_main, &params.main_page),
    ];
    for (name, value, other) in same {
        if value.eq_ignore_ascii_case(other) {
            return Err(failure(Kind::Invalid, "W0105", |t| {
                t.with("parameter", name).with("value", value)
            }));
        }
    }
    if !crate::declare::is_language_tag(&params.lang) {
        return Err(failure(Kind::Invalid, "W0106", |t| {
            t.with("value", shown(&params.lang))
        }));
    }
    let html = params
        .html
        .split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    Ok(Renaming {
        html,
        source: params.source.clone(),
        target: params.language.clone(),
        main: params.main_page.clone(),
        new_main,
        files: std::collections::BTreeSet::new(),
    })
}

/// A root of the site.
struct Root<'a>(&'a str);

impl Tree for Root<'_> {
    fn status(&self, path: &str) -> Result<FileStatus, Failure> {
        Ok(files::stat(self.0, path)?)
    }

    fn list(&self, path: &str) -> Result<Vec<files::Entry>, Failure> {
        Ok(files::list_folder(self.0, path, true)?)
    }

    fn read(&self, path: &str, encoding: Option<&str>) -> Result<TextFile, Failure> {
        Ok(files::read(self.0, path, encoding)?)
    }
}

fn run(params: Params) -> Result<Outcome, Failure> {
    let renaming = renaming(&params)?;
    let prepared = step("check", || {
        let catalogue = prepare::catalogue(&Root(&params.catalogue_root), &params.catalogue)?;
        let progress = |done: usize, total: usize| -> Result<(), Failure> {
            Ok(run::progress(done as u64, Some(total as u64), &text!("reading"))?)
        };
        prepare::prepare(
            &Root(&params.root),
            renaming.clone(),
            &catalogue,
            &params.lang,
            progress,
        )
    })?;
    tell(&prepared.report)?;
    act(&params.root, &prepared)?;
    let page = verify("page", || look(&params, &renaming, &prepared))?;
    Ok(Outcome {
        report: prepared.report,
        page,
    })
}

/// Tells what the operator should look at.
fn tell(report: &Report) -> Result<(), Failure> {
    run::log(
        run::Level::Info,
        &text!(
            "translated",
            texts = report.translated,
            pages = report.pages.len(),
            folder = report.folder
        ),
    )?;
    if !report.untranslated.is_empty() {
        run::log(
            run::Level::Warning,
            &text!("untranslated", texts = report.untranslated.len()),
        )?;
    }
    if !report.catalogue.ignored.is_empty() {
        run::log(
            run::Level::Warning,
            &text!("ignored", entries = report.catalogue.ignored.len()),
        )?;
    }
    if !report.changed {
        run::log(run::Level::Info, &text!("unchanged", folder = report.folder))?;
    }
    Ok(())
}

/// Makes the changes.
fn act(root: &str, prepared: &Prepared) -> Result<(), Failure> {
    step("copy", || {
        for folder in &prepared.folders {
            files::make_folder(root, folder)?;
        }
        for copy in &prepared.copies {
            files::copy(root, &copy.source, &copy.target)?;
        }
        Ok(())
    })?;
    step("translate", || {
        prepared.writes.iter().try_for_each(|page| write(root, page))
    })?;
    step("main-page", || {
        prepared.main.iter().try_for_each(|page| write(root, page))
    })
}

fn write(root: &str, page: &Write) -> Result<(), Failure> {
    let options = WriteOptions {
        encoding: Some("UTF-8".to_owned()),
        bom: Some(page.bom),
        line_end: None,
        expect: Some(page.expect.clone()),
    };
    files::write(root, &page.path, &page.text, Some(&options))?;
    Ok(())
}

/// Fetches the new main page, follows its button, and looks at what is delivered.
fn look(params: &Params, renaming: &Renaming, prepared: &Prepared) -> Result<Seen, Failure> {
    let base = params.virtual_directory.trim_matches('/');
    let base = if base.is_empty() {
        String::new()
    } else {
        format!("/{base}")
    };
    let path = format!("{base}/{}/{}", renaming.html.join("/"), renaming.new_main);
    let main = fetch(&params.origin, &path, prepared.main_sample.as_deref())?;
    let next = follow(&main, &path, &params.language).map_err(|error| {
        failure(Kind::Failed, "W0108", |t| {
            t.with("path", &path).with("reason", error)
        })
    })?;
    let capture_page = match next {
        Some(Follow::Get(path)) => Some(path),
        Some(Follow::Post | Follow::Elsewhere(_)) => {
            run::log(run::Level::Warning, &text!("not-followed", path = path))?;
            None
        }
        None => {
            return Err(failure(Kind::Failed, "W0116", |t| {
                t.with("path", &path).with("language", &params.language)
            }));
        }
    };
    if let Some(path) = &capture_page {
        fetch(&params.origin, path, prepared.capture_sample.as_deref())?;
    }
    Ok(Seen {
        main_page: path,
        capture_page,
    })
}

/// A page as it is delivered, if it is in order.
fn fetch(origin: &str, path: &str, sample: Option<&str>) -> Result<String, Failure> {
    let response = http::send(&http::Request {
        origin: origin.to_owned(),
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: None,
        auth: None,
        timeout: None,
        max_bytes: None,
        redirects: None,
    })?;
    let fail = |code: &str, value: String| {
        Err(failure(Kind::Failed, code, |t| {
            t.with("url", shown_url(&response.url)).with("value", value)
        }))
    };
    if response.status != 200 {
        return fail("W0112", response.status.to_string());
    }
    let content_type = response
        .headers
        .iter()
        .find(|(name, _)| name == "content-type")
        .map(|(_, value)| value.as_str());
    let flaw = flaw(&response.body, content_type, sample).map_err(|error| {
        failure(Kind::Failed, "W0108", |t| {
            t.with("path", path).with("reason", error)
        })
    })?;
    match flaw {
        None => Ok(response.body),
        Some(Flaw::Charset(charset)) => fail("W0113", shown(&charset)),
        Some(Flaw::Replacement) => fail("W0114", "\u{fffd}".to_owned()),
        Some(Flaw::Mojibake(text)) => fail("W0114", text),
        Some(Flaw::Text(text)) => fail("W0115", shown(&text)),
    }
}

/// A URL in a sentence; longer than other values, since its end tells most.
fn shown_url(url: &str) -> String {
    url.chars().filter(|c| !c.is_control()).take(300).collect()
}
