//! Benchmarks: each compares within one run and prints its ratio to a named limit or peer. Exit code 1 if one does not hold.
//!
//! `cargo xtask bench` runs all; a word selects those whose name contains it.

mod backups;
mod calls;
#[path = "../../host/capability/database/tests/postgresql/cluster.rs"]
#[allow(
    clippy::unwrap_used,
    dead_code,
    reason = "the driver's tests use all of it, and what a helper meets fails them"
)]
mod cluster;
mod command;
mod figure;
mod guests;
mod noop;
mod postgresql;
mod waiting;

use figure::Figure;
use std::process::ExitCode;

/// Measures, and tells what it found.
type Bench = fn() -> anyhow::Result<Vec<Figure>>;

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(broken) => {
            eprintln!("{broken} figures do not hold");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the benchmarks and tells how many figures do not hold.
fn run() -> anyhow::Result<usize> {
    let mut args = std::env::args().skip(1);
    let selected = args.next().unwrap_or_default();
    if selected == noop::CHILD {
        noop::child(&args.collect::<Vec<_>>())?;
        return Ok(0);
    }
    if selected == backups::CHILD {
        backups::child(&args.collect::<Vec<_>>())?;
        return Ok(0);
    }
    let benches: &[(&str, Bench)] = &[
        ("syncs", calls::syncs),
        ("durable-call", calls::durable_call),
        ("thousand-writes", calls::thousand_writes),
        ("sixty-four-runs", calls::sixty_four_runs),
        ("replay", calls::replay),
        ("waiting-runs", waiting::waiting_runs),
        ("gate-from-wasm", guests::gate_from_wasm),
        ("plugin-start", guests::plugin_start),
        ("script-start", guests::script_start),
        ("whole-run", command::whole_run),
        ("binary", command::binary),
        ("sqlite-backup", backups::sqlite),
        ("postgresql-backup", postgresql::backup),
    ];
    let mut broken = 0;
    for (name, bench) in benches.iter().filter(|(name, _)| name.contains(&selected)) {
        for figure in bench()? {
            println!("{name}: {figure}");
            broken += usize::from(!figure.holds());
        }
    }
    Ok(broken)
}
