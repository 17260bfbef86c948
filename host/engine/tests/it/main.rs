//! The engine with a capability of its own kind, a real store, and guests written in Rust.

mod approvals;
mod children;
mod crashes;
mod fixture;
mod limits;
mod plans;
mod questions;
mod secrets;
mod undo;
