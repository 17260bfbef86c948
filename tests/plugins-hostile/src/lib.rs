//! Procedures that misbehave, for the tests: each way of it by the parameter `what`.

use procedo_sdk::prelude::*;
use std::collections::BTreeSet;
use std::hint::black_box;

/// How often those who try again do so.
const REPETITIONS: usize = 300;

/// How to misbehave.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum What {
    /// Computes for ever.
    EndlessLoop,
    /// Calls the host for ever.
    EndlessCalls,
    /// Takes all memory.
    MemoryBomb,
    /// Calls itself for ever.
    StackOverflow,
    /// Panics between two calls.
    TrapInTheMiddle,
    /// Gives the host a string of 100 MiB.
    HugeString,
    /// Replies a result of 40 MiB.
    HugeResult,
    /// Reads a file above its root.
    ReadParent,
    /// Reads `/etc/passwd` by its absolute path.
    ReadAbsolute,
    /// Reads the path given by `path` from the root given by `root`.
    ReadPath,
    /// Reads that path again and again while it is exchanged, and replies all that it ever got.
    ReadAgainAndAgain,
    /// Writes that path again and again while it is exchanged.
    WriteAgainAndAgain,
    /// Writes the path given by `path` below the root given by `root`.
    WritePath,
    /// Fetches the path given by `path` from the origin given by `origin`.
    Fetch,
    /// Behaves.
    Nothing,
}

/// What to do, and to what.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// How to misbehave.
    what: What,
    /// The root for those who read and write.
    #[serde(default = "web")]
    root: String,
    /// The origin for those who fetch.
    #[serde(default = "web")]
    origin: String,
    /// The path for those who take one.
    #[serde(default)]
    path: String,
}

fn web() -> String {
    "web".to_owned()
}

fn behave(params: Params) -> Result<String, Failure> {
    let Params {
        what,
        root,
        origin,
        path,
    } = params;
    Ok(match what {
        What::EndlessLoop => loop {
            black_box(());
        },
        What::EndlessCalls => loop {
            run::now()?;
        },
        What::MemoryBomb => {
            let mut kept = Vec::new();
            loop {
                kept.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
        What::StackOverflow => deeper(0).to_string(),
        What::TrapInTheMiddle => {
            step("middle", || -> Result<(), Failure> { panic!("on purpose") })?;
            String::new()
        }
        What::HugeString => {
            run::log(run::Level::Info, &Text::new("x".repeat(100 << 20)))?;
            String::new()
        }
        What::HugeResult => "x".repeat(40 << 20),
        What::ReadParent => files::read(&root, "../outside.txt", None)?.text,
        What::ReadAbsolute => files::read(&root, "/etc/passwd", None)?.text,
        What::ReadPath => files::read(&root, &path, None)?.text,
        What::ReadAgainAndAgain => {
            let mut seen = BTreeSet::new();
            for _ in 0..REPETITIONS {
                seen.insert(
                    files::read(&root, &path, None).map_or_else(|error| error.code, |file| file.text),
                );
            }
            serde_json::to_string(&seen).unwrap_or_default()
        }
        What::WriteAgainAndAgain => {
            let mut seen = BTreeSet::new();
            for n in 0..REPETITIONS {
                let text = format!("inside {n}\n");
                let written = files::write(&root, &path, &text, None);
                seen.insert(written.map_or_else(|error| error.code, |_| "written".to_owned()));
            }
            serde_json::to_string(&seen).unwrap_or_default()
        }
        What::WritePath => files::write(&root, &path, "written by a hostile plugin\n", None)?
            .changed
            .to_string(),
        What::Fetch => {
            http::send(&http::Request {
                origin,
                method: "GET".to_owned(),
                path,
                headers: Vec::new(),
                body: None,
                auth: None,
                timeout: None,
                max_bytes: None,
                redirects: None,
            })?
            .body
        }
        What::Nothing => "nothing".to_owned(),
    })
}

/// Calls itself in a way that cannot be turned into a loop. It keeps little in memory: Rust's own stack there is no larger
/// than WebAssembly's, and an overflow of it looks like any other access outside the memory.
fn deeper(level: u64) -> u64 {
    black_box(deeper as fn(u64) -> u64)(level + 1).wrapping_add(level)
}

fn hostile() -> Procedure {
    Procedure::new("hostile/behave", behave)
        .needs("files", "$root", Effect::Write)
        .needs("http", "$origin", Effect::Read)
        .steps(&["middle"])
        .text(
            "en",
            "title = Misbehave\nsummary = Misbehaves in a chosen way, for tests.\n",
        )
}

procedo_sdk::plugin!(hostile());
