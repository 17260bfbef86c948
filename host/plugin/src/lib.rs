//! WASM components as procedures: compile, cache, instantiate, limit.
