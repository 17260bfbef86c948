use super::*;
use procedo_core::Error;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a known zone")
}

/// The first moments from one on, as clocks in Madrid show them.
fn madrid(when: &str, from: &str, count: usize) -> Vec<String> {
    let (when, zone) = (When::parse(when).expect("valid"), zone("Europe/Madrid"));
    let start: Timestamp = from.parse().expect("a moment");
    let moments = std::iter::successors(when.next(start, &zone), |at| when.next(*at, &zone));
    moments
        .take(count)
        .map(|at| at.to_zoned(zone.clone()).strftime("%m-%d %H:%M%:z").to_string())
        .collect()
}

// In 2027 the clocks of Madrid go from 02:00 to 03:00 on 28 March, and from 03:00 to 02:00 on 31 October.
const SPRING: &str = "2027-03-28T00:00:00+01:00";
const AUTUMN: &str = "2027-10-31T00:00:00+02:00";

#[test]
fn a_fixed_time_that_does_not_exist_is_due_once_right_after_the_gap() {
    for when in ["daily at 02:30", "30 2 * * *", "15,30,45 2 * * *", "0 2,3 * * *"] {
        assert_eq!(madrid(when, SPRING, 1), ["03-28 03:00+02:00"], "{when}");
    }
    assert_eq!(
        madrid("daily at 02:30", SPRING, 2),
        ["03-28 03:00+02:00", "03-29 02:30+02:00"]
    );
    assert_eq!(
        madrid("*/15 2 * * *", SPRING, 2),
        ["03-28 03:00+02:00", "03-29 02:00+02:00"],
        "however many of them do not exist"
    );
}

#[test]
fn a_fixed_time_that_exists_twice_is_due_once_the_first_time() {
    assert_eq!(
        madrid("daily at 02:30", AUTUMN, 2),
        ["10-31 02:30+02:00", "11-01 02:30+01:00"]
    );
    assert_eq!(
        madrid("*/30 2 * * *", AUTUMN, 3),
        ["10-31 02:00+02:00", "10-31 02:30+02:00", "11-01 02:00+01:00"]
    );
    // Also where somebody looks in the middle of the second time.
    assert_eq!(
        madrid("daily at 02:30", "2027-10-31T02:10:00+01:00", 1),
        ["11-01 02:30+01:00"]
    );
}

#[test]
fn an_interval_follows_real_time_through_both_changes() {
    assert_eq!(
        madrid("every 30 minutes", "2027-03-28T01:15:00+01:00", 3),
        ["03-28 01:30+01:00", "03-28 03:00+02:00", "03-28 03:30+02:00"]
    );
    assert_eq!(
        madrid("*/30 * * * *", "2027-10-31T02:15:00+02:00", 5),
        [
            "10-31 02:30+02:00",
            "10-31 02:00+01:00",
            "10-31 02:30+01:00",
            "10-31 03:00+01:00",
            "10-31 03:30+01:00"
        ]
    );
    assert_eq!(
        madrid("hourly", "2027-10-31T01:30:00+02:00", 3),
        ["10-31 02:00+02:00", "10-31 02:00+01:00", "10-31 03:00+01:00"]
    );
}

#[test]
fn every_quarter_of_an_hour_comes_at_the_same_distance_all_year() {
    let (when, zone) = (
        When::parse("every 15 minutes").expect("valid"),
        zone("Europe/Madrid"),
    );
    let mut at: Timestamp = "2027-01-01T00:00:00Z".parse().expect("a moment");
    for _ in 0..365 * 96 {
        let next = when.next(at, &zone).expect("it goes on");
        assert_eq!(next.as_second() - at.as_second(), 900, "after {at}");
        at = next;
    }
}

#[test]
fn every_day_of_the_year_has_each_fixed_time_once() {
    let zone = zone("Europe/Madrid");
    for hour in 0..24 {
        let when = When::parse(&format!("daily at {hour:02}:30")).expect("valid");
        let start: Timestamp = "2026-12-31T23:00:00Z".parse().expect("a moment");
        let moments = std::iter::successors(when.next(start, &zone), |at| when.next(*at, &zone));
        let days: Vec<_> = moments
            .map(|at| at.to_zoned(zone.clone()).date())
            .take_while(|day| day.year() == 2027)
            .collect();
        assert_eq!(days.len(), 365, "{hour}");
        assert!(days.is_sorted_by(|a, b| a < b), "no day twice at {hour}");
    }
}

