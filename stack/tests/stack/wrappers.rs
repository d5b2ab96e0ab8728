//! The commands in `bin/`.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Command};

fn script(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_command_exports_traces_as_the_running_stack_does() {
    let checkout = tempfile::tempdir().unwrap();
    let wrapper = include_str!("../../../scripts/run-service.sh");
    script(&checkout.path().join("bin/fetcher"), wrapper);
    let program = "#!/bin/sh\necho \"$OTEL_EXPORTER_OTLP_ENDPOINT $OTEL_TRACES_SAMPLER\"\n";
    script(&checkout.path().join("target/release/fetcher"), program);
    let run = |variables: &[(&str, &str)]| {
        let mut command = Command::new(checkout.path().join("bin/fetcher"));
        command.env_clear().env("PATH", "/usr/bin:/bin").envs(variables.iter().copied());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(run(&[]), " \n", "nothing was started yet");
    let settings = checkout.path().join(".data/config/telemetry.env");
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    std::fs::write(
        &settings,
        "OTEL_EXPORTER_OTLP_ENDPOINT='http://it'\\''s:4318'\nOTEL_TRACES_SAMPLER=always_on\n",
    )
    .unwrap();
    assert_eq!(run(&[]), "http://it's:4318 always_on\n");
    assert_eq!(
        run(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://mine:1")]),
        "http://mine:1 \n",
        "this shell wins"
    );
}
