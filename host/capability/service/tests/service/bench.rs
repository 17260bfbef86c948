//! Services on a machine, and a context like the gate's.

use procedo_core::capability::{Blobs, Capability, Context, Handler, Overlay, Stop};
use procedo_core::change::{Assumed, BlobId, Change, Planned, Probe, Undo};
use procedo_core::run::RunId;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{
    FileStatus, Job, Limits, Machine, Machines, NoSecrets, Output, Program, Secrets, Space, System,
};
use procedo_service::Services;
use serde_json::json;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

struct NoBlobs;

impl Blobs for NoBlobs {
    fn put(&self, _: &[u8]) -> Result<BlobId> {
        panic!("a service keeps no blobs")
    }
    fn get(&self, _: &BlobId) -> Result<Vec<u8>> {
        panic!("a service keeps no blobs")
    }
}

/// This machine, with the programs of a folder before all others.
pub struct Local {
    inner: Arc<dyn Machine>,
    bin: PathBuf,
    /// The arguments of all programs that were run, as a process list shows them.
    pub seen: Mutex<Vec<String>>,
    /// How many more programs are not run, because the machine is out of reach.
    pub away: AtomicUsize,
}

impl Machine for Local {
    fn name(&self) -> &str {
        self.inner.name()
    }
    fn identity(&self) -> Result<String> {
        self.inner.identity()
    }
    fn system(&self) -> System {
        self.inner.system()
    }
    fn run(&self, program: &Program, limits: &Limits, stop: &Stop) -> Result<Output> {
        let one_less = |left: usize| left.checked_sub(1);
        if self.away.fetch_update(SeqCst, SeqCst, one_less).is_ok() {
            return Err(Error::new(Kind::Unavailable, "P1004").with("machine", self.name()));
        }
        let mut program = program.clone();
        let own = self.bin.join(&program.path);
        if own.is_file() {
            program.path = own.display().to_string();
        }
        self.seen.lock().unwrap().push(program.args.join(" "));
        self.inner.run(&program, limits, stop)
    }
    fn start_job(&self, key: &str, program: &Program) -> Result<Box<dyn Job>> {
        self.inner.start_job(key, program)
    }
    fn find_job(&self, key: &str) -> Result<Option<Box<dyn Job>>> {
        self.inner.find_job(key)
    }
    fn read_file(&self, path: &str, limit: usize) -> Result<Vec<u8>> {
        self.inner.read_file(path, limit)
    }
    fn write_file(&self, path: &str, bytes: &[u8], mode: Option<u32>) -> Result<()> {
        self.inner.write_file(path, bytes, mode)
    }
    fn stat(&self, path: &str) -> Result<Option<FileStatus>> {
        self.inner.stat(path)
    }
    fn free_space(&self, path: &str) -> Result<Space> {
        self.inner.free_space(path)
    }
}

pub struct Bench {
    pub folder: TempDir,
    handlers: BTreeMap<&'static str, Box<dyn Handler>>,
    pub machine: Option<Arc<Local>>,
    pub stop: Arc<Stop>,
    pub notes: Mutex<Vec<Value>>,
    run: RunId,
}

/// A call that was made.
pub struct Made {
    pub operation: String,
    pub args: Value,
    pub change: Option<Change>,
    pub reply: Value,
}

