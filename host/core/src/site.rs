//! A site as `procedo.toml` declares it: resources, grants, policies, windows, hooks, people.

use crate::effect::Effect;
use crate::manifest::Manifest;
use crate::message::Language;
use crate::schedule::Schedule;
use crate::value::{Digest, Value};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The declarations of a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Site {
    /// The site's name.
    pub name: String,
    /// The IANA name of its time zone, for windows and schedules; UTC where it is not said.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// The language where a person's own is not known.
    #[serde(default)]
    pub language: Language,
    /// Resources: capability → name → the driver's own settings.
    #[serde(default)]
    pub resource: BTreeMap<String, BTreeMap<String, Value>>,
    /// What procedures may do.
    #[serde(default)]
    pub grant: Vec<Grant>,
    /// What must be so before procedures may change something. All that match apply.
    #[serde(default)]
    pub policy: Vec<Policy>,
    /// Maintenance windows by name.
    #[serde(default)]
    pub window: BTreeMap<String, Window>,
    /// Procedures that run before or after steps of others.
    #[serde(default)]
    pub hook: Vec<Hook>,
    /// Procedures that are started at times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<Schedule>,
    /// People by name.
    #[serde(default)]
    pub user: BTreeMap<String, User>,
    /// Plugins of the site.
    #[serde(default)]
    pub plugins: Plugins,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What a procedure may do with a resource. What is not granted is denied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Grant {
    /// The procedure's identifier; `web/*` stands for all that start with `web/`.
    pub procedure: String,
    /// The capability.
    pub capability: String,
    /// The resource's name, or `*`.
    pub resource: String,
    /// The strongest effect allowed.
    pub effect: Effect,
}

/// What must be so before a procedure may change something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Policy {
    /// The procedure's identifier; `web/*` stands for all that start with `web/`.
    pub procedure: String,
    /// How many people must approve the plan.
    #[serde(default)]
    pub approvals: u32,
    /// Whether the person who starts the run may not approve it.
    #[serde(default)]
    pub second_person: bool,
    /// The window in which changes may be made.
    #[serde(default)]
    pub window: Option<String>,
}

/// When a maintenance window is open, in the site's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Window {
    /// The days on which it opens: `mon` to `sun`; none means every day.
    #[serde(default)]
    pub days: Vec<Day>,
    /// When it opens, as `22:00`.
    pub from: jiff::civil::Time,
    /// When it closes; earlier than `from` means on the next day.
    pub to: jiff::civil::Time,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    fn weekday(self) -> jiff::civil::Weekday {
        use jiff::civil::Weekday;
        match self {
            Self::Mon => Weekday::Monday,
            Self::Tue => Weekday::Tuesday,
            Self::Wed => Weekday::Wednesday,
            Self::Thu => Weekday::Thursday,
            Self::Fri => Weekday::Friday,
            Self::Sat => Weekday::Saturday,
            Self::Sun => Weekday::Sunday,
        }
    }
}

impl Window {
    /// Whether the window is open at a moment, and if not, when it opens next.
    pub fn opens(&self, now: &jiff::Zoned) -> Result<Option<jiff::Timestamp>, jiff::Error> {
        let zone = now.time_zone();
        for offset in -1..=8 {
            let day = now.date().checked_add(jiff::Span::new().days(offset))?;
            if !self.days.is_empty() && !self.days.iter().any(|d| d.weekday() == day.weekday()) {
                continue;
            }
            let opens = day.to_datetime(self.from).to_zoned(zone.clone())?.timestamp();
            let closing_day = if self.to <= self.from {
                day.tomorrow()?
            } else {
                day
            };
            let closes = closing_day
                .to_datetime(self.to)
                .to_zoned(zone.clone())?
                .timestamp();
            if closes <= now.timestamp() {
                continue;
            }
            return Ok((opens > now.timestamp()).then_some(opens));
        }
        // Not reached: some day of the next eight is one of `days`.
        Ok(None)
    }
}

/// A procedure that runs before or after a step of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hook {
    /// The procedure hooked.
    pub procedure: String,
    /// `before:STEP` or `after:STEP`.
    pub at: String,
    /// The procedure to run.
    pub run: String,
    /// Its parameters.
    #[serde(default)]
    pub params: Value,
}

/// What a person may do. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Look.
    Viewer,
    /// Plan, run, resume, answer, cancel, undo.
    Operator,
    /// Approve and reject.
    Approver,
    /// Grant, set secrets, install plugins.
    Admin,
}

/// A person of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct User {
    /// What they may do.
    pub role: Role,
    /// Their OS account, if it is not their name.
    #[serde(default)]
    pub account: Option<String>,
    /// The digest of their personal token.
    #[serde(default)]
    pub token: Option<Digest>,
}

/// How the site treats plugins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Plugins {
    /// Whether plugins without a trusted signature may be installed.
    #[serde(default)]
    pub allow_unsigned: bool,
}

/// Why a `procedo.toml` is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SiteError(pub String);

/// Whether `web/localize-components` is covered by `web/localize-components`, `web/*` or `*`.
pub fn covers(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => id.starts_with(prefix),
        None => pattern == id,
    }
}

/// Why a call is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The author's manifest does not name it.
    Manifest,
    /// The site does not grant it.
    Site,
}

