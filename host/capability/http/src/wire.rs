//! One request and its response over the wire, by `ureq` and `rustls`.
//!
//! The exchange runs on a thread of its own, so that a run that is cancelled does not wait for a slow server, and a lookup
//! that hangs in the operating system cannot hold it either. Connections are not kept: a kept one may be found closed only
//! when a request has been written to it, and then nobody knows whether the server acted on it.

use crate::names::{self, Names};
use crate::redirect::Hop;
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use rustls::CertificateError;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use ureq::http;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, NextTimeout, RustlsConnector, TcpConnector, Transport,
};
use ureq::{Agent, Timeout};

/// The largest head of a response, in bytes; servers themselves accept 8 to 64 KiB.
const LARGEST_HEAD: usize = 64 * 1024;

/// How soon a request to stop is noticed.
const STOP_CHECK: Duration = Duration::from_millis(50);

/// How much longer than the time limit the thread is waited for; the limit itself is kept inside it.
const GRACE: Duration = Duration::from_millis(500);

/// A response as received.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What is needed to send: the resolver and the cryptography.
#[derive(Clone)]
pub struct Wire {
    names: Arc<dyn Names>,
    provider: Arc<CryptoProvider>,
    /// The operating system's authorities, read when they are first needed.
    system: Arc<OnceLock<Vec<CertificateDer<'static>>>>,
}

impl Wire {
    /// A wire that resolves names so; cryptography by `ring`.
    pub fn new(names: Arc<dyn Names>) -> Self {
        Self {
            names,
            provider: Arc::new(rustls::crypto::ring::default_provider()),
            system: Arc::default(),
        }
    }

    /// Sends a request and receives the response whole, or fails. Never sends it twice.
    pub fn exchange(&self, hop: &Hop, deadline: Instant, max_bytes: u64, stop: &Stop) -> Result<Answer> {
        stop.check()?;
        let connected = Arc::new(AtomicBool::new(false));
        let agent = self.agent(hop, deadline, &connected);
        let (sender, receiver) = mpsc::channel();
        let (in_thread, their_hop, their_connected) = (agent.clone(), hop.clone(), Arc::clone(&connected));
        std::thread::Builder::new()
            .name("http".to_owned())
            .spawn(move || {
                let answer = send(&in_thread, &their_hop, deadline, max_bytes, &their_connected);
                // Nobody listens any more if the run was stopped; then the answer is of no use.
                let _ = sender.send(answer);
            })
            .map_err(|error| failure(hop, &connected, ureq::Error::Io(error)))?;
        loop {
            let over = Instant::now() > deadline + GRACE;
            match receiver.recv_timeout(STOP_CHECK) {
                Ok(answer) => return answer,
                // The thread panicked: a fault in a library that met unexpected bytes. It must not take the run with it.
                Err(RecvTimeoutError::Disconnected) => {
                    let failed = error(hop, Kind::Failed, "P0416").with("reason", "fault");
                    return Err(failed.with("aftermath", aftermath(hop)));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if over || stop.is_set() {
                // Closes the connection, or keeps it from being made.
                agent.shutdown();
                stop.check()?;
                return Err(timed_out(hop, connected.load(Ordering::SeqCst)));
            }
        }
    }

    fn agent(&self, hop: &Hop, deadline: Instant, connected: &Arc<AtomicBool>) -> Agent {
        let mut roots: Vec<&CertificateDer<'static>> = hop.resource.roots.iter().collect();
        if hop.resource.system_trust {
            // What cannot be read there is left out, as every client of the operating system does.
            roots.extend(
                self.system
                    .get_or_init(|| rustls_native_certs::load_native_certs().certs),
            );
        }
        let roots = roots
            .into_iter()
            .map(|certificate| Certificate::from_der(certificate.as_ref()).to_owned());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
            .unversioned_rustls_crypto_provider(Arc::clone(&self.provider))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            // The environment must not send a granted request by way of somebody else.
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .max_response_header_size(LARGEST_HEAD)
            .timeout_global(Some(deadline.saturating_duration_since(Instant::now())))
            .user_agent(concat!("procedo/", env!("CARGO_PKG_VERSION")))
            .build();
        let connector =
            ().chain(TcpConnector::default())
                .chain(RustlsConnector::default())
                .chain(Connected(Arc::clone(connected)));
        let resolver = CheckedNames {
            names: Arc::clone(&self.names),
            hop: hop.clone(),
            deadline,
        };
        Agent::with_parts(config, connector, resolver)
    }
}

/// Notes that a connection stands, TLS included: from then on the request may have reached the server.
#[derive(Debug)]
struct Connected(Arc<AtomicBool>);

impl<In: Transport> Connector<In> for Connected {
    type Out = In;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<In>, ureq::Error> {
        self.0.store(true, Ordering::SeqCst);
        Ok(chained)
    }
}

/// Gives `ureq` the addresses that were checked, so that nothing is looked up a second time.
struct CheckedNames {
    names: Arc<dyn Names>,
    hop: Hop,
    deadline: Instant,
}

impl std::fmt::Debug for CheckedNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckedNames").finish_non_exhaustive()
    }
}

/// An error of ours on its way through `ureq`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Ours(Error);

