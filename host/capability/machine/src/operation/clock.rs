//! `machine.clock-offset`: how far a machine's clock is from that of the host, the round trip taken out.

use crate::api::Program;
use crate::machines::Machines;
use crate::operation::look::{LIMITS, MachineArgs, look, unreadable};
use crate::windows::SAMPLES as WINDOWS_SAMPLES;
use procedo_core::capability::{Context, Reading};
use procedo_core::change::Assumed;
use procedo_core::effect::ResourceName;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};

/// How often a machine is asked for its time.
const SAMPLES: usize = 7;

/// How far a machine's clock is from that of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// How many milliseconds it is ahead.
    pub offset: i64,
    /// How many milliseconds the truth may be away from that.
    pub uncertainty: u64,
}

/// The operation `clock-offset`.
pub(crate) struct ClockOffset(pub(crate) Machines);

/// One question for the time, all in nanoseconds since 1970: asked, answered, and what the answer was.
#[derive(Clone, Copy)]
struct Sample {
    asked: i128,
    answered: i128,
    said: i128,
    /// How much later than said it may have been.
    coarse: i128,
}

/// The offset by the sample with the shortest round trip.
fn best(samples: &[Sample]) -> Option<Clock> {
    const MILLISECOND: i128 = 1_000_000;
    let sample = samples
        .iter()
        .min_by_key(|sample| sample.answered - sample.asked)?;
    let middle = i128::midpoint(sample.asked, sample.answered);
    let offset = sample.said + sample.coarse / 2 - middle;
    let uncertainty = (sample.answered - sample.asked + sample.coarse) / 2;
    Some(Clock {
        offset: i64::try_from(offset.div_euclid(MILLISECOND)).ok()?,
        // Rounded up, and a whole millisecond for the offset's own rounding.
        uncertainty: u64::try_from(uncertainty / MILLISECOND + 1).ok()?,
    })
}

/// Seconds and nanoseconds of `date +%s.%N`; a `date` without `%N` leaves the letter.
fn time_of(text: &str) -> Option<(i128, i128)> {
    const SECOND: i128 = 1_000_000_000;
    let (seconds, part) = text.trim().split_once('.')?;
    let seconds: i128 = seconds.parse().ok()?;
    match part.parse::<u32>() {
        Ok(part) if part < 1_000_000_000 => Some((seconds * SECOND + i128::from(part), 0)),
        _ => Some((seconds * SECOND, SECOND)),
    }
}

fn now() -> i128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i128::try_from(since.as_nanos()).unwrap_or(0))
}

impl Reading for ClockOffset {
    type Args = MachineArgs;
    type Reply = Clock;

    fn resource(&self, args: &MachineArgs) -> ResourceName {
        args.machine.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &MachineArgs) -> Result<Assumed<Clock>> {
        look(&self.0, &args.machine, context, |machine, context| {
            let windows = self.0.windows(&args.machine);
            let mut samples = Vec::new();
            let program = Program::new("date").arg("+%s.%N");
            // The first one may have to connect; its round trip is then not the shortest.
            for _ in 0..windows.map_or(SAMPLES, |_| WINDOWS_SAMPLES) {
                let asked = now();
                let (said, coarse, answered) = match windows {
                    Some(windows) => (windows.time(context.stop)?, 0, now()),
                    None => {
                        let output = machine.run(&program, &LIMITS, context.stop)?;
                        let answered = now();
                        let (said, coarse) =
                            time_of(&output.text()).ok_or_else(|| unreadable(machine, &output))?;
                        (said, coarse, answered)
                    }
                };
                samples.push(Sample {
                    asked,
                    answered,
                    said,
                    coarse,
                });
            }
            best(&samples).ok_or_else(|| {
                Error::new(Kind::Failed, "P1025")
                    .with("machine", machine.name())
                    .with("answer", "date")
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: i128 = 1_000_000;

    #[test]
    fn the_shortest_round_trip_counts_and_is_taken_out() {
        let sample = |asked: i128, answered: i128, said: i128| Sample {
            asked: asked * MILLISECOND,
            answered: answered * MILLISECOND,
            said: said * MILLISECOND,
            coarse: 0,
        };
        // Two seconds ahead; the slow answers would say otherwise.
        let samples = [
            sample(0, 500, 2490),
            sample(1000, 1010, 3005),
            sample(2000, 2400, 4010),
        ];
        let clock = best(&samples).unwrap();
        assert_eq!((clock.offset, clock.uncertainty), (2000, 6));
        assert_eq!(best(&[]), None);
    }

    #[test]
    fn a_clock_that_tells_whole_seconds_is_that_much_more_uncertain() {
        let (said, coarse) = time_of("100.%N\n").unwrap();
        let sample = Sample {
            asked: 100_400 * MILLISECOND,
            answered: 100_600 * MILLISECOND,
            said,
            coarse,
        };
        assert_eq!(
            best(&[sample]).unwrap(),
            Clock {
                offset: 0,
                uncertainty: 601
            }
        );
        assert_eq!(time_of("100.000000007"), Some((100_000_000_007, 0)));
        assert_eq!(time_of("now"), None);
    }
}
