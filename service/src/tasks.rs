//! Tasks in the background that the process does not live without.

use std::{any::Any, panic::AssertUnwindSafe};

use anyhow::anyhow;
use futures::FutureExt;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::Stop;

/// Spawns supervised tasks. Clones share them.
#[derive(Debug, Clone)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: Stop,
    deaths: mpsc::UnboundedSender<anyhow::Error>,
}

impl Tasks {
    /// With the deaths of its tasks: what ended before stopping was asked for.
    pub(crate) fn new(stop: Stop) -> (Self, mpsc::UnboundedReceiver<anyhow::Error>) {
        let (deaths, seen) = mpsc::unbounded_channel();
        (Self { tracker: TaskTracker::new(), stop, deaths }, seen)
    }

    /// Runs `task` until the process stops. A task that ends alone, however it ends, stops the process with a failing
    /// code: half a service that looks alive is worse than none.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        let (stop, deaths) = (self.stop.clone(), self.deaths.clone());
        self.tracker.spawn(async move {
            let end = guard(task).await;
            let death = match (end, stop.is_stopped()) {
                (Ok(()), true) => return,
                (Ok(()), false) => anyhow!("the task {name} ended by itself"),
                (Err(error), _) => error.context(format!("run the task {name}")),
            };
            // Nobody listens any more when the process is already past its end.
            let _ = deaths.send(death);
        });
    }

    /// Waits until all have ended.
    pub(crate) async fn ended(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// Runs a future to its end and turns a panic in it into an error.
pub(crate) async fn guard(future: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    match AssertUnwindSafe(future).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => Err(anyhow!("panicked: {}", words(panic.as_ref()))),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let literal = panic.downcast_ref::<&str>().copied();
    literal.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_alone_is_a_death() {
        let (tasks, mut deaths) = Tasks::new(Stop::new());
        tasks.spawn("quiet", async { Ok(()) });
        assert_eq!(deaths.recv().await.unwrap().to_string(), "the task quiet ended by itself");
        tasks.spawn("failing", async { Err(anyhow!("out of luck")) });
        assert_eq!(format!("{:#}", deaths.recv().await.unwrap()), "run the task failing: out of luck");
        tasks.spawn("panicking", async { panic!("lost {}", "it") });
        assert_eq!(
            format!("{:#}", deaths.recv().await.unwrap()),
            "run the task panicking: panicked: lost it"
        );
    }

    #[tokio::test]
    async fn a_task_that_ends_when_asked_is_none() {
        let stop = Stop::new();
        let (tasks, mut deaths) = Tasks::new(stop.clone());
        let until = stop.clone();
        tasks.spawn("patient", async move {
            until.stopped().await;
            Ok(())
        });
        stop.stop();
        tasks.ended().await;
        assert!(deaths.try_recv().is_err());
    }
}
