//! A simulated site on this machine, for trying and rehearsing: a contact center's web server with its web components, and
//! its three servers with their services and databases.
//!
//! - [`Lab`]: makes the site's folder
//! - [`process`]: starts, looks at and stops its web server as a process of its own
//! - [`server`]: the web server
//! - [`files`]: its static pages; [`extension`]: what the contact center's extension of the web server answers;
//!   [`callback`]: the rules of a callback
//! - [`machine`]: the servers; [`servers`]: starting, looking at and stopping them
//! - [`state`]: what a running lab leaves in the folder, and who may run
//! - [`site`]: the folder's content, and the address in its `procedo.toml`

pub mod callback;
pub mod extension;
pub mod files;
pub mod machine;
pub mod process;
pub mod server;
pub mod servers;
pub mod site;
pub mod state;

pub use machine::make::Password;
pub use process::{Started, down, serve_forever, status, up};
pub use server::Server;
pub use site::Lab;
pub use state::{State, Status};

use procedo_core::message::{Language, Sources};

/// The errors of the lab (P09xx).
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];

/// An error about a file or folder.
fn on_path(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> procedo_core::Error + '_ {
    move |error| {
        procedo_core::Error::new(procedo_core::Kind::Failed, "P0907")
            .with("path", path.display())
            .with("reason", error)
    }
}
