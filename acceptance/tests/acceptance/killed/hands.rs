//! An operator whose commands are cut off: the API dies just before it has done one, or just after.

use std::{sync::Arc, time::Duration};

use kansoku_acceptance::operator::{Operator, Said};
use kansoku_stack::{process::Running, until};
use serde_json::Value;
use tokio::sync::Mutex;

use super::victims::{LIMIT, Point, Stage};

pub(crate) const BEFORE: Point = ("query-api::before_commit", "");
pub(crate) const AFTER: Point = ("query-api::after_commit", "");

/// Somebody at a terminal, and the API that they ask.
pub(crate) struct Hands {
    stage: Arc<Stage>,
    api: Running,
    ada: Operator,
}

impl Hands {
    pub(crate) async fn at(stage: &Arc<Stage>) -> Self {
        let api = stage.ready("query-api").await;
        let ada = Operator::add(&stage.pipeline, &api.url(), "ada", "read,act,edit").unwrap();
        Self { stage: stage.clone(), api, ada }
    }

    pub(crate) fn kansoku(&self, arguments: &[&str]) -> Said {
        self.ada.kansoku(arguments)
    }

    /// A command during which the API dies. Who got no answer looks whether it was done, and gives it once more where it was not.
    pub(crate) async fn cut_off(&mut self, point: Point, arguments: &[&str], done: &str) {
        self.api.kill().await.unwrap();
        let mut dying = self.stage.doomed("query-api", point, 0);
        dying.ready().await.unwrap();
        loop {
            let said = self.kansoku(arguments);
            let is_sensible = !matches!(said.code, Some(0 | 2 | 3));
            assert!(is_sensible, "{} at {arguments:?}: {said:?}", point.0);
            // What kept the command from coming that far may be a server that starts again.
            if dying.wait(Duration::from_secs(1)).await.is_ok() {
                break;
            }
        }
        self.stage.dies("query-api", point, &mut dying).await;
        self.api = self.stage.ready("query-api").await;
        self.give(arguments, done).await;
    }

    /// Gives a command until it is done.
    pub(crate) async fn give(&self, arguments: &[&str], done: &str) {
        let last = Mutex::new(None);
        let is_done = || async {
            let is_done = self.stage.pipeline.number(done).await;
            if matches!(is_done, Ok(0)) {
                *last.lock().await = Some(self.kansoku(arguments));
            }
            matches!(is_done, Ok(done) if done > 0)
        };
        let given = until(&arguments.join(" "), LIMIT, is_done).await;
        given.unwrap_or_else(|error| panic!("{error}: {last:?}"));
    }

    /// Makes a plan and replays what passes of it, to the end; says the plan.
    pub(crate) fn replay(&self, filter: &str) -> Value {
        let plan = self.kansoku(&["dlq", "plan", filter, "--json"]).json();
        let id = plan["plan"].as_str().unwrap();
        let quickly = ["--rate", "1000", "--canary", "0", "--stop-share", "1", "--yes", "--reason", "mended"];
        let job = self.kansoku(&[&["dlq", "replay", id, "--json"], &quickly[..]].concat()).json();
        assert_eq!(job["state"], "done", "{job}");
        plan
    }
}
