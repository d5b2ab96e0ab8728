//! One started process: its log is kept, and it never outlives the process that started it.

use std::{
    fs::File,
    io::Read,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child as Process, Command, ExitStatus, Stdio},
    sync::{
        Mutex, OnceLock,
        mpsc::{Sender, channel, sync_channel},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail};
pub use rustix::process::Signal;

use crate::{cores::Cores, tools, until};

/// How many of a log's last bytes an error shows.
const SHOWN: usize = 4_000;

/// What to start.
#[derive(Debug)]
pub struct Start<'a> {
    /// Name for messages.
    pub name: &'a str,
    /// The program and its arguments.
    pub command: Command,
    /// Where its standard output and error go.
    pub log: PathBuf,
    /// The user it runs as; `None` is the caller's own.
    pub user: Option<&'a str>,
    /// The signal that tells it to end, for [`Child::stop`] and when its parent dies: TERM, or INT for Postgres, which ends the
    /// sessions then ("fast shutdown").
    pub end: Signal,
}

/// A running process.
#[derive(Debug)]
pub struct Child {
    name: String,
    process: Process,
    log: PathBuf,
    end: Signal,
}

impl Child {
    /// Starts a process through setpriv(1), which ties its life to ours and changes its user.
    pub fn start(start: Start<'_>) -> Result<Self> {
        let Start { name, command, log, user, end } = start;
        let out = File::options().create(true).append(true).open(&log);
        let out = out.with_context(|| format!("open the log {} of {name}", log.display()))?;
        let mut wrapped = Command::new(tools::find("setpriv")?);
        wrapped.arg(if end == Signal::INT { "--pdeathsig=INT" } else { "--pdeathsig=TERM" });
        if let Some(user) = user {
            wrapped.arg(format!("--reuid={user}")).arg(format!("--regid={user}")).arg("--clear-groups");
        }
        wrapped.arg("--").arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(key, value),
                None => wrapped.env_remove(key),
            };
        }
        wrapped.current_dir(command.get_current_dir().unwrap_or(Path::new("/")));
        let errors = out.try_clone().with_context(|| format!("share the log of {name}"))?;
        wrapped.stdin(Stdio::null()).stdout(out).stderr(errors);
        let process = spawn(wrapped).with_context(|| format!("start {name}"))?;
        Ok(Self { name: name.to_owned(), process, log, end })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The file of its standard output and error.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// All that it wrote so far.
    pub fn logs(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok().flatten()
    }

    /// Waits until `condition` holds; fails early, with the end of the log, when the process ends before.
    pub async fn ready<F>(&mut self, limit: Duration, mut condition: impl FnMut() -> F) -> Result<()>
    where
        F: Future<Output = bool>,
    {
        let mut gone = None;
        let waited = until("an answer", limit, || {
            gone = self.process.try_wait().ok().flatten();
            let ended = gone.is_some();
            let answer = condition();
            async move { ended || answer.await }
        });
        let waited = waited.await;
        if let Some(status) = gone {
            bail!("{} ended with {status} before it was ready; its log ends:\n{}", self.name, self.tail());
        }
        waited.with_context(|| format!("start {}; its log ends:\n{}", self.name, self.tail()))
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        kill(self.pid(), signal).with_context(|| format!("signal {}", self.name))
    }

    /// Tells it to end and waits; after `limit` it is killed and that is an error, which says whether it was let run at all.
    pub async fn stop(&mut self, limit: Duration) -> Result<ExitStatus> {
        if let Some(status) = self.ended() {
            return Ok(status);
        }
        let before = Cores::of(self.pid());
        self.signal(self.end)?;
        if let Err(slow) = self.wait(limit).await {
            let cores = Cores::of(self.pid()).since(before);
            self.kill().await?;
            let (name, tail) = (&self.name, self.tail());
            return Err(slow.context(format!(
                "{name} did not end when told to ({cores}); killed; its log ends:\n{tail}"
            )));
        }
        self.ended().with_context(|| format!("read the exit status of {}", self.name))
    }

    /// Kills it, as kill -9 does.
    pub async fn kill(&mut self) -> Result<ExitStatus> {
        self.process.kill().with_context(|| format!("kill {}", self.name))?;
        self.wait(Duration::from_secs(10)).await
    }

    /// Waits for its end.
    pub async fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let mut status = None;
        until(&format!("the end of {}", self.name), limit, || {
            status = self.process.try_wait().ok().flatten();
            let ended = status.is_some();
            async move { ended }
        })
        .await?;
        Ok(status.unwrap_or_else(|| ExitStatus::from_raw(0)))
    }

    /// The end of the log, for an error.
    pub fn tail(&self) -> String {
        let logs = self.logs();
        let mut from = logs.len().saturating_sub(SHOWN);
        while !logs.is_char_boundary(from) {
            from += 1;
        }
        logs[from..].to_owned()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.ended().is_none() {
            let _ = self.signal(if self.end == Signal::INT { Signal::INT } else { Signal::KILL });
            let _ = self.process.wait();
        }
    }
}

