//! The replayer's end of the process that judges.

use std::{process::Stdio, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use kansoku_service::Clock;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::child::{Answer, Question};

/// The program of this process, whatever has taken its place on the disk.
const OURSELVES: &str = "/proc/self/exe";
/// The command of it that judges.
const JUDGE: &str = "judge";

/// A process that judges for one plan; it is killed when this goes.
pub(super) struct Judging {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    clock: Arc<dyn Clock>,
    limit: Duration,
    /// How long it may still take.
    left: Duration,
}

impl Judging {
    /// Starts it; its answers may take so long in all. It inherits nothing, least of all how to reach the tables.
    pub(super) fn start(clock: Arc<dyn Clock>, limit: Duration) -> anyhow::Result<Self> {
        let mut command = Command::new(OURSELVES);
        command.arg(JUDGE).env_clear().kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("start the process that judges")?;
        let (input, output) = child.stdin.take().zip(child.stdout.take()).context("speak to a process")?;
        Ok(Self { child, input, output: BufReader::new(output), clock, limit, left: limit })
    }

    /// Asks about these bytes.
    ///
    /// # Errors
    /// In words, when it has no answer in time, or none at all.
    pub(super) async fn ask(&mut self, question: &Question, bytes: &[u8]) -> anyhow::Result<Answer> {
        let begun = self.clock.monotonic();
        let answered = timeout(self.left, self.exchange(question, bytes)).await;
        self.left = self.left.saturating_sub(self.clock.monotonic().saturating_duration_since(begun));
        let late = || {
            anyhow!(
                "judging took longer than the {:?} that a plan has (plan.judging_timeout_ms): its schema or its steps cost too much, or it has too many members",
                self.limit
            )
        };
        match answered.map_err(|_| late())? {
            Ok(Answer::Refused(why)) => bail!(why),
            Ok(answer) => Ok(answer),
            Err(error) => {
                let ended = timeout(Duration::from_secs(1), self.child.wait()).await;
                let how = ended.ok().and_then(Result::ok).map_or(String::new(), |how| format!(" ({how})"));
                Err(error.context(format!(
                    "the process that judges broke down{how}: the plan's schema may refer to itself without end, or take too much memory"
                )))
            }
        }
    }

    async fn exchange(&mut self, question: &Question, bytes: &[u8]) -> anyhow::Result<Answer> {
        let mut line = serde_json::to_vec(question).context("write a question as JSON")?;
        line.push(b'\n');
        line.extend_from_slice(bytes);
        self.input.write_all(&line).await.context("ask")?;
        let mut answer = String::new();
        self.output.read_line(&mut answer).await.context("hear the answer")?;
        serde_json::from_str(&answer).context("read the answer")
    }
}
