//! Changes to texts before they are judged, as the command line has them.

use serde_json::value::RawValue;

/// Reads `set:/path=JSON`, `remove:/path`, `rename:/path=NAME`, `cast:/path=TYPE`, `replace:/path=|REGEX|WITH|`; or a step as
/// the API has it, in JSON.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn parse(text: &str) -> Result<Box<RawValue>, String> {
    let json = if text.starts_with('{') { text.to_owned() } else { of_words(text)? };
    RawValue::from_string(json).map_err(|error| format!("--step {text}: not JSON ({error})"))
}

fn of_words(text: &str) -> Result<String, String> {
    let wrong = |what: &str| format!("--step {text}: {what}");
    let (op, rest) = text.split_once(':').ok_or_else(|| {
        wrong("say set:, remove:, rename:, cast: or replace: and a path such as /aired/from")
    })?;
    if op == "remove" {
        return Ok(format!(r#"{{"op":"remove","path":{}}}"#, quoted(rest)));
    }
    let (path, value) =
        rest.split_once('=').ok_or_else(|| wrong("after the path = and a value are expected"))?;
    let path = quoted(path);
    match op {
        "set" => {
            serde_json::from_str::<&RawValue>(value)
                .map_err(|_| wrong("the value is not JSON; a text stands in quotes: \"text\""))?;
            Ok(format!(r#"{{"op":"set","path":{path},"value":{value}}}"#))
        }
        "rename" | "cast" => Ok(format!(r#"{{"op":"{op}","path":{path},"to":{}}}"#, quoted(value))),
        "replace" => {
            let parts = || wrong("a replacement is |REGEX|WITH|, between any character that is in neither");
            let mark = value.chars().next().ok_or_else(parts)?;
            let inside: Vec<&str> = value.split(mark).collect();
            let ["", pattern, with, ""] = inside[..] else { return Err(parts()) };
            Ok(format!(
                r#"{{"op":"replace","path":{path},"pattern":{},"with":{}}}"#,
                quoted(pattern),
                quoted(with)
            ))
        }
        _ => Err(wrong("no such step; there are set, remove, rename, cast and replace")),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_words() {
        for (words, json) in [
            (
                "set:/id=12345678901234567890.10",
                r#"{"op":"set","path":"/id","value":12345678901234567890.10}"#,
            ),
            ("set:/a=\"x=y\"", r#"{"op":"set","path":"/a","value":"x=y"}"#),
            ("remove:/a/b", r#"{"op":"remove","path":"/a/b"}"#),
            ("rename:/a=b", r#"{"op":"rename","path":"/a","to":"b"}"#),
            ("cast:/score=number", r#"{"op":"cast","path":"/score","to":"number"}"#),
            (
                r"replace:/aired/from=|^(\d{4})$|$1-01-01|",
                r#"{"op":"replace","path":"/aired/from","pattern":"^(\\d{4})$","with":"$1-01-01"}"#,
            ),
            ("replace:/a=,x,,", r#"{"op":"replace","path":"/a","pattern":"x","with":""}"#),
            (r#"{"op":"remove","path":"/a"}"#, r#"{"op":"remove","path":"/a"}"#),
        ] {
            assert_eq!(parse(words).unwrap().get(), json, "{words}");
        }
    }

    #[test]
    fn what_is_no_step_is_said() {
        for (words, said) in [
            ("set", "say set:"),
            ("set:/a", "= and a value"),
            ("set:/a=text", "not JSON"),
            ("sat:/a=1", "no such step"),
            ("replace:/a=", "|REGEX|WITH|"),
            ("replace:/a=|x|y", "|REGEX|WITH|"),
            ("{", "not JSON"),
        ] {
            let error = parse(words).unwrap_err();
            assert!(error.contains(said) && error.contains(words), "{error}");
        }
    }
}
