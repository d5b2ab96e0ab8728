//! The telemetry settings that the stack was started with, for the commands in `bin/`: a command that samples otherwise
//! would switch the trace off, or on, for all that comes after it.

use std::path::PathBuf;

use anyhow::Result;

use super::{
    env::quoted,
    folders::{Folders, write_private},
};

/// The file: an assignment a line, as shells and systemd read them.
pub fn file(folders: &Folders) -> PathBuf {
    folders.config().join("telemetry.env")
}

/// Writes down the `OTEL_*` variables of this process.
pub fn save(folders: &Folders) -> Result<()> {
    let own = std::env::vars_os();
    let text = own.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    write_private(&file(folders), &assignments(text))
}

fn assignments(variables: impl Iterator<Item = (String, String)>) -> String {
    let ours = variables.filter(|(name, _)| name.starts_with("OTEL_"));
    ours.map(|(name, value)| format!("{name}={}\n", quoted(&value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_telemetry_is_written_down() {
        let variables = [("PATH", "/bin"), ("OTEL_SERVICE_NAME", "it's"), ("PGPASSWORD", "secret")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(assignments(variables.into_iter()), "OTEL_SERVICE_NAME='it'\\''s'\n");
    }
}
