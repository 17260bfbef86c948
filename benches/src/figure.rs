//! A measured figure, its limit, and the ratio between them.

use std::fmt;
use std::time::{Duration, Instant};

/// Whether more or less is better.
#[derive(Clone, Copy)]
pub enum Bound {
    /// The figure must not be larger.
    AtMost(f64),
    /// The figure must not be smaller.
    AtLeast(f64),
}

/// A measured figure with its limit.
pub struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    bound: Bound,
}

impl Figure {
    /// A figure.
    pub fn new(what: impl Into<String>, value: f64, unit: &'static str, bound: Bound) -> Self {
        Self {
            what: what.into(),
            value,
            unit,
            bound,
        }
    }

    /// Whether it is within its limit.
    pub fn holds(&self) -> bool {
        match self.bound {
            Bound::AtMost(limit) => self.value <= limit,
            Bound::AtLeast(limit) => self.value >= limit,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, limit) = match self.bound {
            Bound::AtMost(limit) => ("at most", limit),
            Bound::AtLeast(limit) => ("at least", limit),
        };
        let verdict = if self.holds() { "holds" } else { "DOES NOT HOLD" };
        let Self {
            what, value, unit, ..
        } = self;
        write!(
            f,
            "{what}: {value:.3} {unit}, {word} {limit} {unit}: {:.2} of the limit, {verdict}",
            value / limit
        )
    }
}

/// The median of some durations.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// How long something takes.
pub fn time<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(Duration, T)> {
    let began = Instant::now();
    let result = work()?;
    Ok((began.elapsed(), result))
}
