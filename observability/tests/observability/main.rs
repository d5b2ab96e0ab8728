//! Holds the files of `observability/` and its documents against each other, and against the programs that read them.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

mod alertmanager;
mod cases;
mod dashboards;
mod events;
mod generated;
mod names;
mod postmortems;
mod promtool;
mod runbooks;

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use kansoku_observability::{Alerts, Catalogue, Events, Recording};

/// The checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn alerts() -> Alerts {
    Alerts::read(folder()).unwrap()
}

fn recording() -> Recording {
    Recording::read(folder()).unwrap()
}

fn events() -> Events {
    Events::read(folder()).unwrap()
}

fn catalogue() -> Catalogue {
    Catalogue::read(folder()).unwrap()
}

/// Runs a program in the folder, and gives what it printed; `None` where it is not installed.
fn succeeds(program: &str, arguments: impl IntoIterator<Item = String>) -> Option<String> {
    let output = match Command::new(program).args(arguments).current_dir(folder()).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!("SKIPPED: {program} is not installed (`scripts/setup.sh tests` does it)");
            return None;
        }
        ran => ran.unwrap(),
    };
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program}: {out}{error}");
    Some(out.into_owned())
}
