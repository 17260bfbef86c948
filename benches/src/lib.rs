//! Benchmarks that compare within one run: a ratio to a named limit or peer.
