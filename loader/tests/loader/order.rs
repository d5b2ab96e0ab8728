//! Any order of arrival, any cut into batches and any repetition gives the same tables.

use chrono::TimeDelta;
use kansoku_loader::{
    page::{Page, Rows},
    store::{Run, RunState, Store},
};
use kansoku_schemas::Catalogue;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};

use crate::common::{commit, dump, genres, history, noon, page, replay, run_id, tables, wipe};

/// What arrives: a message of VALID or of RUN.
#[derive(Debug, Clone)]
enum Message {
    Page(Box<Page>),
    Run(Box<Run>),
}

fn event(run: u8, seq: i64) -> Run {
    let state =
        [RunState::Running, RunState::Complete, RunState::Incomplete, RunState::Failed][seq as usize % 4];
    Run {
        run: run_id(run),
        catalogue: Catalogue::Mal,
        source: "https://api.example.org/v4".to_owned(),
        dataset: "top.score".to_owned(),
        captured_at: noon(23),
        state,
        pages_planned: Some(2),
        pages_got: (1..=i32::try_from(seq % 3).unwrap()).collect(),
        pages_failed: serde_json::json!([]),
        rows: seq * 4,
        warnings: serde_json::json!([format!("warning {seq}")]),
        error: None,
        at: noon(23) + TimeDelta::seconds(100 - seq % 7),
        event_epoch: 1_000 + seq % 2,
        event_seq: seq,
    }
}

/// A later judgement of a page, which passes fewer rows with other values.
fn judged_again(page: &Page, keep: usize) -> Page {
    let mut again = page.clone();
    again.origin.judged_at += TimeDelta::hours(1);
    again.judge = "stricter".to_owned();
    if let Rows::Anime(rows) = &mut again.rows {
        rows.truncate(keep);
        rows.iter_mut().for_each(|row| row.anime.members += 1);
        again.accepted = i32::try_from(rows.len()).unwrap();
        again.dead = again.received - again.accepted;
    }
    again
}

/// Pages of three runs, two of which share their instant; some judged twice, some rows replayed, histories of the same
/// titles at the same instants, and the runs' events.
fn messages() -> impl Strategy<Value = Vec<Message>> {
    let titles = prop::collection::vec(1i32..7, 0..=4);
    let pages = prop::collection::vec((0u8..3, 1i32..3, titles, prop::option::of(0usize..4)), 1..7);
    let replays = prop::collection::vec((0u8..3, 1i32..3, 0u32..4, 1i32..7), 0..4);
    let lists = prop::collection::vec(prop::collection::vec(1i32..4, 0..4), 0..3);
    let events = prop::collection::vec(0u8..3, 0..4);
    let kept = (1i32..9, prop::option::of(prop::sample::select(vec!["一", "二"])), prop::option::of(0i64..9));
    let histories =
        prop::collection::vec((0u8..3, 1i32..3, prop::collection::vec(kept, 0..4), any::<bool>()), 0..4);
    let all = (pages, replays, lists, events, histories);
    all.prop_map(|(pages, replays, lists, events, histories)| {
        let mut seq = 0;
        let mut next = || {
            seq += 1;
            seq
        };
        let mut all = Vec::new();
        for (run, number, titles, again) in pages {
            let mut first = page(run, number, next(), &titles);
            if run == 2 {
                first.captured_at += TimeDelta::hours(3);
            }
            all.extend(again.map(|keep| Message::Page(Box::new(judged_again(&first, keep)))));
            all.push(Message::Page(Box::new(first)));
        }
        let replayed = replays.into_iter().map(|(run, number, index, title)| {
            let mut page = replay(run, number, index, next(), title);
            if run == 2 {
                page.captured_at += TimeDelta::hours(3);
            }
            Message::Page(Box::new(page))
        });
        all.extend(replayed.collect::<Vec<_>>());
        for (number, ids) in lists.into_iter().enumerate() {
            all.push(Message::Page(Box::new(genres(10 + u8::try_from(number).unwrap(), next(), &ids))));
        }
        for (run, number, rows, from_upstream) in histories {
            let mut page = history(20 + run, number, next(), &rows);
            page.captured_at += TimeDelta::hours(i64::from(run) * 3);
            if from_upstream {
                page.source = "https://api.example.org/v4".to_owned();
                page.run = run_id(30 + run);
            }
            all.push(Message::Page(Box::new(page)));
        }
        for run in events {
            let mut event = event(run, next());
            if run == 2 {
                event.captured_at += TimeDelta::hours(3);
            }
            all.push(Message::Run(Box::new(event)));
        }
        all
    })
}

/// The same messages in another order, some of them twice, with the sizes of the batches they come in.
fn arrivals(messages: Vec<Message>) -> impl Strategy<Value = (Vec<Message>, Vec<Message>, Vec<usize>)> {
    let repeated = prop::sample::subsequence(messages.clone(), 0..=messages.len());
    repeated.prop_flat_map(move |repeated| {
        let all: Vec<Message> = messages.iter().cloned().chain(repeated).collect();
        let sizes = prop::collection::vec(1usize..6, all.len());
        (Just(messages.clone()), Just(all).prop_shuffle(), sizes)
    })
}

async fn arrive(store: &Store, messages: &[Message]) {
    let pages: Vec<Page> = messages
        .iter()
        .filter_map(|message| match message {
            Message::Page(page) => Some((**page).clone()),
            Message::Run(_) => None,
        })
        .collect();
    let runs: Vec<Run> = messages
        .iter()
        .filter_map(|message| match message {
            Message::Run(run) => Some((**run).clone()),
            Message::Page(_) => None,
        })
        .collect();
    store.write_runs(&runs).await.unwrap();
    commit(store, &pages).await;
}

#[test]
fn any_order_gives_the_same_tables() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (store, pool, _database) = runtime.block_on(tables());
    let mut runner = TestRunner::new(Config { cases: 32, max_shrink_iters: 200, ..Config::default() });
    let cases = messages().prop_flat_map(arrivals);
    runner
        .run(&cases, |(in_order, shuffled, sizes)| {
            let (expected, found) = runtime.block_on(async {
                wipe(&pool).await;
                arrive(&store, &in_order).await;
                let expected = dump(&pool).await;
                wipe(&pool).await;
                let mut rest = shuffled.as_slice();
                for size in sizes {
                    let (batch, later) = rest.split_at(size.min(rest.len()));
                    arrive(&store, batch).await;
                    rest = later;
                }
                (expected, dump(&pool).await)
            });
            let open: Vec<&str> = found.lines().filter(|line| line.contains("\"balanced\": false")).collect();
            // The replays here are of rows that no page may have had.
            let replayed =
                |message: &Message| matches!(message, Message::Page(page) if page.replay_row.is_some());
            let balances = open.is_empty() || in_order.iter().any(replayed);
            prop_assert!(balances, "these runs do not balance: {open:#?}");
            if expected == found {
                return Ok(());
            }
            let differences: Vec<String> = expected
                .lines()
                .filter(|line| !found.contains(line))
                .map(|line| format!("- {line}"))
                .chain(found.lines().filter(|line| !expected.contains(line)).map(|line| format!("+ {line}")))
                .collect();
            Err(TestCaseError::fail(differences.join("\n")))
        })
        .unwrap();
}
