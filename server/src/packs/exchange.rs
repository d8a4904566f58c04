//! Courses from hub to hub: whom to ask, and who asks.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use iroh::endpoint::Connection;
use iroh::{Endpoint, EndpointAddr, EndpointId};
use sync::net::{DIALS_MAX, Guest};
use sync::replica::{Replica, RequestError};
use sync::session::{Answer, Query, Standing};
use sync::store::{Request, Response};
use sync::wire::packs::ALPN;
use tokio::sync::{Notify, Semaphore, watch};
use tracing::{debug, info, warn};

use super::library::Library;
use super::link;

/// Bound of the connections that others open here for courses: every hub of a large commune.
const LINKS_MAX: usize = 256;
/// Waits between attempts to reach a hub grow from the first to the last.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_LAST: Duration = Duration::from_secs(30);
/// How long nothing is taken from a hub that gave something false: long enough to be served by others, short
/// enough that a hub whose disk was repaired is of use on the same day.
const ASIDE: Duration = Duration::from_mins(10);
/// How long a replaced edition's blobs stay, for phones that are still in it.
const GRACE: Duration = Duration::from_mins(10);
/// Shortest time between two looks at what the province says.
const PAUSE: Duration = Duration::from_millis(250);

/// The exchange of one node. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Exchange(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    library: Library,
    replica: Replica,
    places: Arc<Semaphore>,
    dials: Mutex<HashMap<EndpointId, Arc<Notify>>>,
    aside: Mutex<HashMap<EndpointId, Instant>>,
    standing: watch::Sender<Standing>,
    stop: watch::Receiver<bool>,
}

impl Exchange {
    /// Makes the exchange of a node, which ends when `stop` turns true.
    pub(crate) fn new(endpoint: Endpoint, library: Library, replica: Replica, stop: watch::Receiver<bool>) -> Self {
        let inner = Inner {
            endpoint,
            library,
            replica,
            places: Arc::new(Semaphore::new(LINKS_MAX)),
            dials: Mutex::default(),
            aside: Mutex::default(),
            standing: watch::channel(Standing::default()).0,
            stop,
        };
        Self(Arc::new(inner))
    }

    /// The library.
    pub(super) fn library(&self) -> &Library {
        &self.0.library
    }

    /// Follows what the province says.
    pub(super) fn standings(&self) -> watch::Receiver<Standing> {
        self.0.standing.subscribe()
    }

    /// Asks what the province says now.
    ///
    /// # Errors
    ///
    /// When the store is closed.
    pub(super) async fn standing(&self) -> Result<Standing, RequestError> {
        standing(&self.0.replica).await
    }

    /// Keeps the library by what the province says, and free of what nothing names, until the store closes.
    pub(crate) async fn tend(self) {
        tokio::select! {
            () = self.follow() => {}
            () = self.tidy() => {}
        }
    }

    async fn follow(&self) {
        let mut position = self.0.replica.subscribe();
        position.mark_changed();
        while position.changed().await.is_ok() {
            self.look().await;
        }
    }

    async fn tidy(&self) {
        let mut shown = self.0.library.changes();
        loop {
            settled(&mut shown).await;
            self.collect().await;
        }
    }

    async fn look(&self) {
        let Ok(now) = self.standing().await else { return };
        let differs = {
            let held = self.0.standing.borrow();
            (held.province, held.epoch()) != (now.province, now.epoch())
        };
        if differs {
            let (library, standing) = (self.0.library.clone(), now.clone());
            drop(tokio::task::spawn_blocking(move || library.stand(&standing)).await);
            self.0.standing.send_replace(now);
        }
        tokio::time::sleep(PAUSE).await;
    }

