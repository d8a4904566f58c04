//! What is counted: learners, their lessons and attestations, by commune.
//!
//! Counts depend only on which logs are held, not on the order in which they came: a learner is placed in
//! the commune of the latest `Joined` (day, then log, then slot); a lesson keeps its best score and first
//! day; an attestation counts if the chain that its log showed before it grants `attest` in that commune on
//! that day; the last day of a commune is the latest on which any entry made under it counts.

use std::collections::hash_map::Entry as MapEntry;
use std::collections::{BTreeSet, HashMap};

use redb::ReadableTable;

use super::read::log_id;
use super::rows::{LearnerRow, LogRow, Placed, Row, TotalsRow};
use super::walk::{Held, HeldEntry};
use super::write::Writer;
use super::{StoreError, row, tables};
use crate::authority::{Grant, Rights};
use crate::entry::{Attested, Entry, LessonDone};
use crate::id::{CommuneCode, Day, LearnerId, LessonRef, LogId, Minutes, Score};
use crate::log::Step;

/// What is counted of one commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommuneTotals {
    /// The commune.
    pub commune: CommuneCode,
    /// Learners whose latest joining names it.
    pub learners: u64,
    /// Lessons they finished, each counted once a learner.
    pub lessons: u64,
    /// Those of the learners whom a device with the right to attest has confirmed in any course.
    pub confirmed: u64,
    /// The latest day that any entry made under it bears; day 0 if there is none any more.
    pub last_day: Day,
    /// When the newest of them came here; differs from node to node.
    pub received: Option<Minutes>,
}

/// A learner who is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedLearner {
    /// Who.
    pub id: LearnerId,
    /// Where the latest joining says that the learner lives.
    pub commune: CommuneCode,
    /// Finished lessons with their best scores and first days, sorted.
    pub done: Vec<(LessonRef, Score, Day)>,
    /// Courses in which the learner was confirmed, and since when.
    pub attested: Vec<(u16, Day)>,
}

/// What a transaction counts, until it is written.
#[derive(Default)]
pub(super) struct Counts {
    learners: HashMap<LearnerId, Gathered>,
    /// Changes of the number of entries by commune and day.
    days: HashMap<(CommuneCode, Day), i64>,
    /// Communes of which entries came, and when.
    received: HashMap<CommuneCode, u64>,
}

/// A learner's row, and what it added to the totals when it was read.
struct Gathered {
    before: Option<Share>,
    row: LearnerRow,
}

/// What a learner adds to the totals.
#[derive(Clone, Copy)]
struct Share {
    commune: CommuneCode,
    lessons: u64,
    confirmed: bool,
}

impl LearnerRow {
    fn share(&self) -> Option<Share> {
        let (lessons, confirmed) = (self.done.len() as u64, !self.attested.is_empty());
        self.placed.map(|placed| Share { commune: placed.commune, lessons, confirmed })
    }

    fn finished(&mut self, done: &LessonDone) {
        match self.done.binary_search_by_key(&done.lesson, |(lesson, _, _)| *lesson) {
            Ok(index) => {
                let (_, score, day) = &mut self.done[index];
                *score = (*score).max(done.score);
                *day = (*day).min(done.day);
            }
            Err(index) => self.done.insert(index, (done.lesson, done.score, done.day)),
        }
    }

    fn attested(&mut self, attested: &Attested) {
        match self.attested.binary_search_by_key(&attested.course, |(course, _)| *course) {
            Ok(index) => self.attested[index].1 = self.attested[index].1.min(attested.day),
            Err(index) => self.attested.insert(index, (attested.course, attested.day)),
        }
    }
}

impl TotalsRow {
    fn add(&mut self, share: &Share) {
        self.learners += 1;
        self.lessons += share.lessons;
        self.confirmed += u64::from(share.confirmed);
    }

    const fn subtract(&mut self, share: &Share) {
        self.learners = self.learners.saturating_sub(1);
        self.lessons = self.lessons.saturating_sub(share.lessons);
        self.confirmed = self.confirmed.saturating_sub(share.confirmed as u64);
    }
}

/// The day under which an entry counts.
pub(super) const fn counted_day(entry: &Entry) -> Option<Day> {
    match entry {
        Entry::Introduced(_) => None,
        entry => entry.day(),
    }
}

const fn day_key(commune: CommuneCode, day: Day) -> u64 {
    (commune.0 as u64) << 32 | day.0 as u64
}

