//! The consumer of VALID: pages into the tables, one transaction a batch.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use kansoku_nats::{
    Client, Delivery, GiveUp, Handler, Outgoing, Verdict, dead_letter::ServiceInstance, trace,
};
use kansoku_schemas::Page;
use kansoku_service::{Clock, Unavailable};
use tracing::{Instrument, Span, field::Empty};

use crate::{
    db_error::{DbError, ErrorKind},
    dead_letters::{DeadLetters, PageRejection},
    failpoint,
    metrics::LoaderMetrics,
    page,
    page_times::PageTimes,
    storable::{self, Refused},
    store::{Committed, Completed, Store, ahead},
};

/// Rejected pages by their number in the batch.
type Rejections = BTreeMap<usize, PageRejection>;

/// Commits the pages of VALID.
#[derive(Clone)]
pub struct Pages {
    /// The tables.
    pub store: Arc<Store>,
    /// RAW's bodies and the dead letters.
    pub client: Client,
    /// The time of commits.
    pub clock: Arc<dyn Clock>,
    /// Who we are, in dead letters.
    pub by: ServiceInstance,
    /// What is counted.
    pub metrics: LoaderMetrics,
    /// How long pages took.
    pub times: PageTimes,
}

impl Handler for Pages {
    async fn ready(&self) -> Result<(), Unavailable> {
        self.store.answers().await?;
        self.store.ensure_months(ahead(self.clock.now().date_naive())).await?;
        if !self.store.works() {
            self.client.check_headroom("DLQ").await?;
        }
        Ok(self.store.ensure_works().await?)
    }

    async fn handle(&self, batch: &[Delivery]) -> Result<Vec<Verdict>, Unavailable> {
        let (mut pages, mut deliveries) = (Vec::new(), Vec::new());
        // What becomes of each message: a page has a number among the pages.
        let mut outcomes: Vec<Result<usize, PageRejection>> = Vec::with_capacity(batch.len());
        for delivery in batch {
            outcomes.push(page::read(&delivery.stored).map_err(PageRejection::from).map(|page| {
                pages.push(page);
                deliveries.push(delivery);
                pages.len() - 1
            }));
        }
        let rejections =
            if pages.is_empty() { Rejections::new() } else { self.store_pages(&pages, &deliveries).await? };
        let mut verdicts = Vec::with_capacity(batch.len());
        for (delivery, outcome) in batch.iter().zip(outcomes) {
            let rejection = outcome.as_ref().map_or_else(Some, |number| rejections.get(number));
            verdicts.push(match rejection {
                None => Verdict::Done,
                Some(why) => {
                    let dead_letter = self.dead_letters().rejected(delivery, why).await?;
                    Verdict::Reject(Box::new(dead_letter), why.to_string())
                }
            });
        }
        Ok(verdicts)
    }

    /// A page that is stored, and had no row whose dead letter may still be missing.
    async fn is_done(&self, delivery: &Delivery) -> Result<bool, Unavailable> {
        match page::read(&delivery.stored) {
            Ok(page) if storable::refused(std::slice::from_ref(&page)).is_empty() => {
                Ok(self.store.has_page(&page).await?)
            }
            _ => Ok(false),
        }
    }

    async fn reject(&self, delivery: &Delivery, why: GiveUp) -> Result<Option<Outgoing>, Unavailable> {
        self.dead_letters().given_up(delivery, why).await.map(Some)
    }
}

