//! The functions that guests can call, read from the WIT package: the only definition of the capability interfaces.

use crate::types::{Case, Member, Type};
use procedo_core::effect::OperationName;
use procedo_core::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::sync::Arc;
use wit_parser::{FunctionKind, PackageId, Resolve, SourceMap, TypeDefKind, TypeId, WorldItem};

/// The WIT package of this host, as file names and texts.
pub const SOURCES: &[(&str, &str)] = &[
    ("database.wit", include_str!("../../../sdk/wit/database.wit")),
    ("files.wit", include_str!("../../../sdk/wit/files.wit")),
    ("http.wit", include_str!("../../../sdk/wit/http.wit")),
    ("machine.wit", include_str!("../../../sdk/wit/machine.wit")),
    ("plugin.wit", include_str!("../../../sdk/wit/plugin.wit")),
    ("run.wit", include_str!("../../../sdk/wit/run.wit")),
    ("schedule.wit", include_str!("../../../sdk/wit/schedule.wit")),
    ("secrets.wit", include_str!("../../../sdk/wit/secrets.wit")),
    ("service.wit", include_str!("../../../sdk/wit/service.wit")),
    ("types.wit", include_str!("../../../sdk/wit/types.wit")),
];

/// The interface that holds what the others share, and the world of plugins.
const SHARED: &str = "types";
const WORLD: &str = "plugin";

/// Every function that a guest can call.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The package's name without its version: `procedo:host`.
    pub package: String,
    /// The package's version: `0.1.0`.
    pub version: String,
    /// The interfaces, in the order of the package.
    pub interfaces: Vec<Interface>,
    /// Their functions, grouped by interface in the order of the package.
    pub functions: Vec<Function>,
    /// The `error` record of every function's result.
    pub error: Type,
}

/// An interface of the package: a capability, or the run itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name: `files`.
    pub name: String,
    /// Its doc comment.
    pub docs: String,
}

/// A function that a guest can call.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The interface it belongs to.
    pub capability: String,
    /// Its name in the WIT: `list-folder`.
    pub name: String,
    /// Its doc comment.
    pub docs: String,
    /// Its parameters in order.
    pub params: Vec<(String, Type)>,
    /// What it replies, besides `error`; none for `result<_, error>`.
    pub reply: Option<Type>,
}

impl Function {
    /// The operation that a call of it asks for.
    pub fn operation(&self) -> OperationName {
        OperationName::new(&self.capability, &self.name)
    }

    /// How many arguments a call must give: those before the trailing options.
    pub fn required(&self) -> usize {
        self.params
            .iter()
            .rposition(|(_, ty)| !matches!(ty, Type::Option(_)))
            .map_or(0, |last| last + 1)
    }

    /// Its name in a script: `list_folder`.
    pub fn script_name(&self) -> String {
        script_name(&self.name)
    }
}

/// A WIT name as scripts write it, with `_` for `-`.
pub fn script_name(name: &str) -> String {
    name.replace('-', "_")
}

/// Parses a WIT package given as file names and texts.
pub fn parse(sources: &[(&str, &str)]) -> Result<(Resolve, PackageId)> {
    let fail = |reason: String| Error::new(Kind::Failed, "P0801").with("reason", reason);
    let mut map = SourceMap::new();
    for (name, text) in sources {
        map.push_str(name, *text);
    }
    let group = map.parse().map_err(|(_, error)| fail(error.to_string()))?;
    let mut resolve = Resolve::new();
    let package = resolve
        .push_group(group)
        .map_err(|error| fail(error.to_string()))?;
    Ok((resolve, package))
}

impl Table {
    /// The table of this host's own package. Takes about a millisecond: make it once.
    pub fn of_host() -> Result<Self> {
        let (resolve, package) = parse(SOURCES)?;
        Self::read(&resolve, package)
    }

