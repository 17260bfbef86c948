//! What a serving process tells: a line for each event, or a JSON document.

use crate::output::Output;
use crate::output::moment::told;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use procedo_core::Error;
use procedo_core::message::Message;
use serde_json::{Map, Value};

/// The value that only sentences have: a schedule with the value for which it starts a run.
pub const SUBJECT: &str = "subject";

/// Tells events, with the time in the site's zone.
#[derive(Clone)]
pub struct Teller {
    pub output: Output,
    pub zone: TimeZone,
}

impl Teller {
    /// A moment in the site's zone, with its offset.
    pub fn moment(&self, moment: Timestamp) -> String {
        told(&self.zone, moment)
    }

    /// Tells an event: as the sentence `serve-EVENT` with its values, or as a document with these members.
    pub fn event(&self, event: &str, values: &[(&str, String)]) {
        self.write(event, values, None);
    }

    /// Tells an event with the error that it is about.
    pub fn failure(&self, event: &str, values: &[(&str, String)], error: &Error) {
        self.write(event, values, Some(error));
    }

    fn write(&self, event: &str, values: &[(&str, String)], error: Option<&Error>) {
        let at = self.moment(Timestamp::now());
        if self.output.json {
            let mut document = Map::new();
            document.insert("event".to_owned(), Value::from(event));
            document.insert("at".to_owned(), Value::from(at));
            let members = values
                .iter()
                .filter(|(name, value)| *name != SUBJECT && !value.is_empty())
                .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())));
            document.extend(members);
            if let Some(error) = error {
                document.insert("error".to_owned(), self.output.error_value(error));
            }
            self.output.document(&Value::Object(document));
            return;
        }
        let message = values.iter().fold(
            Message::new(format!("serve-{event}")),
            |message, (name, value)| message.with(name, value),
        );
        let message = match error {
            None => message,
            Some(error) => {
                // An event is one line, also where the error's sentence shows an excerpt.
                let sentence = self.output.sentence(error);
                let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
                message.with("error", format!("{}: {sentence}", error.code))
            }
        };
        self.output.line(format!("{at}  {}", self.output.tell(&message)));
    }
}
