//! A request: as the caller writes it, and checked.

use crate::settings::Resource;
use base64::Engine as _;
use procedo_core::effect::Effect;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;
use ureq::http::header::{self, HeaderName, HeaderValue};
use url::Url;

/// Time for a whole exchange unless the caller says otherwise: long enough for a page that a busy server builds.
const DEFAULT_TIMEOUT: u64 = 30_000;
/// The longest time that a caller may ask for, in milliseconds.
const LONGEST_TIMEOUT: u64 = 600_000;
/// The largest body to accept unless the caller says otherwise.
const DEFAULT_MAX_BYTES: u64 = 1024 * 1024;
/// The largest body that a caller may ask for; a reply goes into the journal.
pub const LARGEST_MAX_BYTES: u64 = 16 * 1024 * 1024;
/// How many redirects are followed unless the caller says otherwise.
const DEFAULT_REDIRECTS: u32 = 5;
/// The most redirects that a caller may ask for.
const MOST_REDIRECTS: u32 = 20;
/// The longest path with query; what servers commonly accept (RFC 9110 §4.1 asks for 8000 octets at least).
const LONGEST_PATH: usize = 8192;
/// The most headers of a request.
const MOST_HEADERS: usize = 64;

/// How to authenticate.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct BasicAuth {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: String,
}

/// A request as the WIT has it.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Request {
    /// The name of the origin in the site.
    pub origin: String,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// User and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<BasicAuth>,
    /// Milliseconds for the whole exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// The largest body to accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// How many redirects to follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirects: Option<u32>,
}

/// A method (RFC 9110 §9, RFC 5789).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Head,
    Options,
    Put,
    Post,
    Patch,
    Delete,
}

impl Method {
    const ALL: [Self; 7] = [
        Self::Get,
        Self::Head,
        Self::Options,
        Self::Put,
        Self::Post,
        Self::Patch,
        Self::Delete,
    ];

    /// The method of a name; names are case-sensitive (RFC 9110 §9.1).
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == text)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// What it alters at most.
    pub fn effect(self) -> Effect {
        match self {
            Self::Get | Self::Head | Self::Options => Effect::Read,
            Self::Put | Self::Post | Self::Patch => Effect::Write,
            Self::Delete => Effect::Destructive,
        }
    }

    /// Whether a request with it carries a body.
    pub fn has_body(self) -> bool {
        matches!(self, Self::Put | Self::Post | Self::Patch)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Headers in their order.
pub type Headers = Vec<(HeaderName, HeaderValue)>;

/// How long an exchange may take and how much it may bring.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time for the whole exchange, redirects included.
    pub timeout: Duration,
    /// The largest body to accept, in bytes.
    pub max_bytes: u64,
    /// How many redirects to follow.
    pub redirects: u32,
}

/// A request that breaks no rule.
#[derive(Clone)]
pub struct Checked {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: Url,
    /// The caller's headers and the authorization.
    pub headers: Headers,
    /// The body.
    pub body: Option<String>,
    /// Its limits.
    pub limits: Limits,
}

impl Checked {
    /// Path and query.
    pub fn target(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// The headers without those that speak of a body or a condition: for a GET that looks at the same target.
    pub fn headers_to_look(&self) -> Headers {
        self.headers
            .iter()
            .filter(|(name, _)| !is_about_content(name))
            .cloned()
            .collect()
    }

    /// The media type that it gives its body.
    pub fn content_type(&self) -> Option<String> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(name, _)| *name == header::CONTENT_TYPE)?;
        value.to_str().ok().map(str::to_owned)
    }

    /// What an approval agrees to: all of the request but credentials, which may be renewed in between.
    pub fn bound_part(&self) -> Value {
        let shown = |(name, value): &(HeaderName, HeaderValue)| {
            let value = if is_credential(name) {
                None
            } else {
                value.to_str().ok()
            };
            serde_json::json!([name.as_str(), value])
        };
        let headers: Vec<Value> = self.headers.iter().map(shown).collect();
        serde_json::json!([self.method.name(), self.url.as_str(), headers, self.body])
    }
}

/// Whether a header is the host's own business: it frames the message or belongs to the connection (RFC 9110 §7.6.1,
/// RFC 9112 §6), or would make a server take the method for another one than was authorised.
pub fn is_reserved(name: &HeaderName) -> bool {
    const OURS: [&str; 15] = [
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
    ];
    OURS.contains(&name.as_str())
}

