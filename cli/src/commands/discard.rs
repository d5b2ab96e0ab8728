//! `kansoku dlq discard`

use serde_json::json;

use super::{Session, change, many};
use crate::{
    args::Bulk,
    failure::{Failure, Outcome, usage},
    model::Discarded,
};

/// Gives up one dead letter, or all that a filter finds.
pub(super) fn run(
    session: &mut Session<'_>,
    which: &str,
    bulk: &Bulk,
    yes: bool,
    reason: Option<&str>,
) -> Result<Outcome, Failure> {
    if is_root(which) {
        let detail = change::read(session, which)?;
        let reason = session.screen.reason(reason)?;
        return change::act(session, &detail, "discard", &reason, &[]);
    }
    if which.trim().is_empty() && !bulk.all {
        return Err(usage("an empty filter is every dead letter; --all says that this is meant"));
    }
    let discard = "operator/dead-letters/discard";
    let expect = match bulk.expect {
        Some(expect) => expect,
        None => {
            let counted = json!({ "filter": which, "all": bulk.all });
            session.api.command::<Discarded>("POST", discard, &counted)?.value.matching
        }
    };
    let reason = session.screen.reason(reason)?;
    session.screen.confirm(yes, &format!("Discard {}?", many(expect, "dead letter")))?;
    let body = json!({ "filter": which, "expect": expect, "reason": reason, "all": bulk.all });
    let answer = session.api.command::<Discarded>("POST", discard, &body)?;
    session
        .screen
        .show(&answer.text, || format!("{} discarded\n", many(answer.value.discarded, "dead letter")))?;
    Ok(Outcome::Done)
}

/// `<run>:<page>:<row or page>:<stage>`: no filter begins so.
fn is_root(text: &str) -> bool {
    let mut parts = text.split(':');
    let run = parts.next().unwrap_or_default();
    let is_run = run.len() == 36 && run.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_run && parts.count() == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_told_from_a_filter() {
        assert!(is_root("6b616e73-6f6b-5500-8000-72756e000001:3:7:validate"));
        assert!(is_root("6b616e73-6f6b-5500-8000-72756e000001:3:page:fetch"));
        assert!(!is_root("run:6b616e73-6f6b-5500-8000-72756e000001"));
        assert!(!is_root("state:open path:/aired/from"));
        assert!(!is_root(""));
    }
}
