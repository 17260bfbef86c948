//! `serve`: fires schedules and goes on with runs, until it is told to end.
//!
//! - [`hold`]: who serves a site
//! - [`work`]: the runs that are worked on
//! - [`tell`]: what is told
//!
//! It looks once a second, and at the very moment at which something is due: whether slots are due, whether runs can go on,
//! whether `procedo.toml` was changed. So a clock that is set, a decision of a person, or the end of a lock are noticed within
//! a second.

pub mod hold;
pub mod tell;
mod work;

use crate::exit::Exit;
use crate::interrupt;
use crate::output::Output;
use crate::output::moment::zone_of;
use crate::site::{self, Opened, STORE};
use jiff::Timestamp;
use procedo_core::site::Role;
use procedo_core::{Error, Result};
use procedo_engine::schedule::scheduler::{Found, Scheduler};
use procedo_store::{Serving, SqliteStore, Store};
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tell::Teller;
use work::Work;

/// How long nothing is looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long runs have to come to rest when the process shall end.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// Serves the site.
pub fn serve(opened: &Opened, output: &Output) -> Result<Exit> {
    opened.person.must_be(Role::Operator)?;
    // Whatever is wrong with the declarations is told now, and not at night.
    opened.engine()?;
    let _hold = hold::take(&opened.place.dir.join(STORE), &opened.person.name, &output.zone)?;
    let stop = interrupt::stop();
    let mut server = Server::new(opened, output)?;
    server.greet()?;
    while !stop.is_set() {
        let wait = server.turn();
        stop.wait(wait);
    }
    server.end();
    Ok(Exit::Done)
}

/// What serves a site.
struct Server {
    opened: Opened,
    store: Arc<SqliteStore>,
    scheduler: Arc<Mutex<Scheduler>>,
    work: Arc<Work>,
    teller: Teller,
    /// The state of `procedo.toml` that was read last.
    stamp: Option<Stamp>,
    /// The trouble that was told last: while it lasts it is not told again.
    trouble: Option<Error>,
}

/// What tells one state of a file from another: when it was written, its size, and which file it is.
type Stamp = (i64, i64, u64, u64);

fn stamp(opened: &Opened) -> Option<Stamp> {
    let about = std::fs::metadata(opened.place.file()).ok()?;
    Some((about.mtime(), about.mtime_nsec(), about.len(), about.ino()))
}

impl Server {
    fn new(opened: &Opened, output: &Output) -> Result<Self> {
        // Before the declarations are used: what is changed from now on is noticed.
        let stamp = stamp(opened);
        let site = site::read(&opened.place.dir)?;
        let opened = opened.with_declarations(site);
        let store = Arc::clone(opened.store()?);
        let scheduler = Scheduler::new(
            opened.site().clone(),
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::clone(&store) as Arc<dyn Serving>,
        )?;
        Ok(Self {
            teller: Teller {
                output: output.clone(),
                zone: zone_of(opened.site()),
            },
            opened,
            store,
            scheduler: Arc::new(Mutex::new(scheduler)),
            work: Arc::default(),
            stamp,
            trouble: None,
        })
    }

    fn greet(&self) -> Result<()> {
        let (schedules, _) = procedo_engine::schedule::all(self.opened.site(), &*self.store)?;
        let values = [
            ("site", self.opened.site().name.clone()),
            ("schedules", schedules.len().to_string()),
            ("zone", self.opened.site().time_zone.clone()),
        ];
        self.teller.event("started", &values);
        Ok(())
    }

    /// Looks at everything once; tells how long there is nothing to look at.
    fn turn(&mut self) -> Duration {
        self.take_up_changes();
        let now = Timestamp::now();
        let looked = self.look(now);
        let next = match looked {
            Ok(next) => {
                self.trouble = None;
                next
            }
            Err(error) => {
                if self.trouble.as_ref() != Some(&error) {
                    self.teller.failure("trouble", &[], &error);
                    self.trouble = Some(error);
                }
                None
            }
        };
        let left = next.map_or(LOOK_EVERY, |next| {
            let left = next.duration_since(Timestamp::now());
            Duration::try_from(left).unwrap_or(Duration::ZERO)
        });
        left.min(LOOK_EVERY)
    }

    /// Fires what is due, goes on with what can go on, and tells when the next of it comes.
    fn look(&mut self, now: Timestamp) -> Result<Option<Timestamp>> {
        let (found, due) = {
            let mut scheduler = self.scheduler.lock().unwrap_or_else(PoisonError::into_inner);
            scheduler.look(now)?
        };
        for each in found {
            self.act(each);
        }
        let millis = now.as_millisecond();
        for run in self.store.ready(millis)? {
            let by = self.opened.person.actor();
            self.work.resume(self.fresh(), &self.teller, &run, by);
        }
        let wakes = self.store.wakes(millis)?;
        let wakes = wakes.and_then(|wakes| Timestamp::from_millisecond(wakes).ok());
        Ok([due, wakes].into_iter().flatten().min())
    }

    /// The site with the procedures as they are now: somebody may have changed a script.
    fn fresh(&self) -> Opened {
        self.opened.with_declarations(self.opened.site().clone())
    }

    fn act(&self, found: Found) {
        let about = |schedule: String, slot: Timestamp| {
            vec![("schedule", schedule), ("slot", self.teller.moment(slot))]
        };
        match found {
            Found::Fire(firing) => self
                .work
                .fire(self.fresh(), &self.teller, &self.scheduler, *firing),
            Found::Missed { schedule, slot } => self.teller.event("missed", &about(schedule, slot)),
            Found::Skipped { schedule, slot, by } => {
                let mut values = about(schedule, slot);
                values.push(("run", by.to_string()));
                self.teller.event("skipped", &values);
            }
            Found::Held { schedule, slot, by } => {
                let mut values = about(schedule, slot);
                values.push(("run", by.to_string()));
                self.teller.event("held", &values);
            }
            Found::Refused(error) => self.teller.failure("refused", &[], &error),
        }
    }

    /// Reads `procedo.toml` again if it was changed. One that is refused leaves everything as it was.
    fn take_up_changes(&mut self) {
        let stamp = stamp(&self.opened);
        if stamp == self.stamp {
            return;
        }
        self.stamp = stamp;
        let taken = site::read(&self.opened.place.dir).and_then(|site| {
            let opened = self.opened.with_declarations(site);
            opened.engine()?;
            let mut scheduler = self.scheduler.lock().unwrap_or_else(PoisonError::into_inner);
            scheduler.reload(opened.site().clone())?;
            Ok(opened)
        });
        match taken {
            Ok(opened) => {
                self.teller.zone = zone_of(opened.site());
                self.opened = opened;
                self.teller.event("reloaded", &[]);
            }
            Err(error) => self.teller.failure("not-reloaded", &[], &error),
        }
    }

    /// Has all runs come to rest. What does not is interrupted with the process, and can be gone on with as well.
    fn end(&self) {
        self.teller.event("stopping", &[]);
        let left = self.work.stop(LAST_WORDS);
        for run in left {
            self.teller.event("interrupted", &[("run", run.to_string())]);
        }
        self.teller.event("stopped", &[]);
    }
}
