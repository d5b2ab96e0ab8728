//! Lets the faults that a request triggers loose on its reply.

use std::time::Duration;

use super::{Context, Kind, Triggered, page::Page, rows};
use crate::{api::Reply, body, connection::ConnectionFault};

/// What is left to do on the way out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Effects {
    /// Wait so long before the reply.
    pub(crate) delay: Duration,
    /// Wait so long before each byte of the body.
    pub(crate) drip: Option<Duration>,
    /// What happens to the connection.
    pub(crate) connection: ConnectionFault,
}

/// Changes the reply, fault by fault. `before` is the page before this one, where there is one.
pub(crate) fn apply(
    faults: &[Triggered],
    context: &Context,
    reply: &mut Reply,
    before: Option<&[u8]>,
) -> Effects {
    let mut effects = Effects::default();
    for fault in faults {
        let spec = &fault.spec;
        let numbers = spec.rows.as_deref();
        let part = || spec.bytes.unwrap_or(reply.body.len() / 2);
        let error = |status: u16, text: &str| {
            Reply::error(context.at, status, &serde_json::from_str(text).unwrap_or_default())
        };
        match fault.fault.kind {
            Kind::Set(_) | Kind::Remove(_) | Kind::Row(_) => {
                on_page(reply, |page| page.change(numbers, |row| edited(row, &fault.fault.kind)));
            }
            Kind::Bytes(edit) => on_page(reply, |page| page.change(numbers, edit)),
            Kind::Page(edit) => on_page(reply, |page| edit(page, numbers)),
            Kind::Neighbour => {
                let last = before.and_then(Page::read).and_then(|page| page.rows.last().cloned());
                if let Some(last) = last {
                    on_page(reply, |page| page.change(Some(numbers.unwrap_or(&[0])), |_| last.clone()));
                }
            }
            Kind::Error(status, text) => *reply = error(status, text),
            Kind::Missing(status, text) if reply.status == 404 => *reply = error(status, text),
            Kind::Answer(change) => change(fault, context, reply),
            Kind::Delay => effects.delay += Duration::from_millis(spec.millis),
            Kind::Drip => effects.drip = Some(Duration::from_millis(spec.millis)),
            Kind::Reset => effects.connection = ConnectionFault::Reset,
            Kind::Garbage => effects.connection = ConnectionFault::Garbage,
            Kind::HalfClose => effects.connection = ConnectionFault::HalfClose(part()),
            Kind::Truncate => effects.connection = ConnectionFault::Truncate(part()),
            // The query is changed before it is answered, the connection before it is accepted.
            Kind::Missing(..) | Kind::Unfiltered | Kind::Accept => {}
        }
    }
    effects
}

/// A body with one row broken by a fault of rows.
pub(crate) fn with_bad_row(body: &[u8], row: usize, kind: &Kind) -> Option<Vec<u8>> {
    let mut page = Page::read(body)?;
    page.change(Some(&[row]), |row| edited(row, kind));
    Some(page.write())
}

fn on_page(reply: &mut Reply, change: impl FnOnce(&mut Page)) {
    if reply.status != 200 {
        return;
    }
    if let Some(mut page) = Page::read(&reply.body) {
        change(&mut page);
        reply.body = page.write();
    }
}

/// A change of a row as JSON; what another fault has made unreadable stays.
fn edited(row: &[u8], kind: &Kind) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice(row) else { return row.to_vec() };
    match kind {
        Kind::Set(patch) => rows::set(&mut value, patch),
        Kind::Remove(key) => rows::remove(&mut value, key),
        Kind::Row(edit) => edit(&mut value),
        _ => {}
    }
    body::to_vec(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_not_meant_keep_their_bytes() {
        let body = br#"{"pagination":{"last_visible_page":1},"data":[{"b":"\/","a":1.50},{"score":8.1}]}"#;
        let changed =
            br#"{"pagination":{"last_visible_page":1},"data":[{"b":"\/","a":1.50},{"score":null}]}"#;
        let patch = Kind::Set(r#"{"/score":null,"/rank":null}"#);
        assert_eq!(with_bad_row(body, 1, &patch).unwrap(), changed);
        let single = br#"{"data":{"a":1}}"#;
        assert_eq!(with_bad_row(single, 1, &patch).unwrap(), single);
    }
}