    /// The table of a package.
    ///
    /// # Errors
    /// `P0802` to `P0804`, naming the function and the member that cannot be bound.
    pub fn read(resolve: &Resolve, package: PackageId) -> Result<Self> {
        let package = &resolve.packages[package];
        let world = package.worlds.get(WORLD).map(|id| &resolve.worlds[*id]);
        let imported = |interface| {
            world.is_some_and(|world| {
                world
                    .imports
                    .values()
                    .any(|item| matches!(item, WorldItem::Interface { id, .. } if *id == interface))
            })
        };
        let unfit = |what: &str, reason: &str| {
            Error::new(Kind::Failed, "P0801").with("reason", format!("{what} {reason}"))
        };
        let mut reader = Reader {
            resolve,
            named: BTreeMap::new(),
        };
        let error = package
            .interfaces
            .get(SHARED)
            .and_then(|id| resolve.interfaces[*id].types.get("error").copied())
            .ok_or_else(|| unfit("types.error", "is missing"))?;
        let mut table = Self {
            package: format!("{}:{}", package.name.namespace, package.name.name),
            version: package
                .name
                .version
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            interfaces: Vec::new(),
            functions: Vec::new(),
            error: reader.of_id(error, "types.error")?,
        };
        for (name, id) in &package.interfaces {
            let interface = &resolve.interfaces[*id];
            if interface.functions.is_empty() {
                continue;
            }
            if !imported(*id) {
                return Err(unfit(name, "is not imported by the world `plugin`"));
            }
            named_for_scripts(name, name)?;
            let docs = interface.docs.contents.clone().unwrap_or_default();
            table.interfaces.push(Interface {
                name: name.clone(),
                docs,
            });
            for function in interface.functions.values() {
                table.functions.push(reader.function(name, function, error)?);
            }
        }
        Ok(table)
    }

    /// The function of that name, if there is one.
    pub fn find(&self, capability: &str, function: &str) -> Option<&Function> {
        self.functions
            .iter()
            .find(|f| f.capability == capability && f.name == function)
    }

    /// The functions of an interface.
    pub fn of(&self, capability: &str) -> impl Iterator<Item = &Function> {
        self.functions.iter().filter(move |f| f.capability == capability)
    }

    /// The name under which a component imports an interface: `procedo:host/files@0.1.0`.
    pub fn import_name(&self, capability: &str) -> String {
        format!("{}/{capability}@{}", self.package, self.version)
    }
}

/// Refuses a name that a script cannot write.
fn named_for_scripts(at: &str, name: &str) -> Result<()> {
    if rhai::is_valid_function_name(&script_name(name)) {
        return Ok(());
    }
    Err(Error::new(Kind::Failed, "P0804")
        .with("at", at)
        .with("name", script_name(name)))
}

/// Turns WIT types into ours. Named types are read once and shared.
struct Reader<'a> {
    resolve: &'a Resolve,
    named: BTreeMap<usize, Type>,
}

