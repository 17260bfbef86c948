//! The command line as people and programs use it: real processes on sites of their own.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error fails, which is what it is for"
)]

mod checks;
mod decisions;
mod exits;
mod parameters;
mod session;
mod shapes;
mod sites;
mod support;
mod terminal;
