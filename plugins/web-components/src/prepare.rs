//! What a localisation comes to: everything is read, translated and compared before the first change.

use crate::catalogue::{Catalogue, CsvError, Entry, Problem};
use crate::declare::css_utf8;
use crate::links::Renaming;
use crate::pages::{self, FileKind, Page};
use crate::po;
use crate::told::{failure, listed};
use procedo_sdk::files::{Entry as Listed, FileKind as Is, FileStatus, TextFile};
use procedo_sdk::{Failure, Kind};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The files of a root, as far as a localisation looks at them.
pub trait Tree {
    /// What is at a path.
    fn status(&self, path: &str) -> Result<FileStatus, Failure>;
    /// All that is in a folder and those below it.
    fn list(&self, path: &str) -> Result<Vec<Listed>, Failure>;
    /// A text file; `encoding` says how to decode it.
    fn read(&self, path: &str, encoding: Option<&str>) -> Result<TextFile, Failure>;
}

/// A file to write in UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Its path below the root.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether it starts with a byte order mark.
    pub bom: bool,
    /// The digest of what is there now; empty if there is nothing.
    pub expect: String,
}

/// A file or folder to copy, by its paths below the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// From where.
    pub source: String,
    /// To where.
    pub target: String,
}

/// All that is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prepared {
    /// Folders to make, each after the one it is in.
    pub folders: Vec<String>,
    /// What to copy byte for byte.
    pub copies: Vec<Copy>,
    /// Pages, scripts and style sheets to write.
    pub writes: Vec<Write>,
    /// The new main pages that are not there yet.
    pub mains: Vec<Write>,
    /// What became of the texts.
    pub report: Report,
    /// A text that each new main page shows, in the order of the renaming.
    pub main_samples: Vec<Option<String>>,
    /// A text that the new capture page shows.
    pub capture_sample: Option<String>,
}

/// What became of the texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The new folder, below the root.
    pub folder: String,
    /// The new main pages, below the root.
    pub main_pages: Vec<String>,
    /// Whether anything differs from before.
    pub changed: bool,
    /// The pages, by their path below the folder of the pages.
    pub pages: Vec<PageReport>,
    /// How many other files belong to the language.
    pub other_files: usize,
    /// How many texts were translated, in all pages.
    pub translated: usize,
    /// The texts without a translation, each once a page.
    pub untranslated: Vec<Missing>,
    /// What became of the catalogue.
    pub catalogue: CatalogueReport,
}

/// What became of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PageReport {
    /// The page.
    pub page: String,
    /// How many texts were translated.
    pub translated: usize,
    /// How many have no translation.
    pub untranslated: usize,
    /// How many references lead into the new folder now.
    pub references: usize,
    /// The encoding it had; it is UTF-8 now.
    pub encoding: String,
}

/// A text without a translation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The page.
    pub page: String,
    /// The text.
    pub text: String,
}

/// What became of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CatalogueReport {
    /// How many entries can be used.
    pub entries: usize,
    /// How many stand on some page.
    pub used: usize,
    /// Those that stand on no page.
    pub unused: Vec<Unused>,
    /// Those that cannot be used, with the reason.
    pub ignored: Vec<Problem>,
}

/// An entry that stands on no page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unused {
    /// Its line.
    pub line: usize,
    /// Its text.
    pub text: String,
}

