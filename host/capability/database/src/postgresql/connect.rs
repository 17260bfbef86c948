//! Connections to a PostgreSQL server: opened for one purpose, interruptible, with errors that people understand.

use postgres::error::{DbError, SqlState};
use postgres::{CancelToken, Client, Config, NoTls};
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use procedo_machine::Secrets;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::error::Error as _;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(10);
/// After how long a peer that does not answer counts as gone.
const SILENCE: Duration = Duration::from_secs(30);
/// How long one statement of a procedure may take.
pub(crate) const STATEMENT_TIME: Duration = Duration::from_secs(600);
/// How long reading a whole database may take: no limit but the person who stops the run.
pub(crate) const ANY_TIME: Duration = Duration::from_secs(u32::MAX as u64);
/// What makes the texts of values the same whatever server, role and database are set to.
const FORMS: &str = "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC'; \
                     SET extra_float_digits = 1; SET bytea_output = 'hex'; SET standard_conforming_strings = on";

/// An account of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: String,
    /// The name of the secret that is its password.
    pub(crate) password: Option<String>,
}

/// Whether connections are encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// They are not.
    Off,
    /// They are, and the server's certificate is checked against these authorities, or those of the system.
    Verify { ca_file: Option<PathBuf> },
}

/// How to reach a database on its server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) dbname: String,
    pub(crate) login: Login,
    /// The account for queries, if it is another.
    pub(crate) query: Option<Login>,
    pub(crate) tls: Tls,
    pub(crate) secrets: Arc<dyn Secrets>,
}

/// An open connection.
pub(crate) struct Session {
    pub(crate) client: Client,
    tls: Option<MakeRustlsConnect>,
}

/// Why there is no connection.
pub(crate) enum NoSession {
    /// Nobody listens there.
    Nobody(String),
    /// The server is there and takes no connections now.
    NotNow(String),
    /// Another reason.
    Failed(Error),
}

impl Server {
    /// An error about this database.
    pub(crate) fn error(&self, kind: Kind, code: &str) -> Error {
        Error::new(kind, code).with("database", &self.name)
    }

