//! The sync session between two nodes, as a state machine without I/O.
//!
//! [`Session::handle`] takes an [`Event`] and returns [`Output`]s. It holds no socket, file or clock: the
//! network adapter and the simulator drive the same core.
//!
//! ```text
//!   both sides                      then, in each direction on its own
//!   Opened → Begin? → Hello ─┐      Changes ──▶ Missing? ──▶ Want ──▶ Read? ──▶ Entries ──▶ Ingest? ──▶ Ack
//!            peer's Hello  ──┴──▶   (x? is a query to the store beside the session)
//!                                    if the cursor is lost, first:
//!                                    Sketch? ──▶ Sketch ──▶ Sketch? ──▶ Items ──▶ Lacking? ──▶ Changes as above
//! ```
//!
//! Authority comes first. Each `Hello` shows its sender's credential chain and the epoch of its revocation
//! list; who has the newer list sends it before anything else, and it is applied before the peer is judged.
//! A peer that asks for communes needs a valid credential with `collect` for all of them; one that asks only
//! for its own logs, as a phone does, needs none, and may bring only logs that it signed itself.
//!
//! After catching up the session stays open: [`Event::Changed`] makes it send what is new. The receiver
//! advances its cursor past a `Changes` once everything it wanted of it is in its store; an `Ack` follows
//! only a durable commit. Withdrawals are told in the store's order of changes, in which the logs that they
//! erased come after them, so that erased entries never arrive before the reason for it.
//!
//! A peer that holds logs and whose cursor says nothing about the store here, because either store was set
//! back or the scope changed, is not told everything again: the two compare sketches of the logs in the
//! peer's scope, and what it lacks is offered. That is drawn in `reconcile.rs`; each direction decides on its
//! own, and where too much differs everything is told after all. Phones take no part: each tells
//! and is told of its own logs.
//!
//! # Bounds
//! At most [`WINDOW`] `Changes` frames await their `Want`, [`WANTED_MAX`] offers their `Ack`; at most
//! [`SEND_BYTES_MAX`] bytes await the network, and about [`RECEIVE_BYTES_MAX`] received bytes the store:
//! a slow reader slows its sender, and a slow store its peer. Both begin with less, [`OPEN_MIN`] and
//! [`PENDING_BYTES_MIN`], and grow with what is durable, so that a session killed at any time has brought
//! little that the next must bring again. Of a long log, which has one signature at its end, what came
//! before it is staged for that. A session that compares sketches holds up to
//! two, of 48 KB, and has two blocks on the way; a peer can make it ask the store for each once.

mod query;
mod receiving;
// Phones never reconcile, and download every byte of this crate.
#[cfg(not(target_family = "wasm"))]
mod reconcile;
#[cfg(target_family = "wasm")]
#[path = "no_reconcile.rs"]
mod reconcile;
mod sending;
mod trust;

use thiserror::Error;

pub use query::{Answer, Contact, Extension, Half, Query, Rejection, Span, SpanWanted, Standing, View};

use crate::authority::{Grant, RevocationError};
use crate::id::{DeviceId, Minutes, StoreId};
use crate::wire::codec::DecodeError;
use crate::wire::frame::{Cursor, Frame, Hello, Refuse, RefuseReason, Role, Scope, split_frame};
use receiving::Receiving;
use sending::Sending;

/// Bound of `Changes` frames that await their `Want`: enough to fill a path while the peer looks.
pub const WINDOW: usize = 4;
/// Bound of offers that await their `Ack`.
pub const WANTED_MAX: usize = 2048;
/// Offers that may await their `Want` or `Ack` when a session begins, and the share of those finished by
/// which that grows: about 5 KB of offers that a session cut early has told in vain, and a sixteenth of all
/// later. A path of 150 ms takes some 600 logs a second with it at first.
pub const OPEN_MIN: usize = 96;
/// See [`OPEN_MIN`].
pub const OPEN_SHARE: usize = 16;
/// Received bytes that are not durable yet, when a session begins, and the share of the durable ones by
/// which that grows: what a session that is cut has received in vain.
pub const PENDING_BYTES_MIN: usize = 6 * 1024;
/// See [`PENDING_BYTES_MIN`].
pub const PENDING_SHARE: usize = 32;
/// Bound of the bytes handed out and not yet sent, above which nothing more is read for the peer.
pub const SEND_BYTES_MAX: usize = 256 * 1024;
/// Bound of received payload bytes that wait for the store, above which nothing more is read.
pub const RECEIVE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bound of the payload bytes of logs whose signature has not come yet. Nothing unsigned is stored, so a
/// log grows by at most this much in one session step; a phone's log stays below for decades.
pub const UNSIGNED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Bound of the withdrawals that a peer without the right to collect may bring in one session: as many as
/// a device has learners.
pub const OWN_WITHDRAWALS_MAX: usize = 64;

