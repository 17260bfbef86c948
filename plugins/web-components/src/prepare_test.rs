//! A localisation prepared on files in memory: what is copied, written, reported, and refused.

use crate::links::Renaming;
use crate::prepare::{Copy, Prepared, Tree, catalogue, prepare};
use procedo_sdk::files::LineEnd;
use procedo_sdk::files::{Entry as Listed, FileKind as Is, FileStatus, TextFile};
use procedo_sdk::{Failure, Kind};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Files in memory, with what stands in for their encoding.
#[derive(Default)]
struct Memory(RefCell<BTreeMap<String, (String, &'static str)>>);

impl Memory {
    fn of(files: &[(&str, &str)]) -> Self {
        let memory = Self::default();
        files
            .iter()
            .for_each(|(path, text)| memory.put(path, text, "UTF-8"));
        memory
    }

    fn put(&self, path: &str, text: &str, encoding: &'static str) {
        self.0
            .borrow_mut()
            .insert(path.to_owned(), (text.to_owned(), encoding));
    }

    fn text(&self, path: &str) -> String {
        self.0.borrow()[path].0.clone()
    }

    /// Does what was prepared, as the host would.
    fn act(&self, prepared: &Prepared) {
        for copy in &prepared.copies {
            let files = self.0.borrow().clone();
            for (path, file) in files {
                if let Some(rest) = path
                    .strip_prefix(&copy.source)
                    .filter(|rest| rest.is_empty() || rest.starts_with('/'))
                {
                    self.0.borrow_mut().insert(format!("{}{rest}", copy.target), file);
                }
            }
        }
        for write in prepared.writes.iter().chain(&prepared.mains) {
            let now = self
                .0
                .borrow()
                .get(&write.path)
                .map(|(text, encoding)| digest(text, encoding))
                .unwrap_or_default();
            assert_eq!(now, write.expect, "{}", write.path);
            self.put(&write.path, &write.text, "UTF-8");
        }
    }
}

fn digest(text: &str, encoding: &str) -> String {
    format!("{encoding}:{text}")
}

impl Tree for Memory {
    fn status(&self, path: &str) -> Result<FileStatus, Failure> {
        let files = self.0.borrow();
        let folder = files.keys().any(|file| file.starts_with(&format!("{path}/")));
        let digest = files.get(path).map(|(text, encoding)| digest(text, encoding));
        let kind = if digest.is_some() {
            Some(Is::Regular)
        } else {
            folder.then_some(Is::Folder)
        };
        Ok(FileStatus {
            kind,
            size: 0,
            digest,
        })
    }

    fn list(&self, path: &str) -> Result<Vec<Listed>, Failure> {
        let mut all = BTreeMap::new();
        for file in self
            .0
            .borrow()
            .keys()
            .filter(|file| file.starts_with(&format!("{path}/")))
        {
            all.insert(file.clone(), Is::Regular);
            for (at, _) in file.match_indices('/').filter(|(at, _)| *at > path.len()) {
                all.insert(file[..at].to_owned(), Is::Folder);
            }
        }
        Ok(all
            .into_iter()
            .map(|(path, kind)| Listed { path, kind, size: 0 })
            .collect())
    }

    fn read(&self, path: &str, encoding: Option<&str>) -> Result<TextFile, Failure> {
        let missing = || Failure::new(Kind::NotFound, "P0301", path);
        let (text, stored) = self.0.borrow().get(path).cloned().ok_or_else(missing)?;
        if encoding.is_some_and(|encoding| encoding == "UTF-8" && stored != "UTF-8") {
            return Err(Failure::new(Kind::Invalid, "P0310", path));
        }
        let digest = digest(&text, stored);
        let encoding = encoding.unwrap_or(stored).to_owned();
        Ok(TextFile {
            size: text.len() as u64,
            text,
            encoding,
            bom: false,
            line_end: LineEnd::Lf,
            digest,
        })
    }
}

fn site() -> Memory {
    let memory = Memory::of(&[
        (
            "html/WCMain.htm",
            "<a href='?varUserRequest=R&amp;varUserLanguage=english'>Need Live Help?</a>",
        ),
        (
            "html/english/CaptureWCData.htm",
            "<html><head></head><p>Your name</p><p>New text</p>",
        ),
        ("html/english/img/logo.gif", "GIF"),
        ("html/english/plain.js", "x()"),
        ("html/french/other.htm", "<p>"),
    ]);
    memory.put(
        "html/english/old.htm",
        "<html lang=en><meta charset=iso-8859-1><p>Café</p></html>",
        "windows-1252",
    );
    memory.put("html/english/old.js", "x('é')", "windows-1252");
    memory.put("de.po", "msgid \"Need Live Help?\"\nmsgstr \"Brauchen Sie Hilfe für alles?\"\n\nmsgid \"Your name\"\nmsgstr \"Ihr Name\"\n\nmsgid \"Gone\"\nmsgstr \"Weg\"\n", "UTF-8");
    memory
}

fn german() -> Renaming {
    Renaming {
        html: vec!["html".to_owned()],
        source: "english".to_owned(),
        target: "deutsch".to_owned(),
        mains: vec![("WCMain.htm".to_owned(), "WCDeutsch.htm".to_owned())],
        files: BTreeSet::new(),
    }
}

fn prepared(memory: &Memory) -> Result<Prepared, Failure> {
    let catalogue = catalogue(memory, "de.po").expect("a catalogue");
    prepare(memory, german(), &catalogue, "de", |_, _| Ok(()))
}

fn args(failure: &Failure, name: &str) -> String {
    let found = failure.message.args.iter().find(|(given, _)| given == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

#[test]
fn a_new_language_is_one_copy_and_a_write_for_each_file_that_changes() {
    let memory = site();
    let all = prepared(&memory).expect("prepared");
    assert_eq!(
        all.copies,
        [Copy {
            source: "html/english".to_owned(),
            target: "html/deutsch".to_owned()
        }]
    );
    let written: Vec<_> = all.writes.iter().map(|write| write.path.as_str()).collect();
    assert_eq!(
        written,
        [
            "html/deutsch/CaptureWCData.htm",
            "html/deutsch/old.htm",
            "html/deutsch/old.js"
        ]
    );
    memory.act(&all);
    assert_eq!(
        memory.text("html/WCDeutsch.htm"),
        "<meta charset=\"utf-8\">\n<a href='?varUserRequest=R&amp;varUserLanguage=deutsch'>Brauchen Sie Hilfe für alles?</a>"
    );
    assert_eq!(
        memory.text("html/deutsch/old.htm"),
        "<html lang=\"de\"><meta charset=\"utf-8\"><p>Café</p></html>"
    );
    assert_eq!(memory.text("html/deutsch/img/logo.gif"), "GIF");
    insta::assert_snapshot!(serde_json::to_string_pretty(&all.report).expect("JSON"), @r#"
    {
      "folder": "html/deutsch",
      "main-pages": [
        "html/WCDeutsch.htm"
      ],
      "changed": true,
      "pages": [
        {
          "page": "english/CaptureWCData.htm",
          "translated": 1,
          "untranslated": 1,
          "references": 0,
          "encoding": "UTF-8"
        },
        {
          "page": "english/old.htm",
          "translated": 0,
          "untranslated": 1,
          "references": 0,
          "encoding": "windows-1252"
        },
        {
          "page": "WCMain.htm",
          "translated": 1,
          "untranslated": 0,
          "references": 1,
          "encoding": "UTF-8"
        }
      ],
      "other-files": 3,
      "translated": 2,
      "untranslated": [
        {
          "page": "english/CaptureWCData.htm",
          "text": "New text"
        },
        {
          "page": "english/old.htm",
          "text": "Café"
        }
      ],
      "catalogue": {
        "entries": 3,
        "used": 2,
        "unused": [
          {
            "line": 7,
            "text": "Gone"
          }
        ],
        "ignored": []
      }
    }
    "#);
    assert_eq!(all.capture_sample.as_deref(), Some("Ihr Name"));
    assert_eq!(
        all.main_samples[0].as_deref(),
        Some("Brauchen Sie Hilfe für alles?")
    );
}

#[test]
fn a_second_run_finds_nothing_to_do() {
    let memory = site();
    memory.act(&prepared(&memory).expect("prepared"));
    let again = prepared(&memory).expect("prepared");
    assert_eq!(
        (again.copies, again.writes, again.mains),
        (vec![], vec![], vec![])
    );
    assert!(!again.report.changed);
}

#[test]
fn what_is_missing_in_the_folder_is_added() {
    let memory = site();
    memory.act(&prepared(&memory).expect("prepared"));
    for path in [
        "html/deutsch/old.js",
        "html/deutsch/img/logo.gif",
        "html/WCDeutsch.htm",
    ] {
        memory.0.borrow_mut().remove(path);
    }
    let again = prepared(&memory).expect("prepared");
    assert_eq!(again.folders, ["html/deutsch/img"]);
    assert_eq!(again.copies.len(), 1);
    assert_eq!(again.writes.len(), 1);
    assert!(!again.mains.is_empty() && again.report.changed);
}

#[test]
fn other_content_is_a_conflict_that_names_the_files() {
    let memory = site();
    memory.act(&prepared(&memory).expect("prepared"));
    memory.put("html/deutsch/old.js", "other", "UTF-8");
    memory.put("html/deutsch/CaptureWCData.htm", "é", "windows-1252");
    memory.put("html/deutsch/extra.htm", "x", "UTF-8");
    memory.put("html/deutsch/plain.js", "y()", "UTF-8");
    let conflict = prepared(&memory).expect_err("a conflict");
    assert_eq!((conflict.kind, conflict.code.as_str()), (Kind::Conflict, "W0110"));
    assert_eq!(
        args(&conflict, "files"),
        "CaptureWCData.htm, extra.htm, old.js, plain.js"
    );
    assert_eq!(args(&conflict, "count"), "4");
}

#[test]
fn another_main_page_is_a_conflict() {
    let memory = site();
    memory.put("html/WCDeutsch.htm", "mine", "UTF-8");
    let conflict = prepared(&memory).expect_err("a conflict");
    assert_eq!(
        (conflict.code.as_str(), args(&conflict, "path")),
        ("W0110", "html/WCDeutsch.htm".to_owned())
    );
}

#[test]
fn a_main_page_that_asks_for_no_language_is_refused() {
    let memory = site();
    memory.put("html/WCMain.htm", "<a href='?varUserLanguage=french'>", "UTF-8");
    assert_eq!(prepared(&memory).expect_err("refused").code, "W0109");
}

#[test]
fn a_missing_folder_or_main_page_is_named() {
    let memory = site();
    memory.0.borrow_mut().remove("html/WCMain.htm");
    assert_eq!(
        args(&prepared(&memory).expect_err("missing"), "path"),
        "html/WCMain.htm"
    );
    let memory = Memory::of(&[("de.po", "")]);
    assert_eq!(
        args(&prepared(&memory).expect_err("missing"), "path"),
        "html/english"
    );
}

#[test]
fn a_catalogue_is_read_as_its_name_and_header_say() {
    let memory = Memory::of(&[
        ("a.csv", "source,translation\nA,B\n"),
        ("b.csv", "A,B\n"),
        ("c.po", "nonsense"),
        ("d.txt", ""),
    ]);
    let latin = "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=ISO-8859-2\\n\"\n\nmsgid \"A\"\nmsgstr \"ä\"\n";
    memory.put("latin.po", latin, "windows-1252");
    assert_eq!(catalogue(&memory, "a.csv").expect("valid").entries().count(), 1);
    assert_eq!(
        catalogue(&memory, "latin.po").expect("valid").entries().count(),
        1
    );
    let code = |path: &str| catalogue(&memory, path).expect_err("refused").code;
    assert_eq!(
        (code("b.csv"), code("c.po"), code("d.txt")),
        ("W0111".to_owned(), "W0102".to_owned(), "W0101".to_owned())
    );
}
