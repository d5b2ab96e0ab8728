//! The programs that watch: which are here, and how each is started.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::ports::Ports;
use crate::{
    tools,
    up::{folders::Folders, services::Program},
};

/// Where each program is; `None` for one that is not needed and not here.
#[derive(Debug, Default)]
pub struct Found {
    /// Prometheus.
    pub prometheus: PathBuf,
    /// Alertmanager.
    pub alertmanager: PathBuf,
    /// The OpenTelemetry collector.
    pub collector: Option<PathBuf>,
    /// Grafana.
    pub grafana: Option<PathBuf>,
    /// Tempo.
    pub tempo: Option<PathBuf>,
    /// Loki.
    pub loki: Option<PathBuf>,
}

impl Found {
    /// Looks them up.
    pub fn here() -> Result<Self> {
        let needed = |names: &[&str]| {
            names.iter().find_map(|name| tools::find(name).ok()).with_context(|| {
                format!("find the program {}: `scripts/setup.sh observe` installs it", names.join(" or "))
            })
        };
        Ok(Self {
            prometheus: needed(&["prometheus"])?,
            alertmanager: needed(&["prometheus-alertmanager", "alertmanager"])?,
            collector: tools::find("otelcol").ok(),
            grafana: optional("KANSOKU_GRAFANA", "grafana")?,
            tempo: optional("KANSOKU_TEMPO", "tempo")?,
            loki: optional("KANSOKU_LOKI", "loki")?,
        })
    }
}

/// The program that a variable names, or one of that name.
fn optional(variable: &str, name: &str) -> Result<Option<PathBuf>> {
    let Some(given) = std::env::var_os(variable).filter(|given| !given.is_empty()) else {
        return Ok(tools::find(name).ok());
    };
    let file = std::path::absolute(&given).with_context(|| format!("read {variable}"))?;
    if !file.is_file() {
        bail!("{variable} names {}, and no program is there", file.display());
    }
    Ok(Some(file))
}

