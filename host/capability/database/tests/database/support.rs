//! A site with one database, called as the gate calls it.

use procedo_core::capability::{Blobs, Capability, Context, Overlay, Stop};
use procedo_core::change::{BlobId, Change, Planned, Probe, Undo};
use procedo_core::journal::Question;
use procedo_core::message::Message;
use procedo_core::run::RunId;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_database::Database;
use procedo_machine::{Machines, NoSecrets, Secrets};
use rusqlite::Connection;
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

struct NoBlobs;

impl Blobs for NoBlobs {
    fn put(&self, _bytes: &[u8]) -> Result<BlobId> {
        Err(Error::new(Kind::NotSupported, "P0115"))
    }
    fn get(&self, _id: &BlobId) -> Result<Vec<u8>> {
        Err(Error::new(Kind::NotSupported, "P0115"))
    }
}

/// Is told of what happens: what, and how far it is.
type Watch = Box<dyn Fn(&Site, &str, u64)>;

/// The capability of a site without machines.
pub fn open(declared: &BTreeMap<String, Value>, dir: &Path) -> Database {
    let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
    let machines = Machines::open(&BTreeMap::new(), dir, &secrets).unwrap();
    Database::open(declared, dir, &machines, &secrets).unwrap()
}

/// A site's folder with the database `main`, and a run that calls.
pub struct Site {
    folder: Option<tempfile::TempDir>,
    pub dir: PathBuf,
    pub database: Database,
    pub overlay: Overlay,
    pub stop: Stop,
    pub notes: RefCell<Vec<Value>>,
    pub call: u64,
    /// Called with each note and each progress.
    pub watch: Watch,
}

impl Site {
    /// A site without the database's file.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut site = Self::at(folder.path());
        site.folder = Some(folder);
        site
    }

    /// The site in a folder that is there.
    pub fn at(dir: &Path) -> Self {
        let declared = BTreeMap::from([(
            "main".to_owned(),
            json!({"driver": "sqlite", "file": "main.db", "backups": "backups"}),
        )]);
        Self {
            folder: None,
            dir: dir.to_owned(),
            database: open(&declared, dir),
            overlay: Overlay::default(),
            stop: Stop::default(),
            notes: RefCell::default(),
            call: 1,
            watch: Box::new(|_, _, _| {}),
        }
    }

    /// A site with a database of `rows` rows in WAL mode.
    pub fn with_rows(rows: u32) -> Self {
        let site = Self::empty();
        site.fill("wal", rows);
        site
    }

    pub fn fill(&self, mode: &str, rows: u32) {
        let connection = self.connect();
        connection.pragma_update(None, "journal_mode", mode).unwrap();
        connection
            .execute_batch(&format!(
                "BEGIN; CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, data BLOB);
                 CREATE INDEX by_name ON item (name);
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
                 INSERT INTO item SELECT i, 'item ' || i, randomblob(500) FROM n; COMMIT;"
            ))
            .unwrap();
    }

    pub fn file(&self) -> PathBuf {
        self.dir.join("main.db")
    }

    pub fn backups(&self) -> PathBuf {
        self.dir.join("backups")
    }

    pub fn connect(&self) -> Connection {
        let connection = Connection::open(self.file()).unwrap();
        connection
            .busy_timeout(std::time::Duration::from_secs(20))
            .unwrap();
        connection
    }

    pub fn sql(&self, sql: &str) {
        self.connect().execute_batch(sql).unwrap();
    }

    /// The files of the backups, sorted; not what is only known of them.
    pub fn files(&self) -> Vec<String> {
        let Ok(found) = std::fs::read_dir(self.backups()) else {
            return Vec::new();
        };
        let mut names: Vec<_> = found
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".main.lock" && !name.ends_with(".damaged"))
            .collect();
        names.sort();
        names
    }

    fn with<T>(
        &mut self,
        function: &str,
        work: impl FnOnce(&dyn procedo_core::capability::Handler, &mut Context<'_>) -> T,
    ) -> T {
        let run = RunId::parse("r1").unwrap();
        let bound = self.database.operations();
        let handler = &bound
            .iter()
            .find(|bound| bound.function == function)
            .unwrap()
            .handler;
        let mut overlay = std::mem::take(&mut self.overlay);
        let notes = self.notes.borrow().clone();
        let result = {
            let this = &*self;
            let mut note = |note: Value| {
                this.notes.borrow_mut().push(note);
                (this.watch)(this, "note", 0);
                Ok(())
            };
            let progress =
                |done: u64, _: Option<u64>, message: &Message| (this.watch)(this, &message.id, done);
            let ask = |_: &str, _: &Question| Err(Error::new(Kind::Failed, "P0133"));
            let mut context = Context {
                run: &run,
                call: self.call,
                overlay: &mut overlay,
                blobs: &NoBlobs,
                stop: &self.stop,
                notes: &notes,
                ask: &ask,
                note: &mut note,
                progress: &progress,
            };
            work(&**handler, &mut context)
        };
        self.overlay = overlay;
        result
    }

    pub fn plan(&mut self, function: &str, args: &Value) -> Result<Planned<Value>> {
        self.with(function, |handler, context| handler.plan(context, args))
    }

    /// What a live call would put into its intent.
    pub fn intent(&mut self, function: &str, args: &Value) -> Result<Change> {
        self.overlay = Overlay::default();
        self.notes.borrow_mut().clear();
        let planned = self.plan(function, args)?;
        self.overlay = Overlay::default();
        Ok(planned.change.unwrap())
    }

    pub fn perform(&mut self, function: &str, args: &Value, change: &Change) -> Result<Value> {
        self.with(function, |handler, context| {
            handler.perform(context, args, change)
        })
    }

    pub fn probe(&mut self, function: &str, args: &Value, change: &Change) -> Probe<Value> {
        self.with(function, |handler, context| handler.probe(context, args, change))
            .unwrap()
    }

    pub fn undo(&mut self, function: &str, args: &Value, change: &Change, reply: &Value) -> Undo {
        self.with(function, |handler, context| {
            handler.undo(context, args, change, reply)
        })
        .unwrap()
    }

    /// A whole live call, the next of the run.
    pub fn live(&mut self, function: &str, args: &Value) -> Result<(Change, Value)> {
        self.call += 1;
        let change = self.intent(function, args)?;
        let reply = self.perform(function, args, &change)?;
        Ok((change, reply))
    }

    /// A call that reads.
    pub fn read(&mut self, function: &str, args: &Value) -> Result<Value> {
        self.overlay = Overlay::default();
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

    pub fn backup(&mut self, level: u8) -> Value {
        self.live("backup", &json!({"database": "main", "level": level}))
            .unwrap()
            .1
    }

    pub fn restore(&mut self, backup: &str) -> Result<Value> {
        Ok(self
            .live("restore", &json!({"database": "main", "backup": backup}))?
            .1)
    }

    pub fn verify(&mut self, backup: &str) -> Result<Value> {
        self.read("verify-backup", &json!({"database": "main", "backup": backup}))
    }

    pub fn checksums(&mut self) -> Value {
        self.read("checksums", &json!({"database": "main"})).unwrap()
    }
}

pub fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// Does as an undo would: makes its calls.
pub fn undo_all(site: &mut Site, undo: Undo) {
    let Undo::Calls { calls } = undo else {
        panic!("calls expected, not {undo:?}");
    };
    for call in calls {
        site.live(&call.operation.function, &call.args).unwrap();
    }
}
