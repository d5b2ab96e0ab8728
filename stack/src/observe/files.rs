//! The files of a run: links to the repository's own, beside what is true of this machine alone, the addresses.

use std::{
    fmt::Write as _,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::{ports::Ports, programs::Found};
use crate::up::{
    folders::{Folders, write_private},
    state::Ports as Watched,
};

/// The address in the repository's files of the receiver.
const SLACK: &str = "127.0.0.1:7499";

/// Names a file with the address of a webhook in the place of the receiver's.
const SLACK_URL_FILE: &str = "KANSOKU_SLACK_URL_FILE";
/// Where the readers of messages reach Grafana, in the place of its address on this machine.
const GRAFANA_URL: &str = "KANSOKU_GRAFANA_URL";

/// Lays out `prometheus/` and `alertmanager/`.
pub fn write(folders: &Folders, ports: &Ports, found: &Found) -> Result<()> {
    let (own, files) = (folders.observe().data, folders.root.join("observability"));
    for folder in ["prometheus/targets", "prometheus/alertmanagers", "alertmanager", "log"] {
        std::fs::create_dir_all(own.join(folder)).with_context(|| format!("make the folder {folder}"))?;
    }
    let (prometheus, alertmanager) = (own.join("prometheus"), own.join("alertmanager"));
    link(&files.join("prometheus/prometheus.yaml"), &prometheus.join("prometheus.yaml"))?;
    link(&files.join("prometheus/rules"), &prometheus.join("rules"))?;
    let targets = targets(&Watched::of(folders)?, ports, found);
    write_private(&prometheus.join("targets/here.yaml"), &targets)?;
    let receivers = format!("- targets: [\"127.0.0.1:{}\"]\n", ports.alertmanager);
    write_private(&prometheus.join("alertmanagers/here.yaml"), &receivers)?;

    let url = match std::env::var_os(SLACK_URL_FILE) {
        Some(given) => checked(Path::new(&given))?,
        None => {
            let url = alertmanager.join("slack_url");
            write_private(&url, &format!("http://127.0.0.1:{}/", ports.slack))?;
            url
        }
    };
    let own_files = files.join("alertmanager");
    let routes = own_files.join("alertmanager.yaml");
    let text = std::fs::read_to_string(&routes).with_context(|| format!("read {}", routes.display()))?;
    write_private(&alertmanager.join("alertmanager.yaml"), &addressed(&text, &url, ports))?;
    link(&own_files.join("slack.tmpl"), &alertmanager.join("slack.tmpl"))?;
    let given = std::env::var_os(GRAFANA_URL).map(|given| given.to_string_lossy().into_owned());
    let grafana = grafana(given.as_deref(), ports)?;
    write_private(&alertmanager.join("grafana.tmpl"), &grafana)
}

/// Each job with where it answers.
fn targets(watched: &Watched, ports: &Ports, found: &Found) -> String {
    let mut jobs = vec![
        ("fetcher", watched.fetcher),
        ("archive", watched.archive),
        ("validator", watched.validator),
        ("loader", watched.loader),
        ("replayer", watched.replayer),
        ("query-api", watched.query_api_admin),
        ("prometheus", ports.prometheus),
        ("alertmanager", ports.alertmanager),
    ];
    jobs.extend(found.collector.is_some().then_some(("collector", ports.collector)));
    jobs.into_iter().fold(String::new(), |mut text, (job, port)| {
        let _ =
            writeln!(text, "- labels: {{ job: {job}, instance: {job} }}\n  targets: [\"127.0.0.1:{port}\"]");
        text
    })
}

/// Alertmanager's configuration with the addresses of this machine: it takes none from its environment.
fn addressed(text: &str, url: &Path, ports: &Ports) -> String {
    let slack = format!("127.0.0.1:{}", ports.slack);
    let with_file = text.lines().map(|line| match line.split_once("slack_api_url_file:") {
        Some((indent, _)) => format!("{indent}slack_api_url_file: {:?}\n", url.display().to_string()),
        None => line.replace(SLACK, &slack) + "\n",
    });
    with_file.collect()
}

/// The template that says where the links of messages find Grafana.
fn grafana(given: Option<&str>, ports: &Ports) -> Result<String> {
    let url = match given.filter(|given| !given.is_empty()) {
        // As it is parsed: braces and quotes, which would end the template, are encoded.
        Some(given) => web_address(given)
            .with_context(|| {
                format!("{GRAFANA_URL} is {given:?}, which is no address (https://grafana.example.org)")
            })?
            .to_string(),
        None => format!("http://127.0.0.1:{}", ports.grafana),
    };
    Ok(format!("{{{{ define \"kansoku.grafana\" }}}}{}{{{{ end }}}}\n", url.trim_end_matches('/')))
}

fn web_address(text: &str) -> Option<url::Url> {
    let url = url::Url::parse(text).ok()?;
    (["http", "https"].contains(&url.scheme())
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none())
    .then_some(url)
}

/// The file that the environment names, when an address is in it. What is in it is a secret, and is never shown.
fn checked(file: &Path) -> Result<PathBuf> {
    let said = || format!("{SLACK_URL_FILE} names {}", file.display());
    let text = std::fs::read_to_string(file).with_context(|| format!("{}, which cannot be read", said()))?;
    let url = url::Url::parse(text.trim()).ok();
    if !url.is_some_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host()) {
        bail!(
            "{}, in which there is no address of a webhook (https://hooks.slack.com/services/…, and nothing else)",
            said()
        );
    }
    std::path::absolute(file).with_context(said)
}

