//! Requests and responses over real sockets: what is sent, what comes back, and what servers may do wrong.

mod support;

use procedo_core::Kind;
use serde_json::json;
use std::time::{Duration, Instant};
use support::{Gate, Server, Table, get, response, send, told};

#[test]
fn a_request_arrives_as_written_and_its_response_comes_back() {
    let server = Server::saying(response(
        200,
        &[("X-Seen", "Yes"), ("x-seen", "Again")],
        "grüß dich",
    ));
    let mut gate = Gate::to(&server);
    let args = send(
        "GET",
        "/html/WCMain.htm?a=b",
        json!({"headers": [["Accept", "text/html"], ["X-One", "1"]], "auth": {"user": "u", "password": "p"}}),
    );
    let (reply, change) = gate.live(&args).unwrap();
    assert_eq!(change, None, "a GET alters nothing");
    assert_eq!(reply["status"], 200);
    assert_eq!(reply["body"], "grüß dich");
    assert_eq!(reply["url"], format!("{}/html/WCMain.htm?a=b", server.origin()));
    assert_eq!(
        reply["headers"],
        json!([["content-length", "11"], ["x-seen", "Yes"], ["x-seen", "Again"]])
    );
    let ledger = server.ledger();
    assert_eq!(server.lines(), ["GET /html/WCMain.htm?a=b"]);
    assert_eq!(ledger[0].header("x-one"), Some("1"));
    assert_eq!(ledger[0].header("accept"), Some("text/html"));
    assert_eq!(ledger[0].header("authorization"), Some("Basic dTpw"));
    assert_eq!(
        ledger[0].header("host"),
        Some(server.address.to_string().as_str())
    );
    assert_eq!(
        ledger[0].header("accept-encoding"),
        None,
        "no compressed body is asked for"
    );
}

#[test]
fn every_status_is_a_response() {
    for status in [204, 304, 400, 404, 418, 500, 503, 999] {
        let server = Server::saying(response(status, &[], ""));
        assert_eq!(Gate::to(&server).get("/").unwrap()["status"], status);
    }
}

#[test]
fn a_post_carries_its_body_as_utf_8() {
    let server = Server::saying(response(200, &[], "ok"));
    let args = send(
        "POST",
        "/form",
        json!({"body": "name=Müller", "headers": [["Content-Type", "text/plain"]]}),
    );
    Gate::to(&server).live(&args).unwrap();
    assert_eq!(server.ledger()[0].body, "name=Müller");
    assert_eq!(server.ledger()[0].header("content-type"), Some("text/plain"));
}

#[test]
fn a_body_is_decoded_by_its_declared_charset() {
    let latin = b"<html><head><meta charset=iso-8859-1></head>Stra\xdfe";
    for (content_type, body) in [
        ("text/html; charset=iso-8859-1", latin as &[u8]),
        ("text/html", latin),
    ] {
        let server = Server::saying(response(200, &[("Content-Type", content_type)], body));
        assert!(
            Gate::to(&server).get("/").unwrap()["body"]
                .as_str()
                .unwrap()
                .ends_with("Straße")
        );
    }
}

#[test]
fn a_binary_body_is_not_supported() {
    let server = Server::saying(response(
        200,
        &[("Content-Type", "image/png")],
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    ));
    assert_eq!(told(Gate::to(&server).get("/a.png")), "P0419 not-supported");
    let server = Server::saying(response(
        200,
        &[("Content-Encoding", "gzip")],
        b"\x1f\x8b\x08\0\0",
    ));
    assert_eq!(told(Gate::to(&server).get("/a.gz")), "P0425 not-supported");
}

