//! A server of somebody else's: how it starts, stops and starts again is the same for each of them.

use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::child::Child;

/// How a server is set up.
pub trait Options: Sync {
    /// How long it may take to answer, and to stop.
    const LIMIT: Duration;

    /// Starts the process; it may not be ready yet.
    ///
    /// # Errors
    /// The program is not there, or cannot be started.
    fn spawn(&self) -> Result<Child>;

    /// Whether it answers, and says that it is well.
    fn answers(&self) -> impl Future<Output = bool> + Send;
}

/// A running server.
#[derive(Debug)]
pub struct Server<O> {
    /// How it is set up.
    pub options: O,
    child: Mutex<Child>,
    /// Deleted with it.
    _folder: Option<TempDir>,
}

impl<O: Options> Server<O> {
    /// Starts a server; `folder` is deleted when this value is dropped.
    ///
    /// # Errors
    /// It is not installed, or does not answer.
    pub async fn start_in(options: O, folder: Option<TempDir>) -> Result<Self> {
        let child = Mutex::new(launch(&options).await?);
        Ok(Self { options, child, _folder: folder })
    }

    /// The process id.
    pub async fn pid(&self) -> u32 {
        self.child.lock().await.pid()
    }

    /// All that the server wrote.
    pub async fn logs(&self) -> String {
        self.child.lock().await.logs()
    }

    /// Whether the process still runs.
    pub async fn runs(&self) -> bool {
        self.child.lock().await.ended().is_none()
    }

    /// Stops it.
    pub async fn stop(&self) -> Result<()> {
        self.child.lock().await.stop(O::LIMIT).await.map(drop)
    }

    /// Kills it, as kill -9 does.
    pub async fn kill(&self) -> Result<()> {
        self.child.lock().await.kill().await.map(drop)
    }

    /// Starts it again with the same folder and ports.
    pub async fn start_again(&self) -> Result<()> {
        *self.child.lock().await = launch(&self.options).await?;
        Ok(())
    }
}

async fn launch<O: Options>(options: &O) -> Result<Child> {
    let mut child = options.spawn()?;
    child.ready(O::LIMIT, || options.answers()).await?;
    Ok(child)
}
