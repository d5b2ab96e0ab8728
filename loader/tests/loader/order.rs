//! Any order of arrival, any cut into batches and any repetition gives the same tables and the same dead letters.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use kansoku_loader::{
    storable,
    store::{Run, Store, addresses, rebuild, session},
};
use kansoku_schemas::{Catalogue, Page, RunEvent, RunEventKind};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::{
    common::{commit, dump, genres, history, noon, page, replay, run_id, tables, titles, wipe},
    harness,
};

/// What arrives: a message of VALID or of RUN.
#[derive(Debug, Clone)]
enum Message {
    Page(Box<Page>),
    Run(Box<Run>),
}

pub(crate) fn event(run: u8, seq: i64) -> Run {
    let kinds =
        [RunEventKind::Progress, RunEventKind::Finished, RunEventKind::Finished, RunEventKind::Failed];
    let event = RunEvent {
        run: run_id(run),
        catalogue: Catalogue::Mal,
        source: "https://api.example.org/v4".to_owned(),
        rows: seq.unsigned_abs() * 4,
        warnings: vec![format!("warning {seq}")],
        started_at: Some(noon(23) + TimeDelta::seconds(100 - seq % 5)),
        at: noon(23) + TimeDelta::seconds(100 - seq % 7),
        ..harness::event(kinds[seq as usize % 4], (1..=u32::try_from(seq % 3).unwrap()).collect())
    };
    Run::new(event, 1_000 + seq % 2, seq)
}

/// A later judgement of a page, which passes fewer rows with other values.
fn judged_again(page: &Page, keep: usize) -> Page {
    let mut again = page.clone();
    again.body.judged_at += TimeDelta::hours(1);
    again.judge = "stricter".to_owned();
    let rows = titles(&mut again);
    rows.truncate(keep);
    rows.iter_mut().for_each(|row| row.anime.members += 1);
    let counts = &mut again.body.counts;
    counts.accepted = counts.accepted.min(u32::try_from(keep).unwrap());
    counts.dead = counts.received - counts.accepted;
    again
}

/// Makes a row one that cannot be stored; the others may be of the same title.
fn spoil(page: &mut Page, place: usize) {
    let Some(row) = titles(page).get_mut(place) else { return };
    match place {
        0 => row.anime.title.push('\0'),
        1 => row.anime.score = Some(0.001),
        _ => row.anime.members = -1,
    }
}

/// Lets a page be one of so many rows, as the upstream counts them at this moment.
fn with_limit(page: &mut Page, limit: u32) {
    page.body.limit = limit;
    let first = (page.meta.page - 1) * limit;
    titles(page).iter_mut().for_each(|row| row.position = first + row.index);
}

/// Lets a page be one of four rows, of which those that are missing are dead.
fn fill(page: &mut Page) {
    let counts = &mut page.body.counts;
    (counts.received, counts.dead) = (4, 4 - counts.accepted);
}

