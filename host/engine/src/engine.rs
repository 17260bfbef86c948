//! What a program does with runs: plan, start, resume, undo.

use crate::drive::{Beginning, Facts, Shared, Work, begin, plan_work, random_bytes, started, take_up};
use crate::fresh::fresh_run;
use crate::history::History;
use crate::masking::Mask;
use crate::operations::Operations;
use crate::params;
use crate::plan::Plan;
use crate::undo::Target;
use crate::undone;
use crate::watch::{Nobody, Watch};
use procedo_core::caller::Guest;
use procedo_core::capability::Stop;
use procedo_core::journal::{Started, Wait};
use procedo_core::message::{Language, Texts};
use procedo_core::run::{Actor, RunId};
use procedo_core::site::Site;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_store::{Row, Store};
use serde_json::Map;
use std::sync::Arc;

/// Where procedures come from.
pub trait Library: Send + Sync {
    /// The procedure with this identifier, if the site has one.
    fn find(&self, id: &str) -> Result<Option<Arc<dyn Guest>>>;
}

/// How far a run got.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// It ended as it should, with this result.
    Succeeded(Value),
    /// It ended with an error.
    Failed(Error),
    /// A person ended it.
    Cancelled(String),
    /// It waits; see [`Wait::state`].
    Waiting(Wait),
    /// The process was asked to stop; the run can be resumed.
    Interrupted,
}

/// Who follows a run, and how it can be stopped.
#[derive(Clone)]
pub struct Taken {
    /// Who follows.
    pub watch: Arc<dyn Watch>,
    /// Set it to interrupt the run; it can be resumed.
    pub stop: Arc<Stop>,
    /// The person whose approval is given in advance (`--yes`).
    pub approver: Option<Actor>,
}

impl Default for Taken {
    fn default() -> Self {
        Self {
            watch: Arc::new(Nobody),
            stop: Arc::default(),
            approver: None,
        }
    }
}

/// A run to be started.
#[derive(Clone, Debug)]
pub struct Start {
    /// The procedure.
    pub procedure: String,
    /// Its parameters, an object.
    pub params: Value,
    /// Who starts it.
    pub by: Actor,
    /// The language of that person.
    pub language: Language,
    /// Answers given in advance, by key.
    pub answers: Map<String, Value>,
    /// Why the maintenance window is overridden, if it is.
    pub override_reason: Option<String>,
}

/// The runs of a site.
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

