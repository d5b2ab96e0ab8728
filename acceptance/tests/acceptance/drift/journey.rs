//! Sends the cases through the pipeline: what was served without the fault and with it, and what the upstream recorded.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, ensure};
use kansoku_acceptance::upstream::{Asked, Upstream};
use kansoku_stack::{pipeline::Pipeline, process::Running, until};
use serde_json::{Value, json};

use super::cases::{ATTEMPTS, BLANKS, CASES, Case, Part, ROUNDS, SLOW, USUAL};

const LIMIT: Duration = Duration::from_secs(60);
/// A list is read so far: further than any of one dataset's own titles goes.
const MOST_PAGES: u32 = 5;

/// A page as it was served: status and body.
pub(crate) type Page = (u16, String);

/// What is known of a case after its capture.
pub(crate) struct Seen {
    pub(crate) case: Case,
    /// The pages as they are when nothing is wrong.
    pub(crate) plain: Vec<Page>,
    /// The pages with the fault.
    pub(crate) served: Vec<Page>,
    /// What the fetcher asked of this dataset.
    pub(crate) asked: Vec<Asked>,
    /// How many captures of this dataset came before.
    pub(crate) earlier: usize,
}

/// The path that a fault is limited to, and the query of a page, as the fetcher asks for it.
pub(crate) fn address(dataset: &str, page: u32) -> (String, String) {
    let filter = |filter: &str| ("/v4/top/anime".to_owned(), format!("filter={filter}&page={page}"));
    match dataset.split('.').collect::<Vec<_>>()[..] {
        ["top", "airing"] => filter("airing"),
        ["season", "upcoming"] => ("/v4/seasons/upcoming".to_owned(), format!("page={page}")),
        ["season", year, season] => (format!("/v4/seasons/{year}/{season}"), format!("page={page}")),
        ["genres"] => ("/v4/genres/anime".to_owned(), String::new()),
        _ => panic!("no case is about {dataset}"),
    }
}

/// All pages of a list, read as a reader reads who trusts what it says.
async fn pages(upstream: &Upstream, dataset: &str) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for page in 1..=MOST_PAGES {
        let (path, query) = address(dataset, page);
        let (status, body) = upstream.get(&format!("{path}?{query}")).await?;
        let read: Value = serde_json::from_str(&body).unwrap_or_default();
        pages.push((status, body));
        let more = read["pagination"]["has_next_page"] == true;
        if !more || read["data"].as_array().is_none_or(Vec::is_empty) {
            break;
        }
    }
    Ok(pages)
}

/// The fault as the control port takes it.
fn fault(case: &Case) -> Value {
    let mut fault = json!({ "name": case.fault, "path": address(case.dataset, 1).0 });
    match case.part {
        Part::Always => {}
        Part::Row(row) => fault["rows"] = json!([row]),
        Part::Page(page) => fault["page"] = json!(page),
        Part::Times(times) => fault["count"] = json!(times),
    }
    fault
}

impl Seen {
    async fn of(upstream: &Upstream, case: Case, earlier: usize) -> Result<Self> {
        let plain = pages(upstream, case.dataset).await?;
        upstream.switch_on(&fault(&case)).await?;
        // Asking would use up what happens only so often; then the fetcher gets the plain pages in the end.
        let counted = matches!(case.part, Part::Times(_));
        let served = if counted { plain.clone() } else { pages(upstream, case.dataset).await? };
        Ok(Self { case, plain, served, asked: Vec::new(), earlier })
    }

    /// Takes what the fetcher asked of this case's list out of the record.
    fn recorded(&mut self, record: &[Asked]) {
        let own = |asked: &&Asked| {
            (1..=MOST_PAGES).any(|page| {
                let (path, query) = address(self.case.dataset, page);
                asked.path == path && asked.query == query
            })
        };
        self.asked = record.iter().filter(own).cloned().collect();
    }

