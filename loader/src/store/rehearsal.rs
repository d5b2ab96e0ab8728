//! Trying out a commit before messages are taken: one taken in vain counts as delivered, and after five restarts during
//! an outage it would be given up, though nothing is wrong with it.

use chrono::{DateTime, Utc};
use kansoku_schemas::{
    Anime, Catalogue, Dataset, GENRE_PAGE, GenreRow, HISTORY_PAGE, HistoryRow, Named, RowKind, SNAPSHOT_PAGE,
    SnapshotRow,
};
use serde_json::json;
use sqlx::Acquire;
use uuid::Uuid;

use super::{Committed, Refused, Run, RunState, Store, commit, runs, version};
use crate::{
    champions::Origin,
    fault::{Fault, Part},
    page::{Page, Rows},
};

/// Rows of 61 bytes or more: some MiB, so that a full disk shows.
const PADDING: i32 = 65_536;

impl Store {
    /// Commits made-up pages and a made-up run, and takes all of it back.
    pub async fn rehearse(&self, at: DateTime<Utc>) -> Result<(), Fault> {
        let fault = |error| Fault::new(Part::Books, "rehearse a commit", error);
        let pages = [Dataset::TopScore, Dataset::Genres, Dataset::History].map(|dataset| page(at, dataset));
        let group: Vec<(usize, &Page)> = pages.iter().enumerate().collect();
        let catalogue = Catalogue::Sample.to_string();
        let mut session = self.pool.acquire().await.map_err(fault)?;
        let mut tx = session.begin().await.map_err(fault)?;
        version::lock(&mut tx, std::slice::from_ref(&catalogue)).await?;
        commit::group(&mut tx, &catalogue, &group, &Refused::new(), at, &mut Committed::default()).await?;
        runs::write(&mut tx, Catalogue::Sample, &[(&run(at), at)]).await?;
        sqlx::query("create unlogged table rehearsal as select md5(i::text) as line from generate_series(1, $1) as s(i)")
            .bind(PADDING)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.rollback().await.map_err(fault)
    }
}

fn page(at: DateTime<Utc>, dataset: Dataset) -> Page {
    let name = "rehearsal".to_owned();
    let tag = || vec![Named { mal_id: 1, name: name.clone() }];
    // Of the pages of one transaction each has a place of its own.
    let (seq, contract, rows) = match dataset.row_kind() {
        RowKind::Genre => {
            let row = GenreRow { index: 0, mal_id: 1, name: name.clone(), url: String::new(), count: 1 };
            (1, GENRE_PAGE, Rows::Genres(vec![row]))
        }
        RowKind::History => {
            let title = Some(name.clone());
            let row = HistoryRow { mal_id: 2, title, members: Some(1), ..HistoryRow::default() };
            (2, HISTORY_PAGE, Rows::History(vec![row]))
        }
        RowKind::Anime => {
            let anime = Anime {
                mal_id: 1,
                title: name.clone(),
                genres: tag(),
                studios: tag(),
                score: Some(1.0),
                members: 1,
                ..Anime::default()
            };
            (0, SNAPSHOT_PAGE, Rows::Anime(vec![SnapshotRow { index: 0, position: 0, anime }]))
        }
    };
    Page {
        catalogue: Catalogue::Sample,
        source: name.clone(),
        dataset,
        run: Uuid::nil(),
        number: 1,
        captured_at: at,
        url: None,
        trace_id: None,
        contract,
        judge: name,
        limit: 1,
        origin: Origin { epoch: 0, seq, judged_at: at },
        stored_at: at,
        received: 1,
        accepted: 1,
        dead: 0,
        drift: json!({}),
        warnings: json!([]),
        replay_root: None,
        replay_row: None,
        rows,
    }
}

fn run(at: DateTime<Utc>) -> Run {
    Run {
        run: Uuid::nil(),
        catalogue: Catalogue::Sample,
        source: "rehearsal".to_owned(),
        dataset: Dataset::TopScore.to_string(),
        captured_at: at,
        state: RunState::Complete,
        pages_planned: Some(1),
        pages_got: vec![1],
        pages_failed: json!([]),
        rows: 1,
        warnings: json!([]),
        error: None,
        at,
        event_epoch: 0,
        event_seq: 1,
    }
}
