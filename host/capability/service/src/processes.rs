//! What runs on a machine, from the kernel's own table: proc(5), `/proc/PID/stat`. Pure.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A process that is named to people or waited for. Its number may be given to another process after its end, so it is
/// known by number and start time together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// When it was started: clock ticks since the machine started, or whatever else tells it from a later one.
    pub(crate) started: String,
    pub(crate) command: String,
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.pid, self.command.escape_debug())
    }
}

/// Processes as a person reads them: `17 (sleep 60), 18 (cat)`.
pub(crate) fn told(processes: &[Process]) -> String {
    processes
        .iter()
        .map(Process::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) pid: u32,
    /// The program's name, at most 15 bytes of it.
    pub(crate) name: String,
    /// Whether it has ended and only waits to be asked for by its parent.
    pub(crate) ended: bool,
    pub(crate) parent: u32,
    pub(crate) session: u32,
    /// In clock ticks since the machine started.
    pub(crate) started: u64,
}

impl Entry {
    /// Reads the content of a `/proc/PID/stat`: `PID (NAME) STATE PARENT GROUP SESSION …`, the start time as field 22. The name
    /// may hold anything, parentheses and blanks too, so the last parenthesis ends it.
    pub(crate) fn parse(stat: &str) -> Option<Self> {
        let (pid, rest) = stat.split_once(" (")?;
        let (name, rest) = rest.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // Field 3 of the file, the state, is the first of these.
        let field = |number: usize| fields.get(number - 3).copied();
        Some(Self {
            pid: pid.trim().parse().ok()?,
            name: name.to_owned(),
            ended: matches!(field(3)?, "Z" | "X" | "x"),
            parent: field(4)?.parse().ok()?,
            session: field(6)?.parse().ok()?,
            started: field(22)?.parse().ok()?,
        })
    }

    pub(crate) fn process(&self) -> Process {
        Process {
            pid: self.pid,
            started: self.started.to_string(),
            command: self.name.clone(),
        }
    }
}

/// What the script `look.sh` says of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// Identifies the machine's start.
    pub(crate) boot: String,
    /// When the machine was started, in seconds since 1970.
    pub(crate) booted: i64,
    /// Clock ticks in a second.
    pub(crate) ticks: u64,
    /// Of the pid file, if one was asked for and is there: when it was modified, in seconds since 1970.
    pub(crate) modified: Option<i64>,
    /// And its first lines.
    pub(crate) lines: Vec<String>,
    pub(crate) entries: Vec<Entry>,
}

impl Table {
    /// Reads what the script printed: a word and its value on each line. None if something essential is missing.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut table = Self::default();
        for line in text.lines() {
            let (word, value) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "boot" => value.clone_into(&mut table.boot),
                "btime" => table.booted = value.trim().parse().ok()?,
                "ticks" => table.ticks = value.trim().parse().ok()?,
                "file" => table.modified = Some(value.trim().parse().ok()?),
                "line" => table.lines.push(value.to_owned()),
                "process" => table.entries.extend(Entry::parse(value)),
                _ => return None,
            }
        }
        let whole = !table.boot.is_empty() && table.booted > 0 && table.ticks > 0;
        // Where processes of others are hidden (hidepid of proc(5)), the first is too: nothing could be said to have ended.
        (whole && table.entries.iter().any(|entry| entry.pid == 1)).then_some(table)
    }

    /// A process that runs.
    pub(crate) fn living(&self, pid: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.pid == pid && !entry.ended)
    }

    /// Those of some processes that still run.
    pub(crate) fn left_of(&self, processes: &[Process]) -> Vec<Process> {
        let still = |process: &&Process| {
            self.living(process.pid)
                .is_some_and(|entry| entry.started.to_string() == process.started)
        };
        processes.iter().filter(still).cloned().collect()
    }

    /// The processes that run of a session, and all that descend from them or from the process that leads it. A session
    /// bears the number of the process that made it, which no other process gets as long as it has members.
    pub(crate) fn family(&self, leader: u32) -> Vec<&Entry> {
        let mut members: BTreeSet<u32> = self
            .entries
            .iter()
            .filter(|entry| entry.pid == leader || entry.session == leader)
            .map(|entry| entry.pid)
            .collect();
        loop {
            let more: Vec<u32> = self
                .entries
                .iter()
                .filter(|entry| members.contains(&entry.parent) && !members.contains(&entry.pid))
                .map(|entry| entry.pid)
                .collect();
            if more.is_empty() {
                break;
            }
            members.extend(more);
        }
        let runs = |entry: &&Entry| members.contains(&entry.pid) && !entry.ended;
        self.entries.iter().filter(runs).collect()
    }

    /// When a process was started, in seconds since 1970. Both parts are whole seconds at best: up to two too early.
    pub(crate) fn moment(&self, entry: &Entry) -> i64 {
        self.booted
            .saturating_add_unsigned(entry.started / self.ticks.max(1))
    }

    /// The same as RFC 3339.
    pub(crate) fn since(&self, entry: &Entry) -> Option<String> {
        jiff::Timestamp::from_second(self.moment(entry))
            .ok()
            .map(|moment| moment.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "boot b1\nbtime 1700000000\nticks 100\nfile 1700000009\nline 20\nline 500 b1\n\
        process 1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0 \n\
        process 20 (a ) b) S 1 20 20 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0 \n\
        process 21 (child) S 20 20 20 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 510 0 0 \n\
        process 22 (grandchild) R 21 22 22 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 520 0 0 \n\
        process 23 (adopted) S 1 20 20 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 530 0 0 \n\
        process 24 (zombie) Z 20 20 20 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 540 0 0 \n\
        process 25 (other) S 1 25 25 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 550 0 0 \n";

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let table = Table::parse(TABLE).unwrap();
        let entry = table.living(20).unwrap();
        assert_eq!(
            (entry.name.as_str(), entry.parent, entry.started),
            ("a ) b", 1, 500)
        );
        assert_eq!(table.since(entry).unwrap(), "2023-11-14T22:13:25Z");
        assert_eq!(table.lines, ["20", "500 b1"]);
    }

    #[test]
    fn a_family_is_the_session_and_its_descendants_without_those_that_ended() {
        let table = Table::parse(TABLE).unwrap();
        let pids: Vec<u32> = table.family(20).iter().map(|entry| entry.pid).collect();
        assert_eq!(pids, [20, 21, 22, 23]);
        assert!(table.living(24).is_none(), "a zombie has ended");
    }

    #[test]
    fn the_number_of_an_ended_process_given_to_another_is_not_the_same_process() {
        let table = Table::parse(TABLE).unwrap();
        let mut process = table.living(25).unwrap().process();
        assert_eq!(table.left_of(std::slice::from_ref(&process)).len(), 1);
        process.started = "549".to_owned();
        assert!(table.left_of(&[process]).is_empty());
    }

    #[test]
    fn a_table_without_the_first_process_hides_others_too_and_is_refused() {
        let hidden: String = TABLE
            .lines()
            .filter(|line| !line.starts_with("process 1 "))
            .map(|line| format!("{line}\n"))
            .collect();
        assert!(Table::parse(&hidden).is_none());
        assert!(Table::parse("").is_none());
    }
}
