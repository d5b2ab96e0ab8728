//! The connections of a listener: how many at once, how many of one client, and how long each may take.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderName, HeaderValue, Request},
};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    select,
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::{HttpSettings, Stop, client::Clients};

/// A connection this old gets no further request, so that one that reads or writes slowly ends as well.
const MAX_AGE: Duration = Duration::from_secs(120);
/// How long the request in hand may take then, or when the process stops.
const GRACE: Duration = Duration::from_secs(60);
/// How long to wait where the system has no further socket to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
/// What a proxy sets that took a request by TLS; a listener that did so itself says it likewise.
const PROTO: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static("https"));

/// Serves `router` until the process stops, and then until the last request in hand is finished.
pub(crate) async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    settings: HttpSettings,
    stop: Stop,
) {
    let mut slots = Slots::new(settings.max_connections);
    let clients = Clients::new(settings.max_connections_per_client);
    let header_timeout = Duration::from_millis(settings.header_timeout_ms);
    loop {
        let next = async {
            let slot = slots.take().await?;
            Ok::<_, AcquireError>((slot, next(&listener).await))
        };
        let Some(Ok((slot, (stream, peer)))) = stop.run_until(next).await else { break };
        let Some(client_slot) = clients.take(peer.ip()) else { continue };
        let (router, stop, acceptor) = (router.clone(), stop.clone(), acceptor.clone());
        tokio::spawn(async move {
            match acceptor {
                None => serve(stream, peer, router, false, header_timeout, &stop).await,
                Some(acceptor) => {
                    let begun = stop.run_until(timeout(header_timeout, acceptor.accept(stream))).await;
                    // What went wrong with it went wrong at the client's side.
                    if let Some(Ok(Ok(stream))) = begun {
                        serve(stream, peer, router, true, header_timeout, &stop).await;
                    }
                }
            }
            drop((slot, client_slot));
        });
    }
    drop(listener);
    slots.all_free().await;
}

/// The next connection; a failure to accept is one of that client or passes by itself.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::debug!(%error, "failed to accept a connection: {error}");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    router: Router,
    is_tls: bool,
    header_timeout: Duration,
    stop: &Stop,
) {
    let service = service_fn(move |mut request: Request<_>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        if is_tls {
            let (name, value) = PROTO;
            request.headers_mut().insert(name, value);
        }
        router.clone().oneshot(request.map(Body::new))
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(header_timeout);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    select! {
        // What went wrong with the connection went wrong at the client's side.
        _ = connection.as_mut() => return,
        () = stop.stopped() => {}
        () = sleep(MAX_AGE) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(GRACE, connection).await;
}

/// One permit for each connection that may be open.
struct Slots {
    free: Arc<Semaphore>,
    max: u32,
    /// Whether a person was told that all are taken, since half of them were free.
    is_reported: bool,
}

impl Slots {
    fn new(max: u32) -> Self {
        // A u32 fits into what a semaphore counts with on every machine that has a 64-bit address.
        Self { free: Arc::new(Semaphore::new(max as usize)), max, is_reported: false }
    }

    /// A client that comes while all are taken waits in the system's queue.
    async fn take(&mut self) -> Result<OwnedSemaphorePermit, AcquireError> {
        let free = self.free.available_permits();
        if free == 0 && !self.is_reported {
            let max = self.max;
            tracing::warn!(max, "all {max} connections are in use; further clients wait for a free one");
        }
        self.is_reported = free == 0 || (self.is_reported && free < self.max as usize / 2);
        self.free.clone().acquire_owned().await
    }

    async fn all_free(&self) {
        // Only a closed semaphore fails, and nobody closes it.
        let _ = self.free.acquire_many(self.max).await;
    }
}
