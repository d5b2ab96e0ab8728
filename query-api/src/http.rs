//! What happens around every request: ids, limits, measuring, headers.

pub(crate) mod identify;
pub(crate) mod limit;
pub(crate) mod observe;
pub(crate) mod respond;
pub(crate) mod security;