/// How each is started, in the order of their start: who is sent something before who sends it.
pub fn programs(folders: &Folders, ports: &Ports, found: &Found) -> Vec<Program> {
    let (own, files) = (folders.observe(), folders.root.join("observability"));
    let at = |path: &str| own.data.join(path).display().to_string();
    let file = |path: &str| files.join(path).display().to_string();
    let local = |port: u16| format!("127.0.0.1:{port}");
    let program = |name, port: u16, path, file: &Path, arguments: Vec<String>| Program {
        name,
        ready: (port, path),
        file: file.to_path_buf(),
        arguments,
        environment: Vec::new(),
        log: own.log(name),
    };
    let mut programs = vec![
        program(
            "slack",
            ports.slack,
            "/",
            &folders.programs.join("stack"),
            vec![
                "slack".to_owned(),
                "--listen".to_owned(),
                local(ports.slack),
                "--file".to_owned(),
                at("slack.jsonl"),
            ],
        ),
        program(
            "alertmanager",
            ports.alertmanager,
            "/-/ready",
            &found.alertmanager,
            vec![
                format!("--config.file={}", at("alertmanager/alertmanager.yaml")),
                format!("--storage.path={}", at("alertmanager/data")),
                format!("--web.listen-address={}", local(ports.alertmanager)),
                format!("--web.external-url=http://{}", local(ports.alertmanager)),
                "--cluster.listen-address=".to_owned(), // alone
            ],
        ),
    ];
    let store = |name, config: &str, port: u16, program_file: &Path, variables: &[(&str, String)]| Program {
        environment: environment(variables),
        ..program(
            name,
            port,
            "/ready",
            program_file,
            vec![format!("-config.file={}", file(config)), "-config.expand-env=true".to_owned()],
        )
    };
    if let Some(tempo) = &found.tempo {
        let variables = [
            ("TEMPO_PORT", ports.tempo.to_string()),
            ("TEMPO_GRPC_PORT", ports.tempo_grpc.to_string()),
            ("TEMPO_OTLP", local(ports.tempo_otlp)),
            ("TEMPO_DATA", at("tempo")),
            ("TEMPO_LISTEN", "127.0.0.1".to_owned()),
        ];
        programs.push(store("tempo", "tempo/tempo.yaml", ports.tempo, tempo, &variables));
    }
    if let Some(loki) = &found.loki {
        let variables = [
            ("LOKI_PORT", ports.loki.to_string()),
            ("LOKI_GRPC_PORT", ports.loki_grpc.to_string()),
            ("LOKI_DATA", at("loki")),
            ("LOKI_LISTEN", "127.0.0.1".to_owned()),
        ];
        programs.push(store("loki", "loki/loki.yaml", ports.loki, loki, &variables));
    }
    if let Some(collector) = &found.collector {
        let mut arguments = vec![format!("--config={}", file("collector/collector.yaml"))];
        arguments.extend(
            found.tempo.is_some().then(|| format!("--config={}", file("collector/traces-to-tempo.yaml"))),
        );
        arguments.extend(
            found.loki.is_some().then(|| format!("--config={}", file("collector/logs-to-loki.yaml"))),
        );
        programs.push(Program {
            environment: environment(&[
                ("OTLP_GRPC", local(ports.otlp_grpc)),
                ("OTLP_HTTP", local(ports.otlp_http)),
                ("METRICS_HOST", "127.0.0.1".to_owned()),
                ("METRICS_PORT", ports.collector.to_string()),
                ("LOG_FILES", folders.logs().join("*.log").display().to_string()),
                ("TEMPO_OTLP", local(ports.tempo_otlp)),
                ("LOKI_URL", format!("http://{}", local(ports.loki))),
            ]),
            ..program("collector", ports.collector, "/metrics", collector, arguments)
        });
    }
    programs.push(program(
        "prometheus",
        ports.prometheus,
        "/-/ready",
        &found.prometheus,
        vec![
            format!("--config.file={}", at("prometheus/prometheus.yaml")),
            format!("--storage.tsdb.path={}", at("prometheus/data")),
            // What the budgets look back on, and no more of the disk than this.
            "--storage.tsdb.retention.time=31d".to_owned(),
            "--storage.tsdb.retention.size=4GB".to_owned(),
            format!("--web.listen-address={}", local(ports.prometheus)),
            format!("--web.external-url=http://{}", local(ports.prometheus)),
            "--enable-feature=exemplar-storage".to_owned(),
            // What fires before Alertmanager was discovered is lost, and is sent again after so long.
            "--rules.alert.resend-delay=5s".to_owned(),
        ],
    ));
    if let Some(grafana) = &found.grafana {
        programs.push(Program {
            environment: environment(&[
                ("GF_SERVER_HTTP_ADDR", "127.0.0.1".to_owned()),
                ("GF_SERVER_HTTP_PORT", ports.grafana.to_string()),
                ("GF_PATHS_DATA", at("grafana")),
                ("GF_PATHS_LOGS", at("grafana/log")),
                ("GF_PATHS_PLUGINS", at("grafana/plugins")),
                ("GF_PATHS_PROVISIONING", file("grafana/provisioning")),
                // Who can reach this machine's loopback interface may look; exploring takes an editor.
                ("GF_AUTH_ANONYMOUS_ENABLED", "true".to_owned()),
                ("GF_AUTH_ANONYMOUS_ORG_ROLE", "Editor".to_owned()),
                ("GF_ANALYTICS_REPORTING_ENABLED", "false".to_owned()),
                ("GF_ANALYTICS_CHECK_FOR_UPDATES", "false".to_owned()),
                ("GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false".to_owned()),
                ("DASHBOARDS", file("grafana/dashboards")),
                ("PROMETHEUS_URL", format!("http://{}", local(ports.prometheus))),
                ("ALERTMANAGER_URL", format!("http://{}", local(ports.alertmanager))),
                ("TEMPO_URL", format!("http://{}", local(ports.tempo))),
                ("LOKI_URL", format!("http://{}", local(ports.loki))),
            ]),
            ..program(
                "grafana",
                ports.grafana,
                "/api/health",
                grafana,
                vec!["server".to_owned(), format!("--homepath={}", home(grafana).display())],
            )
        });
    }
    programs
}

fn environment(variables: &[(&str, String)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// Grafana's own files: beside its program where it was unpacked, or where its package puts them.
fn home(grafana: &Path) -> PathBuf {
    let real = grafana.canonicalize().unwrap_or_else(|_| grafana.to_path_buf());
    let beside = real.ancestors().find(|folder| folder.join("conf/defaults.ini").is_file());
    beside.map_or_else(|| PathBuf::from("/usr/share/grafana"), Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_collector_sends_on_only_to_what_is_here() {
        let folders = Folders { root: "/r".into(), data: "/d".into(), programs: "/p".into() };
        let here = || Some(PathBuf::from("/bin/true"));
        let started = |found: &Found| -> Vec<(&'static str, String)> {
            let programs = programs(&folders, &Ports::default(), found);
            programs.into_iter().map(|program| (program.name, program.arguments.join(" "))).collect()
        };
        let alone = started(&Found { collector: here(), ..Found::default() });
        let names: Vec<_> = alone.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["slack", "alertmanager", "collector", "prometheus"]);
        assert_eq!(alone[2].1, "--config=/r/observability/collector/collector.yaml");
        let all = started(&Found { collector: here(), tempo: here(), loki: here(), ..Found::default() });
        let collector = all.iter().find(|(name, _)| *name == "collector").unwrap();
        assert!(
            collector
                .1
                .ends_with("/traces-to-tempo.yaml --config=/r/observability/collector/logs-to-loki.yaml")
        );
    }
}
