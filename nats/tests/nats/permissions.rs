//! What each user of the server must not do, and the readiness of a service that tries.

use std::{
    collections::BTreeSet,
    process::{Command, Stdio},
};

use async_nats::{ConnectOptions, Event};
use kansoku_nats::PublishError;
use kansoku_stack::tools;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::common::{World, message, until};

/// A subject that no user may publish to: what was sent before it has been judged when its refusal comes.
const MARK: &str = "nobody.may.do.this";

/// Publications that must be refused.
const DENIED: [(&str, &[&str]); 8] = [
    (
        "fetcher",
        &[
            "valid.top.score",
            "dlq.validate.schema.top.score",
            "dlq.load.db_data.top.score",
            "audit.replay",
            "$JS.API.CONSUMER.MSG.NEXT.RAW.validator",
            "$JS.ACK.RAW.validator.1.1.1.1.0",
            "$JS.ACK.d.a.RAW.validator.1.1.1.1.0",
            "$JS.API.STREAM.PURGE.RAW",
            "$JS.API.STREAM.UPDATE.RAW",
            "$JS.API.STREAM.MSG.DELETE.RAW",
            "$JS.API.STREAM.PURGE.KV_UPSTREAM",
            "$KV.OTHER.x",
            "$JS.API.DIRECT.GET.DLQ",
        ],
    ),
    (
        "archiver",
        &[
            "valid.top.score",
            "dlq.validate.schema.top.score",
            "audit.replay",
            "$JS.API.CONSUMER.MSG.NEXT.RAW.validator",
            "$JS.ACK.RAW.validator.1.1.1.1.0",
            "$JS.API.CONSUMER.CREATE.RAW.x",
            "$JS.API.STREAM.PURGE.RAW",
            "$JS.API.STREAM.UPDATE.RAW",
        ],
    ),
    (
        "validator",
        &[
            "raw.top.score",
            "run.top.score.x",
            "$KV.UPSTREAM.x",
            "dlq.fetch.not_json.top.score",
            "dlq.load.db_data.top.score",
            "$JS.API.CONSUMER.MSG.NEXT.VALID.loader",
            "$JS.ACK.VALID.loader.1.1.1.1.0",
            "$JS.API.CONSUMER.DELETE.RAW.validator",
            "$JS.API.STREAM.CREATE.X",
            "$JS.API.DIRECT.GET.RAW",
        ],
    ),
    (
        "loader",
        &[
            "raw.top.score",
            "valid.top.score",
            "run.top.score.x",
            "audit.replay",
            "dlq.validate.schema.top.score",
            "$JS.API.CONSUMER.MSG.NEXT.RAW.validator",
            "$JS.ACK.RAW.validator.1.1.1.1.0",
            "$JS.API.STREAM.PURGE.DLQ",
        ],
    ),
    (
        "replayer",
        &[
            "valid.top.score",
            "run.top.score.x",
            "dlq.load.db_data.top.score",
            "$KV.UPSTREAM.x",
            "$JS.API.CONSUMER.MSG.NEXT.RAW.validator",
            "$JS.API.CONSUMER.MSG.NEXT.AUDIT.loader",
            "$JS.ACK.RAW.validator.1.1.1.1.0",
            "$JS.API.CONSUMER.CREATE.RAW.x",
            "$JS.API.STREAM.PURGE.AUDIT",
            "$JS.API.STREAM.MSG.DELETE.AUDIT",
            "$JS.API.DIRECT.GET.DLQ",
        ],
    ),
    (
        "viewer",
        &[
            "raw.top.score",
            "audit.replay",
            "dlq.load.db_data.top.score",
            "$JS.API.CONSUMER.MSG.NEXT.RAW.validator",
            "$JS.API.CONSUMER.CREATE.RAW.mine",
            "$JS.API.STREAM.PURGE.RAW",
        ],
    ),
    (
        "operator",
        &[
            "valid.top.score",
            "dlq.load.db_data.top.score",
            "run.top.score.x",
            "audit.replay",
            "$JS.API.CONSUMER.MSG.NEXT.RAW.validator",
            "$JS.API.CONSUMER.MSG.NEXT.VALID.loader",
            "$JS.API.CONSUMER.MSG.NEXT.RUN.loader",
            "$JS.API.CONSUMER.DELETE.RAW.validator",
            "$JS.API.CONSUMER.CREATE.RAW.validator",
            "$JS.API.CONSUMER.CREATE.RAW.validator.raw.>",
            "$JS.API.CONSUMER.DURABLE.CREATE.RAW.validator",
            "$JS.API.CONSUMER.RESET.RAW.validator",
            "$JS.API.CONSUMER.PAUSE.RAW.validator",
            "$JS.ACK.RAW.validator.1.1.1.1.0",
            "$JS.ACK.d.a.RAW.validator.1.1.1.1.0",
            "$JS.API.STREAM.PURGE.DLQ",
            "$JS.API.STREAM.MSG.DELETE.DLQ",
            "$JS.API.STREAM.DELETE.RAW",
            "$KV.UPSTREAM.x",
        ],
    ),
    (
        "admin",
        &[
            "raw.top.score",
            "valid.top.score",
            "dlq.fetch.schema.x",
            "run.x.y",
            "$JS.ACK.RAW.validator.1.1.1.1.0",
        ],
    ),
];

