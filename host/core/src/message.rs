//! Texts for people: identified messages with values, told by Fluent in the reader's language.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A language that Procedo speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
    /// German.
    De,
}

impl Language {
    /// All languages, English first.
    pub const ALL: [Self; 3] = [Self::En, Self::Es, Self::De];

    /// The language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::De => "de",
        }
    }

    /// The language of a POSIX locale (`de_DE.UTF-8`) or a language tag (`es-ES`), if it is one of ours.
    pub fn of_locale(locale: &str) -> Option<Self> {
        let primary = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::of_locale(text)
            .ok_or_else(|| format!("“{text}” is not a language Procedo speaks: en, es or de"))
    }
}

/// A message: an identifier and values. Kept in this form in journals, so that each reader gets it in their language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The identifier of a Fluent message, or the text itself where no catalogue has such a message.
    pub id: String,
    /// Values by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
}

impl Message {
    /// The message `id` without values.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            args: BTreeMap::new(),
        }
    }

    /// A finished text.
    pub fn literal(text: impl Into<String>) -> Self {
        Self::new("literal").with("text", text.into())
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
}

impl fmt::Display for Message {
    /// For logs and tests; people get [`Texts::tell`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.id == "literal" {
            return f.write_str(self.args.get("text").map_or("", String::as_str));
        }
        f.write_str(&self.id)?;
        for (name, value) in &self.args {
            write!(f, " {name}={value:?}")?;
        }
        Ok(())
    }
}

/// Messages in the three languages, as Fluent sources: `[(Language, source)]`.
pub type Sources = &'static [(Language, &'static str)];

/// A catalogue that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {language} messages cannot be read: {reason}", language = language.tag())]
pub struct CatalogueError {
    /// The language of the catalogue.
    pub language: Language,
    /// What is wrong with it.
    pub reason: String,
}

/// Catalogues of messages by language; English stands in where a language lacks a message.
pub struct Texts {
    bundles: BTreeMap<Language, FluentBundle<FluentResource>>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").finish_non_exhaustive()
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self::new()
    }
}

impl Texts {
    /// No messages yet.
    pub fn new() -> Self {
        let bundles = Language::ALL
            .into_iter()
            .map(|language| {
                let tag: unic_langid::LanguageIdentifier = language.tag().parse().unwrap_or_default();
                let mut bundle = FluentBundle::new_concurrent(vec![tag]);
                // Isolation marks would end up in terminals, logs and tests; our values are names and numbers.
                bundle.set_use_isolating(false);
                (language, bundle)
            })
            .collect();
        Self { bundles }
    }

    /// Adds a catalogue. A message that is there already is an error, so that two capabilities cannot collide.
    pub fn add(&mut self, language: Language, source: &str) -> Result<(), CatalogueError> {
        let fail = |reason: String| CatalogueError { language, reason };
        let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| {
            fail(
                errors
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; "),
            )
        })?;
        let Some(bundle) = self.bundles.get_mut(&language) else {
            return Ok(());
        };
        bundle.add_resource(resource).map_err(|errors| {
            fail(
                errors
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; "),
            )
        })
    }

    /// Adds the catalogues of a capability.
    pub fn add_all(&mut self, sources: Sources) -> Result<(), CatalogueError> {
        sources
            .iter()
            .try_for_each(|(language, source)| self.add(*language, source))
    }

    /// Whether the language itself (not English in its stead) has the message.
    pub fn has(&self, language: Language, id: &str) -> bool {
        self.bundles
            .get(&language)
            .is_some_and(|bundle| bundle.get_message(id).is_some_and(|m| m.value().is_some()))
    }

    /// The message in a language, or in English; none if neither has it.
    pub fn find(&self, language: Language, message: &Message) -> Option<String> {
        if message.id == "literal" {
            return message.args.get("text").cloned();
        }
        [language, Language::En].into_iter().find_map(|language| {
            let bundle = self.bundles.get(&language)?;
            let pattern = bundle.get_message(&message.id)?.value()?;
            let args: FluentArgs = message
                .args
                .iter()
                .map(|(name, value)| (name.as_str(), value_of(value)))
                .collect();
            let mut ignored = Vec::new();
            Some(
                bundle
                    .format_pattern(pattern, Some(&args), &mut ignored)
                    .into_owned(),
            )
        })
    }

    /// The message in a language; where no catalogue has it, its identifier with its values.
    pub fn tell(&self, language: Language, message: &Message) -> String {
        self.find(language, message)
            .unwrap_or_else(|| message.to_string())
    }
}

/// A whole number selects plural forms; everything else is told as it is.
fn value_of(text: &str) -> FluentValue<'_> {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => {
            // The options of a number in a catalogue, so that `[0]` selects it.
            FluentValue::Number(fluent_bundle::types::FluentNumber::new(
                number as f64,
                Default::default(),
            ))
        }
        _ => FluentValue::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_told_in_the_language_asked_for_and_else_in_english() {
        let mut texts = Texts::new();
        texts
            .add(Language::En, "hello = Hello { $name }\nonly = Only English")
            .expect("valid");
        texts.add(Language::De, "hello = Hallo { $name }").expect("valid");
        let hello = Message::new("hello").with("name", "Ñandú");
        assert_eq!(texts.tell(Language::De, &hello), "Hallo Ñandú");
        assert_eq!(texts.tell(Language::Es, &hello), "Hello Ñandú");
        assert_eq!(texts.tell(Language::De, &Message::new("only")), "Only English");
        assert_eq!(
            texts.tell(Language::De, &Message::new("missing").with("a", 1)),
            "missing a=\"1\""
        );
    }

    #[test]
    fn a_large_number_is_told_digit_by_digit() {
        let mut texts = Texts::new();
        texts
            .add(
                Language::En,
                "n = { $n -> \n    [one] one file\n   *[other] { $n } files\n}",
            )
            .expect("valid");
        assert_eq!(
            texts.tell(
                Language::En,
                &Message::new("n").with("n", 9_007_199_254_740_991_i64)
            ),
            "9007199254740991 files"
        );
        assert_eq!(
            texts.tell(Language::En, &Message::new("n").with("n", 1)),
            "one file"
        );
    }

    #[test]
    fn a_number_is_selected_by_itself_before_its_plural() {
        let mut texts = Texts::new();
        let source = "n = { $n ->\n    [0] nothing\n    [one] one file\n   *[other] { $n } files\n}";
        texts.add(Language::En, source).expect("valid");
        let tell = |n: i64| texts.tell(Language::En, &Message::new("n").with("n", n));
        assert_eq!([tell(0), tell(1), tell(2)], ["nothing", "one file", "2 files"]);
    }

    #[test]
    fn two_messages_of_the_same_name_are_refused() {
        let mut texts = Texts::new();
        texts.add(Language::En, "a = 1").expect("valid");
        assert!(texts.add(Language::En, "a = 2").is_err());
    }
}
