//! The hash chain: how entries are written as bytes, how each carries the hash of the one before, and the signed heads.
//!
//! Pure: no file, no clock, no key but those passed in.
//!
//! - An entry's bytes are its JSON, members in the order of [`Entry`]. Its hash is BLAKE3 of the hash before (32 bytes; zeros
//!   before the first) and those bytes.
//! - A head says that a run's journal reached an entry with a hash. It carries the hash of the head before it and an Ed25519
//!   signature of its own hash, so the heads of all runs form the site's chain.

use crate::flaw::Flaw;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use procedo_core::journal::{Body, Entry};
use procedo_core::run::RunId;
use procedo_core::value::Digest;
use serde::{Deserialize, Serialize};

/// What stands for the hash before the first entry and before the first head.
pub const ORIGIN: Digest = Digest([0; 32]);

/// An [`Entry`] that borrows what it says; written alike.
#[derive(Serialize)]
struct Written<'a> {
    seq: u64,
    at: i64,
    #[serde(flatten)]
    body: &'a Body,
}

/// Appends an entry's bytes to `out`.
pub fn encode(seq: u64, at: i64, body: &Body, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    serde_json::to_writer(out, &Written { seq, at, body })
}

/// Reads an entry's bytes.
pub fn decode(bytes: &[u8]) -> Result<Entry, serde_json::Error> {
    serde_json::from_slice(bytes)
}

/// The hash of an entry's bytes after the entry with hash `previous`.
pub fn link(previous: &Digest, bytes: &[u8]) -> Digest {
    Digest(
        *blake3::Hasher::new()
            .update(&previous.0)
            .update(bytes)
            .finalize()
            .as_bytes(),
    )
}

/// Whether an entry puts its run's head into the site's chain.
pub fn seals(body: &Body) -> bool {
    matches!(
        body,
        Body::Started(_) | Body::Waiting { .. } | Body::Finished { .. }
    )
}

/// A head of the site's chain. Exported, it is what a later state of the journal is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Head {
    /// Its place in the chain, from 1.
    pub number: u64,
    /// The run.
    pub run: RunId,
    /// The entry that the run's journal reached.
    pub seq: u64,
    /// The hash of that entry.
    pub run_hash: Digest,
    /// The hash of the head before.
    pub previous: Digest,
    /// The hash of this head.
    pub hash: Digest,
    /// The site's signature of `hash`: 128 hexadecimal digits.
    pub signature: String,
}

impl Head {
    /// Makes and signs the head after the one with number and hash `before`.
    pub fn sign(key: &SigningKey, before: (u64, Digest), run: RunId, seq: u64, run_hash: Digest) -> Self {
        let mut head = Self {
            number: before.0 + 1,
            run,
            seq,
            run_hash,
            previous: before.1,
            hash: ORIGIN,
            signature: String::new(),
        };
        head.hash = head.computed();
        head.signature = hex(&key.sign(&head.hash.0).to_bytes());
        head
    }

    /// The hash that the head should have. Members of fixed length first, so that no two heads give the same bytes.
    fn computed(&self) -> Digest {
        let hash = blake3::Hasher::new_derive_key("procedo 2026-11-22 head of a journal, format 1")
            .update(&self.previous.0)
            .update(&self.run_hash.0)
            .update(&self.number.to_le_bytes())
            .update(&self.seq.to_le_bytes())
            .update(self.run.as_str().as_bytes())
            .finalize();
        Digest(*hash.as_bytes())
    }

    /// Checks hash and signature; says what is wrong.
    pub fn check(&self, key: &VerifyingKey) -> Result<(), Flaw> {
        if self.hash != self.computed() {
            return Err(Flaw::HeadChanged);
        }
        let signature = unhex(&self.signature).ok_or(Flaw::HeadForged)?;
        key.verify_strict(&self.hash.0, &Signature::from_bytes(&signature))
            .map_err(|_| Flaw::HeadForged)
    }
}

/// The lower-case hexadecimal digits of some bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The bytes of hexadecimal digits, if there are exactly so many.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        let digits = &text[at * 2..at * 2 + 2];
        if digits.starts_with('+') {
            return None;
        }
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}
