//! The settings of `[resource.http.NAME]`, checked when the site is opened.

use crate::address::{Block, Rule};
use crate::origin::{Origin, OriginError};
use crate::trust::TrustStore;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use rustls::pki_types::CertificateDer;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use ureq::http::HeaderName;
use url::Host;

/// The settings as they stand in `procedo.toml`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    origin: String,
    #[serde(default)]
    addresses: Vec<String>,
    idempotency_header: Option<String>,
    probe: Option<String>,
    ca: Option<String>,
    #[serde(default)]
    system_trust: bool,
    #[serde(default)]
    redirects: Vec<String>,
}

/// An origin that the site names.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its name in the site.
    pub name: String,
    /// Where it is.
    pub origin: Origin,
    /// Which addresses its host may stand for.
    pub addresses: Rule,
    /// The header that carries a call's key. The server promises to act once per key.
    pub idempotency_header: Option<HeaderName>,
    /// What to GET to learn whether a POST or PATCH took effect.
    pub probe: Option<Template>,
    /// Who may vouch for it.
    pub roots: Vec<CertificateDer<'static>>,
    /// Whether the operating system's authorities may vouch for it too.
    pub system_trust: bool,
    /// The names of the origins that it may redirect to, besides itself.
    pub redirects: Vec<String>,
}

/// A path with places for the key of a call (`{key}`) and the path of the request (`{path}`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    fn parse(text: &str) -> Option<Self> {
        let rest = text.replace("{key}", "").replace("{path}", "");
        let begins = text.starts_with('/') || text.starts_with("{path}");
        let clean =
            !rest.contains(['{', '}', '#']) && !rest.chars().any(|c| c.is_whitespace() || c.is_control());
        (begins && clean && text != "{path}").then(|| Self(text.to_owned()))
    }

    fn has_key(&self) -> bool {
        self.0.contains("{key}")
    }

    /// The path to GET.
    pub fn fill(&self, key: &str, path: &str) -> String {
        let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        let path = path.split('?').next().unwrap_or_default();
        // The path first: it may hold what looks like a place for the key, but the key cannot hold braces.
        let mut filled = String::new();
        for (index, piece) in self.0.split("{path}").enumerate() {
            if index > 0 {
                filled.push_str(path);
            }
            filled.push_str(&piece.replace("{key}", &key));
        }
        filled
    }
}

/// Reads the settings of all resources.
pub fn read(resources: &BTreeMap<String, Value>, trust: &TrustStore) -> Result<BTreeMap<String, Resource>> {
    let read: BTreeMap<String, Resource> = resources
        .iter()
        .map(|(name, value)| Ok((name.clone(), resource(name, value, trust)?)))
        .collect::<Result<_>>()?;
    for (name, resource) in &read {
        if let Some(other) = resource.redirects.iter().find(|other| !read.contains_key(*other)) {
            return Err(refused(name, "redirects", other, "redirects"));
        }
    }
    Ok(read)
}

fn refused(resource: &str, setting: &str, value: &str, rule: &str) -> Error {
    Error::new(Kind::Invalid, "P0401")
        .with("resource", resource)
        .with("setting", setting)
        .with("value", value)
        .with("rule", rule)
}

fn resource(name: &str, value: &Value, trust: &TrustStore) -> Result<Resource> {
    let written = Written::deserialize(value).map_err(|error| {
        Error::new(Kind::Invalid, "P0402")
            .with("resource", name)
            .with("reason", error)
    })?;
    let origin = Origin::parse(&written.origin).map_err(|error| {
        let rule = match error {
            OriginError::Url => "origin-url",
            OriginError::Scheme => "origin-scheme",
            OriginError::More => "origin-more",
        };
        refused(name, "origin", &written.origin, rule)
    })?;
    let blocks: Vec<Block> = written
        .addresses
        .iter()
        .map(|text| {
            text.parse()
                .map_err(|()| refused(name, "addresses", text, "addresses"))
        })
        .collect::<Result<_>>()?;
    let idempotency_header = written
        .idempotency_header
        .map(|text| match HeaderName::from_bytes(text.as_bytes()) {
            Ok(header) if !crate::request::is_reserved(&header) => Ok(header),
            _ => Err(refused(name, "idempotency-header", &text, "header")),
        })
        .transpose()?;
    let probe = written
        .probe
        .map(|text| Template::parse(&text).ok_or_else(|| refused(name, "probe", &text, "probe")))
        .transpose()?;
    if let Some(probe) = probe
        .as_ref()
        .filter(|probe| probe.has_key() && idempotency_header.is_none())
    {
        return Err(refused(name, "probe", &probe.0, "probe-key"));
    }
    let roots = match &written.ca {
        Some(file) => trust
            .file(file)
            .ok_or_else(|| refused(name, "ca", file, "ca"))?
            .to_vec(),
        None => trust.all().cloned().collect(),
    };
    let addresses = if blocks.is_empty() {
        rule_of(&origin)
    } else {
        Rule::Listed(blocks)
    };
    Ok(Resource {
        name: name.to_owned(),
        origin,
        addresses,
        idempotency_header,
        probe,
        roots,
        system_trust: written.system_trust,
        redirects: written.redirects,
    })
}

