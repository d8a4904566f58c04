//! One connection with another hub: both tell what they have, and each takes what it lacks.

use std::collections::HashSet;
use std::convert::Infallible;
use std::time::Duration;

use content::pack::Hash;
use iroh::EndpointId;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use n0_future::{FuturesUnordered, StreamExt as _};
use sync::replica::now;
use sync::wire::packs::{FRAME_BYTES_MAX, Frame, TITLES_MAX, Title, split_frame};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::{debug, warn};

use super::edition::{Edition, Refusal};
use super::exchange::{Exchange, Has};
use super::{give, take};

/// Blobs taken from one hub at once: enough that the next is on its way while one is written.
const TAKES_AT_ONCE: usize = 4;
/// How long a peer may take to send what it began, or to take what is sent.
pub(super) const STALL_MAX: Duration = Duration::from_secs(30);
/// Bound of the refused editions that a link remembers, so that it asks for each once: as many as a shelf has.
/// Of a peer that offers more of them nothing is taken for a while.
const REFUSED_MAX: usize = TITLES_MAX;

/// Why a link ends.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    /// The connection ended.
    #[error("the connection ended: {0}")]
    Connection(String),
    /// The peer sent something that has no place where it came.
    #[error("the peer does not keep to the protocol: {0}")]
    Protocol(String),
    /// The peer sent the beginning of something and no more.
    #[error("the peer has sent nothing for {STALL_MAX:?}")]
    Stalled,
}

impl LinkError {
    pub(super) fn connection(error: impl std::fmt::Display) -> Self {
        Self::Connection(error.to_string())
    }
}

/// Runs a link until it ends; returns why.
pub(super) async fn run(exchange: &Exchange, connection: &Connection) -> String {
    let peer = connection.remote_id();
    exchange.library().forgive(peer);
    let (offers, has) = watch::channel(Has::new());
    let mut takes: FuturesUnordered<_> =
        (0..TAKES_AT_ONCE).map(|_| take::blobs(exchange, connection, has.clone())).collect();
    let end = tokio::select! {
        end = tell(exchange, connection) => end,
        end = hear(exchange, connection, offers) => end,
        end = give::all(exchange.library(), connection) => end,
        Some(end) = takes.next() => end,
        closed = connection.closed() => Err(LinkError::connection(closed)),
    };
    match end {
        Ok(never) => match never {},
        Err(error @ LinkError::Protocol(_)) => {
            warn!(peer = %peer.fmt_short(), "{error}");
            error.to_string()
        }
        Err(error) => error.to_string(),
    }
}

/// Tells the peer what is here, and again whenever that changes.
async fn tell(exchange: &Exchange, connection: &Connection) -> Result<Infallible, LinkError> {
    let mut send = connection.open_uni().await.map_err(LinkError::connection)?;
    let mut changes = exchange.library().changes();
    let mut told = None;
    loop {
        changes.borrow_and_update();
        let titles = exchange.library().titles();
        if told.as_ref() != Some(&titles) {
            write(&mut send, &Frame::Shelf(titles.clone())).await?;
            told = Some(titles);
        }
        changes.changed().await.map_err(LinkError::connection)?;
    }
}

/// Hears what the peer has, and takes the editions that are greater than what is here.
async fn hear(
    exchange: &Exchange,
    connection: &Connection,
    offers: watch::Sender<Has>,
) -> Result<Infallible, LinkError> {
    let mut recv = connection.accept_uni().await.map_err(LinkError::connection)?;
    let mut listener =
        Listener { exchange, connection, peer: connection.remote_id(), titles: Vec::new(), refused: HashSet::new() };
    let mut standings = exchange.standings();
    let mut received = Vec::new();
    loop {
        tokio::select! {
            frame = read_next(&mut recv, &mut received) => match frame? {
                Frame::Shelf(titles) => listener.titles = titles,
                other => return Err(LinkError::Protocol(format!("{other:?} instead of a shelf"))),
            },
            changed = standings.changed() => {
                changed.map_err(LinkError::connection)?;
                // What was refused may hold now.
                listener.refused.clear();
            }
        }
        listener.look().await?;
        offers.send_replace(listener.titles.iter().map(|title| Hash(title.hash)).collect());
    }
}