/// Sends a signal to any process.
pub fn kill(pid: u32, signal: Signal) -> Result<()> {
    let process = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let process = process.with_context(|| format!("{pid} is no process id"))?;
    rustix::process::kill_process(process, signal).with_context(|| format!("signal process {pid}"))
}

/// Whether a process with this id is there and not a zombie.
pub fn alive(pid: u32) -> bool {
    let mut stat = String::new();
    let read = File::open(format!("/proc/{pid}/stat")).and_then(|mut file| file.read_to_string(&mut stat));
    read.is_ok() && stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with('Z'))
}

/// A parent-death signal fires when the *thread* that forked ends, so one thread that never ends forks for all.
fn spawn(command: Command) -> std::io::Result<Process> {
    type Request = (Command, std::sync::mpsc::SyncSender<std::io::Result<Process>>);
    static FORKER: OnceLock<Mutex<Sender<Request>>> = OnceLock::new();
    let forker = FORKER.get_or_init(|| {
        let (requests, inbox) = channel::<Request>();
        std::thread::spawn(move || {
            for (mut command, reply) in inbox {
                let _ = reply.send(command.spawn());
            }
        });
        Mutex::new(requests)
    });
    let (reply, answer) = sync_channel(1);
    let gone = || std::io::Error::other("the forking thread has ended");
    forker.lock().map_err(|_| gone())?.send((command, reply)).map_err(|_| gone())?;
    answer.recv().map_err(|_| gone())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shell that says that it is there and does not hear SIGTERM.
    async fn deaf(folder: &Path, work: &str) -> Child {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("trap '' TERM; echo here; {work}"));
        let start = Start { name: "deaf", command, log: folder.join("log"), user: None, end: Signal::TERM };
        let child = Child::start(start).unwrap();
        until("the shell", Duration::from_secs(10), || async { child.logs().contains("here") })
            .await
            .unwrap();
        child
    }

    #[tokio::test]
    async fn one_that_does_not_end_says_what_it_did_instead() {
        let wanted_to_run = async |work: &str| {
            let folder = tempfile::tempdir().unwrap();
            let error = deaf(folder.path(), work).await.stop(Duration::from_millis(500)).await.unwrap_err();
            let text = format!("{error:#}");
            assert!(text.contains("; killed; its log ends:\nhere"), "{text}");
            let (_, rest) = text.split_once("(meanwhile it ran for ").unwrap();
            let seconds = |word: &str| word.parse::<f64>().unwrap_or_default();
            let (ran, rest) = rest.split_once(" s and waited ").unwrap();
            seconds(ran) + seconds(rest.split(' ').next().unwrap())
        };
        assert!(wanted_to_run("while :; do :; done").await > 0.2, "it was busy");
        assert!(wanted_to_run("kill -STOP $$").await < 0.1, "it was paused");
    }
}
