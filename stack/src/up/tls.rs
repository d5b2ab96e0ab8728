//! Whether this installation speaks TLS, and the certificates for it.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    folders::{Folders, write_private},
    state::Ports,
};
use crate::{
    postgres::{self, own},
    redis,
    tls::{
        Files, Tls,
        authority::{Authority, SIGNED, Usage},
    },
};

/// What each server shows …
const SERVERS: [&str; 4] = ["nats-server", "postgres", "redis-server", "api"];
/// … and each client, with the supervisor and whoever operates by hand among them.
const CLIENTS: [&str; 8] =
    ["supervisor", "operator", "fetcher", "archive", "validator", "loader", "replayer", "query-api"];
/// Certificates that end sooner are signed anew at a start.
const RENEWED: TimeDelta = TimeDelta::days(30);

/// The certificates of an installation that speaks TLS.
#[derive(Debug, Clone)]
pub struct Certificates {
    own: PathBuf,
    /// Where the users of Postgres and Redis come to.
    of_others: PathBuf,
}

/// Whether this installation speaks TLS.
pub fn is_on(folders: &Folders) -> bool {
    marker(folders).exists()
}

/// Settles whether it does from now on; returns whether it did not before.
pub fn settle(folders: &Folders, on: bool) -> Result<bool> {
    let was_on = is_on(folders);
    if on && !was_on {
        make_folder(&folder(folders), 0o700)?;
        write_private(&marker(folders), "")?;
    } else if !on && was_on {
        std::fs::remove_file(marker(folders)).context("switch TLS off")?;
    }
    Ok(on != was_on)
}

/// Where the API and the web UI are.
pub fn api(folders: &Folders, ports: &Ports) -> String {
    let scheme = if is_on(folders) { "https" } else { "http" };
    format!("{scheme}://127.0.0.1:{}", ports.query_api)
}

fn folder(folders: &Folders) -> PathBuf {
    folders.data.join("tls")
}

fn marker(folders: &Folders) -> PathBuf {
    folder(folders).join("on")
}

impl Certificates {
    /// Where they are; `None` where the installation speaks without TLS.
    pub fn of(folders: &Folders) -> Option<Self> {
        let of_others = folders.of_postgres().join("tls");
        is_on(folders).then(|| Self { own: folder(folders), of_others })
    }

    /// Makes those that are not there, or end soon.
    pub fn ensure(&self, now: DateTime<Utc>) -> Result<()> {
        let all =
            SERVERS.iter().map(|name| self.server(name)).chain(CLIENTS.iter().map(|name| self.client(name)));
        let last = |files: Files| files.named().first_end().is_some_and(|end| end > now + RENEWED);
        if all.into_iter().all(last) { Ok(()) } else { self.renew(now) }
    }

    /// Signs all anew. Whoever reads them has to be told, or looks at them by itself.
    pub fn renew(&self, now: DateTime<Utc>) -> Result<()> {
        make_folder(&self.own, 0o700)?;
        if self.of_others != self.own {
            make_folder(&self.of_others, 0o755)?;
        }
        let authority = Authority::ensure(&self.own, now)?;
        for name in SERVERS {
            self.put(&authority, name, &self.server(name), Usage::Server, now)?;
        }
        for name in CLIENTS {
            self.put(&authority, name, &self.client(name), Usage::Client, now)?;
        }
        Ok(())
    }

    /// What a server shows.
    pub fn server(&self, name: &str) -> Files {
        Files::new(if owner(name).is_some() { &self.of_others } else { &self.own }, name)
    }

    /// What a client shows.
    pub fn client(&self, name: &str) -> Files {
        Files::new(&self.own, name)
    }

    /// Both sides of a server, when the supervisor asks it.
    pub fn both(&self, name: &str) -> Tls {
        Tls { server: self.server(name), client: self.client("supervisor") }
    }

    fn put(
        &self,
        authority: &Authority,
        name: &str,
        files: &Files,
        usage: Usage,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let signed = authority.sign(name, usage, now, SIGNED)?;
        let all = [
            (&files.ca, authority.certificate()),
            (&files.key, signed.key.as_str()),
            (&files.cert, signed.cert.as_str()),
        ];
        for (path, text) in all {
            // In its owner's hands before it takes the place of the one before.
            let new = path.with_extension("new");
            write_private(&new, text)?;
            if path != &files.key {
                set_mode(&new, 0o644)?;
            }
            if let Some(user) = owner(name) {
                own(&new, user)?;
            }
            std::fs::rename(&new, path).with_context(|| format!("write {}", path.display()))?;
        }
        Ok(())
    }
}

/// The user of the system that a server runs as, where that is another than ours.
fn owner(server: &str) -> Option<&'static str> {
    match server {
        "postgres" => postgres::unprivileged(),
        "redis-server" => redis::unprivileged(),
        _ => None,
    }
}

fn make_folder(folder: &Path, mode: u32) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("make the folder {}", folder.display()))?;
    set_mode(folder, mode)
}

/// Whatever the umask says.
fn set_mode(path: &Path, mode: u32) -> Result<()> {
    let mode = Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).with_context(|| format!("set the mode of {}", path.display()))
}
