//! The rows of one instant as pages. Pure.

use bytes::Bytes;
use kansoku_schemas::Dataset;

/// The most bytes of a page's rows, so that a page and its contract stay well under the limit of the streams.
const MAX_BYTES: usize = 256 << 10;

/// The bodies of these rows' pages, each with its number of rows. The same rows are always cut in the same places, so that
/// their pages keep their ids. A row too large for any page has one to itself.
pub(super) fn bodies(rows: &[String]) -> Vec<(u64, Bytes)> {
    let limit = Dataset::History.full_page();
    let body = |rows: &[String]| {
        let rows = rows.join(",\n");
        format!("{{\"pagination\":{{\"items\":{{\"per_page\":{limit}}}}},\"data\":[\n{rows}\n]}}").into()
    };
    cut(rows, limit as usize).into_iter().map(|rows| (rows.len() as u64, body(rows))).collect()
}

fn cut(rows: &[String], limit: usize) -> Vec<&[String]> {
    let (mut pages, mut first, mut bytes) = (Vec::new(), 0, 0);
    for (place, row) in rows.iter().enumerate() {
        if place > first && (place - first == limit || bytes + row.len() > MAX_BYTES) {
            pages.push(&rows[first..place]);
            (first, bytes) = (place, 0);
        }
        bytes += row.len();
    }
    if first < rows.len() {
        pages.push(&rows[first..]);
    }
    pages
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pages_are_full_or_the_last_and_never_too_large(sizes in proptest::collection::vec(1_usize..40_000, 0..600)) {
            let rows: Vec<String> = sizes.iter().map(|size| "x".repeat(*size)).collect();
            let pages = cut(&rows, 250);
            prop_assert_eq!(pages.concat(), rows.clone());
            let bytes = |rows: &[String]| rows.iter().map(String::len).sum::<usize>();
            for two in pages.windows(2) {
                prop_assert!(two[0].len() == 250 || bytes(two[0]) + two[1][0].len() > MAX_BYTES);
            }
            prop_assert!(pages.iter().all(|rows| rows.len() <= 250 && bytes(rows) <= MAX_BYTES));
        }
    }

    #[test]
    fn a_huge_row_stands_alone() {
        let rows = [10, 10, 1 << 20, 10, 10].map(|bytes| "x".repeat(bytes));
        assert_eq!(cut(&rows, 250).iter().map(|rows| rows.len()).collect::<Vec<_>>(), [2, 1, 2]);
    }
}
