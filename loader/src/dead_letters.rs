//! What becomes of rows and pages that cannot be stored: dead letters of the stage `load`.
//!
//! Their bytes are the upstream's own, fetched from RAW; only where RAW has let go of them they are the contract's, and
//! the header `Dlq-Body: contract` says so.

use std::collections::BTreeSet;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_nats::{
    Client, Delivery, GiveUp, Headers, Outgoing, PublishError, Stored,
    dead_letter::{Cause, DeadLetter, Origin, ServiceInstance},
    page as message, subject,
};
use kansoku_schemas::{Page, Position, Reason, Root, Rows, RunId, Stage, judge::slices};
use kansoku_service::{Unavailable, VERSION};

use crate::{db_error::DbError, page::Unreadable, storable::Refused, store::Mismatch};

/// Says whose bytes a dead letter's body is, when they are not the upstream's.
const BODY: &str = "Dlq-Body";

/// Why a page becomes a dead letter whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageRejection {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It is not what it says.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// The tables refuse something in it, though each row was found storable.
    #[error("the tables refuse a row of it: {}", .0.source)]
    Refused(DbError),
}

/// Who judges at this stage, in ids.
fn judge() -> String {
    format!("loader-{VERSION}")
}

/// Writes dead letters.
pub(crate) struct DeadLetters<'a> {
    pub(crate) client: &'a Client,
    pub(crate) by: &'a ServiceInstance,
    pub(crate) at: DateTime<Utc>,
}

