//! `stack renew-certificates`: new certificates in the place of those that are in use, while everything runs on.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kansoku_service::{Clock as _, SystemClock, TlsFiles};

use super::{folders::Folders, progress::Progress, say, state::Ports, tls::Certificates};
use crate::{
    child::{Signal, kill},
    redis,
    tls::probe::{Begin, shown},
    until,
};

/// How long a server may take to show its new certificate; query-api looks at its files every two seconds.
const SOON: Duration = Duration::from_secs(15);

/// Signs all certificates anew, tells the servers, and waits until each shows its new one.
pub async fn run(folders: &Folders) -> Result<()> {
    let certificates = Certificates::of(folders).context(
        "this installation speaks without TLS; `make up TLS=1` switches it on, and makes certificates",
    )?;
    certificates.renew(SystemClock.now())?;
    let Some(running) = Progress::running(folders) else {
        say("New certificates are there; nothing runs that would have to be told.");
        return Ok(());
    };
    ensure!(
        running.ready,
        "Kansoku is not ready ({}); its next start takes the new certificates",
        running.step
    );
    // Both read their files again, for the connections to come.
    for name in ["nats-server", "postgres"] {
        let pid = running.processes.get(name).and_then(|process| process.pid);
        kill(
            pid.with_context(|| format!("{name} does not run just now; `make up` starts it"))?,
            Signal::HUP,
        )?;
    }
    let ports = Ports::of(folders)?;
    let redis = redis::Options {
        log: folders.log("redis"),
        port: ports.redis,
        tls: Some(certificates.both("redis-server")),
    };
    redis.take_up_certificate().await.context("let Redis read its certificate again")?;
    let client = certificates.client("supervisor").named();
    for (name, port, begin) in [
        ("nats-server", ports.nats, Begin::AtOnce),
        ("postgres", ports.postgres, Begin::AsPostgres),
        ("redis-server", ports.redis, Begin::AtOnce),
        ("api", ports.query_api, Begin::AtOnce),
    ] {
        let new = certificates.server(name).der()?;
        let is_shown = || shows(port, begin, &client, &new);
        until(&format!("{name} to show its new certificate"), SOON, is_shown).await?;
    }
    say("New certificates are in use everywhere; nothing was restarted.");
    Ok(())
}

async fn shows(port: u16, begin: Begin, client: &TlsFiles, certificate: &[u8]) -> bool {
    shown(port, begin, client).await.is_ok_and(|shown| shown == certificate)
}
