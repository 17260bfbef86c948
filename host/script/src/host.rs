//! The script host: what all scripts of a process share.

use crate::fault::Sources;
use crate::imports::{self, read_below};
use crate::limits::Limits;
use crate::place::Source;
use crate::script::Script;
use crate::{helpers, manifest};
use procedo_core::Result;
use procedo_core::message::Language;
use procedo_interface::Table;
use procedo_interface::rhai::modules;
use rhai::packages::{Package, StandardPackage};
use rhai::{AST, Dynamic, Engine, Module, OptimizationLevel, Scope, Shared};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The constant that holds a run's parameters.
pub const PARAMS: &str = "params";

/// Loads scripts. Making one takes a millisecond; clones share everything.
#[derive(Clone)]
pub struct ScriptHost(Arc<Shares>);

struct Shares {
    table: Arc<Table>,
    limits: Limits,
    standard: Shared<Module>,
    helpers: Shared<Module>,
    interfaces: Vec<(String, Shared<Module>)>,
}

impl ScriptHost {
    /// A host whose scripts can call the functions of the table.
    pub fn new(table: Arc<Table>) -> Self {
        Self::with_limits(table, Limits::default())
    }

    /// A host with other limits.
    pub fn with_limits(table: Arc<Table>, limits: Limits) -> Self {
        let interfaces = modules(&table);
        let standard = StandardPackage::new().as_shared_module();
        let helpers = Shared::new(helpers::module());
        Self(Arc::new(Shares {
            table,
            limits,
            standard,
            helpers,
            interfaces,
        }))
    }

    /// The functions that scripts can call.
    pub fn table(&self) -> &Table {
        &self.0.table
    }

    /// What scripts may use.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Loads a script, its manifest, its messages and all that it imports. `name` is its path below the folder, with `/`.
    ///
    /// # Errors
    /// `P0601` to `P0603` for the script's own text, `P0611` if it cannot be read, `P0612` to `P0616` for its imports.
    pub fn load(&self, folder: &Path, name: &str) -> Result<Script> {
        let source =
            read_below(folder, name, self.limits().source).map_err(|unread| unread.into_error(name))?;
        let stem = name.strip_suffix(".rhai").unwrap_or(name);
        let mut messages = BTreeMap::new();
        for language in Language::ALL {
            let beside = format!("{stem}.{}.ftl", language.tag());
            match read_below(folder, &beside, self.limits().source) {
                Ok(found) => messages.insert(language.tag().to_owned(), found.text),
                Err(imports::Unread::Missing) => continue,
                Err(unread) => return Err(unread.into_error(&beside)),
            };
        }
        self.assemble(source, &messages, Some(folder))
    }

    /// Loads a script from its text. It can import nothing.
    ///
    /// # Errors
    /// `P0601` to `P0603` for its text, `P0612` for an import.
    pub fn load_source(&self, name: &str, text: &str) -> Result<Script> {
        if text.len() > self.limits().source {
            return Err(imports::Unread::TooLarge(self.limits().source).into_error(name));
        }
        let source = Source {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        self.assemble(source, &BTreeMap::new(), None)
    }

    /// The identifier in a script's header; nothing but the header is looked at.
    ///
    /// # Errors
    /// `P0601` and `P0602` for the header, `P0611` if it cannot be read.
    pub fn header_id(&self, folder: &Path, name: &str) -> Result<String> {
        let source =
            read_below(folder, name, self.limits().source).map_err(|unread| unread.into_error(name))?;
        Ok(manifest::read(&source, &BTreeMap::new())?.id)
    }

    fn assemble(
        &self,
        source: Source,
        messages: &BTreeMap<String, String>,
        folder: Option<&Path>,
    ) -> Result<Script> {
        let manifest = manifest::read(&source, messages)?;
        let ast = self.compile(&source)?;
        let mut sources = Sources::new(source);
        let modules = imports::collect(self, folder, &ast, &mut sources)?;
        Script::new(self.clone(), manifest, ast, modules, sources)
    }

    pub(crate) fn compile(&self, source: &Source) -> Result<AST> {
        // So that the name is known wherever it is used. Not as a constant: its value would be compiled in.
        let mut scope = Scope::new();
        scope.push(PARAMS, Dynamic::UNIT);
        imports::compile(&self.engine(), &scope, source)
    }

    /// An engine for one compilation or one run. Cheap: what takes time to make is shared.
    pub(crate) fn engine(&self) -> Engine {
        let mut engine = Engine::new_raw();
        engine
            .register_global_module(Shared::clone(&self.0.standard))
            .register_global_module(Shared::clone(&self.0.helpers))
            // A text is no program.
            .disable_symbol("eval")
            // Folds constants and drops dead code; never calls a function.
            .set_optimization_level(OptimizationLevel::Simple)
            .set_strict_variables(true)
            .set_fail_on_invalid_map_property(true);
        for (name, module) in &self.0.interfaces {
            engine.register_static_module(name, Shared::clone(module));
        }
        self.limits().set(&mut engine);
        engine
    }
}
