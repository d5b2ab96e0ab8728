//! Compares what was accepted with what is there. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{found::Found, witness::Witness};

/// What became of all that the upstream sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Answers with status 200, and with another.
    pub answers: (usize, usize),
    /// Answers that came to nothing by a fault: the page was asked for again, or is missing in a run that says so.
    pub wasted: usize,
    /// Pages and rows that were accepted.
    pub pages: usize,
    /// See `pages`.
    pub rows: usize,
    /// Rows that are stored, and that say again what another row of their run says.
    pub stored: usize,
    /// See `stored`.
    pub duplicate: usize,
    /// Rows that are dead letters.
    pub dead_rows: usize,
    /// Whole pages that are, and the rows in them.
    pub dead_pages: (usize, usize),
    /// What is nowhere.
    pub lost: Vec<String>,
    /// What is somewhere twice, or in two places that exclude each other.
    pub doubled: Vec<String>,
    /// What else does not agree.
    pub other: Vec<String>,
}

impl Verdict {
    /// Whether all is accounted for.
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.other.is_empty()
    }
}

/// What is there more than once.
fn repeated<T: Ord + Clone>(all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    let mut seen = BTreeSet::new();
    all.into_iter().filter(move |one| !seen.insert(one.clone()))
}

/// What `found` misses or has twice of what the witnesses say.
pub fn judge(witness: &Witness, found: &Found) -> Verdict {
    let mut verdict = Verdict {
        answers: (witness.answers.len(), witness.refused),
        pages: witness.raw.len(),
        rows: witness.raw.iter().map(|page| page.rows.len()).sum(),
        ..Verdict::default()
    };
    answers(&mut verdict, witness);
    once(&mut verdict, witness, found);
    let dead: BTreeSet<&str> = found.letters.iter().map(String::as_str).collect();
    rows(&mut verdict, witness, found, &dead);
    letters(&mut verdict, found, &dead);
    if !witness.commanded {
        unmoved(&mut verdict, found);
    }
    verdict
}

/// Every answer is in RAW, or a fault explains why not; nothing is in RAW that nobody sent.
fn answers(verdict: &mut Verdict, witness: &Witness) {
    // Per hash: sent, sent while something could cost it, stored.
    let mut counts: BTreeMap<&str, (usize, usize, usize, &str)> = BTreeMap::new();
    for answer in &witness.answers {
        let count = counts.entry(&answer.sha256).or_insert((0, 0, 0, &answer.address));
        count.0 += 1;
        count.1 += usize::from(answer.may_be_wasted);
    }
    for page in &witness.raw {
        counts.entry(&page.sha256).or_default().2 += 1;
    }
    for (sha256, (sent, excused, stored, address)) in counts {
        if stored > sent {
            verdict.doubled.push(format!("RAW has the body {sha256} {stored} times, sent {sent} times"));
        }
        let missing = sent.saturating_sub(stored);
        verdict.wasted += missing;
        if missing > excused {
            verdict
                .lost
                .push(format!("the answer to {address} ({sha256}) is not in RAW, and no fault explains it"));
        }
    }
}

/// RAW, RUN, VALID and the table of pages tell of the same pages, each once.
fn once(verdict: &mut Verdict, witness: &Witness, found: &Found) {
    let places: BTreeSet<_> = witness.raw.iter().map(|page| (page.run.clone(), page.page)).collect();
    let dropped = witness.dropped.iter();
    verdict
        .lost
        .extend(dropped.map(|seq| format!("message {seq} was dropped from RAW, and no archive file has it")));
    let twice = repeated(witness.raw.iter().map(|page| (page.run.clone(), page.page)));
    verdict.doubled.extend(twice.map(|(run, page)| format!("page {page} of run {run} is in RAW twice")));
    let claimed = found.got.iter().filter(|place| !places.contains(place));
    verdict
        .lost
        .extend(claimed.map(|(run, page)| format!("run {run} says it got page {page}, and RAW has none")));
    let dead = dead_pages(found);
    let is_dead = |seq: &u64| {
        let page = witness.raw.iter().find(|page| page.seq == *seq);
        page.is_some_and(|page| dead.contains(&(page.run.as_str(), page.page)))
    };
    let raw: BTreeSet<u64> = witness.raw.iter().map(|page| page.seq).collect();
    let stored: Vec<u64> = found.pages.iter().map(|(seq, _)| *seq).collect();
    for (what, seqs) in [("VALID", &found.valid), ("the table of pages", &stored)] {
        verdict.doubled.extend(repeated(seqs).map(|seq| format!("message {seq} of RAW is in {what} twice")));
        let there: BTreeSet<u64> = seqs.iter().copied().collect();
        let nobodys =
            there.difference(&raw).map(|seq| format!("{what} has message {seq} of RAW, which is none"));
        verdict.doubled.extend(nobodys);
        let missing: Vec<_> = raw.difference(&there).filter(|seq| !is_dead(seq)).collect();
        if what == "VALID" && missing.len() as u64 == found.valid_dropped {
            continue;
        }
        verdict
            .lost
            .extend(missing.iter().map(|seq| format!("message {seq} of RAW is neither in {what} nor dead")));
    }
    let both = stored.iter().filter(|seq| is_dead(seq));
    verdict.doubled.extend(both.map(|seq| format!("message {seq} of RAW is stored and dead")));
    let received: BTreeMap<_, _> = found.pages.iter().copied().collect();
    for page in &witness.raw {
        if received.get(&page.seq).is_some_and(|received| *received != page.rows.len() as u64) {
            verdict.other.push(format!("message {} of RAW: other rows received than sent", page.seq));
        }
    }
}

