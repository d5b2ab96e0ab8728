//! The table: every case of drift seen in real payloads, and the verdict that it demands.

/// One case of drift, or one of the forms in which it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    /// Its number in the list of drift, 1 to 45.
    pub(crate) number: u8,
    /// The fault as `jikan-sim` names it.
    pub(crate) fault: &'static str,
    /// The dataset on whose pages it happens: one of its own for each case of a round, so that no case sees another's.
    pub(crate) dataset: &'static str,
    /// Where and how often.
    pub(crate) part: Part,
    /// The cases of a round are captured by one call of `fetcher once`.
    pub(crate) round: usize,
    pub(crate) demand: Demand,
}

/// What a fault is limited to, beside the path of the dataset.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    Always,
    Row(usize),
    Page(u32),
    Times(u32),
}

/// What has to become of a capture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demand {
    pub(crate) outcome: Outcome,
    /// What `anime a` has to hold of the title in row 0, where [`Part::Row`] names it; `{key}` is what was served there.
    /// Observations are compared whole, whatever stands here.
    pub(crate) facts: &'static str,
    /// What the validator counts, by name.
    pub(crate) drift: &'static [(&'static str, u64)],
    /// What the validator says was new.
    pub(crate) new: &'static [&'static str],
    /// How each warning of the run begins.
    pub(crate) alarms: &'static [&'static str],
    /// Rows that own no observation.
    pub(crate) duplicates: u64,
    /// How often a page was asked for again.
    pub(crate) again: usize,
}

/// What becomes of the rows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome {
    /// Each is stored as it came.
    Stored,
    /// The first is dead, with this pointer; its neighbours are stored.
    RowDead(&'static str),
    /// The answer is given up and dead for this reason, and nothing is stored.
    AnswerDead(&'static str),
}

/// Cases that cannot be sent through the pipeline, and why.
pub(crate) const OUT_OF_SCOPE: [(u8, &str); 7] = [
    (36, "themes of a title: no dataset asks for them"),
    (37, "statistics of a title: no dataset asks for them"),
    (39, "producers: no dataset asks for them"),
    (40, "recommendations: no dataset asks for them"),
    (41, "lists of users: no dataset asks for them, and the successor of the API has none"),
    (42, "episodes: no dataset asks for them"),
    (43, "episodes: no dataset asks for them"),
];

/// The first round goes without faults: what these captures show is what the later ones are compared with.
pub(crate) const USUAL: [&str; 1] = ["season.2026.spring"];
pub(crate) const ROUNDS: usize = 2;
/// How often a page is asked for in these rounds.
pub(crate) const ATTEMPTS: usize = 2;

/// 429 without `Retry-After` means half a minute, so this case runs beside the others.
pub(crate) const SLOW: Case = retried(2, "status-text", "season.2026.winter");

/// The shortest way to say "accepted".
const STORED: Demand = Demand {
    outcome: Outcome::Stored,
    facts: "true",
    drift: &[],
    new: &[],
    alarms: &[],
    duplicates: 0,
    again: 0,
};

const fn page(number: u8, fault: &'static str, dataset: &'static str, demand: Demand) -> Case {
    Case { number, fault, dataset, part: Part::Always, round: 0, demand }
}

/// Accepted; `facts` is what is stored of the title.
const fn row(number: u8, fault: &'static str, dataset: &'static str, facts: &'static str) -> Case {
    let demand = Demand { facts, ..STORED };
    Case { part: Part::Row(0), ..page(number, fault, dataset, demand) }
}

/// Accepted, and counted by the validator.
const fn counted(case: Case, drift: &'static [(&'static str, u64)]) -> Case {
    Case { demand: Demand { drift, ..case.demand }, ..case }
}

/// Accepted, and told by the run.
const fn alarmed(case: Case, alarms: &'static [&'static str]) -> Case {
    Case { demand: Demand { alarms, ..case.demand }, ..case }
}

/// Accepted, and told as news by the validator.
const fn heard(case: Case, new: &'static [&'static str]) -> Case {
    Case { demand: Demand { new, ..case.demand }, ..case }
}

/// The first answer is an error, the second a page.
const fn retried(number: u8, fault: &'static str, dataset: &'static str) -> Case {
    let demand = Demand { again: 1, ..STORED };
    Case { part: Part::Times(1), ..page(number, fault, dataset, demand) }
}

/// Every answer is an error: asked for again, then given up.
const fn given_up(number: u8, fault: &'static str, dataset: &'static str, reason: &'static str) -> Case {
    // In its turn, and once more in the end.
    let demand = Demand { outcome: Outcome::AnswerDead(reason), again: 2 * ATTEMPTS - 1, ..STORED };
    page(number, fault, dataset, demand)
}

const fn dead(number: u8, fault: &'static str, dataset: &'static str, pointer: &'static str) -> Case {
    let demand = Demand { outcome: Outcome::RowDead(pointer), ..STORED };
    Case { part: Part::Row(0), ..page(number, fault, dataset, demand) }
}

