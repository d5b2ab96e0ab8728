//! `stack service`, `stack unservice`: a systemd unit that starts the supervisor at boot; root's is the system's, anybody
//! else's the user's.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

use super::{folders::Folders, progress::Progress, say, stop, supervise::STOP_LIMIT, telemetry};
use crate::{postgres, tools, until};

/// How long the services may take to be ready.
const START: Duration = Duration::from_secs(120);

/// The systemd of this machine, as far as we use it.
#[derive(Debug)]
pub struct Systemd {
    /// Is there while systemd runs.
    running: PathBuf,
    /// Where units of a person are, in their order of precedence.
    units: PathBuf,
    systemctl: PathBuf,
    is_system: bool,
}

impl Systemd {
    /// Root's, or the user's.
    pub fn here() -> Self {
        let is_system = postgres::is_root();
        let config = || {
            let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
            let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
            config.or_else(home).unwrap_or_default().join("systemd/user")
        };
        Self {
            running: "/run/systemd/system".into(),
            units: if is_system { "/etc/systemd/system".into() } else { config() },
            systemctl: tools::find("systemctl").unwrap_or_default(),
            is_system,
        }
    }

    /// Whether a unit starts this installation.
    pub fn is_installed(&self, folders: &Folders) -> bool {
        self.running.is_dir() && self.file(folders).is_file()
    }

    /// Starts the installed unit.
    pub fn start(&self, folders: &Folders) -> Result<()> {
        self.run(&["start", &folders.unit()])
    }

    fn file(&self, folders: &Folders) -> PathBuf {
        self.units.join(folders.unit())
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.systemctl);
        command.args(if self.is_system { &[][..] } else { &["--user"] }).args(arguments);
        let output = command.output().with_context(|| format!("run systemctl {}", arguments.join(" ")))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "systemctl {}: {}", arguments.join(" "), said.trim());
        Ok(())
    }

    /// Writes the unit and lets systemd start it at boot; returns whether it was another one before.
    fn enable(&self, folders: &Folders) -> Result<bool> {
        let (file, unit) = (self.file(folders), unit(folders, self.is_system));
        let is_new = std::fs::read_to_string(&file).map_or(true, |before| before != unit);
        if is_new {
            std::fs::create_dir_all(&self.units).with_context(|| format!("make {}", self.units.display()))?;
            std::fs::write(&file, unit).with_context(|| format!("write {}", file.display()))?;
            self.run(&["daemon-reload"])?;
        }
        self.run(&["enable", &folders.unit()])?;
        Ok(is_new)
    }

    /// Stops the unit and removes it; returns whether there was one.
    pub fn disable(&self, folders: &Folders) -> Result<bool> {
        if !self.is_installed(folders) {
            return Ok(false);
        }
        self.run(&["disable", "--now", &folders.unit()])?;
        let file = self.file(folders);
        std::fs::remove_file(&file).with_context(|| format!("delete {}", file.display()))?;
        self.run(&["daemon-reload"])?;
        Ok(true)
    }

    fn is_active(&self, folders: &Folders) -> bool {
        self.run(&["is-active", "--quiet", &folders.unit()]).is_ok()
    }

    /// Says what to do where systemd does not run, or not for this user.
    fn check(&self, folders: &Folders) -> Result<()> {
        let instead = format!(
            "nothing was installed; to start Kansoku at boot, let what starts your machine run\n  {}",
            command(folders).join(" ")
        );
        if !self.running.is_dir() || !self.systemctl.is_file() {
            bail!("systemd does not run here; {instead}");
        }
        if let Err(error) = self.run(&["show-environment"]) {
            bail!("systemd does not answer for this user ({error:#}); {instead}");
        }
        Ok(())
    }
}

/// Installs the unit, and starts by it what runs without it.
pub async fn install(folders: &Folders) -> Result<()> {
    let systemd = Systemd::here();
    systemd.check(folders)?;
    ensure!(folders.is_ours(), "nothing was set up here yet; `make up` does, then `make service` again");
    let is_new = systemd.enable(folders)?;
    let unit = folders.unit();
    if !is_new && systemd.is_active(folders) {
        say(&format!("{unit} is installed, and runs."));
        return Ok(());
    }
    say(&format!("Installed {}; starting Kansoku by it", systemd.file(folders).display()));
    stop::down(folders).await?;
    systemd.start(folders)?;
    let ready = || std::future::ready(Progress::running(folders).is_some_and(|progress| progress.ready));
    until("the services to be ready", START, ready)
        .await
        .with_context(|| format!("start {unit}; `systemctl status {unit}` and journalctl say more"))?;
    say(&format!("{unit} runs, and starts with the machine; `make unservice` removes it."));
    if !systemd.is_system && !lingers() {
        say(
            "A user's services end at logout and start at login. To have this one from boot on, root has to run\n  \
             loginctl enable-linger $USER",
        );
    }
    Ok(())
}

