//! Single flight: a request for what is already being read waits for that read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

use super::{CacheStatus, CachedResponse};
use crate::database::ReadError;

type Outcome = Result<(Arc<CachedResponse>, CacheStatus), ReadError>;
type Reading = BoxFuture<'static, Outcome>;

/// The requests that are being read. One that nobody waits for any more is dropped, and its transaction with it.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    requests: Mutex<HashMap<String, WeakShared<Reading>>>,
}

impl InFlight {
    /// Waits for the request of that name, which `start` starts when there is none.
    pub(super) async fn join(&self, name: String, start: impl FnOnce() -> Reading) -> Outcome {
        let request = self.find_or_start(&name, start);
        let outcome = request.await;
        self.remove_ended(&name);
        outcome
    }

    fn find_or_start(&self, name: &str, start: impl FnOnce() -> Reading) -> Shared<Reading> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(request) = requests.get(name).and_then(WeakShared::upgrade) {
            return request;
        }
        requests.retain(|_, request| request.upgrade().is_some());
        let request = start().shared();
        requests.extend(request.downgrade().map(|weak| (name.to_owned(), weak)));
        request
    }

    /// Forgets a request that has ended; one that began since under the same name stays.
    fn remove_ended(&self, name: &str) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let ended =
            requests.get(name).and_then(WeakShared::upgrade).is_none_or(|request| request.peek().is_some());
        if ended {
            requests.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use chrono::DateTime;
    use tokio::sync::oneshot;

    use super::*;
    use crate::{cache::Format, database::Versions};

    fn response(body: &'static str) -> Outcome {
        let response =
            CachedResponse::new(Versions::default(), DateTime::UNIX_EPOCH, Format::Json, body.as_bytes());
        Ok((Arc::new(response), CacheStatus::Miss))
    }

    #[tokio::test]
    async fn simultaneous_requests_share_one_read_and_later_ones_read_anew() {
        let (in_flight, starts) = (InFlight::default(), AtomicUsize::new(0));
        let (open, gate) = oneshot::channel::<()>();
        let gate = gate.shared();
        let ask = || {
            in_flight.join("a".into(), || {
                starts.fetch_add(1, Ordering::SeqCst);
                let gate = gate.clone();
                async move { gate.await.map_or_else(|_| unreachable!(), |()| response("x")) }.boxed()
            })
        };
        let release = async { open.send(()).expect("somebody waits") };
        let (first, second, ()) = tokio::join!(ask(), ask(), release);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(starts.load(Ordering::SeqCst), 1);
        ask().await.expect("a response");
        assert_eq!(starts.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_read_that_nobody_waits_for_is_dropped() {
        let in_flight = InFlight::default();
        let (kept, gone) = oneshot::channel::<()>();
        let never = async move {
            let _kept = kept;
            std::future::pending::<Outcome>().await
        };
        let waiting = in_flight.join("a".into(), || never.boxed());
        assert!(waiting.now_or_never().is_none());
        assert!(gone.await.is_err(), "the read was dropped");
        let again = in_flight.join("a".into(), || async { response("y") }.boxed()).await.expect("a response");
        assert_eq!(&again.0.body[..], b"y");
    }
}
