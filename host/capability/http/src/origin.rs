//! An origin: scheme, host and port (RFC 6454 §4).

use std::fmt;
use url::{Host, Url};

/// Where requests go: `https://contact.example:8443`. Two origins are equal if scheme, host and port are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    root: Url,
}

/// Which rule a text breaks that should be an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginError {
    /// It is no URL at all.
    Url,
    /// Its scheme is neither `http` nor `https`.
    Scheme,
    /// It has more than scheme, host and port.
    More,
}

impl Origin {
    /// Reads `http://host`, `https://host:port`; a `/` at the end is allowed, since people write it.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        // The URL standard drops tabs and line ends and trims blanks; an origin with any of them is a mistake.
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(OriginError::Url);
        }
        let url = Url::parse(text).map_err(|_| OriginError::Url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OriginError::Scheme);
        }
        // Compared as written too: `http:host` and `http://host\x` are put right by the URL standard.
        let after_scheme = text
            .get(url.scheme().len()..)
            .and_then(|t| t.strip_prefix("://"))
            .ok_or(OriginError::Url)?;
        let authority = after_scheme.strip_suffix('/').unwrap_or(after_scheme);
        if authority.contains(['/', '\\', '?', '#', '@']) {
            return Err(OriginError::More);
        }
        Ok(Self::of(&url))
    }

    /// The origin of an `http` or `https` URL.
    pub fn of(url: &Url) -> Self {
        let mut root = url.clone();
        root.set_path("/");
        root.set_query(None);
        root.set_fragment(None);
        // These fail only for URLs that cannot have a user, which have no host either.
        let _ = root.set_username("");
        let _ = root.set_password(None);
        Self { root }
    }

    /// The host, if it is an address or a name; always there for `http` and `https`.
    pub fn host(&self) -> Option<Host<&str>> {
        self.root.host()
    }

    /// Whether TLS protects it.
    pub fn is_secure(&self) -> bool {
        self.root.scheme() == "https"
    }

    /// The URL of a path with query, which starts with `/`.
    pub fn join(&self, path: &str) -> Result<Url, url::ParseError> {
        // Put together as text: `Url::join` would take a path that starts with `//` for another host.
        let base = self.root.as_str().strip_suffix('/').unwrap_or(self.root.as_str());
        Url::parse(&format!("{base}{path}"))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root.origin().ascii_serialization())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (text, shown) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://Contact.Example/", "https://contact.example"),
            ("https://contact.example:443", "https://contact.example"),
            ("http://[::1]:81", "http://[::1]:81"),
            ("http://bücher.example", "http://xn--bcher-kva.example"),
        ] {
            assert_eq!(Origin::parse(text).expect(text).to_string(), shown);
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for (text, error) in [
            ("contact.example", OriginError::Url),
            ("http:host", OriginError::Url),
            ("http://", OriginError::Url),
            ("http://host:99999", OriginError::Url),
            (" http://host", OriginError::Url),
            ("http://ho\tst", OriginError::Url),
            ("ftp://host", OriginError::Scheme),
            ("file:///etc/passwd", OriginError::Scheme),
            ("http://host/path", OriginError::More),
            ("http://host//", OriginError::More),
            ("http://host\\path", OriginError::More),
            ("http://user@host", OriginError::More),
            ("http://user:pw@host", OriginError::More),
            ("http://@host", OriginError::More),
            ("http://host?x", OriginError::More),
            ("http://host/?", OriginError::More),
            ("http://host#x", OriginError::More),
        ] {
            assert_eq!(Origin::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn no_path_leads_to_another_host() {
        let origin = Origin::parse("http://host:81").expect("valid");
        for path in [
            "/",
            "/x",
            "//evil.example/x",
            "/\\evil.example",
            "/@evil.example",
            "/../..//x",
            "/a b",
            "/?q=http://x",
        ] {
            let url = origin.join(path).expect(path);
            assert_eq!(Origin::of(&url), origin, "{path} became {url}");
        }
    }
}
