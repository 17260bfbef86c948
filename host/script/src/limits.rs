//! How much a script may use. Each limit says why it is as it is.

use procedo_core::value::Digest;
use rhai::Engine;
use std::time::Duration;

/// The limits of one run of a script. They are pinned: a run goes on only under the limits it began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations of the interpreter in a run, its closures and modules included.
    pub operations: u64,
    /// Time between two calls of capabilities. Waiting within a call does not count.
    pub computing: Duration,
    /// Script functions that call each other.
    pub calls: usize,
    /// Bytes of all texts in one value.
    pub text: usize,
    /// Items of all arrays in one value, with those nested in it.
    pub items: usize,
    /// Members of all maps in one value, with those nested in it.
    pub members: usize,
    /// Variables at any moment.
    pub variables: usize,
    /// Functions that a script defines, closures included.
    pub functions: usize,
    /// Modules that a script imports, directly or not.
    pub modules: usize,
    /// Bytes of a script's own text, and of each module's.
    pub source: usize,
    /// Bytes of stack for the interpreter.
    pub stack: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A few seconds of computing. What takes longer waits for the world, and waiting costs no operations.
            operations: 50_000_000,
            // An operation on a large value takes longer than others; so a second limit, on time.
            computing: Duration::from_secs(60),
            // Deeper recursion than any procedure needs; what walks a tree of folders goes as deep as the tree.
            calls: 64,
            // The largest file that `files::read` gives, with room for what UTF-8 adds to an old encoding.
            text: 20 << 20,
            // A folder's listing of 50,000 entries, three members each. Also bounds how deep values can nest, and
            // with that the stack that copying, comparing and dropping them takes.
            items: 50_000,
            members: 150_000,
            // With the limits above it bounds what a script can hold at once.
            variables: 256,
            functions: 500,
            modules: 32,
            // A hundred times a long script; keeps parsing under a second.
            source: 1 << 20,
            // The deepest value that `items` and `members` allow, measured without optimisation, fits twice. The system
            // gives memory only to what is used of it.
            stack: 512 << 20,
        }
    }
}

impl Limits {
    /// The digest that a run pins.
    pub fn digest(&self) -> Digest {
        Digest::of(format!("{self:?}").as_bytes())
    }

    /// Sets those that the interpreter enforces itself; operations are counted by the run.
    pub(crate) fn set(&self, engine: &mut Engine) {
        engine
            .set_max_call_levels(self.calls)
            // How deep expressions nest when they are parsed, outside and inside functions: twice what people write.
            .set_max_expr_depths(64, 64)
            .set_max_string_size(self.text)
            .set_max_array_size(self.items)
            .set_max_map_size(self.members)
            .set_max_variables(self.variables)
            .set_max_functions(self.functions)
            .set_max_modules(self.modules);
    }
}
