//! When a schedule is due: calendar words and cron expressions, and their moments in a time zone.
//!
//! Calendar words are turned into a cron expression; which civil times it means is the crate `croner`'s to say, which
//! moments these are in a zone is said here.
//!
//! # When clocks change
//! An expression whose hour begins with `*` (`every 15 minutes`, `hourly`, `*/15 * * * *`) is an *interval*: it follows real
//! time, and means every moment whose local time fits. All others mean *fixed* times: one that does not exist on a day is due
//! once, at the first moment after the gap; one that exists twice is due once, the first time.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use procedo_core::{Error, Kind, Result};
use std::time::Duration;

/// Days as they are written in full, Sunday first, as cron numbers them.
const DAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// What can stand at the beginning, for whoever wrote something else.
const BEGINNINGS: &str = "hourly, daily, weekdays, every, monthly, MINUTE HOUR DAY MONTH WEEKDAY";

/// Moments that come again.
#[derive(Clone)]
pub struct When {
    cron: Cron,
    interval: bool,
}

impl std::fmt::Debug for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "When({})", self.cron.pattern)
    }
}

impl When {
    /// Reads calendar words or a cron expression.
    ///
    /// # Errors
    /// `P1301` names the word that is not understood and what can stand there, `P1302` what is wrong with a cron expression,
    /// `P1303` that it never comes.
    pub fn parse(text: &str) -> Result<Self> {
        let written = match cron_of(text)? {
            Some(cron) => cron,
            None => text.trim().to_owned(),
        };
        let fail = |reason: &str| {
            Error::new(Kind::Invalid, "P1302")
                .with("when", text)
                .with("reason", reason)
        };
        // Nicknames would be a second set of calendar words, with rules of their own.
        if written.contains('@') {
            return Err(unknown(text, text.trim(), BEGINNINGS));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Disallowed)
            .build();
        let cron = parser.parse(&written).map_err(|error| fail(&error.to_string()))?;
        // With numbers in the place of names.
        let numbers = cron.pattern.to_string();
        let fields: Vec<_> = numbers.split_whitespace().collect();
        let hour = if fields.len() == 6 { fields[2] } else { fields[1] };
        let interval = hour.starts_with('*');
        let when = Self {
            interval,
            cron: cron.clone(),
        };
        // To look for it would take long: there is no end of years.
        let never = || Error::new(Kind::Invalid, "P1303").with("when", text);
        days_exist(&fields).then_some(when).ok_or_else(never)
    }

    /// The first moment after another.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        if self.interval {
            self.next_of_interval(after, zone)
        } else {
            self.next_fixed(after, zone)
        }
    }

    /// The last moment after one and not after another.
    pub fn last(&self, after: Timestamp, until: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        // The last one is near, as a rule: only where there is none, more is looked through.
        let spans = [60, 3600, 86_400, 32 * 86_400, 400 * 86_400];
        let near = spans
            .into_iter()
            .filter_map(|seconds| until.checked_sub(Duration::from_secs(seconds)).ok());
        for from in near.take_while(|from| *from > after).chain([after]) {
            let mut last = None;
            let mut at = from;
            while let Some(next) = self.next(at, zone).filter(|next| *next <= until) {
                last = Some(next);
                at = next;
            }
            if last.is_some() {
                return last;
            }
        }
        None
    }

    /// The moments whose local time fits, between one change of the clocks and the next.
    fn next_of_interval(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let (mut from, mut inclusive) = (after, false);
        loop {
            let offset = zone.to_offset(from);
            let found = self
                .cron
                .find_next_occurrence(&offset.to_datetime(from), inclusive)
                .ok()?;
            let moment = offset.to_timestamp(found).ok()?;
            match zone.following(from).next().map(|change| change.timestamp()) {
                Some(change) if moment >= change => (from, inclusive) = (change, true),
                _ => return Some(moment),
            }
        }
    }

    fn next_fixed(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut civil = zone.to_datetime(after);
        loop {
            civil = self.cron.find_next_occurrence(&civil, false).ok()?;
            // Where clocks go back, civil times come whose moment is over.
            let moment = first_moment(civil, zone)?;
            if moment > after {
                return Some(moment);
            }
        }
    }
}

/// The first moment at which clocks show a time, or have passed it.
fn first_moment(civil: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(civil).ok()
        }
        AmbiguousOffset::Gap { before, .. } => {
            // With the offset of before, the civil time lies at or behind the change.
            let behind = before
                .to_timestamp(civil)
                .ok()?
                .checked_add(Duration::from_nanos(1))
                .ok()?;
            zone.preceding(behind).next().map(|change| change.timestamp())
        }
    }
}

/// Whether the days that an expression names by number exist in a month that it names, when no weekday is named.
fn days_exist(fields: &[&str]) -> bool {
    let [.., day, month, weekday] = fields else {
        return true;
    };
    let lists = |text: &str| {
        text.split(',')
            .map(|each| each.parse::<u8>().ok())
            .collect::<Option<Vec<_>>>()
    };
    // Ranges, steps and `*` reach days that exist in every month.
    let (Some(days), "*" | "?") = (lists(day), *weekday) else {
        return true;
    };
    let months = lists(month).unwrap_or_else(|| (1..=12).collect());
    let longest = |month: &u8| match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    months
        .iter()
        .any(|month| days.iter().any(|day| *day <= longest(month)))
}

fn unknown(when: &str, word: &str, allowed: &str) -> Error {
    Error::new(Kind::Invalid, "P1301")
        .with("when", when)
        .with("word", word)
        .with("allowed", allowed)
}

