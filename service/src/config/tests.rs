use std::{collections::BTreeMap, fs};

use serde::Deserialize;

use super::*;
use crate::{HttpSettings, Secret};

#[derive(Debug, Clone, PartialEq, serde::Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    http: HttpSettings,
    scale: Scale,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Scale {
    grams: u32,
    label: String,
    password: Secret<String>,
    token: Option<Secret<String>>,
    /// A key that is a file, and no secret.
    log_file: Option<String>,
    units: Vec<String>,
    factors: BTreeMap<String, f64>,
}

impl Default for Config {
    fn default() -> Self {
        Self { http: HttpSettings::loopback(7499), scale: Scale::default() }
    }
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            grams: 10,
            label: "kitchen".to_owned(),
            password: "open sesame".into(),
            token: None,
            log_file: None,
            units: vec![],
            factors: BTreeMap::new(),
        }
    }
}

impl Settings for Config {
    fn check(&self) -> Result<(), ConfigError> {
        match self.scale.grams {
            0 => Err(ConfigError::new("scale.grams", "must be at least 1")),
            _ => Ok(()),
        }
    }

    fn health_address(&self) -> std::net::SocketAddr {
        self.http.listen
    }
}

fn build(toml: &str, variables: &[(&str, &str)]) -> Result<Loaded<Config>, ConfigError> {
    Loaded::build("kitchen-scale", Some(("scale.toml", toml)), &Environment::from(variables), None)
}

