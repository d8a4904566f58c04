//! What a session asks of the store beside it, and what it is answered.

use std::sync::Arc;

use thiserror::Error;

use crate::authority::{FormatError, RevocationError, Revocations, WithdrawalError};
use crate::id::{DeviceId, LogId, Minutes, ProvinceKey, StoreId};
use crate::log::{BadSignature, Fork, HeadSignature, WalkError};
use crate::sketch::{Item, Sketch};
use crate::wire::frame::{Cursor, Offer, Receipt, Scope};

/// Which logs of a store a peer is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Those that this device signed.
    Device(DeviceId),
    /// Those in a scope.
    Scope(Scope),
}

/// Which half of a session asks for a sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// The one that tells the peer what is here.
    Sending,
    /// The one that takes what the peer has.
    Receiving,
}

/// Entries that continue a log, with the signature over the log to their end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Which log.
    pub log: LogId,
    /// Index of the first entry.
    pub from: u64,
    /// How many entries.
    pub count: u64,
    /// Their payloads, one after the other.
    pub payloads: Vec<u8>,
    /// Over the log's `from + count` entries.
    pub signature: HeadSignature,
}

/// Why an extension was not taken. Nothing of it is in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Rejection {
    /// It starts after the last entry held here.
    #[error("log {log} is held to {held} entries, and the extension starts at {from}")]
    Gap {
        /// Which log.
        log: LogId,
        /// Entries held.
        held: u64,
        /// Where the extension starts.
        from: u64,
    },
    /// Its first entry cannot be read or does not fit the log.
    #[error("log {log}: {error}")]
    Entry {
        /// Which log.
        log: LogId,
        /// What is wrong.
        error: WalkError,
    },
    /// Its payloads are not the announced number of entries.
    #[error("log {log}: the payloads are not {count} entries")]
    Count {
        /// Which log.
        log: LogId,
        /// What was announced.
        count: u64,
    },
    /// The log would be longer than any may be.
    #[error("log {log} would have {length} entries, more than a log may have")]
    TooLong {
        /// Which log.
        log: LogId,
        /// What was announced.
        length: u64,
    },
    /// The signature does not cover a log that starts here.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// The signature does not cover what is held here followed by the extension: forged, or the device
    /// signed two logs that do not extend each other.
    #[error("log {log} does not continue the {held} entries held here")]
    Diverged {
        /// Which log.
        log: LogId,
        /// Entries held.
        held: u64,
    },
    /// The device signed two logs that do not extend each other. Both heads are kept as proof.
    #[error("log {log} forked: its device signed two logs that part after {common} entries")]
    Forked {
        /// Which log.
        log: LogId,
        /// How many entries both have.
        common: u64,
    },
    /// The province cut the log off.
    #[error("log {log} is revoked after {length} entries")]
    Revoked {
        /// Which log.
        log: LogId,
        /// How many of its entries still count.
        length: u64,
    },
    /// It brings erased entries of a learner who has not withdrawn, as far as is known here.
    #[error("log {log} has erased entries, and no withdrawal of their learner is known here")]
    NotWithdrawn {
        /// Which log.
        log: LogId,
    },
    /// It has learners of communes that this node does not work for.
    #[error("log {log} has learners of communes outside this node's scope")]
    OutOfScope {
        /// Which log.
        log: LogId,
    },
    /// A withdrawal is not valid.
    #[error(transparent)]
    Withdrawal(#[from] WithdrawalError),
    /// A withdrawal cannot be read.
    #[error("a withdrawal: {0}")]
    WithdrawalFormat(FormatError),
    /// A learner has as many withdrawals as are kept.
    #[error("a learner has more withdrawals than are kept")]
    Withdrawals,
}

impl Rejection {
    /// Whether the device that wrote the log is to blame, or the order in which things came, and not the
    /// peer that passed it on. The session goes on then.
    pub const fn is_forgivable(&self) -> bool {
        matches!(
            self,
            Self::Forked { .. }
                | Self::Revoked { .. }
                | Self::NotWithdrawn { .. }
                | Self::Withdrawal(WithdrawalError::NoProvince)
                | Self::Withdrawals
                | Self::Entry { error: WalkError::Withdrawn { .. }, .. }
        )
    }
}