/// Stored once, and told by the run.
const fn twice(case: Case) -> Case {
    let demand = Demand { duplicates: 1, ..case.demand };
    Case { demand, ..case }
}

const fn in_part(case: Case, part: Part) -> Case {
    Case { part, ..case }
}

const fn in_last_round(case: Case) -> Case {
    Case { round: ROUNDS - 1, ..case }
}

/// Every case and form but the slow one. The seasons of 2018 come before the first invented one and have no title: they
/// are for answers that never let a list through.
#[rustfmt::skip]
pub(crate) const CASES: &[Case] = &[
    given_up(1, "ok-with-error", "season.2018.winter", "upstream_error"),
    retried(3, "error-null", "season.2024.fall"),
    retried(4, "error-trace", "season.2025.summer"),
    given_up(5, "parser-exception", "season.2018.spring", "upstream_error"),
    retried(6, "certificate-expired", "season.2025.fall"),
    // The upstream knows no such year, and says so as an error of its own: it must not be asked for ever.
    given_up(7, "missing-as-500", "season.1916.winter", "upstream_error"),
    given_up(8, "empty-body", "season.2018.summer", "not_json"),
    given_up(8, "not-json", "season.2018.fall", "not_json"),
    counted(row(9, "score-zero", "season.2019.winter", "true"), &[("score_zero", 1)]),
    row(10, "score-null", "season.2019.spring", "true"),
    row(11, "score-integer", "season.2019.summer", "true"),
    row(12, "rank-null", "season.2019.fall", "true"),
    counted(row(13, "places-zero", "season.2020.winter", "true"), &[("popularity_zero", 1), ("rank_zero", 1)]),
    row(14, "season-null", "season.2020.spring", "a.season is null and a.year is null"),
    row(15, "type-null", "season.2027.winter", "a.type is null"),
    row(16, "type-new", "season.2020.summer", "a.type = 'TV Special'"),
    heard(row(16, "type-unheard", "season.2020.fall", "a.type = 'Hologram'"), &["type Hologram"]),
    row(17, "rating-new", "season.2021.winter", "a.rating = 'R+ - Mild Nudity'"),
    row(17, "rating-none", "season.2021.spring", "a.rating is null"),
    row(18, "title-english-null", "season.2021.summer", "a.title_english is null"),
    row(19, "synopsis-null", "season.2021.fall", "true"),
    dead(20, "titles-text", "season.2022.winter", "/titles/0"),
    row(20, "titles-absent", "season.2022.spring", "a.title = {title}"),
    row(21, "titles-languages", "season.2022.summer", "a.title = {title}"),
    row(22, "trailer-null", "season.2022.fall", "true"),
    row(23, "images-host", "season.2023.winter", "a.image like 'https://cdn.jikan-sim.invalid/%'"),
    row(24, "background-null", "season.2023.spring", "true"),
    row(25, "aired-year", "season.2027.spring", "a.aired_from = '2027-01-01' and a.aired_from_precision = 'year'"),
    row(26, "aired-bare-year", "season.2027.summer", "a.aired_from = '2027-01-01' and a.aired_from_precision = 'year'"),
    row(27, "aired-null", "season.2027.fall", "a.aired_from is null and a.aired_from_precision is null"),
    row(28, "aired-day-off", "season.2023.summer", "a.aired_from = left({aired.from}, 10)::date"),
    row(29, "broadcast-unknown", "season.2023.fall", "a.broadcast = 'Unknown'"),
    row(29, "broadcast-absent", "season.2024.winter", "a.broadcast is null"),
    twice(in_part(page(30, "twice-in-page", "season.2024.spring", STORED), Part::Row(0))),
    twice(in_part(page(31, "twice-across-pages", "season.2025.winter", STORED), Part::Page(2))),
    alarmed(page(32, "total-wrong", "season.2025.spring", STORED), &["fewer pages: the list ended with page 2, "]),
    row(32, "season-wrong", "season.2024.summer", "a.year = 2019"),
    alarmed(page(33, "data-empty", "season.upcoming", STORED), &["fewer pages: the list ended with page 1, ", "empty list: "]),
    page(34, "filter-ignored", "top.airing", STORED),
    page(35, "endless-pages", "season.2026.fall", STORED),
    alarmed(page(38, "genres-truncated", "genres", STORED), &["few genres: 12, "]),
    in_last_round(in_part(page(38, "genres-renamed", "genres", STORED), Part::Row(0))),
    page(44, "pagination-short", "season.2026.summer", STORED),
    alarmed(page(45, "list-stuck", "season.2026.spring", STORED), &["few rows: 25, "]),
];

/// These inject nothing, and the test has to say so of each: no title there, nothing missing, a page nobody asks for.
pub(crate) const BLANKS: &[Case] = &[
    row(10, "score-null", "season.2017.winter", "true"),
    page(7, "missing-as-500", "season.2017.spring", STORED),
    in_part(page(33, "data-empty", "season.2017.summer", STORED), Part::Page(7)),
];
