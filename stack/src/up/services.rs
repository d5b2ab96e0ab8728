//! Our services: their configuration files and how each is started.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::{
    folders::{Folders, write_private},
    source::Source,
    state::Ports,
    tls::Certificates,
};
use crate::{
    child::{Child, Signal, Start},
    nats,
    tls::Files,
};

/// How long making the streams may take.
const TOPOLOGY: Duration = Duration::from_secs(60);

/// Where the servers answer.
#[derive(Debug)]
pub struct Addresses {
    /// `nats://…`
    pub nats: String,
    /// `postgres://…`, with the password.
    pub postgres: String,
    /// `redis://…`
    pub redis: String,
    /// What each service shows there, with TLS.
    pub certificates: Option<Certificates>,
}

impl Addresses {
    fn files(&self, service: &str) -> Option<Files> {
        self.certificates.as_ref().map(|all| all.client(service))
    }

    /// The keys of a section that says how a service speaks TLS.
    fn section(&self, service: &str) -> String {
        self.files(service).map(|files| files.of_section()).unwrap_or_default()
    }

    fn postgres(&self, service: &str) -> String {
        let tls = self.files(service).map(|files| format!("?{}", files.of_postgres())).unwrap_or_default();
        format!("[postgres]\nurl = {:?}\n", self.postgres.clone() + &tls)
    }
}

/// One program of ours that the supervisor keeps running.
#[derive(Debug)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Port and path that answer 200 when it is ready.
    pub ready: (u16, &'static str),
    pub(crate) file: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// What it has in its environment besides ours.
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) log: PathBuf,
}

impl Program {
    /// With one more argument, after its own.
    #[must_use]
    pub fn arg(mut self, argument: String) -> Self {
        self.arguments.push(argument);
        self
    }

    /// Starts it.
    pub fn start(&self) -> Result<Child> {
        let mut command = Command::new(&self.file);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        Child::start(Start { name: self.name, command, log: self.log.clone(), user: None, end: Signal::TERM })
    }
}

/// Writes the configuration files, and says how to start each program, in the order the data flows.
pub fn programs(folders: &Folders, ports: &Ports, addresses: &Addresses) -> Result<Vec<Program>> {
    let nats = |service: &str| {
        let user = if service == "archive" { "archiver" } else { service };
        let key = nats::key_file(&folders.nats(), user);
        let (url, key, monitor) = (&addresses.nats, key.display().to_string(), ports.nats_monitor);
        let first = if addresses.certificates.is_some() { "tls_first = true\n" } else { "" };
        let tls = addresses.section(service);
        format!("[nats]\nurl = {url:?}\nnkey_file = {key:?}\nmonitor = \"127.0.0.1:{monitor}\"\n{tls}{first}")
    };
    let listen = |port: u16| format!("[http]\nlisten = \"127.0.0.1:{port}\"\n");
    let admin = format!("[admin]\nlisten = \"127.0.0.1:{}\"\n", ports.query_api_admin);
    let postgres = |service: &str| addresses.postgres(service);
    let redis = format!("[redis]\nurl = {:?}\n{}", addresses.redis, addresses.section("query-api"));
    let https = addresses.certificates.as_ref().map(|all| {
        let Files { cert, key, .. } = all.server("api");
        let (cert, key) = (cert.display().to_string(), key.display().to_string());
        format!("tls_cert = {cert:?}\ntls_key = {key:?}\n")
    });
    let web = format!("[web]\ndir = {:?}\n", folders.root.join("web/dist").display().to_string());
    let keep = format!("[keep]\ndir = {:?}\n", folders.archive().display().to_string());
    let schemas = format!("[schemas]\noverlay = {:?}\n", folders.schemas().display().to_string());
    let archived = "[raw]\narchived = true\n".to_owned();
    let source = Source::of(folders)?;
    let upstream = source.fetcher(ports);
    let files = [
        ("fetcher", [listen(ports.fetcher), nats("fetcher"), archived.clone(), upstream].concat()),
        ("archive", [listen(ports.archive), nats("archive"), keep].concat()),
        ("validator", [listen(ports.validator), nats("validator"), schemas.clone()].concat()),
        ("loader", [listen(ports.loader), nats("loader"), postgres("loader")].concat()),
        (
            "replayer",
            [listen(ports.replayer), nats("replayer"), postgres("replayer"), schemas.clone(), archived]
                .concat(),
        ),
        (
            "query-api",
            [
                https.unwrap_or_default(),
                listen(ports.query_api),
                admin,
                postgres("query-api"),
                redis,
                schemas,
                web,
                source.calendar(),
            ]
            .concat(),
        ),
    ];
    for (service, text) in &files {
        let variable = service.to_uppercase().replace('-', "_");
        let note = format!(
            "# Written anew at each start. Other values come from the environment: {variable}_<SECTION>__<KEY>=… make up\n"
        );
        write_private(&folders.service_config(service), &(note + text))?;
    }
    let program = |name: &'static str, arguments: Vec<String>| {
        let file = folders.programs.join(name);
        if !file.is_file() {
            bail!("{} is not there; `make build` builds it", file.display());
        }
        let ready = ready(name, ports).with_context(|| format!("{name} has no page of its health"))?;
        Ok(Program { name, ready, file, arguments, environment: Vec::new(), log: folders.log(name) })
    };
    let config =
        |service: &str| vec!["--config".to_owned(), folders.service_config(service).display().to_string()];
    let simulator = source.simulator(ports);
    let simulator = simulator.map(|arguments| program("jikan-sim", arguments));
    let services = [
        program("fetcher", [config("fetcher"), vec!["run".to_owned()]].concat())?,
        program("archive", [config("archive"), vec!["keep".to_owned()]].concat())?,
        program("validator", config("validator"))?,
        program("loader", config("loader"))?,
        program("replayer", config("replayer"))?,
        program("query-api", config("query-api"))?,
    ];
    Ok(simulator.transpose()?.into_iter().chain(services).collect())
}

