//! The lab as a whole: made, started, looked at, asked for pages, stopped.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_core::Kind;
use procedo_core::message::{Language, Texts};
use procedo_lab::{Lab, Started, Status, down, serve_forever, status, up};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_lab-serve");

fn create(dir: &Path) -> procedo_core::Result<Lab> {
    Lab::create(dir, Path::new(PROGRAM), &["program"]).map(|(lab, _)| lab)
}

/// A lab's folder; whatever serves it is stopped when the test ends, however it ends.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path()).unwrap();
        Self(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn lab(&self) -> Lab {
        Lab::open(self.path()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let stopped = down(self.path());
        assert!(std::thread::panicking() || stopped.is_ok(), "{stopped:?}");
    }
}

/// A lab that serves.
struct Running {
    dir: Folder,
    url: String,
}

impl Running {
    fn start() -> Self {
        let dir = Folder::new();
        let url = started(dir.path()).state.url;
        Self { dir, url }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn get(&self, path: &str) -> Page {
        page(agent().get(self.at(path)).call().unwrap())
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        page(
            agent()
                .post(self.at(path))
                .send_form(form.iter().copied())
                .unwrap(),
        )
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url.trim_end_matches("/HPPC/"))
    }
}

fn started(dir: &Path) -> Started {
    up(dir, Path::new(PROGRAM), &[dir]).unwrap()
}

#[derive(Debug)]
struct Page {
    status: u16,
    headers: BTreeMap<String, String>,
    bytes: Vec<u8>,
}

impl Page {
    fn content_type(&self) -> &str {
        self.headers.get("content-type").map_or("", String::as_str)
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .build();
    ureq::Agent::new_with_config(config)
}

fn page(mut answer: ureq::http::Response<ureq::Body>) -> Page {
    let header = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    Page {
        status: answer.status().as_u16(),
        headers: answer.headers().iter().map(header).collect(),
        bytes: answer.body_mut().read_to_vec().unwrap(),
    }
}

#[test]
fn the_folder_is_a_site_that_grants_what_its_procedures_need() {
    let dir = tempfile::tempdir().unwrap();
    let lab = create(&dir.path().join("new/site")).unwrap();
    let text = std::fs::read_to_string(lab.dir.join("procedo.toml")).unwrap();
    let site = procedo_core::site::Site::parse(&text).unwrap();
    assert_eq!(site.resource["http"]["web"]["origin"], lab.origin());
    for path in [
        "web/html/english/CaptureWCData.htm",
        "web/VXML/Initialize.vxml",
        "translations/español.po",
    ] {
        assert!(lab.dir.join(path).is_file(), "{path}");
    }
    let again = create(&lab.dir).unwrap_err();
    assert_eq!((again.kind, again.code.as_str()), (Kind::Conflict, "P0901"));
}

#[test]
fn it_is_started_once_and_stopped_once() {
    let dir = Folder::new();
    let mut lab = dir.lab();
    // A port that the labs of other tests do not take while this one is stopped.
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    lab.move_to((8600..8700).find(free).unwrap()).unwrap();
    assert_eq!(status(dir.path()).unwrap(), Status::Down);
    assert!(!down(dir.path()).unwrap(), "nothing to stop");

    let first = started(dir.path());
    assert!(!first.already);
    assert_eq!(first.state.port, lab.port);
    assert_eq!(status(dir.path()).unwrap(), Status::Up(first.state.clone()));
    assert_eq!(
        started(dir.path()),
        Started {
            state: first.state.clone(),
            already: true
        }
    );
    let error = serve_forever(dir.path(), None).unwrap_err();
    assert_eq!(error.code, "P0905", "a second server is refused");

    assert!(down(dir.path()).unwrap());
    assert_eq!(status(dir.path()).unwrap(), Status::Down);
    assert!(!down(dir.path()).unwrap());
    assert!(
        agent().get(&first.state.url).call().is_err(),
        "nobody listens any more"
    );

    let second = started(dir.path());
    assert_eq!(
        second.state.port, first.state.port,
        "the address of the site stays valid"
    );
    assert!(down(dir.path()).unwrap());
}

#[test]
fn a_port_that_is_taken_is_replaced_in_the_site() {
    let dir = Folder::new();
    let mut lab = dir.lab();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    lab.move_to(taken.local_addr().unwrap().port()).unwrap();
    let before = std::fs::read_to_string(dir.path().join("procedo.toml")).unwrap();
    let state = started(dir.path()).state;
    assert_ne!(state.port, lab.port);
    let after = std::fs::read_to_string(dir.path().join("procedo.toml")).unwrap();
    let moved = before.replace(&lab.origin(), &format!("http://127.0.0.1:{}", state.port));
    assert_eq!(after, moved, "nothing else in the file changes");
    assert!(down(dir.path()).unwrap());
}

#[test]
fn two_who_start_it_at_once_start_one() {
    let dir = Folder::new();
    let path = dir.path();
    let all: Vec<Started> = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..4).map(|_| scope.spawn(move || started(path))).collect();
        starters
            .into_iter()
            .map(|starter| starter.join().unwrap())
            .collect()
    });
    assert_eq!(all.iter().filter(|started| !started.already).count(), 1);
    assert!(all.iter().all(|started| started.state == all[0].state));
    assert!(down(path).unwrap());
}

