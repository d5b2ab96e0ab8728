//! Minutes cut to seconds, so that a test or a rehearsal sees an alert fire and resolve while it waits.

use std::path::Path;

use anyhow::{Context, Result};

/// Below this a window holds too few samples, which come once a second then.
const SHORTEST_WINDOW: u64 = 4;

/// Replaces the links in the folder of a run by copies of what they lead to, so many times as fast.
pub fn to_seconds(observe: &Path, times: u64) -> Result<()> {
    let rules = observe.join("prometheus/rules");
    let texts: Vec<(std::ffi::OsString, String)> = std::fs::read_dir(&rules)
        .with_context(|| format!("list {}", rules.display()))?
        .flatten()
        .map(|file| Ok((file.file_name(), read(&file.path())?)))
        .collect::<Result<_>>()?;
    std::fs::remove_file(&rules).context("unlink the rules")?;
    std::fs::create_dir(&rules).context("make the folder of the rules")?;
    for (name, text) in texts {
        write(&rules.join(name), &cut(&text, times))?;
    }
    for file in ["prometheus/prometheus.yaml", "alertmanager/alertmanager.yaml"] {
        let file = observe.join(file);
        let text = cut(&read(&file)?, times);
        std::fs::remove_file(&file).with_context(|| format!("unlink {}", file.display()))?;
        write(&file, &text)?;
    }
    Ok(())
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("write {}", file.display()))
}

/// Cuts each window in brackets, and each duration that is the value of a key.
fn cut(text: &str, times: u64) -> String {
    let mut faster = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.split_once(": ") {
            Some((key, value)) if seconds(value.trim()).is_some() => {
                let seconds = (seconds(value.trim()).unwrap_or_default() / times).max(1);
                // How long one answer may take, not what happens how often.
                let seconds = if key.ends_with("timeout") { 1 } else { seconds };
                faster += &format!("{key}: {seconds}s\n");
            }
            _ => faster += &windows(line, times),
        }
    }
    faster
}

fn windows(line: &str, times: u64) -> String {
    let mut parts = line.split('[');
    let mut faster = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        faster.push('[');
        match part.split_once(']') {
            Some((window, rest)) if seconds(window).is_some() => {
                let window = seconds(window).unwrap_or_default() / times;
                faster += &format!("{}s]{rest}", window.max(SHORTEST_WINDOW));
            }
            _ => faster += part,
        }
    }
    faster
}

/// A duration as Prometheus writes one of a single unit.
fn seconds(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    Some(number.parse::<u64>().ok()? * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_and_waits_are_cut_and_nothing_else() {
        let slow = "scrape_interval: 5s\n    for: 10m\n    expr: rate(x[5m]) > 0.5 and y[1h] == 5\n  by: [job, le]\n";
        let fast = "scrape_interval: 1s\n    for: 10s\n    expr: rate(x[5s]) > 0.5 and y[60s] == 5\n  by: [job, le]\n";
        assert_eq!(cut(slow, 60), fast);
        assert_eq!(
            cut("expr: increase(x[2m])\nscrape_timeout: 4s\n", 60),
            "expr: increase(x[4s])\nscrape_timeout: 1s\n"
        );
        assert_eq!(
            cut("name: errors:ratio_rate5m\nscript: no\n", 60),
            "name: errors:ratio_rate5m\nscript: no\n"
        );
    }
}
