//! The one transaction of a batch.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, Utc};
use kansoku_schemas::Catalogue;
use sqlx::{Acquire, PgConnection};

use super::{
    Ids, Store, Strays, anime, genres, ids, names, observations, pages, partitions::month_of, strays,
    version, within,
};
use crate::{
    bisect::Bisection,
    candidate::Candidates,
    fault::{Class, Fault, Part},
    page::Page,
};

/// How long a batch may take: the server ends each statement far sooner, if it is still there.
const LONGEST: Duration = Duration::from_secs(180);

/// Rows that the tables refuse: the page in the batch, and the place in its contract.
pub type Refused = BTreeSet<(usize, usize)>;

/// Refused rows, each with what the database said of it.
pub type Refusals = BTreeMap<(usize, usize), Fault>;

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
    /// Pages that are not of the run they name; nothing of them is stored.
    pub strays: Strays,
}

/// The pages of one catalogue, each with its number in the batch.
type Group<'a> = BTreeMap<String, Vec<(usize, &'a Page)>>;

fn by_catalogue<'a>(pages: &'a [Page], strays: &Strays) -> Group<'a> {
    let mut groups = Group::new();
    for (number, page) in pages.iter().enumerate().filter(|(number, _)| !strays.contains_key(number)) {
        groups.entry(page.catalogue.to_string()).or_default().push((number, page));
    }
    groups
}

fn catalogues(pages: &[Page]) -> Vec<String> {
    let named: BTreeSet<String> = pages.iter().map(|page| page.catalogue.to_string()).collect();
    named.into_iter().collect()
}

impl Store {
    /// Makes the partitions for the pages' months.
    pub async fn ensure_partitions(&self, pages: &[Page]) -> Result<usize, Fault> {
        self.ensure_months(pages.iter().map(|page| month_of(page.captured_at.date_naive())).collect()).await
    }

    /// Commits the batch, all of it but the refused rows, or nothing.
    pub async fn commit(
        &self,
        batch: &[Page],
        refused: &Refused,
        at: DateTime<Utc>,
    ) -> Result<Committed, Fault> {
        let committed = within(LONGEST, self.transaction(batch, refused, at)).await;
        self.note(committed.unwrap_or_else(|error| Err(Fault::new(Part::Books, "commit the batch", error))))
    }

    async fn transaction(
        &self,
        batch: &[Page],
        refused: &Refused,
        at: DateTime<Utc>,
    ) -> Result<Committed, Fault> {
        let fault = |error| Fault::new(Part::Books, "commit the batch", error);
        let mut tx = self.pool.begin().await.map_err(fault)?;
        version::lock(&mut tx, &catalogues(batch)).await?;
        let strays = strays::find(&mut tx, batch).await?;
        let groups = by_catalogue(batch, &strays);
        let mut committed = Committed { strays, ..Committed::default() };
        for (catalogue, pages) in &groups {
            group(&mut tx, catalogue, pages, refused, at, &mut committed).await?;
        }
        tx.commit().await.map_err(fault)?;
        Ok(committed)
    }

