//! Takes connections: plain or TLS, a bounded number, none for longer than it needs.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::guard::{HEADER_BYTES_READ_MAX, HEADERS_MAX, Peer};

/// HTTP connections at once; the next ones wait in the kernel's queue. A browser opens up to six.
/// Relayed devices are counted on their own: their connections leave HTTP with the upgrade.
pub(crate) const CONNECTIONS_MAX: usize = 2048;

/// Time to send a request's headers, and to stay idle between two requests.
const HEADER_SECONDS_MAX: Duration = Duration::from_secs(15);

/// Time for a TLS handshake.
const TLS_SECONDS_MAX: Duration = Duration::from_secs(10);

/// Age at which a connection is asked to end after the answer it is sending. Long enough for the whole
/// app (1 MB) over 2 KB/s; the live feed reconnects by itself.
const CONNECTION_SECONDS_MAX: Duration = Duration::from_mins(10);

/// Time to end when asked to.
const GRACE: Duration = Duration::from_secs(3);

/// Pause after the system refused a connection, as when it is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Longest part of a request or answer buffered for one connection, besides the headers.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// Serves connections of `listener` until `stop` turns true, then lets those under way end.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            Some(_) = connections.join_next() => continue,
            accepted = next(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, peer, place)) => {
                let (tls, router, stop) = (tls.clone(), router.clone(), stop.clone());
                connections.spawn(async move {
                    connection(stream, peer, tls, router, stop).await;
                    drop(place);
                });
            }
            Err(error) => {
                warn!("cannot take a connection: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(2 * GRACE, ended).await.is_err() {
        connections.shutdown().await;
    }
}

/// Waits for a free place, then for a connection to take it.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    if let Err(error) = stream.set_nodelay(true) {
        debug!("TCP_NODELAY: {error}");
    }
    Ok((stream, peer, place))
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: watch::Receiver<bool>,
) {
    let Some(tls) = tls else {
        return requests(stream, peer, router, stop).await;
    };
    match tokio::time::timeout(TLS_SECONDS_MAX, tls.accept(stream)).await {
        Ok(Ok(stream)) => requests(stream, peer, router, stop).await,
        Ok(Err(error)) => debug!("TLS handshake: {error}"),
        Err(_) => debug!("TLS handshake not done within {TLS_SECONDS_MAX:?}"),
    }
}

/// Answers the requests of one connection.
async fn requests<S>(stream: S, peer: SocketAddr, router: Router, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_SECONDS_MAX)
        .max_headers(HEADERS_MAX)
        .max_header_size(HEADER_BYTES_READ_MAX)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);

    let asked_to_end = async {
        let _ = tokio::time::timeout(CONNECTION_SECONDS_MAX, stop.wait_for(|stop| *stop)).await;
    };
    let result = tokio::select! {
        result = connection.as_mut() => Some(result),
        () = asked_to_end => None,
    };
    let result = if let Some(result) = result {
        result
    } else {
        connection.as_mut().graceful_shutdown();
        match tokio::time::timeout(GRACE, connection).await {
            Ok(result) => result,
            Err(_) => return debug!("connection cut: it did not end within {GRACE:?}"),
        }
    };
    if let Err(error) = result {
        debug!("connection ended: {error}");
    }
}

/// Runs `future` until `stop` turns true.
pub(crate) async fn until<T>(stop: &mut watch::Receiver<bool>, future: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => None,
        value = future => Some(value),
    }
}
