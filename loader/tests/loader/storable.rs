//! What passes the check of rows is taken by the tables.

use kansoku_loader::storable;
use kansoku_schemas::{HistoryRow, Named, Page, Rows};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::common::{anime, commit, genres, history, page, tables, wipe};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,9}",
        Just("\0".to_owned()),
        Just("{\"a\\,\u{7f}NULL}".to_owned()),
        Just("x".repeat(9_000))
    ]
}

fn number() -> impl Strategy<Value = i64> {
    let edges = [i64::MIN, -1, 0, 1, i64::from(i32::MAX), i64::from(i32::MAX) + 1, i64::MAX];
    prop_oneof![3 => 0i64..1_000, 1 => prop::sample::select(edges.to_vec())]
}

fn id() -> impl Strategy<Value = i32> {
    prop_oneof![5 => 1i32..5, 1 => prop::sample::select(vec![i32::MIN, -1, 0, i32::MAX])]
}

fn score() -> impl Strategy<Value = f64> {
    let edges = [0.0, 0.004_999, 0.005, 0.01, 9.999, 10.0, 10.004, 1e9, -1.0, f64::MIN_POSITIVE];
    prop_oneof![3 => 0.0f64..10.0, 1 => prop::sample::select(edges.to_vec())]
}

/// A page with one row of each kind that is anything.
fn hostile() -> impl Strategy<Value = Vec<Page>> {
    let numbers = (id(), prop::option::of(score()), number(), prop::option::of(id()), any::<u32>());
    let texts = (text(), prop::option::of(text()), prop::collection::vec(text(), 0..3));
    let dates =
        prop::option::of(any::<i32>().prop_filter_map("a date", |days| {
            chrono::NaiveDate::from_num_days_from_ce_opt(days % 99_000_000)
        }));
    let season = prop_oneof![Just("winter"), Just("monsoon")];
    (numbers, texts, dates, season, any::<bool>()).prop_map(
        |((mal_id, score, number, rank, position), (name, other, synonyms), date, season, far)| {
            let mut title = anime(mal_id, 1);
            (title.title, title.broadcast, title.synonyms) = (name.clone(), other.clone(), synonyms);
            (title.aired_from, title.season) = (date, Some(season.to_owned()));
            (title.score, title.members, title.rank) = (score, number, rank);
            title.themes = vec![Named { mal_id, name: name.clone() }];
            let mut titles = page(1, 1, 1, &[1]);
            let position = if far { position } else { 3 };
            let row = &mut crate::common::titles(&mut titles)[0];
            (row.anime, row.position) = (title, position);
            let mut numbers = history(2, 1, 2, &[(1, None, None)]);
            if let Rows::History(rows) = &mut numbers.body.rows {
                let title = other.clone();
                rows[0] = HistoryRow {
                    mal_id,
                    title,
                    score,
                    rank,
                    members: Some(number),
                    position,
                    ..rows[0].clone()
                };
            }
            let mut list = genres(3, 3, &[1]);
            if let Rows::Genres(rows) = &mut list.body.rows {
                (rows[0].mal_id, rows[0].name, rows[0].count) = (mal_id, name, number);
            }
            vec![titles, numbers, list]
        },
    )
}

#[test]
fn the_tables_take_every_row_that_passes() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (store, pool, _database) = runtime.block_on(tables());
    let mut runner = TestRunner::new(Config { cases: 96, ..Config::default() });
    runner
        .run(&hostile(), |pages| {
            let refused = storable::refused(&pages);
            let committed = runtime.block_on(async {
                wipe(&pool).await;
                commit(&store, &pages).await
            });
            let passed = i64::try_from(pages.len() - refused.len()).unwrap();
            prop_assert_eq!(committed.stored + committed.duplicate, passed);
            Ok(())
        })
        .unwrap();
}
