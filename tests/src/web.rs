//! Web: the lab's ledger, and a web server of the test's own that writes down what it is asked.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A page as a browser gets it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The status, after redirects.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// Gets a page, following redirects; every status is an answer.
#[track_caller]
pub fn get(url: &str) -> Page {
    let config = ureq::Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .build();
    let mut answer = ureq::Agent::new_with_config(config)
        .get(url)
        .call()
        .unwrap_or_else(|error| panic!("{url}: {error}"));
    let content_type = answer.headers().get("content-type");
    Page {
        status: answer.status().as_u16(),
        content_type: content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        bytes: answer.body_mut().read_to_vec().unwrap(),
    }
}

/// How often the lab of a site was asked for what, by method and path.
pub fn ledger(origin: &str) -> BTreeMap<String, u64> {
    let page = get(&format!("{origin}/lab/ledger"));
    let value: Value = serde_json::from_slice(&page.bytes).unwrap();
    let counts = value.as_object().unwrap().iter();
    counts
        .map(|(what, count)| (what.clone(), count.as_u64().unwrap()))
        .collect()
}

/// What a web server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The body.
    pub body: String,
}

/// What it answers: the status, headers, and the body.
pub struct Answer(pub u16, pub Vec<(String, String)>, pub String);

impl Answer {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self(
            200,
            vec![("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())],
            text.to_owned(),
        )
    }

    /// Nothing is there.
    pub fn missing() -> Self {
        Self(404, Vec::new(), String::new())
    }

    /// It is elsewhere.
    pub fn redirect(to: &str) -> Self {
        Self(302, vec![("location".to_owned(), to.to_owned())], String::new())
    }
}

/// A web server on loopback that writes down what it is asked. It ends with the test's process.
pub struct Web {
    /// Its origin.
    pub origin: String,
    files: Arc<Mutex<BTreeMap<String, String>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Web {
    /// Starts it.
    pub fn serving(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (ledger, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (ledger, answer) = (Arc::clone(&ledger), Arc::clone(&answer));
                std::thread::spawn(move || {
                    // A client that went away needs no answer.
                    let _ = exchange(stream, &ledger, &*answer);
                });
            }
        });
        Self {
            origin,
            files: Arc::default(),
            asked,
        }
    }

    /// A server with files: GET reads, PUT writes, DELETE removes, POST adds a line to what is there.
    pub fn with_files() -> Self {
        let files: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
        let served = Arc::clone(&files);
        let web = Self::serving(move |asked| {
            let mut files = served.lock().unwrap();
            match asked.method.as_str() {
                "GET" | "HEAD" => files
                    .get(&asked.path)
                    .map_or_else(Answer::missing, |text| Answer::text(text)),
                "PUT" => {
                    files.insert(asked.path.clone(), asked.body.clone());
                    Answer(204, Vec::new(), String::new())
                }
                "POST" => {
                    files
                        .entry(asked.path.clone())
                        .or_default()
                        .push_str(&format!("{}\n", asked.body));
                    Answer(201, Vec::new(), String::new())
                }
                "DELETE" => {
                    files.remove(&asked.path);
                    Answer(204, Vec::new(), String::new())
                }
                _ => Answer(405, Vec::new(), String::new()),
            }
        });
        Self { files, ..web }
    }

    /// Puts a file there, without a request.
    pub fn put(&self, path: &str, text: &str) {
        self.files
            .lock()
            .unwrap()
            .insert(path.to_owned(), text.to_owned());
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn exchange(
    stream: TcpStream,
    ledger: &Mutex<Vec<Asked>>,
    answer: &dyn Fn(&Asked) -> Answer,
) -> std::io::Result<()> {
    let mut from = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    from.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Ok(());
    };
    let mut length = 0;
    loop {
        let mut header = String::new();
        from.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    let asked = Asked {
        method,
        path,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    ledger.lock().unwrap().push(asked.clone());
    let Answer(status, headers, body) = answer(&asked);
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = if status == 204 {
        String::new()
    } else {
        format!("content-length: {}\r\n", body.len())
    };
    let sent = if asked.method == "HEAD" { "" } else { body.as_str() };
    let mut to = stream;
    write!(
        to,
        "HTTP/1.1 {status} -\r\n{headers}{length}connection: close\r\n\r\n{sent}"
    )?;
    to.flush()
}
