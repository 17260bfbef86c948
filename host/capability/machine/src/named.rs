//! Named commands: what a site lets procedures run on a machine, and with which arguments. Pure.

use crate::api::{Input, Program};
use crate::settings::refused;
use procedo_core::effect::Effect;
use procedo_core::{Error, Kind, Result};
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The longest time that a command may be given.
const LONGEST: u64 = 7 * 24 * 3600;

/// A command as it stands in `procedo.toml`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Written {
    program: String,
    #[serde(default)]
    args: Vec<String>,
    input: Option<String>,
    folder: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    effect: Effect,
    timeout: Option<u64>,
    #[serde(default = "zero")]
    success: Vec<i32>,
    probe: Option<WrittenProbe>,
    undo: Option<String>,
    #[serde(default)]
    quiet: bool,
    sentence: Option<String>,
}

fn zero() -> Vec<i32> {
    vec![0]
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenProbe {
    command: String,
    expect: String,
}

/// A command that a site declares.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    program: String,
    args: Vec<Template>,
    input: Option<Template>,
    folder: Option<String>,
    env: BTreeMap<String, String>,
    parameters: BTreeMap<String, Regex>,
    /// How much it alters.
    pub(crate) effect: Effect,
    /// How long it may take.
    pub(crate) timeout: Duration,
    /// The exit codes that mean success.
    pub(crate) success: Vec<i32>,
    /// The command that tells whether it took effect, and what its output then looks like.
    pub(crate) probe: Option<(String, Regex)>,
    /// The command that reverses it, with the same arguments.
    pub(crate) undo: Option<String>,
    /// Whether what it prints says nothing: it is not replied, so that a plan knows the reply and can go on.
    pub(crate) quiet: bool,
    /// What it does, for people.
    sentence: Option<Template>,
}

/// A text with places for arguments: `{name}`; a brace itself is written twice.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(String),
}

impl Template {
    fn parse(text: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
                continue;
            }
            let (name, after) = after.split_once('}').filter(|_| brace == "{")?;
            let is_name = !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !is_name {
                return None;
            }
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Place(name.to_owned()));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Some(Self(pieces))
    }

    fn places(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Place(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    fn fill(&self, args: &BTreeMap<&str, &str>) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Place(name) => args.get(name.as_str()).copied().unwrap_or_default().to_owned(),
        };
        self.0.iter().map(piece).collect()
    }
}

/// Reads the commands of a machine.
pub(crate) fn read(machine: &str, written: BTreeMap<String, Written>) -> Result<BTreeMap<String, Command>> {
    let commands: BTreeMap<String, Command> = written
        .into_iter()
        .map(|(name, written)| Ok((name.clone(), Command::read(machine, &name, written)?)))
        .collect::<Result<_>>()?;
    for (name, command) in &commands {
        let others = [
            ("probe", command.probe.as_ref().map(|(other, _)| other)),
            ("undo", command.undo.as_ref()),
        ];
        for (setting, other) in others {
            let Some(other_name) = other else { continue };
            let refuse = |rule| refused(machine, &format!("command.{name}.{setting}"), other_name, rule);
            let other = commands.get(other_name).ok_or_else(|| refuse("no-command"))?;
            if setting == "probe" && other.effect > Effect::Read {
                return Err(refuse("probe-reads"));
            }
            let fits = other
                .parameters
                .keys()
                .all(|parameter| command.parameters.contains_key(parameter));
            if !fits || setting == "undo" && other.parameters.len() != command.parameters.len() {
                return Err(refuse("same-parameters"));
            }
        }
    }
    Ok(commands)
}

