//! Schedules: procedures that are started at times.
//!
//! - [`when`]: calendar words, cron expressions, and what becomes of them when clocks change
//! - [`turn`]: what is to be done about a schedule now
//! - [`scheduler`]: claims slots and names the runs to be started
//! - [`operations`]: the capability `schedule`; [`shape`]: what it takes and replies
//!
//! A site declares schedules in `procedo.toml`; procedures set others, which the store keeps. Both are [`Timed`] here. What
//! the file declares counts: a procedure can neither replace nor remove it.

pub mod operations;
pub mod scheduler;
mod shape;
mod turn;
pub mod when;

use crate::masking::is_name;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use procedo_core::manifest::{Manifest, is_procedure_id};
use procedo_core::schedule::Schedule;
use procedo_core::site::Site;
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind, Result};
use procedo_store::{Line, Serving};
use std::collections::{BTreeMap, BTreeSet};
use when::When;

/// The most values of one schedule: each is a run with a thread of its own at the same moment.
const MOST_VALUES: usize = 64;
/// A start is put off by at most an hour: what is put off longer is another time.
const LONGEST_JITTER: u32 = 3600;

/// Who declared a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The site, in `procedo.toml`.
    Site,
    /// A procedure.
    Procedure,
}

/// A schedule whose declaration is valid.
#[derive(Clone, Debug)]
pub struct Timed {
    /// The declaration.
    pub declared: Schedule,
    /// When it is due.
    pub when: When,
    /// In which time zone.
    pub zone: TimeZone,
    /// The IANA name of the zone.
    pub zone_name: String,
    /// Who declared it.
    pub origin: Origin,
    /// When a procedure set it, in milliseconds since 1970.
    since: Option<i64>,
}

impl Timed {
    /// Checks a declaration. `zone` is that of the site.
    ///
    /// # Errors
    /// `P1301` to `P1306`, `P0129`, naming the schedule.
    pub fn of(declared: Schedule, zone: &str, origin: Origin) -> Result<Self> {
        let name = declared.name.clone();
        let named = |error: Error| error.with("schedule", &name);
        if !is_name(&name) {
            return Err(named(Error::new(Kind::Invalid, "P1305")));
        }
        let when = When::parse(&declared.when).map_err(named)?;
        let zone_name = declared.time_zone.clone().unwrap_or_else(|| zone.to_owned());
        let zone = zone_of(&zone_name).map_err(named)?;
        if !is_procedure_id(&declared.procedure) {
            return Err(Error::new(Kind::NotFound, "P0101").with("procedure", &declared.procedure));
        }
        if !declared.params.is_object() {
            return Err(Error::new(Kind::Invalid, "P0129")
                .with("procedure", &declared.procedure)
                .with("value", &declared.params));
        }
        check_each(&declared).map_err(named)?;
        if declared.jitter > LONGEST_JITTER {
            let error = Error::new(Kind::Invalid, "P1307");
            return Err(named(
                error.with("value", declared.jitter).with("limit", LONGEST_JITTER),
            ));
        }
        Ok(Self {
            declared,
            when,
            zone,
            zone_name,
            origin,
            since: None,
        })
    }

    /// The parameters of its runs, each with the key of its line.
    pub fn starts(&self) -> Vec<(String, Value)> {
        let Some(each) = &self.declared.each else {
            return vec![(String::new(), self.declared.params.clone())];
        };
        let with = |value: &Value| {
            let mut params = self.declared.params.clone();
            if let Value::Object(members) = &mut params {
                members.insert(each.parameter.clone(), value.clone());
            }
            (value.to_string(), params)
        };
        each.values.iter().map(with).collect()
    }

    /// The next moments after one, without jitter.
    pub fn moments(&self, after: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        std::iter::successors(self.when.next(after, &self.zone), |at| {
            self.when.next(*at, &self.zone)
        })
    }

    /// A moment as clocks in the schedule's zone show it, with the offset: `2027-03-28T03:00:00+02:00`.
    pub fn told(&self, moment: Timestamp) -> String {
        moment
            .to_zoned(self.zone.clone())
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string()
    }

