//! How a server is: by what it answers, and where it does not, by what its control file says.

use crate::driver::{Mode, StatusReport};
use crate::postgresql::Postgresql;
use crate::postgresql::cluster::Control;
use crate::postgresql::connect::NoSession;
use procedo_core::capability::Stop;
use procedo_core::{Kind, Result};

impl Postgresql {
    /// How the server is.
    pub(crate) fn look(&self, stop: &Stop) -> Result<StatusReport> {
        let report = |mode, detail: String| StatusReport {
            mode,
            version: "PostgreSQL".to_owned(),
            detail,
        };
        match self.server.try_open(&self.server.login) {
            Ok(mut session) => {
                let told = |error: postgres::Error| self.server.of_postgres(&error);
                let row = session
                    .client
                    .query_one(
                        "SELECT current_setting('server_version'), pg_is_in_recovery(), \
                         CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text, \
                         (SELECT timeline_id FROM pg_control_checkpoint()), pg_postmaster_start_time()::text, \
                         CASE WHEN pg_is_in_recovery() THEN pg_get_wal_replay_pause_state() ELSE '' END",
                        &[],
                    )
                    .map_err(told)?;
                let (version, recovers): (String, bool) = (row.get(0), row.get(1));
                let (lsn, timeline, since): (String, i32, String) = (row.get(2), row.get(3), row.get(4));
                let pause: String = row.get(5);
                let mode = if recovers { Mode::Recovery } else { Mode::Online };
                let detail = format!("LSN {lsn}, timeline {timeline}, since {since} {pause}");
                Ok(StatusReport {
                    mode,
                    version: format!("PostgreSQL {version}"),
                    detail: detail.trim_end().to_owned(),
                })
            }
            Err(NoSession::Failed(error)) => Err(error),
            Err(NoSession::Nobody(reason)) => Ok(match self.control(stop)? {
                Some(Control::Unreadable(why)) => report(Mode::Damaged, why),
                Some(Control::State(state)) => report(Mode::Offline, format!("{reason}; {}", state.state)),
                None => report(Mode::Offline, reason),
            }),
            Err(NoSession::NotNow(reason)) => {
                let control = match mode_of_refusal(&reason) {
                    None => self.control(stop)?,
                    Some(_) => None,
                };
                let known = match control {
                    Some(Control::State(state)) => mode_of_state(&state.state),
                    _ => mode_of_refusal(&reason),
                };
                known
                    .map(|mode| report(mode, reason.clone()))
                    .ok_or_else(|| self.server.error(Kind::Failed, "P1278").with("reason", reason))
            }
        }
    }
}

/// What a server means that takes no connections now (`src/backend/postmaster/postmaster.c`). It says so in the language
/// that it is set to; only English is known here.
fn mode_of_refusal(said: &str) -> Option<Mode> {
    if said.contains("starting up") {
        Some(Mode::Starting)
    } else if said.contains("shutting down") {
        Some(Mode::ShuttingDown)
    } else if said.contains("recovery")
        || said.contains("not yet accepting")
        || said.contains("not accepting")
    {
        Some(Mode::Recovery)
    } else {
        None
    }
}

/// What the control file means while the server runs and takes no connections (`pg_controldata`).
fn mode_of_state(state: &str) -> Option<Mode> {
    match state {
        "starting up" => Some(Mode::Starting),
        "shutting down" => Some(Mode::ShuttingDown),
        "in crash recovery" | "in archive recovery" => Some(Mode::Recovery),
        // As long as it starts, it says how it was ended.
        "shut down" | "shut down in recovery" => Some(Mode::Starting),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_takes_no_connections_says_why() {
        let mode = mode_of_refusal;
        assert_eq!(mode("the database system is starting up"), Some(Mode::Starting));
        assert_eq!(
            mode("the database system is shutting down"),
            Some(Mode::ShuttingDown)
        );
        assert_eq!(
            mode("the database system is in recovery mode"),
            Some(Mode::Recovery)
        );
        assert_eq!(mode("das Datenbanksystem startet"), None);
        assert_eq!(mode_of_state("in archive recovery"), Some(Mode::Recovery));
        assert_eq!(mode_of_state("in production"), None);
    }
}
