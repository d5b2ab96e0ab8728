//! Ids of plans and jobs.

use kansoku_service::random_bytes;
use uuid::{Builder, Uuid};

use crate::problem::Failure;

/// An id that nothing else has.
pub(super) fn random_id() -> Result<Uuid, Failure> {
    let bytes = random_bytes().map_err(|error| Failure::Internal(format!("read randomness: {error}")))?;
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    Ok(Builder::from_random_bytes(half).into_uuid())
}