/// Pages of three runs, two of which share their instant; some judged twice, some with rows that cannot be stored or of
/// another length, some rows replayed, histories of the same titles at the same instants, and the runs' events. Where
/// pages may be `short`, one may have fewer rows than another of its number.
fn messages(short: bool) -> impl Strategy<Value = Vec<Message>> {
    let titles = prop::collection::vec(1i32..7, 0..=4);
    let again = prop::option::of(0usize..4);
    let pages =
        (0u8..3, 1u32..3, titles, again, prop::option::of(0usize..4), prop::sample::select(vec![4, 4, 2]));
    let pages = prop::collection::vec(pages, 1..7);
    let replays = prop::collection::vec((0u8..3, 1u32..3, 0u32..4, 1i32..7), 0..4);
    let lists = prop::collection::vec(prop::collection::vec(1i32..4, 0..4), 0..3);
    let events = prop::collection::vec(0u8..3, 0..4);
    let kept = (1i32..9, prop::option::of(prop::sample::select(vec!["一", "二"])), prop::option::of(0i64..9));
    let histories =
        prop::collection::vec((0u8..3, 1u32..3, prop::collection::vec(kept, 0..4), any::<bool>()), 0..4);
    let all = (pages, replays, lists, events, histories);
    all.prop_map(move |(pages, replays, lists, events, histories)| {
        let mut seq = 0;
        let mut next = || {
            seq += 1;
            seq
        };
        let mut all = Vec::new();
        for (run, number, titles, again, spoiled, limit) in pages {
            let mut first = page(run, number, next(), &titles);
            with_limit(&mut first, limit);
            spoiled.into_iter().for_each(|place| spoil(&mut first, place));
            if !short {
                fill(&mut first);
            }
            if run == 2 {
                first.meta.captured_at -= TimeDelta::hours(13);
            }
            all.extend(again.map(|keep| Message::Page(Box::new(judged_again(&first, keep)))));
            all.push(Message::Page(Box::new(first)));
        }
        let replayed = replays.into_iter().map(|(run, number, index, title)| {
            let mut page = replay(run, number, index, next(), title);
            if run == 2 {
                page.meta.captured_at -= TimeDelta::hours(13);
            }
            Message::Page(Box::new(page))
        });
        all.extend(replayed.collect::<Vec<_>>());
        for (number, ids) in lists.into_iter().enumerate() {
            all.push(Message::Page(Box::new(genres(10 + u8::try_from(number).unwrap(), next(), &ids))));
        }
        for (run, number, rows, from_upstream) in histories {
            let mut page = history(20 + run, number, next(), &rows);
            page.meta.captured_at -= TimeDelta::hours(i64::from(run) * 7);
            if !short {
                fill(&mut page);
            }
            if from_upstream {
                page.meta.source = "https://api.example.org/v4".to_owned();
                page.meta.run = run_id(30 + run);
            }
            all.push(Message::Page(Box::new(page)));
        }
        for run in events {
            let mut event = event(run, next().cast_signed());
            if run == 2 {
                event.event.captured_at -= TimeDelta::hours(13);
            }
            all.push(Message::Run(Box::new(event)));
        }
        all
    })
}

/// The same messages in another order, some of them twice.
fn shuffled(messages: Vec<Message>) -> impl Strategy<Value = (Vec<Message>, Vec<Message>)> {
    let repeated = prop::sample::subsequence(messages.clone(), 0..=messages.len());
    repeated.prop_flat_map(move |repeated| {
        let all: Vec<Message> = messages.iter().cloned().chain(repeated).collect();
        (Just(messages.clone()), Just(all).prop_shuffle())
    })
}

/// With the sizes of the batches they come in.
fn cut((in_order, all): (Vec<Message>, Vec<Message>)) -> impl Strategy<Value = Arrival> {
    let sizes = prop::collection::vec(1usize..6, all.len());
    (Just(in_order), Just(all), sizes)
}

type Arrival = (Vec<Message>, Vec<Message>, Vec<usize>);

/// Stores a batch; says which dead letters it leaves.
async fn arrive(store: &Store, messages: &[Message]) -> BTreeSet<String> {
    let (mut pages, mut runs) = (Vec::new(), Vec::new());
    for message in messages {
        match message {
            Message::Page(page) => pages.push((**page).clone()),
            Message::Run(run) => runs.push((**run).clone()),
        }
    }
    store.write_runs(&runs).await.unwrap();
    let done = commit(store, &pages).await;
    let name = |number: usize| {
        let page = &pages[number];
        format!("{} judged {}", page.raw, page.body.judged_at)
    };
    let refused = storable::refused(&pages);
    let rows = refused.iter().filter(|((number, _), _)| !done.mismatches.contains_key(number));
    let rows = rows.map(|((number, place), why)| format!("{} row {place}: {why}", name(*number)));
    let whole = done.mismatches.iter().map(|(number, why)| format!("{}: {why}", name(*number)));
    rows.chain(whole).collect()
}

