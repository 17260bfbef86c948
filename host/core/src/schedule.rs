//! Schedules as a site or a procedure declares them: which procedure is started when.

use crate::value::Value;
use serde::{Deserialize, Serialize};

/// A procedure that is started at times. `procedo.toml` holds those of the site (`[[schedule]]`); procedures may set others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Schedule {
    /// Its name, of `a`–`z`, `0`–`9`, `-` and `/`.
    pub name: String,
    /// The procedure's identifier.
    pub procedure: String,
    /// The procedure's parameters, an object.
    #[serde(default = "none_given", skip_serializing_if = "is_empty")]
    pub params: Value,
    /// When, in calendar words (`daily at 03:00`) or as a cron expression (`0 3 * * *`).
    pub when: String,
    /// The IANA name of the time zone; absent means that of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What becomes of moments at which nobody could start the procedure.
    #[serde(default)]
    pub missed: Missed,
    /// What becomes of a moment at which the run before has not ended.
    #[serde(default)]
    pub overlap: Overlap,
    /// Start a run for each of several values of a parameter, all at the same moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Each>,
    /// By how many seconds at most a start is put off, so that many sites do not start at once. It follows from the name
    /// and the moment alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub jitter: u32,
}

fn none_given() -> Value {
    Value::Object(serde_json::Map::new())
}

fn is_empty(params: &Value) -> bool {
    params.as_object().is_some_and(serde_json::Map::is_empty)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_zero(jitter: &u32) -> bool {
    *jitter == 0
}

/// What becomes of moments at which nobody could start the procedure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missed {
    /// They are over.
    #[default]
    Skip,
    /// However many they are, one run makes up for them.
    RunOnce,
}

/// What becomes of a moment at which the run before has not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overlap {
    /// It is skipped.
    #[default]
    Skip,
    /// It waits until that run has ended. However many wait, one run follows.
    Wait,
    /// Both run side by side.
    Allow,
}

/// The values for which runs are started at the same moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Each {
    /// The parameter.
    pub parameter: String,
    /// Its values.
    pub values: Vec<Value>,
}
