//! What is done to one dead letter, and `kansoku dlq undo`.

use serde_json::{Value, json};

use super::{Session, typed};
use crate::{
    api::{Answer, part},
    failure::{Failure, Outcome, usage},
    model::{Changed, Detail},
};

/// Everything about one dead letter, from which a command on it starts.
pub(super) fn read(session: &Session<'_>, root: &str) -> Result<Detail, Failure> {
    let answer = session.api.get::<Detail>(&format!("operator/dead-letters/{}", part(root)), &[])?;
    Ok(answer.value)
}

/// Does something to it, as the operator has seen it.
pub(super) fn act(
    session: &mut Session<'_>,
    detail: &Detail,
    action: &str,
    reason: &str,
    more: &[(&str, Value)],
) -> Result<Outcome, Failure> {
    let mut body = json!({ "version": detail.item.version, "reason": reason });
    for (name, value) in more {
        body[*name] = value.clone();
    }
    let path = format!("operator/dead-letters/{}/{action}", part(&detail.item.root));
    let Answer { text, value } = session.api.command::<Changed>("POST", &path, &body)?;
    session.screen.show(&text, || {
        let edited = if value.item.edited { ", edited" } else { "" };
        format!("{} is {}{edited} (version {})\n", value.item.root, value.item.stands(), value.item.version)
    })?;
    Ok(Outcome::Done)
}

/// Takes back what was done last.
pub(super) fn undo(session: &mut Session<'_>, root: &str, reason: Option<&str>) -> Result<Outcome, Failure> {
    let detail = read(session, root)?;
    // What is discarded cannot be edited: the discard came last. What is stored stays; a correction does not have to.
    let is_stored = detail.item.state == "resolved" && detail.item.correction.is_none();
    let action = match (detail.item.state.as_str(), detail.item.edited) {
        ("discarded", _) => "restore",
        (_, true) if is_stored => {
            let typed = typed();
            return Err(usage(format!(
                "{root} is stored as it was edited; {typed} dlq edit --correct gives it another text"
            )));
        }
        (_, true) => "revert",
        _ => {
            return Err(usage(format!(
                "{root} is neither discarded nor edited: there is nothing to take back"
            )));
        }
    };
    let reason = session.screen.reason(reason)?;
    act(session, &detail, action, &reason, &[])
}