/// Reads a catalogue: a PO file, or a CSV file by the end of its name.
pub fn catalogue(tree: &impl Tree, path: &str) -> Result<Catalogue, Failure> {
    let extension = path
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("po") => {
            let file = tree.read(path, None)?;
            let fault = |error: po::PoError| {
                let what = format!("{:?}", error.fault).to_lowercase();
                failure(Kind::Invalid, "W0102", |t| {
                    t.with("catalogue", path)
                        .with("line", error.line)
                        .with("fault", what)
                })
            };
            let entries = po::parse(&file.text).map_err(fault)?;
            // Bytes that are valid UTF-8 are UTF-8, whatever a header copied from elsewhere says.
            let said = po::declared_charset(&entries).filter(|_| file.encoding != "UTF-8" && !file.bom);
            match said.map(str::to_owned) {
                None => Ok(Catalogue::of_po(&entries)),
                Some(said) => {
                    let file = tree.read(path, Some(&said))?;
                    Ok(Catalogue::of_po(&po::parse(&file.text).map_err(fault)?))
                }
            }
        }
        Some("csv") => Catalogue::of_csv(&tree.read(path, None)?.text).map_err(|error| match error {
            CsvError::Header => failure(Kind::Invalid, "W0111", |t| t.with("catalogue", path)),
            CsvError::Line { line, reason } => failure(Kind::Invalid, "W0103", |t| {
                t.with("catalogue", path)
                    .with("line", line)
                    .with("reason", reason)
            }),
        }),
        _ => Err(failure(Kind::Invalid, "W0101", |t| t.with("catalogue", path))),
    }
}

/// A file of the source language with what it becomes.
struct Target {
    /// Its path below the language folder.
    name: String,
    /// The digest of the source's bytes.
    digest: String,
    /// The text to write; none if the bytes stay.
    text: Option<(String, bool)>,
}

/// The page that the guide's test ends on (section 4.4.1, step 6), in lower case.
const CAPTURE_PAGE: &str = "capturewcdata.htm";

/// Finds out what is to be done. `progress` hears how many files of how many are done.
pub fn prepare(
    tree: &impl Tree,
    mut renaming: Renaming,
    catalogue: &Catalogue,
    tag: &str,
    mut progress: impl FnMut(usize, usize) -> Result<(), Failure>,
) -> Result<Prepared, Failure> {
    let (source, target) = (renaming.source_folder(), renaming.target_folder());
    if tree.status(&source)?.kind != Some(Is::Folder) {
        return Err(failure(Kind::NotFound, "W0107", |t| {
            t.with("what", "folder").with("path", &source)
        }));
    }
    let listed = tree.list(&source)?;
    let files: Vec<&Listed> = listed.iter().filter(|entry| entry.kind != Is::Folder).collect();
    renaming.files = files
        .iter()
        .map(|entry| below(&source, &entry.path).to_lowercase())
        .collect();

    let mut work = Work {
        tree,
        renaming: &renaming,
        catalogue,
        tag,
        prepared: Prepared::default(),
        used: BTreeSet::new(),
    };
    let mut targets = Vec::new();
    for (done, entry) in files.iter().enumerate() {
        progress(done, files.len() + 1)?;
        targets.push(work.target(entry, &source)?);
    }
    progress(files.len(), files.len() + 1)?;
    let mains = (0..renaming.mains.len())
        .map(|at| work.main(at))
        .collect::<Result<Vec<_>, _>>()?;
    let (mut prepared, used) = (work.prepared, work.used);

    prepared.report.catalogue = catalogue_report(catalogue, &used);
    prepared.report.folder.clone_from(&target);
    prepared.report.other_files = targets.len() + mains.len() - prepared.report.pages.len();
    let folders: Vec<&str> = listed
        .iter()
        .filter(|entry| entry.kind == Is::Folder)
        .map(|entry| below(&source, &entry.path))
        .collect();
    into_place(tree, &mut prepared, &source, &target, &folders, targets)?;
    for main in mains {
        main_into_place(tree, &mut prepared, main)?;
    }
    let Prepared {
        folders,
        copies,
        writes,
        mains,
        ..
    } = &prepared;
    prepared.report.changed =
        !(folders.is_empty() && copies.is_empty() && writes.is_empty() && mains.is_empty());
    Ok(prepared)
}

/// A path below a folder.
fn below<'a>(folder: &str, path: &'a str) -> &'a str {
    path.strip_prefix(folder)
        .map_or(path, |rest| rest.trim_start_matches('/'))
}

fn catalogue_report(catalogue: &Catalogue, used: &BTreeSet<usize>) -> CatalogueReport {
    let unused = |entry: &&Entry| !used.contains(&entry.line);
    let mut unused: Vec<Unused> = catalogue
        .entries()
        .filter(unused)
        .map(|entry| Unused {
            line: entry.line,
            text: entry.source.clone(),
        })
        .collect();
    unused.sort_by_key(|entry| entry.line);
    let entries = catalogue.entries().count();
    CatalogueReport {
        entries,
        used: entries - unused.len(),
        unused,
        ignored: catalogue.problems().to_vec(),
    }
}

