//! Withdrawals, and what they erase.
//!
//! A withdrawal cannot be undone, so nodes must agree on it whatever else they learn, and in whatever order.
//! It therefore counts even if the device that signed it is revoked: such a device can still erase, but only
//! in its communes and only under a day that its credentials cover. Refusing it instead would part the nodes
//! that had erased before they learned of the revocation from those that had not, for good.
//!
//! A withdrawal erases a learner from a log if it has force in any commune that the log declares the
//! learner for; one by the learner's own secret has force everywhere. Every payload of the learner gives
//! way to its digest and every key is removed, in the transaction that keeps the withdrawal; what the
//! learner added to the totals is taken out, and the device's own copy goes if the learner is one of its
//! own. The log moves to the end of the changes, after the withdrawal, so that peers are told the reason
//! first. What the file still holds in pages that were freed goes with the next [scrub](super::scrub).

use std::collections::{BTreeSet, HashMap};

use redb::ReadableTable;

use super::ingest::Stop;
use super::read::entry_key;
use super::rows::{LogRow, Row};
use super::tables::{Change, ChangeKind, SlotKey, WithdrawnKey, key, withdrawn_position};
use super::walk::{Held, HeldEntry};
use super::write::Writer;
use super::{StoreError, own};
use crate::authority::{Area, Withdrawal, WithdrawalError};
use crate::entry::{Entry, SlotInfo};
use crate::id::{CommuneCode, Day, LearnerId, LogId, Slot};
use crate::log::{Digester, Step};
use crate::session::Rejection;

/// Bound of the withdrawals kept of one learner: the learner's own, the province's, and some of teams.
const LEARNER_WITHDRAWALS_MAX: usize = 8;

fn withdrawn_key(learner: LearnerId, position: u64) -> WithdrawnKey {
    key(&learner.0, &position.to_be_bytes())
}

