//! How host names become addresses, and which of those may be connected to.

use crate::address::Rule;
use crate::origin::Origin;
use procedo_core::{Error, Kind, Result};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use url::Host;

/// Turns a host's name into addresses.
pub trait Names: Send + Sync + 'static {
    /// The addresses of a name.
    fn look_up(&self, name: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
pub struct SystemNames;

impl Names for SystemNames {
    fn look_up(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        // The port is not looked at; the interface asks for one.
        Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
    }
}

/// The addresses to connect to for an origin: those its host stands for and the rule allows. An address that the rule does
/// not allow is left out, and if none is left, that is an error that names it.
pub fn addresses(names: &dyn Names, origin: &Origin, rule: &Rule, port: u16) -> Result<Vec<SocketAddr>> {
    let found = match origin.host() {
        Some(Host::Ipv4(address)) => vec![IpAddr::V4(address)],
        Some(Host::Ipv6(address)) => vec![IpAddr::V6(address)],
        Some(Host::Domain(name)) => names.look_up(name).map_err(|error| {
            Error::new(Kind::Unavailable, "P0410")
                .with("origin", origin)
                .with("host", name)
                .with("reason", error)
        })?,
        None => Vec::new(),
    };
    let host = origin.host().map(|host| host.to_string()).unwrap_or_default();
    let (allowed, refused): (Vec<_>, Vec<_>) = found.into_iter().partition(|address| rule.allows(*address));
    if allowed.is_empty() {
        return Err(match refused.first() {
            Some(address) => Error::new(Kind::Denied, "P0411")
                .with("origin", origin)
                .with("host", host)
                .with("address", address),
            None => Error::new(Kind::Unavailable, "P0410")
                .with("origin", origin)
                .with("host", host)
                .with("reason", "-"),
        });
    }
    Ok(allowed
        .into_iter()
        .map(|address| SocketAddr::new(address, port))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Table(Vec<IpAddr>);

    impl Names for Table {
        fn look_up(&self, _name: &str) -> std::io::Result<Vec<IpAddr>> {
            Ok(self.0.clone())
        }
    }

    fn found(addresses_of_name: &[&str], rule: &Rule) -> Result<Vec<String>> {
        let table = Table(
            addresses_of_name
                .iter()
                .map(|a| a.parse().expect("an address"))
                .collect(),
        );
        let origin = Origin::parse("http://contact.example").expect("valid");
        addresses(&table, &origin, rule, 80).map(|found| found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn only_allowed_addresses_are_left() {
        let found = found(&["127.0.0.1", "10.0.0.7", "fe80::1"], &Rule::Ordinary).expect("one is left");
        assert_eq!(found, ["10.0.0.7:80"]);
    }

    #[test]
    fn if_none_is_left_the_address_is_named() {
        let error = found(&["169.254.169.254"], &Rule::Ordinary).expect_err("refused");
        assert_eq!((error.kind, error.code.as_str()), (Kind::Denied, "P0411"));
        assert_eq!(error.message.args["address"], "169.254.169.254");
        assert_eq!(found(&[], &Rule::Ordinary).expect_err("none").code, "P0410");
    }
}
