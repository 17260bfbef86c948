//! What `ontape` says, by meaning: the rules of its conversations, what is gathered from them, and how its end is judged.
//! Pure.

use crate::informix::onstat::{Archived, of_level};
use jiff::civil::DateTime;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Action, Ended, Heard, Rule};

/// How far the times of an archive may be apart, in minutes: its tape and the server's memory round differently.
const APART: i64 = 2;

fn rules(of: &[(&str, &str, Action)]) -> Result<Vec<Rule>> {
    let failures: &[(&str, &str)] = &[
        ("failed", r"(?i)\b(archive|restore|salvage) failed\b.*"),
        ("isam", r"(?i)\bISAM error\b.*"),
        ("in-use", r"(?i)tape device is in use"),
        ("not-opened", r"(?i)\b(could not|cannot|unable to) open\b.*"),
        ("not-directory", r"(?i)\bis not a directory\b"),
        ("write-error", r"(?i)\b(write|read) error\b.*"),
        ("full-disk", r"(?i)no space left on device"),
        ("no-server", r"(?i)shared memory not initialized.*"),
    ];
    let failure = |(name, pattern): &(&str, &str)| Rule::new(name, pattern, Action::Failure);
    let others = of
        .iter()
        .map(|(name, pattern, action)| Rule::new(name, pattern, action.clone()));
    others
        .chain(failures.iter().map(failure))
        .collect::<Result<_, _>>()
        .map_err(|error| Error::new(Kind::Failed, "P0115").with("reason", error))
}

const MOUNT: &str = r"(?i)mount tape (\d+) on (.+?) and press return to continue";
const OVER: &str = r"(?i)^\s*program over\.";

/// The rules of a backup at a level.
pub(crate) fn of_backup(level: u8) -> Result<Vec<Rule>> {
    rules(&[
        ("mount", MOUNT, Action::Decide),
        (
            "level",
            r"(?i)enter the level of archive to be performed",
            Action::Answer(level.to_string()),
        ),
        ("percent", r"(?i)(\d{1,3}) percent done", Action::Tell),
        // Versions up to 10.0 tell no percentages.
        ("completed", r"(?i)\barchive on .+ completed", Action::Tell),
        ("created", r"(?i)^\s*file created: *(.+?)\s*$", Action::Tell),
        ("label", r"(?i)label this tape as number (\d+)", Action::Tell),
        ("over", OVER, Action::Done),
    ])
}

/// The rules of a restore up to a level.
pub(crate) fn of_restore(highest: u8) -> Result<Vec<Rule>> {
    let yes_up_to = |level: u8| Action::Answer(if level <= highest { "y" } else { "n" }.to_owned());
    let no = || Action::Answer("n".to_owned());
    rules(&[
        ("mount", MOUNT, Action::Decide),
        (
            "use",
            r"(?i)restore will use level (\d) archive file (.+?)\. *press return to continue",
            Action::Decide,
        ),
        ("version", r"(?i)^\s*online version:\s*(.+?)\s*$", Action::Tell),
        ("date", r"(?i)^\s*archive date:\s*(.+?)\s*$", Action::Tell),
        ("header-level", r"(?i)^\s*archive level:\s*(\d)\s*$", Action::Tell),
        ("continue", r"(?i)continue restore", Action::Decide),
        ("salvage", r"(?i)back up the logs", no()),
        ("level-1", r"(?i)restore a level 1 archive", yes_up_to(1)),
        ("level-2", r"(?i)restore a level 2 archive", yes_up_to(2)),
        ("logs", r"(?i)restore log tapes", no()),
        ("over", OVER, Action::Done),
    ])
}

/// What `ontape` told while it wrote an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// How far it is, in per cent.
    pub(crate) percent: Option<u64>,
    /// It said that a space was completed, as old versions do.
    pub(crate) completed: bool,
    /// The file that it made in its folder.
    pub(crate) created: Option<String>,
    /// How many tapes it has written.
    pub(crate) tapes: u32,
}

