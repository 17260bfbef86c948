//! What the tests stand on: a root in a temporary folder, and as much of a gate as the capability sees.

use procedo_core::capability::{Blobs, Capability, Context, Handler, Overlay, Stop};
use procedo_core::change::{BlobId, Change, Planned, Probe, Undo};
use procedo_core::run::RunId;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_files::Files;
use procedo_machine::Machines;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Blobs in memory, named by a digest with a key that nobody else has.
#[derive(Default)]
pub struct Memory(Mutex<HashMap<BlobId, Vec<u8>>>);

impl Blobs for Memory {
    fn put(&self, bytes: &[u8]) -> Result<BlobId> {
        let id = BlobId(blake3::keyed_hash(b"a key of thirty-two bytes length", bytes).to_string());
        self.0
            .lock()
            .expect("no test panics while it holds the lock")
            .insert(id.clone(), bytes.to_vec());
        Ok(id)
    }

    fn get(&self, id: &BlobId) -> Result<Vec<u8>> {
        let all = self.0.lock().expect("no test panics while it holds the lock");
        all.get(id)
            .cloned()
            .ok_or_else(|| Error::new(Kind::NotFound, "P0204").with("blob", id))
    }
}

/// A call that was made, as a journal would hold it.
#[derive(Clone, Debug)]
pub struct Made {
    pub operation: String,
    pub args: Value,
    pub change: Option<Change>,
    pub reply: Value,
    pub number: u64,
}

