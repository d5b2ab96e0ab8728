//! A database with a standby: streaming replication, and what a failover does.

use std::sync::Arc;

use anyhow::{Context, Result};
use kansoku_postgres::Addresses;
use sqlx::{Connection, PgConnection};

use super::{Database, Server, create, fill, server_program, temporary, unique_name};
use crate::until;

/// When a commit is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replication {
    /// When the standby has it on its disk.
    Synchronous,
    /// When the primary has it.
    Asynchronous,
}

impl Database {
    /// A new database in a primary of its own that has a standby. Its address names both.
    pub async fn with_standby(replication: Replication) -> Result<Self> {
        let parent = tempfile::env::temp_dir();
        let primary = Server::temporary_in(&parent).await?;
        let (options, folder) = temporary(&parent)?;
        let mut command = server_program("pg_basebackup", &options.data)?;
        command.args([
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
            "-h",
            "127.0.0.1",
            "-U",
            "kansoku",
            "-p",
        ]);
        command.arg(primary.options.port.to_string());
        fill("pg_basebackup", command, &options.data)?;
        let standby = Server::start_in(options, Some(folder)).await?;
        let name = unique_name();
        create(&primary.url("postgres"), &name).await?;
        let url = format!(
            "postgres://kansoku@127.0.0.1:{},127.0.0.1:{}/{name}",
            primary.options.port, standby.options.port
        );
        if replication == Replication::Synchronous {
            // Not before: while there is no standby, nothing would be committed.
            primary.execute("alter system set synchronous_standby_names = '*'").await?;
            primary.execute("select pg_reload_conf()").await?;
        }
        let state = if replication == Replication::Synchronous { "sync" } else { "async" };
        let follows = format!(
            "select count(*) from pg_stat_replication where state = 'streaming' and sync_state = '{state}'"
        );
        until("the standby to follow", <super::Options as crate::server::Options>::LIMIT, || async {
            primary.number(&follows).await.ok() == Some(1)
        })
        .await?;
        Ok(Self { url, server: Some(Arc::new(primary)), standby: Some(Arc::new(standby)) })
    }

    /// The standby of a database made by [`Database::with_standby`].
    pub fn standby(&self) -> &Server {
        #[expect(clippy::expect_used, reason = "a test that asks for one has made one")]
        self.standby.as_ref().expect("only a database made by Database::with_standby has a standby")
    }

    /// Opens a session, on the primary where there are two servers.
    pub async fn session(&self) -> Result<PgConnection> {
        let addresses = Addresses::parse(&self.url).context("read the address of the database")?;
        addresses.connect().await.context("connect to the database")
    }

    /// Opens a session on one of the two servers.
    pub async fn session_on(&self, server: &Server) -> Result<PgConnection> {
        let (_, name) = self.url.rsplit_once('/').context("read the name of the database")?;
        PgConnection::connect(&server.url(name)).await.context("connect to the database")
    }
}

impl Server {
    /// Runs a statement as the superuser.
    pub async fn execute(&self, statement: &str) -> Result<()> {
        let mut session =
            PgConnection::connect(&self.url("postgres")).await.context("connect to the server")?;
        let ran = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut session).await;
        ran.map(drop).with_context(|| format!("run {statement}"))
    }

    /// The one number that a query gives.
    pub async fn number(&self, query: &str) -> Result<i64> {
        let mut session =
            PgConnection::connect(&self.url("postgres")).await.context("connect to the server")?;
        let result = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select ({query})::bigint")));
        result.fetch_one(&mut session).await.with_context(|| format!("run the query {query}"))
    }
}
