//! Message headers: ASCII on the wire, any text for us.
//!
//! A value goes out with every character outside printable ASCII as a JSON escape (`\u30d5`), so that the JSON in a
//! header stays the same JSON; a backslash is escaped only where it would be read as the start of an escape. The
//! attributes of CloudEvents (`ce-…`) are percent-encoded instead, as their binding wants it (§3.1.3.2); those that were
//! written in the other form are still read.

use std::{borrow::Cow, fmt::Write, sync::Arc};

use async_nats::HeaderMap;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What is percent-encoded in an attribute: the binding's characters, and the backslash, which begins a JSON escape.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%').add(b'\\');

/// Headers in the order in which they were set; names are compared exactly, as the server does. Clones share them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Arc<Vec<(String, String)>>);

impl Headers {
    /// No headers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The (first) value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Sets `name`, replacing what it had.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        let all = Arc::make_mut(&mut self.0);
        all.retain(|(known, _)| *known != name);
        all.push((name, value.into()));
    }

    /// Takes `name` away.
    pub fn remove(&mut self, name: &str) {
        Arc::make_mut(&mut self.0).retain(|(known, _)| known != name);
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The bytes these headers take in a message: the server counts them as part of it.
    pub fn wire_len(&self) -> usize {
        "NATS/1.0\r\n\r\n".len() + self.iter().map(|(name, value)| line_len(name, value)).sum::<usize>()
    }

    /// More than these headers can take in a message, told without encoding them: no byte of a text becomes more than six.
    pub(crate) fn wire_bound(&self) -> usize {
        "NATS/1.0\r\n\r\n".len()
            + self.iter().map(|(name, value)| name.len() + ": \r\n".len() + 6 * value.len()).sum::<usize>()
    }

    pub(crate) fn to_wire(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in self.iter() {
            map.insert(name, &*encode(name, value));
        }
        if map.len() == self.0.len() {
            return map;
        }
        // Some name has several values, which an insertion replaces.
        let mut map = HeaderMap::new();
        for (name, value) in self.iter() {
            map.append(name, &*encode(name, value));
        }
        map
    }

    /// In the order of their names: the client library keeps no order.
    pub(crate) fn from_wire(map: &HeaderMap) -> Self {
        let values = map.iter().flat_map(|(name, values)| {
            let name: &str = name.as_ref();
            values.iter().map(move |value| (name.to_owned(), decode(name, value.as_str())))
        });
        let mut all: Vec<_> = values.collect();
        all.sort_unstable();
        Self(Arc::new(all))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        Self(Arc::new(headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect()))
    }
}

impl<N: Into<String>, V: Into<String>> Extend<(N, V)> for Headers {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, headers: I) {
        for (name, value) in headers {
            self.insert(name, value);
        }
    }
}

/// The bytes that one header takes.
pub(crate) fn line_len(name: &str, value: &str) -> usize {
    name.len() + ": ".len() + encode(name, value).len() + "\r\n".len()
}

fn is_attribute(name: &str) -> bool {
    name.starts_with("ce-")
}

fn encode<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if !is_attribute(name) {
        return escape(value);
    }
    let is_plain = |byte: u8| matches!(byte, b'!'..=b'~') && !matches!(byte, b'"' | b'%' | b'\\');
    if all(value, is_plain) { Cow::Borrowed(value) } else { utf8_percent_encode(value, ENCODED).into() }
}

/// Whether all bytes are so. Without an end before the last byte the loop takes many of them at once.
fn all(text: &str, is_so: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, byte| all & is_so(byte))
}

/// The text of a header's value; what is in neither encoding stands for itself.
pub(crate) fn decode(name: &str, wire: &str) -> String {
    let text = unescape(wire);
    if !is_attribute(name) {
        return text;
    }
    percent_decode_str(&text).decode_utf8().map(Cow::into_owned).unwrap_or(text)
}

