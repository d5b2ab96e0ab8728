//! The whole pipeline on free ports, for tests and benchmarks: servers of its own, a fresh database, and our real programs.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use sqlx::{PgConnection, Row};

use crate::{
    nats, port,
    postgres::{self, Database, Replication},
    process::{self, Running, Service},
    redis,
    toxiproxy::Toxiproxy,
    until,
};

/// How long the pipeline may take to come to rest.
const REST: Duration = Duration::from_secs(120);

/// Servers without services; each service is started by name.
#[derive(Debug)]
pub struct Pipeline {
    /// NATS with our streams.
    pub nats: nats::Server,
    /// The other servers of its cluster.
    pub peers: Vec<nats::Server>,
    /// A fresh database.
    pub database: Database,
    /// Redis.
    pub redis: redis::Server,
    /// The fetcher's configuration where a test names none: nobody listens at its upstream.
    fetcher: tempfile::NamedTempFile,
}

impl Pipeline {
    /// Starts the servers and makes the streams.
    pub async fn start() -> Result<Self> {
        Self::with(&[]).await
    }

    /// The same, with further options for `topology apply`.
    pub async fn with(options: &[&str]) -> Result<Self> {
        let (nats, redis, database) =
            tokio::try_join!(nats::Server::temporary(), redis::Server::temporary(), Database::migrated())?;
        Self::of(vec![nats], redis, database, options)
    }

    /// The same, with three NATS servers that each keep every stream.
    pub async fn with_cluster() -> Result<Self> {
        let (nats, redis, database) =
            tokio::try_join!(nats::Server::cluster(3), redis::Server::temporary(), Database::migrated())?;
        Self::of(nats, redis, database, &["--replicas", "3"])
    }

    /// The same, and the last of them can be cut off at the [`nats::LINKS`].
    pub async fn with_cluster_behind(toxiproxy: &Toxiproxy) -> Result<Self> {
        let (nats, redis, database) = tokio::try_join!(
            nats::Server::cluster_behind(toxiproxy),
            redis::Server::temporary(),
            Database::migrated()
        )?;
        Self::of(nats, redis, database, &["--replicas", "3"])
    }

    /// The same, with a database server that the test may stop.
    pub async fn with_own_database(options: &[&str]) -> Result<Self> {
        Self::with_data_in(&tempfile::env::temp_dir(), options).await
    }

    /// The same, with a database that has a standby.
    pub async fn with_standby(replication: Replication) -> Result<Self> {
        let (nats, redis, database) = tokio::try_join!(
            nats::Server::temporary(),
            redis::Server::temporary(),
            Database::with_standby(replication)
        )?;
        Self::of(vec![nats], redis, database, &[])
    }

    /// The same, with the data of the streams and of the database in temporary folders inside of another.
    pub async fn with_data_in(parent: &Path, options: &[&str]) -> Result<Self> {
        let (nats, redis, database) = tokio::try_join!(
            nats::Server::temporary_in(parent),
            redis::Server::temporary(),
            Database::alone_in(parent)
        )?;
        Self::of(vec![nats], redis, database, options)
    }

    fn of(
        mut servers: Vec<nats::Server>,
        redis: redis::Server,
        database: Database,
        options: &[&str],
    ) -> Result<Self> {
        let fetcher = tempfile::NamedTempFile::new().context("make a configuration file")?;
        let upstream = format!(
            "[[upstream]]\nurl = \"http://127.0.0.1:{}/v4\"\nsource = \"nobody\"\ncatalogue = \"sample\"\n",
            port::free()?
        );
        std::fs::write(fetcher.path(), upstream).context("write a configuration file")?;
        let peers = servers.split_off(1);
        let nats = servers.pop().context("start a NATS server")?;
        let pipeline = Self { nats, peers, database, redis, fetcher };
        pipeline.topology(options)?;
        Ok(pipeline)
    }

    /// The addresses of all NATS servers, with commas between them.
    pub fn nats_url(&self) -> String {
        let all: Vec<String> =
            std::iter::once(&self.nats).chain(&self.peers).map(nats::Server::url).collect();
        all.join(",")
    }

    /// Runs `topology apply` as admin.
    pub fn topology(&self, options: &[&str]) -> Result<()> {
        let mut command = Command::new(process::programs()?.join("topology"));
        command.args(["apply", "--url", &self.nats_url(), "--nkey-file"]).arg(self.nats.key_file("admin"));
        succeeded("topology apply", command.args(options).output().context("run topology")?).map(drop)
    }

