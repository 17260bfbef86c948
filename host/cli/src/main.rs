//! The command `procedo`.

fn main() -> std::process::ExitCode {
    procedo::main()
}