#[test]
fn a_leap_day_comes_every_four_years() {
    assert_eq!(
        madrid("0 12 29 2 *", "2026-11-22T00:00:00Z", 1),
        ["02-29 12:00+01:00"]
    );
    let when = When::parse("0 12 29 2 *").expect("valid");
    let next = when.next("2026-11-22T00:00:00Z".parse().expect("a moment"), &TimeZone::UTC);
    assert_eq!(next.expect("it comes").to_string(), "2028-02-29T12:00:00Z");
    let pause = when.next("2096-03-01T00:00:00Z".parse().expect("a moment"), &TimeZone::UTC);
    assert_eq!(pause.expect("it comes").to_string(), "2104-02-29T12:00:00Z");
    assert_eq!(
        madrid("monthly on last at 23:00", "2028-02-01T00:00:00Z", 1),
        ["02-29 23:00+01:00"]
    );
}

#[test]
fn a_day_that_a_zone_left_out_is_due_at_the_first_moment_after_it() {
    // Samoa had no 30 December 2011.
    let (when, zone) = (
        When::parse("daily at 12:00").expect("valid"),
        zone("Pacific/Apia"),
    );
    let at = when
        .next("2011-12-29T23:00:00Z".parse().expect("a moment"), &zone)
        .expect("it comes");
    assert_eq!(
        at.to_zoned(zone).to_string(),
        "2011-12-31T00:00:00+14:00[Pacific/Apia]"
    );
}

#[test]
fn calendar_words_mean_what_they_say() {
    let from = "2026-11-21T12:00:00Z"; // a Saturday
    for (when, expected) in [
        ("weekdays at 22:30", "11-23 22:30+01:00"),
        ("every Monday at 06:00", "11-23 06:00+01:00"),
        ("every tue,Thursday at 6:00", "11-24 06:00+01:00"),
        ("every Thursday, Tuesday at 06:00", "11-24 06:00+01:00"),
        ("Every Sunday AT 00:00", "11-22 00:00+01:00"),
        ("monthly on 1 at 00:10", "12-01 00:10+01:00"),
        ("monthly on 31 at 00:10", "12-31 00:10+01:00"),
        ("every 6 hours", "11-21 18:00+01:00"),
        ("every minute", "11-21 13:01+01:00"),
        ("daily at 13:00:30", "11-21 13:00+01:00"),
        ("0 0 * * mon", "11-23 00:00+01:00"),
        ("0 3 * * FRI#2", "12-11 03:00+01:00"),
        ("0 3 L * *", "11-30 03:00+01:00"),
        ("0 0 1 jan *", "01-01 00:00+01:00"),
    ] {
        assert_eq!(madrid(when, from, 1), [expected], "{when}");
    }
    let when = When::parse("every 20 seconds").expect("valid");
    let at = when.next(
        "2026-11-21T12:00:01.5Z".parse().expect("a moment"),
        &TimeZone::UTC,
    );
    assert_eq!(at.expect("it comes").to_string(), "2026-11-21T12:00:20Z");
}

fn refused(when: &str) -> Error {
    When::parse(when).expect_err(when)
}

#[test]
fn what_is_not_understood_is_named_with_what_can_stand_there() {
    for (when, word, allowed) in [
        ("dayly at 03:00", "dayly", "daily"),
        ("@daily", "@daily", "daily"),
        ("", "", "hourly"),
        ("daily 03:00", "03:00", "at"),
        ("daily at 3", "3", "HH:MM"),
        ("daily at 24:00", "24:00", "HH:MM"),
        ("daily at", "", "HH:MM"),
        ("daily at 03:00 sharp", "sharp", "–"),
        ("every 7 minutes", "7", "1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30"),
        ("every 5 hours", "5", "1, 2, 3, 4, 6, 8, 12"),
        ("every 2 weeks", "weeks", "seconds, minutes, hours"),
        ("every , at 03:00", ",", "Monday"),
        ("every Mo at 03:00", "Mo", "Monday"),
        ("monthly on 32 at 03:00", "32", "1–31"),
    ] {
        let error = refused(when);
        assert_eq!(error.code, "P1301", "{when}");
        assert_eq!(error.message.args["word"], word, "{when}");
        assert!(error.message.args["allowed"].contains(allowed), "{when}: {error}");
    }
    for when in [
        "61 * * * *",
        "* * * *",
        "0 0 0 0 0 0 0",
        "0 25 * * *",
        "* * * * frog",
    ] {
        let error = refused(when);
        assert_eq!(error.code, "P1302", "{when}");
        assert!(error.message.args["reason"].len() > 5, "{when}: {error}");
    }
    for when in ["0 0 30 2 *", "0 0 31 FEB,APR *"] {
        assert_eq!(refused(when).code, "P1303", "{when}");
    }
}

