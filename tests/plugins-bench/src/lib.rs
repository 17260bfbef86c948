//! A procedure that makes so many calls, for the benchmarks.

use procedo_sdk::prelude::*;

/// Which call.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Call {
    /// Asks the engine itself for the time.
    Now,
    /// Looks at a file.
    Stat,
    /// Writes a file.
    Write,
}

/// How many calls, of what.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Which call.
    call: Call,
    /// How many.
    count: u64,
    /// What is written.
    #[serde(default)]
    text: String,
}

fn calls(params: Params) -> Result<u64, Failure> {
    for number in 0..params.count {
        match params.call {
            Call::Now => drop(run::now()?),
            Call::Stat => drop(files::stat("bench", "file")?),
            Call::Write => drop(files::write(
                "bench",
                &format!("{number}.txt"),
                &params.text,
                None,
            )?),
        }
    }
    Ok(params.count)
}

fn counting() -> Procedure {
    Procedure::new("bench/calls", calls)
        .needs("files", "bench", Effect::Write)
        .text(
            "en",
            "title = Calls\nsummary = Makes so many calls, for the benchmarks.\n",
        )
}

procedo_sdk::plugin!(counting());
