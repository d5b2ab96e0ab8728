//! What becomes of a page: pure, and the same for the same page, schemas and instant.

use bytes::Bytes;
use kansoku_nats::{
    GiveUp, Outgoing,
    dead_letter::{Fault, Letter, Origin, Rejecter},
    subject,
};
use kansoku_schemas::{Judge, PageVerdict, Reason, Rejection, Replay, Root, RowVerdict, Stage};

use crate::{
    DURABLE, STREAM,
    arrival::{Arrival, Tally},
    contract,
    place::{self, Place},
};

/// How a replay of one row is written: its bytes between these.
const BEFORE_ROW: &[u8] = br#"{"data":["#;
const AFTER_ROW: &[u8] = b"]}";
/// The most characters of the reason that goes with `+TERM`.
const MOST_REASON: usize = 200;

/// Judges pages, in the name of one process.
#[derive(Debug)]
pub struct Court {
    /// The schemas.
    pub judge: Judge,
    /// Whose name stands in dead letters.
    pub by: Rejecter,
}

/// What becomes of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is dead as a whole; nothing of it goes to VALID.
    Rejected {
        /// The dead letter with the whole body.
        letter: Box<Outgoing>,
        /// Why, in short.
        reason: String,
    },
    /// Its rows were judged. The dead letters have to be stored before the page goes to VALID.
    Judged {
        /// A dead letter for each row that did not pass.
        dead: Vec<Outgoing>,
        /// The accepted rows, even if there are none.
        valid: Box<Outgoing>,
        /// The numbers of the page.
        tally: Tally,
    },
}

impl Court {
    /// Decides on a page.
    pub fn decide(&self, arrival: &Arrival<'_>) -> Decision {
        let stored = &arrival.delivery.stored;
        let place = match Place::read(stored) {
            Ok(place) => place,
            Err(words) => return self.reject(arrival, Fault::plain(Reason::Envelope, words)),
        };
        let judged = match self.judge.page(&place.meta.dataset, &stored.body) {
            PageVerdict::Dead(rejection) => return self.reject(arrival, fault(&rejection)),
            PageVerdict::Judged(judged) => judged,
        };
        if let (Some((replay, _)), rows) = (place.row_replay(), judged.rows.len())
            && rows != 1
        {
            let words = format!("the replay of the row {} holds {rows} rows", replay.root);
            return self.reject(arrival, Fault::plain(Reason::Envelope, words));
        }
        let dead: Vec<_> =
            judged.rows.iter().filter_map(|row| self.row_letter(arrival, &place, row)).collect();
        let (valid, tally) = match contract::write(arrival, &place, self.judge.hash(), judged) {
            Ok(written) => written,
            Err(error) => {
                let words = format!("the accepted rows cannot be written as JSON: {error}");
                return self.reject(arrival, Fault::plain(Reason::Envelope, words));
            }
        };
        let (size, limit) = (valid.size(), subject::limit(&valid.subject));
        if size > limit {
            let words =
                format!("the accepted rows take {size} bytes, {limit} is the most; fetch smaller pages");
            return self.reject(arrival, Fault::plain(Reason::TooLarge, words));
        }
        Decision::Judged { dead, valid: Box::new(valid), tally }
    }

    /// The dead letter of a page that is not judged: it may have killed who judged it.
    pub fn give_up(&self, arrival: &Arrival<'_>, why: GiveUp) -> Outgoing {
        self.page_letter(arrival, &Fault::plain(why.reason(), why.to_string()))
    }

    fn reject(&self, arrival: &Arrival<'_>, fault: Fault) -> Decision {
        let reason = format!("{}: {}", fault.reason, fault.message);
        let reason = reason.chars().filter(|char| !char.is_control()).take(MOST_REASON).collect();
        Decision::Rejected { letter: Box::new(self.page_letter(arrival, &fault)), reason }
    }

    fn page_letter(&self, arrival: &Arrival<'_>, fault: &Fault) -> Outgoing {
        let stored = &arrival.delivery.stored;
        let (root, replay) = place::root(stored);
        let body = if root.row.is_some() { unwrapped(&stored.body) } else { stored.body.clone() };
        let dataset = subject::dataset_of(&stored.subject).unwrap_or("unknown");
        self.letter(arrival, root, replay.as_ref(), dataset, fault, body)
    }

    fn row_letter(&self, arrival: &Arrival<'_>, place: &Place, row: &RowVerdict) -> Option<Outgoing> {
        let rejection = row.outcome.as_ref().err()?;
        // Rows rejected from a whole page start roots of their own, even if that page is a replay.
        let replay = place.row_replay().map(|(replay, _)| replay);
        let index = place.index(row.index);
        let own =
            Root { run: place.meta.run, page: place.meta.page, row: Some(index), stage: Stage::Validate };
        let root = replay.map_or(own, |replay| replay.root);
        let body = arrival.delivery.stored.body.slice(rejection.bytes.clone());
        let dataset = place.meta.dataset.to_string();
        Some(self.letter(arrival, root, replay, &dataset, &fault(rejection), body))
    }

    fn letter(
        &self,
        arrival: &Arrival<'_>,
        root: Root,
        replay: Option<&Replay>,
        dataset: &str,
        fault: &Fault,
        body: Bytes,
    ) -> Outgoing {
        let letter = Letter {
            headers: &arrival.delivery.stored.headers,
            origin: Some(Origin::of(arrival.delivery, STREAM, DURABLE)),
            root,
            stage: Stage::Validate,
            parent: replay.and_then(|replay| replay.parent.as_deref()),
            attempt: replay.map_or(0, |replay| replay.attempt),
            raw: Some(arrival.position()),
            judge: self.judge.hash(),
            dataset,
            fault,
            body,
            by: &self.by,
            at: arrival.now,
        };
        letter.build()
    }
}

fn fault(rejection: &Rejection) -> Fault {
    let Rejection { reason, pointer, message, errors, schema, schema_hash, .. } = rejection.clone();
    Fault { reason, pointer, message, errors, schema: Some(schema), schema_hash: Some(schema_hash) }
}

/// The row in the replay of one, so that its next replay is written in the same way.
fn unwrapped(body: &Bytes) -> Bytes {
    match body.strip_prefix(BEFORE_ROW).and_then(|rest| rest.strip_suffix(AFTER_ROW)) {
        Some(row) => body.slice_ref(row),
        None => body.clone(),
    }
}

#[cfg(test)]
mod tests;
