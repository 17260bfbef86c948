//! `web/localize-components`: the web components in another language (guide, section 4.4.1).

use crate::links::Renaming;
use crate::prepare::{self, Prepared, Report, Tree, Write};
use crate::rules;
use crate::schema::without_null;
use crate::served::{Flaw, Follow, flaw, follow};
use crate::told::{broken, failure, shown};
use procedo_sdk::files::{FileStatus, TextFile, WriteOptions};
use procedo_sdk::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

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
    #[serde(default = "hppc")]
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
    /// Further main pages to copy, each with its new name: `{"WCCallbackMain.htm": "WCCallbackDeutsch.htm"}`.
    #[serde(default)]
    pub further_main_pages: BTreeMap<String, String>,
}

fn web() -> String {
    "web".to_owned()
}

fn hppc() -> String {
    "/HPPC".to_owned()
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
    /// What was seen of the new main pages; absent in a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Vec<Seen>>,
}

/// What was seen of a new main page through the web server.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Seen {
    /// The main page's path on the origin.
    main_page: String,
    /// The path to which its button leads; absent where a check may not press it.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page: Option<String>,
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
    checked("source", &params.source, rules::existing_folder)?;
    let mut mains = vec![(params.main_page.clone(), new_main)];
    mains.extend(
        params
            .further_main_pages
            .iter()
            .map(|(main, new)| (main.clone(), new.clone())),
    );
    let mut same = vec![("language", &params.language, &params.source)];
    for (at, (main, new)) in mains.iter().enumerate() {
        let further = "further-main-pages";
        let (old_name, new_name) = if at == 0 {
            ("main-page", "new-main-page")
        } else {
            (further, further)
        };
        checked(old_name, main, rules::page)?;
        checked(new_name, new, rules::page)?;
        same.push((new_name, new, main));
    }
    for (name, value, other) in same {
        if value.eq_ignore_ascii_case(other) {
            return Err(failure(Kind::Invalid, "W0105", |t| {
                t.with("parameter", name).with("value", value)
            }));
        }
    }
    let mut names = BTreeSet::new();
    if let Some((main, new)) = mains.iter().find(|(main, new)| {
        !(names.insert(main.to_ascii_lowercase()) && names.insert(new.to_ascii_lowercase()))
    }) {
        let value = format!("{main} → {new}");
        return Err(failure(Kind::Invalid, "W0117", |t| t.with("value", value)));
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
        mains,
        files: BTreeSet::new(),
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
    let seen = verify("page", || look(&params, &renaming, &prepared))?;
    Ok(Outcome {
        report: prepared.report,
        seen,
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
        prepared.mains.iter().try_for_each(|page| write(root, page))
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

/// Fetches each new main page, follows its button, and looks at what is delivered.
fn look(params: &Params, renaming: &Renaming, prepared: &Prepared) -> Result<Vec<Seen>, Failure> {
    let base = params.virtual_directory.trim_matches('/');
    let base = if base.is_empty() {
        String::new()
    } else {
        format!("/{base}")
    };
    let folder = format!("{base}/{}", renaming.html.join("/"));
    let pages = renaming.mains.iter().zip(&prepared.main_samples);
    pages
        .map(|((_, page), sample)| look_at(params, format!("{folder}/{page}"), sample, prepared))
        .collect()
}

fn look_at(
    params: &Params,
    path: String,
    sample: &Option<String>,
    prepared: &Prepared,
) -> Result<Seen, Failure> {
    let main = fetch(&params.origin, &path, sample.as_deref())?;
    let next = follow(&main.body, &path, &params.language).map_err(|error| {
        failure(Kind::Failed, "W0108", |t| {
            t.with("path", &path).with("reason", error)
        })
    })?;
    let next_page = match next {
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
    if let Some(next) = &next_page {
        // Which text to look for is known for the page that the guide names.
        let sample = prepared
            .capture_sample
            .as_deref()
            .filter(|_| next.contains("REQ_WEBCHAT_MAIN"));
        fetch(&params.origin, next, sample)?;
    }
    Ok(Seen {
        main_page: path,
        next_page,
    })
}

/// A page as it is delivered, if it is in order.
fn fetch(origin: &str, path: &str, sample: Option<&str>) -> Result<http::Response, Failure> {
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
        None => Ok(response),
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
