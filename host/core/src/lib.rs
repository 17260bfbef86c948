//! The words of Procedo as types, and the contract of a capability. No I/O.
//!
//! - [`capability`]: what a capability is: operations with four answers (plan, perform, probe, undo)
//! - [`caller`]: how a guest reaches the gate, and how the gate runs a guest
//! - [`effect`], [`change`]: what a call alters
//! - [`manifest`]: what a procedure needs
//! - [`site`]: resources, grants, policies, people
//! - [`schedule`]: procedures that are started at times
//! - [`journal`]: the entries of a run's record
//! - [`error`], [`message`]: what is told to people, in their language
//! - [`value`]: canonical values and digests

pub mod caller;
pub mod capability;
pub mod change;
pub mod effect;
pub mod error;
pub mod journal;
pub mod manifest;
pub mod message;
pub mod run;
pub mod schedule;
pub mod site;
pub mod value;

pub use error::{Error, Kind, Result};
