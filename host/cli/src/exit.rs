//! Exit codes: what scripts around Procedo rely on.

use procedo_core::journal::Wait;
use procedo_core::run::State;
use procedo_core::{Error, Kind};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// As it should.
    Done,
    /// The procedure failed, or what was asked for is not so.
    Failed,
    /// Wrong usage or invalid input.
    Usage,
    /// Not allowed.
    Denied,
    /// A run waits for a person or a time, or was interrupted.
    Waiting,
    /// A run is in doubt or diverged.
    Doubt,
    /// A bug in Procedo.
    Bug,
}

impl Exit {
    /// A process that was told twice to end, as shells name it: 128 and the number of the signal.
    pub const KILLED: u8 = 130;

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Denied => 3,
            Self::Waiting => 4,
            Self::Doubt => 5,
            Self::Bug => 70,
        }
    }

    /// For an error of the command itself.
    pub fn of_error(error: &Error) -> Self {
        match error.kind {
            Kind::Denied => Self::Denied,
            Kind::Invalid | Kind::NotFound | Kind::TooLarge => Self::Usage,
            // A question that nobody was there to answer.
            Kind::Cancelled if error.code == "P0026" => Self::Waiting,
            _ if error.code == "P0070" => Self::Bug,
            _ => Self::Failed,
        }
    }

    /// For the error that a run ended with.
    pub fn of_failure(error: &Error) -> Self {
        if error.kind == Kind::Denied {
            Self::Denied
        } else {
            Self::Failed
        }
    }

    /// For a run that waits.
    pub fn of_wait(wait: &Wait) -> Self {
        Self::of_state(wait.state())
    }

    /// For a run that is in a state.
    pub fn of_state(state: State) -> Self {
        match state {
            State::Succeeded => Self::Done,
            State::Failed | State::Cancelled => Self::Failed,
            State::InDoubt | State::Diverged => Self::Doubt,
            State::Running | State::Waiting | State::Interrupted => Self::Waiting,
        }
    }
}
