//! A guest made by the SDK: compiled for WebAssembly, turned into a component, and run.
