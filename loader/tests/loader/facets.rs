//! Which parts of the data a commit and an event of a run say to have changed.

use kansoku_loader::store::{Run, Store};
use kansoku_schemas::{ArchiveEvent, Page, RunEventKind};
use sqlx::PgPool;

use crate::common::{commit, noon, page, tables, titles};

/// A page of one title, captured on that day of November; every sixth position tells the same facts.
fn captured(day: u32, seq: u64) -> Page {
    let mut page = page(u8::try_from(day).unwrap(), 1, seq, &[7]);
    page.meta.captured_at = noon(day);
    page
}

/// What has been raised since this was asked before.
async fn raised(pool: &PgPool, before: &mut Vec<(String, i64)>) -> Vec<String> {
    let versions: Vec<(String, i64)> = sqlx::query_as(
        "select 'now' as facet, version from data_version where catalogue = 'mal'
         union all select facet, version from data_facet where catalogue = 'mal' order by facet",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let raised = versions.iter().filter(|version| !before.contains(version));
    let raised = raised.map(|(facet, _)| facet.clone()).collect();
    *before = versions;
    raised
}

#[tokio::test]
async fn a_commit_raises_what_it_changed() {
    let (store, pool, _database) = tables().await;
    let mut before = Vec::new();
    raised(&pool, &mut before).await;
    commit(&store, &[captured(22, 6)]).await;
    assert_eq!(raised(&pool, &mut before).await, ["facts", "now", "past"], "the first day, a new title");
    commit(&store, &[captured(23, 12)]).await;
    assert_eq!(raised(&pool, &mut before).await, ["now", "past"], "another day, the same facts");
    commit(
        &store,
        &[{
            let mut second = captured(23, 18);
            second.meta.page = 2;
            second
        }],
    )
    .await;
    assert_eq!(raised(&pool, &mut before).await, ["now"], "the same day");
    let mut renamed = captured(23, 24);
    renamed.meta.page = 3;
    titles(&mut renamed)[0].anime.episodes = Some(13);
    commit(&store, &[renamed]).await;
    assert_eq!(raised(&pool, &mut before).await, ["facts", "now"], "other facts");
    let mut tagged = captured(23, 30);
    tagged.meta.page = 4;
    titles(&mut tagged)[0].anime.episodes = Some(13);
    titles(&mut tagged)[0].anime.genres[0].name = "another name".to_owned();
    commit(&store, &[tagged]).await;
    assert_eq!(raised(&pool, &mut before).await, ["facts", "now"], "another name of a genre");
    commit(&store, &[captured(21, 36)]).await;
    assert_eq!(raised(&pool, &mut before).await, ["now", "past"], "an older day");
}

async fn tell(store: &Store, day: u32, kind: RunEventKind, seq: i64) {
    let mut event = crate::order::event(u8::try_from(day).unwrap(), seq);
    (event.event.event, event.event.captured_at) = (kind, noon(day));
    store.write_runs(&[Run::new(event.event, 1_000, seq)]).await.unwrap();
}

#[tokio::test]
async fn an_event_raises_what_it_shows() {
    use RunEventKind::{Finished, Progress, Started};
    let (store, pool, _database) = tables().await;
    commit(&store, &[captured(22, 3), captured(23, 6)]).await;
    let mut before = Vec::new();
    raised(&pool, &mut before).await;
    for (day, kind, seq, facets, case) in [
        (24, Started, 1, &["now"][..], "a capture begins"),
        (24, Progress, 2, &["runs"], "it goes on"),
        (24, Progress, 2, &["now"], "the process may have ended before it told"),
        (24, Progress, 3, &["runs"], "it goes on"),
        (24, Finished, 4, &["now"], "it is complete"),
        (24, Progress, 5, &["now"], "it is not complete any more"),
        (22, Progress, 6, &["now", "past"], "a capture of a day before goes on again"),
        (22, Progress, 7, &["runs"], "and on"),
    ] {
        tell(&store, day, kind, seq).await;
        assert_eq!(raised(&pool, &mut before).await, facets, "{case}");
    }
}

#[tokio::test]
async fn a_week_that_is_rolled_up_raises_the_weeks_alone() {
    let (store, pool, _database) = tables().await;
    commit(&store, &[captured(22, 6)]).await;
    let mut before = Vec::new();
    raised(&pool, &mut before).await;
    assert_eq!(store.roll_up_weeks().await.unwrap(), 1);
    assert_eq!(raised(&pool, &mut before).await, ["weeks"]);
}

#[tokio::test]
async fn a_file_of_the_archive_raises_the_archive_alone() {
    let (store, pool, _database) = tables().await;
    let mut before = Vec::new();
    raised(&pool, &mut before).await;
    let file = ArchiveEvent {
        epoch: 1,
        first: 1,
        last: 1,
        file: "raw-1-1.jsonl.zst".to_owned(),
        captures: 1,
        bytes: 1,
        sha256: String::new(),
        instance: String::new(),
        at: noon(23),
    };
    store.write_archives(&[file]).await.unwrap();
    assert_eq!(raised(&pool, &mut before).await, ["archive"]);
}

#[tokio::test]
async fn a_run_that_goes_on_does_not_wait_for_a_commit() {
    let (store, pool, _database) = tables().await;
    tell(&store, 24, RunEventKind::Started, 1).await;
    let mut commit = pool.begin().await.unwrap();
    sqlx::query("select from data_version where catalogue = 'mal' for no key update")
        .execute(&mut *commit)
        .await
        .unwrap();
    tell(&store, 24, RunEventKind::Progress, 2).await;
    commit.rollback().await.unwrap();
}