impl Writer<'_> {
    /// Counts one entry that is new in a log, for its learner and for its commune's days.
    pub(super) fn count(
        &mut self,
        log: &LogId,
        log_row: &LogRow,
        step: &Step,
        grant: Option<&Grant>,
        now: Minutes,
    ) -> Result<(), StoreError> {
        let Some((_, info)) = step.slot else { return Ok(()) };
        if let Some(day) = counted_day(&step.entry) {
            *self.counts.days.entry((info.commune, day)).or_default() += 1;
            let received = self.counts.received.entry(info.commune).or_default();
            *received = (*received).max(now.0);
        }
        self.count_for_learner(log, log_row.number, step, grant)
    }

    /// Takes an entry back out of its commune's days. Its learner is to be [recounted](Self::recount).
    pub(super) fn uncount_day(&mut self, step: &Step) {
        if let (Some((_, info)), Some(day)) = (step.slot, counted_day(&step.entry)) {
            *self.counts.days.entry((info.commune, day)).or_default() -= 1;
        }
    }

    fn count_for_learner(
        &mut self,
        log: &LogId,
        number: u64,
        step: &Step,
        grant: Option<&Grant>,
    ) -> Result<(), StoreError> {
        let Some((slot, info)) = step.slot else { return Ok(()) };
        match &step.entry {
            Entry::Joined(_) => {
                let placed = Placed { log: number, slot, joined: info.since, commune: info.commune };
                self.place(log, info.learner, placed)?;
            }
            Entry::LessonDone(done) => self.learner(info.learner)?.finished(done),
            Entry::Attested(attested) => {
                if grant.is_some_and(|grant| grant.allows(Rights::ATTEST, info.commune, attested.day)) {
                    self.learner(info.learner)?.attested(attested);
                }
            }
            Entry::Introduced(_) => {}
            Entry::Erased(..) | Entry::ErasedDeclaration(_) | Entry::Credential(_) => return Ok(()),
        }
        if step.entry.declares().is_some() {
            let logs = &mut self.learner(info.learner)?.logs;
            if !logs.contains(&number) {
                logs.push(number);
            }
        }
        Ok(())
    }

    fn place(&mut self, log: &LogId, learner: LearnerId, placed: Placed) -> Result<(), StoreError> {
        if let Some(before) = self.learner(learner)?.placed {
            let by = self.log_ids.get(before.log)?.map(|id| log_id(id.value()));
            let by = by.ok_or(StoreError::Missing { table: "log_ids_v1" })?;
            if (placed.joined, *log, placed.slot) <= (before.joined, by, before.slot) {
                return Ok(());
            }
        }
        self.learner(learner)?.placed = Some(placed);
        Ok(())
    }

    /// Counts learners anew from the logs that declare them, after one of these lost entries.
    pub(super) fn recount(&mut self, learners: &BTreeSet<LearnerId>) -> Result<(), StoreError> {
        let mut logs = BTreeSet::new();
        for learner in learners {
            logs.extend(std::mem::take(self.learner(*learner)?).logs);
        }
        for number in logs {
            let id = self.log_of(number)?;
            let row = self.log_row(&id)?;
            let (mut held, mut grant) = (Held::default(), None);
            for first in self.chunks(number)? {
                let (_, entries) = self.held_chunk(number, first, &mut held)?;
                for HeldEntry { step, .. } in entries.into_iter().filter(|entry| entry.index < row.counted()) {
                    match (&step.entry, step.slot) {
                        (Entry::Credential(chain), _) => grant = self.grant(&id, chain),
                        (_, Some((_, info))) if learners.contains(&info.learner) => {
                            self.count_for_learner(&id, number, &step, grant.as_ref())?;
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// A learner's row, as gathered or read.
    pub(super) fn learner(&mut self, learner: LearnerId) -> Result<&mut LearnerRow, StoreError> {
        let gathered = match self.counts.learners.entry(learner) {
            MapEntry::Occupied(entry) => entry.into_mut(),
            MapEntry::Vacant(entry) => {
                let row: LearnerRow = row(&self.learners, "learners_v1", &learner.0)?.unwrap_or_default();
                entry.insert(Gathered { before: row.share(), row })
            }
        };
        Ok(&mut gathered.row)
    }

    /// Writes what was counted.
    pub(super) fn write_counts(&mut self) -> Result<(), StoreError> {
        let Counts { learners, days, received } = std::mem::take(&mut self.counts);
        let mut totals: HashMap<CommuneCode, TotalsRow> = HashMap::new();
        for (learner, Gathered { before, row }) in learners {
            let after = row.share();
            if let Some(share) = &before {
                self.totals(&mut totals, share.commune)?.subtract(share);
            }
            if let Some(share) = &after {
                self.totals(&mut totals, share.commune)?.add(share);
            }
            if row.logs.is_empty() {
                self.learners.remove(&learner.0)?;
            } else {
                self.learners.insert(&learner.0, &row.encode()[..])?;
            }
        }
        for ((commune, day), change) in days {
            self.count_day(commune, day, change)?;
            self.totals(&mut totals, commune)?;
        }
        for (commune, minutes) in received {
            let totals = self.totals(&mut totals, commune)?;
            totals.received = totals.received.max(minutes);
        }
        for (commune, mut row) in totals {
            row.last_day = self.last_day(commune)?.0;
            self.communes.insert(u64::from(commune.0), &row.encode()[..])?;
        }
        Ok(())
    }

    fn totals<'a>(
        &self,
        totals: &'a mut HashMap<CommuneCode, TotalsRow>,
        commune: CommuneCode,
    ) -> Result<&'a mut TotalsRow, StoreError> {
        match totals.entry(commune) {
            MapEntry::Occupied(entry) => Ok(entry.into_mut()),
            MapEntry::Vacant(entry) => {
                Ok(entry.insert(row(&self.communes, "communes_v1", commune.0.into())?.unwrap_or_default()))
            }
        }
    }

    fn count_day(&mut self, commune: CommuneCode, day: Day, change: i64) -> Result<(), StoreError> {
        let key = day_key(commune, day);
        let before = self.days.get(key)?.map_or(0, |guard| tables::number(guard.value()));
        match before.saturating_add_signed(change) {
            0 => drop(self.days.remove(key)?),
            count => drop(self.days.insert(key, &count.to_le_bytes()[..])?),
        }
        Ok(())
    }

    fn last_day(&self, commune: CommuneCode) -> Result<Day, StoreError> {
        let (first, last) = (day_key(commune, Day(0)), day_key(commune, Day(u32::MAX)));
        let found = self.days.range(first..=last)?.next_back().transpose()?;
        Ok(found.map_or(Day(0), |(key, _)| Day(key.value() as u32)))
    }
}
