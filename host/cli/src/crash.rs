//! A bug in Procedo: a short apology with a code, and the details in a file.

use crate::exit::Exit;
use std::backtrace::Backtrace;
use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

/// Runs the program; a panic in it becomes the exit code of a bug.
pub fn guarded(work: impl FnOnce() -> Exit) -> Exit {
    set_hook(Box::new(report));
    // Nothing of the program is used after it panicked.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Exit::Bug)
}

fn report(info: &PanicHookInfo<'_>) {
    let details = format!(
        "procedo {}\n{info}\n\n{}",
        env!("CARGO_PKG_VERSION"),
        Backtrace::force_capture()
    );
    let kept = tempfile::Builder::new()
        .prefix("procedo-crash-")
        .suffix(".txt")
        .tempfile()
        .and_then(|mut file| {
            file.write_all(details.as_bytes())?;
            file.into_temp_path().keep().map_err(|error| error.error)
        });
    // Fixed words in English: what tells sentences may be what is broken.
    let mut err = std::io::stderr().lock();
    let _ = match kept {
        Ok(path) => writeln!(
            err,
            "P0070: Sorry, this is a bug in Procedo. The details are in {}; a run that was going on can be resumed.",
            path.display()
        ),
        Err(_) => writeln!(err, "P0070: Sorry, this is a bug in Procedo.\n{details}"),
    };
}
