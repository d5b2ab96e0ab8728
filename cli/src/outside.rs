//! The clock and the environment: read here, given to everything else.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// The time.
#[expect(clippy::disallowed_methods, reason = "the one place of this program that reads the clock")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// How this program was called: `bin/kansoku` in a checkout, `kansoku` elsewhere.
pub(crate) fn called() -> String {
    let name = std::env::args_os().next().map(|name| name.to_string_lossy().into_owned());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "kansoku".to_owned())
}

/// Waits before something is asked again.
#[expect(
    clippy::disallowed_methods,
    reason = "the program has one thread, and the API is asked, not listened to"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// A variable of the environment, unless it is empty. For what clap is not to know: a secret, or the editor.
#[expect(clippy::disallowed_methods, reason = "the one place of this program that reads the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
