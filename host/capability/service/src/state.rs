//! What is known about a service: the reply that guests get, and what drivers find out besides.

use crate::processes::Process;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceState {
    /// It runs and serves.
    Running,
    /// It does not run; it was stopped or never started.
    Stopped,
    /// It was told to start and does not serve yet.
    Starting,
    /// It was told to stop, or its main process has ended, and some of it still runs.
    Stopping,
    /// It does not run, because it ended with an error.
    Failed,
    /// None of these.
    Unknown,
}

impl ServiceState {
    /// The word of the WIT.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::Stopping => "stopping",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// Whether nothing of it runs.
    pub(crate) fn is_down(self) -> bool {
        matches!(self, Self::Stopped | Self::Failed)
    }
}

/// What is known about a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceStatus {
    /// What it does.
    pub state: ServiceState,
    /// The number of its main process, if it has one.
    pub process: Option<u32>,
    /// When that process was started or the service became active, as RFC 3339 in UTC, if that is known.
    pub since: Option<String>,
    /// The account it runs under, if that is known.
    pub account: Option<String>,
    /// What the system of the machine says about it.
    pub detail: String,
}

impl ServiceStatus {
    /// That of a service of which only the state is known.
    pub(crate) fn foreseen(state: ServiceState) -> Self {
        Self {
            state,
            process: None,
            since: None,
            account: None,
            detail: String::new(),
        }
    }
}

/// What a driver sees of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) status: ServiceStatus,
    /// Differs after every start: the main process with its start time, or what the system has for it.
    pub(crate) identity: Option<String>,
    /// What still runs of a service whose main process has ended.
    pub(crate) remaining: Vec<Process>,
}

impl Seen {
    pub(crate) fn state(&self) -> ServiceState {
        self.status.state
    }
}

/// The state before a change, as a journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Before {
    pub(crate) state: ServiceState,
    pub(crate) identity: Option<String>,
}

/// The states that a plan foresees, by service.
#[derive(Debug, Default)]
pub(crate) struct Foreseen(pub(crate) BTreeMap<String, ServiceState>);
