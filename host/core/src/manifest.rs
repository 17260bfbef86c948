//! A procedure's manifest: all that the host allows it to need.

use crate::effect::Effect;
use crate::message::{Language, Texts};
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a procedure needs and says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// The identifier, such as `web/localize-components`.
    pub id: String,
    /// The parameters, a JSON Schema of an object.
    pub parameters: Value,
    /// What it uses.
    pub needs: Vec<Need>,
    /// Names of locks it holds while it changes things; `$NAME` stands for the value of a parameter.
    pub locks: Vec<String>,
    /// The names of its steps and verifications, in order.
    pub steps: Vec<String>,
    /// Whether a second person must approve each run.
    pub supervised: bool,
    /// Whether it destroys something on purpose.
    pub destructive: bool,
    /// The section of the manual it comes from.
    pub section: Option<String>,
    /// Its messages by language tag, in the Fluent format: `title`, `summary`, `param-NAME`, `step-NAME` and its own.
    pub texts: BTreeMap<String, String>,
}

/// A capability that a procedure uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Need {
    /// The capability.
    pub capability: String,
    /// The resource; `$NAME` stands for the value of the parameter NAME, `*` for any.
    pub resource: String,
    /// The strongest effect it may have.
    pub effect: Effect,
}

/// What is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the manifest of “{id}” is not valid: {field}: {reason}")]
pub struct ManifestError {
    /// The procedure.
    pub id: String,
    /// The member of the manifest.
    pub field: &'static str,
    /// The rule it breaks, and the value.
    pub reason: String,
}

/// Whether a text is a procedure's identifier: parts of `a`–`z`, `0`–`9` and `-`, separated by `/`, at least two.
pub fn is_procedure_id(text: &str) -> bool {
    let part = |p: &str| {
        !p.is_empty()
            && p.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.len() <= 120 && text.contains('/') && text.split('/').all(part)
}

impl Manifest {
    /// Checks what a manifest must hold whatever its procedure does.
    pub fn check(&self) -> Result<(), ManifestError> {
        let fail = |field, reason: String| {
            Err(ManifestError {
                id: self.id.clone(),
                field,
                reason,
            })
        };
        if !is_procedure_id(&self.id) {
            return fail(
                "id",
                format!("“{}” is not lower-case words separated by “/”", self.id),
            );
        }
        if self.parameters.get("type").and_then(Value::as_str) != Some("object") {
            return fail(
                "parameters",
                "the schema must say \"type\": \"object\"".to_owned(),
            );
        }
        let known = |name: &str| self.parameters.pointer(&format!("/properties/{name}")).is_some();
        for name in self.needs.iter().map(|need| &need.resource).chain(&self.locks) {
            if let Some(parameter) = name.strip_prefix('$')
                && !known(parameter)
            {
                return fail(
                    "needs",
                    format!("“{name}” names a parameter that the schema does not have"),
                );
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        if let Some(step) = self.steps.iter().find(|step| !seen.insert(*step)) {
            return fail("steps", format!("“{step}” stands there twice"));
        }
        let texts = self.catalogues().map_err(|reason| ManifestError {
            id: self.id.clone(),
            field: "texts",
            reason,
        })?;
        match ["title", "summary"]
            .iter()
            .find(|id| !texts.has(Language::En, id))
        {
            Some(id) => fail("texts", format!("there is no English “{id}”")),
            None => Ok(()),
        }
    }

    /// The procedure's own messages, ready to be told.
    pub fn catalogues(&self) -> Result<Texts, String> {
        let mut texts = Texts::new();
        for (tag, source) in &self.texts {
            if let Some(language) = Language::of_locale(tag) {
                texts.add(language, source).map_err(|error| error.to_string())?;
            }
        }
        Ok(texts)
    }

    /// The manifest's name for a resource or lock, with `$NAME` replaced by the parameter's value.
    pub fn resolve<'a>(name: &'a str, params: &'a Value) -> &'a str {
        match name.strip_prefix('$') {
            Some(parameter) => params.get(parameter).and_then(Value::as_str).unwrap_or_default(),
            None => name,
        }
    }
}