/// What a node goes by when it judges credentials.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Who is trusted to delegate; none until the node was enrolled.
    pub province: Option<ProvinceKey>,
    /// The node's own credential chain, encoded; empty without one.
    pub chain: Vec<u8>,
    /// The newest revocation list known.
    pub revocations: Option<Arc<Revocations>>,
}

impl Standing {
    /// Epoch of the revocation list.
    pub fn epoch(&self) -> Option<u64> {
        self.revocations.as_ref().map(|revocations| revocations.epoch)
    }
}

/// What is remembered of a peer from earlier sessions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// The credential chain that it showed last, encoded; empty if it showed none.
    pub chain: Vec<u8>,
    /// The newest epoch that it showed.
    pub epoch: Option<u64>,
    /// First bytes of the hash of the chain that this node showed it.
    pub shown: Option<[u8; 8]>,
}

/// A span to read for a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanWanted {
    /// The offer it answers.
    pub offer: u64,
    /// Which log.
    pub log: LogId,
    /// Index of the first entry.
    pub from: u64,
}

/// A span as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What was wanted.
    pub wanted: SpanWanted,
    /// How many entries follow.
    pub count: u64,
    /// Their payloads.
    pub payloads: Vec<u8>,
    /// Where the span ends at the log's head: the signature over it.
    pub signature: Option<HeadSignature>,
}

/// A question of a session to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Which store is this, and how far did it read the peer's changes in this scope?
    Begin {
        /// The peer.
        peer: DeviceId,
        /// What is asked of the peer.
        scope: Scope,
    },
    /// What changed in `view` after position `since`?
    Changes {
        /// Which logs.
        view: View,
        /// The position.
        since: u64,
        /// Whether receipts are told too.
        receipts: bool,
        /// Bound of the logs in the answer, at most [`OFFERS_MAX`](crate::wire::frame::OFFERS_MAX).
        most: usize,
    },
    /// What are the symbols of the logs in a scope? Brings the sketches up to date, and so changes something.
    Sketch {
        /// Which logs.
        scope: Scope,
        /// Who asks.
        half: Half,
    },
    /// Which withdrawals came after position `since`?
    Withdrawals {
        /// The position.
        since: u64,
    },
    /// Which logs do the items stand for that a peer lacks?
    Lacking {
        /// At most [`OFFERS_MAX`](crate::wire::frame::OFFERS_MAX) items.
        items: Vec<Item>,
        /// The scope that the peer asked for: nothing else is told.
        scope: Scope,
        /// The position of the sketch. What moved since is told with the changes after it.
        upto: u64,
        /// Whether receipts of these logs are told too.
        receipts: bool,
        /// Whose own logs' receipts are told too.
        device: Option<DeviceId>,
    },
    /// From which entry is each offer missing here?
    Missing {
        /// Who offers: what is staged of it is not missing.
        peer: DeviceId,
        /// The offers.
        offers: Vec<Offer>,
    },
    /// Entries for a peer, at most about this many bytes in all.
    Read {
        /// What it wants.
        wanted: Vec<SpanWanted>,
        /// Bound of the payload bytes.
        budget: usize,
    },
    /// Takes extensions, each wholly or not at all, durably.
    Ingest {
        /// Who brings them: its own log may concern any commune.
        peer: DeviceId,
        /// What was asked of it: other logs may not concern anything else.
        scope: Scope,
        /// What to take.
        extensions: Vec<Extension>,
        /// When they came.
        now: Minutes,
    },
    /// Keeps entries durably whose signature has not come yet, for a later session with the same peer. They
    /// count for nothing until then.
    Stage {
        /// Who brings them.
        peer: DeviceId,
        /// Of which log.
        log: LogId,
        /// Index of the first entry.
        from: u64,
        /// How many entries.
        count: u64,
        /// Their payloads.
        payloads: Vec<u8>,
    },
    /// A peer that this node reports to holds these logs to these lengths.
    Credit {
        /// Logs and lengths.
        receipts: Vec<Receipt>,
        /// Whether the province is what holds them.
        delivered: bool,
    },
    /// A peer that this node reports to has taken every change in its scope up to its cursor.
    CreditTo {
        /// The peer.
        peer: DeviceId,
        /// Its cursor into this store.
        position: u64,
        /// The scope it asked for.
        scope: Scope,
        /// Whether it is the province.
        delivered: bool,
    },
    /// Remembers how far the peer's changes were taken.
    SaveCursor {
        /// The peer.
        peer: DeviceId,
        /// What was asked of it.
        scope: Scope,
        /// The cursor.
        cursor: Cursor,
        /// First bytes of the hash of the credential chain that it has seen of this node.
        shown: Option<[u8; 8]>,
    },
    /// Remembers what a peer showed of itself.
    Meet {
        /// The peer.
        peer: DeviceId,
        /// Its credential chain, verified; empty for none.
        chain: Vec<u8>,
        /// Epoch of its revocation list.
        epoch: Option<u64>,
    },
    /// The peer does not know this node's credential chain any more.
    Forget {
        /// The peer.
        peer: DeviceId,
    },
    /// What does the node go by?
    Standing,
    /// Takes a newer revocation list, encoded, durably.
    Revoke {
        /// The list.
        revocations: Vec<u8>,
        /// When it came.
        now: Minutes,
    },
    /// A peer shows that a log forked: if it is the device's own, it begins another.
    Forked(Fork),
    /// Takes withdrawals, encoded, and erases what they are about, durably.
    Withdraw {
        /// The withdrawals.
        withdrawals: Vec<Vec<u8>>,
        /// When they came.
        now: Minutes,
    },
}