#[test]
fn a_server_that_was_killed_leaves_nothing_in_the_way() {
    let dir = Folder::new();
    let state = started(dir.path()).state;
    let pid = rustix::process::Pid::from_raw(state.pid).unwrap();
    let process = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).unwrap();
    rustix::process::pidfd_send_signal(&process, rustix::process::Signal::KILL).unwrap();
    let mut watched = [rustix::event::PollFd::new(&process, rustix::event::PollFlags::IN)];
    rustix::event::poll(&mut watched, None).unwrap();
    assert_eq!(status(dir.path()).unwrap(), Status::Down);
    assert!(!started(dir.path()).already);
    assert!(down(dir.path()).unwrap());
}

#[test]
fn a_stranger_who_got_the_number_is_never_stopped() {
    let dir = Folder::new();
    let real = started(dir.path()).state;
    let mut stranger = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut state = real.clone();
    state.pid = i32::try_from(stranger.id()).unwrap();
    let file = dir.path().join(".procedo-lab/state.json");
    std::fs::write(&file, serde_json::to_string(&state).unwrap()).unwrap();

    let error = down(dir.path()).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (Kind::Conflict, "P0906"));
    assert_eq!(stranger.try_wait().unwrap(), None, "it lives");

    std::fs::write(&file, serde_json::to_string(&real).unwrap()).unwrap();
    assert!(down(dir.path()).unwrap());
    drop(stranger.stdin.take());
    stranger.wait().unwrap();
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let dir = Folder::new();
    let nothing: [&str; 0] = [];
    let error = up(dir.path(), Path::new(PROGRAM), &nothing).unwrap_err();
    assert_eq!(error.code, "P0903");
    assert_eq!(error.message.args["reason"], "usage: lab-serve DIR [PORT]");
    assert_eq!(
        up(dir.path(), Path::new("/does/not/exist"), &nothing)
            .unwrap_err()
            .code,
        "P0907"
    );
    let elsewhere = tempfile::tempdir().unwrap();
    assert_eq!(status(elsewhere.path()).unwrap_err().code, "P0902");
    assert_eq!(down(elsewhere.path()).unwrap_err().code, "P0902");
}

#[test]
fn nobody_stops_it_without_the_token() {
    let lab = Running::start();
    let url = lab.at("/lab/stop");
    assert_eq!(agent().post(&url).send_empty().unwrap().status(), 403);
    assert_eq!(
        agent()
            .post(&url)
            .header("x-lab-token", "guessed")
            .send_empty()
            .unwrap()
            .status(),
        403
    );
    assert_eq!(lab.get("/lab/status").status, 200);
}

#[test]
fn pages_come_as_they_are_with_their_type() {
    let lab = Running::start();
    for (path, content_type) in [
        ("html/WCMain.htm", "text/html"),
        ("html/english/CaptureWCData.htm", "text/html"),
        ("html/english/Privacy.htm", "text/html; charset=utf-8"),
        ("html/english/check.js", "text/javascript"),
        ("html/english/styles.css", "text/css"),
        ("html/english/images/help.gif", "image/gif"),
        ("images/english/banner.png", "image/png"),
        ("VXML/Initialize.vxml", "application/voicexml+xml"),
    ] {
        let page = lab.get(&format!("/HPPC/{path}"));
        assert_eq!((page.status, page.content_type()), (200, content_type), "{path}");
        assert_eq!(
            page.bytes,
            std::fs::read(lab.path().join("web").join(path)).unwrap(),
            "{path}"
        );
        assert_eq!(
            lab.get(&format!("/{path}")).bytes,
            page.bytes,
            "the folder is the root too"
        );
    }
    assert!(lab.get("/HPPC/").text().contains("html/WCMain.htm"));
    assert_eq!(lab.get("/HPPC").headers["location"], "/HPPC/");
}

#[test]
fn nothing_outside_the_folder_can_be_reached() {
    let lab = Running::start();
    std::fs::write(lab.path().join("secret.txt"), "secret").unwrap();
    std::os::unix::fs::symlink("../secret.txt", lab.path().join("web/link.txt")).unwrap();
    for path in [
        "/HPPC/link.txt",
        "/HPPC/..%2fsecret.txt",
        "/HPPC/%2e%2e/secret.txt",
        "/HPPC/html/%2e%2e/%2e%2e/secret.txt",
        "/HPPC/html/..%5c..%5csecret.txt",
        "/HPPC/%2fetc%2fpasswd",
        "/HPPC/HPWC.ini",
        "/HPPC/html/wcmain.htm",
        "/HPPC/html",
        "/HPPC/html/",
        "/HPPC/nothing.htm",
        "/HPPC/%ff.htm",
    ] {
        let page = lab.get(path);
        assert_eq!(page.status, 404, "{path}");
        assert!(!page.text().contains("secret\n"), "{path}");
    }
    // As a client sends it that does not tidy up the path.
    use std::io::{Read, Write};
    let mut stream =
        std::net::TcpStream::connect(lab.url.trim_start_matches("http://").trim_end_matches("/HPPC/"))
            .unwrap();
    stream
        .write_all(b"GET /HPPC/../secret.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert_eq!(
        agent()
            .put(lab.at("/HPPC/html/x.htm"))
            .send("x")
            .unwrap()
            .status(),
        405
    );
}

