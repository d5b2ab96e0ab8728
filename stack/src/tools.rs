//! Where the servers' programs are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The oldest Postgres whose features the loader needs.
const OLDEST_POSTGRES: u32 = 15;

/// The root of the project: `KANSOKU_ROOT`, the checkout that the running program lies in, or the one it was built in.
/// The first two come first because a checkout may be moved or copied with all that was built in it.
pub fn root() -> PathBuf {
    let given = std::env::var_os("KANSOKU_ROOT").map(PathBuf::from);
    let own = || checkout_of(&std::env::current_exe().ok()?);
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf);
    given.or_else(own).or_else(built).unwrap_or_default()
}

/// The nearest folder above `program` that is a checkout of ours.
fn checkout_of(program: &Path) -> Option<PathBuf> {
    let is_checkout = |folder: &&Path| folder.join("nats/server.conf").is_file();
    program.ancestors().find(is_checkout).map(Path::to_path_buf)
}

/// The recorded payloads beside the checkout, or `None` where they are not; a test then says that it skips.
pub fn shared_data() -> Option<PathBuf> {
    let folder = std::env::var_os("KANSOKU_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let data = folder.join("data");
    data.is_dir().then_some(data)
}

/// The folder of recorded payloads with its index, which are no part of this repository. Says that a test skips where they
/// are not.
pub fn recorded() -> Option<PathBuf> {
    let index = shared_file("jikan/captures.json", "recorded payloads")?;
    index.parent().map(PathBuf::from)
}

/// A history of three months as a CSV file, likewise.
pub fn recorded_history() -> Option<PathBuf> {
    shared_file("facts/mal_tv_anime_weekly_2025-11-12_to_2026-02-15.csv", "recorded history")
}

fn shared_file(path: &str, what: &str) -> Option<PathBuf> {
    let file = shared_data().map(|data| data.join(path)).filter(|file| file.is_file());
    if file.is_none() {
        eprintln!("SKIPPED: the {what} is not beside this checkout (KANSOKU_SHARED names its folder)");
    }
    file
}

/// The program `name`: in the project's own `.tools/bin`, in `KANSOKU_TOOLS`, on `PATH` or in the system's folders.
#[expect(clippy::disallowed_methods, reason = "looks a program up as a shell does")]
pub fn find(name: &str) -> Result<PathBuf> {
    let own = [root().join(".tools/bin")];
    let given = std::env::var_os("KANSOKU_TOOLS").map(PathBuf::from);
    let path = std::env::var("PATH").unwrap_or_default();
    own.into_iter()
        .chain(given)
        .chain(std::env::split_paths(&path))
        .chain(["/usr/sbin", "/usr/bin", "/usr/local/bin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .with_context(|| format!("find the program {name}: `make setup` installs it"))
}

/// The newest installed Postgres server programs of version 15 or newer, as their folder.
pub fn postgres_bin() -> Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(version, bin)| *version >= OLDEST_POSTGRES && bin.join("postgres").is_file())
        .max();
    if let Some((_, bin)) = newest {
        return Ok(bin);
    }
    let initdb = find("initdb").context("find Postgres 15 or newer")?;
    let real = initdb.canonicalize().context("resolve the path of initdb")?;
    real.parent().map(Path::to_path_buf).context("find the folder of initdb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_checkout_is_its_own() {
        let copy = tempfile::tempdir().unwrap();
        let program = copy.path().join("target/release/stack");
        std::fs::create_dir_all(copy.path().join("nats")).unwrap();
        assert_eq!(checkout_of(&program), None);
        std::fs::write(copy.path().join("nats/server.conf"), "").unwrap();
        assert_eq!(checkout_of(&program).as_deref(), Some(copy.path()));
    }
}