/// Port and path that answer 200 when a process is ready; `None` for one that speaks no HTTP.
pub fn ready(process: &str, ports: &Ports) -> Option<(u16, &'static str)> {
    Some(match process {
        "nats-server" => (ports.nats_monitor, "/healthz"),
        "jikan-sim" => (ports.jikan_sim, "/livez"),
        "fetcher" => (ports.fetcher, "/readyz"),
        "archive" => (ports.archive, "/readyz"),
        "validator" => (ports.validator, "/readyz"),
        "loader" => (ports.loader, "/readyz"),
        "replayer" => (ports.replayer, "/readyz"),
        "query-api" => (ports.query_api_admin, "/readyz"),
        _ => return None,
    })
}

/// Makes streams and consumers as the admin user, by the project's own command.
pub async fn apply_topology(folders: &Folders, server: &nats::Options) -> Result<()> {
    let mut command = Command::new(folders.programs.join("topology"));
    command.args(["apply", "--url", &server.url(), "--nkey-file"]).arg(server.key_file("admin"));
    if let Some(Files { ca, cert, key }) = server.tls.as_ref().map(|tls| &tls.client) {
        command
            .arg("--tls-ca")
            .arg(ca)
            .arg("--tls-cert")
            .arg(cert)
            .arg("--tls-key")
            .arg(key)
            .arg("--tls-first");
    }
    let log = folders.log("topology");
    // A child of ours, so that it ends with us when the start is interrupted.
    let mut made = Child::start(Start { name: "topology", command, log, user: None, end: Signal::TERM })?;
    let status = made.wait(TOPOLOGY).await.context("run topology apply")?;
    if !status.success() {
        bail!("topology apply: {}", made.tail().trim());
    }
    Ok(())
}

/// Writes the context of the operator for `bin/nats`.
pub fn write_context(folders: &Folders, server: &nats::Options) -> Result<()> {
    let files = Certificates::of(folders).map(|all| all.client("operator"));
    let (ca, cert, key) = files.map(|Files { ca, cert, key }| (ca, cert, key)).unwrap_or_default();
    let context = json!({
        "description": "Kansoku, as operator: reads everything, takes nothing away",
        "url": server.url(),
        "nkey": server.key_file("operator"),
        "inbox_prefix": "_INBOX.operator",
        "ca": ca,
        "cert": cert,
        "key": key,
        "tls_first": server.tls.is_some(),
    });
    write_private(&folders.nats().join("operator.json"), &serde_json::to_string_pretty(&context)?)
}
