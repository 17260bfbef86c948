//! Which process a pid file means. Pure.
//!
//! Procedo writes `PID`, then `START BOOT` on a second line: the process' start time in clock ticks since the machine started,
//! and the identifier of the machine's start. A program may overwrite it with its number alone; then no process that was
//! started after the file was written can be meant.

use crate::processes::{Entry, Table};

/// What a pid file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meant<'a> {
    /// There is no such file.
    Missing,
    /// It names no process.
    Garbage,
    /// It names a process that runs.
    Running(&'a Entry),
    /// The process has ended, but others that it started have not.
    Ended {
        /// Those.
        remaining: Vec<&'a Entry>,
        /// Whether its number belongs to another process now.
        recycled: bool,
    },
}

/// How much later than its file a process may seem to have been started: both times are cut to whole seconds.
const BLUR: i64 = 2;

/// Reads a pid file as the table has it.
pub(crate) fn meant(table: &Table) -> Meant<'_> {
    let Some(modified) = table.modified else {
        return Meant::Missing;
    };
    let number = table.lines.first().map(|line| line.trim());
    let Some(pid) = number.and_then(|line| line.parse().ok()).filter(|pid| *pid > 1) else {
        return Meant::Garbage;
    };
    let mark = match table
        .lines
        .get(1)
        .map(|line| line.trim())
        .filter(|l| !l.is_empty())
    {
        None => None,
        Some(line) => match line
            .split_once(' ')
            .and_then(|(start, boot)| Some((start.parse::<u64>().ok()?, boot)))
        {
            None => return Meant::Garbage,
            mark => mark,
        },
    };
    let is_it = |entry: &Entry| match mark {
        Some((start, boot)) => entry.started == start && table.boot == boot,
        None => table.moment(entry) <= modified + BLUR,
    };
    let holder = table.living(pid);
    if let Some(entry) = holder.filter(|entry| is_it(entry)) {
        return Meant::Running(entry);
    }
    // Members of its session keep its number from being given away; so if it was, there are none.
    let same_boot = mark.is_none_or(|(_, boot)| table.boot == boot);
    let remaining = if holder.is_none() && same_boot {
        let later = |entry: &&Entry| match mark {
            Some((start, _)) => entry.started >= start,
            None => entry.session == pid,
        };
        table.family(pid).into_iter().filter(later).collect()
    } else {
        Vec::new()
    };
    Meant::Ended {
        remaining,
        recycled: holder.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: &[&str], modified: i64) -> Table {
        let process = |pid: u32, session: u32, started: u64| Entry {
            pid,
            name: "x".to_owned(),
            ended: false,
            parent: 1,
            session,
            started,
        };
        Table {
            boot: "b1".to_owned(),
            booted: 1000,
            ticks: 100,
            modified: Some(modified),
            lines: lines.iter().map(|&line| line.to_owned()).collect(),
            entries: vec![process(1, 1, 0), process(20, 20, 5000), process(31, 30, 5100)],
        }
    }

    #[test]
    fn the_process_that_was_noted_is_known_by_its_start() {
        assert!(matches!(meant(&table(&["20", "5000 b1"], 0)), Meant::Running(entry) if entry.pid == 20));
    }

    #[test]
    fn another_process_with_its_number_is_not_meant() {
        for lines in [&["20", "4999 b1"], &["20", "5000 b0"]] {
            let ended = Meant::Ended {
                remaining: Vec::new(),
                recycled: true,
            };
            assert_eq!(meant(&table(lines, 9999)), ended);
        }
    }

    #[test]
    fn a_file_with_the_number_alone_means_nobody_who_was_started_after_it() {
        assert!(matches!(meant(&table(&["20"], 1050)), Meant::Running(_)));
        assert!(matches!(
            meant(&table(&["20"], 1047)),
            Meant::Ended { recycled: true, .. }
        ));
    }

    #[test]
    fn what_an_ended_process_left_running_is_found_by_its_session() {
        let table = table(&["30", "4000 b1"], 0);
        let Meant::Ended {
            remaining,
            recycled: false,
        } = meant(&table)
        else {
            panic!("it has ended");
        };
        assert_eq!(remaining.iter().map(|entry| entry.pid).collect::<Vec<_>>(), [31]);
    }

    #[test]
    fn what_names_no_process_is_garbage() {
        for lines in [
            &[][..],
            &[""],
            &["x"],
            &["0"],
            &["1"],
            &["-5"],
            &["20", "soon"],
            &["20", "x b1"],
        ] {
            assert_eq!(meant(&table(lines, 0)), Meant::Garbage, "{lines:?}");
        }
        let mut none = table(&[], 0);
        none.modified = None;
        assert_eq!(meant(&none), Meant::Missing);
    }
}