/// Blocks of a sketch on the way at once: one travels while the peer takes the one before. What comes after
/// the last that was needed is wasted, at most one block of 6 KB.
pub const SKETCH_WINDOW: usize = 2;

/// How this node takes part.
#[derive(Debug, Clone)]
pub struct Config {
    /// This device.
    pub device: DeviceId,
    /// The peer, as the connection proved it.
    pub peer: DeviceId,
    /// What this node is.
    pub role: Role,
    /// What this node asks for.
    pub scope: Scope,
    /// Whether this node reports to the peer, and so believes what it says the province has.
    pub upstream: bool,
}

/// What happens to a session.
#[derive(Debug)]
pub enum Event<'a> {
    /// The stream is open.
    Opened,
    /// Bytes arrived, cut anywhere.
    Received(&'a [u8]),
    /// This many bytes of [`Output::Send`] went out.
    Sent(usize),
    /// The store changed.
    Changed,
    /// The store answers; answers come in the order of the queries.
    Answer(Answer),
}

/// What the driver does for a session.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Asks the store.
    Ask(Query),
    /// Tells the operator.
    Notice(Notice),
    /// Closes the stream after what is to be sent.
    Close,
}

/// What an operator should know of a session.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Notice {
    /// Both have greeted.
    #[error("session with store {store} ({role:?})")]
    Greeted {
        /// The peer's store.
        store: StoreId,
        /// What the peer says it is.
        role: Role,
    },
    /// Everything that the peer had to say until now is in the store.
    #[error("caught up to position {position}")]
    CaughtUp {
        /// The cursor.
        position: u64,
    },
    /// Something that the peer sent was not taken.
    #[error("refused: {0}")]
    Rejected(Rejection),
    /// The peer shows an older revocation list than it did before: it was set back, or hides the newer one.
    #[error("the peer shows revocation list {shown:?}, and has shown list {before} before")]
    RolledBack {
        /// What it shows now.
        shown: Option<u64>,
        /// What it showed before.
        before: u64,
    },
    /// The peer's credential, or what it asks for, is not in order; the session ends.
    #[error("ended: {0}")]
    Untrusted(String),
    /// The peer broke the protocol; the session ends.
    #[error("ended: {0}")]
    Broken(ProtocolError),
    /// The store failed; the session ends.
    #[error("ended: the store failed: {0}")]
    StoreFailed(String),
    /// The peer ended the session.
    #[error("ended by the peer ({reason:?}): {text}")]
    Refused {
        /// Why, for programs.
        reason: RefuseReason,
        /// Why, for people.
        text: String,
    },
}

/// How a peer can break the protocol.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A frame cannot be read.
    #[error("frame {number} of the session, {error}")]
    Frame {
        /// Counts the frames received, from 0.
        number: u64,
        /// What is wrong where.
        error: DecodeError,
    },
    /// A frame came at a time when it may not.
    #[error("frame {number} of the session: {what}")]
    Turn {
        /// Counts the frames received, from 0.
        number: u64,
        /// What is wrong.
        what: &'static str,
    },
}

/// One session with one peer.
#[derive(Debug)]
pub struct Session {
    config: Config,
    phase: Phase,
    peer: Option<Hello>,
    /// The openings of the store here, once it has told them.
    openings: Option<Vec<Cursor>>,
    /// What this node goes by, and what it remembers of the peer.
    standing: Standing,
    contact: Contact,
    /// How many logs the store here holds in the scope, if it can make a sketch of them.
    holds: Option<u64>,
    trust: Trust,
    /// What the peer may do, beyond bringing its own log.
    grant: Option<Grant>,
    inbox: Vec<u8>,
    /// Frames received.
    frames: u64,
    sending: Sending,
    receiving: Receiving,
    outputs: Vec<Output>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Before this side's `Hello`.
    Opening,
    /// Until the stream ends.
    Open,
    /// Nothing more is done.
    Closed,
}

/// How far the peer was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Not yet.
    Open,
    /// It showed a newer revocation list, which must come next.
    AwaitsRevocations,
    /// Its revocation list is being applied.
    Revoking,
    /// Judged: it is told what it may know.
    Judged,
}

impl Session {
    /// Prepares a session; it starts with [`Event::Opened`].
    pub fn new(config: Config) -> Self {
        Self {
            config,
            phase: Phase::Opening,
            peer: None,
            openings: None,
            standing: Standing::default(),
            contact: Contact::default(),
            holds: None,
            trust: Trust::Open,
            grant: None,
            inbox: Vec::new(),
            frames: 0,
            sending: Sending::default(),
            receiving: Receiving::default(),
            outputs: Vec::new(),
        }
    }

