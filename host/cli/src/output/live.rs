//! A run while it happens: a moving line on a terminal, plain lines when piped, a document a line for programs.

use super::{Output, Style, escape, moment, msg, plan};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use procedo_core::journal::StepMark;
use procedo_core::message::{Message, Texts};
use procedo_core::run::RunId;
use procedo_core::value::Value;
use procedo_engine::watch::{Event, Watch};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the moving line moves.
const TICK: Duration = Duration::from_millis(100);

/// What is needed to tell a run's events in the words of its procedure.
pub struct Story {
    pub params: Value,
    pub texts: Texts,
}

/// Finds the story of a run.
pub type Stories = Box<dyn Fn(&RunId) -> Option<Story> + Send + Sync>;

/// Follows a run and tells what happens.
pub struct Live {
    output: Output,
    stories: Stories,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stories: HashMap<RunId, Option<Story>>,
    open: HashMap<RunId, Vec<Open>>,
    bar: Option<ProgressBar>,
    /// What is still to be told, because what follows decides how.
    held: Vec<Held>,
}

/// What is told only when it is known what follows.
enum Held {
    /// A step that has ended. It ends whatever became of it; that it went wrong shows only when the run fails with nothing
    /// in between. One that ended with a call that failed is not called good: the script may have caught what it threw.
    Step {
        run: RunId,
        indent: String,
        title: String,
        took: Option<Duration>,
        doubtful: bool,
    },
    /// A call that failed: not told twice if the run fails with the same error.
    Failed { run: RunId, code: String, line: String },
}

impl Held {
    fn run(&self) -> &RunId {
        match self {
            Self::Step { run, .. } | Self::Failed { run, .. } => run,
        }
    }
}

/// Which run failed, and with what.
#[derive(Clone, Copy)]
struct Failure<'a> {
    /// None: the run that is followed, with all that it started.
    child: Option<&'a RunId>,
    code: &'a str,
}

impl Failure<'_> {
    /// Whether what happened in a run is part of this failure.
    fn ends(self, run: &RunId) -> bool {
        self.child.is_none_or(|child| child == run)
    }
}

/// A step that is open.
struct Open {
    title: String,
    began: Instant,
    /// Whether its title is on a line already, because something was told inside it.
    told: bool,
}

impl Live {
    pub fn new(output: Output, stories: Stories) -> Self {
        Self {
            output,
            stories,
            state: Mutex::default(),
        }
    }

    /// Knows the steps that a run, gone on with, was in.
    pub fn take_up(&self, run: &RunId, open: &[String]) {
        let mut state = self.state();
        for name in open {
            let title = self.title(&mut state, run, name);
            let open = state.open.entry(run.clone()).or_default();
            open.push(Open {
                title: title.clone(),
                began: Instant::now(),
                told: false,
            });
            if let Some(bar) = self.bar(&mut state) {
                bar.set_message(title);
            }
        }
    }