impl Reader<'_> {
    fn function(
        &mut self,
        capability: &str,
        function: &wit_parser::Function,
        error: TypeId,
    ) -> Result<Function> {
        let at = format!("{capability}.{}", function.name);
        if function.kind != FunctionKind::Freestanding {
            return Err(unsupported(
                &at,
                "a function of a resource or an asynchronous one",
            ));
        }
        named_for_scripts(&at, &function.name)?;
        let mut params = Vec::new();
        for param in &function.params {
            let at = format!("{at}: {}", param.name);
            named_for_scripts(&at, &param.name)?;
            params.push((param.name.clone(), self.of(&param.ty, &at)?));
        }
        let result = match function.result {
            Some(wit_parser::Type::Id(id)) => match &self.resolve.types[id].kind {
                TypeDefKind::Result(result) => Some(result),
                _ => None,
            },
            _ => None,
        };
        let replies_error = |result: &&wit_parser::Result_| matches!(result.err, Some(wit_parser::Type::Id(id)) if self.origin(id) == error);
        let Some(result) = result.filter(replies_error) else {
            return Err(Error::new(Kind::Failed, "P0803").with("at", at));
        };
        let reply = result
            .ok
            .map(|ty| self.of(&ty, &format!("{at}: reply")))
            .transpose()?;
        Ok(Function {
            capability: capability.to_owned(),
            name: function.name.clone(),
            docs: function.docs.contents.clone().unwrap_or_default(),
            params,
            reply,
        })
    }

    /// The definition behind `use` and aliases.
    fn origin(&self, mut id: TypeId) -> TypeId {
        while let TypeDefKind::Type(wit_parser::Type::Id(next)) = self.resolve.types[id].kind {
            id = next;
        }
        id
    }

    fn of(&mut self, ty: &wit_parser::Type, at: &str) -> Result<Type> {
        use wit_parser::Type as Wit;
        Ok(match ty {
            Wit::Bool => Type::Bool,
            Wit::U8 => Type::int(false, 8),
            Wit::U16 => Type::int(false, 16),
            Wit::U32 => Type::int(false, 32),
            Wit::U64 => Type::int(false, 64),
            Wit::S8 => Type::int(true, 8),
            Wit::S16 => Type::int(true, 16),
            Wit::S32 => Type::int(true, 32),
            Wit::S64 => Type::int(true, 64),
            Wit::F32 => Type::F32,
            Wit::F64 => Type::F64,
            Wit::Char => return Err(unsupported(at, "char")),
            Wit::ErrorContext => return Err(unsupported(at, "error-context")),
            Wit::String => Type::String,
            Wit::Id(id) => self.of_id(*id, at)?,
        })
    }

    fn of_id(&mut self, id: TypeId, at: &str) -> Result<Type> {
        let id = self.origin(id);
        if let Some(known) = self.named.get(&id.index()) {
            return Ok(known.clone());
        }
        let definition = &self.resolve.types[id];
        let name = definition.name.clone().unwrap_or_default();
        let docs = definition.docs.contents.clone().unwrap_or_default();
        let at = if name.is_empty() {
            at.to_owned()
        } else {
            name.clone()
        };
        let ty = match &definition.kind {
            TypeDefKind::Type(wit_parser::Type::String) if name == "json" => Type::Json,
            TypeDefKind::Type(ty) => self.of(ty, &at)?,
            TypeDefKind::Option(ty) => match self.of(ty, &at)? {
                // JSON has one null: a value could not say which of the two is absent.
                Type::Option(_) => return Err(unsupported(&at, "option<option<…>>")),
                Type::Json => return Err(unsupported(&at, "option<json>")),
                inner => Type::Option(Arc::new(inner)),
            },
            TypeDefKind::List(ty) => match self.of(ty, &at)? {
                // Bytes cross the component boundary one by one: 36 ms a MiB. They belong into the blob store.
                Type::Int {
                    bits: 8,
                    signed: false,
                } => return Err(unsupported(&at, "list<u8>")),
                inner => Type::List(Arc::new(inner)),
            },
            TypeDefKind::Tuple(tuple) => Type::Tuple(
                tuple
                    .types
                    .iter()
                    .map(|ty| self.of(ty, &at))
                    .collect::<Result<Vec<_>>>()?
                    .into(),
            ),
            TypeDefKind::Record(record) => {
                let mut members = Vec::new();
                for field in &record.fields {
                    let at = format!("{at}.{}", field.name);
                    named_for_scripts(&at, &field.name)?;
                    members.push(Member {
                        name: field.name.clone(),
                        docs: field.docs.contents.clone().unwrap_or_default(),
                        ty: self.of(&field.ty, &at)?,
                    });
                }
                Type::record(name, docs, members)
            }
            TypeDefKind::Enum(cases) => Type::cases(
                name,
                docs,
                cases.cases.iter().map(|case| Case {
                    name: case.name.clone(),
                    docs: case.docs.contents.clone().unwrap_or_default(),
                    payload: None,
                }),
            ),
            TypeDefKind::Variant(variant) => {
                let mut cases = Vec::new();
                for case in &variant.cases {
                    let at = format!("{at}.{}", case.name);
                    cases.push(Case {
                        name: case.name.clone(),
                        docs: case.docs.contents.clone().unwrap_or_default(),
                        payload: case.ty.map(|ty| self.of(&ty, &at)).transpose()?,
                    });
                }
                Type::variant(name, docs, cases)
            }
            other => return Err(unsupported(&at, other.as_str())),
        };
        self.named.insert(id.index(), ty.clone());
        Ok(ty)
    }
}

