//! Where a log stops counting because the province says so.

use std::collections::BTreeSet;

use redb::ReadableTable;

use super::StoreError;
use super::read::{entry_key, log_id};
use super::rows::{LogRow, Row};
use super::tables::{self, ChangeKind, SlotKey, key};
use super::walk::{Held, HeldEntry};
use super::write::Writer;
use crate::authority::{Cut, RevocationError, Revocations};
use crate::entry::Entry;
use crate::id::{LearnerId, LogId, ProvinceKey, Slot};
use crate::session::Answer;

impl Writer<'_> {
    /// Trusts this province from now on.
    pub(super) fn pin(&mut self, province: ProvinceKey) -> Result<(), StoreError> {
        match self.standing.province {
            Some(known) if known == province => Ok(()),
            Some(_) => Err(StoreError::NotAllowed("it belongs to another province")),
            None => {
                self.set_meta(tables::META_PROVINCE, &province.0)?;
                self.standing.province = Some(province);
                self.position += 1;
                self.apply_revocations()
            }
        }
    }

    /// Takes a newer revocation list: cuts what is held of the devices in it, and counts anew what
    /// depended on their credentials.
    pub(super) fn revoke(&mut self, bytes: &[u8]) -> Result<Answer, StoreError> {
        match self.check_revocations(bytes) {
            Err(error) => return Ok(Answer::NotRevoked(error)),
            Ok(None) => {}
            Ok(Some(revocations)) => {
                self.set_meta(tables::META_REVOCATIONS, bytes)?;
                self.standing.revocations = Some(revocations.into());
                self.position += 1;
                self.apply_revocations()?;
            }
        }
        Ok(Answer::Standing(self.standing.clone()))
    }

    /// Reads and verifies a list; none if it is the one held.
    fn check_revocations(&self, bytes: &[u8]) -> Result<Option<Revocations>, RevocationError> {
        let revocations = Revocations::decode(bytes)?;
        let province = self.standing.province.as_ref().ok_or(RevocationError::NoProvince)?;
        revocations.verify(province)?;
        match &self.standing.revocations {
            Some(held) if **held == revocations => Ok(None),
            Some(held) => revocations.succeeds(held).map(|()| Some(revocations)),
            None => Ok(Some(revocations)),
        }
    }

    /// Applies the list, or the province's key, to the logs held.
    pub(super) fn apply_revocations(&mut self) -> Result<(), StoreError> {
        let revocations = self.standing.revocations.clone();
        let mut logs = Vec::new();
        for item in self.logs.iter()? {
            let (id, value) = item?;
            logs.push((log_id(id.value()), LogRow::from_bytes(value.value()).map_err(StoreError::row("logs_v1"))?));
        }
        for (log, mut row) in logs {
            let cut = revocations.as_ref().and_then(|revocations| revocations.cut(&log));
            if let Some(cut) = cut.filter(|cut| row.tail.length >= cut.length) {
                self.cut(&log, &mut row, &cut)?;
            }
            if row.credential.is_some() {
                let learners = self.learners_from(&row, 0)?;
                self.recount(&learners)?;
            }
        }
        Ok(())
    }

    /// Cuts a log to what the province vouches for. What does not lead there was never the log that the
    /// province saw, and goes whole.
    fn cut(&mut self, log: &LogId, row: &mut LogRow, cut: &Cut) -> Result<(), StoreError> {
        let tail = self.tail_at(log, row, cut.length)?;
        let length = if tail.chain == cut.chain { cut.length } else { 0 };
        if length < row.tail.length {
            self.truncate(log, row, length)?;
            self.touch(row, ChangeKind::Grew)?;
        }
        self.save_log(log, row)
    }

    /// Removes the entries from `length` on, and what they counted.
    fn truncate(&mut self, log: &LogId, row: &mut LogRow, length: u64) -> Result<(), StoreError> {
        let tail = self.tail_at(log, row, length)?;
        let learners = self.learners_from(row, length)?;
        let mut held = Held::default();
        let (mut slots, mut credential, mut communes, mut last_chunk) = (0, None, Vec::new(), 0);
        for first in self.chunks(row.number)? {
            let (chunk, entries) = self.held_chunk(row.number, first, &mut held)?;
            let mut kept = 0;
            for HeldEntry { index, step, payload } in &entries {
                if *index < length {
                    kept = payload.end;
                    if let Some(info) = step.entry.declares() {
                        slots += 1;
                        if !communes.contains(&info.commune) {
                            communes.push(info.commune);
                        }
                    }
                    if matches!(step.entry, Entry::Credential(_)) {
                        credential = Some(*index);
                    }
                } else if *index < row.counted() {
                    self.uncount_day(step);
                }
            }
            match kept {
                0 => drop(self.entries.remove(&entry_key(row.number, first))?),
                kept => {
                    last_chunk = first;
                    self.entries.insert(&entry_key(row.number, first), &chunk[..kept])?;
                }
            }
        }
        for slot in slots..row.slots {
            let key: SlotKey = key(&row.number.to_be_bytes(), &Slot(slot).0.to_be_bytes());
            self.slots.remove(&key)?;
        }
        row.fork = row.fork.filter(|fork| *fork < length);
        *row = LogRow {
            tail,
            slots,
            last_chunk,
            credential,
            communes,
            sent: row.sent.min(length),
            delivered: row.delivered.min(length),
            ..row.clone()
        };
        self.save_log(log, row)?;
        self.recount(&learners)
    }

    /// The learners of whom a log says something from an index on.
    pub(super) fn learners_from(&self, row: &LogRow, from: u64) -> Result<BTreeSet<LearnerId>, StoreError> {
        let mut held = Held::default();
        let mut learners = BTreeSet::new();
        for first in self.chunks(row.number)? {
            let (_, entries) = self.held_chunk(row.number, first, &mut held)?;
            let told = entries.iter().filter(|entry| entry.index >= from).filter_map(|entry| entry.step.slot);
            learners.extend(told.filter(|(_, info)| info.key.is_some()).map(|(_, info)| info.learner));
        }
        Ok(learners)
    }
}
