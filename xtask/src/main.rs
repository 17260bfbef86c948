//! Builds and tests Procedo: `cargo xtask plugins | test | bench | demo`.

mod apt;
mod bench;
mod demo;
mod needs;
mod plugins;
mod process;
mod project;
mod tally;
mod test;
mod wasm_target;

use std::process::ExitCode;

use project::Project;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  plugins         build the WASM plugins and the guests of the tests to target/plugins
  test            get what the tests need, build everything, run all tests
  bench [ARG…]    build for release and run the benchmarks
  demo            build, and show on a simulated site what Procedo does
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("", &[][..]),
    };
    let project = Project::of_this_build();
    let done = match (command, rest) {
        ("plugins", []) => plugins::build(&project),
        ("test", []) => test::run(&project),
        ("demo", []) => demo::run(&project),
        ("bench", arguments) => bench::run(&project, arguments),
        ("help" | "--help" | "-h", []) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
