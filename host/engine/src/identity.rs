//! What a resource's name stands for: asked about before a run changes something else under the same name.
//!
//! Somebody may give a name of `procedo.toml` to another machine or folder while a run waits. The calls that the run has made
//! went to the former one; whether the others shall go to the new one is for a person to say.

use crate::gate::{Gate, lock};
use crate::history::History;
use crate::live::Live;
use crate::question;
use procedo_core::caller::Fault;
use procedo_core::journal::{Intent, Question};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind};
use std::collections::HashMap;

/// The key of the question.
const KEY: &str = "resource-moved";

/// By capability and resource: what the name stood for when the run last changed something there.
pub(crate) type Meant = HashMap<(String, String), String>;

fn named(intent: &Intent) -> (String, String) {
    (intent.operation.capability.clone(), intent.resource.clone())
}

/// What the calls of a journal meant.
pub(crate) fn meant(history: &History) -> Meant {
    let mut effects = history.effects();
    effects.reverse();
    let known = |(intent, _): (&Intent, _)| Some((named(intent), intent.identity.clone()?));
    effects.into_iter().filter_map(known).collect()
}

/// Asks a person where the name stands for something else than it did; the error says that they did not want to go on.
pub(crate) fn settle(gate: &Gate, mode: &Live, intent: &Intent) -> Result<Result<(), Error>, Fault> {
    let Some(now) = &intent.identity else {
        return Ok(Ok(()));
    };
    let then = lock(&mode.meant).get(&named(intent)).cloned();
    if let Some(then) = then.filter(|then| then != now) {
        let told = |message: Message| {
            message
                .with(
                    "resource",
                    format!("{}/{}", intent.operation.capability, intent.resource),
                )
                .with("then", &then)
                .with("now", now)
        };
        let question = Question::Confirm {
            prompt: told(Message::new("resource-moved")),
        };
        let answer = question::in_call(gate, mode, intent.call, KEY, &question);
        let refused = match answer {
            Ok(Value::Bool(true)) => None,
            Ok(_) => {
                let mut error = Error::new(Kind::Conflict, "P0148");
                error.message = told(error.message);
                Some(error)
            }
            Err(error) => Some(error),
        };
        if let Some(error) = refused {
            return gate.cut_short(&error).map_or(Ok(Err(error)), Err);
        }
    }
    lock(&mode.meant).insert(named(intent), now.clone());
    Ok(Ok(()))
}

/// Why a call cannot simply be reversed: its resource's name stands for something else than when it was made.
pub(crate) fn moved(intent: &Intent, now: Option<&str>) -> Option<Message> {
    let then = intent.identity.as_deref().filter(|then| now != Some(*then))?;
    Some(
        Message::new("doubt-identity")
            .with(
                "resource",
                format!("{}/{}", intent.operation.capability, intent.resource),
            )
            .with("then", then)
            .with("now", now.unwrap_or("–")),
    )
}
