//! What can be said of a script without running it: `procedo check`.

use crate::fault::Sources;
use crate::helpers::{STEP, VERIFY};
use crate::imports::module_name;
use crate::place::{Source, Spot};
use crate::script::Script;
use procedo_core::caller::Guest;
use procedo_core::message::Message;
use procedo_interface::rhai::parameters;
use procedo_interface::shape::RUN;
use procedo_interface::table::{Function, Table, script_name};
use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};
use std::collections::{BTreeMap, BTreeSet};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The script fails where it comes to this.
    Error,
    /// It may be meant otherwise.
    Warning,
}

/// Something found in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file, by its path below the scripts folder.
    pub file: String,
    /// The line, from 1; 0 if it concerns the whole file.
    pub line: usize,
    /// The column, from 1; 0 if it concerns the whole line.
    pub column: usize,
    /// What it is; the message's identifier is the code.
    pub message: Message,
}

/// Checks a script and its modules: unknown functions and modules, wrong numbers of arguments, unknown steps, capabilities
/// that the manifest does not name, and what it names in vain. By file, line and column.
pub fn check(script: &Script) -> Vec<Finding> {
    let natives = natives(script);
    let mut findings = Vec::new();
    let mut used = Used::default();
    for (name, ast) in script.files() {
        let source = script.sources().find(name);
        let mut walk = Walk {
            script,
            source,
            ast,
            natives: &natives,
            findings: &mut findings,
            used: &mut used,
        };
        walk.all();
    }
    check_manifest(script, &used, &mut findings);
    findings.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    findings.dedup();
    findings
}

/// What the script uses of what its manifest names.
#[derive(Default)]
struct Used {
    capabilities: BTreeSet<String>,
    steps: BTreeSet<String>,
    /// Whether the name of a step is computed, so that nothing can be said of those that are not seen.
    computed_step: bool,
}

/// The functions that every script has, with their numbers of arguments.
fn natives(script: &Script) -> BTreeMap<String, BTreeSet<usize>> {
    let mut natives: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let engine = script.host().engine();
    let all = engine.collect_fn_metadata(
        None,
        |info| {
            info.namespace
                .is_empty()
                .then(|| (info.metadata.name.to_string(), info.metadata.num_params))
        },
        true,
    );
    for (name, count) in all {
        natives.entry(name).or_default().insert(count);
    }
    natives
}

/// Words that Rhai itself calls, with any number of arguments.
const BUILT_IN: [&str; 10] = [
    "print",
    "debug",
    "type_of",
    "Fn",
    "call",
    "curry",
    "is_shared",
    "is_def_var",
    "is_def_fn",
    "eval",
];

struct Walk<'a> {
    script: &'a Script,
    source: &'a Source,
    ast: &'a AST,
    natives: &'a BTreeMap<String, BTreeSet<usize>>,
    findings: &'a mut Vec<Finding>,
    used: &'a mut Used,
}

