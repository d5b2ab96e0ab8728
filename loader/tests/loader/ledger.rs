//! The ledger in numbers.

use kansoku_loader::ledger_gauges::Ledger;
use kansoku_schemas::PageCounts;

use crate::{
    common::{commit, page, tables},
    letters::{apply, letter},
};

#[tokio::test]
async fn a_row_that_is_nowhere_is_an_imbalance_until_its_dead_letter_is_there() {
    let (store, pool, _database) = tables().await;
    assert_eq!(
        store.look_at_ledger().await.unwrap(),
        Ledger { imbalance: Some(0), ..Ledger::default() },
        "of nothing"
    );
    let mut page = page(1, 1, 10, &[1, 2, 3]);
    page.body.counts = PageCounts { received: 4, accepted: 3, dead: 1, ..PageCounts::default() };
    commit(&store, std::slice::from_ref(&page)).await;
    let missing = Ledger { received: 4, stored: 3, duplicate: 0, dead: 1, in_flight: 0, imbalance: Some(1) };
    assert_eq!(store.look_at_ledger().await.unwrap(), missing);

    apply(&store, &[letter(3, 0, &["/score"])]).await;
    let balanced = Ledger { imbalance: Some(0), ..missing };
    assert_eq!(store.look_at_ledger().await.unwrap(), balanced);

    let two_pages = "update run set state = 'running', pages_got = '{1,2}', rows = 8";
    sqlx::query(two_pages).execute(&pool).await.unwrap();
    assert_eq!(store.look_at_ledger().await.unwrap(), Ledger { in_flight: 4, ..balanced });

    sqlx::query("update dlq_progress set last_seq = seq + 1 where stream = 'DLQ'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(store.look_at_ledger().await.unwrap().imbalance, None, "a dead letter may be on its way");
}

/// As after `archive import --again`, which the runbook of LedgerImbalance names: the same page as a new message of RAW.
#[tokio::test]
async fn a_page_that_comes_again_stores_what_somebody_deleted() {
    let (store, pool, _database) = tables().await;
    commit(&store, &[page(1, 1, 10, &[1, 2, 3])]).await;
    let observations = async || -> i64 {
        sqlx::query_scalar("select count(*) from observation").fetch_one(&pool).await.unwrap()
    };
    let imbalance = async || store.look_at_ledger().await.unwrap().imbalance;
    sqlx::query("delete from observation where mal_id = 2").execute(&pool).await.unwrap();
    assert_eq!((observations().await, imbalance().await), (2, Some(0)), "the ledger looks at pages alone");
    sqlx::raw_sql("set session_replication_role = replica; update page set committed = '{0,2}'; set session_replication_role = origin")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(imbalance().await, Some(1), "and misses the row once the page does not have it");
    commit(&store, &[page(1, 1, 11, &[1, 2, 3])]).await;
    assert_eq!((observations().await, imbalance().await), (3, Some(0)));
}
