//! Does a fault to a stage, and undoes it when its time is over or the experiment is given up.

use std::{collections::BTreeMap, os::unix::process::ExitStatusExt as _, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use kansoku_acceptance::operator::Operator;
use kansoku_service::{Clock, SystemClock};
use kansoku_stack::{
    child::{Signal, kill},
    pipeline::Pipeline,
    process::{self, Service},
    until,
};
use serde_json::json;
use tokio::sync::watch;

use crate::{
    clock,
    collector::COLLECTOR,
    fault::{Fault, SERVICES, links},
    load::ask,
    stage::{Injected, Stage, TOPOLOGY},
};

/// How long a service may take to come to the point at which it dies.
const POINT: Duration = Duration::from_secs(30);

/// How long a server may take to start again.
const START: Duration = Duration::from_secs(60);
/// What an operator may do.
const RIGHTS: &str = "read,act,edit";

/// Whether an experiment is given up.
pub type GivenUp = watch::Receiver<bool>;

/// Does it, waits, undoes it. Whatever is done to the same target comes after.
///
/// # Errors
/// It could not be done, or not be undone.
pub async fn inject(stage: &Stage, fault: &Fault, lasts: Duration, given_up: GivenUp) -> Result<()> {
    let mut held = Vec::new();
    for name in fault.holds() {
        held.push(stage.lock(name).lock().await);
    }
    let from = SystemClock.now();
    let done = act(stage, fault, Wait { lasts, given_up }).await.with_context(|| fault.to_string());
    stage.note(Injected { fault: fault.clone(), from, to: SystemClock.now() });
    done
}

/// The time between doing and undoing.
struct Wait {
    lasts: Duration,
    given_up: GivenUp,
}

impl Wait {
    async fn over(mut self) {
        let given_up = async {
            // Nobody can give up any more when the sender is gone.
            if self.given_up.wait_for(|given_up| *given_up).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! { () = tokio::time::sleep(self.lasts) => {}, () = given_up => {} }
    }
}

async fn act(stage: &Stage, fault: &Fault, wait: Wait) -> Result<()> {
    match fault {
        Fault::Kill { target } => down(stage, target, true, wait).await,
        Fault::Restart { target } => down(stage, target, false, wait).await,
        Fault::Pause { target } => pause(stage, target, wait).await,
        Fault::Latency { link, ms } => {
            toxic(stage, link, "latency", json!({ "latency": ms, "jitter": ms / 4 }), wait).await
        }
        Fault::Bandwidth { link, kib } => toxic(stage, link, "bandwidth", json!({ "rate": kib }), wait).await,
        Fault::BlackHole { link } => toxic(stage, link, "timeout", json!({ "timeout": 0 }), wait).await,
        Fault::Reset { link } => toxic(stage, link, "reset_peer", json!({ "timeout": 0 }), wait).await,
        Fault::Gone { link } => {
            for link in links(link) {
                stage.toxiproxy.open(link, false).await?;
            }
            wait.over().await;
            for link in links(link) {
                stage.toxiproxy.open(link, true).await?;
            }
            Ok(())
        }
        Fault::Upstream { name, every, path } => {
            let mut spec = json!({ "name": name, "path": path });
            if let Some(every) = every {
                spec["every"] = json!(every);
            }
            stage.upstream.switch_on(&spec).await?;
            wait.over().await;
            stage.upstream.switch_all_off().await
        }
        Fault::Failpoint { target, point, subject, after } => {
            let action = format!("{point}={after}*off->return({subject})");
            die(stage, target, &action, wait).await
        }
        Fault::Poison { dataset } => poison(stage, dataset, wait).await,
        Fault::Second { target } => {
            let mut second = stage.service(target)?.spawn()?;
            wait.over().await;
            second.terminate().await.map(drop)
        }
        Fault::Full { stream } => {
            let bytes = stage.pipeline.bytes(stream).await?.max(1).to_string();
            tokio::task::block_in_place(|| {
                stage.pipeline.nats_cli(&["stream", "edit", stream, "--max-bytes", &bytes, "--force"])
            })?;
            wait.over().await;
            tokio::task::block_in_place(|| stage.pipeline.topology(&TOPOLOGY))
        }
        Fault::DiskFull => disk_full(stage, wait).await,
        Fault::Clock { target, jump } => jumps(stage, target, jump, wait).await,
        Fault::Settings { target, env } => settings(stage, target, env, wait).await,
        Fault::Statement { run, undo } => {
            stage.pipeline.execute(run).await?;
            wait.over().await;
            if undo.is_empty() { Ok(()) } else { stage.pipeline.execute(undo).await }
        }
        Fault::Command { run, exit } => {
            command(stage, run, *exit).await?;
            wait.over().await;
            Ok(())
        }
        Fault::Load { per_second } => {
            let port = stage.listens("query-api");
            tokio::select! { () = ask(port, *per_second) => {}, () = wait.over() => {} }
            Ok(())
        }
    }
}

/// An operator gives a command.
async fn command(stage: &Stage, run: &[String], exit: i32) -> Result<()> {
    let waiting =
        "select root::text from dead_letter where state in ('open', 'failed') order by item limit 1";
    let mut arguments = run.to_vec();
    if run.iter().any(|word| word == "{root}") {
        let rows = stage.pipeline.json(waiting).await?;
        let root =
            rows.first().and_then(|row| row["root"].as_str()).context("find a dead letter that waits")?;
        arguments.iter_mut().filter(|word| *word == "{root}").for_each(|word| root.clone_into(word));
    }
    let api = format!("http://127.0.0.1:{}", stage.listens("query-api"));
    let said = tokio::task::block_in_place(|| {
        let operator =
            Operator::add(&stage.pipeline, &api, &format!("chaos-{}", stage.injected().len()), RIGHTS)?;
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        Ok::<_, anyhow::Error>(operator.kansoku(&arguments))
    })?;
    ensure!(said.code == Some(exit), "it ended with {:?}: {}{}", said.code, said.out, said.err);
    Ok(())
}

/// Fills the disk, and when there is room again starts again what ended of it or does not recover, as the stack's supervisor does:
/// a nats-server refuses a stream that it could not write to until it is started anew.
async fn disk_full(stage: &Stage, wait: Wait) -> Result<()> {
    let disk = stage.disk()?;
    tokio::task::block_in_place(|| disk.fill())?;
    wait.over().await;
    disk.free()?;
    let Pipeline { nats, database, .. } = &stage.pipeline;
    if !database.server().runs().await {
        database.server().start_again().await?;
    }
    if !matches!(process::get(nats.monitor(), "/healthz").await, Ok((200, _))) {
        nats.stop().await?;
        nats.start_again().await?;
    }
    Ok(())
}

/// A service is started on a clock of its own, which jumps and jumps back, and is started as usual.
async fn jumps(stage: &Stage, target: &str, jump: &str, wait: Wait) -> Result<()> {
    let mut slot = stage.slot(target).lock().await;
    if let Some(running) = slot.as_mut() {
        running.terminate().await?;
    }
    let offsets = stage.file(&format!("{target}.clock"));
    let mut running = clock::under(stage.usual(target)?, &offsets)?.spawn()?;
    running.ready().await?;
    clock::set(&offsets, jump)?;
    wait.over().await;
    clock::set(&offsets, clock::TRUE)?;
    let well = running.ready().await.with_context(|| format!("{target} after its clock jumped"));
    running.terminate().await?;
    *slot = Some(stage.usual(target)?.spawn()?);
    well
}

/// A service is started with other settings, and then as usual.
async fn settings(stage: &Stage, target: &str, env: &BTreeMap<String, String>, wait: Wait) -> Result<()> {
    let mut slot = stage.slot(target).lock().await;
    if let Some(running) = slot.as_mut() {
        running.terminate().await?;
    }
    let set = |service: Service, (key, value): (&String, &String)| {
        if value.is_empty() { service.without(key) } else { service.env(key, value) }
    };
    let mut running = env.iter().fold(stage.usual(target)?, set).spawn()?;
    wait.over().await;
    running.terminate().await?;
    *slot = Some(stage.usual(target)?.spawn()?);
    Ok(())
}

/// Takes a service or a server away for the time.
async fn down(stage: &Stage, target: &str, is_killed: bool, wait: Wait) -> Result<()> {
    if SERVICES.contains(&target) {
        let mut slot = stage.slot(target).lock().await;
        if let Some(running) = slot.as_mut() {
            if is_killed {
                running.kill().await?;
            } else {
                running.terminate().await?;
            }
        }
        wait.over().await;
        *slot = Some(stage.usual(target)?.spawn()?);
        return Ok(());
    }
    let pipeline = &stage.pipeline;
    macro_rules! server {
        ($server:expr) => {{
            let server = &$server;
            if is_killed {
                server.kill().await?;
            } else {
                server.stop().await?;
            }
            wait.over().await;
            // As a supervisor does: of one that was killed, what it left may hold its memory for a moment.
            let starts = || async { server.start_again().await.is_ok() };
            until(&format!("{target} to start again"), START, starts).await
        }};
    }
    match target {
        "nats" => server!(pipeline.nats),
        "postgres" => server!(pipeline.database.server()),
        "redis" => server!(pipeline.redis),
        COLLECTOR => server!(stage.collector.as_ref().context("find the collector")?),
        _ => bail!("there is no {target}"),
    }
}

async fn pause(stage: &Stage, target: &str, wait: Wait) -> Result<()> {
    let pid = match target {
        "nats" => stage.pipeline.nats.pid().await,
        "redis" => stage.pipeline.redis.pid().await,
        _ => {
            let slot = stage.slot(target).lock().await;
            slot.as_ref().with_context(|| format!("find the process of {target}"))?.pid()
        }
    };
    kill(pid, Signal::STOP)?;
    wait.over().await;
    kill(pid, Signal::CONT)
}

async fn toxic(
    stage: &Stage,
    name: &str,
    kind: &str,
    attributes: serde_json::Value,
    wait: Wait,
) -> Result<()> {
    for link in links(name) {
        stage.toxiproxy.add(link, kind, &attributes).await?;
    }
    wait.over().await;
    for link in links(name) {
        stage.toxiproxy.remove(link, kind).await?;
    }
    Ok(())
}

/// A service is started with a failpoint, dies of it, and is started as usual.
async fn die(stage: &Stage, target: &str, action: &str, wait: Wait) -> Result<()> {
    let mut slot = stage.slot(target).lock().await;
    if let Some(running) = slot.as_mut() {
        running.terminate().await?;
    }
    let mut doomed = stage.usual(target)?.env("FAILPOINTS", action).spawn()?;
    let ended = doomed.wait(POINT).await;
    wait.over().await;
    let logs = doomed.logs();
    drop(doomed);
    *slot = Some(stage.usual(target)?.spawn()?);
    let end = || logs.lines().rev().take(3).collect::<Vec<_>>().join("\n");
    match ended.map(|status| status.signal()) {
        Ok(Some(9)) => Ok(()),
        Ok(_) => bail!("it ended otherwise: {}", end()),
        Err(_) => bail!("it never came there in {POINT:?}: {}", end()),
    }
}

/// A validator that dies of every page of a dataset is started again and again.
async fn poison(stage: &Stage, dataset: &str, wait: Wait) -> Result<()> {
    let mut slot = stage.slot("validator").lock().await;
    if let Some(running) = slot.as_mut() {
        running.terminate().await?;
    }
    let deadly = format!("consume::handle=return({dataset})");
    let spawn = || stage.usual("validator")?.env("FAILPOINTS", &deadly).spawn();
    let mut running = spawn()?;
    let mut deaths = 0;
    let over = wait.over();
    tokio::pin!(over);
    let mut look = tokio::time::interval(Duration::from_millis(50));
    loop {
        tokio::select! { () = &mut over => break, _ = look.tick() => {} }
        if running.ended().is_some() {
            deaths += 1;
            running = spawn()?;
        }
    }
    running.terminate().await?;
    *slot = Some(stage.usual("validator")?.spawn()?);
    ensure!(deaths > 0, "no page of {dataset} came");
    Ok(())
}
