//! A site with one database, called as the gate calls it.

use crate::cluster::{Cluster, PASSWORD};
use procedo_core::capability::{Blobs, Capability, Context, Handler, Overlay, Stop};
use procedo_core::change::{BlobId, Change, Planned, Probe, Undo};
use procedo_core::journal::Question;
use procedo_core::message::Message;
use procedo_core::run::RunId;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_database::Database;
use procedo_machine::{Machines, Secrets};
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeMap;
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

struct OnePassword;

impl Secrets for OnePassword {
    fn value(&self, name: &str) -> Result<String> {
        match name {
            "database/app" => Ok(PASSWORD.to_owned()),
            _ => Ok("wrong".to_owned()),
        }
    }
}

/// Is told of what happens: what, and how far it is.
type Watch = Box<dyn Fn(&Site, &str, u64)>;

/// A site with the database `main`, and a run that calls.
pub struct Site {
    pub cluster: Cluster,
    database: Database,
    overlay: Overlay,
    pub stop: Arc<Stop>,
    pub notes: RefCell<Vec<Value>>,
    pub call: u64,
    /// Called with each note and each progress.
    pub watch: Watch,
}

impl Site {
    pub fn of(cluster: Cluster) -> Self {
        Self::with(cluster, &json!({}))
    }

    /// With other settings among the usual ones; null takes one away.
    pub fn with(cluster: Cluster, more: &Value) -> Self {
        let here = json!({"driver": "local", "jobs": cluster.at("jobs")});
        Self::on(here, cluster, more)
    }

    /// The same, on a machine that is reached in another way.
    pub fn on(machine: Value, cluster: Cluster, more: &Value) -> Self {
        let mut settings = cluster.settings();
        for (name, value) in more.as_object().unwrap() {
            match value {
                Value::Null => drop(settings.as_object_mut().unwrap().remove(name)),
                value => settings[name] = value.clone(),
            }
        }
        let secrets: Arc<dyn Secrets> = Arc::new(OnePassword);
        let machines = BTreeMap::from([("here".to_owned(), machine)]);
        let machines = Machines::open(&machines, &cluster.dir, &secrets).unwrap();
        let declared = BTreeMap::from([("main".to_owned(), settings)]);
        Self {
            database: Database::open(&declared, &cluster.dir, &machines, &secrets).unwrap(),
            cluster,
            overlay: Overlay::default(),
            stop: Arc::default(),
            notes: RefCell::default(),
            call: 1,
            watch: Box::new(|_, _, _| {}),
        }
    }

    fn call<T>(&mut self, function: &str, work: impl FnOnce(&dyn Handler, &mut Context<'_>) -> T) -> T {
        let run = RunId::parse("r1").unwrap();
        let bound = self.database.operations();
        let handler = &bound
            .iter()
            .find(|bound| bound.function == function)
            .unwrap()
            .handler;
        let mut overlay = std::mem::take(&mut self.overlay);
        let notes = self.notes.borrow().clone();
        let this = &*self;
        let mut note = |note: Value| {
            this.notes.borrow_mut().push(note);
            (this.watch)(this, "note", 0);
            Ok(())
        };
        let progress = |done: u64, _: Option<u64>, message: &Message| (this.watch)(this, &message.id, done);
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
    }

    pub fn plan(&mut self, function: &str, args: &Value) -> Result<Planned<Value>> {
        self.overlay = Overlay::default();
        self.call(function, |handler, context| handler.plan(context, args))
    }

    /// What a live call would put into its intent.
    pub fn intent(&mut self, function: &str, args: &Value) -> Result<Change> {
        self.notes.borrow_mut().clear();
        Ok(self.plan(function, args)?.change.unwrap())
    }

    pub fn perform(&mut self, function: &str, args: &Value, change: &Change) -> Result<Value> {
        self.call(function, |handler, context| {
            handler.perform(context, args, change)
        })
    }

    pub fn probe(&mut self, function: &str, args: &Value, change: &Change) -> Probe<Value> {
        self.call(function, |handler, context| handler.probe(context, args, change))
            .unwrap()
    }

    pub fn undo(&mut self, function: &str, args: &Value, change: &Change, reply: &Value) -> Undo {
        self.call(function, |handler, context| {
            handler.undo(context, args, change, reply)
        })
        .unwrap()
    }

    pub fn effect(&self, function: &str, args: &Value) -> procedo_core::effect::Effect {
        let bound = self.database.operations();
        let handler = &bound
            .iter()
            .find(|bound| bound.function == function)
            .unwrap()
            .handler;
        handler.effect(args).unwrap()
    }

    /// Has calls made that somebody else can stop.
    pub fn with_stop<T>(&mut self, stop: &Arc<Stop>, work: impl FnOnce(&mut Self) -> T) -> T {
        let own = std::mem::replace(&mut self.stop, Arc::clone(stop));
        let result = work(self);
        self.stop = own;
        result
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
        self.call += 1;
        self.overlay = Overlay::default();
        let nothing = Change {
            target: String::new(),
            summary: Message::literal(""),
            before: Value::Null,
            after: Value::Null,
            bound: Value::Null,
            diff: None,
        };
        self.call(function, |handler, context| {
            handler.perform(context, args, &nothing)
        })
    }

    pub fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Value>> {
        let parameters: Vec<String> = parameters.iter().map(Value::to_string).collect();
        let args = json!({"database": "main", "sql": sql, "parameters": parameters});
        let reply = self.read("query", &args)?;
        let rows = reply["rows"].as_array().unwrap();
        Ok(rows
            .iter()
            .map(|row| serde_json::from_str(row.as_str().unwrap()).unwrap())
            .collect())
    }

    pub fn execute(&mut self, sql: &str) -> Result<Value> {
        let args = json!({"database": "main", "sql": sql, "parameters": []});
        Ok(self.live("execute", &args)?.1)
    }

    pub fn mode(&mut self) -> String {
        let report = self.read("status", &json!({"database": "main"})).unwrap();
        report["mode"].as_str().unwrap().to_owned()
    }

    pub fn checksums(&mut self) -> Value {
        self.read("checksums", &json!({"database": "main"})).unwrap()
    }

    /// The names of the backups, oldest first.
    pub fn backups(&mut self) -> Vec<String> {
        let list = self.read("list-backups", &json!({"database": "main"})).unwrap();
        list.as_array().unwrap().iter().map(id).collect()
    }

    pub fn backup(&mut self, level: u8) -> Value {
        self.live("backup", &json!({"database": "main", "level": level}))
            .unwrap()
            .1
    }

    pub fn verify(&mut self, backup: &str) -> Result<Value> {
        self.read("verify-backup", &json!({"database": "main", "backup": backup}))
    }

    pub fn restore(&mut self, backup: &str, options: Value) -> Result<(Change, Value)> {
        let args = json!({"database": "main", "backup": backup, "options": options});
        self.live("restore", &args)
    }
}

pub fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// The code of a failure.
pub fn code<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().code
}
