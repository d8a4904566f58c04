//! One write transaction: its tables, and what is gathered until it commits.

use ed25519_dalek::SigningKey;
use redb::{Database, ReadableTable, Table, WriteTransaction};

use super::ahead::each_checked;
use super::ingest::Checked;
use super::learners::Counts;
use super::rows::{ContactRow, LogRow, PeerRow, Row};
use super::tables::{self, Change, ChangeKind, DoneKey, EntryKey, LogKey, SlotKey, WithdrawnKey};
use super::{Request, Response, Seed, StoreError, read, row, stage};
use crate::id::{DeviceId, LogId, Minutes};
use crate::log::device_of;
use crate::session::{Answer, Extension, Query, Rejection, Standing};
use crate::wire::frame::{Cursor, Receipt, Scope};

/// A write transaction in progress.
pub(super) struct Writer<'txn> {
    pub(super) txn: &'txn WriteTransaction,
    pub(super) secret: &'txn SigningKey,
    pub(super) meta: Table<'txn, &'static str, &'static [u8]>,
    pub(super) logs: Table<'txn, &'static LogKey, &'static [u8]>,
    pub(super) log_ids: Table<'txn, u64, &'static [u8]>,
    pub(super) entries: Table<'txn, &'static EntryKey, &'static [u8]>,
    pub(super) slots: Table<'txn, &'static SlotKey, &'static [u8]>,
    pub(super) changes: Table<'txn, u64, &'static [u8]>,
    pub(super) withdrawals: Table<'txn, u64, &'static [u8]>,
    pub(super) withdrawn: Table<'txn, &'static WithdrawnKey, &'static [u8]>,
    pub(super) days: Table<'txn, u64, &'static [u8]>,
    pub(super) forks: Table<'txn, &'static LogKey, &'static [u8]>,
    contacts: Table<'txn, &'static [u8; 32], &'static [u8]>,
    pub(super) learners: Table<'txn, &'static [u8; 16], &'static [u8]>,
    pub(super) communes: Table<'txn, u64, &'static [u8]>,
    peers: Table<'txn, &'static [u8; 32], &'static [u8]>,
    credited: Table<'txn, &'static [u8; 32], &'static [u8]>,
    pub(super) own_learners: Table<'txn, &'static [u8; 16], &'static [u8]>,
    pub(super) own_done: Table<'txn, &'static DoneKey, &'static [u8]>,
    pub(super) position: u64,
    pub(super) standing: Standing,
    pub(super) incarnation: u32,
    /// Whether anything is staged.
    pub(super) staged: bool,
    /// What several requests of a batch change, written once at the end.
    pub(super) counts: Counts,
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
            txn,
            secret,
            standing: read::standing(&meta)?,
            incarnation: read::incarnation(&meta)?,
            staged: stage::any(txn)?,
            meta,
            logs: txn.open_table(tables::LOGS)?,
            log_ids: txn.open_table(tables::LOG_IDS)?,
            entries: txn.open_table(tables::ENTRIES)?,
            slots: txn.open_table(tables::SLOTS)?,
            changes: txn.open_table(tables::CHANGES)?,
            withdrawals: txn.open_table(tables::WITHDRAWALS)?,
            withdrawn: txn.open_table(tables::WITHDRAWN)?,
            days: txn.open_table(tables::DAYS)?,
            forks: txn.open_table(tables::FORKS)?,
            contacts: txn.open_table(tables::CONTACTS)?,
            learners: txn.open_table(tables::LEARNERS)?,
            communes: txn.open_table(tables::COMMUNES)?,
            peers: txn.open_table(tables::PEERS)?,
            credited: txn.open_table(tables::CREDITED)?,
            own_learners: txn.open_table(tables::OWN_LEARNERS)?,
            own_done: txn.open_table(tables::OWN_DONE)?,
            position,
            counts: Counts::default(),
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
            Request::Pin { province } => self.pin(*province).map(|()| Response::Done),
            Request::Enlist { new } => self.enlist(new).map(Response::Kept),
            Request::Leave { learner } => self.forget_own(*learner).map(|()| Response::Done),
            Request::WithdrawOwn { learner } => self.withdraw_own(*learner).map(|()| Response::Done),
            request => self.serve(request),
        }
    }

    fn apply_query(&mut self, query: &Query) -> Result<Answer, StoreError> {
        match query {
            Query::Ingest { peer, scope, extensions, now } => {
                let take = |extension, ahead| self.ingest_from(extension, ahead, *peer, scope, *now);
                return each_checked(extensions, take).map(Answer::Ingest);
            }
            Query::Stage { peer, log, from, count, payloads } => {
                self.stage(peer, log, *from, *count, payloads)?;
                return Ok(Answer::Staged);
            }
            Query::Sketch { scope, half } => return self.sketch(scope, *half),
            Query::Revoke { revocations, .. } => return self.revoke(revocations),
            Query::Withdraw { withdrawals, .. } => {
                let results = withdrawals.iter().map(|withdrawal| self.withdraw(withdrawal));
                return results.collect::<Result<_, _>>().map(Answer::Withdrawn);
            }
            Query::Meet { peer, chain, epoch } => {
                let row = ContactRow { epoch: *epoch, chain: chain.clone() };
                self.contacts.insert(&peer.0, &row.encode()[..])?;
            }
            Query::Forked(fork) => self.forked_elsewhere(fork)?,
            Query::Forget { peer } => self.forget(*peer)?,
            Query::Credit { receipts, delivered } => {
                for receipt in receipts {
                    self.credit(receipt, *delivered)?;
                }
            }
            Query::CreditTo { peer, position, scope, delivered } => {
                self.credit_to(*peer, *position, scope, *delivered)?;
            }
            Query::SaveCursor { peer, scope, cursor, shown } => self.save_cursor(*peer, scope, *cursor, *shown)?,
            _ => return Ok(Answer::Failed("a question was asked as a change".to_owned())),
        }
        Ok(Answer::Done)
    }

    /// Writes what was gathered. The transaction is committed after it.
    pub(super) fn finish(mut self) -> Result<(), StoreError> {
        self.write_counts()?;
        self.keep_sketches()?;
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
        LogId { device: device_of(self.secret), incarnation: self.incarnation }
    }

    /// Names another log for this device: by the store's id, which a clone of the device does not share.
    pub(super) fn new_incarnation(&mut self) -> Result<(), StoreError> {
        let store = self.meta.get(tables::META_STORE)?.map_or_else(Vec::new, |guard| guard.value().to_vec());
        let named = blake3::hash(&[&store[..], &self.position.to_le_bytes()].concat());
        let [a, b, c, d, ..] = *named.as_bytes();
        self.incarnation = u32::from_le_bytes([a, b, c, d]);
        self.set_meta(tables::META_INCARNATION, &self.incarnation.to_le_bytes())
    }

    pub(super) fn set_meta(&mut self, name: &'static str, value: &[u8]) -> Result<(), StoreError> {
        self.meta.insert(name, value)?;
        Ok(())
    }

    /// Takes an extension; one of the device's own log is taken over as its own.
    fn ingest_from(
        &mut self,
        extension: &Extension,
        ahead: Option<Checked<'_>>,
        peer: DeviceId,
        scope: &Scope,
        now: Minutes,
    ) -> Result<Result<u64, Rejection>, StoreError> {
        let own = extension.log == self.own_log();
        let before = if own { self.log(&extension.log)?.map_or(0, |row| row.tail.length) } else { 0 };
        let result = self.ingest(extension, ahead, peer, scope, now)?;
        if own && result.is_ok_and(|length| length > before) {
            self.adopt(before, now)?;
            if self.known_fork(&extension.log)?.is_some() {
                self.begin_anew()?;
            }
        }
        Ok(result)
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
        self.changes.insert(self.position, &Change::Log(row.number, kind).value()[..])?;
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
        let from = self.credited.get(&peer.0)?.map_or(0, |guard| tables::number(guard.value()));
        let upto = position.min(self.position);
        if upto <= from {
            return Ok(());
        }
        let mut numbers = Vec::new();
        for item in self.changes.range(from + 1..=upto)? {
            if let Change::Log(number, ChangeKind::Grew) = Change::from_value(item?.1.value()) {
                numbers.push(number);
            }
        }
        for number in numbers {
            let log = self.log_of(number)?;
            let row = self.log_row(&log)?;
            if log.device == peer || read::in_scope(scope, row.communes.iter().copied()) {
                self.credit(&Receipt { log, length: row.tail.length }, delivered)?;
            }
        }
        self.credited.insert(&peer.0, &upto.to_le_bytes()[..])?;
        Ok(())
    }

    fn save_cursor(
        &mut self,
        peer: DeviceId,
        scope: &Scope,
        cursor: Cursor,
        shown: Option<[u8; 8]>,
    ) -> Result<(), StoreError> {
        let mut bytes = Vec::new();
        scope.encode(&mut bytes);
        self.peers.insert(&peer.0, &PeerRow { cursor, shown, scope: bytes }.encode()[..])?;
        Ok(())
    }

    fn forget(&mut self, peer: DeviceId) -> Result<(), StoreError> {
        let kept: Option<PeerRow> = row(&self.peers, "peers_v1", &peer.0)?;
        if let Some(kept) = kept {
            self.peers.insert(&peer.0, &PeerRow { shown: None, ..kept }.encode()[..])?;
        }
        Ok(())
    }
}