/// Publications that must not be refused: the denials above would also hold for a user that may do nothing.
const ALLOWED: [(&str, &[&str]); 8] = [
    (
        "fetcher",
        &[
            "raw.top.score",
            "run.top.score.x",
            "dlq.fetch.too_large.anime",
            "$JS.API.DIRECT.GET.RUN.run.a.b",
            "$KV.UPSTREAM.x",
            "$JS.API.DIRECT.GET.KV_UPSTREAM.$KV.UPSTREAM.x",
        ],
    ),
    ("archiver", &["raw.top.score", "run.archive.1-2", "dlq.fetch.not_json.anime", "$JS.API.DIRECT.GET.DLQ"]),
    (
        "validator",
        &[
            "valid.top.score",
            "dlq.validate.schema.anime",
            "$JS.ACK.RAW.validator.1.1.1.1.0",
            "$JS.ACK.d.a.RAW.validator.1.1.1.1.0",
            "$JS.API.STREAM.MSG.GET.RAW",
            "$JS.API.DIRECT.GET.DLQ",
            "$JS.API.DIRECT.GET.VALID",
            "$JS.API.STREAM.INFO.VALID",
            "$JS.API.CONSUMER.INFO.VALID.loader",
        ],
    ),
    (
        "loader",
        &[
            "dlq.load.db_data.anime",
            "$JS.API.STREAM.INFO.RUN",
            "$JS.API.STREAM.MSG.GET.VALID",
            "$JS.ACK.d.a.RUN.loader.1.1.1.1.0",
            "$JS.API.DIRECT.GET.DLQ",
            "$JS.API.CONSUMER.MSG.NEXT.AUDIT.loader",
            "$JS.ACK.d.a.DLQ.loader.1.1.1.1.0",
        ],
    ),
    (
        "replayer",
        &[
            "raw.top.score",
            "audit.replay",
            "$JS.API.STREAM.INFO.AUDIT",
            "$JS.API.STREAM.MSG.GET.RAW",
            "$JS.API.DIRECT.GET.RUN.run.archive.*",
        ],
    ),
    ("viewer", &["$JS.API.STREAM.LIST", "$JS.API.STREAM.MSG.GET.DLQ", "$JS.API.CONSUMER.INFO.RAW.validator"]),
    (
        "operator",
        &["raw.top.score", "$JS.API.CONSUMER.CREATE.DLQ.mine.dlq.>", "$JS.API.CONSUMER.MSG.NEXT.DLQ.mine"],
    ),
    ("admin", &["$JS.API.STREAM.UPDATE.RAW", "$JS.API.CONSUMER.CREATE.RAW.validator.raw.>"]),
];

struct Tried {
    client: async_nats::Client,
    events: UnboundedReceiver<String>,
}

impl Tried {
    async fn connect(world: &World, user: &str) -> Self {
        let seed = std::fs::read_to_string(world.server.key_file(user)).unwrap();
        let (sender, events) = unbounded_channel();
        let options = ConnectOptions::with_nkey(seed.trim().to_owned()).event_callback(move |event| {
            if let Event::ServerError(error) = event {
                // The receiver lives as long as the connection.
                let _ = sender.send(error.to_string());
            }
            std::future::ready(())
        });
        let client = options.connect(world.server.url()).await.unwrap();
        Self { client, events }
    }

    /// Those of the subjects that the server refused to take.
    async fn refused(&mut self, subjects: &[&str]) -> BTreeSet<String> {
        for subject in subjects.iter().chain([&MARK]) {
            self.client.publish((*subject).to_owned(), "".into()).await.unwrap();
        }
        self.until_refused(MARK).await
    }