/// Run and number of the pages that are dead as a whole, by the roots of their dead letters.
fn dead_pages(found: &Found) -> BTreeSet<(&str, u32)> {
    let pages = found.letters.iter().filter_map(|root| {
        let mut parts = root.split(':');
        let (run, page, row) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        (row == "page").then_some((run, page))
    });
    pages.collect()
}

/// Every row is stored, or dead.
fn rows(verdict: &mut Verdict, witness: &Witness, found: &Found, dead: &BTreeSet<&str>) {
    let stored: BTreeSet<(&str, i64)> = found.stored.iter().map(|(run, id)| (run.as_str(), *id)).collect();
    let twice = repeated(&found.stored).map(|(run, id)| format!("{id} of run {run} is stored twice"));
    verdict.doubled.extend(twice);
    let (mut expected, dead_pages) = (BTreeSet::new(), dead_pages(found));
    for page in &witness.raw {
        if dead_pages.contains(&(page.run.as_str(), page.page)) {
            verdict.dead_pages.0 += 1;
            verdict.dead_pages.1 += page.rows.len();
            continue;
        }
        for (place, row) in page.rows.iter().enumerate() {
            let name = || format!("row {place} of page {} of run {} ({})", page.page, page.run, row.id);
            let is_dead = ["validate", "load"]
                .iter()
                .any(|stage| dead.contains(format!("{}:{}:{place}:{stage}", page.run, page.page).as_str()));
            match (row.is_broken, is_dead, stored.contains(&(page.run.as_str(), row.id))) {
                (_, true, _) => verdict.dead_rows += 1,
                (true, false, _) => verdict.lost.push(format!("{} is broken, and no dead letter", name())),
                (false, false, false) => verdict.lost.push(format!("{} is not stored", name())),
                (false, false, true) => {
                    if !expected.insert((page.run.as_str(), row.id)) {
                        verdict.duplicate += 1;
                    }
                }
            }
            if is_dead && !row.is_broken {
                verdict.other.push(format!("{} is dead, and nothing is wrong with it", name()));
            }
        }
    }
    verdict.stored = expected.len();
    let nobodys = stored.difference(&expected).take(10);
    verdict
        .doubled
        .extend(nobodys.map(|(run, id)| format!("{id} of run {run} is stored, and nobody sent it so")));
    let counted = (verdict.stored as i64, verdict.duplicate as i64);
    if found.counted != counted {
        verdict
            .other
            .push(format!("the pages count {:?} stored and duplicate, {counted:?} are", found.counted));
    }
}

/// Every dead letter is in DLQ once and in the tables once.
fn letters(verdict: &mut Verdict, found: &Found, dead: &BTreeSet<&str>) {
    verdict.doubled.extend(repeated(&found.letters).map(|root| format!("{root} is in DLQ twice")));
    verdict
        .doubled
        .extend(repeated(&found.known).map(|root| format!("{root} has two letters in the tables")));
    let roots: BTreeSet<&str> = found.dead.iter().map(|(root, _)| root.as_str()).collect();
    let missing = dead.difference(&roots).map(|root| format!("{root} is in DLQ, and in no table"));
    verdict.lost.extend(missing);
    let nobodys = roots.difference(dead).map(|root| format!("{root} is in a table, and not in DLQ"));
    verdict.doubled.extend(nobodys);
}

