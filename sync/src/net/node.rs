//! A node: accepts sessions, and keeps those that it was told to keep. Natively other protocols may share
//! its endpoint.

use std::collections::HashMap;
#[cfg(not(target_family = "wasm"))]
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use iroh::endpoint::{Connection, Incoming};
use iroh::{Endpoint, EndpointAddr};
use n0_future::task;
use n0_future::time::{Duration, sleep, timeout};
use tokio::sync::{Notify, Semaphore, watch};
use tracing::{debug, info, warn};

use super::link::{Link, LinkEnd};
use super::ticket::Ticket;
use crate::id::DeviceId;
use crate::replica::Replica;
use crate::session::Config;
use crate::wire::frame::{ALPN, Role, Scope};

/// Bound of the sessions that others open here: a large hall, several times over.
pub const SESSIONS_MAX: usize = 1024;
/// Bound of the nodes that this one keeps a session with.
pub const DIALS_MAX: usize = 256;
/// A connection that opens no stream within this time is closed.
const OPEN_WAIT: Duration = Duration::from_secs(10);
/// Waits between attempts grow from the first to the last.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_LAST: Duration = Duration::from_secs(30);

/// Another protocol on a node's endpoint.
#[cfg(not(target_family = "wasm"))]
pub trait Guest: std::fmt::Debug + Send + Sync {
    /// Name of the protocol, with its version.
    fn alpn(&self) -> &'static [u8];

    /// Serves a connection that a peer opened, until it ends. It holds one of [`SESSIONS_MAX`] places.
    fn serve(&self, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// What a node is and asks for.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// What it says of itself.
    pub role: Role,
    /// Whose logs it asks for.
    pub scope: Scope,
}

/// How a session that this node keeps stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkState {
    /// Not reached, and waiting to try again.
    #[default]
    Offline,
    /// Being reached.
    Connecting,
    /// Both have greeted.
    Connected,
}

/// A running node. Clones share it; [`close`](Self::close) ends it.
#[derive(Debug, Clone)]
pub struct Node(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    replica: Replica,
    config: NodeConfig,
    shutdown: watch::Sender<bool>,
    places: Arc<Semaphore>,
    dials: Mutex<HashMap<DeviceId, Dial>>,
    #[cfg(not(target_family = "wasm"))]
    guest: Option<Arc<dyn Guest>>,
}

/// A session that the node keeps: dialled again whenever it ends.
#[derive(Debug, Clone)]
pub struct Dial {
    state: watch::Receiver<LinkState>,
    retry: Arc<Notify>,
}

impl Dial {
    /// Follows how it stands.
    pub fn state(&self) -> watch::Receiver<LinkState> {
        self.state.clone()
    }

    /// Tries again now, without waiting out the pause: the network may be back.
    pub fn retry(&self) {
        self.retry.notify_one();
    }
}

impl Node {
    /// Starts to accept sessions at `endpoint`, whose secret key is the store's.
    pub fn spawn(endpoint: Endpoint, replica: Replica, config: NodeConfig) -> Self {
        endpoint.set_alpns(vec![ALPN.to_vec()]);
        Self::start(Inner {
            endpoint,
            replica,
            config,
            shutdown: watch::channel(false).0,
            places: Arc::new(Semaphore::new(SESSIONS_MAX)),
            dials: Mutex::default(),
            #[cfg(not(target_family = "wasm"))]
            guest: None,
        })
    }

    /// Starts as [`spawn`](Self::spawn) does, and leaves connections of another protocol to a guest.
    #[cfg(not(target_family = "wasm"))]
    pub fn spawn_with(endpoint: Endpoint, replica: Replica, config: NodeConfig, guest: Arc<dyn Guest>) -> Self {
        endpoint.set_alpns(vec![ALPN.to_vec(), guest.alpn().to_vec()]);
        Self::start(Inner {
            endpoint,
            replica,
            config,
            shutdown: watch::channel(false).0,
            places: Arc::new(Semaphore::new(SESSIONS_MAX)),
            dials: Mutex::default(),
            guest: Some(guest),
        })
    }

    fn start(inner: Inner) -> Self {
        let node = Self(Arc::new(inner));
        task::spawn(node.clone().accept());
        node
    }

    /// The node's endpoint.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// The node's store.
    pub fn replica(&self) -> &Replica {
        &self.0.replica
    }

    /// A ticket with the addresses that the endpoint has now.
    pub fn ticket(&self) -> Ticket {
        Ticket { role: self.0.config.role, addr: self.0.endpoint.addr() }
    }

    /// How many sessions others have open here.
    pub fn sessions(&self) -> usize {
        SESSIONS_MAX - self.0.places.available_permits()
    }

