//! What can be typed: the commands and their arguments. Their help is in the catalogues, as `help-COMMAND` and
//! `help-COMMAND-ARGUMENT`.

use clap::{Args, Parser, Subcommand};
use procedo_core::message::Language;
use procedo_core::site::Role;
use std::path::PathBuf;

#[derive(Debug, Parser)]
#[command(name = "procedo", version, disable_help_subcommand = true)]
pub struct CommandLine {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Debug, Default, Args)]
pub struct Globals {
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "PROCEDO_SITE",
        hide_env = true
    )]
    pub site: Option<PathBuf>,
    #[arg(long, global = true)]
    pub json: bool,
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = language)]
    pub lang: Option<Language>,
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

fn language(text: &str) -> Result<Language, String> {
    Language::of_locale(text).ok_or_else(|| "en | es | de".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    match text {
        "viewer" => Ok(Role::Viewer),
        "operator" => Ok(Role::Operator),
        "approver" => Ok(Role::Approver),
        "admin" => Ok(Role::Admin),
        _ => Err("viewer | operator | approver | admin".to_owned()),
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Init(Init),
    #[command(subcommand)]
    Lab(Lab),
    Procedures,
    Describe {
        id: String,
    },
    Check {
        paths: Vec<PathBuf>,
    },
    Plan(Plan),
    Run(Run),
    Runs(Runs),
    Show(Show),
    Follow {
        run: String,
    },
    Resume(Resume),
    Approve(Approve),
    Reject(Reject),
    Answer(Answer),
    Cancel(Cancel),
    Undo(Undo),
    Grants,
    Grant(Grant),
    Revoke(Revoke),
    #[command(subcommand)]
    Secret(Secret),
    #[command(subcommand)]
    Plugin(Plugin),
    Capabilities(Capabilities),
    #[command(subcommand)]
    Audit(Audit),
    #[command(subcommand)]
    User(User),
    Schedules(Schedules),
    Serve,
    Explain {
        code: String,
    },
}

#[derive(Debug, Args)]
pub struct Init {
    pub dir: PathBuf,
    #[arg(long)]
    pub lab: bool,
}

#[derive(Debug, Subcommand)]
pub enum Lab {
    Up {
        #[arg(value_name = "PART")]
        part: Vec<String>,
    },
    Status,
    Down,
    /// What `up` starts: the web server itself.
    #[command(hide = true)]
    Serve,
    /// The programs of the simulated servers, which call themselves and are called by named commands.
    #[command(hide = true)]
    Program {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
}

/// A procedure with its parameters and the answers given in advance.
#[derive(Debug, Args)]
pub struct Given {
    pub id: String,
    #[arg(short = 'p', long = "param", value_name = "NAME=VALUE")]
    pub param: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub params: Option<PathBuf>,
    #[arg(long, value_name = "KEY=VALUE")]
    pub answer: Vec<String>,
    #[arg(long = "override", value_name = "REASON")]
    pub override_reason: Option<String>,
}

#[derive(Debug, Args)]
pub struct Plan {
    #[command(flatten)]
    pub given: Given,
    #[arg(long)]
    pub no_diff: bool,
}

/// How a run is attended.
#[derive(Clone, Debug, Args)]
pub struct Attended {
    #[arg(short, long)]
    pub yes: bool,
    #[arg(long)]
    pub no_wait: bool,
}

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub given: Given,
    #[command(flatten)]
    pub attended: Attended,
}

#[derive(Debug, Args)]
pub struct Runs {
    #[arg(short, long)]
    pub all: bool,
    #[arg(long)]
    pub children: bool,
}

#[derive(Debug, Args)]
pub struct Show {
    pub run: String,
    #[arg(long)]
    pub diff: bool,
}

#[derive(Debug, Args)]
pub struct Resume {
    pub run: Option<String>,
    #[command(flatten)]
    pub attended: Attended,
}

#[derive(Debug, Args)]
pub struct Approve {
    pub run: String,
    #[arg(short, long)]
    pub yes: bool,
    #[arg(long)]
    pub no_diff: bool,
}

#[derive(Debug, Args)]
pub struct Reject {
    pub run: String,
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Debug, Args)]
pub struct Answer {
    pub run: String,
    #[arg(value_name = "ANSWER", conflicts_with_all = ["applied", "not_applied"])]
    pub answer: Vec<String>,
    #[arg(long, value_name = "REPLY", num_args = 0..=1, default_missing_value = "null", conflicts_with = "not_applied")]
    pub applied: Option<String>,
    #[arg(long)]
    pub not_applied: bool,
}

#[derive(Debug, Args)]
pub struct Cancel {
    pub run: String,
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Debug, Args)]
pub struct Undo {
    pub run: String,
    #[arg(long, value_name = "KEY=VALUE")]
    pub answer: Vec<String>,
    #[arg(long = "override", value_name = "REASON")]
    pub override_reason: Option<String>,
    #[command(flatten)]
    pub attended: Attended,
    #[arg(long)]
    pub no_diff: bool,
}

#[derive(Debug, Args)]
pub struct Grant {
    pub id: String,
    #[arg(short = 'p', long = "param", value_name = "NAME=VALUE")]
    pub param: Vec<String>,
    #[arg(long, value_name = "NAME")]
    pub resource: Vec<String>,
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct Revoke {
    pub id: String,
    #[arg(long, value_name = "NAME")]
    pub capability: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Secret {
    Set { name: String },
    List,
    Remove { name: String },
}

#[derive(Debug, Subcommand)]
pub enum Plugin {
    Install { file: PathBuf },
    List,
    Remove { name: String },
    Info { plugin: String },
}

#[derive(Debug, Args)]
pub struct Capabilities {
    pub name: Option<String>,
    #[arg(long, conflicts_with = "schema")]
    pub rhai: bool,
    #[arg(long)]
    pub schema: bool,
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    Verify {
        #[arg(value_name = "FILE")]
        export: Option<PathBuf>,
        #[arg(long, value_name = "FILE")]
        head: Option<PathBuf>,
    },
    Export {
        run: Option<String>,
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct Schedules {
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub next: u16,
}

#[derive(Debug, Subcommand)]
pub enum User {
    Add {
        name: String,
        #[arg(long, value_parser = role)]
        role: Role,
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
    },
    List,
    Token {
        name: String,
    },
    Remove {
        name: String,
    },
}
