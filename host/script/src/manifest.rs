//! A script's manifest: TOML in the `//!` lines at its head.
//!
//! ```text
//! //! id = "web/copy-page"
//! //! section = "4.4.2"
//! //! steps = ["copy", "look"]
//! //! locks = ["web"]
//! //!
//! //! [[needs]]
//! //! capability = "files"
//! //! resource = "web"
//! //! effect = "write"
//! //!
//! //! [parameters]
//! //! required = ["page"]
//! //! properties.page = { type = "string", maxLength = 200 }
//! //!
//! //! [texts.en]
//! //! title = "Copy a page"
//! //! summary = "Copies a page of the web components."
//! //! param-page = "The page"
//! //! step-copy = "Copy { $page }"
//! ```
//!
//! `supervised` and `destructive` are false, `section` is absent and the lists are empty unless they are given.
//! `[parameters]` is a JSON Schema; `type = "object"` and `additionalProperties = false` need not be written. The texts are
//! patterns of Fluent. Files beside the script, `NAME.es.ftl`, may add messages in their language.

use crate::place::{Source, Spot};
use crate::texts;
use procedo_core::effect::Effect;
use procedo_core::manifest::{Manifest, Need};
use procedo_core::message::Language;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What starts a line of the header.
const MARK: &str = "//!";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    id: String,
    section: Option<String>,
    #[serde(default)]
    supervised: bool,
    #[serde(default)]
    destructive: bool,
    #[serde(default)]
    locks: Vec<String>,
    #[serde(default)]
    steps: Vec<String>,
    #[serde(default)]
    needs: Vec<HeaderNeed>,
    #[serde(default)]
    parameters: serde_json::Map<String, Value>,
    #[serde(default)]
    texts: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderNeed {
    capability: String,
    resource: String,
    effect: Effect,
}

/// The header's TOML, each line where it stands in the script.
struct Lines {
    toml: String,
    /// For each line of the script up to the header's end: how many characters precede the TOML.
    margins: Vec<usize>,
}

impl Lines {
    /// The lines that start with the mark, from the first such line to the last before code. Blank lines and comments may
    /// stand above and between; their lines are empty in the TOML.
    fn of(text: &str) -> Option<Self> {
        let mut lines = Self {
            toml: String::new(),
            margins: Vec::new(),
        };
        let mut any = false;
        for line in text.lines() {
            let trimmed = line.trim_start();
            let indent = line.chars().count() - trimmed.chars().count();
            if let Some(rest) = trimmed.strip_prefix(MARK) {
                any = true;
                let toml = rest.strip_prefix(' ').unwrap_or(rest);
                lines
                    .margins
                    .push(indent + MARK.len() + (rest.len() - toml.len()));
                lines.toml.push_str(toml);
            } else if trimmed.is_empty() || (trimmed.starts_with("//") && !any) {
                lines.margins.push(0);
            } else {
                break;
            }
            lines.toml.push('\n');
        }
        any.then_some(lines)
    }

    fn spot(&self, byte: usize) -> Spot {
        let toml = Source {
            name: String::new(),
            text: self.toml.clone(),
        };
        let spot = toml.spot(byte);
        let margin = self.margins.get(spot.line - 1).copied().unwrap_or(0);
        Spot {
            line: spot.line,
            column: spot.column + margin,
        }
    }

    /// The spot of the first line that gives a key or opens its table; else of the header's start.
    fn spot_of(&self, key: &str) -> Spot {
        let gives = |line: &str| {
            let line = line.trim_start().trim_start_matches('[').trim_start();
            line.strip_prefix(key)
                .is_some_and(|rest| rest.trim_start().starts_with(['=', '.', ']']))
        };
        let mut start = 0;
        for line in self.toml.split_inclusive('\n') {
            if gives(line) {
                return self.spot(start);
            }
            start += line.len();
        }
        self.spot(self.toml.find(|c: char| !c.is_whitespace()).unwrap_or(0))
    }
}

