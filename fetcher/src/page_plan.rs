//! Which page of a list is requested next. Pure.

use std::collections::BTreeMap;

use kansoku_runs::envelope::Envelope;
use kansoku_schemas::Dataset;

/// How often a page is requested in one sitting, each time with all its attempts: in its turn, and after all others.
const PASSES: u32 = 2;

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageOutcome {
    /// It is in RAW.
    Stored,
    /// It is not, and may be the next time.
    Failed,
    /// It is not, and will not be soon.
    Hopeless,
    /// The process was stopped meanwhile.
    Stopped,
}

/// How often each page was requested in this sitting.
#[derive(Debug, Default)]
pub struct Passes(BTreeMap<u32, u32>);

impl Passes {
    /// The next page: the first that was requested least often. Of a list about which nothing is known, the first page.
    pub fn next(&self, planned: Option<u32>, has: impl Fn(u32) -> bool) -> Option<u32> {
        let passes = |page: &u32| self.0.get(page).copied().unwrap_or_default();
        let missing = (1..=planned.unwrap_or(1).max(1)).filter(|page| !has(*page));
        missing.filter(|page| passes(page) < PASSES).min_by_key(|page| (passes(page), *page))
    }

    /// Notes what became of a page.
    pub fn note(&mut self, page: u32, outcome: PageOutcome) {
        let more = match outcome {
            PageOutcome::Stopped => 0,
            PageOutcome::Stored | PageOutcome::Failed => 1,
            PageOutcome::Hopeless => PASSES,
        };
        *self.0.entry(page).or_default() += more;
    }
}

/// Whether a page without rows stands where a list goes on that has begun: then it is no page, whatever its status was. Behind
/// the last page it ends the list; the first one says that the whole list is empty, as it may be for weeks (jikan-rest#388).
pub fn is_hole(before: Option<u32>, page: u32, envelope: &Envelope) -> bool {
    page > 1 && envelope.rows == 0 && envelope.last_visible_page.or(before).is_some_and(|last| page < last)
}

/// How many pages there are to get after this one came, at most `max_pages`. An upstream that says that another page follows
/// need not say how many there are. It is wrong now and then (jikan-rest#198: another page follows the last one, and is
/// empty), so a page without rows ends the list. Where it does not say whether one follows, one follows a full page.
pub fn planned(before: Option<u32>, page: u32, envelope: &Envelope, dataset: Dataset, max_pages: u32) -> u32 {
    let is_full = dataset.is_ranked() && envelope.rows >= dataset.full_page();
    let follows = envelope.has_next_page.unwrap_or(match envelope.last_visible_page {
        Some(last) => page < last,
        None => is_full,
    });
    if envelope.rows == 0 || !follows {
        return page;
    }
    let last = envelope.last_visible_page.unwrap_or_default().max(page + 1);
    before.unwrap_or_default().max(last.min(max_pages.max(page)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(rows: u32, has_next_page: impl Into<Option<bool>>, last: Option<u32>) -> Envelope {
        Envelope { rows, has_next_page: has_next_page.into(), last_visible_page: last }
    }

    fn planned(before: Option<u32>, page: u32, envelope: &Envelope, max_pages: u32) -> u32 {
        super::planned(before, page, envelope, Dataset::TopScore, max_pages)
    }

    #[test]
    fn where_the_upstream_does_not_say_a_page_follows_a_full_one() {
        assert_eq!(planned(None, 1, &envelope(25, None, Some(3)), 20), 3);
        assert_eq!(planned(Some(3), 3, &envelope(25, None, Some(3)), 20), 3);
        assert_eq!(planned(None, 1, &envelope(25, None, None), 20), 2);
        assert_eq!(planned(Some(2), 2, &envelope(24, None, None), 20), 2);
        let genres = super::planned(None, 1, &envelope(76, None, None), Dataset::Genres, 20);
        assert_eq!(genres, 1, "a list without pages");
    }

    #[test]
    fn an_empty_page_ends_a_list_only_behind_its_last_page() {
        assert!(is_hole(Some(3), 2, &envelope(0, true, Some(3))));
        assert!(is_hole(Some(3), 2, &envelope(0, false, None)));
        assert!(!is_hole(None, 1, &envelope(0, false, Some(3))), "the whole list is empty");
        assert!(!is_hole(Some(3), 2, &envelope(0, false, Some(1))), "the list has shrunk meanwhile");
        assert!(!is_hole(Some(3), 3, &envelope(0, false, Some(3))));
        assert!(!is_hole(Some(4), 4, &envelope(0, true, Some(3))));
        assert!(!is_hole(None, 1, &envelope(0, false, None)));
        assert!(!is_hole(Some(3), 2, &envelope(1, true, Some(3))));
    }

    #[test]
    fn a_list_has_the_pages_that_it_says_and_one_more_where_another_follows() {
        assert_eq!(planned(None, 1, &envelope(25, true, Some(4)), 20), 4);
        assert_eq!(planned(None, 1, &envelope(25, true, None), 20), 2, "the upstream does not say how many");
        assert_eq!(planned(Some(2), 2, &envelope(25, true, Some(2)), 20), 3, "it says the page requested");
        assert_eq!(planned(Some(4), 2, &envelope(25, true, None), 20), 4);
        assert_eq!(planned(Some(4), 2, &envelope(7, false, Some(2)), 20), 2);
        assert_eq!(planned(Some(3), 3, &envelope(0, true, None), 20), 3);
        assert_eq!(planned(None, 1, &envelope(25, true, Some(40)), 20), 20);
        assert_eq!(planned(Some(20), 20, &envelope(25, true, Some(40)), 20), 20);
    }

    #[test]
    fn a_page_that_failed_is_requested_again_after_all_others() {
        let mut passes = Passes::default();
        let mut stored = vec![];
        let mut order = vec![];
        while let Some(page) = passes.next(Some(4), |page| stored.contains(&page)) {
            order.push(page);
            let outcome = match page {
                2 if order.len() < 4 => PageOutcome::Failed,
                3 => PageOutcome::Hopeless,
                4 => PageOutcome::Failed,
                page => {
                    stored.push(page);
                    PageOutcome::Stored
                }
            };
            passes.note(page, outcome);
        }
        assert_eq!(order, [1, 2, 3, 4, 2, 4]);
        assert_eq!(Passes::default().next(None, |_| false), Some(1));
        passes.note(9, PageOutcome::Stopped);
        assert_eq!(passes.next(Some(9), |page| page < 9), Some(9), "it was not its fault");
    }
}
