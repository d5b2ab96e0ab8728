//! RAW filled to its limit: what it drops, the archive has.

use std::{
    collections::BTreeSet,
    fs::File,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use kansoku_stack::{pipeline::Pipeline, process::programs, until};
use serde_json::Value;

use crate::listed::exposes_what_is_listed;

const LIMIT: Duration = Duration::from_secs(120);

/// The pages of the archives in a folder, as `archive import` sees them.
fn pages(text: &str) -> Result<BTreeSet<(String, u64)>> {
    let page = |line: &str| -> Result<(String, u64)> {
        let line: Value = serde_json::from_str(line)?;
        Ok((line["run"].as_str().context("a run")?.to_owned(), line["page"].as_u64().context("a page")?))
    };
    // An export also says how the runs ended.
    text.lines().filter(|line| !line.starts_with("{\"run_event\":")).map(page).collect()
}

#[tokio::test]
async fn the_archive_has_every_page_before_raw_drops_it() {
    let folder = tempfile::tempdir().unwrap();
    let (sample, dir) = (folder.path().join("sample.jsonl"), folder.path().join("archive"));
    Pipeline::archive(&["--days", "12", "--until", "2026-11-01T12:00:00Z", "--seed", "7"], &sample).unwrap();
    let given = pages(&std::fs::read_to_string(&sample).unwrap()).unwrap();
    let size = std::fs::metadata(&sample).unwrap().len();
    let most = 6 << 20;
    assert!(size > 2 * most, "{size} bytes fill RAW more than once");

    let pipeline = Pipeline::with(&["--max-bytes", &format!("RAW={most}")]).await.unwrap();
    let config = folder.path().join("archive.toml");
    std::fs::write(&config, format!("[keep]\ndir = {:?}\n", dir.display().to_string())).unwrap();
    let _services = [pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
    // Everything is read at once, and nothing is archived: the import waits.
    let said = folder.path().join("said");
    let mut import = Command::new(programs().unwrap().join("archive"));
    import.arg("--config").arg(&config).args(["import", "--json"]).arg(&sample);
    import
        .env("ARCHIVE_NATS__URL", pipeline.nats.url())
        .env("ARCHIVE_NATS__NKEY_FILE", pipeline.nats.key_file("archiver"));
    let mut import = import.stdout(Stdio::null()).stderr(File::create(&said).unwrap()).spawn().unwrap();
    until("the import to wait for the archive", LIMIT, || async {
        std::fs::read_to_string(&said).unwrap().contains("no archive file has yet")
    })
    .await
    .unwrap();
    let keeper = pipeline.service("archive").unwrap().arg("--config").arg(&config).arg("keep");
    let mut keeper = keeper.spawn().unwrap();
    until("the import to end", LIMIT, || std::future::ready(import.try_wait().unwrap().is_some()))
        .await
        .unwrap();
    assert!(import.wait().unwrap().success(), "{}", std::fs::read_to_string(&said).unwrap());
    pipeline.at_rest().await.unwrap();
    exposes_what_is_listed("archive", &keeper).await;
    assert!(keeper.terminate().await.unwrap().success());

    let left = folder.path().join("left.jsonl");
    let output = pipeline.archiver(["export", left.to_str().unwrap()]).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let left = pages(&std::fs::read_to_string(&left).unwrap()).unwrap();
    assert!(left.len() < given.len(), "RAW has dropped some");
    let archived = import_all(&dir).await.unwrap();
    let missing: Vec<_> =
        given.iter().filter(|page| !archived.contains(page) && !left.contains(page)).collect();
    assert!(missing.is_empty(), "in no file: {missing:?}");
}

/// Brings every file to an empty system, and out of it again.
async fn import_all(dir: &Path) -> Result<BTreeSet<(String, u64)>> {
    let pipeline = Pipeline::start().await?;
    let mut files: Vec<_> = std::fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    for file in &files {
        let table = pipeline.import(file)?;
        assert_eq!(table["failed"], 0, "{table}");
    }
    let output = pipeline.archiver(["export", "-"])?;
    pages(std::str::from_utf8(&output.stdout)?)
}
