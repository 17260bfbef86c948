//! A session with one of the server's tools: what is noted before it, how it is listened to, and what it asks for.

use crate::informix::onstat::Archived;
use crate::informix::server::Server;
use crate::outage::Outage;
use jiff::Timestamp;
use procedo_core::capability::Context;
use procedo_core::journal::Question;
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Conversation, Ended, Job, Partner, Rule};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a tool may say nothing: versions up to 10.0 tell no percentages, and a tape takes its time.
const SILENCE: Duration = Duration::from_secs(12 * 3600);
/// How long a tool gets to end by itself.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// What is noted before a tool is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Begin {
    /// `begin`.
    informix: String,
    pub(crate) job: String,
    pub(crate) started: String,
    /// What the server remembered.
    pub(crate) archived: Vec<Archived>,
    /// How long the activity log was.
    pub(crate) log: u64,
}

impl Begin {
    pub(crate) fn of(job: &str, archived: Vec<Archived>, log: u64) -> Self {
        Self {
            informix: "begin".to_owned(),
            job: job.to_owned(),
            started: now(),
            archived,
            log,
        }
    }

    /// The newest one of a job in the notes of a call.
    pub(crate) fn find(notes: &[Value], job: &str) -> Option<Self> {
        let read = |note: &Value| Self::deserialize(note).ok();
        let of_job = |begin: &Self| begin.informix == "begin" && begin.job == job;
        notes.iter().rev().filter_map(read).find(of_job)
    }
}

impl Server {
    /// Holds a conversation with a job. Where the machine is out of reach for a while, the tool goes on and is listened to
    /// again from the beginning; what it was answered, it is not answered again.
    pub(crate) fn converse(
        &self,
        job: &dyn Job,
        rules: Vec<Rule>,
        partner: &mut dyn Partner,
        outage: &Outage<'_>,
    ) -> Result<Ended> {
        let mut conversation = Conversation::new(rules);
        conversation.quiet = Duration::from_secs(self.settings.prompt_seconds);
        conversation.silence = SILENCE;
        outage.through(|| conversation.hold(job, 0, partner, outage.stop))
    }

    /// The failure of a tool.
    pub(crate) fn tool_failed(&self, tool: &str, code: impl std::fmt::Display, said: &str) -> Error {
        self.error(Kind::Failed, "P1237")
            .with("tool", tool)
            .with("code", code)
            .with("said", said.trim())
    }

    /// What an error that ends a conversation means for the call; none for one that leaves the call as it is, since the
    /// tool goes on: a question that waits for its answer, a run that stops, a machine out of reach.
    pub(crate) fn conclusion(&self, tool: &str, error: &Error) -> Option<Error> {
        let said = error.message.args.get("said").map_or("", String::as_str);
        match error.code.as_str() {
            "P1018" => Some(
                self.error(Kind::Conflict, "P1239")
                    .with("tool", tool)
                    .with("prompt", said),
            ),
            "P1019" | "P1023" => Some(self.tool_failed(tool, "–", said)),
            "P1231" | "P1246" | "P1247" => Some(error.clone()),
            _ => None,
        }
    }

    /// Tells how far a tool is.
    pub(crate) fn tell(&self, context: &Context<'_>, percent: u64) {
        let message = Message::new("database-progress-informix")
            .with("database", &self.name)
            .with("percent", percent);
        (context.progress)(percent, Some(100), &message);
    }

    /// Asks for a tape; a no ends the work.
    pub(crate) fn ask_for_tape(&self, context: &Context<'_>, key: &str, prompt: Message) -> Result<String> {
        let question = Question::Confirm {
            prompt: prompt.clone(),
        };
        match (context.ask)(key, &question)? {
            Value::Bool(true) => Ok(String::new()),
            _ => Err(self
                .error(Kind::Cancelled, "P1247")
                .with("label", prompt.args.get("label").map_or("", String::as_str))),
        }
    }
}

/// The present time, as it is recorded.
pub(crate) fn now() -> String {
    let now = Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

/// What stands on the label of a tape.
pub(crate) fn label(id: &str, level: u8, started: &str, number: u32) -> String {
    format!("{id} L{level} {started} #{number}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_newest_beginning_of_the_same_job_counts() {
        let mut first = Begin::of("backup", Vec::new(), 1);
        first.started = "1".to_owned();
        let second = Begin {
            log: 2,
            ..first.clone()
        };
        let other = Begin::of("former", Vec::new(), 3);
        let notes = [
            json!(first),
            json!({"informix": "down"}),
            json!(second),
            json!(other),
        ];
        assert_eq!(Begin::find(&notes, "backup"), Some(second));
        assert_eq!(Begin::find(&notes[1..2], "backup"), None);
    }
}