    /// Finds the rows that the tables refuse, changing nothing; says how many tries it took.
    pub async fn search(&self, batch: &[Page]) -> Result<(Refusals, u64), Fault> {
        let fault = |error| Fault::new(Part::Books, "search the batch for rows that do not fit", error);
        let mut tx = self.pool.begin().await.map_err(fault)?;
        version::lock(&mut tx, &catalogues(batch)).await?;
        let strays = strays::find(&mut tx, batch).await?;
        let groups = by_catalogue(batch, &strays);
        let mut ids = BTreeMap::new();
        for (catalogue, pages) in &groups {
            ids.insert(catalogue, look_up(&mut tx, catalogue, pages).await?);
        }
        let all = |(number, page): (usize, &Page)| {
            (0..page.len()).map(move |place| (number, place)).collect::<Vec<_>>()
        };
        let rows: Vec<(usize, usize)> = groups.values().flatten().copied().flat_map(all).collect();
        let mut search = Bisection::new(rows.len());
        let mut refusals = Refusals::new();
        while let Some(range) = search.next() {
            let tried: Refused = rows[range].iter().copied().collect();
            let mut point = tx.begin().await.map_err(fault)?;
            let mut result = Ok(());
            for (catalogue, pages) in &groups {
                let wanted = |number, place| tried.contains(&(number, place));
                let found = Candidates::collect(pages, &ids[catalogue], wanted);
                result = write_rows(&mut point, catalogue, &found).await.map(drop);
                if result.is_err() {
                    break;
                }
            }
            match result {
                Ok(()) => {
                    point.commit().await.map_err(fault)?;
                    search.record(true);
                }
                Err(error) if error.class == Class::Data => {
                    point.rollback().await.map_err(fault)?;
                    search.record(false);
                    if let (1, Some(row)) = (tried.len(), tried.first()) {
                        refusals.insert(*row, error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        let (_, tries) = search.finish();
        Ok((refusals, tries))
    }
}

async fn look_up(
    session: &mut PgConnection,
    catalogue: &str,
    pages: &[(usize, &Page)],
) -> Result<Ids, Fault> {
    let pages: Vec<&Page> = pages.iter().map(|(_, page)| *page).collect();
    ids::of_pages(session, catalogue, &pages).await
}

/// Writes what the rows themselves say; returns the pages whose counts have to be made again.
async fn write_rows(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &Candidates<'_>,
) -> Result<observations::Touched, Fault> {
    anime::write(session, catalogue, &rows.anime).await?;
    names::write(session, catalogue, &rows.history).await?;
    observations::write_ranking(session, catalogue, &rows.anime).await?;
    let mut touched = observations::write(session, catalogue, &rows.anime).await?;
    touched.append(&mut observations::write(session, catalogue, &rows.history).await?);
    touched.append(&mut genres::write(session, catalogue, &rows.genres).await?);
    Ok(touched)
}

/// Commits pages of one catalogue within a transaction.
pub(super) async fn group(
    session: &mut PgConnection,
    catalogue: &str,
    pages: &[(usize, &Page)],
    refused: &Refused,
    at: DateTime<Utc>,
    committed: &mut Committed,
) -> Result<(), Fault> {
    let all: Vec<&Page> = pages.iter().map(|(_, page)| *page).collect();
    let known = pages::known(session, &all).await?;
    let (again, fresh): (Vec<_>, Vec<_>) = pages.iter().copied().partition(|(_, page)| {
        known.get(&(page.origin.epoch, page.origin.seq)) == Some(&page.origin.judged_at)
    });
    committed.older +=
        again.iter().map(|(_, page)| i64::try_from(page.len()).unwrap_or_default()).sum::<i64>();
    let Some((_, first)) = fresh.first() else { return Ok(()) };
    let ids = look_up(session, catalogue, &fresh).await?;
    let rows = Candidates::collect(&fresh, &ids, |number, place| !refused.contains(&(number, place)));
    let mut touched = write_rows(session, catalogue, &rows).await?;
    let accounts = fresh.iter().map(|(number, page)| pages::Account::new(*number, page, refused)).collect();
    pages::write(session, catalogue, &ids, accounts, at).await?;
    let new: observations::Touched =
        fresh.iter().map(|(_, page)| (page.origin.epoch, page.origin.seq)).collect();
    touched.extend(&new);
    pages::count(session, catalogue, &touched).await?;
    let (stored, duplicate) = pages::sum(session, &new).await?;
    committed.stored += stored;
    committed.duplicate += duplicate;
    let datasets: BTreeSet<String> = fresh.iter().map(|(_, page)| page.dataset.to_string()).collect();
    let datasets: Vec<String> = datasets.into_iter().collect();
    committed.versions.push((first.catalogue, version::raise(session, first.catalogue, &datasets).await?));
    Ok(())
}
