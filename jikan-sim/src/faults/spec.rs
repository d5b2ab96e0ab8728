//! How a fault is switched on, and which requests trigger it then.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::Fault;

/// A fault to switch on. What is left out does not limit it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name in the catalogue.
    pub name: String,
    /// How the path of a request has to begin.
    #[serde(default)]
    pub path: String,
    /// The page it is limited to.
    pub page: Option<u32>,
    /// The rows of the page, from 0.
    pub rows: Option<Vec<usize>>,
    /// Only the first so many requests that match.
    pub count: Option<u64>,
    /// Only each so many-th request that matches: 2 is half of them.
    pub every: Option<u64>,
}

/// A fault that is switched on, and how often it was triggered.
#[derive(Debug)]
pub(crate) struct Active {
    fault: &'static Fault,
    spec: Spec,
    matched: u64,
    triggered: u64,
}

/// A fault that a request triggers.
#[derive(Debug)]
pub(crate) struct Triggered {
    pub(crate) fault: &'static Fault,
    pub(crate) rows: Option<Vec<usize>>,
}

impl Spec {
    /// The fault of this name, everywhere and always.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Finds the fault.
    ///
    /// # Errors
    /// When there is none, or its rows mean nothing; the message names the key.
    pub(crate) fn switch_on(self) -> Result<Active> {
        let fault = super::named(&self.name)
            .with_context(|| format!("name: there is no fault {:?}; see `jikan-sim faults`", self.name))?;
        ensure!(self.rows.is_none() || fault.kind.takes_rows(), "rows: {} is not about rows", self.name);
        ensure!(self.every != Some(0), "every: 0 means nothing; 1 is each request, 2 every other");
        Ok(Active { fault, spec: self, matched: 0, triggered: 0 })
    }
}

impl Active {
    /// Whether this request triggers the fault.
    pub(crate) fn trigger(&mut self, path: &str, page: u32) -> Option<Triggered> {
        let spec = &self.spec;
        let matches = path.starts_with(&spec.path) && spec.page.is_none_or(|wanted| wanted == page);
        if !matches || spec.count.is_some_and(|count| self.triggered >= count) {
            return None;
        }
        self.matched += 1;
        if spec.every.is_some_and(|every| !self.matched.is_multiple_of(every)) {
            return None;
        }
        self.triggered += 1;
        Some(Triggered { fault: self.fault, rows: spec.rows.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_page_and_count_limit_a_fault() {
        let triggered = |spec: Spec| {
            let mut active = spec.switch_on().unwrap();
            [(); 3].map(|()| active.trigger("/v4/top/anime", 1).is_some())
        };
        let spec = Spec::named("not-json");
        assert_eq!(triggered(spec.clone()), [true; 3]);
        assert_eq!(triggered(Spec { count: Some(2), ..spec.clone() }), [true, true, false]);
        assert_eq!(triggered(Spec { every: Some(2), ..spec.clone() }), [false, true, false]);
        assert_eq!(triggered(Spec { page: Some(2), ..spec.clone() }), [false; 3]);
        assert_eq!(triggered(Spec { path: "/v4/seasons".to_owned(), ..spec }), [false; 3]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_the_name_of_the_key() {
        let refusal = |spec: Spec| spec.switch_on().unwrap_err().to_string();
        assert!(refusal(Spec::named("not-jason")).starts_with("name: there is no fault \"not-jason\""));
        let never = Spec { every: Some(0), ..Spec::named("not-json") };
        assert!(refusal(never).starts_with("every: "));
        let rows = Spec { rows: Some(vec![1]), ..Spec::named("not-json") };
        assert_eq!(refusal(rows), "rows: not-json is not about rows");
    }
}