/// A root `web` in a temporary folder, with `outside` beside it.
pub struct Bench {
    folder: tempfile::TempDir,
    handlers: BTreeMap<&'static str, Box<dyn Handler>>,
    pub blobs: Memory,
    pub stop: Stop,
    run: RunId,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(json!({}))
    }

    /// With more settings for the root.
    pub fn with(settings: Value) -> Self {
        // In memory where there is such a place: every write is synced, and a disk makes that slow.
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .expect("a temporary folder");
        std::fs::create_dir(folder.path().join("web")).expect("a new folder");
        std::fs::create_dir(folder.path().join("outside")).expect("a new folder");
        Self::at(folder, "web", settings)
    }

    /// With the root's folder at a path below a temporary folder.
    pub fn at(folder: tempfile::TempDir, path: &str, settings: Value) -> Self {
        Self::on(folder, path, settings, &crate::site::machines())
    }

    /// The same in a site that has these machines.
    pub fn on(folder: tempfile::TempDir, path: &str, mut settings: Value, machines: &Machines) -> Self {
        settings["path"] = json!(folder.path().join(path));
        let mut all = json!({"path": folder.path()});
        if let Some(machine) = crate::site::MACHINE {
            settings["machine"] = json!(machine);
        }
        if let Some(machine) = settings.get("machine") {
            all["machine"] = machine.clone();
        }
        let declared = BTreeMap::from([
            ("web".to_owned(), settings),
            ("all".to_owned(), all),
            ("here".to_owned(), json!({"path": folder.path()})),
        ]);
        // The site lies elsewhere: no root may reach its records.
        let files = Files::open(&declared, Path::new("/nowhere/site"), machines).expect("valid settings");
        let handlers = files
            .operations()
            .into_iter()
            .map(|bound| (bound.function, bound.handler))
            .collect();
        let run = RunId::parse("20261122-101500-test").expect("a valid identifier");
        Self {
            folder,
            handlers,
            blobs: Memory::default(),
            stop: Stop::default(),
            run,
        }
    }

    pub fn web(&self) -> PathBuf {
        self.folder.path().join("web")
    }

    pub fn outside(&self) -> PathBuf {
        self.folder.path().join("outside")
    }

    pub fn handler(&self, operation: &str) -> &dyn Handler {
        &*self.handlers[operation]
    }

    /// Gives the capability a context like the gate's.
    pub fn context<R>(
        &self,
        number: u64,
        overlay: &mut Overlay,
        ask: impl FnOnce(&mut Context<'_>) -> R,
    ) -> R {
        let mut context = Context {
            run: &self.run,
            call: number,
            overlay,
            blobs: &self.blobs,
            stop: &self.stop,
            notes: &[],
            ask: &|key, _| panic!("nobody is there to answer {key}"),
            note: &mut |_| Ok(()),
            progress: &|_, _, _| {},
        };
        ask(&mut context)
    }

    pub fn plan_over(&self, overlay: &mut Overlay, operation: &str, args: &Value) -> Result<Planned<Value>> {
        self.context(1, overlay, |context| {
            self.handler(operation).plan(context, &self.with_root(args))
        })
    }

    pub fn plan(&self, operation: &str, args: Value) -> Result<Planned<Value>> {
        self.plan_over(&mut Overlay::default(), operation, &args)
    }

    /// Plans and performs, as the gate does in a live run.
    pub fn make(&self, number: u64, operation: &str, args: Value) -> Result<Made> {
        let args = self.with_root(&args);
        let handler = self.handler(operation);
        let planned = self.context(number, &mut Overlay::default(), |context| {
            handler.plan(context, &args)
        })?;
        let reply = match &planned.change {
            None => reply_of(planned.reply),
            Some(change) => {
                // Through the journal and back.
                let text = serde_json::to_string(change).expect("a change is JSON");
                let change: Change = serde_json::from_str(&text).expect("its own JSON");
                self.context(number, &mut Overlay::default(), |context| {
                    handler.perform(context, &args, &change)
                })?
            }
        };
        Ok(Made {
            operation: operation.to_owned(),
            args,
            change: planned.change,
            reply,
            number,
        })
    }

    pub fn call(&self, operation: &str, args: Value) -> Result<Value> {
        self.make(1, operation, args).map(|made| made.reply)
    }

    pub fn perform(&self, made: &Made) -> Result<Value> {
        let change = made.change.as_ref().expect("something to perform");
        self.context(made.number, &mut Overlay::default(), |context| {
            self.handler(&made.operation).perform(context, &made.args, change)
        })
    }

    pub fn probe(&self, made: &Made) -> Result<Probe<Value>> {
        let change = made.change.as_ref().expect("something to probe");
        self.context(made.number, &mut Overlay::default(), |context| {
            self.handler(&made.operation).probe(context, &made.args, change)
        })
    }

    pub fn undo(&self, made: &Made) -> Result<Undo> {
        let Some(change) = made.change.as_ref() else {
            return Ok(Undo::Nothing);
        };
        self.context(made.number, &mut Overlay::default(), |context| {
            self.handler(&made.operation)
                .undo(context, &made.args, change, &made.reply)
        })
    }

    /// Makes the calls that undo a call; tells what was made.
    pub fn undo_live(&self, made: &Made, number: u64) -> Vec<Made> {
        match self.undo(made).expect("an answer") {
            Undo::Nothing => Vec::new(),
            Undo::Calls { calls } => calls
                .into_iter()
                .map(|call| {
                    self.make(number, &call.operation.function, call.args)
                        .expect("the undo works")
                })
                .collect(),
            other => panic!("{made:?}: {other:?}"),
        }
    }

    /// The plan of a call that is not performed yet.
    pub fn intend(&self, number: u64, operation: &str, args: Value) -> Made {
        let args = self.with_root(&args);
        let planned = self
            .context(number, &mut Overlay::default(), |context| {
                self.handler(operation).plan(context, &args)
            })
            .expect("a plan");
        Made {
            operation: operation.to_owned(),
            args,
            change: planned.change,
            reply: reply_of(planned.reply),
            number,
        }
    }

    fn with_root(&self, args: &Value) -> Value {
        let mut args = args.clone();
        if args.get("root").is_none() {
            args["root"] = json!("web");
        }
        args
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.web().join(path);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    pub fn bytes(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.web().join(path)).expect("a file")
    }

    /// All that is below the root: path → what it is and holds.
    pub fn snapshot(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        snapshot(&self.web(), "", &mut all);
        all
    }
}

pub fn reply_of(reply: procedo_core::change::Assumed<Value>) -> Value {
    use procedo_core::change::Assumed;
    match reply {
        Assumed::Real(reply) | Assumed::Overlaid(reply) => reply,
        Assumed::Unforeseeable(why) => panic!("unforeseeable: {why}"),
    }
}

fn snapshot(folder: &Path, prefix: &str, all: &mut BTreeMap<String, String>) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let data = entry.path().symlink_metadata().expect("its status");
        let rights = format!(
            "{:o} {}:{}",
            data.permissions().mode() & 0o7777,
            data.uid(),
            data.gid()
        );
        if data.is_dir() {
            all.insert(path.clone(), format!("folder {rights}"));
            snapshot(&entry.path(), &format!("{path}/"), all);
        } else if data.is_symlink() {
            all.insert(
                path,
                format!("link {:?}", std::fs::read_link(entry.path()).expect("its target")),
            );
        } else {
            let bytes = std::fs::read(entry.path()).expect("a file");
            all.insert(
                path,
                format!("file {rights} {} {}", bytes.len(), blake3::hash(&bytes)),
            );
        }
    }
}

/// The code of the error that a call must give.
pub fn code<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.expect_err("must be refused").code
}
