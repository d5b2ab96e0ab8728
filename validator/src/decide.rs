//! What becomes of a page: pure, and the same for the same page, schemas and instant.

use std::sync::Arc;

use bytes::Bytes;
use kansoku_nats::{
    GiveUp, Outgoing, Verdict,
    dead_letter::{Cause, DeadLetter, Origin, ServiceInstance},
    page as message, subject,
};
use kansoku_schemas::{Judge, PageCounts, Reason, RejectedRow, Replay, Root, Stage};

use crate::{
    DURABLE, STREAM, contract,
    page::{self, PageMetadata, RawPage},
};

/// How a replay of one row is written: its bytes between these.
const BEFORE_ROW: &[u8] = br#"{"data":["#;
const AFTER_ROW: &[u8] = b"]}";
/// The most characters of the reason that goes with `+TERM`.
const MAX_REASON: usize = 200;

/// Decides on pages in the name of one process.
#[derive(Debug)]
pub struct Validator {
    /// The schemas.
    pub judge: Arc<Judge>,
    /// Whose name stands in dead letters.
    pub by: Arc<ServiceInstance>,
}

/// What becomes of a page: what is published, how it is settled, and its counts for the metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// For the consume loop. Everything in it fits into its stream.
    pub verdict: Verdict,
    /// Of the rows; all zero for a page that is rejected as a whole.
    pub counts: PageCounts,
}

impl Validator {
    /// Decides on a page.
    pub fn decide(&self, page: &RawPage<'_>) -> Decision {
        self.judge(page).unwrap_or_else(|cause| {
            let reason = format!("{}: {}", cause.reason, cause.message);
            let reason = reason.chars().filter(|char| !char.is_control()).take(MAX_REASON).collect();
            let verdict = Verdict::Reject(Box::new(self.page_dead_letter(page, &cause)), reason);
            Decision { verdict, counts: PageCounts::default() }
        })
    }

    /// The dead letter of a page that is not judged: it may have killed who judged it.
    pub fn give_up(&self, page: &RawPage<'_>, why: &GiveUp) -> Outgoing {
        self.page_dead_letter(page, &Cause::plain(why.reason(), why.to_string()))
    }

    /// Judges each row; in the end, why the page is rejected as a whole.
    fn judge(&self, page: &RawPage<'_>) -> Result<Decision, Box<Cause>> {
        let stored = &page.delivery.stored;
        let metadata = PageMetadata::read(stored).map_err(|problem| rejection(Reason::Envelope, problem))?;
        let judged = self.judge.page(&metadata.meta.dataset, &stored.body);
        let judged = judged.map_err(|rejection| Cause::from(&*rejection))?;
        if let (Some((replay, _)), rows) = (metadata.row_replay(), judged.received())
            && rows != 1
        {
            let words = format!("the replay of the row {} holds {rows} rows", replay.root);
            return Err(rejection(Reason::Envelope, words));
        }
        metadata.check_places(&judged).map_err(|problem| rejection(Reason::Envelope, problem))?;
        let dead_letter = |row| self.row_dead_letter(page, &metadata, judged.limit, row);
        let dead: Vec<_> = judged.rejected.iter().map(dead_letter).collect();
        let judged = contract::page(page, metadata, self.judge.hash(), judged);
        let valid = message::valid(&judged).map_err(|error| {
            let words = format!("the accepted rows cannot be written as JSON: {error}");
            rejection(Reason::Envelope, words)
        })?;
        dead.iter().chain([&valid]).try_for_each(Outgoing::check_size).map_err(|error| {
            rejection(Reason::TooLarge, format!("what comes of the page cannot be published: {error}"))
        })?;
        let counts = judged.body.counts;
        Ok(Decision { verdict: Verdict::Publish { dead, result: Box::new(valid) }, counts })
    }

    fn row_dead_letter(
        &self,
        page: &RawPage<'_>,
        metadata: &PageMetadata,
        limit: u32,
        row: &RejectedRow,
    ) -> Outgoing {
        let RejectedRow { index, rejection } = row;
        let PageMetadata { meta, .. } = metadata;
        // Rows rejected from a whole page start roots of their own, even if that page is a replay.
        let replay = metadata.row_replay().map(|(replay, _)| replay);
        let index = metadata.index(*index);
        let own = Root { run: meta.run, page: meta.page, row: Some(index), stage: Stage::Validate };
        let root = replay.map_or(own, |replay| replay.root);
        let body = page.delivery.stored.body.slice(rejection.bytes.clone());
        let mut dead_letter =
            self.dead_letter(page, root, replay, &meta.dataset.to_string(), &Cause::from(rejection), body);
        // The replay of a row is a page of one row: what was known of its place stands in the headers that it brings.
        if replay.is_none() {
            message::put_row(&mut dead_letter.headers, index, metadata.position(limit, index), limit);
        }
        dead_letter
    }

    fn page_dead_letter(&self, page: &RawPage<'_>, cause: &Cause) -> Outgoing {
        let stored = &page.delivery.stored;
        let (root, replay) = page::root(stored);
        let body = if root.row.is_some() { unwrapped(&stored.body) } else { stored.body.clone() };
        let dataset = subject::dataset_of(&stored.subject).unwrap_or("unknown");
        self.dead_letter(page, root, replay.as_ref(), dataset, cause, body)
    }

    fn dead_letter(
        &self,
        page: &RawPage<'_>,
        root: Root,
        replay: Option<&Replay>,
        dataset: &str,
        cause: &Cause,
        body: Bytes,
    ) -> Outgoing {
        DeadLetter {
            headers: &page.delivery.stored.headers,
            origin: Some(Origin::of(page.delivery, STREAM, DURABLE)),
            root,
            stage: Stage::Validate,
            parent: replay.and_then(|replay| replay.parent.as_deref()),
            attempt: replay.map_or(0, |replay| replay.attempt),
            raw: Some(page.position()),
            judge: self.judge.hash(),
            dataset,
            cause,
            body,
            by: &self.by,
            at: page.now,
        }
        .build()
    }
}

fn rejection(reason: Reason, message: String) -> Box<Cause> {
    Box::new(Cause::plain(reason, message))
}

/// The row in the replay of one, so that its next replay is written in the same way.
fn unwrapped(body: &Bytes) -> Bytes {
    match body.strip_prefix(BEFORE_ROW).and_then(|rest| rest.strip_suffix(AFTER_ROW)) {
        Some(row) => body.slice_ref(row),
        None => body.clone(),
    }
}

#[cfg(test)]
mod tests;
