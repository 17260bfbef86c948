//! Exchanges with PowerShell: a script and its values go in, its answer comes out between other lines.

use crate::exchange::{Exchange, Waited, random_name};
use crate::posix::Shell;
use crate::ssh::Ssh;
use crate::windows::script::{self, Values};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use procedo_core::capability::Stop;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What Procedo's own scripts may take. PowerShell alone takes a second or more to start on a busy server.
pub(crate) const OWN: Duration = Duration::from_secs(90);
/// How much may be printed beside an answer.
const NOISE: usize = 1 << 20;
/// How long ending what nobody waits for any more may take.
const ENDING: Duration = Duration::from_secs(45);

/// What a script answered.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    /// The word it ended with.
    pub(crate) word: String,
    /// What it told; null if nothing.
    pub(crate) told: Value,
    bulks: BTreeMap<String, Vec<u8>>,
}

impl Answer {
    /// Takes the lines that bear the mark out of what was printed. None: one of them cannot be understood.
    fn read(mark: &str, word: &str, printed: &[u8]) -> Option<Self> {
        let mut answer = Self {
            word: word.trim().to_owned(),
            told: Value::Null,
            bulks: BTreeMap::new(),
        };
        let start = format!("{mark}:");
        for line in printed.split(|byte| *byte == b'\n') {
            let Some(rest) = line.strip_prefix(start.as_bytes()) else {
                continue;
            };
            let (kind, value) = std::str::from_utf8(rest)
                .ok()?
                .trim_end()
                .split_once(' ')
                .or_else(|| {
                    // Nothing in base64 is nothing at all.
                    Some((std::str::from_utf8(rest).ok()?.trim_end(), ""))
                })?;
            if kind == "json" {
                answer.told = serde_json::from_str(value).ok()?;
            } else {
                answer.bulks.insert(kind.to_owned(), STANDARD.decode(value).ok()?);
            }
        }
        Some(answer)
    }

    /// The bytes that it brought under a name.
    pub(crate) fn bulk(&mut self, name: &str) -> Option<Vec<u8>> {
        self.bulks.remove(name)
    }

    /// A text that it told.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.told.get(name)?.as_str()
    }

    /// A number that it told.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.told.get(name)?.as_i64()
    }

    /// The numbers of processes that it told as left; none if it did not tell.
    pub(crate) fn left(&self) -> Option<Vec<String>> {
        match self.told.get("left")? {
            Value::Array(left) => Some(left.iter().map(Value::to_string).collect()),
            // PowerShell makes no difference between one and a list of one.
            Value::Number(one) => Some(vec![one.to_string()]),
            Value::Null => Some(Vec::new()),
            _ => None,
        }
    }

    /// What it complained about.
    pub(crate) fn said(&self) -> String {
        self.text("said").unwrap_or(&self.word).trim().to_owned()
    }
}

/// PowerShell on a machine.
#[derive(Clone)]
pub(crate) struct PowerShell {
    pub(crate) ssh: Arc<Ssh>,
}

impl PowerShell {
    pub(crate) fn error(&self, kind: Kind, code: &str) -> Error {
        Error::new(kind, code).with("machine", self.ssh.name())
    }

    /// An answer that cannot be understood.
    pub(crate) fn unreadable(&self, answer: &Answer) -> Error {
        let text = format!("{} {}", answer.word, answer.told);
        self.error(Kind::Failed, "P1025")
            .with("answer", text.chars().take(300).collect::<String>())
    }

    /// What this driver or Windows does not offer.
    pub(crate) fn unsupported(&self, what: &str) -> Error {
        self.error(Kind::NotSupported, "P1013").with("what", what)
    }

    /// Runs one of Procedo's own scripts. `bytes`: how long the longest answer is.
    pub(crate) fn own(&self, script: &str, values: Values, bytes: usize, extra: Duration) -> Result<Answer> {
        self.ask(script, values, bytes, OWN + extra, None)
    }

