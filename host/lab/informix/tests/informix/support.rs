//! A simulated server on this machine with a database of the site upon it, called as the gate calls it.

use procedo_core::capability::{Blobs, Capability, Context, Handler, Overlay, Stop};
use procedo_core::change::{BlobId, Change, Planned, Probe, Undo};
use procedo_core::journal::Question;
use procedo_core::message::Message;
use procedo_core::run::RunId;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_database::Database;
use procedo_lab_informix::{Environment, Faults, Mode, Server};
use procedo_machine::{Machines, NoSecrets, Secrets};
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

pub const VERSION: &str = "11.50.FC9";

struct NoBlobs;

impl Blobs for NoBlobs {
    fn put(&self, _bytes: &[u8]) -> Result<BlobId> {
        Err(Error::new(Kind::NotSupported, "P0115"))
    }
    fn get(&self, _id: &BlobId) -> Result<Vec<u8>> {
        Err(Error::new(Kind::NotSupported, "P0115"))
    }
}

/// Is told how far the work is.
type Watch = Box<dyn Fn(&Bench, u64)>;
/// Answers a question, by its key and what is asked.
type Answer = Box<dyn Fn(&Bench, &str, &Message) -> Result<Value>>;

/// A site with the database `main`, and a run that calls.
pub struct Bench {
    folder: TempDir,
    pub lab: Server,
    pub database: Database,
    machine: Value,
    method: String,
    pub stop: Arc<Stop>,
    pub notes: RefCell<Vec<Value>>,
    pub call: u64,
    pub watch: Watch,
    pub answer: Answer,
    /// What was asked: key and identifier of the sentence.
    pub asked: RefCell<Vec<(String, Message)>>,
}

fn method_device(dir: &Path, method: &str) -> PathBuf {
    match method {
        "directory" => dir.join("archives"),
        "file" => dir.join("Backup.001"),
        _ => dir.join("drive"),
    }
}

impl Bench {
    /// A server on-line with some content, and a site that backs it up by this method.
    pub fn new(method: &str) -> Self {
        Self::on(method, json!({"driver": "local"}))
    }

