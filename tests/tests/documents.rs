//! What the documents say is so: their declarations are accepted, their procedures run, their commands are understood, their
//! links lead somewhere.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::program::checkout;
use procedo_tests::site::temporary;
use procedo_tests::web::{Answer, Web};
use procedo_tests::{Done, Program, Site};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use toml_edit::{DocumentMut, Item, Table, value};

/// A public host key, in the place of the one that the documents leave out.
const HOST_KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIPFXhwDlZhsWzEiPLerLu+Yxd2ZIdSP6XFj1N3lrjG2X";

/// A document.
struct Page {
    path: PathBuf,
    text: String,
}

/// What stands between two fences.
struct Block {
    /// Where it is, for whoever reads of a failure.
    place: String,
    /// The heading above it.
    section: String,
    language: String,
    text: String,
}

impl Page {
    fn read(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            text: std::fs::read_to_string(path).unwrap(),
        }
    }

    /// Its name, from the root of the project.
    fn name(&self) -> String {
        self.path.strip_prefix(checkout()).unwrap().display().to_string()
    }

    /// Its lines outside of blocks, each with the heading above it; and its blocks.
    fn parts(&self) -> (Vec<(String, &str)>, Vec<Block>) {
        let (mut lines, mut blocks) = (Vec::new(), Vec::<Block>::new());
        let (mut section, mut within) = (String::new(), false);
        for (index, line) in self.text.lines().enumerate() {
            if let Some(language) = line.strip_prefix("```") {
                within = !within;
                if within {
                    blocks.push(Block {
                        place: format!("{}:{}", self.name(), index + 1),
                        section: section.clone(),
                        language: language.to_owned(),
                        text: String::new(),
                    });
                }
            } else if within {
                let block = blocks.last_mut().unwrap();
                block.text += line;
                block.text += "\n";
            } else {
                if line.starts_with('#') {
                    line.trim_start_matches('#').trim().clone_into(&mut section);
                }
                lines.push((section.clone(), line));
            }
        }
        assert!(!within, "{} ends within a block", self.name());
        (lines, blocks)
    }

    fn blocks(&self, language: &str) -> Vec<Block> {
        let blocks = self.parts().1.into_iter();
        blocks.filter(|block| block.language == language).collect()
    }

    /// The keys of the tables of a section whose first column is “key”: those of each table.
    fn tables(&self, section: &str) -> Vec<BTreeSet<String>> {
        let mut tables = Vec::new();
        let mut within = false;
        for (_, line) in self.parts().0.into_iter().filter(|(under, _)| under == section) {
            if line.starts_with("| key |") {
                within = true;
                tables.push(BTreeSet::new());
            } else if !line.starts_with('|') {
                within = false;
            } else if within {
                let first = line.split('|').nth(1).unwrap();
                tables.last_mut().unwrap().extend(quoted(first));
            }
        }
        tables
    }
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

fn page(name: &str) -> Page {
    Page::read(&checkout().join(name))
}

