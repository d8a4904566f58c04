//! Goes through the entries of a log that is held.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use redb::ReadableTable;

use super::read::{entry_key, entry_key_first, log_id};
use super::rows::LogRow;
use super::tables::{EntryKey, SlotKey, key};
use super::write::Writer;
use super::{StoreError, row};
use crate::authority::{Chain, Grant, Revocations};
use crate::entry::{Entry, EntryError, SlotInfo, UnknownSlot};
use crate::id::{LogId, Slot};
use crate::log::{Step, Tail};
use crate::wire::codec::Reader;

/// Where a walk through a held log is: the next slot, and the slots read so far.
#[derive(Debug, Default)]
pub(super) struct Held {
    next_slot: u32,
    slots: HashMap<Slot, SlotInfo>,
}

/// One entry of a chunk.
#[derive(Debug)]
pub(super) struct HeldEntry {
    /// Index in the log.
    pub(super) index: u64,
    pub(super) step: Step,
    /// Where its payload is in the chunk.
    pub(super) payload: Range<usize>,
}

/// The tables that hold the entries of logs.
pub(super) struct Entries<'a, E, S> {
    pub(super) entries: &'a E,
    pub(super) slots: &'a S,
}

impl<E, S> Entries<'_, E, S>
where
    E: ReadableTable<&'static EntryKey, &'static [u8]>,
    S: ReadableTable<&'static SlotKey, &'static [u8]>,
{
    /// Reads one payload of a held log from the front. An erased slot stays erased.
    fn step(&self, log: u64, held: &mut Held, reader: &mut Reader<'_>) -> Result<Step, StoreError> {
        let entry = Entry::decode::<HeldStop>(reader, |slot| Ok(self.held_slot(log, held, slot)?));
        let entry = entry.map_err(|HeldStop(error)| error)?;
        let slot = match (entry.declares(), entry.slot()) {
            (Some(_), _) => {
                held.next_slot += 1;
                Some(Slot(held.next_slot - 1))
            }
            (None, slot) => slot,
        };
        let slot = slot.map(|slot| self.held_slot(log, held, slot).map(|info| (slot, info))).transpose()?;
        Ok(Step { entry, slot })
    }

    fn held_slot(&self, log: u64, held: &mut Held, slot: Slot) -> Result<SlotInfo, StoreError> {
        if let Some(info) = held.slots.get(&slot) {
            return Ok(*info);
        }
        let key: SlotKey = key(&log.to_be_bytes(), &slot.0.to_be_bytes());
        let info = row(self.slots, "slots_v1", &key)?.ok_or(StoreError::Missing { table: "slots_v1" })?;
        held.slots.insert(slot, info);
        Ok(info)
    }

    /// Reads a chunk and its entries. Chunks of a log are to be read in order, with the same `held`.
    fn chunk(&self, log: u64, first: u64, held: &mut Held) -> Result<(Vec<u8>, Vec<HeldEntry>), StoreError> {
        let chunk = self.entries.get(&entry_key(log, first))?.map(|guard| guard.value().to_vec());
        let chunk = chunk.ok_or(StoreError::Missing { table: "entries_v1" })?;
        let mut reader = Reader::new(&chunk);
        let mut entries = Vec::new();
        for index in first.. {
            if reader.is_empty() {
                break;
            }
            let start = reader.position();
            let step = self.step(log, held, &mut reader)?;
            entries.push(HeldEntry { index, step, payload: start..reader.position() });
        }
        Ok((chunk, entries))
    }

    /// The first index of each chunk of a log.
    fn chunks(&self, log: u64) -> Result<Vec<u64>, StoreError> {
        let range = self.entries.range::<&EntryKey>(&entry_key(log, 0)..=&entry_key(log, u64::MAX))?;
        range.map(|item| Ok(entry_key_first(item?.0.value()))).collect()
    }

    /// Follows the chain of a held log from its start while `go_on` says so.
    fn follow(&self, row: &LogRow, tail: &mut Tail, go_on: &mut dyn FnMut(&Tail) -> bool) -> Result<(), StoreError> {
        let mut held = Held::default();
        for first in self.chunks(row.number)? {
            let (chunk, entries) = self.chunk(row.number, first, &mut held)?;
            for HeldEntry { step, payload, .. } in entries {
                if !go_on(tail) {
                    return Ok(());
                }
                let slot = step.slot.map(|(slot, _)| slot);
                tail.push(slot, &step.digest(&chunk[payload]));
            }
        }
        Ok(())
    }

    /// The chain of a held log after `length` entries.
    pub(super) fn tail_at(&self, log: &LogId, row: &LogRow, length: u64) -> Result<Tail, StoreError> {
        let mut tail = Tail::start(log);
        self.follow(row, &mut tail, &mut |tail| tail.length < length)?;
        Ok(tail)
    }
}

