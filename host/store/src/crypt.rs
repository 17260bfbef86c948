//! The site's key and what is derived from it: the signing key of the chain, names and encryption of blobs, encryption of
//! secrets.
//!
//! A blob's name is a keyed BLAKE3 digest of its content, and its nonce is derived from that name under another key, so equal
//! contents become equal rows, and the same nonce never serves two contents. Whoever lacks the key can neither test a guess
//! against a name nor make up a name.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ed25519_dalek::SigningKey;
use procedo_core::change::BlobId;
use procedo_core::value::Digest;
use procedo_core::{Error, Kind, Result};
use std::fmt;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Where the site's key comes from.
#[derive(Clone)]
pub enum KeySource {
    /// 64 hexadecimal digits.
    Hex(String),
    /// A file that holds 64 hexadecimal digits.
    File(PathBuf),
    /// The file `key` of the store, made when the store is made.
    Site,
}

impl KeySource {
    /// The variable `PROCEDO_KEY` (the digits), else `PROCEDO_KEY_FILE` (a path), else the store's own file.
    pub fn from_env() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        if let Some(digits) = set("PROCEDO_KEY") {
            return Self::Hex(digits.to_string_lossy().into_owned());
        }
        set("PROCEDO_KEY_FILE").map_or(Self::Site, |path| Self::File(path.into()))
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hex(_) => f.write_str("Hex(…)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Site => f.write_str("Site"),
        }
    }
}

/// The length of a blob's authentication tag.
const TAG: usize = 16;
/// What a blob's written name begins with.
const PREFIX: &str = "blob:";
/// Digits of a blob's written name after the prefix: the digest and its mark of authenticity.
const DIGITS: usize = 64 + 8;

/// The keys of a site.
pub(crate) struct Keys {
    signing: SigningKey,
    naming: [u8; 32],
    marking: [u8; 32],
    nonces: [u8; 32],
    blobs: XChaCha20Poly1305,
    secrets: XChaCha20Poly1305,
}

/// A blob, encrypted.
pub(crate) struct Sealed {
    /// The keyed digest of the content.
    pub(crate) digest: [u8; 32],
    /// The encrypted content.
    pub(crate) bytes: Vec<u8>,
}

impl Keys {
    pub(crate) fn derive(master: &[u8; 32]) -> Self {
        let key = |purpose: &str| blake3::derive_key(&format!("procedo 2026-11-22 store {purpose}"), master);
        Self {
            signing: SigningKey::from_bytes(&key("signing of heads")),
            naming: key("names of blobs"),
            marking: key("marks of blob names"),
            nonces: key("nonces of blobs"),
            blobs: XChaCha20Poly1305::new(&key("encryption of blobs").into()),
            secrets: XChaCha20Poly1305::new(&key("encryption of secrets").into()),
        }
    }

    /// The key that signs heads.
    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// The digest that names a content.
    pub(crate) fn name(&self, content: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.naming, content).as_bytes()
    }

    /// The written name of a blob: digits of the digest, and a mark that shows that this site made it, so that a text which
    /// merely looks like a name is not taken for one.
    pub(crate) fn written(&self, digest: &[u8; 32]) -> BlobId {
        let mark = blake3::keyed_hash(&self.marking, digest).to_hex();
        BlobId(format!("{PREFIX}{}{}", Digest(*digest), &mark[..8]))
    }

    /// The digest in a written name, if this site made it.
    pub(crate) fn read_name(&self, id: &BlobId) -> Option<[u8; 32]> {
        let digest = Digest::parse(id.0.strip_prefix(PREFIX)?.get(..64)?)?.0;
        (self.written(&digest) == *id).then_some(digest)
    }

    /// The blobs that a body names, wherever in it.
    pub(crate) fn names_in<'a>(&'a self, body: &'a [u8]) -> impl Iterator<Item = [u8; 32]> + 'a {
        body.windows(PREFIX.len() + DIGITS)
            .filter(|window| window.starts_with(PREFIX.as_bytes()))
            .filter_map(|window| {
                let text = std::str::from_utf8(window).ok()?;
                self.read_name(&BlobId(text.to_owned()))
            })
    }

    /// Encrypts a blob.
    pub(crate) fn seal(&self, content: &[u8]) -> Result<Sealed> {
        let digest = self.name(content);
        let payload = Payload {
            msg: content,
            aad: &digest,
        };
        let bytes = self
            .blobs
            .encrypt(&self.nonce(&digest), payload)
            .map_err(|_| Error::new(Kind::TooLarge, "P0214").with("size", content.len()))?;
        debug_assert_eq!(bytes.len(), content.len() + TAG);
        Ok(Sealed { digest, bytes })
    }

    /// Decrypts a blob; none if it is not the content of that name.
    pub(crate) fn open(&self, digest: &[u8; 32], bytes: &[u8]) -> Option<Vec<u8>> {
        let content = self
            .blobs
            .decrypt(
                &self.nonce(digest),
                Payload {
                    msg: bytes,
                    aad: digest,
                },
            )
            .ok()?;
        (self.name(&content) == *digest).then_some(content)
    }

    fn nonce(&self, digest: &[u8; 32]) -> XNonce {
        let mut nonce = [0; 24];
        nonce.copy_from_slice(&blake3::keyed_hash(&self.nonces, digest).as_bytes()[..24]);
        nonce.into()
    }

    /// Encrypts the file of secrets. The nonce is random: 192 bits do not repeat.
    pub(crate) fn seal_secrets(&self, plain: &[u8], label: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce).map_err(crate::failure::failed)?;
        let sealed = self
            .secrets
            .encrypt(
                &nonce.into(),
                Payload {
                    msg: plain,
                    aad: label,
                },
            )
            .map_err(|_| Error::new(Kind::TooLarge, "P0214").with("size", plain.len()))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Decrypts the file of secrets.
    pub(crate) fn open_secrets(&self, sealed: &[u8], label: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
        self.secrets
            .decrypt(
                &(*nonce).into(),
                Payload {
                    msg: sealed,
                    aad: label,
                },
            )
            .ok()
    }
}

