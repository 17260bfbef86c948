//! Whether a component was built against the interfaces of this host: names, exact version, and every type.

use crate::table::Table;
use crate::types::{Cases, Type};
use semver::Version;
use wasmtime::Engine;
use wasmtime::component::types::{self, Component, ComponentFunc, ComponentItem};

/// Why a component cannot be linked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It imports something that this host does not have.
    #[error("it imports {import}, which this host does not have")]
    Unknown {
        /// The import.
        import: String,
    },
    /// It was built against a newer version of the package.
    #[error("it needs {import}, newer than the {version} of this host")]
    Newer {
        /// The import.
        import: String,
        /// The version this host serves.
        version: String,
    },
    /// It was built against a version that this host does not serve any more.
    #[error("it needs {import}, older than the {version} of this host")]
    Older {
        /// The import.
        import: String,
        /// The version this host serves.
        version: String,
    },
    /// A function has the right name and other types.
    #[error("it imports {function} as {found}, not as {expected}")]
    Shape {
        /// The function, as `files.read`.
        function: String,
        /// Its type in this host's WIT.
        expected: String,
        /// Its type in the component.
        found: String,
    },
}

/// Compares what a component imports with the table. Imports of WASI 0.2 (`wasi:…@0.2.x`) are the caller's to link and not
/// looked at.
pub fn check(component: &Component, engine: &Engine, table: &Table) -> Result<(), Mismatch> {
    for (import, found) in component.imports(engine) {
        if is_wasi(import) {
            continue;
        }
        let unknown = || Mismatch::Unknown {
            import: import.to_owned(),
        };
        let interface = of_this_package(import, table)?.ok_or_else(unknown)?;
        let ComponentItem::ComponentInstance(instance) = found.ty else {
            return Err(unknown());
        };
        for (name, found) in instance.exports(engine) {
            let missing = || Mismatch::Unknown {
                import: format!("{import}#{name}"),
            };
            match found.ty {
                // A type alone asks for nothing; where a function uses it, it is compared.
                ComponentItem::Type(_) => {}
                ComponentItem::ComponentFunc(found) => {
                    let function = table.find(interface, name).ok_or_else(missing)?;
                    same(&found, &function.params, function.reply.as_ref(), &table.error).map_err(
                        |(expected, found)| Mismatch::Shape {
                            function: function.operation().to_string(),
                            expected,
                            found,
                        },
                    )?;
                }
                _ => return Err(missing()),
            }
        }
    }
    Ok(())
}

/// Whether an import is one of WASI 0.2.
pub fn is_wasi(import: &str) -> bool {
    import.starts_with("wasi:")
        && import
            .split_once('@')
            .is_some_and(|(_, version)| version.starts_with("0.2."))
}

/// The name of the interface, if the import is of the table's package and version.
fn of_this_package<'a>(import: &'a str, table: &Table) -> Result<Option<&'a str>, Mismatch> {
    let Some((package, rest)) = import.split_once('/') else {
        return Ok(None);
    };
    if package != table.package {
        return Ok(None);
    }
    let (interface, version) = rest.split_once('@').unwrap_or((rest, "0.0.0"));
    let (import, ours) = (import.to_owned(), table.version.clone());
    match (Version::parse(version), Version::parse(&ours)) {
        _ if version == ours => Ok(Some(interface)),
        (Ok(theirs), Ok(wanted)) if theirs > wanted => Err(Mismatch::Newer {
            import,
            version: ours,
        }),
        _ => Err(Mismatch::Older {
            import,
            version: ours,
        }),
    }
}

/// Compares a function's type; where it differs, tells both.
fn same(
    found: &ComponentFunc,
    params: &[(String, Type)],
    reply: Option<&Type>,
    error: &Type,
) -> Result<(), (String, String)> {
    let same_params = found.params().len() == params.len()
        && found
            .params()
            .zip(params)
            .all(|((name, found), (expected, ty))| name == expected && equal(&found, ty));
    let mut results = found.results();
    let same_result = match (results.next(), results.next()) {
        (Some(types::Type::Result(result)), None) => {
            let ok = match (result.ok(), reply) {
                (None, None) => true,
                (Some(found), Some(ty)) => equal(&found, ty),
                _ => false,
            };
            ok && result.err().is_some_and(|found| equal(&found, error))
        }
        _ => false,
    };
    if same_params && same_result && !found.async_() {
        return Ok(());
    }
    let params: Vec<_> = params.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
    let reply = reply.map_or_else(|| "_".to_owned(), ToString::to_string);
    let expected = format!("func({}) -> result<{reply}, error>", params.join(", "));
    let params: Vec<_> = found
        .params()
        .map(|(name, ty)| format!("{name}: {}", tell(&ty)))
        .collect();
    let results: Vec<_> = found.results().map(|ty| tell(&ty)).collect();
    Err((
        expected,
        format!("func({}) -> {}", params.join(", "), results.join(", ")),
    ))
}

