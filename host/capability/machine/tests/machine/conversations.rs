//! Conversations with real programs that prompt without ending the line.

use crate::bench::{folder, local, on_both, until};
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Action, Conversation, Heard, Input, Job, JobState, Machine, Partner, Program, Rule};
use std::time::Duration;

/// Behaves as a tape tool does: what it does not take for a yes is a no, and it does not ask twice.
const TOOL: &str = r#"
printf 'Please mount tape 1 on /dev/st0 and press Return to continue ...'; read -r x
printf '50 percent done.\r100 percent done.\n'
printf 'Tape is full ...\nPlease mount tape 2 on /dev/st0 and press Return to continue...'; read -r x; echo "[$x]"
printf 'Continue restore? (y/n)'; read -r x
[ "$x" = y ] || { echo 'Archive failed - not confirmed'; exit 1; }
printf 'Do you want to back up the logs? (y/n)'; read -r x; [ "$x" = n ] || exit 2
echo 'Program over.'
"#;

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
        ("over", r"Program over", Action::Done),
        ("failed", r"(?i)archive failed", Action::Failure),
    ]
    .map(|(name, pattern, action)| Rule::new(name, pattern, action).unwrap())
    .to_vec()
}

fn quick(rules: Vec<Rule>) -> Conversation {
    Conversation {
        quiet: Duration::from_millis(500),
        poll: Duration::from_millis(20),
        ..Conversation::new(rules)
    }
}

#[derive(Default)]
struct Recorder {
    heard: Vec<String>,
    /// The tape at which nobody is there to change it.
    absent_at: Option<&'static str>,
}

impl Partner for Recorder {
    fn decide(&mut self, heard: &Heard) -> Result<String> {
        self.heard.push(format!("{} {}", heard.rule, heard.groups[1]));
        if self.absent_at == Some(heard.groups[1].as_str()) {
            return Err(Error::new(Kind::Unavailable, "P0000"));
        }
        Ok(format!("tape {}", heard.groups[1]))
    }

    fn told(&mut self, heard: &Heard) -> Result<()> {
        self.heard.push(heard.groups.join(" "));
        Ok(())
    }
}

fn start(machine: &dyn Machine, script: &str) -> Box<dyn Job> {
    let program = Program::new("sh").args(["-c", script]).input(Input::Open);
    machine.start_job("r/1", &program).unwrap()
}

#[test]
fn prompts_are_answered_by_meaning_and_progress_is_told() {
    on_both(|machine, _| {
        let job = start(machine, TOOL);
        let mut partner = Recorder::default();
        let ended = quick(rules())
            .hold(&*job, 0, &mut partner, &Stop::default())
            .unwrap();
        assert_eq!((ended.code, ended.done, ended.failures.len()), (0, true, 0));
        assert_eq!(
            partner.heard,
            [
                "mount 1",
                "50 percent done 50",
                "100 percent done 100",
                "mount 2",
                "Continue restore",
                "back up the logs",
                "Program over"
            ]
        );
        assert!(ended.tail.contains("[tape 2]"));
    });
}

#[test]
fn a_wrong_answer_shows_as_the_failure_that_the_tool_names() {
    let site = folder();
    let job = start(&*local(site.path()), TOOL);
    let mut rules = rules();
    rules[1].action = Action::Answer("Y".to_owned());
    let ended = quick(rules)
        .hold(&*job, 0, &mut Recorder::default(), &Stop::default())
        .unwrap();
    assert_eq!((ended.code, ended.done), (1, false));
    assert_eq!(ended.failures, ["Archive failed - not confirmed"]);
}

#[test]
fn a_conversation_that_broke_off_is_taken_up_without_answering_twice() {
    on_both(|machine, _| {
        let job = start(machine, TOOL);
        let mut absent = Recorder {
            absent_at: Some("2"),
            ..Recorder::default()
        };
        let error = quick(rules())
            .hold(&*job, 0, &mut absent, &Stop::default())
            .unwrap_err();
        assert_eq!(error.code, "P0000");
        drop(job);
        let job = machine.find_job("r/1").unwrap().unwrap();
        assert!(matches!(job.state().unwrap(), JobState::Running { .. }));
        let mut partner = Recorder::default();
        let ended = quick(rules())
            .hold(&*job, 0, &mut partner, &Stop::default())
            .unwrap();
        assert_eq!((ended.code, ended.done), (0, true));
        assert!(!partner.heard.contains(&"mount 1".to_owned()));
        assert!(partner.heard.contains(&"mount 2".to_owned()));
        assert!(ended.tail.contains("[tape 2]"));
    });
}

#[test]
fn a_prompt_that_nobody_knows_is_shown_and_left_open() {
    on_both(|machine, _| {
        let job = start(
            machine,
            "echo Ready; printf '¿Borrar todo? '; read -r x; echo \"got $x\"",
        );
        let error = quick(rules())
            .hold(&*job, 0, &mut Recorder::default(), &Stop::default())
            .unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (Kind::Conflict, "P1018"));
        assert_eq!(error.message.args["said"], "¿Borrar todo?");
        assert!(matches!(job.state().unwrap(), JobState::Running { .. }));
        job.send(b"no\n").unwrap();
        until("it ends", || job.state().unwrap() == JobState::Ended { code: 0 });
    });
}

#[test]
fn a_tool_that_falls_silent_is_given_up_after_its_time() {
    let site = folder();
    let job = start(&*local(site.path()), "echo working; exec sleep 300");
    let conversation = Conversation {
        silence: Duration::from_millis(300),
        ..quick(rules())
    };
    let error = conversation
        .hold(&*job, 0, &mut Recorder::default(), &Stop::default())
        .unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (Kind::TimedOut, "P1019"));
    job.end(Duration::ZERO).unwrap();
}

#[test]
fn a_run_that_shall_stop_leaves_the_tool_as_it_is() {
    let site = folder();
    let job = start(&*local(site.path()), "exec sleep 300");
    let stop = Stop::default();
    stop.set();
    let error = quick(rules())
        .hold(&*job, 0, &mut Recorder::default(), &stop)
        .unwrap_err();
    assert_eq!(error.code, "P0113");
    assert!(matches!(job.state().unwrap(), JobState::Running { .. }));
    job.end(Duration::ZERO).unwrap();
}
