//! Times and durations as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use procedo_core::site::Site;
use std::time::Duration;

/// The time zone in which a site's people read times. It was checked when the site was read.
pub fn zone_of(site: &Site) -> TimeZone {
    TimeZone::get(&site.time_zone).unwrap_or(TimeZone::UTC)
}

/// A moment in a zone with its offset, which tells the hour that is there twice apart: `2027-03-28T03:00:00+02:00`.
pub fn told(zone: &TimeZone, moment: Timestamp) -> String {
    moment
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

/// The same of a moment in milliseconds since 1970.
pub fn of_millis(zone: &TimeZone, millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| millis.to_string(), |moment| told(zone, moment))
}

/// The time of day of a moment in a zone: `10:34:55`. For lines below one that shows the offset.
pub fn time_of_day(zone: &TimeZone, millis: i64) -> String {
    let Ok(moment) = Timestamp::from_millisecond(millis) else {
        return millis.to_string();
    };
    moment.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// A duration in the units that matter: `0.42 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. The units are SI's in all languages.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.2} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_that_is_there_twice_is_told_apart_by_its_offset() {
        let zone = TimeZone::get("Europe/Madrid").expect("there");
        let first = 1_761_438_600_000;
        assert_eq!(of_millis(&zone, first), "2025-10-26T02:30:00+02:00");
        assert_eq!(of_millis(&zone, first + 3_600_000), "2025-10-26T02:30:00+01:00");
        assert_eq!(time_of_day(&zone, first), "02:30:00");
    }

    #[test]
    fn durations_are_told_in_the_units_that_matter() {
        let told = |millis| duration(Duration::from_millis(millis));
        assert_eq!(
            [told(0), told(420), told(12_900), told(200_000), told(7_500_000)],
            ["0.00 s", "0.42 s", "12 s", "3 min 20 s", "2 h 5 min"]
        );
    }
}
