//! One write transaction: its tables, and what is gathered until it commits.

use std::collections::HashMap;

use ed25519_dalek::SigningKey;
use redb::{Database, ReadableTable, Table, WriteTransaction};

use super::rows::{LearnerRow, LogRow, PeerRow, Row, TotalsRow};
use super::tables::{self, ChangeKind, DoneKey, EntryKey, LogKey, SlotKey, change_parts, change_value};
use super::{Request, Response, Seed, StoreError, read, row};
use crate::id::{CommuneCode, DeviceId, LearnerId, LogId};
use crate::log::device_of;
use crate::session::{Answer, Query};
use crate::wire::frame::{Cursor, Receipt, Scope};

/// A write transaction in progress.
pub(super) struct Writer<'txn> {
    pub(super) secret: &'txn SigningKey,
    pub(super) meta: Table<'txn, &'static str, &'static [u8]>,
    pub(super) logs: Table<'txn, &'static LogKey, &'static [u8]>,
    pub(super) log_ids: Table<'txn, u64, &'static LogKey>,
    pub(super) entries: Table<'txn, &'static EntryKey, &'static [u8]>,
    pub(super) slots: Table<'txn, &'static SlotKey, &'static [u8]>,
    changes: Table<'txn, u64, u64>,
    pub(super) learners: Table<'txn, &'static [u8; 16], &'static [u8]>,
    pub(super) communes: Table<'txn, u32, &'static [u8]>,
    peers: Table<'txn, &'static [u8; 32], &'static [u8]>,
    credited: Table<'txn, &'static [u8; 32], u64>,
    pub(super) own_learners: Table<'txn, &'static [u8; 16], &'static [u8]>,
    pub(super) own_done: Table<'txn, &'static DoneKey, &'static [u8]>,
    position: u64,
    /// Rows that several extensions of a batch change, written once at the end.
    pub(super) learner_rows: HashMap<LearnerId, LearnerRow>,
    pub(super) totals_rows: HashMap<CommuneCode, TotalsRow>,
}

/// Bound of the openings that a store remembers. A cursor into an older one means a full rescan.
const OPENINGS_MAX: usize = 64;

/// Begins an opening of the store; of a new one, makes the tables too.
pub(super) fn begin(db: &Database, seed: &Seed, new: bool) -> Result<(), StoreError> {
    let txn = db.try_begin_write()?;
    {
        let mut meta = txn.open_table(tables::META)?;
        if new {
            meta.insert(tables::META_FORMAT, &tables::FORMAT.to_le_bytes()[..])?;
            meta.insert(tables::META_SECRET, &seed.secret[..])?;
            meta.insert(tables::META_POSITION, &0u64.to_le_bytes()[..])?;
        } else {
            let mut former = meta.get(tables::META_FORMER)?.map_or_else(Vec::new, |guard| guard.value().to_vec());
            let position = read::position(&meta)?;
            let store = meta.get(tables::META_STORE)?.ok_or(StoreError::Missing { table: "meta_v1" })?;
            former.extend_from_slice(store.value());
            drop(store);
            former.extend(position.to_le_bytes());
            let kept = former.as_chunks::<24>().0;
            let kept = kept[kept.len().saturating_sub(OPENINGS_MAX)..].as_flattened().to_vec();
            meta.insert(tables::META_FORMER, &kept[..])?;
        }
        meta.insert(tables::META_STORE, &seed.store[..])?;
    }
    Writer::open(&txn, &SigningKey::from_bytes(&seed.secret))?;
    txn.commit()?;
    Ok(())
}

impl<'txn> Writer<'txn> {
    pub(super) fn open(txn: &'txn WriteTransaction, secret: &'txn SigningKey) -> Result<Self, StoreError> {
        let meta = txn.open_table(tables::META)?;
        let position = read::position(&meta)?;
        Ok(Self {
            secret,
            meta,
            logs: txn.open_table(tables::LOGS)?,
            log_ids: txn.open_table(tables::LOG_IDS)?,
            entries: txn.open_table(tables::ENTRIES)?,
            slots: txn.open_table(tables::SLOTS)?,
            changes: txn.open_table(tables::CHANGES)?,
            learners: txn.open_table(tables::LEARNERS)?,
            communes: txn.open_table(tables::COMMUNES)?,
            peers: txn.open_table(tables::PEERS)?,
            credited: txn.open_table(tables::CREDITED)?,
            own_learners: txn.open_table(tables::OWN_LEARNERS)?,
            own_done: txn.open_table(tables::OWN_DONE)?,
            position,
            learner_rows: HashMap::new(),
            totals_rows: HashMap::new(),
        })
    }

    /// Does one request that changes something.
    pub(super) fn apply(&mut self, request: &Request) -> Result<Response, StoreError> {
        match request {
            Request::Session(query) => self.apply_query(query).map(Response::Session),
            Request::Keep { learner, done, new, now } => self.keep(*learner, *done, new, *now).map(Response::Kept),
            Request::Consent { learner, commune, day, new, now } => {
                self.consent(*learner, *commune, *day, new, *now).map(Response::Kept)
            }
            Request::Own | Request::Totals => Ok(Response::Failed("a question was asked as a change".to_owned())),
        }
    }

