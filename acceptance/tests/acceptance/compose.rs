//! The services take the configuration files of `compose/` as they are.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{path::Path, process::Command};

use kansoku_stack::process;

#[test]
fn each_service_takes_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("database_url");
    std::fs::write(&secret, "postgres://kansoku:word@postgres:5432/kansoku\n").unwrap();
    for (name, arguments) in [
        ("fetcher", &["run"][..]),
        ("archive", &["keep"]),
        ("validator", &[]),
        ("loader", &["run"]),
        ("replayer", &[]),
        ("query-api", &[]),
    ] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../compose/config/{name}.toml"));
        // The file names the secret and the folder of schemas where the container has them.
        let text = std::fs::read_to_string(file).unwrap();
        let text = text.replace("/run/secrets/database_url", secret.to_str().unwrap());
        let config = folder.path().join("config.toml");
        std::fs::write(&config, text.replace("\"/schemas\"", &format!("{:?}", folder.path()))).unwrap();
        let mut command = Command::new(process::programs().unwrap().join(name));
        command.arg("--config").arg(&config).arg("--check").args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The stages that make images, what each copies taken as its last part.
fn images(dockerfile: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compose").join(dockerfile);
    let text = std::fs::read_to_string(path).unwrap();
    let stages = text.lines().skip_while(|line| *line != "FROM base AS fetcher");
    let lines = stages.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let end = |word: &str| word.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let words = lines.map(|line| line.split(' ').filter(|word| !word.starts_with("--from=")).map(end));
    words.map(|line| line.collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn both_dockerfiles_make_the_same_images() {
    let images_here = images("Dockerfile.prebuilt");
    assert!(images_here.iter().any(|line| line == "FROM base AS kansoku-cli"), "{images_here:?}");
    assert_eq!(images("Dockerfile"), images_here);
}
