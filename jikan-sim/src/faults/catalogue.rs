//! Every fault by name. The cases are those of the list of drift seen in real payloads, 1 to 45.

use super::{
    Fault,
    Kind::{self, Body, Day, Error, Missing, Neighbour, Remove, Set, Unfiltered},
    page,
};

const fn drift(case: u8, name: &'static str, kind: Kind, about: &'static str) -> Fault {
    Fault { name, case: Some(case), about, kind }
}

const fn invalid(name: &'static str, kind: Kind, about: &'static str) -> Fault {
    Fault { name, case: None, about, kind }
}

const UPSTREAM: &str = r#"{"status":500,"type":"UpstreamException","message":"Request to upstream failed","error":"Upstream failed","report_url":null}"#;

/// All faults.
#[rustfmt::skip]
pub static CATALOGUE: &[Fault] = &[
    drift(1, "ok-with-error", Error(200, UPSTREAM), "an upstream error with status 200"),
    drift(2, "status-text", Error(429, r#"{"status":"429","type":"RateLimitException","message":"You are being rate-limited","error":null}"#), "429 whose status in the body is a string"),
    drift(3, "error-null", Error(504, r#"{"status":504,"type":"BadResponseException","message":"Upstream took too long","error":null}"#), "504 with error null"),
    drift(4, "error-trace", Error(500, r#"{"status":500,"type":"Exception","message":"Unhandled exception","error":"Undefined index","trace":"at Handler line 1\nat Kernel line 2"}"#), "500 with a trace and no report_url"),
    drift(5, "parser-exception", Error(500, r#"{"status":500,"type":"ParserException","message":"The page could not be read","error":"Unexpected node","report_url":null}"#), "500 ParserException"),
    drift(6, "certificate-expired", Error(500, r#"{"status":500,"type":"UpstreamException","message":"Request to upstream failed","error":"SSL certificate problem: certificate has expired"}"#), "500 because a certificate expired"),
    drift(7, "missing-as-500", Missing(500, UPSTREAM), "what answers 404 answers 500 UpstreamException"),
    drift(8, "empty-body", Body(""), "200 with no body"),
    drift(8, "not-json", Body("upstream connect error or disconnect"), "200 with a body that is not JSON"),
    drift(9, "score-zero", Set(r#"{"/score":0,"/scored_by":0}"#), "score and scored_by 0"),
    drift(10, "score-null", Set(r#"{"/score":null,"/scored_by":null}"#), "score and scored_by null"),
    drift(11, "score-integer", Set(r#"{"/score":9,"/scored_by":1234}"#), "score a whole number"),
    drift(12, "rank-null", Set(r#"{"/rank":null}"#), "rank null beside a score"),
    drift(13, "places-zero", Set(r#"{"/rank":0,"/popularity":0,"/members":0}"#), "rank, popularity and members 0"),
    drift(14, "season-null", Set(r#"{"/season":null,"/year":null}"#), "season and year null"),
    drift(15, "type-null", Set(r#"{"/type":null}"#), "type null"),
    drift(16, "type-new", Set(r#"{"/type":"TV Special"}"#), "a type that documents do not know"),
    drift(16, "type-unheard", Set(r#"{"/type":"Hologram"}"#), "a type that nobody has heard of"),
    drift(17, "rating-new", Set(r#"{"/rating":"R+ - Mild Nudity"}"#), "rating R+ - Mild Nudity"),
    drift(17, "rating-none", Set(r#"{"/rating":"None"}"#), "rating the text None"),
    drift(18, "title-english-null", Set(r#"{"/title_english":null}"#), "title_english null"),
    drift(19, "synopsis-null", Set(r#"{"/synopsis":null}"#), "synopsis null"),
    drift(20, "titles-text", Set(r#"{"/titles":["A name","Another name"]}"#), "titles as texts instead of objects"),
    drift(20, "titles-absent", Remove("titles"), "no titles"),
    drift(21, "titles-languages", Set(r#"{"/titles/-":{"type":"German","title":"Ein anderer Name"}}"#), "a title in German, one of the languages that came later"),
    drift(22, "trailer-null", Set(r#"{"/trailer/youtube_id":null,"/trailer/url":null,"/trailer/embed_url":"https://video.invalid/embed/x"}"#), "trailer without id and url, with images"),
    drift(23, "images-host", Set(r#"{"/images":{"jpg":{"image_url":"https://cdn.jikan-sim.invalid/1.jpg","small_image_url":"https://cdn.jikan-sim.invalid/1.jpg","large_image_url":"https://cdn.jikan-sim.invalid/1.jpg"},"webp":{"image_url":"https://cdn.jikan-sim.invalid/1.webp","small_image_url":"https://cdn.jikan-sim.invalid/1.webp","large_image_url":"https://cdn.jikan-sim.invalid/1.webp"}}}"#), "images at another host"),
    drift(24, "background-null", Set(r#"{"/background":null}"#), "background null instead of empty"),
    drift(25, "aired-year", Set(r#"{"/aired":{"from":"2027-01-01T00:00:00+00:00","to":null,"string":"2027 to ?","prop":{"from":{"day":1,"month":1,"year":2027},"to":{"day":null,"month":null,"year":null}}}}"#), "aired from 1 January where only the year is known"),
    drift(26, "aired-bare-year", Set(r#"{"/aired":{"from":"2027","to":null,"string":"2027 to ?","prop":{"from":{"day":null,"month":null,"year":2027},"to":{"day":null,"month":null,"year":null}}}}"#), "aired.from just a year"),
    drift(27, "aired-null", Set(r#"{"/aired":{"from":null,"to":null,"string":"Not available","prop":{"from":{"day":null,"month":null,"year":null},"to":{"day":null,"month":null,"year":null}}}}"#), "aired null, Not available"),
    drift(28, "aired-day-off", Set(r#"{"/aired/from":"2023-06-30T00:00:00+00:00"}"#), "aired.from another day than aired.string"),
    drift(29, "broadcast-unknown", Set(r#"{"/broadcast":{"day":null,"time":null,"timezone":null,"string":"Unknown"}}"#), "broadcast of nulls and Unknown"),
    drift(29, "broadcast-absent", Remove("broadcast"), "no broadcast"),
    drift(30, "twice-in-page", Kind::Page(page::twice), "rows stand twice in a page"),
    drift(31, "twice-across-pages", Neighbour, "the last row of the page before stands in place of the first"),
    drift(32, "total-wrong", Kind::Page(page::total_wrong), "twice the pages and items there are"),
    drift(32, "season-wrong", Set(r#"{"/season":"fall","/year":2019}"#), "a title of another season"),
    drift(33, "data-empty", Kind::Page(page::data_empty), "200 with an empty list"),
    drift(34, "filter-ignored", Unfiltered, "the same answer whatever the filter"),
    drift(35, "endless-pages", Kind::Page(page::endless), "always one more page, and the last is the one requested"),
    drift(38, "genres-truncated", Kind::Page(page::truncated), "a list of 12 with 200"),
    drift(38, "genres-renamed", Set(r#"{"/name":"Renamed"}"#), "another name for the same id"),
    drift(44, "pagination-short", Kind::Page(page::pagination_short), "pagination without current_page and items"),
    drift(45, "list-stuck", Kind::Page(page::stuck), "a list of 25 rows, and no more pages"),
    invalid("aired-date", Day("/aired/from"), "aired.from a day without a time"),
    invalid("aired-empty", Set(r#"{"/aired/from":""}"#), "aired.from empty"),
    invalid("score-text", Set(r#"{"/score":"N/A"}"#), "score a text, as no upstream should send it"),
    invalid("members-negative", Set(r#"{"/members":-1}"#), "members below zero"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: HashSet<_> = CATALOGUE.iter().map(|fault| fault.name).collect();
        assert_eq!(names.len(), CATALOGUE.len());
    }

    #[test]
    fn every_patch_is_json() {
        for fault in CATALOGUE {
            if let Set(text) | Error(_, text) | Missing(_, text) = fault.kind {
                assert!(
                    serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object()),
                    "{}",
                    fault.name
                );
            }
        }
    }
}
