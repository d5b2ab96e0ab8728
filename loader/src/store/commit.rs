//! The one transaction of a batch.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kansoku_schemas::{Catalogue, Page};
use sqlx::PgConnection;

use super::{
    Completed, Mismatches, Store, anime, genres, ids, known, known::Known, letters, lines, mismatch,
    observations, observations::Ownership, owners, pages, ranking, version,
};
use crate::{
    db_error::DbError,
    failpoint,
    staged::{StagedPage, StagedRow, StagedRows},
    storable::Refused,
};

/// What a committed batch did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The new version of each catalogue that changed.
    pub versions: Vec<(Catalogue, i64)>,
    /// Observations that the batch's new pages own.
    pub stored: i64,
    /// Rows of the batch's new pages that own none.
    pub duplicate: i64,
    /// Rows of pages that were stored before, by the same judgement.
    pub older: i64,
    /// Pages that are not what they say; nothing of them is stored.
    pub mismatches: Mismatches,
    /// Pages that were not stored before, by the same judgement.
    pub fresh: Vec<usize>,
    /// Pages of which a part was stored before.
    pub completed: Vec<Completed>,
}

impl Committed {
    /// Adds what was done for one page, which has this number here.
    pub(crate) fn merge(&mut self, other: Self, number: usize) {
        self.versions.extend(other.versions);
        self.stored += other.stored;
        self.duplicate += other.duplicate;
        self.older += other.older;
        self.fresh.extend(other.fresh.into_iter().map(|_| number));
        self.completed.extend(other.completed);
        self.mismatches.extend(other.mismatches.into_values().map(|mismatch| (number, mismatch)));
    }
}

impl Store {
    /// Commits the batch, all of it but the refused rows, or nothing.
    pub async fn commit(
        &self,
        batch: &[Page],
        refused: &Refused,
        at: DateTime<Utc>,
    ) -> Result<Committed, DbError> {
        self.supervised("commit the batch", self.transaction(batch, refused, at)).await
    }

    async fn transaction(
        &self,
        batch: &[Page],
        refused: &Refused,
        at: DateTime<Utc>,
    ) -> Result<Committed, DbError> {
        let failed = DbError::ours("commit the batch");
        let mut tx = self.pool.begin().await.map_err(failed)?;
        let catalogues: BTreeSet<String> = batch.iter().map(|page| page.meta.catalogue.to_string()).collect();
        version::lock(&mut tx, &Vec::from_iter(catalogues)).await?;
        let mut known = known::read(&mut tx, batch).await?;
        let (mismatches, completed) = mismatch::find(batch, &mut known);
        let mut groups: BTreeMap<Catalogue, Vec<StagedPage<'_>>> = BTreeMap::new();
        for (at, page) in batch.iter().enumerate().filter(|(at, _)| !mismatches.contains_key(at)) {
            groups.entry(page.meta.catalogue).or_default().push(StagedPage::new(at, page));
        }
        let mut committed = Committed { mismatches, completed, ..Committed::default() };
        for (catalogue, pages) in groups {
            write(&mut tx, catalogue, pages, &known, refused, at, &mut committed).await?;
        }
        failpoint("loader::before_commit");
        tx.commit().await.map_err(failed)?;
        Ok(committed)
    }
}

/// Writes pages of one catalogue.
async fn write(
    session: &mut PgConnection,
    catalogue: Catalogue,
    pages: Vec<StagedPage<'_>>,
    known: &Known,
    refused: &Refused,
    at: DateTime<Utc>,
    committed: &mut Committed,
) -> Result<(), DbError> {
    let (again, fresh): (Vec<_>, Vec<_>) = pages.into_iter().partition(|staged| known.is_stored(staged.page));
    let rows = |staged: &StagedPage<'_>| i64::try_from(staged.page.body.rows.len()).unwrap_or_default();
    committed.older += again.iter().map(rows).sum::<i64>();
    if fresh.is_empty() {
        return Ok(());
    }
    committed.fresh.extend(fresh.iter().map(|staged| staged.at));
    let name = catalogue.as_str();
    let all: Vec<&Page> = fresh.iter().map(|staged| staged.page).collect();
    let ids = ids::of_pages(session, name, &all, known).await?;
    let rows = StagedRows::collect(&fresh, &ids, |at, place| !refused.contains_key(&(at, place)));
    let ownership = write_rows(session, name, &rows).await?;
    let outcomes = fresh.iter().map(|staged| pages::Outcome::new(staged, refused)).collect();
    let (stored, duplicate) = pages::write(session, name, &ids, outcomes, known, &ownership, at).await?;
    committed.stored += stored;
    committed.duplicate += duplicate;
    let positions: Vec<_> = fresh.iter().map(|staged| staged.origin.raw()).collect();
    let (epochs, seqs): (Vec<i64>, Vec<i64>) = positions.into_iter().unzip();
    letters::resolve(session, &epochs, &seqs).await?;
    let datasets: BTreeSet<String> = all.iter().map(|page| page.meta.dataset.to_string()).collect();
    let instants = || all.iter().map(|page| page.meta.captured_at);
    let (oldest, newest) = (instants().min().unwrap_or(at), instants().max());
    let version = version::raise(session, catalogue, &Vec::from_iter(datasets), oldest, newest).await?;
    committed.versions.push((catalogue, version));
    Ok(())
}

/// Writes what the rows themselves say.
async fn write_rows(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &StagedRows<'_>,
) -> Result<Ownership, DbError> {
    anime::write(session, catalogue, &rows.anime).await?;
    anime::write_names(session, catalogue, &rows.history).await?;
    ranking::write(session, catalogue, &rows.anime).await?;
    let instants =
        rows.anime.iter().map(StagedRow::instant).chain(rows.history.iter().map(StagedRow::instant));
    let shared = owners::shared_instants(session, &instants.collect()).await?;
    let days = rows.anime.iter().map(|row| row.page.captured_at);
    let days = days.chain(rows.history.iter().map(|row| row.page.captured_at)).map(|at| at.date_naive());
    let newest = days.clone().max();
    let mut ownership = observations::write(session, catalogue, &rows.anime, &shared, newest).await?;
    ownership.merge(observations::write(session, catalogue, &rows.history, &shared, newest).await?);
    ownership.merge(genres::write(session, catalogue, &rows.genres).await?);
    lines::note_weeks(session, catalogue, days).await?;
    Ok(ownership)
}