/// The documents of a folder.
fn pages_in(folder: &str) -> Vec<Page> {
    let entries = std::fs::read_dir(checkout().join(folder)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths.iter().map(|path| Page::read(path)).collect()
}

/// Types a line into a shell that finds the program under test as `procedo`.
fn typed(line: &str, folder: &Path) -> Done {
    let program = Program::Procedo.path();
    let mut paths = vec![program.parent().unwrap().to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).env_clear();
    command.env("PATH", std::env::join_paths(paths).unwrap());
    Done::of(command.stdin(std::process::Stdio::null()))
}

/// Does what a block says, line by line; `RUN` is the newest run.
fn follow(block: &Block, start: &Path) {
    let mut folder = start.to_owned();
    for line in block.text.lines() {
        if let Some(below) = line.strip_prefix("cd ") {
            folder.push(below);
            continue;
        }
        let line = if line.contains("RUN") {
            let runs = typed("procedo runs --json", &folder).ok().json();
            line.replace("RUN", runs[0]["run"].as_str().unwrap())
        } else {
            line.to_owned()
        };
        let done = typed(&line, &folder);
        assert_eq!(done.code(), Some(0), "{}: {line}\n{done}", block.place);
    }
}

/// What `procedo check` finds.
fn findings(site: &Site, args: &[&str]) -> Vec<(String, String, String)> {
    let done = site.json([&["check"], args].concat());
    let document: Value =
        serde_json::from_str(if done.out.is_empty() { &done.err } else { &done.out }).unwrap();
    let text = |value: &Value, member: &str| value[member].as_str().unwrap_or_default().to_owned();
    if let Some(error) = document.get("error") {
        return vec![("error".to_owned(), text(error, "code"), text(error, "message"))];
    }
    let found = document["findings"].as_array().unwrap().iter();
    found
        .map(|found| {
            (
                text(found, "severity"),
                text(found, "code"),
                text(found, "message"),
            )
        })
        .collect()
}

/// A block as the whole of a site's declarations: it may leave out the site's name, and of a machine how it is reached and
/// commands that are like those it shows.
fn declarations(block: &Block) -> String {
    let text = block.text.replace("AAAA…", HOST_KEY);
    let mut document: DocumentMut = text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", block.place));
    document.entry("name").or_insert(value("documents"));
    let machines = document.get_mut("resource").and_then(|it| it.get_mut("machine"));
    for (_, machine) in machines
        .and_then(Item::as_table_mut)
        .into_iter()
        .flat_map(Table::iter_mut)
    {
        let machine = machine.as_table_mut().unwrap();
        machine.entry("driver").or_insert(value("local"));
        let Some(commands) = machine.get_mut("command").and_then(Item::as_table_mut) else {
            continue;
        };
        let shown: Vec<Table> = commands
            .iter()
            .map(|(_, it)| it.as_table().unwrap().clone())
            .collect();
        for command in shown {
            let undo = command.get("undo").and_then(Item::as_str);
            let probe = command
                .get("probe")
                .map(|probe| probe["command"].as_str().unwrap());
            for (other, effect) in [(undo, "write"), (probe, "read")] {
                let mut alike = command.clone();
                alike.remove("undo");
                alike.remove("probe");
                alike.insert("effect", value(effect));
                if let Some(other) = other {
                    commands.entry(other).or_insert(Item::Table(alike));
                }
            }
        }
    }
    document.to_string()
}

#[test]
fn every_declaration_is_accepted() {
    let site = Site::new();
    let mut checked = Vec::new();
    for page in pages_in("docs") {
        for block in page.blocks("toml") {
            site.write("procedo.toml", declarations(&block));
            let faults: Vec<_> = findings(&site, &[])
                .into_iter()
                // The grants of a part stand elsewhere; what it names has to be there.
                .filter(|(severity, code, _)| severity == "error" || ["P0023", "P0038"].contains(&&**code))
                .collect();
            assert!(faults.is_empty(), "{}: {faults:#?}", block.place);
            checked.push(page.name());
        }
    }
    for page in ["docs/schedules.md", "docs/site.md", "docs/windows.md"] {
        assert!(checked.iter().any(|name| name == page), "{page}: {checked:?}");
    }
}

/// The settings that the program says it knows, where it is given one that it does not.
fn known(site: &Site, declared: &str) -> BTreeSet<String> {
    site.write("procedo.toml", format!("{declared}\nnonsense = 1\n"));
    let found = findings(site, &[]);
    let told = found.iter().find_map(|(_, _, message)| {
        message
            .split_once("unknown field `nonsense`, expected")
            .map(|(_, rest)| rest.lines().next().unwrap())
    });
    let told = told.unwrap_or_else(|| panic!("{declared}: {found:?}"));
    quoted(told).collect()
}

#[test]
fn the_tables_list_the_settings_that_the_program_knows() {
    let site = Site::new();
    let page = page("docs/site.md");
    let name = "name = \"documents\"\n";
    let windows = format!(
        "driver = \"windows-ssh\"\naddress = \"a\"\nuser = \"u\"\nhost-key = \"ssh-ed25519 {HOST_KEY}\"\nagent = true\n"
    );
    let local = "driver = \"local\"\n".to_owned();
    let service = |driver: &str, machine: &str| {
        format!("[resource.machine.m]\n{machine}[resource.service.s]\ndriver = \"{driver}\"\nmachine = \"m\"")
    };
    let database = |driver: &str| format!("[resource.database.d]\ndriver = \"{driver}\"");
    let machine = format!("[resource.machine.m]\n{local}");
    let command = format!("{machine}[resource.machine.m.command.c]");
    // The section, which of its tables, and a declaration to which a setting is added.
    let cases: [(&str, &[usize], String); 16] = [
        ("procedo.toml", &[0], String::new()),
        ("files", &[0], "[resource.files.f]".to_owned()),
        ("http", &[0], "[resource.http.h]".to_owned()),
        ("machine", &[0, 1], machine),
        ("machine", &[2], command),
        ("service", &[1], service("systemd", &local)),
        ("service", &[2], service("process", &local)),
        ("service", &[3], service("windows", &windows)),
        ("database", &[0], database("sqlite")),
        ("database", &[1], database("postgresql")),
        ("database", &[2], database("informix")),
        ("What procedures may do", &[0], "[[grant]]".to_owned()),
        ("What procedures may do", &[1], "[[policy]]".to_owned()),
        ("What procedures may do", &[2], "[window.w]".to_owned()),
        ("What procedures may do", &[3], "[[hook]]".to_owned()),
        ("People and tokens", &[0], "[user.u]".to_owned()),
    ];
    for (section, which, declared) in cases {
        let tables = page.tables(section);
        let listed: BTreeSet<String> = which.iter().flat_map(|at| tables[*at].clone()).collect();
        assert_eq!(
            listed,
            known(&site, &format!("{name}{declared}")),
            "{section} {which:?}"
        );
    }
    assert_eq!(
        page.tables("Plugins"),
        [known(&site, &format!("{name}[plugins]"))]
    );
    // What all services have in common is asked for one by one: as a list of lists, which none of them is.
    for key in page.tables("service").swap_remove(0) {
        let others = ["driver = \"systemd\"", "machine = \"m\"", "unit = \"u\""];
        let others = others.iter().filter(|other| !other.starts_with(&key));
        let others: String = others.map(|other| format!("{other}\n")).collect();
        let declared =
            format!("{name}[resource.machine.m]\n{local}[resource.service.s]\n{others}{key} = [[]]\n");
        site.write("procedo.toml", declared);
        let found = findings(&site, &[]);
        let expected = |(_, code, message): &(String, String, String)| {
            code == "P1102" && message.contains("invalid type")
        };
        assert!(found.iter().any(expected), "{key}: {found:?}");
    }
}

#[test]
fn a_new_site_goes_as_the_page_says() {
    let folder = temporary();
    let blocks = page("docs/site.md").blocks("sh");
    let first = |section: &str| blocks.iter().find(|block| block.section == section).unwrap();
    follow(first("The first ten minutes"), folder.path());
    let site = folder.path().join("site");
    let left = std::fs::read_dir(site.join("files")).unwrap().count();
    assert_eq!(left, 0, "it was undone");
    for section in ["What to back up", "People and tokens"] {
        follow(first(section), &site);
    }
}

/// The file that the first line of a block names, if it names one.
fn file_of(block: &Block) -> Option<&str> {
    let first = block.text.lines().next()?;
    let name = first.strip_prefix("// ").or_else(|| first.strip_prefix("# "))?;
    name.starts_with("scripts/").then_some(name)
}

#[test]
fn the_procedures_are_planned_and_run() {
    let site = Site::new();
    let page = page("docs/procedures.md");
    let blocks = page.parts().1;
    let mut procedures = Vec::new();
    for block in &blocks {
        if let Some(name) = file_of(block) {
            site.write(name, &block.text);
            procedures.extend(
                name.strip_prefix("scripts/")
                    .and_then(|name| name.strip_suffix(".rhai")),
            );
        }
    }
    assert_eq!(procedures, ["example/notice", "example/notices"]);
    for block in blocks.iter().filter(|block| block.language == "sh") {
        if ["Try it", "Texts and languages"].contains(&&*block.section) {
            follow(block, site.dir());
        }
    }
    let german = site.procedo(["--lang", "de", "describe", "example/notice"]).ok();
    assert!(german.out.contains("Einen Hinweis aushängen"), "{german}");
    for id in procedures {
        site.procedo(["grant", id, "--yes"]).ok();
        let plan = site.json(["plan", id]).ok();
        assert!(plan.json()["ended"]["complete"].is_object(), "{plan}");
        site.json(["run", id, "--answer", "replace=yes"]).ok();
    }
    let faults = findings(&site, &[]);
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_pieces_of_scripts_run() {
    let web = Web::serving(|_| Answer::text("well"));
    let site = Site::new();
    site.declare(&format!("[resource.http.web]\norigin = \"{}\"", web.origin));
    typed("printf abcdefgh | procedo secret set backup-password", site.dir()).ok();
    let needs = r#"needs = [
  { capability = "files", resource = "example", effect = "write" },
  { capability = "http", resource = "web", effect = "read" },
  { capability = "secrets", resource = "*", effect = "read" },
]"#;
    for (capability, resource) in [("files", "example"), ("http", "web"), ("secrets", "*")] {
        site.grant("test/*", capability, resource, "write");
    }
    let answers = [
        "go=yes",
        "color=red",
        "contact.mail=ana@contact.example",
        "contact.copies=2",
    ];
    let mut run = 0;
    for page in pages_in("docs") {
        for block in page.blocks("rhai") {
            if file_of(&block).is_some() {
                continue;
            }
            let name = format!("piece-{run}");
            site.script(&name, needs, &block.text);
            let script = site.path(&format!("scripts/test/{name}.rhai"));
            let mut faults = findings(&site, &[script.to_str().unwrap()]);
            faults.retain(|(severity, _, _)| severity == "error");
            assert!(faults.is_empty(), "{}: {faults:#?}", block.place);
            let id = format!("test/{name}");
            let mut args = vec!["run", &id, "--no-wait"];
            args.extend(answers.iter().flat_map(|answer| ["--answer", answer]));
            let done = site.json(&args);
            assert_eq!(done.code(), Some(0), "{}: {done}", block.place);
            run += 1;
        }
    }
    assert!(run >= 4, "{run} pieces were run");
}

/// The codes of a command line that is not understood; the last is that something is missing.
const NOT_UNDERSTOOD: [&str; 7] = ["P0010", "P0011", "P0013", "P0014", "P0015", "P0016", "P0012"];

#[test]
fn every_command_is_understood() {
    // Where and what to type, and whether it is all that is typed.
    let mut commands: Vec<(String, String, bool)> = Vec::new();
    let pages = pages_in("docs")
        .into_iter()
        .chain(pages_in("docs/errors"))
        .chain([page("README.md")]);
    for page in pages {
        let (lines, blocks) = page.parts();
        for block in blocks
            .iter()
            .filter(|block| ["sh", ""].contains(&&*block.language))
        {
            let lines = block.text.lines().filter(|line| line.contains("procedo "));
            commands.extend(lines.map(|line| (block.place.clone(), line.to_owned(), true)));
        }
        for (_, line) in lines {
            let named = quoted(line).filter(|text| text.starts_with("procedo "));
            let whole = named.filter(|text| !text.contains('…') && !text.contains("COMMAND"));
            commands.extend(whole.map(|text| (page.name(), text, false)));
        }
    }
    let mut seen = BTreeSet::new();
    commands.retain(|(_, line, whole)| seen.insert((line.clone(), *whole)));
    assert!(commands.len() > 60, "{} commands", commands.len());
    // No site is here: what is understood finds that out.
    let folder = temporary();
    for (place, line, whole) in commands {
        let asked = format!("procedo() {{ command procedo --json \"$@\"; }}\n{line}");
        let done = typed(&asked, folder.path());
        let told = format!("{}{}", done.out, done.err);
        let codes = &NOT_UNDERSTOOD[..if whole { 7 } else { 6 }];
        let refused = codes
            .iter()
            .any(|code| told.contains(&format!("\"code\":\"{code}\"")));
        assert!(!refused && done.code() != Some(127), "{place}: {line}\n{done}");
    }
}

/// The anchors of a document's headings, as web pages of repositories make them.
fn anchors(page: &Page) -> BTreeSet<String> {
    let lines = page.parts().0.into_iter();
    let headings = lines
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(heading, _)| heading);
    headings
        .map(|heading| {
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.collect::<String>().to_lowercase().replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let folders = ["", "docs", "docs/errors"].into_iter();
    let mut followed = 0;
    for page in folders.flat_map(pages_in) {
        for (_, line) in page.parts().0 {
            for rest in line.split("](").skip(1) {
                let target = rest.split(')').next().unwrap();
                if target.starts_with("http") {
                    continue;
                }
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let path = if file.is_empty() {
                    page.path.clone()
                } else {
                    page.path.parent().unwrap().join(file)
                };
                assert!(path.exists(), "{}: {target}", page.name());
                let led = anchor.is_empty() || anchors(&Page::read(&path)).contains(anchor);
                assert!(led, "{}: {target} names no heading", page.name());
                followed += 1;
            }
            for code in line.split(|c: char| !c.is_ascii_alphanumeric()) {
                let digits = code.strip_prefix('P').filter(|digits| digits.len() == 4);
                if digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit())) {
                    let file = checkout().join("docs/errors").join(format!("{code}.md"));
                    assert!(file.is_file(), "{}: {code} has no page", page.name());
                }
            }
        }
    }
    assert!(followed > 60, "{followed} links");
}
