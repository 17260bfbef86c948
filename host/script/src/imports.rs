//! What a script imports: other scripts beside it or in folders below, read once when it is loaded.
//!
//! `import "lib/names" as names;` names the file `lib/names.rhai`, relative to the file that imports. Nothing else can be
//! imported: no absolute path, no `..`, no link. So the pins of a run name all code that it can execute.

use crate::fault::{self, Sources};
use crate::helpers::end_at_limit;
use crate::host::ScriptHost;
use crate::place::{Source, Spot};
use procedo_core::{Error, Kind, Result};
use procedo_interface::rhai::Link;
use rhai::{
    AST, ASTNode, Engine, EvalAltResult, Expr, Module, ModuleResolver, Position, Scope, Shared, Stmt,
};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The extension of scripts and modules.
const EXTENSION: &str = ".rhai";

/// The modules of a script by name, compiled.
pub type Modules = BTreeMap<String, AST>;

/// Reads and compiles all that a script imports, directly or not, and adds the texts to `sources`.
///
/// # Errors
/// `P0612` to `P0615` for an import that is not allowed, `P0611` for a file that cannot be read, else those of compiling.
pub fn collect(
    host: &ScriptHost,
    folder: Option<&Path>,
    main: &AST,
    sources: &mut Sources,
) -> Result<Modules> {
    let mut modules = Modules::new();
    let mut waiting = imports_of(main, sources.main())?;
    while let Some(import) = waiting.pop() {
        let importing = sources.find(&import.file);
        let refuse = |code: &str| {
            importing
                .error(Kind::Invalid, code, import.spot)
                .with("path", &import.path)
        };
        let name = module_name(&import.file, &import.path).ok_or_else(|| refuse("P0612"))?;
        if modules.contains_key(&name) {
            continue;
        }
        if modules.len() >= host.limits().modules {
            return Err(refuse("P0615").with("limit", host.limits().modules));
        }
        let Some(folder) = folder else {
            return Err(refuse("P0612"));
        };
        let source = match read_below(folder, &name, host.limits().source) {
            Ok(source) => source,
            Err(Unread::Missing) => return Err(refuse("P0613").with("module", &name)),
            Err(Unread::Link) => return Err(refuse("P0612")),
            Err(other) => return Err(other.into_error(&name)),
        };
        let ast = host.compile(&source)?;
        waiting.extend(imports_of(&ast, &source)?);
        sources.add(source);
        modules.insert(name, ast);
    }
    refuse_cycles(&modules, main, sources)?;
    Ok(modules)
}

/// An `import` statement.
struct Import {
    file: String,
    path: String,
    spot: Spot,
}

fn imports_of(ast: &AST, source: &Source) -> Result<Vec<Import>> {
    let mut imports = Vec::new();
    let mut unclear = None;
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, position))) = path.last() {
            match &import.0 {
                Expr::StringConstant(path, at) => {
                    imports.push(Import {
                        file: source.name.clone(),
                        path: path.to_string(),
                        spot: (*at).into(),
                    });
                }
                _ => unclear = Some(*position),
            }
        }
        true
    });
    match unclear {
        Some(position) => Err(source.error(Kind::Invalid, "P0614", position.into())),
        None => Ok(imports),
    }
}

/// A module that imports itself, over others or not, would be evaluated without end.
fn refuse_cycles(modules: &Modules, main: &AST, sources: &Sources) -> Result<()> {
    fn visit(
        name: &str,
        ast: &AST,
        modules: &Modules,
        sources: &Sources,
        open: &mut Vec<String>,
        done: &mut Vec<String>,
    ) -> Result<()> {
        open.push(name.to_owned());
        for import in imports_of(ast, sources.find(name))? {
            let Some(next) = module_name(name, &import.path) else {
                continue;
            };
            if open.contains(&next) {
                let source = sources.find(name);
                let circle = open
                    .iter()
                    .skip_while(|one| **one != next)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(" → ");
                return Err(source
                    .error(Kind::Invalid, "P0616", import.spot)
                    .with("circle", format!("{circle} → {next}")));
            }
            if let Some(ast) = modules.get(&next).filter(|_| !done.contains(&next)) {
                visit(&next, ast, modules, sources, open, done)?;
            }
        }
        open.pop();
        done.push(name.to_owned());
        Ok(())
    }
    visit(
        &sources.main().name,
        main,
        modules,
        sources,
        &mut Vec::new(),
        &mut Vec::new(),
    )
}

