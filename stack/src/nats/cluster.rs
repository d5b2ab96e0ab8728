//! Several servers that are one cluster.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use kansoku_nats::keys;

use super::{Options, Server, temporary};
use crate::{port, toxiproxy::Toxiproxy};

/// A server's place in a cluster.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name among the others.
    pub name: String,
    /// The loopback port for the other servers.
    pub port: u16,
    /// Where it reaches each server of the cluster.
    pub routes: Vec<u16>,
    /// Where the others are told to reach it, if not at its own port.
    pub advertised: Option<u16>,
    /// Where clients are told to reach it, if not at its own port.
    pub proxy: Option<u16>,
}

impl fmt::Display for Member {
    /// As `server.conf` has it; a name that is said again replaces the one before.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, port, routes, advertised, proxy } = self;
        let routes: Vec<String> = routes.iter().map(|port| format!("\"nats://127.0.0.1:{port}\"")).collect();
        let advertised =
            advertised.map(|port| format!(", advertise: \"127.0.0.1:{port}\"")).unwrap_or_default();
        writeln!(out, "server_name: {name}")?;
        if let Some(port) = proxy {
            writeln!(out, "client_advertise: \"127.0.0.1:{port}\"")?;
        }
        writeln!(
            out,
            "cluster {{ name: kansoku, listen: \"127.0.0.1:{port}\", routes: [{}]{advertised} }}",
            routes.join(", ")
        )
    }
}

/// The links of a cluster whose last server is reached, and reaches the others, through a proxy alone.
pub const LINKS: [&str; 4] = ["to-0", "to-1", "to-2", "clients"];

impl Server {
    /// Starts so many servers that are one cluster, with the same users, without streams.
    pub async fn cluster(count: usize) -> Result<Vec<Self>> {
        let ports = (0..count).map(|_| port::free()).collect::<Result<Vec<_>>>()?;
        let members = ports.iter().enumerate().map(|(number, port)| Member {
            name: name(number),
            port: *port,
            routes: ports.clone(),
            advertised: None,
            proxy: None,
        });
        start(members.map(options).collect::<Result<Vec<_>>>()?).await
    }

    /// The same with three servers, the last of which can be cut off at the [`LINKS`].
    pub async fn cluster_behind(toxiproxy: &Toxiproxy) -> Result<Vec<Self>> {
        let [to_first, to_second, to_last, clients] = LINKS;
        let ports = [port::free()?, port::free()?, port::free()?];
        let links = [
            toxiproxy.link(to_first, ports[0]).await?,
            toxiproxy.link(to_second, ports[1]).await?,
            toxiproxy.link(to_last, ports[2]).await?,
        ];
        let member = |number: usize, routes: [u16; 3]| Member {
            name: name(number),
            port: ports[number],
            routes: routes.to_vec(),
            // Only the last one hears of a server by what another says of it: the others have each other's own ports.
            advertised: Some(links[number]),
            proxy: None,
        };
        let near = [ports[0], ports[1], links[2]];
        let far = [links[0], links[1], ports[2]];
        let mut all = [member(0, near), member(1, near), member(2, far)]
            .map(options)
            .into_iter()
            .collect::<Result<Vec<_>>>()?;
        if let Some((last, _)) = all.last_mut() {
            let proxy = toxiproxy.link(clients, last.port).await?;
            last.member.iter_mut().for_each(|member| member.proxy = Some(proxy));
        }
        start(all).await
    }
}

fn name(number: usize) -> String {
    format!("kansoku-{number}")
}

fn options(member: Member) -> Result<(Options, tempfile::TempDir)> {
    temporary(&tempfile::env::temp_dir(), Some(member))
}

/// Starts all at once: none is well before most of them run.
async fn start(all: Vec<(Options, tempfile::TempDir)>) -> Result<Vec<Server>> {
    let mut first: Option<PathBuf> = None;
    for (options, _) in &all {
        let own = options.folder.join("keys");
        let keys = first.get_or_insert_with(|| own.clone());
        keys::ensure(keys).context("make the keys of the NATS users")?;
        if *keys != own {
            copy(keys, &own).context("copy the keys of the NATS users")?;
        }
    }
    let starting = all.into_iter().map(|(options, folder)| Server::start_in(options, Some(folder)));
    futures::future::try_join_all(starting).await
}

/// Copies the files of a folder.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
