//! A hub that gives courses by hand, so that a test can give anything at any time.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use iroh::endpoint::{Connection, RecvStream, SendStream, presets};
use iroh::{Endpoint, RelayMode};
use sync::net::Ticket;
use sync::wire::packs::{ALPN, Frame, Title, split_frame};
use tokio::sync::mpsc;

/// Requests seen and not yet looked at by the test; a course has fewer blobs.
const SEEN_MAX: usize = 1024;

/// What is answered to a request for a hash.
#[derive(Debug, Clone)]
pub enum Answer {
    /// These bytes, from where they are asked for.
    Bytes(Vec<u8>),
    /// As many bytes as said, of which only these come and then nothing.
    Stalls {
        /// How many there are said to be.
        size: u64,
        /// What comes of them.
        bytes: Vec<u8>,
    },
}

/// A connection to a hub, to which courses are offered.
#[derive(Debug)]
pub struct Source {
    endpoint: Endpoint,
    _shelf: SendStream,
    seen: mpsc::Receiver<([u8; 32], u64)>,
}

impl Source {
    /// Connects to the hub of a ticket, offers editions, and answers what it asks for. What has no answer is
    /// said to be absent.
    ///
    /// # Errors
    ///
    /// When the hub does not answer.
    pub async fn offer(ticket: &str, titles: &[Title], answers: HashMap<[u8; 32], Answer>) -> anyhow::Result<Self> {
        let ticket: Ticket = ticket.parse()?;
        let endpoint = Endpoint::builder(presets::Minimal)
            .relay_mode(RelayMode::Disabled)
            .clear_ip_transports()
            .bind_addr("127.0.0.1:0")?
            .bind()
            .await?;
        let connection = endpoint.connect(ticket.addr, ALPN).await?;
        let mut shelf = connection.open_uni().await?;
        shelf.write_all(&encoded(&Frame::Shelf(titles.to_vec()))).await?;
        let (sender, seen) = mpsc::channel(SEEN_MAX);
        tokio::spawn(answer_all(connection, Arc::new(answers), sender));
        Ok(Self { endpoint, _shelf: shelf, seen })
    }

    /// Waits until a hash is asked for; returns from which byte.
    ///
    /// # Errors
    ///
    /// When the connection ends before.
    pub async fn asked(&mut self, hash: [u8; 32]) -> anyhow::Result<u64> {
        loop {
            let (found, from) = self.seen.recv().await.context("the hub has ended the connection")?;
            if found == hash {
                return Ok(from);
            }
        }
    }

    /// Ends the connection.
    pub async fn close(self) {
        self.endpoint.close().await;
    }
}

async fn answer_all(
    connection: Connection,
    answers: Arc<HashMap<[u8; 32], Answer>>,
    seen: mpsc::Sender<([u8; 32], u64)>,
) {
    while let Ok((send, recv)) = connection.accept_bi().await {
        // A hub that goes away in the middle is none of this side's business.
        tokio::spawn(answer(send, recv, Arc::clone(&answers), seen.clone()));
    }
}

async fn answer(
    mut send: SendStream,
    mut recv: RecvStream,
    answers: Arc<HashMap<[u8; 32], Answer>>,
    seen: mpsc::Sender<([u8; 32], u64)>,
) -> anyhow::Result<()> {
    let request = recv.read_to_end(64).await?;
    let (body, _) = split_frame(&request)?.context("a whole frame")?;
    let (hash, from) = match Frame::decode(body)? {
        Frame::Edition { hash } => (hash, 0),
        Frame::Blob { hash, from } => (hash, from),
        other => anyhow::bail!("{other:?} is no request"),
    };
    let stalls = match answers.get(&hash) {
        None => {
            send.write_all(&encoded(&Frame::Absent)).await?;
            false
        }
        Some(Answer::Bytes(bytes)) => {
            send.write_all(&encoded(&Frame::Given { size: bytes.len() as u64 })).await?;
            send.write_all(bytes.get(usize::try_from(from)?..).unwrap_or_default()).await?;
            false
        }
        Some(Answer::Stalls { size, bytes }) => {
            send.write_all(&encoded(&Frame::Given { size: *size })).await?;
            send.write_all(bytes).await?;
            true
        }
    };
    seen.send((hash, from)).await?;
    if stalls {
        // Until the hub loses patience, or is gone.
        send.stopped().await?;
    } else {
        send.finish()?;
    }
    Ok(())
}

fn encoded(frame: &Frame) -> Vec<u8> {
    let mut out = Vec::new();
    frame.encode(&mut out);
    out
}
