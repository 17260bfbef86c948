//! Simulated Informix tools: they behave as an administrator sees the real ones, over a small server that lives in files.
//!
//! Nothing here is shared with the driver that is tried on it. What is simulated: modes, spaces of chunk files with pages,
//! archives of levels 0, 1 and 2 that really hold the pages and really bring them back, prompts and their literal texts,
//! exit codes, tapes of limited length, missing chunk files, and failures on demand; databases within spaces, whose SQL is that
//! of SQLite, and the rows that `dbaccess` unloads. What is not: logical logs, and replication.
//!
//! - [`Environment`]: `INFORMIXDIR`, `INFORMIXSERVER`, `ONCONFIG`, and the configuration file
//! - [`Server`]: the state that all tools share; `chunk`: its pages; `content`: databases in them
//! - `archive`: what an archive looks like on its tapes
//! - [`Faults`]: what shall go wrong, and when to wait
//! - [`tool`]: the tools; `console`: how they talk

mod archive;
mod chunk;
mod console;
mod content;
mod environment;
mod faults;
mod server;
pub mod tool;

pub use chunk::PAGE;
pub use environment::Environment;
pub use faults::Faults;
pub use server::{Archived, Mode, Server, Space, State};
