//! How much room is on the disk that a folder is on, read when the numbers are fetched.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
};

use crate::Metrics;

impl Metrics {
    /// Adds the disk that this folder is on, or will be.
    pub fn disk(&self, folder: impl Into<PathBuf>) {
        self.collect(Disk(folder.into()));
    }
}

#[derive(Debug)]
struct Disk(PathBuf);

impl Collector for Disk {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let Some((free, size)) = self.0.ancestors().find_map(bytes) else { return Ok(()) };
        let path = self.0.display().to_string();
        for (name, help, value) in [
            ("kansoku_disk_free_bytes", "Bytes that this process may still write to the disk", free),
            ("kansoku_disk_size_bytes", "Bytes of the disk", size),
        ] {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            let mut of = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(of.encode_family(&[("path", path.as_str())])?)?;
        }
        Ok(())
    }
}

/// Free and all bytes of the disk that a folder is on.
fn bytes(folder: &Path) -> Option<(u64, u64)> {
    let disk =
        rustix::fs::statvfs(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).ok()?;
    Some((disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_of_a_folder_that_is_not_made_yet_is_that_of_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        let metrics = Metrics::default();
        metrics.disk(folder.path().join("archive/of/raw"));
        let text = metrics.encode();
        let value = |name: &str| -> f64 {
            let line = text.lines().find(|line| line.starts_with(&format!("{name}{{path="))).unwrap();
            assert!(line.contains("archive/of/raw"), "{line}");
            line.rsplit_once(' ').unwrap().1.parse().unwrap()
        };
        let (free, size) = (value("kansoku_disk_free_bytes"), value("kansoku_disk_size_bytes"));
        assert!(0.0 < size && free <= size, "{text}");
        assert!(bytes(Path::new("")).is_some());
    }
}