/// Whether a component's type is the table's: the same kind, names, order and parts, all the way down.
fn equal(found: &types::Type, ty: &Type) -> bool {
    use types::Type as Found;
    match (found, ty) {
        (Found::Bool, Type::Bool)
        | (Found::Float32, Type::F32)
        | (Found::Float64, Type::F64)
        | (Found::String, Type::String | Type::Json) => true,
        (Found::U8, Type::Int { signed, bits }) => !signed && *bits == 8,
        (Found::U16, Type::Int { signed, bits }) => !signed && *bits == 16,
        (Found::U32, Type::Int { signed, bits }) => !signed && *bits == 32,
        (Found::U64, Type::Int { signed, bits }) => !signed && *bits == 64,
        (Found::S8, Type::Int { signed, bits }) => *signed && *bits == 8,
        (Found::S16, Type::Int { signed, bits }) => *signed && *bits == 16,
        (Found::S32, Type::Int { signed, bits }) => *signed && *bits == 32,
        (Found::S64, Type::Int { signed, bits }) => *signed && *bits == 64,
        (Found::Option(found), Type::Option(ty)) => equal(&found.ty(), ty),
        (Found::List(found), Type::List(ty)) => equal(&found.ty(), ty),
        (Found::Tuple(found), Type::Tuple(types)) => {
            found.types().len() == types.len()
                && found
                    .types()
                    .zip(types.iter())
                    .all(|(found, ty)| equal(&found, ty))
        }
        (Found::Record(found), Type::Record(record)) => {
            found.fields().len() == record.members.len()
                && found
                    .fields()
                    .zip(&record.members)
                    .all(|(found, member)| found.name == member.name && equal(&found.ty, &member.ty))
        }
        (Found::Enum(found), Type::Enum(cases)) => found.names().eq(names(cases)),
        (Found::Variant(found), Type::Variant(cases)) => {
            found.cases().len() == cases.cases.len()
                && found.cases().zip(&cases.cases).all(|(found, case)| {
                    found.name == case.name
                        && match (&found.ty, &case.payload) {
                            (None, None) => true,
                            (Some(found), Some(ty)) => equal(found, ty),
                            _ => false,
                        }
                })
        }
        _ => false,
    }
}

fn names(cases: &Cases) -> impl Iterator<Item = &str> {
    cases.cases.iter().map(|case| case.name.as_str())
}

/// A component's type for a message: records, enums and variants by their parts' names, for they have no name of their own.
fn tell(found: &types::Type) -> String {
    use types::Type as Found;
    let all = |names: Vec<&str>| names.join(", ");
    match found {
        Found::Bool => "bool".to_owned(),
        Found::U8 => "u8".to_owned(),
        Found::U16 => "u16".to_owned(),
        Found::U32 => "u32".to_owned(),
        Found::U64 => "u64".to_owned(),
        Found::S8 => "s8".to_owned(),
        Found::S16 => "s16".to_owned(),
        Found::S32 => "s32".to_owned(),
        Found::S64 => "s64".to_owned(),
        Found::Float32 => "f32".to_owned(),
        Found::Float64 => "f64".to_owned(),
        Found::Char => "char".to_owned(),
        Found::String => "string".to_owned(),
        Found::List(list) => format!("list<{}>", tell(&list.ty())),
        Found::Option(option) => format!("option<{}>", tell(&option.ty())),
        Found::Tuple(tuple) => format!(
            "tuple<{}>",
            tuple.types().map(|ty| tell(&ty)).collect::<Vec<_>>().join(", ")
        ),
        Found::Result(result) => {
            let part = |ty: Option<types::Type>| ty.map_or_else(|| "_".to_owned(), |ty| tell(&ty));
            format!("result<{}, {}>", part(result.ok()), part(result.err()))
        }
        Found::Record(record) => {
            let fields: Vec<_> = record
                .fields()
                .map(|field| format!("{}: {}", field.name, tell(&field.ty)))
                .collect();
            format!("record {{{}}}", fields.join(", "))
        }
        Found::Enum(cases) => format!("enum {{{}}}", all(cases.names().collect())),
        Found::Flags(flags) => format!("flags {{{}}}", all(flags.names().collect())),
        Found::Variant(variant) => format!(
            "variant {{{}}}",
            all(variant.cases().map(|case| case.name).collect())
        ),
        _ => "a handle".to_owned(),
    }
}
