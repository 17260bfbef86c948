//! Values as a terminal may show them: nothing in a value can move the cursor, change colours or turn the line around.

use procedo_core::message::Message;
use std::borrow::Cow;

/// Whether a character would act on the terminal instead of being shown.
fn acts(c: char) -> bool {
    // Control characters, and those that change the direction of the text around them (Unicode, UAX 9).
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// A value on one line.
pub fn one_line(text: &str) -> Cow<'_, str> {
    keeping(text, |_| false)
}

/// A text whose line breaks and tabs are meant.
pub fn lines(text: &str) -> Cow<'_, str> {
    keeping(text, |c| matches!(c, '\n' | '\t'))
}

fn keeping(text: &str, kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(|c| acts(c) && !kept(c)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts(c) && !kept(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// A message whose values are safe to show. The excerpt of a script has its own lines, and is made safe where it is made.
pub fn values(message: &Message) -> Cow<'_, Message> {
    let unsafe_value = |(name, value): (&String, &String)| name != "excerpt" && value.chars().any(acts);
    if !message.args.iter().any(unsafe_value) {
        return Cow::Borrowed(message);
    }
    let mut message = message.clone();
    for (name, value) in &mut message.args {
        if name != "excerpt" {
            *value = one_line(value).into_owned();
        }
    }
    Cow::Owned(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_all_scripts_stay_as_they_are() {
        for text in ["Größe ñ 漢字 😀", "שלום עולם", "مرحبا", ""] {
            assert_eq!(one_line(text), text);
        }
    }

    #[test]
    fn what_would_act_on_the_terminal_is_shown_instead() {
        assert_eq!(one_line("a\nb\tc\x1b[2J\u{7}"), r"a\nb\tc\u{1b}[2J\u{7}");
        assert_eq!(one_line("gnp.\u{202e}exe"), r"gnp.\u{202e}exe");
        assert_eq!(lines("a\n\tb\r\n\x1b"), "a\n\tb\\r\n\\u{1b}");
    }

    #[test]
    fn the_values_of_a_message_are_escaped_but_not_an_excerpt() {
        let message = Message::new("m").with("path", "a\nb").with("excerpt", "\n 1 | x");
        let shown = values(&message);
        assert_eq!(shown.args["path"], r"a\nb");
        assert_eq!(shown.args["excerpt"], "\n 1 | x");
    }
}
