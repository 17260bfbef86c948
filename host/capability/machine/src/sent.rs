//! What may be sent to a job, on whatever machine: how much at once, and under which tag.

use procedo_core::{Error, Kind, Result};

/// What is written to a pipe at once goes through whole or not at all (POSIX asks for 512 at least, Linux has 4096).
const LONGEST: usize = 4096;

/// Refuses more than can be sent at once. `error` makes an error about the job.
pub(crate) fn check_size(bytes: &[u8], error: impl Fn(Kind, &str) -> Error) -> Result<()> {
    if bytes.len() > LONGEST {
        return Err(error(Kind::TooLarge, "P1026")
            .with("bytes", bytes.len())
            .with("limit", LONGEST));
    }
    Ok(())
}

/// Refuses a tag that cannot be the name of a file. `error` makes an error about the job.
pub(crate) fn check_tag(tag: &str, error: impl Fn(Kind, &str) -> Error) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if tag.is_empty() || tag.len() > 64 || !tag.bytes().all(plain) {
        return Err(error(Kind::Invalid, "P1027")
            .with("path", tag.escape_debug())
            .with("what", "tag"));
    }
    Ok(())
}
