//! Imports of a history that died, and files that were changed after that.

use kansoku_runs::RunMeta;
use kansoku_schemas::{Catalogue, Dataset, RunEventKind, RunId};
use kansoku_service::SystemClock;
use kansoku_stack::world::{LIMIT, World, end};
use serde_json::json;

use crate::history::{MAP, good, import, rows};

const HEAD: &str = "id,at,score,members\n";

fn line(id: u32, score: &str) -> String {
    format!("{id},2026-02-15T00:09:43Z,{score},7\n")
}

/// An import that is killed by itself after it has published its pages, before it records them.
async fn dies(world: &World, csv: &str) {
    let (csv, map) = (world.file("mine.csv", csv), world.file("map.toml", MAP));
    let arguments = ["import", "--json", "--csv", csv.to_str().unwrap(), "--map", map.to_str().unwrap()];
    let mut command = world.archive(arguments);
    command.env("FAILPOINTS", "runs::after_publish=return");
    assert_eq!(end(command).await.code, None, "it was ended in the middle");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_mended_counts_though_the_first_import_died_before_it_told_of_its_pages() {
    let world = World::start().await;
    dies(&world, &[HEAD, &line(1, "7.5")].concat()).await;
    world.forget_ids().await;
    let mended = [HEAD, &line(2, "6"), &line(1, "9.9")].concat();
    assert_eq!(good(&import(&world, &mended, MAP).await), (2, 0));
    let came: Vec<_> = rows(&world).await.into_iter().filter(|(_, row)| row["mal_id"] == 1).collect();
    assert_eq!((came.len(), &came[0].1["score"], &came[1].1["score"]), (2, &json!(7.5), &json!(9.9)));
    assert_ne!(came[0].0, came[1].0, "in one run the first row would count");
    let ends = world.ends().await;
    assert_eq!(good(&import(&world, &mended, MAP).await), (0, 2));
    assert_eq!(world.ends().await, ends);
    all_have_ended(&world).await;
}

/// No run stays under way for ever.
async fn all_have_ended(world: &World) {
    for run in world.runs_of(Dataset::History).await {
        assert!(run.has_ended(), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_mended_once_more_counts_though_the_import_of_the_first_mending_died() {
    let world = World::start().await;
    assert_eq!(good(&import(&world, &[HEAD, &line(1, "7.5")].concat(), MAP).await), (1, 0));
    dies(&world, &[HEAD, &line(1, "8")].concat()).await;
    world.forget_ids().await;
    let mended = [HEAD, &line(1, "9.9")].concat();
    assert_eq!(good(&import(&world, &mended, MAP).await), (1, 0));
    let came = rows(&world).await;
    let runs: std::collections::BTreeSet<_> = came.iter().map(|(run, _)| run).collect();
    assert_eq!((came.len(), runs.len(), &came[2].1["score"]), (3, 3, &json!(9.9)));
    assert_eq!(good(&import(&world, &mended, MAP).await), (0, 1));
    all_have_ended(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_begun_without_a_word_of_its_pages_gets_none() {
    let world = World::start().await;
    let (ledger, _) = crate::inside::publishing(&world, std::sync::Arc::new(SystemClock), LIMIT).await;
    let (source, catalogue) = ("csv:観測".to_owned(), Catalogue::Sample);
    let captured_at = "2026-02-15T00:09:43Z".parse().unwrap();
    let run = RunId::history(&source, catalogue, captured_at);
    let meta = RunMeta { run, dataset: Dataset::History, source, catalogue, captured_at };
    let mut open = ledger.open(meta).await.unwrap();
    ledger.append(&mut open, RunEventKind::Started, None).await.unwrap();
    let csv = [HEAD, &line(1, "7.5")].concat();
    assert_eq!(good(&import(&world, &csv, MAP).await), (1, 0));
    assert_ne!(rows(&world).await[0].0, run.to_string());
    assert_eq!(good(&import(&world, &csv, MAP).await), (0, 1));
    all_have_ended(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_after_an_import_that_died_comes_beside_what_it_left() {
    let world = World::start().await;
    let file = |score: &str| format!("id,at,score,members\n900001,2026-02-15T00:09:43Z,{score},98210\n");
    dies(&world, &file("8.41")).await;
    assert_eq!(world.messages("RAW").await, 1);
    assert_eq!(good(&import(&world, &file("8.99"), MAP).await), (1, 0));
    all_have_ended(&world).await;
    assert_eq!(good(&import(&world, &file("8.99"), MAP).await), (0, 1));
    assert_eq!(world.messages("RAW").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_mended_rows_that_dies_goes_on_where_it_was() {
    let world = World::start().await;
    let file = |score: &str| {
        (1..=600).fold("id,at,score,members\n".to_owned(), |text, id| {
            text + &format!("{id},2026-02-15T00:09:43Z,{score},7\n")
        })
    };
    assert_eq!(good(&import(&world, &file("8"), MAP).await), (600, 0));
    dies(&world, &file("8.1")).await;
    let (published, absorbed) = good(&import(&world, &file("8.1"), MAP).await);
    assert_eq!(published + absorbed, 600);
    assert_eq!(good(&import(&world, &file("8.1"), MAP).await), (0, 600));
    World::once_each(&world.pages().await, &world.runs().await);
    let runs = world.runs_of(Dataset::History).await;
    assert_eq!((runs.len(), world.messages("RAW").await), (2, 6));
    assert!(runs.iter().all(|run| run.is_complete() && run.rows == 600));
}