fn same_outcome(cases: impl Strategy<Value = Arrival>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (store, pool, database) = runtime.block_on(tables());
    let mut runner = TestRunner::new(Config { cases: 32, max_shrink_iters: 200, ..Config::default() });
    runner
        .run(&cases, |(in_order, arriving, sizes)| {
            let (expected, found, rebuilt) = runtime.block_on(async {
                wipe(&pool).await;
                let dead_letters = arrive(&store, &in_order).await;
                store.roll_up_weeks().await.unwrap();
                let expected = (dump(&pool).await, dead_letters);
                wipe(&pool).await;
                let mut dead_letters = BTreeSet::new();
                let mut rest = arriving.as_slice();
                for size in sizes {
                    let (batch, later) = rest.split_at(size.min(rest.len()));
                    dead_letters.append(&mut arrive(&store, batch).await);
                    rest = later;
                    if size == 1 {
                        store.roll_up_weeks().await.unwrap();
                    }
                }
                store.roll_up_weeks().await.unwrap();
                let found = (dump(&pool).await, dead_letters);
                let other = "select count(*) from balance b left join run_balance k using (run_id)
                    where (b.received, b.dead, b.stored, b.duplicate) is distinct from (coalesce(k.received, 0),
                        coalesce(k.dead, 0), coalesce(k.stored, 0), coalesce(k.duplicate, 0))";
                let other: i64 = sqlx::query_scalar(other).fetch_one(&pool).await.unwrap();
                assert_eq!(other, 0, "so many runs have another balance than is kept");
                rebuild(session(&addresses(database.url()).unwrap()).await.unwrap()).await.unwrap();
                store.roll_up_weeks().await.unwrap();
                (expected, found, dump(&pool).await)
            });
            prop_assert_eq!(expected.1, found.1, "the dead letters differ");
            let open: Vec<&str> =
                found.0.lines().filter(|line| line.contains("\"balanced\": false")).collect();
            prop_assert!(open.is_empty(), "these runs do not balance: {open:#?}");
            let only = |here: &str, there: &str, sign| -> Vec<String> {
                let lines = here.lines().filter(|line| !there.contains(line));
                lines.map(|line| format!("{sign} {line}")).collect()
            };
            let mut differences = only(&expected.0, &found.0, '-');
            differences.append(&mut only(&found.0, &expected.0, '+'));
            prop_assert!(differences.is_empty(), "{}", differences.join("\n"));
            let mut differences = only(&found.0, &rebuilt, '-');
            differences.append(&mut only(&rebuilt, &found.0, '+'));
            prop_assert!(differences.is_empty(), "a rebuild changes:\n{}", differences.join("\n"));
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_order_gives_the_same_tables_and_dead_letters() {
    same_outcome(messages(false).prop_flat_map(shuffled).prop_flat_map(cut));
}

#[test]
fn any_cut_into_batches_gives_the_same_tables_and_dead_letters() {
    same_outcome(messages(true).prop_flat_map(|all| cut((all.clone(), all))));
}

#[tokio::test]
async fn histories_of_two_sources_in_one_batch_give_the_lines_of_both() {
    let (store, pool, _database) = tables().await;
    let at = |mut page: Page, hours: i64| {
        page.meta.captured_at -= TimeDelta::hours(hours);
        page
    };
    let mut upstream = at(history(30, 1, 3, &[(8, None, None)]), 14);
    upstream.meta.source = "https://api.example.org/v4".to_owned();
    let before = [at(page(2, 1, 1, &[5]), 13), at(history(22, 1, 2, &[]), 14)];
    let both = [upstream, at(history(21, 1, 4, &[(8, None, Some(3))]), 7)];
    commit(&store, &before).await;
    commit(&store, &both).await;
    let at_once = dump(&pool).await;
    wipe(&pool).await;
    for page in before.iter().chain(&both) {
        commit(&store, std::slice::from_ref(page)).await;
    }
    assert_eq!(at_once, dump(&pool).await);
}
