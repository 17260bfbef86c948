//! The gate, replay, plan, undo, waiting, locks, child runs.
