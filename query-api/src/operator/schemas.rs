//! `GET schemas`: what judges texts here, and whether what is deployed can be used.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Operators,
    access::{Operator, Read},
};
use crate::problem::{Failure, Problem};

/// The deployed schemas.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Schemas {
    /// The judge that they are.
    judge: String,
    /// Why what is in the folder of schemas cannot be used; the ones of before judge then. `null` where all is well.
    #[schema(required = true)]
    trouble: Option<String>,
}

/// The deployed schemas
#[utoipa::path(get, path = "/api/v1/operator/schemas", operation_id = "schemas", tag = "operator",
    responses((status = 200, description = "What judges", body = Schemas),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn schemas(
    State(operators): State<Operators>,
    _: Operator<Read>,
) -> Result<Json<Schemas>, Failure> {
    let judge = operators.judges.now().hash().to_owned();
    Ok(Json(Schemas { judge, trouble: operators.judges.trouble() }))
}
