//! Makes the folders of the servers, and what `procedo.toml` says of them.

use crate::machine::account::{Accounts, Startup};
use crate::machine::{
    CONTACT_CENTER_ACCOUNT, DATABASE_ACCOUNT, Home, Kind, SERVERS, Said, Server, about, data,
};
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A password that a new lab has, with the name of the secret that the site keeps it under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Password {
    /// The name of the secret.
    pub secret: &'static str,
    account: &'static str,
    /// The password.
    pub value: String,
}

fn random(bytes: usize) -> Said<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| error.to_string())?;
    Ok(random.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// New passwords for the accounts of all servers.
pub fn passwords() -> Said<Vec<Password>> {
    [
        ("contact-center-password", CONTACT_CENTER_ACCOUNT),
        ("informix-password", DATABASE_ACCOUNT),
    ]
    .into_iter()
    .map(|(secret, account)| {
        let value = random(6)?;
        Ok(Password {
            secret,
            account,
            value,
        })
    })
    .collect()
}

/// Makes the folders of all servers below that of the site.
pub fn folders(site: &Path, passwords: &[Password]) -> Said<()> {
    SERVERS
        .iter()
        .try_for_each(|server| folder(&Home::of(site, server.name), server, passwords))
}

fn folder(home: &Home, server: &Server, passwords: &[Password]) -> Said<()> {
    for below in ["services", "run", "backups", "contact-center"] {
        let path = home.path().join(below);
        fs::create_dir_all(&path).map_err(about(&path))?;
    }
    let mut accounts = Accounts::default();
    for password in passwords {
        accounts.add(password.account, &random(16)?, &password.value);
    }
    accounts.write(home)?;
    let of = |account: &str| {
        let known = passwords.iter().find(|password| password.account == account);
        known.map_or("", |password| password.value.as_str())
    };
    Startup::new(&accounts, DATABASE_ACCOUNT, of(DATABASE_ACCOUNT))?.write(home)?;
    for kind in server.services {
        let path = home.settings_file(kind.name);
        fs::write(&path, settings(kind)).map_err(about(&path))?;
        if let Some(account) = kind.account {
            let path = home.logon_file(kind.name);
            fs::write(&path, accounts.held(account, of(account))?).map_err(about(&path))?;
        }
    }
    let path = home.refusals_file();
    fs::write(&path, REFUSALS).map_err(about(&path))?;
    data::make(&home.database_file())
}

const REFUSALS: &str = "# What shall fail on this server, a line each:
#   account NAME     the account takes no new password
#   service NAME     the service takes no new password
#   startup          the start-up configuration cannot be changed
#   start NAME       the service does not start
# With “once” before it, it fails once.
";

fn settings(kind: &Kind) -> String {
    let changes = if kind.name == "contact-center" {
        "# How often it changes the data, in milliseconds; 0 means never.\nchanges-every = 250\n"
    } else {
        ""
    };
    format!(
        "# How long it takes to stop, in milliseconds.\nstop-takes = {}\n\
         # Whether it goes on when it is told to stop.\nrefuses-to-stop = false\n{changes}",
        kind.stop_takes
    )
}

/// Writes the program that the site's commands and services call: it hands on to `program` with `arguments` before its own.
pub fn program(site: &Path, program: &Path, arguments: &[&str]) -> Said<()> {
    let path = site.join("machines/program");
    let word = |word: &str| format!("'{}'", word.replace('\'', r"'\''"));
    let before: Vec<String> = std::iter::once(program.display().to_string().as_str())
        .chain(arguments.iter().copied())
        .map(word)
        .collect();
    let text = format!(
        "#!/bin/sh\n# The programs of the simulated servers. “procedo lab up” writes this file.\nexec {} \"$@\"\n",
        before.join(" ")
    );
    if fs::read_to_string(&path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    // Renamed into its place: a file that is being written cannot be executed.
    crate::site::replace(&path, text.as_bytes()).map_err(|error| error.to_string())?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(about(&path))
}

/// A path as a TOML string.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    toml_edit::Value::from(text).to_string().trim().to_owned()
}

/// What `procedo.toml` says of the servers of a site in this folder, which must be an absolute path.
pub fn declarations(site: &Path) -> String {
    SERVERS.iter().fold(String::new(), |mut text, server| {
        declare(&mut text, site, server);
        text
    })
}

/// A named command of a server.
struct Command {
    name: &'static str,
    /// The word of the program, and what follows the folder.
    program: (&'static str, Option<&'static str>),
    settings: &'static str,
}

const fn command(name: &'static str, program: &'static str, settings: &'static str) -> Command {
    Command {
        name,
        program: (program, None),
        settings,
    }
}

const COMMANDS: &[Command] = &[
    command(
        "shutdown",
        "shutdown",
        "effect = \"destructive\"\nquiet = true\nprobe = { command = \"power\", expect = \"^off$\" }\n\
         undo = \"power-on\"\nsentence = \"Shuts the server down\"",
    ),
    // It may take longer than a minute, so it is a job: after a crash it is found again, and not done twice.
    command(
        "restart",
        "restart",
        "effect = \"destructive\"\nquiet = true\ntimeout = 300\nsentence = \"Restarts the server\"",
    ),
    command(
        "power-on",
        "power-on",
        "effect = \"write\"\nquiet = true\nprobe = { command = \"power\", expect = \"^on$\" }\n\
         sentence = \"Switches the server on\"",
    ),
    command("power", "power", "effect = \"read\""),
    command(
        "check-new-password",
        "check-new-password",
        "input = \"{account}\\n{password}\\n{former}\\n\"\n\
         parameters = { account = \"[a-z]+\", password = \".+\", former = \".+\" }\neffect = \"read\"",
    ),
    Command {
        name: "check-service-password",
        program: ("check-service-password", Some("{service}")),
        settings: "input = \"{account}\\n{password}\\n\"\n\
                   parameters = { service = \"[a-z-]+\", account = \"[a-z]+\", password = \".+\" }\neffect = \"read\"",
    },
    command("set-account-password", "set-account-password", SET_ACCOUNT),
    command(
        "set-account-password-back",
        "set-account-password",
        SET_ACCOUNT_BACK,
    ),
    command("check-account-password", "check-account-password", CHECK),
    command("check-account-former", "check-account-password", CHECK_FORMER),
    command("set-startup-password", "set-startup-password", SET_STARTUP),
    command(
        "set-startup-password-back",
        "set-startup-password",
        SET_STARTUP_BACK,
    ),
    command("check-startup-password", "check-startup-password", CHECK),
    command("check-startup-former", "check-startup-password", CHECK_FORMER),
];

const CHECK: &str = "input = \"{account}\\n{password}\\n\"\nparameters = { account = \"[a-z]+\", password = \".+\" }\n\
                     effect = \"read\"";
const CHECK_FORMER: &str = "input = \"{account}\\n{former}\\n\"\nparameters = { account = \"[a-z]+\", former = \".+\" }\n\
                            effect = \"read\"";

macro_rules! set {
    ($first:literal, $second:literal, $check:literal, $undo:literal, $sentence:literal) => {
        concat!(
            "input = \"{account}\\n{",
            $first,
            "}\\n{",
            $second,
            "}\\n\"\nparameters = { account = \"[a-z]+\", password = \"[^\\\\s]{4,16}\", former = \".+\" }\n",
            "effect = \"write\"\nquiet = true\nprobe = { command = \"",
            $check,
            "\", expect = \"^same$\" }\nundo = \"",
            $undo,
            "\"\nsentence = \"",
            $sentence,
            "\""
        )
    };
}

const SET_ACCOUNT: &str = set!(
    "password",
    "former",
    "check-account-password",
    "set-account-password-back",
    "Sets the password of the account {account}"
);
const SET_ACCOUNT_BACK: &str = set!(
    "former",
    "password",
    "check-account-former",
    "set-account-password",
    "Sets the former password of the account {account} again"
);
const SET_STARTUP: &str = set!(
    "password",
    "former",
    "check-startup-password",
    "set-startup-password-back",
    "Sets the password in the start-up configuration"
);
const SET_STARTUP_BACK: &str = set!(
    "former",
    "password",
    "check-startup-former",
    "set-startup-password",
    "Sets the former password in the start-up configuration again"
);

fn declare(text: &mut String, site: &Path, server: &Server) {
    let name = server.name;
    let home = Home::of(site, name);
    let (folder, program) = (quoted(home.path()), quoted(&site.join("machines/program")));
    // The arguments of a command are templates, in which a brace is written twice.
    let template = folder.replace('{', "{{").replace('}', "}}");
    let _ = write!(
        text,
        "\n# The server “{name}”. Its services behave as machines/{name}/services says, and fail as machines/{name}/refuses says.\n\
         [resource.machine.{name}]\ndriver = \"local\"\n\n\
         [resource.machine.{name}.command.local-time]\nprogram = \"date\"\nargs = [\"+%H:%M\"]\n\
         env = {{ TZ = \"Europe/Berlin\" }}\neffect = \"read\"\n"
    );
    for command in COMMANDS {
        let more = command
            .program
            .1
            .map_or_else(String::new, |more| format!(", \"{more}\""));
        let _ = write!(
            text,
            "\n[resource.machine.{name}.command.{}]\nprogram = {program}\nargs = [\"{}\", {template}{more}]\n{}\n",
            command.name, command.program.0, command.settings
        );
    }
    for kind in server.services {
        let service = kind.name;
        let _ = write!(
            text,
            "\n[resource.service.{name}-{service}]\ndriver = \"process\"\nmachine = \"{name}\"\nprogram = {program}\n\
             args = [\"service\", {folder}, \"{service}\"]\npid-file = {}\nstop-timeout = 30\n",
            quoted(&home.pid_file(service))
        );
        if kind.account.is_some() {
            let _ = write!(
                text,
                "password-program = {program}\npassword-args = [\"set-service-password\", {folder}, \"{service}\"]\n"
            );
        }
    }
    let _ = write!(
        text,
        "\n[resource.database.{name}]\ndriver = \"sqlite\"\nfile = \"machines/{name}/data/contact-center.db\"\n\
         backups = \"machines/{name}/backups\"\n\n\
         # Where the contact center is installed; the results of backups go here.\n\
         [resource.files.{name}]\npath = \"machines/{name}/contact-center\"\n"
    );
}