#[test]
fn the_checks_of_the_guide_can_be_made() {
    let lab = Running::start();
    let main = lab.get("/HPPC/html/WCMain.htm").text();
    assert!(main.contains("?varUserRequest=REQ_WEBCHAT_MAIN&varUserLanguage=english"));
    assert!(main.contains("Request Web Session") && main.contains("Need Live Help?"));
    let asked = |language| {
        lab.get(&format!(
            "/HPPC/hppcwis.dll?varUserRequest=REQ_WEBCHAT_MAIN&varUserLanguage={language}"
        ))
    };

    let english = asked("english");
    assert_eq!(
        (english.status, &*english.headers["location"]),
        (302, "/HPPC/html/english/CaptureWCData.htm")
    );
    let capture = String::from_utf8_lossy(&lab.get(&english.headers["location"]).bytes).into_owned();
    assert!(capture.contains("You have requested a live Web Collaboration session"));

    let german = asked("deutsch");
    assert_eq!(german.status, 404);
    assert!(german.text().contains("Error 1006"));
    std::fs::create_dir(lab.path().join("web/html/español")).unwrap();
    let page = lab.path().join("web/html/english/CaptureWCData.htm");
    std::fs::copy(page, lab.path().join("web/html/español/CaptureWCData.htm")).unwrap();
    assert_eq!(
        asked("espa%C3%B1ol").headers["location"],
        "/HPPC/html/espa%C3%B1ol/CaptureWCData.htm"
    );
    assert!(asked("../english").text().contains("Error 1011"));
    assert!(lab.get("/HPPC/hppcwis.dll").text().contains("Error 1010"));
    assert_eq!(
        lab.get("/hppcwis.dll?varUserRequest=REQ_CALLBACK_MAIN&varUserLanguage=english")
            .headers["location"],
        "/html/english/WebCallback.htm"
    );
}

#[test]
fn a_callback_is_registered_or_refused_with_its_code() {
    let lab = Running::start();
    let request = |name: &str, phone: &str| {
        let form = [
            ("varUserRequest", "REQ_CALLBACK_CREATE"),
            ("varUserLanguage", "english"),
            ("varCustomerName", name),
            ("varPhone", phone),
            ("varPriority", "50"),
        ];
        lab.post("/HPPC/hppcwis.dll", &form)
    };
    assert_eq!(
        request("José Müller", "+49 30 1234").headers["location"],
        "/HPPC/html/english/WebCallbackDone.htm"
    );
    let duplicate = request("José Müller", "+49 30 1234");
    assert_eq!(duplicate.status, 400);
    assert!(duplicate.text().contains("Error 17006"));
    assert!(request(&"x".repeat(76), "1234").text().contains("Error 17030"));
}

#[test]
fn the_ledger_counts_what_was_asked_for() {
    let lab = Running::start();
    lab.get("/HPPC/html/WCMain.htm");
    lab.get("/HPPC/html/WCMain.htm?x=1");
    lab.get("/HPPC/nothing.htm");
    lab.post("/HPPC/hppcwis.dll", &[("a", "b")]);
    let ledger: serde_json::Value = serde_json::from_slice(&lab.get("/lab/ledger").bytes).unwrap();
    assert_eq!(
        ledger,
        serde_json::json!({"GET /HPPC/html/WCMain.htm": 2, "GET /HPPC/nothing.htm": 1, "POST /HPPC/hppcwis.dll": 1})
    );
}

#[test]
fn every_error_is_there_in_every_language_and_has_its_page() {
    let mut texts = Texts::new();
    texts.add_all(procedo_lab::MESSAGES).unwrap();
    let sources = [
        include_str!("../src/lib.rs"),
        include_str!("../src/process.rs"),
        include_str!("../src/server.rs"),
        include_str!("../src/servers.rs"),
        include_str!("../src/site.rs"),
        include_str!("../src/state.rs"),
    ]
    .concat();
    let codes: std::collections::BTreeSet<&str> = sources
        .split('"')
        .filter(|text| text.len() == 5 && text.starts_with("P09"))
        .collect();
    assert_eq!(codes.len(), 10);
    for code in codes {
        assert!(
            Language::ALL
                .into_iter()
                .all(|language| texts.has(language, code)),
            "{code}"
        );
        let page = format!("{}/../../docs/errors/{code}.md", env!("CARGO_MANIFEST_DIR"));
        assert!(
            std::fs::read_to_string(&page)
                .unwrap()
                .starts_with(&format!("# {code}: ")),
            "{page}"
        );
    }
}
