//! A peer that speaks the sync protocol by hand, so that a test can say anything at any time.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use iroh::endpoint::{Connection, RecvStream, SendStream, presets};
use iroh::{Endpoint, RelayMode};
use sync::authority::Terms;
use sync::net::Ticket;
use sync::wire::frame::{ALPN, Changes, Entries, Frame, Hello, Offer, Presented, Role, Scope, Want, split_frame};
use sync::{DeviceId, StoreId};
use tokio::time::timeout;

use crate::authority::{self, hub_terms};
use crate::logs::SignedLog;

/// How long a node may take to answer, on a busy machine of two cores.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// A connection to a node, with one stream on it.
#[derive(Debug)]
pub struct Peer {
    endpoint: Endpoint,
    connection: Connection,
    send: SendStream,
    recv: RecvStream,
    received: Vec<u8>,
}

impl Peer {
    /// Connects to the node of a ticket with the protocol's own ALPN, and opens a stream.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn connect(ticket: &str) -> anyhow::Result<Self> {
        Self::connect_with(ticket, ALPN).await
    }

    /// Connects with an ALPN of the caller's.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or not to this ALPN.
    pub async fn connect_with(ticket: &str, alpn: &[u8]) -> anyhow::Result<Self> {
        let ticket: Ticket = ticket.parse()?;
        // Loopback only, and no relay: a hub's UDP port is in its ticket.
        let endpoint = Endpoint::builder(presets::Minimal)
            .relay_mode(RelayMode::Disabled)
            .clear_ip_transports()
            .bind_addr("127.0.0.1:0")?
            .bind()
            .await?;
        let connected = timeout(WAIT_MAX, endpoint.connect(ticket.addr, alpn)).await;
        let connection = connected.context("the node does not answer")??;
        let (send, recv) = connection.open_bi().await?;
        Ok(Self { endpoint, connection, send, recv, received: Vec::new() })
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    ///
    /// When the connection is gone.
    pub async fn send_bytes(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        Ok(self.send.write_all(bytes).await?)
    }

    /// Sends a frame.
    ///
    /// # Errors
    ///
    /// When the connection is gone.
    pub async fn send(&mut self, frame: &Frame) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        self.send_bytes(&bytes).await
    }

    /// Returns the device that it is, a new one each time.
    pub fn device(&self) -> DeviceId {
        DeviceId(*self.endpoint.id().as_bytes())
    }

    /// Greets as a hub of the suite's province, which carries the logs of others and asks for none.
    ///
    /// # Errors
    ///
    /// When the connection is gone.
    pub async fn greet(&mut self) -> anyhow::Result<()> {
        self.greet_with(Scope::Own, Some(hub_terms())).await
    }

    /// Greets as a hub that asks for these logs and shows a credential of the suite's province, or none.
    ///
    /// # Errors
    ///
    /// When the connection is gone.
    pub async fn greet_with(&mut self, scope: Scope, terms: Option<Terms>) -> anyhow::Result<()> {
        let credential = terms.map_or(Presented::Nothing, |terms| {
            let mut bytes = Vec::new();
            authority::issue(self.device(), terms).encode(&mut bytes);
            Presented::Chain(bytes)
        });
        let store = StoreId([9; 16]);
        self.send(&Frame::Hello(Hello {
            store,
            role: Role::Hub,
            wants_receipts: false,
            scope,
            cursor: None,
            credential,
            epoch: None,
            holds: None,
        }))
        .await
    }

    /// Waits for the next frame; `None` when the node ended the stream.
    ///
    /// # Errors
    ///
    /// When nothing comes, or something that is no frame.
    pub async fn receive(&mut self) -> anyhow::Result<Option<Frame>> {
        loop {
            if let Some((frame, taken)) = split_frame(&self.received)? {
                let frame = Frame::decode(frame)?;
                self.received.drain(..taken);
                return Ok(Some(frame));
            }
            let mut buffer = [0; 4096];
            match timeout(WAIT_MAX, self.recv.read(&mut buffer)).await.context("the node says nothing")? {
                Ok(Some(bytes)) => self.received.extend_from_slice(&buffer[..bytes]),
                Ok(None) | Err(_) => return Ok(None),
            }
        }
    }

    /// Waits until the node ends the connection, and returns why it says it does.
    ///
    /// # Errors
    ///
    /// When it does not end it.
    pub async fn refused(mut self) -> anyhow::Result<String> {
        let mut why = None;
        while let Some(frame) = self.receive().await? {
            if let Frame::Refuse(refuse) = frame {
                why = Some(refuse.text);
            }
        }
        let ended = timeout(WAIT_MAX, self.connection.closed()).await.context("the node keeps the connection")?;
        self.endpoint.close().await;
        Ok(why.unwrap_or_else(|| ended.to_string()))
    }

    /// Offers logs and waits until the node says which entries it lacks; returns the index of the
    /// first one by offer. An offer that is left out is one the node has wholly.
    ///
    /// # Errors
    ///
    /// When the node says something else.
    pub async fn offer(&mut self, logs: &[SignedLog]) -> anyhow::Result<HashMap<u64, u64>> {
        let offers = logs.iter().map(|log| {
            let mut chain = [0; 8];
            chain.copy_from_slice(&log.tail.chain[..8]);
            Offer { log: log.log, length: log.tail.length, chain }
        });
        let changes = Changes { upto: 1, offers: offers.collect(), receipts: Vec::new() };
        self.send(&Frame::Changes(changes)).await?;
        loop {
            match self.receive().await?.context("the node ended the session")? {
                Frame::Want(wants) => return Ok(wants.into_iter().map(|Want { offer, from }| (offer, from)).collect()),
                Frame::Hello(_) | Frame::Changes(_) | Frame::Revocations(_) => {}
                other => bail!("instead of what it wants the node said {other:?}"),
            }
        }
    }

    /// Waits for the next acknowledgement; returns lengths by offer.
    ///
    /// # Errors
    ///
    /// When the node says something else, or is gone.
    pub async fn acknowledged(&mut self) -> anyhow::Result<HashMap<u64, u64>> {
        loop {
            match self.receive().await?.context("the node ended the session")? {
                Frame::Ack(acks) => return Ok(acks.into_iter().map(|ack| (ack.offer, ack.length)).collect()),
                Frame::Changes(changes) if changes.offers.is_empty() => {}
                other => bail!("instead of an acknowledgement the node said {other:?}"),
            }
        }
    }

    /// Ends the connection.
    pub async fn close(self) {
        self.endpoint.close().await;
    }
}

/// Makes the frame that brings a log from the entry `from` to its end.
///
/// # Errors
///
/// When the log has no such entry.
pub fn entries(offer: u64, from: u64, log: &SignedLog) -> anyhow::Result<Frame> {
    ensure!(from < log.tail.length, "the log has {} entries", log.tail.length);
    let payloads = log.payloads[usize::try_from(from)?..].concat();
    let count = log.tail.length - from;
    Ok(Frame::Entries(Entries { offer, from, count, payloads, signature: Some(log.signature) }))
}
