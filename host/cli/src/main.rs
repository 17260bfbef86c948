//! The command `procedo`.

fn main() {}
