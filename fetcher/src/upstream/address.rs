//! The path and query of a dataset's page.

use kansoku_schemas::Dataset;

/// The words for what an upstream can be asked for.
pub const LISTS: &str = "top.score, top.members, top.favorites, top.airing, top.upcoming, season.now, season.upcoming, \
                         season.<year>.<winter|spring|summer|fall>, genres";

/// Path and query under the base URL; `None` for what is no list of an upstream.
pub fn path(dataset: Dataset, page: u32) -> Option<String> {
    let list = |path: &str, filter: Option<&str>| {
        let filter = filter.map(|filter| format!("filter={filter}&")).unwrap_or_default();
        Some(format!("{path}?{filter}page={page}"))
    };
    match dataset {
        Dataset::TopScore => list("top/anime", None),
        Dataset::TopMembers => list("top/anime", Some("bypopularity")),
        Dataset::TopFavorites => list("top/anime", Some("favorite")),
        Dataset::TopAiring => list("top/anime", Some("airing")),
        Dataset::TopUpcoming => list("top/anime", Some("upcoming")),
        Dataset::SeasonNow => list("seasons/now", None),
        Dataset::SeasonUpcoming => list("seasons/upcoming", None),
        Dataset::Season { year, season } => list(&format!("seasons/{year}/{season}"), None),
        Dataset::Genres => Some("genres/anime".to_owned()),
        Dataset::Anime | Dataset::History => None,
    }
}

#[cfg(test)]
mod tests {
    use kansoku_schemas::{Classified, Season, classify};

    use super::*;

    #[test]
    fn every_address_is_read_back_as_its_dataset() {
        let season = Dataset::Season { year: 2026, season: Season::Fall };
        for dataset in [
            Dataset::TopScore,
            Dataset::TopMembers,
            Dataset::TopFavorites,
            Dataset::TopAiring,
            Dataset::TopUpcoming,
            Dataset::SeasonNow,
            Dataset::SeasonUpcoming,
            season,
            Dataset::Genres,
        ] {
            let url = format!("https://api.example.org/v4/{}", path(dataset, 3).unwrap());
            assert_eq!(classify(&url.parse().unwrap()), Classified::Taken(dataset), "{url}");
        }
        assert_eq!(path(Dataset::Anime, 1), None);
    }
}
