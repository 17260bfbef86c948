//! Times and durations as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::Duration;

/// A moment in the reader's time zone: `2026-11-22 10:34:55`.
pub fn of_millis(millis: i64) -> String {
    let Ok(moment) = Timestamp::from_millisecond(millis) else {
        return millis.to_string();
    };
    moment
        .to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// The time of day of a moment in the reader's time zone: `10:34:55`.
pub fn time_of_day(millis: i64) -> String {
    let Ok(moment) = Timestamp::from_millisecond(millis) else {
        return millis.to_string();
    };
    moment
        .to_zoned(TimeZone::system())
        .strftime("%H:%M:%S")
        .to_string()
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
    fn durations_are_told_in_the_units_that_matter() {
        let told = |millis| duration(Duration::from_millis(millis));
        assert_eq!(
            [told(0), told(420), told(12_900), told(200_000), told(7_500_000)],
            ["0.00 s", "0.42 s", "12 s", "3 min 20 s", "2 h 5 min"]
        );
    }
}
