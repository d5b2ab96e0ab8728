//! Single flight: who asks what is already being read waits for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

use super::{Finished, Found};
use crate::database::ReadError;

type Outcome = Result<(Arc<Finished>, Found), ReadError>;
type Flight = BoxFuture<'static, Outcome>;

/// The reads that are under way. A flight that nobody waits for any more is dropped, and its transaction with it.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    under_way: Mutex<HashMap<String, WeakShared<Flight>>>,
}

impl Flights {
    /// Waits for the flight of that name, which `start` starts when there is none.
    pub(super) async fn join(&self, name: String, start: impl FnOnce() -> Flight) -> Outcome {
        let flight = self.board(&name, start);
        let outcome = flight.await;
        self.land(&name);
        outcome
    }

    fn board(&self, name: &str, start: impl FnOnce() -> Flight) -> Shared<Flight> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = under_way.get(name).and_then(WeakShared::upgrade) {
            return flight;
        }
        under_way.retain(|_, flight| flight.upgrade().is_some());
        let flight = start().shared();
        under_way.extend(flight.downgrade().map(|weak| (name.to_owned(), weak)));
        flight
    }

    /// Forgets a flight that has ended; one that began since under the same name stays.
    fn land(&self, name: &str) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let ended =
            under_way.get(name).and_then(WeakShared::upgrade).is_none_or(|flight| flight.peek().is_some());
        if ended {
            under_way.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use chrono::DateTime;
    use tokio::sync::oneshot;

    use super::*;
    use crate::cache::Format;

    fn answer(body: &'static str) -> Outcome {
        let finished = Finished::new("t".into(), DateTime::UNIX_EPOCH, Format::Json, body);
        Ok((Arc::new(finished), Found::Database))
    }

    #[tokio::test]
    async fn all_who_ask_meanwhile_share_one_read_and_later_ones_read_anew() {
        let (flights, starts) = (Flights::default(), AtomicUsize::new(0));
        let (open, gate) = oneshot::channel::<()>();
        let gate = gate.shared();
        let ask = || {
            flights.join("a".into(), || {
                starts.fetch_add(1, Ordering::SeqCst);
                let gate = gate.clone();
                async move { gate.await.map_or_else(|_| unreachable!(), |()| answer("x")) }.boxed()
            })
        };
        let release = async { open.send(()).expect("somebody waits") };
        let (first, second, ()) = tokio::join!(ask(), ask(), release);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(starts.load(Ordering::SeqCst), 1);
        ask().await.expect("an answer");
        assert_eq!(starts.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_flight_that_all_have_left_is_dropped() {
        let flights = Flights::default();
        let (kept, gone) = oneshot::channel::<()>();
        let never = async move {
            let _kept = kept;
            std::future::pending::<Outcome>().await
        };
        let waiting = flights.join("a".into(), || never.boxed());
        assert!(waiting.now_or_never().is_none());
        assert!(gone.await.is_err(), "the read was dropped");
        let again = flights.join("a".into(), || async { answer("y") }.boxed()).await.expect("an answer");
        assert_eq!(&again.0.body[..], b"y");
    }
}
