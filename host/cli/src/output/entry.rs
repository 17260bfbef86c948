//! Entries of a journal as sentences.

use super::{Output, Style, escape, moment, msg, plan};
use procedo_core::journal::{Body, CallEnd, Decision, Entry, Intent, Question, RunEnd, StepMark, Wait};
use procedo_core::message::{Message, Texts};
use procedo_core::value::Value;
use std::collections::HashMap;
use std::time::Duration;

/// Tells the entries of one run, in order.
pub struct Teller<'a> {
    output: &'a Output,
    own: Option<Texts>,
    params: Value,
    depth: usize,
    calls: HashMap<u64, Intent>,
    diffs: bool,
    /// Steps that have ended and are still to be told: what follows decides how.
    ended: Vec<Ended>,
    /// Whether what was told last is a call that failed.
    after_failure: bool,
}

/// A step that has ended. It ends whatever became of it: that it went wrong shows only when the run fails with nothing in
/// between. One that ended with a call that failed is not called good: the script may have caught what it threw.
struct Ended {
    before: String,
    title: String,
    doubtful: bool,
}

impl<'a> Teller<'a> {
    /// `own` are the procedure's texts, if it is still there.
    pub fn new(output: &'a Output, own: Option<Texts>, diffs: bool) -> Self {
        Self {
            output,
            own,
            params: Value::Null,
            depth: 0,
            calls: HashMap::new(),
            diffs,
            ended: Vec::new(),
            after_failure: false,
        }
    }

    /// Writes an entry. What only replay needs is left out; the end of a step is written with what follows it.
    pub fn write(&mut self, entry: &Entry) {
        if let Body::Step {
            mark: mark @ (StepMark::End | StepMark::Closed),
            name,
            ..
        } = &entry.body
        {
            self.depth = self.depth.saturating_sub(1);
            self.ended.push(Ended {
                before: self.before(entry),
                title: self.step(name),
                doubtful: *mark == StepMark::Closed || self.after_failure,
            });
            return;
        }
        let told = self.sentence(&entry.body);
        if let Some((style, text)) = told {
            let failed = matches!(
                entry.body,
                Body::Finished {
                    ended: RunEnd::Failed(_)
                }
            );
            self.tell_ended(failed);
            self.after_failure = matches!(
                entry.body,
                Body::Outcome {
                    ended: CallEnd::Error(_),
                    ..
                }
            );
            let output = self.output;
            output.line(format!("{}{}", self.before(entry), output.paint(style, text)));
        }
        match &entry.body {
            Body::Step {
                mark: StepMark::Begin | StepMark::Verify,
                ..
            } => self.depth += 1,
            Body::Intent(intent) if self.diffs => {
                if let Some(change) = &intent.change {
                    plan::diff(self.output, change, &" ".repeat(18 + 2 * self.depth));
                }
            }
            _ => {}
        }
    }

    /// Writes the steps that have ended though nothing follows: there are no more entries.
    pub fn rest(&mut self) {
        self.tell_ended(false);
    }

    fn tell_ended(&mut self, failed: bool) {
        for step in std::mem::take(&mut self.ended) {
            let (style, sign) = match step.doubtful {
                _ if failed => (Style::Bad, "✗"),
                true => (Style::Warning, "■"),
                false => (Style::Good, "✓"),
            };
            let told = self.output.paint(style, format!("{sign} {}", step.title));
            self.output.line(format!("{}{told}", step.before));
        }
    }

    /// What stands before an entry: its number, its time, and how deep in steps it is.
    fn before(&self, entry: &Entry) -> String {
        let output = self.output;
        let time = output.paint(
            Style::Faint,
            format!(
                "{:>4}  {}",
                entry.seq,
                moment::time_of_day(&output.zone, entry.at)
            ),
        );
        format!("{time}  {}", "  ".repeat(self.depth))
    }