    /// The names in the refusals up to that of `mark`.
    async fn until_refused(&mut self, mark: &str) -> BTreeSet<String> {
        let mut refused = BTreeSet::new();
        loop {
            let words = self.events.recv().await.unwrap();
            let Some(name) = words.split('"').nth(1) else { continue };
            if name == mark {
                return refused;
            }
            refused.insert(name.to_owned());
        }
    }
}

#[tokio::test]
async fn nobody_may_do_what_is_not_theirs() {
    let world = World::start().await;
    for (user, denied) in DENIED {
        let refused = Tried::connect(&world, user).await.refused(denied).await;
        assert_eq!(refused, denied.iter().map(|subject| (*subject).to_owned()).collect(), "{user}");
    }
}

#[tokio::test]
async fn everybody_may_do_what_is_theirs() {
    let world = World::start().await;
    for (user, allowed) in ALLOWED {
        assert_eq!(Tried::connect(&world, user).await.refused(allowed).await, BTreeSet::new(), "{user}");
    }
}

#[tokio::test]
async fn nobody_hears_what_is_not_theirs() {
    let world = World::start().await;
    for (user, _) in DENIED {
        let mut tried = Tried::connect(&world, user).await;
        let others = if user == "admin" { "_INBOX.fetcher.>" } else { "_INBOX.admin.>" };
        let own = format!("_INBOX.{user}.x");
        let subjects = [own.as_str(), ">", "raw.>", "_INBOX.>", others, MARK];
        let mut open = Vec::new();
        for subject in subjects {
            open.push(tried.client.subscribe(subject.to_owned()).await.unwrap());
        }
        let refused = tried.until_refused(MARK).await;
        assert_eq!(refused, [">", "raw.>", "_INBOX.>", others].map(str::to_owned).into(), "{user}");
    }
}

#[tokio::test]
async fn a_stranger_does_not_get_in() {
    let world = World::start().await;
    assert!(async_nats::connect(world.server.url()).await.is_err());
}

#[tokio::test]
async fn a_missing_right_latches_readiness_and_is_named_until_the_next_connection() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await;
    let refused = fetcher.client.publish(message("valid.top.score", "x", "x")).await.unwrap_err();
    let PublishError::Unavailable(why) = refused else { panic!("{refused}") };
    assert!(why.remediation.unwrap().contains("valid.top.score"));
    assert!(fetcher.names("valid.top.score") && !fetcher.health.is_ready());
    // What works does not make up for what does not.
    fetcher.client.publish(message("raw.top.score", "x", "x")).await.unwrap();
    assert!(!fetcher.health.is_ready());
    world.server.stop().await.unwrap();
    world.server.start_again().await.unwrap();
    until("a new connection to be ready", || async { fetcher.health.is_ready() }).await;
    assert_eq!(fetcher.client.denied(), None);
}

#[tokio::test]
async fn the_operators_cli_reads_everything_and_takes_nothing() {
    let (Ok(nats), Ok(script)) = (tools::find("nats"), tools::find("script")) else {
        println!("SKIPPED: the nats CLI or script(1) is not installed");
        return;
    };
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    fetcher.publish(message("raw.top.score", "r:1", "one page")).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let key = world.server.key_file("operator").display().to_string();
    let url = world.server.url();
    let common =
        format!("{} --server {url} --nkey {key} --inbox-prefix _INBOX.operator --timeout 2s", nats.display());
    let run = |arguments: &str| {
        // `stream view` wants a terminal; script(1) gives it one.
        let mut command = Command::new(&script);
        command.env_clear().env("HOME", home.path()).env("XDG_CONFIG_HOME", home.path()).env("TERM", "dumb");
        command.args(["-qec", &format!("{common} {arguments}"), "/dev/null"]).stdin(Stdio::null());
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for (arguments, shown) in [
        ("stream ls", "RAW"),
        ("stream info RAW", "Compression"),
        ("stream view RAW", "one page"),
        ("stream get RAW 1", "one page"),
        ("stream subjects RAW", "raw.top.score"),
        ("consumer info RAW validator", "Unprocessed Messages: 1"),
    ] {
        let (ok, output) = run(arguments);
        assert!(ok && output.contains(shown), "nats {arguments}: {output}");
        assert!(!output.contains("violation"), "nats {arguments}: {output}");
    }
    let (ok, output) = run("consumer next RAW validator");
    assert!(!ok && output.contains("ermissions Violation"), "{output}");
    let state = fetcher.consumer_state("RAW", "validator").await.unwrap();
    assert_eq!((state.num_pending, state.num_ack_pending), (1, 0), "the page is still the validator's");
}
