//! `make up TLS=1`: nothing is said in the clear, certificates are replaced while everything runs, and whoever shows or trusts
//! the wrong one is told. Minutes long: `make tls-test` runs it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kansoku_stack::{
    process::{get, programs},
    tls::{
        Files,
        probe::{Begin, shown},
    },
    until,
    up::{state::Ports, tls::Certificates},
};

use crate::{
    installation::{Installation, LIMIT},
    sniffer::{Seen, Sniffer},
};

/// What is said on each port when nothing hides it.
const WORDS: [(&str, &[&str]); 4] = [
    ("nats-server", &["CONNECT {", "$JS.API.", "raw.top.score", "\"mal_id\"", "\"titles\""]),
    ("postgres", &["statement_timeout", "select ", "insert into "]),
    ("redis-server", &["kansoku:response", "redis.call"]),
    ("api", &["GET /api/v1/", "HTTP/1.1 200 OK", "\"captured_at\""]),
];

fn port(ports: &Ports, name: &str) -> u16 {
    match name {
        "nats-server" => ports.nats,
        "postgres" => ports.postgres,
        "redis-server" => ports.redis,
        _ => ports.query_api,
    }
}

fn begin(name: &str) -> Begin {
    if name == "postgres" { Begin::AsPostgres } else { Begin::AtOnce }
}

