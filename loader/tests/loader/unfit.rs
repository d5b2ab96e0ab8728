//! Databases that the loader cannot work on.

use kansoku_loader::store::{ConnectError, addresses, open};
use kansoku_stack::postgres::Database;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

async fn execute(database: &Database, sql: String) {
    let mut session = PgConnection::connect(database.url()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut session).await.unwrap();
}

fn name(database: &Database) -> &str {
    database.url().rsplit_once('/').unwrap().1
}

#[tokio::test]
async fn a_database_of_another_encoding_is_refused_by_its_name() {
    let database = Database::fresh().await.unwrap();
    let other = format!("{}_ascii", name(&database));
    let made = format!("create database {other} encoding 'SQL_ASCII' locale 'C' template template0");
    execute(&database, made).await;
    let error =
        open(&addresses(&database.url().replace(name(&database), &other)).unwrap()).await.unwrap_err();
    assert!(matches!(&error, ConnectError::Encoding(found) if found == "SQL_ASCII"), "{error}");
    assert!(error.to_string().contains("encoding 'UTF8' template template0"), "{error}");
}

#[tokio::test]
async fn a_role_that_may_make_no_tables_is_told_what_it_needs() {
    let database = Database::fresh().await.unwrap();
    let role = format!("guest_of_{}", name(&database));
    execute(&database, format!("create role {role} login")).await;
    let error = open(&addresses(&database.url().replace("//kansoku@", &format!("//{role}@"))).unwrap())
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::Migrate(_)), "{error:?}");
    assert!(error.to_string().contains("has to name a role that owns the database"), "{error}");
    assert!(format!("{:#}", anyhow::Error::from(error)).contains("permission denied for schema public"));
    execute(&database, format!("drop role {role}")).await;
}
