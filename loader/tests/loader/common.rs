//! Pages as the validator would send them, and the tables as text.

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use kansoku_loader::{
    storable,
    store::{Committed, Store, addresses, open},
};
use kansoku_schemas::{
    Anime, Catalogue, GenreRow, HistoryRow, Named, Page, PageBody, PageCounts, PageMeta, Position, Precision,
    Replay, Rows, RunId, SnapshotRow,
};
use kansoku_stack::postgres::Database;
use sqlx::PgPool;
use uuid::Uuid;

/// A fresh database with our tables, its store and a pool to look into it.
pub(crate) async fn tables() -> (Store, PgPool, Database) {
    let database = Database::migrated().await.unwrap();
    let store = open(&addresses(database.url()).unwrap()).await.unwrap();
    let pool = store.pool().clone();
    (store, pool, database)
}

/// Noon of a day in November 2026.
pub(crate) fn noon(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, day, 12, 0, 0).unwrap()
}

/// The id of the run with this number.
pub(crate) fn run_id(number: u8) -> RunId {
    RunId(Uuid::from_u128(0x5000_0000_0000_4000_8000_0000_0000_0000 + u128::from(number)))
}

/// A title with values that depend on `variant`; its facts come again now and then.
pub(crate) fn anime(mal_id: i32, variant: u32) -> Anime {
    let facts = variant % 3;
    let tag = |id: u32| Named { mal_id: i32::try_from(id).unwrap(), name: format!("tag {id} as of {facts}") };
    Anime {
        mal_id,
        url: format!("https://example.org/anime/{mal_id}"),
        title: format!("題 {mal_id} {facts}"),
        synonyms: vec![format!("a \"{facts}\""), "b,c".to_owned()],
        airing: facts.is_multiple_of(2),
        aired_from: NaiveDate::from_ymd_opt(2026, 10 + facts % 2, 20),
        aired_from_precision: (facts > 0).then_some(Precision::Day),
        genres: (1..=facts + 1).map(tag).collect(),
        studios: vec![tag(variant % 2 + 10)],
        score: Some(f64::from(variant % 90) / 10.0 + 0.5),
        scored_by: Some(i64::from(variant)),
        rank: None,
        popularity: Some(mal_id),
        members: i64::from(variant) * 100,
        favorites: i64::from(variant),
        ..Anime::default()
    }
}

/// A page of `top.score` with these titles, four to a page.
pub(crate) fn page(run: u8, number: u32, seq: u64, titles: &[i32]) -> Page {
    let variant = u32::try_from(seq).unwrap();
    let row = |(index, id): (u32, &i32)| {
        let position = (number - 1) * 4 + index;
        SnapshotRow { index, position, anime: anime(*id, variant) }
    };
    let later = i64::from(variant);
    let meta = PageMeta {
        catalogue: Catalogue::Mal,
        source: "https://api.example.org/v4".to_owned(),
        dataset: "top.score".parse().unwrap(),
        run: run_id(run),
        page: number,
        pages: None,
        captured_at: noon(23),
        url: Some(format!("https://api.example.org/v4/top/anime?page={number}")),
        status: Some(200),
    };
    let body = PageBody {
        contract: "snapshot-page.v2".to_owned(),
        trace_id: Some("0af7651916cd43dd8448eb211c80319c".to_owned()),
        limit: 4,
        stored_at: noon(23) + TimeDelta::milliseconds(later),
        judged_at: noon(23) + TimeDelta::seconds(later),
        counts: PageCounts::default(),
        warnings: Vec::new(),
        rows: Rows::Anime((0..).zip(titles).map(row).collect()),
    };
    let raw = Position { epoch: 1_000, seq };
    counted(Page { meta, replay: None, raw, judge: "judge".to_owned(), body })
}

/// The page with the counts of its rows, all of them accepted.
fn counted(mut page: Page) -> Page {
    let accepted = u32::try_from(page.body.rows.len()).unwrap();
    page.body.counts = PageCounts { received: accepted, accepted, ..PageCounts::default() };
    page
}

/// The titles on a page.
pub(crate) fn titles(page: &mut Page) -> &mut Vec<SnapshotRow> {
    let Rows::Anime(rows) = &mut page.body.rows else { panic!("not titles") };
    rows
}

