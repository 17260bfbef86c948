//! Makes a procedure of Procedo a documented function.
//!
//! A plugin is a library of type `cdylib` with one or more procedures. A procedure is a function from its parameters to its
//! result; what it needs, its steps and its texts stand beside it. Whatever it does to the world is a call to a capability
//! of the host ([`files`], [`http`], [`database`] and others, [`run`](mod@run)), so it can be planned, resumed, undone and audited
//! without a line of its own code.
//!
//! ```
//! use procedo_sdk::prelude::*;
//!
//! /// What to greet, and where the greeting is kept.
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Params {
//!     /// The root that holds the file.
//!     root: String,
//!     /// Who is greeted.
//!     name: String,
//! }
//!
//! #[derive(Serialize)]
//! struct Report {
//!     changed: bool,
//! }
//!
//! fn greet(params: Params) -> Result<Report, Failure> {
//!     let name = tidy(&params.name)?;
//!     let written = step("write", || Ok(files::write(&params.root, "greeting.txt", &format!("Hello {name}\n"), None)?))?;
//!     verify("greeted", || match files::read(&params.root, "greeting.txt", None)?.text.contains(&name) {
//!         true => Ok(()),
//!         false => Err(Failure::new(Kind::Conflict, "G0002", text!("not-greeted", name = name))),
//!     })?;
//!     Ok(Report { changed: written.changed })
//! }
//!
//! /// What decides is pure, and tested like any other function.
//! fn tidy(name: &str) -> Result<String, Failure> {
//!     match name.trim() {
//!         "" => Err(Failure::new(Kind::Invalid, "G0001", text!("nobody"))),
//!         name => Ok(name.to_owned()),
//!     }
//! }
//!
//! fn greeting() -> Procedure {
//!     Procedure::new("example/greet", greet)
//!         .needs("files", "$root", Effect::Write)
//!         .lock("$root")
//!         .steps(&["write", "greeted"])
//!         .text(
//!             "en",
//!             "title = Greet\n\
//!              summary = Keeps a greeting in a file.\n\
//!              nobody = The name is empty: say who is greeted.\n\
//!              not-greeted = The file does not greet { $name }: somebody changed it meanwhile.\n",
//!         )
//! }
//!
//! procedo_sdk::plugin!(greeting());
//!
//! assert!(tidy("  ").is_err());
//! assert_eq!(greeting().info().id, "example/greet");
//! ```
//!
//! # Building
//! Compile for `wasm32-unknown-unknown` and turn the core module into a component by `wit-component`; `cargo xtask plugins`
//! does both. Such a component imports nothing but Procedo's interfaces.
//!
//! # Testing
//! Calls to the host can only be made by a plugin that the host runs; elsewhere they panic. Keep what decides in pure
//! functions and test those by `cargo test`; rehearse the whole against the lab.

#[doc(hidden)]
#[allow(missing_docs)]
pub mod bindings;
mod failure;
mod procedure;
mod step;
mod text;

pub use bindings::procedo::host::{database, files, http, machine, schedule, secrets, service};
pub use bindings::{Catalogue, Effect, Failure, Need, ProcedureInfo};
pub use failure::Kind;
pub use procedure::Procedure;
pub use step::{step, verify};
pub use text::Text;

/// The run itself: what it tells and asks people, its clock, and its children. For steps see [`step`] and [`verify`].
pub mod run {
    pub use crate::bindings::procedo::host::run::*;
}

/// What nearly every procedure uses.
pub mod prelude {
    pub use crate::{Effect, Failure, Kind, Procedure, Text, files, http, run, secrets, step, text, verify};
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};
}

/// What the code made by [`plugin!`] uses.
#[doc(hidden)]
pub mod export {
    pub use crate::procedure::{list, perform};
}

/// Makes a plugin of procedures. Called once in a crate.
#[macro_export]
macro_rules! plugin {
    ($($procedure:expr),+ $(,)?) => {
        const _: () = {
            struct Plugin;

            impl $crate::bindings::Guest for Plugin {
                fn procedures() -> Vec<$crate::ProcedureInfo> {
                    $crate::export::list(&[$($procedure),+])
                }

                fn run(id: String, params: String) -> Result<String, $crate::Failure> {
                    $crate::export::perform(&[$($procedure),+], &id, &params)
                }
            }

            // Elsewhere the names of the exports would only clash with those of other crates; the functions count as used
            // all the same.
            #[cfg(not(target_arch = "wasm32"))]
            const _: (fn() -> Vec<$crate::ProcedureInfo>, fn(String, String) -> Result<String, $crate::Failure>) =
                (<Plugin as $crate::bindings::Guest>::procedures, <Plugin as $crate::bindings::Guest>::run);
            #[cfg(target_arch = "wasm32")]
            $crate::bindings::export!(Plugin with_types_in $crate::bindings);
        };
    };
}