/// How often a word was seen.
fn count(seen: &[u8], word: &str) -> usize {
    seen.windows(word.len()).filter(|part| *part == word.as_bytes()).count()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A program of ours in this installation's place.
fn program(here: &Installation, name: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(programs().unwrap().join(name));
    command.args(arguments).env("KANSOKU_TOKEN_FILE", here.folder().join("operator.token"));
    if name == "kansoku" {
        let env = here.says(&["env"]);
        let value = |wanted: &str| {
            let line = env.lines().find_map(|line| line.strip_prefix(&format!("{wanted}=")));
            line.map(|value| value.trim_matches('\'').replace(r"'\''", "'"))
        };
        command.env("KANSOKU_API_URL", value("KANSOKU_URL").unwrap());
        if let Some(ca) = value("KANSOKU_TLS_CA") {
            command.env("KANSOKU_TLS_CA", ca);
        }
    } else {
        command.arg("--config").arg(here.folder().join(format!("config/{name}.toml")));
    }
    command.output().unwrap()
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// One capture from the upstream to the charts, asked for by hand.
fn capture(here: &Installation) {
    succeeds(&program(here, "fetcher", &["once", "top.score", "--pages", "1"]));
    let runs = succeeds(&program(here, "kansoku", &["runs", "--json", "--limit", "1"]));
    assert!(runs.contains("top.score"), "{runs}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "two whole installations one after the other: make tls-test"]
async fn nothing_is_said_in_the_clear_and_certificates_are_replaced() {
    let here = Installation::new();
    let ports = here.ports();
    let watched = WORDS.map(|(name, _)| port(&ports, name));
    let Some(sniffer) = Sniffer::on(&watched) else {
        eprintln!("SKIPPED: only root may read what goes over a network");
        return;
    };
    let said = here.says(&["up", "--days", "1", "--tls", "true"]);
    assert!(said.contains(&format!("Kansoku is up: https://127.0.0.1:{}", ports.query_api)), "{said}");
    assert!(here.says(&["status"]).starts_with("Kansoku is ready: https://"));
    capture(&here);
    let seen = sniffer.seen();
    for (name, _) in WORDS {
        let seen = &seen[&port(&ports, name)];
        assert!(seen.len() > 1_000, "nothing was seen of {name}: {} bytes", seen.len());
        for word in WORDS.iter().flat_map(|(_, words)| *words) {
            assert_eq!(count(seen, word), 0, "{name} says {word:?} in the clear");
        }
    }
    replaced(&here, &ports).await;
    told(&here, &ports).await;

    // The same without TLS: who listens like this does hear.
    let sniffer = Sniffer::on(&watched).unwrap();
    let said = here.says(&["up", "--tls", "false"]);
    assert!(said.contains(&format!("Kansoku is up: http://127.0.0.1:{}", ports.query_api)), "{said}");
    capture(&here);
    let seen = sniffer.seen();
    assert_eq!(unheard(&seen, &ports), Vec::<String>::new());
}

/// The words of each port that were not heard on it.
fn unheard(seen: &Seen, ports: &Ports) -> Vec<String> {
    let words = WORDS.iter().flat_map(|(name, words)| words.iter().map(move |word| (*name, *word)));
    let unheard = words.filter(|(name, word)| count(&seen[&port(ports, name)], word) == 0);
    unheard.map(|(name, word)| format!("{name}: {word}")).collect()
}

fn certificates(here: &Installation) -> Certificates {
    let folders = kansoku_stack::up::folders::Folders {
        root: PathBuf::new(),
        data: here.folder().to_path_buf(),
        programs: PathBuf::new(),
    };
    Certificates::of(&folders).unwrap()
}

async fn all_shown(ports: &Ports, client: &Files) -> BTreeMap<&'static str, Vec<u8>> {
    let mut all = BTreeMap::new();
    for (name, _) in WORDS {
        all.insert(name, shown(port(ports, name), begin(name), &client.named()).await.unwrap());
    }
    all
}

/// New certificates are shown by everything, and nothing is restarted for it.
async fn replaced(here: &Installation, ports: &Ports) {
    let client = certificates(here).client("supervisor");
    let (before, pids) = (all_shown(ports, &client).await, here.pids());
    let said = here.says(&["renew-certificates"]);
    assert!(said.contains("nothing was restarted"), "{said}");
    let after = all_shown(ports, &client).await;
    for (name, certificate) in &before {
        assert_ne!(certificate, &after[name], "{name} shows its old certificate");
    }
    capture(here);
    assert_eq!(here.pids(), pids);
    assert!(here.says(&["status"]).starts_with("Kansoku is ready: https://"));
}

/// Who shows nothing, or trusts somebody else, does not get in, and reads why.
async fn told(here: &Installation, ports: &Ports) {
    let other = tempfile::tempdir().unwrap();
    stranger(other.path());
    let own = certificates(here).client("loader");
    let strangers = Files::new(other.path(), "stranger");
    for (name, _) in WORDS.iter().filter(|(name, _)| *name != "api") {
        let trusting = Files { ca: strangers.ca.clone(), ..own.clone() }.named();
        let refused = shown(port(ports, name), begin(name), &trusting).await.unwrap_err();
        assert!(format!("{refused:#}").contains("signed by an authority that is not trusted"), "{refused:#}");
    }
    let config = std::fs::read_to_string(here.folder().join("config/fetcher.toml")).unwrap();
    let path = |file: &Path| file.display().to_string();
    for (from, to, words) in [
        (
            path(&certificates(here).client("fetcher").ca),
            path(&strangers.ca),
            &["with TLS: the server: its certificate is signed by an authority", "nats.tls_"][..],
        ),
        (
            path(&certificates(here).client("fetcher").key),
            path(&strangers.key),
            &["nats.tls_key: ", "is the key of another certificate than"],
        ),
        (
            path(&certificates(here).client("fetcher").cert),
            "/nowhere.crt".to_owned(),
            &["nats.tls_cert: ", "/nowhere.crt"],
        ),
    ] {
        let file = other.path().join("fetcher.toml");
        std::fs::write(&file, config.replace(&format!("{from:?}"), &format!("{to:?}"))).unwrap();
        let mut command = Command::new(programs().unwrap().join("fetcher"));
        let output = command.arg("--config").arg(&file).args(["once", "top.score"]).output().unwrap();
        let said = text(&output.stderr);
        assert!(!output.status.success() && words.iter().all(|word| said.contains(word)), "{said}");
    }
    let env = [("KANSOKU_TLS_CA", path(&strangers.ca))];
    let mut command = Command::new(programs().unwrap().join("kansoku"));
    command.arg("runs").arg("--api").arg(format!("https://127.0.0.1:{}", ports.query_api)).envs(env);
    let said = text(&command.output().unwrap().stderr);
    assert!(said.contains("--tls-ca"), "{said}");
    let numbers = || async {
        let (_, text) = get(ports.loader, "/metrics").await.unwrap();
        text.contains("kansoku_certificate_expiration_timestamp_seconds{certificate=\"nats.tls_cert\"}")
            && text.contains("certificate=\"postgres.url sslcert\"")
    };
    until("the ends of certificates among the numbers", LIMIT, numbers).await.unwrap();
}

/// The files of another authority.
fn stranger(folder: &Path) {
    use kansoku_stack::tls::authority::{Authority, Usage};
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let authority = Authority::ensure(folder, now).unwrap();
    let signed = authority.sign("stranger", Usage::Client, now, chrono::TimeDelta::days(3_000)).unwrap();
    std::fs::write(folder.join("stranger.crt"), signed.cert).unwrap();
    std::fs::write(folder.join("stranger.key"), signed.key).unwrap();
}
