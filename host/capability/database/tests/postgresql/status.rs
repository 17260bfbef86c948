//! How a server is, by what it answers.

use crate::cluster::Cluster;
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
fn a_login_that_is_refused_and_an_unencrypted_server_are_named() {
    let mut site = Site::with(Cluster::plain(), &json!({"password": "secret:other"}));
    assert_eq!(code(site.query("SELECT 1", &[])), "P1261");
    assert_eq!(code(site.read("status", &json!({"database": "main"}))), "P1261");
    let cluster = Cluster::borrowed(&site.cluster.dir, site.cluster.port);
    let mut other = Site::with(cluster, &json!({"dbname": "nothing"}));
    assert_eq!(code(other.query("SELECT 1", &[])), "P1261");
}