impl Writer<'_> {
    pub(super) fn held_chunk(
        &self,
        log: u64,
        first: u64,
        held: &mut Held,
    ) -> Result<(Vec<u8>, Vec<HeldEntry>), StoreError> {
        Entries { entries: &self.entries, slots: &self.slots }.chunk(log, first, held)
    }

    pub(super) fn chunks(&self, log: u64) -> Result<Vec<u64>, StoreError> {
        Entries { entries: &self.entries, slots: &self.slots }.chunks(log)
    }

    pub(super) fn tail_at(&self, log: &LogId, row: &LogRow, length: u64) -> Result<Tail, StoreError> {
        Entries { entries: &self.entries, slots: &self.slots }.tail_at(log, row, length)
    }

    pub(super) fn slot(&self, log: u64, slot: Slot) -> Result<Option<SlotInfo>, StoreError> {
        let key: SlotKey = key(&log.to_be_bytes(), &slot.0.to_be_bytes());
        row(&self.slots, "slots_v1", &key)
    }

    pub(super) fn log_of(&self, number: u64) -> Result<LogId, StoreError> {
        let id = self.log_ids.get(number)?.map(|id| log_id(id.value()));
        id.ok_or(StoreError::Missing { table: "log_ids_v1" })
    }

    /// The row of a log that other rows refer to.
    pub(super) fn log_row(&self, log: &LogId) -> Result<LogRow, StoreError> {
        self.log(log)?.ok_or(StoreError::Missing { table: "logs_v1" })
    }

    /// The grant of the last credential in a log.
    pub(super) fn last_grant(&self, log: &LogId, held: &LogRow) -> Result<Option<Grant>, StoreError> {
        let Some(index) = held.credential else { return Ok(None) };
        let mut found = None;
        let mut chunk = self.entries.range::<&EntryKey>(&entry_key(held.number, 0)..=&entry_key(held.number, index))?;
        let Some((key, chunk)) = chunk.next_back().transpose()? else { return Ok(None) };
        let mut reader = Reader::new(chunk.value());
        let mut at = entry_key_first(key.value());
        while at <= index && !reader.is_empty() {
            let start = reader.position();
            Entry::skip(&mut reader).map_err(StoreError::row("entries_v1"))?;
            found = Some(reader.since(start));
            at += 1;
        }
        let none = |slot| Err(EntryError::from(UnknownSlot(slot)));
        match found.map(|payload| Entry::decode::<EntryError>(&mut Reader::new(payload), none)) {
            Some(Ok(Entry::Credential(chain))) => Ok(self.grant(log, &chain)),
            _ => Err(StoreError::Missing { table: "entries_v1" }),
        }
    }

    /// What a chain in a log of this device grants, if it holds and nobody in it was revoked. The device's
    /// own revocation cuts its log instead.
    pub(super) fn grant(&self, log: &LogId, chain: &[u8]) -> Option<Grant> {
        let grant = Chain::decode(chain).ok()?.grant(self.standing.province.as_ref()?, log.device).ok()?;
        let listed =
            |revocations: &Arc<Revocations>| revocations.cut(log).is_none() && revocations.revokes(&grant).is_some();
        (!self.standing.revocations.as_ref().is_some_and(listed)).then_some(grant)
    }
}

impl LogRow {
    /// How many entries count.
    pub(super) fn counted(&self) -> u64 {
        self.fork.map_or(self.tail.length, |common| common.min(self.tail.length))
    }
}

/// A payload that is held cannot be read, or its slot is missing.
struct HeldStop(StoreError);

impl From<EntryError> for HeldStop {
    fn from(_: EntryError) -> Self {
        Self(StoreError::Missing { table: "entries_v1" })
    }
}

impl From<StoreError> for HeldStop {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}
