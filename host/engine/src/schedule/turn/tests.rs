use super::*;
use procedo_core::schedule::Schedule;
use serde_json::json;

fn timed(more: serde_json::Value) -> Timed {
    let mut declared = json!({"name": "n", "procedure": "a/b", "when": "daily at 03:00"});
    declared
        .as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    let declared: Schedule = serde_json::from_value(declared).expect("valid");
    Timed::of(declared, "Europe/Madrid", super::super::Origin::Site).expect("valid")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn line(settled: &str) -> Line {
    Line {
        schedule: "n".to_owned(),
        value: String::new(),
        defined: String::new(),
        settled: at(settled).as_millisecond(),
        held: None,
        run: None,
        slot: None,
        failed: None,
    }
}

fn fire(slot: &str, late: bool) -> Turn {
    Turn::Fire { slot: at(slot), late }
}

fn busy() -> Former {
    Former::Busy(RunId::parse("r1").expect("valid"))
}

#[test]
fn a_slot_is_fired_when_it_is_due_and_not_before() {
    let (timed, line) = (timed(json!({})), line("2027-01-01T03:00:00+01:00"));
    assert_eq!(
        turn(&timed, &line, at("2027-01-02T02:59:59.999+01:00"), &Former::Free),
        Turn::Rest
    );
    let slot = "2027-01-02T03:00:00+01:00";
    assert_eq!(turn(&timed, &line, at(slot), &Former::Free), fire(slot, false));
    assert_eq!(
        turn(&timed, &line, at("2027-01-02T03:00:59+01:00"), &Former::Free),
        fire(slot, false),
        "a program that is started again is on time"
    );
    assert_eq!(next(&timed, &line, at("2027-01-01T12:00:00Z")), Some(at(slot)));
}

#[test]
fn after_a_week_off_one_run_makes_up_or_none() {
    let (line, now) = (line("2027-03-22T03:00:00+01:00"), at("2027-03-29T12:00:00+02:00"));
    let newest = "2027-03-29T03:00:00+02:00";
    let skips = timed(json!({}));
    assert_eq!(
        turn(&skips, &line, now, &Former::Free),
        Turn::Missed { slot: at(newest) }
    );
    let once = timed(json!({"missed": "run-once"}));
    assert_eq!(turn(&once, &line, now, &Former::Free), fire(newest, true));
    let settled = Line {
        settled: at(newest).as_millisecond(),
        ..line
    };
    assert_eq!(
        turn(&once, &settled, now, &Former::Free),
        Turn::Rest,
        "exactly once"
    );
}

#[test]
fn a_clock_that_is_set_back_fires_nothing_twice() {
    let (timed, line) = (
        timed(json!({"missed": "run-once"})),
        line("2027-01-02T03:00:00+01:00"),
    );
    assert_eq!(
        turn(&timed, &line, at("2027-01-01T12:00:00+01:00"), &Former::Free),
        Turn::Rest
    );
    assert_eq!(
        turn(&timed, &line, at("2027-01-02T03:00:00+01:00"), &Former::Free),
        Turn::Rest
    );
    let next_day = "2027-01-03T03:00:00+01:00";
    assert_eq!(
        next(&timed, &line, at("2027-01-01T12:00:00+01:00")),
        Some(at(next_day))
    );
}

#[test]
fn a_run_that_has_not_ended_has_the_next_slot_skipped_or_wait_or_run_beside_it() {
    let (line, slot) = (line("2027-01-01T03:00:00+01:00"), "2027-01-02T03:00:00+01:00");
    let by = RunId::parse("r1").expect("valid");
    let with = |overlap: &str| turn(&timed(json!({"overlap": overlap})), &line, at(slot), &busy());
    assert_eq!(
        with("skip"),
        Turn::Skipped {
            slot: at(slot),
            by: by.clone()
        }
    );
    assert_eq!(with("wait"), Turn::Held { slot: at(slot), by });
    assert_eq!(with("allow"), fire(slot, false));
}

#[test]
fn a_slot_that_waits_is_fired_once_when_the_run_before_has_ended_however_late() {
    let timed = timed(json!({"overlap": "wait"}));
    let slot = "2027-01-02T03:00:00+01:00";
    let held = Line {
        held: Some(at(slot).as_millisecond()),
        ..line(slot)
    };
    let late = at("2027-01-02T09:00:00+01:00");
    assert_eq!(turn(&timed, &held, late, &busy()), Turn::Rest, "it waits already");
    assert_eq!(turn(&timed, &held, late, &Former::Free), fire(slot, false));
    let next_day = "2027-01-03T03:00:00+01:00";
    assert!(
        matches!(turn(&timed, &held, at(next_day), &busy()), Turn::Held { slot, .. } if slot == at(next_day)),
        "the newest slot is the one that waits"
    );
}

#[test]
fn a_slot_that_was_claimed_and_not_started_is_due_again_by_the_same_rules() {
    let slot = "2027-01-02T03:00:00+01:00";
    let claimed = Line {
        run: RunId::parse("r1"),
        slot: Some(at(slot).as_millisecond()),
        ..line(slot)
    };
    let (soon, late) = (at("2027-01-02T03:00:20+01:00"), at("2027-01-02T05:00:00+01:00"));
    let skips = timed(json!({}));
    assert_eq!(
        turn(&skips, &claimed, soon, &Former::Unstarted),
        fire(slot, false)
    );
    assert_eq!(
        turn(&skips, &claimed, late, &Former::Unstarted),
        Turn::Missed { slot: at(slot) }
    );
    let once = timed(json!({"missed": "run-once"}));
    assert_eq!(turn(&once, &claimed, late, &Former::Unstarted), fire(slot, true));
    assert_eq!(
        turn(&once, &claimed, late, &Former::Free),
        Turn::Rest,
        "it was started"
    );
}

#[test]
fn jitter_puts_a_slot_off_by_the_same_time_whenever_it_is_asked_for() {
    let (spread, exact) = (timed(json!({"jitter": 600})), timed(json!({})));
    let line = line("2027-01-01T12:00:00+01:00");
    let slot = at("2027-01-02T03:00:00+01:00");
    assert_eq!(delay(&exact, slot), Duration::ZERO, "off by default");
    let put_off = delay(&spread, slot);
    assert!(put_off <= Duration::from_secs(600));
    let due = slot + put_off;
    assert_eq!(next(&spread, &line, at("2027-01-01T20:00:00+01:00")), Some(due));
    assert_eq!(next(&spread, &line, slot - Duration::from_millis(1)), Some(due));
    assert_eq!(
        turn(&spread, &line, due - Duration::from_millis(1), &Former::Free),
        Turn::Rest
    );
    assert_eq!(
        turn(&spread, &line, due, &Former::Free),
        Turn::Fire { slot, late: false }
    );
    let days = (1..=30).map(|day| slot + Duration::from_secs(day * 86_400));
    let delays: std::collections::BTreeSet<_> = days.map(|slot| delay(&spread, slot)).collect();
    assert!(delays.len() > 20, "days differ");
}

/// A whole year, looked at every few minutes: whatever the clocks do, every day has its run, at a moment that exists.
#[test]
fn a_year_of_looks_fires_every_day_once() {
    for when in ["daily at 02:30", "daily at 03:00", "daily at 00:00"] {
        let timed = timed(json!({"when": when}));
        let mut line = line("2027-01-01T00:00:00+01:00");
        let mut now = at("2027-01-01T00:00:00+01:00");
        let mut days = Vec::new();
        while now < at("2028-01-01T00:00:00+01:00") {
            if let Turn::Fire { slot, late } = turn(&timed, &line, now, &Former::Free) {
                assert!(!late);
                line.settled = slot.as_millisecond();
                days.push(slot.to_zoned(timed.zone.clone()).date());
            }
            now = next(&timed, &line, now).expect("it goes on");
        }
        let unique: std::collections::BTreeSet<_> = days.iter().collect();
        assert_eq!(days.len(), unique.len(), "{when}");
        assert!((364..=365).contains(&days.len()), "{when}: {}", days.len());
    }
}
