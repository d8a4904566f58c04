//! The learners of this device: what they did, and the log that tells it.
//!
//! What a learner does is kept at once. It enters the device's log, and so may leave the device, only
//! after the learner agreed; then everything done before enters too.

use std::collections::BTreeMap;

use redb::{ReadTransaction, ReadableTable};

use super::read::log_key;
use super::rows::{LogRow, OwnDoneRow, OwnLearnerRow, Row};
use super::tables::{self, DoneKey, key};
use super::walk::{Held, HeldEntry};
use super::write::Writer;
use super::{StoreError, row};
use crate::authority::{Area, Withdrawal};
use crate::entry::{Entry, Joined, LessonDone};
use crate::id::{CommuneCode, Day, LearnerId, LearnerKey, LearnerSecret, LessonRef, LogId, Minutes, Score, Slot};
use crate::log::{Tail, WalkError, Walker};
use crate::session::Extension;
use crate::wire::codec::Reader;
use crate::wire::frame::Scope;

/// Bound of the learners kept on one device: a shared phone of a household, or a hall's tablet.
pub const OWN_LEARNERS_MAX: u32 = 64;

/// Place of the learner whom requests without a name are about.
const FIRST: u32 = 0;

/// A finished lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Which lesson.
    pub lesson: LessonRef,
    /// Share of right answers at the first try.
    pub score: Score,
    /// When.
    pub day: Day,
}

/// Random bytes for a learner that is made new. They come from outside: the store draws none itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NewLearner {
    /// Becomes the learner's secret, of which the id is made.
    pub secret: [u8; 16],
    /// Becomes the learner's key.
    pub key: [u8; 16],
}

impl core::fmt::Debug for NewLearner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("NewLearner(secret)")
    }
}

impl NewLearner {
    fn row(&self, made: u32) -> OwnLearnerRow {
        let (secret, key) = (Some(LearnerSecret(self.secret)), LearnerKey(self.key));
        OwnLearnerRow { secret, key, made, slot: None, commune: None, consent: Day(0) }
    }
}

/// What a request of a learner did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Whose it is.
    pub learner: LearnerId,
    /// Whether anything changed; not when it was a repetition.
    pub changed: bool,
}

/// A finished lesson, and how far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnDone {
    /// The lesson with its best score.
    pub done: Done,
    /// Whether a hub that this device reports to holds it, durably.
    pub sent: bool,
    /// Whether the province holds it, durably.
    pub arrived: bool,
}

/// A learner of this device. All that is told of one is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnLearner {
    /// Who.
    pub id: LearnerId,
    /// What takes the learner to another device; `None` if another device has it.
    pub secret: Option<LearnerSecret>,
    /// The learner's key, the same on each of their devices.
    pub key: LearnerKey,
    /// The commune, once the learner has agreed that progress leaves the device.
    pub commune: Option<CommuneCode>,
    /// The day of agreeing.
    pub consent: Day,
    /// Finished lessons, sorted by course and lesson.
    pub done: Vec<OwnDone>,
}

/// How far the device's latest withdrawal of one of its own came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrew {
    /// Whether a hub that this device reports to has erased, durably.
    pub sent: bool,
    /// Whether the province has.
    pub arrived: bool,
}

/// Tells how far the latest withdrawal came: as far as the entry that [`Writer::withdraw_own`] made for it.
pub(super) fn withdrew(txn: &ReadTransaction, log: &LogId) -> Result<Option<Withdrew>, StoreError> {
    let meta = txn.open_table(tables::META)?;
    let length = meta.get(tables::META_WITHDREW)?.map_or(0, |guard| tables::number(guard.value()));
    let log: Option<LogRow> = row(&txn.open_table(tables::LOGS)?, "logs_v1", &log_key(log))?;
    let reached = |log: LogRow| Withdrew { sent: log.sent >= length, arrived: log.delivered >= length };
    Ok(log.filter(|_| length > 0).map(reached))
}

