//! What every handler needs.

use std::{sync::Arc, time::Duration};

use kansoku_service::Clock;

use crate::{
    cache::{AsOfCache, ResponseCache},
    database::SessionPool,
};

/// The state of the service; cheap to clone.
#[derive(Clone)]
pub(crate) struct App {
    /// Cached responses.
    pub cache: Arc<ResponseCache>,
    /// The canonical instants of `as_of`.
    pub as_of: Arc<AsOfCache>,
    /// The database.
    pub pool: SessionPool,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What day it is where the captures come from.
    pub calendar: Arc<dyn Clock>,
    /// Where a trace can be seen: an address with `{trace_id}` in it.
    pub trace_url: Option<Arc<str>>,
    /// How long reading one response may take.
    pub response_timeout: Duration,
}
