//! What an interactive tool says, sorted by rules: pure, from bytes to what was heard.
//!
//! Lines end with LF or CR (tools redraw their progress with CR alone). In a line that is complete, rules match at once; in
//! one that is not, only when the output rests, because the rest of a prompt may still be on its way.

use regex::bytes::Regex;

/// A line without end longer than this loses its beginning: nobody prompts in so many bytes.
const LONGEST_LINE: usize = 64 << 10;
/// How much of what was said last is kept to be shown, in bytes.
const TAIL: usize = 2 << 10;

/// What to do when something is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is a prompt: answer with this line.
    Answer(String),
    /// It is a prompt: the partner decides what to answer.
    Decide,
    /// The partner wants to know: progress, a version, a label.
    Tell,
    /// It says that the work is done.
    Done,
    /// It names a failure.
    Failure,
}

/// What to listen for. The pattern matches within one line and should end where the prompt's meaning does (`(?i)continue
/// restore`): the rest of the line counts as heard with it.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What the rule is called.
    pub name: String,
    /// What it looks like.
    pub pattern: Regex,
    /// What to do then.
    pub action: Action,
}

impl Rule {
    /// A rule; where several match, the leftmost match counts, then the first rule.
    ///
    /// # Errors
    /// For a pattern that is not a regular expression.
    pub fn new(name: &str, pattern: &str, action: Action) -> Result<Self, regex::Error> {
        Ok(Self {
            name: name.to_owned(),
            pattern: Regex::new(pattern)?,
            action,
        })
    }
}

/// Something that a rule recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The name of the rule.
    pub rule: String,
    /// What to do.
    pub action: Action,
    /// The line as far as it was there.
    pub line: String,
    /// What the pattern's groups matched, the whole match first; empty where a group did not take part.
    pub groups: Vec<String>,
    /// Where the match begins in the output, in bytes. The same whenever the output is heard again.
    pub at: u64,
}

/// The output of a tool as it comes in, and what has been heard of it.
#[derive(Debug)]
pub struct Dialogue<'r> {
    rules: &'r [Rule],
    /// What has come in and was not consumed.
    buffer: Vec<u8>,
    /// Where the buffer begins in the output.
    offset: u64,
    /// How many bytes of the buffer belong to a prompt that was heard.
    excused: usize,
    tail: Vec<u8>,
}

impl<'r> Dialogue<'r> {
    /// Listens from an offset of the output.
    pub fn new(rules: &'r [Rule], offset: u64) -> Self {
        Self {
            rules,
            buffer: Vec::new(),
            offset,
            excused: 0,
            tail: Vec::new(),
        }
    }

    /// Takes what came in.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        let surplus = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..surplus);
        self.buffer.extend_from_slice(bytes);
    }

    /// The next thing heard. `resting`: nothing came in for a while, or nothing will any more.
    pub fn next(&mut self, resting: bool) -> Option<Heard> {
        loop {
            let end = self.buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            if end.is_none() && !resting {
                let surplus = self.buffer.len().saturating_sub(LONGEST_LINE);
                self.consume(surplus);
                return None;
            }
            let line = &self.buffer[..end.unwrap_or(self.buffer.len())];
            if let Some((rule, start, stop)) = leftmost(self.rules, line) {
                let groups = rule.pattern.captures_at(line, start).map(|found| {
                    found
                        .iter()
                        .map(|group| group.map_or_else(String::new, |group| text(group.as_bytes())))
                        .collect()
                });
                let heard = Heard {
                    rule: rule.name.clone(),
                    action: rule.action.clone(),
                    // What is left of a prompt that was heard before is no part of it.
                    line: text(&line[self.excused.min(start)..]),
                    groups: groups.unwrap_or_default(),
                    at: self.offset + start as u64,
                };
                self.consume(stop);
                if end.is_none() {
                    self.excused = self.buffer.len();
                }
                return Some(heard);
            }
            match end {
                Some(end) => self.consume(end + 1),
                None => return None,
            }
        }
    }

    /// The beginning of a line that no rule has recognised: perhaps a prompt that nobody knows.
    pub fn unanswered(&self) -> Option<String> {
        let line = self.buffer.get(self.excused..).unwrap_or_default();
        let shown = text(&self.buffer);
        (!line.trim_ascii().is_empty()).then(|| shown.trim().to_owned())
    }

    /// What was said last, to be shown.
    pub fn tail(&self) -> String {
        text(&self.tail)
    }

    fn consume(&mut self, bytes: usize) {
        self.buffer.drain(..bytes);
        self.offset += bytes as u64;
        self.excused = self.excused.saturating_sub(bytes);
    }
}