pub(super) fn view(txn: &ReadTransaction, log: &LogId) -> Result<Vec<OwnLearner>, StoreError> {
    let learners = txn.open_table(tables::OWN_LEARNERS)?;
    let done = txn.open_table(tables::OWN_DONE)?;
    let log: Option<LogRow> = row(&txn.open_table(tables::LOGS)?, "logs_v1", &log_key(log))?;
    let (sent, delivered) = log.map_or((0, 0), |log| (log.sent, log.delivered));
    let mut views = BTreeMap::new();
    for item in learners.iter()? {
        let (id, value) = item?;
        let row = OwnLearnerRow::from_bytes(value.value()).map_err(StoreError::row("own_learners_v1"))?;
        let id = LearnerId(*id.value());
        let OwnLearnerRow { secret, key, commune, consent, .. } = row;
        let mut view = OwnLearner { id, secret, key, commune, consent, done: Vec::new() };
        for (lesson, row) in done_of(&done, id)? {
            let reached = |length: u64| row.entry.is_some_and(|entry| entry < length);
            let done = Done { lesson, score: row.score, day: row.day };
            view.done.push(OwnDone { done, sent: reached(sent), arrived: reached(delivered) });
        }
        views.insert(row.made, view);
    }
    Ok(views.into_values().collect())
}

fn done_key(learner: LearnerId, lesson: LessonRef) -> DoneKey {
    let [course, number] = [lesson.course.to_be_bytes(), lesson.lesson.to_be_bytes()];
    key(&learner.0, &[course[0], course[1], number[0], number[1]])
}

/// The keys of a learner's rows.
pub(super) fn done_keys(
    table: &impl ReadableTable<&'static DoneKey, &'static [u8]>,
    learner: LearnerId,
) -> Result<Vec<DoneKey>, StoreError> {
    Ok(done_of(table, learner)?.into_iter().map(|(lesson, _)| done_key(learner, lesson)).collect())
}

fn done_of(
    table: &impl ReadableTable<&'static DoneKey, &'static [u8]>,
    learner: LearnerId,
) -> Result<Vec<(LessonRef, OwnDoneRow)>, StoreError> {
    let first = done_key(learner, LessonRef { course: 0, lesson: 0 });
    let last = done_key(learner, LessonRef { course: u16::MAX, lesson: u16::MAX });
    let mut done = Vec::new();
    for item in table.range::<&DoneKey>(&first..=&last)? {
        let (key, value) = item?;
        let [.., c0, c1, l0, l1] = *key.value();
        let lesson = LessonRef { course: u16::from_be_bytes([c0, c1]), lesson: u16::from_be_bytes([l0, l1]) };
        done.push((lesson, OwnDoneRow::from_bytes(value.value()).map_err(StoreError::row("own_done_v1"))?));
    }
    Ok(done)
}