    /// What its lines are settled for: another time, or a schedule that was set anew, begins anew.
    fn defined(&self) -> String {
        let declared = &self.declared;
        let value = serde_json::json!([declared.when, self.zone_name, declared.jitter, self.since]);
        Digest::of_value(&value).short()
    }

    /// A line of which nothing is settled but the past.
    fn line(&self, value: &str, now: Timestamp) -> Line {
        Line {
            schedule: self.declared.name.clone(),
            value: value.to_owned(),
            defined: self.defined(),
            settled: self.since.unwrap_or_else(|| now.as_millisecond()),
            held: None,
            run: None,
            slot: None,
            failed: None,
        }
    }
}

fn zone_of(name: &str) -> Result<TimeZone> {
    // As for the site itself: the first look into the system's zones reads them all.
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    TimeZone::get(name).map_err(|_| Error::new(Kind::Invalid, "P1304").with("zone", name))
}

fn check_each(declared: &Schedule) -> Result<()> {
    let Some(each) = &declared.each else {
        return Ok(());
    };
    let twice = each
        .values
        .iter()
        .enumerate()
        .any(|(at, value)| each.values[..at].contains(value));
    if each.parameter.is_empty() || !(1..=MOST_VALUES).contains(&each.values.len()) || twice {
        return Err(Error::new(Kind::Invalid, "P1306")
            .with("parameter", &each.parameter)
            .with("limit", MOST_VALUES));
    }
    Ok(())
}

/// The schedules that a site declares, by name.
///
/// # Errors
/// Those of [`Timed::of`]; `P1308` if two have the same name.
pub fn declared(site: &Site) -> Result<BTreeMap<String, Timed>> {
    let mut found = BTreeMap::new();
    for schedule in &site.schedule {
        let timed = Timed::of(schedule.clone(), &site.time_zone, Origin::Site)?;
        let name = schedule.name.clone();
        if found.insert(name.clone(), timed).is_some() {
            return Err(Error::new(Kind::Invalid, "P1308").with("schedule", name));
        }
    }
    Ok(found)
}

/// The schedules of a site that are valid by themselves, and what is wrong with each of the others.
pub fn examined(site: &Site) -> (Vec<Timed>, Vec<Error>) {
    let mut names = BTreeSet::new();
    let (mut valid, mut faults) = (Vec::new(), Vec::new());
    for schedule in &site.schedule {
        if !names.insert(schedule.name.as_str()) {
            faults.push(Error::new(Kind::Invalid, "P1308").with("schedule", &schedule.name));
            continue;
        }
        match Timed::of(schedule.clone(), &site.time_zone, Origin::Site) {
            Ok(timed) => valid.push(timed),
            Err(error) => faults.push(error),
        }
    }
    (valid, faults)
}

/// What is wrong with the schedules that a site declares, of each.
pub fn faults(site: &Site) -> Vec<Error> {
    examined(site).1
}

/// All schedules of a site by name, and why some that procedures set cannot be used any more.
pub fn all(site: &Site, serving: &dyn Serving) -> Result<(BTreeMap<String, Timed>, Vec<Error>)> {
    let mut found = declared(site)?;
    let mut refused = Vec::new();
    for stored in serving.schedules()? {
        match of_text(&stored.declared, &site.time_zone) {
            Ok(timed) => {
                let since = Some(stored.since);
                found.entry(stored.name).or_insert(Timed { since, ..timed });
            }
            Err(error) => refused.push(error),
        }
    }
    Ok((found, refused))
}

/// A declaration as the store keeps it.
fn of_text(text: &str, zone: &str) -> Result<Timed> {
    let declared = serde_json::from_str(text)
        .map_err(|error| Error::new(Kind::Failed, "P1309").with("reason", error))?;
    Timed::of(declared, zone, Origin::Procedure)
}

/// The text of a declaration, as the store keeps it.
fn text_of(declared: &Schedule) -> Result<String> {
    serde_json::to_string(declared).map_err(|error| Error::new(Kind::Failed, "P1309").with("reason", error))
}

/// Whether the parameters of all its runs are such as the procedure takes.
fn check_params(timed: &Timed, manifest: &Manifest) -> Result<()> {
    timed
        .starts()
        .iter()
        .try_for_each(|(_, params)| crate::params::check(manifest, params).map(|_| ()))
}