/// The words of a text, and how far they are read.
struct Words<'a> {
    text: &'a str,
    words: std::iter::Peekable<std::str::SplitWhitespace<'a>>,
}

impl<'a> Words<'a> {
    fn next(&mut self, allowed: &str) -> Result<&'a str> {
        self.words.next().ok_or_else(|| unknown(self.text, "", allowed))
    }

    fn expect(&mut self, word: &str) -> Result<()> {
        let found = self.next(word)?;
        if found.eq_ignore_ascii_case(word) {
            Ok(())
        } else {
            Err(unknown(self.text, found, word))
        }
    }

    /// `at 03:00`, as the fields for second, minute and hour.
    fn at(&mut self) -> Result<String> {
        self.expect("at")?;
        let found = self.next("HH:MM")?;
        let wrong = || unknown(self.text, found, "HH:MM");
        let parts: Vec<_> = found.split(':').collect();
        let number = |text: &str, below: u8| {
            let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            text.parse::<u8>().ok().filter(|number| digits && *number < below)
        };
        let (hour, minute, second) = match parts.as_slice() {
            [hour, minute] => (number(hour, 24), number(minute, 60), Some(0)),
            [hour, minute, second] => (number(hour, 24), number(minute, 60), number(second, 60)),
            _ => (None, None, None),
        };
        let time = hour.zip(minute).zip(second);
        let ((hour, minute), second) = time.ok_or_else(wrong)?;
        Ok(format!("{second} {minute} {hour}"))
    }

    fn end(&mut self, cron: String) -> Result<Option<String>> {
        match self.words.next() {
            None => Ok(Some(cron)),
            Some(word) => Err(unknown(self.text, word, "–")),
        }
    }
}

/// The cron expression of calendar words; none if the text reads like a cron expression itself.
fn cron_of(text: &str) -> Result<Option<String>> {
    let mut words = Words {
        text,
        words: text.split_whitespace().peekable(),
    };
    let first = words.next(BEGINNINGS)?;
    match first.to_ascii_lowercase().as_str() {
        "hourly" => words.end("0 * * * *".to_owned()),
        "daily" => {
            let at = words.at()?;
            words.end(format!("{at} * * *"))
        }
        "weekdays" => {
            let at = words.at()?;
            words.end(format!("{at} * * 1-5"))
        }
        "monthly" => {
            words.expect("on")?;
            let found = words.next("1–31, last")?;
            let day = match found.parse::<u8>() {
                Ok(day) if (1..=31).contains(&day) => day.to_string(),
                _ if found.eq_ignore_ascii_case("last") => "L".to_owned(),
                _ => return Err(unknown(text, found, "1–31, last")),
            };
            let at = words.at()?;
            words.end(format!("{at} {day} * *"))
        }
        "every" => every(&mut words),
        // What cannot begin a cron expression is a word that is not known.
        _ if first.starts_with(|c: char| c.is_ascii_digit() || c == '*') => Ok(None),
        _ => Err(unknown(text, first, BEGINNINGS)),
    }
}

/// `every 15 minutes`, `every hour`, `every Monday at 06:00`, `every Monday, Thursday at 06:00`.
fn every(words: &mut Words<'_>) -> Result<Option<String>> {
    const UNITS: &str = "N seconds, N minutes, N hours, Monday … Sunday";
    let text = words.text;
    let found = words.next(UNITS)?;
    if let Ok(number) = found.parse::<u8>() {
        let unit = words.next("seconds, minutes, hours")?;
        let cron = interval(number, unit).ok_or_else(|| unknown(text, unit, "seconds, minutes, hours"))?;
        // Other numbers would not come at the same distance everywhere.
        return match cron {
            Ok(cron) => words.end(cron),
            Err(whole) => {
                let divisors: Vec<_> = (1..whole)
                    .filter(|n| whole % n == 0)
                    .map(|n| n.to_string())
                    .collect();
                Err(unknown(text, found, &divisors.join(", ")))
            }
        };
    }
    if let Some(Ok(cron)) = interval(1, found) {
        return words.end(cron);
    }
    let mut days = Vec::new();
    let mut found = found;
    loop {
        for name in found.split(',').filter(|name| !name.is_empty()) {
            let known = |day: &&str| name.len() >= 3 && day.starts_with(&name.to_ascii_lowercase());
            let day = DAYS
                .iter()
                .position(known)
                .ok_or_else(|| unknown(text, name, UNITS))?;
            days.push(day.to_string());
        }
        if words
            .words
            .peek()
            .is_none_or(|next| next.eq_ignore_ascii_case("at"))
        {
            break;
        }
        found = words.next("at")?;
    }
    if days.is_empty() {
        return Err(unknown(text, found, UNITS));
    }
    let at = words.at()?;
    words.end(format!("{at} * * {}", days.join(",")))
}

/// The cron expression for every so many units; the error is of how many the number has to be a part. None: no such unit.
fn interval(number: u8, unit: &str) -> Option<Result<String, u8>> {
    let unit = unit.to_ascii_lowercase();
    let (whole, cron) = match unit.strip_suffix('s').unwrap_or(&unit) {
        "second" => (60, format!("*/{number} * * * * *")),
        "minute" => (60, format!("*/{number} * * * *")),
        "hour" => (24, format!("0 */{number} * * *")),
        _ => return None,
    };
    Some(if number > 0 && number < whole && whole % number == 0 {
        Ok(cron)
    } else {
        Err(whole)
    })
}

#[cfg(test)]
mod tests;
