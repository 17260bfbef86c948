//! Answers given in advance, as a journal keeps them: those to forms as references to what is kept encrypted. Which field is
//! a secret shows only when the question is asked, and nothing can be taken out of a journal then.

use crate::masking::reference;
use procedo_core::Result;
use procedo_core::run::RunId;
use procedo_core::value::Value;
use procedo_store::Store;
use serde_json::Map;

/// Where the forms of a run are kept; its `number`th is behind it.
fn place(run: &RunId) -> String {
    format!("answers/{}/given/", run.as_str())
}

/// What stands before a kept form, so that it is no text which a procedure could write, and which would be masked then.
fn mark(run: &RunId) -> String {
    format!("{run} ")
}

/// The answers for the journal.
pub(crate) fn sealed(store: &dyn Store, run: &RunId, mut answers: Value) -> Result<Value> {
    let forms = answers.as_object_mut().into_iter().flat_map(Map::values_mut);
    for (number, form) in forms.filter(|answer| answer.is_object()).enumerate() {
        let name = format!("{}{number}", place(run));
        let version = store.set_secret(&name, &format!("{}{form}", mark(run)))?;
        *form = Value::from(reference(&name, version));
    }
    Ok(answers)
}

/// The answers of a journal. A form that is not kept any more is asked for.
pub(crate) fn opened(store: &dyn Store, run: &RunId, answers: &Value) -> Result<Map<String, Value>> {
    let mut opened = answers.as_object().cloned().unwrap_or_default();
    let mut gone = Vec::new();
    for (key, answer) in &mut opened {
        let Some((name, version)) = kept(run, answer) else {
            continue;
        };
        let text = store.secret(&name, version)?;
        let form = text.as_deref().and_then(|text| text.strip_prefix(&mark(run)));
        match form.and_then(|form| serde_json::from_str(form).ok()) {
            Some(form) => *answer = form,
            None => gone.push(key.clone()),
        }
    }
    opened.retain(|key, _| !gone.contains(key));
    Ok(opened)
}

/// The name and version of a form that is kept.
fn kept(run: &RunId, answer: &Value) -> Option<(String, u32)> {
    let (name, version) = answer.as_str()?.strip_prefix("secret:")?.split_once('@')?;
    name.starts_with(&place(run))
        .then(|| Some((name.to_owned(), version.parse().ok()?)))?
}
