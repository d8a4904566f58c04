//! Questions of sessions: what changed, what is missing, entries for a peer.

use std::sync::Arc;

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};

use super::forks::fork_of;
use super::reconcile;
use super::rows::{ContactRow, LogRow, PeerRow, Row};
use super::stage;
use super::tables::{self, Change, ChangeKind, EntryKey, LogKey, SlotKey, WithdrawnKey, key, withdrawn_position};
use super::walk::Entries;
use super::{OpenError, StoreError, row};
use crate::authority::Revocations;
use crate::entry::{Entry, SlotInfo};
use crate::id::{CommuneCode, DeviceId, LogId, ProvinceKey, StoreId};
use crate::log::{Fork, Tail};
use crate::session::{Answer, Contact, Query, Span, SpanWanted, Standing, View};
use crate::wire::codec::Reader;
use crate::wire::frame::{Cursor, OFFERS_MAX, Offer, Receipt, Scope};

/// Bound of the positions looked at for one answer: a scope of few communes passes over many.
const SCAN_MAX: usize = 8 * OFFERS_MAX;
/// Bound of the forks in one answer: each may fill a frame.
const FORKS_ANSWER_MAX: usize = 4;
/// A span is filled up to about this many bytes: what has come of a frame that is cut was in vain.
const SPAN_BYTES: usize = 4096;
/// Bound of the withdrawals in one answer: the longest of them fill a few frames.
pub(super) const WITHDRAWALS_ANSWER_MAX: usize = 64;

pub(super) fn log_key(log: &LogId) -> LogKey {
    key(&log.device.0, &log.incarnation.to_be_bytes())
}

pub(super) fn log_id(key: &[u8]) -> LogId {
    let (device, incarnation) = key.split_at_checked(32).unwrap_or_default();
    LogId {
        device: DeviceId(device.try_into().unwrap_or_default()),
        incarnation: u32::from_be_bytes(incarnation.try_into().unwrap_or_default()),
    }
}

pub(super) fn entry_key(log: u64, first: u64) -> EntryKey {
    key(&log.to_be_bytes(), &first.to_be_bytes())
}

pub(super) fn entry_key_first(key: &EntryKey) -> u64 {
    u64::from_be_bytes(key[8..].try_into().unwrap_or_default())
}

/// Reads the device's secret key; `None` for a file without tables.
pub(super) fn secret(db: &Database) -> Result<Option<[u8; 32]>, OpenError> {
    let txn = db.begin_read().map_err(StoreError::from)?;
    let meta = match txn.open_table(tables::META) {
        Ok(meta) => meta,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(StoreError::from(error).into()),
    };
    let format = u32::from_le_bytes(meta_value(&meta, tables::META_FORMAT)?);
    if format > tables::FORMAT {
        return Err(OpenError::NewerFormat { found: format, supported: tables::FORMAT });
    }
    meta_value(&meta, tables::META_SECRET).map(Some)
}

fn meta_value<const N: usize>(
    meta: &impl ReadableTable<&'static str, &'static [u8]>,
    name: &'static str,
) -> Result<[u8; N], OpenError> {
    let guard = meta.get(name).map_err(StoreError::from)?.ok_or(OpenError::Damaged(name))?;
    guard.value().try_into().map_err(|_| OpenError::Damaged(name))
}

