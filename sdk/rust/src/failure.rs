//! Why a procedure fails, and how a call's error becomes that.

use crate::Failure;
use crate::bindings::procedo::host::types;
use crate::text::Text;

/// What kind of thing went wrong.
pub use types::ErrorKind as Kind;

impl Failure {
    /// A failure with a code of the plugin's own, such as `W0101`, told by a message of its catalogue: what, where and what
    /// to do.
    pub fn new(kind: Kind, code: impl Into<String>, message: impl Into<Text>) -> Self {
        Self {
            kind,
            code: code.into(),
            message: message.into(),
        }
    }
}

/// A call's error fails the procedure as it is: with its code and its sentence.
impl From<types::Error> for Failure {
    fn from(error: types::Error) -> Self {
        Self::new(error.kind, error.code, error.message)
    }
}

impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.code, &self.message) == (other.kind, &other.code, &other.message)
    }
}
