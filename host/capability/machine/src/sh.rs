//! Scripts for a POSIX shell: pure, from values to the one line in which a script travels.
//!
//! What a shell is started with is always the same ([`BOOT`]), so that no argument, value or script shows in a process list
//! and no login shell (csh, fish) gets to interpret anything. The script comes as the first line of the standard input,
//! with all that could disturb a line written as octal escapes of `printf %b`; the rest of the input is the script's own.
//! `read` takes no byte more than its line, as POSIX asks for.

use std::fmt::Write;

/// What a shell is started with.
pub(crate) const BOOT: &str = r#"IFS= read -r s && eval "$(printf %b "$s")""#;

/// A script: values, then commands that use them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script(String);

impl Script {
    /// Sets a variable, which is not exported.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        let _ = writeln!(self.0, "{name}={}", quote(value));
        self
    }

    /// Adds commands.
    pub(crate) fn then(mut self, commands: &str) -> Self {
        self.0.push_str(commands);
        if !commands.ends_with('\n') {
            self.0.push('\n');
        }
        self
    }

    /// Adds another script.
    pub(crate) fn and(self, other: &Self) -> Self {
        self.then(&other.0)
    }

    /// The script as a line, without its end.
    pub(crate) fn line(&self) -> String {
        escape(self.0.as_bytes())
    }
}

/// A word that the shell takes as it is.
pub(crate) fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Bytes in the notation of `printf %b`, with nothing in it that ends a line.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut line = String::with_capacity(bytes.len() + bytes.len() / 4);
    for byte in bytes {
        match byte {
            b'\\' | 0..=31 | 127.. => {
                let _ = write!(line, "\\0{byte:03o}");
            }
            _ => line.push(char::from(*byte)),
        }
    }
    line
}

/// A key as the name of a file: other characters than letters, digits and `-` as `_` and two hexadecimal digits.
pub(crate) fn file_name(key: &str) -> String {
    let mut name = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "_{byte:02x}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_holds_nothing_that_ends_it() {
        assert_eq!(escape("a\nb\\ñ7".as_bytes()), r"a\0012b\0134\0303\02617");
    }

    #[test]
    fn different_keys_have_different_file_names() {
        assert_eq!(file_name("20261122-1/7"), "20261122-1_2f7");
        assert_ne!(file_name("a.b"), file_name("a_2eb"));
        assert!(!file_name("../x").contains('.'));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_shell_reads_back_every_value(value in "[^\\x00]{0,60}", input in "[^\\x00]{0,20}") {
            let script = Script::default().set("v", &value).then("printf '%s' \"$v\"; cat");
            let mut shell = std::process::Command::new("/bin/sh")
                .args(["-c", BOOT])
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::piped())
                .spawn()
                .unwrap();
            let line = format!("{}\n{input}", script.line());
            std::io::Write::write_all(&mut shell.stdin.take().unwrap(), line.as_bytes()).unwrap();
            let output = shell.wait_with_output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{value}{input}"));
        }
    }
}
