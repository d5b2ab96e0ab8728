//! `stack env`: the addresses of an installation, for a shell.

use anyhow::Result;

use super::{
    folders::Folders,
    progress::Progress,
    state::{Ports, password},
    tls::{self, Certificates},
};
use crate::{nats, tls::Files};

/// Prints the addresses as shell assignments.
pub fn print(folders: &Folders) -> Result<()> {
    if !folders.data.join("ports.json").is_file() {
        anyhow::bail!("nothing was set up here yet; `make up` does");
    }
    let ports = Ports::of(folders)?;
    let http = |port: u16| format!("http://127.0.0.1:{port}");
    let files = Certificates::of(folders).map(|all| all.client("operator"));
    let (nats, redis) = if files.is_some() { ("tls", "rediss") } else { ("nats", "redis") };
    let database = files.as_ref().map(|files| format!("?{}", files.of_postgres())).unwrap_or_default();
    let mut values = vec![
        ("KANSOKU_URL", tls::api(folders, &ports)),
        ("KANSOKU_FETCHER_URL", http(ports.fetcher)),
        ("KANSOKU_VALIDATOR_URL", http(ports.validator)),
        ("KANSOKU_LOADER_URL", http(ports.loader)),
        ("KANSOKU_ARCHIVE_URL", http(ports.archive)),
        ("KANSOKU_REPLAYER_URL", http(ports.replayer)),
        ("KANSOKU_ADMIN_URL", http(ports.query_api_admin)),
        ("NATS_URL", format!("{nats}://127.0.0.1:{}", ports.nats)),
        ("NATS_MONITOR_URL", http(ports.nats_monitor)),
        ("NATS_NKEY", nats::key_file(&folders.nats(), "operator").display().to_string()),
        // The operator may listen on inboxes of its own only, and no variable but this one tells the CLI their prefix.
        ("NATS_CONTEXT", folders.nats().join("operator.json").display().to_string()),
        (
            "DATABASE_URL",
            format!(
                "postgres://kansoku:{}@127.0.0.1:{}/kansoku{database}",
                password(folders)?,
                ports.postgres
            ),
        ),
        ("REDIS_URL", format!("{redis}://127.0.0.1:{}/", ports.redis)),
        ("JIKAN_SIM_URL", format!("{}/v4", http(ports.jikan_sim))),
        // Not KANSOKU_DATA, which tells every checkout's commands what to act on.
        ("KANSOKU_DATA_DIR", folders.data.display().to_string()),
        ("KANSOKU_SCHEMAS_DIR", folders.schemas().display().to_string()),
        ("KANSOKU_POSTGRES_DIR", folders.postgres().display().to_string()),
    ];
    if let Some(Files { ca, cert, key }) = files {
        let named = [("KANSOKU_TLS_CA", ca), ("KANSOKU_TLS_CERT", cert), ("KANSOKU_TLS_KEY", key)];
        values.extend(named.map(|(name, file)| (name, file.display().to_string())));
    }
    let stopped = "# not running now; `make up` starts it\n";
    let note = if Progress::running(folders).is_none() { stopped } else { "" };
    Ok(kansoku_service::print(&format!("{note}{}", assignments(&values)))?)
}

/// One assignment a line, and then the names, so that the programs that are started from there have them too.
fn assignments(values: &[(&str, String)]) -> String {
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let lines: String = values.iter().map(|(name, value)| format!("{name}={}\n", quoted(value))).collect();
    format!("{lines}export {}\n", names.join(" "))
}

/// A word that a shell reads as it is, whatever is in it.
pub(super) fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/:@._-".contains(&byte);
    if value.bytes().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_every_value_as_it_is() {
        assert_eq!(quoted("http://127.0.0.1:7400"), "http://127.0.0.1:7400");
        for value in ["a b", "it's", r#"a"b\c$HOME`id`"#, "観測;rm", "two\nlines", "~/x", "a#b", "*"] {
            let script = r#"eval "$1"; printf %s "$NAME""#;
            let assigned = format!("NAME={}", quoted(value));
            let read = Command::new("sh").args(["-c", script, "sh", &assigned]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&read.stdout), value);
        }
    }

    #[test]
    fn what_is_started_from_that_shell_has_the_values_too() {
        let text = assignments(&[("ONE", "a b".to_owned()), ("TWO", "it's".to_owned())]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("env");
        std::fs::write(&file, &text).unwrap();
        for script in ["eval \"$1\"", ". \"$2\""] {
            let script = format!("{script}; exec sh -c 'printf %s \"$ONE/$TWO\"'");
            let read = Command::new("sh")
                .args(["-c", &script, "sh", &text])
                .arg(&file)
                .env_clear()
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&read.stdout), "a b/it's", "{script}");
        }
    }
}
