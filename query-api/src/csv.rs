//! CSV bodies whose text no spreadsheet takes for a formula.

use std::borrow::Cow;

/// Lines of cells under a header.
#[derive(Debug)]
pub struct Table {
    writer: csv::Writer<Vec<u8>>,
}

/// One cell.
#[derive(Debug)]
pub enum Cell<'a> {
    /// Text, which may come from anywhere.
    Text(Cow<'a, str>),
    /// A number, an instant or an id, written by us.
    Plain(String),
    /// Nothing known.
    Empty,
}

impl Table {
    /// A table with these columns.
    ///
    /// # Errors
    /// Never in practice: it is written to memory.
    pub fn new(columns: &[&str]) -> csv::Result<Self> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(columns)?;
        Ok(Self { writer })
    }

    /// Adds a line, with as many cells as there are columns.
    ///
    /// # Errors
    /// When the number of cells differs.
    pub fn line<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> csv::Result<()> {
        for cell in cells {
            match cell {
                Cell::Text(text) => self.writer.write_field(escape_formula(&text).as_bytes())?,
                Cell::Plain(value) => self.writer.write_field(value)?,
                Cell::Empty => self.writer.write_field("")?,
            }
        }
        self.writer.write_record(None::<&[u8]>)
    }

    /// The finished body.
    ///
    /// # Errors
    /// Never in practice: it is written to memory.
    pub fn finish(self) -> csv::Result<String> {
        let bytes = self.writer.into_inner().map_err(|error| error.into_error())?;
        // Every cell was a `str`, and the writer adds ASCII only.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Text that may be missing.
pub fn text<'a>(value: impl Into<Option<&'a str>>) -> Cell<'a> {
    value.into().map_or(Cell::Empty, |text| Cell::Text(Cow::Borrowed(text)))
}

/// A value of our own.
pub fn plain(value: impl ToString) -> Cell<'static> {
    Cell::Plain(value.to_string())
}

/// A value of our own that may be missing.
pub fn maybe(value: Option<impl ToString>) -> Cell<'static> {
    value.map_or(Cell::Empty, plain)
}

/// Spreadsheets run a cell that begins with one of these, whatever its quotes; an apostrophe in front makes it
/// text (OWASP, "CSV Injection").
fn escape_formula(text: &str) -> Cow<'_, str> {
    let runs =
        |first| matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    if text.chars().next().is_some_and(runs) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_that_looks_like_a_formula_is_disarmed_and_numbers_are_not() {
        let mut table = Table::new(&["title", "change", "note"]).expect("a header");
        table.line([text("=1+1"), plain(-0.5), text(None)]).expect("a line");
        table.line([text("A \"quoted\", title"), plain(2), text("星")]).expect("a line");
        let body = table.finish().expect("a body");
        assert_eq!(body, "title,change,note\n'=1+1,-0.5,\n\"A \"\"quoted\"\", title\",2,星\n");
    }

    proptest! {
        #[test]
        fn no_text_cell_begins_like_a_formula(title in "\\PC*|[=+@\\-\t\r\n].*") {
            let mut table = Table::new(&["title", "n"]).expect("a header");
            table.line([text(title.as_str()), plain(1)]).expect("a line");
            let body = table.finish().expect("a body");
            let mut reader = csv::Reader::from_reader(body.as_bytes());
            let line = reader.records().next().expect("one line").expect("readable");
            prop_assert!(!line[0].starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
            prop_assert_eq!(line[0].strip_prefix('\'').filter(|_| !title.starts_with('\'')).unwrap_or(&line[0]), title);
        }
    }
}