impl Written {
    /// Takes in what was heard; tells whether the percentage is a new one.
    pub(crate) fn hear(&mut self, heard: &Heard) -> bool {
        let group = heard.groups.get(1);
        match heard.rule.as_str() {
            "percent" => {
                let percent = group.and_then(|group| group.parse().ok());
                let new = percent != self.percent;
                self.percent = percent;
                return new;
            }
            "completed" => self.completed = true,
            "created" => self.created = group.cloned(),
            "label" => self.tapes = group.and_then(|group| group.parse().ok()).unwrap_or(self.tapes),
            _ => {}
        }
        false
    }
}

/// Why an archive that `ontape` or `onbar` wrote does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The tool says that it failed, or does not say that it succeeded.
    Failed,
    /// The tool says that it succeeded, and the server does not remember the archive.
    Forgotten,
}

/// Judges the end of a backup by `ontape`: exit code, texts, and what the server remembers have to agree.
pub(crate) fn judge(ended: &Ended, written: &Written) -> Result<(), Doubt> {
    let complete = written.percent == Some(100) || written.completed;
    if ended.code == 0 && ended.done && ended.failures.is_empty() && complete {
        Ok(())
    } else {
        Err(Doubt::Failed)
    }
}

/// The archives of a level that the server remembers and did not remember before: all of that level, the first space's
/// among them.
pub(crate) fn remembered(before: &[Archived], after: &[Archived], level: u8) -> Result<Vec<Archived>, Doubt> {
    let fresh: Vec<_> = after
        .iter()
        .filter(|archived| archived.level == level && !before.contains(archived))
        .cloned()
        .collect();
    let all = after.iter().filter(|archived| archived.level == level).count();
    if fresh.len() == all && of_level(&fresh, level).is_some_and(|first| first.number == 1) {
        Ok(fresh)
    } else {
        Err(Doubt::Forgotten)
    }
}

/// What the header of an archive told before a restore.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) level: Option<u8>,
    pub(crate) date: Option<String>,
    pub(crate) version: Option<String>,
}

impl Header {
    /// Takes in what was heard.
    pub(crate) fn hear(&mut self, heard: &Heard) {
        let group = heard.groups.get(1).cloned();
        match heard.rule.as_str() {
            "header-level" => self.level = group.and_then(|group| group.parse().ok()),
            "date" => self.date = group,
            "version" => self.version = group,
            _ => {}
        }
    }