/// Checks a request.
pub fn check(request: &Request, resource: &Resource) -> Result<Checked> {
    let invalid = |code: &str| Error::new(Kind::Invalid, code).with("origin", &request.origin);
    let method = Method::parse(&request.method)
        .ok_or_else(|| invalid("P0403").with("method", request.method.escape_debug()))?;
    let url = url_of(&request.path, resource)?;
    if request.body.is_some() && !method.has_body() {
        return Err(invalid("P0407").with("method", method));
    }
    let headers = headers_of(request)?;
    let limits = Limits {
        timeout: Duration::from_millis(limit(
            "timeout",
            request.timeout,
            DEFAULT_TIMEOUT,
            1,
            LONGEST_TIMEOUT,
        )?),
        max_bytes: limit(
            "max-bytes",
            request.max_bytes,
            DEFAULT_MAX_BYTES,
            0,
            LARGEST_MAX_BYTES,
        )?,
        // The result is at most `MOST_REDIRECTS`, so it fits.
        redirects: limit(
            "redirects",
            request.redirects.map(u64::from),
            u64::from(DEFAULT_REDIRECTS),
            0,
            u64::from(MOST_REDIRECTS),
        )? as u32,
    };
    Ok(Checked {
        method,
        url,
        headers,
        body: request.body.clone(),
        limits,
    })
}

fn limit(name: &str, value: Option<u64>, default: u64, least: u64, most: u64) -> Result<u64> {
    let value = value.unwrap_or(default);
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(Error::new(Kind::Invalid, "P0406")
        .with("limit", name)
        .with("value", value)
        .with("least", least)
        .with("most", most))
}

fn url_of(path: &str, resource: &Resource) -> Result<Url> {
    let refused = |rule: &str| {
        let shown: String = path.chars().take(200).collect();
        Error::new(Kind::Invalid, "P0404")
            .with("path", shown.escape_debug())
            .with("rule", rule)
    };
    if !path.starts_with('/') {
        return Err(refused("start"));
    }
    if path.len() > LONGEST_PATH {
        return Err(refused("long"));
    }
    if path
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || matches!(c, '#' | '\\'))
    {
        return Err(refused("character"));
    }
    let url = resource.origin.join(path).map_err(|_| refused("character"))?;
    // `Origin::join` cannot leave the origin; this is the place where it would matter if it could.
    if crate::origin::Origin::of(&url) != resource.origin {
        return Err(refused("character"));
    }
    Ok(url)
}

fn headers_of(request: &Request) -> Result<Headers> {
    let refused = |name: &str, rule: &str| {
        Error::new(Kind::Invalid, "P0405")
            .with("header", name.escape_debug())
            .with("rule", rule)
    };
    if request.headers.len() > MOST_HEADERS {
        return Err(refused("", "count"));
    }
    let mut headers = Headers::new();
    for (name, value) in &request.headers {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused(name, "name"))?;
        if is_reserved(&header) {
            return Err(refused(name, "reserved"));
        }
        if header == header::AUTHORIZATION && request.auth.is_some() {
            return Err(refused(name, "auth"));
        }
        if !is_printable(value) {
            return Err(refused(name, "value"));
        }
        let mut value =
            HeaderValue::from_str(value.trim_matches([' ', '\t'])).map_err(|_| refused(name, "value"))?;
        value.set_sensitive(is_credential(&header));
        headers.push((header, value));
    }
    if let Some(auth) = &request.auth {
        // A user's name ends at the first colon (RFC 7617 §2).
        if auth.user.contains(':')
            || [&auth.user, &auth.password]
                .iter()
                .any(|t| t.chars().any(char::is_control))
        {
            return Err(refused("authorization", "user"));
        }
        let pair =
            base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", auth.user, auth.password));
        let mut value =
            HeaderValue::from_str(&format!("Basic {pair}")).map_err(|_| refused("authorization", "value"))?;
        value.set_sensitive(true);
        headers.push((header::AUTHORIZATION, value));
    }
    Ok(headers)
}

/// Whether a text may be a header's value: what all servers read alike (RFC 9110 §5.5).
pub fn is_printable(value: &str) -> bool {
    value.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b))
}

/// Whether a header's value is a credential.
pub fn is_credential(name: &HeaderName) -> bool {
    *name == header::AUTHORIZATION || *name == header::COOKIE
}

