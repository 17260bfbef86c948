//! A run's journal as `show --json` tells it.

use serde_json::Value;

/// The entries of a run.
pub fn entries(shown: &Value) -> &Vec<Value> {
    shown["entries"].as_array().unwrap()
}

/// The entries of one kind.
pub fn of_kind<'a>(shown: &'a Value, kind: &str) -> Vec<&'a Value> {
    entries(shown)
        .iter()
        .filter(|entry| entry["kind"] == kind)
        .collect()
}

/// The operation of each intent that changes something, with what it changes, in order.
pub fn changes(shown: &Value) -> Vec<String> {
    let intents = of_kind(shown, "intent")
        .into_iter()
        .filter(|intent| intent.get("change").is_some());
    let told = |intent: &Value| format!("{} {}", intent["operation"], intent["change"]["target"]);
    intents.map(told).collect()
}

/// What an undisturbed run's journal and that of a run which was killed and gone on with have in common: all but the
/// entries about the interruption itself, and what is new in each run: identifiers, seeds, times, durations, and digests of
/// what contains them.
pub fn comparable(shown: &Value) -> Vec<Value> {
    let run = shown["run"].as_str().unwrap().split('/').next().unwrap();
    let kept = entries(shown)
        .iter()
        .filter(|entry| !matches!(entry["kind"].as_str(), Some("probe" | "resumed")));
    let mut kept: Vec<Value> = kept.cloned().collect();
    let told_new = |operation: &Value| matches!(operation.as_str(), Some("run.now" | "run.random"));
    let moments = of_kind(shown, "intent")
        .into_iter()
        .filter(|intent| told_new(&intent["operation"]));
    let moments: Vec<_> = moments.map(|intent| intent["call"].clone()).collect();
    for entry in &mut kept {
        if entry["kind"] == "outcome" && moments.contains(&entry["call"]) {
            entry["reply"] = Value::from("NEW");
        }
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
        Value::String(text) => *text = text.replace(run, "RUN"),
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
            return Some(format!(
                "entry {at}:\n  undisturbed {expected}\n  resumed     {found}"
            ));
        }
    }
    (expected.len() != found.len()).then(|| format!("{} entries instead of {}", found.len(), expected.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(run: &str, entries: Value) -> Value {
        json!({"run": run, "entries": entries})
    }

    #[test]
    fn what_is_new_in_each_run_does_not_count() {
        let one = shown(
            "a-1",
            json!([
                {"seq": 0, "at": 1, "kind": "started", "run": "a-1", "seed": "x", "params": {}},
                {"seq": 1, "at": 2, "kind": "intent", "call": 1, "operation": "run.now"},
                {"seq": 2, "at": 2, "kind": "outcome", "call": 1, "micros": 5, "reply": "2026"},
            ]),
        );
        let other = shown(
            "b-2",
            json!([
                {"seq": 0, "at": 7, "kind": "started", "run": "b-2", "seed": "y", "params": {}},
                {"seq": 1, "at": 7, "kind": "resumed", "by": {"person": "p"}},
                {"seq": 2, "at": 8, "kind": "intent", "call": 1, "operation": "run.now"},
                {"seq": 3, "at": 9, "kind": "outcome", "call": 1, "micros": 6, "reply": "2027"},
            ]),
        );
        assert_eq!(difference(&comparable(&one), &comparable(&other)), None);
    }

    #[test]
    fn everything_else_counts() {
        let entry = |reply| json!([{"seq": 0, "kind": "outcome", "call": 1, "reply": reply}]);
        let (one, other) = (shown("a-1", entry("x")), shown("a-1", entry("y")));
        assert!(difference(&comparable(&one), &comparable(&other)).is_some());
        let none = shown("a-1", json!([]));
        assert!(difference(&comparable(&one), &comparable(&none)).is_some());
    }
}
