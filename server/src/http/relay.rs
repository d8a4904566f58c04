//! The relay a hub embeds: browsers have no UDP, so their packets to the hub, and to each other, go
//! through a WebSocket on the port the page came from.
//!
//! The protocol, its handshake (a device proves the key it connects with) and the forwarding are
//! `iroh-relay`'s. Ours are the upgrade and the bounds: sockets that have not proven a key yet, devices,
//! connections a device, bytes a second, packets queued for a slow phone.
//!
//! Source: `tests/relay_axum.rs` of iroh-relay, which shows the same embedding without bounds.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request};
use axum::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use iroh::EndpointId;
use iroh_relay::http::{CLIENT_AUTH_HEADER, ProtocolVersion};
use iroh_relay::protos::streams::StreamError;
use iroh_relay::protos::{handshake, relay::MAX_PACKET_SIZE};
use iroh_relay::server::client::Config;
use iroh_relay::server::clients::Clients;
use iroh_relay::server::streams::{Bucket, RelayedStream};
use iroh_relay::server::{Access, AccessControl, ClientRequest, ConnectionId, DynAccessControl, Metrics};
use iroh_relay::{ExportKeyingMaterial, KeyCache};
use n0_future::{Sink, Stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::{debug, info};

/// Devices relayed at once. A hall has up to 300 phones on one hub (the benchmark of DESIGN §12);
/// the rest is for a province's node and for phones that reconnect before their old socket is noticed.
pub(crate) const DEVICES_MAX: usize = 1024;

/// Sockets at once, with those that have not proven a key yet.
pub(crate) const SOCKETS_MAX: usize = DEVICES_MAX + 128;

/// Connections one key may hold: a phone that loses the hotspot comes back before its old socket times out.
const CONNECTIONS_A_DEVICE_MAX: u16 = 8;

/// Longest WebSocket message. A packet of the protocol is at most 64 KiB; a tag, a key and a segment size
/// stand before it.
const MESSAGE_BYTES_MAX: usize = MAX_PACKET_SIZE + 64;

/// Bytes queued towards a phone inside the WebSocket.
const WRITE_BUFFER_BYTES_MAX: usize = 256 * 1024;

/// Packets queued for one phone; more are dropped, as a router does, and QUIC sends them again.
const PHONE_QUEUE_PACKETS_MAX: usize = 64;

/// Packets queued for the hub itself, to which all phones send.
const HUB_QUEUE_PACKETS_MAX: usize = 4096;

/// What one phone may send: far above a log's size, far below what would starve a shared hotspot.
const PHONE_BYTES_PER_SECOND_MAX: u32 = 1024 * 1024;

/// What one phone may send at once.
const PHONE_BURST_BYTES_MAX: u32 = 2 * 1024 * 1024;

/// How often the allowance of a phone is filled up.
const REFILL: Duration = Duration::from_millis(100);

/// Time to prove a key after the upgrade.
const HANDSHAKE_SECONDS_MAX: Duration = Duration::from_secs(10);

/// Parsed public keys kept, so that a packet's addressee is not decompressed anew each time.
const KEY_CACHE: usize = 2 * DEVICES_MAX;

/// The relay of one hub. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Relay {
    own: EndpointId,
    keys: KeyCache,
    door: Arc<Door>,
    metrics: Arc<Metrics>,
    clients: Clients,
    sockets: Arc<Semaphore>,
}

impl Relay {
    /// Makes the relay of the hub whose endpoint is `own`; that one is admitted even when it is full.
    pub(crate) fn new(own: EndpointId) -> Self {
        Self {
            own,
            keys: KeyCache::new(KEY_CACHE),
            door: Arc::new(Door { own, devices: Mutex::default() }),
            metrics: Arc::new(Metrics::default()),
            clients: Clients::default(),
            sockets: Arc::new(Semaphore::new(SOCKETS_MAX)),
        }
    }

