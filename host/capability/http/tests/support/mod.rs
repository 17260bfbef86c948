//! Servers on loopback that answer with bytes as given, keep a ledger of what they got, and end with the test.

#![allow(dead_code, reason = "each test file uses its own part")]

use procedo_core::capability::{Blobs, Capability, Context, Handler, Overlay, Stop};
use procedo_core::change::{Assumed, BlobId, Change, Planned};
use procedo_core::message::Message;
use procedo_core::run::RunId;
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind, Result};
use procedo_http::{Http, Names, TrustStore};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A request as a server got it.
#[derive(Clone, Debug, Default)]
pub struct Got {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// Either end of a connection: plain or TLS.
pub trait Connection: Read + Write {}
impl<T: Read + Write> Connection for T {}

type Answering = dyn Fn(&Got, &mut dyn Connection) -> std::io::Result<()> + Send + Sync;

/// A server that handles one connection at a time.
pub struct Server {
    pub address: SocketAddr,
    ledger: Arc<Mutex<Vec<Got>>>,
    connections: Arc<Mutex<usize>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers each request with what a function writes; then the connection is closed.
    pub fn start(
        answer: impl Fn(&Got, &mut dyn Connection) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::start_on("127.0.0.1:0", None, answer)
    }

    /// The same with TLS.
    pub fn start_tls(
        tls: Arc<rustls::ServerConfig>,
        answer: impl Fn(&Got, &mut dyn Connection) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::start_on("127.0.0.1:0", Some(tls), answer)
    }

    /// Answers each request with the same bytes.
    pub fn saying(bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref().to_vec();
        Self::start(move |_, out| out.write_all(&bytes))
    }