    /// Whether the fault was injected: the fetcher met it by the upstream's own record, and the answer was another.
    pub(crate) fn injected(&self) -> Result<(), String> {
        let name = self.case.fault;
        let met: Vec<_> =
            self.asked.iter().filter(|asked| asked.faults.iter().any(|met| met == name)).collect();
        if met.is_empty() {
            return Err(format!("the fetcher never met {name}, it asked {:?}", self.asked));
        }
        let error = matches!(self.case.part, Part::Times(_)) && met.iter().all(|asked| asked.status >= 400);
        if !error && self.plain == self.served {
            return Err(format!("{name} changes nothing of what is served"));
        }
        Ok(())
    }
}

/// `fetcher once`, with patience for tests.
fn once(pipeline: &Pipeline, base: &str, datasets: &[&str], environment: &[(&str, &str)]) -> Result<Running> {
    let mut service = pipeline.service("fetcher")?.env("FETCHER_CLIENT__INTERVAL_MS", "1");
    for (key, value) in environment {
        service = service.env(key, value);
    }
    let pages = MOST_PAGES.to_string();
    let told = ["--base-url", base, "--source", "jikan-sim", "--catalogue", "sample", "--pages", &pages];
    ["once"]
        .iter()
        .chain(datasets)
        .chain(&told)
        .fold(service, |service, argument| service.arg(argument))
        .spawn()
}

/// Captures every case; the words that the fetcher ended with, by dataset, are the last ones said of it.
pub(crate) async fn travel(pipeline: &Pipeline, upstream: &Upstream) -> Result<Vec<Seen>> {
    let mut slow = Seen::of(upstream, SLOW, 0).await?;
    // All processes share what they know of a base URL, and the slow case must not hold up the others: another name of it.
    let other_name = upstream.base().replace("127.0.0.1", "localhost");
    let mut slow_fetcher = once(pipeline, &other_name, &[SLOW.dataset], &[])?;
    until("the slow case to meet its fault", LIMIT, || async {
        let record = upstream.requests().await.unwrap_or_default();
        record.iter().any(|asked| !asked.faults.is_empty())
    })
    .await
    .with_context(|| slow_fetcher.logs())?;

    let mut captured: BTreeMap<&str, usize> = BTreeMap::new();
    let mut usual = once(pipeline, upstream.base(), &USUAL, &[])?;
    ensure!(usual.wait(LIMIT).await?.success(), "the usual captures: {}", usual.logs());
    USUAL.iter().for_each(|dataset| *captured.entry(dataset).or_default() += 1);

    let mut all = Vec::new();
    for round in 0..ROUNDS {
        upstream.switch_all_off().await?;
        let blanks = BLANKS.iter().filter(|_| round == 0);
        let mut seen = Vec::new();
        for case in CASES.iter().filter(|case| case.round == round).chain(blanks) {
            let earlier = captured.entry(case.dataset).or_default();
            seen.push(Seen::of(upstream, *case, *earlier).await?);
            *earlier += 1;
        }
        // A list of all seasons goes first: the newest facts of a title win, and a case's own row has to be the newest.
        seen.sort_by_key(|seen| !seen.case.dataset.starts_with("top"));
        let before = upstream.requests().await?.len();
        let datasets: Vec<_> = seen.iter().map(|seen| seen.case.dataset).collect();
        let attempts = ATTEMPTS.to_string();
        // Some answers are errors on purpose; one error after another must not open the circuit for the rest.
        let patience =
            [("FETCHER_CLIENT__ATTEMPTS", &*attempts), ("FETCHER_CLIENT__BREAKER_FAILURES", "1000")];
        let mut fetcher = once(pipeline, upstream.base(), &datasets, &patience)?;
        fetcher.wait(LIMIT).await.with_context(|| fetcher.logs())?;
        for dataset in &datasets {
            ensure!(
                fetcher.logs().contains(&format!("{dataset}: ")),
                "{dataset} was not captured: {}",
                fetcher.logs()
            );
        }
        let record = upstream.requests().await?;
        seen.iter_mut().for_each(|seen| seen.recorded(&record[before..]));
        all.extend(seen);
    }
    ensure!(slow_fetcher.wait(LIMIT).await?.success(), "the slow case: {}", slow_fetcher.logs());
    slow.recorded(&upstream.requests().await?);
    all.push(slow);
    pipeline.at_rest().await?;
    Ok(all)
}
