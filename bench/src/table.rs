//! The figures as Markdown tables, each beside its aim.

use std::fmt;

use crate::spread::Spread;

/// What a figure should be. Nothing fails when it is not: a shared machine proves nothing by one slow run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// This or more.
    AtLeast(f64),
    /// Less than this.
    Under(f64),
}

impl Aim {
    fn is_met(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::Under(limit) => figure < limit,
        }
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(out, "≥ {least}"),
            Self::Under(limit) => write!(out, "< {limit}"),
        }
    }
}

/// One measured thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    what: String,
    spread: Spread,
    decimals: usize,
    aim: Option<Aim>,
}

impl Line {
    /// A figure without an aim.
    pub fn new(what: impl Into<String>, spread: Spread, decimals: usize) -> Self {
        Self { what: what.into(), spread, decimals, aim: None }
    }

    /// The same with an aim, held against the median.
    #[must_use]
    pub fn aim(mut self, aim: Aim) -> Self {
        self.aim = Some(aim);
        self
    }

    fn cells(&self) -> [String; 6] {
        let Spread { median, least, greatest } = self.spread;
        let [median_text, least, greatest] =
            [median, least, greatest].map(|figure| number(figure, self.decimals));
        let (aim, verdict) = match self.aim {
            Some(aim) => (aim.to_string(), if aim.is_met(median) { "met" } else { "not met" }),
            None => (String::new(), ""),
        };
        [self.what.clone(), median_text, least, greatest, aim, verdict.to_owned()]
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

    fn spread(median: f64) -> Spread {
        Spread { median, least: median / 2.0, greatest: median * 2.0 }
    }

    #[test]
    fn a_table_lines_up_and_says_what_is_met() {
        let lines = [
            Line::new("rows/s", spread(12_345.6), 0),
            Line::new("ratio", spread(0.6), 2).aim(Aim::AtLeast(0.5)),
            Line::new("memory", spread(40.0), 1).aim(Aim::Under(40.0)),
        ];
        let expected = "\
## Road

|        | median |   min |    max |   aim |         |
| ------ | -----: | ----: | -----: | ----: | ------- |
| rows/s | 12,346 | 6,173 | 24,691 |       |         |
| ratio  |   0.60 |  0.30 |   1.20 | ≥ 0.5 | met     |
| memory |   40.0 |  20.0 |   80.0 |  < 40 | not met |
";
        assert_eq!(render("Road", &lines), expected);
    }

    #[test]
    fn thousands_are_grouped() {
        let shown = [(0.0, 0), (999.0, 0), (1_000.0, 0), (1_234_567.25, 1), (12.0, 2)]
            .map(|(figure, decimals)| number(figure, decimals));
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567.2", "12.00"]);
    }
}
