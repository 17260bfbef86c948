//! What Rhai says went wrong, as errors that name file, line, column and the rule.

use crate::place::{Source, Spot};
use procedo_core::{Error, Kind};
use procedo_interface::dynamic::shown;
use rhai::{Dynamic, EvalAltResult, ParseError, Position};
use std::collections::BTreeMap;

/// The texts of a script and its modules, by name.
#[derive(Clone, Debug)]
pub struct Sources {
    main: String,
    all: BTreeMap<String, Source>,
}

impl Sources {
    /// Only the script itself so far.
    pub fn new(main: Source) -> Self {
        Self {
            main: main.name.clone(),
            all: BTreeMap::from([(main.name.clone(), main)]),
        }
    }

    /// Adds a module.
    pub fn add(&mut self, module: Source) {
        self.all.insert(module.name.clone(), module);
    }

    /// The script itself.
    pub fn main(&self) -> &Source {
        &self.all[&self.main]
    }

    /// The file of that name; the script itself for an unknown one.
    pub fn find(&self, name: &str) -> &Source {
        self.all.get(name).unwrap_or_else(|| self.main())
    }

    /// All files by name.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.all.values()
    }
}

/// A text that is not Rhai.
pub fn of_parse(error: &ParseError, source: &Source) -> Error {
    source
        .error(Kind::Invalid, "P0603", error.1.into())
        .with("reason", &error.0)
}

/// Where the innermost part of an error happened: the file, and the position there.
fn place_of<'a>(error: &'a EvalAltResult, sources: &'a Sources) -> (&'a Source, Position) {
    let mut error = error;
    let mut file = sources.main();
    let mut position = error.position();
    loop {
        let inner = match error {
            EvalAltResult::ErrorInFunctionCall(_, source, inner, _) => {
                if !source.is_empty() {
                    file = sources.find(source);
                }
                inner
            }
            EvalAltResult::ErrorInModule(_, inner, _) => inner,
            _ => return (file, position),
        };
        error = inner;
        if !error.position().is_none() {
            position = error.position();
        }
    }
}

/// Where an error that a script caught was thrown first, as it tells itself. Only what the host and Rhai throw tells that: a
/// script's own map may have such members for anything.
fn first_place<'a>(value: &Dynamic, sources: &'a Sources) -> Option<(&'a Source, Spot)> {
    let map = value.as_map_ref().ok()?;
    let of_host = Thrown::of(value).is_some_and(|thrown| is_host_code(&thrown.code));
    if !of_host {
        let (name, words) = words_of_rhai(value)?;
        if name == IN_CALL {
            // Its members tell the line of the call; where it happened in what was called stands in its words only.
            return place_in_words(&words, sources);
        }
    }
    let number = |key: &str| usize::try_from(map.get(key)?.as_int().ok()?).ok();
    let line = number("line").filter(|line| *line > 0)?;
    let column = number("position").unwrap_or(0);
    let source = map.get("source").and_then(|name| name.clone().into_string().ok());
    let file = sources.find(source.as_deref().unwrap_or_default());
    Some((file, Spot { line, column }))
}

/// Rhai's name for an error in a function that was called.
const IN_CALL: &str = "ErrorInFunctionCall";

/// The name and the words of an error of Rhai's own that a script caught.
fn words_of_rhai(value: &Dynamic) -> Option<(String, String)> {
    let map = value.as_map_ref().ok()?;
    let text = |key: &str| map.get(key)?.clone().into_string().ok();
    Some((text("error")?, text("message")?))
}

/// The sentence, the file and the position in Rhai's words: `SENTENCE @ 'FILE' (line 8, position 10)`, without a file for the
/// script itself. The lines below name the calls around it.
fn parts_of_words(words: &str) -> (&str, Option<&str>, Option<&str>) {
    let first = words.lines().next().unwrap_or_default();
    let (before, position) = match first.rsplit_once(" (line ") {
        Some((before, rest)) if rest.ends_with(')') => (before, rest.strip_suffix(')')),
        _ => (first, None),
    };
    match before.rsplit_once(" @ '") {
        Some((sentence, file)) => (sentence, file.strip_suffix('\''), position),
        None => (before, None, position),
    }
}

fn place_in_words<'a>(words: &str, sources: &'a Sources) -> Option<(&'a Source, Spot)> {
    let (_, file, position) = parts_of_words(words);
    let (line, column) = position?.split_once(", position ")?;
    let spot = Spot {
        line: line.parse().ok()?,
        column: column.parse().ok()?,
    };
    Some((sources.find(file.unwrap_or_default()), spot))
}

