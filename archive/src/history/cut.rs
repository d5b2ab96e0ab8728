//! Where the rows of one instant are cut into pages.

use kansoku_schemas::Dataset;

/// The most bytes of a page's rows, so that a page and its contract stay well under the limit of the streams.
const MOST_BYTES: usize = 256 << 10;

/// Counts the pages of one instant. The same rows are always cut in the same places, so that their pages keep their ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cut {
    pages: u32,
    rows: u32,
    bytes: usize,
}

impl Cut {
    /// Adds a row of this many bytes; says whether it begins a page. A row too large for any page has one to itself.
    pub fn add(&mut self, bytes: usize) -> bool {
        let full = self.rows == Dataset::History.full_page() || self.bytes + bytes > MOST_BYTES;
        let begins = self.rows == 0 || full;
        if begins {
            *self = Self { pages: self.pages + 1, rows: 0, bytes: 0 };
        }
        self.rows += 1;
        self.bytes += bytes;
        begins
    }

    /// How many pages there are.
    pub fn pages(&self) -> u32 {
        self.pages
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pages_are_full_or_the_last_and_never_too_large(sizes in proptest::collection::vec(1_usize..40_000, 0..2_000)) {
            let mut cut = Cut::default();
            let mut pages: Vec<Vec<usize>> = Vec::new();
            for size in &sizes {
                if cut.add(*size) {
                    pages.push(Vec::new());
                }
                pages.last_mut().unwrap().push(*size);
            }
            prop_assert_eq!(cut.pages() as usize, pages.len());
            prop_assert_eq!(pages.concat(), sizes);
            for (page, next) in pages.iter().zip(pages.iter().skip(1)) {
                let with_next = page.iter().sum::<usize>() + next[0];
                prop_assert!(page.len() == 250 || with_next > MOST_BYTES);
            }
            prop_assert!(pages.iter().all(|page| page.len() <= 250 && page.iter().sum::<usize>() <= MOST_BYTES));
        }
    }

    #[test]
    fn a_huge_row_stands_alone() {
        let mut cut = Cut::default();
        let begins: Vec<bool> = [10, 10, 1 << 20, 10, 10].map(|bytes| cut.add(bytes)).to_vec();
        assert_eq!(begins, [true, false, true, true, false]);
    }
}