#[test]
fn responses_that_are_broken_are_errors_and_are_asked_for_once() {
    let head = "HTTP/1.1 200 OK\r\n";
    for (said, told_as) in [
        ("", "P0416 cut read failed".to_owned()),
        ("HTTP/1.1 200", "P0416 cut read failed".to_owned()),
        ("GARBAGE\r\n\r\n", "P0416 malformed read failed".to_owned()),
        (
            "HTTP/1.1 abc OK\r\n\r\n",
            "P0416 malformed read failed".to_owned(),
        ),
        (
            &format!("{head}Content-Length: 100\r\n\r\nshort"),
            "P0416 cut read failed".to_owned(),
        ),
        (
            &format!("{head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
            "P0416 malformed read failed".to_owned(),
        ),
        (
            &format!("{head}Content-Length: -5\r\n\r\nhello"),
            "P0416 malformed read failed".to_owned(),
        ),
        (
            &format!("{head}Content-Length: 99999999999999999999\r\n\r\nhello"),
            "P0416 malformed read failed".to_owned(),
        ),
        (
            &format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhel"),
            "P0416 cut read failed".to_owned(),
        ),
        (
            &format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"),
            "P0416 malformed read failed".to_owned(),
        ),
        (
            &format!("{head}{}\r\n", "X-Y: z\r\n".repeat(1000)),
            "P0417 too-large".to_owned(),
        ),
        (
            &format!("{head}X: {}\r\n\r\n", "y".repeat(100_000)),
            "P0417 too-large".to_owned(),
        ),
        (&"y".repeat(200_000), "P0416 malformed read failed".to_owned()),
    ] {
        let server = Server::saying(said);
        let short: String = said.chars().take(80).collect();
        assert_eq!(told(Gate::to(&server).get("/")), told_as, "{short:?}");
        assert_eq!(server.connections(), 1, "{short:?}");
    }
}

#[test]
fn a_head_request_has_no_body_and_a_chunked_one_is_put_together() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 4711\r\n\r\n");
    let (reply, _) = Gate::to(&server).live(&send("HEAD", "/", json!({}))).unwrap();
    assert_eq!(reply["body"], "");
    let server = Server::saying(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
    );
    assert_eq!(Gate::to(&server).get("/").unwrap()["body"], "hello!");
}

#[test]
fn no_bytes_from_a_server_make_the_host_stumble() {
    use proptest::prelude::*;
    let pieces = prop::sample::select(vec![
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.0 301 \r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 204\r\n",
        "HTTP/9.9 1\r\n",
        "Content-Length: 3\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Location: http://[::\r\n",
        "Location: \r\n",
        "Content-Type: text/html;charset=\r\n",
        ": \r\n",
        "X\0: y\r\n",
        "X: \u{fffd}\r\n",
        " folded\r\n",
        "\r\n",
        "\n",
        "\r",
        "3\r\nabc\r\n",
        "0\r\n\r\n",
        "ffffffffffffffff\r\n",
        "-1\r\n",
        "abc",
        "<meta charset=utf-16>",
    ]);
    let said = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let to_say = std::sync::Arc::clone(&said);
    let server = Server::start(move |_, out| out.write_all(to_say.lock().unwrap().as_bytes()));
    let resources = json!({"web": {"origin": server.origin()}});
    proptest!(ProptestConfig::with_cases(300), |(answer in prop::collection::vec(pieces, 0..9))| {
        *said.lock().unwrap() = answer.concat();
        let told = told(Gate::open(resources.clone()).live(&send("GET", "/", json!({"timeout": 2000}))));
        prop_assert!(!told.contains("fault") && !told.contains("P0415"), "{told}");
    });
}

#[test]
fn more_than_the_declared_length_is_not_read() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more");
    assert_eq!(Gate::to(&server).get("/").unwrap()["body"], "hello");
}

#[test]
fn a_body_above_the_limit_is_given_up_at_the_limit() {
    // Endless: the client alone ends it.
    let server = Server::start(|_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            out.write_all(&[b'x'; 8192])?;
        }
    });
    let error = Gate::to(&server)
        .live(&send("GET", "/", json!({"max-bytes": 100_000})))
        .unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (Kind::TooLarge, "P0418"));
    let whole = Server::saying(response(200, &[], "x".repeat(1000)));
    assert_eq!(
        told(Gate::to(&whole).live(&send("GET", "/", json!({"max-bytes": 999})))),
        "P0418 too-large"
    );
    assert_eq!(
        told(Gate::to(&whole).live(&send("GET", "/", json!({"max-bytes": 1000})))),
        "ok"
    );
}

#[test]
fn heads_without_an_end_are_given_up() {
    let server = Server::start(|_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\n")?;
        loop {
            out.write_all(b"X-More: and more\r\n")?;
        }
    });
    assert_eq!(told(Gate::to(&server).get("/")), "P0417 too-large");
}

