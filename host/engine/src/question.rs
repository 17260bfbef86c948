//! Questions to people: asked once, answered in advance, in time, or after any number of restarts.

use crate::builtin::{Text, typed};
use crate::failpoint::Point;
use crate::gate::{Ending, Gate};
use crate::history::Record;
use crate::live::{self, Live};
use procedo_core::caller::Fault;
use procedo_core::effect::{Effect, OperationName};
use procedo_core::journal::{Body, CallEnd, Decision, Field, Question, Wait};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind};
use procedo_store::Durability;
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Instant;

/// The longest answer to one field, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ConfirmArgs {
    key: String,
    prompt: Text,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ChooseArgs {
    key: String,
    prompt: Text,
    choices: Vec<Choice>,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct AskArgs {
    key: String,
    prompt: Text,
    fields: Vec<FieldArgs>,
}

#[derive(Deserialize, JsonSchema)]
struct Choice {
    id: String,
    label: Text,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum FieldKind {
    Line,
    Number,
    Flag,
    Choice,
    Secret,
}

#[derive(Deserialize, JsonSchema)]
struct FieldArgs {
    name: String,
    label: Text,
    kind: FieldKind,
    choices: Vec<Choice>,
    required: bool,
}

fn labelled(choices: Vec<Choice>) -> Vec<(String, Message)> {
    choices
        .into_iter()
        .map(|choice| (choice.id, choice.label.into()))
        .collect()
}

fn question_of(function: &str, args: &Value) -> Result<(String, Question), Error> {
    Ok(match function {
        "confirm" => {
            let args: ConfirmArgs = typed(args)?;
            (
                args.key,
                Question::Confirm {
                    prompt: args.prompt.into(),
                },
            )
        }
        "choose" => {
            let args: ChooseArgs = typed(args)?;
            (
                args.key,
                Question::Choose {
                    prompt: args.prompt.into(),
                    choices: labelled(args.choices),
                },
            )
        }
        _ => {
            let args: AskArgs = typed(args)?;
            let fields = args.fields.into_iter().map(|field| Field {
                name: field.name,
                label: field.label.into(),
                kind: match field.kind {
                    FieldKind::Line => "line",
                    FieldKind::Number => "number",
                    FieldKind::Flag => "flag",
                    FieldKind::Choice => "choice",
                    FieldKind::Secret => "secret",
                }
                .to_owned(),
                choices: labelled(field.choices),
                required: field.required,
            });
            (
                args.key,
                Question::Ask {
                    prompt: args.prompt.into(),
                    fields: fields.collect(),
                },
            )
        }
    })
}

fn invalid(key: &str, rule: impl std::fmt::Display, value: &Value) -> Error {
    let mut value = value.to_string();
    if value.chars().count() > 60 {
        value = value.chars().take(60).chain(['…']).collect();
    }
    Error::new(Kind::Invalid, "P0127")
        .with("key", key)
        .with("rule", rule)
        .with("value", value)
}

/// Checks an answer and brings it into the form that the call replies.
pub fn check_answer(key: &str, question: &Question, answer: &Value) -> Result<Value, Error> {
    match question {
        Question::Confirm { .. } => match answer {
            Value::Bool(_) => Ok(answer.clone()),
            Value::String(text) => match text.to_lowercase().as_str() {
                "yes" | "true" | "sí" | "si" | "ja" | "y" | "s" | "j" => Ok(Value::Bool(true)),
                "no" | "false" | "nein" | "n" => Ok(Value::Bool(false)),
                _ => Err(invalid(key, "true | false", answer)),
            },
            _ => Err(invalid(key, "true | false", answer)),
        },
        Question::Choose { choices, .. } => chosen(key, choices, answer),
        Question::Ask { fields, .. } => {
            let Value::Object(given) = answer else {
                return Err(invalid(key, "{field: value, …}", answer));
            };
            if let Some(name) = given
                .keys()
                .find(|name| !fields.iter().any(|field| field.name == **name))
            {
                let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
                return Err(invalid(&format!("{key}.{name}"), names.join(" | "), &given[name]));
            }
            let mut filled = serde_json::Map::new();
            for field in fields {
                let key = format!("{key}.{}", field.name);
                match given
                    .get(&field.name)
                    .filter(|value| !value.is_null() && value.as_str() != Some(""))
                {
                    Some(value) => {
                        filled.insert(field.name.clone(), check_field(&key, field, value)?);
                    }
                    None if field.required => return Err(invalid(&key, "required", &Value::Null)),
                    None => {}
                }
            }
            Ok(Value::Object(filled))
        }
    }
}

fn chosen(key: &str, choices: &[(String, Message)], answer: &Value) -> Result<Value, Error> {
    if choices.iter().any(|(id, _)| answer == id) {
        return Ok(answer.clone());
    }
    let ids: Vec<_> = choices.iter().map(|(id, _)| id.as_str()).collect();
    Err(invalid(key, ids.join(" | "), answer))
}

fn check_field(key: &str, field: &Field, value: &Value) -> Result<Value, Error> {
    let text = value.as_str();
    match field.kind.as_str() {
        "number" => match (
            value.as_i64(),
            text.and_then(|text| text.trim().parse::<i64>().ok()),
        ) {
            (Some(number), _) | (None, Some(number)) => Ok(Value::from(number)),
            _ => Err(invalid(key, "-9223372036854775808 … 9223372036854775807", value)),
        },
        "flag" => check_answer(
            key,
            &Question::Confirm {
                prompt: Message::literal(""),
            },
            value,
        ),
        "choice" => chosen(key, &field.choices, value),
        // The value itself never gets here: whoever takes the answer stores it and passes the reference on.
        "secret" if text.is_some_and(|text| text.starts_with("secret:")) => Ok(value.clone()),
        "secret" => Err(Error::new(Kind::Invalid, "P0136").with("key", key)),
        _ => match text {
            Some(text) if text.len() <= LONGEST_ANSWER => Ok(value.clone()),
            Some(_) => Err(invalid(key, format!("≤ {LONGEST_ANSWER} bytes"), value)),
            None => Err(invalid(key, "text", value)),
        },
    }
}

/// The reply of the call for a checked answer: a form's is JSON text.
fn reply(function: &str, answer: Value) -> Value {
    if function == "ask" {
        Value::from(answer.to_string())
    } else {
        answer
    }
}

pub(crate) fn live(
    gate: &Gate,
    mode: &Live,
    number: u64,
    operation: &OperationName,
    args: Value,
    record: Option<&Record>,
) -> Result<Value, Fault> {
    let began = Instant::now();
    let function = operation.function.as_str();
    let intent = live::intent(number, operation, args, "", Effect::Read);
    let (key, question) = match question_of(function, &intent.args) {
        Ok(asked) => asked,
        Err(error) => return gate.record(mode, intent, CallEnd::Error(error), began),
    };
    if record.is_none_or(|record| record.intent.is_none()) {
        gate.failpoint(mode, Point::BeforeIntent, number);
        gate.append(mode, vec![Body::Intent(Box::new(intent))], Durability::Whenever)?;
    }
    let decided = record.and_then(|record| {
        record
            .decided
            .iter()
            .rev()
            .find_map(|(_, decision)| match decision {
                Decision::Answer { answer, .. } => Some(answer.clone()),
                _ => None,
            })
    });
    let given = decided.or_else(|| gate.facts.answers.get(&key).cloned());
    if let Some(answer) = given {
        // An answer given in advance that does not fit is the caller's mistake; one from a letter was checked before.
        let ended = match check_answer(&key, &question, &answer) {
            Ok(answer) => CallEnd::Reply(reply(function, answer)),
            Err(error) => CallEnd::Error(error),
        };
        return gate.conclude(mode, number, ended, began);
    }
    if let Some(answer) = gate.durable(from_letters(gate, mode, number, &key, &question))? {
        return gate.conclude(mode, number, CallEnd::Reply(reply(function, answer)), began);
    }
    Err(gate.wait(mode, Some(number), Wait::Answer { key, question }))
}

/// The answer that people sent; the last one counts. All of them are taken out, and with them those to questions of earlier
/// calls: whatever stayed would call for the run to go on, again and again.
fn from_letters(
    gate: &Gate,
    mode: &Live,
    number: u64,
    key: &str,
    question: &Question,
) -> Result<Option<Value>, Error> {
    let mut letters = gate.shared.store.inbox(&gate.facts.run)?;
    letters.retain(|letter| match &letter.decision {
        Decision::Answer { key: answered, .. } => match letter.call {
            Some(call) => call < number || (call == number && answered == key),
            None => false,
        },
        _ => false,
    });
    if letters.is_empty() {
        return Ok(None);
    }
    let mut last = None;
    let mut decided = Vec::new();
    for letter in letters.iter().filter(|letter| letter.call == Some(number)) {
        if let Decision::Answer { answer, .. } = &letter.decision
            && let Ok(answer) = check_answer(key, question, answer)
        {
            last = Some(answer);
            decided.push(Body::Decided {
                call: Some(number),
                by: letter.by.clone(),
                decision: letter.decision.clone(),
            });
        }
    }
    gate.shared.store.receive(&*mode.lease, &letters, decided)?;
    Ok(last)
}

/// A question that an operation asks in the middle of its work.
pub(crate) fn in_call(
    gate: &Gate,
    mode: &Live,
    number: u64,
    key: &str,
    question: &Question,
) -> Result<Value, Error> {
    let record = mode.history.calls.get(&number);
    let decided = record.and_then(|record| {
        record
            .decided
            .iter()
            .rev()
            .find_map(|(_, decision)| match decision {
                Decision::Answer {
                    key: answered,
                    answer,
                } if answered == key => Some(answer.clone()),
                _ => None,
            })
    });
    if let Some(answer) = decided.as_ref().or_else(|| gate.facts.answers.get(key)) {
        return check_answer(key, question, answer);
    }
    if let Some(answer) = from_letters(gate, mode, number, key, question)? {
        return Ok(answer);
    }
    let wait = Wait::Answer {
        key: key.to_owned(),
        question: question.clone(),
    };
    gate.wait(mode, Some(number), wait);
    Err(Error::new(Kind::Cancelled, "P0147").with("key", key))
}

pub(crate) fn plan(gate: &Gate, function: &str, args: &Value) -> Result<Value, Fault> {
    let (key, question) = question_of(function, args)?;
    match gate.facts.answers.get(&key) {
        Some(answer) => Ok(reply(function, check_answer(&key, &question, answer)?)),
        None => Err(gate.end(Ending::Partial(Message::new("plan-question").with("key", key)))),
    }
}
