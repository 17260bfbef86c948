//! What to do about a wait: ask whoever sits there, wait for a lock or a time, or leave the run.

use super::{Attendance, Next, write_proposal};
use crate::output::{Style, ask, entry, moment, msg};
use crate::people;
use procedo_core::Result;
use procedo_core::effect::OperationName;
use procedo_core::journal::{Question, Wait};
use procedo_core::run::{RunId, State};
use procedo_core::site::Role;
use procedo_core::value::Value;
use procedo_store::Store;
use serde_json::json;
use std::collections::HashSet;
use std::time::Duration;

/// How often it is looked whether a lock is free: soon enough for a person, seldom enough for the disk.
const LOOK_EVERY: Duration = Duration::from_millis(150);
/// A moment further away than this is not waited for: whoever started the run wants their terminal back.
const LONGEST_PATIENCE_MS: i64 = 60 * 60 * 1000;

impl Attendance<'_> {
    pub(super) fn settle(
        &self,
        run: &RunId,
        waiting: &RunId,
        wait: &Wait,
        asked: &mut HashSet<String>,
    ) -> Result<Next> {
        let can_ask = self.output.can_ask() && !self.stop.is_set();
        if can_ask {
            self.live.rest_in_steps();
        }
        match wait {
            Wait::Lock { lock, holder } => self.lock(lock, holder),
            Wait::Moment { until } => self.moment(wait, *until),
            Wait::Answer { question, .. } if can_ask => self.question(run, waiting, question),
            Wait::Approval {
                digest,
                second_person,
                plan,
                ..
            } => {
                if self.options.yes && self.approver().is_none() {
                    self.output.remark(&msg!("yes-does-not-count"));
                }
                let again = !asked.insert(digest.to_string());
                if !can_ask || !self.may_be_approved_here(*second_person, again) {
                    return Ok(Next::Leave);
                }
                self.approval(run, waiting, *second_person, plan)
            }
            Wait::Verdict { operation, .. } if can_ask => self.verdict(run, waiting, operation, wait),
            // A child that was interrupted has nothing to wait for.
            Wait::Child { run } if asked.insert(run.to_string()) => Ok(Next::Resume),
            _ => Ok(Next::Leave),
        }
    }

    fn lock(&self, lock: &str, holder: &RunId) -> Result<Next> {
        let store = self.opened.store()?;
        let Some(row) = store.row(holder)? else {
            return Ok(Next::Leave);
        };
        if self.options.no_wait {
            return Ok(Next::Leave);
        }
        if row.state != State::Running {
            return Ok(self.rested(holder, row.state));
        }
        let told = self.output.tell(&msg!(
            "lock-held",
            lock = lock,
            run = holder,
            procedure = row.procedure,
            by = row.by,
            since = moment::of_millis(&self.output.zone, row.started),
        ));
        if self.output.json {
            self.output.document(&json!({
                "event": "lock", "lock": lock, "holder": holder, "procedure": row.procedure, "by": row.by, "since": row.started,
            }));
        } else {
            self.output
                .line(self.output.paint(Style::Warning, format!("◷ {told}")));
        }
        loop {
            let Some(row) = store.row(holder)? else {
                return Ok(Next::Resume);
            };
            if row.state != State::Running {
                self.live.rest(None);
                return Ok(self.rested(holder, row.state));
            }
            self.live.idle(&told);
            if self.stop.wait(LOOK_EVERY) {
                self.live.rest(None);
                return Ok(Next::Leave);
            }
        }
    }

    /// What to do about a lock whose holder no process works on.
    fn rested(&self, holder: &RunId, state: State) -> Next {
        if state.is_final() {
            return Next::Resume;
        }
        let state = self.output.word(&format!("state-{}", state.name()));
        self.output
            .say(&msg!("lock-holder-rests", run = holder, state = state));
        Next::Leave
    }

    fn moment(&self, wait: &Wait, until: i64) -> Result<Next> {
        let left = until - jiff::Timestamp::now().as_millisecond();
        if self.options.no_wait || left > LONGEST_PATIENCE_MS {
            return Ok(Next::Leave);
        }
        let told = entry::waits_for(self.output, None, wait);
        self.output.say(&msg!("literal", text = told));
        self.live.idle(&told);
        let stopped = self
            .stop
            .wait(Duration::from_millis(u64::try_from(left).unwrap_or(0)));
        self.live.rest(None);
        Ok(if stopped { Next::Leave } else { Next::Resume })
    }

    fn question(&self, run: &RunId, waiting: &RunId, question: &Question) -> Result<Next> {
        let person = &self.opened.person;
        if person.must_be(Role::Operator).is_err() {
            return Ok(Next::Leave);
        }
        let own = self.own(waiting);
        loop {
            let Some(answer) = ask::question(self.output, own.as_ref(), question) else {
                return Ok(Next::Leave);
            };
            match self.engine.answer(run, &person.actor(), &answer) {
                Ok(()) => return Ok(Next::Resume),
                Err(error) if error.code == "P0127" => self.output.error(&error),
                Err(error) => return Err(error),
            }
        }
    }

    /// Where the site lists nobody, the account can approve once; else whoever has a token can.
    fn may_be_approved_here(&self, second_person: bool, again: bool) -> bool {
        let site = self.opened.site();
        if site.user.is_empty() {
            return !second_person && !again;
        }
        site.user
            .values()
            .any(|user| user.role >= Role::Approver && user.token.is_some())
    }

    fn approval(&self, run: &RunId, waiting: &RunId, second_person: bool, shown: &Value) -> Result<Next> {
        let output = self.output;
        write_proposal(output, self.own(waiting).as_ref(), shown, true);
        if second_person {
            output.say(&msg!("approve-second-person"));
        }
        if ask::yes(output, &output.word("approve-question")) != Some(true) {
            return Ok(Next::Leave);
        }
        let site = self.opened.site();
        let row = self.opened.store()?.row(run)?;
        let starter = row.map_or_else(|| self.opened.person.actor(), |row| row.by);
        let approved = people::approver(site, &self.opened.person, second_person, &starter, output)
            .and_then(|person| self.engine.approve(run, &person.actor()));
        match approved {
            Ok(()) => Ok(Next::Resume),
            Err(error) => {
                output.error(&error);
                Ok(Next::Leave)
            }
        }
    }

    fn verdict(&self, run: &RunId, waiting: &RunId, operation: &OperationName, wait: &Wait) -> Result<Next> {
        let output = self.output;
        let person = &self.opened.person;
        if person.must_be(Role::Operator).is_err() {
            return Ok(Next::Leave);
        }
        output.line(output.paint(
            Style::Warning,
            entry::waits_for(output, self.own(waiting).as_ref(), wait),
        ));
        let labels = [
            "verdict-applied",
            "verdict-not-applied",
            "verdict-look",
            "verdict-later",
        ]
        .map(|id| output.word(id));
        let applied = match ask::choose(output, &output.word("verdict-question"), &labels) {
            Some(0) => match self.reply(operation)? {
                Some(reply) => Some(reply),
                None => return Ok(Next::Leave),
            },
            Some(1) => None,
            Some(2) => return Ok(Next::Resume),
            _ => return Ok(Next::Leave),
        };
        self.engine.verdict(run, &person.actor(), applied)?;
        Ok(Next::Resume)
    }

    /// Asks what a call would have replied, if it replies something. None: there is nobody any more.
    fn reply(&self, operation: &OperationName) -> Result<Option<Value>> {
        let function = self
            .opened
            .table()?
            .find(&operation.capability, &operation.function);
        let Some(reply) = function.and_then(|function| function.reply.as_ref()) else {
            return Ok(Some(Value::Null));
        };
        self.output.say(&msg!("verdict-reply"));
        Ok(ask::value(self.output, &reply.to_string(), "", reply))
    }
}