    async fn collect(&self) {
        let library = self.0.library.clone();
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || library.collect()).await {
            warn!("cannot tidy up the courses: {error}");
        }
    }

    /// Keeps a connection to a hub: dials it, again and again. One that is dialled already is not dialled
    /// twice.
    pub(crate) fn dial(&self, address: EndpointAddr) {
        let mut dials = self.0.dials.lock().unwrap_or_else(PoisonError::into_inner);
        if dials.len() < DIALS_MAX && address.id != self.0.endpoint.id() && !dials.contains_key(&address.id) {
            let retry = Arc::new(Notify::new());
            dials.insert(address.id, Arc::clone(&retry));
            tokio::spawn(self.clone().keep(address, retry));
        }
    }

    /// Tries again now with every hub that is dialled.
    pub(crate) fn retry(&self) {
        let dials = self.0.dials.lock().unwrap_or_else(PoisonError::into_inner);
        dials.values().for_each(|retry| retry.notify_one());
    }

    async fn keep(self, address: EndpointAddr, retry: Arc<Notify>) {
        let (peer, mut pause, mut stop) = (address.id, RETRY_FIRST, self.0.stop.clone());
        while !*stop.borrow() {
            let connected = tokio::select! {
                connected = self.0.endpoint.connect(address.clone(), ALPN) => connected,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            match connected {
                Ok(connection) => {
                    let began = Instant::now();
                    let end = self.run(&connection).await;
                    debug!(peer = %peer.fmt_short(), "no more courses: {end}");
                    // Who is left at once is left again.
                    pause = if began.elapsed() > RETRY_LAST { RETRY_FIRST } else { pause };
                }
                Err(error) => debug!(peer = %peer.fmt_short(), "{error:#}; trying again in {pause:?}"),
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(RETRY_LAST),
                () = retry.notified() => pause = RETRY_FIRST,
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    }

    async fn run(&self, connection: &Connection) -> String {
        let mut stop = self.0.stop.clone();
        tokio::select! {
            end = link::run(self, connection) => {
                connection.close(0u32.into(), end.as_bytes());
                end
            }
            _ = stop.wait_for(|stop| *stop) => "shutting down".to_owned(),
        }
    }

    /// Takes nothing from a peer for a while.
    pub(super) fn set_aside(&self, peer: EndpointId) {
        let mut aside = self.0.aside.lock().unwrap_or_else(PoisonError::into_inner);
        aside.retain(|_, since| since.elapsed() < ASIDE);
        if aside.len() < LINKS_MAX + DIALS_MAX {
            aside.insert(peer, Instant::now());
        }
    }

    /// How long nothing is taken from a peer yet.
    pub(super) fn aside(&self, peer: EndpointId) -> Option<Duration> {
        let aside = self.0.aside.lock().unwrap_or_else(PoisonError::into_inner);
        ASIDE.checked_sub(aside.get(&peer)?.elapsed())
    }
}

/// Waits until what is shown has changed, and then has not for [`GRACE`].
async fn settled(shown: &mut watch::Receiver<u64>) {
    if shown.changed().await.is_err() {
        return std::future::pending().await;
    }
    while let Ok(Ok(())) = tokio::time::timeout(GRACE, shown.changed()).await {}
}

/// Asks a running node's store what the province says.
///
/// # Errors
///
/// When the store is closed.
pub(crate) async fn standing(replica: &Replica) -> Result<Standing, RequestError> {
    match replica.request(Request::Session(Query::Standing)).await? {
        Response::Session(Answer::Standing(standing)) => Ok(standing),
        other => Err(RequestError::Failed(format!("the store answered something else: {other:?}"))),
    }
}

impl Guest for Exchange {
    fn alpn(&self) -> &'static [u8] {
        ALPN
    }

    fn serve(&self, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let exchange = self.clone();
        Box::pin(async move {
            let Ok(_place) = Arc::clone(&exchange.0.places).try_acquire_owned() else {
                info!("refused a connection for courses: {LINKS_MAX} are open");
                return connection.close(1u32.into(), b"too many connections");
            };
            let end = exchange.run(&connection).await;
            debug!(peer = %connection.remote_id().fmt_short(), "no more courses: {end}");
        })
    }
}

/// Hashes of editions that a peer has.
pub(super) type Has = HashSet<content::pack::Hash>;