    fn sentence(&mut self, body: &Body) -> Option<(Style, String)> {
        let output = self.output;
        Some(match body {
            Body::Started(started) => {
                self.params = started.params.clone();
                let by = escape::one_line(&started.by.to_string()).into_owned();
                let mut told = output.tell(&msg!("entry-started", procedure = started.procedure, by = by));
                if let Some(reason) = &started.override_reason {
                    let overridden = output.tell(&msg!("entry-override", reason = reason));
                    told = format!("{told} {overridden}");
                }
                (Style::Plain, told)
            }
            Body::Intent(intent) => {
                let told = self.call(intent);
                let mark = intent.change.as_ref().map(|_| plan::mark(output, intent.effect));
                self.calls.insert(intent.call, (**intent).clone());
                // Steps have entries of their own.
                let told = told?;
                (
                    Style::Plain,
                    mark.map_or_else(|| told.clone(), |mark| format!("{mark} {told}")),
                )
            }
            Body::Note { .. } => return None,
            Body::Outcome {
                call,
                ended: CallEnd::Error(error),
                ..
            } => {
                let _ = call;
                (
                    Style::Bad,
                    format!("✗ {}: {}", error.code, self.tell(&error.message)),
                )
            }
            Body::Outcome {
                call,
                ended: CallEnd::Reply(reply),
                micros,
            } => {
                let intent = self.calls.remove(call)?;
                if let Some(told) = children_failed(output, &intent, reply) {
                    // Each below the other, where the text of an entry begins.
                    let below = format!("\n{}", " ".repeat(16 + 2 * self.depth));
                    return Some((Style::Warning, told.join(&below)));
                }
                intent.change.as_ref()?;
                let took = moment::duration(Duration::from_micros(*micros));
                (Style::Faint, output.tell(&msg!("entry-outcome", took = took)))
            }
            Body::Probe { found, detail, .. } => {
                let found = output.word(&format!("probe-{found}"));
                let detail = detail
                    .as_ref()
                    .map_or_else(String::new, |detail| format!(" {}", self.tell(detail)));
                (
                    Style::Warning,
                    format!("{}{detail}", output.tell(&msg!("entry-probe", found = found))),
                )
            }
            Body::Step {
                mark: StepMark::Begin,
                name,
                ..
            } => (Style::Strong, format!("▸ {}", self.step(name))),
            Body::Step {
                mark: StepMark::Verify,
                name,
                ..
            } => (
                Style::Strong,
                format!("▸ {}", output.tell(&msg!("step-verify", step = self.step(name)))),
            ),
            // These are told with what follows them.
            Body::Step {
                mark: StepMark::End | StepMark::Closed,
                ..
            } => return None,
            Body::Waiting { wait, .. } => (Style::Warning, waits_for(output, self.own.as_ref(), wait)),
            Body::Decided { by, decision, .. } => (Style::Plain, self.decided(&by.to_string(), decision)),
            Body::Resumed { by } => (Style::Plain, output.tell(&msg!("entry-resumed", by = by))),
            Body::Finished { ended } => match ended {
                RunEnd::Succeeded(_) => (Style::Good, output.word("entry-succeeded")),
                RunEnd::Failed(error) => {
                    let reason = format!("{}: {}", error.code, self.tell(&error.message));
                    (Style::Bad, format!("{} {reason}", output.word("entry-failed")))
                }
                RunEnd::Cancelled(reason) => (
                    Style::Warning,
                    output.tell(&msg!("entry-cancelled", reason = reason)),
                ),
            },
        })
    }

    fn tell(&self, message: &Message) -> String {
        self.output.tell_of(self.own.as_ref(), message)
    }

    fn step(&self, name: &str) -> String {
        plan::step_title(self.output, self.own.as_ref(), name, &self.params)
    }

    fn call(&self, intent: &Intent) -> Option<String> {
        if let Some(change) = &intent.change {
            return Some(self.tell(&change.summary));
        }
        call_sentence(self.output, self.own.as_ref(), intent)
    }

    fn decided(&self, by: &str, decision: &Decision) -> String {
        let output = self.output;
        match decision {
            Decision::Approve { digest } => {
                output.tell(&msg!("decided-approve", by = by, digest = digest.short()))
            }
            Decision::Reject { reason, .. } => output.tell(&msg!("decided-reject", by = by, reason = reason)),
            Decision::Answer { key, answer } => {
                output.tell(&msg!("decided-answer", by = by, key = key, answer = answer))
            }
            Decision::Applied { reply } => output.tell(&msg!("decided-applied", by = by, reply = reply)),
            Decision::NotApplied => output.tell(&msg!("decided-not-applied", by = by)),
            Decision::Cancel { reason } => output.tell(&msg!("decided-cancel", by = by, reason = reason)),
            Decision::Override { reason } => output.tell(&msg!("decided-override", by = by, reason = reason)),
        }
    }
}

