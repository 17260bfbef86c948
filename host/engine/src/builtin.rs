//! The capability `run`: what the engine itself does for a procedure.

use crate::children;
use crate::failpoint::Point;
use crate::gate::{Ending, Gate, lock};
use crate::history::Record;
use crate::live::{self, Live};
use crate::operations::{RUN, Signature};
use crate::planning::Planning;
use crate::question;
use crate::watch::Event;
use procedo_core::caller::{Caller, Fault};
use procedo_core::effect::{Effect, OperationName};
use procedo_core::error::{Error, Kind};
use procedo_core::journal::{Body, CallEnd, StepMark, Wait};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_store::Durability;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A sleep of at least this long frees the run's memory.
const LONG_SLEEP_MS: i64 = 60_000;
/// No sleep is longer than a year: whatever asks for more has mixed up units.
const LONGEST_SLEEP_MS: u64 = 366 * 24 * 3600 * 1000;
/// The most random bytes of one call.
const MOST_RANDOM: u32 = 1024;
/// The function that only shows something.
pub(crate) const PROGRESS: &str = "progress";

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Text {
    pub id: String,
    pub args: Vec<(String, String)>,
}

impl From<Text> for Message {
    fn from(text: Text) -> Self {
        text.args
            .into_iter()
            .fold(Self::new(text.id), |message, (name, value)| {
                message.with(&name, value)
            })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Debug,
    Info,
    Warning,
}

#[derive(Deserialize, JsonSchema)]
struct NoArgs {}

#[derive(Deserialize, JsonSchema)]
struct LogArgs {
    level: Level,
    message: Text,
}

#[derive(Deserialize, JsonSchema)]
struct ProgressArgs {
    done: u64,
    total: Option<u64>,
    message: Text,
}

#[derive(Deserialize, JsonSchema)]
struct NameArgs {
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct RandomArgs {
    count: u32,
}

#[derive(Deserialize, JsonSchema)]
struct SleepArgs {
    milliseconds: u64,
}

#[derive(Deserialize, JsonSchema)]
struct SleepUntilArgs {
    moment: String,
}

fn signature<A: JsonSchema, R: JsonSchema>(function: &str) -> Signature {
    let schema = |root: schemars::Schema| root.to_value();
    Signature {
        capability: RUN.to_owned(),
        function: function.to_owned(),
        args_schema: schema(schemars::SchemaGenerator::default().into_root_schema_for::<A>()),
        reply_schema: schema(schemars::SchemaGenerator::default().into_root_schema_for::<R>()),
    }
}

/// The functions of `run` as they are understood here.
pub(crate) fn signatures() -> Vec<Signature> {
    vec![
        signature::<NoArgs, String>("language"),
        signature::<LogArgs, ()>("log"),
        signature::<ProgressArgs, ()>(PROGRESS),
        signature::<NameArgs, ()>("step-begin"),
        signature::<NameArgs, ()>("step-end"),
        signature::<NameArgs, bool>("verify-begin"),
        signature::<question::ConfirmArgs, bool>("confirm"),
        signature::<question::AskArgs, String>("ask"),
        signature::<question::ChooseArgs, String>("choose"),
        signature::<NoArgs, String>("now"),
        signature::<RandomArgs, String>("random"),
        signature::<SleepArgs, ()>("sleep"),
        signature::<SleepUntilArgs, ()>("sleep-until"),
        signature::<children::ChildArgs, children::ChildOutcome>("run-child"),
        signature::<children::ChildrenArgs, Vec<children::ChildOutcome>>("run-children"),
    ]
}

pub(crate) fn typed<T: DeserializeOwned>(args: &Value) -> Result<T, Error> {
    T::deserialize(args).map_err(|error| Error::new(Kind::Invalid, "P0114").with("reason", error))
}

/// A call of `run` in a live run.
pub(crate) fn live(
    gate: &Gate,
    mode: &Live,
    number: u64,
    operation: &OperationName,
    args: Value,
    record: Option<&Record>,
) -> Result<Value, Fault> {
    let function = operation.function.as_str();
    if let Some(mark) = step_mark(function) {
        return live_step(gate, mode, number, operation, args, mark, record);
    }
    if let Some(record) = record
        && let Some(reply) = live::replayed(gate, mode, record, operation, &args)?
    {
        return Ok(reply);
    }
    let began = Instant::now();
    match function {
        "confirm" | "ask" | "choose" => question::live(gate, mode, number, operation, args, record),
        "sleep" | "sleep-until" => sleep(gate, mode, number, operation, args, record),
        "run-child" | "run-children" => children::live(gate, mode, number, operation, args, record),
        _ => {
            let ended = match simple(gate, number, function, &args, &|| gate.shared.now()) {
                Ok(reply) => CallEnd::Reply(reply),
                Err(error) => CallEnd::Error(error),
            };
            if record.is_some_and(|record| record.intent.is_some()) {
                return gate.conclude(mode, number, ended, began);
            }
            let intent = live::intent(number, operation, args, "", Effect::Read);
            gate.record(mode, intent, ended, began)
        }
    }
}

/// The functions that need neither waiting nor children.
pub(crate) fn simple(
    gate: &Gate,
    number: u64,
    function: &str,
    args: &Value,
    now: &dyn Fn() -> jiff::Timestamp,
) -> Result<Value, Error> {
    match function {
        "language" => Ok(Value::from(gate.facts.language.tag())),
        "log" => {
            let args: LogArgs = typed(args)?;
            let level = match args.level {
                Level::Debug => "debug",
                Level::Info => "info",
                Level::Warning => "warning",
            };
            gate.tell_watch(&Event::Log {
                level,
                text: &gate.tell(&args.message.into()),
            });
            Ok(Value::Null)
        }
        "now" => Ok(Value::from(rfc3339(now()))),
        "random" => {
            let args: RandomArgs = typed(args)?;
            if !(1..=MOST_RANDOM).contains(&args.count) {
                return Err(Error::new(Kind::Invalid, "P0122")
                    .with("value", args.count)
                    .with("limit", MOST_RANDOM));
            }
            Ok(Value::from(random(&gate.facts.seed, number, args.count)))
        }
        _ => Err(Error::new(Kind::NotSupported, "P0107").with("operation", format!("{RUN}.{function}"))),
    }
}

/// Shows how far the guest says it is, if it does something new.
pub(crate) fn progress(gate: &Gate, args: &Value) -> Result<Value, Error> {
    let args: ProgressArgs = typed(args)?;
    if gate.is_new() {
        gate.tell_watch(&Event::Progress {
            done: args.done,
            total: args.total,
            text: &gate.tell(&args.message.into()),
        });
    }
    Ok(Value::Null)
}

/// RFC 3339 in UTC with milliseconds.
pub(crate) fn rfc3339(moment: jiff::Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Bytes that follow from the run's seed and the call's number alone, as hexadecimal.
fn random(seed: &[u8; 32], number: u64, count: u32) -> String {
    use std::fmt::Write;
    let mut bytes = vec![0; usize::try_from(count).unwrap_or_default()];
    let mut hasher = blake3::Hasher::new_keyed(seed);
    hasher.update(&number.to_le_bytes());
    hasher.finalize_xof().fill(&mut bytes);
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The moment up to which a sleep lasts, in milliseconds since 1970.
fn wake_at(function: &str, args: &Value, now: i64) -> Result<i64, Error> {
    if function == "sleep" {
        let args: SleepArgs = typed(args)?;
        let length = i64::try_from(args.milliseconds.min(LONGEST_SLEEP_MS + 1)).unwrap_or(i64::MAX);
        if args.milliseconds > LONGEST_SLEEP_MS {
            return Err(Error::new(Kind::Invalid, "P0135")
                .with("value", args.milliseconds)
                .with("limit", LONGEST_SLEEP_MS));
        }
        return Ok(now + length);
    }
    let args: SleepUntilArgs = typed(args)?;
    let moment: jiff::Timestamp = args
        .moment
        .parse()
        .map_err(|_| Error::new(Kind::Invalid, "P0121").with("value", &args.moment))?;
    Ok(moment.as_millisecond())
}

fn sleep(
    gate: &Gate,
    mode: &Live,
    number: u64,
    operation: &OperationName,
    args: Value,
    record: Option<&Record>,
) -> Result<Value, Fault> {
    let began = Instant::now();
    let now = gate.shared.now().as_millisecond();
    let until = match record.and_then(|record| record.wait.as_ref()) {
        Some(Wait::Moment { until }) => Ok(*until),
        _ => wake_at(&operation.function, &args, now),
    };
    let known = record.is_some_and(|record| record.intent.is_some());
    let until = match until {
        Ok(until) => until,
        Err(error) => {
            let intent = live::intent(number, operation, args, "", Effect::Read);
            return gate.record(mode, intent, CallEnd::Error(error), began);
        }
    };
    if !known {
        gate.failpoint(mode, Point::BeforeIntent, number);
        let intent = live::intent(number, operation, args, "", Effect::Read);
        gate.append(mode, vec![Body::Intent(Box::new(intent))], Durability::Whenever)?;
        gate.failpoint(mode, Point::AfterIntent, number);
    }
    let left = until - now;
    if left >= LONG_SLEEP_MS {
        return Err(gate.wait(mode, Some(number), Wait::Moment { until }));
    }
    if left > 0 {
        // What led to a sleep is on disk before it.
        gate.durable(gate.shared.store.flush(&*mode.lease))?;
        if gate.stop.wait(Duration::from_millis(left.unsigned_abs())) {
            return Err(gate.end(Ending::Stopped));
        }
    }
    gate.conclude(mode, number, CallEnd::Reply(Value::Null), began)
}

pub(crate) fn step_mark(function: &str) -> Option<StepMark> {
    match function {
        "step-begin" => Some(StepMark::Begin),
        "verify-begin" => Some(StepMark::Verify),
        "step-end" => Some(StepMark::End),
        _ => None,
    }
}

/// Opens or closes a step in the gate's own list; an error if the name is not one of the manifest's, or not the innermost.
pub(crate) fn mark_step(gate: &Gate, mark: StepMark, name: &str) -> Result<(), Error> {
    let mut open = lock(&gate.steps);
    if mark == StepMark::End {
        return match open.last() {
            Some(innermost) if innermost == name => {
                open.pop();
                Ok(())
            }
            innermost => Err(Error::new(Kind::Invalid, "P0111")
                .with("step", name)
                .with("open", innermost.map_or("–", String::as_str))),
        };
    }
    let manifest = &lock(&gate.authority).manifest;
    if !manifest.steps.iter().any(|step| step == name) {
        return Err(Error::new(Kind::Invalid, "P0110")
            .with("step", name)
            .with("procedure", &manifest.id));
    }
    open.push(name.to_owned());
    Ok(())
}

fn unmark_step(gate: &Gate, mark: StepMark, name: &str) {
    let mut open = lock(&gate.steps);
    if mark == StepMark::End {
        open.push(name.to_owned());
    } else {
        open.pop();
    }
}

fn step_reply(mark: StepMark) -> Value {
    if mark == StepMark::Verify {
        Value::Bool(true)
    } else {
        Value::Null
    }
}

fn live_step(
    gate: &Gate,
    mode: &Live,
    number: u64,
    operation: &OperationName,
    args: Value,
    mark: StepMark,
    record: Option<&Record>,
) -> Result<Value, Fault> {
    let began = Instant::now();
    let name = match typed::<NameArgs>(&args) {
        Ok(args) => args.name,
        Err(error) => return Err(Fault::Error(error)),
    };
    if let Some((known_mark, known_name)) = record.and_then(|record| record.step.as_ref()) {
        if (*known_mark, known_name.as_str()) != (mark, name.as_str()) {
            let expected = serde_json::json!({"step": known_name, "mark": known_mark});
            let found = serde_json::json!({"step": name, "mark": mark});
            return Err(live::diverged(gate, mode, number, expected, found));
        }
        return match mark_step(gate, mark, &name) {
            Ok(()) => Ok(step_reply(mark)),
            Err(error) => Err(Fault::Error(error)),
        };
    }
    if let Some(record) = record
        && let Some(reply) = live::replayed(gate, mode, record, operation, &args)?
    {
        // It was refused, or its hooks failed.
        return Ok(reply);
    }
    if let Err(error) = mark_step(gate, mark, &name) {
        let intent = live::intent(number, operation, args, "", Effect::Read);
        return gate.record(mode, intent, CallEnd::Error(error), began);
    }
    let hooked = match children::hooks(gate, mode, number, operation, &args, mark, &name, record) {
        Ok(hooked) => hooked,
        Err(fault) => {
            // A replay of the failed hook will not mark the step either.
            unmark_step(gate, mark, &name);
            return Err(fault);
        }
    };
    gate.failpoint(mode, Point::BeforeIntent, number);
    let depth = lock(&gate.steps).len();
    gate.tell_watch(&Event::Step {
        mark,
        name: &name,
        depth,
    });
    let step = Body::Step {
        call: number,
        mark,
        name,
    };
    if hooked {
        // One append: the step is marked exactly when its hooks are done.
        let outcome = Body::Outcome {
            call: number,
            ended: CallEnd::Reply(step_reply(mark)),
            micros: 0,
        };
        gate.append(mode, vec![outcome, step], Durability::Soon)?;
    } else {
        gate.append(mode, vec![step], Durability::Whenever)?;
    }
    gate.failpoint(mode, Point::AfterOutcome, number);
    Ok(step_reply(mark))
}

/// A call of `run` in a plan.
pub(crate) fn plan(
    gate: &Gate,
    mode: &Planning,
    number: u64,
    operation: &OperationName,
    args: &Value,
) -> Result<Value, Fault> {
    let function = operation.function.as_str();
    if let Some(mark) = step_mark(function) {
        let name = typed::<NameArgs>(args)?.name;
        mark_step(gate, mark, &name)?;
        children::plan_hooks(gate, mode, mark, &name)?;
        mode.step(mark, &name);
        let depth = lock(&gate.steps).len();
        gate.tell_watch(&Event::Step {
            mark,
            name: &name,
            depth,
        });
        return Ok(if mark == StepMark::Verify {
            Value::Bool(false)
        } else {
            Value::Null
        });
    }
    match function {
        "confirm" | "ask" | "choose" => question::plan(gate, function, args),
        "sleep" | "sleep-until" => {
            let until = wake_at(function, args, mode.clock.load(Ordering::Relaxed))?;
            mode.clock.fetch_max(until, Ordering::Relaxed);
            Ok(Value::Null)
        }
        "run-child" | "run-children" => children::plan(gate, mode, operation, args),
        _ => {
            let clock = || {
                jiff::Timestamp::from_millisecond(mode.clock.load(Ordering::Relaxed))
                    .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            };
            simple(gate, number, function, args, &clock).map_err(Fault::Error)
        }
    }
}
