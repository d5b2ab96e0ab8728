//! Captures of one list that were recorded one after the other are one run, though nothing says so. Pure.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use kansoku_runs::RunMeta;
use kansoku_schemas::{Catalogue, Dataset};

use super::plan::Page;

/// How long after its first page a page may have been recorded: at one request in some seconds, a hundred of them.
const WITHIN: TimeDelta = TimeDelta::minutes(10);

/// The runs that captures without a run are put into.
#[derive(Debug, Default)]
pub(super) struct Groups(HashMap<(Dataset, String, Catalogue), Group>);

#[derive(Debug)]
struct Group {
    run: RunMeta,
    pages: BTreeSet<u32>,
}

impl Groups {
    /// Puts a page of a ranked list into the run of the pages recorded just before it, which is as of its first page. A
    /// page that is there already begins another run. Says what a run misses that gets no more pages.
    pub(super) fn join(&mut self, page: &mut Page) -> Option<String> {
        let meta = &page.run;
        let key = (meta.dataset, meta.source.clone(), meta.catalogue);
        if let Some(group) = self.0.get_mut(&key)
            && (meta.captured_at - group.run.captured_at).abs() <= WITHIN
            && group.pages.insert(page.page)
        {
            page.run = group.run.clone();
            return None;
        }
        let group = Group { run: meta.clone(), pages: BTreeSet::from([page.page]) };
        self.0.insert(key, group).and_then(|before| before.missing())
    }

    /// What the runs miss that got the last pages.
    pub(super) fn finish(self) -> Vec<String> {
        let mut missing: Vec<String> = self.0.into_values().filter_map(|group| group.missing()).collect();
        missing.sort();
        missing
    }
}

impl Group {
    fn missing(&self) -> Option<String> {
        let last = self.pages.last().copied().unwrap_or_default();
        let missing: Vec<String> = (1..last)
            .filter(|page| !self.pages.contains(page))
            .take(9)
            .map(|page| page.to_string())
            .collect();
        let more = u64::from(last) - self.pages.len() as u64 > missing.len() as u64;
        (!missing.is_empty()).then(|| {
            let (pages, run) = (missing.join(", "), &self.run);
            format!("{run} has no page {pages}{}: its ranking has a gap there", if more { " …" } else { "" })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Recording, plan};

    fn page(number: u32, second: i64, source: &str) -> Page {
        let at = chrono::DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap();
        let recording = Recording {
            dataset: Some(Dataset::TopScore),
            captured_at: Ok(at),
            source: Some(source.to_owned()),
            page: Some(number),
            ..Recording::new("a".to_owned(), format!("{{\"data\":[{number}]}}").into())
        };
        plan(recording, at).unwrap()
    }

    #[test]
    fn pages_of_one_list_recorded_one_after_the_other_are_one_run() {
        let mut groups = Groups::default();
        let mut pages =
            [page(1, 0, "a"), page(2, 4, "a"), page(1, 5, "b"), page(3, 599, "a"), page(4, 601, "a")];
        let said: Vec<_> = pages.iter_mut().filter_map(|page| groups.join(page)).collect();
        assert!(said.is_empty(), "{said:?}");
        let runs: Vec<_> = pages.iter().map(|page| page.run.run).collect();
        assert!(runs[0] == runs[1] && runs[0] == runs[3], "{runs:?}");
        assert!(runs[2] != runs[0] && runs[4] != runs[0], "another source, and too late");
        assert_eq!(pages[1].run, pages[0].run);
        let said = groups.finish();
        assert_eq!(said.len(), 1);
        assert!(said[0].contains("has no page 1, 2, 3: its ranking has a gap there"), "{said:?}");
    }

    #[test]
    fn a_page_that_is_there_begins_another_run() {
        let mut groups = Groups::default();
        let mut pages = [page(1, 0, "a"), page(3, 1, "a"), page(1, 2, "a")];
        let said: Vec<_> = pages.iter_mut().filter_map(|page| groups.join(page)).collect();
        assert_ne!(pages[2].run.run, pages[0].run.run);
        assert!(said.len() == 1 && said[0].contains("has no page 2:"), "{said:?}");
    }
}