/// The replay of a row of a page.
pub(crate) fn replay(run: u8, number: u32, index: u32, seq: u64, title: i32) -> Page {
    let mut page = page(run, number, seq, &[title]);
    let position = (number - 1) * 4 + index;
    let row = &mut titles(&mut page)[0];
    (row.index, row.position) = (index, position);
    page.body.counts.received = 0;
    let root = format!("{}:{number}:{index}:validate", run_id(run)).parse().unwrap();
    page.replay = Some(Replay { root, parent: None, row: Some(index), position: Some(position), attempt: 1 });
    page
}

/// A page of genres.
pub(crate) fn genres(run: u8, seq: u64, ids: &[i32]) -> Page {
    let row = |(index, id): (u32, &i32)| GenreRow {
        index,
        mal_id: *id,
        name: format!("Genre {id} {seq}"),
        url: format!("https://example.org/genre/{id}"),
        count: i64::try_from(seq).unwrap(),
    };
    let mut page = page(run, 1, seq, &[]);
    page.meta.dataset = "genres".parse().unwrap();
    page.body.contract = "genre-page.v2".to_owned();
    page.body.rows = Rows::Genres((0..).zip(ids).map(row).collect());
    counted(page)
}

/// A page of a history, each title with what is known of it: its name and its members.
pub(crate) fn history(run: u8, number: u32, seq: u64, rows: &[(i32, Option<&str>, Option<i64>)]) -> Page {
    let row = |(index, (mal_id, title, members)): (u32, &(i32, Option<&str>, Option<i64>))| HistoryRow {
        index,
        position: (number - 1) * 4 + index,
        mal_id: *mal_id,
        title: title.map(str::to_owned),
        score: Some(7.0),
        members: *members,
        ..HistoryRow::default()
    };
    let mut page = page(run, number, seq, &[]);
    page.meta.source = "csv:mine".to_owned();
    page.meta.dataset = "history".parse().unwrap();
    page.body.contract = "history-page.v2".to_owned();
    page.body.rows = Rows::History((0..).zip(rows).map(row).collect());
    counted(page)
}

/// Every table as sorted text: short ids by the names they stand for, and without the times of our own steps.
pub(crate) async fn dump(pool: &PgPool) -> String {
    const NAMES: &str = "|| jsonb_build_object('run', (select run from run where run.run_id = t.run_id),
        'source', (select name from source where source.source_id = t.source_id))";
    const NAMES_OF_SOURCES: &str =
        "|| jsonb_build_object('source', (select name from source where source.source_id = t.source_id))";
    let mut text = String::new();
    for (table, names) in [
        ("source", ""),
        ("run", NAMES),
        ("page", NAMES),
        ("run_balance", "|| jsonb_build_object('run', (select run from run where run.run_id = t.run_id))"),
        ("anime", ""),
        ("tag", ""),
        ("anime_tag", ""),
        ("observation", NAMES),
        ("title_daily", NAMES),
        ("title_latest", NAMES_OF_SOURCES),
        ("title_name", ""),
        ("title_week", ""),
        ("title_first_year", ""),
        ("genre_observation", NAMES),
        (
            "ranking_position",
            "|| jsonb_build_object('run', (select run from run where run.run_id = t.run_id))",
        ),
        ("ranking", "|| jsonb_build_object('run', (select run from run where run.run_id = t.run_id))"),
        ("balance", NAMES),
    ] {
        let query = format!(
            "select coalesce(string_agg(line, E'\\n' order by line), '') from (
                 select ((to_jsonb(t) {names}) - 'run_id' - 'source_id' - 'committed_at'
                     || jsonb_build_object('line', (select name from source where to_jsonb(t)->>'line' = source.source_id::text)))::text as line from {table} t
             ) lines"
        );
        let lines: String = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(pool).await.unwrap();
        text += &format!("-- {table}\n{lines}\n");
    }
    text
}

/// Empties every table.
pub(crate) async fn wipe(pool: &PgPool) {
    sqlx::query(
        "truncate source, run, page, anime, tag, anime_tag, observation, title_daily, title_latest, title_name, title_week,
             title_first_year, week_change, run_balance, genre_observation, ranking_position, unreadable",
    )
    .execute(pool)
    .await
    .unwrap();
}

/// Commits pages as one batch, but for the rows that cannot be stored.
pub(crate) async fn commit(store: &Store, pages: &[Page]) -> Committed {
    store.ensure_partitions(pages).await.unwrap();
    store.commit(pages, &storable::refused(pages), noon(24)).await.unwrap()
}
