//! How many tests passed and failed, read from the summary lines of `cargo nextest` and `cargo test`.

use std::fmt;

/// Counts of tests.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    /// Adds what a line of a test runner's output says, if it is a summary.
    ///
    /// Those lines are `Summary [0.1s] 5/6 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped` of nextest
    /// (<https://nexte.st/docs/reporting/>) and `test result: ok. 3 passed; 0 failed; 1 ignored; …` of libtest.
    pub fn read(&mut self, line: &str) {
        let line = without_escapes(line);
        let counts = if let Some(rest) = line.trim_start().strip_prefix("Summary [") {
            rest.split_once(" run: ").map(|(_, counts)| counts)
        } else {
            line.strip_prefix("test result: ")
                .and_then(|rest| rest.split_once(". "))
                .map(|(_, counts)| counts)
        };
        for count in counts.unwrap_or_default().split([',', ';']) {
            self.add(count.trim());
        }
    }

    fn add(&mut self, count: &str) {
        let Some((number, what)) = count.split_once(' ') else {
            return;
        };
        let Ok(number) = number.parse::<u64>() else { return };
        let what = what.split(" (").next().unwrap_or_default();
        match what {
            "passed" => self.passed += number,
            "skipped" | "ignored" => self.skipped += number,
            "failed" | "timed out" | "exec failed" => self.failed += number,
            _ => {}
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// The line without the escape sequences that colour it (`ESC [ … letter`).
fn without_escapes(line: &str) -> String {
    let mut plain = String::new();
    let mut parts = line.split("\u{1b}[");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push_str(
            part.trim_start_matches(|c: char| !c.is_ascii_alphabetic())
                .get(1..)
                .unwrap_or_default(),
        );
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> String {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(line));
        tally.to_string()
    }

    #[test]
    fn nextest_summaries_are_counted() {
        let all_well = "     Summary [   0.011s] 3 tests run: 3 passed, 0 skipped\n";
        assert_eq!(tally(&[all_well]), "3 passed, 0 failed");
        let not_well = "     Summary [   9.5s] 7/9 tests run: 4 passed (1 slow, 1 leaky), 2 failed, 1 timed out, 1 skipped";
        assert_eq!(tally(&[all_well, not_well]), "7 passed, 3 failed, 1 skipped");
    }

    #[test]
    fn coloured_summaries_are_counted() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.011s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m1\u{1b}[0m \
                    \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m1\u{1b}[0m \u{1b}[31;1mfailed\u{1b}[0m";
        assert_eq!(tally(&[line]), "1 passed, 1 failed");
    }

    #[test]
    fn libtest_summaries_are_counted() {
        let ok =
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let failed = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        assert_eq!(tally(&[ok, failed]), "4 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(
            tally(&["1 passed, 1 failed", "test a::b ... ok", ""]),
            "0 passed, 0 failed"
        );
    }
}