/// An executable script in a folder.
pub fn script(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

impl Bench {
    /// The service `main` on this machine. The settings may refer to the bench's folder.
    pub fn local(settings: impl FnOnce(&Path) -> Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        let declared = BTreeMap::from([("here".to_owned(), json!({"driver": "local"}))]);
        let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
        let machines = Machines::open(&declared, folder.path(), &secrets).unwrap();
        let machine = Arc::new(Local {
            inner: machines.get("here").unwrap(),
            bin,
            seen: Mutex::default(),
            away: AtomicUsize::new(0),
        });
        let mut settings = settings(folder.path());
        settings["machine"] = json!("here");
        let mut bench = Self::on(folder, settings, Arc::clone(&machine) as Arc<dyn Machine>).unwrap();
        bench.machine = Some(machine);
        bench
    }

    /// The service `main` on a machine.
    pub fn on(folder: TempDir, settings: Value, machine: Arc<dyn Machine>) -> Result<Self> {
        let declared = BTreeMap::from([("main".to_owned(), settings)]);
        let services = Services::open_on(&declared, |_| Ok(Arc::clone(&machine)))?;
        let handlers = services
            .operations()
            .into_iter()
            .map(|bound| (bound.function, bound.handler))
            .collect();
        Ok(Self {
            folder,
            handlers,
            machine: None,
            stop: Arc::default(),
            notes: Mutex::default(),
            run: RunId::parse("20261122-101112-abcd").expect("a run"),
        })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Gives the capability a context like the gate's, with the notes that earlier attempts made.
    fn context<R>(&self, overlay: &mut Overlay, ask: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let notes = self.notes.lock().unwrap().clone();
        let mut context = Context {
            run: &self.run,
            call: 1,
            overlay,
            blobs: &NoBlobs,
            stop: &self.stop,
            notes: &notes,
            ask: &|key, _| panic!("nobody is there to answer {key}"),
            note: &mut |note| {
                self.notes.lock().unwrap().push(note);
                Ok(())
            },
            progress: &|_, _, _| {},
        };
        ask(&mut context)
    }

    fn args(args: Value) -> Value {
        let mut args = args;
        if args.get("service").is_none() {
            args["service"] = json!("main");
        }
        args
    }

    pub fn plan_over(&self, overlay: &mut Overlay, operation: &str, args: Value) -> Result<Planned<Value>> {
        let args = Self::args(args);
        self.context(overlay, |context| self.handlers[operation].plan(context, &args))
    }

    pub fn plan(&self, operation: &str, args: Value) -> Result<Planned<Value>> {
        self.plan_over(&mut Overlay::of_plan(), operation, args)
    }

    /// What a live run knows before the effect.
    pub fn intend(&self, operation: &str, args: Value) -> Result<Made> {
        let planned = self.plan_over(&mut Overlay::default(), operation, args.clone())?;
        if planned.change.is_some() {
            self.notes.lock().unwrap().clear();
        }
        let change = planned.change.map(|change| {
            // Through the journal and back.
            let text = serde_json::to_string(&change).expect("a change is JSON");
            serde_json::from_str(&text).expect("its own JSON")
        });
        let reply = match planned.reply {
            Assumed::Real(reply) | Assumed::Overlaid(reply) => reply,
            Assumed::Unforeseeable(why) => panic!("{why}"),
        };
        Ok(Made {
            operation: operation.to_owned(),
            args: Self::args(args),
            change,
            reply,
        })
    }

    pub fn perform(&self, made: &Made) -> Result<Value> {
        let change = made.change.as_ref().expect("something to perform");
        self.context(&mut Overlay::default(), |context| {
            self.handlers[made.operation.as_str()].perform(context, &made.args, change)
        })
    }

    /// Plans and performs, as the gate does in a live run.
    pub fn make(&self, operation: &str, args: Value) -> Result<Made> {
        let mut made = self.intend(operation, args)?;
        if made.change.is_some() {
            made.reply = self.perform(&made)?;
        }
        Ok(made)
    }

    pub fn call(&self, operation: &str) -> Result<Value> {
        self.make(operation, json!({})).map(|made| made.reply)
    }

    pub fn fails(&self, operation: &str, args: Value) -> Error {
        match self.make(operation, args) {
            Ok(made) => panic!("{operation} replied {}", made.reply),
            Err(error) => error,
        }
    }

    pub fn state(&self) -> String {
        self.call("status").unwrap()["state"].as_str().unwrap().to_owned()
    }

    pub fn probe(&self, made: &Made) -> Probe<Value> {
        let change = made.change.as_ref().expect("something to probe");
        self.context(&mut Overlay::default(), |context| {
            self.handlers[made.operation.as_str()].probe(context, &made.args, change)
        })
        .unwrap()
    }

    pub fn undo(&self, made: &Made) -> Undo {
        let change = made.change.as_ref().expect("something to undo");
        self.context(&mut Overlay::default(), |context| {
            self.handlers[made.operation.as_str()].undo(context, &made.args, change, &made.reply)
        })
        .unwrap()
    }

    /// Makes the calls that undo a call; tells their functions.
    pub fn undo_live(&self, made: &Made) -> Vec<String> {
        match self.undo(made) {
            Undo::Nothing => Vec::new(),
            Undo::Calls { calls } => calls
                .into_iter()
                .map(|call| {
                    self.make(&call.operation.function, call.args).unwrap();
                    call.operation.function
                })
                .collect(),
            other => panic!("{other:?}"),
        }
    }
}
