//! The rules that the Callback Server has for a callback (guide, section 4.6). Pure.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

/// The most characters of a customer's name (17030).
const NAME: usize = 75;
/// The most characters of a description (17032).
const DESCRIPTION: usize = 100;
/// The most characters of the contact data (17033).
const CONTACT_DATA: usize = 1000;
/// How many days ahead a callback can be scheduled (17047).
const DAYS_AHEAD: i64 = 180;
/// The queues of the simulated contact center.
const QUEUES: [&str; 2] = ["Sales", "Service"];
/// The numbers that it does not call.
const EXCLUDED: [&str; 3] = ["110", "112", "911"];

/// The fields of the page that are not contact data.
const OWN_FIELDS: [&str; 9] = [
    "varuserrequest",
    "varuserlanguage",
    "varcustomername",
    "varphone",
    "vardescription",
    "varpriority",
    "varstart",
    "varend",
    "varcallbackqueue",
];

/// A callback that is registered, to find another one like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    phone: String,
    start: Option<String>,
}

/// The value of a field, letter case of its name aside; an empty one counts as none.
pub fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields
        .iter()
        .find(|(given, _)| given.eq_ignore_ascii_case(name))?;
    Some(found.1.trim()).filter(|value| !value.is_empty())
}

/// Registers a callback, or tells the error code.
pub fn register(
    fields: &[(String, String)],
    registered: &mut Vec<Callback>,
    now: Timestamp,
) -> Result<(), u32> {
    let length = |name: &str| field(fields, name).map_or(0, |value| value.chars().count());
    let phone = field(fields, "varPhone").ok_or(1010_u32)?;
    field(fields, "varCustomerName").ok_or(1010_u32)?;
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 3
        || phone
            .chars()
            .any(|c| !(c.is_ascii_digit() || "+ -./()".contains(c)))
    {
        return Err(1011);
    }
    if length("varCustomerName") > NAME {
        return Err(17030);
    }
    if EXCLUDED.contains(&digits.as_str()) {
        return Err(17031);
    }
    if length("varDescription") > DESCRIPTION {
        return Err(17032);
    }
    let is_data = |name: &str| !OWN_FIELDS.contains(&name.to_ascii_lowercase().as_str());
    let data = fields.iter().filter(|(name, _)| is_data(name));
    if data
        .map(|(name, value)| name.chars().count() + value.chars().count())
        .sum::<usize>()
        > CONTACT_DATA
    {
        return Err(17033);
    }
    if let Some(priority) = field(fields, "varPriority")
        && !priority
            .parse()
            .is_ok_and(|priority: u8| (1..=100).contains(&priority))
    {
        return Err(17035);
    }
    if let Some(queue) = field(fields, "varCallbackQueue")
        && !QUEUES.contains(&queue)
    {
        return Err(17027);
    }
    schedule(fields, now)?;
    let callback = Callback {
        phone: digits,
        start: field(fields, "varStart").map(str::to_owned),
    };
    if registered.contains(&callback) {
        return Err(17006);
    }
    registered.push(callback);
    Ok(())
}

fn schedule(fields: &[(String, String)], now: Timestamp) -> Result<(), u32> {
    let read = |name: &str| {
        field(fields, name)
            .map(|text| moment(text).ok_or(17047_u32))
            .transpose()
    };
    let (start, end) = (read("varStart")?, read("varEnd")?);
    if let (Some(start), Some(end)) = (start, end)
        && start >= end
    {
        return Err(17028);
    }
    // A schedule lasts until its end; one without end, just its start.
    if end.or(start).is_some_and(|moment| moment <= now) {
        return Err(17040);
    }
    let latest = now
        .checked_add(SignedDuration::from_hours(24 * DAYS_AHEAD))
        .unwrap_or(Timestamp::MAX);
    if start.is_some_and(|start| start > latest) || end.is_some_and(|end| end > latest) {
        return Err(17047);
    }
    Ok(())
}

/// A moment with offset, or a date and time in UTC: `2026-12-01T09:00`, `2026-12-01 09:00`.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(members: &[(&str, &str)]) -> Result<(), u32> {
        let mut fields = vec![("varCustomerName", "Ana"), ("varPhone", "+49 30 123456")];
        fields.retain(|(name, _)| !members.iter().any(|(given, _)| given == name));
        fields.extend(members);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        register(&fields, &mut Vec::new(), "2026-11-22T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn every_rule_has_its_code() {
        let (long, longer, longest) = ("x".repeat(76), "x".repeat(101), "x".repeat(1000));
        for (members, result) in [
            (vec![], Ok(())),
            (
                vec![("varStart", "2026-12-01T09:00"), ("varEnd", "2026-12-01 17:00")],
                Ok(()),
            ),
            (
                vec![
                    ("varPriority", "100"),
                    ("varCallbackQueue", "Sales"),
                    ("Key1", "4711"),
                ],
                Ok(()),
            ),
            (vec![("varPhone", "")], Err(1010)),
            (vec![("varCustomerName", " ")], Err(1010)),
            (vec![("varPhone", "call me")], Err(1011)),
            (vec![("varCustomerName", &*long)], Err(17030)),
            (vec![("varPhone", "1-1-2")], Err(17031)),
            (vec![("varDescription", &*longer)], Err(17032)),
            (vec![("Key1", &*longest)], Err(17033)),
            (vec![("varPriority", "0")], Err(17035)),
            (vec![("varPriority", "101")], Err(17035)),
            (vec![("varPriority", "high")], Err(17035)),
            (vec![("varCallbackQueue", "Nobody")], Err(17027)),
            (
                vec![("varStart", "2026-12-02T09:00"), ("varEnd", "2026-12-01T17:00")],
                Err(17028),
            ),
            (vec![("varEnd", "2026-11-22T09:59:00Z")], Err(17040)),
            (vec![("varStart", "soon")], Err(17047)),
            (vec![("varStart", "2027-06-01T09:00")], Err(17047)),
        ] {
            assert_eq!(registered(&members), result, "{members:?}");
        }
    }

    #[test]
    fn the_same_callback_twice_is_a_duplicate() {
        let fields = [("varCustomerName", "Ana"), ("varPhone", "030 1234")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut all = Vec::new();
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        assert_eq!(register(&fields, &mut all, now), Ok(()));
        assert_eq!(register(&fields, &mut all, now), Err(17006));
    }
}