pub(super) fn position(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<u64, StoreError> {
    let guard = meta.get(tables::META_POSITION)?.ok_or(StoreError::Missing { table: "meta_v1" })?;
    Ok(u64::from_le_bytes(guard.value().try_into().map_err(|_| StoreError::Missing { table: "meta_v1" })?))
}

/// What the store goes by when it judges credentials.
pub(super) fn standing(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<Standing, StoreError> {
    let value = |name| Ok::<_, StoreError>(meta.get(name)?.map(|guard| guard.value().to_vec()));
    let province = value(tables::META_PROVINCE)?.and_then(|bytes| bytes.try_into().ok()).map(ProvinceKey);
    let revocations = value(tables::META_REVOCATIONS)?.map(|bytes| Revocations::decode(&bytes));
    Ok(Standing {
        province,
        chain: value(tables::META_CHAIN)?.unwrap_or_default(),
        revocations: revocations.transpose().map_err(|_| StoreError::Missing { table: "meta_v1" })?.map(Arc::new),
    })
}

/// Which of the device's logs is written now.
pub(super) fn incarnation(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<u32, StoreError> {
    let bytes = meta.get(tables::META_INCARNATION)?.and_then(|guard| guard.value().try_into().ok());
    Ok(bytes.map_or(0, u32::from_le_bytes))
}

/// The store's former openings, each with the position where it ended.
pub(super) fn former(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<Vec<Cursor>, StoreError> {
    let bytes = meta.get(tables::META_FORMER)?.map_or_else(Vec::new, |guard| guard.value().to_vec());
    let opening = |bytes: &[u8; 24]| {
        let (store, position) = bytes.split_at(16);
        Cursor {
            store: StoreId(store.try_into().unwrap_or_default()),
            position: u64::from_le_bytes(position.try_into().unwrap_or_default()),
        }
    };
    Ok(bytes.as_chunks().0.iter().map(opening).collect())
}

pub(super) fn answer(txn: &ReadTransaction, query: &Query, store: StoreId) -> Result<Answer, StoreError> {
    match query {
        Query::Begin { peer, scope } => begin(txn, peer, scope, store),
        Query::Changes { view, since, receipts, most } => changes(txn, view, *since, *receipts, *most),
        Query::Missing { peer, offers } => missing(txn, peer, offers).map(Answer::Missing),
        Query::Read { wanted, budget } => spans(txn, wanted, *budget).map(Answer::Read),
        Query::Withdrawals { .. } | Query::Lacking { .. } => reconcile::answer(txn, query),
        Query::Standing => Ok(Answer::Standing(standing(&txn.open_table(tables::META)?)?)),
        _ => Ok(Answer::Failed("a change was asked as a question".to_owned())),
    }
}

fn begin(txn: &ReadTransaction, peer: &DeviceId, scope: &Scope, store: StoreId) -> Result<Answer, StoreError> {
    let saved: Option<PeerRow> = row(&txn.open_table(tables::PEERS)?, "peers_v1", &peer.0)?;
    let contact: Option<ContactRow> = row(&txn.open_table(tables::CONTACTS)?, "contacts_v1", &peer.0)?;
    let ContactRow { epoch, chain } = contact.unwrap_or_default();
    let contact = Contact { chain, epoch, shown: saved.as_ref().and_then(|peer| peer.shown) };
    let mut bytes = Vec::new();
    scope.encode(&mut bytes);
    // What was taken in another scope says nothing about this one.
    let cursor = saved.filter(|peer| peer.scope == bytes).map(|peer| peer.cursor);
    let meta = txn.open_table(tables::META)?;
    let mut openings = former(&meta)?;
    openings.push(Cursor { store, position: position(&meta)? });
    let (standing, holds) = (standing(&meta)?, reconcile::holds(txn, scope)?);
    Ok(Answer::Begin { store, openings, cursor, standing, contact, holds })
}

/// A log as it is offered.
pub(super) fn offer(log: LogId, row: &LogRow) -> Offer {
    let mut chain = [0; 8];
    chain.copy_from_slice(&row.tail.chain[..8]);
    Offer { log, length: row.tail.length, chain }
}

/// Collects what a peer is told.
#[derive(Default)]
struct Found {
    /// Bound of the offers.
    most: usize,
    offers: Vec<Offer>,
    receipts: Vec<Receipt>,
    withdrawals: Vec<Vec<u8>>,
    forks: Vec<Fork>,
}

impl Found {
    fn add(&mut self, log: LogId, row: &LogRow, kind: ChangeKind) {
        match kind {
            ChangeKind::Grew => self.offers.push(offer(log, row)),
            ChangeKind::Receipt => self.receipts.push(Receipt { log, length: row.delivered }),
        }
    }

    fn add_fork(&mut self, txn: &ReadTransaction, log: &LogId, row: &LogRow) -> Result<(), StoreError> {
        if row.fork.is_some() {
            self.forks.extend(fork_of(txn, log)?);
        }
        Ok(())
    }

    const fn is_full(&self) -> bool {
        self.forks.len() >= FORKS_ANSWER_MAX
            || self.offers.len() >= self.most
            || self.receipts.len() >= OFFERS_MAX
            || self.withdrawals.len() >= WITHDRAWALS_ANSWER_MAX
    }
}

fn changes(txn: &ReadTransaction, view: &View, since: u64, receipts: bool, most: usize) -> Result<Answer, StoreError> {
    let meta = txn.open_table(tables::META)?;
    let end = position(&meta)?;
    let mut found = Found { most: most.min(OFFERS_MAX), ..Found::default() };
    let (upto, more) = match view {
        View::Device(device) => {
            device_changes(txn, device, since, receipts, &mut found)?;
            (end, false)
        }
        View::Scope(scope) => scope_changes(txn, scope, since, end, receipts, &mut found)?,
    };
    let Found { offers, receipts, withdrawals, forks, .. } = found;
    Ok(Answer::Changes { offers, receipts, withdrawals, forks, epoch: standing(&meta)?.epoch(), upto, more })
}

/// The logs of one device are few: one for each incarnation.
fn device_changes(
    txn: &ReadTransaction,
    device: &DeviceId,
    since: u64,
    receipts: bool,
    found: &mut Found,
) -> Result<(), StoreError> {
    let logs = txn.open_table(tables::LOGS)?;
    let (first, last): (LogKey, LogKey) = (key(&device.0, &[0; 4]), key(&device.0, &[0xff; 4]));
    for item in logs.range::<&LogKey>(&first..=&last)?.take(OFFERS_MAX) {
        let (id, value) = item?;
        let row = LogRow::from_bytes(value.value()).map_err(StoreError::row("logs_v1"))?;
        if row.grew_at > since {
            found.add(log_id(id.value()), &row, ChangeKind::Grew);
            learner_withdrawals(txn, &row, found)?;
            found.add_fork(txn, &log_id(id.value()), &row)?;
        }
        if receipts && row.receipt_at > since {
            found.add(log_id(id.value()), &row, ChangeKind::Receipt);
        }
    }
    Ok(())
}

/// The withdrawals of the learners who were erased in a log, however old: they may have been here before the
/// log was, and the peer's cursor past them.
fn learner_withdrawals(txn: &ReadTransaction, log: &LogRow, found: &mut Found) -> Result<(), StoreError> {
    let (slots, withdrawn) = (txn.open_table(tables::SLOTS)?, txn.open_table(tables::WITHDRAWN)?);
    let withdrawals = txn.open_table(tables::WITHDRAWALS)?;
    let number = log.number.to_be_bytes();
    let (first, last): (SlotKey, SlotKey) = (key(&number, &[0; 4]), key(&number, &[0xff; 4]));
    for item in slots.range::<&SlotKey>(&first..=&last)? {
        let (_, value) = item?;
        let SlotInfo { learner, key: None, .. } =
            SlotInfo::from_bytes(value.value()).map_err(StoreError::row("slots_v1"))?
        else {
            continue;
        };
        let (from, to): (WithdrawnKey, WithdrawnKey) = (key(&learner.0, &[0; 8]), key(&learner.0, &[0xff; 8]));
        for item in withdrawn.range::<&WithdrawnKey>(&from..=&to)? {
            let withdrawal = withdrawals.get(withdrawn_position(item?.0.value()))?;
            let bytes = withdrawal.ok_or(StoreError::Missing { table: "withdrawals_v1" })?.value().to_vec();
            if found.withdrawals.len() < WITHDRAWALS_ANSWER_MAX && !found.withdrawals.contains(&bytes) {
                found.withdrawals.push(bytes);
            }
        }
    }
    Ok(())
}

fn scope_changes(
    txn: &ReadTransaction,
    scope: &Scope,
    since: u64,
    end: u64,
    receipts: bool,
    found: &mut Found,
) -> Result<(u64, bool), StoreError> {
    if since >= end {
        return Ok((end, false));
    }
    let withdrawals = txn.open_table(tables::WITHDRAWALS)?;
    let (changes, ids, logs) =
        (txn.open_table(tables::CHANGES)?, txn.open_table(tables::LOG_IDS)?, txn.open_table(tables::LOGS)?);
    let mut upto = end;
    let mut more = false;
    for (looked, item) in changes.range(since + 1..)?.enumerate() {
        let (position, value) = item?;
        if looked >= SCAN_MAX || found.is_full() {
            more = true;
            break;
        }
        upto = position.value();
        let Change::Log(number, kind) = Change::from_value(value.value()) else {
            let withdrawal = withdrawals.get(upto)?.ok_or(StoreError::Missing { table: "withdrawals_v1" })?;
            found.withdrawals.push(withdrawal.value().to_vec());
            continue;
        };
        if kind == ChangeKind::Receipt && !receipts {
            continue;
        }
        let id = ids.get(number)?.ok_or(StoreError::Missing { table: "log_ids_v1" })?;
        let log = log_id(id.value());
        let row: LogRow = row(&logs, "logs_v1", &log_key(&log))?.ok_or(StoreError::Missing { table: "logs_v1" })?;
        if in_scope(scope, row.communes.iter().copied()) {
            found.add(log, &row, kind);
            if kind == ChangeKind::Grew {
                found.add_fork(txn, &log, &row)?;
            }
        }
    }
    Ok((if more { upto } else { end }, more))
}

/// Whether all learners of a log are in the scope: nothing of one commune's people reaches a hub that does
/// not work for it, even if they share a phone with somebody of its own. `Own` is a view of one device, and
/// covers none.
pub(super) fn in_scope(scope: &Scope, mut log: impl Iterator<Item = CommuneCode>) -> bool {
    match scope {
        Scope::Own => false,
        Scope::All => true,
        Scope::Communes(communes) => log.all(|commune| communes.contains(&commune)),
    }
}

fn missing(txn: &ReadTransaction, peer: &DeviceId, offers: &[Offer]) -> Result<Vec<Option<u64>>, StoreError> {
    let logs = txn.open_table(tables::LOGS)?;
    let (entries, slots) = (&txn.open_table(tables::ENTRIES)?, &txn.open_table(tables::SLOTS)?);
    let of = |offer: &Offer| {
        let held: Option<LogRow> = row(&logs, "logs_v1", &log_key(&offer.log))?;
        Ok(match held {
            None if offer.length == 0 => None,
            None => Some(stage::reached(txn, peer, &offer.log, 0)?),
            // Of a log that forked all that counts is held, and one version; another may part earlier.
            Some(held) if held.fork.is_some_and(|common| common <= held.tail.length) => {
                another_version(txn, offer, &held)?.then_some(offer.length.min(held.tail.length))
            }
            Some(held) if held.tail.length < offer.length => {
                Some(stage::reached(txn, peer, &offer.log, held.tail.length)?)
            }
            // Equally long and different: asked for, so that the peer's signature shows which it is.
            Some(held) if held.tail.length == offer.length && held.tail.chain[..8] != offer.chain => Some(offer.length),
            // Shorter, and no part of what is held: the peer's signature shows that the log forked.
            Some(held) if held.tail.length > offer.length => {
                let tail = Entries { entries, slots }.tail_at(&offer.log, &held, offer.length)?;
                (tail.chain[..8] != offer.chain).then_some(offer.length)
            }
            Some(_) => None,
        })
    };
    offers.iter().map(of).collect()
}

/// Whether a log that forked is offered in a version that is not known here.
fn another_version(txn: &ReadTransaction, offer: &Offer, held: &LogRow) -> Result<bool, StoreError> {
    let (entries, slots) = (&txn.open_table(tables::ENTRIES)?, &txn.open_table(tables::SLOTS)?);
    let is_offered = |tail: &Tail| tail.length == offer.length && tail.chain[..8] == offer.chain;
    let proof = fork_of(txn, &offer.log)?;
    if is_offered(&held.tail) || proof.is_some_and(|fork| fork.heads().iter().any(is_offered)) {
        return Ok(false);
    }
    let inner = offer.length < held.tail.length;
    Ok(!inner || !is_offered(&Entries { entries, slots }.tail_at(&offer.log, held, offer.length)?))
}

fn spans(txn: &ReadTransaction, wanted: &[SpanWanted], budget: usize) -> Result<Vec<Span>, StoreError> {
    let (logs, entries) = (txn.open_table(tables::LOGS)?, txn.open_table(tables::ENTRIES)?);
    let mut spans = Vec::new();
    let mut bytes = 0;
    for wanted in wanted {
        if bytes >= budget {
            break;
        }
        let held: LogRow =
            row(&logs, "logs_v1", &log_key(&wanted.log))?.ok_or(StoreError::Missing { table: "logs_v1" })?;
        let mut next = *wanted;
        let mut whole = false;
        while bytes < budget && !whole {
            let span = span(&entries, &held, next)?;
            // An empty span still costs its signature.
            bytes += span.payloads.len() + 64;
            next.from += span.count;
            whole = span.signature.is_some();
            spans.push(span);
        }
    }
    Ok(spans)
}

/// Reads entries from `wanted.from` on, as many as one frame is given.
fn span(
    entries: &impl ReadableTable<&'static EntryKey, &'static [u8]>,
    held: &LogRow,
    wanted: SpanWanted,
) -> Result<Span, StoreError> {
    let Tail { length, .. } = held.tail;
    let damaged = StoreError::row("entries_v1");
    let mut payloads = Vec::new();
    let mut next = wanted.from;
    let first_chunk = entries
        .range::<&EntryKey>(&entry_key(held.number, 0)..=&entry_key(held.number, wanted.from))?
        .next_back()
        .transpose()?
        .map_or(0, |(key, _)| entry_key_first(key.value()));
    let chunks = entries.range::<&EntryKey>(&entry_key(held.number, first_chunk)..=&entry_key(held.number, length))?;
    'chunks: for item in chunks {
        let (key, chunk) = item?;
        let mut index = entry_key_first(key.value());
        let mut reader = Reader::new(chunk.value());
        while !reader.is_empty() && next < length {
            let start = reader.position();
            Entry::skip(&mut reader).map_err(&damaged)?;
            if index >= next {
                if !payloads.is_empty() && payloads.len() + reader.since(start).len() > SPAN_BYTES {
                    break 'chunks;
                }
                payloads.extend_from_slice(reader.since(start));
                next = index + 1;
            }
            index += 1;
        }
    }
    let count = next - wanted.from;
    Ok(Span { wanted, count, payloads, signature: (next >= length).then_some(held.signature) })
}
