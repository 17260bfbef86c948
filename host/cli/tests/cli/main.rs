//! The command line as people and programs use it: real processes on sites of their own.

mod decisions;
mod exits;
mod parameters;
mod session;
mod shapes;
mod sites;
mod support;
mod terminal;
