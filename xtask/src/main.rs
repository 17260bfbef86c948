//! Builds, tests and shows Procedo: `cargo xtask demo | test | plugins | bench`.

fn main() {}
