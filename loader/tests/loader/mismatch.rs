//! Pages that are not what they say.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use kansoku_loader::store::{Run, Store};
use kansoku_schemas::{Catalogue, Page, PageMeta, RunEvent, RunEventKind};
use sqlx::PgPool;

use crate::{
    common::{commit, dump, page, replay, tables},
    harness,
};

/// What the run of `page` says of itself.
fn event(page: &Page, seq: i64) -> Run {
    let PageMeta { run, catalogue, source, dataset, captured_at, .. } = page.meta.clone();
    let event = harness::event(RunEventKind::Progress, Vec::new());
    Run::new(RunEvent { run, catalogue, source, dataset, captured_at, ..event }, 1_000, seq)
}

/// A page of the run 0 that claims to be of something else.
fn others(seq: u64) -> [Page; 4] {
    let mut pages = [1, 2, 3, 4].map(|offset| page(0, 1, seq + offset, &[7, 8]));
    pages[0].meta.catalogue = Catalogue::Sample;
    pages[1].meta.source = "somewhere else".to_owned();
    pages[2].meta.dataset = "top.members".parse().unwrap();
    pages[3].meta.captured_at -= TimeDelta::days(1);
    pages
}

/// Commits a batch; says which of its pages did not match, and in what.
async fn mismatches(store: &Store, batch: &[Page]) -> BTreeMap<usize, String> {
    let done = commit(store, batch).await;
    done.mismatches.into_iter().map(|(number, mismatch)| (number, mismatch.pointer())).collect()
}

async fn pages(pool: &PgPool) -> Vec<i64> {
    sqlx::query_scalar("select seq from page order by seq").fetch_all(pool).await.unwrap()
}

#[tokio::test]
async fn stores_nothing_of_a_page_of_another_run() {
    let (store, pool, _database) = tables().await;
    assert_eq!(mismatches(&store, &[page(0, 1, 1, &[1, 2])]).await, BTreeMap::new());
    let before = dump(&pool).await;
    let batch = others(1);
    for (number, what) in ["/catalogue", "/source", "/dataset", "/captured_at"].into_iter().enumerate() {
        let alone = mismatches(&store, &batch[number..=number]).await;
        assert_eq!(alone, BTreeMap::from([(0, what.to_owned())]));
    }
    assert_eq!(mismatches(&store, &batch).await.len(), 4);
    assert_eq!(dump(&pool).await, before);
    let rest = [page(0, 2, 9, &[3]), replay(0, 1, 3, 10, 4)];
    assert_eq!(mismatches(&store, &rest).await, BTreeMap::new());
}

#[tokio::test]
async fn takes_the_first_page_in_raw_for_what_the_run_is() {
    let (store, pool, _database) = tables().await;
    let [other, elsewhere, ..] = others(1);
    // The catalogue of the later one comes first in the transaction.
    let batch = [other.clone(), page(0, 1, 1, &[1, 2]), elsewhere.clone()];
    assert_eq!(Vec::from_iter(mismatches(&store, &batch).await.into_keys()), [0, 2]);
    assert_eq!(pages(&pool).await, [1]);
    // They come again, in whatever company, and the page that is stored as well.
    assert_eq!(mismatches(&store, &[elsewhere, page(0, 1, 1, &[1, 2]), other]).await.len(), 2);
    assert_eq!(pages(&pool).await, [1]);
}

#[tokio::test]
async fn compares_with_the_event_before_the_first_page() {
    let (store, pool, _database) = tables().await;
    let own = page(0, 1, 9, &[1, 2]);
    store.write_runs(&[event(&own, 1)]).await.unwrap();
    let [catalogue, source, dataset, _] = others(1);
    assert_eq!(mismatches(&store, &[catalogue, source, dataset]).await.len(), 3);
    assert_eq!(mismatches(&store, &[own]).await, BTreeMap::new());
    assert_eq!(pages(&pool).await, [9]);
}

