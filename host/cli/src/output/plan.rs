//! A plan as people and programs read it.

use super::{Output, Style, escape, msg};
use procedo_core::change::Change;
use procedo_core::effect::Effect;
use procedo_core::message::{Message, Texts};
use procedo_core::value::Value;
use procedo_engine::plan::{Plan, PlanEnd, PlannedChange};
use serde_json::json;

/// The plan as a JSON document.
pub fn document(output: &Output, own: Option<&Texts>, plan: &Plan) -> Value {
    let change = |planned: &PlannedChange| {
        let change = &planned.change;
        json!({
            "seq": planned.seq,
            "call": planned.call,
            "resource": planned.resource,
            "effect": planned.effect,
            "target": change.target,
            "summary": output.tell_of(own, &change.summary),
            "before": change.before,
            "after": change.after,
            "diff": change.diff,
            "step": planned.step,
            "child": planned.child,
        })
    };
    let ended = match &plan.ended {
        PlanEnd::Complete { result } => json!({"complete": {"result": result}}),
        PlanEnd::Partial { why } => json!({"partial": {"why": output.tell_of(own, why)}}),
        PlanEnd::Fails { error } => json!({"fails": {"error": output.error_value(error)}}),
    };
    json!({
        "procedure": plan.procedure,
        "params": plan.params,
        "digest": plan.digest,
        "changes": plan.changes.iter().map(change).collect::<Vec<_>>(),
        "steps": plan.steps,
        "ended": ended,
    })
}

/// Writes the plan for people: steps with their changes, diffs if wanted, and how it ends.
pub fn write(output: &Output, own: Option<&Texts>, plan: &Plan, diffs: bool) {
    let mut told: Vec<&str> = Vec::new();
    let mut present = None;
    for planned in &plan.changes {
        let step = planned.step.as_deref();
        if step != present || planned.child.is_some() {
            present = step;
            if let Some(step) = step.filter(|step| !told.contains(step)) {
                told.push(step);
                let title = step_title(output, own, step, &plan.params);
                output.line(output.paint(Style::Strong, format!("▸ {title}")));
            }
        }
        change(output, own, planned, diffs);
    }
    let verifications = plan.steps.iter().filter(|step| step.verification);
    for step in verifications {
        let title = step_title(output, own, &step.name, &plan.params);
        output.line(output.paint(
            Style::Faint,
            output.tell(&msg!("plan-verification", step = title)),
        ));
    }
    match &plan.ended {
        PlanEnd::Complete { result } if plan.changes.is_empty() => {
            output.say(&msg!("plan-nothing"));
            left_as_it_is(output, result);
        }
        PlanEnd::Complete { result } => {
            left_as_it_is(output, result);
            let told = output.tell(&msg!(
                "plan-complete",
                count = plan.changes.len(),
                digest = plan.digest.short()
            ));
            output.line(output.paint(Style::Strong, told));
        }
        PlanEnd::Partial { why } => {
            let why = output.tell_of(own, why);
            let told = output.tell(&msg!(
                "plan-partial",
                count = plan.changes.len(),
                digest = plan.digest.short(),
                why = why
            ));
            output.line(output.paint(Style::Warning, told));
        }
        PlanEnd::Fails { error } => {
            let reason = format!("{}: {}", error.code, output.tell_of(own, &error.message));
            let told = output.tell(&msg!("plan-fails", count = plan.changes.len()));
            output.line(output.paint(Style::Bad, format!("{told}\n  {reason}")));
        }
    }
}

/// Writes what an undo leaves as it is, and why; its result tells.
pub fn left_as_it_is(output: &Output, undone: &Value) {
    if undone.get("undone").is_none() {
        return;
    }
    for (id, list) in [("undo-kept", "kept"), ("undo-irreversible", "irreversible")] {
        for item in undone.get(list).and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
            let told = output.tell(&msg!(id, target = text("target"), reason = text("reason")));
            output.line(output.paint(Style::Warning, format!("  {told}")));
        }
    }
}

/// The title of a step: the procedure's `step-NAME`, else the name.
pub fn step_title(output: &Output, own: Option<&Texts>, step: &str, params: &Value) -> String {
    let mut message = Message::new(format!("step-{step}"));
    for (name, value) in params.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => message = message.with(name, text),
            Value::Number(_) | Value::Bool(_) => message = message.with(name, value),
            _ => {}
        }
    }
    let message = escape::values(&message);
    let told = own.and_then(|own| own.find(output.language, &message));
    escape::one_line(&told.unwrap_or_else(|| step.to_owned())).into_owned()
}

fn change(output: &Output, own: Option<&Texts>, planned: &PlannedChange, diffs: bool) {
    let indent = if planned.step.is_some() { "  " } else { "" };
    let child = planned.child.as_ref().map_or_else(String::new, |child| {
        format!("{} ", output.paint(Style::Faint, format!("[{child}]")))
    });
    output.line(format!(
        "{indent}{} {child}{}",
        mark(output, planned.effect),
        output.tell_of(own, &planned.change.summary)
    ));
    if diffs {
        diff(output, &planned.change, &format!("{indent}  "));
    }
}

/// The sign before a change.
pub fn mark(output: &Output, effect: Effect) -> String {
    match effect {
        Effect::Read => output.paint(Style::Faint, "·"),
        Effect::Write => output.paint(Style::Accent, "~"),
        Effect::Destructive => output.paint(Style::Bad, "!"),
    }
}

/// Writes the diff of a change, if it has one.
pub fn diff(output: &Output, change: &Change, indent: &str) {
    for line in change.diff.as_deref().unwrap_or_default().lines() {
        let style = match line.as_bytes().first() {
            Some(b'+') => Style::Good,
            Some(b'-') => Style::Bad,
            Some(b'@') => Style::Accent,
            _ => Style::Faint,
        };
        output.line(format!(
            "{indent}{}",
            output.paint(style, escape::one_line(&line.replace('\t', "    ")))
        ));
    }
}
