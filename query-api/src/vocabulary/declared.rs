//! Closed lists of words: each is spelled once, for addresses, bodies, the database and the OpenAPI document.

/// Declares an enum of words.
macro_rules! words {
    ($(#[doc = $about:literal])* $vis:vis enum $type:ident {
        $($(#[doc = $meaning:literal])* $word:ident = $text:literal),+ $(,)?
    }) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $type { $($(#[doc = $meaning])* $word),+ }

        impl $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($text, Self::$word)),+];

            /// The word for it.
            $vis const fn name(self) -> &'static str {
                match self { $(Self::$word => $text),+ }
            }

            /// What the word means.
            $vis fn parse(word: &str) -> Option<Self> {
                Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
            }
        }

        impl $crate::parameters::Value for $type {
            fn parse(text: &str) -> Result<Self, $crate::parameters::Refusal> {
                Self::parse(text).ok_or_else(|| {
                    let allowed: Vec<String> = Self::WORDS.iter().map(|(word, _)| (*word).into()).collect();
                    let message = format!("{text:?} is not one of {}", allowed.join(", "));
                    $crate::parameters::Refusal { message, allowed }
                })
            }

            fn schema() -> ::utoipa::openapi::schema::ObjectBuilder {
                ::utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(::utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::WORDS.iter().map(|(word, _)| *word)))
            }
        }

        impl ::utoipa::PartialSchema for $type {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::schema::Schema> {
                let about: Vec<&str> = [$($about),*].iter().map(|line: &&str| line.trim()).collect();
                let schema = <Self as $crate::parameters::Value>::schema();
                schema.description(Some(about.join("\n"))).into()
            }
        }

        impl ::utoipa::ToSchema for $type {
            fn name() -> ::std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
        }

        impl ::serde::Serialize for $type {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&word).ok_or_else(|| ::serde::de::Error::unknown_variant(&word, &[$($text),+]))
            }
        }

        impl ::sqlx::Type<::sqlx::Postgres> for $type {
            fn type_info() -> ::sqlx::postgres::PgTypeInfo {
                <str as ::sqlx::Type<::sqlx::Postgres>>::type_info()
            }

            fn compatible(kind: &::sqlx::postgres::PgTypeInfo) -> bool {
                <str as ::sqlx::Type<::sqlx::Postgres>>::compatible(kind)
            }
        }

        /// A word that we do not know is our bug.
        impl<'r> ::sqlx::Decode<'r, ::sqlx::Postgres> for $type {
            fn decode(value: ::sqlx::postgres::PgValueRef<'r>) -> Result<Self, ::sqlx::error::BoxDynError> {
                let word = <&str as ::sqlx::Decode<::sqlx::Postgres>>::decode(value)?;
                Self::parse(word).ok_or_else(|| format!("{word:?} in the database is not known here").into())
            }
        }
    };
}

pub(crate) use words;
