//! What the server says of itself on its monitoring port: a full disk shows there, and nowhere else before a publish fails.

use std::time::Duration;

use kansoku_service::{Dependency, request};

/// How often the page is read.
const PROBE: Duration = Duration::from_secs(5);

/// Keeps a dependency at what `/healthz` says, as long as the process lives. A page that is not to be had says nothing:
/// whether the server answers at all is known from the connection.
pub(crate) fn watch(address: String, server: Dependency) {
    server.ready();
    tokio::spawn(async move {
        let mut probe = tokio::time::interval(PROBE);
        probe.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut was_well = true;
        loop {
            probe.tick().await;
            let Ok((status, body)) = request(&address, "GET", "/healthz", "").await else { continue };
            let is_well = status == 200;
            if is_well {
                server.ready();
            } else {
                let reason = format!("its health page says: {}", body.trim());
                if was_well {
                    tracing::warn!("nats-server is not well; {reason}");
                }
                server.unavailable(reason);
            }
            was_well = is_well;
        }
    });
}
