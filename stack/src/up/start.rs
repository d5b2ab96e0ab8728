//! `stack up`: launches the supervisor, shows how it comes along, fills the sample history, says what to try.

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use tokio::signal::unix::{SignalKind, signal};

use super::{
    fill,
    folders::Folders,
    launch::launch,
    live, operator, say,
    source::{Options, Source, TENRAI},
    state::Ports,
    stop,
    tls::{self, Certificates},
};

/// Brings everything up; on Ctrl-C or an error takes down what it started.
pub async fn run(folders: &Folders, days: Option<u32>, tls: Option<bool>, options: Options) -> Result<()> {
    ensure!(
        folders.is_ours() || folders.is_free(),
        "{} holds files that are not Kansoku's: name an empty folder, or one that is not there (KANSOKU_DATA)",
        folders.data.display()
    );
    if folders.of_postgres() != folders.data && !folders.postgres().exists() {
        say(&format!(
            "As you are root, which Postgres refuses to be, its files go outside the project, into {}",
            folders.of_postgres().display()
        ));
    }
    folders.make()?;
    let _alone = alone(folders)?;
    let (now, before) = (now(), Source::of(folders)?);
    let source = options.decide(&before, fill::is_begun(folders), now)?;
    source.save(folders)?;
    let secured = tls::settle(folders, tls.unwrap_or_else(|| tls::is_on(folders)))?;
    let changed = match (source != before, secured) {
        (true, _) => Some("Stopping the services that capture from elsewhere"),
        (false, true) => Some("Stopping what speaks with TLS, or without, as it shall not any more"),
        (false, false) => None,
    };
    let mut term = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let work = async {
        let launched = launch(folders, changed).await?;
        match &source {
            Source::Sim { fast } => fill::run(folders, days, fast.map_or(now, |fast| fast.from)).await?,
            Source::Live { .. } if days.is_some() => say("  DAYS is for the sample; nothing is filled here"),
            Source::Live { .. } => {}
        }
        let fresh = launched.is_some();
        if let Some(supervisor) = launched {
            supervisor.hand_over()?;
        }
        Ok::<_, anyhow::Error>(fresh)
    };
    let outcome = tokio::select! {
        outcome = work => outcome.map(Some),
        _ = tokio::signal::ctrl_c() => Ok(None),
        _ = term.recv() => Ok(None),
    };
    match outcome {
        Ok(Some(fresh)) => {
            let trouble = match &source {
                Source::Sim { .. } => None,
                Source::Live { .. } => live::trouble(folders).await,
            };
            // Who cannot sign in yet still has everything else.
            let sign_in = operator::link(folders).await.map_err(|error| format!("none: {error:#}"));
            greet(folders, &source, fresh, now, sign_in)?;
            if let Some(trouble) = trouble {
                say(&format!("\n{trouble}"));
            }
            Ok(())
        }
        Ok(None) => {
            stop::down(folders).await?;
            bail!("interrupted; everything is stopped, what was stored is kept, `make up` goes on");
        }
        Err(error) => {
            stop::down(folders).await?;
            Err(error.context(format!("bring Kansoku up (the logs are in {})", folders.logs().display())))
        }
    }
}

/// Holds off a second start of the same installation until this one has ended.
pub(crate) fn alone(folders: &Folders) -> Result<std::fs::File> {
    let lock = std::fs::File::create(folders.data.join("up.lock")).context("open the start's lock")?;
    lock.try_lock().ok().context("another `make up` is at work here; wait until it has ended, or end it")?;
    Ok(lock)
}

/// What to try where the sample history is there.
const OF_THE_SAMPLE: &str = r#"  bin/nats stream ls                       the streams, and how much is in each
  bin/nats stream view DLQ                 the rows that did not pass, with the reason in their headers
  make incident                            let the upstream change a field, and mend what is rejected
  bin/kansoku doctor                       whether the installation works, and what to do where it does not
  bin/archive import FOLDER                send recorded payloads of your own through the pipeline

The first title of one raw page:
  bin/nats stream get RAW 1 --json | python3 -c 'import sys,json,base64; row=json.loads(base64.b64decode(json.load(sys.stdin)["data"]))["data"][0]; print(row.get("title") or row["name"])'"#;

/// What to try where nothing may be there yet.
const OF_A_LIVE_API: &str =
    "  bin/fetcher plan                         what is captured when, and what that costs
  bin/fetcher once top.score --pages 1     the first page now, and not when its time has come
  bin/fetcher runs                         the last runs, and how complete they are
  bin/kansoku doctor                       whether the installation works, and what to do where it does not
  bin/nats stream ls                       the streams, and how much is in each";

/// The last words of `make up`.
fn greet(
    folders: &Folders,
    source: &Source,
    fresh: bool,
    now: DateTime<Utc>,
    sign_in: Result<String, String>,
) -> Result<()> {
    let ports = Ports::of(folders)?;
    let sign_in = sign_in.unwrap_or_else(|error| error);
    let what = match source {
        Source::Sim { fast: None } => "sample data: every title and number is invented".to_owned(),
        Source::Sim { fast: Some(fast) } if fast.caught_up() <= now => {
            "sample data, invented: its time ran fast, and has reached the present".to_owned()
        }
        Source::Sim { fast: Some(fast) } => format!(
            "sample data, invented: its time runs fast, a day in {}, and reaches the present at {}",
            kansoku_service::day_words(fast.day_ms),
            fast.caught_up().format("%Y-%m-%d %H:%M UTC")
        ),
        Source::Live { contact, .. } => {
            format!(
                "live: {TENRAI} gets at most 60 requests a minute, as {contact}; `bin/fetcher plan` says when"
            )
        }
    };
    let next = match source {
        Source::Sim { .. } => OF_THE_SAMPLE,
        Source::Live { .. } => OF_A_LIVE_API,
    };
    let authority = Certificates::of(folders).map(|all| {
        let ca = all.client("operator").ca;
        format!("\nTLS everywhere; browsers know the certificate once they trust {}", ca.display())
    });
    let authority = authority.unwrap_or_default();
    let running = if fresh { "Kansoku is up" } else { "Kansoku is up already" };
    say(&format!(
        r#"
{running}: {}   ({what}){authority}
Sign in as operator, once within fifteen minutes: {sign_in}

Try next:
{next}

`make env` prints the addresses, `make down` stops everything and keeps the data."#,
        tls::api(folders, &ports)
    ));
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a sample history ends now, and nothing else here asks the time"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
