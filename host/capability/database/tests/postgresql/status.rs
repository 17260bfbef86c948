//! How a server is, by what it answers.

use crate::cluster::{Cluster, as_postgres, give};
use crate::support::{Site, code};
use serde_json::json;

#[test]
fn a_server_tells_how_it_is_and_one_that_is_down_can_be_put_on_line() {
    let mut site = Site::of(Cluster::plain());
    let report = site.read("status", &json!({"database": "main"})).unwrap();
    assert_eq!(report["mode"], "online");
    assert!(
        report["version"].as_str().unwrap().starts_with("PostgreSQL 1"),
        "{report}"
    );
    site.cluster.stop();
    let report = site.read("status", &json!({"database": "main"})).unwrap();
    assert_eq!(report["mode"], "offline");
    assert!(
        report["detail"].as_str().unwrap().contains("shut down"),
        "{report}"
    );
    assert_eq!(code(site.query("SELECT 1", &[])), "P1260");
    let online = json!({"database": "main"});
    let (_, reply) = site.live("go-online", &online).unwrap();
    assert_eq!(reply["mode"], "online");
    assert!(
        site.plan("go-online", &online).unwrap().change.is_none(),
        "one that is on-line is left alone"
    );
    // Half a cluster: what a restore has not completed.
    site.cluster.stop();
    let control = site.cluster.dir.join("data/global/pg_control");
    std::fs::rename(&control, site.cluster.dir.join("aside")).unwrap();
    assert_eq!(site.mode(), "damaged");
    assert_eq!(code(site.live("go-online", &online)), "P1228");
}

#[test]
fn an_encrypted_server_has_to_be_the_one_that_the_authority_vouches_for() {
    let mut site = Site::with(
        Cluster::plain(),
        &json!({"tls": "verify", "ca-file": "right.pem"}),
    );
    let made = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        rcgen::generate_simple_self_signed(names).unwrap()
    };
    let (right, wrong) = (made(&["127.0.0.1"]), made(&["127.0.0.1"]));
    let data = site.cluster.dir.join("data");
    std::fs::write(site.cluster.dir.join("right.pem"), right.cert.pem()).unwrap();
    std::fs::write(site.cluster.dir.join("wrong.pem"), wrong.cert.pem()).unwrap();
    assert_eq!(
        code(site.query("SELECT 1", &[])),
        "P1275",
        "a server that does not encrypt"
    );

    std::fs::write(data.join("server.crt"), right.cert.pem()).unwrap();
    std::fs::write(data.join("server.key"), right.signing_key.serialize_pem()).unwrap();
    for name in ["server.crt", "server.key"] {
        give(&data.join(name));
    }
    as_postgres(&["chmod", "600", &site.cluster.at("data/server.key")]);
    let access = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
    std::fs::write(data.join("pg_hba.conf"), access).unwrap();
    site.cluster.sql_as_superuser("ALTER SYSTEM SET ssl = on");
    site.cluster.sql_as_superuser("SELECT pg_reload_conf()");
    site.cluster.stop();
    site.cluster.start();
    let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert_eq!(site.query(encrypted, &[]).unwrap(), [json!([true])]);
    assert_eq!(site.mode(), "online");
    for (settings, expected) in [
        (json!({"tls": "verify", "ca-file": "wrong.pem"}), "P1275"),
        (json!({"tls": "verify", "ca-file": "missing.pem"}), "P1275"),
        // The certificate does not bear this name.
        (
            json!({"tls": "verify", "ca-file": "right.pem", "host": "localhost"}),
            "P1275",
        ),
        (json!({}), "P1261"),
    ] {
        let cluster = Cluster::borrowed(&site.cluster.dir, site.cluster.port);
        let mut other = Site::with(cluster, &settings);
        assert_eq!(code(other.query("SELECT 1", &[])), expected, "{settings}");
    }
}

#[test]
fn a_login_that_is_refused_is_named() {
    let mut site = Site::with(Cluster::plain(), &json!({"password": "secret:other"}));
    assert_eq!(code(site.query("SELECT 1", &[])), "P1261");
    assert_eq!(code(site.read("status", &json!({"database": "main"}))), "P1261");
    let cluster = Cluster::borrowed(&site.cluster.dir, site.cluster.port);
    let mut other = Site::with(cluster, &json!({"dbname": "nothing"}));
    assert_eq!(code(other.query("SELECT 1", &[])), "P1261");
}