    /// Advances the session by one event. Holds no socket, file or clock.
    pub fn handle(&mut self, event: Event<'_>, now: Minutes) -> Vec<Output> {
        if self.phase != Phase::Closed {
            let result = match event {
                Event::Opened => {
                    let (peer, scope) = (self.config.peer, self.config.scope.clone());
                    self.ask(Query::Begin { peer, scope });
                    Ok(())
                }
                Event::Received(bytes) => {
                    self.inbox.extend_from_slice(bytes);
                    self.read_frames(now)
                }
                Event::Sent(bytes) => {
                    self.sending.unsent = self.sending.unsent.saturating_sub(bytes);
                    self.read_more();
                    Ok(())
                }
                Event::Changed => {
                    self.sending.stale = true;
                    self.scan();
                    Ok(())
                }
                Event::Answer(answer) => self.answered(answer, now),
            };
            if let Err(end) = result {
                self.end(end);
            }
        }
        std::mem::take(&mut self.outputs)
    }

    /// How many bytes may be read from the peer now. When none, an answer of the store will change it.
    pub fn input_max(&self) -> usize {
        if self.is_waiting() && !self.inbox.is_empty() { 0 } else { self.receiving.room(self.inbox.len()) }
    }

    /// Whether the session has ended.
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    fn ask(&mut self, query: Query) {
        self.outputs.push(Output::Ask(query));
    }

    fn send(&mut self, frame: &Frame) {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        self.sending.unsent += bytes.len();
        self.outputs.push(Output::Send(bytes));
    }

    fn notice(&mut self, notice: Notice) {
        self.outputs.push(Output::Notice(notice));
    }

    /// Whether frames wait until the store has answered.
    const fn is_waiting(&self) -> bool {
        matches!((self.phase, &self.peer), (Phase::Opening, Some(_))) || matches!(self.trust, Trust::Revoking)
    }

    fn read_frames(&mut self, now: Minutes) -> Result<(), End> {
        let inbox = std::mem::take(&mut self.inbox);
        let mut at = 0;
        while !self.is_waiting() {
            let Some((frame, taken)) = split_frame(&inbox[at..]).map_err(|error| self.unreadable(error))? else {
                break;
            };
            let frame = Frame::decode(frame).map_err(|error| self.unreadable(error))?;
            at += taken;
            self.frame(frame, now)?;
            self.frames += 1;
        }
        self.inbox = inbox;
        self.inbox.drain(..at);
        Ok(())
    }

    fn frame(&mut self, frame: Frame, now: Minutes) -> Result<(), End> {
        match (frame, self.peer.is_some(), self.trust) {
            (Frame::Refuse(refuse), _, _) => Err(End::Peer(refuse)),
            (Frame::Hello(hello), false, _) => {
                self.notice(Notice::Greeted { store: hello.store, role: hello.role });
                self.peer = Some(hello);
                self.greeted(now)
            }
            (Frame::Hello(_), true, _) => Err(self.out_of_turn("a second Hello")),
            (_, false, _) => Err(self.out_of_turn("the first frame is not Hello")),
            (Frame::Revocations(revocations), true, _) => {
                self.trust = Trust::Revoking;
                self.ask(Query::Revoke { revocations, now });
                Ok(())
            }
            (_, true, Trust::AwaitsRevocations) => Err(Self::withheld()),
            (Frame::Changes(changes), true, _) => self.offered(changes),
            (Frame::Want(wants), true, _) => self.wanted(&wants),
            (Frame::Entries(entries), true, _) => self.entries(&entries, now),
            (Frame::Ack(acks), true, _) => self.acked(&acks),
            (Frame::Withdrawn(withdrawals), true, _) => self.withdrawn(withdrawals, now),
            (Frame::Again(want), true, _) => self.wanted_again(&want),
            (Frame::Sketch(sketch), true, _) => self.sketch(sketch),
            (Frame::Items(items), true, _) => self.items(items),
            (Frame::Forked(fork), true, _) => self.forked(*fork),
        }
    }