impl Writer<'_> {
    /// Takes a withdrawal, and erases what it is about.
    pub(super) fn withdraw(&mut self, bytes: &[u8]) -> Result<Result<(), Rejection>, StoreError> {
        match self.take_withdrawal(bytes) {
            Ok(()) => Ok(Ok(())),
            Err(Stop::Rejected(rejection)) => Ok(Err(rejection)),
            Err(Stop::Store(error)) => Err(error),
        }
    }

    fn take_withdrawal(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let withdrawal = Withdrawal::decode(bytes).map_err(Rejection::WithdrawalFormat)?;
        let learner = withdrawal.learner();
        let held = self.withdrawn_areas(learner)?;
        let reach = withdrawal.reach(self.standing.province.as_ref()).map_err(Rejection::from)?;
        if held.iter().any(|area| area.contains(&reach.area)) {
            return Ok(());
        }
        if held.len() >= LEARNER_WITHDRAWALS_MAX && reach.area != Area::Everywhere {
            return Err(Rejection::Withdrawals.into());
        }
        self.drop_staged()?;
        self.position += 1;
        self.changes.insert(self.position, &Change::Withdrawal.value()[..]).map_err(StoreError::from)?;
        self.withdrawals.insert(self.position, bytes).map_err(StoreError::from)?;
        self.withdrawn.insert(&withdrawn_key(learner, self.position), &[][..]).map_err(StoreError::from)?;
        if reach.area == Area::Everywhere {
            self.forget_own(learner)?;
        }
        let logs = self.learner(learner)?.logs.clone();
        for number in logs {
            let log = self.log_of(number)?;
            self.erase_if_withdrawn(&log, &BTreeSet::from([learner]))?;
        }
        Ok(())
    }

    /// Where a learner's withdrawals have force.
    pub(super) fn withdrawn_areas(&self, learner: LearnerId) -> Result<Vec<Area>, StoreError> {
        let (first, last) = (withdrawn_key(learner, 0), withdrawn_key(learner, u64::MAX));
        let mut areas = Vec::new();
        for item in self.withdrawn.range::<&WithdrawnKey>(&first..=&last)? {
            let bytes = self.withdrawals.get(withdrawn_position(item?.0.value()))?;
            let bytes = bytes.ok_or(StoreError::Missing { table: "withdrawals_v1" })?;
            let reach = Withdrawal::decode(bytes.value()).ok().map(|kept| kept.reach(self.standing.province.as_ref()));
            match reach {
                Some(Ok(reach)) => areas.push(reach.area),
                _ => return Err(StoreError::Missing { table: "withdrawals_v1" }),
            }
        }
        Ok(areas)
    }

    /// Whether a learner has withdrawn from a log that declares them for these communes.
    fn has_withdrawn(&self, learner: LearnerId, communes: &[CommuneCode]) -> Result<bool, StoreError> {
        let areas = self.withdrawn_areas(learner)?;
        Ok(areas.iter().any(|area| communes.iter().any(|commune| area.covers(*commune))))
    }

    /// The slots of some learners in a log that is held.
    fn slots_of(&self, log: &LogRow, learners: &BTreeSet<LearnerId>) -> Result<Vec<(Slot, SlotInfo)>, StoreError> {
        let (first, last): (SlotKey, SlotKey) =
            (key(&log.number.to_be_bytes(), &[0; 4]), key(&log.number.to_be_bytes(), &[0xff; 4]));
        let mut slots = Vec::new();
        for item in self.slots.range::<&SlotKey>(&first..=&last)? {
            let (key, value) = item?;
            let [.., a, b, c, d] = *key.value();
            let info = SlotInfo::from_bytes(value.value()).map_err(StoreError::row("slots_v1"))?;
            if learners.contains(&info.learner) {
                slots.push((Slot(u32::from_be_bytes([a, b, c, d])), info));
            }
        }
        Ok(slots)
    }

    /// Checks that whoever is erased in an extension has withdrawn.
    pub(super) fn may_be_erased(&self, log: &LogId, held: Option<&LogRow>, steps: &[Step]) -> Result<(), Stop> {
        let erased = |step: &&Step| matches!(step.entry, Entry::Erased(..) | Entry::ErasedDeclaration(_));
        // A slot without a key was erased here before, and rightly so.
        let learners: BTreeSet<LearnerId> = steps
            .iter()
            .filter(erased)
            .filter_map(|step| step.slot)
            .filter(|(slot, info)| info.key.is_some() || held.is_none_or(|held| slot.0 >= held.slots))
            .map(|(_, info)| info.learner)
            .collect();
        if learners.is_empty() {
            return Ok(());
        }
        let before = held.map(|held| self.slots_of(held, &learners)).transpose()?.unwrap_or_default();
        for learner in learners {
            let declared = steps.iter().filter_map(|step| step.entry.declares());
            let communes: Vec<CommuneCode> = declared
                .chain(before.iter().map(|(_, info)| *info))
                .filter(|info| info.learner == learner)
                .map(|info| info.commune)
                .collect();
            if !self.has_withdrawn(learner, &communes)? {
                return Err(Rejection::NotWithdrawn { log: *log }.into());
            }
        }
        Ok(())
    }

    /// Erases those of some learners who have withdrawn from a log.
    pub(super) fn erase_if_withdrawn(&mut self, log: &LogId, learners: &BTreeSet<LearnerId>) -> Result<(), StoreError> {
        let mut asked = Vec::new();
        for learner in learners {
            if !self.withdrawn_areas(*learner)?.is_empty() {
                asked.push(*learner);
            }
        }
        // Nearly nobody withdraws: the log, which was just written, need not be read again.
        if asked.is_empty() {
            return Ok(());
        }
        let mut withdrawn = BTreeSet::new();
        let mut row = self.log_row(log)?;
        for learner in asked {
            let slots = self.slots_of(&row, &BTreeSet::from([learner]))?;
            let communes: Vec<CommuneCode> = slots.iter().map(|(_, info)| info.commune).collect();
            let clear = slots.iter().any(|(_, info)| info.key.is_some());
            if clear && self.has_withdrawn(learner, &communes)? {
                withdrawn.insert(learner);
            }
        }
        if withdrawn.is_empty() {
            return Ok(());
        }
        self.erase(&row, &withdrawn)?;
        self.recount(&withdrawn)?;
        if *log == self.own_log() {
            for learner in &withdrawn {
                self.forget_own(*learner)?;
            }
        }
        self.touch(&mut row, ChangeKind::Grew)?;
        self.save_log(log, &row)
    }

    /// Replaces the payloads of learners in a log by their digests, and removes their keys.
    fn erase(&mut self, log: &LogRow, learners: &BTreeSet<LearnerId>) -> Result<(), StoreError> {
        let mut digesters = HashMap::new();
        let mut held = Held::default();
        for first in self.chunks(log.number)? {
            let (chunk, entries) = self.held_chunk(log.number, first, &mut held)?;
            let mut erased = Vec::with_capacity(chunk.len());
            for HeldEntry { index, step, payload } in &entries {
                let payload = &chunk[payload.clone()];
                match step.slot {
                    Some((slot, SlotInfo { learner, key: Some(key), .. })) if learners.contains(&learner) => {
                        let digester = digesters.entry(slot).or_insert_with(|| Digester::new(&key));
                        digester.erased(&step.entry, slot, payload).encode(Day(0), &mut erased);
                        if *index < log.counted() {
                            self.uncount_day(step);
                        }
                    }
                    _ => erased.extend_from_slice(payload),
                }
            }
            if erased != chunk {
                self.entries.insert(&entry_key(log.number, first), &erased[..])?;
            }
        }
        for (slot, info) in self.slots_of(log, learners)? {
            self.save_slot(log.number, slot, &SlotInfo { key: None, since: Day(0), joined: false, ..info })?;
        }
        self.owe_scrub()
    }

    /// Removes what this device keeps of a learner of its own.
    pub(super) fn forget_own(&mut self, learner: LearnerId) -> Result<(), StoreError> {
        if self.own_learners.remove(&learner.0)?.is_none() {
            return Ok(());
        }
        for key in own::done_keys(&self.own_done, learner)? {
            self.own_done.remove(&key)?;
        }
        self.owe_scrub()
    }
}

impl From<WithdrawalError> for Stop {
    fn from(error: WithdrawalError) -> Self {
        Self::Rejected(error.into())
    }
}
