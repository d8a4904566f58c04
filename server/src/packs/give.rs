//! Answers to other hubs: signed editions and blobs, from disk as they are read.

use std::convert::Infallible;
use std::io::{self, SeekFrom};

use content::pack::Hash;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use sync::wire::packs::Frame;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::debug;

use super::library::Library;
use super::link::{LinkError, STALL_MAX, read_first, write};

/// Answers at once to one hub; further requests wait.
const ANSWERS_MAX: usize = 8;
/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;

/// Answers every request of a connection.
pub(super) async fn all(library: &Library, connection: &Connection) -> Result<Infallible, LinkError> {
    let mut answers = JoinSet::new();
    loop {
        while answers.len() >= ANSWERS_MAX {
            answers.join_next().await;
        }
        let (send, recv) = connection.accept_bi().await.map_err(LinkError::connection)?;
        let (library, peer) = (library.clone(), connection.remote_id());
        answers.spawn(async move {
            if let Err(error) = answer(&library, send, recv).await {
                debug!(peer = %peer.fmt_short(), "an answer ended early: {error}");
            }
        });
        while answers.try_join_next().is_some() {}
    }
}

async fn answer(library: &Library, mut send: SendStream, mut recv: RecvStream) -> Result<(), LinkError> {
    match read_first(&mut recv).await?.0 {
        Frame::Edition { hash } => edition(library, &mut send, Hash(hash)).await?,
        Frame::Blob { hash, from } => blob(library, &mut send, Hash(hash), from).await?,
        other => return Err(LinkError::Protocol(format!("{other:?} is no request"))),
    }
    send.finish().map_err(LinkError::connection)
}

async fn edition(library: &Library, send: &mut SendStream, hash: Hash) -> Result<(), LinkError> {
    let Some(edition) = library.edition(hash) else { return write(send, &Frame::Absent).await };
    write(send, &Frame::Given { size: edition.bytes.len() as u64 }).await?;
    write_bytes(send, &edition.bytes).await
}

async fn blob(library: &Library, send: &mut SendStream, hash: Hash, from: u64) -> Result<(), LinkError> {
    let Some((mut file, size)) = open(library, hash, from).await else { return write(send, &Frame::Absent).await };
    write(send, &Frame::Given { size }).await?;
    let mut buffer = vec![0; READ_BYTES];
    let mut given = 0;
    loop {
        let read = file.read(&mut buffer).await.map_err(LinkError::connection)?;
        if read == 0 {
            debug!("gave blob {hash} from byte {from}: {given} bytes");
            return Ok(());
        }
        write_bytes(send, &buffer[..read]).await?;
        given += read;
    }
}

/// Opens a blob at a byte, or at its end if it is shorter; `None` if it is not here.
async fn open(library: &Library, hash: Hash, from: u64) -> Option<(tokio::fs::File, u64)> {
    let (path, size) = library.find(hash)?;
    let opened: io::Result<_> = async {
        let mut file = tokio::fs::File::open(path).await?;
        file.seek(SeekFrom::Start(from.min(size))).await?;
        Ok(file)
    }
    .await;
    opened.ok().map(|file| (file, size))
}

async fn write_bytes(send: &mut SendStream, bytes: &[u8]) -> Result<(), LinkError> {
    let written = timeout(STALL_MAX, send.write_all(bytes)).await.map_err(|_| LinkError::Stalled)?;
    written.map_err(LinkError::connection)
}
