//! `procedo` with the feature `failpoints`, for the crash tests: a name of its own, so that it never is taken for
//! the program that people run, and both live in one target directory.

fn main() -> std::process::ExitCode {
    procedo::main()
}
