//! Where something stands in a script, and how an error shows it.

use procedo_core::{Error, Kind};
use rhai::Position;
use std::fmt::Write;

/// How many characters of a source line an error shows.
const SHOWN: usize = 120;

/// A script's or module's text with its name.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path below the scripts folder, with `/`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A line and a column, both counted from 1; 0 for an unknown one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl From<Position> for Spot {
    fn from(position: Position) -> Self {
        Self {
            line: position.line().unwrap_or(0),
            column: position.position().unwrap_or(0),
        }
    }
}

impl Source {
    /// An error at a spot: with `file`, `line`, `column`, all three as `place`, and `excerpt`, the line with a mark below.
    pub fn error(&self, kind: Kind, code: &str, spot: Spot) -> Error {
        let place = match spot {
            Spot { line: 0, .. } => self.name.clone(),
            Spot { line, column: 0 } => format!("{}:{line}", self.name),
            Spot { line, column } => format!("{}:{line}:{column}", self.name),
        };
        Error::new(kind, code)
            .with("place", place)
            .with("file", &self.name)
            .with("line", spot.line)
            .with("column", spot.column)
            .with("excerpt", self.excerpt(spot))
    }

    /// The spot of a byte of the text.
    pub fn spot(&self, byte: usize) -> Spot {
        let before = self.text.get(..byte).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Spot {
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
        }
    }

    /// A line of the text on a line of its own, with a mark below the column; nothing for an unknown line.
    pub fn excerpt(&self, spot: Spot) -> String {
        let Some(line) = spot
            .line
            .checked_sub(1)
            .and_then(|index| self.text.lines().nth(index))
        else {
            return String::new();
        };
        let column = spot.column.max(1);
        // Of a long line, what is around the mark.
        let skipped = if column > SHOWN - 20 {
            column - SHOWN / 2
        } else {
            0
        };
        // A tab would put the mark elsewhere; other control characters could play tricks on a terminal.
        let shown: String = line
            .chars()
            .skip(skipped)
            .take(SHOWN)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let number = spot.line.to_string();
        let mut excerpt = format!("\n  {number} | {}", shown.trim_end());
        if spot.column > 0 {
            let _ = write!(
                excerpt,
                "\n  {:1$} | {2:>3$}",
                "",
                number.len(),
                "^",
                column - skipped
            );
        }
        excerpt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source {
            name: "web/a.rhai".to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn an_excerpt_shows_the_line_with_a_mark_below_the_column() {
        let excerpt = source("let a = 1;\n\tlet ü = b + 1;").excerpt(Spot { line: 2, column: 10 });
        assert_eq!(excerpt, "\n  2 |  let ü = b + 1;\n    |          ^");
        assert_eq!(source("a").excerpt(Spot { line: 7, column: 1 }), "");
        assert_eq!(source("a").excerpt(Spot::default()), "");
    }

    #[test]
    fn of_a_long_line_the_part_around_the_mark_is_shown() {
        let text = format!("{}!{}", "x".repeat(5000), "y".repeat(5000));
        let excerpt = source(&text).excerpt(Spot {
            line: 1,
            column: 5001,
        });
        let lines: Vec<_> = excerpt.lines().collect();
        assert!(lines[1].len() < 140, "{excerpt}");
        assert_eq!(lines[1].find('!'), lines[2].find('^'));
    }

    #[test]
    fn a_byte_is_found_by_line_and_character() {
        assert_eq!(source("ab\ncüd").spot(6), Spot { line: 2, column: 3 });
        assert_eq!(source("").spot(0), Spot { line: 1, column: 1 });
    }
}
