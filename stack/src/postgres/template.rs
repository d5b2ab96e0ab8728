//! A database with our tables in it, from which tests copy theirs.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use anyhow::{Context, Result};
use kansoku_postgres::Addresses;
use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrator};

use super::create;

/// The advisory lock of making it.
const LOCK: i64 = 0x6b61_6e73;

/// Makes a database as a copy.
pub(super) async fn copy(server: &str, name: &str) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../loader/migrations");
    let migrations = Migrator::new(folder).await.context("read the migrations")?;
    let template = named(&migrations);
    let mut admin = session(server, "postgres").await?;
    make(&mut admin, server, &template, &migrations).await.context("make a database that tests copy")?;
    run(&mut admin, format!(r#"create database "{name}" template "{template}""#)).await
}

/// By what is in it: a server may outlive a change of the migrations.
fn named(migrations: &Migrator) -> String {
    let mut hasher = DefaultHasher::new();
    migrations.iter().for_each(|migration| migration.checksum.hash(&mut hasher));
    format!("kansoku_migrated_{:016x}", hasher.finish())
}

/// Makes what is copied, once for all who use the server; by another name while it is not whole.
async fn make(admin: &mut PgConnection, server: &str, template: &str, migrations: &Migrator) -> Result<()> {
    if is_there(admin, template).await? {
        return Ok(());
    }
    // Held until this session ends, which is soon.
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut *admin).await.context("take turns")?;
    if is_there(admin, template).await? {
        return Ok(());
    }
    let begun = format!("{template}_begun");
    run(admin, format!(r#"drop database if exists "{begun}""#)).await?;
    create(&format!("{server}/postgres"), &begun).await?;
    let mut session = session(server, &begun).await?;
    migrations.run(&mut session).await.context("run the migrations")?;
    session.close().await.context("end a session")?;
    run(admin, format!(r#"alter database "{begun}" rename to "{template}""#)).await
}

async fn is_there(admin: &mut PgConnection, template: &str) -> Result<bool> {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(template)
        .fetch_one(admin)
        .await
        .context("look for a database")
}

async fn session(server: &str, database: &str) -> Result<PgConnection> {
    let address = format!("{server}/{database}");
    let address = Addresses::parse(&address).context("read the address of the test database server")?;
    address.connect().await.context("connect to the test database server")
}

async fn run(admin: &mut PgConnection, statement: String) -> Result<()> {
    let done = sqlx::query(AssertSqlSafe(statement.clone())).execute(admin).await;
    done.map(drop).with_context(|| statement)
}
