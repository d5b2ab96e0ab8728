//! What comes from outside is shown, never obeyed: a terminal gets no control character and nothing that turns the direction
//! of a line.

use std::fmt::Write;

/// Whether a terminal would act on the character, hide it, or let it turn its neighbours round.
fn is_hostile(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
        )
        || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
        || ('\u{e0000}'..='\u{e007f}').contains(&letter)
}

fn push(letter: char, shown: &mut String) {
    match letter {
        '\0'..='\u{1f}' => shown.push(char::from_u32(0x2400 + u32::from(letter)).unwrap_or('␦')),
        '\u{7f}' => shown.push('␡'),
        _ if is_hostile(letter) => {
            // Writing to a String does not fail.
            let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(letter));
        }
        _ => shown.push(letter),
    }
}

/// A text that stays on its line.
pub(crate) fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    text.chars().for_each(|letter| push(letter, &mut shown));
    shown
}

/// A text of several lines.
pub(crate) fn block(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == '\n' { shown.push(letter) } else { push(letter, &mut shown) }
    }
    shown
}

/// JSON that means the same, with those characters written as escapes. In JSON they stand in strings alone.
pub(crate) fn json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_hostile(letter) && !matches!(letter, '\n' | '\r' | '\t') {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_control_character_is_shown_as_its_picture() {
        assert_eq!(line("a\x1b[31mred\x07\n\x7f"), "a␛[31mred␇␊␡");
        assert_eq!(block("one\ntwo\r\x1b]0;title"), "one\ntwo␍␛]0;title");
        assert_eq!(line("\u{9b}2J \u{202e}txt.exe\u{2069}"), "⟨U+009B⟩2J ⟨U+202E⟩txt.exe⟨U+2069⟩");
        assert_eq!(line("観測 👩‍🚀 naïve"), "観測 👩‍🚀 naïve");
    }

    /// Any text, with the odd characters far more often than chance gives them.
    fn texts() -> impl Strategy<Value = String> {
        let odd = prop_oneof![
            proptest::char::range('\0', '\u{9f}'),
            proptest::char::range('\u{2000}', '\u{206f}'),
            any::<char>(),
        ];
        proptest::collection::vec(odd, 0..40).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn no_control_character_passes(text in texts()) {
            prop_assert!(!line(&text).chars().any(is_hostile));
            prop_assert!(!block(&text).chars().any(|letter| letter != '\n' && is_hostile(letter)));
            prop_assert_eq!(line(&line(&text)), line(&text));
        }

        #[test]
        fn json_means_the_same_and_holds_none(text in texts()) {
            let written = serde_json::to_string(&text).unwrap();
            let shown = json(&written);
            prop_assert!(!shown.chars().any(is_hostile), "{:?}", shown);
            prop_assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        }
    }
}
