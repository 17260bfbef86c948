//! The lab's servers, as the command line deals with them: all, or some by name.

use crate::machine::power::{self, Condition};
use crate::machine::{Home, SERVERS, Server, make};
use crate::site::Lab;
use crate::state;
use procedo_core::{Error, Kind, Result};
use std::path::Path;

/// The part of the lab that is its web server.
pub const WEB: &str = "web";

/// Which parts of the lab a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Whether the web server is one.
    pub web: bool,
    /// The servers.
    pub servers: Vec<&'static Server>,
}

impl Parts {
    /// Those of these names; none means all. `P0910` if there is no such part.
    pub fn named(names: &[String]) -> Result<Self> {
        if names.is_empty() {
            return Ok(Self {
                web: true,
                servers: SERVERS.iter().collect(),
            });
        }
        let servers = names.iter().filter(|name| *name != WEB).map(|name| {
            power::named(name).ok_or_else(|| {
                let known: Vec<&str> = std::iter::once(WEB)
                    .chain(SERVERS.iter().map(|server| server.name))
                    .collect();
                Error::new(Kind::Invalid, "P0910")
                    .with("value", name)
                    .with("known", known.join(", "))
            })
        });
        Ok(Self {
            servers: servers.collect::<Result<_>>()?,
            web: names.iter().any(|name| name == WEB),
        })
    }
}

fn failed(reason: String) -> Error {
    Error::new(Kind::Failed, "P0909").with("reason", reason)
}

/// Starts the services of servers that are switched on. The servers' programs are `program` with these arguments before
/// their own. Twice is as good as once.
pub fn up(dir: &Path, servers: &[&Server], program: &Path, arguments: &[&str]) -> Result<()> {
    let dir = Lab::open(dir)?.dir;
    let _changing = state::changing(&dir)?;
    make::program(&dir, program, arguments).map_err(failed)?;
    servers
        .iter()
        .try_for_each(|server| power::up(&Home::of(&dir, server.name), server))
        .map_err(failed)
}

/// How the servers are.
pub fn look(dir: &Path) -> Result<Vec<Condition>> {
    let dir = Lab::open(dir)?.dir;
    Ok(SERVERS
        .iter()
        .map(|server| power::look(&Home::of(&dir, server.name), server))
        .collect())
}

/// Stops the services of all servers; tells whether any ran.
pub fn down(dir: &Path) -> Result<bool> {
    let dir = Lab::open(dir)?.dir;
    let _changing = state::changing(&dir)?;
    let mut ran = false;
    for server in &SERVERS {
        ran |= power::down(&Home::of(&dir, server.name), server).map_err(failed)?;
    }
    Ok(ran)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_named_and_all_of_them_where_none_is() {
        let all = Parts::named(&[]).unwrap();
        assert!(all.web && all.servers.len() == 3);
        let some = Parts::named(&["backup".to_owned(), "web".to_owned()]).unwrap();
        assert!(some.web && some.servers.len() == 1 && some.servers[0].name == "backup");
        let error = Parts::named(&["web".to_owned(), "spare".to_owned()]).unwrap_err();
        assert_eq!(error.code, "P0910");
        assert!(error.message.args["known"].contains("central-reporting"));
    }
}
