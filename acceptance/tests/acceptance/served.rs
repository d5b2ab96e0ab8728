//! Recorded real payloads, served by an upstream and captured from it, give the tables that their import gives.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{collections::BTreeMap, path::Path, time::Duration};

use kansoku_acceptance::{assert_same, ledger_balances, upstream::Upstream};
use kansoku_stack::{pipeline::Pipeline, tools::recorded};
use serde_json::{Value, json};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(60);
/// Who the upstream says it is.
const SOURCE: &str = "tape";

/// Every page of a list, with all that it says and where each row went; what is not about the page is left out: whose
/// run it is, when it was captured, where it lies in RAW.
const PAGES: &str = "
    select p.dataset, p.page, p.row_limit, p.received, p.accepted, p.dead, p.load_dead, p.stored, p.duplicate,
        p.drift, p.warnings,
        (select jsonb_agg(jsonb_build_array(o.catalogue, o.position, o.mal_id, o.score, o.scored_by, o.rank,
            o.popularity, o.members, o.favorites) order by o.position)
         from observation o where (o.run_id, o.epoch, o.seq) = (p.run_id, p.epoch, p.seq)) as observations,
        (select jsonb_agg(jsonb_build_array(k.position, k.mal_id) order by k.position)
         from ranking k where (k.run_id, k.epoch, k.seq) = (p.run_id, p.epoch, p.seq)) as ranking,
        (select jsonb_agg(jsonb_build_array(g.position, g.genre_id, g.name, g.url, g.titles) order by g.position)
         from genre_observation g where (g.run_id, g.epoch, g.seq) = (p.run_id, p.epoch, p.seq)) as genres
    from page p where p.dataset <> 'anime'";

/// The address at which a fetcher asks for the first page of what was recorded at `url`.
fn first_page(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    if path.ends_with("/genres/anime") {
        return path.to_owned();
    }
    let filter = query.split('&').find(|part| part.starts_with("filter="));
    let filter = filter.map(|filter| format!("{filter}&")).unwrap_or_default();
    format!("{path}?{filter}page=1")
}

/// A folder like `recorded`, in which these recordings lie at the addresses where a fetcher asks.
fn tape(recorded: &Path, entries: &[Value]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut index = Vec::new();
    for entry in entries {
        let name = entry["name"].as_str().unwrap();
        std::os::unix::fs::symlink(recorded.join(name), folder.path().join(name)).unwrap();
        let url = first_page(entry["url"].as_str().unwrap());
        index.push(
            json!({ "name": name, "url": url, "status": entry["status"], "headers": entry["headers"] }),
        );
    }
    std::fs::write(folder.path().join("captures.json"), json!(index).to_string()).unwrap();
    folder
}

/// What was imported as the page of a list, by dataset, oldest first: that much a fetcher can capture too.
async fn lists(imported: &Pipeline, recorded: &Path) -> BTreeMap<String, Vec<Value>> {
    let index = std::fs::read(recorded.join("captures.json")).unwrap();
    let index: Vec<Value> = serde_json::from_slice(&index).unwrap();
    let query = "select dataset, url, to_char(captured_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as date
        from page where dataset <> 'anime' order by captured_at";
    let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for page in imported.json(query).await.unwrap() {
        let mut same =
            index.iter().filter(|entry| entry["url"] == page["url"] && entry["date"] == page["date"]);
        let entry = same.next().unwrap_or_else(|| panic!("the index has no {page}"));
        lists.entry(page["dataset"].as_str().unwrap().to_owned()).or_default().push(entry.clone());
    }
    lists
}

async fn pages(pipeline: &Pipeline) -> Vec<String> {
    let mut pages: Vec<_> = pipeline.json(PAGES).await.unwrap().iter().map(Value::to_string).collect();
    pages.sort();
    pages
}

#[tokio::test]
async fn what_is_captured_from_a_recording_is_what_its_import_gives() {
    let Some(folder) = recorded() else { return };
    let imported = Pipeline::start().await.unwrap();
    let _importing = [imported.ready("validator").await.unwrap(), imported.ready("loader").await.unwrap()];
    imported.import(&folder).unwrap();
    imported.at_rest().await.unwrap();
    let lists = lists(&imported, &folder).await;

    let captured = Pipeline::start().await.unwrap();
    let _capturing = [captured.ready("validator").await.unwrap(), captured.ready("loader").await.unwrap()];
    let most = lists.values().map(Vec::len).max().unwrap();
    assert!(lists.len() > 40 && most > 1, "{} lists, {most} recordings of one", lists.len());
    // An address has one answer at a time: the second recording of a list comes from a second upstream.
    for round in 0..most {
        let now: Vec<_> =
            lists.iter().filter_map(|(dataset, all)| Some((dataset, all.get(round)?))).collect();
        let tape = tape(&folder, &now.iter().map(|(_, entry)| (*entry).clone()).collect::<Vec<_>>());
        let tape = tape.path().to_str().unwrap();
        let upstream = Upstream::start(&["--recorded", tape, "--source", SOURCE]).await.unwrap();
        let service = captured.service("fetcher").unwrap().env("FETCHER_CLIENT__INTERVAL_MS", "1");
        let told = ["--base-url", upstream.base(), "--source", SOURCE, "--catalogue", "mal", "--pages", "1"];
        let datasets = now.iter().map(|(dataset, _)| dataset.as_str());
        let arguments = ["once"].into_iter().chain(datasets).chain(told);
        let mut fetcher = arguments.fold(service, |service, word| service.arg(word)).spawn().unwrap();
        let ended = fetcher.wait(LIMIT).await.unwrap();
        assert!(ended.success(), "{}", fetcher.logs());
        let asked = upstream.requests().await.unwrap();
        assert_eq!(asked.len(), now.len());
        assert!(asked.iter().all(|asked| asked.status == 200), "{asked:?}");
    }
    captured.at_rest().await.unwrap();

    let (imported_pages, captured_pages) = (pages(&imported).await, pages(&captured).await);
    assert_eq!(captured_pages.len(), lists.values().map(Vec::len).sum::<usize>());
    assert_same(&imported_pages, &captured_pages);
    let rows = captured.number("select count(*) from observation").await.unwrap();
    assert!(rows > 1_000, "only {rows} observations");
    println!("{} pages of {} lists, {rows} observations", captured_pages.len(), lists.len());
    ledger_balances(&imported).await.unwrap();
    ledger_balances(&captured).await.unwrap();
}