    /// A service with the addresses of these servers, not started yet.
    pub fn service(&self, name: &str) -> Result<Service> {
        let prefix = process::prefix(name);
        let mut service = Service::new(name)?.env(&format!("{prefix}TELEMETRY__LOG"), "info");
        if name != "query-api" {
            service = service
                .env(&format!("{prefix}NATS__URL"), self.nats_url())
                .env(&format!("{prefix}NATS__NKEY_FILE"), self.nats.key_file(user(name)));
        }
        if name == "fetcher" {
            service = service.env("FETCHER_CONFIG", self.fetcher.path());
        }
        if matches!(name, "loader" | "replayer" | "query-api") {
            service = service.env(&format!("{prefix}POSTGRES__URL"), self.database.url());
        }
        if name == "query-api" {
            service = service.env("QUERY_API_REDIS__URL", self.redis.url());
        }
        Ok(service)
    }

    /// Starts a service and waits until it is ready.
    pub async fn ready(&self, name: &str) -> Result<Running> {
        let mut running = self.service(name)?.spawn()?;
        running.ready().await?;
        Ok(running)
    }

    /// Runs `fetcher` with these arguments to its end.
    pub fn fetcher<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Output> {
        self.program("fetcher", &[], arguments)
    }

    /// Runs `archive` with these arguments to its end.
    pub fn archiver<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Output> {
        self.program("archive", &[], arguments)
    }

    /// Runs a program of ours to its end, with further variables in its environment.
    pub fn program<S: AsRef<OsStr>>(
        &self,
        name: &str,
        environment: &[(&str, &str)],
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Output> {
        let mut command = Command::new(process::programs()?.join(name));
        let prefix = process::prefix(name);
        command
            .args(arguments)
            .env(format!("{prefix}NATS__URL"), self.nats_url())
            .env(format!("{prefix}NATS__NKEY_FILE"), self.nats.key_file(user(name)))
            .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT")
            .envs(environment.iter().copied())
            .stdin(Stdio::null());
        command.output().with_context(|| format!("run {name}"))
    }

    /// Imports, and returns the table as JSON. Captures that were left out, as the table says, are no error.
    pub fn import(&self, path: &Path) -> Result<serde_json::Value> {
        let output = self.archiver([OsStr::new("import"), OsStr::new("--json"), path.as_os_str()])?;
        let table: Option<serde_json::Value> = serde_json::from_slice(&output.stdout).ok();
        let is_left_out = |table: &serde_json::Value| {
            table["failed"] == 0 && table["left_out"].as_array().is_some_and(|left| !left.is_empty())
        };
        match table.filter(|table| output.status.success() || is_left_out(table)) {
            Some(table) => Ok(table),
            None => bail!("archive import: {}", String::from_utf8_lossy(&output.stderr).trim()),
        }
    }

    /// Writes an archive by `jikan-sim`.
    pub fn archive(arguments: &[&str], file: &Path) -> Result<()> {
        let mut command = Command::new(process::programs()?.join("jikan-sim"));
        command.arg("archive").args(arguments).arg("--output").arg(file);
        succeeded("jikan-sim archive", command.output().context("run jikan-sim")?).map(drop)
    }

    /// Runs the `nats` command as admin.
    pub fn nats_cli(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        let mut command = Command::new(crate::tools::find("nats")?);
        command.args(["--server", &self.nats_url(), "--inbox-prefix", "_INBOX.admin", "--nkey"]);
        command.arg(self.nats.key_file("admin")).args(arguments).stdin(Stdio::null());
        succeeded(&format!("nats {}", arguments.join(" ")), command.output().context("run nats")?)
    }

    /// Lets a durable consumer deliver everything again, from sequence 1.
    pub fn reset_consumer(&self, stream: &str, durable: &str) -> Result<()> {
        self.nats_cli(&["consumer", "rm", stream, durable, "--force"])?;
        self.topology(&[])
    }

    /// Makes every stream forget message ids after `window`.
    pub fn set_duplicate_window(&self, window: &str) -> Result<()> {
        for stream in ["RAW", "VALID", "DLQ", "RUN"] {
            self.nats_cli(&["stream", "edit", stream, "--dupe-window", window, "--force"])?;
        }
        Ok(())
    }

    /// Waits until no consumer has a message waiting or unsettled.
    pub async fn at_rest(&self) -> Result<()> {
        until("every message to be settled", REST, || async {
            let mut all = 0;
            for server in std::iter::once(&self.nats).chain(&self.peers) {
                let Ok(waiting) = in_flight_at(server.monitor(), server.name()).await else { return false };
                all += waiting;
            }
            all == 0
        })
        .await
    }

    /// The number of messages in a stream, by the server's monitoring page.
    pub async fn messages(&self, stream: &str) -> Result<u64> {
        self.state(stream, "messages").await
    }

    /// How many bytes are in a stream, uncompressed.
    pub async fn bytes(&self, stream: &str) -> Result<u64> {
        self.state(stream, "bytes").await
    }

    /// A number of a stream's state, as the server's monitoring page names it.
    pub async fn state(&self, stream: &str, what: &str) -> Result<u64> {
        let page = monitoring(self.nats.monitor()).await?;
        let found = streams(&page).find(|found| found["name"] == stream);
        found
            .and_then(|found| found["state"][what].as_u64())
            .with_context(|| format!("find the {what} of the stream {stream}"))
    }

    /// The rows of a query, each as one text.
    pub async fn rows(&self, query: &str) -> Result<Vec<String>> {
        let mut session = self.database.session().await?;
        let text = format!("select (row(q.*))::text from ({query}) q");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(&mut session).await;
        let rows = rows.with_context(|| format!("run the query {query}"))?;
        rows.into_iter().map(|row| row.try_get(0).context("read a row")).collect()
    }

    /// The rows of a query, each as a JSON object.
    pub async fn json(&self, query: &str) -> Result<Vec<serde_json::Value>> {
        let mut session = self.database.session().await?;
        let text = format!("select to_jsonb(q)::text from ({query}) q");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(text))
            .fetch_all(&mut session)
            .await
            .with_context(|| format!("run the query {query}"))?;
        rows.iter().map(|row| serde_json::from_str(row).context("read a row")).collect()
    }

