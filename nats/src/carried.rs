//! Which headers of a rejected message its dead letter carries: all of them, as far as the server takes them.

use crate::headers::{Headers, line_len};

/// The most bytes that carried headers take: with the dead letter's own they stay under the server's limit.
const MAX_BYTES: usize = 40 << 10;
/// Names that mean something to us, or are common to all messages.
const KNOWN: [&str; 6] = ["ce-", "Kansoku-", "Dlq-", "traceparent", "tracestate", "content-type"];

/// The headers to carry, and the names of those that have no place.
pub(crate) fn carried(headers: &Headers) -> (Headers, Vec<&str>) {
    let own = headers.iter().filter(|(name, _)| !name.starts_with("Nats-"));
    let (known, foreign): (Vec<_>, Vec<_>) =
        own.partition(|(name, _)| KNOWN.iter().any(|start| name.starts_with(start)));
    let (mut left, mut left_out) = (MAX_BYTES, Vec::new());
    let all_fit = headers.wire_bound() <= MAX_BYTES;
    let mut taken = Headers::new();
    for (name, value) in known.into_iter().chain(foreign) {
        let size = if all_fit { 0 } else { line_len(name, value) };
        if size > left {
            left_out.push(name);
            continue;
        }
        left -= size;
        taken.insert(name, value);
    }
    (taken, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_the_servers_own_are_carried() {
        let headers = Headers::from_iter([("A", "1"), ("Nats-Msg-Id", "x"), ("ce-id", "2")]);
        let (taken, left_out) = carried(&headers);
        assert_eq!(taken.iter().collect::<Vec<_>>(), [("ce-id", "2"), ("A", "1")]);
        assert!(left_out.is_empty());
    }

    #[test]
    fn foreign_ones_give_way_to_ours() {
        let (large, url) = ("x".repeat(30 << 10), "フ".repeat(4_000));
        let headers = Headers::from_iter([("A", large.as_str()), ("B", "2"), ("Kansoku-Url", &url)]);
        let (taken, left_out) = carried(&headers);
        assert_eq!((taken.get("Kansoku-Url"), taken.get("B")), (Some(url.as_str()), Some("2")));
        assert_eq!(left_out, ["A"]);
        assert!(taken.wire_len() < MAX_BYTES);
    }
}
