//! Entries that came before the signature over them.
//!
//! A log has one signature, over its end. A session that is cut before that has brought entries which
//! nothing covers yet; they are kept here, apart from every log, so that the next session with the same peer
//! goes on after them. They count for nothing: when the signature comes it must cover them together with
//! the rest, and if it does not, they are dropped and the log is asked for anew. Another peer is not asked for
//! less because of what this one brought.
//!
//! Keeping them saves bytes and is no promise. Everything staged is dropped when it passes
//! [`STAGED_BYTES_MAX`], and when anybody withdraws, whose entries may be among it; nothing is staged of a
//! learner who has withdrawn.

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, WriteTransaction};

use super::read::log_key;
use super::rows::{LogRow, Row};
use super::tables::{STAGED, SlotKey, key};
use super::write::Writer;
use super::{StoreError, scrub};
use crate::entry::{Entry, SlotInfo};
use crate::id::{DeviceId, LogId};
use crate::session::{Extension, UNSIGNED_BYTES_MAX};
use crate::wire::codec::Reader;

/// Bound of what is staged in all: as much as a session may bring of logs without their signatures.
const STAGED_BYTES_MAX: u64 = UNSIGNED_BYTES_MAX as u64;

type StagedKey = [u8; 76];

fn staged_key(peer: &DeviceId, log: &LogId, first: u64) -> StagedKey {
    let named: [u8; 68] = key(&peer.0, &log_key(log));
    key(&named, &first.to_be_bytes())
}

/// Splits a row into the count of its entries and their payloads.
fn parts(row: &[u8]) -> Option<(u64, &[u8])> {
    row.split_first_chunk().map(|(count, payloads)| (u64::from_le_bytes(*count), payloads))
}

/// What is staged of a log from `first` on without a gap, before `end`: the entries and their payloads.
fn staged(
    table: &impl ReadableTable<&'static StagedKey, &'static [u8]>,
    peer: &DeviceId,
    log: &LogId,
    first: u64,
    end: u64,
) -> Result<(u64, Vec<u8>), StoreError> {
    let (mut next, mut all) = (first, Vec::new());
    while next < end
        && let Some(row) = table.get(&staged_key(peer, log, next))?
    {
        let Some((count @ 1.., payloads)) = parts(row.value()) else { break };
        next += count;
        all.extend_from_slice(payloads);
    }
    Ok((next - first, all))
}

/// Which entry of a log is the first that a peer has still to bring, if `held` are held.
pub(super) fn reached(txn: &ReadTransaction, peer: &DeviceId, log: &LogId, held: u64) -> Result<u64, StoreError> {
    match txn.open_table(STAGED) {
        Ok(table) if !table.is_empty()? => Ok(held + staged(&table, peer, log, held, u64::MAX)?.0),
        Ok(_) | Err(redb::TableError::TableDoesNotExist(_)) => Ok(held),
        Err(error) => Err(error.into()),
    }
}

/// Whether anything is staged.
pub(super) fn any(txn: &WriteTransaction) -> Result<bool, StoreError> {
    Ok(!txn.open_table(STAGED)?.is_empty()?)
}

/// As [`scrub::renew_table`].
pub(super) fn renew_tables(txn: &WriteTransaction) -> Result<[&'static str; 1], StoreError> {
    Ok([scrub::renew_table(txn, &STAGED)?])
}

impl Writer<'_> {
    /// Stages entries, unless they are somebody's who has withdrawn.
    pub(super) fn stage(
        &mut self,
        peer: &DeviceId,
        log: &LogId,
        from: u64,
        count: u64,
        payloads: &[u8],
    ) -> Result<(), StoreError> {
        if count == 0 || self.has_erased(log)? || self.declare_withdrawn(payloads)? {
            return Ok(());
        }
        if self.txn.open_table(STAGED)?.stats()?.stored_bytes() + payloads.len() as u64 > STAGED_BYTES_MAX {
            self.drop_staged()?;
        }
        let row = [&count.to_le_bytes(), payloads].concat();
        self.txn.open_table(STAGED)?.insert(&staged_key(peer, log, from), &row[..])?;
        self.staged = true;
        Ok(())
    }

    /// Whether somebody was erased in what is held of a log.
    fn has_erased(&self, log: &LogId) -> Result<bool, StoreError> {
        let Some(LogRow { number, .. }) = self.log(log)? else { return Ok(false) };
        let number = number.to_be_bytes();
        let (first, last): (SlotKey, SlotKey) = (key(&number, &[0; 4]), key(&number, &[0xff; 4]));
        for item in self.slots.range::<&SlotKey>(&first..=&last)? {
            let info = SlotInfo::from_bytes(item?.1.value()).map_err(StoreError::row("slots_v1"))?;
            if info.key.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether entries declare somebody who has withdrawn, or cannot be read: then nothing is known of them.
    fn declare_withdrawn(&self, payloads: &[u8]) -> Result<bool, StoreError> {
        let mut reader = Reader::new(payloads);
        while !reader.is_empty() {
            match Entry::declared(&mut reader) {
                Ok(Some(learner)) if !self.withdrawn_areas(learner)?.is_empty() => return Ok(true),
                Ok(_) => {}
                Err(_) => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Completes an extension by what its peer brought before, if it continues that and not what is held;
    /// what was staged of the log is used up.
    pub(super) fn unstage(
        &mut self,
        peer: &DeviceId,
        extension: &Extension,
        held: u64,
    ) -> Result<Option<Extension>, StoreError> {
        if !self.staged {
            return Ok(None);
        }
        let mut table = self.txn.open_table(STAGED)?;
        let (count, mut payloads) = staged(&table, peer, &extension.log, held, extension.from)?;
        let (first, last) = (staged_key(peer, &extension.log, 0), staged_key(peer, &extension.log, u64::MAX));
        table.retain_in::<&StagedKey, _>(&first..=&last, |_, _| false)?;
        if count == 0 || extension.from != held + count {
            return Ok(None);
        }
        payloads.extend_from_slice(&extension.payloads);
        Ok(Some(Extension { from: held, count: count + extension.count, payloads, ..*extension }))
    }

    /// Drops everything staged. Called when somebody withdraws; the scrub that follows overwrites it.
    pub(super) fn drop_staged(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.staged) {
            self.txn.delete_table(STAGED)?;
            self.owe_scrub()?;
        }
        Ok(())
    }
}