/// Whether a header speaks of the body (RFC 9110 §8, §14.4) or makes the request depend on the present state (§13).
pub fn is_about_content(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("content-") || name.starts_with("if-") || name == "range" || name == "digest"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::TrustStore;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn web() -> Resource {
        let settings = BTreeMap::from([("web".to_owned(), json!({"origin": "http://h:81"}))]);
        crate::settings::read(&settings, &TrustStore::empty())
            .expect("valid")
            .remove("web")
            .expect("there")
    }

    fn request(members: serde_json::Value) -> Request {
        let mut request = json!({"origin": "web", "method": "GET", "path": "/", "headers": []});
        for (name, value) in members.as_object().expect("an object") {
            request[name] = value.clone();
        }
        serde_json::from_value(request).expect("the WIT's shape")
    }

    fn refusal(members: serde_json::Value) -> (String, String) {
        let error = check(&request(members.clone()), &web())
            .err()
            .unwrap_or_else(|| panic!("not refused: {members}"));
        assert_eq!(error.kind, Kind::Invalid);
        let rule = ["rule", "limit", "method"]
            .iter()
            .find_map(|arg| error.message.args.get(*arg).cloned());
        (error.code, rule.unwrap_or_default())
    }

    #[test]
    fn methods_have_the_effect_that_the_wit_says() {
        let effect = |name| Method::parse(name).map(Method::effect);
        for name in ["GET", "HEAD", "OPTIONS"] {
            assert_eq!(effect(name), Some(Effect::Read));
        }
        for name in ["PUT", "POST", "PATCH"] {
            assert_eq!(effect(name), Some(Effect::Write));
        }
        assert_eq!(effect("DELETE"), Some(Effect::Destructive));
        for name in ["get", "TRACE", "CONNECT", "PROPFIND", "", "GET "] {
            assert_eq!(effect(name), None);
        }
    }

    #[test]
    fn a_request_that_breaks_a_rule_is_refused() {
        for (members, code, rule) in [
            (json!({"method": "get"}), "P0403", "get"),
            (json!({"method": "GET\r\nX: y"}), "P0403", "GET\\r\\nX: y"),
            (json!({"path": "x"}), "P0404", "start"),
            (json!({"path": ""}), "P0404", "start"),
            (json!({"path": "/a b"}), "P0404", "character"),
            (json!({"path": "/a\r\nHost: x"}), "P0404", "character"),
            (json!({"path": "/a#b"}), "P0404", "character"),
            (json!({"path": "/\\x"}), "P0404", "character"),
            (json!({"path": "/".repeat(9000)}), "P0404", "long"),
            (json!({"body": "x"}), "P0407", "GET"),
            (json!({"method": "DELETE", "body": "x"}), "P0407", "DELETE"),
            (json!({"headers": [["a b", "x"]]}), "P0405", "name"),
            (json!({"headers": [["", "x"]]}), "P0405", "name"),
            (json!({"headers": [["x", "a\r\nb"]]}), "P0405", "value"),
            (json!({"headers": [["x", "é"]]}), "P0405", "value"),
            (json!({"headers": [["Host", "x"]]}), "P0405", "reserved"),
            (json!({"headers": [["Content-Length", "1"]]}), "P0405", "reserved"),
            (
                json!({"headers": [["Transfer-Encoding", "chunked"]]}),
                "P0405",
                "reserved",
            ),
            (
                json!({"headers": [["X-HTTP-Method-Override", "DELETE"]]}),
                "P0405",
                "reserved",
            ),
            (json!({"headers": vec![["x", "y"]; 65]}), "P0405", "count"),
            (
                json!({"headers": [["Authorization", "x"]], "auth": {"user": "a", "password": "b"}}),
                "P0405",
                "auth",
            ),
            (json!({"auth": {"user": "a:b", "password": "c"}}), "P0405", "user"),
            (json!({"timeout": 0}), "P0406", "timeout"),
            (json!({"timeout": 600_001}), "P0406", "timeout"),
            (json!({"max-bytes": 16_777_217}), "P0406", "max-bytes"),
            (json!({"redirects": 21}), "P0406", "redirects"),
        ] {
            assert_eq!(
                refusal(members.clone()),
                (code.to_owned(), rule.to_owned()),
                "{members}"
            );
        }
    }

    #[test]
    fn what_is_absent_has_the_values_of_the_wit() {
        let checked = check(&request(json!({"path": "/ä?q=ñ&r=%41"})), &web()).expect("valid");
        assert_eq!(checked.limits.timeout, Duration::from_secs(30));
        assert_eq!(checked.limits.max_bytes, 1_048_576);
        assert_eq!(checked.limits.redirects, 5);
        assert_eq!(checked.url.as_str(), "http://h:81/%C3%A4?q=%C3%B1&r=%41");
    }

    #[test]
    fn user_and_password_become_a_header_that_is_marked_as_sensitive() {
        let auth = json!({"auth": {"user": "Aladdin", "password": "open sesame"}});
        let checked = check(&request(auth), &web()).expect("valid");
        let (name, value) = &checked.headers[0];
        // The example of RFC 7617 §2.
        assert_eq!(
            (name.as_str(), value.to_str().expect("text")),
            ("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        );
        assert!(value.is_sensitive());
    }
}
