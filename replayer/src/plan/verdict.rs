//! What a judge says of a dead letter: pure.

use kansoku_schemas::{Dataset, Judge, Rejection, splice::Steps};
use serde::{Deserialize, Serialize};

use crate::job::item::{Item, StepFault};

/// The most characters of a message: some quote the whole value.
const MAX_MESSAGE: usize = 1_000;

/// Why a dead letter would not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON pointer into its text.
    pub instance_path: String,
    /// The keyword that refuses; `step`, `item`, `edit` or a reason where no schema does.
    pub keyword: String,
    /// In words.
    pub message: Option<String>,
}

impl Fault {
    fn plain(keyword: &str, message: impl Into<String>) -> Self {
        Self { instance_path: String::new(), keyword: keyword.to_owned(), message: Some(message.into()) }
    }
}

/// Judges a dead letter by its current text after the plan's steps; no faults where it would pass.
pub fn faults(judge: &Judge, item: &Item, steps: Option<&Steps>) -> Vec<Fault> {
    let Some(dataset) = item.dataset.as_deref() else {
        return vec![Fault::plain("item", "there is no such item any more")];
    };
    let stepped = match item.stepped(steps) {
        Ok(stepped) => stepped,
        Err(StepFault { path, message }) => {
            return vec![Fault { instance_path: path, keyword: "step".to_owned(), message: Some(message) }];
        }
    };
    if stepped.is_none() && item.needs_edit() {
        return vec![Fault::plain("edit", "its bytes are not a page of the upstream: edit it first")];
    }
    let Ok(dataset) = dataset.parse::<Dataset>() else {
        return vec![Fault::plain("dataset", format!("{dataset} is no dataset"))];
    };
    let text = stepped.as_deref().map_or(item.text(), str::as_bytes);
    let is_row = item.root.parse::<kansoku_schemas::Root>().is_ok_and(|root| root.row.is_some());
    if is_row { of_row(judge, &dataset, text) } else { of_page(judge, &dataset, text) }
}

/// A row is judged as its replay would be: on a page of its own.
fn of_row(judge: &Judge, dataset: &Dataset, text: &[u8]) -> Vec<Fault> {
    let page = [br#"{"data":["#, text, b"]}"].concat();
    match judge.page(dataset, &page) {
        Err(rejection) => of_rejection(&rejection),
        Ok(judged) if judged.received() != 1 => {
            vec![Fault::plain("envelope", format!("the text holds {} rows", judged.received()))]
        }
        Ok(judged) => judged.rejected.first().map_or_else(Vec::new, |row| of_rejection(&row.rejection)),
    }
}

/// A page passes when its envelope does; its bad rows die one by one.
fn of_page(judge: &Judge, dataset: &Dataset, text: &[u8]) -> Vec<Fault> {
    judge.page(dataset, text).map_or_else(|rejection| of_rejection(&rejection), |_| Vec::new())
}

fn of_rejection(rejection: &Rejection) -> Vec<Fault> {
    if rejection.errors.is_empty() {
        let keyword = rejection.reason.to_string();
        return vec![Fault {
            instance_path: rejection.pointer.clone(),
            keyword,
            message: Some(cut(&rejection.message)),
        }];
    }
    let fault = |error: &kansoku_schemas::Violation| Fault {
        instance_path: error.instance_path.clone(),
        keyword: error.keyword.clone(),
        message: Some(cut(&error.message)),
    };
    rejection.errors.iter().map(fault).collect()
}

fn cut(message: &str) -> String {
    message.chars().take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const GENRE: &str = r#"{"mal_id":1,"name":"Action","url":"u","count":3}"#;

    fn item(row: &str, text: &str) -> Item {
        Item {
            root: format!("00000000-0000-0000-0000-000000000000:1:{row}:validate"),
            item: Some(1),
            version: Some(1),
            dataset: Some("genres".to_owned()),
            body: Some(text.as_bytes().to_vec()),
            ..Item::default()
        }
    }

    fn keywords(item: &Item, steps: Option<&Steps>) -> Vec<String> {
        let faults = faults(&Judge::embedded(), item, steps);
        assert!(faults.iter().all(|fault| fault.message.as_ref().is_some_and(|words| !words.is_empty())));
        faults.into_iter().map(|fault| format!("{} {}", fault.instance_path, fault.keyword)).collect()
    }

    #[test]
    fn a_row_is_judged_by_its_present_text() {
        let bad = GENRE.replace("\"Action\"", "7");
        assert_eq!(keywords(&item("0", GENRE), None), [""; 0]);
        assert_eq!(keywords(&item("0", &bad), None), ["/name type"]);
        let edited = Item { edit: Some(GENRE.to_owned()), ..item("0", &bad) };
        assert_eq!(keywords(&edited, None), [""; 0]);
        assert_eq!(keywords(&item("0", &format!("{GENRE},{GENRE}")), None), [" envelope"]);
        assert_eq!(keywords(&item("0", "{"), None), [" not_json"]);
        assert_eq!(keywords(&Item { dataset: None, ..item("0", GENRE) }, None), [" item"]);
    }

    #[test]
    fn steps_come_before_the_judgement() {
        let cast = json!([{"op": "cast", "path": "/name", "to": "string"}]).to_string();
        let steps = Steps::read(&cast).unwrap();
        let bad = GENRE.replace("\"Action\"", "7");
        assert_eq!(keywords(&item("0", &bad), Some(&steps)), [""; 0]);
        assert_eq!(keywords(&item("0", "{}"), Some(&steps)), ["/name step"]);
    }

    #[test]
    fn a_page_passes_when_its_envelope_does() {
        assert_eq!(keywords(&item("page", &format!("{{\"data\":[{GENRE},7]}}")), None), [""; 0]);
        assert_eq!(keywords(&item("page", "[]"), None).len(), 1);
    }

    #[test]
    fn what_is_no_page_of_the_upstream_needs_an_edit() {
        let fetched = Item { stage: Some("fetch".to_owned()), ..item("page", "{\"data\":[]}") };
        assert_eq!(keywords(&fetched, None), [" edit"]);
        let edited = Item { edit: Some("{\"data\":[]}".to_owned()), ..fetched };
        assert_eq!(keywords(&edited, None), [""; 0]);
    }
}