/// Reads the key, or makes it if the store is being made and has it in a file of its own.
pub(crate) fn key(source: &KeySource, dir: &Path, making: bool) -> Result<[u8; 32]> {
    let path = match source {
        KeySource::Hex(digits) => return parse(digits, "PROCEDO_KEY"),
        KeySource::File(path) => path.clone(),
        KeySource::Site => dir.join("key"),
    };
    match std::fs::read_to_string(&path) {
        Ok(digits) => parse(&digits, &path.display().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if making && matches!(source, KeySource::Site) {
                make(&path)
            } else {
                Err(Error::new(Kind::NotFound, "P0209").with("path", path.display()))
            }
        }
        Err(error) => Err(crate::failure::of_file(&error, &path)),
    }
}

fn parse(digits: &str, place: &str) -> Result<[u8; 32]> {
    let digest = Digest::parse(digits.trim());
    digest
        .map(|digest| digest.0)
        .ok_or_else(|| Error::new(Kind::Invalid, "P0211").with("place", place))
}

fn make(path: &Path) -> Result<[u8; 32]> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(crate::failure::failed)?;
    let fail = |error| crate::failure::of_file(&error, path);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(fail)?;
    // A key that is lost after the first entry makes all blobs unreadable: it is on disk before anything needs it.
    let written = writeln!(file, "{}", Digest(key)).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = std::fs::remove_file(path);
        return Err(fail(error));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_contents_become_equal_blobs_and_open_again() {
        let keys = Keys::derive(&[7; 32]);
        let (a, b) = (
            keys.seal(b"before").expect("fits"),
            keys.seal(b"before").expect("fits"),
        );
        assert_eq!((a.digest, &a.bytes), (b.digest, &b.bytes));
        assert_eq!(keys.open(&a.digest, &a.bytes).as_deref(), Some(&b"before"[..]));
        assert_ne!(keys.seal(b"after").expect("fits").digest, a.digest);
    }

    #[test]
    fn a_blob_with_any_byte_changed_does_not_open() {
        let keys = Keys::derive(&[7; 32]);
        let sealed = keys.seal(b"some content").expect("fits");
        for at in 0..sealed.bytes.len() {
            let mut bytes = sealed.bytes.clone();
            bytes[at] ^= 1;
            assert_eq!(keys.open(&sealed.digest, &bytes), None, "byte {at}");
        }
        assert_eq!(Keys::derive(&[8; 32]).open(&sealed.digest, &sealed.bytes), None);
    }

    #[test]
    fn a_name_is_recognised_only_if_this_site_made_it() {
        let keys = Keys::derive(&[7; 32]);
        let id = keys.written(&[9; 32]);
        assert_eq!(keys.read_name(&id), Some([9; 32]));
        assert_eq!(Keys::derive(&[8; 32]).read_name(&id), None);
        assert_eq!(
            keys.read_name(&BlobId(format!("blob:{}00000000", Digest([9; 32])))),
            None
        );
        assert_eq!(keys.read_name(&BlobId("blob:é".to_owned())), None);
        let body = format!("{{\"x\":\"{id}\",\"y\":\"\\\"{id}\\\" blob:\"}}");
        assert_eq!(keys.names_in(body.as_bytes()).count(), 2);
    }

    #[test]
    fn a_key_never_shows_in_debug_output() {
        assert_eq!(format!("{:?}", KeySource::Hex("ab".repeat(32))), "Hex(…)");
    }
}