impl Resolver for CheckedNames {
    fn resolve(
        &self,
        _: &http::Uri,
        _: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let port = self.hop.url.port_or_known_default().unwrap_or_default();
        let resource = &self.hop.resource;
        let found = names::addresses(&*self.names, &resource.origin, &resource.addresses, port)
            .map_err(|error| ureq::Error::Other(Box::new(Ours(error))))?;
        if Instant::now() >= self.deadline {
            return Err(ureq::Error::Timeout(timeout.reason));
        }
        let mut addresses = self.empty();
        // As many as fit; a host has no use for more than 16.
        found
            .into_iter()
            .take(16)
            .for_each(|address| addresses.push(address));
        Ok(addresses)
    }
}

fn send(
    agent: &Agent,
    hop: &Hop,
    deadline: Instant,
    max_bytes: u64,
    connected: &AtomicBool,
) -> Result<Answer> {
    let failed = |error: ureq::Error| failure(hop, connected, error);
    let mut request = http::Request::builder()
        .method(hop.method.name())
        .uri(hop.url.as_str());
    for (name, value) in &hop.headers {
        request = request.header(name, value);
    }
    let response = if hop.method.has_body() {
        let request = request
            .body(hop.body.clone().unwrap_or_default())
            .map_err(|e| failed(ureq::Error::Http(e)))?;
        agent.run(request)
    } else {
        let request = request.body(()).map_err(|e| failed(ureq::Error::Http(e)))?;
        agent.run(request)
    };
    let (head, mut body) = response.map_err(failed)?.into_parts();
    let headers: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), header_text(value)))
        .collect();
    if let Some((_, coding)) = headers
        .iter()
        .find(|(name, value)| name == "content-encoding" && !value.eq_ignore_ascii_case("identity"))
    {
        return Err(error(hop, Kind::NotSupported, "P0425").with("coding", coding));
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells that there is more, without reading it.
    body.as_reader()
        .take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| failed(ureq::Error::from(error)))?;
    if bytes.len() as u64 > max_bytes {
        return Err(error(hop, Kind::TooLarge, "P0418").with("limit", max_bytes));
    }
    if Instant::now() > deadline {
        return Err(timed_out(hop, true));
    }
    Ok(Answer {
        status: head.status.as_u16(),
        headers,
        body: bytes,
    })
}

/// A header's value as text: UTF-8, or else ISO-8859-1, as older servers send it (RFC 9110 §5.5).
fn header_text(value: &http::HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    }
}

fn error(hop: &Hop, kind: Kind, code: &str) -> Error {
    Error::new(kind, code)
        .with("url", &hop.url)
        .with("method", hop.method)
        .with("origin", &hop.resource.name)
}

/// Whether a write may have been carried out, as a word for the message.
fn aftermath(hop: &Hop) -> &'static str {
    if hop.method.effect() == procedo_core::effect::Effect::Read {
        "read"
    } else {
        "perhaps-done"
    }
}

fn timed_out(hop: &Hop, connected: bool) -> Error {
    let code = if connected { "P0415" } else { "P0414" };
    error(hop, Kind::TimedOut, code).with("aftermath", aftermath(hop))
}

/// Tells what went wrong, and whether the request may have reached the server.
fn failure(hop: &Hop, connected: &AtomicBool, failed: ureq::Error) -> Error {
    let connected = connected.load(Ordering::SeqCst);
    let broken = |reason: &str| {
        error(hop, Kind::Failed, "P0416")
            .with("reason", reason)
            .with("aftermath", aftermath(hop))
    };
    match failed {
        ureq::Error::Other(other) => match other.downcast::<Ours>() {
            Ok(ours) => ours.0,
            Err(other) => broken(&other.to_string()),
        },
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => timed_out(hop, false),
        ureq::Error::Timeout(_) => timed_out(hop, connected),
        ureq::Error::LargeResponseHeader(_, limit) => {
            error(hop, Kind::TooLarge, "P0417").with("limit", limit)
        }
        ureq::Error::Rustls(tls) => distrust(hop, &tls),
        ureq::Error::Tls(reason) => error(hop, Kind::Failed, "P0413")
            .with("reason", "other")
            .with("detail", reason),
        ureq::Error::Io(io) => {
            if let Some(tls) = io
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            {
                return distrust(hop, tls);
            }
            if connected {
                return broken("cut");
            }
            let reason = match io.kind() {
                std::io::ErrorKind::ConnectionRefused => "refused",
                std::io::ErrorKind::HostUnreachable | std::io::ErrorKind::NetworkUnreachable => "unreachable",
                std::io::ErrorKind::UnexpectedEof
                | std::io::ErrorKind::ConnectionReset
                | std::io::ErrorKind::ConnectionAborted => "closed",
                _ => "other",
            };
            error(hop, Kind::Unavailable, "P0412")
                .with("reason", reason)
                .with("detail", io)
        }
        ureq::Error::Protocol(protocol) if protocol.to_string().contains("too many headers") => {
            error(hop, Kind::TooLarge, "P0417").with("limit", LARGEST_HEAD)
        }
        _ => broken("malformed"),
    }
}

/// Why a server's certificate is not accepted.
fn distrust(hop: &Hop, tls: &rustls::Error) -> Error {
    let reason = match tls {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            // The second: an authority of that name is trusted, but with another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => "issuer",
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "early",
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "name",
            _ => "other",
        },
        _ => "other",
    };
    error(hop, Kind::Failed, "P0413")
        .with("reason", reason)
        .with("detail", tls)
}
