//! The figures as Markdown tables, each beside its aim.

use std::fmt;

/// What a figure should be. Nothing fails when it is not: a shared machine proves nothing by one slow run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Aim {
    fn is_met(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(limit) => figure <= limit,
        }
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(out, "≥ {least}"),
            Self::AtMost(limit) => write!(out, "≤ {limit}"),
        }
    }
}

/// One measured thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    what: String,
    /// In order of size.
    figures: Vec<f64>,
    decimals: usize,
    aim: Option<Aim>,
}

impl Line {
    /// Figures without an aim. None at all is a line that says so.
    pub fn new(what: impl Into<String>, figures: impl IntoIterator<Item = f64>, decimals: usize) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        Self { what: what.into(), figures, decimals, aim: None }
    }

    /// The same with an aim, held against the median.
    #[must_use]
    pub fn aim(mut self, aim: Aim) -> Self {
        self.aim = Some(aim);
        self
    }

    fn cells(&self) -> [String; 6] {
        let sorted = &self.figures;
        let aim = self.aim.map(|aim| aim.to_string()).unwrap_or_default();
        let (Some(min), Some(max)) = (sorted.first(), sorted.last()) else {
            return [&self.what, "–", "–", "–", &aim, "not measured"].map(str::to_owned);
        };
        let median = f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        let met = self.aim.map(|aim| if aim.is_met(median) { "met" } else { "not met" }).unwrap_or_default();
        let [median, min, max] = [median, *min, *max].map(|figure| number(figure, self.decimals));
        [self.what.clone(), median, min, max, aim, met.to_owned()]
    }
}

/// A table under its title.
pub fn render(title: &str, lines: &[Line]) -> String {
    let mut rows = vec![["", "median", "min", "max", "aim", ""].map(str::to_owned)];
    rows.extend(lines.iter().map(Line::cells));
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default().max(3);
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut text = format!("## {title}\n\n");
    for (place, row) in rows.iter().enumerate() {
        text.push_str(&bar(std::array::from_fn(|column| pad(&row[column], widths[column], column))));
        if place == 0 {
            text.push_str(&bar(std::array::from_fn(|column| rule(widths[column], column))));
        }
    }
    text
}

fn bar(cells: [String; 6]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// Figures stand to the right, words to the left.
fn is_figure(column: usize) -> bool {
    (1..=4).contains(&column)
}

fn pad(cell: &str, width: usize, column: usize) -> String {
    if is_figure(column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
}

fn rule(width: usize, column: usize) -> String {
    if is_figure(column) { "-".repeat(width - 1) + ":" } else { "-".repeat(width) }
}

/// With commas between the thousands.
fn number(figure: f64, decimals: usize) -> String {
    let plain = format!("{figure:.decimals$}");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if fraction.is_empty() { grouped } else { format!("{grouped}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lines_up_and_says_what_is_met() {
        let lines = [
            Line::new("rows/s", [12_345.6, 24_691.2, 6_172.8], 0),
            Line::new("ratio", [0.4, 0.2, 1.2, 0.8], 2).aim(Aim::AtLeast(0.5)),
            Line::new("memory", [40.1], 1).aim(Aim::AtMost(40.0)),
            Line::new("peer", [], 1).aim(Aim::AtLeast(1.4)),
        ];
        let expected = "\
## Pipeline

|        | median |   min |    max |   aim |              |
| ------ | -----: | ----: | -----: | ----: | ------------ |
| rows/s | 12,346 | 6,173 | 24,691 |       |              |
| ratio  |   0.60 |  0.20 |   1.20 | ≥ 0.5 | met          |
| memory |   40.1 |  40.1 |   40.1 |  ≤ 40 | not met      |
| peer   |      – |     – |      – | ≥ 1.4 | not measured |
";
        assert_eq!(render("Pipeline", &lines), expected);
    }

    #[test]
    fn thousands_are_grouped() {
        let shown = [(0.0, 0), (999.0, 0), (1_000.0, 0), (1_234_567.25, 1), (12.0, 2)]
            .map(|(figure, decimals)| number(figure, decimals));
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567.2", "12.00"]);
    }
}
