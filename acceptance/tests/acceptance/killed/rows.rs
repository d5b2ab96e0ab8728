//! The rows that go in. Each title is there once, so whatever is stored of it says what became of its row.

use serde_json::{Value, json};

/// Of the dead rows, one in so many is refused by the tables as well.
const HUGE: u32 = 10;
/// A page: rows that die, rows that pass, and one that says again what another one said.
const DEAD: u32 = 20;
const GOOD: u32 = 4;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Good,
    /// Passes by the corrected schema.
    Dated,
    /// Passes by that one too, and no column takes its number.
    Huge,
    /// Passes by none.
    Scored,
}

fn row(id: u32, kind: Kind) -> String {
    let score = if kind == Kind::Scored { "\"7.5\"" } else { "7.50" };
    let from = if kind == Kind::Good { "2020-01-05T00:00:00+00:00" } else { "2020-01-05" };
    let members = if kind == Kind::Huge { 3_000_000_000_u64 } else { 1_000 };
    format!(
        "{{ \"mal_id\":{id}, \"url\" : \"https:\\/\\/example.invalid\\/{id}\",\"title\":\"Row {id} \\u884c\",\
         \"score\":{score},\"members\": {members} ,\"favorites\":3,\"aired\":{{\"from\":\"{from}\",\"to\":null}},\
         \"title_synonyms\":[],\"airing\":false,\"producers\":[],\"licensors\":[],\"studios\":[],\"genres\":[],\
         \"explicit_genres\":[],\"themes\":[],\"demographics\":[]}}"
    )
}

/// When the capture of a minute was made.
pub(crate) fn captured_at(minute: u32) -> String {
    format!("2026-10-18T{:02}:{:02}:00Z", minute / 60, minute % 60)
}

/// One capture as a line of an archive.
fn capture(minute: u32, page: u32, pages: u32, rows: &[String]) -> String {
    let body =
        format!("{{\"pagination\":{{\"has_next_page\":{}}},\"data\":[{}]}}", page < pages, rows.join(" ,\n"));
    let capture = json!({
        "status": 200, "source": "jikan-sim", "catalogue": "sample", "dataset": "top.members", "page": page,
        "pages": pages, "captured_at": captured_at(minute), "body": body,
    });
    Value::to_string(&capture) + "\n"
}

/// What went in.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sent {
    /// Rows that pass at once.
    pub(crate) good: u32,
    /// Rows that say again what another one said.
    pub(crate) again: u32,
    /// Rows that die at the validator and pass by the corrected schema.
    pub(crate) dated: u32,
    /// Of dead rows, those that no column takes.
    pub(crate) huge: u32,
    /// Rows that pass by no schema.
    pub(crate) scored: u32,
}

impl Sent {
    /// All rows.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.good + self.again + self.dated + self.huge + self.scored)
    }

    fn count(&mut self, kind: Kind) {
        *match kind {
            Kind::Good => &mut self.good,
            Kind::Dated => &mut self.dated,
            Kind::Huge => &mut self.huge,
            Kind::Scored => &mut self.scored,
        } += 1;
    }

    /// A capture in which so many rows die, as an archive. The odd ones stand where the seed says.
    pub(crate) fn drifted(&mut self, seed: u64, dead: u32) -> String {
        let odd = u32::try_from(seed % u64::from(HUGE)).unwrap_or_default();
        let pages = dead.div_ceil(DEAD);
        let mut archive = String::new();
        for page in 0..pages {
            let mut rows = Vec::new();
            for place in page * (DEAD + GOOD)..(page + 1) * (DEAD + GOOD) {
                let number = place % (DEAD + GOOD);
                let kind = match number {
                    good if good < GOOD => Kind::Good,
                    dead if dead % HUGE == odd => Kind::Huge,
                    _ => Kind::Dated,
                };
                self.count(kind);
                rows.push(row(place + 1, kind));
            }
            self.again += 1;
            rows.push(rows[0].clone());
            archive += &capture(0, page + 1, pages, &rows);
        }
        archive
    }

    /// One more small capture, of a later minute.
    pub(crate) fn later(&mut self, minute: u32) -> String {
        let kinds = [Kind::Good, Kind::Scored, Kind::Huge];
        let rows = kinds.into_iter().zip(1_000_000 + minute * 10..).map(|(kind, id)| {
            self.count(kind);
            row(id, kind)
        });
        capture(minute, 1, 1, &rows.collect::<Vec<_>>())
    }
}
