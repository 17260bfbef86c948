//! The web server of the lab: static pages, the extension, a ledger of what was asked for. It listens on loopback only.

use crate::callback::Callback;
use crate::extension::{self, Answer};
use crate::files::{self, ALIAS};
use crate::site::Lab;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::Timestamp;
use procedo_core::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The header that carries the token of whoever stops the server. A page in a browser cannot set it.
pub const TOKEN_HEADER: &str = "x-lab-token";

/// How long open connections may delay the end.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the server knows.
struct Shared {
    /// The web components' folder.
    root: PathBuf,
    port: u16,
    token: String,
    /// How often each method and path was asked for.
    ledger: Mutex<BTreeMap<String, u64>>,
    callbacks: Mutex<Vec<Callback>>,
    stop: Notify,
}

/// A web server that listens and does not serve yet, or serves in a thread of its own.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

impl Server {
    /// Listens on the lab's port, or, if that is taken, on another one, which is written into the site's `procedo.toml`.
    pub fn bind(lab: &mut Lab, port: Option<u16>) -> Result<Self> {
        let wanted = port.unwrap_or(lab.port);
        let failed = |error: std::io::Error| Error::new(Kind::Unavailable, "P0903").with("reason", error);
        let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)) {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            }
            bound => bound,
        }
        .map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        if port != lab.port {
            lab.move_to(port)?;
        }
        let mut random = [0; 16];
        getrandom::fill(&mut random)
            .map_err(|error| Error::new(Kind::Failed, "P0903").with("reason", error))?;
        let token = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let shared = Shared {
            root: lab.dir.join("web"),
            port,
            token,
            ledger: Mutex::default(),
            callbacks: Mutex::default(),
            stop: Notify::new(),
        };
        Ok(Self {
            listener,
            shared: Arc::new(shared),
        })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.shared.port
    }

    /// The address of its first page.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/{ALIAS}/", self.shared.port)
    }

    /// What whoever stops it must show.
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// Serves until it is asked to stop, by its address or by a signal (`SIGTERM`, `SIGINT`).
    pub fn serve(self) -> Result<()> {
        let failed = |error: std::io::Error| Error::new(Kind::Failed, "P0903").with("reason", error);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(failed)?;
        runtime
            .block_on(async {
                self.listener.set_nonblocking(true)?;
                let listener = tokio::net::TcpListener::from_std(self.listener)?;
                let shared = self.shared;
                let (asked, over) = (Arc::clone(&shared), Arc::new(Notify::new()));
                let ending = Arc::clone(&over);
                let mut terminated =
                    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
                let serving = axum::serve(listener, routes(shared)).with_graceful_shutdown(async move {
                    tokio::select! {
                        () = asked.stop.notified() => {}
                        _ = terminated.recv() => {}
                        _ = tokio::signal::ctrl_c() => {}
                    }
                    ending.notify_one();
                });
                tokio::select! {
                    served = serving => served,
                    () = async { over.notified().await; tokio::time::sleep(FAREWELL).await } => Ok(()),
                }
            })
            .map_err(failed)
    }
}

fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/lab/status", get(status))
        .route("/lab/ledger", get(ledger))
        .route("/lab/stop", post(stop))
        .fallback(page)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), count))
        .with_state(shared)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind it is valid after every single change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes what was asked for, as it was written, without the query. Questions about the lab itself do not count.
async fn count(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/lab/") {
        *locked(&shared.ledger)
            .entry(format!("{} {path}", request.method()))
            .or_default() += 1;
    }
    next.run(request).await
}

fn respond(status: StatusCode, content_type: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    // Pages are being changed here; whoever looks again wants to see the change.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn json(value: &serde_json::Value) -> Response {
    respond(StatusCode::OK, "application/json", value.to_string())
}

async fn status(State(shared): State<Arc<Shared>>) -> Response {
    json(&serde_json::json!({"lab": true, "pid": std::process::id(), "port": shared.port}))
}

async fn ledger(State(shared): State<Arc<Shared>>) -> Response {
    json(&serde_json::json!(*locked(&shared.ledger)))
}

async fn stop(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let shown = headers.get(TOKEN_HEADER).map(HeaderValue::as_bytes);
    if shown != Some(shared.token.as_bytes()) {
        return respond(
            StatusCode::FORBIDDEN,
            "text/plain",
            "the token is missing or wrong\n",
        );
    }
    shared.stop.notify_one();
    respond(StatusCode::OK, "text/plain", "stopping\n")
}

async fn page(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, body: Bytes) -> Response {
    if uri.path() == format!("/{ALIAS}") {
        return redirect(StatusCode::MOVED_PERMANENTLY, &format!("/{ALIAS}/"));
    }
    let Some(path) = files::below_root(uri.path()) else {
        return missing(uri.path());
    };
    if path == extension::NAME {
        return extended(&shared, &method, &uri, &body);
    }
    if method != Method::GET && method != Method::HEAD {
        let mut response = respond(
            StatusCode::METHOD_NOT_ALLOWED,
            "text/plain",
            "only GET and HEAD\n",
        );
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match files::find(&shared.root, &path) {
        Some(found) => respond(StatusCode::OK, &found.content_type, found.bytes),
        None => missing(uri.path()),
    }
}

fn missing(path: &str) -> Response {
    let body = format!(
        "<html><head><title>404</title></head><body><h1>404</h1><p>{}</p></body></html>\n",
        escape(path)
    );
    respond(StatusCode::NOT_FOUND, "text/html; charset=utf-8", body)
}

fn redirect(status: StatusCode, to: &str) -> Response {
    let mut response = respond(status, "text/plain", "");
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

fn extended(shared: &Shared, method: &Method, uri: &Uri, body: &[u8]) -> Response {
    let fields = match *method {
        Method::GET | Method::HEAD => uri.query().unwrap_or_default().as_bytes(),
        Method::POST => body,
        _ => {
            return respond(
                StatusCode::METHOD_NOT_ALLOWED,
                "text/plain",
                "only GET, HEAD and POST\n",
            );
        }
    };
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(fields).into_owned().collect();
    match extension::answer(
        &shared.root,
        &fields,
        &mut locked(&shared.callbacks),
        Timestamp::now(),
    ) {
        Answer::Page(page) => {
            // Below the alias or the root, wherever the extension was asked.
            let base = uri.path().strip_suffix(extension::NAME).unwrap_or("/");
            let page: Vec<String> = page.split('/').map(encode).collect();
            redirect(StatusCode::FOUND, &format!("{base}{}", page.join("/")))
        }
        Answer::Error(code) => {
            let status = if code == 1006 {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::BAD_REQUEST
            };
            let body = format!(
                "<html><head><title>Error {code}</title></head><body><h1>Error {code}</h1><p>{}</p></body></html>\n",
                extension::meaning(code)
            );
            respond(status, "text/html; charset=utf-8", body)
        }
    }
}

fn encode(part: &str) -> String {
    percent_encoding::utf8_percent_encode(part, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        // Left as they are, so that the address stays readable.
        .replace("%2E", ".")
        .replace("%2D", "-")
        .replace("%5F", "_")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
