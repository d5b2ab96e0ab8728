//! Whatever the seed and the instant, every body passes our own schemas and says nothing impossible.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_jikan_sim::{api::answer, snapshot::Snapshot, world::World};
use kansoku_schemas::{Classified, Judge, Rows, classify};
use proptest::prelude::*;

const LISTS: [&str; 8] = [
    "/v4/top/anime?page=2",
    "/v4/top/anime?filter=bypopularity",
    "/v4/top/anime?filter=upcoming",
    "/v4/top/anime?filter=airing",
    "/v4/seasons/now",
    "/v4/seasons/upcoming",
    "/v4/seasons/2026/winter?page=2",
    "/v4/genres/anime",
];

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    let start: DateTime<Utc> = "2025-01-01T00:00:00Z".parse().unwrap();
    (0_i64..1_000 * 86_400).prop_map(move |seconds| start + TimeDelta::seconds(seconds))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_row_passes_the_judge(seed: u64, at in instant(), list in 0..LISTS.len()) {
        let judge = Judge::embedded();
        let world = World::until(seed, at);
        let snapshot = Snapshot::of(&world, at);
        let (path, query) = LISTS[list].split_once('?').unwrap_or((LISTS[list], ""));
        let answer = answer(&snapshot, path, query);
        prop_assert_eq!(answer.status, 200);
        prop_assert!(answer.body.is_ascii());
        let url = format!("https://jikan-sim.invalid{}", LISTS[list]).parse().unwrap();
        let Classified::Taken(dataset) = classify(&url) else { panic!("{url} is no dataset") };
        let page = judge.page(&dataset, &answer.body).unwrap_or_else(|_| {
            panic!("{}", String::from_utf8_lossy(&answer.body));
        });
        prop_assert!(page.warnings.is_empty() && page.drift.is_empty(), "{:?} {:?}", page.warnings, page.drift);
        prop_assert!(page.rejected.is_empty(), "{:?}", page.rejected);
        match page.rows {
            Rows::Anime(rows) => for anime in rows.into_iter().map(|row| row.anime) {
                prop_assert_eq!(anime.score.is_some(), anime.scored_by.is_some());
                prop_assert!(anime.rank.is_none() || anime.score.is_some());
                prop_assert!(anime.scored_by.unwrap_or(0) <= anime.members);
                prop_assert!(anime.favorites <= anime.members);
                prop_assert!(anime.aired_from.is_some());
                prop_assert!(!anime.airing || anime.aired_from.unwrap() <= (at + TimeDelta::hours(9)).date_naive());
            },
            Rows::Genres(rows) => prop_assert!(rows.iter().all(|genre| !genre.name.is_empty())),
            Rows::History(rows) => prop_assert!(false, "no upstream has histories: {:?}", rows),
        }
    }
}