/// The rule for an origin whose addresses the site does not list.
fn rule_of(origin: &Origin) -> Rule {
    match origin.host() {
        Some(Host::Ipv4(address)) => Rule::Only(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Rule::Only(IpAddr::V6(address)),
        Some(Host::Domain(name)) if is_localhost(name) => Rule::Loopback,
        _ => Rule::Ordinary,
    }
}

/// `localhost` and names below it are the loopback addresses (RFC 6761 §6.3).
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_one(settings: Value) -> Result<Resource> {
        let resources = BTreeMap::from([("web".to_owned(), settings)]);
        read(&resources, &TrustStore::empty()).map(|mut read| read.remove("web").expect("the one given"))
    }

    #[test]
    fn the_host_of_an_origin_decides_which_addresses_it_may_stand_for() {
        let rule = |origin: &str| read_one(json!({"origin": origin})).expect(origin).addresses;
        assert_eq!(
            rule("http://127.0.0.1:80"),
            Rule::Only("127.0.0.1".parse().expect("valid"))
        );
        assert_eq!(rule("http://[::1]"), Rule::Only("::1".parse().expect("valid")));
        assert_eq!(rule("http://localhost:8080"), Rule::Loopback);
        assert_eq!(rule("http://web.localhost."), Rule::Loopback);
        assert_eq!(rule("http://contact.example"), Rule::Ordinary);
        let listed = read_one(json!({"origin": "http://contact.example", "addresses": ["127.0.0.0/8"]}))
            .expect("valid");
        assert_eq!(
            listed.addresses,
            Rule::Listed(vec!["127.0.0.0/8".parse().expect("valid")])
        );
    }

    #[test]
    fn a_setting_that_breaks_a_rule_is_named_with_its_value() {
        let refused = |settings: Value| {
            let error = read_one(settings).expect_err("refused");
            assert_eq!((error.kind, error.code.as_str()), (Kind::Invalid, "P0401"));
            let arg = |name: &str| error.message.args[name].clone();
            (arg("setting"), arg("value"), arg("rule"))
        };
        let with = |name: &str, value: Value| {
            let mut settings = json!({"origin": "http://h"});
            settings[name] = value;
            refused(settings).2
        };
        assert_eq!(
            refused(json!({"origin": "http://h/x"})),
            ("origin".into(), "http://h/x".into(), "origin-more".into())
        );
        assert_eq!(with("origin", json!("ftp://h")), "origin-scheme");
        assert_eq!(with("addresses", json!(["10.0.0.0/40"])), "addresses");
        assert_eq!(with("idempotency-header", json!("a b")), "header");
        assert_eq!(with("idempotency-header", json!("Host")), "header");
        assert_eq!(with("probe", json!("jobs")), "probe");
        assert_eq!(with("probe", json!("/jobs/{id}")), "probe");
        assert_eq!(with("probe", json!("/jobs/{key}")), "probe-key");
        assert_eq!(with("ca", json!("missing.pem")), "ca");
        assert_eq!(with("redirects", json!(["nowhere"])), "redirects");
    }

    #[test]
    fn settings_that_are_missing_unknown_or_of_the_wrong_type_are_refused() {
        for settings in [
            json!({}),
            json!({"origin": "http://h", "orign": 1}),
            json!({"origin": 1}),
            json!({"origin": "http://h", "addresses": "10.0.0.0/8"}),
            json!("http://h"),
        ] {
            assert_eq!(read_one(settings).expect_err("refused").code, "P0402");
        }
    }

    #[test]
    fn a_template_takes_key_and_path() {
        let template = Template::parse("{path}/by-key/{key}").expect("valid");
        assert_eq!(
            template.fill("20261122-1/7", "/jobs?x=1"),
            "/jobs/by-key/20261122-1%2F7"
        );
        assert_eq!(template.fill("k", "/{key}"), "/{key}/by-key/k");
    }
}
