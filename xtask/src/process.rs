//! Other programs: run, run within a time limit, run while reading along.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Runs a program with this one's output; an exit code other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{} cannot be started", line(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", line(command));
    }
    Ok(())
}

/// Runs a program and returns its standard output; its standard error is this one's.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{} cannot be started", line(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", line(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} wrote bytes that are not UTF-8", line(command)))
}

/// Runs a program, and kills it where it takes longer than `limit`.
pub fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let mut child = command
        .spawn()
        .with_context(|| format!("{} cannot be started", line(command)))?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                bail!("{} ended with {status}", line(command));
            }
            return Ok(());
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("{} was not done after {} s", line(command), limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Runs a program, passes on what it writes, shows each line of it to `read`, and says whether it succeeded.
pub fn run_reading(command: &mut Command, read: impl FnMut(&str) + Send) -> Result<bool> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} cannot be started", line(command)))?;
    let read = std::sync::Mutex::new(read);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let errors = scope.spawn(|| stderr.map_or(Ok(()), |from| pass_on(from, std::io::stderr(), &read)));
        stdout.map_or(Ok(()), |from| pass_on(from, std::io::stdout(), &read))?;
        errors
            .join()
            .map_err(|_| anyhow::anyhow!("reading the output of {} panicked", line(command)))?
    })?;
    Ok(child.wait()?.success())
}

fn pass_on(from: impl Read, mut to: impl Write, read: &std::sync::Mutex<impl FnMut(&str)>) -> Result<()> {
    let mut from = BufReader::new(from);
    let mut bytes = Vec::new();
    while from.read_until(b'\n', &mut bytes)? > 0 {
        to.write_all(&bytes)?;
        let mut read = read
            .lock()
            .map_err(|_| anyhow::anyhow!("the reader of the output panicked"))?;
        read(&String::from_utf8_lossy(&bytes));
        bytes.clear();
    }
    Ok(())
}

/// Whether a program of this name is on the `PATH`.
pub fn on_path(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(name).is_file()))
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ");
    format!("`{line}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 3` ended with exit status: 3");
    }

    #[test]
    fn a_program_over_its_time_is_killed() {
        let limit = Duration::from_millis(1);
        let error = run_within(limit, Command::new("sh").args(["-c", "exec sleep 600"])).unwrap_err();
        assert!(error.to_string().ends_with("was not done after 0 s"), "{error}");
    }

    #[test]
    fn both_streams_are_read_to_their_end() {
        let mut lines = Vec::new();
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; printf last; exit 1"]);
        let succeeded = run_reading(&mut command, |line| lines.push(line.trim_end().to_owned())).unwrap();
        lines.sort();
        assert_eq!(
            (succeeded, lines),
            (false, vec!["err".to_owned(), "last".to_owned(), "out".to_owned()])
        );
    }
}