#[test]
fn a_server_that_drips_does_not_outlast_the_time_limit() {
    for head_too in [true, false] {
        let server = Server::start(move |_, out| {
            if !head_too {
                out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")?;
            }
            loop {
                out.write_all(if head_too { b"H" } else { b"x" })?;
                out.flush()?;
                std::thread::park_timeout(Duration::from_millis(20));
            }
        });
        let began = Instant::now();
        let result = Gate::to(&server).live(&send("GET", "/", json!({"timeout": 300})));
        // A head that begins with “HHH” is found malformed at once.
        let told = told(result);
        if head_too {
            assert!(told.starts_with("P0415") || told.starts_with("P0416"), "{told}");
        } else {
            assert_eq!(told, "P0415 read timed-out");
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}

#[test]
fn a_write_without_an_answer_says_that_it_may_have_been_carried_out() {
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let server = Server::start(move |_, _| {
        // Silent until the test ends.
        let _ = held.lock().unwrap().recv();
        Ok(())
    });
    let args = send("POST", "/", json!({"body": "x", "timeout": 200}));
    assert_eq!(
        told(Gate::to(&server).live(&args)),
        "P0415 perhaps-done timed-out"
    );
    drop(hold);
    assert_eq!(server.lines(), ["POST /"]);
    let cut = Server::saying("");
    assert_eq!(
        told(Gate::to(&cut).live(&send("POST", "/", json!({"body": "x"})))),
        "P0416 cut perhaps-done failed"
    );
    assert_eq!(cut.lines(), ["POST /"], "a write is never repeated");
}

#[test]
fn a_run_that_is_stopped_does_not_wait_for_a_server() {
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let (reached, arrived) = std::sync::mpsc::channel();
    let server = Server::start(move |_, _| {
        let _ = reached.send(());
        let _ = held.lock().unwrap().recv();
        Ok(())
    });
    let mut gate = Gate::to(&server);
    let stop = std::sync::Arc::clone(&gate.stop);
    let stopper = std::thread::spawn(move || {
        arrived.recv().unwrap();
        stop.set();
    });
    let began = Instant::now();
    assert_eq!(
        told(gate.live(&send("GET", "/", json!({"timeout": 60_000})))),
        "P0113 cancelled"
    );
    assert!(began.elapsed() < Duration::from_secs(10));
    stopper.join().unwrap();
    drop(hold);
}

#[test]
fn nothing_listening_is_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut gate = Gate::open(json!({"web": {"origin": format!("http://{free}")}}));
    assert_eq!(told(gate.get("/")), "P0412 refused unavailable");
}

#[test]
fn ipv6_loopback_is_reached_by_its_literal() {
    let server = Server::start_on("[::1]:0", None, |_, out| {
        out.write_all(&response(200, &[], "six"))
    });
    assert_eq!(Gate::to(&server).get("/").unwrap()["body"], "six");
    assert_eq!(
        server.ledger()[0].header("host"),
        Some(server.address.to_string().as_str())
    );
}

#[test]
fn a_name_is_resolved_once_and_only_allowed_addresses_are_connected_to() {
    let server = Server::saying(response(200, &[], "here"));
    let port = server.address.port();
    let open = |settings: serde_json::Value, table: &std::sync::Arc<Table>| {
        let resources = serde_json::from_value(json!({"web": settings})).unwrap();
        Gate::with(
            procedo_http::Http::open_with_names(&resources, procedo_http::TrustStore::empty(), table.clone())
                .unwrap(),
        )
    };
    let table = Table::of(&[
        ("contact.example", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("cloud.example", "169.254.169.254"),
    ]);

    let error = open(
        json!({"origin": format!("http://contact.example:{port}")}),
        &table,
    )
    .get("/")
    .unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (Kind::Denied, "P0411"));
    assert_eq!(error.message.args["address"], "127.0.0.1");
    assert_eq!(
        told(open(json!({"origin": "http://cloud.example"}), &table).get("/")),
        "P0411 denied"
    );
    assert!(told(open(json!({"origin": "http://nowhere.example"}), &table).get("/")).starts_with("P0410"));
    assert_eq!(
        server.connections(),
        0,
        "a refused address is not even connected to"
    );

    table.1.lock().unwrap().clear();
    let listed = json!({"origin": format!("http://contact.example:{port}"), "addresses": ["127.0.0.0/8"]});
    assert_eq!(open(listed, &table).get("/").unwrap()["body"], "here");
    assert_eq!(
        *table.1.lock().unwrap(),
        ["contact.example"],
        "what was checked is what is connected to"
    );
    let local = json!({"origin": format!("http://localhost:{port}")});
    assert_eq!(open(local, &table).get("/").unwrap()["body"], "here");
    assert_eq!(
        server.ledger()[0].header("host"),
        Some(format!("contact.example:{port}").as_str())
    );
}

#[test]
fn an_origin_that_the_site_does_not_have_is_named() {
    let server = Server::saying(response(200, &[], ""));
    let mut args = get("/");
    args["request"]["origin"] = json!("elsewhere");
    let error = Gate::to(&server).live(&args).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (Kind::NotFound, "P0408"));
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_password_is_in_no_error() {
    let server = Server::saying("");
    let args = send(
        "POST",
        "/",
        json!({"auth": {"user": "u", "password": "open sesame"}, "body": "x"}),
    );
    let error = Gate::to(&server).live(&args).unwrap_err();
    assert!(!format!("{error:?}").contains("sesame"), "{error:?}");
}
