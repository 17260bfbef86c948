//! What the procedures tell people of faults: texts of their catalogues with the values at fault.

use crate::rules::Violation;
use procedo_sdk::{Failure, Kind, Text, text};

/// How much of a value is shown, in characters.
const SHOWN: usize = 60;

/// A value as a message shows it: shortened, and without characters that would act on a terminal.
pub fn shown(value: &str) -> String {
    let mut out = String::new();
    for (index, c) in value.chars().enumerate() {
        if index == SHOWN {
            out.push('…');
            break;
        }
        match c.is_control() {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    out
}

/// The failure for a value that breaks a rule: `W0104` with parameter, value, rule, character and position.
pub fn broken(parameter: &str, value: &str, violation: &Violation) -> Failure {
    let text = text!("W0104", parameter = parameter, value = shown(value));
    let text = match violation {
        Violation::Empty => text.with("rule", "empty"),
        Violation::Character { character, position } => {
            let code = format!("U+{:04X}", u32::from(*character));
            let text = text
                .with("rule", "character")
                .with("character", shown(&character.to_string()));
            text.with("code", code).with("position", position)
        }
        Violation::Length { length, limit } => text
            .with("rule", "length")
            .with("length", length)
            .with("limit", limit),
        Violation::Range { from, to } => text.with("rule", "range").with("from", from).with("to", to),
        Violation::NotListed { allowed } => text
            .with("rule", "listed")
            .with("allowed", listed(allowed.iter().map(String::as_str))),
        Violation::Device => text.with("rule", "device"),
        Violation::Ending => text.with("rule", "ending"),
    };
    Failure::new(Kind::Invalid, "W0104", text)
}

/// A failure told by the message named like its code. Its values cannot act on a terminal either.
pub fn failure(kind: Kind, code: &str, text: impl FnOnce(Text) -> Text) -> Failure {
    let mut text = text(Text::new(code));
    for (_, value) in text
        .args
        .iter_mut()
        .filter(|(_, value)| value.chars().any(char::is_control))
    {
        *value = shown(value);
    }
    Failure::new(kind, code, text)
}

/// Some names in a sentence; where there are many, the first ten and an ellipsis.
pub fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<_> = names.map(shown).collect();
    if names.len() > 10 {
        names.truncate(10);
        names.push("…".to_owned());
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_act_on_the_terminal_that_shows_it() {
        assert_eq!(shown("a\nb\u{1b}[2J"), "a\\nb\\u{1b}[2J");
        assert_eq!(shown(&"x".repeat(100)).chars().count(), SHOWN + 1);
    }

    #[test]
    fn names_are_listed_up_to_ten() {
        assert_eq!(listed(["a", "b"].into_iter()), "a, b");
        assert_eq!(listed(["a"; 11].into_iter()), format!("{}…", "a, ".repeat(10)));
    }
}