struct Work<'a, T> {
    tree: &'a T,
    renaming: &'a Renaming,
    catalogue: &'a Catalogue,
    tag: &'a str,
    prepared: Prepared,
    used: BTreeSet<usize>,
}

impl<T: Tree> Work<'_, T> {
    fn target(&mut self, entry: &Listed, source: &str) -> Result<Target, Failure> {
        let name = below(source, &entry.path).to_owned();
        let text = match pages::kind(&name) {
            FileKind::Page if entry.kind == Is::Regular => {
                let file = self.tree.read(&entry.path, None)?;
                let folder = entry.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                let page = self.page(&entry.path, &name, folder, &file)?;
                if name.to_lowercase() == CAPTURE_PAGE {
                    self.prepared.capture_sample = page.outcome.sample;
                }
                Some((file, page.text))
            }
            FileKind::Text if entry.kind == Is::Regular => {
                let file = self.tree.read(&entry.path, None)?;
                let text = if name.to_ascii_lowercase().ends_with(".css") {
                    css_utf8(&file.text)
                } else {
                    file.text.clone()
                };
                // What is UTF-8 already (or plain ASCII) stays byte for byte.
                (file.encoding != "UTF-8").then_some((file, text))
            }
            _ => None,
        };
        Ok(match text {
            Some((file, text)) => {
                let bom = file.bom && file.encoding == "UTF-8";
                let same = text == file.text && file.encoding == "UTF-8";
                Target {
                    name,
                    digest: file.digest,
                    text: (!same).then_some((text, bom)),
                }
            }
            None => Target {
                name,
                digest: self.digest(&entry.path)?,
                text: None,
            },
        })
    }

    fn digest(&self, path: &str) -> Result<String, Failure> {
        Ok(self.tree.status(path)?.digest.unwrap_or_default())
    }

    /// The page in its new language, entered into the report. `name` is its path below the language folder.
    fn page(&mut self, path: &str, name: &str, folder: &str, file: &TextFile) -> Result<Page, Failure> {
        let folder: Vec<String> = folder.split('/').map(str::to_owned).collect();
        let page = pages::localize(name, &file.text, &folder, self.catalogue, self.renaming, self.tag)
            .map_err(|error| {
                failure(Kind::Invalid, "W0108", |t| {
                    t.with("path", path).with("reason", error)
                })
            })?;
        let shown = below(&self.renaming.html.join("/"), path).to_owned();
        let report = &mut self.prepared.report;
        report.translated += page.outcome.translated;
        report.pages.push(PageReport {
            page: shown.clone(),
            translated: page.outcome.translated,
            untranslated: page.outcome.untranslated.len(),
            references: page.found.references + page.found.languages,
            encoding: file.encoding.clone(),
        });
        let missing = page.outcome.untranslated.iter();
        report.untranslated.extend(missing.map(|text| Missing {
            page: shown.clone(),
            text: text.clone(),
        }));
        self.used.extend(&page.outcome.used);
        Ok(page)
    }

    /// The new main page of a number.
    fn main(&mut self, at: usize) -> Result<Target, Failure> {
        let html = self.renaming.html.join("/");
        let (name, page) = self.renaming.mains[at].clone();
        let path = format!("{html}/{name}");
        if self.tree.status(&path)?.kind != Some(Is::Regular) {
            return Err(failure(Kind::NotFound, "W0107", |t| {
                t.with("what", "page").with("path", &path)
            }));
        }
        let file = self.tree.read(&path, None)?;
        let localized = self.page(&path, &name, &html, &file)?;
        if localized.found.languages == 0 {
            return Err(failure(Kind::Invalid, "W0109", |t| {
                t.with("path", &path).with("source", &self.renaming.source)
            }));
        }
        self.prepared.main_samples.push(localized.outcome.sample);
        let name = format!("{html}/{page}");
        self.prepared.report.main_pages.push(name.clone());
        let bom = file.bom && file.encoding == "UTF-8";
        Ok(Target {
            name,
            digest: file.digest,
            text: Some((localized.text, bom)),
        })
    }
}