/// The name of the module that `file` means by `path`; none if the path is not allowed.
pub fn module_name(file: &str, path: &str) -> Option<String> {
    let part = |part: &str| {
        !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']) && !part.starts_with('.')
    };
    if !path.split('/').all(part) {
        return None;
    }
    let folder = file.rfind('/').map_or("", |end| &file[..=end]);
    let extension = if path.ends_with(EXTENSION) { "" } else { EXTENSION };
    Some(format!("{folder}{path}{extension}"))
}

/// Why a file below the scripts folder is not read.
#[derive(Debug)]
pub enum Unread {
    /// There is none.
    Missing,
    /// It, or a folder on the way, is a link.
    Link,
    /// It is a folder, a device, a pipe.
    NotAFile,
    /// It has more than so many bytes.
    TooLarge(usize),
    /// It is not UTF-8.
    NotText,
    /// The system refuses.
    Refused(std::io::Error),
}

impl Unread {
    /// The error for a file that must be there.
    pub fn into_error(self, name: &str) -> Error {
        let error = |kind, reason: &str| {
            Error::new(kind, "P0611")
                .with("file", name)
                .with("reason", reason)
        };
        match self {
            Self::Missing => error(Kind::NotFound, "missing"),
            Self::Link => error(Kind::Invalid, "link"),
            Self::NotAFile => error(Kind::Invalid, "not-a-file"),
            Self::TooLarge(limit) => error(Kind::TooLarge, "too-large").with("limit", limit),
            Self::NotText => error(Kind::Invalid, "not-text"),
            Self::Refused(refused) => error(Kind::Failed, &refused.to_string()),
        }
    }
}

/// Reads a file below the folder, following no link. A byte order mark is no part of its text: editors put it there.
pub fn read_below(folder: &Path, name: &str, at_most: usize) -> Result<Source, Unread> {
    let refused = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Unread::Missing,
        _ => Unread::Refused(error),
    };
    let mut path = folder.to_owned();
    for part in name.split('/') {
        path.push(part);
        if path.symlink_metadata().map_err(refused)?.is_symlink() {
            return Err(Unread::Link);
        }
    }
    // Looked at before it is opened: to open a pipe waits for its other end.
    if !path.metadata().map_err(refused)?.is_file() {
        return Err(Unread::NotAFile);
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&path).map_err(refused)?;
    file.take(at_most as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(refused)?;
    if bytes.len() > at_most {
        return Err(Unread::TooLarge(at_most));
    }
    let text = String::from_utf8(bytes).map_err(|_| Unread::NotText)?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    Ok(Source {
        name: name.to_owned(),
        text,
    })
}

/// Gives a run the modules that were read with its script.
pub struct Resolver {
    modules: Arc<Modules>,
    evaluated: Mutex<BTreeMap<String, Shared<Module>>>,
}

impl Resolver {
    /// A resolver for one run.
    pub fn new(modules: Arc<Modules>) -> Self {
        Self {
            modules,
            evaluated: Mutex::default(),
        }
    }
}

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let missing = || Box::new(EvalAltResult::ErrorModuleNotFound(path.to_owned(), position));
        let name = module_name(source.unwrap_or_default(), path).ok_or_else(missing)?;
        let evaluated = || self.evaluated.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = evaluated().get(&name) {
            return Ok(Shared::clone(module));
        }
        let ast = self.modules.get(&name).ok_or_else(missing)?;
        // The lock is not held meanwhile: the module may import others.
        let mut module = Module::eval_ast_as_new(Scope::new(), ast, engine).map_err(|error| {
            if let Some(link) = engine.default_tag().read_lock::<Link>() {
                // What wraps it can be caught; the limit cannot.
                end_at_limit(&link, &error);
            }
            // So that the error is looked for in the module's own text.
            Box::new(EvalAltResult::ErrorInFunctionCall(
                String::new(),
                name.clone(),
                error,
                position,
            ))
        })?;
        module.build_index();
        let module = Shared::new(module);
        evaluated().insert(name, Shared::clone(&module));
        Ok(module)
    }
}

/// Compiles a text, as the script itself or a module.
pub(crate) fn compile(engine: &Engine, scope: &Scope<'_>, source: &Source) -> Result<AST> {
    let mut ast = engine
        .compile_with_scope(scope, &source.text)
        .map_err(|error| fault::of_parse(&error, source))?;
    ast.set_source(source.name.as_str());
    Ok(ast)
}