    /// Runs statements.
    pub async fn execute(&self, statements: &str) -> Result<()> {
        let mut session = self.database.session().await?;
        let ran = sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&mut session).await;
        ran.map(drop).with_context(|| format!("run {statements}"))
    }

    /// The one number that a query gives.
    pub async fn number(&self, query: &str) -> Result<i64> {
        number(self.database.session().await?, query).await
    }

    /// The same of one of two servers, primary or not.
    pub async fn number_on(&self, server: &postgres::Server, query: &str) -> Result<i64> {
        number(self.database.session_on(server).await?, query).await
    }
}

async fn number(mut session: PgConnection, query: &str) -> Result<i64> {
    let result = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select ({query})::bigint")));
    result.fetch_one(&mut session).await.with_context(|| format!("run the query {query}"))
}

/// The NATS user of a program.
pub(crate) fn user(program: &str) -> &str {
    if program == "archive" { "archiver" } else { program }
}

/// Messages that wait for a consumer or are not settled yet, by the server's monitoring page.
pub async fn in_flight(monitor: u16) -> Result<u64> {
    in_flight_at(monitor, None).await
}

/// Of a member of a cluster: those of the consumers that it leads. What the others know of them lags.
async fn in_flight_at(monitor: u16, name: Option<&str>) -> Result<u64> {
    let page = monitoring(monitor).await?;
    let consumers =
        streams(&page).flat_map(|stream| stream["consumer_detail"].as_array().into_iter().flatten());
    let mut seen = 0;
    let mut left = 0;
    for consumer in consumers {
        seen += 1;
        let leader = consumer["cluster"]["leader"].as_str();
        if name.is_some() && leader.is_none() {
            anyhow::bail!("a consumer has no leader now");
        }
        if name.is_none() || leader == name {
            left += consumer["num_pending"].as_u64().unwrap_or(0)
                + consumer["num_ack_pending"].as_u64().unwrap_or(0);
        }
    }
    anyhow::ensure!(seen > 0, "NATS knows no consumer yet");
    Ok(left)
}

async fn monitoring(port: u16) -> Result<serde_json::Value> {
    let (_, body) = process::get(port, "/jsz?accounts=true&streams=true&consumers=true").await?;
    serde_json::from_str(&body).context("read the monitoring page of NATS")
}

fn streams(page: &serde_json::Value) -> impl Iterator<Item = &serde_json::Value> {
    let accounts = page["account_details"].as_array().into_iter().flatten();
    accounts.flat_map(|account| account["stream_detail"].as_array().into_iter().flatten())
}

/// Standard output of a program that ended well; else an error with what it said.
fn succeeded(name: &str, output: Output) -> Result<Vec<u8>> {
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{name} ended with {}: {}", output.status, String::from_utf8_lossy(&said).trim());
    }
    Ok(output.stdout)
}
