//! A run's journal as `show --json` tells it.

use serde_json::Value;

/// The entries of a run.
pub fn entries(shown: &Value) -> &Vec<Value> {
    shown["entries"].as_array().unwrap()
}

/// The entries of one kind.
pub fn of_kind<'a>(shown: &'a Value, kind: &str) -> Vec<&'a Value> {
    entries(shown).iter().filter(|entry| entry["kind"] == kind).collect()
}

/// The operation of each intent that changes something, with what it changes, in order.
pub fn changes(shown: &Value) -> Vec<String> {
    let intents = of_kind(shown, "intent").into_iter().filter(|intent| intent.get("change").is_some());
    let told = |intent: &Value| format!("{} {}", intent["operation"], intent["change"]["target"]);
    intents.map(told).collect()
}

/// What an undisturbed run's journal and that of a run which was killed and gone on with have in common: all but the
/// entries about the interruption itself, and what is new in each run: identifiers, seeds, times, durations, and digests of
/// what contains them.
pub fn comparable(shown: &Value) -> Vec<Value> {
    let run = shown["run"].as_str().unwrap();
    let kept = entries(shown).iter().filter(|entry| !matches!(entry["kind"].as_str(), Some("probe" | "resumed")));
    let mut kept: Vec<Value> = kept.cloned().collect();
    for entry in &mut kept {
        let members = entry.as_object_mut().unwrap();
        for new in ["seq", "at", "micros", "run", "seed"] {
            members.remove(new);
        }
        neutral(entry, run);
    }
    kept
}

/// Takes out what is new in each run.
fn neutral(value: &mut Value, run: &str) {
    match value {
        Value::String(text) => {
            if text.contains(run) {
                *text = text.replace(run, "RUN");
            }
        }
        Value::Array(items) => {
            // The moment at which a web server answered.
            items.retain(|item| item.get(0).and_then(Value::as_str) != Some("date"));
            items.iter_mut().for_each(|item| neutral(item, run));
        }
        Value::Object(members) => members.values_mut().for_each(|value| neutral(value, run)),
        _ => {}
    }
}

/// The first difference of two comparable journals, for whoever reads of a failure.
pub fn difference(expected: &[Value], found: &[Value]) -> Option<String> {
    for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
        if expected != found {
            return Some(format!("entry {at}:\n  undisturbed {expected}\n  resumed     {found}"));
        }
    }
    (expected.len() != found.len()).then(|| format!("{} entries instead of {}", found.len(), expected.len()))
}
