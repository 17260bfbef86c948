//! What a process that serves a site needs of the store beside journals: schedules, what is settled of them, and which runs
//! can go on.

use crate::Hold;
use procedo_core::Result;
use procedo_core::run::RunId;

/// A schedule that a procedure set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// Its name.
    pub name: String,
    /// Its declaration, as JSON.
    pub declared: String,
    /// When it was set, in milliseconds since 1970: what was due before is none of its business.
    pub since: i64,
}

/// What is settled of a schedule. One that starts a run for each of several values has a line for each.
///
/// A slot is a moment at which a schedule is due. It is *claimed* by one change of the line, which names the run that shall
/// be started for it; the run's own row then tells whether it was. So a slot neither gets lost nor counts twice, wherever the
/// process that claims it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The schedule.
    pub schedule: String,
    /// The value, as JSON; empty for a schedule without values.
    pub value: String,
    /// What the schedule was when `settled` was written: another declaration begins anew.
    pub defined: String,
    /// Every slot up to this one is settled, in milliseconds since 1970.
    pub settled: i64,
    /// A slot that waits for the end of the run before it.
    pub held: Option<i64>,
    /// The newest run.
    pub run: Option<RunId>,
    /// The slot of that run, or of the attempt that failed.
    pub slot: Option<i64>,
    /// Why no run could be started for that slot: an error, as JSON.
    pub failed: Option<String>,
}

/// What a serving process needs of a store.
pub trait Serving: Send + Sync {
    /// The schedules that procedures set, by name.
    fn schedules(&self) -> Result<Vec<Scheduled>>;

    /// Sets a schedule, or removes it (`declared` is none), unless it is no longer `former`; tells whether it was.
    fn set_schedule(
        &self,
        name: &str,
        former: Option<&str>,
        declared: Option<&str>,
        since: i64,
    ) -> Result<bool>;

    /// What is settled of the schedules.
    fn lines(&self) -> Result<Vec<Line>>;

    /// Writes lines, and removes those of schedules and values that are gone, all or nothing.
    fn put_lines(&self, lines: &[Line], gone: &[(String, String)]) -> Result<()>;

    /// The root runs that can go on now: their moment or window has come, the lock's holder has ended, a person has decided
    /// something, or the process that worked on them ended in the middle. Those that a process works on, or that somebody
    /// attends, are not among them. No journal is read.
    fn ready(&self, now: i64) -> Result<Vec<RunId>>;

    /// The first moment after `now` at which a run can go on, as far as time alone decides.
    fn wakes(&self, now: i64) -> Result<Option<i64>>;

    /// Says that somebody sees a run through, so that no serving process takes it up while it waits. It ends with the hold,
    /// or with the process. None: somebody else does already.
    fn attend(&self, run: &RunId) -> Result<Option<Hold>>;
}
