//! What is to be done about a schedule now: a pure decision from its declaration, what is settled, and the time.

use super::Timed;
use jiff::Timestamp;
use procedo_core::run::RunId;
use procedo_core::schedule::{Missed, Overlap};
use procedo_core::value::Digest;
use procedo_store::Line;
use std::time::Duration;

/// A slot that is looked at no later than this is on time: as long as a program may need to be started again.
const GRACE: Duration = Duration::from_secs(60);

/// Where the newest run of a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Former {
    /// There is none, or it has ended.
    Free,
    /// It has not ended.
    Busy(RunId),
    /// Its slot was claimed, and the process ended before the run began.
    Unstarted,
}

/// What is to be done about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing.
    Rest,
    /// A run is to be started for a slot. `late`: it makes up for what was missed.
    Fire { slot: Timestamp, late: bool },
    /// The slot was missed, and by the policy it is over.
    Missed { slot: Timestamp },
    /// The run before has not ended, and by the policy the slot is skipped.
    Skipped { slot: Timestamp, by: RunId },
    /// The run before has not ended, and by the policy the slot waits for its end.
    Held { slot: Timestamp, by: RunId },
}

fn moment(millis: i64) -> Timestamp {
    // What is written in a line was a moment.
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MIN)
}

/// How long a slot of a schedule is put off. It follows from name and slot alone, so it is the same wherever and whenever it is
/// asked for.
pub(crate) fn delay(timed: &Timed, slot: Timestamp) -> Duration {
    let jitter = u64::from(timed.declared.jitter);
    if jitter == 0 {
        return Duration::ZERO;
    }
    let digest = Digest::of(format!("{} {}", timed.declared.name, slot.as_second()).as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest.0[..8]);
    Duration::from_secs(u64::from_le_bytes(bytes) % (jitter + 1))
}

/// The next moment after which there may be something to do about a line.
pub(crate) fn next(timed: &Timed, line: &Line, now: Timestamp) -> Option<Timestamp> {
    let longest = Duration::from_secs(u64::from(timed.declared.jitter));
    // Slots that are past and put off are still to come.
    let from = now.checked_sub(longest).ok()?.max(moment(line.settled));
    let mut slot = timed.when.next(from, &timed.zone)?;
    loop {
        let due = slot.checked_add(delay(timed, slot)).ok()?;
        if due > now {
            return Some(due);
        }
        slot = timed.when.next(slot, &timed.zone)?;
    }
}

/// The newest slot that is due and not settled.
fn due(timed: &Timed, line: &Line, now: Timestamp) -> Option<Timestamp> {
    let settled = moment(line.settled);
    let mut until = now;
    loop {
        let slot = timed.when.last(settled, until, &timed.zone)?;
        if slot.checked_add(delay(timed, slot)).is_ok_and(|due| due <= now) {
            return Some(slot);
        }
        until = slot.checked_sub(Duration::from_nanos(1)).ok()?;
    }
}

/// Whether there is anything to decide, which takes a look at the newest run.
pub(crate) fn may_act(timed: &Timed, line: &Line, now: Timestamp) -> bool {
    line.held.is_some() || due(timed, line, now).is_some()
}

/// What is to be done about a line.
pub(crate) fn turn(timed: &Timed, line: &Line, now: Timestamp, former: &Former) -> Turn {
    let claimed = line.slot.filter(|_| *former == Former::Unstarted).map(moment);
    let held = line.held.map(moment);
    let Some(slot) = [due(timed, line, now), claimed, held].into_iter().flatten().max() else {
        return Turn::Rest;
    };
    let put_off = slot.checked_add(delay(timed, slot)).unwrap_or(slot);
    let late = now.duration_since(put_off).unsigned_abs() > GRACE && now > put_off;
    // A slot that waited for another run was not missed.
    if late && held.is_none() && timed.declared.missed == Missed::Skip {
        return Turn::Missed { slot };
    }
    match (former, timed.declared.overlap) {
        (Former::Busy(by), Overlap::Skip) => Turn::Skipped { slot, by: by.clone() },
        (Former::Busy(_), Overlap::Wait) if held == Some(slot) => Turn::Rest,
        (Former::Busy(by), Overlap::Wait) => Turn::Held { slot, by: by.clone() },
        _ => Turn::Fire {
            slot,
            late: late && held.is_none(),
        },
    }
}

#[cfg(test)]
mod tests;
