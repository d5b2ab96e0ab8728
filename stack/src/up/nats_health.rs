//! A nats-server whose disk was full does not recover by itself when there is room again: its health page goes on saying
//! that something is wrong, and a restart mends it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use kansoku_service::{Clock, SystemClock};
use tokio::sync::mpsc::Sender;

use crate::process;

/// How often the health page is read.
const PROBE: Duration = Duration::from_secs(2);
/// How long it may report an error before a restart: of a server that was well, and of one that may still be reading what
/// it stored.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(300));
/// A restart helps only where there is room for what is written then.
const MIN_FREE_BYTES: u64 = 64 << 20;

/// Says each time that a restart is due why it is.
pub(super) async fn watch(monitor: u16, store: &Path, due: Sender<String>) {
    let mut probe = tokio::time::interval(PROBE);
    probe.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut health = Health::default();
    loop {
        probe.tick().await;
        let page = match process::get(monitor, "/healthz").await {
            Ok((200, _)) => Page::Well,
            Ok((_, body)) => Page::Error(body),
            Err(_) => Page::Silent,
        };
        if let Some(why) = health.restart_due(page, free_bytes(store), SystemClock.monotonic()) {
            // Nobody listens any more when everything is being stopped.
            let _ = due.send(why).await;
        }
    }
}

fn free_bytes(folder: &Path) -> u64 {
    rustix::fs::statvfs(folder).map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// What the page says.
enum Page {
    Well,
    Error(String),
    Silent,
}

#[derive(Default)]
struct Health {
    was_well: bool,
    ill_since: Option<Instant>,
}

impl Health {
    fn restart_due(&mut self, page: Page, free_bytes: u64, now: Instant) -> Option<String> {
        let Page::Error(body) = page else {
            // A silent one ends or starts; the supervisor sees to that.
            *self = Self { was_well: matches!(page, Page::Well), ill_since: None };
            return None;
        };
        let ill_for = now.saturating_duration_since(*self.ill_since.get_or_insert(now));
        let patience = if self.was_well { PATIENCE.0 } else { PATIENCE.1 };
        if ill_for < patience || free_bytes < MIN_FREE_BYTES {
            return None;
        }
        *self = Self::default();
        let ill_for = ill_for.as_secs();
        Some(format!("its health page has said for {ill_for} s, with room on the disk: {}", body.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLENTY: u64 = 1 << 40;

    fn error() -> Page {
        Page::Error("{\"status\":\"unavailable\"}\n".to_owned())
    }

    #[test]
    fn a_restart_is_due_when_an_error_stays_and_there_is_room() {
        let start = SystemClock.monotonic();
        let mut health = Health::default();
        let mut after =
            |seconds, page, free| health.restart_due(page, free, start + Duration::from_secs(seconds));
        assert_eq!(after(0, Page::Well, PLENTY), None);
        assert_eq!(after(1, error(), 0), None);
        assert_eq!(after(60, error(), 0), None, "with a full disk it helps nothing");
        let why = after(61, error(), PLENTY).unwrap();
        assert_eq!(
            why,
            "its health page has said for 60 s, with room on the disk: {\"status\":\"unavailable\"}"
        );
        assert_eq!(after(62, error(), PLENTY), None, "it has just been asked to end");
        assert_eq!(after(63, Page::Silent, PLENTY), None);
    }

    #[test]
    fn a_server_that_starts_gets_more_time_and_a_short_error_none() {
        let start = SystemClock.monotonic();
        let mut health = Health::default();
        let mut after =
            |seconds, page| health.restart_due(page, PLENTY, start + Duration::from_secs(seconds));
        assert_eq!(after(0, error()), None);
        assert_eq!(after(299, error()), None);
        assert!(after(300, error()).is_some());
        assert_eq!(after(400, Page::Well), None);
        assert_eq!(after(401, error()), None);
        assert_eq!(after(402, Page::Well), None);
        assert_eq!(after(417, error()), None, "counted from its own beginning");
    }
}