    /// Whether it is the header of this archive: the same level, and the same time within a few minutes.
    pub(crate) fn is_of(&self, archived: &Archived) -> bool {
        let time = |text: &str, format: &str| DateTime::strptime(format, text).ok();
        let told = self
            .date
            .as_deref()
            .and_then(|date| time(date.trim(), "%a %b %e %H:%M:%S %Y"));
        let known = time(&archived.date, "%m/%d/%Y.%H:%M");
        let (Some(told), Some(known)) = (told, known) else {
            return false;
        };
        let apart = told.duration_since(known).as_secs().abs();
        self.level == Some(archived.level) && apart <= APART * 60
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use procedo_machine::dialogue::Dialogue;

    fn heard(rules: &[Rule], said: &str) -> Vec<Heard> {
        let mut dialogue = Dialogue::new(rules, 0);
        dialogue.feed(said.as_bytes());
        std::iter::from_fn(|| dialogue.next(true)).collect()
    }

    fn names(rules: &[Rule], said: &str) -> Vec<String> {
        heard(rules, said).into_iter().map(|heard| heard.rule).collect()
    }

    fn archived(level: u8, date: &str, position: &str) -> Archived {
        Archived {
            space: "rootdbs".to_owned(),
            number: 1,
            level,
            date: date.to_owned(),
            log: 28,
            position: position.to_owned(),
        }
    }

    #[test]
    fn the_prompts_of_a_backup_are_known() {
        let rules = of_backup(1).expect("valid");
        let said = "\nPlease mount tape 1 on /dev/st0 and press Return to continue ...";
        let mount = heard(&rules, said).remove(0);
        assert_eq!(
            (mount.rule.as_str(), &mount.groups[1..]),
            ("mount", &["1".to_owned(), "/dev/st0".to_owned()][..])
        );
        let said = "10 percent done.\n100 percent done.\nFile created: /b/host_0_L0\n\nPlease label this tape as number 1 in \
                    the arc tape sequence.\nThis tape contains the following logical logs:\n\n 3 - 4\n\nProgram over.\n";
        assert_eq!(
            names(&rules, said),
            ["percent", "percent", "created", "label", "over"]
        );
    }

    #[test]
    fn a_failure_is_heard_before_the_program_says_that_it_is_over() {
        let rules = of_backup(0).expect("valid");
        let said = "Archive failed - ISAM error: file is locked.\nProgram over.\n";
        assert_eq!(names(&rules, said), ["failed", "over"]);
        let mut written = Written::default();
        let end = |code, failures: &[&str]| Ended {
            code,
            done: true,
            failures: failures.iter().map(|line| (*line).to_owned()).collect(),
            tail: String::new(),
        };
        assert_eq!(judge(&end(0, &[]), &written), Err(Doubt::Failed));
        written.percent = Some(100);
        assert_eq!(judge(&end(0, &[]), &written), Ok(()));
        assert_eq!(judge(&end(1, &[]), &written), Err(Doubt::Failed));
        assert_eq!(judge(&end(0, &["Archive failed"]), &written), Err(Doubt::Failed));
        assert_eq!(
            judge(
                &Ended {
                    done: false,
                    ..end(0, &[])
                },
                &written
            ),
            Err(Doubt::Failed)
        );
    }

    #[test]
    fn prompts_of_a_restore_are_answered_by_meaning_and_by_the_levels_there_are() {
        let answer = |highest: u8, prompt: &str| {
            let rules = of_restore(highest).expect("valid");
            match heard(&rules, prompt).remove(0).action {
                Action::Answer(line) => line,
                action => format!("{action:?}"),
            }
        };
        assert_eq!(answer(0, "Do you want to back up the logs? (y/n)"), "n");
        assert_eq!(answer(0, "Restore a level 1 archive (y/n)"), "n");
        assert_eq!(answer(1, "Restore a level 1 archive (y/n)"), "y");
        assert_eq!(answer(1, "Restore a level 2 archive (y/n)"), "n");
        assert_eq!(answer(2, "Restore a level 2 archive (y/n)"), "y");
        assert_eq!(answer(2, "Do you want to restore log tapes? (y/n)"), "n");
        assert_eq!(answer(0, "Continue restore (Y/N)?"), "Decide");
        let said = "Restore will use level 0 archive file /b/host_0_L0. Press Return to continue ...";
        let rules = of_restore(0).expect("valid");
        assert_eq!(heard(&rules, said)[0].groups[1..], ["0", "/b/host_0_L0"]);
    }

    #[test]
    fn the_header_of_another_archive_is_told_from_this_one() {
        let rules = of_restore(0).expect("valid");
        let mut header = Header::default();
        let said = "Tape type:      Archive Backup Tape\nArchive date:   Tue Jul 28 10:04:40 2020\nArchive level:  0\n";
        for heard in heard(&rules, said) {
            header.hear(&heard);
        }
        assert!(header.is_of(&archived(0, "07/28/2020.10:04", "0x1")));
        assert!(!header.is_of(&archived(1, "07/28/2020.10:04", "0x1")));
        assert!(!header.is_of(&archived(0, "07/28/2020.10:30", "0x1")));
        assert!(!Header::default().is_of(&archived(0, "07/28/2020.10:04", "0x1")));
    }

    #[test]
    fn only_an_archive_that_the_server_has_newly_in_memory_counts() {
        let old = archived(0, "07/28/2020.10:04", "0x1");
        let new = archived(0, "07/28/2020.10:04", "0x2");
        assert_eq!(
            remembered(std::slice::from_ref(&old), std::slice::from_ref(&new), 0),
            Ok(vec![new.clone()])
        );
        assert_eq!(
            remembered(&[], std::slice::from_ref(&new), 1),
            Err(Doubt::Forgotten)
        );
        assert_eq!(
            remembered(std::slice::from_ref(&old), std::slice::from_ref(&old), 0),
            Err(Doubt::Forgotten)
        );
        assert_eq!(remembered(&[], &[], 0), Err(Doubt::Forgotten));
    }
}
