//! `kansoku dlq ls`

use super::{Session, freshness, groups, quoted, typed};
use crate::{
    args::Order,
    failure::{Failure, Outcome},
    model::{Item, Items},
    table::{Table, cut},
    times::instant,
};

/// Lists a page of dead letters.
pub(super) fn run(
    session: &mut Session<'_>,
    filter: &str,
    limit: u32,
    cursor: Option<&str>,
    order: Order,
) -> Result<Outcome, Failure> {
    let order = if order == Order::Oldest { "oldest" } else { "newest" };
    let limit = limit.to_string();
    let query =
        [("filter", filter), ("limit", &limit), ("order", order), ("cursor", cursor.unwrap_or_default())];
    let answer = session.api.get::<Items>("operator/dead-letters", &query)?;
    let hint = if answer.value.total == 0 { groups::hint(session, filter) } else { String::new() };
    session.screen.show(&answer.text, || {
        let page = &answer.value;
        let total = format!("{}{}", if page.total_is_exact { "" } else { "at least " }, page.total);
        let mut text = if page.items.is_empty() { String::new() } else { table(&page.items).render() + "\n" };
        let verb = if total == "1" { "dead letter matches" } else { "dead letters match" };
        text += &format!("{total} {verb}; {}\n", freshness(&page.projection));
        text += &hint;
        if let Some(cursor) = &page.next_cursor {
            let (filter, order) = (quoted(filter), if order == "oldest" { " --order oldest" } else { "" });
            text += &format!(
                "the next page: {} dlq ls {filter} --limit {limit}{order} --cursor {}\n",
                typed(),
                quoted(cursor)
            );
        }
        text
    })?;
    Ok(Outcome::Done)
}

fn table(items: &[Item]) -> Table {
    let mut table = Table::new(&["ROOT", "STATE", "DIED (UTC)", "DATASET", "REASON", "AT", "TITLE"]);
    for item in items {
        let edited = if item.edited { "*" } else { "" };
        table.row([
            item.root.clone(),
            format!("{}{edited}", item.state),
            instant(item.first_at),
            item.dataset.clone(),
            item.reason.clone(),
            cut(if item.pointer.is_empty() { "-" } else { &item.pointer }, 30),
            cut(item.title.as_deref().unwrap_or_default(), 36),
        ]);
    }
    table
}