/// What a call does, by the sentence `CAPABILITY-FUNCTION`; none for those that have entries of their own.
fn call_sentence(output: &Output, own: Option<&Texts>, intent: &Intent) -> Option<String> {
    let operation = &intent.operation;
    if operation.capability == "run" {
        let told = |message: &Value| {
            let mut text = Message::new(message.get("id")?.as_str()?);
            for pair in message
                .get("args")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                text = text.with(pair.get(0)?.as_str()?, pair.get(1)?.as_str()?);
            }
            Some(output.tell_of(own, &text))
        };
        return match operation.function.as_str() {
            "log" => told(intent.args.get("message")?),
            "step-begin" | "step-end" | "verify-begin" | "progress" => None,
            _ => output
                .texts
                .has(output.language, &format!("run-{}", operation.function))
                .then(|| {
                    output.tell(&with_scalars(
                        Message::new(format!("run-{}", operation.function)),
                        &intent.args,
                    ))
                }),
        };
    }
    if operation.capability == "undo" {
        return None;
    }
    let id = format!("{}-{}", operation.capability, operation.function);
    let message = with_scalars(Message::new(&id), &intent.args);
    let known = output
        .texts
        .find(output.language, &escape::values(&message))
        .is_some();
    Some(if known {
        output.tell(&message)
    } else {
        format!("{operation} {}", escape::one_line(&intent.resource))
    })
}

/// The children of a call that failed, and why; none if none did.
fn children_failed(output: &Output, intent: &Intent, reply: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pairs: Vec<(&Value, &Value)> = match intent.operation.to_string().as_str() {
        "run.run-child" => vec![(&intent.args, reply)],
        "run.run-children" => intent.args["children"]
            .as_array()?
            .iter()
            .zip(reply.as_array()?)
            .collect(),
        _ => return None,
    };
    let failed = pairs.into_iter().filter(|(_, end)| end["succeeded"] == false);
    let told = failed.map(|(child, end)| {
        let why: Value = serde_json::from_str(&text(&end["reply"])).unwrap_or_default();
        let told = output.tell(&msg!(
            "child-failed",
            run = text(&end["run"]),
            procedure = text(&child["procedure"]),
            reason = text(&why["message"])
        ));
        format!("✗ {told}")
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then_some(told)
}

fn with_scalars(mut message: Message, args: &Value) -> Message {
    for (name, value) in args.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => message = message.with(name, text),
            Value::Number(_) | Value::Bool(_) => message = message.with(name, value),
            _ => {}
        }
    }
    message
}

/// What a run waits for, in a sentence.
pub fn waits_for(output: &Output, own: Option<&Texts>, wait: &Wait) -> String {
    match wait {
        Wait::Approval {
            digest,
            needed,
            second_person,
            ..
        } => {
            let id = if *second_person {
                "wait-second-person"
            } else {
                "wait-approval"
            };
            output.tell(&msg!(id, digest = digest.short(), needed = needed))
        }
        Wait::Answer { key, question } => {
            let (Question::Confirm { prompt }
            | Question::Ask { prompt, .. }
            | Question::Choose { prompt, .. }) = question;
            let prompt = output.tell_of(own, prompt);
            format!("{} {prompt}", output.tell(&msg!("wait-answer", key = key)))
        }
        Wait::Moment { until } => output.tell(&msg!(
            "wait-moment",
            until = moment::of_millis(&output.zone, *until)
        )),
        Wait::Window { window, opens } => output.tell(&msg!(
            "wait-window",
            window = window,
            opens = moment::of_millis(&output.zone, *opens)
        )),
        Wait::Lock { lock, holder } => output.tell(&msg!("wait-lock", lock = lock, holder = holder)),
        Wait::Verdict { operation, found } => {
            let found = output.tell_of(own, found);
            format!(
                "{} {found}",
                output.tell(&msg!("wait-verdict", operation = operation))
            )
        }
        Wait::Child { run } => output.tell(&msg!("wait-child", run = run)),
        Wait::Diverged { expected, found } => output.tell(&msg!(
            "wait-diverged",
            expected = shortened(expected),
            found = shortened(found)
        )),
    }
}

/// A value short enough for a sentence.
fn shortened(value: &Value) -> String {
    const SHOWN: usize = 200;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}
