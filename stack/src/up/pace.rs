//! How long a simulated day takes, as a person writes it.

/// A unit that ends in another one's letters comes before that.
const UNITS: [(&str, u64); 5] = [("h", 3_600_000), ("ms", 1), ("s", 1_000), ("m", 60_000), ("min", 60_000)];
const DAY_MS: u64 = 86_400_000;

/// Reads 60s, 2min, 2m, 1h or 500ms, as milliseconds.
///
/// # Errors
/// When it is none of them, nothing, or no faster than a day.
pub fn parse(text: &str) -> Result<u64, String> {
    let read = UNITS.iter().find_map(|(unit, millis)| {
        let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        number.checked_mul(*millis)
    });
    let fast = read.filter(|millis| (1..DAY_MS).contains(millis));
    fast.ok_or_else(|| {
        "how long a simulated day takes looks like 60s, 2min, 1h or 500ms, and is less than a day".to_owned()
    })
}

/// As [`parse`] reads it again.
pub fn words(day_ms: u64) -> String {
    let whole =
        UNITS.iter().filter(|(_, millis)| day_ms.is_multiple_of(*millis)).max_by_key(|(_, millis)| *millis);
    whole.map_or_else(String::new, |(unit, millis)| format!("{}{unit}", day_ms / millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_read_and_said_as_people_write_it() {
        for (text, millis) in [
            ("60s", 60_000),
            ("2m", 120_000),
            ("2min", 120_000),
            ("1h", 3_600_000),
            ("500ms", 500),
            ("90s", 90_000),
        ] {
            assert_eq!(parse(text), Ok(millis));
            assert_eq!(parse(&words(millis)), Ok(millis));
        }
        for wrong in
            ["", "60", "s", "0s", "-1s", "1.5h", "24h", "2d", "99999999999999999999h", "9999999999999999h"]
        {
            assert!(parse(wrong).unwrap_err().contains("60s, 2min, 1h"), "{wrong}");
        }
        assert_eq!([500, 60_000, 90_000, 7_200_000].map(words), ["500ms", "1min", "90s", "2h"]);
    }
}
