//! The engine with a capability of its own kind, a real store, and guests written in Rust.

#![allow(clippy::unwrap_used, reason = "a test that meets an Err fails")]

mod approvals;
mod children;
mod crashes;
mod fixture;
mod limits;
mod plans;
mod questions;
mod resources;
mod schedules;
mod secrets;
mod undo;
