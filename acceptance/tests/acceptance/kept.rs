//! What is committed today leaves the API's answers about past days where they are.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use kansoku_stack::{pipeline::Pipeline, process::Running, until};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);
const TODAY: &str = "/api/v1/analytics/top-anime?limit=1&as_of=2026-11-03";
const YESTERDAY: &str = "/api/v1/analytics/top-anime?limit=1&as_of=2026-11-02";

/// The version of the data that an answer was read from.
async fn version(api: &Running, path: &str) -> Result<i64> {
    let (status, body) = api.get(path).await?;
    ensure!(status == 200, "{path}: {status} {body}");
    let body: Value = serde_json::from_str(&body)?;
    body["meta"]["version"].as_i64().context("a version")
}

/// Brings some days of captures, the last of them at that instant, and waits until the API tells of all that was committed.
async fn bring(pipeline: &Pipeline, api: &Running, folder: &Path, days: &str, last: &str) -> Result<()> {
    let file = folder.join(format!("{days}-{}.jsonl", last.replace(':', "")));
    Pipeline::archive(&["--days", days, "--until", last, "--seed", "7"], &file)?;
    pipeline.import(&file)?;
    pipeline.at_rest().await?;
    let committed = pipeline.number("select version from data_version where catalogue = 'sample'").await?;
    until("the commit to show", LIMIT, || async {
        version(api, TODAY).await.is_ok_and(|version| version == committed)
    })
    .await
}

#[tokio::test]
async fn an_answer_about_a_past_day_stays_until_that_past_changes() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = Pipeline::start().await.unwrap();
    let _services = [pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
    let api = pipeline.ready("query-api").await.unwrap();
    bring(&pipeline, &api, folder.path(), "3", "2026-11-03T12:00:00Z").await.unwrap();
    let first = version(&api, YESTERDAY).await.unwrap();

    // So soon that no title has begun or ended meanwhile.
    bring(&pipeline, &api, folder.path(), "1", "2026-11-03T12:30:00Z").await.unwrap();
    assert!(version(&api, TODAY).await.unwrap() > first, "another capture of today");
    assert_eq!(version(&api, YESTERDAY).await.unwrap(), first, "yesterday is as it was");

    bring(&pipeline, &api, folder.path(), "1", "2026-11-02T20:00:00Z").await.unwrap();
    let second = version(&api, YESTERDAY).await.unwrap();
    assert!(second > first, "a late capture of yesterday");

    bring(&pipeline, &api, folder.path(), "1", "2026-11-04T12:00:00Z").await.unwrap();
    assert!(version(&api, YESTERDAY).await.unwrap() > second, "another day is the newest");
}
