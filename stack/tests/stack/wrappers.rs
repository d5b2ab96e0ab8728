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

#[test]
fn nats_says_when_nothing_answers() {
    let checkout = tempfile::tempdir().unwrap();
    script(&checkout.path().join("bin/nats"), include_str!("../../../bin/nats"));
    script(&checkout.path().join(".tools/bin/nats"), "#!/bin/sh\necho asked\n");
    std::fs::create_dir_all(checkout.path().join(".data/nats")).unwrap();
    let context = checkout.path().join(".data/nats/operator.json");
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    std::fs::write(context, format!("{{\n  \"url\": \"nats://{address}\"\n}}")).unwrap();
    let run = || {
        let mut command = Command::new(checkout.path().join("bin/nats"));
        let output = command.env_clear().env("PATH", "/usr/bin:/bin").output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "asked\n");
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(run(), "");
    drop(server);
    assert_eq!(run(), format!("bin/nats: nothing answers at {address}; 'make up' starts it\n"));
}

#[test]
fn what_up_cannot_use_is_refused_before_anything_is_built() {
    let run = |name: &str, value: &str| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/check-up.sh");
        let output = Command::new(script).env_remove("DAYS").env_remove("SOURCE").env(name, value).output();
        let output = output.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for (name, value) in [("DAYS", ""), ("DAYS", "0"), ("DAYS", "090"), ("DAYS", "720"), ("SOURCE", "live")] {
        assert_eq!(run(name, value), (Some(0), String::new()), "{name}={value}");
    }
    for value in ["abc", "-1", "721", "1000", "3 0", "1.5"] {
        let words = format!("DAYS={value}: the days of sample history are a number from 0 to 720\n");
        assert_eq!(run("DAYS", value), (Some(2), words));
    }
    assert_eq!(run("SOURCE", "simulator").0, Some(2));
}