struct Listener<'a> {
    exchange: &'a Exchange,
    connection: &'a Connection,
    peer: EndpointId,
    titles: Vec<Title>,
    refused: HashSet<[u8; 32]>,
}

impl Listener<'_> {
    /// Takes what the peer has that is greater than what is here.
    async fn look(&mut self) -> Result<(), LinkError> {
        for title in self.titles.clone() {
            let wanted = self.exchange.aside(self.peer).is_none() && !self.refused.contains(&title.hash);
            // A peer that is behind is no news.
            if !wanted || self.exchange.library().weigh(&title).is_err() {
                continue;
            }
            let Some(bytes) = take::edition(self.connection, title.hash).await? else { continue };
            if let Err(why) = self.take(&title, bytes).await? {
                let Title { course, edition, .. } = title;
                warn!(peer = %self.peer.fmt_short(), "refused edition {edition} of course {course}: {why}");
                self.refuse(title.hash);
            }
        }
        Ok(())
    }

    async fn take(&self, title: &Title, bytes: Vec<u8>) -> Result<Result<(), Refusal>, LinkError> {
        let standing = self.exchange.standing().await.map_err(LinkError::connection)?;
        let edition = match Edition::read(bytes) {
            Ok(edition) if edition.title() == *title => edition,
            Ok(edition) => {
                let (announced, found) = (title.edition, edition.manifest.edition);
                return Ok(Err(Refusal::Announced { announced, found }));
            }
            Err(why) => return Ok(Err(why)),
        };
        let library = self.exchange.library().clone();
        let taken = tokio::task::spawn_blocking(move || library.take(edition, &standing, now().day())).await;
        taken.map_err(LinkError::connection)
    }

    fn refuse(&mut self, hash: [u8; 32]) {
        if self.refused.len() >= REFUSED_MAX {
            self.refused.clear();
            self.exchange.set_aside(self.peer);
        }
        self.refused.insert(hash);
    }
}

/// Writes a frame.
pub(super) async fn write(send: &mut SendStream, frame: &Frame) -> Result<(), LinkError> {
    let mut bytes = Vec::new();
    frame.encode(&mut bytes);
    let written = timeout(STALL_MAX, send.write_all(&bytes)).await.map_err(|_| LinkError::Stalled)?;
    written.map_err(LinkError::connection)
}

/// Reads the next frame of a stream on which nothing may come for long.
async fn read_next(recv: &mut RecvStream, received: &mut Vec<u8>) -> Result<Frame, LinkError> {
    let mut buffer = [0; FRAME_BYTES_MAX];
    loop {
        if let Some(frame) = next_frame(received)? {
            return Ok(frame);
        }
        match recv.read(&mut buffer).await.map_err(LinkError::connection)? {
            Some(read) => received.extend_from_slice(&buffer[..read]),
            None => return Err(LinkError::Connection("the peer ended its stream".to_owned())),
        }
    }
}

/// Reads the first frame of a stream, and what came of the bytes after it.
pub(super) async fn read_first(recv: &mut RecvStream) -> Result<(Frame, Vec<u8>), LinkError> {
    let mut received = Vec::new();
    let read = timeout(STALL_MAX, read_next(recv, &mut received)).await;
    let frame = read.map_err(|_| LinkError::Stalled)??;
    debug!("{frame:?}");
    Ok((frame, received))
}

fn next_frame(received: &mut Vec<u8>) -> Result<Option<Frame>, LinkError> {
    let broken = |error: sync::wire::codec::DecodeError| LinkError::Protocol(error.to_string());
    let Some((body, taken)) = split_frame(received).map_err(broken)? else { return Ok(None) };
    let frame = Frame::decode(body).map_err(broken)?;
    received.drain(..taken);
    Ok(Some(frame))
}
