//! What happens around every request: ids, limits, measuring, headers.

pub(crate) mod observe;
pub(crate) mod rate_limit;
pub(crate) mod request_id;
pub(crate) mod respond;
pub(crate) mod security;
