//! What a session asks of the store beside it, and what it is answered.

use thiserror::Error;

use crate::id::{DeviceId, LogId, Minutes, StoreId};
use crate::log::{BadSignature, HeadSignature, WalkError};
use crate::wire::frame::{Cursor, Offer, Receipt, Scope};

/// Which logs of a store a peer is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Those that this device signed.
    Device(DeviceId),
    /// Those in a scope.
    Scope(Scope),
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
    },
    /// From which entry is each offer missing here?
    Missing(Vec<Offer>),
    /// Entries for a peer, at most about this many bytes in all.
    Read {
        /// What it wants.
        wanted: Vec<SpanWanted>,
        /// Bound of the payload bytes.
        budget: usize,
    },
    /// Takes extensions, each wholly or not at all, durably.
    Ingest {
        /// What to take.
        extensions: Vec<Extension>,
        /// When they came.
        now: Minutes,
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
    },
    /// To [`Query::Changes`].
    Changes {
        /// Logs that grew, at most [`OFFERS_MAX`](crate::wire::frame::OFFERS_MAX).
        offers: Vec<Offer>,
        /// What the province has, at most as many.
        receipts: Vec<Receipt>,
        /// The position up to which this tells everything.
        upto: u64,
        /// Whether the store has changes after it.
        more: bool,
    },
    /// To [`Query::Missing`]: the first missing entry of each offer, `None` where nothing is missing.
    Missing(Vec<Option<u64>>),
    /// To [`Query::Read`]: spans in the order wanted, ending where the budget did.
    Read(Vec<Span>),
    /// To [`Query::Ingest`]: the length now held of each, durably.
    Ingest(Vec<Result<u64, Rejection>>),
    /// To [`Query::Credit`], [`Query::CreditTo`] and [`Query::SaveCursor`].
    Done,
    /// To any query that changes something: the store could not; nothing was changed.
    Failed(String),
}
