//! What people decide about runs: approve, reject, answer, say what became of a call, cancel.

use crate::drive::{cancel_children, cancellation, finish};
use crate::engine::Engine;
use crate::masking;
use crate::question::check_answer;
use procedo_core::journal::{Decision, Question, RunEnd, Wait};
use procedo_core::run::{Actor, RunId};
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};

impl Engine {
    /// What a run waits for, following children down to the one that really waits.
    pub fn waiting(&self, run: &RunId) -> Result<Option<(RunId, Option<u64>, Wait)>> {
        let history = self.history(run)?;
        match history.waiting {
            Some((_, Wait::Child { run })) => self.waiting(&run),
            Some((call, wait)) => Ok(Some((run.clone(), call, wait))),
            None => Ok(None),
        }
    }

    fn waiting_for<T>(
        &self,
        run: &RunId,
        what: &str,
        select: impl FnOnce(&Wait) -> Option<T>,
    ) -> Result<(RunId, Option<u64>, T)> {
        let wrong = || {
            Error::new(Kind::Conflict, "P0146")
                .with("run", run)
                .with("what", what)
        };
        let (run, call, wait) = self.waiting(run)?.ok_or_else(wrong)?;
        let selected = select(&wait).ok_or_else(wrong)?;
        Ok((run, call, selected))
    }

    /// Approves what the run waits for.
    pub fn approve(&self, run: &RunId, by: &Actor) -> Result<()> {
        let (run, call, (digest, second_person)) = self.waiting_for(run, "approval", |wait| match wait {
            Wait::Approval {
                digest,
                second_person,
                ..
            } => Some((*digest, *second_person)),
            _ => None,
        })?;
        if second_person && self.shared.starter(&run)? == *by {
            return Err(Error::new(Kind::Denied, "P0505")
                .with("run", &run)
                .with("person", by));
        }
        self.shared
            .store
            .send(&run, by.clone(), call, Decision::Approve { digest })
    }

    /// Rejects what the run waits for.
    pub fn reject(&self, run: &RunId, by: &Actor, reason: &str) -> Result<()> {
        let (run, call, digest) = self.waiting_for(run, "approval", |wait| match wait {
            Wait::Approval { digest, .. } => Some(*digest),
            _ => None,
        })?;
        let reason = self.masked_text(reason)?;
        self.shared
            .store
            .send(&run, by.clone(), call, Decision::Reject { digest, reason })
    }

    /// Answers the question that the run waits for. Values of secret fields are stored as secrets first.
    pub fn answer(&self, run: &RunId, by: &Actor, answer: &Value) -> Result<()> {
        let (run, call, (key, question)) = self.waiting_for(run, "answer", |wait| match wait {
            Wait::Answer { key, question } => Some((key.clone(), question.clone())),
            _ => None,
        })?;
        let mut answer = answer.clone();
        if let (Question::Ask { fields, .. }, Value::Object(given)) = (&question, &mut answer) {
            for field in fields.iter().filter(|field| field.kind == "secret") {
                if let Some(Value::String(value)) = given.get_mut(&field.name)
                    && !value.starts_with("secret:")
                {
                    masking::check_secret(value)?;
                    let name = secret_name(&run, &key, &field.name);
                    let version = self.shared.store.set_secret(&name, value)?;
                    *value = masking::reference(&name, version);
                }
            }
        }
        let answer = self.masked(check_answer(&key, &question, &answer)?)?;
        self.shared
            .store
            .send(&run, by.clone(), call, Decision::Answer { key, answer })
    }

    /// Says of a call in doubt that it took effect (with its reply) or did not.
    pub fn verdict(&self, run: &RunId, by: &Actor, applied: Option<Value>) -> Result<()> {
        let (run, call, ()) = self.waiting_for(run, "verdict", |wait| {
            matches!(wait, Wait::Verdict { .. }).then_some(())
        })?;
        let applied = applied.map(|reply| self.masked(reply)).transpose()?;
        let decision = applied.map_or(Decision::NotApplied, |reply| Decision::Applied { reply });
        self.shared.store.send(&run, by.clone(), call, decision)
    }

    /// Cancels a run: at once if no process holds it, else at its next call. Tells whether it has ended already.
    pub fn cancel(&self, run: &RunId, by: &Actor, reason: &str) -> Result<bool> {
        let run = run.root();
        self.unfinished(&run)?;
        let reason = self.masked_text(reason)?;
        self.shared
            .store
            .send(&run, by.clone(), None, Decision::Cancel { reason })?;
        let lease = match self.shared.store.take(&run) {
            Ok(lease) => lease,
            Err(error) if error.code == "P0201" => return Ok(false),
            Err(error) => return Err(error),
        };
        let history = self.history(&run)?;
        if let Some(reason) = cancellation(&self.shared, &*lease)? {
            cancel_children(&self.shared, &run, &reason)?;
            finish(&self.shared, &*lease, &history.open, RunEnd::Cancelled(reason))?;
        }
        Ok(true)
    }
}

/// The name under which a secret answer is kept.
fn secret_name(run: &RunId, key: &str, field: &str) -> String {
    let plain = |text: &str| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .collect()
    };
    format!("answers/{}/{}/{}", plain(run.as_str()), plain(key), plain(field))
}
