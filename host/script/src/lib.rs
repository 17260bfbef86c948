//! Rhai scripts as procedures: engine, limits, steps.
//!
//! - [`host`]: what all scripts share; loads them
//! - [`script`]: a script, ready to run
//! - [`manifest`], [`texts`]: its header
//! - [`imports`]: the modules it imports
//! - [`helpers`]: `step`, `verify`, `text`, `fail`
//! - [`limits`]: how much it may use
//! - [`fault`], [`place`]: errors with file, line and column

pub mod fault;
pub mod helpers;
pub mod host;
pub mod imports;
pub mod limits;
pub mod manifest;
pub mod place;
pub mod script;
pub mod texts;

pub use host::ScriptHost;
pub use limits::Limits;
pub use script::Script;