impl Site {
    /// Reads and checks the text of a `procedo.toml`.
    pub fn parse(text: &str) -> Result<Self, SiteError> {
        let site: Self = toml::from_str(text).map_err(|error| SiteError(error.to_string()))?;
        let fail = |what: String| Err(SiteError(what));
        // The first look into the system's zones reads them all: a few milliseconds that most sites need not spend.
        if site.time_zone != "UTC" && jiff::tz::TimeZone::get(&site.time_zone).is_err() {
            return fail(format!(
                "time-zone: “{}” is not an IANA time zone",
                site.time_zone
            ));
        }
        for policy in &site.policy {
            if let Some(window) = policy
                .window
                .as_ref()
                .filter(|name| !site.window.contains_key(*name))
            {
                return fail(format!(
                    "policy for “{}”: there is no window “{window}”",
                    policy.procedure
                ));
            }
        }
        // Who approves twice under two names would count as two people.
        let mut accounts = BTreeMap::new();
        let mut tokens = BTreeMap::new();
        for (name, user) in &site.user {
            let account = user.account.as_deref().unwrap_or(name.as_str());
            if let Some(other) = accounts.insert(account, name) {
                return fail(format!(
                    "user “{other}” and user “{name}” have the same account “{account}”"
                ));
            }
            if let Some(other) = user.token.and_then(|token| tokens.insert(token.0, name)) {
                return fail(format!("user “{other}” and user “{name}” have the same token"));
            }
        }
        for hook in &site.hook {
            if !hook
                .at
                .split_once(':')
                .is_some_and(|(when, step)| matches!(when, "before" | "after") && !step.is_empty())
            {
                return fail(format!(
                    "hook of “{}”: at = “{}” is not before:STEP or after:STEP",
                    hook.procedure, hook.at
                ));
            }
        }
        Ok(site)
    }

    /// The digest of the declarations.
    pub fn digest(&self) -> Digest {
        Digest::of_value(&serde_json::to_value(self).unwrap_or_default())
    }

    /// Whether a call is allowed: by the author's manifest and by the site's grants.
    pub fn authorise(
        &self,
        manifest: &Manifest,
        params: &Value,
        capability: &str,
        resource: &str,
        effect: Effect,
    ) -> Result<(), Denial> {
        let needed = manifest.needs.iter().any(|need| {
            need.capability == capability
                && need.effect >= effect
                && covers(Manifest::resolve(&need.resource, params), resource)
        });
        if !needed {
            return Err(Denial::Manifest);
        }
        let granted = self.grant.iter().any(|grant| {
            grant.capability == capability
                && grant.effect >= effect
                && covers(&grant.procedure, &manifest.id)
                && covers(&grant.resource, resource)
        });
        if granted { Ok(()) } else { Err(Denial::Site) }
    }

    /// The windows that must all be open before a procedure changes something, each once.
    pub fn windows_for(&self, procedure: &str) -> BTreeSet<&str> {
        let matching = self.policy.iter().filter(|p| covers(&p.procedure, procedure));
        matching.filter_map(|policy| policy.window.as_deref()).collect()
    }

    /// The policy for a procedure: the strictest of all that match. Its windows are several: see
    /// [`Site::windows_for`].
    pub fn policy_for(&self, manifest: &Manifest) -> Policy {
        let mut policy = Policy {
            procedure: manifest.id.clone(),
            approvals: u32::from(manifest.supervised || manifest.destructive),
            second_person: manifest.supervised,
            window: None,
        };
        for each in self.policy.iter().filter(|p| covers(&p.procedure, &manifest.id)) {
            policy.approvals = policy.approvals.max(each.approvals);
            policy.second_person |= each.second_person;
        }
        // A second person who need not approve would be no rule at all.
        policy.approvals = policy.approvals.max(u32::from(policy.second_person));
        policy
    }

    /// The name and role of an OS account. A site that lists nobody trusts whoever can write its folder.
    pub fn person_of_account(&self, account: &str) -> (String, Role) {
        let listed = self
            .user
            .iter()
            .find(|(name, user)| user.account.as_deref().unwrap_or(name.as_str()) == account);
        match listed {
            Some((name, user)) => (name.clone(), user.role),
            None if self.user.is_empty() => (account.to_owned(), Role::Admin),
            None => (account.to_owned(), Role::Viewer),
        }
    }

    /// The name and role of the person who shows a token.
    pub fn person_of_token(&self, token: &str) -> Option<(String, Role)> {
        let digest = Digest::of(token.as_bytes());
        self.user
            .iter()
            // Compared by digest: how long it takes tells nothing about the token.
            .find(|(_, user)| user.token == Some(digest))
            .map(|(name, user)| (name.clone(), user.role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_two_people() {
        let refused = |users: &str| {
            Site::parse(&format!("name = \"s\"\n{users}"))
                .expect_err("must be refused")
                .0
        };
        let account =
            "[user.ana]\nrole = \"approver\"\n[user.other]\nrole = \"approver\"\naccount = \"ana\"\n";
        assert!(refused(account).contains("account “ana”"));
        let token = Digest::of(b"token");
        let tokens = format!(
            "[user.ana]\nrole = \"approver\"\ntoken = \"{token}\"\n[user.ben]\nrole = \"viewer\"\ntoken = \"{token}\"\n"
        );
        assert!(refused(&tokens).contains("the same token"));
        assert!(
            Site::parse("name = \"s\"\n[user.ana]\nrole = \"approver\"\n[user.ben]\nrole = \"viewer\"\n")
                .is_ok()
        );
    }

    #[test]
    fn a_second_person_has_something_to_approve() {
        let site = Site::parse("name = \"s\"\n[[policy]]\nprocedure = \"*\"\nsecond-person = true\n");
        let manifest = Manifest {
            id: "a/b".to_owned(),
            parameters: Value::Null,
            needs: Vec::new(),
            locks: Vec::new(),
            steps: Vec::new(),
            supervised: false,
            destructive: false,
            section: None,
            texts: BTreeMap::new(),
        };
        assert_eq!(site.expect("valid").policy_for(&manifest).approvals, 1);
    }
}
