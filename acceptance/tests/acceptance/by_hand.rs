//! The commands of the guide on replays by hand, as they stand there.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

use kansoku_stack::{pipeline::Pipeline, tools};
use tempfile::TempDir;

/// The blocks of code under a heading of the guide.
fn commands(heading: &str) -> Vec<String> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides/replay-by-hand.md");
    let guide = fs::read_to_string(guide).unwrap();
    let section = guide.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    section.split("```\n").skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// Somebody in the project's folder, with a dead letter of DLQ.
pub(crate) struct Hand {
    folder: TempDir,
    /// What a shell has to have read: the letter, and how to read a header of it.
    letter: String,
}

impl Hand {
    /// Runs what the guide says under "Replay a row", with the body mended before it is published.
    pub(crate) fn replay(pipeline: &Pipeline, seq: i64, mend: impl Fn(&str) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        // As `bin/nats` of the checkout, for the servers of this test.
        let program = format!(
            "#!/usr/bin/env bash\nexec {:?} --server {:?} --nkey {:?} --inbox-prefix _INBOX.operator \"$@\"\n",
            tools::find("nats").unwrap(),
            pipeline.nats.url(),
            pipeline.nats.key_file("operator"),
        );
        fs::write(bin.join("nats"), program).unwrap();
        fs::set_permissions(bin.join("nats"), Permissions::from_mode(0o755)).unwrap();

        let [replay] = &commands("Replay a row")[..] else { panic!("the guide replays a row in one block") };
        let replay = replay.replacen("seq=7", &format!("seq={seq}"), 1);
        let (read, publish) = replay.split_once("\n\n").unwrap();
        let letter = read.lines().take_while(|line| !line.contains("--json")).collect::<Vec<_>>().join("\n");
        let hand = Self { folder, letter };
        hand.run(read);
        let body = hand.folder.path().join("body.json");
        fs::write(&body, mend(&fs::read_to_string(&body).unwrap())).unwrap();
        hand.run(&format!("{}\n{publish}", hand.letter));
        hand
    }

    /// Runs what the guide says under "See what became of it".
    pub(crate) fn see(&self) -> String {
        let see = commands("See what became of it");
        see.iter().map(|see| self.run(&format!("{}\n{see}", self.letter))).collect()
    }

    fn run(&self, script: &str) -> String {
        let mut bash = Command::new("bash");
        let output =
            bash.args(["-euo", "pipefail", "-c", script]).current_dir(self.folder.path()).output().unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}\n{said}");
        said
    }
}