    fn apply_query(&mut self, query: &Query) -> Result<Answer, StoreError> {
        match query {
            Query::Ingest { extensions, now } => {
                let results = extensions.iter().map(|extension| self.ingest(extension, *now));
                return results.collect::<Result<_, _>>().map(Answer::Ingest);
            }
            Query::Credit { receipts, delivered } => {
                for receipt in receipts {
                    self.credit(receipt, *delivered)?;
                }
            }
            Query::CreditTo { peer, position, scope, delivered } => {
                self.credit_to(*peer, *position, scope, *delivered)?;
            }
            Query::SaveCursor { peer, scope, cursor } => self.save_cursor(*peer, scope, *cursor)?,
            _ => return Ok(Answer::Failed("a question was asked as a change".to_owned())),
        }
        Ok(Answer::Done)
    }

    /// Writes what was gathered. The transaction is committed after it.
    pub(super) fn finish(mut self) -> Result<(), StoreError> {
        for (learner, row) in self.learner_rows.drain() {
            self.learners.insert(&learner.0, &row.encode()[..])?;
        }
        for (commune, row) in self.totals_rows.drain() {
            self.communes.insert(commune.0, &row.encode()[..])?;
        }
        self.meta.insert(tables::META_POSITION, &self.position.to_le_bytes()[..])?;
        Ok(())
    }

    pub(super) fn log(&self, log: &LogId) -> Result<Option<LogRow>, StoreError> {
        row(&self.logs, "logs_v1", &read::log_key(log))
    }

    pub(super) fn save_log(&mut self, log: &LogId, row: &LogRow) -> Result<(), StoreError> {
        self.logs.insert(&read::log_key(log), &row.encode()[..])?;
        Ok(())
    }

    pub(super) fn own_log(&self) -> LogId {
        LogId { device: device_of(self.secret), incarnation: 0 }
    }

    /// Moves a log's position of this kind to the end.
    pub(super) fn touch(&mut self, row: &mut LogRow, kind: ChangeKind) -> Result<(), StoreError> {
        self.position += 1;
        let at = match kind {
            ChangeKind::Grew => &mut row.grew_at,
            ChangeKind::Receipt => &mut row.receipt_at,
        };
        if *at != 0 {
            self.changes.remove(*at)?;
        }
        *at = self.position;
        self.changes.insert(self.position, change_value(row.number, kind))?;
        Ok(())
    }

    /// A peer holds a log to a length. Of other devices' logs only the province's word is kept.
    fn credit(&mut self, receipt: &Receipt, delivered: bool) -> Result<(), StoreError> {
        let own = receipt.log.device == device_of(self.secret);
        if !own && !delivered {
            return Ok(());
        }
        let Some(mut row) = self.log(&receipt.log)? else { return Ok(()) };
        let length = receipt.length.min(row.tail.length);
        let before = row.clone();
        if own {
            row.sent = row.sent.max(length);
        }
        if delivered && length > row.delivered {
            row.delivered = length;
            self.touch(&mut row, ChangeKind::Receipt)?;
        }
        if row != before {
            self.save_log(&receipt.log, &row)?;
        }
        Ok(())
    }

    /// A peer has everything in its scope up to a position: makes up for acknowledgements that were lost
    /// on the way. Looks at what changed since that peer was credited last.
    fn credit_to(&mut self, peer: DeviceId, position: u64, scope: &Scope, delivered: bool) -> Result<(), StoreError> {
        let from = self.credited.get(&peer.0)?.map_or(0, |guard| guard.value());
        let upto = position.min(self.position);
        if upto <= from {
            return Ok(());
        }
        let mut numbers = Vec::new();
        for item in self.changes.range(from + 1..=upto)? {
            if let (number, ChangeKind::Grew) = change_parts(item?.1.value()) {
                numbers.push(number);
            }
        }
        for number in numbers {
            let log = self.log_ids.get(number)?.map(|id| read::log_id(id.value()));
            let log = log.ok_or(StoreError::Missing { table: "log_ids_v1" })?;
            let row = self.log(&log)?.ok_or(StoreError::Missing { table: "logs_v1" })?;
            if read::in_scope(scope, &row) {
                self.credit(&Receipt { log, length: row.tail.length }, delivered)?;
            }
        }
        self.credited.insert(&peer.0, upto)?;
        Ok(())
    }

    fn save_cursor(&mut self, peer: DeviceId, scope: &Scope, cursor: Cursor) -> Result<(), StoreError> {
        let mut bytes = Vec::new();
        scope.encode(&mut bytes);
        self.peers.insert(&peer.0, &PeerRow { cursor, scope: bytes }.encode()[..])?;
        Ok(())
    }
}