/// What an error of Rhai's own says that a script caught; its place stands elsewhere in our sentences.
fn own_of_rhai(value: &Dynamic) -> Option<String> {
    let (_, words) = words_of_rhai(value)?;
    Some(parts_of_words(&words).0.to_owned())
}

/// The limit that an error tells of, if it does: its code, and what it is about.
pub fn limit_of(error: &EvalAltResult) -> Option<(&'static str, &'static str)> {
    match error.unwrap_inner() {
        EvalAltResult::ErrorTooManyOperations(_) => Some(("P0621", "operations")),
        // Rhai names what is too large in words only.
        EvalAltResult::ErrorDataTooLarge(what, _) if what.contains("string") => Some(("P0622", "text")),
        EvalAltResult::ErrorDataTooLarge(what, _) if what.contains("map") => Some(("P0622", "members")),
        EvalAltResult::ErrorDataTooLarge(..) => Some(("P0622", "items")),
        EvalAltResult::ErrorStackOverflow(_) => Some(("P0623", "calls")),
        EvalAltResult::ErrorTooManyVariables(_) => Some(("P0624", "variables")),
        EvalAltResult::ErrorTooManyModules(_) => Some(("P0624", "modules")),
        _ => None,
    }
}

/// A script's run that ended with an error. What it threw itself stays as it is; what a call threw keeps kind and code.
pub fn of_run(error: &EvalAltResult, sources: &Sources) -> Error {
    let (file, spot) = match error.unwrap_inner() {
        // What was caught and thrown again happened where it was thrown first.
        EvalAltResult::ErrorRuntime(value, _) => first_place(value, sources),
        _ => None,
    }
    .unwrap_or_else(|| {
        let (file, position) = place_of(error, sources);
        (file, Spot::from(position))
    });
    let at = |kind, code| file.error(kind, code, spot);
    if let Some((code, what)) = limit_of(error) {
        return at(Kind::TooLarge, code).with("what", what);
    }
    match error.unwrap_inner() {
        EvalAltResult::ErrorRuntime(value, _) => match Thrown::of(value) {
            Some(thrown) if is_host_code(&thrown.code) => {
                let mut error = at(thrown.kind, "P0605").with("message", thrown.message);
                error.code = thrown.code;
                error
            }
            Some(thrown) => Error::of_guest(thrown.kind, thrown.code, thrown.message),
            None if let Some(reason) = own_of_rhai(value) => at(Kind::Failed, "P0604").with("reason", reason),
            None => at(Kind::Failed, "P0606").with("value", shown(value)),
        },
        EvalAltResult::ErrorFunctionNotFound(name, _) => at(Kind::Invalid, "P0607").with("name", name),
        EvalAltResult::ErrorVariableNotFound(name, _) => at(Kind::Invalid, "P0608").with("name", name),
        EvalAltResult::ErrorPropertyNotFound(name, _) => at(Kind::Invalid, "P0609").with("name", name),
        EvalAltResult::ErrorIndexNotFound(name, _) => at(Kind::Invalid, "P0609").with("name", shown(name)),
        EvalAltResult::ErrorModuleNotFound(name, _) => at(Kind::Invalid, "P0610").with("name", name),
        inner => at(Kind::Failed, "P0604").with("reason", without_position(inner)),
    }
}

/// Rhai's sentence without the position, which stands elsewhere in ours.
fn without_position(error: &EvalAltResult) -> String {
    let text = error.to_string();
    match text.rfind(" (line ") {
        Some(at) if text.ends_with(')') => text[..at].to_owned(),
        _ => text,
    }
}

/// An error as scripts throw it: a map of `kind`, `code` and `message`.
struct Thrown {
    kind: Kind,
    code: String,
    message: String,
}

impl Thrown {
    fn of(value: &Dynamic) -> Option<Self> {
        let map = value.as_map_ref().ok()?;
        let text = |key: &str| map.get(key)?.clone().into_immutable_string().ok();
        Some(Self {
            kind: kind_named(&text("kind")?)?,
            code: text("code")?.to_string(),
            message: text("message")?.to_string(),
        })
    }
}

/// The kind of that name.
pub fn kind_named(name: &str) -> Option<Kind> {
    serde_json::from_value(serde_json::Value::from(name)).ok()
}

/// Whether a code is one of the host's: `P` and four digits.
pub fn is_host_code(code: &str) -> bool {
    code.len() == 5 && code.starts_with('P') && code[1..].bytes().all(|b| b.is_ascii_digit())
}
