//! A procedure that makes one call of the host, chosen by a parameter, for the tests of grants.

use procedo_sdk::bindings::procedo::host::{database, machine, schedule, service};
use procedo_sdk::files::{TextEdit, WriteOptions};
use procedo_sdk::prelude::*;

/// Which call to make, of which resource.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// The operation, such as `files.read`; where its effect follows from its arguments, followed by a blank and a
    /// word for those: the method, the state to restore.
    operation: String,
    /// The resource.
    resource: String,
}

fn make(params: Params) -> Result<String, Failure> {
    let on = params.resource.as_str();
    let none: Option<&WriteOptions> = None;
    Ok(match params.operation.as_str() {
        "files.read" => files::read(on, "a.txt", None)?.text,
        "files.write" => format!("{:?}", files::write(on, "new.txt", "new", none)?),
        "files.edit" => {
            let edit = TextEdit {
                find: "text".to_owned(),
                replacement: "edited".to_owned(),
                count: None,
            };
            format!("{:?}", files::edit(on, "a.txt", &[edit])?)
        }
        "files.stat" => format!("{:?}", files::stat(on, "a.txt")?),
        "files.list-folder" => format!("{:?}", files::list_folder(on, "", true)?),
        "files.copy" => format!("{:?}", files::copy(on, "a.txt", "copy.txt")?),
        "files.remove" => format!("{:?}", files::remove(on, "a.txt")?),
        "files.make-folder" => format!("{:?}", files::make_folder(on, "made/deep")?),
        "files.list-archive" => format!("{:?}", files::list_archive(on, "a.zip")?),
        "files.read-archive" => files::read_archive(on, "a.zip", "entry.txt", None)?.text,
        "files.write-archive" => format!(
            "{:?}",
            files::write_archive(on, "a.zip", "entry.txt", "new", none)?
        ),
        "files.restore made-up" => format!("{:?}", files::restore(on, "a.txt", "made up")?),
        "files.restore absence" => format!("{:?}", files::restore(on, "a.txt", r#"{"kind":"absent"}"#)?),
        "secrets.get" => secrets::get(on)?,
        "database.status" => format!("{:?}", database::status(on)?),
        "database.query" => format!("{:?}", database::query(on, "SELECT 1", &[])?),
        "database.execute insert" => format!("{:?}", database::execute(on, "INSERT INTO t VALUES (1)", &[])?),
        "database.execute delete" => format!("{:?}", database::execute(on, "DELETE FROM t", &[])?),
        "database.backup" => format!("{:?}", database::backup(on, 0, None)?),
        "database.list-backups" => format!("{:?}", database::list_backups(on)?),
        "database.verify-backup" => format!("{:?}", database::verify_backup(on, "b")?),
        "database.remove-backup" => format!("{:?}", database::remove_backup(on, "b", None)?),
        "database.restore" => format!("{:?}", database::restore(on, None, None)?),
        "database.go-online" => format!("{:?}", database::go_online(on)?),
        "database.checksums" => format!("{:?}", database::checksums(on)?),
        "service.status" => format!("{:?}", service::status(on)?),
        "service.start" => format!("{:?}", service::start(on)?),
        "service.stop" => format!("{:?}", service::stop(on)?),
        "service.restart" => format!("{:?}", service::restart(on)?),
        "service.set-password" => format!("{:?}", service::set_password(on, "account", "new", None)?),
        "service.wait-for" => format!(
            "{:?}",
            service::wait_for(on, service::ServiceState::Running, 100)?
        ),
        "schedule.set" => format!("{:?}", schedule::set(on, &entry())?),
        "schedule.remove" => format!("{:?}", schedule::remove(on)?),
        "schedule.list" => format!("{:?}", schedule::list(on)?),
        "schedule.next" => format!("{:?}", schedule::next(on, 1)?),
        "machine.environment" => format!("{:?}", machine::environment(on, "PATH")?),
        "machine.clock-offset" => format!("{:?}", machine::clock_offset(on)?),
        "machine.resolve" => format!("{:?}", machine::resolve(on, "127.0.0.1")?),
        "machine.reachable" => format!("{:?}", machine::reachable(on, "127.0.0.1", Some(1))?),
        "machine.free-space" => format!("{:?}", machine::free_space(on, "/")?),
        "machine.system-facts" => format!("{:?}", machine::system_facts(on)?),
        "machine.command look" => format!("{:?}", machine::command(on, "look", &[])?),
        "machine.command note" => format!("{:?}", machine::command(on, "note", &[])?),
        "machine.command wipe" => format!("{:?}", machine::command(on, "wipe", &[])?),
        other => match other.strip_prefix("http.send ") {
            Some(method) => http::send(&http::Request {
                origin: on.to_owned(),
                method: method.to_owned(),
                path: "/page".to_owned(),
                headers: Vec::new(),
                body: (method == "PUT" || method == "POST").then(|| "text".to_owned()),
                auth: None,
                timeout: None,
                max_bytes: None,
                redirects: None,
            })?
            .status
            .to_string(),
            None => format!("no call {other}"),
        },
    })
}

/// A schedule of a procedure that this one may not start.
fn entry() -> schedule::ScheduleEntry {
    schedule::ScheduleEntry {
        procedure: "test/files-read".to_owned(),
        params: "{}".to_owned(),
        when: "daily at 03:00".to_owned(),
        time_zone: None,
        missed: None,
        overlap: None,
        each: None,
        jitter: None,
    }
}

fn calls() -> Procedure {
    Procedure::new("calls/make", make)
        .needs("database", "$resource", Effect::Destructive)
        .needs("files", "$resource", Effect::Destructive)
        .needs("http", "$resource", Effect::Destructive)
        .needs("machine", "$resource", Effect::Destructive)
        .needs("schedule", "$resource", Effect::Destructive)
        .needs("secrets", "$resource", Effect::Read)
        .needs("service", "$resource", Effect::Destructive)
        .text(
            "en",
            "title = Call\nsummary = Makes one call, chosen by a parameter, for tests.\n",
        )
}

procedo_sdk::plugin!(calls());
