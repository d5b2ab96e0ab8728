//! A place in a text, marked, with what stands around it.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::visible;

/// How many characters are shown before and behind the place, and of it.
const AROUND: usize = 36;
const INSIDE: usize = 60;

/// The place from byte `start` to byte `end`, and under it its mark. `None` where the text has no such place.
pub(super) fn excerpt(text: &str, start: usize, end: usize) -> Option<String> {
    let (before, inside, behind) = (text.get(..start)?, text.get(start..end)?, text.get(end..)?);
    let tail: String = before.chars().skip(before.chars().count().saturating_sub(AROUND)).collect();
    let head: String = inside.chars().take(INSIDE).collect();
    let left_out = head.len() < inside.len();
    let rest: String = behind.chars().take(if left_out { 0 } else { AROUND }).collect();
    let dots = |is_cut: bool| if is_cut { "…" } else { "" };
    let lead = format!("{}{}", dots(tail.len() < before.len()), visible::line(&tail));
    let head = visible::line(&head);
    let end = dots(left_out || rest.len() < behind.len());
    let mark = "^".repeat(head.width().max(1));
    let blanks: usize = lead.chars().filter_map(UnicodeWidthChar::width).sum();
    Some(format!("{lead}{head}{}{end}\n{}{mark}\n", visible::line(&rest), " ".repeat(blanks)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked_under_it() {
        let text = r#"{"題":"x","from":"2020"}"#;
        let start = text.find("\"2020").unwrap();
        let shown = excerpt(text, start, start + 6).unwrap();
        assert_eq!(shown, format!("{text}\n                 ^^^^^^\n"));
        assert_eq!(excerpt(text, 3, 4), None, "inside of a character");
        assert_eq!(excerpt(text, 3, 900), None);
    }

    #[test]
    fn what_is_far_is_left_out() {
        let text = format!("{}\"\x1b[2J\"{}", "a".repeat(100), "b".repeat(100));
        let shown = excerpt(&text, 100, 106).unwrap();
        let (a, b) = ("a".repeat(36), "b".repeat(36));
        assert_eq!(shown, format!("…{a}\"␛[2J\"{b}…\n{}^^^^^^\n", " ".repeat(37)));
    }
}