fn link(to: &Path, at: &Path) -> Result<()> {
    match std::fs::remove_file(at) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => std::os::unix::fs::symlink(to, at),
    }
    .with_context(|| format!("link {} to {}", at.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_address_is_refused_and_its_content_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("slack");
        let gone = format!("{:#}", checked(&file).unwrap_err());
        assert!(gone.contains("which cannot be read"), "{gone}");
        for bad in ["", "T000/B000/s3cret", "file:///s3cret", "https://"] {
            std::fs::write(&file, bad).unwrap();
            let said = format!("{:#}", checked(&file).unwrap_err());
            assert!(said.contains(file.to_str().unwrap()) && !said.contains("s3cret"), "{said}");
        }
        std::fs::write(&file, "https://hooks.slack.com/services/T000/B000/s3cret\n").unwrap();
        assert_eq!(checked(&file).unwrap(), file);
    }

    #[test]
    fn links_of_messages_lead_to_the_grafana_that_is_named_or_to_the_one_here() {
        let ports = Ports { grafana: 7440, ..Ports::default() };
        let said = |given: Option<&str>| grafana(given, &ports).unwrap();
        let template = |url: &str| format!("{{{{ define \"kansoku.grafana\" }}}}{url}{{{{ end }}}}\n");
        assert_eq!(said(None), template("http://127.0.0.1:7440"));
        assert_eq!(said(Some("")), template("http://127.0.0.1:7440"));
        assert_eq!(said(Some("https://grafana.example.org/")), template("https://grafana.example.org"));
        assert_eq!(said(Some("https://example.org/g")), template("https://example.org/g"));
        assert_eq!(
            said(Some("https://example.org/{{ . }}")),
            template("https://example.org/%7B%7B%20.%20%7D%7D")
        );
        for bad in
            ["grafana", "ftp://example.org", "https://", "https://example.org/?a=b", "https://example.org/#a"]
        {
            let refused = format!("{:#}", grafana(Some(bad), &ports).unwrap_err());
            assert!(refused.starts_with("KANSOKU_GRAFANA_URL is ") && refused.contains(bad), "{refused}");
        }
    }

    /// What is written in its place at a start says the same as the repository's own, where all ports are the usual ones.
    #[test]
    fn the_usual_grafana_is_what_the_repository_says() {
        let own = crate::tools::root().join("observability/alertmanager/grafana.tmpl");
        assert_eq!(grafana(None, &Ports::default()).unwrap(), std::fs::read_to_string(own).unwrap());
    }

    #[test]
    fn alertmanager_gets_this_machines_addresses() {
        let ports = Ports { slack: 7500, ..Ports::default() };
        let text =
            "global:\n  slack_api_url_file: /etc/x\nreceivers:\n  - url: http://127.0.0.1:7499/watchdog\n";
        let expected =
            "global:\n  slack_api_url_file: \"/a b\"\nreceivers:\n  - url: http://127.0.0.1:7500/watchdog\n";
        assert_eq!(addressed(text, Path::new("/a b"), &ports), expected);
    }
}