impl Writer<'_> {
    /// Keeps a finished lesson, and enters it into the log if its learner agreed to that. A better score
    /// replaces a lesser one; anything else said before changes nothing.
    pub(super) fn keep(
        &mut self,
        learner: Option<LearnerId>,
        done: Done,
        new: &NewLearner,
        now: Minutes,
    ) -> Result<Kept, StoreError> {
        let (learner, own) = self.own_learner(learner, new)?;
        let key = done_key(learner, done.lesson);
        let before: Option<OwnDoneRow> = row(&self.own_done, "own_done_v1", &key)?;
        if before.is_some_and(|before| before.score >= done.score) {
            return Ok(Kept { learner, changed: false });
        }
        let day = before.map_or(done.day, |before| before.day.min(done.day));
        let mut kept = OwnDoneRow { score: done.score, day, entry: None };
        if let (Some(slot), Some(_)) = (own.slot, own.commune) {
            let entry = Entry::LessonDone(LessonDone { slot, lesson: done.lesson, score: done.score, day: done.day });
            kept.entry = Some(self.append_own(&[(entry, self.joining_day(slot)?)], now)?);
        }
        self.own_done.insert(&key, &kept.encode()[..])?;
        Ok(Kept { learner, changed: true })
    }

    /// A learner agrees, or names another commune: declares the learner in the log and enters what was
    /// kept until now.
    pub(super) fn consent(
        &mut self,
        learner: Option<LearnerId>,
        commune: CommuneCode,
        day: Day,
        new: &NewLearner,
        now: Minutes,
    ) -> Result<Kept, StoreError> {
        let (learner, mut own) = self.own_learner(learner, new)?;
        if own.commune == Some(commune) {
            return Ok(Kept { learner, changed: false });
        }
        let first_time = own.slot.is_none();
        let slot = Slot(self.log(&self.own_log())?.map_or(0, |log| log.slots));
        let joined = Joined { learner, key: own.key, commune, day };
        let mut entries = vec![(Entry::Joined(joined), day)];
        let pending = if first_time { done_of(&self.own_done, learner)? } else { Vec::new() };
        for (lesson, done) in &pending {
            let done = LessonDone { slot, lesson: *lesson, score: done.score, day: done.day };
            entries.push((Entry::LessonDone(done), day));
        }
        let last = self.append_own(&entries, now)?;
        let first_done = last + 1 - pending.len() as u64;
        for (index, (lesson, done)) in (first_done..).zip(pending) {
            let kept = OwnDoneRow { entry: Some(index), ..done };
            self.own_done.insert(&done_key(learner, lesson), &kept.encode()[..])?;
        }
        own = OwnLearnerRow { slot: Some(slot), commune: Some(commune), consent: day, ..own };
        self.own_learners.insert(&learner.0, &own.encode()[..])?;
        Ok(Kept { learner, changed: true })
    }

    /// Takes a learner who was made elsewhere: by the page, or on another device of theirs.
    pub(super) fn enlist(&mut self, new: &NewLearner) -> Result<Kept, StoreError> {
        let learner = LearnerSecret(new.secret).id();
        if !self.withdrawn_areas(learner)?.is_empty() {
            return Err(StoreError::NotAllowed("this learner has withdrawn"));
        }
        let rows = self.own_rows()?;
        let known = rows.iter().find(|(id, _)| *id == learner);
        // Who was adopted from the log of a restored device gets the secret back.
        if known.is_some_and(|(_, row)| row.secret.is_some()) {
            return Ok(Kept { learner, changed: false });
        }
        if rows.len() >= OWN_LEARNERS_MAX as usize {
            return Err(StoreError::NotAllowed("it has as many learners as it may"));
        }
        let next = rows.last().map_or(FIRST, |(_, row)| row.made) + 1;
        let row =
            known.map_or_else(|| new.row(next), |(_, row)| OwnLearnerRow { secret: new.row(0).secret, ..row.clone() });
        self.own_learners.insert(&learner.0, &row.encode()[..])?;
        Ok(Kept { learner, changed: true })
    }

    /// Finds a learner of this device; without a name the first one, who is made if there is none.
    fn own_learner(
        &mut self,
        learner: Option<LearnerId>,
        new: &NewLearner,
    ) -> Result<(LearnerId, OwnLearnerRow), StoreError> {
        if let Some(learner) = learner {
            let found = row(&self.own_learners, "own_learners_v1", &learner.0)?;
            return found.map(|row| (learner, row)).ok_or(StoreError::UnknownLearner);
        }
        // Not whoever is first now: that may be another learner, who was there longer.
        if let Some(first) = self.own_rows()?.into_iter().find(|(_, row)| row.made == FIRST) {
            return Ok(first);
        }
        let (id, row) = (LearnerSecret(new.secret).id(), new.row(FIRST));
        self.own_learners.insert(&id.0, &row.encode()[..])?;
        Ok((id, row))
    }

    fn joining_day(&self, slot: Slot) -> Result<Day, StoreError> {
        let log = self.log(&self.own_log())?.ok_or(StoreError::Missing { table: "logs_v1" })?;
        Ok(self.slot(log.number, slot)?.ok_or(StoreError::Missing { table: "slots_v1" })?.since)
    }

    /// Signs entries onto the device's own log, through the same gate as any peer's. Returns the index of
    /// the last.
    pub(super) fn append_own(&mut self, entries: &[(Entry, Day)], now: Minutes) -> Result<u64, StoreError> {
        let log = self.own_log();
        let held = self.log(&log)?;
        let (tail, slots) = held.as_ref().map_or((Tail::start(&log), 0), |row| (row.tail, row.slots));
        let mut payloads = Vec::new();
        for (entry, since) in entries {
            entry.encode(*since, &mut payloads);
        }
        let mut walker = Walker::new(tail, slots);
        let mut reader = Reader::new(&payloads);
        let mut known = |slot| match &held {
            Some(row) => self.slot(row.number, slot).map_err(OwnStop::Store),
            None => Ok(None),
        };
        while !reader.is_empty() {
            walker.step(&mut reader, &mut known)?;
        }
        let signature = walker.tail().sign(&log, self.secret);
        let count = entries.len() as u64;
        let extension = Extension { log, from: tail.length, count, payloads, signature };
        match self.ingest(&extension, None, log.device, &Scope::Own, now)? {
            Ok(length) => Ok(length - 1),
            Err(rejection) => Err(StoreError::OwnLog(rejection)),
        }
    }

    /// Entries that this device signed came back from a peer: a restored backup takes them over.
    pub(super) fn adopt(&mut self, from: u64, now: Minutes) -> Result<(), StoreError> {
        let log = self.log_row(&self.own_log())?;
        let mut held = Held::default();
        for first in self.chunks(log.number)? {
            let (_, entries) = self.held_chunk(log.number, first, &mut held)?;
            for HeldEntry { index, step, .. } in entries.into_iter().filter(|entry| entry.index >= from) {
                match (step.entry, step.slot) {
                    (Entry::Joined(joined), Some((slot, _))) => self.adopt_learner(&joined, slot)?,
                    (Entry::LessonDone(done), Some((_, info))) => self.adopt_done(info.learner, &done, index)?,
                    _ => {}
                }
            }
        }
        for (learner, own) in self.own_rows()? {
            if let (Some(slot), Some(_)) = (own.slot, own.commune) {
                self.say_pending(learner, slot, now)?;
            }
        }
        Ok(())
    }

    /// Enters what a learner did before the device knew again that the learner had agreed.
    fn say_pending(&mut self, learner: LearnerId, slot: Slot, now: Minutes) -> Result<(), StoreError> {
        let pending = done_of(&self.own_done, learner)?.into_iter().filter(|(_, done)| done.entry.is_none());
        for (lesson, done) in pending {
            let since = self.joining_day(slot)?;
            let entry = Entry::LessonDone(LessonDone { slot, lesson, score: done.score, day: done.day });
            let kept = OwnDoneRow { entry: Some(self.append_own(&[(entry, since)], now)?), ..done };
            self.own_done.insert(&done_key(learner, lesson), &kept.encode()[..])?;
        }
        Ok(())
    }

    fn adopt_learner(&mut self, joined: &Joined, slot: Slot) -> Result<(), StoreError> {
        let kept: Option<OwnLearnerRow> = row(&self.own_learners, "own_learners_v1", &joined.learner.0)?;
        let (slot, commune) = (Some(slot), Some(joined.commune));
        let own = if let Some(kept) = kept {
            OwnLearnerRow { slot, commune, consent: joined.day, ..kept }
        } else {
            let made = self.own_rows()?.last().map_or(0, |(_, row)| row.made + 1);
            OwnLearnerRow { secret: None, key: joined.key, made, slot, commune, consent: joined.day }
        };
        self.own_learners.insert(&joined.learner.0, &own.encode()[..])?;
        Ok(())
    }

    fn adopt_done(&mut self, learner: LearnerId, done: &LessonDone, index: u64) -> Result<(), StoreError> {
        let key = done_key(learner, done.lesson);
        let before: Option<OwnDoneRow> = row(&self.own_done, "own_done_v1", &key)?;
        let score = before.map_or(done.score, |before| before.score.max(done.score));
        let day = before.map_or(done.day, |before| before.day.min(done.day));
        self.own_done.insert(&key, &OwnDoneRow { score, day, entry: Some(index) }.encode()[..])?;
        Ok(())
    }

    /// This device's log forked, as that of a cloned phone does: starts another and says in it again what
    /// its own learners did. They are the same learners, so nothing is counted twice.
    pub(super) fn begin_anew(&mut self) -> Result<(), StoreError> {
        self.new_incarnation()?;
        self.set_meta(tables::META_WITHDREW, &[])?;
        let now = Minutes(0);
        if !self.standing.chain.is_empty() {
            let chain = self.standing.chain.clone();
            self.append_own(&[(Entry::Credential(chain), Day(0))], now)?;
        }
        for (learner, own) in self.own_rows()? {
            self.own_learners
                .insert(&learner.0, &OwnLearnerRow { slot: None, commune: None, ..own.clone() }.encode()[..])?;
            if let Some(commune) = own.commune {
                let new = NewLearner { secret: [0; 16], key: own.key.0 };
                self.consent(Some(learner), commune, own.consent, &new, now)?;
            }
        }
        Ok(())
    }

    fn own_rows(&self) -> Result<Vec<(LearnerId, OwnLearnerRow)>, StoreError> {
        let mut rows = Vec::new();
        for item in self.own_learners.iter()? {
            let (id, value) = item?;
            let row = OwnLearnerRow::from_bytes(value.value()).map_err(StoreError::row("own_learners_v1"))?;
            rows.push((LearnerId(*id.value()), row));
        }
        rows.sort_by_key(|(_, row)| row.made);
        Ok(rows)
    }

    /// A learner of this device withdraws, and everything about them is erased.
    ///
    /// Who agreed is declared once more before, in an entry that is erased with all the others: who
    /// acknowledges the log with it has the withdrawal, for without one it is refused.
    pub(super) fn withdraw_own(&mut self, learner: LearnerId) -> Result<(), StoreError> {
        let own: Option<OwnLearnerRow> = row(&self.own_learners, "own_learners_v1", &learner.0)?;
        let Some(own) = own else {
            // Who withdrew is not here any more, and whoever asks again is told the same; of anybody else nothing
            // is held that could say it.
            let withdrew = self.withdrawn_areas(learner)?.contains(&Area::Everywhere);
            return if withdrew { Ok(()) } else { Err(StoreError::UnknownLearner) };
        };
        let secret = own.secret.ok_or(StoreError::Elsewhere)?;
        if let Some(commune) = own.commune {
            let joined = Joined { learner, key: own.key, commune, day: own.consent };
            match self.append_own(&[(Entry::Joined(joined), own.consent)], Minutes(0)) {
                Ok(last) => self.set_meta(tables::META_WITHDREW, &(last + 1).to_le_bytes())?,
                // Nothing is said by this device any more; the withdrawal itself is passed on all the same.
                Err(StoreError::OwnLog(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let mut bytes = Vec::new();
        Withdrawal::ByLearner { secret }.encode(&mut bytes);
        self.withdraw(&bytes)?.map_err(StoreError::OwnLog)
    }
}

/// An entry of our own making that does not fit the log means that a table lacks what the log declares.
enum OwnStop {
    Walk,
    Store(StoreError),
}

impl From<WalkError> for OwnStop {
    fn from(_: WalkError) -> Self {
        Self::Walk
    }
}

impl From<OwnStop> for StoreError {
    fn from(stop: OwnStop) -> Self {
        match stop {
            OwnStop::Walk => Self::Missing { table: "slots_v1" },
            OwnStop::Store(error) => error,
        }
    }
}
