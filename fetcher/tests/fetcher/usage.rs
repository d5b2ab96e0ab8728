//! What is refused before anything is connected: arguments, configuration, paths.

use std::ffi::OsStr;

use tempfile::TempDir;

use crate::world::{Said, end, fetcher};

async fn said<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Said {
    end(fetcher(arguments)).await
}

async fn configured(config: &str) -> Said {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("fetcher.toml");
    std::fs::write(&file, config).unwrap();
    said(["--config".as_ref(), file.as_os_str(), "--check".as_ref(), "run".as_ref()]).await
}

#[tokio::test]
async fn a_configuration_that_will_not_do_is_refused_by_its_key() {
    for (config, words) in [
        (
            "[client]\nintervall_ms = 5",
            &["client.intervall_ms: unknown key; known here: interval_ms", "fetcher.toml"][..],
        ),
        ("[client]\nattempts = \"many\"", &["client.attempts: ", "fetcher.toml"]),
        ("[client]\nattempts = 0", &["client.attempts: must be at least 1", "fetcher.toml"]),
        (
            "[[schedule]]\ndataset = \"top.best\"\ncron = \"0 3 * * *\"",
            &["schedule.0.dataset: ", "top.best", "top.score"],
        ),
        (
            "[[schedule]]\ndataset = \"genres\"\ncron = \"daily\"",
            &["schedule.0.cron: ", "\"daily\" is no cron expression", "0 3 * * *"],
        ),
        (
            "[[schedule]]\ndataset = \"top.members\"\ncron = \"* * * * *\"\npages = 100",
            &["schedule: sends 144000 requests on its busiest day, and 40000 are allowed"],
        ),
        ("[[schedule]]\ndataset = \"anime\"\ncron = \"0 3 * * *\"", &["schedule[0].dataset: "]),
        ("upstream = []", &["upstream: at least one base URL"]),
        ("[nats]\nurl = \"\"", &["nats.url: ", "nats://127.0.0.1:7422"]),
        ("[nats]\nurl = \"nats://a:1, \"", &["nats.url: "]),
        (
            "[[upstream]]\nurl = \"here\"\nsource = \"s\"\ncatalogue = \"mal\"",
            &["upstream[0].url: \"here\" is no http address"],
        ),
        (
            "[[upstream]]\nurl = \"http://u:geheim@h/v4\"\nsource = \"s\"\ncatalogue = \"mal\"",
            &["upstream[0].url: a name and a password in an address"],
        ),
        (
            "[[upstream]]\nurl = \"http://h/v4\"\nsource = \"観測\"\ncatalogue = \"mal\"",
            &["upstream[0].source: "],
        ),
        (
            "[[upstream]]\nurl = \"http://h/v4\"\nsource = \"s\"\ncatalogue = \"anidb\"",
            &["anidb", "mal", "sample"],
        ),
        ("[nats", &["fetcher.toml", "line 1"]),
    ] {
        configured(config).await.fails(64, words);
    }
    let mut command = fetcher(["--check", "run"]);
    command.env("FETCHER_NATS__UURL", "nats://x");
    end(command)
        .await
        .fails(64, &["nats.uurl: unknown key; known here: url, nkey_file", "FETCHER_NATS__UURL"]);
    said(["--config", "/nowhere.toml", "run"]).await.fails(64, &["/nowhere.toml", "No such file"]);
    let fine = configured("[client]\nattempts = 2").await;
    assert_eq!((fine.code, fine.out.as_str()), (Some(0), "the configuration of fetcher is valid\n"));
}

#[tokio::test]
async fn a_configuration_can_be_looked_at_without_a_command_and_shows_no_password() {
    let checked = said(["--check"]).await;
    assert_eq!((checked.code, checked.out.as_str()), (Some(0), "the configuration of fetcher is valid\n"));
    let mut command = fetcher(["--print-config"]);
    command.env("FETCHER_NATS__URL", "nats://user:word@127.0.0.1:7422,nats://token@h");
    let shown = end(command).await;
    assert!(shown.out.contains("nats://user:***@127.0.0.1:7422,nats://***@h"), "{shown:?}");
    said(["--config", "x.toml"]).await.fails(2, &["say what to do", "once", "Usage: fetcher "]);
    assert!(said(["--version"]).await.out.starts_with("fetcher "));
    assert!(
        !said(["once", "top.best"]).await.err.contains("anime, history"),
        "what once refuses is not known to it"
    );
}

#[tokio::test]
async fn arguments_that_will_not_do_are_named() {
    for (arguments, words) in [
        (&["once", "top.best"][..], &["top.best", "known: top.score"][..]),
        (&["once", "anime"], &["anime is no list of an upstream", "archive import", "lists: top.score"]),
        (&["once", "history"], &["history is no list of an upstream"]),
        (&["runs", "--limit", "0"], &["--limit", "0 is not in 1.."]),
        (&["once"], &["DATASETS"]),
        (&["once", "genres", "--pages", "0"], &["--pages"]),
        (&["once", "genres", "--source", "x"], &["--base-url"]),
    ] {
        said(arguments).await.fails(2, words);
    }
    for (arguments, words) in [
        (&["once", "genres", "--base-url", "here"][..], &["--base-url: \"here\" is no http address"][..]),
        (
            &["once", "genres", "--base-url", "http://h/v4", "--source", "観測"],
            &["--source: must be printable ASCII"],
        ),
    ] {
        said(arguments).await.fails(1, words);
    }
}