/// Removes the unit.
pub fn uninstall(folders: &Folders) -> Result<()> {
    match Systemd::here().disable(folders)? {
        true => say(&format!("Stopped Kansoku and removed {}; the data is kept.", folders.unit())),
        false => say("No unit of systemd starts this installation; nothing was changed."),
    }
    Ok(())
}

/// Whether this user's services run without a login, now that we asked for it.
fn lingers() -> bool {
    let mut command = Command::new("loginctl");
    command.args(["--no-ask-password", "enable-linger"]);
    command.output().is_ok_and(|output| output.status.success())
}

/// What starts the supervisor, for a shell.
fn command(folders: &Folders) -> Vec<String> {
    let quoted = |path: &Path| super::env::quoted(&path.display().to_string());
    vec![
        format!("KANSOKU_ROOT={}", quoted(&folders.root)),
        format!("KANSOKU_DATA={}", quoted(&folders.data)),
        quoted(&folders.programs.join("stack")),
        "supervise".to_owned(),
    ]
}

/// The unit.
fn unit(folders: &Folders, is_system: bool) -> String {
    let target = if is_system { "multi-user.target" } else { "default.target" };
    format!(
        "[Unit]
Description=Kansoku (its data is in {data})
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart=/usr/bin/env {program} supervise
Environment={root_variable} {data_variable}
EnvironmentFile=-{telemetry}
KillMode=mixed
TimeoutStopSec={limit}
Restart=on-failure
RestartSec=10

[Install]
WantedBy={target}
",
        data = percent(&folders.data.display().to_string()),
        // An argument of env(1), for the name of an executable may hold no quotes; a dollar begins a variable there.
        program = word(&folders.programs.join("stack").display().to_string()).replace('$', "$$"),
        root_variable = word(&format!("KANSOKU_ROOT={}", folders.root.display())),
        data_variable = word(&format!("KANSOKU_DATA={}", folders.data.display())),
        telemetry = percent(&telemetry::file(folders).display().to_string()),
        limit = (STOP_LIMIT + Duration::from_secs(15)).as_secs(),
    )
}

/// A word as systemd reads it.
fn word(text: &str) -> String {
    format!("\"{}\"", percent(text).replace('\\', r"\\").replace('"', "\\\""))
}

/// `%` begins a specifier.
fn percent(text: &str) -> String {
    text.replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn installation(around: &Path) -> Folders {
        let root = around.join("kansoku's 100% \"checkout\" $HOME");
        let programs = root.join("target/release");
        std::fs::create_dir_all(&programs).unwrap();
        std::fs::copy("/bin/true", programs.join("stack")).unwrap();
        Folders { data: root.join(".data"), root, programs }
    }

    #[test]
    fn systemd_accepts_the_unit() {
        let Ok(analyze) = tools::find("systemd-analyze") else {
            eprintln!("SKIPPED: systemd-analyze is not installed");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let folders = installation(folder.path());
        let verify = |text: &str| {
            let file = folder.path().join(folders.unit());
            std::fs::write(&file, text).unwrap();
            let output = Command::new(&analyze).args(["verify", "--man=no"]).arg(file).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            (output.status.success() && !said.contains("kansoku"), said)
        };
        for is_system in [true, false] {
            let (accepted, said) = verify(&unit(&folders, is_system));
            assert!(accepted, "{said}");
        }
        assert!(
            !verify(&unit(&folders, true).replace("TimeoutStopSec=", "TimeoutStopSec=x")).0,
            "it looks at it"
        );
    }

    #[test]
    fn installing_twice_changes_nothing_and_removing_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let folders = installation(folder.path());
        let calls = folder.path().join("calls");
        let systemctl = folder.path().join("systemctl");
        std::fs::write(&systemctl, format!("#!/bin/sh\necho \"$@\" >>'{}'\n", calls.display())).unwrap();
        std::fs::set_permissions(&systemctl, std::fs::Permissions::from_mode(0o755)).unwrap();
        let units = folder.path().join("units");
        let systemd =
            Systemd { running: folder.path().into(), units: units.clone(), systemctl, is_system: false };
        assert!(!systemd.is_installed(&folders));
        assert!(systemd.enable(&folders).unwrap());
        assert!(systemd.is_installed(&folders) && !systemd.enable(&folders).unwrap());
        assert!(systemd.disable(&folders).unwrap());
        assert!(!systemd.disable(&folders).unwrap() && std::fs::read_dir(&units).unwrap().next().is_none());
        let name = folders.unit();
        let expected = format!(
            "--user daemon-reload\n--user enable {name}\n--user enable {name}\n\
             --user disable --now {name}\n--user daemon-reload\n"
        );
        assert_eq!(std::fs::read_to_string(calls).unwrap(), expected);
    }
}