    pub fn start_on(
        address: &str,
        tls: Option<Arc<rustls::ServerConfig>>,
        answer: impl Fn(&Got, &mut dyn Connection) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let ledger: Arc<Mutex<Vec<Got>>> = Arc::default();
        let connections: Arc<Mutex<usize>> = Arc::default();
        let ended = Arc::new(AtomicBool::new(false));
        let (their_ledger, their_connections, their_end) =
            (Arc::clone(&ledger), Arc::clone(&connections), Arc::clone(&ended));
        let answer: Box<Answering> = Box::new(answer);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if their_end.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                *their_connections.lock().expect("not poisoned") += 1;
                // A client that goes away in the middle is part of many tests.
                let _ = match &tls {
                    None => serve(stream, &their_ledger, &*answer),
                    Some(config) => rustls::ServerConnection::new(Arc::clone(config))
                        .map_err(std::io::Error::other)
                        .and_then(|tls| {
                            serve(rustls::StreamOwned::new(tls, stream), &their_ledger, &*answer)
                        }),
                };
            }
        });
        Self {
            address,
            ledger,
            connections,
            ended,
            thread: Some(thread),
        }
    }

    /// What it got, in order.
    pub fn ledger(&self) -> Vec<Got> {
        self.ledger.lock().expect("not poisoned").clone()
    }

    /// Method and path of what it got, in order.
    pub fn lines(&self) -> Vec<String> {
        self.ledger()
            .iter()
            .map(|got| format!("{} {}", got.method, got.path))
            .collect()
    }

    /// How many connections were made to it.
    pub fn connections(&self) -> usize {
        *self.connections.lock().expect("not poisoned")
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes it from waiting for a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: impl Connection, ledger: &Mutex<Vec<Got>>, answer: &Answering) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(());
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut got = Got {
        method: words.next().unwrap_or_default(),
        path: words.next().unwrap_or_default(),
        ..Got::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        got.headers
            .insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = got
        .header("content-length")
        .and_then(|l| l.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    got.body = String::from_utf8(body).expect("tests send text");
    ledger.lock().expect("not poisoned").push(got.clone());
    answer(&got, reader.get_mut())?;
    reader.get_mut().flush()
}

/// A whole response.
pub fn response(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// Pages by path, shared with the server that has them.
pub type Pages = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A server with pages that can be put, got and deleted.
pub fn pages() -> (Server, Pages) {
    let pages = Pages::default();
    let served = Arc::clone(&pages);
    let server = Server::start(move |got, out| {
        let mut pages = served.lock().expect("not poisoned");
        let bytes = match got.method.as_str() {
            "PUT" => match pages.insert(got.path.clone(), got.body.clone().into_bytes()) {
                None => response(201, &[], "created"),
                Some(_) => response(204, &[], ""),
            },
            "DELETE" => match pages.remove(&got.path) {
                Some(_) => response(204, &[], ""),
                None => response(404, &[], "nothing there"),
            },
            "GET" => match pages.get(&got.path) {
                Some(bytes) => response(200, &[("Content-Type", "text/plain")], bytes),
                None => response(404, &[], "nothing there"),
            },
            _ => response(200, &[], "posted"),
        };
        out.write_all(&bytes)
    });
    (server, pages)
}

/// Blobs in memory.
#[derive(Default)]
pub struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl Blobs for Memory {
    fn put(&self, bytes: &[u8]) -> Result<BlobId> {
        let id = Digest::of(bytes).to_string();
        self.0
            .lock()
            .expect("not poisoned")
            .insert(id.clone(), bytes.to_vec());
        Ok(BlobId(id))
    }

    fn get(&self, id: &BlobId) -> Result<Vec<u8>> {
        let found = self.0.lock().expect("not poisoned").get(&id.0).cloned();
        found.ok_or_else(|| Error::new(Kind::NotFound, "P0204").with("blob", id))
    }
}

/// Names that stand for what the test says.
pub struct Table(pub BTreeMap<&'static str, Vec<IpAddr>>, pub Mutex<Vec<String>>);

impl Table {
    pub fn of(names: &[(&'static str, &str)]) -> Arc<Self> {
        let address = |text: &str| text.split(' ').map(|a| a.parse().expect("an address")).collect();
        Arc::new(Self(
            names
                .iter()
                .map(|(name, addresses)| (*name, address(addresses)))
                .collect(),
            Mutex::default(),
        ))
    }
}

impl Names for Table {
    fn look_up(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        self.1.lock().expect("not poisoned").push(name.to_owned());
        self.0
            .get(name)
            .cloned()
            .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::NotFound, "no such name"))
    }
}

/// The capability with what a gate would give it.
pub struct Gate {
    handler: Box<dyn Handler>,
    pub blobs: Memory,
    pub stop: Arc<Stop>,
    run: RunId,
    pub overlay: Overlay,
}

impl Gate {
    pub fn with(http: Http) -> Self {
        let bound = http
            .operations()
            .into_iter()
            .find(|bound| bound.function == "send")
            .expect("http.send");
        Self {
            handler: bound.handler,
            blobs: Memory::default(),
            stop: Arc::default(),
            run: RunId::parse("20261122-103455-k3f9").expect("valid"),
            overlay: Overlay::default(),
        }
    }

    pub fn open(resources: Value) -> Self {
        Self::with(
            Http::open(
                &serde_json::from_value(resources).expect("a map"),
                TrustStore::empty(),
            )
            .expect("valid"),
        )
    }

    /// A site with one origin, `web`.
    pub fn to(server: &Server) -> Self {
        Self::open(json!({"web": {"origin": server.origin()}}))
    }

    fn in_context<T>(&mut self, call: u64, act: impl FnOnce(&dyn Handler, &mut Context<'_>) -> T) -> T {
        let mut context = Context {
            run: &self.run,
            call,
            overlay: &mut self.overlay,
            blobs: &self.blobs,
            stop: &self.stop,
            notes: &[],
            ask: &|key, _| panic!("nobody is there to answer {key}"),
            note: &mut |_| Ok(()),
            progress: &|_, _, _: &Message| {},
        };
        act(&*self.handler, &mut context)
    }

    /// Plans with the overlay as it is.
    pub fn plan(&mut self, args: &Value) -> Result<Planned<Value>> {
        self.in_context(1, |handler, context| handler.plan(context, args))
    }

    /// What a live run does: plan with nothing in the overlay, then perform if something changes.
    pub fn live(&mut self, args: &Value) -> Result<(Value, Option<Change>)> {
        self.overlay = Overlay::default();
        let planned = self.plan(args)?;
        self.overlay = Overlay::default();
        match (planned.change, planned.reply) {
            (Some(change), _) => Ok((self.perform(args, &change)?, Some(change))),
            (None, Assumed::Real(reply)) => Ok((reply, None)),
            (None, other) => panic!("a live run needs a real reply: {other:?}"),
        }
    }

    pub fn perform(&mut self, args: &Value, change: &Change) -> Result<Value> {
        self.in_context(1, |handler, context| handler.perform(context, args, change))
    }

    pub fn probe(&mut self, args: &Value, change: &Change) -> Result<procedo_core::change::Probe<Value>> {
        self.overlay = Overlay::default();
        self.in_context(1, |handler, context| handler.probe(context, args, change))
    }

    pub fn undo(
        &mut self,
        args: &Value,
        change: &Change,
        reply: &Value,
    ) -> Result<procedo_core::change::Undo> {
        self.in_context(1, |handler, context| handler.undo(context, args, change, reply))
    }

    /// The reply to a GET.
    pub fn get(&mut self, path: &str) -> Result<Value> {
        self.live(&get(path)).map(|(reply, _)| reply)
    }
}

/// The arguments of a call with a method and a path, and further members of the request.
pub fn send(method: &str, path: &str, members: Value) -> Value {
    let mut request = json!({"origin": "web", "method": method, "path": path, "headers": []});
    for (name, value) in members.as_object().expect("an object") {
        request[name] = value.clone();
    }
    json!({"request": request})
}

pub fn get(path: &str) -> Value {
    send("GET", path, json!({}))
}

/// The code of an error, and its most telling argument.
pub fn told<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let detail = ["rule", "reason", "aftermath"]
                .iter()
                .filter_map(|arg| error.message.args.get(*arg));
            let kind = error.kind.name();
            std::iter::once(&error.code)
                .chain(detail)
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
                + " "
                + kind
        }
    }
}
