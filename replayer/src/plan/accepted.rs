//! The newest accepted rows held against a candidate: a schema that lets dead letters pass may refuse what passes today.

use std::collections::BTreeSet;

use kansoku_nats::{Client, page, subject};
use kansoku_schemas::{Dataset, Judge};
use serde::{Deserialize, Serialize};

use super::{
    child::{Answer, Question},
    judging::Judging,
};
use crate::failure::Failure;

/// How many accepted rows are judged again.
const MAX_ROWS: usize = 5_000;
/// How many messages of RAW are looked at for them.
const MAX_MESSAGES: usize = 2_000;

/// Rows that pass today, and those of them that the candidate refuses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Judged again.
    pub checked: usize,
    /// Of these, refused.
    pub failing: usize,
}

/// Judges one page by both.
pub fn compare(deployed: &Judge, candidate: &Judge, dataset: &Dataset, body: &[u8]) -> Accepted {
    let Ok(today) = deployed.page(dataset, body) else { return Accepted::default() };
    let checked = today.rows.len();
    let failing = match candidate.page(dataset, body) {
        Err(_) => checked,
        Ok(then) => {
            let refused = |judged: &kansoku_schemas::Judged| -> BTreeSet<u32> {
                judged.rejected.iter().map(|row| row.index).collect()
            };
            refused(&then).difference(&refused(&today)).count()
        }
    };
    Accepted { checked, failing }
}

/// Judges the newest pages of RAW again, from its end. Only datasets whose rows the named schema is for tell anything of it.
pub(super) async fn newest(
    client: &Client,
    judging: &mut Judging,
    schema: &str,
) -> Result<Accepted, Failure> {
    let raw = client.stream_state("RAW").await?;
    let mut found = Accepted::default();
    let first = raw.first_seq.max(raw.last_seq.saturating_sub(MAX_MESSAGES as u64 - 1));
    for seq in (first..=raw.last_seq).rev() {
        if found.checked >= MAX_ROWS {
            break;
        }
        // Whatever its headers are: some would end the connection.
        let Some(stored) = client.read("RAW", seq).await? else { continue };
        let Ok(meta) = page::meta(&stored.headers) else { continue };
        if !concerns(schema, &meta.dataset) || subject::raw(&meta.dataset) != stored.subject {
            continue;
        }
        let question = Question::Compare { dataset: meta.dataset.to_string(), length: stored.body.len() };
        let answer = judging.ask(&question, &stored.body).await.map_err(Failure::Broken)?;
        if let Answer::Accepted(page) = answer {
            found.checked += page.checked;
            found.failing += page.failing;
        }
    }
    Ok(found)
}

/// Whether rows of the dataset are judged by a schema, or by the one of every page.
fn concerns(schema: &str, dataset: &Dataset) -> bool {
    let kind = format!("{:?}.v1", dataset.row_kind()).to_lowercase();
    schema == kind || schema.starts_with("envelope.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_pass_today_and_not_then_are_counted() {
        let deployed = Judge::embedded();
        let strict = r#"{"type":"object","required":["mal_id","name","url","count"],"properties":{"count":{"type":"integer","minimum":3}}}"#;
        let candidate = Judge::with_texts(&[("genre.v1".to_owned(), strict.to_owned())].into()).unwrap();
        let row = |count: u32| format!(r#"{{"mal_id":1,"name":"Action","url":"u","count":{count}}}"#);
        let body = format!(r#"{{"data":[{},{},7,{}]}}"#, row(2), row(3), row(4));
        let found = compare(&deployed, &candidate, &Dataset::Genres, body.as_bytes());
        assert_eq!(found, Accepted { checked: 3, failing: 1 });
        assert_eq!(compare(&deployed, &candidate, &Dataset::Genres, b"{"), Accepted::default());
    }

    #[test]
    fn a_schema_concerns_the_datasets_of_its_rows() {
        assert!(concerns("anime.v1", &Dataset::TopScore) && !concerns("anime.v1", &Dataset::Genres));
        assert!(concerns("genre.v1", &Dataset::Genres) && concerns("history.v1", &Dataset::History));
        assert!(concerns("envelope.v1", &Dataset::Genres));
    }
}
