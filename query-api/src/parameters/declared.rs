//! Parameters that a resource declares: their names, documentation, defaults and reading, all from one place.

use serde::Serialize;
use utoipa::openapi::{
    Required,
    path::{Parameter, ParameterBuilder, ParameterIn},
};

use super::{RequestParameters, Value};
use crate::problem::Failure;

/// The parameters that a resource takes; [`parameters`] declares them.
pub(crate) trait Parameters: Serialize + Sized + Send + Sync + 'static {
    /// The names of those in the query.
    const NAMES: &'static [&'static str];

    /// Reads them.
    fn from_request(request: &RequestParameters<'_>) -> Result<Self, Failure>;

    /// Their part of the OpenAPI document.
    fn documented() -> Vec<Parameter>;

    /// The values of those in the path, as text.
    fn of_path(&self) -> Vec<String>;
}

/// One parameter in the OpenAPI document.
pub(crate) fn described<T: Value>(
    place: ParameterIn,
    name: &str,
    about: &[&str],
    default: Option<T>,
) -> Parameter {
    let required = T::REQUIRED && default.is_none();
    let default = default.and_then(|value| serde_json::to_value(value).ok());
    let about: Vec<_> = about.iter().map(|line| line.trim()).collect();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .description(Some(about.join("\n")))
        .required(if required { Required::True } else { Required::False })
        .schema(Some(T::schema().default(default)))
        .build()
}

/// Declares the parameters of a resource: `path` or `query`, a name, a type that is a [`Value`], and maybe a default.
macro_rules! parameters {
    ($(#[$meta:meta])* $vis:vis struct $type:ident {
        $($(#[doc = $about:literal])* $place:ident $name:ident: $value:ty $(= $default:expr)?),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, ::serde::Serialize)]
        $vis struct $type { $($(#[doc = $about])* pub $name: $value),* }

        impl $crate::parameters::Parameters for $type {
            const NAMES: &'static [&'static str] =
                $crate::parameters::parameters!(@names [] $($place $name)*);

            fn from_request(
                _request: &$crate::parameters::RequestParameters<'_>,
            ) -> Result<Self, $crate::problem::Failure> {
                Ok(Self {
                    $($name: _request.value(
                        stringify!($name),
                        $crate::parameters::parameters!(@default $($default)?),
                    )?),*
                })
            }

            fn documented() -> Vec<::utoipa::openapi::path::Parameter> {
                vec![$($crate::parameters::described::<$value>(
                    $crate::parameters::parameters!(@place $place),
                    stringify!($name),
                    &[$($about),*],
                    $crate::parameters::parameters!(@default $($default)?),
                )),*]
            }

            fn of_path(&self) -> Vec<String> {
                let values: Vec<Option<String>> = vec![$($crate::parameters::parameters!(@text $place self.$name)),*];
                values.into_iter().flatten().collect()
            }
        }
    };
    (@names [$($names:expr,)*] query $name:ident $($rest:tt)*) => {
        $crate::parameters::parameters!(@names [$($names,)* stringify!($name),] $($rest)*)
    };
    (@names [$($names:expr,)*] path $name:ident $($rest:tt)*) => {
        $crate::parameters::parameters!(@names [$($names,)*] $($rest)*)
    };
    (@names [$($names:expr,)*]) => { &[$($names),*] };
    (@default) => { None };
    (@default $default:expr) => { Some($default.into()) };
    (@place path) => { ::utoipa::openapi::path::ParameterIn::Path };
    (@place query) => { ::utoipa::openapi::path::ParameterIn::Query };
    (@text path $value:expr) => { Some($value.get().to_string()) };
    (@text query $value:expr) => { None::<String> };
}

pub(crate) use parameters;
