//! Message ids (`Nats-Msg-Id`): what must happen once has one id, however often it is tried.

use kansoku_schemas::{Position, Root, RunId};

/// A page in RAW.
pub fn raw(run: &RunId, page: u32) -> String {
    format!("{run}:{page}")
}

/// Another body of a page that is in RAW: a capture that goes on after the duplicate window publishes one.
pub fn another(run: &RunId, page: u32, body_sha256: &str) -> String {
    format!("{run}:{page}:{body_sha256}")
}

/// The judged rows of a page in VALID. Another judge's verdict is another message.
pub fn valid(raw: Position, judge: &str) -> String {
    format!("raw:{}:{}:{judge}", raw.epoch, raw.seq)
}

/// A dead letter: the place upstream that is dead, the message it died in, the attempt (0 for the page as fetched, n for
/// its n-th replay) and who judged. `of` tells apart what the rest does not: two bodies of one page, and replays by hand,
/// which count no attempts. It is the RAW position as `<epoch>-<seq>`.
pub fn dlq(root: &Root, of: &str, attempt: u32, judge: &str) -> String {
    format!("{root}:{of}:{attempt}:{judge}")
}

/// The dead letter of a body that the fetcher gave up on: by its content, so that the good page can still come.
pub fn fetch(run: &RunId, page: u32, body_sha256: &str) -> String {
    format!("fetch:{run}:{page}:{body_sha256}")
}

/// A run's event.
pub fn run(run: &RunId, event: &str, n: u32, instance: &str) -> String {
    format!("{run}:{event}:{n}:{instance}")
}

/// An archive file, by the RAW positions in it.
pub fn archive(epoch: u64, first: u64, last: u64) -> String {
    format!("archive:{epoch}:{first}:{last}")
}

/// What an operator or the replayer did, by the number of its row in the outbox.
pub fn audit(id: i64) -> String {
    format!("audit:{id}")
}

/// A replay. Never the id of what it replays: inside the duplicate window that would be dropped.
pub fn replay(root: &Root, n: &str) -> String {
    format!("replay:{root}:{n}")
}