/// Compares what shall be in the language's folder with what is there.
fn into_place(
    tree: &impl Tree,
    prepared: &mut Prepared,
    source: &str,
    target: &str,
    folders: &[&str],
    targets: Vec<Target>,
) -> Result<(), Failure> {
    let path = |name: &str| format!("{target}/{name}");
    match tree.status(target)?.kind {
        None => {
            // The whole folder at once, as the guide has it; the pages then show what the translation changes.
            prepared.copies.push(Copy {
                source: source.to_owned(),
                target: target.to_owned(),
            });
            for Target { name, digest, text } in targets {
                prepared.writes.extend(text.map(|(text, bom)| Write {
                    path: path(&name),
                    text,
                    bom,
                    expect: digest,
                }));
            }
            return Ok(());
        }
        Some(Is::Folder) => {}
        Some(_) => return Err(conflict(target, &[])),
    }
    let there: BTreeMap<String, Is> = tree
        .list(target)?
        .into_iter()
        .map(|entry| (below(target, &entry.path).to_owned(), entry.kind))
        .collect();
    let mut expected: BTreeSet<&str> = folders.iter().copied().collect();
    expected.extend(targets.iter().map(|target| target.name.as_str()));
    let mut differing: Vec<String> = there
        .keys()
        .filter(|name| !expected.contains(name.as_str()))
        .cloned()
        .collect();
    for folder in folders {
        match there.get(*folder) {
            None => prepared.folders.push(path(folder)),
            Some(Is::Folder) => {}
            Some(_) => differing.push((*folder).to_owned()),
        }
    }
    for Target { name, digest, text } in targets {
        let (to, exists) = (path(&name), there.get(&name).copied());
        match (exists, text) {
            (None, Some((text, bom))) => prepared.writes.push(Write {
                path: to,
                text,
                bom,
                expect: String::new(),
            }),
            (None, None) => prepared.copies.push(Copy {
                source: format!("{source}/{name}"),
                target: to,
            }),
            (Some(Is::Regular), Some((text, bom))) if is_written(tree, &to, &text, bom)? => {}
            (Some(Is::Regular | Is::Link), None)
                if tree.status(&to)?.digest.unwrap_or_default() == digest => {}
            _ => differing.push(name),
        }
    }
    if differing.is_empty() {
        return Ok(());
    }
    differing.sort();
    Err(conflict(
        target,
        &differing.iter().map(String::as_str).collect::<Vec<_>>(),
    ))
}

/// Whether a file has just this text in UTF-8. One that is no text is another.
fn is_written(tree: &impl Tree, path: &str, text: &str, bom: bool) -> Result<bool, Failure> {
    match tree.read(path, Some("UTF-8")) {
        Ok(file) => Ok(file.text == text && file.bom == bom && file.encoding == "UTF-8"),
        Err(failure)
            if matches!(
                failure.kind,
                Kind::Invalid | Kind::NotSupported | Kind::Failed | Kind::TooLarge
            ) =>
        {
            Ok(false)
        }
        Err(failure) => Err(failure),
    }
}

fn main_into_place(tree: &impl Tree, prepared: &mut Prepared, main: Target) -> Result<(), Failure> {
    let Target { name: path, text, .. } = main;
    let Some((text, bom)) = text else { return Ok(()) };
    match tree.status(&path)?.kind {
        None => prepared.mains.push(Write {
            path,
            text,
            bom,
            expect: String::new(),
        }),
        Some(Is::Regular) if is_written(tree, &path, &text, bom)? => {}
        Some(_) => return Err(conflict(&path, &[])),
    }
    Ok(())
}

/// The failure for what is there with other content.
fn conflict(path: &str, differing: &[&str]) -> Failure {
    let files = listed(differing.iter().copied());
    failure(Kind::Conflict, "W0110", |t| {
        t.with("path", path)
            .with("count", differing.len())
            .with("files", files)
    })
}
