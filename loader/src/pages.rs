//! The consumer of VALID: pages into the tables, one transaction a batch.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kansoku_nats::{Client, Delivery, GiveUp, Handler, Outgoing, Verdict, dead_letter::Rejecter, trace};
use kansoku_service::{Clock, Unavailable};
use tracing::{Instrument, Span, field::Empty};

use crate::{
    dead::Letters,
    fault::{Class, Fault},
    hold,
    metrics::LoaderMetrics,
    page::{self, Page, Unreadable},
    store::{Committed, Refusals, Refused, Store, Strays, ahead},
};

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
    pub by: Rejecter,
    /// What is counted.
    pub metrics: LoaderMetrics,
}

impl Handler for Pages {
    async fn ready(&self) -> Result<(), Unavailable> {
        self.store
            .answers()
            .await
            .map_err(|error| hold::unavailable("ask Postgres whether it answers", error))?;
        let months = ahead(self.clock.now().date_naive());
        self.store.ensure_months(months).await.map_err(|fault| hold::on(&fault))?;
        if !self.store.works() {
            self.client.room_in("DLQ").await?;
        }
        self.store.ensure_works(self.clock.now()).await.map_err(|fault| hold::on(&fault))
    }

    async fn handle(&self, batch: &[Delivery]) -> Result<Vec<Verdict>, Unavailable> {
        let read: Vec<Result<Page, Unreadable>> =
            batch.iter().map(|delivery| page::decode(&delivery.stored.body)).collect();
        let (mut pages, mut deliveries) = (Vec::new(), Vec::new());
        // What becomes of each message: a page has a number among the pages.
        let mut outcomes = Vec::with_capacity(batch.len());
        for (delivery, read) in batch.iter().zip(read) {
            outcomes.push(read.map(|page| {
                pages.push(page);
                deliveries.push(delivery);
                pages.len() - 1
            }));
        }
        let strays =
            if pages.is_empty() { Strays::new() } else { self.store_pages(&pages, &deliveries).await? };
        let mut verdicts = Vec::with_capacity(batch.len());
        for (delivery, outcome) in batch.iter().zip(outcomes) {
            let letters = self.letters();
            let (letter, why) = match &outcome {
                Ok(number) => match strays.get(number) {
                    None => {
                        verdicts.push(Verdict::Done);
                        continue;
                    }
                    Some(stray) => (letters.stray(delivery, stray).await?, stray.to_string()),
                },
                Err(error) => (letters.page(delivery, error).await?, error.to_string()),
            };
            verdicts.push(Verdict::Reject(Box::new(letter), why));
        }
        Ok(verdicts)
    }

    async fn reject(&self, delivery: &Delivery, why: GiveUp) -> Result<Option<Outgoing>, Unavailable> {
        self.letters().given_up(delivery, why).await.map(Some)
    }
}

impl Pages {
    fn letters(&self) -> Letters<'_> {
        Letters { client: &self.client, by: &self.by, at: self.clock.now() }
    }

    /// Commits the pages but for those of no run; each message's trace gets a span that says when and how.
    async fn store_pages(&self, pages: &[Page], deliveries: &[&Delivery]) -> Result<Strays, Unavailable> {
        let batch = batch_span(pages, deliveries);
        let own: Vec<Span> =
            deliveries.iter().zip(pages).map(|(delivery, page)| page_span(delivery, page)).collect();
        let committed = self.commit(pages, deliveries).instrument(batch.clone()).await;
        let error = committed.as_ref().err().map(ToString::to_string);
        for span in own.iter().chain([&batch]) {
            match (&committed, &error) {
                (Ok((_, at)), _) => {
                    span.record("kansoku.committed_at", at.to_rfc3339());
                    span.record("kansoku.outcome", "committed");
                }
                (_, error) => {
                    span.record("kansoku.outcome", "held");
                    span.record("otel.status_code", "ERROR");
                    span.record("otel.status_description", error.as_deref());
                }
            }
        }
        let (committed, _) = committed?;
        for number in committed.strays.keys() {
            own[*number].record("kansoku.outcome", "rejected");
        }
        batch.record("kansoku.rows.stored", committed.stored);
        batch.record("kansoku.rows.duplicate", committed.duplicate);
        batch.record("kansoku.rows.older", committed.older);
        Ok(committed.strays)
    }

    /// Commits all rows that the tables take, after the others have become dead letters.
    async fn commit(
        &self,
        pages: &[Page],
        deliveries: &[&Delivery],
    ) -> Result<(Committed, DateTime<Utc>), Unavailable> {
        let mut refused = Refused::new();
        let mut partitions_made = false;
        self.store.ensure_partitions(pages).await.map_err(|fault| hold::on(&fault))?;
        loop {
            let (started, at) = (self.clock.monotonic(), self.clock.now());
            let outcome = self.store.commit(pages, &refused, at).await;
            let took = self.clock.monotonic().duration_since(started);
            self.metrics.operation("commit", took, outcome.as_ref().err().map(|fault| fault.class));
            match outcome {
                Ok(done) => {
                    self.metrics.committed(pages.len(), refused.len(), &done);
                    return Ok((done, at));
                }
                Err(fault) if fault.class == Class::Data => {
                    let found = self.search(pages, &refused, &fault).await?;
                    self.letters().rows(pages, deliveries, &found).await?;
                    refused.extend(found.into_keys());
                }
                Err(fault) if fault.class == Class::Partition && !partitions_made => {
                    self.store.forget_months();
                    self.store.ensure_partitions(pages).await.map_err(|fault| hold::on(&fault))?;
                    partitions_made = true;
                }
                Err(fault) => return Err(hold::on(&fault)),
            }
        }
    }

    /// Finds the rows that are refused beside those already known.
    async fn search(&self, pages: &[Page], known: &Refused, fault: &Fault) -> Result<Refusals, Unavailable> {
        self.metrics.bisected();
        let (mut found, tries) = self.store.search(pages).await.map_err(|fault| hold::on(&fault))?;
        found.retain(|row, _| !known.contains(row));
        if found.is_empty() {
            return Err(hold::on_defect(fault, "no single row of the batch is refused alone"));
        }
        tracing::warn!(rows = found.len(), tries, "the tables refuse {} rows of the batch", found.len());
        Ok(found)
    }
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
        kansoku.run = %page.run,
        kansoku.page = page.number,
        kansoku.rows = trace::integer(page.len() as u64),
        kansoku.outcome = Empty,
        kansoku.committed_at = Empty,
    )
}