fn unsupported(at: &str, ty: &str) -> Error {
    Error::new(Kind::Failed, "P0802").with("at", at).with("type", ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(interface: &str) -> Result<Table> {
        let types = "package procedo:host@0.1.0;\ninterface types { record error { message: string } type json = string; }";
        let own = format!(
            "package procedo:host@0.1.0;\ninterface lamp {{ use types.{{error, json}}; {interface} }}\nworld plugin {{ import lamp; }}"
        );
        let (resolve, package) = parse(&[("types.wit", types), ("lamp.wit", &own)])?;
        Table::read(&resolve, package)
    }

    fn refusal(interface: &str) -> String {
        table(interface)
            .expect_err("the interface cannot be bound")
            .to_string()
    }

    #[test]
    fn the_hosts_own_package_is_read_with_docs_parameters_and_replies() {
        let table = Table::of_host().expect("our own package is sound");
        assert_eq!(
            (table.package.as_str(), table.version.as_str()),
            ("procedo:host", "0.1.0")
        );
        assert_eq!(table.import_name("files"), "procedo:host/files@0.1.0");
        let read = table.find("files", "read").expect("files.read");
        assert_eq!(
            read.params
                .iter()
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>(),
            ["root", "path", "encoding"]
        );
        assert_eq!(read.params[2].1.to_string(), "option<string>");
        assert_eq!(read.required(), 2);
        assert!(read.docs.starts_with("Reads a text file"), "{}", read.docs);
        assert_eq!(read.reply.as_ref().expect("a reply").to_string(), "text-file");
        let log = table.find("run", "log").expect("run.log");
        assert_eq!(log.params[1].1.to_string(), "text");
        assert!(log.params[1].1.is_text() && log.reply.is_none());
        let child = table.find("run", "run-child").expect("run.run-child");
        assert_eq!(child.params[1].1, Type::Json);
        assert!(!table.interfaces.iter().any(|interface| interface.name == "types"));
    }

    #[test]
    fn a_function_that_cannot_fail_is_refused_by_name() {
        assert_eq!(
            refusal("glow: func() -> string;"),
            r#"P0803: P0803 at="lamp.glow""#
        );
        assert_eq!(
            refusal("glow: func() -> result<string, string>;"),
            r#"P0803: P0803 at="lamp.glow""#
        );
        assert_eq!(
            refusal("glow: func() -> result;"),
            r#"P0803: P0803 at="lamp.glow""#
        );
    }

    #[test]
    fn a_type_that_cannot_cross_the_gate_is_refused_by_name() {
        let glow = |ty: &str| refusal(&format!("glow: func(a: {ty}) -> result<_, error>;"));
        assert_eq!(
            glow("list<u8>"),
            r#"P0802: P0802 at="lamp.glow: a" type="list<u8>""#
        );
        assert_eq!(
            glow("option<option<bool>>"),
            r#"P0802: P0802 at="lamp.glow: a" type="option<option<…>>""#
        );
        assert_eq!(
            glow("option<json>"),
            r#"P0802: P0802 at="lamp.glow: a" type="option<json>""#
        );
        assert_eq!(glow("char"), r#"P0802: P0802 at="lamp.glow: a" type="char""#);
        assert_eq!(
            refusal("resource bulb; glow: func(a: bulb) -> result<_, error>;"),
            r#"P0802: P0802 at="lamp.glow: a" type="own""#
        );
        assert_eq!(
            refusal("flags f { a, b } record r { f: f } glow: func() -> result<r, error>;"),
            r#"P0802: P0802 at="f" type="flags""#
        );
    }

    #[test]
    fn a_name_that_scripts_cannot_write_is_refused_by_name() {
        assert_eq!(
            refusal("default: func() -> result<_, error>;"),
            r#"P0804: P0804 at="lamp.default" name="default""#
        );
        assert_eq!(
            refusal("glow: func(new: u8) -> result<_, error>;"),
            r#"P0804: P0804 at="lamp.glow: new" name="new""#
        );
        assert_eq!(
            refusal("record r { match: u8 } glow: func(r: r) -> result<_, error>;"),
            r#"P0804: P0804 at="r.match" name="match""#
        );
    }

    #[test]
    fn an_interface_that_plugins_cannot_import_is_refused() {
        let types = "package procedo:host@0.1.0;\ninterface types { record error { message: string } }";
        let own = "package procedo:host@0.1.0;\ninterface lamp { use types.{error}; glow: func() -> result<_, error>; }\nworld plugin {}";
        let (resolve, package) = parse(&[("types.wit", types), ("lamp.wit", own)]).expect("parses");
        let error = Table::read(&resolve, package)
            .expect_err("not importable")
            .to_string();
        assert!(error.contains("lamp is not imported"), "{error}");
    }
}
