//! Columns that line up whatever script a value is written in.

use super::{Output, Style, escape};
use console::measure_text_width;

/// A table in the making.
#[derive(Default)]
pub struct Table {
    rows: Vec<Vec<(Style, String)>>,
}

impl Table {
    /// A table with column titles.
    pub fn new(titles: impl IntoIterator<Item = String>) -> Self {
        let titles = titles.into_iter().map(|title| (Style::Faint, title)).collect();
        Self { rows: vec![titles] }
    }

    /// Adds a row; values are made safe to show.
    pub fn row(&mut self, cells: impl IntoIterator<Item = (Style, String)>) {
        let cells = cells
            .into_iter()
            .map(|(style, text)| (style, escape::one_line(&text).into_owned()))
            .collect();
        self.rows.push(cells);
    }

    /// Writes it. The last column is not padded, so that copied lines have no trailing blanks.
    pub fn write(&self, output: &Output) {
        self.write_indented(output, "");
    }

    /// Writes it behind an indentation.
    pub fn write_indented(&self, output: &Output, indent: &str) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let of_row =
                |row: &Vec<(Style, String)>| row.get(column).map_or(0, |(_, text)| measure_text_width(text));
            self.rows.iter().map(of_row).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = indent.to_owned();
            let last = row.iter().rposition(|(_, text)| !text.is_empty()).unwrap_or(0);
            for (column, (style, text)) in row.iter().enumerate().take(last + 1) {
                line.push_str(&output.paint(*style, text));
                if column < last {
                    let gap = widths[column].saturating_sub(measure_text_width(text)) + 2;
                    line.extend(std::iter::repeat_n(' ', gap));
                }
            }
            output.line(line);
        }
    }
}

/// `(Style::Plain, text)`.
pub fn plain(text: impl Into<String>) -> (Style, String) {
    (Style::Plain, text.into())
}
