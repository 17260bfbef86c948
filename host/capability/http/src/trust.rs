//! Which certificate authorities a site trusts.
//!
//! The default is narrow on purpose: an origin is trusted if one of the site's own files vouches for it. The authorities
//! that the operating system trusts count only where a resource says `system-trust = true`.

use procedo_core::{Error, Kind, Result};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::collections::BTreeMap;
use std::path::Path;

/// The certificates of a site's folder `trust`, by file name.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    files: BTreeMap<String, Vec<CertificateDer<'static>>>,
}

impl TrustStore {
    /// A store that trusts nobody.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads all `*.pem` files of a folder. A folder that does not exist is an empty store.
    pub fn read(folder: &Path) -> Result<Self> {
        let unreadable = |name: &str, reason: &dyn std::fmt::Display| {
            Error::new(Kind::Failed, "P0424")
                .with("file", name)
                .with("reason", reason)
        };
        let mut store = Self::empty();
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(store),
            Err(error) => return Err(unreadable(&folder.display().to_string(), &error)),
        };
        for entry in entries {
            let path = entry
                .map_err(|error| unreadable(&folder.display().to_string(), &error))?
                .path();
            if path.extension().is_some_and(|extension| extension == "pem") {
                let name = path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default();
                let bytes = std::fs::read(&path).map_err(|error| unreadable(&name, &error))?;
                store.add(&name, &bytes)?;
            }
        }
        Ok(store)
    }

    /// Adds a file with certificates in the PEM format (RFC 7468). One that holds none, or a broken one, is refused: a
    /// typing error must not silently narrow what is trusted.
    pub fn add(&mut self, name: &str, pem: &[u8]) -> Result<()> {
        let broken = |reason: &dyn std::fmt::Display| {
            Error::new(Kind::Invalid, "P0424")
                .with("file", name)
                .with("reason", reason)
        };
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<_, _>>()
            .map_err(|error| broken(&error))?;
        let mut check = RootCertStore::empty();
        for certificate in &certificates {
            check.add(certificate.clone()).map_err(|error| broken(&error))?;
        }
        if certificates.is_empty() {
            return Err(broken(&"no CERTIFICATE block"));
        }
        self.files.insert(name.to_owned(), certificates);
        Ok(())
    }

    /// The certificates of one file.
    pub(crate) fn file(&self, name: &str) -> Option<&[CertificateDer<'static>]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// The certificates of all files.
    pub(crate) fn all(&self) -> impl Iterator<Item = &CertificateDer<'static>> {
        self.files.values().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority() -> String {
        let key = rcgen::KeyPair::generate().expect("a key");
        rcgen::CertificateParams::new(Vec::new())
            .expect("parameters")
            .self_signed(&key)
            .expect("signed")
            .pem()
    }

    #[test]
    fn files_with_certificates_are_taken_and_others_refused_by_name() {
        let mut store = TrustStore::empty();
        let two = authority() + &authority();
        store.add("site.pem", two.as_bytes()).expect("valid");
        assert_eq!(store.file("site.pem").map(<[_]>::len), Some(2));
        assert_eq!(store.all().count(), 2);

        let cut = &two[..two.len() - 40];
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for bytes in [
            b"" as &[u8],
            b"hello",
            cut.as_bytes(),
            garbage.as_bytes(),
            &[0xff, 0xfe],
        ] {
            let error = store.add("bad.pem", bytes).expect_err("refused");
            assert_eq!(
                (error.code.as_str(), error.message.args["file"].as_str()),
                ("P0424", "bad.pem")
            );
        }
        assert!(store.file("bad.pem").is_none());
    }

    #[test]
    fn a_folder_that_does_not_exist_trusts_nobody() {
        let store = TrustStore::read(Path::new("/does/not/exist")).expect("empty");
        assert_eq!(store.all().count(), 0);
    }
}
