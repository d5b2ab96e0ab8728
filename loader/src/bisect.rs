//! Finding the rows that the database refuses, by halves.

use std::ops::Range;

/// The search among `len` rows of which at least one is known to be refused.
///
/// Ask [`Bisection::next`] what to try, try it, tell [`Bisection::record`], until nothing is left to try.
#[derive(Debug)]
pub struct Bisection {
    untried: Vec<Range<usize>>,
    refused: Vec<usize>,
    tries: u64,
}

impl Bisection {
    /// A search among the rows `0..len`.
    pub fn new(len: usize) -> Self {
        let mut search = Self { untried: Vec::new(), refused: Vec::new(), tries: 0 };
        search.split(0..len);
        search
    }

    /// The rows to try next; `None` when the search is over.
    pub fn next(&self) -> Option<Range<usize>> {
        self.untried.last().cloned()
    }

    /// What became of the rows that [`Bisection::next`] named.
    pub fn record(&mut self, accepted: bool) {
        let Some(tried) = self.untried.pop() else { return };
        self.tries += 1;
        match tried.len() {
            _ if accepted => {}
            1 => self.refused.push(tried.start),
            _ => self.split(tried),
        }
    }

    /// The refused rows in order, and how many tries it took.
    pub fn finish(self) -> (Vec<usize>, u64) {
        (self.refused, self.tries)
    }

    fn split(&mut self, rows: Range<usize>) {
        if rows.len() < 2 {
            self.untried.extend((!rows.is_empty()).then_some(rows));
            return;
        }
        let middle = rows.start + rows.len() / 2;
        self.untried.push(middle..rows.end);
        self.untried.push(rows.start..middle);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn search(len: usize, bad: &BTreeSet<usize>) -> (Vec<usize>, u64) {
        let mut search = Bisection::new(len);
        while let Some(rows) = search.next() {
            search.record(bad.range(rows).next().is_none());
        }
        search.finish()
    }

    #[test]
    fn one_bad_row_of_many_takes_few_tries() {
        let (refused, tries) = search(1250, &BTreeSet::from([777]));
        assert_eq!(refused, [777]);
        assert!(tries <= 22, "{tries} tries");
    }

    #[test]
    fn no_row_at_all_needs_no_try() {
        assert_eq!(search(0, &BTreeSet::new()), (vec![], 0));
    }

    proptest! {
        #[test]
        fn finds_exactly_the_bad_rows(len in 1usize..200, bad in prop::collection::btree_set(0usize..200, 0..8)) {
            let bad: BTreeSet<usize> = bad.into_iter().filter(|row| *row < len).collect();
            prop_assert_eq!(search(len, &bad).0, bad.into_iter().collect::<Vec<_>>());
        }
    }
}