impl Walk<'_> {
    fn all(&mut self) {
        let mut calls = Vec::new();
        let mut aliases = BTreeMap::new();
        self.ast.walk(&mut |path: &[ASTNode<'_>]| {
            match path.last() {
                Some(ASTNode::Stmt(Stmt::FnCall(call, at)) | ASTNode::Expr(Expr::FnCall(call, at))) => {
                    calls.push((call.as_ref().clone(), *at, false));
                }
                Some(ASTNode::Expr(Expr::MethodCall(call, at))) => {
                    calls.push((call.as_ref().clone(), *at, true))
                }
                Some(ASTNode::Stmt(Stmt::Import(import, _))) => {
                    if let Expr::StringConstant(path, _) = &import.0 {
                        aliases.insert(import.1.name.to_string(), path.to_string());
                    }
                }
                _ => {}
            }
            true
        });
        for (call, at, is_method) in &calls {
            // Operators are calls too.
            if call.op_token.is_some() || !rhai::is_valid_identifier(&call.name) {
                continue;
            }
            if call.namespace.is_empty() {
                self.plain(call, *at, *is_method);
            } else {
                self.qualified(call, *at, &aliases);
            }
        }
    }

    fn find(&mut self, severity: Severity, at: Position, message: Message) {
        let Spot { line, column } = at.into();
        let file = self.source.name.clone();
        self.findings.push(Finding {
            severity,
            file,
            line,
            column,
            message,
        });
    }

    fn plain(&mut self, call: &FnCallExpr, at: Position, is_method: bool) {
        let name = call.name.as_str();
        if matches!(name, STEP | VERIFY) && !is_method {
            self.step(call);
        }
        if BUILT_IN.contains(&name) {
            return;
        }
        let own: BTreeSet<_> = self
            .ast
            .iter_functions()
            .filter(|function| function.name == name)
            .map(|f| f.params.len())
            .collect();
        let of_host = self.natives.get(name).cloned().unwrap_or_default();
        let given = call.args.len();
        // A method's object is the first argument of a native function, and none of a script's own.
        let fits = own.contains(&given) || of_host.contains(&(given + usize::from(is_method)));
        if fits {
            return;
        }
        if own.is_empty() && of_host.is_empty() {
            // A member of a map may hold a function; then this is a call of it.
            let severity = if is_method {
                Severity::Warning
            } else {
                Severity::Error
            };
            self.find(severity, at, Message::new("P0641").with("name", name));
        } else {
            let less = |count: &usize| count.saturating_sub(usize::from(is_method));
            let counts: BTreeSet<_> = own.iter().copied().chain(of_host.iter().map(less)).collect();
            let counts = counts
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            let message = Message::new("P0642")
                .with("name", name)
                .with("count", given)
                .with("counts", counts);
            self.find(Severity::Error, at, message);
        }
    }

    fn qualified(&mut self, call: &FnCallExpr, at: Position, aliases: &BTreeMap<String, String>) {
        let root = call.namespace.root();
        let table = self.script.host().table();
        let interface = table
            .interfaces
            .iter()
            .find(|interface| script_name(&interface.name) == root);
        if let Some(interface) = interface {
            let function = table
                .of(&interface.name)
                .find(|function| function.script_name() == call.name.as_str());
            match function {
                Some(function) => self.capability(function, call, at),
                None => {
                    let name = format!("{root}::{}", call.name);
                    let names: Vec<_> = table.of(&interface.name).map(Function::script_name).collect();
                    let message = Message::new("P0643")
                        .with("name", name)
                        .with("names", names.join(", "));
                    self.find(Severity::Error, at, message);
                }
            }
            return;
        }
        // Modules of modules are checked where they are imported; `global` has constants only.
        if call.namespace.path.len() > 1 || root == "global" {
            return;
        }
        let module = aliases
            .get(root)
            .and_then(|path| module_name(&self.source.name, path));
        let Some((_, module)) = module.and_then(|name| self.script.files().find(|(file, _)| *file == name))
        else {
            self.find(
                Severity::Error,
                call.namespace.position(),
                Message::new("P0644").with("name", root),
            );
            return;
        };
        let counts: BTreeSet<_> = module
            .iter_functions()
            .filter(|function| function.name == call.name.as_str() && !function.access.is_private())
            .map(|function| function.params.len())
            .collect();
        let name = format!("{root}::{}", call.name);
        if counts.is_empty() {
            self.find(Severity::Error, at, Message::new("P0641").with("name", name));
        } else if !counts.contains(&call.args.len()) {
            let counts = counts
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            let message = Message::new("P0642")
                .with("name", name)
                .with("count", call.args.len())
                .with("counts", counts);
            self.find(Severity::Error, at, message);
        }
    }

    fn capability(&mut self, function: &Function, call: &FnCallExpr, at: Position) {
        let given = call.args.len();
        // One argument may be a map of named ones: any expression but a plain constant.
        let may_be_named = matches!(&call.args[..], [one] if !is_scalar(one));
        if !may_be_named && (given < function.required() || given > function.params.len()) {
            let message = Message::new("P0816")
                .with(
                    "function",
                    format!("{}::{}", script_name(&function.capability), call.name),
                )
                .with("parameters", parameters(function))
                .with("count", given);
            self.find(Severity::Error, at, message);
        }
        if function.capability == RUN {
            if matches!(function.name.as_str(), "step-begin" | "verify-begin") {
                self.step(call);
            }
            // Of `run`, only what starts procedures has to be granted.
            if !matches!(function.name.as_str(), "run-child" | "run-children") {
                return;
            }
        }
        self.needed(function, &function.capability, at);
        // Who sets a schedule has procedures started, which has to be granted as well.
        if (function.capability.as_str(), function.name.as_str()) == ("schedule", "set") {
            self.needed(function, RUN, at);
        }
    }

    /// A capability that the manifest has to name for a function.
    fn needed(&mut self, function: &Function, capability: &str, at: Position) {
        let needs = &self.script.manifest().needs;
        if !needs.iter().any(|need| need.capability == capability) {
            let message = Message::new("P0645")
                .with("function", function.operation())
                .with("capability", capability);
            self.find(Severity::Error, at, message);
        }
        self.used.capabilities.insert(capability.to_owned());
    }

    fn step(&mut self, call: &FnCallExpr) {
        let Some(Expr::StringConstant(name, at)) = call.args.first() else {
            self.used.computed_step = true;
            return;
        };
        self.used.steps.insert(name.to_string());
        let steps = &self.script.manifest().steps;
        if !steps.iter().any(|step| step == name.as_str()) {
            let message = Message::new("P0646")
                .with("step", name)
                .with("steps", steps.join(", "));
            self.find(Severity::Error, *at, message);
        }
    }
}

