//! What a service exposes is what `observability/metrics.toml` lists for it.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{path::Path, time::Duration};

use kansoku_observability::{Catalogue, Differences};
use kansoku_stack::{process::Running, until};

/// Some numbers are read from the tables now and then.
const LIMIT: Duration = Duration::from_secs(30);

/// Fails where a service exposes what is not listed for it, or not what is.
pub(crate) async fn exposes_what_is_listed(name: &str, service: &Running) {
    let catalogue = Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../observability")).unwrap();
    let differences = async || {
        let (_, numbers) = service.get("/metrics").await.unwrap();
        catalogue.compare(name, &numbers)
    };
    let none = async || differences().await == Differences::default();
    let _ = until("all numbers to be there", LIMIT, none).await;
    assert_eq!(differences().await, Differences::default(), "of {name}");
}
