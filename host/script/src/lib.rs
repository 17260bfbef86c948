//! Rhai scripts as procedures: engine, limits, steps.
