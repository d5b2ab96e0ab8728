//! The names of archive files: `<epoch>-<first>-<last>.jsonl.zst`, in whose order, as a shell lists them, they are to be
//! imported.

const ENDING: &str = ".jsonl.zst";

/// The name of a file that is not finished: where it will end is not known.
pub fn beginning(epoch: u64, first: u64) -> String {
    format!("{epoch}-{first:012}{ENDING}")
}

/// The name of a file that covers these positions of RAW.
pub fn name(epoch: u64, first: u64, last: u64) -> String {
    format!("{epoch}-{first:012}-{last:012}{ENDING}")
}

/// Where a file ends that begins at this position; `None` for every other name.
pub fn last(file: &str, epoch: u64, first: u64) -> Option<u64> {
    let last = file.strip_suffix(ENDING)?.strip_prefix(&format!("{epoch}-{first:012}-"))?.parse().ok()?;
    (last >= first && name(epoch, first, last) == file).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn their_order_is_that_of_the_positions() {
        assert!(name(5, 9, 9) < name(5, 10, 99) && name(5, 10, 99) < name(5, 100, 100));
    }

    #[test]
    fn only_the_file_that_begins_here_is_known() {
        assert_eq!(last(&name(5, 7, 9), 5, 7), Some(9));
        for other in
            [name(6, 7, 9), name(5, 8, 9), name(5, 7, 6), beginning(5, 7), "5-7-9.jsonl.zst".to_owned()]
        {
            assert_eq!(last(&other, 5, 7), None, "{other}");
        }
    }
}
