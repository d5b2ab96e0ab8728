//! `query-api operator`: who may do what, set up by whoever runs the installation.

use anyhow::{Context as _, Result, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use kansoku_postgres::Addresses;
use kansoku_service::{Context, print, random_bytes, say};
use sqlx::PgConnection;

use super::{RIGHTS, credentials::secret, store};
use crate::settings::Settings;

const LINK: TimeDelta = TimeDelta::minutes(15);

/// Who may work with dead letters
#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Add an operator, and print the token that only they are to have
    Add {
        /// The name that the audit shows
        name: String,
        /// What they may do: read, act (discard, plan, replay), edit (change texts)
        #[arg(long, value_delimiter = ',', default_value = "read")]
        rights: Vec<String>,
        /// Days until the token expires [default: never]
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36_500))]
        days: Option<u32>,
    },
    /// Print a sign-in link for the browser: good once, for fifteen minutes
    Link {
        /// Whose
        name: String,
    },
    /// List the operators
    List,
    /// Remove an operator with all sessions; what they did stays in the audit
    Remove {
        /// Whom
        name: String,
    },
}

/// Does what the command says.
///
/// # Errors
/// When the database is unavailable or the command makes no sense.
pub async fn run(context: Context<Settings>, command: OperatorCommand) -> Result<()> {
    let url = context.config.postgres.url.expose();
    let addresses = Addresses::of_setting(url)?;
    let mut database = addresses.connect().await.context("connect to Postgres")?;
    let now = context.clock.now();
    let done = match command {
        OperatorCommand::Add { name, rights, days } => add(&mut database, &name, &rights, days, now).await,
        OperatorCommand::Link { name } => link(&mut database, &name, address(&context.config), now).await,
        OperatorCommand::List => list(&mut database, now).await,
        OperatorCommand::Remove { name } => remove(&mut database, &name).await,
    };
    done.map_err(explain)
}

/// Where the loader has not been yet, there are no tables.
fn explain(error: anyhow::Error) -> anyhow::Error {
    let code = error.downcast_ref::<sqlx::Error>().and_then(|error| error.as_database_error()?.code());
    if code.as_deref() == Some("42P01") {
        return error.context("the tables are not there yet; start the loader first");
    }
    error
}

async fn add(
    database: &mut PgConnection,
    name: &str,
    rights: &[String],
    days: Option<u32>,
    now: DateTime<Utc>,
) -> Result<()> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '@');
    ensure!(
        (1..=64).contains(&name.len()) && name.chars().all(plain),
        "{name:?} is no name of an operator: up to 64 of a-z, A-Z, 0-9, -, _, . and @"
    );
    for right in rights {
        ensure!(RIGHTS.contains(&right.as_str()), "{right:?} is no right; rights: {}", RIGHTS.join(", "));
    }
    // Who changes something has to see it.
    let rights: Vec<_> = RIGHTS
        .iter()
        .filter(|right| **right == "read" || rights.iter().any(|given| given == *right))
        .collect();
    let (token, hashed) = secret(random_bytes().context("read randomness")?);
    let until = days.map(|days| now + TimeDelta::days(days.into()));
    let sql =
        "insert into operator (name, rights, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $5)
        on conflict (name) do nothing";
    let rights: Vec<&str> = rights.into_iter().copied().collect();
    let query = sqlx::query(sql).bind(name).bind(&rights).bind(hashed.as_slice()).bind(now).bind(until);
    if query.execute(database).await?.rows_affected() == 0 {
        bail!("{name} is an operator already; `query-api operator remove {name}` takes the token away");
    }
    say(format!("{name} may {}. The token, which is not shown again:", rights.join(", ")));
    print(&format!("{token}\n")).context("print the token")
}

async fn link(
    database: &mut PgConnection,
    name: &str,
    base: Option<String>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (code, hashed) = secret(random_bytes().context("read randomness")?);
    sqlx::query("delete from operator_link where expires_at <= $1").bind(now).execute(&mut *database).await?;
    let sql = "insert into operator_link (code_hash, operator, expires_at) select $1, name, $2 from operator where name = $3";
    let query = sqlx::query(sql).bind(hashed.as_slice()).bind(now + LINK).bind(name);
    if query.execute(database).await?.rows_affected() == 0 {
        bail!("there is no operator {name}; `query-api operator list` shows who there is");
    }
    if base.is_none() {
        say("put the address by which browsers reach query-api before it:");
    }
    print(&format!("{}/sign-in#{code}\n", base.unwrap_or_default())).context("print the link")
}

/// Where browsers reach what listens there; unknown where that is every address of the machine, or any port.
fn address(settings: &Settings) -> Option<String> {
    let listen = settings.http.listen;
    let scheme = if settings.tls_cert.is_some() { "https" } else { "http" };
    (!listen.ip().is_unspecified() && listen.port() != 0).then(|| format!("{scheme}://{listen}"))
}

async fn list(database: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    let all = store::operators(database).await?;
    if all.is_empty() {
        say("no operator is set up: query-api operator add NAME --rights read,act,edit");
        return Ok(());
    }
    let line = |operator: &store::OperatorRow| {
        let end = match operator.expires_at {
            Some(end) if end <= now => format!("expired {}", end.format("%Y-%m-%d %H:%M UTC")),
            Some(end) => format!("until {}", end.format("%Y-%m-%d %H:%M UTC")),
            None => "without end".into(),
        };
        let since = operator.created_at.format("%Y-%m-%d");
        format!("{:<24} {:<14} since {since}, {end}\n", operator.name, operator.rights.join(","))
    };
    print(&all.iter().map(line).collect::<String>()).context("print the list")
}

async fn remove(database: &mut PgConnection, name: &str) -> Result<()> {
    let query = sqlx::query("delete from operator where name = $1").bind(name);
    if query.execute(database).await?.rows_affected() == 0 {
        bail!("there is no operator {name}; `query-api operator list` shows who there is");
    }
    say(format!("{name} is no operator any more"));
    Ok(())
}