fn is_scalar(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::BoolConstant(..)
            | Expr::IntegerConstant(..)
            | Expr::FloatConstant(..)
            | Expr::CharConstant(..)
            | Expr::StringConstant(..)
            | Expr::InterpolatedString(..)
            | Expr::Array(..)
            | Expr::Unit(..)
    )
}

/// What the manifest names and nothing uses, or nobody offers.
fn check_manifest(script: &Script, used: &Used, findings: &mut Vec<Finding>) {
    let manifest = script.manifest();
    let table: &Table = script.host().table();
    let sources: &Sources = script.sources();
    let source = sources.main();
    let mut find = |severity, needle: &str, message: Message| {
        let at = source
            .text
            .lines()
            .position(|line| line.trim_start().starts_with("//!") && line.contains(needle));
        let file = source.name.clone();
        findings.push(Finding {
            severity,
            file,
            line: at.map_or(0, |line| line + 1),
            column: 0,
            message,
        });
    };
    let capabilities: BTreeSet<_> = manifest
        .needs
        .iter()
        .map(|need| need.capability.as_str())
        .collect();
    for capability in capabilities {
        let quoted = format!("\"{capability}\"");
        if !table
            .interfaces
            .iter()
            .any(|interface| interface.name == capability)
        {
            let names = table.interfaces.iter().map(|i| i.name.as_str());
            let names = names.collect::<Vec<_>>().join(", ");
            let message = Message::new("P0647")
                .with("capability", capability)
                .with("names", names);
            find(Severity::Error, &quoted, message);
        } else if !used.capabilities.contains(capability) {
            find(
                Severity::Warning,
                &quoted,
                Message::new("P0648").with("capability", capability),
            );
        }
    }
    for step in manifest
        .steps
        .iter()
        .filter(|step| !used.computed_step && !used.steps.contains(*step))
    {
        find(
            Severity::Warning,
            &format!("\"{step}\""),
            Message::new("P0649").with("step", step),
        );
    }
}