    /// Where it is, for people.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}/{}", self.host, self.port, self.dbname)
    }

    /// The file of authorities that an encrypted connection trusts, if it names one; none without encryption.
    pub(crate) fn ca_file(&self) -> Option<Option<&PathBuf>> {
        match &self.tls {
            Tls::Off => None,
            Tls::Verify { ca_file } => Some(ca_file.as_ref()),
        }
    }

    fn unreachable(&self, reason: impl std::fmt::Display) -> Error {
        self.error(Kind::Unavailable, "P1260")
            .with("place", self.place())
            .with("reason", reason)
    }

    fn tls(&self) -> Result<Option<MakeRustlsConnect>> {
        let Tls::Verify { ca_file } = &self.tls else {
            return Ok(None);
        };
        let refuse = |reason: String| {
            self.error(Kind::Invalid, "P1275")
                .with("place", self.place())
                .with("reason", reason)
        };
        let mut roots = RootCertStore::empty();
        if let Some(file) = ca_file {
            let at = |reason: &dyn std::fmt::Display| refuse(format!("{}: {reason}", file.display()));
            let pem = std::fs::read(file).map_err(|error| at(&error))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| at(&error))?;
                roots.add(certificate).map_err(|error| at(&error))?;
            }
            if roots.is_empty() {
                return Err(at(&"no CERTIFICATE"));
            }
        } else {
            let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if added == 0 {
                return Err(refuse("ca-file = –".to_owned()));
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| refuse(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Some(MakeRustlsConnect::new(config)))
    }

    /// Connects.
    pub(crate) fn open(&self) -> Result<Session> {
        self.try_open(&self.login).map_err(|why| self.told(why))
    }

    /// Connects with the account for queries.
    pub(crate) fn open_to_read(&self) -> Result<Session> {
        self.try_open(self.query.as_ref().unwrap_or(&self.login))
            .map_err(|why| self.told(why))
    }

    fn told(&self, why: NoSession) -> Error {
        match why {
            NoSession::Nobody(reason) | NoSession::NotNow(reason) => self.unreachable(reason),
            NoSession::Failed(error) => error,
        }
    }

    /// Connects, or says why it cannot.
    pub(crate) fn try_open(&self, login: &Login) -> Result<Session, NoSession> {
        let tls = self.tls().map_err(NoSession::Failed)?;
        let mut config = Config::new();
        config
            .user(&login.user)
            .dbname(&self.dbname)
            .port(self.port)
            .application_name("procedo")
            .connect_timeout(CONNECTING)
            .tcp_user_timeout(SILENCE)
            .keepalives_idle(SILENCE);
        match self.host.starts_with('/') {
            true => config.host_path(&self.host),
            false => config.host(&self.host),
        };
        if let Some(name) = &login.password {
            config.password(self.secrets.value(name).map_err(NoSession::Failed)?);
        }
        let connected = match &tls {
            Some(tls) => config
                .ssl_mode(postgres::config::SslMode::Require)
                .connect(tls.clone()),
            None => config.ssl_mode(postgres::config::SslMode::Disable).connect(NoTls),
        };
        let mut client = connected.map_err(|error| self.no_session(&error))?;
        client
            .batch_execute(FORMS)
            .map_err(|error| self.no_session(&error))?;
        Ok(Session { client, tls })
    }

    fn no_session(&self, error: &postgres::Error) -> NoSession {
        let io = error
            .source()
            .and_then(|source| source.downcast_ref::<io::Error>());
        if let Some(io) = io {
            let certificate = io
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>());
            if let Some(certificate) = certificate {
                return NoSession::Failed(self.untrusted(certificate));
            }
            // No socket of that name is the same as nobody who listens at a port.
            if matches!(
                io.kind(),
                io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound
            ) {
                return NoSession::Nobody(io.to_string());
            }
            return NoSession::Failed(self.unreachable(io));
        }
        match error.as_db_error() {
            Some(said) if *said.code() == SqlState::CANNOT_CONNECT_NOW => {
                NoSession::NotNow(sentence_of(said))
            }
            // Classes of SQLSTATE: 28 is the login, 3D the database's name (PostgreSQL, appendix A).
            Some(said) if said.code().code().starts_with("28") || said.code().code().starts_with("3D") => {
                NoSession::Failed(
                    self.error(Kind::Failed, "P1261")
                        .with("place", self.place())
                        .with("reason", sentence_of(said)),
                )
            }
            Some(said) => NoSession::Failed(self.unreachable(sentence_of(said))),
            // Nothing else is asked of a server before it has answered whether it can encrypt.
            None if self.tls != Tls::Off => NoSession::Failed(self.untrusted(reason_of(error))),
            None => NoSession::Failed(self.unreachable(reason_of(error))),
        }
    }

    fn untrusted(&self, reason: impl std::fmt::Display) -> Error {
        self.error(Kind::Failed, "P1275")
            .with("place", self.place())
            .with("reason", reason)
    }

    /// The error for a statement that may not be made in this way.
    pub(crate) fn refused(&self, rule: &str) -> Error {
        self.error(Kind::Invalid, "P1206").with("rule", rule)
    }

    /// What an error of a statement means for the caller.
    pub(crate) fn of_postgres(&self, error: &postgres::Error) -> Error {
        let reason = reason_of(error);
        let Some(code) = error.code() else {
            return match error.is_closed() || error.source().is_some_and(|source| source.is::<io::Error>()) {
                true => self.error(Kind::Unavailable, "P1262").with("reason", reason),
                false => self.error(Kind::Invalid, "P1205").with("reason", reason),
            };
        };
        match code.code() {
            "25006" => self.refused("not-here"),
            "55P03" => self.error(Kind::Unavailable, "P1209"),
            "53100" => Error::new(Kind::Unavailable, "P1218").with("path", reason),
            "57P01" | "57P02" | "57P03" | "57P05" => {
                self.error(Kind::Unavailable, "P1262").with("reason", reason)
            }
            other if other.starts_with("08") => self.error(Kind::Unavailable, "P1262").with("reason", reason),
            other if other.starts_with("XX") || other.starts_with("58") => self
                .error(Kind::Failed, "P1210")
                .with("file", self.place())
                .with("reason", reason),
            _ => self.error(Kind::Invalid, "P1205").with("reason", reason),
        }
    }

    /// Lets the server work, and cancels that when the run shall end or the time is up.
    pub(crate) fn interruptible<T>(
        &self,
        session: &mut Session,
        stop: &Stop,
        at_most: Duration,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T> {
        let (token, tls) = (session.client.cancel_token(), session.tls.clone());
        let until = Instant::now() + at_most;
        let result = std::thread::scope(|scope| {
            let (done, waiting) = channel::<()>();
            scope.spawn(move || {
                while waiting.recv_timeout(Duration::from_millis(50)) == Err(RecvTimeoutError::Timeout) {
                    if stop.is_set() || Instant::now() > until {
                        cancel(&token, tls.as_ref());
                    }
                }
            });
            let result = work(&mut session.client);
            drop(done);
            result
        });
        result.map_err(|error| match error.code() {
            Some(code) if *code == SqlState::QUERY_CANCELED => match stop.check() {
                Err(stopped) => stopped,
                Ok(()) => self
                    .error(Kind::TimedOut, "P1224")
                    .with("seconds", at_most.as_secs()),
            },
            _ => self.of_postgres(&error),
        })
    }
}

/// Asks the server to cancel what a connection does. If that cannot be asked, it is asked again soon.
fn cancel(token: &CancelToken, tls: Option<&MakeRustlsConnect>) {
    let _ = match tls {
        Some(tls) => token.cancel_query(tls.clone()),
        None => token.cancel_query(NoTls),
    };
}

/// What the server says, with its detail.
fn sentence_of(said: &DbError) -> String {
    match said.detail() {
        Some(detail) => format!("{} ({detail})", said.message()),
        None => said.message().to_owned(),
    }
}

/// What the server or the connection says.
pub(crate) fn reason_of(error: &postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(said), _) => sentence_of(said),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}
