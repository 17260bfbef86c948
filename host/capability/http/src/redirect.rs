//! Where a redirect leads and whether it may be followed (RFC 9110 §15.4). Pure.

use crate::origin::Origin;
use crate::request::{Headers, Method, is_about_content};
use crate::settings::Resource;
use procedo_core::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::sync::Arc;
use ureq::http::header;
use url::Url;

/// One request of an exchange: the first, or one that a redirect asks for.
#[derive(Clone)]
pub struct Hop {
    /// The resource whose origin it goes to.
    pub resource: Arc<Resource>,
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Option<String>,
}

/// Whether a status with a `Location` asks to go elsewhere.
pub fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// The request that a redirect asks for. Refused: other schemes, users in the URL, origins of which the site does not say
/// that this one may redirect there, and writes that would go to another origin.
pub fn next(
    hop: &Hop,
    status: u16,
    location: &str,
    resources: &BTreeMap<String, Arc<Resource>>,
) -> Result<Hop> {
    let refused = |to: &str, rule: &str| {
        let to: String = to.chars().take(500).collect();
        Error::new(Kind::Denied, "P0420")
            .with("origin", &hop.resource.name)
            .with("from", &hop.url)
            .with("to", to.escape_debug())
            .with("rule", rule)
    };
    let mut url = hop.url.join(location).map_err(|_| refused(location, "url"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(location, "scheme"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // Not shown: it may hold somebody's password.
        return Err(refused(Origin::of(&url).to_string().as_str(), "user"));
    }
    url.set_fragment(None);
    let target = Origin::of(&url);
    let same = target == hop.resource.origin;
    let resource = if same {
        Arc::clone(&hop.resource)
    } else {
        let allowed = hop
            .resource
            .redirects
            .iter()
            .filter_map(|name| resources.get(name));
        Arc::clone(
            allowed
                .into_iter()
                .find(|r| r.origin == target)
                .ok_or_else(|| refused(url.as_str(), "origin"))?,
        )
    };
    let method = match (status, hop.method) {
        (303, Method::Head) => Method::Head,
        (303, _) | (301 | 302, Method::Post) => Method::Get,
        (_, method) => method,
    };
    if !same && method.effect() != procedo_core::effect::Effect::Read {
        return Err(refused(url.as_str(), "write"));
    }
    let keeps_body = method.has_body();
    let headers = hop.headers.iter().filter(|(name, _)| {
        (keeps_body || method == hop.method || !is_about_content(name)) && (same || may_cross(name))
    });
    Ok(Hop {
        method,
        headers: headers.cloned().collect(),
        body: hop.body.clone().filter(|_| keeps_body),
        resource,
        url,
    })
}

/// The headers that go along to another origin. All others may hold a credential of the first one.
fn may_cross(name: &header::HeaderName) -> bool {
    [header::ACCEPT, header::ACCEPT_LANGUAGE].contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::TrustStore;
    use serde_json::json;
    use ureq::http::{HeaderName, HeaderValue};

    fn resources() -> BTreeMap<String, Arc<Resource>> {
        let settings = json!({
            "web": {"origin": "http://web.example:81", "redirects": ["sso"]},
            "sso": {"origin": "https://sso.example"},
            "other": {"origin": "https://other.example"},
        });
        let settings = serde_json::from_value(settings).expect("a map");
        let read = crate::settings::read(&settings, &TrustStore::empty()).expect("valid");
        read.into_iter()
            .map(|(name, resource)| (name, Arc::new(resource)))
            .collect()
    }

    fn hop(method: Method) -> Hop {
        let header = |name: &'static str| (HeaderName::from_static(name), HeaderValue::from_static("x"));
        Hop {
            resource: Arc::clone(&resources()["web"]),
            method,
            url: "http://web.example:81/a/b?c".parse().expect("valid"),
            headers: [
                "accept",
                "authorization",
                "cookie",
                "content-type",
                "x-api-key",
                "if-match",
            ]
            .map(header)
            .into(),
            body: method.has_body().then(|| "body".to_owned()),
        }
    }

    fn names(hop: &Hop) -> Vec<&str> {
        hop.headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn a_location_is_resolved_against_the_request() {
        for (location, url) in [
            ("/x", "http://web.example:81/x"),
            ("x?y", "http://web.example:81/a/x?y"),
            ("../../x", "http://web.example:81/x"),
            ("?d", "http://web.example:81/a/b?d"),
            ("//web.example:81/x#y", "http://web.example:81/x"),
            ("HTTP://WEB.EXAMPLE:81/X", "http://web.example:81/X"),
        ] {
            assert_eq!(
                next(&hop(Method::Get), 302, location, &resources())
                    .expect(location)
                    .url
                    .as_str(),
                url
            );
        }
    }

    #[test]
    fn a_redirect_leads_only_to_its_own_origin_or_one_that_the_site_lists() {
        let rule = |method, location: &str| match next(&hop(method), 307, location, &resources()) {
            Ok(hop) => format!("→ {}", hop.resource.name),
            Err(error) => {
                assert_eq!((error.kind, error.code.as_str()), (Kind::Denied, "P0420"));
                error.message.args["rule"].clone()
            }
        };
        assert_eq!(rule(Method::Get, "/x"), "→ web");
        assert_eq!(rule(Method::Get, "https://sso.example/login"), "→ sso");
        assert_eq!(rule(Method::Get, "https://other.example/"), "origin");
        assert_eq!(
            rule(Method::Get, "http://sso.example/"),
            "origin",
            "another scheme is another origin"
        );
        assert_eq!(
            rule(Method::Get, "http://web.example/"),
            "origin",
            "another port is another origin"
        );
        assert_eq!(rule(Method::Get, "http:\\\\other.example"), "origin");
        assert_eq!(rule(Method::Get, "file:///etc/passwd"), "scheme");
        assert_eq!(rule(Method::Get, "javascript:alert(1)"), "scheme");
        assert_eq!(rule(Method::Get, "https://user:pw@sso.example/"), "user");
        assert_eq!(rule(Method::Get, "http://[::1"), "url");
        assert_eq!(rule(Method::Put, "/x"), "→ web");
        assert_eq!(rule(Method::Put, "https://sso.example/"), "write");
        assert_eq!(rule(Method::Delete, "https://sso.example/"), "write");
    }

    #[test]
    fn a_password_in_a_refused_location_is_not_told() {
        let error = next(
            &hop(Method::Get),
            302,
            "http://u:geheim@web.example:81/",
            &resources(),
        )
        .err()
        .expect("refused");
        assert!(!error.to_string().contains("geheim"), "{error}");
    }

    #[test]
    fn method_and_body_follow_the_status() {
        let followed = |status, method| {
            let hop = next(&hop(method), status, "/x", &resources()).expect("followed");
            (
                hop.method,
                hop.body.is_some(),
                names(&hop).contains(&"content-type"),
            )
        };
        assert_eq!(followed(301, Method::Post), (Method::Get, false, false));
        assert_eq!(followed(302, Method::Post), (Method::Get, false, false));
        assert_eq!(followed(303, Method::Put), (Method::Get, false, false));
        assert_eq!(followed(303, Method::Head).0, Method::Head);
        assert_eq!(followed(307, Method::Post), (Method::Post, true, true));
        assert_eq!(followed(308, Method::Put), (Method::Put, true, true));
        assert_eq!(followed(302, Method::Put), (Method::Put, true, true));
        assert_eq!(followed(301, Method::Delete), (Method::Delete, false, true));
    }

    #[test]
    fn only_harmless_headers_go_along_to_another_origin() {
        let within = next(&hop(Method::Get), 302, "/x", &resources()).expect("followed");
        assert_eq!(
            names(&within),
            [
                "accept",
                "authorization",
                "cookie",
                "content-type",
                "x-api-key",
                "if-match"
            ]
        );
        let across = next(&hop(Method::Get), 302, "https://sso.example/x", &resources()).expect("followed");
        assert_eq!(names(&across), ["accept"]);
    }
}
