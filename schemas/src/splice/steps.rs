//! Steps of a plan: each changes one place, or the same place of every item of an array.

use std::{ops::Range, sync::LazyLock};

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};

use super::place::{self, Inside, Place};

/// The most steps of one plan.
const MAX_STEPS: usize = 50;
/// The most bytes of a text after a step: as a JSON string, which may be twice as long, it has to fit into a message of AUDIT.
const MAX_BYTES: usize = 500_000;
/// The most bytes that one match may put in its place.
const MAX_MATCH: usize = 16 << 20;
/// The most bytes of a `with`.
const MAX_WITH: usize = 10_000;
/// The most bytes of a compiled pattern: the time that a text takes grows with it.
const MAX_PATTERN: usize = 256 << 10;
/// The most characters of a text that an error quotes.
const MAX_QUOTED: usize = 60;

/// What `with` may say in place of a group's text, by the rules of the crate regex.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$\$|\$\{(?<long>[^}]*)\}|\$(?<short>[0-9A-Za-z_]+)")
        .expect("a constant that the tests compile")
});

/// A step as it is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    op: Op,
    path: String,
    /// As text: a value that was read would be written anew.
    #[serde(default, deserialize_with = "given")]
    value: Option<Box<RawValue>>,
    to: Option<String>,
    pattern: Option<String>,
    with: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Op {
    Set,
    Remove,
    Rename,
    Cast,
    Replace,
}

/// A `null` that is given is a value.
fn given<'de, D: Deserializer<'de>>(parser: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(parser).map(Some)
}

/// What a value is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    String,
    Number,
    Boolean,
    Null,
}

impl Kind {
    fn named(name: &str) -> Result<Self, String> {
        match name {
            "string" => Ok(Self::String),
            "number" => Ok(Self::Number),
            "boolean" => Ok(Self::Boolean),
            "null" => Ok(Self::Null),
            _ => Err(format!("{name:?} is no type: say string, number, boolean or null")),
        }
    }
}

/// What a step does at each place.
#[derive(Debug, Clone)]
enum Change {
    Set(String),
    Remove,
    Rename(String),
    Cast(Kind),
    Replace(Regex, String),
}

#[derive(Debug, Clone)]
struct Step {
    path: String,
    tokens: Vec<String>,
    change: Change,
}

/// Steps, checked and ready to be applied to many texts.
#[derive(Debug, Clone)]
pub struct Steps(Vec<Step>);

/// Why a step makes no sense, or does not apply to a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {number}: {problem}")]
pub struct StepError {
    /// Which, from 1.
    pub number: usize,
    /// Where it wanted to change something.
    pub path: String,
    /// What is wrong.
    pub problem: String,
}

impl Steps {
    /// Reads the steps in JSON: `{"op": "set", "path": …, "value": …}`, `remove`, `rename` (`to`), `cast` (`to`: `string`,
    /// `number`, `boolean`, `null`), `replace` (`pattern`, `with`; captures as `$1`).
    ///
    /// # Errors
    /// The first step that makes no sense.
    pub fn read(json: &str) -> Result<Self, StepError> {
        let fault =
            |number, path: &str, problem: String| StepError { number, path: path.to_owned(), problem };
        let list: Vec<&RawValue> =
            serde_json::from_str(json).map_err(|_| fault(1, "", "steps are a list of objects".to_owned()))?;
        if list.len() > MAX_STEPS {
            return Err(fault(MAX_STEPS + 1, "", format!("{MAX_STEPS} steps are the most")));
        }
        let read = |(number, step): (usize, &&RawValue)| {
            let asked: Asked =
                serde_json::from_str(step.get()).map_err(|error| fault(number, "", error.to_string()))?;
            let path = asked.path.clone();
            Step::new(asked).map_err(|problem| fault(number, &path, problem))
        };
        (1..).zip(&list).map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Applies all steps, one after the other.
    ///
    /// # Errors
    /// The first step that does not apply.
    pub fn apply(&self, text: &str) -> Result<String, StepError> {
        let mut text = text.to_owned();
        for (number, step) in (1..).zip(&self.0) {
            let fault = |problem| StepError { number, path: step.path.clone(), problem };
            text = step.apply(&text).map_err(fault)?;
        }
        Ok(text)
    }
}

impl Step {
    fn new(asked: Asked) -> Result<Self, String> {
        let Asked { op, path, value, to, pattern, with } = asked;
        let change = match (op, value, to, pattern, with) {
            (Op::Set, Some(value), None, None, None) => Change::Set(value.get().to_owned()),
            (Op::Remove, None, None, None, None) => Change::Remove,
            (Op::Rename, None, Some(to), None, None) => Change::Rename(to),
            (Op::Cast, None, Some(to), None, None) => Change::Cast(Kind::named(&to)?),
            (Op::Replace, None, None, Some(pattern), Some(with)) => {
                if with.len() > MAX_WITH {
                    return Err(format!("`with` has {} bytes, and {MAX_WITH} are the most", with.len()));
                }
                let pattern = RegexBuilder::new(&pattern).size_limit(MAX_PATTERN).build();
                let pattern = pattern.map_err(|error| format!("the pattern: {error}"))?;
                has_groups(&pattern, &with)?;
                Change::Replace(pattern, with)
            }
            (Op::Set, ..) => return Err("set takes a path and a value".to_owned()),
            (Op::Remove, ..) => return Err("remove takes a path".to_owned()),
            (Op::Rename | Op::Cast, ..) => return Err("rename and cast take a path and `to`".to_owned()),
            (Op::Replace, ..) => return Err("replace takes a path, `pattern` and `with`".to_owned()),
        };
        let tokens = place::tokens(&path)?;
        if tokens.is_empty() && matches!(change, Change::Remove | Change::Rename(_)) {
            return Err("the path names the whole text".to_owned());
        }
        Ok(Self { path, tokens, change })
    }

