//! One exchange with a shell of a machine: its script goes in, what the script leaves comes out.
//!
//! A script ends by printing a mark to both outputs: a random name and a word. So a lost connection is never taken for an exit
//! code (`ssh` says 255 for both), and a daemon that holds the outputs open is not waited for.

use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How often a waiting exchange looks whether it shall stop.
const LOOK: Duration = Duration::from_millis(50);
/// The longest word of a mark.
const LONGEST_WORD: usize = 64;

/// A random name, 32 hexadecimal digits.
pub(crate) fn random_name() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::new(Kind::Failed, "P1015").with("reason", error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What one output brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    /// The first bytes of it.
    pub(crate) bytes: Vec<u8>,
    /// Whether there were more.
    pub(crate) more: bool,
    /// The word of the mark, if it came.
    pub(crate) word: Option<String>,
}

/// Looks for the mark in a stream, and keeps the first bytes before it.
struct Scanner {
    mark: Vec<u8>,
    limit: usize,
    /// What may still turn out to be the beginning of the mark.
    pending: Vec<u8>,
    brought: Brought,
}

impl Scanner {
    fn new(mark: &str, limit: usize) -> Self {
        Self {
            mark: format!("\n{mark} ").into_bytes(),
            limit,
            pending: Vec::new(),
            brought: Brought::default(),
        }
    }

    /// Takes some bytes; tells whether the mark is complete.
    fn feed(&mut self, bytes: &[u8]) -> bool {
        self.pending.extend_from_slice(bytes);
        let mark = self.mark.len();
        if let Some(at) = self.pending.windows(mark).position(|part| part == self.mark) {
            self.keep(at);
            let word = self.pending.get(mark..).unwrap_or_default();
            let Some(end) = word.iter().position(|byte| *byte == b'\n') else {
                return false;
            };
            self.brought.word = Some(String::from_utf8_lossy(&word[..end]).into_owned());
            return true;
        }
        self.keep(self.pending.len().saturating_sub(mark + LONGEST_WORD));
        false
    }

    /// Keeps so many of the pending bytes, as far as the limit allows.
    fn keep(&mut self, count: usize) {
        let room = self.limit.saturating_sub(self.brought.bytes.len());
        self.brought.more |= count > room;
        self.brought
            .bytes
            .extend_from_slice(&self.pending[..count.min(room)]);
        self.pending.drain(..count);
    }

    fn finish(mut self) -> Brought {
        if self.brought.word.is_none() {
            self.keep(self.pending.len());
        }
        self.brought
    }
}

fn read(mut stream: impl Read, mut scanner: Scanner, done: &Sender<(bool, Brought)>, errors: bool) {
    let mut chunk = vec![0; 64 << 10];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => {
                if scanner.feed(&chunk[..count]) {
                    break;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    // Nobody may listen any more.
    let _ = done.send((errors, scanner.finish()));
}

/// Why waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// Both outputs brought their mark or their end.
    Finished,
    /// The time is up.
    TimedOut,
    /// The run shall stop.
    Stopped,
}

/// An exchange that has begun. Dropping it kills the local end of it.
pub(crate) struct Exchange {
    child: Child,
    done: Receiver<(bool, Brought)>,
    out: Option<Brought>,
    err: Option<Brought>,
}

impl Exchange {
    /// Starts the local end, and feeds it.
    pub(crate) fn begin(
        mut command: Command,
        mark: &str,
        input: Vec<u8>,
        limit: usize,
    ) -> std::io::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (sender, done) = channel();
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not want its input closes it: that is no failure.
            thread::spawn(move || drop(stdin.write_all(&input)));
        }
        if let Some(stdout) = child.stdout.take() {
            let (scanner, sender) = (Scanner::new(mark, limit), sender.clone());
            thread::spawn(move || read(stdout, scanner, &sender, false));
        }
        if let Some(stderr) = child.stderr.take() {
            let scanner = Scanner::new(mark, limit);
            thread::spawn(move || read(stderr, scanner, &sender, true));
        }
        Ok(Self {
            child,
            done,
            out: None,
            err: None,
        })
    }

    /// Waits until both outputs are complete.
    pub(crate) fn wait(&mut self, time: Duration, stop: Option<&Stop>) -> Waited {
        let until = Instant::now() + time;
        while self.out.is_none() || self.err.is_none() {
            if stop.is_some_and(Stop::is_set) {
                return Waited::Stopped;
            }
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                return Waited::TimedOut;
            };
            match self.done.recv_timeout(left.min(LOOK)) {
                Ok((true, brought)) => self.err = Some(brought),
                Ok((false, brought)) => self.out = Some(brought),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Waited::Finished
    }

    /// What came out.
    pub(crate) fn brought(mut self) -> (Brought, Brought) {
        (
            self.out.take().unwrap_or_default(),
            self.err.take().unwrap_or_default(),
        )
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // It has ended or nobody wants its answer; both calls only fail where it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(parts: &[&[u8]], limit: usize) -> Brought {
        let mut scanner = Scanner::new("MARK", limit);
        for part in parts {
            if scanner.feed(part) {
                break;
            }
        }
        scanner.finish()
    }

    fn brought(bytes: &[u8], more: bool, word: Option<&str>) -> Brought {
        Brought {
            bytes: bytes.to_vec(),
            more,
            word: word.map(str::to_owned),
        }
    }

    #[test]
    fn the_mark_ends_an_output_wherever_it_is_cut() {
        let whole = b"one\ntwo\nMARK 255\nlater";
        for cut in 0..whole.len() {
            let (a, b) = whole.split_at(cut);
            assert_eq!(
                scan(&[a, b], 100),
                brought(b"one\ntwo", false, Some("255")),
                "{cut}"
            );
        }
    }

    #[test]
    fn without_the_mark_everything_is_output() {
        assert_eq!(
            scan(&[b"\nMARK", b" 25"], 100),
            brought(b"\nMARK 25", false, None)
        );
    }

    #[test]
    fn a_flood_keeps_its_beginning_and_its_mark() {
        let mut parts = vec![[b'x'; 1000].as_slice(); 50];
        parts.push(b"\nMARK 0\n");
        assert_eq!(scan(&parts, 10), brought(&[b'x'; 10], true, Some("0")));
    }
}