/// The store's answer, one for each query, of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Query::Begin`].
    Begin {
        /// This store.
        store: StoreId,
        /// Its openings, this one last, each with the position where it ended.
        openings: Vec<Cursor>,
        /// The cursor saved for the peer.
        cursor: Option<Cursor>,
        /// What the node goes by.
        standing: Standing,
        /// What is remembered of the peer.
        contact: Contact,
        /// How many logs the store holds in that scope, not fewer, if it can make a sketch of them.
        holds: Option<u64>,
    },
    /// To [`Query::Changes`].
    Changes {
        /// Logs that grew, at most as many as were asked for.
        offers: Vec<Offer>,
        /// What the province has, at most [`OFFERS_MAX`](crate::wire::frame::OFFERS_MAX).
        receipts: Vec<Receipt>,
        /// Withdrawals, encoded, at most as many.
        withdrawals: Vec<Vec<u8>>,
        /// Proofs of those of them that forked.
        forks: Vec<Fork>,
        /// Epoch of the revocation list.
        epoch: Option<u64>,
        /// The position up to which this tells everything.
        upto: u64,
        /// Whether the store has changes after it.
        more: bool,
    },
    /// To [`Query::Sketch`].
    Sketch {
        /// The symbols.
        sketch: Sketch,
        /// How many logs are in the sketch.
        logs: u64,
        /// The position that the sketch tells of.
        position: u64,
        /// Who asked.
        half: Half,
    },
    /// To [`Query::Withdrawals`].
    Withdrawals {
        /// Withdrawals, encoded, as many as in [`Answer::Changes`].
        withdrawals: Vec<Vec<u8>>,
        /// Where to go on, if there may be more.
        next: Option<u64>,
    },
    /// To [`Query::Lacking`]. Items that no log here has are passed over.
    Lacking {
        /// The logs.
        offers: Vec<Offer>,
        /// What the province has of them.
        receipts: Vec<Receipt>,
        /// Proofs of those that forked.
        forks: Vec<Fork>,
    },
    /// To [`Query::Missing`]: the first missing entry of each offer, `None` where nothing is missing.
    Missing(Vec<Option<u64>>),
    /// To [`Query::Read`]: spans in the order wanted, ending where the budget did.
    Read(Vec<Span>),
    /// To [`Query::Ingest`]: the length now held of each, durably.
    Ingest(Vec<Result<u64, Rejection>>),
    /// To [`Query::Standing`] and, with what is gone by now, to [`Query::Revoke`].
    Standing(Standing),
    /// To [`Query::Revoke`]: the list was not taken.
    NotRevoked(RevocationError),
    /// To [`Query::Withdraw`].
    Withdrawn(Vec<Result<(), Rejection>>),
    /// To [`Query::Stage`].
    Staged,
    /// To [`Query::Credit`], [`Query::CreditTo`], [`Query::SaveCursor`], [`Query::Meet`],
    /// [`Query::Forget`] and [`Query::Forked`].
    Done,
    /// To any query that changes something: the store could not; nothing was changed.
    Failed(String),
}
