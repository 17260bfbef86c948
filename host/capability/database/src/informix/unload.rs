//! What `dbaccess` says and unloads, read. Pure.
//!
//! The format of UNLOAD is that of HCL Informix 14.10, Guide to SQL: Syntax, “UNLOAD TO File” and “Unloading Character
//! Columns”: a delimiter behind each value; nothing between two of them is NULL, a backslash and a blank is a text of no
//! length; a delimiter, backslash or line end within a text has a backslash in front.

/// How many rows dbaccess says it did something to, such as `unloaded`; none if it does not say so.
pub(crate) fn count(said: &str, done: &[&str]) -> Option<u64> {
    let of_line = |line: &str| {
        let (number, rest) = line.trim().split_once(" row(s) ")?;
        let did = done.contains(&rest.trim_end_matches('.'));
        did.then(|| number.trim().parse().ok()).flatten()
    };
    said.lines().find_map(of_line)
}

/// An error as dbaccess prints it: a number, a colon and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) number: u32,
    pub(crate) sentence: String,
}

/// Errors of connections: no server, no trust, no service in this mode, or broken (finderr).
const OF_CONNECTIONS: [u32; 13] = [
    329, 407, 408, 908, 930, 951, 956, 25580, 25582, 25583, 25596, 27001, 27002,
];
/// What dbaccess says when it has come to the database: the statements follow.
const SELECTED: &str = "Database selected.";
/// The exit code of a shell for a program that a signal ended is above this.
const SIGNALS: i32 = 128;

impl Fault {
    /// Whether it tells of the connection, and nothing of the statement.
    pub(crate) fn is_of_connection(&self) -> bool {
        OF_CONNECTIONS.contains(&self.number)
    }
}

/// Whether a failed attempt leaves open what became of its statement: it may have come to the server, and no error of the
/// statement was told.
pub(crate) fn leaves_open(code: i32, said: &str) -> bool {
    let clear = fault(said).is_some_and(|fault| !fault.is_of_connection());
    !clear && (code > SIGNALS || said.contains(SELECTED))
}

/// The first error that it tells.
pub(crate) fn fault(said: &str) -> Option<Fault> {
    let of_line = |line: &str| {
        let (number, sentence) = line.split_once(':')?;
        let number = number.trim().trim_start_matches('-');
        let is_number = (2..=5).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = if is_number {
            number.parse().ok()?
        } else {
            return None;
        };
        Some(Fault {
            number,
            sentence: sentence.trim().to_owned(),
        })
    };
    said.lines().find_map(of_line)
}

/// The rows of an unloaded file; none if it is cut off or not of this format.
pub(crate) fn rows(text: &str) -> Option<Vec<Vec<Option<String>>>> {
    let mut rows: Vec<Vec<Option<String>>> = Vec::new();
    let mut row = Vec::new();
    let mut value = Value::default();
    let mut chars = text.chars();
    let mut ended = true;
    while let Some(c) = chars.next() {
        match c {
            '\n' if ended && !row.is_empty() => {
                rows.push(std::mem::take(&mut row));
                continue;
            }
            '|' => {
                row.push(std::mem::take(&mut value).told());
                ended = true;
                continue;
            }
            '\\' => value.escaped(chars.next()?),
            c => value.text.push(c),
        }
        ended = false;
    }
    let even = rows.iter().all(|each| each.len() == rows[0].len());
    (row.is_empty() && value == Value::default() && even).then_some(rows)
}

/// A value that is being read.
#[derive(Debug, Default, PartialEq, Eq)]
struct Value {
    text: String,
    /// It is a backslash and a blank.
    empty: bool,
}

impl Value {
    fn escaped(&mut self, c: char) {
        if c == ' ' && self.text.is_empty() {
            self.empty = true;
        } else {
            self.text.push(c);
        }
    }

    fn told(self) -> Option<String> {
        match (self.text.is_empty(), self.empty) {
            (true, false) => None,
            (_, empty) if empty && !self.text.is_empty() => Some(format!(" {}", self.text)),
            _ => Some(self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn values_are_read_as_they_were() {
        let unloaded = "1|O'Neill|\n|\\ |\na\\|b\\\\|c\\\nd|\n";
        assert_eq!(
            rows(unloaded).expect("whole"),
            [
                vec![text("1"), text("O'Neill")],
                vec![None, text("")],
                vec![text("a|b\\"), text("c\nd")]
            ]
        );
        assert_eq!(rows(""), Some(Vec::new()));
        assert_eq!(rows(" |\n"), Some(vec![vec![text(" ")]]));
    }

    #[test]
    fn what_is_cut_off_is_not_read() {
        for cut in ["\n", "1|O'Ne", "1|", "1|2|\n3|", "1|2|\n3|\n", "1|a\\"] {
            assert_eq!(rows(cut), None, "{cut:?}");
        }
    }

    #[test]
    fn what_it_says_is_understood() {
        let said = "\nDatabase selected.\n\n\n2 row(s) unloaded.\n\nDatabase closed.\n";
        assert_eq!(
            (count(said, &["unloaded"]), count(said, &["inserted"])),
            (Some(2), None)
        );
        assert_eq!(fault(said), None);
        let said = "  206: The specified table (nobody) is not in the database.\n\n  111: ISAM error:  no record found.\nError in line 1\n";
        let found = fault(said).expect("an error");
        assert_eq!(
            (found.number, found.sentence.as_str()),
            (206, "The specified table (nobody) is not in the database.")
        );
        assert!(!found.is_of_connection());
        let said = "  908: Attempt to connect to database server (ol_lab) failed.";
        assert!(fault(said).expect("an error").is_of_connection());
    }

    #[test]
    fn only_an_error_of_the_statement_or_no_connection_tells_that_nothing_was_done() {
        let selected = |said: &str| format!("\nDatabase selected.\n\n{said}\n");
        for said in [
            "25580: System error occurred in network function.",
            "25582: Network connection is broken.",
            "-25583: Network connection is broken.",
            "  408: Invalid message type received from the sqlexec process.",
            "",
        ] {
            assert!(leaves_open(1, &selected(said)), "{said}");
        }
        assert!(
            leaves_open(137, ""),
            "it was killed and could not say how far it was"
        );
        assert!(!leaves_open(
            1,
            &selected("  206: The specified table (nobody) is not in the database.")
        ));
        assert!(!leaves_open(1, "25582: Network connection is broken."));
        assert!(!leaves_open(127, "sh: 1: dbaccess: not found"));
    }
}
