//! TLS: only who the site trusts, for the right host, at the right time.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

mod support;

use procedo_http::{Http, TrustStore};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use std::sync::Arc;
use support::{Gate, Server, Table, response, send, told};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Site authority");
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn server(authority: &Authority, host: &str, years: (i32, i32)) -> Server {
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
    Server::start_tls(Arc::new(config), |_, out| {
        out.write_all(&response(200, &[], "secure"))
    })
}

fn gate(server: &Server, files: &[(&str, &Authority)], settings: serde_json::Value) -> Gate {
    let mut trust = TrustStore::empty();
    for (name, authority) in files {
        trust.add(name, authority.pem().as_bytes()).unwrap();
    }
    let mut web = json!({"origin": format!("https://contact.example:{}", server.address.port()), "addresses": ["127.0.0.1"]});
    for (name, value) in settings.as_object().unwrap() {
        web[name] = value.clone();
    }
    let resources = serde_json::from_value(json!({"web": web})).unwrap();
    Gate::with(
        Http::open_with_names(&resources, trust, Table::of(&[("contact.example", "127.0.0.1")])).unwrap(),
    )
}

#[test]
fn a_certificate_by_an_authority_of_the_site_is_accepted() {
    let site = authority();
    let server = server(&site, "contact.example", (2020, 2100));
    assert_eq!(
        gate(&server, &[("site.pem", &site)], json!({})).get("/").unwrap()["body"],
        "secure"
    );
}

#[test]
fn any_other_certificate_is_refused_before_anything_is_sent() {
    let (site, stranger) = (authority(), authority());
    for (case, signer, host, years, told_as) in [
        (
            "unknown authority",
            &stranger,
            "contact.example",
            (2020, 2100),
            "P0413 issuer failed",
        ),
        (
            "another host",
            &site,
            "other.example",
            (2020, 2100),
            "P0413 name failed",
        ),
        (
            "expired",
            &site,
            "contact.example",
            (2019, 2020),
            "P0413 expired failed",
        ),
        (
            "not yet valid",
            &site,
            "contact.example",
            (2099, 2100),
            "P0413 early failed",
        ),
    ] {
        let server = server(signer, host, years);
        let mut gate = gate(&server, &[("site.pem", &site)], json!({}));
        assert_eq!(
            told(gate.live(&send("POST", "/", json!({"body": "secret"})))),
            told_as,
            "{case}"
        );
        assert!(server.ledger().is_empty(), "{case}");
    }
}

#[test]
fn a_site_without_authorities_trusts_nobody() {
    let site = authority();
    let server = server(&site, "contact.example", (2020, 2100));
    assert_eq!(
        told(gate(&server, &[], json!({})).get("/")),
        "P0413 issuer failed"
    );
    // The operating system's authorities do not know ours either.
    assert_eq!(
        told(gate(&server, &[], json!({"system-trust": true})).get("/")),
        "P0413 issuer failed"
    );
}

#[test]
fn an_origin_may_be_bound_to_one_authority() {
    let (site, partner) = (authority(), authority());
    let server = server(&site, "contact.example", (2020, 2100));
    let files = [("site.pem", &site), ("partner.pem", &partner)];
    assert_eq!(
        told(gate(&server, &files, json!({"ca": "partner.pem"})).get("/")),
        "P0413 issuer failed"
    );
    assert_eq!(
        told(gate(&server, &files, json!({"ca": "site.pem"})).get("/")),
        "ok"
    );
}

#[test]
fn a_server_without_tls_gets_nothing() {
    let plain = Server::saying(response(200, &[], "plain"));
    let site = authority();
    let told = told(gate(&plain, &[("site.pem", &site)], json!({})).live(&send(
        "GET",
        "/",
        json!({"timeout": 1000}),
    )));
    assert!(told.starts_with("P0412") || told.starts_with("P0413"), "{told}");
    assert!(
        plain.lines().iter().all(|line| !line.starts_with("GET")),
        "{:?}",
        plain.lines()
    );
}
