//! Taking signed editions and blobs from another hub.

use std::convert::Infallible;
use std::io;

use content::pack::Hash;
use iroh::endpoint::{Connection, RecvStream};
use sync::authority::STATEMENT_BYTES_MAX;
use sync::wire::packs::Frame;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::{debug, info, warn};

use super::blobs::{Finish, Part};
use super::edition::Refusal;
use super::exchange::{Exchange, Has};
use super::fetching::Job;
use super::link::{LinkError, STALL_MAX, read_first, write};

/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;

/// Why a blob did not come.
#[derive(Debug, thiserror::Error)]
enum TakeError {
    /// The link ended, or the peer stalled.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The peer has it not.
    #[error("the peer does not have it")]
    Absent,
    /// The peer sent fewer bytes than it said.
    #[error("it is truncated: {found} of {size} bytes came")]
    Truncated {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be.
        size: u64,
    },
    /// The peer sent more bytes than it said.
    #[error("it has more than the {size} bytes that the peer said")]
    TooLong {
        /// Bytes there should be.
        size: u64,
    },
    /// All of it came from the peer, and it is something else.
    #[error("its bytes are not those that its hash names")]
    Wrong,
    /// It is something else, and not all of it came from this peer.
    #[error("what was held of its beginning does not fit; it is fetched anew")]
    Mixed,
    /// There is no room for it.
    #[error(transparent)]
    Room(Refusal),
    /// The disk could not.
    #[error("it cannot be kept: {0}")]
    Disk(#[from] io::Error),
}

/// Takes a signed edition; `None` if the peer does not have it any more.
pub(super) async fn edition(connection: &Connection, hash: [u8; 32]) -> Result<Option<Vec<u8>>, LinkError> {
    let (size, mut bytes, mut recv) = match ask(connection, &Frame::Edition { hash }).await? {
        Some((size, ..)) if size > STATEMENT_BYTES_MAX as u64 => {
            return Err(LinkError::Protocol(format!("an edition of {size} bytes")));
        }
        Some(answer) => answer,
        None => return Ok(None),
    };
    while (bytes.len() as u64) < size
        && let Some(more) = read(&mut recv).await?
    {
        bytes.extend(more);
    }
    if Hash::of(&bytes) == Hash(hash) {
        Ok(Some(bytes))
    } else {
        Err(LinkError::Protocol("an edition whose bytes are not those that its hash names".to_owned()))
    }
}

/// Takes one blob after the other of what is wanted and the peer has.
pub(super) async fn blobs(
    exchange: &Exchange,
    connection: &Connection,
    mut has: watch::Receiver<Has>,
) -> Result<Infallible, LinkError> {
    let (library, peer) = (exchange.library(), connection.remote_id());
    let mut stirs = library.stirs();
    loop {
        stirs.borrow_and_update();
        let offered = has.borrow_and_update().clone();
        let aside = exchange.aside(peer);
        let job = if aside.is_none() { library.job(peer, &offered) } else { None };
        if let Some(job) = job {
            if let Err(error) = blob(exchange, connection, &job).await {
                failed(exchange, connection, &job, error)?;
            }
            continue;
        }
        tokio::select! {
            changed = stirs.changed() => changed.map_err(LinkError::connection)?,
            changed = has.changed() => changed.map_err(LinkError::connection)?,
            () = tokio::time::sleep(aside.unwrap_or_default()), if aside.is_some() => {}
        }
    }
}

async fn blob(exchange: &Exchange, connection: &Connection, job: &Job) -> Result<(), TakeError> {
    let library = exchange.library();
    let mut part = library.blobs().part(job.hash)?;
    let (hash, from) = (job.hash.0, part.length());
    let Some((size, first, mut recv)) = ask(connection, &Frame::Blob { hash, from }).await? else {
        return Err(TakeError::Absent);
    };
    library.room(job.course, size).map_err(TakeError::Room)?;
    if size < from {
        part.discard()?;
        return Err(TakeError::Mixed);
    }
    append(&mut part, &first, size)?;
    while let Some(more) = read(&mut recv).await? {
        append(&mut part, &more, size)?;
    }
    if part.length() < size {
        return Err(TakeError::Truncated { found: part.length(), size });
    }
    finish(exchange, connection, job, part)
}

fn finish(exchange: &Exchange, connection: &Connection, job: &Job, part: Part) -> Result<(), TakeError> {
    let (began, length) = (part.began(), part.length());
    let library = exchange.library();
    // The disk is waited for, and what completes a course is read again.
    match tokio::task::block_in_place(|| library.keep(job, part))? {
        Finish::Whole => {
            let peer = connection.remote_id();
            debug!(peer = %peer.fmt_short(), "took blob {} from byte {began}: {} bytes", job.hash, length - began);
            Ok(())
        }
        Finish::Wrong => Err(TakeError::Wrong),
        Finish::Mixed => Err(TakeError::Mixed),
    }
}

fn append(part: &mut Part, bytes: &[u8], size: u64) -> Result<(), TakeError> {
    if part.length() + bytes.len() as u64 > size {
        return Err(TakeError::TooLong { size });
    }
    Ok(part.append(bytes)?)
}

/// Says what was wrong, and leaves the blob to others.
fn failed(exchange: &Exchange, connection: &Connection, job: &Job, error: TakeError) -> Result<(), LinkError> {
    let (library, peer, hash) = (exchange.library(), connection.remote_id(), job.hash);
    let short = peer.fmt_short();
    match error {
        TakeError::Link(LinkError::Connection(why)) if connection.close_reason().is_some() => {
            return Err(LinkError::Connection(why));
        }
        TakeError::Mixed => {
            info!(peer = %short, "blob {hash}: {error}");
            return Ok(());
        }
        TakeError::Wrong => {
            warn!(peer = %short, "refused blob {hash}: {error}; nothing more is taken from this peer for now");
            exchange.set_aside(peer);
        }
        TakeError::Room(why) => library.too_large(job.course, &why),
        error => warn!(peer = %short, "refused blob {hash}: {error}"),
    }
    library.unable(peer, hash);
    Ok(())
}

/// Asks for something; returns its size and the first of its bytes, or `None` if it is not there.
async fn ask(connection: &Connection, frame: &Frame) -> Result<Option<(u64, Vec<u8>, RecvStream)>, LinkError> {
    let (mut send, mut recv) = connection.open_bi().await.map_err(LinkError::connection)?;
    write(&mut send, frame).await?;
    send.finish().map_err(LinkError::connection)?;
    match read_first(&mut recv).await? {
        (Frame::Given { size }, bytes) => Ok(Some((size, bytes, recv))),
        (Frame::Absent, _) => Ok(None),
        (other, _) => Err(LinkError::Protocol(format!("{other:?} is no answer"))),
    }
}

async fn read(recv: &mut RecvStream) -> Result<Option<Vec<u8>>, LinkError> {
    let chunk = timeout(STALL_MAX, recv.read_chunk(READ_BYTES)).await.map_err(|_| LinkError::Stalled)?;
    Ok(chunk.map_err(LinkError::connection)?.map(|chunk| chunk.to_vec()))
}