/// No dead letter was changed.
fn unmoved(verdict: &mut Verdict, found: &Found) {
    let moved = found.dead.iter().filter(|(_, state)| state != "open");
    verdict.other.extend(moved.map(|(root, state)| format!("{root} is {state}, and nobody did anything")));
}

#[cfg(test)]
mod tests {
    use super::{
        super::witness::{Answer, RawPage, Row},
        *,
    };

    type Change = fn(&mut Witness, &mut Found);

    /// Two pages, the second with a broken row, that went well.
    fn well() -> (Witness, Found) {
        let row = |id| Row { id, is_broken: id == 4 };
        let page = |seq: u64, ids: &[i64]| RawPage {
            seq,
            run: "r".to_owned(),
            page: seq as u32,
            sha256: format!("h{seq}"),
            rows: ids.iter().map(|id| row(*id)).collect(),
        };
        let raw = vec![page(1, &[1, 2]), page(2, &[2, 3, 4])];
        let answer = |page: &RawPage| Answer {
            address: "/v4/a".to_owned(),
            sha256: page.sha256.clone(),
            may_be_wasted: false,
        };
        let witness =
            Witness { answers: raw.iter().map(answer).collect(), refused: 0, raw, ..Witness::default() };
        let root = "r:2:2:validate".to_owned();
        let found = Found {
            valid: vec![1, 2],
            valid_dropped: 0,
            letters: vec![root.clone()],
            got: vec![("r".to_owned(), 1), ("r".to_owned(), 2)],
            pages: vec![(1, 2), (2, 3)],
            stored: [1, 2, 3].map(|id| ("r".to_owned(), id)).to_vec(),
            counted: (3, 1),
            dead: vec![(root.clone(), "open".to_owned())],
            known: vec![root],
        };
        (witness, found)
    }

    #[test]
    fn all_that_went_well_is_accounted_for() {
        let (witness, found) = well();
        let verdict = judge(&witness, &found);
        assert!(verdict.is_clean(), "{verdict:?}");
        let Verdict { rows, stored, duplicate, dead_rows, .. } = verdict;
        assert_eq!((rows, stored, duplicate, dead_rows), (5, 3, 1, 1));
    }

    #[test]
    fn what_is_missing_is_lost() {
        let changes: [(&str, Change); 7] = [
            ("was dropped from RAW", |witness, _| witness.dropped.push(3)),
            ("(3) is not stored", |_, found| drop(found.stored.pop())),
            ("is broken, and no dead letter", |_, found| {
                found.letters.clear();
            }),
            ("neither in VALID nor dead", |_, found| found.valid.truncate(1)),
            ("neither in the table of pages", |_, found| found.pages.truncate(1)),
            ("and RAW has none", |_, found| found.got.push(("r".to_owned(), 3))),
            ("no fault explains it", |witness, _| {
                let mut answer = witness.answers[0].clone();
                answer.sha256 = "h9".to_owned();
                witness.answers.push(answer);
            }),
        ];
        for (words, change) in changes {
            let (mut witness, mut found) = well();
            change(&mut witness, &mut found);
            let verdict = judge(&witness, &found);
            assert!(verdict.lost.iter().any(|lost| lost.contains(words)), "{words}: {verdict:?}");
        }
    }

    #[test]
    fn what_is_there_twice_is_doubled() {
        let changes: [(&str, Change); 6] = [
            ("is in RAW twice", |witness, _| {
                let page = witness.raw[0].clone();
                witness.raw.push(RawPage { seq: 3, ..page });
            }),
            ("is in VALID twice", |_, found| found.valid.push(1)),
            ("is in DLQ twice", |_, found| found.letters.push(found.letters[0].clone())),
            ("two letters", |_, found| found.known.push(found.known[0].clone())),
            ("nobody sent it so", |_, found| found.stored.push(("r".to_owned(), 9))),
            ("is stored and dead", |_, found| found.letters.push("r:1:page:validate".to_owned())),
        ];
        for (words, change) in changes {
            let (mut witness, mut found) = well();
            change(&mut witness, &mut found);
            let verdict = judge(&witness, &found);
            assert!(verdict.doubled.iter().any(|doubled| doubled.contains(words)), "{words}: {verdict:?}");
        }
    }

    #[test]
    fn an_answer_that_a_fault_may_have_cost_is_no_loss() {
        let (mut witness, found) = well();
        let mut answer = witness.answers[0].clone();
        (answer.sha256, answer.may_be_wasted) = ("h9".to_owned(), true);
        witness.answers.push(answer);
        let verdict = judge(&witness, &found);
        assert!(verdict.is_clean() && verdict.wasted == 1, "{verdict:?}");
    }
}