    /// Takes the moving line away: the run rests, has ended, or has failed.
    pub fn rest(&self, failed: Option<&str>) {
        let mut state = self.state();
        self.tell_held(&mut state, None, failed.map(|code| Failure { child: None, code }));
        if let Some(bar) = state.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Takes the moving line away and tells the titles of the steps that are open: what is asked next belongs to them.
    pub fn rest_in_steps(&self) {
        self.rest(None);
        let mut state = self.state();
        let runs: Vec<RunId> = state.open.keys().cloned().collect();
        for run in runs {
            self.titles(&mut state, &run);
        }
    }

    /// Shows on the moving line what is waited for.
    pub fn idle(&self, text: &str) {
        let mut state = self.state();
        if let Some(bar) = self.bar(&mut state) {
            bar.set_message(text.to_owned());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bar<'s>(&self, state: &'s mut State) -> Option<&'s ProgressBar> {
        if !self.output.terminal {
            return None;
        }
        Some(state.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
            bar.set_style(moving());
            bar.enable_steady_tick(TICK);
            bar
        }))
    }

    fn line(&self, state: &State, text: &str) {
        match &state.bar {
            Some(bar) if !bar.is_hidden() => bar.println(text),
            _ => self.output.line(text),
        }
    }

    /// Writes a line inside the steps that are open, after the titles that are still to be told.
    fn inside(&self, state: &mut State, run: &RunId, text: &str) {
        let depth = self.titles(state, run);
        self.line(state, &format!("{}{text}", indent(depth)));
    }

    /// Writes the titles of the open steps that are still to be told; how deep a line inside them is.
    fn titles(&self, state: &mut State, run: &RunId) -> usize {
        let base = nesting(run);
        let mut lines = Vec::new();
        let open = state.open.entry(run.clone()).or_default();
        for (depth, step) in open.iter_mut().enumerate() {
            if !std::mem::replace(&mut step.told, true) {
                let title = self.output.paint(Style::Strong, format!("▸ {}", step.title));
                lines.push(format!("{}{title}", indent(base + depth)));
            }
        }
        let depth = base + open.len();
        for line in lines {
            self.line(state, &line);
        }
        depth
    }

    fn step(&self, state: &mut State, run: &RunId, mark: StepMark, name: &str) {
        let base = nesting(run);
        if let StepMark::Begin | StepMark::Verify = mark {
            let mut title = self.title(state, run, name);
            if mark == StepMark::Verify {
                title = self.output.tell(&msg!("step-verify", step = title));
            }
            let open = state.open.entry(run.clone()).or_default();
            open.push(Open {
                title: title.clone(),
                began: Instant::now(),
                told: false,
            });
            if let Some(bar) = self.bar(state) {
                bar.reset();
                bar.set_style(moving());
                bar.set_message(title);
            }
            return;
        }
        let open = state.open.entry(run.clone()).or_default();
        let step = open.pop();
        let depth = base + open.len();
        let outer = open.last().map(|step| step.title.clone());
        let (title, took) = match step {
            Some(step) => (step.title, Some(step.began.elapsed())),
            // It began in another process.
            None => (self.title(state, run, name), None),
        };
        let after_failure = match state.held.iter().rfind(|held| held.run() == run) {
            Some(Held::Failed { .. }) => true,
            Some(Held::Step { doubtful, .. }) => *doubtful,
            None => false,
        };
        state.held.push(Held::Step {
            run: run.clone(),
            indent: indent(depth),
            title,
            took,
            doubtful: mark == StepMark::Closed || after_failure,
        });
        if let Some(bar) = &state.bar {
            bar.set_style(moving());
            bar.set_message(outer.unwrap_or_default());
        }
    }

    /// Writes what was held back of a run and all that it started, or of all runs; before a failure or anything else. What
    /// happens in a run decides nothing of those beside it.
    fn tell_held(&self, state: &mut State, of: Option<&RunId>, failed: Option<Failure<'_>>) {
        let is_meant = |held: &mut Held| of.is_none_or(|of| is_within(held.run(), of));
        let meant: Vec<Held> = state.held.extract_if(.., is_meant).collect();
        for held in meant {
            match held {
                Held::Failed { run, code, .. }
                    if failed.is_some_and(|failed| failed.ends(&run) && failed.code == code) => {}
                Held::Failed { line, .. } => self.line(state, &line),
                Held::Step {
                    run,
                    indent,
                    title,
                    took,
                    doubtful,
                } => {
                    let (style, sign) = match doubtful {
                        _ if failed.is_some_and(|failed| failed.ends(&run)) => (Style::Bad, "✗"),
                        true => (Style::Warning, "■"),
                        false => (Style::Good, "✓"),
                    };
                    let sign = self.output.paint(style, sign);
                    let took = took.map_or_else(String::new, |took| {
                        format!("  {}", self.output.paint(Style::Faint, moment::duration(took)))
                    });
                    self.line(state, &format!("{indent}{sign} {title}{took}"));
                }
            }
        }
    }

    fn title(&self, state: &mut State, run: &RunId, name: &str) -> String {
        let story = self.story(state, run);
        let none = Value::Null;
        let (own, params) = story.map_or((None, &none), |story| (Some(&story.texts), &story.params));
        plan::step_title(&self.output, own, name, params)
    }

    fn story<'s>(&self, state: &'s mut State, run: &RunId) -> Option<&'s Story> {
        state
            .stories
            .entry(run.clone())
            .or_insert_with(|| (self.stories)(run))
            .as_ref()
    }

    fn tell(&self, state: &mut State, run: &RunId, message: &Message) -> String {
        let output = &self.output;
        let story = self.story(state, run);
        output.tell_of(story.map(|story| &story.texts), message)
    }

    fn told(&self, state: &mut State, run: &RunId, event: &Event<'_>) {
        let output = &self.output;
        match event {
            Event::Step { mark, name, .. } => self.step(state, run, *mark, name),
            Event::Log { level: "debug", .. } => {}
            Event::Log { level, text } => {
                let text = escape::one_line(text);
                let text = if *level == "warning" {
                    output.paint(Style::Warning, format!("⚠ {text}"))
                } else {
                    text.into_owned()
                };
                self.inside(state, run, &text);
            }
            Event::Progress { done, total, text } => {
                let text = escape::one_line(text).into_owned();
                if let Some(bar) = self.bar(state) {
                    match total {
                        Some(total) => {
                            bar.set_style(filling());
                            bar.set_length(*total);
                            bar.set_position(*done);
                            bar.set_message(text);
                        }
                        None => bar.set_message(format!("{text} {done}")),
                    }
                }
            }
            Event::Changing { effect, summary, .. } => {
                let told = self.tell(state, run, summary);
                let mark = plan::mark(output, *effect);
                self.inside(state, run, &format!("{mark} {told}"));
            }
            Event::CallFailed { error, .. } => {
                let told = self.tell(state, run, &error.message);
                let text = output.paint(Style::Warning, format!("✗ {}: {told}", error.code));
                let depth = self.titles(state, run);
                state.held.push(Held::Failed {
                    run: run.clone(),
                    code: error.code.clone(),
                    line: format!("{}{text}", indent(depth)),
                });
            }
            Event::Probed { operation, found } => {
                let found = output.word(&format!("probe-{found}"));
                let told = output.tell(&msg!("live-probed", operation = operation, found = found));
                self.inside(state, run, &output.paint(Style::Warning, told));
            }
            Event::Child {
                run: child,
                procedure,
            } => {
                let told = output.tell(&msg!("live-child", run = child, procedure = procedure));
                self.inside(state, run, &output.paint(Style::Faint, told));
            }
            Event::ChildFailed {
                run: child,
                procedure,
                error,
            } => {
                let reason = self.tell(state, child, &error.message);
                let told = output.tell(&msg!(
                    "child-failed",
                    run = child,
                    procedure = procedure,
                    reason = reason
                ));
                self.inside(state, run, &output.paint(Style::Warning, format!("✗ {told}")));
            }
        }
    }

    fn document(&self, state: &mut State, run: &RunId, event: &Event<'_>) -> Value {
        match event {
            Event::Step { mark, name, .. } => {
                let title = self.title(state, run, name);
                json!({"event": "step", "run": run, "mark": mark, "step": name, "title": title})
            }
            Event::Log { level, text } => json!({"event": "log", "run": run, "level": level, "text": text}),
            Event::Progress { done, total, text } => {
                json!({"event": "progress", "run": run, "done": done, "total": total, "text": text})
            }
            Event::Changing {
                operation,
                resource,
                effect,
                summary,
            } => {
                let summary = self.tell(state, run, summary);
                json!({"event": "change", "run": run, "call": operation, "resource": resource, "effect": effect, "summary": summary})
            }
            Event::CallFailed { operation, error } => {
                json!({"event": "call-failed", "run": run, "call": operation, "error": self.output.error_value(error)})
            }
            Event::Probed { operation, found } => {
                json!({"event": "probed", "run": run, "call": operation, "found": found})
            }
            Event::Child {
                run: child,
                procedure,
            } => {
                json!({"event": "child", "run": run, "child": child, "procedure": procedure})
            }
            Event::ChildFailed {
                run: child,
                procedure,
                error,
            } => {
                json!({"event": "child-failed", "run": run, "child": child, "procedure": procedure, "error": self.output.error_value(error)})
            }
        }
    }
}