    /// Answers an upgrade request on `/relay`.
    pub(crate) async fn upgrade(&self, request: Request) -> Response {
        let (mut parts, _body) = request.into_parts();
        let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
            Ok(upgrade) => upgrade,
            Err(rejection) => return rejection.into_response(),
        };
        let Ok(permit) = self.sockets.clone().try_acquire_owned() else {
            debug!("relay full: {SOCKETS_MAX} sockets");
            return (StatusCode::SERVICE_UNAVAILABLE, "relay full, try again later\n").into_response();
        };
        let relay = self.clone();
        upgrade
            .protocols([ProtocolVersion::V2.to_str()])
            .max_message_size(MESSAGE_BYTES_MAX)
            .max_frame_size(MESSAGE_BYTES_MAX)
            .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
            .on_upgrade(move |socket| async move { relay.admit(socket, permit, parts).await })
    }

    /// Answers the latency probe on `/ping`, which browsers send from any page.
    pub(crate) fn probe() -> Response {
        (StatusCode::OK, [(ACCESS_CONTROL_ALLOW_ORIGIN, "*")]).into_response()
    }

    /// Closes every relayed connection.
    pub(crate) async fn shutdown(&self) {
        self.clients.shutdown().await;
    }

    /// Lets the device prove its key, then hands the socket over to the forwarding task.
    async fn admit(&self, socket: WebSocket, permit: OwnedSemaphorePermit, parts: Parts) {
        let auth = parts.headers.get(CLIENT_AUTH_HEADER).cloned();
        let handshake = self.handshake(Framed::new(socket, permit), auth, parts);
        match tokio::time::timeout(HANDSHAKE_SECONDS_MAX, handshake).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => info!("relay refused a device: {error:#}"),
            Err(_) => info!("relay closed a socket: no key proven within {HANDSHAKE_SECONDS_MAX:?}"),
        }
    }

    async fn handshake(&self, mut io: Framed, auth: Option<HeaderValue>, parts: Parts) -> Result<(), handshake::Error> {
        let proven = handshake::serverside(&mut io, auth).await?;
        let request = ClientRequest::new(proven.client_key, ProtocolVersion::V2, parts);
        let own = request.endpoint_id() == self.own;
        let door: Arc<dyn DynAccessControl> = self.door.clone();
        let guard = proven.authorize_with(&request, &door, &mut io).await?;
        if own {
            io.allowance = None;
        }
        let stream = RelayedStream::new(io, self.keys.clone());
        let mut config = Config::new(guard, stream, ProtocolVersion::V2);
        config.channel_capacity = if own { HUB_QUEUE_PACKETS_MAX } else { PHONE_QUEUE_PACKETS_MAX };
        self.clients.register(config, self.metrics.clone());
        Ok(())
    }
}

/// Counts who is inside.
#[derive(Debug)]
struct Door {
    own: EndpointId,
    devices: Mutex<HashMap<EndpointId, u16>>,
}

impl Door {
    /// Admits one more connection of `id`, or says why not.
    fn enter(&self, id: EndpointId) -> Result<(), &'static str> {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        let others = devices.len();
        match devices.get_mut(&id) {
            Some(connections) if *connections >= CONNECTIONS_A_DEVICE_MAX => Err("too many connections of this device"),
            Some(connections) => {
                *connections += 1;
                Ok(())
            }
            None if others >= DEVICES_MAX && id != self.own => Err("relay full"),
            None => {
                devices.insert(id, 1);
                Ok(())
            }
        }
    }

    /// Forgets one connection of `id`.
    fn leave(&self, id: EndpointId) {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connections) = devices.get_mut(&id) {
            *connections -= 1;
            if *connections == 0 {
                devices.remove(&id);
            }
        }
    }
}

impl AccessControl for Door {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        match self.enter(request.endpoint_id()) {
            Ok(()) => Access::Allow,
            Err(reason) => Access::Deny { reason: Some(reason.to_owned()) },
        }
    }

    fn on_disconnect(&self, id: EndpointId, _connection: ConnectionId) {
        self.leave(id);
    }
}

/// The binary messages of a WebSocket as `iroh-relay` wants them, read no faster than the allowance.
#[derive(Debug)]
struct Framed {
    socket: Pin<Box<WebSocket>>,
    allowance: Option<Allowance>,
    /// Frees the socket's place when the connection ends.
    _permit: OwnedSemaphorePermit,
}

/// What a phone may still send, and the message that waits until it may.
#[derive(Debug)]
struct Allowance {
    bucket: Bucket,
    held: Option<(Bytes, Pin<Box<tokio::time::Sleep>>)>,
}

impl Allowance {
    /// Makes a phone's; `None` only if the constants above made no sense.
    fn of_a_phone() -> Option<Self> {
        let bucket = Bucket::new(i64::from(PHONE_BURST_BYTES_MAX), i64::from(PHONE_BYTES_PER_SECOND_MAX), REFILL);
        Some(Self { bucket: bucket.ok()?, held: None })
    }

