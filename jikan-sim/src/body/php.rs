//! JSON the way PHP writes it: slashes escaped, everything beyond ASCII as `\u` escapes, whole floats without a fraction.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

/// The value as bytes.
pub fn to_vec(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(96 * 1024);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Php);
    // Unwrap safety: writing to memory does not fail, and all keys are strings.
    #[expect(clippy::unwrap_used, reason = "writing to memory does not fail, and all keys are strings")]
    value.serialize(&mut serializer).unwrap();
    bytes
}

struct Php;

impl Formatter for Php {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = 0;
        for (at, letter) in fragment.char_indices().filter(|(_, letter)| *letter == '/' || !letter.is_ascii())
        {
            writer.write_all(&fragment.as_bytes()[plain..at])?;
            plain = at + letter.len_utf8();
            if letter == '/' {
                writer.write_all(b"\\/")?;
            } else {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        writer.write_all(&fragment.as_bytes()[plain..])
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        if value.fract() == 0.0 {
            write!(writer, "{value:.0}")
        } else {
            CompactFormatter.write_f64(writer, value)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn escapes_as_php_does_and_means_the_same() {
        let value = json!({"a/b": "灯台 \"𠮷\"\n", "none": null, "part": 8.43, "whole": 8.0});
        let bytes = to_vec(&value);
        let expected = r#"{"a\/b":"\u706f\u53f0 \"\ud842\udfb7\"\n","none":null,"part":8.43,"whole":8}"#;
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
        let read: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read["a/b"], value["a/b"]);
    }
}