    /// Runs a script; where its time is up or the run shall stop, it is ended with all that it started.
    pub(crate) fn ask(
        &self,
        script: &str,
        values: Values,
        bytes: usize,
        time: Duration,
        stop: Option<&Stop>,
    ) -> Result<Answer> {
        let mark = random_name()?;
        let remote = script::boot(&mark);
        let input = values.with("mark", &mark).input(script);
        let command = self.ssh.remote(&remote)?;
        let limit = NOISE.saturating_add(bytes.saturating_mul(2));
        let mut exchange = Exchange::begin(command, &mark, input, limit).map_err(|error| {
            self.error(Kind::Unavailable, "P1004")
                .with("address", "")
                .with("reason", error)
        })?;
        let waited = exchange.wait(time, stop);
        if waited != Waited::Finished {
            drop(exchange);
            let gone = self.end(&remote);
            if let Some(stop) = stop.filter(|_| waited == Waited::Stopped && gone) {
                stop.check()?;
            }
            let code = if gone { "P1009" } else { "P1010" };
            return Err(self.error(Kind::TimedOut, code).with("seconds", time.as_secs()));
        }
        let (out, err) = exchange.brought();
        let Some(word) = &out.word else {
            return Err(self.ssh.cut(String::from_utf8_lossy(&err.bytes).trim()));
        };
        Answer::read(&mark, word, &out.bytes)
            .filter(|_| !out.more)
            .ok_or_else(|| {
                let said = String::from_utf8_lossy(&out.bytes);
                self.error(Kind::Failed, "P1025")
                    .with("answer", said.trim().chars().take(300).collect::<String>())
            })
    }

    /// Ends an exchange with all that it started, by its command line; tells whether that is really gone.
    fn end(&self, remote: &str) -> bool {
        let Some(encoded) = remote.rsplit(' ').next() else {
            return false;
        };
        let values = Values::default().with("command", encoded);
        let Ok(mark) = random_name() else {
            return false;
        };
        let Ok(command) = self.ssh.remote(&script::boot(&mark)) else {
            return false;
        };
        let input = values.with("mark", &mark).input(script::STOP);
        let Ok(mut exchange) = Exchange::begin(command, &mark, input, NOISE) else {
            return false;
        };
        if exchange.wait(ENDING, None) != Waited::Finished {
            return false;
        }
        let (out, _) = exchange.brought();
        out.word
            .and_then(|word| Answer::read(&mark, &word, &out.bytes))
            // `none`: it could not be found, and what it started may live without it.
            .is_some_and(|answer| answer.word == "0" && answer.left().is_some_and(|left| left.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_before_between_and_after_does_not_spoil_an_answer() {
        let printed =
            "Willkommen!\r\nM:json {\"a\":1}\r\nWARNUNG: M:json {}\nM:out w7E=\r\nM:err \nM2:json []\n";
        let mut answer = Answer::read("M", "0\r", printed.as_bytes()).unwrap();
        assert_eq!((answer.word.as_str(), answer.number("a")), ("0", Some(1)));
        assert_eq!(answer.bulk("out").unwrap(), "ñ".as_bytes());
        assert_eq!(answer.bulk("err").unwrap(), b"");
        assert_eq!(answer.bulk("err"), None);
    }

    #[test]
    fn a_damaged_answer_is_none() {
        for line in ["M:json {\"a\":", "M:out w7", "M:out ñ"] {
            assert_eq!(Answer::read("M", "0", line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn one_that_is_left_counts_as_a_list_of_one() {
        let left = |json: &str| {
            Answer::read("M", "0", format!("M:json {json}").as_bytes())
                .unwrap()
                .left()
        };
        assert_eq!(left(r#"{"left":[]}"#), Some(vec![]));
        assert_eq!(left(r#"{"left":7}"#), Some(vec!["7".to_owned()]));
        assert_eq!(
            left(r#"{"left":[7,8]}"#),
            Some(vec!["7".to_owned(), "8".to_owned()])
        );
        assert_eq!(left("{}"), None);
    }
}
