//! The types of arguments and replies, and their form as values at the gate.
//!
//! A record is an object with the WIT's member names, an absent option null or missing, an enum its case's name, a variant
//! its case's name or an object with that name as its only key, a tuple an array, `json` a string of JSON.

use std::fmt;
use std::sync::Arc;

/// The type of an argument, a reply or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int {
        /// Whether it may be negative.
        signed: bool,
        /// 8, 16, 32 or 64.
        bits: u8,
    },
    /// A number with single precision.
    F32,
    /// A number with double precision.
    F64,
    /// A text.
    String,
    /// A JSON document: text at the gate and in plugins, a plain value in scripts.
    Json,
    /// A value that may be absent.
    Option(Arc<Self>),
    /// Any number of values.
    List(Arc<Self>),
    /// A fixed number of values.
    Tuple(Arc<[Self]>),
    /// Named members.
    Record(Arc<Record>),
    /// One of several names.
    Enum(Arc<Cases>),
    /// One of several names, some with a value.
    Variant(Arc<Cases>),
}

/// A record of the WIT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// Its doc comment.
    pub docs: String,
    /// Its members in order.
    pub members: Vec<Member>,
}

/// A member of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name in the WIT.
    pub name: String,
    /// Its doc comment.
    pub docs: String,
    /// Its type.
    pub ty: Type,
}

/// An enum or a variant of the WIT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cases {
    /// Its name.
    pub name: String,
    /// Its doc comment.
    pub docs: String,
    /// The cases in order.
    pub cases: Vec<Case>,
}

/// A case of an enum or a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Its doc comment.
    pub docs: String,
    /// The value that goes with it, in a variant.
    pub payload: Option<Type>,
}

impl Cases {
    /// The names of the cases, for messages.
    pub fn names(&self) -> String {
        self.cases
            .iter()
            .map(|case| case.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The case of that name.
    pub fn find(&self, name: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.name == name)
    }
}

impl Type {
    pub(crate) fn int(signed: bool, bits: u8) -> Self {
        Self::Int { signed, bits }
    }

    pub(crate) fn record(name: String, docs: String, members: Vec<Member>) -> Self {
        Self::Record(Arc::new(Record { name, docs, members }))
    }

    pub(crate) fn cases(name: String, docs: String, cases: impl Iterator<Item = Case>) -> Self {
        Self::Enum(Arc::new(Cases {
            name,
            docs,
            cases: cases.collect(),
        }))
    }

    pub(crate) fn variant(name: String, docs: String, cases: Vec<Case>) -> Self {
        Self::Variant(Arc::new(Cases { name, docs, cases }))
    }

    /// Whether it is the `text` record, for which scripts may pass a plain string.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Record(record) if record.name == "text")
    }

    /// Whether it is a list of pairs of texts, for which scripts may pass a map.
    pub fn is_pairs(&self) -> bool {
        matches!(self, Self::List(item)
            if matches!(&**item, Self::Tuple(parts) if matches!(&**parts, [Self::String, Self::String])))
    }

    /// The smallest and the largest value, of a whole number.
    pub fn range(&self) -> Option<(i128, i128)> {
        match *self {
            Self::Int { signed: true, bits } => Some((-(1 << (bits - 1)), (1 << (bits - 1)) - 1)),
            Self::Int { signed: false, bits } => Some((0, (1 << bits) - 1)),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    /// The type as the WIT writes it; records, enums and variants by name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int { signed, bits } => write!(f, "{}{bits}", if *signed { 's' } else { 'u' }),
            Self::F32 => f.write_str("f32"),
            Self::F64 => f.write_str("f64"),
            Self::String => f.write_str("string"),
            Self::Json => f.write_str("json"),
            Self::Option(inner) => write!(f, "option<{inner}>"),
            Self::List(item) => write!(f, "list<{item}>"),
            Self::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().map(ToString::to_string).collect();
                write!(f, "tuple<{}>", parts.join(", "))
            }
            Self::Record(record) => f.write_str(&record.name),
            Self::Enum(cases) | Self::Variant(cases) => f.write_str(&cases.name),
        }
    }
}
