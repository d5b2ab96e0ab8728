//! The commands in `bin/`.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Command};

use chrono::DateTime;
use kansoku_stack::up::source::{Options, Source};

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
fn kansoku_knows_how_it_was_called_and_where_the_schemas_are() {
    let checkout = tempfile::tempdir().unwrap();
    script(&checkout.path().join("bin/kansoku"), include_str!("../../../scripts/run-service.sh"));
    let addresses = "KANSOKU_URL='http://h:1'\nKANSOKU_SCHEMAS_DIR='/it'\\''s/schemas'\n";
    script(&checkout.path().join("target/release/stack"), &format!("#!/bin/sh\ncat <<'E'\n{addresses}E\n"));
    // Of a script the kernel tells another name; this is a program.
    std::os::unix::fs::symlink("/bin/sh", checkout.path().join("target/release/kansoku")).unwrap();
    std::fs::create_dir_all(checkout.path().join(".data")).unwrap();
    std::fs::write(checkout.path().join(".data/ports.json"), "{}").unwrap();
    let said = |path: &str| {
        let mut command = Command::new("bash");
        command.current_dir(checkout.path()).env_clear().env("PATH", "/usr/bin:/bin");
        let tell = "echo \"$0 $KANSOKU_API_URL $KANSOKU_SCHEMAS_DIR\"";
        let output = command.args(["-c", "\"$0\" -c \"$1\"", path, tell]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(said("bin/kansoku"), "bin/kansoku http://h:1 /it's/schemas\n");
    assert_eq!(said("./bin/kansoku"), "./bin/kansoku http://h:1 /it's/schemas\n");
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

/// What `make up` checks before it builds: exit code and words.
fn check_up(data: &Path, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/check-up.sh");
    let mut command = Command::new(script);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8").env("KANSOKU_DATA", data);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_up_cannot_use_is_refused_before_anything_is_built() {
    let data = tempfile::tempdir().unwrap();
    let run = |name: &str, value: &str| check_up(data.path(), &[(name, value)]);
    let contact = ("CONTACT", "you@example.org");
    for (name, value) in [("DAYS", ""), ("DAYS", "0"), ("DAYS", "090"), ("DAYS", "720"), ("SOURCE", "sim")] {
        assert_eq!(run(name, value), (Some(0), String::new()), "{name}={value}");
    }
    assert_eq!(check_up(data.path(), &[("SOURCE", "live"), contact]), (Some(0), String::new()));
    for value in ["abc", "-1", "721", "1000", "3 0", "1.5"] {
        let words = format!("DAYS={value}: the days of sample history are a number from 0 to 720\n");
        assert_eq!(run("DAYS", value), (Some(2), words));
    }
    assert_eq!(run("SOURCE", "simulator").0, Some(2));
    let (code, words) = run("LOWER", "days");
    assert!(code == Some(2) && words.contains("make up DAYS="), "{words}");
}

/// The script runs where no program is there yet, so that it has the rules of the program again; here they are compared.
#[test]
fn the_check_before_the_build_refuses_what_the_program_refuses() {
    let data = tempfile::tempdir().unwrap();
    let same = |variables: &[(&str, &str)], program: Result<(), String>| {
        let expected = match program {
            Ok(()) => (Some(0), String::new()),
            Err(words) => (Some(2), words + "\n"),
        };
        assert_eq!(check_up(data.path(), variables), expected, "{variables:?}");
    };
    for fast in ["60s", "2min", "1h", "500ms", "1h 30min", "0.5d", "60", "0s", "24h", "1d", "soon", "-1s"] {
        let program = kansoku_service::parse_day(fast).map(|_| ());
        same(&[("FAST", fast)], program.map_err(|words| format!("FAST={fast}: {words}")));
    }
    let decide = |options: Options, before: &Source| {
        let decided = options.decide(before, false, DateTime::UNIX_EPOCH);
        decided.map(|_| ()).map_err(|error| error.to_string())
    };
    let sim = Source::Sim { fast: None };
    let live = ("SOURCE", "live");
    for (contact, urls) in [
        ("", ""),
        (" ", ""),
        ("you", ""),
        ("Jürgen@example.org", ""),
        ("you@example.org", ""),
        ("https://example.org/us", "http://127.0.0.1:8080/v4 https://h/v4/"),
        ("you@example.org", "http://[::1]:8080/v4"),
        ("you@example.org", "nonsense"),
        ("you@example.org", "http://h/v4 ftp://h/v4"),
        ("you@example.org", "http://127.0.0.1:99999/v4"),
        ("you@example.org", "http://a,http://b"),
        ("you@example.org", "http://h/v4?a=b"),
        ("you@example.org", "http://u:secret@h/v4"),
        ("", "http://h/v4"),
    ] {
        let contact_given = Some(contact.to_owned()).filter(|contact| !contact.is_empty());
        let base_urls = urls.split_whitespace().map(str::to_owned).collect();
        let options = Options { contact: contact_given, base_urls, ..Options::default() };
        let variables = [live, ("CONTACT", contact), ("BASE_URLS", urls)];
        same(&variables[1..], decide(options.clone(), &sim));
        same(&variables, decide(Options { live: Some(true), ..options }, &sim));
    }
    let fast = Options { fast_ms: Some(60_000), ..Options::default() };
    same(&[live, ("FAST", "60s")], decide(Options { live: Some(true), ..fast.clone() }, &sim));
    // A live API stays chosen, and its contact known.
    let known = Source::live(Some("me@example.org".to_owned()), Vec::new()).unwrap();
    std::fs::write(data.path().join("source.json"), serde_json::to_string_pretty(&known).unwrap()).unwrap();
    same(&[live], Ok(()));
    same(&[("FAST", "60s")], decide(fast, &known));
    let options = Options { base_urls: vec!["nonsense".to_owned()], ..Options::default() };
    same(&[("BASE_URLS", "nonsense")], decide(options, &known));
}
