//! What `onbar` writes into its activity log, read. Pure.

/// What the log tells of one run of `onbar`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Activity {
    /// How many spaces it began with.
    pub(crate) begun: usize,
    /// How many it completed.
    pub(crate) completed: usize,
    /// Whether it says that it returned 0.
    pub(crate) well: bool,
    /// The last lines.
    pub(crate) tail: String,
}

/// How many lines are shown when something went wrong.
const SHOWN: usize = 5;

/// Reads what was added to the log: `when process parent message` in each line. `work` is `backup` or `restore`.
pub(crate) fn activity(added: &str, level: Option<u8>, work: &str) -> Activity {
    let added = added.to_ascii_lowercase();
    let of_work = |line: &&str, word: &str| {
        let level = level.map_or_else(|| "level ".to_owned(), |level| format!("level {level} "));
        line.contains(word) && line.contains(&level) && line.contains(work)
    };
    let count = |word: &str| added.lines().filter(|line| of_work(line, word)).count();
    let lines: Vec<_> = added.lines().collect();
    Activity {
        begun: count(" begin "),
        completed: count(" completed "),
        well: lines.iter().any(|line| line.contains("returned 0 (0x0")),
        tail: lines[lines.len().saturating_sub(SHOWN)..].join("\n"),
    }
}

impl Activity {
    /// Whether it says that all that was begun was completed.
    pub(crate) fn is_complete(&self) -> bool {
        self.well && self.completed > 0 && self.completed == self.begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_counts_only_if_all_that_was_begun_was_completed() {
        let begun = "2020-07-28 10:04:40 77 1 Begin level 1 backup rootdbs.\n2020-07-28 10:04:40 77 1 Begin level 1 backup \
                     datadbs.\n";
        let root =
            "2020-07-28 10:04:41 77 1 Completed level 1 backup rootdbs (Storage Manager copy ID: 5 0).\n";
        let data =
            "2020-07-28 10:04:42 77 1 Completed level 1 backup datadbs (Storage Manager copy ID: 6 0).\n";
        let end = "2020-07-28 10:04:43 77 1 onbar returned 0 (0x00)\n";
        let complete = |text: String| activity(&text, Some(1), "backup").is_complete();
        assert!(complete(format!("{begun}{root}{data}{end}")));
        assert!(!complete(format!("{begun}{root}{end}")));
        assert!(!complete(format!("{begun}{root}{data}")));
        assert!(!complete(end.to_owned()));
        assert!(!activity(&format!("{begun}{root}{data}{end}"), Some(0), "backup").is_complete());
    }
}