impl Engine {
    /// An engine over a site, its store, the operations of its capabilities, its procedures and all texts.
    pub fn new(
        site: Site,
        store: Arc<dyn Store>,
        operations: Operations,
        library: Box<dyn Library>,
        texts: impl Into<Arc<Texts>>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                site,
                store,
                operations,
                library,
                texts: texts.into(),
            }),
        }
    }

    /// The site.
    pub fn site(&self) -> &Site {
        &self.shared.site
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    /// The texts of the host and its capabilities.
    pub fn texts(&self) -> &Texts {
        &self.shared.texts
    }

    /// The procedure with this identifier; `P0101` if there is none.
    pub fn find(&self, id: &str) -> Result<Arc<dyn Guest>> {
        self.shared.find(id)
    }

    /// An identifier that no run has.
    fn fresh_run(&self) -> Result<RunId> {
        fresh_run(&*self.shared.store, self.shared.now(), |_| false)
    }

    /// What a person gave, with references in the place of secret values: it goes into the journal.
    pub(crate) fn masked(&self, mut given: Value) -> Result<Value> {
        Mask::new(self.shared.store.secrets()?)?.given(&mut given);
        Ok(given)
    }

    /// The same for a sentence: why something is done.
    pub(crate) fn masked_text(&self, given: &str) -> Result<String> {
        let masked = self.masked(Value::from(given))?;
        Ok(masked.as_str().unwrap_or_default().to_owned())
    }

    fn masked_reason(&self, reason: Option<&String>) -> Result<Option<String>> {
        reason.map(|reason| self.masked_text(reason)).transpose()
    }

    /// What a procedure would do. Alters nothing.
    pub fn plan(&self, start: &Start, taken: &Taken) -> Result<Plan> {
        let guest = self.shared.find(&start.procedure)?;
        let params = self.masked(params::check(guest.manifest(), &start.params)?)?;
        let facts = self.facts(start, params)?;
        plan_work(&self.shared, facts, &Work::Guest(guest), taken)
    }

    fn facts(&self, start: &Start, params: Value) -> Result<Facts> {
        Ok(Facts {
            run: self.fresh_run()?,
            by: start.by.clone(),
            language: start.language,
            params,
            seed: random_bytes()?,
            answers: match self.masked(Value::Object(start.answers.clone()))? {
                Value::Object(answers) => answers,
                _ => Map::new(),
            },
            override_reason: self.masked_reason(start.override_reason.as_ref())?,
            moment: self.shared.now().as_millisecond(),
        })
    }

    /// Starts a run; `begun` is told its identifier once it is durable.
    pub fn start(&self, start: &Start, taken: &Taken, begun: &mut dyn FnMut(&RunId)) -> Result<Progress> {
        self.start_as(self.fresh_run()?, start, taken, begun)
    }

    /// Starts a run with an identifier that was promised to it; `P0217` if it began already.
    pub fn start_as(
        &self,
        run: RunId,
        start: &Start,
        taken: &Taken,
        begun: &mut dyn FnMut(&RunId),
    ) -> Result<Progress> {
        let guest = self.shared.find(&start.procedure)?;
        let params = self.masked(params::check(guest.manifest(), &start.params)?)?;
        let beginning = Beginning {
            run,
            procedure: start.procedure.clone(),
            params,
            by: start.by.clone(),
            language: start.language,
            pins: guest.pins(),
            parent: None,
            undoes: None,
            answers: self.masked(Value::Object(start.answers.clone()))?,
            override_reason: self.masked_reason(start.override_reason.as_ref())?,
        };
        self.begin(beginning, &Work::Guest(guest), taken, begun)
    }

    fn begin(
        &self,
        beginning: Beginning,
        work: &Work,
        taken: &Taken,
        begun: &mut dyn FnMut(&RunId),
    ) -> Result<Progress> {
        begin(
            &self.shared,
            started(&self.shared, beginning)?,
            work,
            taken,
            begun,
        )
    }

    /// Goes on with a run that was interrupted or waits. Of a child, its root is resumed.
    pub fn resume(&self, run: &RunId, by: &Actor, taken: &Taken) -> Result<Progress> {
        let run = run.root();
        let row = self.unfinished(&run)?;
        let work = match &row.undoes {
            Some(undone) => Work::Undo(Target::of(&self.shared, undone)?),
            None => Work::Guest(self.shared.find(&row.procedure)?),
        };
        take_up(&self.shared, &run, &work, by, taken)
    }

    /// A run that has not ended yet.
    pub(crate) fn unfinished(&self, run: &RunId) -> Result<Row> {
        let unknown = || Error::new(Kind::NotFound, "P0202").with("run", run);
        let row = self.shared.store.row(run)?.ok_or_else(unknown)?;
        if row.state.is_final() {
            return Err(Error::new(Kind::Conflict, "P0117").with("run", run));
        }
        Ok(row)
    }

    pub(crate) fn history(&self, run: &RunId) -> Result<History> {
        let unknown = || Error::new(Kind::NotFound, "P0202").with("run", run);
        self.shared.store.row(run)?.ok_or_else(unknown)?;
        History::of(self.shared.store.entries(run, 0)?).ok_or_else(unknown)
    }

    fn undo_target(&self, run: &RunId) -> Result<(Target, Started)> {
        let history = self.history(run)?;
        if history.finished.is_none() {
            return Err(Error::new(Kind::Conflict, "P0118").with("run", run));
        }
        undone::left(&self.shared, run)?;
        Ok((Target::of(&self.shared, run)?, history.started))
    }

    /// What the undo of a finished run would do. Alters nothing.
    pub fn plan_undo(&self, run: &RunId, start: &Start, taken: &Taken) -> Result<Plan> {
        let (target, started) = self.undo_target(run)?;
        let facts = self.facts(start, started.params)?;
        plan_work(&self.shared, facts, &Work::Undo(target), taken)
    }

    /// Undoes a finished run by a run of its own. `start` tells who, in which language, with which answers.
    pub fn undo(
        &self,
        run: &RunId,
        start: &Start,
        taken: &Taken,
        begun: &mut dyn FnMut(&RunId),
    ) -> Result<Progress> {
        let (target, started) = self.undo_target(run)?;
        let beginning = Beginning {
            run: self.fresh_run()?,
            procedure: started.procedure,
            params: started.params,
            by: start.by.clone(),
            language: start.language,
            pins: target.pins(),
            parent: None,
            undoes: Some(run.clone()),
            answers: self.masked(Value::Object(start.answers.clone()))?,
            override_reason: self.masked_reason(start.override_reason.as_ref())?,
        };
        self.begin(beginning, &Work::Undo(target), taken, begun)
    }
}