impl Pages {
    fn dead_letters(&self) -> DeadLetters<'_> {
        DeadLetters { client: &self.client, by: &self.by, at: self.clock.now() }
    }

    /// Stores the pages; each message's trace gets a span that says when and how.
    async fn store_pages(&self, pages: &[Page], deliveries: &[&Delivery]) -> Result<Rejections, Unavailable> {
        let batch = batch_span(pages, deliveries);
        let own: Vec<Span> =
            deliveries.iter().zip(pages).map(|(delivery, page)| page_span(delivery, page)).collect();
        let at = self.clock.now();
        let stored = self.commit_and_report(pages, deliveries, at).instrument(batch.clone()).await;
        for span in own.iter().chain([&batch]) {
            match &stored {
                Ok(_) => {
                    span.record("kansoku.committed_at", at.to_rfc3339());
                    span.record("kansoku.outcome", "committed");
                }
                Err(error) => {
                    span.record("kansoku.outcome", "held");
                    span.record("otel.status_code", "ERROR");
                    span.record("otel.status_description", error.to_string());
                }
            }
        }
        let (committed, rejections) = stored?;
        for number in &committed.fresh {
            self.times.committed(&pages[*number].body, at, &own[*number]);
        }
        for number in rejections.keys() {
            own[*number].record("kansoku.outcome", "rejected");
        }
        batch.record("kansoku.rows.stored", committed.stored);
        batch.record("kansoku.rows.duplicate", committed.duplicate);
        batch.record("kansoku.rows.older", committed.older);
        Ok(rejections)
    }

    /// Commits all rows that the tables can hold, then publishes the others as dead letters. A redelivery does the same
    /// again, since what is storable is told by the row alone.
    async fn commit_and_report(
        &self,
        pages: &[Page],
        deliveries: &[&Delivery],
        at: DateTime<Utc>,
    ) -> Result<(Committed, Rejections), Unavailable> {
        let mut refused = storable::refused(pages);
        let (mut committed, mut rejections) = self.commit(pages, &refused, at).await?;
        failpoint("loader::after_commit");
        let mismatches = std::mem::take(&mut committed.mismatches);
        rejections.extend(mismatches.into_iter().map(|(number, why)| (number, why.into())));
        for Completed { run, page, rows, before } in &committed.completed {
            tracing::warn!(
                "page {page} of run {run} has {rows} rows, and came with {before} before: the whole page counts"
            );
        }
        self.metrics.committed(pages.len(), refused.len(), &committed);
        refused.retain(|(number, _), _| !rejections.contains_key(number));
        self.dead_letters().rows(pages, deliveries, &refused).await?;
        failpoint("loader::after_dead_letters");
        Ok((committed, rejections))
    }

    /// Commits the batch. Should the tables refuse a row that was found storable, its page alone is rejected for it.
    async fn commit(
        &self,
        pages: &[Page],
        refused: &Refused,
        at: DateTime<Utc>,
    ) -> Result<(Committed, Rejections), Unavailable> {
        match self.commit_once(pages, refused, at).await {
            Ok(committed) => return Ok((committed, Rejections::new())),
            Err(error) if !is_data(&error) => return Err(error.into()),
            Err(error) => {
                tracing::warn!("the tables refuse a row, committing page by page: {}", error.source)
            }
        }
        self.metrics.isolated();
        let (mut committed, mut rejections) = (Committed::default(), Rejections::new());
        for (number, page) in pages.iter().enumerate() {
            let own = refused.range((number, 0)..(number + 1, 0));
            let own = own.map(|((_, place), why)| ((0, *place), why.clone())).collect();
            match self.commit_once(std::slice::from_ref(page), &own, at).await {
                Ok(done) => committed.merge(done, number),
                Err(error) if is_data(&error) => {
                    rejections.insert(number, PageRejection::Refused(error));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok((committed, rejections))
    }

    /// Commits pages, with the partitions that their rows need.
    async fn commit_once(
        &self,
        pages: &[Page],
        refused: &Refused,
        at: DateTime<Utc>,
    ) -> Result<Committed, DbError> {
        self.store.ensure_partitions(pages).await?;
        let started = self.clock.monotonic();
        let mut outcome = self.store.commit(pages, refused, at).await;
        if outcome.as_ref().is_err_and(|error| error.kind == ErrorKind::Partition) {
            self.store.forget_months();
            self.store.ensure_partitions(pages).await?;
            outcome = self.store.commit(pages, refused, at).await;
        }
        let took = self.clock.monotonic().duration_since(started);
        self.metrics.operation("commit", took, outcome.as_ref().err().map(|error| error.kind));
        outcome
    }
}

/// A partition that is missing after it was made is the data's fault: nothing else would get past it.
fn is_data(error: &DbError) -> bool {
    matches!(error.kind, ErrorKind::Data | ErrorKind::Partition)
}

/// The span of the transaction, linked to every message in it.
fn batch_span(pages: &[Page], deliveries: &[&Delivery]) -> Span {
    let span = tracing::info_span!(
        parent: None,
        "commit_batch",
        otel.name = "commit pages",
        otel.kind = "client",
        otel.status_code = Empty,
        otel.status_description = Empty,
        db.system.name = "postgresql",
        db.operation.name = "commit",
        db.operation.batch.size = trace::integer(pages.len() as u64),
        messaging.batch.message_count = trace::integer(deliveries.len() as u64),
        kansoku.outcome = Empty,
        kansoku.committed_at = Empty,
        kansoku.rows.stored = Empty,
        kansoku.rows.duplicate = Empty,
        kansoku.rows.older = Empty,
    );
    for delivery in deliveries {
        trace::link(&span, &delivery.stored.headers);
    }
    span
}

/// The commit as the trace of one page sees it.
fn page_span(delivery: &Delivery, page: &Page) -> Span {
    tracing::info_span!(
        parent: &delivery.span,
        "commit",
        otel.name = "commit page",
        otel.kind = "client",
        otel.status_code = Empty,
        otel.status_description = Empty,
        db.system.name = "postgresql",
        db.operation.name = "commit",
        kansoku.run = %page.meta.run,
        kansoku.page = page.meta.page,
        kansoku.rows = trace::integer(page.body.rows.len() as u64),
        kansoku.outcome = Empty,
        kansoku.committed_at = Empty,
    )
}
