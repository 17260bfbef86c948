//! `web/check-callback-request`: a callback request checked before it is sent (guide, section 4.6).

use crate::callback::{Field, Request, Rule, Violation, check, explain};
use crate::schema::without_null;
use crate::told::shown;
use jiff::Timestamp;
use procedo_sdk::prelude::*;

/// The request, and what the site demands of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(transform = without_null)]
pub struct Params {
    /// The customer's name.
    pub customer_name: Option<String>,
    /// What the callback is about.
    pub description: Option<String>,
    /// The additional fields by name.
    #[serde(default)]
    pub contact_data: std::collections::BTreeMap<String, String>,
    /// The priority, 1 to 100.
    pub priority: Option<i64>,
    /// The number to call.
    pub phone: Option<String>,
    /// From when on to call, as RFC 3339 (2026-11-22T10:00:00+01:00).
    pub start: Option<String>,
    /// Until when to call, as RFC 3339.
    pub end: Option<String>,
    /// The fields that must be filled in.
    #[serde(default = "usual")]
    pub mandatory: Vec<Field>,
    /// The excluded numbers; one that ends in * stands for all that start so.
    #[serde(default)]
    pub excluded_numbers: Vec<String>,
}

fn usual() -> Vec<Field> {
    vec![Field::CustomerName, Field::Phone]
}

/// What the check found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Whether the request would be accepted, as far as its own fields tell.
    valid: bool,
    /// Why not.
    violations: Vec<Told>,
}

/// A violation with the words for its code.
#[derive(Debug, Serialize)]
struct Told {
    #[serde(flatten)]
    violation: Violation,
    /// What the code means.
    meaning: String,
    /// What to do.
    remedy: String,
}

/// The procedure with its manifest.
pub fn procedure() -> Procedure {
    Procedure::new("web/check-callback-request", run)
        .section("4.6")
        .text("en", include_str!("../messages/request.en.ftl"))
        .text("es", include_str!("../messages/request.es.ftl"))
        .text("de", include_str!("../messages/request.de.ftl"))
}

fn run(params: Params) -> Result<Report, Failure> {
    let moment = run::now()?;
    let now: Timestamp = moment.parse().map_err(|error| {
        Failure::new(
            Kind::Failed,
            "W0401",
            text!("W0401", moment = moment, reason = format!("{error}")),
        )
    })?;
    let request = Request {
        customer_name: params.customer_name,
        description: params.description,
        contact_data: params.contact_data,
        priority: params.priority,
        phone: params.phone,
        start: params.start,
        end: params.end,
    };
    let language = run::language()?;
    let mut violations = Vec::new();
    for violation in check(&request, &params.mandatory, &params.excluded_numbers, now) {
        run::log(run::Level::Warning, &told(&violation))?;
        let (meaning, remedy) = explain(violation.code, &language)
            .map(|e| (e.meaning, e.remedy))
            .unwrap_or_default();
        violations.push(Told {
            violation,
            meaning,
            remedy,
        });
    }
    Ok(Report {
        valid: violations.is_empty(),
        violations,
    })
}

/// A violation as a line of the run's record.
fn told(violation: &Violation) -> Text {
    let text = text!(
        "violation",
        field = violation.field,
        code = violation.code,
        value = shown(&violation.value)
    );
    match violation.rule {
        Rule::Mandatory => text.with("rule", "mandatory"),
        Rule::Length(limit) => text.with("rule", "length").with("limit", limit),
        Rule::Priority => text.with("rule", "priority"),
        Rule::Phone => text.with("rule", "phone"),
        Rule::Excluded => text.with("rule", "excluded"),
        Rule::Moment => text.with("rule", "moment"),
        Rule::Order => text.with("rule", "order"),
        Rule::Expired => text.with("rule", "expired"),
        Rule::Ahead(limit) => text.with("rule", "ahead").with("limit", limit),
    }
}
