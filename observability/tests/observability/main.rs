//! Holds the files of `observability/` and its documents against each other, and against the programs that read them.

mod dashboards;
mod generated;
mod names;

use std::path::{Path, PathBuf};

use kansoku_observability::{Alerts, Catalogue, Recording};

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

fn catalogue() -> Catalogue {
    Catalogue::read(folder()).unwrap()
}
