//! How an entry is read: the frequent kinds straight from the text into their types.
//!
//! Derived code for a flattened, internally tagged enum first gathers all members and reads them a second time from there,
//! which takes most of the time of a replay. Entries as the store writes them begin with `seq`, `at` and `kind`: whatever
//! follows can then be read as what it is. Any other order of the members is read too, the long way.

use super::{Body, CallEnd, Entry, Intent};
use crate::error::Error;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::fmt;

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry of a journal")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Entry, A::Error> {
        let (mut seq, mut at, mut kind) = (None, None, None);
        let mut others = Map::new();
        while let Some(name) = members.next_key()? {
            match name {
                Name::Seq => seq = Some(members.next_value()?),
                Name::At => at = Some(members.next_value()?),
                Name::Kind => kind = Some(members.next_value()?),
                Name::Other(name) => drop(others.insert(name, members.next_value()?)),
            }
            if let (Some(seq), Some(at), Some(kind), true) = (seq, at, &kind, others.is_empty()) {
                let rest = MapAccessDeserializer::new(&mut members);
                let body = match kind {
                    Kind::Intent => Body::Intent(Box::<Intent>::deserialize(rest)?),
                    Kind::Outcome => Outcome::deserialize(rest)?.body()?,
                    Kind::Other(kind) => rare(kind, Map::deserialize(rest)?)?,
                };
                return Ok(Entry { seq, at, body });
            }
        }
        Ok(Entry {
            seq: seq.ok_or_else(|| A::Error::missing_field("seq"))?,
            at: at.ok_or_else(|| A::Error::missing_field("at"))?,
            body: rare(
                kind.ok_or_else(|| A::Error::missing_field("kind"))?.name(),
                others,
            )?,
        })
    }
}

/// Reads an entry's body by the derived code.
fn rare<E: serde::de::Error>(kind: &str, mut members: Map<String, Value>) -> Result<Body, E> {
    members.insert("kind".to_owned(), Value::from(kind));
    Body::deserialize(Value::Object(members)).map_err(E::custom)
}

/// The members of an outcome.
#[derive(Deserialize)]
struct Outcome {
    call: u64,
    #[serde(default, deserialize_with = "present")]
    reply: Option<Value>,
    error: Option<Error>,
    micros: u64,
}

/// A reply that is null is a reply.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Outcome {
    fn body<E: serde::de::Error>(self) -> Result<Body, E> {
        let ended = match (self.reply, self.error) {
            (Some(reply), None) => CallEnd::Reply(reply),
            (None, Some(error)) => CallEnd::Error(error),
            _ => return Err(E::custom("an outcome has either a reply or an error")),
        };
        Ok(Body::Outcome {
            call: self.call,
            ended,
            micros: self.micros,
        })
    }
}

/// The name of a member.
enum Name {
    Seq,
    At,
    Kind,
    Other(String),
}

/// The kind of an entry.
enum Kind {
    Intent,
    Outcome,
    Other(String),
}

impl Kind {
    fn name(&self) -> &str {
        match self {
            Self::Intent => "intent",
            Self::Outcome => "outcome",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        match text {
            "seq" => Self::Seq,
            "at" => Self::At,
            "kind" => Self::Kind,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl From<&str> for Kind {
    fn from(text: &str) -> Self {
        match text {
            "intent" => Self::Intent,
            "outcome" => Self::Outcome,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Reads a word without keeping its text.
struct Word<T>(std::marker::PhantomData<T>);

impl<T: for<'a> From<&'a str>> Visitor<'_> for Word<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(Word(std::marker::PhantomData))
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Word(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> Result<Entry, serde_json::Error> {
        // By way of the text: its members come in the order given here.
        serde_json::from_str(&value.to_string())
    }

    fn texts() -> Vec<&'static str> {
        vec![
            r#"{"seq":3,"at":9,"kind":"intent","call":1,"operation":"files.write","args":{"a":1},"resource":"web","effect":"write","identity":"x"}"#,
            r#"{"seq":4,"at":9,"kind":"outcome","call":1,"reply":{"b":[null,1.5]},"micros":7}"#,
            r#"{"seq":4,"at":9,"kind":"outcome","call":1,"reply":null,"micros":7}"#,
            r#"{"seq":4,"at":9,"kind":"outcome","call":1,"error":{"kind":"denied","code":"P0105","message":{"id":"P0105"}},"micros":7}"#,
            r#"{"seq":5,"at":9,"kind":"note","call":1,"note":{"kind":"job","seq":1}}"#,
            r#"{"seq":6,"at":9,"kind":"finished","succeeded":null}"#,
        ]
    }

    #[test]
    fn an_entry_is_written_as_it_was_read() {
        for text in texts() {
            let entry: Entry = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&entry).unwrap(), text);
        }
    }

    #[test]
    fn the_order_of_the_members_does_not_matter() {
        for text in texts() {
            // A map of JSON values is sorted by name: `at` and `call` come before `kind`, and `seq` is late.
            let value: Value = serde_json::from_str(text).unwrap();
            let straight: Entry = serde_json::from_str(text).unwrap();
            assert_eq!(read(&value).unwrap(), straight, "{text}");
            assert_eq!(Entry::deserialize(value).unwrap(), straight, "{text}");
        }
    }

    #[test]
    fn what_lacks_a_member_is_no_entry() {
        for text in texts() {
            let value: Value = serde_json::from_str(text).unwrap();
            for name in ["seq", "at", "kind", "call", "micros", "operation"] {
                let mut less = value.clone();
                if less.as_object_mut().unwrap().remove(name).is_some() {
                    assert!(read(&less).is_err(), "{text} without {name}");
                }
            }
        }
        assert!(read(&json!({"seq": 1, "at": 1, "kind": "outcome", "call": 1, "micros": 1})).is_err());
        assert!(read(&json!({"seq": 1, "at": 1, "kind": "else"})).is_err());
    }
}
