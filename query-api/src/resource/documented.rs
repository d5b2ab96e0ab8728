//! The part of the OpenAPI document that a resource makes.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Content, ContentBuilder, HttpMethod, Ref, RefOr, Response, ResponseBuilder,
        path::{OperationBuilder, Parameter, Paths},
        schema::{ObjectBuilder, Schema, Type},
    },
};

use super::{FormatParameter, Resource, Selects};
use crate::{
    parameters::Parameters,
    problem::Problem,
    response::ApiResponse,
    selection::{CatalogueOnly, Selection},
};

/// Named schemas.
type Schemas = Vec<(String, RefOr<Schema>)>;

/// The schemas of a resource and its path.
pub(super) fn document<R: Resource>() -> (Schemas, Paths) {
    let endpoint = R::ENDPOINT;
    let envelope = format!("{}Response", camel_case(endpoint.name));
    let mut schemas = vec![
        (envelope.clone(), ApiResponse::<R::Data>::schema()),
        (R::Data::name().into(), R::Data::schema()),
        (Problem::name().into(), Problem::schema()),
    ];
    ApiResponse::<R::Data>::schemas(&mut schemas);

    let json = Content::new(Some(Ref::from_schema_name(envelope)));
    let found = ResponseBuilder::new().description("The response").content("application/json", json);
    let found = match R::CSV {
        Some(csv) => found.content("text/csv", lines(csv.columns)),
        None => found,
    };
    let operation = OperationBuilder::new()
        .operation_id(Some(endpoint.name.replace('-', "_")))
        .tag(endpoint.tag)
        .summary(Some(endpoint.title))
        .description(Some(endpoint.text))
        .parameters(Some(parameters::<R>()).filter(|all| !all.is_empty()))
        .response("200", found)
        .response("default", failed())
        .build();
    let mut paths = Paths::new();
    paths.add_path_operation(endpoint.path, vec![HttpMethod::Get], operation);
    (schemas, paths)
}

/// Every parameter that a resource takes.
fn parameters<R: Resource>() -> Vec<Parameter> {
    let selection = match R::SELECTS {
        Selects::Captures => Selection::documented(),
        Selects::Catalogue => CatalogueOnly::documented(),
        Selects::Nothing => Vec::new(),
    };
    let format = if R::CSV.is_some() { FormatParameter::documented() } else { Vec::new() };
    [selection, R::Params::documented(), format].concat()
}

fn lines(columns: &[&str]) -> Content {
    let text = ObjectBuilder::new().schema_type(Type::String);
    ContentBuilder::new().schema(Some(text)).example(Some(columns.join(",").into())).build()
}

fn failed() -> Response {
    let problem = Content::new(Some(Ref::from_schema_name(Problem::name())));
    ResponseBuilder::new().description("What went wrong").content("application/problem+json", problem).build()
}

/// `top-anime` as `TopAnime`.
fn camel_case(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    };
    name.split('-').map(word).collect()
}
