//! Schedules in the shape that they have in the WIT.

use super::{Origin, Timed};
use procedo_core::schedule::{Each, Missed, Overlap, Schedule};
use procedo_core::value::{Value, canonical};
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MissedPolicy {
    Skip,
    RunOnce,
}

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OverlapPolicy {
    Skip,
    Wait,
    Allow,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ScheduleOrigin {
    Site,
    Procedure,
}

#[derive(Deserialize, Serialize, JsonSchema)]
pub(super) struct EachValue {
    parameter: String,
    /// JSON.
    values: Vec<String>,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Wanted {
    pub(super) procedure: String,
    params: String,
    when: String,
    time_zone: Option<String>,
    missed: Option<MissedPolicy>,
    overlap: Option<OverlapPolicy>,
    each: Option<EachValue>,
    jitter: Option<u32>,
}

impl From<Missed> for MissedPolicy {
    fn from(missed: Missed) -> Self {
        match missed {
            Missed::Skip => Self::Skip,
            Missed::RunOnce => Self::RunOnce,
        }
    }
}

impl From<Overlap> for OverlapPolicy {
    fn from(overlap: Overlap) -> Self {
        match overlap {
            Overlap::Skip => Self::Skip,
            Overlap::Wait => Self::Wait,
            Overlap::Allow => Self::Allow,
        }
    }
}

impl EachValue {
    pub(super) fn of(each: Each) -> Self {
        Self {
            parameter: each.parameter,
            values: each.values.iter().map(Value::to_string).collect(),
        }
    }
}

impl Wanted {
    pub(super) fn of(declared: Schedule) -> Self {
        Self {
            procedure: declared.procedure,
            params: declared.params.to_string(),
            when: declared.when,
            time_zone: declared.time_zone,
            missed: Some(declared.missed.into()),
            overlap: Some(declared.overlap.into()),
            each: declared.each.map(EachValue::of),
            jitter: Some(declared.jitter),
        }
    }

    pub(super) fn declared(&self, name: &str) -> Result<Schedule> {
        let read = |text: &str| -> Result<Value> {
            // In the canonical form, what is kept can be compared as a text.
            let value = serde_json::from_str(text).map(|value| canonical(&value));
            value.map_err(|_| {
                Error::new(Kind::Invalid, "P0129")
                    .with("procedure", &self.procedure)
                    .with("value", text)
            })
        };
        let each = |each: &EachValue| -> Result<Each> {
            Ok(Each {
                parameter: each.parameter.clone(),
                values: each.values.iter().map(|text| read(text)).collect::<Result<_>>()?,
            })
        };
        Ok(Schedule {
            name: name.to_owned(),
            procedure: self.procedure.clone(),
            params: read(&self.params)?,
            when: self.when.clone(),
            time_zone: self.time_zone.clone(),
            missed: match self.missed {
                None | Some(MissedPolicy::Skip) => Missed::Skip,
                Some(MissedPolicy::RunOnce) => Missed::RunOnce,
            },
            overlap: match self.overlap {
                None | Some(OverlapPolicy::Skip) => Overlap::Skip,
                Some(OverlapPolicy::Wait) => Overlap::Wait,
                Some(OverlapPolicy::Allow) => Overlap::Allow,
            },
            each: self.each.as_ref().map(each).transpose()?,
            jitter: self.jitter.unwrap_or_default(),
        })
    }
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Info {
    name: String,
    origin: ScheduleOrigin,
    procedure: String,
    params: String,
    when: String,
    time_zone: String,
    missed: MissedPolicy,
    overlap: OverlapPolicy,
    each: Option<EachValue>,
    jitter: u32,
}

impl Info {
    pub(super) fn of(timed: Timed) -> Self {
        let declared = timed.declared;
        Self {
            name: declared.name,
            origin: match timed.origin {
                Origin::Site => ScheduleOrigin::Site,
                Origin::Procedure => ScheduleOrigin::Procedure,
            },
            procedure: declared.procedure,
            params: declared.params.to_string(),
            when: declared.when,
            time_zone: timed.zone_name,
            missed: declared.missed.into(),
            overlap: declared.overlap.into(),
            each: declared.each.map(EachValue::of),
            jitter: declared.jitter,
        }
    }
}
