//! What the kernel counts of a process: memory and processor time.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

/// Ticks in a second, as Linux shows them to programs on every architecture we know.
const TICKS: f64 = 100.0;

/// Resident memory in MB (of a million bytes).
pub fn resident(pid: u32) -> Result<f64> {
    let file = format!("/proc/{pid}/status");
    let text = std::fs::read_to_string(&file).with_context(|| format!("read {file}"))?;
    read_resident(&text).with_context(|| format!("find VmRSS in {file}"))
}

/// Processor seconds that a process has used, with those of all its children.
pub fn processor(pid: u32) -> Result<f64> {
    let all = std::fs::read_dir("/proc").context("read /proc")?.flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    // A process that ends meanwhile is counted by its parent.
    let stats: BTreeMap<u32, Stat> = ids
        .filter_map(|id| Some((id, read_stat(&std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?)))
        .collect();
    let own = stats.get(&pid).with_context(|| format!("find the process {pid}"))?;
    let children = stats.values().filter(|stat| stat.parent == pid);
    Ok(children.chain([own]).map(|stat| stat.ticks).sum::<u64>() as f64 / TICKS)
}

/// Seconds in which the cores had something to do, and in which they had not (waiting for the disk included), since the
/// start of the machine.
pub fn machine() -> Result<(f64, f64)> {
    let text = std::fs::read_to_string("/proc/stat").context("read /proc/stat")?;
    read_machine(&text).context("find the line cpu in /proc/stat")
}

/// Of `/proc/<pid>/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// Its own and those of children that have ended, user and system.
    ticks: u64,
}

fn read_stat(text: &str) -> Option<Stat> {
    // The name stands in brackets and may hold anything; the state follows, then the parent.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11..15)?.iter().map(|field| field.parse::<u64>().ok()).sum::<Option<u64>>()?;
    Some(Stat { parent: fields.get(1)?.parse().ok()?, ticks })
}

fn read_machine(text: &str) -> Option<(f64, f64)> {
    let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    // user nice system idle iowait irq softirq steal; what follows is contained in user and nice.
    let fields = line.split_whitespace().take(8).map(|field| field.parse::<f64>().ok());
    let ticks: Vec<f64> = fields.collect::<Option<_>>()?;
    let idle: f64 = ticks.get(3..5)?.iter().sum();
    Some(((ticks.iter().sum::<f64>() - idle) / TICKS, idle / TICKS))
}

fn read_resident(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let text = "42 (a) b) S 7 42 42 0 -1 4194304 900 0 0 0 11 22 33 44 20 0 1 0 12345 1 2 3";
        assert_eq!(read_stat(text), Some(Stat { parent: 7, ticks: 110 }));
        assert_eq!(read_stat("42 (cut) S 7"), None);
    }

    #[test]
    fn memory_is_in_millions_of_bytes() {
        assert_eq!(read_resident("VmPeak:\t  9 kB\nVmRSS:\t   39063 kB\n"), Some(40.000_512));
        assert_eq!(read_resident("VmPeak:\t  9 kB\n"), None);
    }

    #[test]
    fn waiting_for_the_disk_is_idle_and_guests_count_once() {
        let text = "cpu  100 0 50 700 50 10 10 80 99 99\ncpu0 1 1 1 1\n";
        assert_eq!(read_machine(text), Some((2.5, 7.5)));
        assert_eq!(read_machine("cpu0 1 1 1 1\n"), None);
    }

    #[test]
    fn our_own_process_can_be_read() {
        let own = std::process::id();
        assert!(resident(own).unwrap() > 0.1);
        assert!(processor(own).unwrap() >= 0.0);
    }
}
