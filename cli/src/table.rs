//! Aligned columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::visible;

/// Which side of its column a cell keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table with a heading. Its cells are shown, whatever they hold, on one line each.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Side)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns; a name that begins with `#` is a number's.
    pub(crate) fn new(columns: &[&'static str]) -> Self {
        let column = |name: &&'static str| match name.strip_prefix('#') {
            Some(name) => (name, Side::Right),
            None => (*name, Side::Left),
        };
        Self { columns: columns.iter().map(column).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<_> = cells.into_iter().map(|cell| visible::line(&cell)).collect();
        debug_assert_eq!(cells.len(), self.columns.len(), "a cell for each column");
        self.rows.push(cells);
    }

    /// The lines, each with its end.
    pub(crate) fn render(&self) -> String {
        let heads: Vec<String> = self.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let lines = || std::iter::once(&heads).chain(&self.rows);
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| lines().filter_map(|cells| cells.get(at)).map(|cell| cell.width()).max().unwrap_or(0))
            .collect();
        lines().map(|cells| self.line(cells, &widths)).collect()
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), (_, side)) in cells.iter().zip(widths).zip(&self.columns) {
            let blanks = " ".repeat(width - cell.width());
            let (before, after) = if *side == Side::Right { (&*blanks, "") } else { ("", &*blanks) };
            line.extend([before, cell, after, "  "]);
        }
        format!("{}\n", line.trim_end())
    }
}

/// A text of at most that many columns; where something is left out an ellipsis says so.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    let shown = visible::line(text);
    if shown.width() <= columns {
        return shown;
    }
    let mut cut = String::new();
    let mut used = 0;
    for letter in shown.chars() {
        used += letter.width().unwrap_or(0);
        if used >= columns {
            break;
        }
        cut.push(letter);
    }
    cut + "…"
}

/// Names and values, one a line.
pub(crate) fn pairs(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("{name:<width$}  {}\n", visible::line(value));
    pairs.iter().filter(|(_, value)| !value.is_empty()).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_whatever_stands_in_them() {
        let mut table = Table::new(&["NAME", "#ITEMS", "NOTE"]);
        table.row(["観測".into(), "7".into(), "two\nlines".into()]);
        table.row(["\x1b[2Jwiped".into(), "12345".into(), String::new()]);
        assert_eq!(table.render(), "NAME       ITEMS  NOTE\n観測           7  two␊lines\n␛[2Jwiped  12345\n");
    }

    #[test]
    fn a_long_text_is_cut_by_its_width() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("a long text", 6), "a lon…");
        assert_eq!(cut("観測観測", 6), "観測…");
        assert_eq!(cut("a\x1bb", 3), "a␛b");
    }

    #[test]
    fn pairs_without_a_value_are_left_out() {
        assert_eq!(
            pairs(&[("state", "open".into()), ("title", String::new()), ("at", "/x".into())]),
            "state  open\nat     /x\n"
        );
    }
}
