//! What a commit leaves in the tables.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta, TimeZone, Utc};
use kansoku_loader::{
    db_error::ErrorKind,
    storable,
    store::{CHANNEL, Store},
};
use kansoku_schemas::{Page, Replay};
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgListener};

use crate::{
    common::{commit, dump, genres, noon, page, replay, run_id, tables, titles},
    order::event,
};

async fn one(pool: &PgPool, query: &'static str) -> Value {
    let query = format!("select to_jsonb(t) from ({query}) t");
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_title_that_moved_up_takes_its_observation_along() {
    let (store, pool, _database) = tables().await;
    commit(&store, &[page(0, 2, 1, &[7, 8])]).await;
    commit(&store, &[page(0, 1, 2, &[1, 7, 3, 4])]).await;
    let pages = "select array_agg(array[stored, duplicate] order by seq) as counts from page";
    assert_eq!(one(&pool, pages).await, json!({"counts": [[1, 1], [4, 0]]}));
    let ranking = "select array_agg(array[position, mal_id] order by position) as list from ranking";
    assert_eq!(one(&pool, ranking).await, json!({"list": [[0, 1], [1, 7], [2, 3], [3, 4], [5, 8]]}));
    let seven = "select o.position, o.seq, d.seq as daily from observation o
        join title_daily d using (catalogue, mal_id) where mal_id = 7";
    assert_eq!(one(&pool, seven).await, json!({"position": 1, "seq": 2, "daily": 2}));
}

#[tokio::test]
async fn of_two_runs_at_one_instant_the_later_position_owns_the_slot() {
    let (store, pool, _database) = tables().await;
    commit(&store, &[page(1, 1, 5, &[7])]).await;
    commit(&store, &[page(0, 1, 3, &[7, 8])]).await;
    let pages = "select array_agg(array[seq, stored, duplicate] order by seq) as counts from page";
    assert_eq!(one(&pool, pages).await, json!({"counts": [[3, 1, 1], [5, 1, 0]]}));
    assert_eq!(one(&pool, "select seq from title_daily where mal_id = 7").await, json!({"seq": 5}));
}

#[tokio::test]
async fn the_last_observation_of_a_utc_day_is_kept() {
    let (store, pool, _database) = tables().await;
    let at = |seq: u64, hour| {
        let mut page = page(u8::try_from(seq).unwrap(), 1, seq, &[7]);
        page.meta.captured_at = Utc.with_ymd_and_hms(2026, 11, 30, hour, 59, 59).unwrap();
        page
    };
    commit(&store, &[at(1, 23), at(2, 0), at(3, 12)]).await;
    let daily =
        "select array_agg(to_char(captured_at at time zone 'UTC', 'DD HH24')) as hours from title_daily";
    assert_eq!(one(&pool, daily).await, json!({"hours": ["30 23"]}));
}

#[tokio::test]
async fn the_counts_balance_through_replays() {
    let (store, pool, _database) = tables().await;
    let balance = "select received, stored, duplicate, dead, balanced from balance";
    let mut broken = page(0, 1, 1, &[1, 2, 1]);
    broken.body.counts.received = 4;
    broken.body.counts.dead = 1;
    commit(&store, &[broken]).await;
    let before = json!({"received": 4, "stored": 2, "duplicate": 1, "dead": 1, "balanced": true});
    assert_eq!(one(&pool, balance).await, before);
    commit(&store, &[replay(0, 1, 3, 2, 9)]).await;
    let recovered = json!({"received": 4, "stored": 3, "duplicate": 1, "dead": 0, "balanced": true});
    assert_eq!(one(&pool, balance).await, recovered);
    // A second replay of the same row, and one of a row that was never dead, count nothing again.
    commit(&store, &[replay(0, 1, 3, 3, 9), replay(0, 1, 1, 4, 2)]).await;
    assert_eq!(one(&pool, balance).await, recovered);
}

#[tokio::test]
async fn a_page_judged_again_beside_a_new_one_is_counted_once() {
    let (store, pool, _database) = tables().await;
    let mut again = page(0, 1, 1, &[1, 2, 3]);
    again.body.judged_at += TimeDelta::hours(1);
    commit(&store, &[page(0, 1, 1, &[1, 2, 3])]).await;
    commit(&store, &[again, page(0, 2, 2, &[4, 5])]).await;
    let kept = "select received, accepted, dead, stored, duplicate from run_balance";
    let counts = json!({"received": 5, "accepted": 5, "dead": 0, "stored": 5, "duplicate": 0});
    assert_eq!(one(&pool, kept).await, counts);
}

#[tokio::test]
async fn a_row_that_got_lost_unbalances_the_counts() {
    let (store, pool, _database) = tables().await;
    let mut broken = page(0, 1, 1, &[1, 2, 3]);
    (broken.body.counts.received, broken.body.counts.dead) = (4, 1);
    commit(&store, &[broken, page(1, 1, 2, &[1, 2])]).await;
    let balanced = "select array_agg(balanced order by run) as balanced from balance";
    assert_eq!(one(&pool, balanced).await, json!({"balanced": [true, true]}));
    sqlx::query("update page set committed = array_remove(committed, 1), stored = stored - 1 where seq = 1")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(one(&pool, balanced).await, json!({"balanced": [false, true]}));
}

#[tokio::test]
async fn the_counts_balance_when_a_stricter_judgement_follows() {
    let (store, pool, _database) = tables().await;
    let mut broken = page(0, 1, 1, &[1, 2, 3]);
    (broken.body.counts.received, broken.body.counts.dead) = (4, 1);
    let mut stricter = page(0, 1, 1, &[1]);
    (stricter.body.counts.received, stricter.body.counts.dead) = (4, 3);
    stricter.body.judged_at += TimeDelta::hours(1);
    commit(&store, &[broken]).await;
    commit(&store, &[stricter]).await;
    // What was stored stays, and a row that is stored is not dead, whatever is thought of it since.
    let balance = "select received, stored, duplicate, dead, balanced from balance";
    let counts = json!({"received": 4, "stored": 3, "duplicate": 0, "dead": 1, "balanced": true});
    assert_eq!(one(&pool, balance).await, counts);
    sqlx::query("update page set committed = '{}', stored = 0").execute(&pool).await.unwrap();
    assert_eq!(one(&pool, "select balanced from balance").await, json!({"balanced": false}));
}

#[tokio::test]
async fn a_write_probe_leaves_nothing_behind_and_finds_a_missing_table() {
    let (store, pool, _database) = tables().await;
    commit(&store, &[page(0, 1, 1, &[1, 2])]).await;
    let before = dump(&pool).await;
    store.probe().await.unwrap();
    assert_eq!(dump(&pool).await, before);
    sqlx::query("alter table genre_observation rename to gone").execute(&pool).await.unwrap();
    assert_eq!(store.probe().await.unwrap_err().kind, ErrorKind::Bug);
    sqlx::query("alter table gone rename to genre_observation").execute(&pool).await.unwrap();
    store.probe().await.unwrap();
    assert_eq!(one(&pool, "select to_regclass('write_probe')").await, json!({"to_regclass": null}));
}

#[tokio::test]
async fn committed_rows_resolve_the_roots_of_their_places() {
    let (store, pool, _database) = tables().await;
    commit(&store, &[page(0, 1, 1, &[1, 2]), page(0, 2, 2, &[]), replay(0, 3, 2, 3, 9)]).await;
    let run = crate::common::run_id(0);
    // Dead letters of every place; the rows that are missing on the pages stay dead.
    let sql = "insert into dead_letter (root, run, page, row, stage, dataset, first_at, last_at, reason, pointer, message, judge)
        select concat_ws(':', $1, page, coalesce(row::text, 'page'), stage), $1, page, row, stage, '', now(), now(), '', '', '', ''
        from generate_series(1, 3) as page, (values (0), (1), (2), (null)) as r(row), (values ('validate'), ('load')) as s(stage)";
    sqlx::query(sql).bind(run.0).execute(&pool).await.unwrap();
    let roots: Vec<String> = sqlx::query_scalar(
        "select d.root from dead_letter d join run r using (run) join page p on p.run_id = r.run_id and p.page = d.page
         where resolves(p, d) order by d.page, d.row, d.stage",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let expected = [
        "1:0:load",
        "1:0:validate",
        "1:1:load",
        "1:1:validate",
        "1:page:load",
        "1:page:validate",
        "2:page:load",
        "2:page:validate",
        "3:2:load",
        "3:2:validate",
    ];
    assert_eq!(roots, expected.map(|place| format!("{run}:{place}")));
}

#[tokio::test]
async fn rows_that_cannot_be_stored_are_left_out_and_the_rest_commits() {
    let (store, pool, _database) = tables().await;
    let mut batch = vec![page(0, 1, 1, &[1, 2, 3, 4]), page(0, 2, 2, &[5, 6, 7, 8]), genres(9, 3, &[1, 2])];
    titles(&mut batch[0])[2].anime.members = 3_000_000_000;
    titles(&mut batch[1])[0].anime.title = "nul \0 character".to_owned();
    titles(&mut batch[1])[3].anime.favorites = -1;
    let refused = storable::refused(&batch);
    let pointers: Vec<_> = refused.iter().map(|(place, why)| (*place, &*why.pointer)).collect();
    assert_eq!(pointers, [((0, 2), "/members"), ((1, 0), "/title"), ((1, 3), "/favorites")]);
    let done = commit(&store, &batch).await;
    assert_eq!((done.stored, done.duplicate, done.older), (7, 0, 0));
    let pages =
        "select array_agg(array[received, accepted, load_dead, stored] order by seq) as counts from page";
    assert_eq!(one(&pool, pages).await, json!({"counts": [[4, 4, 1, 3], [4, 4, 2, 2], [2, 2, 0, 2]]}));
    assert_eq!(
        one(&pool, "select sum(dead) as dead, bool_and(balanced) as balanced from balance").await,
        json!({"dead": 3, "balanced": true})
    );
}

#[tokio::test]
async fn a_page_that_is_in_raw_twice_counts_its_places_once() {
    let (store, pool, _database) = tables().await;
    let balance = "select received, stored, duplicate, dead, balanced from balance";
    let mut first = page(0, 1, 1, &[1, 2, 3]);
    (first.body.counts.received, first.body.counts.dead) = (4, 1);
    let mut second = page(0, 1, 2, &[1, 2, 3]);
    (second.body.counts.received, second.body.counts.dead) = (4, 1);
    commit(&store, &[first]).await;
    let counts = json!({"received": 4, "stored": 3, "duplicate": 0, "dead": 1, "balanced": true});
    assert_eq!(one(&pool, balance).await, counts);
    commit(&store, &[second]).await;
    assert_eq!(one(&pool, balance).await, counts);
    commit(&store, &[replay(0, 1, 3, 3, 9)]).await;
    let recovered = json!({"received": 4, "stored": 4, "duplicate": 0, "dead": 0, "balanced": true});
    assert_eq!(one(&pool, balance).await, recovered);
}

#[tokio::test]
async fn overlapping_pages_leave_the_lower_page_its_places() {
    let (store, pool, _database) = tables().await;
    // The upstream counts four rows a page, then two: page 2 begins at place 2.
    let mut second = page(0, 2, 2, &[7, 8]);
    second.body.limit = 2;
    titles(&mut second).iter_mut().for_each(|row| row.position = 2 + row.index);
    let first = page(0, 1, 1, &[1, 2, 3, 4]);
    for batch in [[&first, &second], [&second, &first]] {
        crate::common::wipe(&pool).await;
        for page in batch {
            commit(&store, std::slice::from_ref(page)).await;
        }
        let ranking = "select array_agg(mal_id order by position) as list from ranking";
        assert_eq!(one(&pool, ranking).await, json!({"list": [1, 2, 3, 4]}));
        assert_eq!(one(&pool, "select count(*) from observation").await, json!({"count": 6}));
    }
}

#[tokio::test]
async fn a_whole_page_wins_over_a_part_of_it_that_came_before() {
    let (store, pool, _database) = tables().await;
    for (part_seq, whole_seq, together) in [(1, 2, false), (2, 1, false), (1, 2, true)] {
        crate::common::wipe(&pool).await;
        let case = format!("part {part_seq}, whole {whole_seq}, together {together}");
        // Title 3 alone, as somebody publishes a row by hand, would stand first.
        let (part, whole) = (page(0, 1, part_seq, &[3]), page(0, 1, whole_seq, &[1, 2, 3, 4]));
        let done = if together {
            commit(&store, &[part, whole]).await
        } else {
            assert_eq!(commit(&store, &[part]).await.completed, []);
            commit(&store, &[whole]).await
        };
        assert_eq!(done.completed.iter().map(|page| (page.before, page.rows)).collect::<Vec<_>>(), [(1, 4)]);
        let ranking = "select array_agg(mal_id order by position) as list from ranking";
        assert_eq!(one(&pool, ranking).await, json!({"list": [1, 2, 3, 4]}), "{case}");
        let third = "select o.position, o.seq, d.seq as daily from observation o
            join title_daily d using (catalogue, mal_id) where mal_id = 3";
        assert_eq!(
            one(&pool, third).await,
            json!({"position": 2, "seq": whole_seq, "daily": whole_seq}),
            "{case}"
        );
        let counts =
            "select array_agg(array[received, stored, duplicate] order by received) as counts from page";
        assert_eq!(one(&pool, counts).await, json!({"counts": [[1, 0, 1], [4, 4, 0]]}), "{case}");
        assert_eq!(one(&pool, "select balanced from balance").await, json!({"balanced": true}), "{case}");
    }
}

#[tokio::test]
async fn a_run_begins_when_its_events_say() {
    let (store, pool, _database) = tables().await;
    // The first event is gone from RUN: the later ones still tell.
    let mut later = crate::order::event(0, 7);
    later.event.started_at = Some(noon(21));
    store.write_runs(&[later]).await.unwrap();
    assert_eq!(
        one(&pool, "select started_at = '2026-11-21 12:00Z' as told from run").await,
        json!({"told": true})
    );
}

#[tokio::test]
async fn a_partition_that_went_away_is_made_again() {
    let (store, pool, _database) = tables().await;
    let batch = [page(0, 1, 1, &[1])];
    store.ensure_partitions(&batch).await.unwrap();
    sqlx::query("drop table observation_2026_11").execute(&pool).await.unwrap();
    let error = store.commit(&batch, &Default::default(), noon(24)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Partition, "{error:?}");
    store.forget_months();
    commit(&store, &batch).await;
    assert_eq!(one(&pool, "select count(*) from observation").await, json!({"count": 1}));
}

#[tokio::test]
async fn partitions_are_utc_months_and_made_once() {
    let (store, pool, _database) = tables().await;
    let months = |list: &[(i32, u32)]| {
        list.iter()
            .map(|(year, month)| NaiveDate::from_ymd_opt(*year, *month, 1).unwrap())
            .collect::<BTreeSet<_>>()
    };
    let other = Store::new(pool.clone());
    let both = months(&[(2026, 12), (2024, 2)]);
    let (here, there) = tokio::join!(store.ensure_months(both.clone()), other.ensure_months(both));
    assert_eq!(here.unwrap() + there.unwrap(), 2);
    let bounds = "select array_agg(pg_get_expr(relpartbound, oid) order by relname) as bounds from pg_class
        where relispartition and relkind = 'r'";
    assert_eq!(
        one(&pool, bounds).await,
        json!({"bounds": [
            "FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00')",
            "FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00')",
        ]})
    );
}

#[tokio::test]
async fn a_commit_raises_the_version_and_says_so_and_a_repetition_does_not() {
    let (store, pool, database) = tables().await;
    let mut listener = PgListener::connect(database.url()).await.unwrap();
    listener.listen(CHANNEL).await.unwrap();
    let batch = [page(0, 1, 1, &[1]), page(0, 2, 2, &[2])];
    commit(&store, &batch).await;
    let before = dump(&pool).await;
    let again = commit(&store, &batch).await;
    assert_eq!((again.stored, again.older, again.versions.len()), (0, 2, 0));
    assert_eq!(dump(&pool).await, before);
    commit(&store, &[genres(3, 3, &[1])]).await;
    for expected in [
        json!({"catalogue": "mal", "datasets": ["top.score"], "version": 1}),
        json!({"catalogue": "mal", "datasets": ["genres"], "version": 2}),
    ] {
        let notice = listener.recv().await.unwrap();
        assert_eq!(serde_json::from_str::<Value>(notice.payload()).unwrap(), expected);
    }
}

#[tokio::test]
async fn loaders_side_by_side_do_not_stand_in_each_others_way() {
    let (store, pool, _database) = tables().await;
    let pages: Vec<Page> =
        (1..=24).map(|seq| page(u8::try_from(seq % 3).unwrap(), 1, seq, &[4, 3, 2, 1])).collect();
    commit(&store, &pages).await;
    let expected = dump(&pool).await;
    crate::common::wipe(&pool).await;
    let (there, here) = (Store::new(pool.clone()), &store);
    let backwards: Vec<Page> = pages.iter().rev().cloned().collect();
    let forth = async {
        for batch in pages.chunks(3) {
            commit(here, batch).await;
        }
    };
    let back = async {
        for batch in backwards.chunks(5) {
            commit(&there, batch).await;
        }
    };
    tokio::join!(forth, back);
    assert_eq!(dump(&pool).await, expected);
}

#[tokio::test]
async fn links_follow_the_newest_facts() {
    let (store, pool, _database) = tables().await;
    let links = "select array_agg(kind || ' ' || tag_id order by kind, tag_id) as links from anime_tag where anime_id = 7";
    // The number of genres follows the sequence: 2 gives three, 3 gives one.
    commit(&store, &[page(0, 1, 2, &[7])]).await;
    assert_eq!(one(&pool, links).await, json!({"links": ["genre 1", "genre 2", "genre 3", "studio 10"]}));
    let mut newer = page(1, 1, 3, &[7]);
    newer.meta.captured_at += TimeDelta::hours(1);
    commit(&store, &[newer]).await;
    assert_eq!(one(&pool, links).await, json!({"links": ["genre 1", "studio 11"]}));
    commit(&store, &[page(2, 1, 4, &[7])]).await;
    assert_eq!(one(&pool, links).await, json!({"links": ["genre 1", "studio 11"]}));
}

/// An event of a new run, and its page in the same moment.
#[tokio::test]
async fn events_and_pages_of_a_run_do_not_deadlock() {
    let (store, pool, _database) = tables().await;
    let there = Store::new(pool.clone());
    for number in 0..40 {
        let pages = [page(number, 1, u64::from(number) + 1, &[1])];
        let events = [event(number, number.into())];
        let (_, written) = tokio::join!(commit(&store, &pages), there.write_runs(&events));
        written.unwrap();
    }
}

/// Its page had another number of rows than the one that it comes on.
#[tokio::test]
async fn the_replay_of_a_genre_keeps_its_position() {
    let (store, pool, _database) = tables().await;
    let mut genre = genres(0, 1, &[3]);
    genre.body.limit = 10;
    let root = format!("{}:2:4:validate", run_id(0)).parse().unwrap();
    genre.replay = Some(Replay { root, parent: None, row: Some(4), position: Some(104), attempt: 1 });
    commit(&store, &[genre]).await;
    assert_eq!(one(&pool, "select position from genre_observation").await, json!({"position": 104}));
}