#[test]
fn the_last_moment_of_a_span_is_found_however_long_it_is() {
    let last = |when: &str, after: &str, until: &str| {
        let when = When::parse(when).expect("valid");
        let moment = |text: &str| text.parse::<Timestamp>().expect("a moment");
        let found = when.last(moment(after), moment(until), &zone("Europe/Madrid"));
        found.map(|at| at.to_string())
    };
    let week = ("2027-03-22T00:00:00Z", "2027-03-29T00:00:00Z");
    assert_eq!(
        last("daily at 02:30", week.0, week.1).as_deref(),
        Some("2027-03-28T01:00:00Z")
    );
    assert_eq!(last("every second", week.0, week.1).as_deref(), Some(week.1));
    assert_eq!(last("monthly on 1 at 00:00", week.0, week.1), None);
    let years = ("2024-03-01T00:00:00Z", "2030-01-01T00:00:00Z");
    assert_eq!(
        last("0 12 29 2 *", years.0, years.1).as_deref(),
        Some("2028-02-29T11:00:00Z")
    );
    assert_eq!(last("every second", week.0, week.0), None, "nothing lies between");
}

/// `croner` finds the civil times; here all minutes of half a year are compared with the fields themselves.
#[test]
fn a_cron_expression_means_the_minutes_that_its_fields_name() {
    type Fits = fn(&DateTime) -> bool;
    let cases: [(&str, Fits); 5] = [
        ("5-20/5 1,13 * * *", |at| {
            matches!(at.hour(), 1 | 13) && (5..=20).contains(&at.minute()) && at.minute() % 5 == 0
        }),
        ("0 0 13 * 5", |at| {
            at.minute() == 0
                && at.hour() == 0
                && (at.day() == 13 || at.weekday().to_sunday_zero_offset() == 5)
        }),
        ("30 23 L * *", |at| {
            at.minute() == 30 && at.hour() == 23 && at.tomorrow_is_another_month()
        }),
        ("0 6 * 2,4 1-5", |at| {
            at.minute() == 0
                && at.hour() == 6
                && matches!(at.month(), 2 | 4)
                && (1..=5).contains(&at.weekday().to_sunday_zero_offset())
        }),
        ("59 */8 29 2 *", |at| {
            at.minute() == 59 && at.hour() % 8 == 0 && at.day() == 29 && at.month() == 2
        }),
    ];
    for (cron, fits) in cases {
        let when = When::parse(cron).expect("valid");
        let mut next = Some("2027-12-01T00:00:00Z".parse::<Timestamp>().expect("a moment"));
        let mut minute = jiff::civil::date(2027, 12, 1).at(0, 0, 0, 0);
        next = next.and_then(|at| when.next(at, &TimeZone::UTC));
        while minute.date() < jiff::civil::date(2028, 6, 1) {
            minute = minute.saturating_add(Duration::from_secs(60));
            let due = next.map(|at| TimeZone::UTC.to_datetime(at));
            assert_eq!(due == Some(minute), fits(&minute), "{cron} at {minute}");
            if due == Some(minute) {
                next = next.and_then(|at| when.next(at, &TimeZone::UTC));
            }
        }
    }
}

trait Calendar {
    fn tomorrow_is_another_month(&self) -> bool;
}

impl Calendar for DateTime {
    fn tomorrow_is_another_month(&self) -> bool {
        self.date()
            .tomorrow()
            .is_ok_and(|day| day.month() != self.month())
    }
}