impl Watch for Live {
    fn event(&self, run: &RunId, event: &Event<'_>) {
        let mut state = self.state();
        if self.output.json {
            let document = self.document(&mut state, run, event);
            self.output.document(&document);
        } else {
            match event {
                Event::Step {
                    mark: StepMark::End | StepMark::Closed,
                    ..
                }
                | Event::Progress { .. } => {}
                Event::ChildFailed { run, error, .. } => {
                    let failure = Failure {
                        child: Some(run),
                        code: &error.code,
                    };
                    self.tell_held(&mut state, Some(run), Some(failure));
                }
                _ => self.tell_held(&mut state, Some(run), None),
            }
            self.told(&mut state, run, event);
        }
    }
}

/// Whether a run is another, or was started by it, however far below.
fn is_within(run: &RunId, other: &RunId) -> bool {
    let below = run.as_str().strip_prefix(other.as_str());
    below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// How deep a run is below its root.
fn nesting(run: &RunId) -> usize {
    run.as_str().split('/').count() / 2
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

fn moving() -> ProgressStyle {
    style("{spinner:.cyan} {wide_msg} {elapsed:.dim}")
}

fn filling() -> ProgressStyle {
    style("{spinner:.cyan} {msg}  {bar:24.cyan/dim} {pos}/{len}  {elapsed:.dim}")
}

fn style(template: &str) -> ProgressStyle {
    // A template that is not understood would show a plain spinner: still a moving line.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
        .progress_chars("━━╌")
}