/// The leftmost match that is not empty.
fn leftmost<'r>(rules: &'r [Rule], line: &[u8]) -> Option<(&'r Rule, usize, usize)> {
    let first = |rule: &'r Rule| {
        let found = rule.pattern.find(line).filter(|found| !found.is_empty())?;
        Some((rule, found.start(), found.end()))
    };
    // `min_by_key` keeps the first of equals: the first rule.
    rules.iter().filter_map(first).min_by_key(|(_, start, _)| *start)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules() -> Vec<Rule> {
        let answer = |text: &str| Action::Answer(text.to_owned());
        [
            (
                "mount",
                r"(?i)mount tape (\d+) on (\S+) and press return",
                Action::Decide,
            ),
            ("continue", r"(?i)continue restore", answer("y")),
            ("logs", r"(?i)back up the logs", answer("n")),
            ("progress", r"(\d+) percent done", Action::Tell),
            ("over", r"Program over\.", Action::Done),
            ("failed", r"(?i)archive failed", Action::Failure),
        ]
        .map(|(name, pattern, action)| Rule::new(name, pattern, action).unwrap())
        .to_vec()
    }

    fn names(dialogue: &mut Dialogue<'_>, resting: bool) -> Vec<String> {
        std::iter::from_fn(|| dialogue.next(resting).map(|heard| heard.rule)).collect()
    }

    #[test]
    fn a_prompt_without_line_end_is_heard_when_the_output_rests() {
        let rules = rules();
        let mut dialogue = Dialogue::new(&rules, 0);
        dialogue.feed(b"Archive level: 0\nPlease mount tape 1 on /dev/st0 and press Return");
        assert_eq!(dialogue.next(false), None);
        dialogue.feed(b" to continue ...");
        let heard = dialogue.next(true).unwrap();
        assert_eq!((heard.rule.as_str(), heard.at), ("mount", 24));
        assert_eq!(heard.groups[1..], ["1", "/dev/st0"]);
        assert_eq!(dialogue.next(true), None);
        // The rest of the prompt is no prompt of its own.
        assert_eq!(dialogue.unanswered(), None);
    }

    #[test]
    fn prompts_that_follow_each_other_on_one_line_are_heard_one_by_one() {
        let rules = rules();
        let mut dialogue = Dialogue::new(&rules, 0);
        dialogue.feed(b"Continue restore? (y/n)");
        assert_eq!(names(&mut dialogue, true), ["continue"]);
        dialogue.feed(b"Do you want to back up the logs? (y/n)");
        assert_eq!(names(&mut dialogue, true), ["logs"]);
        assert_eq!(dialogue.unanswered(), None);
    }

    #[test]
    fn an_unknown_prompt_is_shown_with_its_line() {
        let rules = rules();
        let mut dialogue = Dialogue::new(&rules, 0);
        dialogue.feed("Ready.\n¿Desea borrar la cinta? ".as_bytes());
        assert_eq!(dialogue.next(true), None);
        assert_eq!(dialogue.unanswered().unwrap(), "¿Desea borrar la cinta?");
        dialogue.feed(b"\n");
        assert_eq!(dialogue.next(true), None);
        assert_eq!(dialogue.unanswered(), None);
    }

    #[test]
    fn a_number_cut_in_two_is_not_heard_as_another() {
        let rules = rules();
        let mut dialogue = Dialogue::new(&rules, 0);
        dialogue.feed(b"1");
        assert_eq!(dialogue.next(false), None);
        dialogue.feed(b"0 percent done.\r20 percent");
        assert_eq!(dialogue.next(false).unwrap().groups[1], "10");
        dialogue.feed(b" done.\r\nProgram over.\n");
        assert_eq!(names(&mut dialogue, false), ["progress", "over"]);
    }

    #[test]
    fn a_line_without_end_does_not_grow_in_memory() {
        let rules = rules();
        let mut dialogue = Dialogue::new(&rules, 0);
        for _ in 0..100 {
            dialogue.feed(&[b'x'; 10_000]);
            assert_eq!(dialogue.next(false), None);
        }
        assert!(dialogue.buffer.len() <= LONGEST_LINE);
        assert_eq!(dialogue.offset + dialogue.buffer.len() as u64, 1_000_000);
        assert!(dialogue.tail().len() <= TAIL);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_heard_does_not_depend_on_how_the_output_is_cut(cuts in proptest::collection::vec(1_usize..40, 0..20)) {
            let said = "Read 50 percent done.\r60 percent done.\nContinue restore? (y/n)\nArchive failed - ñ\nProgram over.\n";
            let rules = rules();
            let mut whole = Dialogue::new(&rules, 7);
            whole.feed(said.as_bytes());
            let expected: Vec<_> = std::iter::from_fn(|| whole.next(false)).collect();
            prop_assert_eq!(expected.len(), 5);
            let mut cut = Dialogue::new(&rules, 7);
            let mut heard = Vec::new();
            let mut rest = said.as_bytes();
            for length in cuts {
                let (now, later) = rest.split_at(length.min(rest.len()));
                cut.feed(now);
                heard.extend(std::iter::from_fn(|| cut.next(false)));
                rest = later;
            }
            cut.feed(rest);
            heard.extend(std::iter::from_fn(|| cut.next(false)));
            prop_assert_eq!(heard, expected);
        }
    }
}
