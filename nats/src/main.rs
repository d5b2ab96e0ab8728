//! `topology`: the streams, consumers and server configuration of Kansoku, from the files that ship with it.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use kansoku_nats::{Settings, keys, server_conf, topology};
use kansoku_service::TlsFiles;

/// Makes NATS what Kansoku needs it to be.
#[derive(Parser)]
#[command(name = "topology", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Create and update streams and consumers; refuse what would lose data.
    Apply(Server),
    /// Show what `apply` would do; exit code 2 when there is anything.
    Diff(Server),
    /// Make the users' keys that are not there yet, and print the public ones.
    Keys {
        /// The folder of the seed files.
        #[arg(long, value_name = "DIR")]
        keys: PathBuf,
    },
    /// Write the configuration of nats-server, making the users' keys where they are missing.
    ServerConf(ServerConf),
}

#[derive(Args)]
struct Server {
    /// The server's address.
    #[arg(long, default_value = "nats://127.0.0.1:7422")]
    url: String,
    /// The file with the seed of the user `admin`.
    #[arg(long, value_name = "FILE")]
    nkey_file: Option<PathBuf>,
    #[command(flatten)]
    tls: Tls,
    /// The server begins with TLS (`handshake_first`).
    #[arg(long)]
    tls_first: bool,
    /// Another size for a stream, e.g. `RAW=9000000000`.
    #[arg(long, value_name = "STREAM=BYTES", value_parser = size)]
    max_bytes: Vec<(String, u64)>,
    /// Another ack_wait for every consumer, in seconds.
    #[arg(long, value_name = "SECONDS")]
    ack_wait: Option<u64>,
    /// On how many servers of a cluster each stream is kept: 1, 3 or 5.
    #[arg(long, value_name = "N", value_parser = replicas)]
    replicas: Option<u8>,
}

// A text that begins with hyphens is ours to refuse: clap would repeat it.
#[derive(Args)]
struct Tls {
    /// The authority that signed what the other side shows.
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    tls_ca: Option<PathBuf>,
    /// The certificate to show.
    #[arg(long, value_name = "FILE", requires = "tls_key", allow_hyphen_values = true)]
    tls_cert: Option<PathBuf>,
    /// The key of that.
    #[arg(long, value_name = "FILE", requires = "tls_cert", allow_hyphen_values = true)]
    tls_key: Option<PathBuf>,
}

#[derive(Args)]
struct ServerConf {
    /// The folder of the seed files.
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// Where the server keeps its streams.
    #[arg(long, value_name = "DIR")]
    store_dir: PathBuf,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    listen: String,
    /// The port for clients.
    #[arg(long, default_value_t = 7422)]
    port: u16,
    /// The port of the monitoring pages.
    #[arg(long, default_value_t = 7423)]
    monitor_port: u16,
    /// On how many servers of a cluster a stream may be kept: 1, 3 or 5.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = replicas)]
    replicas: u8,
    #[command(flatten)]
    tls: Tls,
    /// The file to write; standard output when absent.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("topology: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Apply(server) => {
            let (settings, overrides) = server.split()?;
            print(&topology::apply(&settings, &overrides).await?);
        }
        Command::Diff(server) => {
            let (settings, overrides) = server.split()?;
            let changes = topology::diff(&settings, &overrides).await?;
            print(&changes);
            if !changes.is_empty() {
                return Ok(ExitCode::from(2));
            }
        }
        Command::Keys { keys } => {
            keys::ensure(&keys)?.iter().for_each(|(user, key)| println!("{user:10} {key}"));
        }
        Command::ServerConf(conf) => {
            let ServerConf { keys, store_dir, listen, port, monitor_port, replicas, tls, output } = conf;
            let copies = replicas;
            let tls = tls.checked()?.of_server()?;
            let settings = server_conf::Settings { listen, port, monitor_port, store_dir, copies, tls };
            let text = server_conf::render(&settings, &keys::ensure(&keys)?);
            match output {
                Some(file) => {
                    std::fs::write(&file, text).with_context(|| format!("write {}", file.display()))?;
                }
                None => print!("{text}"),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Server {
    fn split(self) -> Result<(Settings, topology::Overrides)> {
        let ack_wait = self.ack_wait.map(Duration::from_secs);
        let max_bytes = self.max_bytes.into_iter().collect();
        let overrides = topology::Overrides { max_bytes, ack_wait, replicas: self.replicas };
        let Tls { tls_ca, tls_cert, tls_key } = self.tls.checked()?;
        let Self { url, nkey_file, tls_first, .. } = self;
        Ok((Settings { url, nkey_file, tls_ca, tls_cert, tls_key, tls_first, monitor: None }, overrides))
    }
}

impl Tls {
    fn checked(self) -> Result<Self> {
        TlsFiles::of_options(self.tls_ca.as_deref(), self.tls_cert.as_deref(), self.tls_key.as_deref())
            .check_paths()?;
        Ok(self)
    }

    fn of_server(self) -> Result<Option<server_conf::Tls>> {
        match (self.tls_ca, self.tls_cert, self.tls_key) {
            (None, None, None) => Ok(None),
            (Some(ca), Some(cert), Some(key)) => Ok(Some(server_conf::Tls { ca, cert, key })),
            _ => bail!("a server with TLS takes all of --tls-ca, --tls-cert and --tls-key"),
        }
    }
}

fn print(changes: &[topology::Change]) {
    if changes.is_empty() {
        println!("streams and consumers are as the files say");
    }
    changes.iter().for_each(|change| println!("{change}"));
}

fn replicas(text: &str) -> Result<u8> {
    match text.parse() {
        Ok(count @ (1 | 3 | 5)) => Ok(count),
        _ => bail!("say 1, 3 or 5: an even number survives no more failures than the odd one below it"),
    }
}

fn size(text: &str) -> Result<(String, u64)> {
    let Some((stream, bytes)) = text.split_once('=') else { bail!("write it as STREAM=BYTES") };
    Ok((stream.to_owned(), bytes.parse().context("BYTES is a whole number")?))
}
