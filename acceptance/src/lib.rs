//! What the tests in `tests/` share: they see the stack as its users do, through its programs, streams and answers.

pub mod collector;
pub mod operator;
pub mod prometheus;
pub mod upstream;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use kansoku_stack::pipeline::Pipeline;

/// Everything that was stored, without the times at which it was: two pipelines that carried the same pages have equal
/// tables.
pub async fn tables(pipeline: &Pipeline) -> Result<Vec<String>> {
    const QUERIES: [&str; 8] = [
        "select catalogue, name from source",
        "select run, catalogue, dataset, captured_at, state, pages_planned, pages_got, rows from run",
        "select r.run, p.page, p.received, p.accepted, p.dead, p.load_dead, p.stored, p.duplicate, p.drift, p.committed
           from page p join run r using (run_id)",
        "select a.*, null as epoch, null as seq, null as judged_at from (select catalogue, mal_id, title, title_english,
            title_japanese, synonyms, type, episodes, status, airing, aired_from, aired_from_precision, season, year,
            broadcast, facts_at, position, name_only from anime) a",
        "select l.catalogue, l.anime_id, l.kind, t.name from anime_tag l
           join tag t on t.catalogue = l.catalogue and t.kind = l.kind and t.mal_id = l.tag_id",
        "select o.catalogue, o.mal_id, o.captured_at, r.run, o.score, o.scored_by, o.rank, o.popularity, o.members,
            o.favorites, o.position, o.owner from observation o join run r using (run_id)",
        "select d.catalogue, d.mal_id, d.day, s.name, d.captured_at, d.score, d.members from title_daily d
           join source s using (source_id)",
        "select r.run, k.position, k.mal_id from ranking k join run r using (run_id)",
    ];
    let mut all = Vec::new();
    for (number, query) in QUERIES.iter().enumerate() {
        let mut rows = pipeline.rows(query).await?;
        rows.sort();
        all.extend(rows.into_iter().map(|row| format!("{number} {row}")));
    }
    Ok(all)
}

/// What the tables hold after an archive has gone through an undisturbed pipeline.
pub async fn undisturbed(archive: &Path) -> Result<Vec<String>> {
    let pipeline = Pipeline::start().await?;
    let _services = [pipeline.ready("validator").await?, pipeline.ready("loader").await?];
    pipeline.import(archive)?;
    pipeline.at_rest().await?;
    tables(&pipeline).await
}

/// An archive in so many files, one after the other.
pub fn parts(archive: &Path, count: usize) -> Result<Vec<PathBuf>> {
    let text = std::fs::read_to_string(archive).context("read the archive")?;
    let lines: Vec<&str> = text.lines().collect();
    let part = |(number, lines): (usize, &[&str])| {
        let part = archive.with_file_name(format!("{number}.jsonl"));
        std::fs::write(&part, lines.join("\n") + "\n").context("write a part of the archive")?;
        Ok(part)
    };
    lines.chunks(lines.len().div_ceil(count)).enumerate().map(part).collect()
}

/// Panics with the first rows that differ.
pub fn assert_same(left: &[String], right: &[String]) {
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        let those: std::collections::HashSet<_> = those.iter().collect();
        these.iter().filter(|row| !those.contains(row)).take(5).cloned().collect()
    };
    let (gone, new) = (only(left, right), only(right, left));
    assert!(gone.is_empty() && new.is_empty() && left.len() == right.len(), "gone: {gone:#?}\nnew: {new:#?}");
    assert!(!left.is_empty(), "both are empty");
}

/// Every row that was received is stored, a duplicate or dead, by the sums of each run and by each place: run, page and row.
pub async fn ledger_balances(pipeline: &Pipeline) -> Result<()> {
    let sums = "select run, received, stored, duplicate, dead from balance where not balanced";
    let open = pipeline.rows(sums).await?;
    anyhow::ensure!(open.is_empty(), "these runs do not balance: {open:#?}");
    let ledger =
        include_str!("../../query-api/src/operator/ledger.sql").replace("$1", "null").replace("$2", "0");
    let (_comment, ledger) = ledger.split_once("\nwith ").expect("the ledger begins with its places");
    let wrong = format!(
        "select * from (with {ledger}) ledger where missing_rows > 0 or extra_rows > 0 or in_flight_pages > 0
         or received <> stored + duplicate + dead_open + dead_quarantined + dead_discarded"
    );
    let wrong = pipeline.rows(&wrong).await?;
    anyhow::ensure!(wrong.is_empty(), "these runs do not balance by place: {wrong:#?}");
    Ok(())
}
