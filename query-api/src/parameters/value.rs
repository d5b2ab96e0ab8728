//! The types of parameters: how each is read, and how it is documented.

use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What is wrong with it.
    pub message: String,
    /// What may stand there instead.
    pub allowed: Vec<String>,
}

/// A value that a parameter may have.
pub(crate) trait Value: Serialize + Sized {
    /// Whether a request needs one.
    const REQUIRED: bool = true;

    /// Reads it.
    fn parse(text: &str) -> Result<Self, Refusal>;

    /// Its part of the OpenAPI document.
    fn schema() -> ObjectBuilder;

    /// What stands for one that is left out.
    fn left_out() -> Option<Self> {
        None
    }

    /// What is said where it is needed and left out.
    fn missing() -> Refusal {
        Refusal { message: "is missing".into(), allowed: Vec::new() }
    }
}

impl<T: Value> Value for Option<T> {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, Refusal> {
        T::parse(text).map(Some)
    }

    fn schema() -> ObjectBuilder {
        T::schema()
    }

    fn left_out() -> Option<Self> {
        Some(None)
    }
}

impl Value for String {
    fn parse(text: &str) -> Result<Self, Refusal> {
        Ok(text.to_owned())
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(super::MAX_VALUE_CHARS))
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Whole<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Whole<MIN, MAX> {
    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }

    /// The number for an `int` of the database, which it fits by its range.
    pub fn int(self) -> i32 {
        i32::try_from(self.0).unwrap_or(i32::MAX)
    }
}

/// For defaults, which are known when we compile.
impl<const MIN: i64, const MAX: i64> From<i64> for Whole<MIN, MAX> {
    fn from(number: i64) -> Self {
        Self(number.clamp(MIN, MAX))
    }
}

impl<const MIN: i64, const MAX: i64> Value for Whole<MIN, MAX> {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && (MIN..=MAX).contains(number));
        number.map(Self).ok_or_else(|| Refusal {
            message: format!("{text:?} is not a whole number from {MIN} to {MAX}"),
            allowed: vec![format!("{MIN} to {MAX}")],
        })
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::Custom("int64".into())))
            .minimum(Some(MIN))
            .maximum(Some(MAX))
    }
}
