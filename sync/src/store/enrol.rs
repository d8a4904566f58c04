//! What a device does by its credential: takes it, attests, withdraws for others.

use super::tables;
use super::walk::{Held, HeldEntry};
use super::write::Writer;
use super::{Request, Response, StoreError};
use crate::authority::{Chain, Grant, Rights, Withdrawal};
use crate::entry::{Attested, Entry, Joined};
use crate::id::{CommuneCode, Day, LearnerId, LearnerKey, Minutes, ProvinceKey, Slot};
use crate::log::device_of;

impl Writer<'_> {
    /// Does what a request asks of a device with a credential.
    pub(super) fn serve(&mut self, request: &Request) -> Result<Response, StoreError> {
        match request {
            Request::Enrol { chain, now } => self.enrol(chain, *now)?,
            Request::Attest { learner, course, day, key, now } => self.attest(*learner, *course, *day, *key, *now)?,
            Request::WithdrawFor { learner, day } => self.withdraw_for(*learner, *day)?,
            _ => return Ok(Response::Failed("a question was asked as a change".to_owned())),
        }
        Ok(Response::Done)
    }

    /// Takes a credential chain for this device, and the province that it begins with as the one trusted
    /// here. A device that knows another province keeps that one.
    fn enrol(&mut self, bytes: &[u8], now: Minutes) -> Result<(), StoreError> {
        if self.standing.chain == bytes {
            return Ok(());
        }
        let chain = Chain::decode(bytes).map_err(|error| StoreError::Credential(error.to_string()))?;
        let root = chain.0.first().map(|credential| ProvinceKey(credential.issuer.0));
        let root = root.ok_or(StoreError::Credential("the chain is empty".to_owned()))?;
        chain.grant(&root, device_of(self.secret)).map_err(|error| StoreError::Credential(error.to_string()))?;
        self.pin(root)?;
        self.append_own(&[(Entry::Credential(bytes.to_vec()), Day(0))], now)?;
        self.standing.chain = bytes.to_vec();
        self.set_meta(tables::META_CHAIN, bytes)
    }

    /// What this device's credential grants, today or not.
    fn own_grant(&self) -> Result<Grant, StoreError> {
        let log = self.own_log();
        self.grant(&log, &self.standing.chain).ok_or(StoreError::NotAllowed("it has no credential that holds"))
    }

    /// Attests that a learner can do what a course teaches.
    fn attest(
        &mut self,
        learner: LearnerId,
        course: u16,
        day: Day,
        key: [u8; 16],
        now: Minutes,
    ) -> Result<(), StoreError> {
        let placed = self.learner(learner)?.placed.ok_or(StoreError::UnknownLearner)?;
        if !self.own_grant()?.allows(Rights::ATTEST, placed.commune, day) {
            return Err(StoreError::NotAllowed(
                "its credential does not let it attest in this learner's commune today",
            ));
        }
        let mut entries = Vec::new();
        let (slot, since) = if let Some(found) = self.introduced(learner, placed.commune)? {
            found
        } else {
            let joined = Joined { learner, key: LearnerKey(key), commune: placed.commune, day };
            entries.push((Entry::Introduced(joined), day));
            (Slot(self.log(&self.own_log())?.map_or(0, |log| log.slots)), day)
        };
        entries.push((Entry::Attested(Attested { slot, course, day }), since));
        self.append_own(&entries, now)?;
        Ok(())
    }

    /// The slot under which this device's log speaks of a learner in a commune.
    fn introduced(&self, learner: LearnerId, commune: CommuneCode) -> Result<Option<(Slot, Day)>, StoreError> {
        let Some(log) = self.log(&self.own_log())? else { return Ok(None) };
        let mut held = Held::default();
        for first in self.chunks(log.number)? {
            let (_, entries) = self.held_chunk(log.number, first, &mut held)?;
            for HeldEntry { step, .. } in entries {
                match (step.entry.declares(), step.slot) {
                    (Some(_), Some((slot, info)))
                        if info.learner == learner && info.commune == commune && info.key.is_some() =>
                    {
                        return Ok(Some((slot, info.since)));
                    }
                    _ => {}
                }
            }
        }
        Ok(None)
    }

    /// Withdraws a learner who asked this team or the province for it.
    fn withdraw_for(&mut self, learner: LearnerId, day: Day) -> Result<(), StoreError> {
        let grant = self.own_grant()?;
        if !(grant.rights.contains(Rights::ATTEST) && grant.valid_on(day)) {
            return Err(StoreError::NotAllowed("its credential does not let it attest today, and so not withdraw"));
        }
        let chain = Chain::decode(&self.standing.chain).map_err(|error| StoreError::Credential(error.to_string()))?;
        let mut bytes = Vec::new();
        Withdrawal::sign(self.secret, learner, day, chain).encode(&mut bytes);
        self.withdraw(&bytes)?.map_err(StoreError::OwnLog)
    }
}
