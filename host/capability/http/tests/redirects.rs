//! Redirects over real sockets: followed where the site allows, refused elsewhere, and never endless.

mod support;

use serde_json::json;
use support::{Gate, Server, get, response, send, told};

fn to(location: &str) -> Vec<u8> {
    response(302, &[("Location", location)], "")
}

#[test]
fn a_redirect_within_the_origin_is_followed() {
    let server = Server::start(|got, out| {
        out.write_all(&match got.path.as_str() {
            "/old" => to("/new?x=1"),
            _ => response(200, &[], "new page"),
        })
    });
    let reply = Gate::to(&server).get("/old").unwrap();
    assert_eq!(reply["body"], "new page");
    assert_eq!(reply["url"], format!("{}/new?x=1", server.origin()));
    assert_eq!(server.lines(), ["GET /old", "GET /new?x=1"]);
}

#[test]
fn another_origin_is_reached_only_if_the_site_lists_it() {
    let other = Server::saying(response(200, &[], "other"));
    let location = format!("{}/landing", other.origin());
    let server = Server::start(move |_, out| out.write_all(&to(&location)));
    let args = send(
        "GET",
        "/",
        json!({"headers": [["X-Api-Key", "k"], ["Accept", "text/html"]], "auth": {"user": "u", "password": "p"}}),
    );

    let unlisted = json!({"web": {"origin": server.origin()}, "other": {"origin": other.origin()}});
    let error = Gate::open(unlisted).live(&args).unwrap_err();
    assert_eq!(told::<()>(Err(error.clone())), "P0420 origin denied");
    assert_eq!(
        error.message.args["to"],
        format!("{}/landing", other.origin()),
        "both are named"
    );
    assert_eq!(error.message.args["from"], format!("{}/", server.origin()));
    assert_eq!(other.connections(), 0);

    let listed = json!({"web": {"origin": server.origin(), "redirects": ["other"]}, "other": {"origin": other.origin()}});
    assert_eq!(Gate::open(listed.clone()).live(&args).unwrap().0["body"], "other");
    let got = &other.ledger()[0];
    assert_eq!(
        got.header("authorization"),
        None,
        "credentials stay with their origin"
    );
    assert_eq!(got.header("x-api-key"), None);
    assert_eq!(got.header("accept"), Some("text/html"));
}

#[test]
fn a_write_is_not_handed_on_to_another_origin() {
    let other = Server::saying(response(200, &[], "other"));
    let location = other.origin();
    let server = Server::start(move |_, out| out.write_all(&response(307, &[("Location", &location)], "")));
    let listed = json!({"web": {"origin": server.origin(), "redirects": ["other"]}, "other": {"origin": other.origin()}});
    let told = told(Gate::open(listed).live(&send("POST", "/", json!({"body": "x"}))));
    assert_eq!(told, "P0420 write denied");
    assert_eq!(other.connections(), 0);
}

#[test]
fn other_schemes_are_not_followed() {
    for (location, rule) in [
        ("file:///etc/passwd", "scheme"),
        ("ftp://h/x", "scheme"),
        ("http://u:p@h/", "user"),
    ] {
        let server = Server::saying(to(location));
        assert_eq!(
            told(Gate::to(&server).get("/")),
            format!("P0420 {rule} denied"),
            "{location}"
        );
    }
}

#[test]
fn a_loop_ends_at_the_limit() {
    let server = Server::saying(to("/again"));
    assert_eq!(told(Gate::to(&server).get("/again")), "P0421 failed");
    assert_eq!(server.lines().len(), 6, "the request and five redirects");
    let server = Server::saying(to("/again"));
    assert_eq!(
        told(Gate::to(&server).live(&send("GET", "/again", json!({"redirects": 1})))),
        "P0421 failed"
    );
    assert_eq!(server.lines().len(), 2);
}

#[test]
fn with_no_redirect_allowed_the_redirect_itself_is_the_response() {
    let server = Server::saying(to("file:///etc/passwd"));
    let (reply, _) = Gate::to(&server)
        .live(&send("GET", "/", json!({"redirects": 0})))
        .unwrap();
    assert_eq!(reply["status"], 302);
    assert_eq!(server.lines(), ["GET /"]);
}

#[test]
fn a_redirect_without_location_is_a_response() {
    let server = Server::saying(response(302, &[], "nowhere"));
    assert_eq!(Gate::to(&server).live(&get("/")).unwrap().0["status"], 302);
}

#[test]
fn a_name_that_a_redirect_leads_to_is_checked_after_resolution_too() {
    let inner = Server::saying(response(200, &[], "inner"));
    let location = format!("http://partner.example:{}/", inner.address.port());
    let partner = location.trim_end_matches('/').to_owned();
    let server = Server::start(move |_, out| out.write_all(&to(&location)));
    let resources =
        json!({"web": {"origin": server.origin(), "redirects": ["partner"]}, "partner": {"origin": partner}});
    let table = support::Table::of(&[("partner.example", "127.0.0.1")]);
    let http = procedo_http::Http::open_with_names(
        &serde_json::from_value(resources).unwrap(),
        procedo_http::TrustStore::empty(),
        table,
    );
    assert_eq!(told(Gate::with(http.unwrap()).get("/")), "P0411 denied");
    assert_eq!(inner.connections(), 0);
}