impl Command {
    fn read(machine: &str, name: &str, written: Written) -> Result<Self> {
        let refuse = |setting: &str, value: &str, rule: &str| {
            refused(machine, &format!("command.{name}.{setting}"), value, rule)
        };
        let template = |setting: &str, text: &String| {
            Template::parse(text).ok_or_else(|| refuse(setting, text, "template"))
        };
        let regex = |setting: &str, text: &str, whole: bool| {
            let pattern = if whole {
                format!("^(?:{text})$")
            } else {
                text.to_owned()
            };
            Regex::new(&pattern).map_err(|_| refuse(setting, text, "pattern"))
        };
        if written.program.is_empty() || written.program.starts_with('-') || written.program.contains('\0') {
            return Err(refuse("program", &written.program, "word"));
        }
        let args: Vec<Template> = written
            .args
            .iter()
            .map(|arg| template("args", arg))
            .collect::<Result<_>>()?;
        let input = written
            .input
            .as_ref()
            .map(|text| template("input", text))
            .transpose()?;
        let sentence = written
            .sentence
            .as_ref()
            .map(|text| template("sentence", text))
            .transpose()?;
        let mut places: Vec<&str> = args
            .iter()
            .chain(&input)
            .flat_map(|template| template.places())
            .collect();
        places.sort_unstable();
        places.dedup();
        let told = sentence.iter().flat_map(|template| template.places());
        if let Some(place) = places
            .iter()
            .copied()
            .chain(told)
            .find(|place| !written.parameters.contains_key(*place))
        {
            return Err(refuse("parameters", place, "no-pattern"));
        }
        if let Some(unused) = written
            .parameters
            .keys()
            .find(|parameter| !places.contains(&parameter.as_str()))
        {
            return Err(refuse("parameters", unused, "no-place"));
        }
        let timeout = written.timeout.unwrap_or(60);
        if !(1..=LONGEST).contains(&timeout) {
            return Err(refuse("timeout", &timeout.to_string(), "timeout"));
        }
        Ok(Self {
            program: written.program,
            folder: written.folder,
            env: written.env,
            parameters: written
                .parameters
                .iter()
                .map(|(name, pattern)| Ok((name.clone(), regex("parameters", pattern, true)?)))
                .collect::<Result<_>>()?,
            effect: written.effect,
            timeout: Duration::from_secs(timeout),
            success: written.success,
            probe: written
                .probe
                .map(|probe| Ok::<_, Error>((probe.command, regex("probe", &probe.expect, false)?)))
                .transpose()?,
            undo: written.undo,
            quiet: written.quiet,
            sentence,
            args,
            input,
        })
    }

    /// The program with the arguments that a call gives.
    ///
    /// # Errors
    /// `P1021` an argument is missing, unknown, given twice, or not as its pattern says.
    pub(crate) fn fill(&self, machine: &str, name: &str, given: &[(String, String)]) -> Result<Program> {
        let refuse = |argument: &str, value: &str, rule: &str| {
            Err(Error::new(Kind::Invalid, "P1021")
                .with("machine", machine)
                .with("command", name)
                .with("argument", argument.escape_debug())
                .with("value", value.escape_debug())
                .with("rule", rule))
        };
        let mut args = BTreeMap::new();
        for (argument, value) in given {
            let Some(pattern) = self.parameters.get(argument) else {
                return refuse(argument, value, "unknown");
            };
            if !pattern.is_match(value) || value.contains('\0') {
                return refuse(argument, value, "pattern");
            }
            if args.insert(argument.as_str(), value.as_str()).is_some() {
                return refuse(argument, value, "twice");
            }
        }
        if let Some(missing) = self
            .parameters
            .keys()
            .find(|parameter| !args.contains_key(parameter.as_str()))
        {
            return refuse(missing, "", "missing");
        }
        let mut program = Program::new(&self.program);
        for template in &self.args {
            let arg = template.fill(&args);
            // What a procedure gives never becomes an option that the site did not write.
            if let Some(Piece::Place(place)) = template.0.first()
                && arg.starts_with('-')
            {
                return refuse(place, &arg, "option");
            }
            program = program.arg(arg);
        }
        for (variable, value) in &self.env {
            program = program.env(variable, value);
        }
        program.folder.clone_from(&self.folder);
        if let Some(input) = &self.input {
            program.input = Input::Bytes(input.fill(&args).into_bytes());
        }
        Ok(program)
    }

    /// What it does with these arguments, for people, if the site says so.
    pub(crate) fn told(&self, given: &[(String, String)]) -> Option<String> {
        let args = given
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.sentence.as_ref().map(|sentence| sentence.fill(&args))
    }

    /// Those of the arguments that this command takes; for a probe, which may take fewer.
    pub(crate) fn own_args(&self, given: &[(String, String)]) -> Vec<(String, String)> {
        given
            .iter()
            .filter(|(name, _)| self.parameters.contains_key(name))
            .cloned()
            .collect()
    }
}