    /// Lets one message through, now or when the bucket has filled; until then `source` is not read.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        source: impl FnOnce(&mut Context<'_>) -> Poll<Option<Result<Bytes, StreamError>>>,
    ) -> Poll<Option<Result<Bytes, StreamError>>> {
        if self.held.is_none() {
            let message = match ready!(source(cx)) {
                Some(Ok(message)) => message,
                ended => return Poll::Ready(ended),
            };
            match self.bucket.consume(message.len()) {
                Ok(()) => return Poll::Ready(Some(Ok(message))),
                Err(deadline) => self.held = Some((message, Box::pin(tokio::time::sleep_until(deadline)))),
            }
        }
        if let Some((_, until)) = &mut self.held {
            ready!(until.as_mut().poll(cx));
        }
        Poll::Ready(self.held.take().map(|(message, _)| Ok(message)))
    }
}

impl Framed {
    fn new(socket: WebSocket, permit: OwnedSemaphorePermit) -> Self {
        Self { socket: Box::pin(socket), allowance: Allowance::of_a_phone(), _permit: permit }
    }
}

/// Reads the next binary message; control messages are the WebSocket's own affair.
fn poll_message(socket: &mut Pin<Box<WebSocket>>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, StreamError>>> {
    loop {
        return Poll::Ready(match ready!(socket.as_mut().poll_next(cx)) {
            Some(Ok(Message::Binary(data))) => Some(Ok(data)),
            Some(Ok(Message::Close(_))) | None => None,
            Some(Ok(_)) => continue,
            Some(Err(error)) => Some(Err(StreamError::from_std(error))),
        });
    }
}

impl Stream for Framed {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { socket, allowance, .. } = &mut *self;
        match allowance {
            Some(allowance) => allowance.poll(cx, |cx| poll_message(socket, cx)),
            None => poll_message(socket, cx),
        }
    }
}

impl Sink<Bytes> for Framed {
    type Error = StreamError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.socket.as_mut().poll_ready(cx).map_err(StreamError::from_std)
    }

    fn start_send(mut self: Pin<&mut Self>, item: Bytes) -> Result<(), StreamError> {
        self.socket.as_mut().start_send(Message::Binary(item)).map_err(StreamError::from_std)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.socket.as_mut().poll_flush(cx).map_err(StreamError::from_std)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.socket.as_mut().poll_close(cx).map_err(StreamError::from_std)
    }
}

/// A WebSocket of axum does not reach its TLS session; the handshake then takes one more round trip.
impl ExportKeyingMaterial for Framed {
    fn export_keying_material<T: AsMut<[u8]>>(&self, _: T, _: &[u8], _: Option<&[u8]>) -> Option<T> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iroh::SecretKey;

    fn key(n: u32) -> EndpointId {
        let mut bytes = [7; 32];
        bytes[..4].copy_from_slice(&n.to_le_bytes());
        SecretKey::from_bytes(&bytes).public()
    }

    fn door() -> Door {
        Door { own: key(u32::MAX), devices: Mutex::default() }
    }

    #[tokio::test]
    async fn a_phone_that_sends_too_much_is_read_no_further() {
        let mut allowance = Allowance::of_a_phone().unwrap();
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let message = Bytes::from(vec![0; MAX_PACKET_SIZE]);
        let mut passed = 0;
        // The burst, and what trickles in while the test runs; far from everything that was offered.
        let offered = 100 * PHONE_BURST_BYTES_MAX as usize / MAX_PACKET_SIZE;
        for _ in 0..offered {
            match allowance.poll(&mut cx, |_| Poll::Ready(Some(Ok(message.clone())))) {
                Poll::Ready(Some(Ok(_))) => passed += 1,
                Poll::Ready(_) => panic!("the source has not ended"),
                Poll::Pending => break,
            }
        }
        assert!(passed + 1 >= PHONE_BURST_BYTES_MAX as usize / MAX_PACKET_SIZE && passed < offered, "{passed}");
        // What waits is one message; nothing more is asked for.
        let _ = allowance.poll(&mut cx, |_| panic!("read while a message waits"));
    }

    #[test]
    fn a_full_relay_still_admits_its_own_hub_and_those_inside() {
        let door = door();
        for n in 0..DEVICES_MAX as u32 {
            door.enter(key(n)).unwrap();
        }
        assert_eq!(door.enter(key(5_000)), Err("relay full"));
        assert_eq!(door.enter(key(3)), Ok(()));
        assert_eq!(door.enter(door.own), Ok(()));
        door.leave(key(0));
        door.leave(door.own);
        assert_eq!(door.enter(key(5_000)), Ok(()));
    }

    #[test]
    fn a_device_holds_a_bounded_number_of_connections() {
        let door = door();
        for _ in 0..CONNECTIONS_A_DEVICE_MAX {
            door.enter(key(1)).unwrap();
        }
        assert_eq!(door.enter(key(1)), Err("too many connections of this device"));
        door.leave(key(1));
        assert_eq!(door.enter(key(1)), Ok(()));
    }
}
