//! What an edit changed, in two lines: what was there, what is there now, with a little of what stands around.

use std::ops::Range;

use crate::table::cut;

/// How many bytes around the change are shown, and how many characters of it.
const AROUND: usize = 30;
const MAX_SHOWN: usize = 200;

/// The lines `- …` and `+ …`; nothing where nothing changed.
pub(crate) fn difference(before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let same = |(a, b): (char, char)| (a == b).then(|| a.len_utf8());
    let start: usize = before.chars().zip(after.chars()).map_while(same).sum();
    let (old, new) = (&before[start..], &after[start..]);
    let end: usize = old.chars().rev().zip(new.chars().rev()).map_while(same).sum();
    let line = |text: &str| shown(text, start..text.len() - end);
    format!("- {}\n+ {}\n", line(before), line(after))
}

/// The changed part of a text with what stands around it.
fn shown(text: &str, changed: Range<usize>) -> String {
    let from = text.floor_char_boundary(changed.start.saturating_sub(AROUND));
    let to = text.ceil_char_boundary(changed.end.saturating_add(AROUND));
    let dots = |is_cut: bool| if is_cut { "…" } else { "" };
    let middle = cut(&text[changed.clone()], MAX_SHOWN);
    let (before, after) = (&text[from..changed.start], &text[changed.end..to]);
    format!("{}{before}{middle}{after}{}", dots(from > 0), dots(to < text.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_changed_is_shown() {
        let text = |from: &str| format!("{{\"title\":\"{}\",\"from\":{from},\"to\":null}}", "月".repeat(40));
        let lines = difference(&text("\"2026\""), &text("null"));
        assert_eq!(
            lines,
            "- …月月月月月月月\",\"from\":\"2026\",\"to\":null}\n+ …月月月月月月月\",\"from\":null,\"to\":null}\n"
        );
        assert_eq!(difference("aa", "aaa"), "- aa\n+ aaa\n");
        assert_eq!(difference("a", "a"), "");
    }

    proptest! {
        #[test]
        fn any_two_texts_can_be_compared(before in "[a月\u{1f600}]{0,9}", after in "[a月\u{1f600}]{0,9}") {
            let lines = difference(&before, &after);
            prop_assert_eq!(lines.is_empty(), before == after);
            prop_assert!(lines.is_empty() || lines == format!("- {before}\n+ {after}\n"), "{}", lines);
        }
    }
}