/// Reads the manifest from a script's header; `more` are the messages of files beside it, by language tag.
///
/// # Errors
/// `P0601` with line and column, `P0602` if there is no header.
pub fn read(source: &Source, more: &BTreeMap<String, String>) -> Result<Manifest> {
    let Some(lines) = Lines::of(&source.text) else {
        return Err(Error::new(Kind::Invalid, "P0602").with("file", &source.name));
    };
    let fail = |spot: Spot, reason: &str| {
        source
            .error(Kind::Invalid, "P0601", spot)
            .with("reason", reason.trim_end())
    };
    let header: Header = toml::from_str(&lines.toml).map_err(|error| {
        let spot = match error.span() {
            Some(span) if span.start < lines.toml.len() => lines.spot(span.start),
            _ => lines.spot_of(""),
        };
        fail(spot, error.message())
    })?;
    let mut catalogues = BTreeMap::new();
    for (tag, messages) in &header.texts {
        let language = Language::of_locale(tag).filter(|language| language.tag() == tag);
        if language.is_none() {
            return Err(fail(
                lines.spot_of(&format!("texts.{tag}")),
                &format!("“{tag}” is none of en, es, de"),
            ));
        }
        let catalogue = texts::catalogue(messages);
        let catalogue = catalogue.map_err(|fault| fail(lines.spot_of(&fault.id), &fault.to_string()))?;
        catalogues.insert(tag.clone(), catalogue);
    }
    for (tag, messages) in more {
        let catalogue: &mut String = catalogues.entry(tag.clone()).or_default();
        catalogue.push_str(messages);
    }
    let mut parameters = header.parameters;
    parameters.entry("type").or_insert_with(|| "object".into());
    parameters
        .entry("additionalProperties")
        .or_insert(Value::Bool(false));
    let need = |need: HeaderNeed| Need {
        capability: need.capability,
        resource: need.resource,
        effect: need.effect,
    };
    let manifest = Manifest {
        id: header.id,
        parameters: Value::Object(parameters),
        needs: header.needs.into_iter().map(need).collect(),
        locks: header.locks,
        steps: header.steps,
        supervised: header.supervised,
        destructive: header.destructive,
        section: header.section,
        texts: catalogues,
    };
    match manifest.check() {
        Ok(()) => Ok(manifest),
        Err(error) => Err(fail(
            lines.spot_of(error.field),
            &format!("{}: {}", error.field, error.reason),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use procedo_core::message::Message;

    const GOOD: &str = r#"// A site's own script.

//! id = "web/copy-page"
//! steps = ["copy"]
//! [[needs]]
//! capability = "files"
//! resource = "$root"
//! effect = "write"
//! [parameters]
//! required = ["root"]
//! properties.root = { type = "string" }
//! [texts.en]
//! title = "Copy"
//! summary = "Copies { $page }."
//! [texts.de]
//! title = "Kopieren"

files::read(params.root, "x")
"#;

    fn read_text(text: &str) -> Result<Manifest> {
        read(
            &Source {
                name: "web/a.rhai".to_owned(),
                text: text.to_owned(),
            },
            &BTreeMap::new(),
        )
    }

    /// Where and why a header is refused.
    fn refusal(text: &str) -> (String, String, String) {
        let error = read_text(text).unwrap_err();
        assert_eq!(error.code, "P0601");
        let arg = |name: &str| error.message.args[name].clone();
        (arg("line"), arg("column"), arg("reason"))
    }

    #[test]
    fn a_header_is_read_with_what_need_not_be_written() {
        let manifest = read_text(GOOD).unwrap();
        assert_eq!(manifest.id, "web/copy-page");
        assert_eq!(manifest.needs[0].effect, Effect::Write);
        assert_eq!(manifest.parameters["type"], "object");
        assert_eq!(manifest.parameters["additionalProperties"], false);
        let texts = manifest.catalogues().unwrap();
        assert_eq!(
            texts.tell(Language::En, &Message::new("summary").with("page", "x")),
            "Copies x."
        );
        assert_eq!(texts.tell(Language::De, &Message::new("title")), "Kopieren");
    }

    #[test]
    fn a_file_beside_the_script_adds_messages() {
        let source = Source {
            name: "web/a.rhai".to_owned(),
            text: GOOD.to_owned(),
        };
        let more = BTreeMap::from([("es".to_owned(), "title = Copiar\n".to_owned())]);
        let texts = read(&source, &more).unwrap().catalogues().unwrap();
        assert_eq!(texts.tell(Language::Es, &Message::new("title")), "Copiar");
        let twice = BTreeMap::from([("de".to_owned(), "title = Nochmal\n".to_owned())]);
        assert_eq!(read(&source, &twice).unwrap_err().code, "P0601");
    }

    #[test]
    fn a_mistake_in_the_toml_is_found_by_line_and_column() {
        let (line, column, reason) = refusal(&GOOD.replace("steps = [", "steps = {"));
        assert_eq!((line.as_str(), column.as_str()), ("4", "20"), "{reason}");
        let (line, column, reason) = refusal(&GOOD.replace("effect = \"write\"", "effect = \"wild\""));
        assert_eq!((line.as_str(), column.as_str()), ("8", "14"), "{reason}");
        let (line, _, reason) = refusal(&GOOD.replace("steps", "stebs"));
        assert!(line == "4" && reason.contains("stebs"), "{line}: {reason}");
    }

    #[test]
    fn a_manifest_that_breaks_a_rule_is_found_by_the_member() {
        let (line, _, reason) = refusal(&GOOD.replace("web/copy-page", "Copy"));
        assert!(line == "3" && reason.contains("Copy"), "{line}: {reason}");
        let (line, _, reason) = refusal(&GOOD.replace("$root", "$route"));
        assert!(line == "5" && reason.contains("$route"), "{line}: {reason}");
        let (line, _, reason) = refusal(&GOOD.replace("texts.de", "texts.fr"));
        assert!(line == "15" && reason.contains("fr"), "{line}: {reason}");
        let (line, _, reason) = refusal(&GOOD.replace("Copies { $page }.", "Copies { $page"));
        assert!(line == "14" && reason.contains("summary"), "{line}: {reason}");
        assert!(refusal("//! id = \"web/a\"\n1").2.contains("title"));
    }

    #[test]
    fn a_script_without_a_header_is_refused() {
        assert_eq!(read_text("let a = 1;").unwrap_err().code, "P0602");
        assert_eq!(read_text("").unwrap_err().code, "P0602");
        assert_eq!(
            read_text("let a = 1;\n//! id = \"web/a\"").unwrap_err().code,
            "P0602"
        );
    }
}
