//! The capability files: text and trees below the roots that a site grants.
//!
//! - [`Files`]: the capability, made from a site's `[resource.files.NAME]`
//! - `operation`: what the WIT offers, a file for each group; `alter`: the four answers of all that alter something
//! - `view`: files as a call sees them: the file system under what a plan has changed so far
//! - `root`: what can be done below a root, wherever its folder is
//! - `beneath`: looking below one of this machine, confined by the kernel; `place`: putting something there, whole or not at
//!   all; `remote`: both, on a machine of the site, by scripts
//! - `tree`, `state`: what is at a path, and how a journal records it
//! - `text`, `diff`, `archive`, `path`: pure: encodings, unified diffs, zip archives, the rules for paths
//! - `settings`, `roots`, `fault`: the site's declarations, and failures as errors

mod alter;
mod archive;
mod beneath;
mod diff;
mod fault;
mod operation;
mod path;
mod place;
mod remote;
mod root;
mod roots;
mod settings;
mod state;
mod text;
mod tree;
mod view;

pub use alter::Changed;
pub use operation::look::{Entry, FileKind, FileStatus, TextFile};
pub use operation::write::{TextEdit, WriteOptions};
pub use text::LineEnd;

use crate::alter::Altering;
use crate::operation::{archive as in_archive, look, restore, tree as whole, write};
use crate::roots::Roots;
use procedo_core::Result;
use procedo_core::capability::{Bound, Capability};
use procedo_core::message::{Language, Sources};
use procedo_core::value::Value;
use procedo_machine::Machines;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The capability's sentences and errors (`P0301` to `P0345`) in the three languages.
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];

/// The capability `files`.
///
/// ```
/// use procedo_core::capability::Capability;
/// use procedo_machine::{Machines, NoSecrets, Secrets};
/// use std::{collections::BTreeMap, path::Path, sync::Arc};
/// let site = Path::new("/srv/site");
/// let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
/// let machines = Machines::open(&BTreeMap::new(), site, &secrets)?;
/// let declared = BTreeMap::from([("web".to_owned(), serde_json::json!({"path": "html", "read-only": true}))]);
/// let files = procedo_files::Files::open(&declared, site, &machines)?;
/// assert_eq!(files.name(), "files");
/// # Ok::<(), procedo_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Files(Arc<Roots>);

impl Files {
    /// Reads a site's `[resource.files.NAME]`. The settings of a root:
    /// - `path`: its folder, absolute or from the site's folder; with `machine`, absolute
    /// - `machine`: the machine of the site that has the folder; without it, the one that Procedo runs on
    /// - `read-only`: whether nothing below it may be altered (default false)
    /// - `max-file-bytes`: the largest text that is read or written (at most 16 MiB, which is the default)
    /// - `max-undo-bytes`: how much a call keeps for its undo (default 256 MiB)
    ///
    /// # What holds on a machine, and what does not
    /// Calls answer the same, and what is written appears whole or not at all. A machine needs a POSIX shell, and `find`,
    /// `dd`, `mv` and `sync` of GNU (findutils, coreutils 8.24 or newer). Nothing outside the root is read or altered, also
    /// where somebody with an account there puts a link in the way at that moment. But without `openat2`:
    /// - A device or pipe that somebody puts in the place of a regular file at that moment may be opened (for reading, without
    ///   waiting) before it is refused.
    /// - Before coreutils 8.30, a file that somebody else makes at the very moment in which a new one gets its name is
    ///   replaced.
    /// - Where a folder replaces something, or something replaces a folder (only an undo does that), nothing is there for a
    ///   moment; after a crash just then, repeating the call puts the old back first.
    /// - The machine's superuser, and whoever uses the account that Procedo logs in with, can do all that it can.
    ///
    /// # Errors
    /// `P0304` for settings that are unknown or not valid, `P0340` for a root that reaches the site's own records, `P1003` for
    /// a machine that the site does not have. A folder that is missing is told by the calls that need it.
    pub fn open(resources: &BTreeMap<String, Value>, site_dir: &Path, machines: &Machines) -> Result<Self> {
        Ok(Self(Arc::new(Roots::read(resources, site_dir, machines)?)))
    }
}

impl Capability for Files {
    fn name(&self) -> &'static str {
        "files"
    }

    fn operations(&self) -> Vec<Bound> {
        let roots = &self.0;
        vec![
            Bound::reading("read", look::Read(Arc::clone(roots))),
            Bound::operation("write", Altering::<write::Write>::new(roots)),
            Bound::operation("edit", Altering::<write::Edit>::new(roots)),
            Bound::reading("stat", look::Stat(Arc::clone(roots))),
            Bound::reading("list-folder", look::ListFolder(Arc::clone(roots))),
            Bound::operation("copy", Altering::<whole::Copy>::new(roots)),
            Bound::operation("remove", Altering::<whole::Remove>::new(roots)),
            Bound::operation("make-folder", Altering::<whole::MakeFolder>::new(roots)),
            Bound::reading("list-archive", in_archive::ListArchive(Arc::clone(roots))),
            Bound::reading("read-archive", in_archive::ReadArchive(Arc::clone(roots))),
            Bound::operation("write-archive", Altering::<in_archive::WriteArchive>::new(roots)),
            Bound::operation("restore", Altering::<restore::Restore>::new(roots)),
        ]
    }

    fn messages(&self) -> Sources {
        MESSAGES
    }
}