impl DeadLetters<'_> {
    /// Publishes a dead letter for each refused row.
    pub(crate) async fn rows(
        &self,
        pages: &[Page],
        deliveries: &[&Delivery],
        refused: &Refused,
    ) -> Result<(), Unavailable> {
        let mut dead_letters = Vec::with_capacity(refused.len());
        let numbers: BTreeSet<usize> = refused.keys().map(|(number, _)| *number).collect();
        for number in numbers {
            let (page, delivery) = (&pages[number], deliveries[number]);
            let raw = self.raw(&delivery.stored.headers).await?;
            let slices = raw.as_ref().map(|raw| slices::rows(&raw.body)).unwrap_or_default();
            for (&(_, place), why) in refused.range((number, 0)..(number + 1, 0)) {
                let index = page.body.rows.index(place).unwrap_or_default();
                // The replay of a row is a page of that row alone.
                let is_replay = page.replayed_row().is_some();
                let (headers, body) = match (&raw, slices.get(if is_replay { 0 } else { index as usize })) {
                    (Some(raw), Some(slice)) => (raw.headers.clone(), raw.body.slice(slice.clone())),
                    _ => (of_contract(&delivery.stored.headers), contract_row(page, place)),
                };
                let cause =
                    Cause { pointer: why.pointer.clone(), ..Cause::plain(Reason::DbData, why.to_string()) };
                let mut dead_letter = self.dead_letter(delivery, &headers, Some(index), &cause, body);
                // A replay brings what is known of its place; how many rows the page had, its own page does not say.
                if !(is_replay && headers.get(message::LIMIT).is_some()) {
                    let position = position(page, place).unwrap_or_default();
                    message::put_row(&mut dead_letter.headers, index, position, page.body.limit);
                }
                dead_letters.push(dead_letter);
            }
        }
        if dead_letters.is_empty() {
            return Ok(());
        }
        match self.client.publish_batch(dead_letters).await {
            Ok(_) => Ok(()),
            Err(PublishError::Unavailable(unavailable)) => Err(unavailable),
            Err(error) => Err(Unavailable::new(
                "nats",
                anyhow::Error::new(error).context("publish dead letters of rows"),
            )),
        }
    }

    /// The dead letter for a page that is rejected whole.
    pub(crate) async fn rejected(
        &self,
        delivery: &Delivery,
        why: &PageRejection,
    ) -> Result<Outgoing, Unavailable> {
        let (reason, pointer) = match why {
            PageRejection::Unreadable(why) => (why.reason(), String::new()),
            PageRejection::Mismatch(mismatch) => (Reason::Envelope, mismatch.pointer()),
            PageRejection::Refused(_) => (Reason::DbData, String::new()),
        };
        self.whole(delivery, &Cause { pointer, ..Cause::plain(reason, why.to_string()) }).await
    }

    /// The dead letter for a message that is given up.
    pub(crate) async fn given_up(&self, delivery: &Delivery, why: GiveUp) -> Result<Outgoing, Unavailable> {
        self.whole(delivery, &Cause::plain(why.reason(), why.to_string())).await
    }

    async fn whole(&self, delivery: &Delivery, cause: &Cause) -> Result<Outgoing, Unavailable> {
        let Stored { headers, body, .. } = &delivery.stored;
        Ok(match self.raw(headers).await? {
            Some(raw) => self.dead_letter(delivery, &raw.headers, None, cause, raw.body),
            None => self.dead_letter(delivery, &of_contract(headers), None, cause, body.clone()),
        })
    }

    fn dead_letter(
        &self,
        delivery: &Delivery,
        headers: &Headers,
        row: Option<u32>,
        cause: &Cause,
        body: Bytes,
    ) -> Outgoing {
        let own = &delivery.stored.headers;
        let replay = message::replay(own).ok().flatten();
        let meta = message::meta(own).ok();
        // A row of a whole page starts a root of its own, even if that page is a replay.
        let replay = replay.filter(|replay| row.is_none() || replay.row.is_some());
        let own = Root {
            run: meta.as_ref().map_or(RunId(uuid::Uuid::nil()), |meta| meta.run),
            page: meta.as_ref().map_or(0, |meta| meta.page),
            row,
            stage: Stage::Load,
        };
        let root = replay.as_ref().map_or(own, |replay| replay.root);
        DeadLetter {
            headers,
            origin: Some(Origin::of(delivery, "VALID", "loader")),
            root,
            stage: Stage::Load,
            parent: replay.as_ref().and_then(|replay| replay.parent.as_deref()),
            attempt: replay.as_ref().map_or(0, |replay| replay.attempt),
            raw: message::position(&delivery.stored.headers).ok(),
            judge: &judge(),
            dataset: subject::dataset_of(&delivery.stored.subject).unwrap_or("unknown"),
            cause,
            body,
            by: self.by,
            at: self.at,
        }
        .build()
    }

    /// The message of RAW that a message of VALID was made from; `None` when it is gone, or another one stands there.
    async fn raw(&self, headers: &Headers) -> Result<Option<Stored>, Unavailable> {
        let (Ok(Position { epoch, seq }), Ok(meta)) = (message::position(headers), message::meta(headers))
        else {
            return Ok(None);
        };
        if self.client.raw_epoch().await? != epoch {
            return Ok(None);
        }
        let raw = self.client.get("RAW", seq).await?;
        let same = |raw: &Stored| {
            message::meta(&raw.headers).is_ok_and(|found| (found.run, found.page) == (meta.run, meta.page))
        };
        Ok(raw.filter(same))
    }
}

fn of_contract(headers: &Headers) -> Headers {
    let mut headers = headers.clone();
    headers.insert(BODY, "contract");
    headers
}

/// The position in the run of the row at `place` of the page's body.
fn position(page: &Page, place: usize) -> Option<u32> {
    match &page.body.rows {
        Rows::Anime(rows) => rows.get(place).map(|row| row.position),
        Rows::History(rows) => rows.get(place).map(|row| row.position),
        Rows::Genres(rows) => u32::try_from(page.position(rows.get(place)?.index)).ok(),
    }
}

/// The contract's row as JSON.
fn contract_row(page: &Page, place: usize) -> Bytes {
    let json = match &page.body.rows {
        Rows::Anime(rows) => rows.get(place).map(serde_json::to_vec),
        Rows::Genres(rows) => rows.get(place).map(serde_json::to_vec),
        Rows::History(rows) => rows.get(place).map(serde_json::to_vec),
    };
    json.and_then(Result::ok).unwrap_or_default().into()
}
