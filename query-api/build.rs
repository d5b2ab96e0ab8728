//! Names the build: a program made from other sources does not read the cached responses of this one.

#[path = "build/fingerprint.rs"]
mod fingerprint;

use std::path::Path;

/// What decides how a response looks: our SQL and code, the names of the datasets, the versions of the dependencies.
const SOURCES: [&str; 3] = ["src", "../schemas/src", "../Cargo.lock"];

fn main() -> std::io::Result<()> {
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let fingerprint = fingerprint::of(&SOURCES.map(Path::new))?;
    println!("cargo::rustc-env=KANSOKU_API_BUILD={fingerprint}");
    Ok(())
}