    /// The same, with the machine reached as these settings say.
    pub fn on(method: &str, machine: Value) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("procedo-test-")
            .tempdir()
            .unwrap();
        let dir = folder.path().to_owned();
        for part in ["informix/bin", "informix/etc", "chunks"] {
            std::fs::create_dir_all(dir.join(part)).unwrap();
        }
        for (name, program) in [
            ("ontape", env!("CARGO_BIN_EXE_ontape")),
            ("onbar", env!("CARGO_BIN_EXE_onbar")),
            ("onstat", env!("CARGO_BIN_EXE_onstat")),
            ("onmode", env!("CARGO_BIN_EXE_onmode")),
            ("oninit", env!("CARGO_BIN_EXE_oninit")),
            ("dbaccess", env!("CARGO_BIN_EXE_dbaccess")),
        ] {
            std::os::unix::fs::symlink(program, dir.join("informix/bin").join(name)).unwrap();
        }
        let environment = Environment {
            dir: dir.join("informix"),
            server: "ol_lab".to_owned(),
            onconfig: "onconfig".to_owned(),
        };
        let lab = Server::new(environment);
        let chunk = |name: &str| dir.join("chunks").join(name);
        lab.create(
            VERSION,
            &[
                ("rootdbs", chunk("root"), 100),
                ("datadbs", chunk("data"), 400),
                ("contact_center", chunk("contact_center"), 2000),
            ],
        )
        .unwrap();
        let device = method_device(&dir, method);
        match method {
            "directory" => std::fs::create_dir(&device).unwrap(),
            "onbar" => {}
            _ => std::fs::write(&device, "").unwrap(),
        }
        let bench = Self {
            database: open(&dir, method, &machine),
            folder,
            lab,
            machine,
            method: method.to_owned(),
            stop: Arc::default(),
            notes: RefCell::default(),
            call: 1,
            watch: Box::new(|_, _| {}),
            answer: Box::new(|_, key, _| panic!("nothing was to be asked: {key}")),
            asked: RefCell::default(),
        };
        bench.configure(0);
        bench.tool("oninit", &[]);
        for page in 0..40 {
            bench.write("rootdbs", page, b"root");
        }
        for page in 0..200 {
            bench.write("datadbs", page, format!("row {page}").as_bytes());
        }
        bench
    }

    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the server's configuration, with tapes of so many KiB.
    pub fn configure(&self, tape_kib: u64) {
        let text = format!(
            "# The lab\nTAPEDEV {}\nTAPEBLK 32\nTAPESIZE {tape_kib}  # KiB\nSERVERNUM 7\nBAR_ACT_LOG {}\n",
            self.device().display(),
            self.dir().join("bar.log").display(),
        );
        std::fs::write(self.lab.environment.onconfig_file(), text).unwrap();
    }

    /// What archives are written to.
    pub fn device(&self) -> PathBuf {
        method_device(self.dir(), &self.method)
    }

    pub fn faults(&self, faults: &Faults) {
        faults.write(&self.lab.environment).unwrap();
    }

    /// Lets a tool go on that waits.
    pub fn open_gate(&self) {
        std::fs::write(Faults::gate(&self.lab.environment), "").unwrap();
    }

    pub fn tool(&self, name: &str, args: &[&str]) -> String {
        let output = Command::new(self.dir().join("informix/bin").join(name))
            .args(args)
            .env("INFORMIXDIR", &self.lab.environment.dir)
            .env("INFORMIXSERVER", &self.lab.environment.server)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Puts a shell script in the place of a tool, with `REAL` where the tool itself is to be called.
    pub fn stand_in(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let tool = self.dir().join("informix/bin").join(name);
        let real = std::fs::read_link(&tool).unwrap();
        let script = format!(
            "#!/bin/sh\n{}\n",
            script.replace("REAL", &real.display().to_string())
        );
        std::fs::remove_file(&tool).unwrap();
        std::fs::write(&tool, script).unwrap();
        std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Whether a call of this or another run holds the server's archives.
    pub fn claimed(&self) -> bool {
        self.files().iter().any(|name| name.ends_with(".claim"))
    }

    pub fn write(&self, space: &str, page: u32, content: &[u8]) {
        self.lab.write(space, page, content).unwrap();
    }

    pub fn content(&self) -> Vec<Vec<u8>> {
        self.lab.content().unwrap()
    }

    pub fn mode(&self) -> Mode {
        self.lab.state().unwrap().mode
    }

    pub fn backups(&self) -> PathBuf {
        self.dir().join("backups")
    }

    /// As after a crash of Procedo: nothing is left but what was noted, and what is on the machine.
    pub fn restart(&mut self) {
        self.database = open(self.dir(), &self.method, &self.machine);
        self.stop = Arc::default();
        self.watch = Box::new(|_, _| {});
    }

    /// From now on the site names no database of the server.
    pub fn forget_dbname(&mut self) {
        self.database = open_with(self.dir(), &self.method, &self.machine, &Value::Null);
    }

    fn with<T>(&self, function: &str, work: impl FnOnce(&dyn Handler, &mut Context<'_>) -> T) -> T {
        let run = RunId::parse("r1").unwrap();
        let bound = self.database.operations();
        let handler = &bound
            .iter()
            .find(|bound| bound.function == function)
            .unwrap()
            .handler;
        let notes = self.notes.borrow().clone();
        let mut note = |note: Value| {
            self.notes.borrow_mut().push(note);
            Ok(())
        };
        let progress = |done: u64, _: Option<u64>, _: &Message| (self.watch)(self, done);
        let ask = |key: &str, question: &Question| {
            let Question::Confirm { prompt } = question else {
                panic!("a yes or no was to be asked");
            };
            self.asked.borrow_mut().push((key.to_owned(), prompt.clone()));
            (self.answer)(self, key, prompt)
        };
        let mut context = Context {
            run: &run,
            call: self.call,
            overlay: &mut Overlay::default(),
            blobs: &NoBlobs,
            stop: &self.stop,
            notes: &notes,
            ask: &ask,
            note: &mut note,
            progress: &progress,
        };
        work(&**handler, &mut context)
    }

    pub fn plan(&self, function: &str, args: &Value) -> Result<Planned<Value>> {
        self.with(function, |handler, context| handler.plan(context, args))
    }

    /// What a live call would put into its intent.
    pub fn intent(&mut self, function: &str, args: &Value) -> Result<Change> {
        self.call += 1;
        self.notes.borrow_mut().clear();
        Ok(self.plan(function, args)?.change.unwrap())
    }

    pub fn perform(&self, function: &str, args: &Value, change: &Change) -> Result<Value> {
        self.with(function, |handler, context| {
            handler.perform(context, args, change)
        })
    }

    pub fn probe(&self, function: &str, args: &Value, change: &Change) -> Probe<Value> {
        self.with(function, |handler, context| handler.probe(context, args, change))
            .unwrap()
    }

    pub fn undo(&self, function: &str, args: &Value, change: &Change, reply: &Value) -> Undo {
        self.with(function, |handler, context| {
            handler.undo(context, args, change, reply)
        })
        .unwrap()
    }

    /// A whole live call, the next of the run.
    pub fn live(&mut self, function: &str, args: &Value) -> Result<(Change, Value)> {
        let change = self.intent(function, args)?;
        let reply = self.perform(function, args, &change)?;
        Ok((change, reply))
    }

    /// A call that reads.
    pub fn read(&self, function: &str, args: &Value) -> Result<Value> {
        let nothing = Change {
            target: String::new(),
            summary: Message::literal(""),
            before: Value::Null,
            after: Value::Null,
            bound: Value::Null,
            diff: None,
        };
        self.with(function, |handler, context| {
            handler.perform(context, args, &nothing)
        })
    }

    pub fn query(&self, sql: &str, parameters: &[Value]) -> Result<Value> {
        self.read("query", &statement(sql, parameters))
    }

    /// Executes a statement; tells how many rows it altered.
    pub fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<Value> {
        Ok(self.live("execute", &statement(sql, parameters))?.1["rows"].clone())
    }

    pub fn checksums(&self) -> Result<Value> {
        self.read("checksums", &json!({"database": "main"}))
    }

    pub fn backup(&mut self, level: u8) -> Result<Value> {
        Ok(self.live("backup", &backup_args(level))?.1)
    }

    pub fn restore(&mut self, backup: &str) -> Result<Value> {
        Ok(self.live("restore", &restore_args(backup))?.1)
    }

    pub fn status(&self) -> Value {
        self.read("status", &json!({"database": "main"})).unwrap()
    }

    pub fn list(&self) -> Vec<String> {
        let list = self.read("list-backups", &json!({"database": "main"})).unwrap();
        list.as_array().unwrap().iter().map(id).collect()
    }

    /// The archive file of a backup.
    pub fn archive(&self, backup: &str) -> PathBuf {
        self.backups().join(format!("{backup}.archive"))
    }

    /// The files in the folder of the backups, sorted.
    pub fn files(&self) -> Vec<String> {
        let Ok(found) = std::fs::read_dir(self.backups()) else {
            return Vec::new();
        };
        let mut names: Vec<_> = found
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Whether a job of this run is left on the machine.
    pub fn jobs_left(&self) -> bool {
        let jobs = self.dir().join(".procedo/jobs");
        std::fs::read_dir(jobs).is_ok_and(|mut jobs| jobs.next().is_some())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // A tool that waits for the gate would wait for ever, and be left behind by a test that fails.
        self.open_gate();
    }
}

fn open(dir: &Path, method: &str, machine: &Value) -> Database {
    open_with(dir, method, machine, &json!("contact_center"))
}

fn open_with(dir: &Path, method: &str, machine: &Value, dbname: &Value) -> Database {
    let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
    let machine = BTreeMap::from([("server".to_owned(), machine.clone())]);
    let machines = Machines::open(&machine, dir, &secrets).unwrap();
    let declared = BTreeMap::from([(
        "main".to_owned(),
        json!({
            "driver": "informix",
            "machine": "server",
            "folder": dir.join("informix"),
            "server": "ol_lab",
            "dbname": dbname,
            "method": method,
            "backups": dir.join("backups"),
            "prompt-seconds": 1,
        }),
    )]);
    Database::open(&declared, dir, &machines, &secrets).unwrap()
}

pub fn statement(sql: &str, parameters: &[Value]) -> Value {
    let parameters: Vec<String> = parameters.iter().map(Value::to_string).collect();
    json!({"database": "main", "sql": sql, "parameters": parameters})
}

pub fn backup_args(level: u8) -> Value {
    json!({"database": "main", "level": level})
}

pub fn restore_args(backup: &str) -> Value {
    json!({"database": "main", "backup": backup})
}

pub fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// The code of a failure.
pub fn code(result: Result<impl std::fmt::Debug>) -> String {
    result.unwrap_err().code
}
