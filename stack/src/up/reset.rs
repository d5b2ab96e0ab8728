//! `stack reset`: deletes what an installation keeps, and says before and after what that is.

use std::{
    io::{ErrorKind, IsTerminal, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::{folders::Folders, say, stop, systemd::Systemd};

/// Stops everything and deletes the data. Asks before, unless `yes` says so; where nobody can answer it deletes nothing.
pub async fn run(folders: &Folders, yes: bool) -> Result<()> {
    let kept = kept(folders);
    if kept.is_empty() {
        stop::down(folders).await?;
        say(&format!("Nothing is here to delete: {} is not there.", folders.data.display()));
        return Ok(());
    }
    if !folders.is_ours() && !folders.is_free() {
        bail!("{} is no folder that `make up` made; nothing was deleted", folders.data.display());
    }
    if !yes && !std::io::stdin().is_terminal() {
        bail!(
            "this would stop Kansoku and delete {}, and nobody is here to be asked; nothing was stopped or deleted \
             (`make reset YES=1` does not ask)",
            words(folders, &kept)
        );
    }
    if !yes {
        let question =
            format!("This stops Kansoku and deletes {}; type yes to go on: ", words(folders, &kept));
        kansoku_service::print(&question).and_then(|()| std::io::stdout().flush()).context("ask")?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).context("read the answer")?;
        if answer.trim() != "yes" {
            bail!("nothing was stopped or deleted");
        }
    }
    // A unit would start an empty installation at the next boot.
    Systemd::here().disable(folders)?;
    stop::down(folders).await?;
    stop::down(&folders.observe()).await?;
    // What came until then is gone as well, so it is counted now.
    let words = words(folders, &kept);
    for folder in &kept {
        std::fs::remove_dir_all(folder)
            .or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
            .with_context(|| format!("delete {}", folder.display()))?;
    }
    // The folder around them is ours as well; other installations may still be in it, and then it stays.
    let around = folders.of_postgres();
    if let Some(around) = around.parent().filter(|_| around != folders.data) {
        let _ = std::fs::remove_dir(around);
    }
    say(&format!("Stopped. Deleted {words}."));
    Ok(())
}

/// The folders of this installation that are there.
fn kept(folders: &Folders) -> Vec<PathBuf> {
    let mut kept = vec![folders.data.clone(), folders.of_postgres()];
    kept.dedup();
    kept.retain(|folder| folder.exists());
    kept
}

fn words(folders: &Folders, kept: &[PathBuf]) -> String {
    let names: Vec<String> = kept.iter().map(|folder| folder.display().to_string()).collect();
    let archives = match archives(&folders.archive()) {
        0 => String::new(),
        1 => ", with 1 archive file of raw pages".to_owned(),
        count => format!(", with {count} archive files of raw pages"),
    };
    let databases = match earlier(&folders.of_postgres()) {
        0 => String::new(),
        1 => ", with the database of an earlier installation".to_owned(),
        count => format!(", with {count} databases of earlier installations"),
    };
    format!("all data under {}{archives}{databases}", names.join(" and "))
}

/// How many databases of earlier installations are kept there.
fn earlier(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter(|file| file.file_name().to_string_lossy().contains(".left-")).count()
}

/// How many archive files of raw pages there are.
fn archives(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter(|file| file.path().extension().is_some_and(|end| end == "zst")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_which_folders_and_how_many_archives() {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("data");
        let folders = Folders { root: root.path().into(), data: data.clone(), programs: PathBuf::new() };
        assert!(kept(&folders).is_empty());
        std::fs::create_dir_all(folders.archive()).unwrap();
        let kept = kept(&folders);
        assert_eq!(words(&folders, &kept), format!("all data under {}", data.display()));
        for name in ["raw-1.jsonl.zst", "raw-2.jsonl.zst", "raw-3.jsonl.zst.new"] {
            std::fs::write(folders.archive().join(name), "").unwrap();
        }
        assert!(words(&folders, &kept).ends_with(", with 2 archive files of raw pages"));
    }
}