    /// Keeps a session with a node: dials it, again and again. With `upstream` this node reports to it
    /// and believes what it says the province has. A node that is dialled already is not dialled twice.
    /// `None` if that is this node itself, or [`DIALS_MAX`] are dialled.
    pub fn dial(&self, addr: EndpointAddr, upstream: bool) -> Option<Dial> {
        let device = DeviceId(*addr.id.as_bytes());
        let mut dials = self.0.dials.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dial) = dials.get(&device) {
            return Some(dial.clone());
        }
        if device == self.0.replica.device() || dials.len() >= DIALS_MAX {
            return None;
        }
        let (state, seen) = watch::channel(LinkState::Connecting);
        let dial = Dial { state: seen, retry: Arc::default() };
        dials.insert(device, dial.clone());
        task::spawn(self.clone().keep(addr, upstream, state, Arc::clone(&dial.retry)));
        Some(dial)
    }

    /// Ends every session in good order, then the endpoint.
    pub async fn close(&self) {
        self.0.shutdown.send_replace(true);
        self.0.endpoint.close().await;
    }

    /// Accepts connections until the endpoint closes.
    async fn accept(self) {
        while let Some(incoming) = self.0.endpoint.accept().await {
            let Ok(place) = Arc::clone(&self.0.places).try_acquire_owned() else {
                warn!("refused a connection: {SESSIONS_MAX} sessions are open");
                incoming.refuse();
                continue;
            };
            let node = self.clone();
            task::spawn(async move {
                node.serve(incoming).await;
                drop(place);
            });
        }
    }

    async fn serve(&self, incoming: Incoming) {
        let accepted = async { incoming.accept().map_err(|error| error.to_string())?.await.map_err(|e| e.to_string()) };
        let connection = match timeout(OPEN_WAIT, accepted).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return warn!("refused a connection: handshake: {error}"),
            Err(_) => return warn!("refused a connection: the handshake took too long"),
        };
        #[cfg(not(target_family = "wasm"))]
        if let Some(guest) = self.0.guest.as_ref().filter(|guest| connection.alpn() == guest.alpn()) {
            return guest.serve(connection).await;
        }
        let peer = DeviceId(*connection.remote_id().as_bytes());
        let (send, recv) = match timeout(OPEN_WAIT, connection.accept_bi()).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return debug!(%peer, "the connection opened no stream: {error}"),
            Err(_) => return connection.close(1u32.into(), b"no stream was opened"),
        };
        let config = self.session(peer, false);
        let state = watch::Sender::new(LinkState::Connecting);
        let link = Link::new(config, &self.0.replica, &state);
        let end = link.run(&connection, send, recv, self.0.shutdown.subscribe()).await;
        debug!(%peer, "{end}");
    }

    fn session(&self, peer: DeviceId, upstream: bool) -> Config {
        let NodeConfig { role, scope } = self.0.config.clone();
        Config { device: self.0.replica.device(), peer, role, scope, upstream }
    }

    /// Dials until the node shuts down or its store is closed.
    async fn keep(self, addr: EndpointAddr, upstream: bool, state: watch::Sender<LinkState>, retry: Arc<Notify>) {
        let peer = DeviceId(*addr.id.as_bytes());
        let mut pause = RETRY_FIRST;
        let mut shutdown = self.0.shutdown.subscribe();
        while !*shutdown.borrow() {
            state.send_replace(LinkState::Connecting);
            let end = match self.0.endpoint.connect(addr.clone(), ALPN).await {
                Ok(connection) => self.dialled(peer, upstream, connection, &state).await,
                Err(error) => LinkEnd::Connection(error.to_string()),
            };
            let was_connected = *state.borrow() == LinkState::Connected;
            state.send_replace(LinkState::Offline);
            match end {
                LinkEnd::Store | LinkEnd::Shutdown => break,
                // Who was refused is refused again: no use in asking twice a second.
                LinkEnd::Session => debug!(%peer, "the session ended; trying again in {pause:?}"),
                end if was_connected => {
                    info!(%peer, "{end}");
                    pause = RETRY_FIRST;
                }
                end => debug!(%peer, "{end}; trying again in {pause:?}"),
            }
            tokio::select! {
                () = sleep(pause) => pause = (pause * 2).min(RETRY_LAST),
                () = retry.notified() => pause = RETRY_FIRST,
                _ = shutdown.wait_for(|down| *down) => {}
            }
        }
        debug!(%peer, "no longer dialled");
    }

    async fn dialled(
        &self,
        peer: DeviceId,
        upstream: bool,
        connection: Connection,
        state: &watch::Sender<LinkState>,
    ) -> LinkEnd {
        match connection.open_bi().await {
            Ok((send, recv)) => {
                let link = Link::new(self.session(peer, upstream), &self.0.replica, state);
                link.run(&connection, send, recv, self.0.shutdown.subscribe()).await
            }
            Err(error) => LinkEnd::Connection(error.to_string()),
        }
    }
}