    fn answered(&mut self, answer: Answer, now: Minutes) -> Result<(), End> {
        match answer {
            Answer::Begin { store, openings, cursor, standing, contact, holds } => {
                self.holds = holds.filter(|_| self.config.role != Role::Phone);
                self.openings = Some(openings);
                self.receiving.cursor = cursor;
                (self.standing, self.contact) = (standing, contact);
                self.send(&Frame::Hello(Hello {
                    store,
                    role: self.config.role,
                    wants_receipts: self.config.upstream,
                    scope: self.config.scope.clone(),
                    cursor,
                    credential: self.presented(),
                    epoch: self.standing.epoch(),
                    holds: self.holds.filter(|_| self.config.scope != Scope::Own),
                }));
                self.phase = Phase::Open;
                if self.peer.is_some() {
                    self.greeted(now)?;
                }
                self.read_frames(now)
            }
            Answer::Changes { offers, receipts, withdrawals, forks, epoch, upto, more } => {
                if epoch != self.standing.epoch() {
                    self.ask(Query::Standing);
                }
                self.tell_forks(forks);
                self.scanned(offers, receipts, &withdrawals, upto, more);
                Ok(())
            }
            answer @ (Answer::Sketch { .. } | Answer::Withdrawals { .. } | Answer::Lacking { .. }) => {
                self.reconciling(answer)
            }
            Answer::Missing(missing) => {
                self.missing(&missing);
                Ok(())
            }
            Answer::Read(spans) => {
                self.spans(spans);
                Ok(())
            }
            Answer::Ingest(results) => self.ingested(&results, now),
            Answer::Staged => {
                self.staged(now);
                Ok(())
            }
            Answer::Standing(standing) => {
                self.stands(standing, now)?;
                self.read_frames(now)
            }
            Answer::NotRevoked(error) => Err(End::Revocations(error)),
            Answer::Withdrawn(results) => self.withdrew(results),
            Answer::Done => Ok(()),
            Answer::Failed(why) => Err(End::Store(why)),
        }
    }

    /// Both greetings are there: finds where the peer's cursor stands, and judges the peer.
    fn greeted(&mut self, now: Minutes) -> Result<(), End> {
        let (Some(peer), Some(openings)) = (&self.peer, &self.openings) else { return Ok(()) };
        // A cursor past the end of its opening tells of a time that this store was set back from.
        let reached = |cursor: &Cursor| {
            openings.iter().any(|opening| opening.store == cursor.store && cursor.position <= opening.position)
        };
        let known = peer.cursor.filter(reached);
        self.sending.scanned = known.map_or(0, |cursor| cursor.position);
        self.sending.credited = known;
        // At position 0 nothing was taken: the first session was cut, or a reconciliation.
        if self.sending.scanned == 0 {
            self.cursor_lost();
        }
        self.meet(now)
    }

    /// The logs that this peer is told of.
    fn view(&self, peer: &Hello) -> View {
        match (&peer.scope, self.config.role) {
            (Scope::Own, _) => View::Device(self.config.peer),
            (_, Role::Phone) => View::Device(self.config.device),
            (scope, _) => View::Scope(scope.clone()),
        }
    }

    fn unreadable(&self, error: DecodeError) -> End {
        End::Protocol(ProtocolError::Frame { number: self.frames, error })
    }

    fn out_of_turn(&self, what: &'static str) -> End {
        End::Protocol(ProtocolError::Turn { number: self.frames, what })
    }

    fn end(&mut self, end: End) {
        if let End::Peer(Refuse { reason: RefuseReason::Credential, .. }) = end {
            self.ask(Query::Forget { peer: self.config.peer });
        }
        let refuse = match &end {
            End::Protocol(error) => Some((RefuseReason::Protocol, error.to_string())),
            End::Rejection(rejection) => Some((RefuseReason::Signature, rejection.to_string())),
            End::Untrusted(reason, why) => Some((*reason, why.clone())),
            End::Revocations(error) => Some((RefuseReason::Credential, error.to_string())),
            End::Store(_) => Some((RefuseReason::Storage, "the store here cannot take more now".to_owned())),
            End::Peer(_) => None,
        };
        self.notice(match end {
            End::Protocol(error) => Notice::Broken(error),
            End::Rejection(rejection) => Notice::Rejected(rejection),
            End::Untrusted(_, why) => Notice::Untrusted(why),
            End::Revocations(error) => Notice::Untrusted(error.to_string()),
            End::Store(why) => Notice::StoreFailed(why),
            End::Peer(Refuse { reason, text }) => Notice::Refused { reason, text },
        });
        if let Some((reason, text)) = refuse {
            self.send(&Frame::Refuse(Refuse { reason, text }));
        }
        self.outputs.push(Output::Close);
        self.phase = Phase::Closed;
    }
}

/// What ends a session.
#[derive(Debug)]
enum End {
    Protocol(ProtocolError),
    Rejection(Rejection),
    Untrusted(RefuseReason, String),
    Revocations(RevocationError),
    Store(String),
    Peer(Refuse),
}