/// `text` in printable ASCII.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    // Nearly every value; the copy is for the others.
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'\\';
    if all(text, is_plain) && text.trim_matches(' ').len() == text.len() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    let mut chars = text.chars().enumerate().peekable();
    while let Some((index, char)) = chars.next() {
        let followed_by_u = chars.peek().is_some_and(|(_, next)| *next == 'u');
        // Readers trim the ends of a value.
        let trimmed = char == ' ' && (index == 0 || index == last);
        if (matches!(char, ' '..='~') && !trimmed) && !(char == '\\' && followed_by_u) {
            out.push(char);
            continue;
        }
        for unit in char.encode_utf16(&mut [0; 2]) {
            // Unwrap safety: writing to a String cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out.into()
}

/// The text that [`escape`] wrote; whatever is no escape stands for itself.
fn unescape(wire: &str) -> String {
    if all(wire, |byte| byte != b'\\') {
        return wire.to_owned();
    }
    let mut out = String::with_capacity(wire.len());
    let mut rest = wire;
    while let Some(start) = rest.find("\\u") {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let (char, length) = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(high), Some(low))
                if char::decode_utf16([high, low]).all(|char| char.is_ok()) && is_high(high) =>
            {
                (char::decode_utf16([high, low]).next().and_then(Result::ok), 12)
            }
            (Some(single), _) => (char::from_u32(u32::from(single)), 6),
            (None, _) => (None, 0),
        };
        if let Some(char) = char {
            out.push(char);
            rest = &rest[length..];
        } else {
            out.push('\\');
            rest = &rest[1..];
        }
    }
    out + rest
}

fn is_high(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

/// The UTF-16 unit of the escape at the start of `text`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_japanese_title_survives() {
        let mut headers = Headers::new();
        headers.insert("Kansoku-Title", "葬送のフリーレン 𠮷");
        let wire = headers.to_wire();
        let sent = wire.get("Kansoku-Title").unwrap().as_str();
        assert_eq!(sent, "\\u846c\\u9001\\u306e\\u30d5\\u30ea\\u30fc\\u30ec\\u30f3 \\ud842\\udfb7");
        assert_eq!(Headers::from_wire(&wire), headers);
    }

    #[test]
    fn attributes_of_cloudevents_are_percent_encoded() {
        let headers = Headers::from_iter([("ce-source", "csv:My \"フ\" 100%\\u")]);
        let wire = headers.to_wire();
        assert_eq!(wire.get("ce-source").unwrap().as_str(), "csv:My%20%22%E3%83%95%22%20100%25%5Cu");
        assert_eq!(Headers::from_wire(&wire), headers);
        let mut before = HeaderMap::new();
        before.append("ce-source", "csv:My \\u30d5 100%");
        assert_eq!(
            Headers::from_wire(&before).get("ce-source"),
            Some("csv:My フ 100%"),
            "the form of before"
        );
    }

    #[test]
    fn json_in_a_header_stays_json() {
        let json = serde_json::json!([{"message": "\"フ\" is no \\ number\n"}]).to_string();
        let wire = escape(&json);
        assert!(wire.is_ascii());
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&wire).unwrap(),
            serde_json::from_str::<serde_json::Value>(&json).unwrap()
        );
        assert_eq!(unescape(&wire), json);
    }

    #[test]
    fn names_are_exact_and_set_once() {
        let mut headers = Headers::new();
        headers.insert("Dlq-Row", "1");
        headers.insert("Dlq-Row", "2");
        assert_eq!(headers.get("Dlq-Row"), Some("2"));
        assert_eq!(headers.get("dlq-row"), None);
        assert_eq!(headers.iter().count(), 1);
    }

    #[test]
    fn half_an_escape_stands_for_itself() {
        for text in ["\\u30", "\\ud842", "\\ud842x", "\\uzzzz", "\\", "\\\\u", "\\u+123"] {
            assert_eq!(unescape(text), text, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_survives(text in any::<String>()) {
            let wire = escape(&text);
            prop_assert!(wire.chars().all(|char| matches!(char, ' '..='~')));
            prop_assert_eq!(wire.trim(), &wire);
            prop_assert_eq!(&unescape(&wire), &text);
            let headers = Headers::from_iter([("ce-anything", text.as_str()), ("Kansoku-Anything", &text)]);
            prop_assert!(headers.wire_bound() >= headers.wire_len());
            let received = Headers::from_wire(&headers.to_wire());
            prop_assert_eq!((received.get("ce-anything"), received.get("Kansoku-Anything")), (Some(&*text), Some(&*text)));
        }

        #[test]
        fn text_of_backslashes_survives(text in "[\\\\u0d8フ]{0,12}") {
            prop_assert_eq!(unescape(&escape(&text)), text);
        }
    }
}