fn refusal(toml: &str, variables: &[(&str, &str)]) -> String {
    build(toml, variables).expect_err("it will not do").to_string()
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_defaults() {
    let toml = "[scale]\ngrams = 20\nlabel = 'from the file'\n";
    let variables = [
        ("KITCHEN_SCALE_SCALE__GRAMS", "30"),
        ("KITCHEN_SCALE_SCALE__UNITS", "[\"g\", \"kg\"]"),
        ("KITCHEN_SCALE_TELEMETRY__LOG", "debug"),
        ("KITCHEN_SCALE_CONFIG", "is not a key"),
    ];
    let Loaded { service, telemetry } = build(toml, &variables).unwrap();
    let scale = Scale {
        grams: 30,
        label: "from the file".to_owned(),
        units: vec!["g".to_owned(), "kg".to_owned()],
        ..Scale::default()
    };
    assert_eq!(service, Config { scale, ..Config::default() });
    assert_eq!(telemetry.log, "debug");
    assert_eq!(build("", &[]).unwrap().service, Config::default());
}

#[test]
fn a_key_leaves_the_others_of_its_section_as_they_are() {
    let http = build("", &[("KITCHEN_SCALE_HTTP__MAX_CONNECTIONS", "8")]).unwrap().service.http;
    assert_eq!(http, HttpSettings { max_connections: 8, ..HttpSettings::loopback(7499) });
}

#[test]
fn text_in_a_variable_stays_text() {
    let variables = [("KITCHEN_SCALE_SCALE__PASSWORD", "007"), ("KITCHEN_SCALE_SCALE__LABEL", "true")];
    let scale = build("", &variables).unwrap().service.scale;
    assert_eq!((scale.password.expose().as_str(), scale.label.as_str()), ("007", "true"));
}

#[test]
fn an_unknown_key_is_refused_with_its_origin() {
    let file = refusal("[scale]\ngramms = 20\n", &[]);
    assert!(file.starts_with("scale.gramms: unknown key; known here: grams, label"), "{file}");
    assert!(file.ends_with("(scale.toml)"), "{file}");
    let variable = refusal("", &[("KITCHEN_SCALE_SCALE__GRAMMS", "20")]);
    assert!(variable.starts_with("scale.gramms: unknown key"), "{variable}");
    assert!(variable.ends_with("(KITCHEN_SCALE_SCALE__GRAMMS)"), "{variable}");
    let section = refusal("[telemetry]\ncolour = true\n", &[]);
    assert!(section.starts_with("telemetry.colour: unknown key; known here: log"), "{section}");
    let top = refusal("", &[("KITCHEN_SCALE_SCALE_GRAMS", "20")]);
    assert!(top.starts_with("scale_grams: unknown key; known here: http, scale, telemetry"), "{top}");
}

#[test]
fn a_bad_value_is_refused_with_its_key_and_origin() {
    let file = refusal("[http]\nlisten = 'here'\n", &[]);
    assert_eq!(file, "http.listen: invalid socket address syntax (scale.toml)");
    let variable = refusal("", &[("KITCHEN_SCALE_SCALE__GRAMS", "many")]);
    assert!(variable.starts_with("scale.grams: invalid type: found string \"many\""), "{variable}");
    assert!(variable.ends_with("(KITCHEN_SCALE_SCALE__GRAMS)"), "{variable}");
    let checked = refusal("[scale]\ngrams = 0\n", &[]);
    assert_eq!(checked, "scale.grams: must be at least 1 (scale.toml)");
    let log = refusal("[telemetry]\nlog = 'a=b=c'\n", &[]);
    assert!(log.starts_with("telemetry.log: "), "{log}");
    let syntax = refusal("[scale\n", &[]);
    assert!(syntax.contains("line 1") && syntax.ends_with("(scale.toml)"), "{syntax}");
}

#[test]
fn a_secret_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    fs::write(&path, "hush\n").unwrap();
    let path = path.to_str().unwrap();
    let toml =
        format!("[scale]\npassword_file = '{path}'\ntoken_file = '{path}'\nlog_file = 'weights.log'\n");
    let scale = build(&toml, &[]).unwrap().service.scale;
    assert_eq!(scale.password.expose(), "hush");
    assert_eq!(scale.token, Some(Secret::from("hush")));
    assert_eq!(scale.log_file.as_deref(), Some("weights.log"));
    let variables = [("KITCHEN_SCALE_SCALE__PASSWORD_FILE", path)];
    let scale = build("[scale]\npassword = 'from the file'\n", &variables).unwrap().service.scale;
    assert_eq!(scale.password.expose(), "hush");

    let both = refusal(&format!("[scale]\npassword = 'x'\npassword_file = '{path}'\n"), &[]);
    assert_eq!(both, "scale.password_file: password is given as well; keep one of them (scale.toml)");
    let missing = refusal("", &[("KITCHEN_SCALE_SCALE__PASSWORD_FILE", "/nowhere/at/all")]);
    assert!(
        missing.starts_with("scale.password_file: read the file with the secret /nowhere/at/all: "),
        "{missing}"
    );
    assert!(missing.ends_with("(KITCHEN_SCALE_SCALE__PASSWORD_FILE)"), "{missing}");
    let unknown = refusal("[scale]\ngrammar_file = 'x'\n", &[]);
    assert!(unknown.starts_with("scale.grammar_file: unknown key"), "{unknown}");
}

#[test]
fn what_is_printed_can_be_read_again_and_shows_no_secret() {
    let loaded =
        build("[scale]\npassword = 'hush'\ntoken = 'hush'\n[scale.factors]\nounce = 28.35\n", &[]).unwrap();
    let printed = loaded.print().unwrap();
    assert!(!printed.contains("hush"), "{printed}");
    let again = build(&printed, &[]).unwrap();
    assert_eq!(again.service.scale.factors, loaded.service.scale.factors);
    assert_eq!(again.service.scale.password.expose(), crate::secret::MASK);
    assert_eq!(again.telemetry, loaded.telemetry);
}

#[test]
fn a_missing_file_is_named() {
    let environment = Environment::from(&[("KITCHEN_SCALE_CONFIG", "/nowhere/scale.toml")][..]);
    let error = Loaded::<Config>::read("kitchen-scale", None, &environment, None).unwrap_err().to_string();
    assert!(error.starts_with("read the configuration file /nowhere/scale.toml: No such file"), "{error}");
}
