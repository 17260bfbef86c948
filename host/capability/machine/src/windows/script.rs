//! The scripts of the driver: each is always the same text. What differs comes as values on the standard input, so that
//! nothing is ever quoted into PowerShell.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A script that answers: values, then the answer's form, then these parts.
macro_rules! script {
    ($($part:literal),+) => {
        concat!(
            include_str!("script/values.ps1"),
            include_str!("script/answer.ps1"),
            $(include_str!(concat!("script/", $part, ".ps1"))),+
        )
    };
}

pub(crate) const RUN: &str = script!("program", "where", "family", "run");
pub(crate) const STOP: &str = script!("family", "stop");
pub(crate) const READ: &str = script!("read");
pub(crate) const WRITE: &str = script!("write");
pub(crate) const STAT: &str = script!("stat");
pub(crate) const SPACE: &str = script!("space");
pub(crate) const ENVIRONMENT: &str = script!("environment");
pub(crate) const CLOCK: &str = script!("clock");
pub(crate) const RESOLVE: &str = script!("resolve");
pub(crate) const REACH: &str = script!("reach");
pub(crate) const FACTS: &str = script!("facts");
pub(crate) const START: &str = script!("program", "where", "jobs", "start");
pub(crate) const FIND: &str = script!("jobs", "find");
pub(crate) const STATE: &str = script!("jobs", "state");
pub(crate) const OUTPUT: &str = script!("jobs", "output");
pub(crate) const SEND: &str = script!("jobs", "send");
pub(crate) const WAS_SENT: &str = script!("jobs", "was-sent");
pub(crate) const END: &str = script!("jobs", "family", "end");
pub(crate) const FORGET: &str = script!("jobs", "forget");

/// The script of a job's keeper, which has no standard input.
pub(crate) const KEEPER: &str = concat!(
    include_str!("script/values.ps1"),
    include_str!("script/program.ps1"),
    include_str!("script/keeper.ps1")
);

/// The command that takes a script and its values from its input. The mark in it tells one exchange from another in a process
/// list.
pub(crate) fn boot(mark: &str) -> String {
    powershell(&include_str!("script/boot.ps1").replace("MARK", mark))
}

/// The command that holds a connection: says the mark, and ends with its input.
pub(crate) fn greeting(mark: &str) -> String {
    powershell(&include_str!("script/greet.ps1").replace("MARK", mark))
}

/// The script in the form that neither `cmd.exe` nor PowerShell, whichever the server's default shell is, has to take apart.
/// It fits into the 8,191 characters that `cmd.exe` takes.
fn powershell(script: &str) -> String {
    let wide: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
    format!(
        "powershell -NoLogo -NoProfile -NonInteractive -EncodedCommand {}",
        STANDARD.encode(wide)
    )
}

/// The values of a script.
#[derive(Clone, Default)]
pub(crate) struct Values(Vec<u8>);

impl Values {
    /// Adds a value. A name that comes again makes a list.
    pub(crate) fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b' ');
        self.0.extend_from_slice(STANDARD.encode(value).as_bytes());
        self.0.push(b'\n');
        self
    }

    /// The same for a number.
    pub(crate) fn number(self, name: &str, value: impl std::fmt::Display) -> Self {
        self.with(name, value.to_string())
    }

    /// What goes to the standard input: the script, then its values.
    pub(crate) fn input(&self, script: &str) -> Vec<u8> {
        let mut input = STANDARD.encode(script).into_bytes();
        input.push(b'\n');
        input.extend_from_slice(&self.0);
        input
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_short_enough_for_the_default_shell() {
        let mark = "0".repeat(32);
        assert!(boot(&mark).len() < 8191 && greeting(&mark).len() < 8191);
    }

    #[test]
    fn no_value_can_end_its_line() {
        let input = Values::default().with("path", "a\nb 'ñ").input("x");
        assert_eq!(String::from_utf8(input).unwrap(), "eA==\npath YQpiICfDsQ==\n");
    }
}