    fn apply(&self, text: &str) -> Result<String, String> {
        let places = place::find(text, &self.tokens)?;
        if places.is_empty() {
            return Err(format!("nothing is at {}", self.path));
        }
        // What comes in is part of the result: it is never more than a text may have.
        let (mut edits, mut added) = (Vec::with_capacity(places.len()), 0);
        for place in &places {
            let edit =
                self.change.edit(text, place)?.ok_or_else(|| format!("nothing is at {}", self.path))?;
            added += edit.1.len();
            fits(added)?;
            edits.push(edit);
        }
        edits.sort_by_key(|(range, _)| range.start);
        let (mut made, mut at) = (String::with_capacity(text.len()), 0);
        for (range, with) in &edits {
            // Of two neighbours that go, the comma between them goes once.
            made.push_str(&text[at..range.start.max(at)]);
            made.push_str(with);
            at = range.end.max(at);
        }
        made.push_str(&text[at..]);
        fits(made.len())?;
        Ok(made)
    }
}

fn fits(bytes: usize) -> Result<(), String> {
    if bytes <= MAX_BYTES { Ok(()) } else { Err(format!("more than {MAX_BYTES} bytes come of it")) }
}

/// Which bytes become what.
type Edit = (Range<usize>, String);

impl Change {
    /// What it does at a place; `None` where nothing is there to be changed.
    fn edit(&self, text: &str, place: &Place) -> Result<Option<Edit>, String> {
        if let (Self::Set(value), Some(token)) = (self, &place.token) {
            return set(place, token, value).map(Some);
        }
        let Some(at) = place.value.clone() else { return Ok(None) };
        let (old, token) = (&text[at.clone()], place.token.as_deref().unwrap_or_default());
        let edit = match self {
            Self::Set(value) => (at, value.clone()),
            Self::Remove => (removed(&place.inside, token)?, String::new()),
            Self::Rename(to) => rename(&place.inside, token, to)?,
            Self::Cast(kind) => (at, cast(old, *kind)?),
            Self::Replace(pattern, with) => {
                let Ok(old) = serde_json::from_str::<String>(old) else {
                    return Err("a pattern needs a string".to_owned());
                };
                (at, quoted(&replaced(pattern, &old, with)?))
            }
        };
        Ok(Some(edit))
    }
}

/// Refuses a name that no group has: it would stand for nothing, and `$1T` is such a name.
fn has_groups(pattern: &Regex, with: &str) -> Result<(), String> {
    let references =
        REFERENCE.captures_iter(with).filter_map(|found| found.name("long").or(found.name("short")));
    for name in references.map(|found| found.as_str()) {
        let is_group = match name.parse::<usize>() {
            Ok(number) => number < pattern.captures_len(),
            Err(_) => pattern.capture_names().flatten().any(|group| group == name),
        };
        if !is_group {
            return Err(format!(
                "`with` names the group {name:?}, which the pattern does not have (`${{1}}` before a letter or a digit, `$$` for a dollar)"
            ));
        }
    }
    Ok(())
}

/// The text with all matches replaced; it is not made longer than a text may be.
fn replaced(pattern: &Regex, old: &str, with: &str) -> Result<String, String> {
    let references = with.matches('$').count();
    let (mut made, mut at) = (String::new(), None);
    for captures in pattern.captures_iter(old) {
        let Some(found) = captures.get(0) else { continue };
        made.push_str(&old[at.unwrap_or_default()..found.start()]);
        // No group is longer than its match.
        if with.len() + references * found.len() > MAX_MATCH {
            return Err(format!("more than {MAX_BYTES} bytes come of it"));
        }
        captures.expand(with, &mut made);
        fits(made.len())?;
        at = Some(found.end());
    }
    let Some(at) = at else {
        let begin: String = old.chars().take(MAX_QUOTED).collect();
        return Err(format!("{begin:?} does not match the pattern"));
    };
    made.push_str(&old[at..]);
    Ok(made)
}

/// Replaces what is there, or adds a member at the object's end.
fn set(place: &Place, token: &str, value: &str) -> Result<Edit, String> {
    if let Some(at) = place.value.clone() {
        return Ok((at, value.to_owned()));
    }
    match &*place.inside {
        Inside::Members(members) => {
            let member = format!("{}:{value}", quoted(token));
            Ok(match members.last() {
                Some(last) => (last.value.end..last.value.end, format!(",{member}")),
                None => (place.container.start + 1..place.container.start + 1, member),
            })
        }
        Inside::Items(items) => {
            Err(format!("the list has {} items, and none is number {token}", items.len()))
        }
        Inside::Nothing => Err("nothing can be set in a plain value".to_owned()),
    }
}

/// A member or an item with one of the commas beside it.
fn removed(inside: &Inside, token: &str) -> Result<Range<usize>, String> {
    let (at, count) = match inside {
        Inside::Members(members) => (members.iter().position(|member| member.name == token), members.len()),
        Inside::Items(items) => (place::index(token).filter(|index| *index < items.len()), items.len()),
        Inside::Nothing => (None, 0),
    };
    let span = |at: usize| match inside {
        Inside::Members(members) => members[at].key.start..members[at].value.end,
        Inside::Items(items) => items[at].clone(),
        Inside::Nothing => 0..0,
    };
    let at = at.ok_or_else(|| format!("nothing is at {token}"))?;
    Ok(match at {
        _ if at + 1 < count => span(at).start..span(at + 1).start,
        0 => span(0),
        last => span(last - 1).end..span(last).end,
    })
}

fn rename(inside: &Inside, token: &str, to: &str) -> Result<Edit, String> {
    let Inside::Members(members) = inside else {
        return Err("only a key can have another name".to_owned());
    };
    if members.iter().any(|member| member.name == to) {
        return Err(format!("there is a key {to:?} already"));
    }
    let member = place::member(members, token)?.ok_or_else(|| format!("there is no key {token:?}"))?;
    Ok((member.key.clone(), quoted(to)))
}

/// The value as another type, where it can be read as one.
fn cast(old: &str, kind: Kind) -> Result<String, String> {
    let value: &str = old.trim();
    let text = serde_json::from_str::<String>(value).ok();
    let is_container = value.starts_with(['{', '[']);
    let cannot = || format!("{:.60} cannot be made a {kind:?}", value).to_lowercase();
    match kind {
        Kind::Null => Ok("null".to_owned()),
        _ if is_container => Err(cannot()),
        Kind::String => Ok(if text.is_some() { value.to_owned() } else { quoted(value) }),
        Kind::Number => {
            let digits = text.as_deref().map_or(value, str::trim);
            let is_number =
                !digits.starts_with('"') && serde_json::from_str::<serde_json::Number>(digits).is_ok();
            if is_number { Ok(digits.to_owned()) } else { Err(cannot()) }
        }
        Kind::Boolean => match text.as_deref().map_or(value, str::trim) {
            "true" | "1" => Ok("true".to_owned()),
            "false" | "0" => Ok("false".to_owned()),
            _ => Err(cannot()),
        },
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
#[path = "steps_tests.rs"]
mod tests;
