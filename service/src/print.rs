//! Words for a person.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

/// Prints; a reader who has read enough (`… | head`) is no error.
pub fn print(text: &str) -> io::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Says a line on standard error. Nothing can be done where nobody hears it, and it is no reason to end (`eprintln!` does).
pub fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", harmless(&line.to_string()));
}

/// A text without what a terminal would obey: names of files and what others wrote may hold it.
pub(crate) fn harmless(text: &str) -> String {
    let escape = |character: char| match character {
        '\n' | '\t' => character.to_string(),
        control if control.is_control() => control.escape_default().to_string(),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

/// A number of things, for a person: `1 row`, `2 rows`.
pub fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(harmless("観測\t\u{1b}[31m\r\u{9b}2J\n"), "観測\t\\u{1b}[31m\\r\\u{9b}2J\n");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([0, 1, 2].map(|number| count(number, "row")), ["0 rows", "1 row", "2 rows"]);
    }
}
