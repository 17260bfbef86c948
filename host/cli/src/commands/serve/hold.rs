//! Who serves a site: one process at a time, by a lock that the kernel keeps and that ends with the process.

use crate::output::{err, moment};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use procedo_core::Result;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The right to serve a site.
pub struct Hold {
    file: File,
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Nobody serves any more. If it stays, the lock tells all the same.
        let _ = self.file.set_len(0);
    }
}

fn file_in(store: &Path) -> PathBuf {
    store.join("serve.lock")
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(path)
}

/// Takes the right to serve the site whose store lies in a folder.
///
/// # Errors
/// `P1320` names the process that serves it, `P1321` if the lock's file cannot be used.
pub fn take(store: &Path, account: &str, zone: &TimeZone) -> Result<Hold> {
    let path = file_in(store);
    let fail = |error: std::io::Error| err!(Failed, "P1321", path = path.display(), reason = error);
    let mut file = open(&path).map_err(fail)?;
    match rustix::io::retry_on_intr(|| flock(&file, FlockOperation::NonBlockingLockExclusive)) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            let holder: Value = serde_json::from_str(&text).unwrap_or_default();
            let member = |name: &str| match &holder[name] {
                Value::String(text) => text.clone(),
                Value::Null => "?".to_owned(),
                other => other.to_string(),
            };
            let since = member("since");
            let since = since
                .parse::<Timestamp>()
                .map_or(since, |since| moment::told(zone, since));
            return Err(err!(
                Conflict,
                "P1320",
                process = member("process"),
                account = member("account"),
                since = since
            ));
        }
        Err(error) => return Err(fail(error.into())),
    }
    let holder = json!({
        "process": std::process::id(),
        "account": account,
        "since": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    });
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(holder.to_string().as_bytes()))
        .map_err(fail)?;
    Ok(Hold { file })
}

/// Whether a process serves the site.
pub fn is_held(store: &Path) -> bool {
    let Ok(file) = File::open(file_in(store)) else {
        return false;
    };
    flock(&file, FlockOperation::NonBlockingLockShared) == Err(Errno::WOULDBLOCK)
}
