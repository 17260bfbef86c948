//! Texts for people: a message of the procedure's catalogue with its values.

/// A text for a person: a message of the procedure's catalogue, or the text itself.
pub use crate::bindings::procedo::host::types::Text;

impl Text {
    /// The message `id` without values.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            args: Vec::new(),
        }
    }

    /// Adds a value. Whole numbers choose plural forms.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.args.push((name.to_owned(), value.to_string()));
        self
    }
}

impl From<&str> for Text {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for Text {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, &self.args) == (&other.id, &other.args)
    }
}

/// A message of the procedure's catalogue with its values: `text!("copied", files = 12)`.
#[macro_export]
macro_rules! text {
    ($id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::Text::new($id)$(.with(stringify!($name), &$value))*
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_carries_its_values_by_name() {
        let text = text!("copied", files = 12, folder = "html");
        assert_eq!(text.id, "copied");
        assert_eq!(
            text.args,
            [
                ("files".to_owned(), "12".to_owned()),
                ("folder".to_owned(), "html".to_owned())
            ]
        );
        assert_eq!(text!("plain"), "plain".into());
    }
}