#[tokio::test]
async fn keeps_a_page_that_came_before_the_event_it_contradicts() {
    let (store, pool, _database) = tables().await;
    let own = page(0, 2, 9, &[1, 2]);
    let [catalogue, .., instant] = others(1);
    assert_eq!(
        mismatches(&store, std::slice::from_ref(&catalogue)).await,
        BTreeMap::new(),
        "nothing else is known"
    );
    store.write_runs(&[event(&own, 1)]).await.unwrap();
    assert_eq!(mismatches(&store, &[instant, own]).await.len(), 1);
    assert_eq!(mismatches(&store, &[catalogue]).await, BTreeMap::new(), "it is stored");
    assert_eq!(pages(&pool).await, [2, 9]);
}

#[tokio::test]
async fn keeps_the_pages_of_a_run_that_began_anew() {
    let (store, pool, _database) = tables().await;
    let mut older = event(&page(0, 1, 1, &[]), 1);
    older.event.captured_at -= TimeDelta::hours(2);
    store.write_runs(&[older]).await.unwrap();
    assert_eq!(mismatches(&store, &[page(0, 1, 1, &[1]), page(0, 2, 2, &[2])]).await, BTreeMap::new());
    assert_eq!(mismatches(&store, &[page(0, 3, 3, &[3])]).await, BTreeMap::new());
    // One page may have come before it was let go of, unknown to who did.
    let mut anew = page(0, 4, 4, &[4]);
    anew.meta.captured_at += TimeDelta::hours(1);
    store.write_runs(&[event(&anew, 2)]).await.unwrap();
    assert_eq!(mismatches(&store, &[anew]).await, BTreeMap::new());
    assert_eq!(pages(&pool).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn refuses_fewer_rows_than_the_page_that_is_stored_has() {
    let (store, pool, _database) = tables().await;
    let whole = page(0, 1, 1, &[1, 2, 3, 4]);
    assert_eq!(mismatches(&store, std::slice::from_ref(&whole)).await, BTreeMap::new());
    let before = dump(&pool).await;
    // A row that somebody publishes by hand, with the headers of its page.
    let by_hand = page(0, 1, 2, &[3]);
    let found = commit(&store, std::slice::from_ref(&by_hand)).await.mismatches;
    assert_eq!(found[&0].pointer(), "/data");
    let words = found[&0].to_string();
    assert!(
        words.starts_with("it has 1 rows, and page 1 of run ") && words.contains("Kansoku-Row"),
        "{words}"
    );
    assert_eq!(dump(&pool).await, before);
    // The same within a batch, and beside what is no mismatch: the row said to be one, another page, the whole again.
    let rest = [by_hand, replay(0, 1, 2, 3, 3), page(0, 2, 4, &[5]), page(0, 1, 5, &[1, 2, 3, 4]), whole];
    assert_eq!(Vec::from_iter(mismatches(&store, &rest).await.into_keys()), [0]);
    let ranking = "select array_agg(mal_id order by position) from ranking";
    let titles: Vec<i32> = sqlx::query_scalar(ranking).fetch_one(&pool).await.unwrap();
    assert_eq!(titles, [1, 2, 3, 4, 5]);
}

/// A redelivery may turn two bodies of one page round.
#[tokio::test]
async fn a_smaller_page_that_stood_first_in_raw_is_stored_whenever_it_comes() {
    let (small, large) = (page(0, 1, 1, &[1, 2]), page(0, 1, 2, &[3, 1, 4]));
    let mut dumps = Vec::new();
    for order in [[&small, &large], [&large, &small]] {
        let (store, pool, _database) = tables().await;
        for page in order {
            assert_eq!(mismatches(&store, std::slice::from_ref(page)).await, BTreeMap::new());
        }
        dumps.push(dump(&pool).await);
    }
    assert_eq!(dumps[0], dumps[1]);
}
