//! The second limit: COPY of the same observations into a table of the same Postgres.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};
use kansoku_stack::{pipeline::Pipeline, tools};

use crate::clock::Stopwatch;

/// What COPY alone does.
#[derive(Debug, Clone, Copy)]
pub struct Copied {
    /// Rows per second into a table without keys.
    pub bare: f64,
    /// Rows per second into a table with the keys of `observation`.
    pub keyed: f64,
}

/// Copies the observations out to a file, then into both tables.
pub async fn measure(road: &Pipeline, folder: &Path) -> Result<Copied> {
    let file = folder.join("observations");
    let file = file.display();
    psql(road, &format!(r"\copy (select * from observation) to '{file}'"))?;
    let rows = road.number("select count(*) from observation").await?;
    let mut rates = [0.0; 2];
    for (rate, (table, like)) in rates.iter_mut().zip([("bare", ""), ("keyed", "including indexes")]) {
        psql(road, &format!("create table {table} (like observation {like})"))?;
        let watch = Stopwatch::start();
        psql(road, &format!(r"\copy {table} from '{file}'"))?;
        *rate = rows as f64 / watch.seconds();
    }
    let [bare, keyed] = rates;
    Ok(Copied { bare, keyed })
}

fn psql(road: &Pipeline, text: &str) -> Result<()> {
    let program = tools::find("psql").or_else(|_| postgres_client())?;
    let mut command = Command::new(program);
    command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", road.database.url(), "-c", text]);
    let output = command.output().context("run psql")?;
    if !output.status.success() {
        bail!("psql {text}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn postgres_client() -> Result<std::path::PathBuf> {
    Ok(tools::postgres_bin()?.join("psql"))
}
