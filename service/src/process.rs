//! What the system says of this process, under the names that Prometheus' own clients use.

use std::fs;

use chrono::{DateTime, Utc};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};

use crate::{Health, Metrics, VERSION};

/// Linux counts the CPU time it shows in hundredths of a second, on every machine (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Adds the build, the process and its dependencies to the metrics.
pub(crate) fn register(metrics: &Metrics, service: &'static str, health: &Health, started: DateTime<Utc>) {
    let labels = vec![("service", service.to_owned()), ("version", VERSION.to_owned())];
    metrics.info("kansoku_build", "What runs", labels);
    metrics.collect(Process { started });
    metrics.collect(Readiness(health.clone()));
}

#[derive(Debug)]
struct Process {
    started: DateTime<Utc>,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let mut gauge = |name, help, value: Option<f64>| match value {
            Some(value) => {
                let gauge = ConstGauge::new(value);
                gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
            }
            None => Ok(()),
        };
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let open = fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count() as f64);
        let resident = field(&status, "VmRSS:").map(|kibibytes| kibibytes * 1024.0);
        gauge("process_resident_memory_bytes", "Memory in use", resident)?;
        gauge("process_threads", "Threads", field(&status, "Threads:"))?;
        gauge("process_open_fds", "Open files and sockets", open)?;
        gauge(
            "process_start_time_seconds",
            "When it started",
            Some(self.started.timestamp_millis() as f64 / 1000.0),
        )?;
        if let Some(seconds) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(cpu_seconds) {
            let counter = ConstCounter::new(seconds);
            let of = encoder.encode_descriptor(
                "process_cpu_seconds",
                "CPU time used",
                None,
                counter.metric_type(),
            )?;
            counter.encode(of)?;
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Readiness(Health);

impl Collector for Readiness {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let gauge = |ready: bool| ConstGauge::new(i64::from(ready));
        let help = "1 while the dependency is ready";
        let mut of =
            encoder.encode_descriptor("kansoku_dependency_ready", help, None, gauge(true).metric_type())?;
        for (name, condition) in self.0.report(false).dependencies {
            gauge(condition.ready).encode(of.encode_family(&[("dependency", name)])?)?;
        }
        Ok(())
    }
}

/// The number after a label in `/proc/self/status`.
fn field(status: &str, label: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix(label))?.split_whitespace().next()?.parse().ok()
}

/// User and system time from `/proc/self/stat`: the 14th and 15th field. The second, the name, may hold spaces.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut times = after_name.split_whitespace().skip(11).map(str::parse::<f64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_from_what_the_system_writes() {
        let stat = "7 (odd ) name) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 4 0 99 1 2";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(field("Name:\tx\nVmRSS:\t  2048 kB\nThreads:\t4\n", "VmRSS:"), Some(2048.0));
        assert_eq!(field("", "VmRSS:"), None);
    }

    #[test]
    fn every_scrape_names_build_process_and_dependencies() {
        let (metrics, health) = (Metrics::default(), Health::default());
        health.dependency("nats").ready();
        health.dependency("postgres").unavailable("connection refused");
        register(&metrics, "weigher", &health, DateTime::UNIX_EPOCH);
        let text = metrics.encode();
        let build = format!("kansoku_build_info{{service=\"weigher\",version=\"{VERSION}\"}} 1");
        for line in [
            build.as_str(),
            "kansoku_dependency_ready{dependency=\"nats\"} 1",
            "kansoku_dependency_ready{dependency=\"postgres\"} 0",
            "process_resident_memory_bytes ",
            "process_cpu_seconds_total ",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
