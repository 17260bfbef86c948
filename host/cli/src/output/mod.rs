//! What people and programs get to read: lines on a terminal, plain lines when piped, JSON.
//!
//! - [`escape`]: values that are safe to show
//! - [`table`]: columns that line up
//! - [`value`]: results as people read them
//! - [`moment`]: times and durations
//! - [`entry`]: entries of a journal as sentences
//! - [`plan`]: plans as people and programs read them
//! - [`live`]: a run while it happens
//! - [`ask`]: questions on a terminal

pub mod ask;
pub mod entry;
pub mod escape;
pub mod live;
pub mod moment;
pub mod plan;
pub mod table;
pub mod value;

use jiff::tz::TimeZone;
use procedo_core::Error;
use procedo_core::message::{Language, Message, Texts};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::sync::Arc;

/// How a word is set off on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
    Warning,
    Accent,
}

impl Style {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Faint => Some("2"),
            Self::Good => Some("32"),
            Self::Bad => Some("31"),
            Self::Warning => Some("33"),
            Self::Accent => Some("36"),
        }
    }
}

/// Where and how to tell things.
#[derive(Clone)]
pub struct Output {
    pub json: bool,
    pub language: Language,
    pub texts: Arc<Texts>,
    pub colours: bool,
    /// Whether standard output is a terminal and lines are wanted on it.
    pub terminal: bool,
    /// The zone in which times are told: that of the site, else of this machine.
    pub zone: TimeZone,
}

impl Output {
    /// Output in a language, with what the environment says about colours.
    pub fn new(json: bool, language: Language, texts: Arc<Texts>) -> Self {
        let terminal = !json && std::io::stdout().is_terminal();
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        // https://no-color.org: present and not an empty string.
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            json,
            language,
            texts,
            colours: terminal && !dumb && !unwanted,
            terminal,
            zone: TimeZone::system(),
        }
    }

    /// Whether somebody sits there who can be asked.
    pub fn can_ask(&self) -> bool {
        self.terminal && std::io::stdin().is_terminal()
    }

    /// A message in the reader's language, safe to show.
    pub fn tell(&self, message: &Message) -> String {
        let told = self.texts.tell(self.language, &escape::values(message));
        escape::lines(&told).into_owned()
    }

    /// A message without values.
    pub fn word(&self, id: &str) -> String {
        self.tell(&Message::new(id))
    }

    /// A message in the words of a procedure, else of the host.
    pub fn tell_of(&self, own: Option<&Texts>, message: &Message) -> String {
        let message = escape::values(message);
        let told = own
            .and_then(|texts| texts.find(self.language, &message))
            .unwrap_or_else(|| match self.texts.find(self.language, &message) {
                Some(told) => told,
                // A text that no catalogue has is the text itself.
                None if message.args.is_empty() => message.id.clone(),
                None => message.to_string(),
            });
        escape::lines(&told).into_owned()
    }

    /// Sets a text off.
    pub fn paint(&self, style: Style, text: impl AsRef<str>) -> String {
        match style.code().filter(|_| self.colours) {
            Some(code) => format!("\x1b[{code}m{}\x1b[0m", text.as_ref()),
            None => text.as_ref().to_owned(),
        }
    }

    /// Writes a line for the reader. Whoever stopped reading misses it; the work goes on.
    pub fn line(&self, text: impl AsRef<str>) {
        let mut out = std::io::stdout().lock();
        let _ = out
            .write_all(text.as_ref().as_bytes())
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush());
    }

    /// Writes a message as a line, unless a program reads.
    pub fn say(&self, message: &Message) {
        if !self.json {
            self.line(self.tell(message));
        }
    }

    /// Writes a JSON document on one line.
    pub fn document(&self, value: &Value) {
        self.line(value.to_string());
    }

    /// Writes a line to standard error. Nobody may be there any more; that is no reason to end.
    pub fn beside(&self, text: impl AsRef<str>) {
        let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
    }

    /// Writes a remark beside the output.
    pub fn remark(&self, message: &Message) {
        if !self.json {
            self.beside(self.tell(message));
        }
    }

    /// An error as a program reads it.
    pub fn error_value(&self, error: &Error) -> Value {
        let message = self.texts.tell(self.language, &error.message);
        json!({"kind": error.kind.name(), "code": error.code, "message": message})
    }

    /// An error's sentence.
    pub fn sentence(&self, error: &Error) -> String {
        let told = self.tell(&error.message);
        if told.is_empty() {
            return error.kind.name().to_owned();
        }
        told
    }

    /// Writes an error to standard error: one line that starts with its code.
    pub fn error(&self, error: &Error) {
        let mut err = std::io::stderr().lock();
        let _ = if self.json {
            writeln!(err, "{}", json!({"error": self.error_value(error)}))
        } else {
            let code = if self.colours && std::io::stderr().is_terminal() {
                self.paint(Style::Bad, &error.code)
            } else {
                error.code.clone()
            };
            writeln!(err, "{code}: {}", self.sentence(error))
        };
    }
}

/// A message of this crate with values: `msg!("ui-run", run = run)`.
macro_rules! msg {
    ($id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        procedo_core::message::Message::new($id)$(.with(&stringify!($name).replace('_', "-"), &$value))*
    };
}
pub(crate) use msg;

/// An error of this crate with values: `err!(Invalid, "P0001", dir = dir)`.
macro_rules! err {
    ($kind:ident, $code:expr $(, $name:ident = $value:expr)* $(,)?) => {
        procedo_core::Error::new(procedo_core::Kind::$kind, $code)$(.with(stringify!($name), &$value))*
    };
}
pub(crate) use err;
