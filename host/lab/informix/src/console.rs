//! How the tools talk: prompts without a line end, and answers of which only a clear yes counts as one.

use std::io::{self, BufRead, Write};

/// Shows a prompt and takes a line as the answer.
///
/// # Errors
/// If nobody is there to answer.
pub(crate) fn ask(prompt: &str) -> io::Result<String> {
    print!("{prompt} ");
    io::stdout().flush()?;
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(io::Error::other("end of input"));
    }
    Ok(line.trim().to_owned())
}

/// Whether the answer is a clear yes. Everything else counts as no, and nothing is asked twice.
pub(crate) fn agrees(prompt: &str) -> io::Result<bool> {
    let answer = ask(prompt)?.to_ascii_lowercase();
    Ok(answer == "y" || answer == "yes")
}
